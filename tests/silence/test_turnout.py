"""Turnout is awaited every hour; what was not said is hinted at, never invented."""

from __future__ import annotations

import pytest

from posko import db
from tests.factories import Small, turnout
from tests.incidents.ground import Day, clock


@pytest.fixture
async def day(pool: db.Pool, small: Small) -> Day:
    return await Day.begin(pool, small)


async def _hints(day: Day, code: str) -> dict[str, tuple[int, int, int, int | None]]:
    rows = await day.pool.fetch("select * from api.turnout_hints($1, $2)", day.operation, code)
    return {r["code"]: (r["heard"], r["awaited"], r["voted"], r["hint"]) for r in rows}


async def test_a_hint_is_made_of_those_heard_and_counted_nowhere(day: Day) -> None:
    first, second = day.small.kecamatan
    await day.file(day.small.tps[0], turnout(40, 50), at=clock(9))
    await day.file(day.small.tps[1], turnout(20, 40), at=clock(9, 50))
    await day.at(clock(10, 20))
    # 150 of the 600 of two TPS: 450 of the 1800 of six. Nothing was heard from the other kecamatan: no hint.
    assert await _hints(day, day.small.root) == {first: (2, 5, 150, 450), second: (0, 6, 0, None)}
    assert await _hints(day, day.small.tps[0]) == {day.small.tps[0]: (1, 1, 90, 90)}
    assert (await day.counters(day.small.root))["turnout.dpt_l"] == 60
    await day.at(clock(13, 30))
    assert (await _hints(day, first))[day.small.kelurahan[0]] == (2, 0, 150, 225)
    await day.file(day.small.tps[0], turnout(41, 50), at=clock(11))
    assert (await _hints(day, day.small.tps[0]))[day.small.tps[0]][2] == 91
