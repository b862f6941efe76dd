"""When a desk is told: group, interval, repetition. Nothing changed, no new noise. The clock is moved, nobody waits."""

from __future__ import annotations

import datetime
import time

import pytest

from posko import db
from posko.errors import PlaceUnknown
from tests.messages.desks import MINUTE, Desk

SECOND = MINUTE / 60
HOUR = MINUTE * 60

Step = tuple[datetime.timedelta, list[str], list[str]]
"""When; what is said (`+a` fires, `-a` is resolved, `!a` fires as kritis); what the desk is told then."""

TABLE: dict[str, list[Step]] = {
    "what is new waits for its like": [
        (SECOND * 0, ["+a"], []),
        (SECOND * 20, ["+b"], []),
        (SECOND * 29, [], []),
        (SECOND * 30, [], ["new 2/0"]),
        (SECOND * 31, [], []),
    ],
    "a change is told after the interval, once": [
        (SECOND * 0, ["+a"], []),
        (SECOND * 30, [], ["new 1/0"]),
        (MINUTE * 1, ["+b"], []),
        (MINUTE * 3, ["+c"], []),
        (MINUTE * 5, [], []),
        (MINUTE * 5.5, [], ["changed 3/0"]),
        (MINUTE * 11, [], []),
    ],
    "a change long after the last telling is told at once": [
        (SECOND * 0, ["+a"], []),
        (SECOND * 30, [], ["new 1/0"]),
        (HOUR, ["+b"], ["changed 2/0"]),
    ],
    "nothing new is told again after four hours, and again": [
        (SECOND * 0, ["+a"], []),
        (SECOND * 30, [], ["new 1/0"]),
        (HOUR * 2, ["+a"], []),
        (HOUR * 4, [], []),
        (HOUR * 4 + MINUTE, [], ["repeat 1/0"]),
        (HOUR * 8, [], []),
        (HOUR * 8 + MINUTE * 2, [], ["repeat 1/0"]),
    ],
    "resolved before it was told is never told": [
        (SECOND * 0, ["+a"], []),
        (SECOND * 10, ["-a"], []),
        (SECOND * 30, [], []),
        (HOUR * 5, [], []),
    ],
    "resolved in part is a change, resolved altogether the end": [
        (SECOND * 0, ["+a", "+b"], []),
        (SECOND * 30, [], ["new 2/0"]),
        (MINUTE * 10, ["-a"], ["changed 1/1"]),
        (MINUTE * 11, ["-b"], []),
        (MINUTE * 15, [], ["resolved 0/2"]),
        (HOUR * 9, [], []),
    ],
    "what flaps within the interval is no news": [
        (SECOND * 0, ["+a"], []),
        (SECOND * 30, [], ["new 1/0"]),
        (MINUTE * 2, ["-a"], []),
        (MINUTE * 3, ["+a"], []),
        (MINUTE * 6, [], []),
        (HOUR * 4 + MINUTE, [], ["repeat 1/0"]),
    ],
    "what came and went within the interval is no news either": [
        (SECOND * 0, ["+a"], []),
        (SECOND * 30, [], ["new 1/0"]),
        (MINUTE * 2, ["+b"], []),
        (MINUTE * 3, ["-b"], []),
        (MINUTE * 6, [], []),
    ],
    "what got worse is a change": [
        (SECOND * 0, ["+a"], []),
        (SECOND * 30, [], ["new 1/0"]),
        (MINUTE * 10, ["!a"], ["changed 1/0"]),
        (MINUTE * 20, ["!a"], []),
    ],
    "firing again after the end is new": [
        (SECOND * 0, ["+a"], []),
        (SECOND * 30, [], ["new 1/0"]),
        (MINUTE * 10, ["-a"], ["resolved 0/1"]),
        (MINUTE * 20, ["+a"], []),
        (MINUTE * 21, [], ["new 1/0"]),
    ],
    "resolved without ever having fired is nothing": [(SECOND * 0, ["-a"], []), (HOUR, [], [])],
}


@pytest.mark.parametrize("steps", TABLE.values(), ids=TABLE.keys())
async def test_a_desk_is_told(desk: Desk, steps: list[Step]) -> None:
    await desk.contact()
    told = []
    for after, said, _ in steps:
        await desk.at(after)
        for word in said:
            state = "resolved" if word[0] == "-" else "firing"
            await desk.notify(word[1:], state, severity="kritis" if word[0] == "!" else "sedang")
        told.append(await desk.told(after))

    assert told == [expected for _, _, expected in steps]
    assert len(await desk.messages()) == sum(map(len, told))


async def test_each_contact_is_told_once_by_the_channels_that_were_asked_for(desk: Desk) -> None:
    for address, channel in (("a@x.example", "email"), ("b@x.example", "email"), ("+628111111111", "sms")):
        await desk.contact(address, channel=channel)
    await desk.contact("lain@x.example", region=desk.small.kecamatan[0])
    await desk.contact("operasi-lain@x.example", operation=desk.small.operation)
    await desk.notify("a", channels=["email"], wait=0)
    await desk.notify("b", group="semua", wait=0)

    assert await desk.told(MINUTE) == ["new 1/0", "new 1/0"]
    assert sorted(m["channel"] for m in await desk.messages()) == ["email"] * 6 + ["sms"]


async def test_a_desk_without_contacts_keeps_its_groups_for_a_later_one(desk: Desk) -> None:
    await desk.notify("a", wait=0)
    before = await desk.told(MINUTE)
    still = await desk.told(HOUR * 9)
    await desk.notify("gone", group="lain", wait=0)
    await desk.notify("gone", "resolved", group="lain")
    first = await desk.contact("satu@x.example")
    told = await desk.told()
    second = await desk.contact("dua@x.example")
    assert await desk.told() == []

    assert (before, still, told) == ([], [], ["new 1/0"])
    assert [(m["contact_id"], m["telling"]) for m in await desk.messages()] == [(first, 1), (second, 1)]


