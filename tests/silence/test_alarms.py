"""Silence: what was not said by its hour counts, alarms once per kelurahan, grows, shrinks, climbs and closes."""

from __future__ import annotations

import datetime
import itertools
import json
import uuid

import pytest

from posko import db
from tests.factories import Small, incident, milestone
from tests.incidents.ground import DAY, Day, clock


@pytest.fixture
async def day(pool: db.Pool, small: Small) -> Day:
    return await Day.begin(pool, small)


OVERDUE = "milestone.voting_open.overdue"


async def test_one_alarm_per_kelurahan_that_shrinks_and_closes(day: Day) -> None:
    first, second, third = day.small.tps[:3]
    kelurahan = day.small.kelurahan[0]
    await day.at(clock(6, 20))
    for place in day.small.tps:
        await day.file(place, milestone("kpps_present"), at=clock(6))
    for place in (first, *day.small.tps[3:]):
        await day.file(place, milestone("voting_open"), at=clock(7))
    await day.at(clock(7, 14, 59))
    await day.turn()
    assert await day.alarms() == []
    await day.at(clock(7, 15))
    await day.turn()
    assert await day.alarms() == [("belum_lapor", kelurahan, 2, False)]
    assert (await day.counters(day.small.root))[OVERDUE] == 2
    assert (await day.counters(kelurahan))["alarm.belum_lapor"] == 1
    await day.file(second, milestone("voting_open"), at=clock(7, 20))
    await day.turn()
    assert await day.alarms() == [("belum_lapor", kelurahan, 1, False)]
    found = await day.counters(second)
    assert (found["milestone.voting_open.reached"], found["milestone.voting_open.late"]) == (1, 1)
    await day.file(
        third,
        {"kind": "unreachable", "attempts": [{"at": clock(7, 20).isoformat(), "how": "telepon"}]},
        at=clock(7, 21),
    )
    await day.turn()
    assert await day.alarms() == [("belum_lapor", kelurahan, 0, True)]
    top = await day.counters(day.small.root)
    assert OVERDUE not in top
    assert "alarm.belum_lapor" not in top
    assert top["milestone.voting_open.unreachable"] == 1
    assert await day.differences() == []


async def test_it_climbs_by_time_and_at_once_where_many_are_missing(day: Day) -> None:
    await day.at(clock(6, 15))
    for place in day.small.tps[1:]:
        await day.file(place, milestone("kpps_present"), at=clock(6))
    await day.turn()
    (alarm,) = await day.pool.fetch("select id from posko.alarm")
    # One of three is over a quarter: the kecamatan is told at once; half of them it is not.
    assert [f[2] for f in await day.firings(alarm["id"])] == [day.small.kelurahan[0], day.small.kecamatan[0]]
    await day.at(clock(6, 45))
    await day.turn()
    assert [f[2] for f in await day.firings(alarm["id"])][-1] == day.small.root
    assert await day.differences() == []


async def test_an_outage_holds_the_alarms_below_it_until_it_ends(day: Day) -> None:
    await day.at(clock(6))
    outage = "0193a000-0000-7000-8000-000000000001"
    declare = "select api.declare_outage($1, $2, $3, $4, $5, 'seluler', 'BTS padam', $6)"
    who = day.people["supervisor"]
    await day.pool.fetchval(declare, outage, day.operation, *who, day.small.kecamatan[0], clock(9))
    await day.at(clock(6, 15))
    await day.turn()
    held = {
        r["code"]: r["step"]
        for r in await day.pool.fetch(
            "select n.code, e.step from posko.escalation e join posko.node n on n.id = e.node_id"
        )
    }
    assert [held[k] for k in day.small.kelurahan] == [1, 1, 4, 4] or [held[k] == 1 for k in day.small.kelurahan] == [
        True,
        True,
        False,
        False,
    ]
    await day.pool.fetchval(declare, outage, day.operation, *who, None, None)
    await day.at(clock(6, 17))
    await day.turn()
    assert await day.pool.fetchval("select min(step) from posko.escalation") > 1


