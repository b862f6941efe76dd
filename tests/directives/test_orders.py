"""Directives go down once, are answered by the rules, and every number of them adds up and opens."""

from __future__ import annotations

import asyncio
import datetime
import uuid
from typing import Any

import asyncpg
import pytest

from posko import db, errors
from posko.regions import store
from tests.directives import orders
from tests.factories import incident, make_account, milestone
from tests.incidents.ground import Day, clock


def to_tps(region: str) -> dict[str, Any]:
    return {"kind": "tps", "region": region}


async def refused(day: Day, error: type[errors.PoskoError], match: str, call: Any) -> list[Any]:
    """The call is refused, and nothing has changed; answers the fields that the refusal names."""
    before = await day.pool.fetchval("select sum(version) from posko.operation")
    with pytest.raises(error, match=match) as caught, db.translated():
        await call
    assert await day.pool.fetchval("select sum(version) from posko.operation") == before
    return [(e.path, e.rule) for e in caught.value.errors]


async def test_an_order_to_every_tps_is_counted_up_to_the_top(day: Day) -> None:
    given = await orders.issue(day, to_tps(day.small.root))

    assert await orders.counts(day, given) == {"sent": 12, "unanswered": 12}
    for code, number in (
        (day.small.root, 12),
        (day.small.kecamatan[0], 6),
        (day.small.kelurahan[3], 3),
        (day.small.tps[5], 1),
    ):
        assert await orders.region_counts(day, code) == {"sent": number, "unanswered": number}
    assert (await orders.row(day, given))["state"] == "sent"
    assert await day.differences() == []


async def test_what_each_requirement_ends_with(day: Day) -> None:
    tps = day.small.tps[0]
    for requires, last, done in (
        ("baca", "receipt", {"sent": 1, "read": 1, "done": 1}),
        ("terima", "acceptance", {"sent": 1, "read": 1, "accepted": 1, "done": 1}),
        ("laksanakan", "completion", {"sent": 1, "read": 1, "accepted": 1, "done": 1}),
        ("jawab", "answer", {"sent": 1, "read": 1, "accepted": 1, "done": 1}),
    ):
        given = await orders.issue(day, {"kind": "places", "places": [tps]}, requires=requires)
        if requires != "baca":
            await orders.say(day, given, tps, "receipt")
            assert await orders.counts(day, given) == {"sent": 1, "unanswered": 1, "read": 1}
        await orders.say(day, given, tps, last, "120 orang" if last == "answer" else None)
        assert await orders.counts(day, given) == done
    assert await orders.region_counts(day, day.small.root) == {"sent": 4, "read": 4, "accepted": 3, "done": 4}
    assert await day.differences() == []


async def test_the_same_order_again_is_the_same_and_another_under_its_id_is_refused(day: Day) -> None:
    given = await orders.issue(day, to_tps(day.small.root))
    version = (await orders.row(day, given))["version"]

    await orders.issue(day, to_tps(day.small.root), made=given)
    await refused(
        day, errors.Conflict, "says something else", orders.issue(day, to_tps(day.small.kecamatan[0]), made=given)
    )
    await refused(
        day,
        errors.Conflict,
        "says something else",
        orders.issue(day, to_tps(day.small.root), made=given, by="supervisor"),
    )

    assert (await orders.row(day, given))["version"] == version
    assert (await orders.region_counts(day, day.small.root))["sent"] == 12
    await day.at(clock(11))  # past its deadline: said again it is still the same
    await orders.issue(day, to_tps(day.small.root), made=given)


