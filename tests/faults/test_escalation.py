"""Promise 7 under fire: workers are killed while incidents climb, and every step is taken exactly once.

By default a size that a test run bears; POSKO_STORM_INCIDENTS, _WORKERS and _SECONDS make it 5,000 incidents, 6 workers, minutes.
The clock is moved, never slept for: one setting of the cluster, which every session reads through posko.now().
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from posko import db, migrate
from posko.embedded import Embedded
from posko.regions import recount
from tests.factories import make_small
from tests.faults.field import REST_LIMIT_S, Field
from tests.incidents.ground import Day

INCIDENTS = int(os.environ.get("POSKO_STORM_INCIDENTS", "600"))
WORKERS = int(os.environ.get("POSKO_STORM_WORKERS", "3"))
KILLING_S = float(os.environ.get("POSKO_STORM_SECONDS", "10"))
STEPS = 4
AFTER_S = 600
"""Between two steps of the one rule."""
TPS = 240
BEGIN = datetime.datetime(2024, 11, 27, 1, 0, tzinfo=datetime.UTC)

RULE = json.dumps(
    [
        {"name": "empat tingkat", "about": "incident", "repeats": 0, "repeat_after_min": 30, "acknowledge_within_min": 10_000, "resolve_within_min": 20_000,
         "steps": [{"tier": t, "after_s": AFTER_S * (t < 4), "channels": ["console"]} for t in (4, 3, 2, 1)]},
        {"name": "diam", "about": "alarm", "repeats": 0, "repeat_after_min": 30, "quiet_after_min": 30, "acknowledge_within_min": 10, "resolve_within_min": 60,
         "steps": [{"tier": 4, "after_s": 0, "channels": ["console"]}]},
    ]
)  # fmt: skip
# The tree of the small operation, raised by a provinsi, with more TPS: four tiers, a sweep that takes many turns.
RAISE = """
with top as (
    insert into posko.node (operation_id, code, parent_id, level, name, utc_offset, path)
    select $1, '31', null, 1, 'PROVINSI', 7, '{}' returning id
), kota as (
    update posko.node n set parent_id = t.id from top t where n.operation_id = $1 and n.level = 2
)
update posko.operation set root_code = '31', root_level = 1 where id = $1"""
PATHS = [
    "update posko.node n set path = array[t.id] || n.path from posko.node t where t.operation_id = $1 and t.code = '31' and n.operation_id = $1 and n.code <> '31'",
    "update posko.node set path = array[id] where operation_id = $1 and code = '31'",
    """insert into posko.node (operation_id, code, parent_id, level, name, utc_offset, path)
       select $1, k.code || '.' || to_char(i, 'FM000'), k.id, 6, 'TPS', 7, k.path from posko.node k, generate_series(4, 60) i where k.operation_id = $1 and k.level = 4""",
    "update posko.node set path = path || id where operation_id = $1 and level = 6 and not id = any(path)",
    "insert into posko.tps (node_id, number, voters_l, voters_p) select id, right(code, 3)::smallint, 140, 160 from posko.node n where operation_id = $1 and level = 6 on conflict do nothing",
    """insert into posko.rollup (node_id, version, counters, own)
       select n.id, 1, '{}', case when n.level < 6 then '{}'::int[] end from posko.node n where n.operation_id = $1 on conflict do nothing""",
    """update posko.rollup r set counters = (select array[count(*), count(*) * 140, count(*) * 160]::int[] from posko.node l where l.operation_id = $1 and l.level = 6 and n.id = any(l.path))
       from posko.node n where n.id = r.node_id and n.operation_id = $1""",
]  # fmt: skip
OPEN = """
with o as (
    update posko.operation set incidents = incidents + $2, version = version + 1 where id = $1 returning *
), made as materialized (
    select uuidv7() as id, n.id as node_id, n.code, row_number() over () as number
    from (select id, code from posko.node where operation_id = $1 and level = 6 order by code) n, generate_series(1, 1 + $2 / (select count(*)::int from posko.node where operation_id = $1 and level = 6))
    limit $2
), kept as (
    insert into posko.incident (id, operation_id, node_id, place, number, category, severity, occurrence, summary, status, stage, tier, opened_at, acknowledge_by,
                                resolve_by, version, changed_at, entries)
    select m.id, o.id, m.node_id, m.code, m.number, 'logistik', 4, 'terjadi', 'kotak belum datang', 'baru', 'pembukaan', (w.r).tier, posko.now(),
           posko.now() + interval '10 days', posko.now() + interval '20 days', o.version, posko.now(), 1
    from o, made m cross join lateral (select api.rise(o, m.id, m.node_id, 'incident', 'logistik', 4, 'pembukaan', posko.now()) as r) w
    returning id, operation_id, node_id, version
), logged as (
    insert into posko.incident_entry (incident_id, seq, at, account_id, channel, action, to_status) select id, 1, posko.now(), null, 'posko', 'open', 'baru' from kept
)
select api.roll_up($1, min(k.version), null, array_agg(k.node_id), array_agg(api.case_slot(s.base, 'baru', 4)), array_agg(1))
from kept k join posko.subject s on s.operation_id = $1 and s.kind = 'case'"""
TAKEN = """
select count(*) as incidents, coalesce(sum(w.steps), 0)::int as firings, count(*) filter (where w.steps <> $2 or w.steps <> w.logged) as wrong,
       count(*) filter (where i.tier <> 5 - $2 or i.entries <> 1 + $2) as low, count(*) filter (where not w.is_ordered) as disordered
