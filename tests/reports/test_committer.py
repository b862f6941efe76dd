"""The group commit by itself, in this process, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from posko import db
from posko.accounts.account import Viewer
from posko.config import Settings
from posko.errors import DatabaseDown, PoskoError, QueueFull
from posko.regions import catalogue
from posko.regions.catalogue import Catalogue
from posko.reports.catalogues import Catalogues
from posko.reports.committer import Committer, Metrics, QueueRoom
from posko.reports.intake import COMMITTERS_LIMIT, Intake
from posko.reports.plan import Planned, plan
from posko.reports.report import ReportIn
from posko.reports.store import Filed
from tests.factories import Small, make_account, make_small, milestone, report, uuid7, viewer_of

TOLD_LIMIT_S, ROOM = 60, 4


class Alone:
    """A group commit with room for four; `told` is what each submit was told, in order."""

    def __init__(self, database: str, small: Small, known: Catalogue, viewer: Viewer) -> None:
        settings = Settings(database_url=database, redis_url="", secret_key="x" * 32)
        metrics = Metrics(CollectorRegistry())
        self.room = QueueRoom(ROOM, metrics)
        self.committer, self.other = (Committer(settings, metrics, lambda *_: None, self.room) for _ in range(2))
        self.small, self.known, self.viewer = small, known, viewer
        self.told: list[tuple[str, list[str] | str]] = []

    def plan(self, place: str = "") -> Planned:
        said = report(self.known.operation, place or self.small.tps[0], milestone("voting_open"))
        return plan(self.viewer, uuid7(), msgspec.convert(said, ReportIn, strict=False), self.known)

    def submit(self, name: str, *reports: Planned, committer: Committer | None = None) -> None:
        def done(result: Sequence[Filed] | PoskoError) -> None:
            self.told.append((name, result.code if isinstance(result, PoskoError) else [f.outcome for f in result]))

        (committer or self.committer).submit(self.known, reports, done)

    async def run(self, until: int) -> None:
        """Commits until so many were told, then stops."""
        task = asyncio.create_task(self.committer.run())
        async with asyncio.timeout(TOLD_LIMIT_S):
            while len(self.told) < until:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def alone(database: str, pool: db.Pool, small: Small) -> Alone:
    async with pool.acquire() as connection:
        known = await catalogue.load(connection, small.operation)
        assert known is not None
        account = await make_account(connection, "operator", "operator", small.root)
        return Alone(database, small, known, await viewer_of(connection, account))


async def test_each_submit_of_a_batch_is_told_once_what_became_of_its_own_reports_in_order(alone: Alone) -> None:
    one, nowhere = alone.plan(), alone.plan(f"{alone.small.kelurahan[0]}.999")

    alone.submit("first", one)
    alone.submit("array", nowhere, one)
    alone.submit("last", alone.plan())
    await alone.run(until=3)

    assert alone.told == [
        ("first", ["accepted"]),
        ("array", ["unknown_place", "duplicate"]),
        ("last", ["accepted"]),
    ]


async def test_what_has_no_room_is_refused_whole_and_never_told_and_the_room_is_there_again(alone: Alone) -> None:
    reports = [alone.plan() for _ in range(ROOM)]
    alone.submit("first", *reports[:3])

    for committer in (alone.committer, alone.other):
        with pytest.raises(QueueFull):
            alone.submit("too many", *reports[:2], committer=committer)
    alone.submit("fits", reports[3])
    with pytest.raises(QueueFull):
        alone.room.require()
    await alone.run(until=2)
    alone.submit("again", *reports)
    await alone.run(until=3)

    assert alone.told == [
        ("first", ["accepted"] * 3),
        ("fits", ["accepted"]),
        ("again", ["duplicate"] * ROOM),
    ]


async def test_whoever_waits_when_it_stops_is_told_once_to_try_again(alone: Alone, pool: db.Pool) -> None:
    async with pool.acquire() as blocker, blocker.transaction():
        await blocker.execute("select from posko.operation where id = $1 for update", alone.small.operation)
        alone.submit("in the commit", alone.plan())
        task = asyncio.create_task(alone.committer.run())
        async with asyncio.timeout(TOLD_LIMIT_S):
            while not await blocker.fetchval("select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0.01)
        alone.submit("in the queue", alone.plan())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert alone.told == [("in the commit", DatabaseDown.code), ("in the queue", DatabaseDown.code)]


async def test_operations_that_are_quiet_keep_no_connection(database: str, pool: db.Pool) -> None:
    settings = Settings(database_url=database, redis_url="", secret_key="x" * 32)
    intake = Intake(settings, Catalogues(pool, "x" * 32), Metrics(CollectorRegistry()), lambda *_: None)
    async with pool.acquire() as connection:
        operations = [await make_small(connection) for _ in range(COMMITTERS_LIMIT + 3)]
        account = await make_account(connection, "operator", "operator", operations[0].root)
        viewer = await viewer_of(connection, account)

        for small in (*operations, *operations):
            said = report(small.operation, small.tps[0], milestone("voting_open"))
            receipt = await intake.file_one(viewer, uuid7(), msgspec.convert(said, ReportIn, strict=False))
            assert receipt.outcome == "accepted"
        open_now = (
            "select count(*) from pg_stat_activity where datname = current_database() and query like '%file_reports%'"
        )

        async with asyncio.timeout(TOLD_LIMIT_S):
            # Not this very question, which names the function too.
            while await connection.fetchval(open_now) - 1 > COMMITTERS_LIMIT:
                await asyncio.sleep(0.02)
    await intake.stop()