async def test_an_answer_again_is_the_same_and_what_is_not_possible_says_why(day: Day) -> None:
    tps = day.small.tps[0]
    given = await orders.issue(day, to_tps(tps[:-4]))
    first = await orders.say(day, given, tps, "completion", proof="kotak bersegel")
    again = await orders.say(day, given, tps, "completion", proof="kotak bersegel")

    assert (first["version"], first["state"], again["places"]) == (again["version"], again["state"], [])
    await orders.say(day, given, tps, "receipt")  # a phone that was offline says late that it was read
    await refused(day, errors.Conflict, "is dilaksanakan", orders.say(day, given, tps, "completion", proof="lain"))
    await refused(day, errors.Conflict, "is dilaksanakan", orders.say(day, given, tps, "refusal", "tidak bisa"))
    await refused(day, errors.Conflict, "requires laksanakan: answer", orders.say(day, given, tps, "answer", "120"))
    await refused(day, errors.NotFound, "no directive", orders.say(day, given, day.small.tps[11], "receipt"))
    assert await orders.counts(day, given) == {"sent": 3, "unanswered": 2, "read": 1, "accepted": 1, "done": 1}


async def test_a_report_that_proves_is_one_of_the_place(day: Day) -> None:
    here, there = day.small.tps[0], day.small.tps[1]
    given = await orders.issue(day, to_tps(day.small.root))
    await day.at(clock(8))
    proof = await day.file(here, milestone("voting_open"))

    named = await refused(day, errors.Invalid, "no report", orders.say(day, given, there, "completion", report=proof))
    await orders.say(day, given, here, "completion", report=proof)

    assert named == [("$.report", "report-of-place")]
    moves = await day.pool.fetchval("select moves from api.directive_targets($1, $2, null, '', 1)", given, here)
    assert str(proof) in moves


async def test_who_has_not_answered_but_reported_since_says_when(day: Day) -> None:
    before, since, silent = day.small.tps[:3]
    await day.file(before, milestone("voting_open"))
    await day.at(clock(8))
    given = await orders.issue(day, to_tps(day.small.root))
    desks = await orders.issue(day, {"kind": "desks", "region": day.small.root, "level": 4})
    await day.at(clock(8, 30))

    await day.file(since, milestone("voting_open"))

    asked = "select place, reported_at from api.directive_targets($1, $2, 'unanswered', '', 100)"
    said = dict(await day.pool.fetch(asked, given, day.small.kelurahan[0]))
    assert (said[before], said[since]) == (None, clock(8, 30))
    assert dict(await day.pool.fetch(asked, given, day.small.root))[silent] is None
    # A desk is no TPS: what those below it report says nothing of it.
    assert set(dict(await day.pool.fetch(asked, desks, day.small.root)).values()) == {None}


async def test_who_may_order_and_who_may_answer(day: Day) -> None:
    kelurahan, tps = day.small.kelurahan[0], day.small.tps[0]
    async with day.pool.acquire() as connection:
        await make_account(connection, "kel", "operator", kelurahan)
        await make_account(connection, "satu", "petugas", tps)
        await make_account(connection, "robot", "system", kelurahan)
    day = await Day.begin(day.pool, day.small)

    for by in ("petugas", "auditor", "wall"):
        await refused(day, errors.PlaceUnknown, "there is no", orders.issue(day, to_tps(day.small.root), by=by))
    await refused(day, errors.PlaceUnknown, "there is no", orders.issue(day, to_tps(kelurahan), by="kel"))
    given = await orders.issue(day, {"kind": "places", "places": [kelurahan, *day.small.tps[:3]]})
    await refused(day, errors.NotFound, "no directive", orders.say(day, given, kelurahan, "receipt", by="satu"))
    await refused(day, errors.NotFound, "no directive", orders.say(day, given, day.small.tps[1], "receipt", by="satu"))
    await refused(day, errors.NotFound, "no directive", orders.say(day, given, kelurahan, "receipt", by="petugas"))
    await refused(day, errors.NotFound, "no directive", orders.say(day, given, tps, "receipt", by="auditor"))
    await refused(day, errors.NotAllowed, "taken back by the desk", orders.withdraw(day, given, by="kel"))
    await orders.say(day, given, tps, "acceptance", by="satu")
    await orders.say(day, given, day.small.tps[1], "receipt", by="robot")
    await orders.say(day, given, kelurahan, "refusal", "tidak ada petugas", by="kel")
    assert await orders.counts(day, given) == {"sent": 4, "unanswered": 3, "read": 3, "accepted": 1, "refused": 1}
    own = await orders.issue(day, to_tps(kelurahan), by="kel", at=kelurahan)
    assert (await orders.row(day, own))["targets"] == 3


