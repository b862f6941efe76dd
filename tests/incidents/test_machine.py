"""Incidents against a model: whatever is done to them in whatever order, the database does what tests/incidents/model.py says,
an illegal move says why and changes nothing, and after every step the counters, logs and versions hold.
"""

from __future__ import annotations

import asyncio
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

from posko import db
from posko.embedded import Embedded
from posko.incidents.timers import ALARMS_AT_ONCE, OFTEN
from tests.factories import incident, make_account, make_small
from tests.incidents import model
from tests.incidents.ground import Day, clock

RULES = {
    "kritis": model.Rule(((4, 0), (3, 3), (2, 5)), 2, 30, 15, 3, 60),
    "tinggi": model.Rule(((4, 0), (3, 10), (2, 15)), 1, 15, 30, 10, 120),
    "sedang": model.Rule(((4, 1), (2, 40)), 0, 30, 60, 20, 240),
    "rendah": model.Rule(((4, 0), (3, 60)), 0, 30, None, 60, 720),
}
LEVELS = {"operator": 2, "kec": 3, "kel": 4}
CHANNELS = ["console"]
DUMP = """
select md5(string_agg(t::text, '' order by t::text)) from (
    select i::text as t from posko.incident i where operation_id = $1
    union all select e::text from posko.incident_entry e join posko.incident i on i.id = e.incident_id where i.operation_id = $1
    union all select e::text from posko.escalation e where operation_id = $1
    union all select f::text from posko.firing f join posko.escalation e using (subject_id) where operation_id = $1
    union all select q::text from posko.incident_request q join posko.incident i on i.id = q.incident_id where i.operation_id = $1
    union all select p::text from posko.incident_report p join posko.incident i on i.id = p.incident_id where i.operation_id = $1
    union all select r::text from posko.rollup r join posko.node n on n.id = r.node_id where n.operation_id = $1
    union all select o::text from posko.operation o where o.id = $1
    union all select a::text from posko.approval a
    union all select b::text from posko.obligation b where operation_id = $1) all_of_it"""
STANDS = """
select i.id, i.status, i.tier, (array['rendah', 'sedang', 'tinggi', 'kritis'])[i.severity] as severity, i.reports, i.entries, i.parent_id, i.merged_into, i.overdue_at is not null as is_overdue, e.state, e.round, e.step,
       (extract(epoch from e.next_at - $2) / 60)::int as next_at, i.version,
       array(select array[f.round, f.step]::int[] from posko.firing f where f.subject_id = i.id order by 1) as fired,
       (select count(*) from posko.incident_report p where p.incident_id = i.id) as joined,
       (select bool_and(w.seq = w.i and w.from_status is not distinct from w.before and (w.seq = 1 or w.at >= w.earlier))
               and (array_agg(w.to_status order by w.seq desc))[1] = i.status and count(*) = i.entries
        from (select n.*, row_number() over (order by seq) as i, lag(to_status) over (order by seq) as before, lag(at) over (order by seq) as earlier
              from posko.incident_entry n where n.incident_id = i.id) w) as is_whole
from posko.incident i join posko.escalation e on e.subject_id = i.id where i.operation_id = $1"""
WRONG = "select r.* from api.recount($1, array(select id from posko.node where operation_id = $1)) r"


class Ground:
    """One database and one loop for all examples; each has an operation of its own."""

    def __init__(self, runner: asyncio.Runner, url: str) -> None:
        self.run = runner.run
        self.pool: db.Pool = self.run(db.open_pool(url, size=2, statement_timeout_s=20))

    async def begin(self) -> Day:
        async with self.pool.acquire() as connection:
            small = await make_small(connection)
            await make_account(connection, "kec", "operator", small.kecamatan[0])
            await make_account(connection, "kel", "operator", small.kelurahan[0])
        day = await Day.begin(self.pool, small)
        rules = [
            {
                "name": name, "about": "incident", "severities": [model.SEVERITIES.index(name) + 1], "repeats": r.repeats, "repeat_after_min": r.repeat_after,
                "quiet_after_min": r.quiet, "acknowledge_within_min": r.acknowledge, "resolve_within_min": r.resolve,
                "steps": [{"tier": t, "after_s": m * 60, "channels": CHANNELS} for t, m in r.steps],
            }
            for name, r in RULES.items()
        ]  # fmt: skip
        await self.pool.fetchval(
            "select api.set_rules($1, $2, $3, $4)", day.operation, *day.people["supervisor"], json.dumps(rules)
        )
        return day


