"""What every deliverer of a process shares: the pool, the keys, the clock, and what is shown of deliveries."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from posko import db
from posko.errors import Unavailable
from posko.webhooks import store
from posko.webhooks.keys import Keys

CHECK_EVERY_S: Final = 5.0

_log = structlog.get_logger("webhooks")


class Metrics:
    """What the role shows of its deliveries."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.attempts = Counter(
            "posko_webhook_attempts_total", "Attempts", ["endpoint", "lane", "outcome"], registry=registry
        )
        self.seconds = Histogram(
            "posko_webhook_attempt_seconds",
            "How long an attempt took",
            ["lane"],
            registry=registry,
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
        )
        self.first = Histogram(
            "posko_webhook_first_attempt_seconds",
            "From an event to the first attempt to tell it",
            ["lane"],
            registry=registry,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
        )
        self.lost = Counter(
            "posko_webhook_leases_lost_total", "Leases that ended too early", ["lane"], registry=registry
        )
        self.waiting = Gauge("posko_webhook_waiting", "Deliveries that wait", ["endpoint"], registry=registry)
        self.lag = Gauge(
            "posko_webhook_lag_seconds", "How long the first has been due", ["endpoint"], registry=registry
        )
        self.failing = Gauge(
            "posko_webhook_failing", "1: it does not take what it is sent", ["endpoint"], registry=registry
        )

        self._attempted: set[tuple[int, store.Lane, str]] = set()

    def attempted(self, endpoint: int, lane: store.Lane, outcome: str) -> None:
        """Counts an attempt."""
        self._attempted.add((endpoint, lane, outcome))
        self.attempts.labels(endpoint, lane, outcome).inc()

    def count(self, backlog: list[store.Backlog]) -> None:
        """Shows what waits; an endpoint that is no more goes, with its attempts: whoever adds and removes endpoints all
        day would fill the process with them."""
        standing = {row.endpoint for row in backlog}
        for labels in [labels for labels in self._attempted if labels[0] not in standing]:
            self._attempted.discard(labels)
            self.attempts.remove(*labels)
        for gauge in (self.waiting, self.lag, self.failing):
            gauge.clear()
        for row in backlog:
            self.waiting.labels(row.endpoint).set(row.waiting)
            self.lag.labels(row.endpoint).set(row.lag_s)
            self.failing.labels(row.endpoint).set(row.is_failing)


class Service:
    """What every deliverer of a process shares."""

    def __init__(
        self,
        pool: db.Pool,
        keys: Keys,
        public_url: str,
        committed: Callable[[int, int, list[str]], None],
        *,
        clock: Callable[[], datetime.datetime],
        registry: CollectorRegistry,
    ) -> None:
        self.pool = pool
        self.keys = keys
        self.public_url = public_url.rstrip("/")
        self.committed = committed
        self.clock = clock
        self.metrics = Metrics(registry)

    async def watch(self) -> None:
        """Shows what waits, for as long as the process lives."""
        while True:
            try:
                with db.translated():
                    self.metrics.count(await store.check(self.pool))
            except Unavailable:
                _log.warning("not_counted", reason="database down")
            await asyncio.sleep(CHECK_EVERY_S)
