"""Silence against a model: whatever is reported, corrected, excused, moved or voted again in whatever order, what is overdue and which alarms
stand is what tests/silence/model.py says, the engine comes to rest, and nothing is alarmed or told twice.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import uuid
from collections.abc import Coroutine, Iterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from posko import db, migrate
from posko.embedded import Embedded
from posko.incidents.timers import ALARMS_AT_ONCE, OFTEN
from tests.factories import MILESTONES, VOTING_DAY, incident, make_small, milestone
from tests.incidents.ground import Day, clock
from tests.silence import model

PLAN = {code: int(planned[:2]) * 60 + int(planned[3:]) + grace for code, planned, grace in MILESTONES}
GRACE = {code: grace for code, _, grace in MILESTONES}
CELLS = """
select n.code, m.code as milestone, w.cell
from posko.node n join posko.rollup r on r.node_id = n.id join posko.milestone m on m.operation_id = n.operation_id
join posko.subject s on s.operation_id = n.operation_id and s.id = m.subject_id
cross join lateral (select case when r.counters[s.base + 2] > 0 then 'late' when r.counters[s.base + 1] > 0 then 'reached' when r.counters[s.base + 3] > 0 then 'not_possible'
                                when r.counters[s.base + 4] > 0 then 'unreachable' when r.counters[s.base + 5] > 0 then 'overdue' when r.counters[s.base + 6] > 0 then 'excused' end as cell,
                           coalesce(r.counters[s.base + 1], 0) + coalesce(r.counters[s.base + 3], 0) + coalesce(r.counters[s.base + 4], 0)
                               + coalesce(r.counters[s.base + 5], 0) + coalesce(r.counters[s.base + 6], 0) as together) w