async def test_to_whom_an_order_may_go(day: Day) -> None:
    small = day.small
    for to, number in (
        ({"kind": "desks", "region": small.root, "level": 4}, 4),
        ({"kind": "desks", "region": small.kecamatan[1], "level": 3}, 1),
        ({"kind": "places", "places": [small.tps[4], small.kecamatan[0]]}, 2),
        (to_tps(small.tps[2]), 1),
    ):
        given = await orders.issue(day, to)
        assert ((await orders.row(day, given))["targets"], len(await orders.states(day, given))) == (number, number)
    at = small.kecamatan[0]
    for to, path in (
        (to_tps(small.kecamatan[1]), "$.to.region"),
        (to_tps("31.72.09"), "$.to.region"),
        ({"kind": "desks", "region": at, "level": 3}, "$.to.level"),
        ({"kind": "desks", "region": at, "level": 5}, "$.to"),
        ({"kind": "places", "places": [small.tps[0], small.tps[-1]]}, "$.to.places"),
        ({"kind": "places", "places": [at]}, "$.to.places"),
        ({"kind": "incident"}, "$.incident"),
    ):
        assert [
            p for p, _ in await refused(day, errors.Invalid, "no|goes down|nobody|which", orders.issue(day, to, at=at))
        ] == [path], to
    for due in (clock(5), clock(5) + datetime.timedelta(days=30, seconds=1)):
        assert await refused(day, errors.Invalid, "deadline", orders.issue(day, to_tps(small.root), due=due)) == [
            ("$.deadline", "deadline")
        ]
    assert await refused(
        day, errors.Invalid, "no template", orders.issue(day, to_tps(small.root), template="tidak_ada")
    )
    assert await day.differences() == []


async def test_more_than_the_limit_is_refused_with_the_number(day: Day) -> None:
    await orders.more_tps(day, 20001)

    named = await refused(day, errors.Invalid, "20013 places: 20000 at most", orders.issue(day, to_tps(day.small.root)))

    assert named == [("$.to", "targets-limit")]


async def test_a_large_order_is_written_in_parts_each_once(day: Day) -> None:
    given = await orders.issue(day, to_tps(day.small.root), limit=5)
    found = await orders.row(day, given)
    assert (found["state"], found["targets"], found["sent"]) == ("sending", 12, 5)
    assert (await orders.region_counts(day, day.small.root))["sent"] == 5
    assert await day.differences() == []
    await orders.say(day, given, day.small.tps[0], "completion")
    await refused(day, errors.NotFound, "no directive", orders.say(day, given, day.small.tps[11], "receipt"))

    await day.turn()

    assert (await orders.row(day, given))["state"] == "sent"
    assert list(await orders.states(day, given)) == sorted(day.small.tps)
    assert await orders.region_counts(day, day.small.root) == {
        "sent": 12,
        "unanswered": 11,
        "read": 1,
        "accepted": 1,
        "done": 1,
    }
    assert await day.differences() == []


