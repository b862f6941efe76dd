"""Promises 3 and 7 of curves under fire: workers are killed while reports pour in, and every sample is whole and true.

What a sample says is compared with the reports themselves: those that had come by its version, and no other.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from posko import db, migrate
from posko.embedded import Embedded
from tests.factories import Small, make_small, milestone, report
from tests.faults.field import REST_LIMIT_S, Field
from tests.regions.filing import file_reports

WORKERS = 3
SAMPLES_WANTED = 8
KILLS_WANTED = 3
SPEED = 600
"""Ten minutes of the drill in a second: as many samples as there can be."""

SAMPLES = "select count(distinct p.at) from posko.curve_point p join posko.node n on n.id = p.node_id where n.operation_id = $1"
# Of every sample: its version, what the root had in it, what its kelurahan had together, and how many reports had come by then.
TRUE = """
with sampled as (
    select distinct p.at, p.version from posko.curve_point p join posko.node n on n.id = p.node_id where n.operation_id = $1
), held as (
    select s.at, s.version, n.level, l.counters[array_position(c.names, 'reports')] as reports
    from sampled s
    join posko.curve c on c.operation_id = $1
    join posko.node n on n.operation_id = $1 and n.level in (2, 3, 4)
    cross join lateral (select counters from posko.curve_point p where p.node_id = n.id and p.at <= s.at order by p.at desc limit 1) l
)
select at, version, sum(reports) filter (where level = 2) as root, sum(reports) filter (where level = 3) as kecamatan,
       sum(reports) filter (where level = 4) as kelurahan, (select count(*) from posko.report r where r.operation_id = $1 and r.version <= h.version) as come
from held h group by at, version order by at"""


@pytest.fixture
async def field(tmp_path: Path) -> AsyncIterator[tuple[Field, Small]]:
    with Embedded(tmp_path / "data") as embedded:
        connection = await db.connect(embedded.database_url)
        await migrate.migrate(connection)
        small = await make_small(connection)
        await connection.execute(
            "update posko.operation set clock_at = '2024-11-27 05:00+07', clock_set_at = posko.now(), clock_speed = $2 where id = $1 or restricts = $1",
            small.operation, float(SPEED),
        )  # fmt: skip
        await connection.close()
        pool = await db.open_pool(embedded.database_url, size=2, statement_timeout_s=60)
        found = Field(embedded, tmp_path, pool, WORKERS)
        yield found, small
        found.end()


async def test_3_and_7_every_sample_is_whole_and_true_while_workers_are_killed(field: tuple[Field, Small]) -> None:
    storm, small = field
    for role in storm.roles:
        storm.start(role)
    await storm.working()

    async def pour() -> None:
        rng = random.Random(5)
        async with storm.pool.acquire() as connection:
            while True:
                said = [report(small.operation, rng.choice(small.tps), milestone("voting_open")) for _ in range(5)]
                await file_reports(connection, small.operation, said)
                await asyncio.sleep(0.02)

    pouring = asyncio.create_task(pour())
    rng, kills = random.Random(7), 0
    limit = time.monotonic() + REST_LIMIT_S
    while kills < KILLS_WANTED or await storm.pool.fetchval(SAMPLES, small.operation) < SAMPLES_WANTED:
        assert time.monotonic() < limit, storm.log(storm.roles[0])[-2000:]
        await asyncio.sleep(rng.uniform(0.2, 0.8))
        working = [r for r in storm.roles if storm.log(r).count('"event": "working"') == storm.starts[r]]
        for role in rng.sample(working, max(0, len(working) - 1)):
            storm.kill(role)
            storm.start(role)
            kills += 1
    pouring.cancel()
    await asyncio.gather(pouring, return_exceptions=True)
    await rest(storm, small)

    samples = await storm.pool.fetch(TRUE, small.operation)
    for sample in samples:
        assert sample["root"] == sample["kecamatan"] == sample["kelurahan"] == sample["come"], dict(sample)
    assert [s["version"] for s in samples] == sorted({s["version"] for s in samples})
    print(f"\n{len(samples)} samples, {samples[-1]['come']} reports, {kills} kills")


async def rest(storm: Field, small: Small) -> None:
    """Until the last version is sampled."""
    limit = time.monotonic() + REST_LIMIT_S
    while await storm.pool.fetchval(
        "select c.version < o.version from posko.curve c join posko.operation o on o.id = c.operation_id where o.id = $1",
        small.operation,
    ):
        assert time.monotonic() < limit, storm.log(storm.roles[0])[-2000:]
        await asyncio.sleep(0.1)