where n.operation_id = $1 and n.level = 6 and w.together = 1"""
ALARMS = """
select n.code, m.code as milestone, count(*) as opened, count(*) filter (where a.closed_at is null) as standing, max(a.missing) filter (where a.closed_at is null) as missing
from posko.alarm a join posko.node n on n.id = a.node_id join posko.milestone m on m.operation_id = a.operation_id and m.subject_id = a.subject_id
where a.operation_id = $1 and a.kind = 'belum_lapor' group by 1, 2"""
WRONG = "select r.* from api.recount($1, array(select id from posko.node where operation_id = $1)) r"
PLACES = st.integers(0, 4)
"""Two kelurahan: the first whole, the second in part."""
ASKED = st.sampled_from(["kpps_present", "voting_open"])
AGO = st.sampled_from([0, 1, 30, 200])


class Ground:
    """One database and one loop for all examples; each has an operation of its own."""

    def __init__(self, runner: asyncio.Runner, url: str) -> None:
        self.run = runner.run
        self.pool: db.Pool = self.run(db.open_pool(url, size=2, statement_timeout_s=20))

    async def begin(self) -> Day:
        async with self.pool.acquire() as connection:
            small = await make_small(connection)
        return await Day.begin(self.pool, small)


@pytest.fixture(scope="module")
def machine_ground(services: Embedded) -> Iterator[Ground]:
    async def prepare() -> str:
        admin = await db.connect(services.database_url)
        await admin.execute("create database machine_of_silence")
        await admin.close()
        url = services.database_url.replace("/posko?", "/machine_of_silence?")
        connection = await db.connect(url)
        await migrate.migrate(connection)
        await connection.close()
        return url

    with asyncio.Runner() as runner:
        found = Ground(runner, runner.run(prepare()))
        yield found
        found.pool.terminate()


class Silent(RuleBasedStateMachine):
    """Reports, words about silence, plans, the clock, the engine."""

    ground: Ground

    @initialize()
    def begin(self) -> None:
        self.day = self.run(self.ground.begin())
        self.now = 5 * 60
        small = self.day.small
        self.model = model.Silence({code: code.rpartition(".")[0] for code in small.tps}, PLAN)
        self.outages: dict[uuid.UUID, str] = {}
        self.dark_hours = 0
        self.version = self.run(self._version())
        self.run(self.day.at(clock(0, self.now)))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.ground.run(work)

    async def _version(self) -> int:
        found: int = await self.ground.pool.fetchval(
            "select version from posko.operation where id = $1", self.day.operation
        )
        return found

    def tell(self, place: int, content: dict[str, Any], said: str | None, ago: int, is_possible: bool = True) -> None:
        code, observed = self.day.small.tps[place], self.now - ago
        made = self.run(self.day.file(code, content, at=clock(0, observed)))
        self.model.tps[code].said.append(model.Said(made, said, observed, is_possible))
        self.version += 1

    @rule(place=PLACES, asked=ASKED, ago=AGO, is_possible=st.sampled_from([True, True, False]))
    def report(self, place: int, asked: str, ago: int, is_possible: bool) -> None:
        self.tell(
            place,
            milestone(asked) if is_possible else milestone(asked, possible=False, reason="banjir"),
            asked,
            ago,
            is_possible,
        )

    @rule(place=PLACES, ago=AGO)
    def unreachable(self, place: int, ago: int) -> None:
        at = clock(0, self.now - ago).isoformat()
        self.tell(place, {"kind": "unreachable", "attempts": [{"at": at, "how": "telepon"}]}, "unreachable", ago)

    @rule(place=PLACES)
    def nihil(self, place: int) -> None:
        self.tell(place, {"kind": "nihil"}, "nihil", 0)

    @rule(place=PLACES, chosen=st.integers(0, 9), asked=st.none() | ASKED)
    def correct(self, place: int, chosen: int, asked: str | None) -> None:
        able = [s for s in self.model.tps[self.day.small.tps[place]].said if not s.is_corrected and s.what is not None]
        if able:
            of = able[chosen % len(able)]
            replacement = {} if asked is None else {"replacement": milestone(asked)}
            of.is_corrected = True
            self.tell(place, {"kind": "correction", "of": str(of.id), "reason": "salah ketik", **replacement}, asked, 0)

    @rule(place=PLACES, asked=ASKED, is_whole=st.booleans(), is_given=st.booleans())
    def excuse(self, place: int, asked: str, is_whole: bool, is_given: bool) -> None:
        code = self.day.small.tps[place]
        among = [
            t for c, t in self.model.tps.items() if c == code or (is_whole and t.kelurahan == code.rpartition(".")[0])
        ]
        changing = [t for t in among if (asked in t.excused) is not is_given]
        excuse = "select changed from api.excuse($1, $2, $3, $4, $5, $6)"
        where = code.rpartition(".")[0] if is_whole else code
        changed = self.run(
            self.ground.pool.fetchval(
                excuse,
                self.day.operation,
                *self.day.people["supervisor"],
                where,
                asked,
                "TPS dipindah" if is_given else None,
            )
        )
        assert changed == len(changing)
        for tps in changing:
            (tps.excused.add if is_given else tps.excused.remove)(asked)
        self.version += bool(changing)

    @rule(asked=ASKED, hour=st.integers(5, 12))
    def replan(self, asked: str, hour: int) -> None:
        move = "select api.set_milestone($1, $2, null, null, $3, null, null, null)"
        self.run(self.ground.pool.fetchval(move, self.day.operation, asked, datetime.time(hour)))
        self.model.move(asked, hour * 60 + GRACE[asked], self.now)
        self.version += 1

    @rule(place=PLACES, kind=st.sampled_from(["psu", "pss", "psl"]), days=st.integers(1, 2))
    def vote_again(self, place: int, kind: str, days: int) -> None:
        code = self.day.small.tps[place]
        which = self.run(self.day.file(code, incident("sedang"), at=clock(0, self.now)))
        self.model.tps[code].said.append(model.Said(which, "incident", self.now))
        on = VOTING_DAY + datetime.timedelta(days=days)
        decided = json.dumps({"kind": kind, "decider": "KPU", "by": "2024-12-10T00:00:00+07:00", "on": on.isoformat()})
        act = "select version from api.act_on_incident($1, $2, $3, 'revote', 'desk', 'keputusan KPU', $4)"
        self.run(self.ground.pool.fetchval(act, which, *self.day.people["supervisor"], decided))
        self.model.revote(code, kind, days, self.now)
        self.version += 2

    @rule(is_low=st.booleans(), hours=st.integers(1, 24))
    def go_dark(self, is_low: bool, hours: int) -> None:
        where, made = self.day.small.kelurahan[0] if is_low else self.day.small.kecamatan[0], uuid.uuid4()
        declare = "select api.declare_outage($1, $2, $3, $4, $5, 'seluler', 'BTS padam', $6)"
        try:
            self.run(
                self.ground.pool.fetchval(
                    declare,
                    made,
                    self.day.operation,
                    *self.day.people["supervisor"],
                    where,
                    clock(0, self.now + hours * 60),
                )
            )
        except asyncpg.PostgresError as refused:
            assert "72 hours of seven days" in str(refused)
            assert self.dark_hours + hours > 72
            return
        self.dark_hours += hours
        self.outages[made] = where
        self.version += 1

    @precondition(lambda self: self.outages)
    @rule()
    def light(self) -> None:
        which, _ = self.outages.popitem()
        declare = "select api.declare_outage($1, $2, $3, $4, null, null, null, null)"
        self.run(self.ground.pool.fetchval(declare, which, self.day.operation, *self.day.people["supervisor"]))
        self.version += 1

    @rule(minutes=st.sampled_from([1, 15, 60, 120, 24 * 60]))
    def later(self, minutes: int) -> None:
        self.now += minutes
        self.run(self.day.at(clock(0, self.now)))

    @rule()
    def turn(self) -> None:
        before = self.run(self._told())
        self.run(self._turn())
        self.model.turn(self.now)
        self.version = self.run(self._version())
        after = self.run(self._told())
        dark = self.run(
            self.ground.pool.fetch(
                "select n.code from posko.outage u join posko.node n on n.id = u.node_id where u.operation_id = $1 and ended_at is null and until > $2",
                self.day.operation,
                clock(0, self.now),
            )
        )
        for alarm, (code, told) in after.items():
            if alarm in before and any(code == d["code"] or code.startswith(d["code"] + ".") for d in dark):
                assert told == before[alarm][1], "an alarm climbed under an outage"
        rows = self.run(self.ground.pool.fetch(ALARMS, self.day.operation))
        assert {(r["code"], r["milestone"]): r["missing"] for r in rows if r["standing"]} == self.model.alarms
        assert {(r["code"], r["milestone"]): r["opened"] for r in rows} == self.model.opened
        version = self.version
        self.run(self._turn())
        assert self.run(self._version()) == version, "it was done twice"

    async def _told(self) -> dict[uuid.UUID, tuple[str, int]]:
        rows = await self.ground.pool.fetch(
            "select a.id, n.code, (select count(*) from posko.firing f where f.subject_id = a.id) as told from posko.alarm a join posko.node n on n.id = a.node_id where a.operation_id = $1", self.day.operation
        )  # fmt: skip
        return {r["id"]: (r["code"], r["told"]) for r in rows}

    async def _turn(self) -> None:
        queries = db.queries("timers")
        for _ in range(200):
            rows = [
                await self.ground.pool.fetchrow(queries[p].sql, self.day.operation, limit)
                for p, limit in {**OFTEN, "check_alarms": ALARMS_AT_ONCE}.items()
            ]
            if not any(r is not None for r in rows):
                return
        raise AssertionError(f"the engine does not come to rest: {rows}")

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "model"):
            return
        rows = self.run(self.ground.pool.fetch(CELLS, self.day.operation))
        assert {(r["code"], r["milestone"]): r["cell"] for r in rows} == self.model.cells()
        assert self.run(self._version()) == self.version
        assert self.run(self.ground.pool.fetch(WRONG, self.day.operation)) == []


def test_silence_is_what_the_model_says(machine_ground: Ground) -> None:
    class Here(Silent):
        ground = machine_ground

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=int(os.environ.get("POSKO_MACHINE_EXAMPLES", "25")), stateful_step_count=30, derandomize=True, database=None, deadline=None,
            report_multiple_bugs=False, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