async def test_a_worker_that_dies_in_the_middle_leaves_nothing_half_and_nothing_twice(day: Day, database: str) -> None:
    given = await orders.issue(day, to_tps(day.small.root), limit=1)
    dying = await asyncpg.connect(database)
    await dying.execute("begin")
    assert await dying.fetchval("select written from api.expand_directives($1, 4)", day.operation) == 4
    dying.terminate()  # as SIGKILL does: nobody says goodbye
    while await day.pool.fetchval("select count(*) from pg_stat_activity where state like 'idle in%'"):
        await asyncio.sleep(0.01)
    assert len(await orders.states(day, given)) == 1

    async def worker() -> int:
        connection = await asyncpg.connect(database)
        done = 0
        while written := await connection.fetchval("select written from api.expand_directives($1, 2)", day.operation):
            done += written
        await connection.close()
        return done

    assert sum(await asyncio.gather(*(worker() for _ in range(3)))) == 11
    assert await orders.counts(day, given) == {"sent": 12, "unanswered": 12}
    assert await day.differences() == []


async def test_withdrawal_takes_back_what_is_unanswered_and_leaves_what_was_said(day: Day) -> None:
    small = day.small
    given = await orders.issue(day, to_tps(small.root))
    await orders.say(day, given, small.tps[0], "completion")
    await orders.say(day, given, small.tps[1], "refusal", "banjir")
    await orders.say(day, given, small.tps[2], "acceptance")
    await orders.say(day, given, small.tps[3], "receipt")
    await day.at(clock(10))
    await day.turn()
    first = await orders.withdraw(day, given, limit=4)
    assert (await orders.row(day, given))["state"] == "withdrawing"
    await refused(day, errors.Conflict, "was withdrawn", orders.say(day, given, small.tps[11], "receipt"))
    await refused(day, errors.Conflict, "was withdrawn", orders.withdraw(day, given, "lain"))
    assert (await orders.withdraw(day, given))["version"] == first["version"]
    assert await day.differences() == []

    await day.turn()

    assert (await orders.row(day, given))["state"] == "withdrawn"
    assert await orders.counts(day, given) == {"sent": 2, "read": 2, "accepted": 1, "refused": 1, "done": 1}
    assert await orders.region_counts(day, small.root) == {"sent": 2, "read": 2, "accepted": 1, "refused": 1, "done": 1}
    assert {e["state"] for e in await orders.late(day, given)} == {"stopped"}
    assert await day.differences() == []


async def test_an_order_withdrawn_while_it_is_sent_goes_no_further(day: Day) -> None:
    given = await orders.issue(day, to_tps(day.small.root), limit=3)
    await orders.withdraw(day, given)
    await day.turn()

    assert (await orders.row(day, given))["state"] == "withdrawn"
    assert set((await orders.states(day, given)).values()) == {"ditarik"}
    assert len(await orders.states(day, given)) == 3
    assert await orders.region_counts(day, day.small.root) == {}


async def test_every_number_opens_to_the_places_behind_it(day: Day) -> None:
    small = day.small
    given = await orders.issue(day, to_tps(small.root))
    for n, action in enumerate(("receipt", "acceptance", "completion")):
        await orders.say(day, given, small.tps[n], action)
    await orders.say(day, given, small.tps[4], "refusal", "banjir")
    await day.at(clock(10))
    await day.turn()

    async with day.pool.acquire() as connection:
        slots = await store.slots(connection, day.operation)
        for code in (small.root, small.kecamatan[0], small.kelurahan[1]):
            for name, value in (await orders.region_counts(day, code)).items():
                behind = await store.behind(
                    connection, day.operation, code, (slots[f"directive.{name}"], []), ("", 100)
                )
                assert sum(p.value for p in behind) == value
            rows = await connection.fetch("select * from api.directive_compliance($1, $2)", given, code)
            page = await connection.fetchrow(
                "select * from api.directives_page($1, $2, $3, null, null, null, null, null, null, 10)",
                day.operation,
                code,
                given,
            )
            for name in ("targets", *orders.COUNTS):
                assert sum(r[name] for r in rows) == page[name], (code, name)
            unanswered = await connection.fetch(
                "select place from api.directive_targets($1, $2, 'unanswered', '', 100)", given, code
            )
            assert len(unanswered) == page["unanswered"]
    assert [p["place"] for p in unanswered] == [small.tps[3], small.tps[5]]


