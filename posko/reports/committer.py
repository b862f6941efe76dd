"""Group commit: while one batch commits the next one gathers; no timer, bounded, durable before it is answered."""

from __future__ import annotations

import asyncio
import collections
import time
from collections.abc import Callable, Sequence
from typing import Final

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from posko.config import Settings
from posko.errors import DatabaseDown, PoskoError, QueueFull
from posko.regions.catalogue import Catalogue
from posko.reports import store
from posko.reports.plan import Planned
from posko.reports.store import Filed

ALL_AT_ONCE: Final = 128
"""Waiting reports that one commit takes whole. Of more it takes half: were it all, the database and this process would
take turns, each idle while the other works; and the longer the queue, the cheaper each of a larger batch."""

Committed = Callable[[int, int, list[str]], None]
"""Told after each commit: operation, version, the places that were reported on."""

RETRY_AFTER_S: Final = 1.0
REJECTED: Final = "rejected"
"""Outcome of a report that the database itself cannot hold."""

_log = structlog.get_logger("intake")


class Metrics:
    """What the group commit tells Prometheus."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.queued = Gauge("posko_intake_queued_reports", "Reports waiting for a commit", registry=registry)
        self.batch = Histogram(
            "posko_intake_batch_reports",
            "Reports per commit",
            registry=registry,
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
        )
        self.commit = Histogram(
            "posko_intake_commit_seconds",
            "One commit",
            registry=registry,
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2),
        )
        self.outcomes = Counter("posko_intake_reports_total", "Reports by outcome", ["outcome"], registry=registry)
        self.full = Counter(
            "posko_intake_queue_full_total", "Requests refused because the queue was full", registry=registry
        )


Done = Callable[[Sequence[Filed] | PoskoError], None]
"""Told once, after the commit: what became of each report in the order given, or why nothing of it was filed."""


class QueueRoom:
    """How many reports may wait in this process, for all its operations together."""

    def __init__(self, limit: int, metrics: Metrics) -> None:
        self._limit = limit
        self._metrics = metrics
        self._taken = 0

    def require(self, count: int = 1) -> None:
        """QueueFull unless there is room for so many more."""
        if self._taken + count > self._limit:
            self._metrics.full.inc()
            raise QueueFull(retry_after_s=RETRY_AFTER_S)

    @property
    def share(self) -> float:
        """How much of the room is taken: 0 to 1."""
        return self._taken / self._limit

    @property
    def taken(self) -> int:
        """How many wait."""
        return self._taken

    @property
    def limit(self) -> int:
        """How many may."""
        return self._limit

    def take(self, count: int) -> None:
        """Takes room for so many, or QueueFull."""
        self.require(count)
        self._taken += count

    def leave(self, count: int) -> None:
        """So many wait no longer."""
        self._taken -= count
        self._metrics.queued.set(self._taken)


class _Waiting:
    __slots__ = ("at", "catalogue", "done", "reports")

    def __init__(self, catalogue: Catalogue, reports: Sequence[Planned], done: Done) -> None:
        self.catalogue, self.reports, self.done = catalogue, reports, done
        self.at = time.monotonic()


class Committer:
    """Files the reports of one operation: one connection, one batch at a time."""

    def __init__(self, settings: Settings, metrics: Metrics, committed: Committed, room: QueueRoom) -> None:
        self._settings = settings
        self._metrics = metrics
        self._committed = committed
        self._room = room
        self._queue: collections.deque[_Waiting] = collections.deque()
        self._queued = 0
        self._arrived = asyncio.Event()
        self._is_committing = False
        self._began_at = 0.0
        self._connection: store.FilingConnection | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is being committed."""
        return not self._queue and not self._is_committing

    @property
    def oldest_at(self) -> float | None:
        """Since when (monotonic) the first report that is not committed yet has been here; None: all are."""
        if self._is_committing:
            return self._began_at
        return self._queue[0].at if self._queue else None

    def submit(self, catalogue: Catalogue, reports: Sequence[Planned], done: Done) -> None:
        """Files reports and calls `done`, which must not raise; over the limit: QueueFull."""
        self._room.take(len(reports))
        self._queue.append(_Waiting(catalogue, reports, done))
        self._queued += len(reports)
        self._arrived.set()

    async def file(self, catalogue: Catalogue, reports: Sequence[Planned]) -> Sequence[Filed]:
        """Files reports and answers per report, in order, after the commit; over the limit: QueueFull."""
        future: asyncio.Future[Sequence[Filed]] = asyncio.get_running_loop().create_future()

        def done(result: Sequence[Filed] | PoskoError) -> None:
            if future.done():  # whoever waited has hung up
                return
            if isinstance(result, PoskoError):
                future.set_exception(result)
            else:
                future.set_result(result)

        self.submit(catalogue, reports, done)
        return await future

    async def run(self) -> None:
        """Commits for as long as the process lives; when it ends, whoever still waits is told to try again."""
        try:
            while True:
                await self._arrived.wait()
                batch = self._gather()
                if not batch:
                    self._arrived.clear()
                    continue
                self._is_committing, self._began_at = True, batch[0].at
                await self._commit(batch)
                self._is_committing = False
        finally:
            for waiting in self._queue:
                waiting.done(DatabaseDown("this process is stopping"))
            self._drop_connection()

    def _gather(self) -> list[_Waiting]:
        """Takes what fits one commit; whoever hung up meanwhile is filed all the same."""
        batch: list[_Waiting] = []
        room = min(self._settings.commit_items_limit, max(ALL_AT_ONCE, self._queued // 2))
        while self._queue and (not batch or len(self._queue[0].reports) <= room):
            if batch and self._queue[0].catalogue.layout != batch[0].catalogue.layout:
                break
            waiting = self._queue.popleft()
            room -= len(waiting.reports)
            batch.append(waiting)
        taken = sum(len(w.reports) for w in batch)
        self._queued -= taken
        self._room.leave(taken)
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        catalogue = batch[0].catalogue
        reports = [r for waiting in batch for r in waiting.reports]
        try:
            with self._metrics.commit.time():
                filed = await self._file(catalogue, reports)
        except PoskoError as error:
            if isinstance(error, DatabaseDown):
                self._drop_connection()
                _log.warning("commit_failed", reports=len(reports), cause=repr(error.__cause__))
            for waiting in batch:
                waiting.done(error)
            return
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.done(DatabaseDown("this process is stopping"))
            raise
        # In the loop's next turn: the database is to have the next batch before this one is answered.
        asyncio.get_running_loop().call_soon(self._answer, catalogue, batch, reports, filed)

    def _answer(self, catalogue: Catalogue, batch: list[_Waiting], reports: list[Planned], filed: list[Filed]) -> None:
        self._tell(catalogue, reports, filed)
        start = 0
        for waiting in batch:
            end = start + len(waiting.reports)
            waiting.done(filed[start:end])
            start = end

    def _tell(self, catalogue: Catalogue, reports: list[Planned], filed: list[Filed]) -> None:
        self._metrics.batch.observe(len(reports))
        counts = collections.Counter(f.outcome for f in filed)
        for outcome, count in counts.items():
            self._metrics.outcomes.labels(outcome).inc(count)
        if counts["accepted"]:
            changed = [r.place for r, f in zip(reports, filed, strict=True) if f.outcome == "accepted"]
            version = max(f.version for f in filed if f.outcome == "accepted" and f.version is not None)
            self._committed(catalogue.operation, version, changed)

    async def _file(self, catalogue: Catalogue, reports: list[Planned]) -> list[Filed]:
        """One transaction; a report that the database cannot hold is bisected out, its neighbours commit."""
        if self._connection is None:
            self._connection = await store.FilingConnection.open(self._settings)
        try:
            return await self._connection.file(catalogue, reports, limit=self._settings.place_reports_limit)
        except asyncpg.PostgresError as error:
            if len(reports) == 1:
                _log.error("report_rejected", id=str(reports[0].id), sqlstate=error.sqlstate, cause=str(error))
                return [Filed(REJECTED)]
        middle = len(reports) // 2
        return [*await self._file(catalogue, reports[:middle]), *await self._file(catalogue, reports[middle:])]

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
