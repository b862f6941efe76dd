"""The promises of the design that the database keeps; those that need a killed process are in tests/faults."""

from __future__ import annotations

import asyncio
import datetime
import random
import uuid
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posko import db
from posko.accounts.account import Viewer
from posko.regions import catalogue
from posko.reports.plan import plan
from posko.reports.report import ReportIn
from posko.reports.store import arrays
from tests.factories import (
    Small,
    all_rollups,
    count,
    incident,
    local,
    make_account,
    make_small,
    milestone,
    report,
    turnout,
    uuid7,
    viewer_of,
)

FILE = db.queries("reports")["file"].sql
PLACES = ("31.72.01.1001.001", "31.72.01.1001.002", "31.72.02.1002.003")


class Said(msgspec.Struct, frozen=True):
    """One report of a story: its number in the order of ids, who says it, what it corrects."""

    number: int
    place: str
    minute: int
    reporter: int
    content: Any
    corrects: int | None = None


def _contents() -> st.SearchStrategy[Any]:
    small = st.integers(0, 170)
    attempt = {"kind": "unreachable", "attempts": [{"at": local(7), "how": "radio"}]}
    return st.one_of(
        st.sampled_from(["voting_open", "voting_closed", "count_started"]).map(milestone),
        st.just(milestone("voting_open", possible=False, reason="banjir")),
        st.builds(turnout, small, small),
        st.builds(lambda a, b, c, i: count("gubernur", [a, b, c], i), small, small, small, small),
        st.sampled_from(["rendah", "kritis"]).map(incident),
        st.just({"kind": "nihil"}),
        st.just(attempt),
        st.builds(lambda sealed: {"kind": "custody", "holder": "pps", "sealed": sealed}, st.booleans()),
        st.just({"kind": "ballots", "contest": "gubernur", "received": 308, "used": 200, "spoilt": 1, "unused": 107}),
    )


@st.composite
def stories(draw: st.DrawFn) -> list[Said]:
    """Up to twelve reports on three TPS, some correcting an earlier or later one."""
    size = draw(st.integers(1, 12))
    found = []
    for number in range(size):
        corrected = draw(st.none() | st.integers(0, size - 1)) if draw(st.booleans()) else None
        place = draw(st.sampled_from(PLACES))
        content, minute = draw(_contents()), draw(st.integers(5 * 60, 18 * 60))
        found.append(
            Said(number, place, minute, draw(st.integers(0, 1)), content, None if corrected == number else corrected)
        )
    by_number = {s.number: s for s in found}
    return [_allowed(s, by_number) for s in found]


def _allowed(said: Said, by_number: dict[int, Said]) -> Said:
    """As it is taken whenever it comes: at the place of what it corrects, and what was an incident stays one (to say that
    another's was something else takes two, once it is known to be another's).
    """
    if said.corrects is None:
        return said
    chain, number = [said.number], said.corrects
    content = said.content
    while number is not None and number not in chain:
        chain.append(number)
        if by_number[number].content["kind"] == "incident" and content["kind"] != "incident":
            content = incident("rendah")
        number = by_number[number].corrects
    return msgspec.structs.replace(said, place=by_number[said.corrects].place, content=content)