async def test_what_is_overdue_climbs_once_per_desk_until_all_have_answered(day: Day) -> None:
    small = day.small
    await day.pool.execute(
        "select api.add_contact(null, null, null, $1, 'email', 'camat@x.example', 'Camat', false)", small.kecamatan[0]
    )
    given = await orders.issue(day, to_tps(small.root))
    for tps in small.tps[:6]:  # of the first kecamatan all but the last answer in time
        if tps != small.tps[5]:
            await orders.say(day, given, tps, "completion")
    await day.at(clock(9, 59))
    await day.turn()
    assert await orders.late(day, given) == []
    await day.at(clock(10))
    await day.turn()

    assert (await orders.region_counts(day, small.root))["overdue"] == 7
    assert [(x["code"], x["missing"], x["state"]) for x in await orders.late(day, given)] == [
        (small.kecamatan[0], 1, "climbing"),
        (small.kecamatan[1], 6, "climbing"),
    ]
    first, second = (x["id"] for x in await orders.late(day, given))
    assert await day.firings(first) == [(1, 1, small.kecamatan[0], "told")]
    told = "select m.text_id, m.state from posko.notice n join posko.notice_member m on m.notice_id = n.id where n.group_key = 'directives' and m.member = $1"
    assert tuple(await day.pool.fetchrow(told, str(first))) == (
        "Arahan 1 lewat tenggat: 1 belum menjawab, Kecamatan 1",
        "firing",
    )
    await orders.say(day, given, small.tps[5], "refusal", "banjir")
    assert (await day.pool.fetchrow(told, str(first)))["state"] == "resolved"
    await day.at(clock(10, 15))
    await day.turn()
    await day.turn()
    assert await day.firings(first) == [(1, 1, small.kecamatan[0], "told")]
    assert await day.firings(second) == [(1, 1, small.kecamatan[1], "told"), (1, 2, small.root, "told")]
    found = {x["code"]: (x["missing"], x["is_closed"], x["state"]) for x in await orders.late(day, given)}
    assert found == {small.kecamatan[0]: (0, True, "stopped"), small.kecamatan[1]: (6, False, "exhausted")}
    assert await day.differences() == []
    await day.at(clock(23))
    await day.turn()
    assert len(await day.firings(second)) == 2


async def test_marking_is_done_in_parts_and_goes_on_past_what_is_done(day: Day) -> None:
    one = await orders.issue(day, to_tps(day.small.root))
    two = await orders.issue(day, {"kind": "desks", "region": day.small.root, "level": 3}, due=clock(11))
    await day.at(clock(12))
    marked = []
    while row := await day.pool.fetchrow("select * from api.mark_late_directives($1, 5)", day.operation):
        marked.append(row["marked"])
        assert await day.differences() == []

    assert marked == [5, 5, 2, 2]
    assert [(x["code"], x["peak"]) for x in await orders.late(day, one)] == [(k, 6) for k in day.small.kecamatan]
    assert [(x["code"], x["peak"]) for x in await orders.late(day, two)] == [(day.small.root, 2)]
    assert await day.pool.fetchval("select count(*) from posko.escalation where about = 'directive' and round = 1") == 3


async def test_rules_that_say_nothing_of_directives_let_none_climb_and_all_be_counted(day: Day) -> None:
    rule = '[{"name": "semua", "about": "incident", "steps": [{"tier": 2, "after_s": 0, "channels": ["console"]}], "repeats": 0, "repeat_after_min": 30, "acknowledge_within_min": 5, "resolve_within_min": 60}]'
    await day.pool.fetchval("select api.set_rules($1, $2, $3, $4)", day.operation, *day.people["supervisor"], rule)
    given = await orders.issue(day, to_tps(day.small.root))
    await day.at(clock(10))
    await day.turn()

    assert (await orders.counts(day, given))["overdue"] == 12
    assert {x["state"] for x in await orders.late(day, given)} == {None}