async def test_an_excuse_takes_it_out_of_what_is_owed(day: Day) -> None:
    await day.at(clock(6, 15))
    await day.turn()
    assert (await day.counters(day.small.root))["milestone.kpps_present.overdue"] == 12
    excuse = "select * from api.excuse($1, $2, $3, $4, 'kpps_present', $5)"
    who = day.people["supervisor"]
    assert (await day.pool.fetchrow(excuse, day.operation, *who, day.small.kelurahan[0], "TPS dipindah"))[
        "changed"
    ] == 3
    found = await day.counters(day.small.root)
    assert (found["milestone.kpps_present.overdue"], found["milestone.kpps_present.excused"]) == (9, 3)
    await day.turn()
    assert ("belum_lapor", day.small.kelurahan[0], 0, True) in await day.alarms()
    assert (await day.pool.fetchrow(excuse, day.operation, *who, day.small.tps[0], None))["changed"] == 1
    found = await day.counters(day.small.root)
    assert (found["milestone.kpps_present.overdue"], found["milestone.kpps_present.excused"]) == (10, 2)
    assert await day.differences() == []


async def test_one_person_alone_excuses_no_area(day: Day) -> None:
    excuse = "select * from api.excuse($1, $2, $3, $4, 'kpps_present', $5)"
    who = day.people["supervisor"]
    with pytest.raises(Exception, match="second person"):
        await day.pool.fetchrow(excuse, day.operation, *who, day.small.root, "banjir")
    for kelurahan in day.small.kelurahan[:3]:  # nor one kelurahan after the other
        await day.pool.fetchrow(excuse, day.operation, *who, kelurahan, "banjir")
    with pytest.raises(Exception, match="second person"):
        await day.pool.fetchrow(excuse, day.operation, *who, day.small.tps[-1], "banjir")
    await day.pool.fetchrow(excuse, day.operation, *who, day.small.kelurahan[0], None)
    await day.pool.fetchrow(excuse, day.operation, *who, day.small.tps[-1], "banjir")
    assert await day.differences() == []


async def test_outages_explain_three_days_of_seven_and_no_more(day: Day) -> None:
    causes = itertools.cycle(["listrik", "seluler", "banjir"])
    declare = "select api.declare_outage($1, $2, $3, $4, $5, $6, 'padam', $7)"

    async def dark(days: float, place: str) -> None:
        await day.at(DAY + datetime.timedelta(days=days))
        who = (day.operation, *day.people["supervisor"])
        until = DAY + datetime.timedelta(days=days + 1)
        await day.pool.fetchval(declare, uuid.uuid4(), *who, place, next(causes), until)

    kelurahan, kecamatan = day.small.kelurahan[0], day.small.kecamatan[0]
    for days in (0, 0.5, 1, 2):  # what overlaps counts once
        await dark(days, kecamatan)
    for place in (kecamatan, kelurahan):  # what lies in it has had its three days too
        with pytest.raises(Exception, match="72 hours of seven days"):
            await dark(3, place)
    await dark(3, day.small.kecamatan[1])
    await dark(7, kelurahan)


