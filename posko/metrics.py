"""What the HTTP role tells Prometheus."""

from __future__ import annotations

import bisect
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.utils import floatToGoString

from posko import db, policy

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Requests:
    """Answers by route and status, and how long they took; counted in plain numbers, told when Prometheus asks."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds: dict[str, _Timings] = {}
        self._answers: dict[tuple[str, int], int] = {}
        registry.register(self)

    def observe(self, route: str, status: int, seconds: float) -> None:
        """One answer; `route` is one of a bounded set of names."""
        timings = self._seconds.get(route)
        if timings is None:
            timings = self._seconds[route] = _Timings()
        timings.counts[bisect.bisect_left(BUCKETS, seconds)] += 1
        timings.sum_s += seconds
        key = (route, status)
        self._answers[key] = self._answers.get(key, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        seconds = HistogramMetricFamily("posko_http_request_seconds", "One request", labels=["route"])
        for route, timings in self._seconds.items():
            seconds.add_metric([route], timings.buckets(), timings.sum_s)
        yield seconds
        answers = CounterMetricFamily("posko_http_responses", "Answers by status", labels=["route", "status"])
        for (route, status), count in self._answers.items():
            answers.add_metric([route, str(status)], count)
        yield answers


class _Timings:
    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum_s = 0.0

    def buckets(self) -> list[tuple[str, float]]:
        """Cumulative, the last one open."""
        names = [*map(floatToGoString, BUCKETS), "+Inf"]
        return list(zip(names, itertools.accumulate(self.counts), strict=True))


class Timed:
    """ASGI: counts and times requests by method, first path segment and status."""

    def __init__(self, app: Any, observe: Callable[[str, int, float], None]) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._observe(_route(scope["method"], scope["path"]), status, time.perf_counter() - began)


_ROOMS: Final = frozenset({"sessions", "operations", "regions", "tps", "reports", "flags", "intake", "live", "field"})


def _route(method: str, path: str) -> str:
    """A bounded set of names: what a client makes up in a path must not make metrics."""
    first, _, rest = path[1:].partition("/")
    room = rest.partition("/")[0]
    if first == "v1" and room in _ROOMS and method in {"GET", "PUT", "POST", "DELETE"}:
        return f"{method} {room}"
    return "other"


class _PoolCollector:
    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def collect(self) -> Any:
        size = GaugeMetricFamily("posko_database_pool_connections", "Connections of the pool", labels=["state"])
        size.add_metric(["idle"], self._pool.get_idle_size())
        size.add_metric(["busy"], self._pool.get_size() - self._pool.get_idle_size())
        yield size


def observe_process(registry: CollectorRegistry, pool: db.Pool) -> None:
    """Adds what concerns the process itself."""
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(_PoolCollector(pool))


@get("/metrics", tags=["operating"], opt=policy.opened("watch"), security=[{}], media_type="text/plain")
async def read_metrics(registry: CollectorRegistry) -> Response[bytes]:
    """Prometheus text; keep it inside the network (the proxy does not route it)."""
    return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})


routes = [read_metrics]