async def test_a_directive_of_an_incident_is_in_its_log_until_its_result(day: Day) -> None:
    small = day.small
    await day.at(clock(8))
    case = await day.file(small.tps[0], incident("tinggi"))
    await day.act(case, "acknowledgement")
    await day.act(case, "advice", "Bagaimana surat suara kurang?", addressee=small.root)
    given = await orders.issue(day, {"kind": "incident"}, incident=case, request=1, text="Ambil cadangan di PPK")

    assert list(await orders.states(day, given)) == [small.kecamatan[0], small.kelurahan[0]]
    answer = await day.pool.fetchrow(
        "select answer, answered_at from posko.incident_request where incident_id = $1", case
    )
    assert answer["answer"] == "Ambil cadangan di PPK"
    await orders.say(day, given, small.kecamatan[0], "completion")
    await orders.say(day, given, small.kelurahan[0], "refusal", "jalan putus")
    assert await day.log(case) == ["open", "acknowledgement", "advice", "directive", "directive_result"]
    other = await orders.issue(day, {"kind": "incident"}, incident=case)
    await orders.withdraw(day, other)
    assert (await day.log(case))[-2:] == ["directive", "directive_withdrawn"]
    below = await orders.issue(day, {"kind": "incident"}, incident=case, at=small.kelurahan[0])
    assert list(await orders.states(day, below)) == [small.tps[0]]
    assert await refused(
        day, errors.Invalid, "number 7", orders.issue(day, {"kind": "incident"}, incident=case, request=7)
    )
    await refused(day, errors.NotFound, "no incident", orders.issue(day, {"kind": "incident"}, incident=uuid.uuid4()))
    await day.act(case, "resolution")
    await day.act(case, "closure")
    await refused(day, errors.Conflict, "is ditutup", orders.issue(day, {"kind": "incident"}, incident=case))
    assert await day.differences() == []


async def test_a_directive_about_a_restricted_incident_lives_in_its_lane(day: Day) -> None:
    small = day.small
    lane = await day.pool.fetchval("select id from posko.operation where restricts = $1", day.operation)
    async with day.pool.acquire() as connection:
        await make_account(connection, "cleared", "supervisor", small.root, cleared=True)
    day = await Day.begin(day.pool, small)
    await day.at(clock(8))
    case = await day.file(small.tps[0], incident("kritis"), by="cleared", operation=lane)
    await day.turn()
    before = await day.pool.fetchval("select version from posko.operation where id = $1", day.operation)

    await refused(day, errors.NotFound, "there is no", orders.issue(day, {"kind": "incident"}, incident=case))
    given = await orders.issue(day, to_tps(small.kelurahan[0]), incident=case, by="cleared", limit=2)
    await day.turn()

    found = await orders.row(day, given)
    assert (found["operation_id"], found["sent"]) == (lane, 3)
    await refused(day, errors.NotFound, "no directive", orders.say(day, given, small.tps[1], "receipt"))
    await orders.say(day, given, small.tps[1], "acceptance", by="cleared")
    assert await orders.region_counts(day, small.root, lane) == {"sent": 3, "unanswered": 3, "read": 1, "accepted": 1}
    assert await orders.region_counts(day, small.root) == {}
    assert await day.pool.fetchval("select version from posko.operation where id = $1", day.operation) == before
    await day.at(clock(10))
    await day.turn()
    assert [x["code"] for x in await orders.late(day, given)] == [small.kecamatan[0]]
    assert await day.differences() == []


async def test_a_place_reads_its_own_name_and_hour(day: Day) -> None:
    await orders.issue(day, to_tps(day.small.root), text="{tempat} sampai {deadline}")
    rows = await day.pool.fetch(
        "select * from api.directives_for($1, $2, true, null, 10)", day.operation, day.small.tps[2]
    )

    assert [r["text"] for r in rows] == ["TPS 003 sampai 27 Nov, 10.00 WIB"]