async def test_a_silent_kota_is_one_alarm_that_holds_the_others(day: Day) -> None:
    root = await day.pool.fetchrow(
        "select n.id from posko.node n where n.operation_id = $1 and n.level = 4 order by code limit 1", day.operation
    )
    for number in range(101, 130):
        made = await day.pool.fetchval(
            "insert into posko.node (operation_id, code, parent_id, level, name, utc_offset, path)"
            " select operation_id, code || '.' || $2::text, id, 6, 'TPS', utc_offset, path from posko.node where id = $1 returning id", root["id"], str(number),
        )  # fmt: skip
        await day.pool.execute("update posko.node set path = path || id where id = $1", made)
        await day.pool.execute(
            "insert into posko.tps (node_id, number, voters_l, voters_p) values ($1, $2, 0, 0)", made, number
        )
        await day.pool.execute("insert into posko.rollup (node_id, version, counters) values ($1, 1, '{1}')", made)
        await day.pool.execute(
            "update posko.rollup set counters[1] = counters[1] + 1 where node_id in (select unnest(path) from posko.node where id = $1) and node_id <> $1",
            made,
        )
    await day.at(clock(6, 15))
    await day.turn()
    alarms = await day.alarms()
    assert ("kota_diam", day.small.root, 41, False) in alarms
    assert len([a for a in alarms if a[0] == "belum_lapor"]) == 4
    rows = await day.pool.fetch(
        "select a.kind, e.step from posko.escalation e join posko.alarm a on a.id = e.subject_id"
    )
    assert {(r["kind"], r["step"] > 1 or r["kind"] == "kota_diam") for r in rows} == {
        ("kota_diam", True),
        ("belum_lapor", False),
    }
    # Nobody has taken it, and there is nobody left to tell: it hides nothing any more.
    for minute in (47, 49):
        await day.at(clock(6, minute))
        await day.turn()
    rows = await day.pool.fetch(
        "select a.kind, e.state, e.step from posko.escalation e join posko.alarm a on a.id = e.subject_id"
    )
    assert {r["state"] for r in rows if r["kind"] == "kota_diam"} == {"exhausted"}
    assert all(r["step"] > 1 for r in rows if r["kind"] == "belum_lapor")
    for place in [
        r["code"]
        for r in await day.pool.fetch(
            "select code from posko.node where operation_id = $1 and level = 6", day.operation
        )
    ][:30]:
        await day.file(place, milestone("kpps_present"), at=clock(6, 14))
    await day.turn()
    assert ("kota_diam", day.small.root, 11, True) in await day.alarms()
    assert await day.differences() == []


async def test_a_later_hour_frees_who_was_overdue_and_an_earlier_one_catches_them(day: Day) -> None:
    await day.at(clock(7, 30))
    await day.turn()
    assert (await day.counters(day.small.root))[OVERDUE] == 12
    move = "select api.set_milestone($1, 'voting_open', null, null, $2, null, null, null)"
    await day.pool.fetchval(move, day.operation, datetime.time(9))
    await day.turn()
    assert OVERDUE not in await day.counters(day.small.root)
    await day.at(clock(9, 15))
    await day.turn()
    assert (await day.counters(day.small.root))[OVERDUE] == 12
    assert await day.differences() == []


async def test_a_desk_owes_its_taps_and_its_nihil(day: Day) -> None:
    kelurahan = day.small.kelurahan[0]
    account = day.people["operator"][0]
    await day.pool.execute(
        "insert into posko.shift (operation_id, region_code, account_id, began_at, present_at) select $1, $2, $3, at, at from (select posko.now() - interval '2 hours' as at) w",
        day.operation, kelurahan, account,
    )  # fmt: skip
    await day.at(clock(5, 30))
    await day.turn()
    assert await day.alarms() == [("hadir", kelurahan, 1, False)]
    shift = await day.pool.fetchval("select id from posko.shift")
    assert await day.pool.fetchval("select api.tap_presence($1, $2)", shift, account) == kelurahan
    await day.turn()
    assert await day.alarms() == [("hadir", kelurahan, 0, True)]
    made = await day.pool.fetchval(
        "select api.set_duty($1, $2, $3, 4, $4, interval '2 hours')",
        day.operation,
        *day.people["supervisor"],
        clock(5, 40),
    )
    assert made == 4
    await day.at(clock(5, 41))
    await day.turn()
    assert [a[:2] for a in await day.alarms() if a[0] == "nihil"] == [("nihil", k) for k in day.small.kelurahan]
    assert (await day.counters(day.small.root))["alarm.nihil"] == 4
    assert await day.differences() == []


@pytest.mark.parametrize(("vote_on", "observed", "counts"), [(5, 4, 1), (5, 3, 0), (-2, -3, 0)])
async def test_what_is_planned_for_the_day_before_a_revote_counts_on_that_day(
    pool: db.Pool, small: Small, vote_on: int, observed: int, counts: int
) -> None:
    """Days of December; what was observed on the first voting day counts no more, even where the new one is the next."""
    await pool.execute(
        "update posko.milestone set day = -1 where operation_id = $1 and code = 'kpps_present'", small.operation
    )
    day = await Day.begin(pool, small)
    new = datetime.date(2024, 11, 30) + datetime.timedelta(days=vote_on)
    case = await day.file(small.tps[0], incident("tinggi"))
    said = {"kind": "pss", "decider": "KPU", "on": new.isoformat()}
    await day.act(case, "revote", "banjir", by="supervisor", **said)

    seen = clock(6, 10) + datetime.timedelta(days=3 + observed)
    await day.file(small.tps[0], milestone("kpps_present"), at=seen)

    found = await day.counters(small.tps[0])
    assert [found.get(f"milestone.kpps_present.{c}", 0) for c in ("reached", "late")] == [counts, 0]
    assert await day.differences() == []


