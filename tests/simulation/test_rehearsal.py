"""What goes beside a played day: the drill's clock keeps to what was sent, desks accept, call, merge and gather."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import itertools
import uuid

import pytest

from posko import db
from posko.reports.report import Milestone, Unreachable
from posko.simulation import calls, casework, piket
from posko.simulation.calls import Call, SeenAlarm
from posko.simulation.casework import Floods, Move, Seen
from posko.simulation.day import Day
from posko.simulation.drive import play
from posko.simulation.player import Order
from posko.simulation.roster import MINUTE_MS, moment
from posko.simulation.scenario import ordinary
from tests.factories import PASSWORD, Small, make_account
from tests.running import Running
from tests.simulation.places import GROUND, city

NOON = GROUND.midnight_ms(7) + 12 * 60 * MINUTE_MS
ORDER = ("acknowledgement", "verification", "handling", "resolution", "closure")


def seen(n: int, *, place: str = "31.72.01.1001.001", category: str = "logistik.kurang") -> Seen:
    opened = moment(NOON, 7)
    by = opened + datetime.timedelta(minutes=20)
    return Seen(uuid.UUID(int=n), place, "baru", "sedang", category, "kelurahan", opened, by)


def test_desks_do_the_same_for_the_same_seed_and_leave_some_alone() -> None:
    planned = [casework.plan(5, seen(n), NOON) for n in range(2000)]
    assert planned == [casework.plan(5, seen(n), NOON) for n in range(2000)]
    assert planned != [casework.plan(6, seen(n), NOON) for n in range(2000)]
    nouns = [[m.noun for m in sorted(moves, key=lambda m: m.at_ms)] for moves in planned]
    untouched = sum("acknowledgement" not in n for n in nouns)
    forgotten = sum("acknowledgement" in n and "resolution" not in n for n in nouns)
    twice = sum("again" in n for n in nouns)
    for found, share in (
        (untouched, casework.UNTOUCHED),
        (forgotten, casework.FORGOTTEN),
        (twice, casework.TOLD_TWICE),
    ):
        assert abs(found / 2000 - share) < 0.03
    for moves in nouns:
        steps = [n for n in moves if n in ORDER and n != "verification"]
        assert steps == [n for n in ORDER if n in steps]


def test_what_is_worked_on_is_spoken_of_before_it_climbs_again() -> None:
    for n in range(500):
        moves = sorted(casework.plan(5, seen(n), NOON), key=lambda m: m.at_ms)
        worked = [m.at_ms for m in moves if m.noun != "again"]
        if any(m.noun == "resolution" for m in moves):
            assert max(b - a for a, b in itertools.pairwise(worked)) <= 15 * MINUTE_MS


def test_the_third_flooded_tps_of_a_kelurahan_makes_one_incident_of_them() -> None:
    floods = Floods()
    wet = [seen(n, place=f"31.72.02.1002.{n:03d}", category="bencana.banjir") for n in range(1, 6)]
    assert floods.see(wet[0], NOON) == floods.see(wet[1], NOON) == []
    assert floods.see(seen(9, place="31.72.02.1001.001", category="bencana.banjir"), NOON) == []
    (gathering,) = floods.see(wet[2], NOON)
    assert (gathering.noun, gathering.place) == ("gathering", "31.72.02.1002")
    assert floods.see(wet[3], NOON) == []
    parent = uuid.UUID(int=77)
    joined = floods.gather("31.72.02.1002", parent, NOON)
    assert [m.subject for m in joined] == [w.id for w in wet[:4]]
    (last,) = floods.see(wet[4], NOON)
    assert (last.subject, last.body["parent"]) == (wet[4].id, str(parent))


def test_alarms_are_looked_into_and_their_tps_called_until_they_have_something_to_say() -> None:
    alarms = [
        SeenAlarm(uuid.UUID(int=n), "belum_lapor", "31.72.01.1001", "voting_open", "kelurahan", None)
        for n in range(1000)
    ]
    nouns = [[m.noun for m in calls.plan_alarm(5, a, NOON)] for a in alarms]
    assert abs(sum("acknowledgement" in n for n in nouns) / 1000 - calls.ACKNOWLEDGED) < 0.05
    assert abs(sum("calls" in n for n in nouns) / 1000 - calls.CALLED) < 0.05
    move = Move(NOON, uuid.UUID(int=1), "31.72.01.1001", "calls", {"milestone": "voting_open"})
    rounds = [move]
    while (again := calls.next_round(rounds[-1])) is not None:
        rounds.append(again)
    assert len(rounds) == calls.ROUNDS
    how = (5, 7, 7)
    assert calls.told(move, "31.72.01.1001.001", Call(True), how) is None
    silent = calls.told(move, "31.72.01.1001.001", Call(False), how)
    assert silent is not None
    assert isinstance(silent.content, Unreachable)
    assert len(silent.content.attempts) == 3
    told = calls.told(move, "31.72.01.1001.001", Call(True, Milestone("voting_open"), NOON - 1000), how)
    assert told is not None
    assert (told.on_behalf_of, told.channel) == ("Ketua KPPS TPS 001", "telepon")
    assert told == calls.told(move, "31.72.01.1001.001", Call(True, Milestone("voting_open"), NOON - 1000), how)


def test_who_is_called_says_what_they_saw_and_nothing_before_they_saw_it() -> None:
    roster = city(4, 20)
    day = Day(GROUND, roster, seed=3, scenario=ordinary())
    answers = {t.code: day.call(t.code, "voting_open", NOON) for t in roster}
    assert 0 < sum(not a.answered for a in answers.values()) < 30
    early = GROUND.midnight_ms(7) + 6 * 60 * MINUTE_MS
    for code, late in answers.items():
        if late.answered:
            assert late.observed_ms <= NOON
            before = day.call(code, "voting_open", early)
            assert before.content is None or before.observed_ms <= early


def test_a_few_desks_stay_empty_and_a_nation_keeps_its_piket_above_the_kelurahan() -> None:
    roster = city(31, 3)
    desks = piket.desks_of(roster, "31.72", 4)
    kelurahan = [d for d in desks if len(d) == 13]
    assert 31 * 0.7 < len(kelurahan) < 31
    assert {"31.72", "31.72.01"} < set(desks)
    assert "31" not in desks
    wide = [tps for k in range(10, 21) for tps in city(140, 1, root=f"31.{k}")]
    assert {len(d) for d in piket.desks_of(wide, "31", 4)} == {2, 5, 8}


@pytest.mark.alone
async def test_the_drills_clock_goes_with_the_day_and_never_back(
    running: Running, served: Small, server_pool: db.Pool
) -> None:
    async with server_pool.acquire() as connection:
        await make_account(connection, "simulasi", "system", served.root)
        await make_account(connection, "meja", "operator", served.root)
    operation = served.operation
    shows = "select api.clock(o), o.clock_speed from posko.operation o where id = $1"
    order = Order(
        url=running.url, username="simulasi", password=PASSWORD, operation=operation, speed=9000.0,
        desk_accounts=(("meja", PASSWORD),),
    )  # fmt: skip
    playing = asyncio.create_task(play(order))
    clocks = []
    while not playing.done():
        clocks.append(tuple(await server_pool.fetchrow(shows, operation)))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(playing), 0.1)
    final = await playing
    assert (final.refused, final.unsent) == (0, 0)
    drilled_clocks = [(at, speed) for at, speed in clocks if speed is not None]
    drilled = [at for at, _ in drilled_clocks]
    assert drilled[0] < moment(GROUND.midnight_ms(7), 7), "H-1 is played too"
    assert all(b >= a for a, b in itertools.pairwise(drilled))
    # While the day is late its clock stands; how often it is depends on the machine.
    assert {speed for _, speed in drilled_clocks} <= {0.0, 1.0, 9000.0}
    assert len(set(drilled)) > 10
    ended, speed = await server_pool.fetchrow(shows, operation)
    last = await server_pool.fetchval("select max(observed_at) from posko.report where operation_id = $1", operation)
    # A day of this drill is ten seconds of the wall: so much may pass until its clock is told to go slowly.
    assert last <= ended < last + datetime.timedelta(hours=24)
    assert speed == 1.0
    assert await server_pool.fetchval("select count(*) from posko.shift where operation_id = $1", operation) >= 5


async def test_a_live_operations_clock_is_left_alone(running: Running, served: Small, server_pool: db.Pool) -> None:
    async with server_pool.acquire() as connection:
        await make_account(connection, "simulasi", "system", served.root)
        await connection.execute("update posko.operation set mode = 'live' where id = $1", served.operation)
    notes: list[str] = []
    order = Order(url=running.url, username="simulasi", password=PASSWORD, operation=served.operation, speed=None, limit_reports=20)  # fmt: skip
    final = await play(order, on_note=notes.append)
    assert final.accepted + final.duplicate >= 20
    assert any("jam dinding" in note for note in notes)
    assert await server_pool.fetchval("select clock_at from posko.operation where id = $1", served.operation) is None