class Stage:
    """A fresh small operation in which a story is told; ids keep their order from stage to stage."""

    def __init__(
        self, connection: Any, small: Small, known: catalogue.Catalogue, reporters: list[Viewer], base_ms: int
    ) -> None:
        self.connection, self.small, self.catalogue, self.reporters, self.base_ms = (
            connection,
            small,
            known,
            reporters,
            base_ms,
        )

    @classmethod
    async def build(cls, connection: Any) -> Stage:
        small = await make_small(connection)
        known = await catalogue.load(connection, small.operation)
        assert known is not None
        accounts = [await make_account(connection, f"pelapor{n}", "operator", "ID") for n in (0, 1)]
        reporters = [await viewer_of(connection, account) for account in accounts]
        return cls(connection, small, known, reporters, 1_700_000_000_000 + small.operation * 1_000_000)

    def id_of(self, number: int) -> uuid.UUID:
        return uuid7(random.Random(number), at_ms=self.base_ms + number)

    def planned(self, said: Said) -> Any:
        at = (datetime.datetime.fromisoformat(local(0)) + datetime.timedelta(minutes=said.minute)).isoformat()
        content = said.content
        if said.corrects is not None:
            content = {
                "kind": "correction",
                "of": str(self.id_of(said.corrects)),
                "reason": "keliru",
                "replacement": said.content,
            }
        raw = report(self.small.operation, said.place, content, at=at)
        who = self.reporters[said.reporter]
        return plan(who, self.id_of(said.number), msgspec.convert(raw, ReportIn, strict=False), self.catalogue)

    async def tell(self, batches: list[list[Said]]) -> None:
        for batch in batches:
            rows = [self.planned(s) for s in batch]
            columns = arrays(rows)
            await self.connection.fetch(FILE, self.small.operation, self.catalogue.layout, 2000, *columns)

    async def state(self) -> tuple[dict[str, dict[str, int]], list[tuple[str, str, int]]]:
        """All counters, and all flags with the number of their evidence."""
        numbers = {self.id_of(n): n for n in range(20)}
        flags = await self.connection.fetch(
            "select n.code, f.kind, f.report_id from posko.flag f join posko.node n on n.id = f.node_id where n.operation_id = $1",
            self.small.operation,
        )
        return await all_rollups(self.connection, self.small.operation), sorted(
            (f["code"], f["kind"], numbers[f["report_id"]]) for f in flags
        )


def _split(rng: random.Random, told: list[Said]) -> list[list[Said]]:
    batches: list[list[Said]] = []
    while told:
        size = rng.randint(1, len(told))
        batches.append(told[:size])
        told = told[size:]
    return batches


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories(), seed=st.integers(0, 2**32))
def test_2_any_order_duplication_and_delay_folds_to_the_same_state(story: list[Said], seed: int, database: str) -> None:
    async def told() -> None:
        connection = await db.connect(database)
        try:
            rng = random.Random(seed)
            once, mixed = await Stage.build(connection), await Stage.build(connection)
            shuffled = [*story, *rng.choices(story, k=len(story) // 2)]
            rng.shuffle(shuffled)
            await once.tell([[s] for s in story])

            await mixed.tell(_split(rng, shuffled))

            assert await once.state() == await mixed.state()
            await _assert_children_sum(connection, mixed.small.operation)
        finally:
            await connection.close()

    asyncio.run(told())


async def _assert_children_sum(connection: Any, operation: int) -> None:
    """counters = own + the sum of the children's counters, slot by slot, for every region."""
    wrong = await connection.fetch(
        "with slot as (select generate_series(1, (select max(slot) from posko.counter where operation_id = $1)) as i)"
        " select n.code, i, coalesce(r.counters[i], 0) as stored,"
        "        coalesce(r.own[i], 0) + (select coalesce(sum(coalesce(c.counters[i], 0)), 0) from posko.node k join posko.rollup c on c.node_id = k.id"
        "                                 where k.parent_id = n.id) as summed"
        " from posko.node n join posko.rollup r on r.node_id = n.id cross join slot where n.operation_id = $1 and n.level < 6",
        operation,
    )
    assert [dict(w) for w in wrong if w["stored"] != w["summed"]] == []


async def test_12_reports_are_never_changed_or_deleted(pool: db.Pool) -> None:
    """A correction leaves the corrected report as it was."""
    async with pool.acquire() as connection:
        stage = await Stage.build(connection)
        first = Said(0, PLACES[0], 600, 0, turnout(10, 10))
        await stage.tell([[first]])
        before = await connection.fetchrow("select * from posko.report where id = $1", stage.id_of(0))

        await stage.tell([[Said(1, PLACES[0], 610, 1, turnout(11, 11), corrects=0)]])

        assert before == await connection.fetchrow("select * from posko.report where id = $1", stage.id_of(0))


async def test_12_drill_data_never_mixes_with_live_data(pool: db.Pool) -> None:
    async with pool.acquire() as connection:
        drill, live = await Stage.build(connection), await Stage.build(connection)

        await drill.tell([[Said(0, PLACES[0], 600, 0, milestone("voting_open"))]])

        assert "reports" not in (await live.state())[0]["31.72"]
