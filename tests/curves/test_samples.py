"""Samples: children add up to their parent in each, nothing is lost or doubled, what is kept has a limit."""

from __future__ import annotations

import asyncio
import datetime
import random
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from posko import db
from posko.curves.sampler import Sampler
from tests.factories import Small, incident, milestone, turnout
from tests.incidents.ground import Day, clock
from tests.regions.filing import file_reports, random_reports

MINUTE = datetime.timedelta(minutes=1)
POINTS = """
select n.code, n.level, p.at, p.version, p.counters
from posko.curve_point p join posko.node n on n.id = p.node_id where n.operation_id = $1 order by p.at, n.code"""


@pytest.fixture
async def day(pool: db.Pool, small: Small) -> Day:
    """The small operation at 05:00 of its voting day; its clock stands where it is put."""
    return await Day.begin(pool, small)


async def look(day: Day) -> int:
    """What a worker does twice a second, as if its last look were a while ago."""
    await day.pool.execute("update posko.curve set looked_at = looked_at - interval '2 seconds'")
    return await Sampler(day.pool, CollectorRegistry()).look()


async def told(day: Day, rng: random.Random, size: int = 8) -> None:
    async with day.pool.acquire() as connection:
        await file_reports(connection, day.operation, random_reports(rng, day.small, size))


async def points(day: Day) -> list[Any]:
    return await day.pool.fetch(POINTS, day.operation)


async def vectors(day: Day, moment: datetime.datetime) -> dict[str, list[int]]:
    """What each region's curve says of a moment."""
    found: dict[str, list[int]] = {}
    for row in await points(day):
        if row["at"] <= moment:
            found[row["code"]] = row["counters"]
    return found


async def now_in_rollups(day: Day) -> dict[str, list[int]]:
    """The counters that curves keep, as the rollups have them now."""
    rows = await day.pool.fetch(
        "select n.code, array(select coalesce(r.counters[s.slot], 0) from unnest(c.slots) with ordinality as s(slot, i) order by i) as kept"
        " from posko.node n join posko.rollup r on r.node_id = n.id join posko.curve c on c.operation_id = n.operation_id"
        " where n.operation_id = $1 and n.level < 6",
        day.operation,
    )
    return {row["code"]: list(row["kept"]) for row in rows}


@pytest.mark.parametrize("seed", range(3))
async def test_every_sample_is_what_the_rollups_were_and_children_add_up_in_it(day: Day, seed: int) -> None:
    rng, shown = random.Random(seed), {}
    for minute in range(6):
        await day.at(clock(7, minute))
        if rng.random() < 0.8:
            await told(day, rng, rng.randint(1, 9))
        await look(day)
        shown[clock(7, minute)] = await now_in_rollups(day)

    own = await day.pool.fetch("select code from posko.node where operation_id = $1 and level < 6", day.operation)
    for moment, rollups in shown.items():
        found = await vectors(day, moment)
        assert found == rollups
        assert set(found) == {r["code"] for r in own}
        for code, whole in found.items():
            children = [v for other, v in found.items() if other.rpartition(".")[0] == code]
            if children and len(code.split(".")) < 4:
                sums = [sum(column) for column in zip(*children, strict=True)]
                # What was filed for the region itself is its own: its rollup is never below its children's.
                assert all(a >= b for a, b in zip(whole, sums, strict=True))
    versions: dict[datetime.datetime, set[int]] = {}
    for row in await points(day):
        versions.setdefault(row["at"], set()).add(row["version"])
    assert all(len(found) == 1 for found in versions.values())


async def test_without_reports_for_regions_children_are_exactly_their_parent(day: Day) -> None:
    for minute, tps in enumerate(day.small.tps):
        await day.at(clock(7, minute))
        await day.file(tps, milestone("voting_open"), at=clock(7, minute))
        await day.file(tps, turnout(minute, 2 * minute), at=clock(7, minute))
        await look(day)

    for minute in range(len(day.small.tps)):
        found = await vectors(day, clock(7, minute))
        for code in (day.small.root, *day.small.kecamatan):
            children = [v for other, v in found.items() if other.rpartition(".")[0] == code]
            assert [sum(column) for column in zip(*children, strict=True)] == found[code], (minute, code)


async def test_a_minute_is_sampled_once_however_many_look(day: Day) -> None:
    await look(day)
    await day.at(clock(7))
    await told(day, random.Random(1))
    await day.pool.execute("update posko.curve set looked_at = looked_at - interval '2 seconds'")

    taken = await asyncio.gather(*(Sampler(day.pool, CollectorRegistry()).look() for _ in range(4)))

    # The open operation and its lane, each by one of the four.
    assert sum(taken) == 2
    rows = await points(day)
    assert len({(r["code"], r["at"]) for r in rows}) == len(rows)
    assert await look(day) == 0
    await day.at(clock(7, 0, 59))
    assert await look(day) == 0
    await day.at(clock(7, 1))
    assert await look(day) == 2