@pytest.fixture(scope="module")
def machine_ground(services: Embedded) -> Iterator[Ground]:
    from posko import migrate

    async def prepare() -> str:
        admin = await db.connect(services.database_url)
        await admin.execute("create database machine_of_incidents")
        await admin.close()
        url = services.database_url.replace("/posko?", "/machine_of_incidents?")
        connection = await db.connect(url)
        await migrate.migrate(connection)
        await connection.close()
        return url

    with asyncio.Runner() as runner:
        found = Ground(runner, runner.run(prepare()))
        yield found
        found.pool.terminate()


class Incidents(RuleBasedStateMachine):
    """Reports, actions of three tiers, the clock, the engine."""

    ground: Ground

    @initialize()
    def begin(self) -> None:
        self.day = self.run(self.ground.begin())
        self.now = 8 * 60
        self.cases: dict[uuid.UUID, model.Case] = {}
        self.tiers: dict[uuid.UUID, int] = {}
        self.said: list[tuple[uuid.UUID, uuid.UUID, str, int]] = []
        """Reports that may be corrected: id, its incident's, place, 1 while nobody corrected it."""
        self.version = self.run(self._version())
        self.run(self.day.at(clock(0, self.now)))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.ground.run(work)

    async def _version(self) -> int:
        found: int = await self.ground.pool.fetchval(
            "select version from posko.operation where id = $1", self.day.operation
        )
        return found

    def case(self, chosen: int) -> tuple[uuid.UUID, model.Case]:
        return list(self.cases.items())[chosen % len(self.cases)]

    # reports

    @rule(
        place=st.sampled_from([0, 1, "kec"]),
        severity=st.sampled_from(model.SEVERITIES),
        category=st.sampled_from(["logistik", "bencana.banjir"]),
    )
    def file(self, place: int | str, severity: str, category: str) -> None:
        small = self.day.small
        code = small.kecamatan[0] if place == "kec" else small.tps[int(place)]
        made = self.run(self.day.file(code, incident(severity, category=category)))
        self.cases[made] = model.Case(
            3 if place == "kec" else 6, severity, category, self.now, RULES, live={made: (severity, category)}
        )
        self.said.append((made, made, code, 1))
        self.version += 1

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9), severity=st.sampled_from(model.SEVERITIES))
    def join(self, chosen: int, severity: str) -> None:
        which, case = self.case(chosen)
        made = self.run(self.day.file(self.day.small.tps[2], incident(severity, joins=str(which))))
        into = case.merged_into or case
        self.version += 1
        if not into.takes_reports:
            self.cases[made] = model.Case(6, severity, "logistik", self.now, RULES, live={made: (severity, "logistik")})
            self.said.append((made, made, self.day.small.tps[2], 1))
            return
        into.reports += 1
        into.enter()
        into.live[made] = (severity, "logistik")
        into.allege(RULES, self.now, severity)
        into.refold(RULES, self.now)
        self.said.append((made, which, self.day.small.tps[2], 1))

    @precondition(lambda self: any(s[3] for s in self.said))
    @rule(chosen=st.integers(0, 9), is_replaced=st.booleans())
    def correct(self, chosen: int, is_replaced: bool) -> None:
        able = [i for i, s in enumerate(self.said) if s[3]]
        at = able[chosen % len(able)]
        of, which, code, _ = self.said[at]
        content: dict[str, Any] = {"kind": "correction", "of": str(of), "reason": "salah ketik"}
        made = self.run(self.day.file(code, content | ({"replacement": incident("tinggi")} if is_replaced else {})))
        into = self.cases[which].merged_into or self.cases[which]
        into.reports += is_replaced
        into.enter()
        into.live.pop(of, None)
        if is_replaced:
            into.live[made] = ("tinggi", "logistik")
            into.allege(RULES, self.now, "tinggi")
        into.refold(RULES, self.now)
        self.said[at] = (of, which, code, 0)
        if is_replaced:
            self.said.append((made, which, code, 1))
        self.version += 1

    # actions

    def act(self, chosen: int, by: str, action: str, **details: Any) -> None:
        which, case = self.case(chosen)
        ids = {id(c): i for i, c in self.cases.items()}
        sent = {k: str(ids[id(v)]) if isinstance(v, model.Case) else v for k, v in details.items()}
        if action == "merge" and details["into"] is None:
            sent["into"] = str(uuid.uuid4())
        last = (by, action, json.dumps(sent), self.now)
        is_again = case.last is not None and case.last[:3] == last[:3] and self.now - case.last[3] < 10
        expected = None
        if not is_again:
            try:
                if LEVELS[by] > case.level:
                    raise model.Unknown
                case.act(list(self.cases.values()), RULES, LEVELS[by], action, self.now, details)
            except (model.Illegal, model.Unknown) as error:
                expected = "PK406" if isinstance(error, model.Unknown) else "PK411"
        self.run(self._act(which, by, action, sent, expected, is_again))
        if expected is None and not is_again:
            case.last = last
            self.version += 1

    async def _act(
        self, which: uuid.UUID, by: str, action: str, sent: dict[str, Any], expected: str | None, is_again: bool
    ) -> None:
        before = await self.ground.pool.fetchval(DUMP, self.day.operation) if expected or is_again else None
        try:
            await self.day.act(which, action, "seperti dilaporkan", by=by, **sent)
        except asyncpg.PostgresError as error:
            assert error.sqlstate == expected, f"{action}: {error.sqlstate} {error}"
            assert len(str(error)) > 10
        else:
            assert expected is None, f"{action} was possible"
        if before is not None:
            assert await self.ground.pool.fetchval(DUMP, self.day.operation) == before, "something changed"

    plain = st.sampled_from(
        ["acknowledgement"] * 3
        + ["handling", "resolution", "resolution", "closure", "reopening", "reopening", "comment", "escalation"]
    )

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9), by=st.sampled_from(list(LEVELS)), action=plain)
    def do(self, chosen: int, by: str, action: str) -> None:
        self.act(chosen, by, action)

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9), by=st.sampled_from(list(LEVELS)), tier=st.integers(2, 5))
    def delegate(self, chosen: int, by: str, tier: int) -> None:
        self.act(chosen, by, "delegation", tier=tier)

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9), minutes=st.sampled_from([5, 30, 31, 240, 241]))
    def snooze(self, chosen: int, minutes: int) -> None:
        self.act(chosen, "operator", "snooze", minutes=minutes)

    @precondition(lambda self: self.cases)
    @rule(
        chosen=st.integers(0, 9),
        severity=st.sampled_from(model.SEVERITIES),
        category=st.sampled_from(["logistik", "bencana.banjir"]),
    )
    def classify(self, chosen: int, severity: str, category: str) -> None:
        self.act(chosen, "operator", "classification", severity=severity, category=category)

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9), into=st.none() | st.integers(0, 9))
    def merge(self, chosen: int, into: int | None) -> None:
        self.act(chosen, "operator", "merge", into=None if into is None else self.case(into)[1])

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9), parent=st.none() | st.integers(0, 9))
    def part_of(self, chosen: int, parent: int | None) -> None:
        self.act(chosen, "operator", "parent", parent=None if parent is None else self.case(parent)[1])

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9), kind=st.sampled_from(["referral", "advice"]), number=st.none() | st.integers(1, 3))
    def ask(self, chosen: int, kind: str, number: int | None) -> None:
        answer = {"referral": "referral_done", "advice": "advice_given"}[kind]
        if number is None:
            self.act(chosen, "operator", kind, addressee=self.day.small.root)
        else:
            self.act(chosen, "operator", answer, number=number)

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9), state=st.sampled_from(["terverifikasi", "tidak_benar", "belum"]))
    def verify(self, chosen: int, state: str) -> None:
        self.act(chosen, "operator", "verification", state=state)

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9))
    def void(self, chosen: int) -> None:
        which, _ = self.case(chosen)
        asked = "insert into posko.approval (kind, operation_id, region_code, details, reason, requested_by, requested_in, requested_at, expires_at, decided_by, decided_at, decision) select 'void_incident', $1, $2, json_build_object('incident', $3::text), 'salah lapor', $4, 1, at, at + interval '1 day', $5, at, 'approved' from posko.now() as at returning id"
        people = self.day.people
        made = self.run(
            self.ground.pool.fetchval(
                asked,
                self.day.operation,
                self.day.small.root,
                str(which),
                people["operator"][0],
                people["supervisor"][0],
            )
        )
        self.act(chosen, "operator", "void", approval=made)

    @precondition(lambda self: self.cases)
    @rule(chosen=st.integers(0, 9), action=st.sampled_from(["comment", "acknowledgement", "merge"]))
    def out_of_reach(self, chosen: int, action: str) -> None:
        which, _ = self.case(chosen)
        self.run(self._act(which, "wall", action, {}, "PK406", False))

    # time

    @rule(minutes=st.sampled_from([1, 3, 9, 10, 20, 60, 300]))
    def later(self, minutes: int) -> None:
        self.now += minutes
        self.run(self.day.at(clock(0, self.now)))

    @rule()
    def turn(self) -> None:
        was_due = [c.turn(self.now) for c in self.cases.values()]
        self.run(self._turn())
        moved = self.run(self._version()) - self.version
        assert moved >= 0 and (any(was_due) or moved == 0)
        self.version += moved

    async def _turn(self) -> None:
        parts = {**OFTEN, "check_alarms": ALARMS_AT_ONCE}
        queries = db.queries("timers")
        for _ in range(200):
            rows = [
                await self.ground.pool.fetchrow(queries[p].sql, self.day.operation, limit)
                for p, limit in parts.items()
                if p not in ("sweep_obligations", "raise_alarms")
            ]
            if not any(r is not None for r in rows):
                return
        raise AssertionError(f"the engine does not come to rest: {rows}")

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "cases"):
            return
        rows = {r["id"]: r for r in self.run(self.ground.pool.fetch(STANDS, self.day.operation, clock(0)))}
        assert rows.keys() == self.cases.keys()
        ids = {id(c): i for i, c in self.cases.items()}
        for which, case in self.cases.items():
            row = rows[which]
            names = (
                "status",
                "tier",
                "severity",
                "reports",
                "entries",
                "is_overdue",
                "state",
                "round",
                "step",
                "next_at",
            )
            assert {n: row[n] for n in names} == {n: getattr(case, n) for n in names}
            assert (row["parent_id"], row["merged_into"]) == (ids.get(id(case.parent)), ids.get(id(case.merged_into)))
            assert [tuple(f) for f in row["fired"]] == sorted(case.fired)
            assert row["is_whole"], "the log has gaps, or its moves do not join"
            assert row["joined"] == row["reports"]
            assert row["version"] <= self.version
            assert case.tier <= self.tiers.get(which, 6) or case.was_lowered
            self.tiers[which], case.was_lowered = case.tier, False
        assert self.run(self._version()) == self.version
        assert self.run(self.ground.pool.fetch(WRONG, self.day.operation)) == []


def test_incidents_do_what_the_model_says(machine_ground: Ground) -> None:
    class Here(Incidents):
        ground = machine_ground

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=int(os.environ.get("POSKO_MACHINE_EXAMPLES", "30")),
            stateful_step_count=40,
            derandomize=True,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
