"""What somebody with a seat could do to keep an incident or an alarm from those who have to know of it, and why it does not work."""

from __future__ import annotations

import json
import uuid
from typing import Any

import msgspec
import pytest

from posko.errors import Invalid
from posko.incidents import rule
from tests.factories import incident, make_account, milestone
from tests.incidents.ground import Day, clock


async def with_desks(day: Day) -> Day:
    """The day with a desk at the kelurahan and the kecamatan of the first TPS, and one elsewhere."""
    tps = day.small.tps[0]
    async with day.pool.acquire() as connection:
        await make_account(connection, "kel", "operator", tps[:-4])
        await make_account(connection, "kec", "operator", tps[:8])
        await make_account(connection, "kel-sup", "supervisor", tps[:-4])
        await make_account(connection, "lain", "operator", day.small.kelurahan[-1])
    again = await Day.begin(day.pool, day.small)
    await again.at(clock(8))
    return again


def correction(of: uuid.UUID, replacement: dict[str, Any] | None = None) -> dict[str, Any]:
    said = {"kind": "correction", "of": str(of), "reason": "salah lapor"}
    return said if replacement is None else {**said, "replacement": replacement}


async def test_nobody_voids_anothers_incident_by_withdrawing_the_own_correction_of_it(day: Day) -> None:
    day = await with_desks(day)
    tps = day.small.tps[0]
    case = await day.file(tps, incident("kritis"))
    mine = await day.file(tps, correction(case, incident("kritis")), by="kel")
    with pytest.raises(AssertionError, match="second_person"):
        await day.file(tps, correction(mine), by="kel")
    assert (await day.incident(case))["status"] == "baru"


async def test_nobody_voids_anothers_incident_by_saying_that_it_was_something_else(day: Day) -> None:
    day = await with_desks(day)
    tps = day.small.tps[0]
    case = await day.file(tps, incident("kritis"))
    for other in ({"kind": "nihil"}, milestone("kpps_present")):
        with pytest.raises(AssertionError, match="second_person"):
            await day.file(tps, correction(case, other), by="kel")
    assert (await day.incident(case))["status"] == "baru"
    # Whoever filed it may.
    await day.file(tps, correction(case, {"kind": "nihil"}))
    assert (await day.incident(case))["status"] == "batal"


async def test_a_report_joins_no_incident_beyond_its_seat(day: Day) -> None:
    day = await with_desks(day)
    case = await day.file(day.small.tps[0], incident("rendah"))
    elsewhere = day.small.tps[-1]
    made = await day.file(elsewhere, incident("kritis", text="milik orang lain", joins=str(case)), by="lain")
    found = await day.incident(case)
    assert (found["severity"], found["reports"], found["summary"]) == (1, 1, "surat suara kurang")
    assert (await day.incident(made))["place"] == elsewhere
    assert await day.differences() == []


async def test_what_joins_an_incident_that_is_over_is_one_of_its_own(day: Day) -> None:
    case = await day.file(day.small.tps[0], incident("rendah"))
    for action in ("acknowledgement", "resolution", "closure"):
        await day.act(case, action, "selesai")
    made = await day.file(day.small.tps[0], incident("kritis", joins=str(case)))
    assert (await day.incident(made))["status"] == "baru"
    assert (await day.incident(case))["reports"] == 1


@pytest.mark.parametrize("field", ["kinds", "severities", "stages"])
def test_a_rule_for_nothing_is_no_rule_for_everything(field: str) -> None:
    said = {
        "name": "semua", "about": "incident", "steps": [{"tier": "kabkota", "after_s": 0}],
        "acknowledge_within_min": 5, "resolve_within_min": 60, field: [],
    }  # fmt: skip
    rest = [{**said, "about": about, field: None} for about in ("alarm", "directive")]
    with pytest.raises((Invalid, msgspec.ValidationError)):
        rule.as_rows(msgspec.convert([said, *rest], list[rule.Rule]))


async def test_what_has_climbed_past_a_desk_is_not_put_to_rest_by_it(day: Day) -> None:
    day = await with_desks(day)
    tps = day.small.tps[0]
    small = await day.file(tps, incident("kritis"))
    case = await day.file(tps, incident("kritis"))
    await day.turn()
    await day.at(clock(8, 3))
    await day.turn()
    said: list[tuple[str, dict[str, Any]]] = [
        ("snooze", {"minutes": 30}),
        ("merge", {"into": str(small)}),
        ("parent", {"parent": str(small)}),
        ("classification", {"category": "logistik", "severity": "rendah"}),
    ]
    for action, details in said:
        with pytest.raises(Exception, match="has climbed"):
            await day.act(case, action, "tidak apa-apa", by="kel", **details)
    await day.act(case, "classification", "lain", by="kel", category="lain", severity="kritis")
    await day.act(case, "snooze", "sebentar", by="kec", minutes=30)


