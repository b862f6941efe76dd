"""What happens without anybody asking: silence is found, alarms are raised, incidents climb. Due times are columns.

No timer lives in this process: each part is one statement that claims what is due on the database's clock, does it and
says so, in one transaction. Any number of processes may run this, and be killed at any instant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from posko import db
from posko.errors import Unavailable

TURN_S: Final = 0.2
"""Rest after a turn in which nothing was due."""
REST_SHARE: Final = 0.4
"""Rest after a part that did something, by how long it took: a sweep of the nation leaves filing its share. At 0.25 the
next part had the row of the operation before filing did: its p50 rose from 23 to 230 ms."""
CHECK_EVERY_S: Final = 2.0
"""How often standing alarms are compared with what is missing now, and desks with what they owe."""
WATCH_EVERY_S: Final = 5.0
"""How often the engine looks at itself."""
LATE_S: Final = 30.0
"""Work that is longer due than this is a fault of the engine itself: a metric, a red banner, no sign to the outside."""
OFTEN: Final[Mapping[str, int]] = {
    "sweep_obligations": 40,
    "raise_alarms": 40,
    "fire_escalations": 60,
    "mark_overdue": 200,
    "expand_directives": 200,
    "mark_late_directives": 200,
}
"""Parts of every turn, and what one takes at most: kelurahan, kelurahan, steps, incidents, targets, targets. Filing
waits for each."""
TURN: Final = ("sweep_obligations", *OFTEN)
"""Where a nation is silent it is counted twice as fast as its alarms are raised."""
ALARMS_AT_ONCE: Final = 500
"""Standing alarms that one check changes at most; where there are more the next turn goes on."""

Committed = Callable[[int, int, list[str]], None]
"""Told after each commit: operation, version, the places whose counters or incidents changed."""

_log = structlog.get_logger("timers")


class Timers:
    """Turns for as long as the process lives."""

    def __init__(self, pool: db.Pool, committed: Committed, registry: CollectorRegistry) -> None:
        self._pool = pool
        self._committed = committed
        self._queries = db.queries("timers")
        self._next_check = self._next_watch = 0.0
        self._watched_at = float("-inf")
        self.late_s = 0.0
        """By how much the work that is longest due is late, as of the last look."""
        self._done = Counter("posko_timers_done_total", "What fell due and was done", ["part"], registry=registry)
        self._failed = Counter("posko_timers_failed_total", "Parts that failed", ["part"], registry=registry)
        self._lateness = Histogram(
            "posko_escalation_late_seconds",
            "Of each batch of steps, how late the latest was",
            registry=registry,
            buckets=(0.1, 0.25, 0.5, 1, 2, 5, 15, 30, 60, 300),
        )
        gauge = Gauge("posko_timers_late_seconds", "How long the longest due work has been due", registry=registry)
        gauge.set_function(lambda: self.late_s)

    @property
    def is_well(self) -> bool:
        """Whether what falls due is done in time, and that was seen lately."""
        seen_s = asyncio.get_running_loop().time() - self._watched_at
        return self.late_s <= LATE_S and seen_s < 3 * WATCH_EVERY_S

    async def run(self) -> None:
        """Turns until cancelled; a database that is down is waited for."""
        while True:
            try:
                was_busy = await self.turn()
            except Unavailable:
                _log.warning("turn_missed", reason="database down")
                was_busy = False
            if not was_busy:
                await asyncio.sleep(TURN_S)

    async def turn(self) -> bool:
        """One turn over every active operation; whether anything was done."""
        now = asyncio.get_running_loop().time()
        is_check_due = now >= self._next_check
        if is_check_due:
            self._next_check = now + CHECK_EVERY_S
        with db.translated():
            operations = [r["id"] for r in await self._pool.fetch(self._queries["active"].sql)]
            was_busy = False
            for operation in operations:
                for part in TURN:
                    was_busy |= await self._do_and_rest(part, operation, OFTEN[part])
                if is_check_due:
                    was_busy |= await self._check(operation)
            if now >= self._next_watch:
                self._next_watch = now + WATCH_EVERY_S
                await self._watch()
        return was_busy

    async def _check(self, operation: int) -> bool:
        loop = asyncio.get_running_loop()
        began = loop.time()
        changed = await self._do("check_alarms", operation, ALARMS_AT_ONCE)
        if changed == ALARMS_AT_ONCE:
            self._next_check = 0.0
        else:  # where very many stand, looking at them takes a twentieth of a core, not all of one
            self._next_check = max(self._next_check, began + 20 * (loop.time() - began))
        await self._do("check_thresholds", operation)
        return await self._do("check_desks", operation) is not None or changed is not None

    async def _do_and_rest(self, part: str, operation: int, limit: int) -> bool:
        loop = asyncio.get_running_loop()
        began = loop.time()
        if await self._do(part, operation, limit) is None:
            return False
        await asyncio.sleep(min(TURN_S, REST_SHARE * (loop.time() - began)))
        return True

    async def _do(self, part: str, *arguments: int) -> int | None:
        """How much was done; None when nothing was due."""
        try:
            row = await self._pool.fetchrow(self._queries[part].sql, *arguments)
        except asyncpg.PostgresError as error:
            if db.is_down(error):
                raise
            await self._set_aside(part, arguments, error)
            return None
        if row is None:
            return None
        done: int = row["done"]
        self._done.labels(part).inc(done)
        if row["late_s"] is not None:
            self._lateness.observe(row["late_s"])
        if row["version"] is not None:
            self._committed(arguments[0], row["version"], row["places"])
        return done

    async def _set_aside(self, part: str, arguments: tuple[int, ...], error: asyncpg.PostgresError) -> None:
        """What cannot be done must not stop what can: of a batch that fails the first goes by itself, or waits."""
        self._failed.labels(part).inc()
        _log.error("part_failed", part=part, operation=arguments[0], sqlstate=error.sqlstate, cause=str(error))
        if part == "fire_escalations":
            if arguments[1] > 1:
                await self._do(part, arguments[0], 1)
            else:
                await self._pool.execute(self._queries["postpone"].sql, arguments[0])

    async def _watch(self) -> None:
        self.late_s = await self._pool.fetchval(self._queries["lateness"].sql)
        self._watched_at = asyncio.get_running_loop().time()
        if self.late_s > LATE_S:
            _log.error("engine_late", seconds=round(self.late_s, 1))