async def test_who_dies_in_a_sample_leaves_no_part_of_it_and_the_next_takes_it_whole(day: Day) -> None:
    await look(day)
    await day.at(clock(7))
    await told(day, random.Random(2))
    before = await points(day)
    await day.pool.execute("update posko.curve set looked_at = looked_at - interval '2 seconds'")

    async with day.pool.acquire() as connection:
        dying = connection.transaction()
        await dying.start()
        assert (await connection.fetchrow("select * from api.sample_curves($1, 100)", day.operation))["points"] > 0
        # Meanwhile nobody waits for it, and nobody takes it twice.
        assert await Sampler(day.pool, CollectorRegistry()).look() == 1
        await dying.rollback()

    assert await points(day) == before
    assert await look(day) == 1
    assert await vectors(day, clock(7)) == await now_in_rollups(day)


async def test_only_regions_that_moved_have_a_point(day: Day) -> None:
    await look(day)
    first = len(await points(day))
    await day.at(clock(7))
    await day.file(day.small.tps[0], milestone("voting_open"), at=clock(7))
    await look(day)
    await day.at(clock(7, 1))
    await look(day)

    moved = (await points(day))[first:]

    assert [r["code"] for r in moved] == [day.small.root, day.small.kecamatan[0], day.small.kelurahan[0]]
    assert first == 7


async def test_where_nobody_looked_while_something_changed_is_a_gap_and_calm_is_none(day: Day) -> None:
    async def gone(minutes: int) -> None:
        await day.pool.execute("update posko.curve set looked_at = looked_at - make_interval(mins => $1)", minutes)

    await day.pool.execute("update posko.operation set clock_speed = 1 where id = $1", day.operation)
    await look(day)
    await gone(40)
    await day.pool.execute(
        "update posko.operation set clock_at = clock_at + interval '40 minutes' where id = $1", day.operation
    )
    await look(day)
    assert await day.pool.fetchval("select count(*) from posko.curve_gap") == 0

    await told(day, random.Random(3))
    await gone(40)
    await day.pool.execute(
        "update posko.operation set clock_at = clock_at + interval '40 minutes' where id = $1", day.operation
    )
    await look(day)

    (gap,) = await day.pool.fetch("select until_at - from_at as length from posko.curve_gap")
    assert datetime.timedelta(minutes=39) < gap["length"] < datetime.timedelta(minutes=41)


async def test_a_drill_that_begins_anew_forgets_the_hours_to_come(day: Day) -> None:
    for hour in (7, 8, 9):
        await day.at(clock(hour))
        await told(day, random.Random(hour))
        await look(day)

    await day.at(clock(7, 30))
    await look(day)

    assert max(r["at"] for r in await points(day)) == clock(7, 30)
    assert await vectors(day, clock(7, 30)) == await now_in_rollups(day)


async def test_after_two_days_a_quarter_of_an_hour_keeps_its_last_point(day: Day) -> None:
    for minute in range(30):
        await day.at(clock(7, minute))
        await day.file(day.small.tps[minute % 12], incident("rendah"), at=clock(7, minute))
        await look(day)
    ends = {at: await vectors(day, at) for at in (clock(7, 14), clock(7, 29))}

    for minute in range(6):
        await day.at(clock(7 + 49, minute))
        await look(day)

    kept = [r["at"] for r in await points(day) if r["code"] == day.small.root]
    assert kept == [clock(7, 14), clock(7, 29)]
    for moment, was in ends.items():
        assert await vectors(day, moment) == was


async def test_what_is_closed_is_sampled_once_more_and_then_never(day: Day) -> None:
    await look(day)
    await day.at(clock(7, 0, 10))
    await told(day, random.Random(4))
    async with day.pool.acquire() as connection:
        await connection.fetchval("select api.close($1)", day.operation)

    assert await look(day) == 2
    assert await look(day) == 0
    assert (await points(day))[-1]["counters"] == list((await now_in_rollups(day)).values())[-1]


async def test_a_large_operation_is_sampled_down_to_its_kecamatan(pool: db.Pool, small: Small) -> None:
    async with pool.acquire() as connection:
        await connection.execute(
            "insert into posko.node (operation_id, code, parent_id, level, name, utc_offset, path)"
            " select n.operation_id, '31.72.02.' || (2000 + i), n.id, 4, 'Desa ' || i, 7, n.path from posko.node n, generate_series(1, 5000) as i"
            " where n.operation_id = $1 and n.code = '31.72.02'",
            small.operation,
        )
    day = await Day.begin(pool, small)
    await look(day)

    assert {r["level"] for r in await points(day)} == {2, 3}
