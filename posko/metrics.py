"""What the HTTP role tells Prometheus."""

from __future__ import annotations

import time
from typing import Any, Final

from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from posko import db

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Timed:
    """ASGI: counts and times requests by method, first path segments and status."""

    def __init__(self, app: Any, registry: CollectorRegistry) -> None:
        self._app = app
        self._seconds = Histogram(
            "posko_http_request_seconds", "One request", ["route"], registry=registry, buckets=BUCKETS
        )
        self._answers = Counter(
            "posko_http_responses_total", "Answers by status", ["route", "status"], registry=registry
        )
        self._by_route: dict[str, Any] = {}
        self._by_status: dict[tuple[str, int], Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = _route(scope["method"], scope["path"])
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
            self._observe(route, status, time.perf_counter() - began)

    def _observe(self, route: str, status: int, seconds: float) -> None:
        # Children of a labelled metric are looked up under a lock; remembering them halves the cost.
        timer = self._by_route.get(route)
        if timer is None:
            timer = self._by_route[route] = self._seconds.labels(route)
        timer.observe(seconds)
        counter = self._by_status.get((route, status))
        if counter is None:
            counter = self._by_status[(route, status)] = self._answers.labels(route, status)
        counter.inc()


_ROOMS: Final = frozenset({"sessions", "operations", "regions", "tps", "reports", "flags", "live"})


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


@get("/metrics", tags=["operating"], opt={"public": True}, security=[{}], media_type="text/plain")
async def read_metrics(registry: CollectorRegistry) -> Response[bytes]:
    """Prometheus text; keep it inside the network (the proxy does not route it)."""
    return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})


routes = [read_metrics]
