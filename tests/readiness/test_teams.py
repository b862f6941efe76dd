"""Teams: lists whole or not at all, marks that add up, and only within the seat."""

from __future__ import annotations

import asyncpg
import pytest

from tests.factories import make_account
from tests.incidents.ground import Day
from tests.readiness.lists import ids, mark, set_teams, team


async def test_a_list_is_set_changed_and_counted_where_it_lies(day: Day) -> None:
    one, two, *_ = day.small.kelurahan
    kecamatan = day.small.kecamatan[0]
    made = await set_teams(day, day.small.root, team(one), team(one, "Tim 2"), team(two), team(kecamatan))
    assert (made["standing"], made["withdrawn"]) == (4, 0)
    known = await day.pool.fetchval(
        "select t.id from posko.team t join posko.node n on n.id = t.node_id where n.code = $1 and n.operation_id = $2 and t.name = 'Tim 2'",
        one, day.operation,
    )  # fmt: skip
    await mark(day, known, "briefing")
    await mark(day, known, "presence")
    expected = {"team.total": 4, "team.briefed": 1, "team.present": 1}
    assert {k: v for k, v in (await day.counters(day.small.root)).items() if "team" in k} == expected

    # Who stays on the list keeps the marks, under another spelling too; a part of the tree leaves the others alone.
    again = await set_teams(day, one, team(one, "TIM 2", members=6))
    assert (again["standing"], again["withdrawn"], again["version"] > made["version"]) == (1, 1, True)
    counted = await day.counters(one)
    assert (counted["team.total"], counted["team.present"]) == (1, 1)
    assert (await day.counters(kecamatan))["team.total"] == 3
    assert (await ids(day, "team"))["TIM 2"] == known
    assert await day.differences() == []


async def test_marks_are_given_once_and_taken_back(day: Day) -> None:
    await set_teams(day, day.small.root, team(day.small.kelurahan[0]))
    known = (await ids(day, "team"))["Tim 1"]
    first = await mark(day, known, "presence")
    assert first["version"] is not None
    assert (await mark(day, known, "presence", by="supervisor"))["version"] is None
    assert (
        await day.pool.fetchval("select present_by from posko.team where id = $1", known) == day.people["operator"][0]
    )
    assert (await day.counters(day.small.root))["team.present"] == 1
    assert (await mark(day, known, "presence", False))["version"] == first["version"] + 1
    assert "team.present" not in await day.counters(day.small.root)
    assert await day.differences() == []


async def test_a_region_that_is_not_there_refuses_the_whole_list(day: Day) -> None:
    before = await day.pool.fetchval("select version from posko.operation where id = $1", day.operation)
    for bad in ("31.72.09.1001", "31.73.01.1001", day.small.tps[0]):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await set_teams(day, day.small.root, team(day.small.kelurahan[0]), team(bad))
        assert refused.value.sqlstate == "PK405"
    assert await ids(day, "team") == {}
    assert await day.pool.fetchval("select version from posko.operation where id = $1", day.operation) == before


async def test_beyond_the_seat_there_is_nothing(day: Day) -> None:
    await set_teams(day, day.small.root, team(day.small.kelurahan[0]))
    known = (await ids(day, "team"))["Tim 1"]
    async with day.pool.acquire() as connection:
        await make_account(connection, "sebelah", "supervisor", day.small.kelurahan[1])
    day = await Day.begin(day.pool, day.small)
    for attempt in (
        mark(day, known, "briefing", by="sebelah"),
        mark(day, known, "briefing", by="wall"),
        mark(day, 999_999, "briefing"),
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await attempt
        assert refused.value.sqlstate == "PK406"
    for attempt in (
        set_teams(day, day.small.kelurahan[0], by="sebelah"),
        set_teams(day, day.small.kelurahan[0], by="operator"),
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await attempt
        assert refused.value.sqlstate == "PK405"


async def test_a_lane_has_no_teams_and_none_of_their_counters(day: Day) -> None:
    lane = await day.pool.fetchval("select id from posko.operation where restricts = $1", day.operation)
    names = {r["name"] for r in await day.pool.fetch("select name from posko.counter where operation_id = $1", lane)}
    assert not [n for n in names if n.startswith(("team", "guard"))]
    day.operation = lane
    with pytest.raises(asyncpg.PostgresError) as refused:
        await set_teams(day, day.small.root, team(day.small.kelurahan[0]))
    assert refused.value.sqlstate == "PK405"