async def test_a_rest_is_followed_by_a_step(day: Day) -> None:
    await day.at(clock(8))
    case = await day.file(day.small.tps[0], incident("kritis"))
    await day.act(case, "snooze", "menunggu damkar", minutes=30)
    await day.at(clock(8, 29))
    with pytest.raises(Exception, match="rests"):
        await day.act(case, "snooze", "menunggu damkar lagi", minutes=30)
    await day.at(clock(8, 30))
    with pytest.raises(Exception, match="rests"):
        await day.act(case, "snooze", "menunggu damkar lagi", minutes=30)
    await day.turn()
    await day.act(case, "snooze", "menunggu damkar lagi", minutes=30)


async def test_what_becomes_graver_rests_no_more(day: Day) -> None:
    await day.at(clock(8))
    case = await day.file(day.small.tps[0], incident("rendah"))
    await day.act(case, "snooze", "nanti", minutes=240)
    await day.act(case, "classification", "ternyata gawat", category="logistik", severity="kritis")
    await day.turn()
    assert len(await day.firings(case)) == 1


async def test_what_is_graver_is_not_hidden_behind_something_small(day: Day) -> None:
    await day.at(clock(8))
    small = await day.file(day.small.tps[0], incident("rendah"))
    case = await day.file(day.small.tps[1], incident("kritis"))
    await day.act(case, "parent", parent=str(small))
    await day.turn()
    assert len(await day.firings(case)) == 1
    with pytest.raises(Exception, match="graver"):
        await day.act(case, "merge", "sama", into=str(small))
    await day.act(small, "merge", "sama", into=str(case))


