"""Samples the curves of every operation, in any number of workers: what is due is a column, and one statement does it.

Nothing is kept in this process: whoever is killed in it leaves no part of a sample, and whoever comes next takes it.
"""

from __future__ import annotations

import asyncio
from typing import Final

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from posko import db
from posko.curves import store
from posko.errors import Unavailable

LOOK_EVERY_S: Final = 0.5
"""Rest between two looks: a minute's sample is at most so late."""
FORGET_AT_ONCE: Final = 20_000
"""Points that one call forgets when a drill's clock was set back."""

_log = structlog.get_logger("curves")


class Sampler:
    """Looks for as long as the process lives."""

    def __init__(self, pool: db.Pool, registry: CollectorRegistry) -> None:
        self._pool = pool
        self._samples = Counter("posko_curve_samples_total", "Samples taken", registry=registry)
        self._points = Counter("posko_curve_points_total", "Points of regions that had moved", registry=registry)
        self._failed = Counter("posko_curve_failed_total", "Samples that failed", registry=registry)
        self._last = Gauge("posko_curve_last_look_timestamp_seconds", "When all was looked at last", registry=registry)

    async def run(self) -> None:
        """Looks until cancelled; a database that is down is waited for."""
        while True:
            try:
                await self.look()
                self._last.set_to_current_time()
            except Unavailable:
                _log.warning("look_missed", reason="database down")
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> int:
        """Takes every sample that is due; how many."""
        taken = 0
        with db.translated():
            for operation in await store.due(self._pool):
                taken += await self._sample(operation)
        return taken

    async def _sample(self, operation: int) -> bool:
        try:
            sample = await store.sample(self._pool, operation, FORGET_AT_ONCE)
        except asyncpg.PostgresError as error:
            if db.is_down(error):
                raise
            # One operation that cannot be sampled must not keep the others from it.
            self._failed.inc()
            _log.error("sample_failed", operation=operation, sqlstate=error.sqlstate, cause=str(error))
            return False
        if sample is None:
            return False
        self._samples.inc()
        self._points.inc(sample[1])
        return True