async def test_a_later_contact_hears_what_others_heard_and_nothing_before_its_time(desk: Desk) -> None:
    await desk.contact("satu@x.example")
    await desk.notify("a", wait=60)
    await desk.contact("dua@x.example")
    assert await desk.told(SECOND * 30) == [], "a new group waits for its like"
    assert await desk.told(SECOND * 60) == ["new 1/0"]
    await desk.at(MINUTE * 2)
    await desk.notify("b")
    third = await desk.contact("tiga@x.example")
    assert await desk.told(MINUTE * 2) == []
    assert [m["telling"] for m in await desk.messages() if m["contact_id"] == third] == [1]
    assert await desk.told(MINUTE * 5.9) == []
    assert await desk.told(MINUTE * 6) == ["changed 2/0"]
    await desk.at(MINUTE * 7)
    await desk.notify("a", "resolved")
    await desk.notify("b", "resolved")
    await desk.contact("empat@x.example")
    assert await desk.told() == []
    assert await desk.told(MINUTE * 11) == ["resolved 0/2"]
    assert len(await desk.messages()) == 2 + 1 + 3 + 1 + 4


async def test_a_channel_that_is_added_later_is_told_at_once(desk: Desk) -> None:
    await desk.contact("+628111111111", channel="sms")
    await desk.contact()
    await desk.notify("a", channels=["whatsapp"], wait=0)
    assert await desk.told() == []
    await desk.at(MINUTE)
    await desk.notify("a", channels=["email"], wait=0)
    assert await desk.told() == ["new 1/0"]
    await desk.at(MINUTE * 2)
    await desk.notify("a", channels=None, wait=0)
    assert await desk.told() == []

    assert [(m["channel"], m["telling"]) for m in await desk.messages()] == [("email", 1), ("sms", 1)]


async def test_the_shorter_wait_counts_while_nobody_was_told(desk: Desk) -> None:
    await desk.contact()
    await desk.notify("a", wait=3600)
    await desk.notify("b", wait=10)

    assert await desk.told(SECOND * 9) == []
    assert await desk.told(SECOND * 10) == ["new 2/0"]


async def test_a_closed_operation_is_told_nothing_more(desk: Desk) -> None:
    await desk.contact()
    await desk.notify("a", wait=0)
    assert await desk.told() == ["new 1/0"]
    await desk.connection.execute("select api.close($1)", desk.small.operation)

    assert await desk.told(HOUR * 5) == []
    assert await desk.connection.fetchval("select count(*) from posko.notice where closed_at is null") == 0


async def test_a_node_of_another_operation_is_refused(desk: Desk) -> None:
    with pytest.raises(PlaceUnknown), db.translated():
        await desk.connection.execute(
            "select api.notify($1, $2, 'g', 'm', 'firing', 'sedang', 'x', 'x', null, '0')", desk.lane, desk.node
        )


async def test_a_removed_contact_gets_nothing_not_even_what_waits(desk: Desk) -> None:
    gone = await desk.contact()
    await desk.notify("a", wait=0)
    await desk.told()
    await desk.connection.execute("select api.remove_contact(null, null, $1)", gone)

    assert [(m["state"], m["last_error"]) for m in await desk.messages()] == [("dropped", "the contact was removed")]
    assert await desk.claim() == []
    assert await desk.told(HOUR * 5) == []


async def test_a_later_message_takes_the_place_of_one_that_waits(desk: Desk) -> None:
    await desk.contact()
    await desk.notify("a", wait=0)
    await desk.told()
    await desk.at(MINUTE * 10)
    await desk.notify("b")
    await desk.told()

    assert [m["state"] for m in await desk.messages()] == ["dropped", "pending"]


async def test_many_members_of_many_desks_in_one_call(pool: db.Pool, desk: Desk) -> None:
    nodes = [
        r["id"]
        for r in await pool.fetch(
            "select id from posko.node where operation_id = $1 order by code", desk.small.operation
        )
    ]
    members = [(node, f"g{i % 3}", f"m{i}") for node in nodes for i in range(100)]
    members.append(members[0])  # twice in one call: the last word counts
    columns = [list(c) for c in zip(*members, strict=True)]
    call = "select api.notify_many($1, $2, $3, $4, $5, $6, $7, $8, null, '0')"
    count = len(members)
    figures = {}
    for state in ("firing", "firing", "resolved"):
        started = time.perf_counter()
        rest = ([state] * count, ["tinggi"] * count, ["teks"] * count, ["text"] * count)
        await desk.connection.execute(call, desk.small.operation, *columns, *rest)
        figures[f"{state} {len(figures)}"] = (time.perf_counter() - started) / count * 1e6
        if state == "firing":
            assert await desk.connection.fetchval("select count(*) from posko.notice") == len(nodes) * 3
            assert await desk.connection.fetchval("select count(*) from posko.notice_member") == count - 1
    print("\nus per member:", {k: round(v, 1) for k, v in figures.items()})
    started = time.perf_counter()
    for i in range(200):
        await desk.notify(f"x{i}", node=nodes[i % len(nodes)], group=f"one {i}")
    print(f"us per notify, each its own transaction and group: {(time.perf_counter() - started) / 200 * 1e6:.0f}")

    assert await desk.connection.fetchval("select count(*) from posko.notice_member where state = 'firing'") == 200