async def test_words_do_not_hold_what_is_past_its_hour(day: Day) -> None:
    await day.at(clock(8))
    case = await day.file(day.small.tps[0], incident("kritis"))
    await day.turn()
    await day.act(case, "acknowledgement")
    for minute in range(10, 80, 10):
        await day.at(clock(8 + minute // 60, minute % 60))
        await day.turn()
        await day.act(case, "comment", f"masih dikerjakan, {minute}")
    # Its hour to be solved was nine; the last word that held it came before that.
    assert "quiet" in await day.log(case)


async def test_an_alarm_is_accepted_once_by_the_tier_that_it_has_climbed_to(day: Day) -> None:
    day = await with_desks(day)
    accept = "select * from api.acknowledge_alarm($1, $2, $3)"
    await day.turn()
    alarm = await day.pool.fetchval(
        "select a.id from posko.alarm a join posko.node n on n.id = a.node_id where n.code = $1 and a.kind = 'belum_lapor' limit 1",
        day.small.kelurahan[0],
    )
    for minute in (5, 20, 40):
        await day.at(clock(8, minute))
        await day.turn()
    with pytest.raises(Exception, match="has climbed"):
        await day.pool.fetchrow(accept, alarm, *day.people["kel"])
    first = await day.pool.fetchrow(accept, alarm, *day.people["operator"])
    assert (await day.pool.fetchrow(accept, alarm, *day.people["operator"]))["version"] == first["version"]
    with pytest.raises(Exception, match="accepted already"):
        await day.pool.fetchrow(accept, alarm, *day.people["supervisor"])
    await day.pool.execute(
        "update posko.escalation set state = 'climbing', next_at = posko.now() where subject_id = $1", alarm
    )
    await day.pool.execute("select api.close($1)", day.operation)
    with pytest.raises(Exception, match="is closed"):
        await day.pool.fetchrow(accept, alarm, *day.people["operator"])


async def test_a_revote_is_of_tps_within_the_seat_and_stays_decided(day: Day) -> None:
    day = await with_desks(day)
    whole = await day.file(day.small.tps[0], incident("tinggi"))
    part = await day.file(day.small.tps[-1], incident("tinggi"))
    await day.act(part, "parent", parent=str(whole))

    async def decide(who: str, kind: str, on: str | None) -> None:
        said = {"kind": kind, "decider": "KPU", "by": "2024-12-07T00:00:00+07:00", "on": on}
        act = "select * from api.act_on_incident($1, $2, $3, 'revote', 'desk', 'diputus', $4)"
        await day.pool.fetchrow(act, whole, *day.people[who], json.dumps(said))

    with pytest.raises(Exception, match="beyond"):
        await decide("kel-sup", "psu", "2024-12-04")
    assert await day.pool.fetchval("select count(*) from posko.revote") == 0
    for kind, far in (("psu", "2026-01-01"), ("psu", "9999-12-31"), ("psl", "0001-01-01")):
        with pytest.raises(Exception, match="new day"):
            await decide("supervisor", kind, far)
    await decide("supervisor", "psu", "2024-12-04")
    with pytest.raises(Exception, match="decided"):
        await decide("supervisor", "psu", None)
    assert await day.differences() == []


async def test_maintenance_is_of_the_whole_operation(day: Day) -> None:
    day = await with_desks(day)
    declare = "select api.declare_outage($1, $2, $3, $4, $5, $6, 'server dipindah', $7)"
    place = day.small.kelurahan[0]
    who = day.people["kel-sup"]
    with pytest.raises(Exception, match="maintenance"):
        await day.pool.fetchval(declare, uuid.uuid4(), day.operation, *who, place, "pemeliharaan", clock(9))
    await day.pool.fetchval(declare, uuid.uuid4(), day.operation, *who, place, "listrik", clock(9))
    await day.pool.fetchval(
        declare, uuid.uuid4(), day.operation, *day.people["supervisor"], place, "pemeliharaan", clock(9)
    )


async def test_whose_outage_it_is_is_not_told(day: Day) -> None:
    day = await with_desks(day)
    declare = "select api.declare_outage($1, $2, $3, $4, $5, 'listrik', 'padam total', $6)"
    outage, elsewhere = uuid.uuid4(), day.small.kelurahan[-1]
    await day.pool.fetchval(declare, outage, day.operation, *day.people["supervisor"], elsewhere, clock(9))
    with pytest.raises(Exception, match="there is no") as refused:
        await day.pool.fetchval(
            declare, outage, day.operation, *day.people["kel-sup"], day.small.kelurahan[0], clock(9)
        )
    assert elsewhere not in str(refused.value)


async def test_a_duty_that_is_no_more_leaves_no_alarm_behind(day: Day) -> None:
    duty = "select api.set_duty($1, $2, $3, 4, $4, $5::text::interval)"
    who = day.people["supervisor"]
    await day.pool.fetchval(duty, day.operation, *who, clock(5, 40), "2 hours")
    await day.at(clock(5, 41))
    await day.turn()
    assert len([a for a in await day.alarms() if a[0] == "nihil" and not a[3]]) == 4
    await day.pool.fetchval(duty, day.operation, *who, clock(5, 40), None)
    await day.turn()
    assert [a for a in await day.alarms() if a[0] == "nihil" and not a[3]] == []
    assert await day.differences() == []


async def test_the_clock_of_a_closed_drill_stands(day: Day) -> None:
    await day.pool.execute("select api.close($1)", day.operation)
    with pytest.raises(Exception, match="is closed"):
        await day.pool.fetchval(
            "select api.set_clock($1, $2, $3, $4, 1)", day.operation, *day.people["supervisor"], clock(4)
        )


async def test_another_name_for_it_wins_no_time(day: Day) -> None:
    await day.at(clock(8))
    case = await day.file(day.small.tps[0], incident("kritis"))
    await day.turn()
    for minute in range(1, 5):
        await day.at(clock(8, minute))
        await day.act(case, "classification", "bukan itu", category=("lain", "logistik")[minute % 2], severity="kritis")
        await day.turn()
    found = await day.incident(case)
    assert found["tier"] < 4
    assert found["acknowledge_by"] == clock(8, 3)
    assert found["overdue_at"] is not None


async def test_lowering_and_raising_it_wins_no_time(day: Day) -> None:
    await day.at(clock(8))
    case = await day.file(day.small.tps[0], incident("kritis"))
    await day.turn()
    for minute in range(1, 9):
        await day.at(clock(8, minute))
        severity = ("kritis", "rendah")[minute % 2]
        due = (await day.incident(case))["next_at"] or clock(8, minute)
        await day.act(case, "classification", "ternyata begini", category="logistik", severity=severity)
        assert (await day.incident(case))["next_at"] <= due
        await day.turn()
    found = await day.incident(case)
    assert {f[2] for f in await day.firings(case)} == {day.small.tps[0][:n] for n in (-4, 8, 5)}
    assert (found["acknowledge_by"], found["overdue_at"] is not None) == (clock(8, 3), True)
    for minute in range(9, 21):
        await day.at(clock(8, minute))
        severity = ("kritis", "rendah")[minute % 2]
        await day.act(case, "classification", "ternyata begini", category="logistik", severity=severity)
    with pytest.raises(Exception, match="classified 20 times"):
        await day.act(case, "classification", "ternyata begini", category="logistik", severity="rendah")


async def test_handing_it_down_wins_no_time_and_is_done_thrice(day: Day) -> None:
    await day.at(clock(8))
    case = await day.file(day.small.tps[0], incident("tinggi"))
    await day.turn()
    for hour in (9, 10, 11):
        await day.at(clock(hour))
        await day.turn()
        await day.act(case, "escalation", "butuh bantuan")
        await day.act(case, "acknowledgement")
        due = (await day.incident(case))["next_at"]
        await day.act(case, "delegation", "selesaikan di bawah", tier=3)
        assert (await day.incident(case))["next_at"] <= due
    await day.act(case, "escalation", "butuh bantuan")
    with pytest.raises(Exception, match="handed down 3 times"):
        await day.act(case, "delegation", "selesaikan di bawah", tier=3)


async def test_what_is_accepted_and_becomes_critical_is_flagged_and_climbs(day: Day) -> None:
    day = await with_desks(day)
    tps = day.small.tps[0]
    kelurahan, kecamatan, kota = tps[:-4], tps[:8], tps[:5]
    case = await day.file(tps, incident("rendah"))
    await day.turn()
    await day.act(case, "acknowledgement", by="kel")
    await day.file(tps, incident("sedang", joins=str(case)))
    await day.file(tps, incident("kritis", joins=str(case)))
    found = await day.incident(case)
    assert (found["severity"], found["alleged"], found["status"], found["state"]) == (1, 4, "diterima", "climbing")
    assert found["resolve_by"] == clock(9)
    assert (await day.log(case))[-3:] == ["alleged", "report", "alleged"]
    for minute in (0, 3, 7):  # the same again moves nothing
        await day.at(clock(8, minute))
        await day.turn()
        await day.file(tps, incident("kritis", joins=str(case)))
    assert [f[2] for f in await day.firings(case)][-2:] == [kelurahan, kecamatan]
    await day.at(clock(8, 8))
    await day.turn()
    assert (await day.firings(case))[-1][2] == kota
    with pytest.raises(Exception, match="has climbed"):
        await day.act(case, "classification", "tidak segawat itu", by="kel", category="logistik", severity="rendah")
    await day.act(case, "classification", "tidak segawat itu", category="logistik", severity="rendah")
    assert (await day.incident(case))["alleged"] is None
    # Said again after that judgement, it is judged again; it goes on from where it was.
    await day.file(tps, incident("kritis", joins=str(case)))
    again = await day.incident(case)
    assert (again["alleged"], again["state"], again["next_at"] <= clock(8, 38)) == (4, "climbing", True)
    assert await day.differences() == []


async def test_a_request_is_answered_by_whom_it_was_addressed_to_or_above(day: Day) -> None:
    day = await with_desks(day)
    tps = day.small.tps[0]
    case = await day.file(tps, incident("tinggi"))
    for nobody in (day.small.kecamatan[1], "31.72.09", tps, "polri", "tak_ada"):  # of the police nobody has a seat here
        with pytest.raises(Exception, match="nobody is there"):
            await day.act(case, "advice", "boleh buka lagi?", by="kel", addressee=nobody)
    await day.act(case, "advice", "boleh buka lagi?", by="kel", addressee=tps[:8])
    await day.act(case, "referral", "mohon patroli", by="kel", addressee="polri")
    with pytest.raises(Exception, match="addressed to"):
        await day.act(case, "advice_given", "boleh", by="kel", number=1)
    await day.act(case, "advice_given", "boleh", by="kec", number=1)
    await day.act(case, "referral_done", "sudah ke sana", by="kel", number=2)
    await day.act(case, "advice", "dan nanti?", by="kec", addressee=tps[:8])
    await day.act(case, "advice_given", "tunggu", number=3)
    await day.pool.execute("update posko.account set institution = 'polri' where username = 'kel-sup'")
    await day.act(case, "advice", "perlu pengamanan?", by="kec", addressee="polri")
    with pytest.raises(Exception, match="addressed to"):
        await day.act(case, "advice_given", "perlu", number=4)
    await day.act(case, "advice_given", "perlu", by="kel-sup", number=4)


async def test_an_approval_is_for_whoever_asked(day: Day) -> None:
    case = await day.file(day.small.tps[0], incident("kritis"))
    ask = "insert into posko.approval (kind, operation_id, region_code, details, reason, requested_by, requested_in, requested_at, expires_at, decided_by, decided_at, decision) select 'void_incident', $1, $2, json_build_object('incident', $3::text), 'salah lapor', $4, 1, at, at + interval '1 day', $5, at, 'approved' from posko.now() as at returning id"
    people = (day.people["operator"][0], day.people["supervisor"][0])
    made = await day.pool.fetchval(ask, day.operation, day.small.root, str(case), *people)
    with pytest.raises(Exception, match="second person"):
        await day.act(case, "void", "salah lapor", by="supervisor", approval=made)
    await day.act(case, "void", "salah lapor", approval=made)