from posko.incident i
cross join lateral (
    select (select count(distinct (f.round, f.step)) from posko.firing f where f.subject_id = i.id) as steps,
           (select count(*) from posko.incident_entry e where e.incident_id = i.id and e.action = 'step') as logged,
           (select array_agg((e.details->>'step')::int order by e.seq) = array(select generate_series(1, $2)) and min(e.seq) = 2 and max(e.seq) = 1 + $2
            from posko.incident_entry e where e.incident_id = i.id and e.action = 'step') as is_ordered
) w
where i.operation_id = $1"""


class Climbing(Field):
    """One operation of four tiers on it."""

    def __init__(self, embedded: Embedded, folder: Path, day: Day) -> None:
        super().__init__(embedded, folder, day.pool, WORKERS)
        self.day, self.operation = day, day.operation

    async def killed_while(self, seed: int, seconds: float, is_done: Any) -> list[float]:
        """Kills and starts workers at random for so long, then waits for the end; how long the engine was late after each kill."""
        rng, late = random.Random(seed), []
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at and not await is_done():
            await asyncio.sleep(rng.uniform(0.05, 0.6))
            for role in rng.sample(self.roles, rng.randint(1, len(self.roles))):
                self.kill(role)
                self.start(role)
            late.append(await self.recovered())
        limit = time.monotonic() + REST_LIMIT_S
        while not await is_done():
            assert time.monotonic() < limit, f"the engine does not come to rest: {self.log(self.roles[0])[-2000:]}"
            await asyncio.sleep(0.1)
        return late

    async def recovered(self) -> float:
        """Seconds until something is done again; 0 when nothing is due."""
        began = time.monotonic()
        first = await self.version()
        while await self.pool.fetchval("select api.lateness()") > 0 and await self.version() == first:
            assert time.monotonic() < began + REST_LIMIT_S, "no worker came back"
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def version(self) -> int:
        found: int = await self.pool.fetchval("select version from posko.operation where id = $1", self.operation)
        return found

    async def assert_whole(self) -> None:
        connection = await db.connect(self.embedded.database_url)
        try:
            differences, _ = await recount.verify(connection, self.operation)
        finally:
            await connection.close()
        assert differences == []
        for role in self.roles:
            assert "part_failed" not in self.log(role), self.log(role)[-3000:]


def said(late: list[float]) -> str:
    ordered = sorted(late) or [0.0]
    return f"{len(late)} kills; the engine went on after p50 {ordered[len(ordered) // 2]:.2f} p99 {ordered[int(len(ordered) * 0.99)]:.2f} max {ordered[-1]:.2f} s"


@pytest.fixture
async def field(tmp_path: Path) -> AsyncIterator[Climbing]:
    with Embedded(tmp_path / "data") as embedded:
        connection = await db.connect(embedded.database_url)
        await migrate.migrate(connection)
        small = await make_small(connection, mode="live")
        await connection.execute(RAISE, small.operation)
        for statement in PATHS:
            await connection.execute(statement, small.operation)
        await connection.execute("select api.lay_obligations($1)", small.operation)
        await connection.close()
        pool = await db.open_pool(embedded.database_url, size=2, statement_timeout_s=60)
        found = Climbing(embedded, tmp_path, Day(pool, small, small.operation, {}))
        await found.at(BEGIN)
        account = await pool.fetchrow(
            "select a.id, g.id as seat from posko.account a join posko.assignment g on g.account_id = a.id where a.username = 'admin'"
        )
        await pool.execute(
            "update posko.assignment set regions = '{31}', starts_at = '2024-01-01' where id = $1", account["seat"]
        )
        await pool.fetchval(
            "select api.set_rules($1, $2, $3, $4)", small.operation, account["id"], account["seat"], RULE
        )
        yield found
        found.end()


@pytest.mark.timeout(1200)
async def test_7_every_step_is_taken_once_while_workers_are_killed(field: Climbing) -> None:
    await field.pool.execute("delete from posko.obligation")
    await field.pool.execute(OPEN, field.operation, INCIDENTS)
    await field.pool.execute(
        "update posko.escalation set next_at = next_at + make_interval(secs => $1 * random())", AFTER_S
    )
    for role in field.roles:
        field.start(role)
    await field.working()

    async def is_taken() -> bool:
        found: bool = await field.pool.fetchval("select count(*) = $1 from posko.firing", INCIDENTS * STEPS)
        return found

    ticking = asyncio.create_task(field.tick(BEGIN, (STEPS + 1) * AFTER_S / KILLING_S))
    late = await field.killed_while(1, KILLING_S, is_taken)
    ticking.cancel()
    taken = await field.pool.fetchrow(TAKEN, field.operation, STEPS)
    assert dict(taken) == {"incidents": INCIDENTS, "firings": INCIDENTS * STEPS, "wrong": 0, "low": 0, "disordered": 0}
    assert await field.pool.fetchval("select count(*) from posko.escalation where state <> 'exhausted'") == 0
    await field.assert_whole()
    print(f"\n{INCIDENTS} incidents x {STEPS} steps, {WORKERS} workers: {said(late)}")


async def test_7_a_sweep_that_is_killed_counts_every_silence_once(field: Climbing) -> None:
    await field.at(BEGIN - datetime.timedelta(hours=4))
    for role in field.roles:
        field.start(role)
    await field.at(BEGIN + datetime.timedelta(hours=12))  # every milestone of every TPS is due

    async def is_swept() -> bool:
        found: bool = await field.pool.fetchval(
            "select not exists (select from posko.obligation where overdue_at is null or alarmed_at is null) and api.lateness() = 0"
        )
        return found

    late = await field.killed_while(11, KILLING_S / 2, is_swept)

    overdue = {k: v for k, v in (await field.day.counters("31")).items() if k.endswith(".overdue")}
    assert len(overdue) == STEPS and set(overdue.values()) == {TPS}
    alarms = await field.pool.fetchrow(
        "select count(*) as alarms, count(distinct (node_id, kind, subject_id)) as different, (select count(*) from posko.firing) as firings from posko.alarm where kind = 'belum_lapor'"
    )
    assert (alarms["alarms"], alarms["different"]) == (4 * STEPS, 4 * STEPS)
    await field.assert_whole()
    print(f"\n{TPS * STEPS} silences in {4 * STEPS} obligations, {WORKERS} workers: {said(late)}")


async def test_7_a_restart_in_mid_wait_a_dead_database_and_a_dead_redis_change_nothing(field: Climbing) -> None:
    await field.pool.execute("delete from posko.obligation")
    await field.pool.execute(OPEN, field.operation, 100)
    for role in field.roles:
        field.start(role)
    await field.working()

    async def taken(step: int) -> None:
        limit = time.monotonic() + REST_LIMIT_S
        while True:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                if await field.pool.fetchval("select count(*) from posko.firing") == 100 * step:
                    return
            assert time.monotonic() < limit, "\n".join(field.log(role)[-2500:] for role in field.roles)
            await asyncio.sleep(0.05)

    await taken(1)
    before = await field.pool.fetchval("select array_agg(next_at order by subject_id) from posko.escalation")
    for role in field.roles:
        field.kill(role)
        field.start(role)
    await field.working()
    await field.at(BEGIN + datetime.timedelta(seconds=AFTER_S - 1))
    await asyncio.sleep(1)
    assert await field.pool.fetchval("select array_agg(next_at order by subject_id) from posko.escalation") == before

    field.embedded.kill_postgres()
    field.embedded.start_postgres()
    await field.at(BEGIN + datetime.timedelta(seconds=AFTER_S))
    began = time.monotonic()
    await taken(2)
    print(f"\nafter the database came back the steps were taken within {time.monotonic() - began:.2f} s")

    field.embedded.kill_redis()
    await field.at(BEGIN + datetime.timedelta(seconds=2 * AFTER_S))
    began = time.monotonic()
    await taken(3)
    assert time.monotonic() - began < 40
    print(f"without Redis within {time.monotonic() - began:.2f} s")
    assert dict(await field.pool.fetchrow(TAKEN, field.operation, 3)) == {
        "incidents": 100,
        "firings": 300,
        "wrong": 0,
        "low": 0,
        "disordered": 0,
    }
    await field.assert_whole()
