"""Incidents climb by themselves, stop when somebody takes them, and climb again when nothing more is heard."""

from __future__ import annotations

import datetime
import json

import pytest

from posko import errors
from tests.factories import incident, make_account
from tests.incidents.ground import Day, clock


async def test_an_untouched_incident_climbs_to_the_top_and_begins_again(day: Day) -> None:
    tps = day.small.tps[0]
    kelurahan, kecamatan, kota = tps[:-4], tps[:8], tps[:5]
    await day.at(clock(8))
    case = await day.file(tps, incident("kritis"))
    await day.turn()
    assert await day.firings(case) == [(1, 1, kelurahan, "told")]
    await day.at(clock(8, 2, 59))
    await day.turn()
    assert len(await day.firings(case)) == 1
    await day.at(clock(8, 3))
    await day.turn()
    assert (await day.incident(case))["tier"] == 3
    await day.at(clock(8, 8))
    await day.turn()
    assert await day.firings(case) == [(1, 1, kelurahan, "told"), (1, 2, kecamatan, "told"), (1, 3, kota, "told")]
    found = await day.incident(case)
    assert (found["tier"], found["state"], found["round"], found["step"], found["overdue_at"] is not None) == (
        2,
        "climbing",
        2,
        1,
        True,
    )
    assert await day.log(case) == ["open", "step", "step", "overdue", "step"]
    for minutes in range(10, 240, 10):
        await day.at(clock(8, minutes) if minutes < 60 else clock(8 + minutes // 60, minutes % 60))
        await day.turn()
    found = await day.incident(case)
    assert (found["state"], len(await day.firings(case))) == ("exhausted", 9)
    assert (await day.counters(kota))["case.overdue"] == 1
    assert await day.differences() == []


async def test_what_was_accepted_and_goes_quiet_climbs_again(day: Day) -> None:
    tps = day.small.tps[0]
    await day.at(clock(8))
    case = await day.file(tps, incident("kritis"))
    await day.turn()
    await day.act(case, "acknowledgement")
    await day.at(clock(8, 14))
    await day.act(case, "comment", "tim menuju lokasi")
    await day.at(clock(8, 28))
    await day.turn()
    assert len(await day.firings(case)) == 1
    await day.at(clock(8, 29))
    await day.turn()
    assert [f[1:] for f in await day.firings(case)] == [(1, tps[:-4], "told"), (2, tps[:8], "told")]
    assert (await day.log(case))[-1] == "quiet"
    found = await day.incident(case)
    assert (found["status"], found["state"], found["tier"]) == ("diterima", "climbing", 3)
    assert await day.differences() == []


async def test_a_tier_below_cannot_accept_what_has_climbed_past_it(day: Day) -> None:
    tps = day.small.tps[0]
    async with day.pool.acquire() as connection:
        await make_account(connection, "kel", "operator", tps[:-4])
        await make_account(connection, "kec", "operator", tps[:8])
    day = await Day.begin(day.pool, day.small)
    await day.at(clock(8))
    case = await day.file(tps, incident("kritis"))
    await day.turn()
    await day.at(clock(8, 3))
    await day.turn()
    with pytest.raises(Exception, match="has climbed"):
        await day.act(case, "acknowledgement", by="kel")
    await day.act(case, "acknowledgement", by="kec")
    with pytest.raises(Exception, match="has climbed"):
        await day.act(case, "acknowledgement", by="kel")
    await day.act(case, "delegation", "selesaikan di kelurahan", by="kec", tier=4)
    await day.act(case, "acknowledgement", by="kel")
    assert (await day.incident(case))["tier"] == 4


async def test_a_vacant_desk_is_passed_at_once(day: Day) -> None:
    tps = day.small.tps[0]
    account = day.people["operator"][0]
    await day.pool.execute(
        "insert into posko.shift (operation_id, region_code, account_id, began_at, present_at) values ($1, $2, $3, posko.now(), posko.now())",
        day.operation, tps[:8], account,
    )  # fmt: skip
    await day.at(clock(8))
    case = await day.file(tps, incident("kritis"))
    await day.turn()
    assert [f[2:] for f in await day.firings(case)] == [(tps[:-4], "vacant"), (tps[:8], "told")]
    assert await day.log(case) == ["open", "vacant", "step"]
    # The officer goes silent: the desk is as good as vacant.
    await day.pool.execute("update posko.shift set present_at = posko.now() - interval '2 hours'")
    other = await day.file(day.small.tps[1], incident("kritis"))
    await day.turn()
    assert [f[3] for f in await day.firings(other)] == ["vacant", "vacant", "told"]


async def test_an_edit_of_the_rules_leaves_what_is_climbing(day: Day) -> None:
    await day.at(clock(8))
    case = await day.file(day.small.tps[0], incident("kritis"))
    rule = '[{"name": "semua", "about": "incident", "steps": [{"tier": 2, "after_s": 0, "channels": ["console"]}], "repeats": 0, "repeat_after_min": 30, "acknowledge_within_min": 5, "resolve_within_min": 60}]'
    assert (
        await day.pool.fetchval("select api.set_rules($1, $2, $3, $4)", day.operation, *day.people["supervisor"], rule)
        == 1
    )
    later = await day.file(day.small.tps[1], incident("rendah"))
    await day.turn()
    assert [f[2] for f in await day.firings(case)] == [day.small.tps[0][:-4]]
    assert [f[2] for f in await day.firings(later)] == [day.small.root]
    assert (await day.incident(later))["state"] == "exhausted"


async def test_by_hand_it_goes_to_the_next_tier_at_once(day: Day) -> None:
    await day.at(clock(8))
    tps = day.small.tps[0]
    case = await day.file(tps, incident("rendah"))
    await day.turn()
    await day.act(case, "acknowledgement")
    await day.act(case, "escalation", "butuh alat berat")
    assert [f[1:] for f in await day.firings(case)] == [(1, tps[:-4], "told"), (2, tps[:8], "by_hand")]
    with pytest.raises(Exception, match="top of its ladder"):
        await day.act(case, "escalation", "lebih tinggi lagi")
    assert (await day.log(case)) == ["open", "step", "acknowledgement", "escalation"]


async def test_a_snooze_holds_and_has_a_cap(day: Day) -> None:
    await day.at(clock(8))
    case = await day.file(day.small.tps[0], incident("kritis"))
    with pytest.raises(Exception, match="30 minutes at most"):
        await day.act(case, "snooze", "menunggu damkar", minutes=31)
    await day.act(case, "snooze", "menunggu damkar", minutes=30)
    await day.at(clock(8, 29))
    await day.turn()
    assert await day.firings(case) == []
    await day.at(clock(8, 30))
    await day.turn()
    assert len(await day.firings(case)) == 1


async def test_the_stage_chooses_the_rule(day: Day) -> None:
    rules = {}
    for hour in (6, 15):
        await day.at(clock(hour, 40))
        case = await day.file(day.small.tps[hour % 5], incident("sedang"))
        rules[hour] = await day.pool.fetchval("select rule from posko.escalation where subject_id = $1", case)
    assert rules == {6: "logistik saat pembukaan", 15: "sedang"}


async def test_a_part_of_something_bigger_waits_while_that_is_open(day: Day) -> None:
    await day.at(clock(8))
    flood = await day.file(day.small.kelurahan[0], incident("kritis", category="bencana.banjir"))
    child = await day.file(day.small.tps[0], incident("kritis", category="bencana.banjir"))
    await day.act(child, "parent", parent=str(flood))
    await day.at(clock(8, 30))
    await day.turn()
    assert (await day.firings(child), len(await day.firings(flood)) > 0) == ([], True)
    for action in ("acknowledgement", "resolution"):
        await day.act(flood, action, "surut")
    await day.at(clock(8, 32))
    await day.turn()
    assert len(await day.firings(child)) == 1


async def test_out_of_reach_is_as_if_it_did_not_exist(day: Day) -> None:
    case = await day.file(day.small.tps[0], incident())
    async with day.pool.acquire() as connection:
        await make_account(connection, "lain", "operator", "31.73")
    people = (await Day.begin(day.pool, day.small)).people
    with db_error(errors.NotFound):
        await day.pool.fetchrow(
            "select * from api.act_on_incident($1, $2, $3, 'comment', 'desk', 'x', null)", case, *people["lain"]
        )


class db_error:
    """The driver's error is the house's."""

    def __init__(self, kind: type[errors.PoskoError]) -> None:
        self._kind = kind

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        from posko.db import _BY_SQLSTATE

        assert _BY_SQLSTATE[getattr(error, "sqlstate", "")] is self._kind
        return True


async def test_the_desks_contacts_are_told_and_hear_of_the_end(day: Day) -> None:
    tps = day.small.tps[0]
    for region, name in ((tps[:-4], "kel"), (tps[:8], "kec")):
        await day.pool.execute(
            "select api.add_contact(null, null, $1, $2, 'email', $3, 'Petugas', false)",
            day.operation,
            region,
            f"{name}@x.example",
        )
    await day.at(clock(8))
    case = await day.file(tps, incident("kritis"))
    await day.turn()
    groups = "select n.code, w.group_key, m.state, m.text_id, w.channels from posko.notice w join posko.node n on n.id = w.node_id join posko.notice_member m on m.notice_id = w.id where m.member = $1 order by n.code desc"
    (row,) = await day.pool.fetch(groups, str(case))
    assert (row["code"], row["group_key"], row["state"]) == (tps[:-4], f"incident:{case}", "firing")
    assert row["text_id"] == "Kejadian 1: logistik, TPS 001, Kelurahan 1-1"
    assert "email" in row["channels"]
    await day.at(clock(8, 3))
    await day.turn()
    assert [r["code"] for r in await day.pool.fetch(groups, str(case))] == [tps[:-4], tps[:8]]
    # The drill's clock is what they read, also of what was told before it was set anew.
    await day.pool.execute("update posko.notice set next_at = posko.now()")
    await day.pool.execute("select api.tell_due('5 minutes', '4 hours', 500)")
    said = await day.pool.fetch(
        "select about from posko.telling l join posko.notice w on w.id = l.notice_id join posko.node n on n.id = w.node_id where w.group_key ^@ 'incident:' order by n.code desc"
    )
    abouts = [json.loads(r["about"]) for r in said]
    hours = {tps[:-4]: clock(8), tps[:8]: clock(8, 3)}
    assert {a["place"] for a in abouts} == hours.keys()
    for about in abouts:
        hour = hours[about["place"]]
        assert about["is_drill"]
        assert [datetime.datetime.fromisoformat(at) for at in (about["since"], about["members"][0]["at"])] == [hour] * 2
    await day.act(case, "acknowledgement", by="supervisor")
    await day.act(case, "resolution", "sudah beres")
    assert {r["state"] for r in await day.pool.fetch(groups, str(case))} == {"resolved"}