async def test_a_nihil_that_was_taken_back_is_none(day: Day) -> None:
    kelurahan = day.small.kelurahan[0]
    set_duty = "select api.set_duty($1, $2, $3, 4, $4, interval '2 hours')"
    await day.pool.execute(set_duty, day.operation, *day.people["supervisor"], clock(5, 40))
    await day.at(clock(5, 30))
    said = await day.file(kelurahan, {"kind": "nihil"})
    await day.file(kelurahan, {"kind": "correction", "of": str(said), "reason": "salah wilayah"})
    await day.file(day.small.kelurahan[1], {"kind": "nihil"})
    await day.at(clock(5, 41))
    await day.turn()
    owed = [place for kind, place, _, _ in await day.alarms() if kind == "nihil"]
    assert owed == [k for k in day.small.kelurahan if k != day.small.kelurahan[1]]


async def test_alarms_climb_by_the_rule_of_their_stage(day: Day) -> None:
    rules = [
        {
            "name": "pagi",
            "about": "alarm",
            "stages": ["pemungutan"],
            "steps": [{"tier": 2, "after_s": 0, "channels": []}],
        },
        {"name": "biasa", "about": "alarm", "steps": [{"tier": 4, "after_s": 0, "channels": []}]},
    ]
    rest = {"repeats": 0, "repeat_after_min": 30, "acknowledge_within_min": 5, "resolve_within_min": 60}
    said = json.dumps([r | rest for r in rules])
    await day.pool.fetchval("select api.set_rules($1, $2, $3, $4)", day.operation, *day.people["supervisor"], said)
    chosen = {}
    for hour, kind in ((6, "kpps_present"), (8, "voting_open")):
        await day.at(clock(hour, 30))
        await day.turn()
        chosen[kind] = await day.pool.fetchval(
            "select distinct e.rule from posko.escalation e join posko.alarm a on a.id = e.subject_id join posko.milestone m on m.operation_id = a.operation_id and m.subject_id = a.subject_id where m.code = $1 and a.kind = 'belum_lapor'",
            kind,
        )
    assert chosen == {"kpps_present": "biasa", "voting_open": "pagi"}


async def test_whoever_accepts_an_alarm_may_say_what_they_do(day: Day) -> None:
    await day.at(clock(6, 15))
    await day.turn()
    (alarm,) = await day.pool.fetch(
        "select a.id from posko.alarm a join posko.node n on n.id = a.node_id where n.code = $1", day.small.kelurahan[0]
    )
    accept = "select version from api.acknowledge_alarm($1, $2, $3, $4)"
    who = (alarm["id"], *day.people["supervisor"])

    version = await day.pool.fetchval(accept, *who, "regu menuju TPS")

    assert await day.pool.fetchval(accept, *who, "regu menuju TPS") == version
    assert await day.pool.fetchval(accept, *who, None) == version
    with pytest.raises(Exception, match="accepted already"):
        await day.pool.fetchval(accept, *who, "lain lagi")
    page = "select * from api.alarms_page($1, $2, null, true, null, null, null, 10)"
    (row,) = await day.pool.fetch(page, day.operation, day.small.kelurahan[0])
    assert (row["acknowledged_by"], row["acknowledged_said"]) == ("supervisor", "regu menuju TPS")
    assert [(told["desk"], told["tier"], told["outcome"]) for told in json.loads(row["told"])] == [
        (day.small.kelurahan[0], "kelurahan", "told"),
        (day.small.kecamatan[0], "kecamatan", "told"),
        (day.small.root, "kabkota", "told"),
    ]
