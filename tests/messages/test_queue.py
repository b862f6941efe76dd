"""A message on its way: taken by one at a time, tried again for two hours, kept when it failed. The clock is moved."""

from __future__ import annotations

import asyncio
import collections
import datetime

import asyncpg
import pytest

from posko import db
from tests.messages.desks import MINUTE, Desk

SECOND = MINUTE / 60


async def _one(desk: Desk, **more: object) -> None:
    await desk.contact()
    await desk.notify("a", wait=0, **more)
    assert await desk.told() == ["new 1/0"]


async def test_a_message_is_tried_for_two_hours_and_then_kept_as_failed(desk: Desk) -> None:
    await _one(desk)
    now, waits = datetime.timedelta(0), []
    while (orders := await desk.claim()) != []:
        assert await desk.settle(orders[0], "later", "451 later") in ("pending", "failed")
        row = (await desk.messages())[0]
        if row["state"] == "failed":
            break
        start = await desk.connection.fetchval("select posko.now()")
        waits.append((row["next_at"] - start).total_seconds())
        assert await desk.claim() == []
        now += row["next_at"] - start
        await desk.at(now)

    assert waits == [5, 15, 60, 300, *[600] * 11]
    assert sum(waits) == pytest.approx(7200, abs=300)
    assert [(m["state"], m["last_error"], m["attempts"]) for m in await desk.messages()] == [
        ("failed", "451 later", 16)
    ]
    assert await desk.claim() == []

    await desk.connection.execute("select api.retry_failed(posko.now() - interval '1 day', null)")
    again = await desk.claim()
    assert await desk.settle(again[0], "sent") == "sent"


async def test_what_is_refused_is_not_tried_again(desk: Desk) -> None:
    await _one(desk)

    assert await desk.settle((await desk.claim())[0], "refused", "550\r\nno such user\x00"[:-1]) == "failed"
    assert (await desk.messages())[0]["last_error"] == "550 no such user"
    await desk.at(MINUTE * 60)
    assert await desk.claim() == []


async def test_a_lease_that_ends_frees_the_message_and_the_late_word_does_not_count(desk: Desk) -> None:
    await _one(desk)
    first = (await desk.claim(lease_s=40))[0]
    assert await desk.claim() == []
    await desk.at(SECOND * 41)
    second = (await desk.claim(lease_s=40))[0]

    assert (first["id"], first["fence"] + 1) == (second["id"], second["fence"])
    assert await desk.settle(first, "refused", "late") is None
    assert await desk.settle(second, "sent") == "sent"
    assert await desk.settle(second, "later") is None


async def test_a_message_that_takes_its_sender_down_each_time_ends_as_failed(desk: Desk) -> None:
    await _one(desk)
    for number in range(16):
        await desk.at(SECOND * 41 * (number + 1))
        assert len(await desk.claim(lease_s=40)) == 1
    await desk.at(SECOND * 41 * 20)
    assert await desk.claim() == []
    await desk.connection.execute("select api.drop_stale_messages(posko.now())")

    assert [(m["state"], m["last_error"]) for m in await desk.messages()] == [("failed", "no attempt came to an end")]


async def test_what_nobody_sends_within_a_day_fails_and_is_not_sent_a_week_later(desk: Desk) -> None:
    await desk.contact("+628111111111", channel="sms")
    await desk.notify("a", wait=0)
    await desk.told()
    await desk.at(MINUTE * 60 * 25)
    await desk.connection.execute("select api.drop_stale_messages(posko.now())")

    state, error = next((m["state"], m["last_error"]) for m in await desk.messages())
    assert state == "failed"
    assert "gateway for sms" in error


async def test_the_same_telling_cannot_be_queued_twice(desk: Desk) -> None:
    await _one(desk)
    with pytest.raises(asyncpg.UniqueViolationError, match="told_once"):
        await desk.connection.execute(
            "insert into posko.message (id, notice_id, telling, contact_id, channel, created_at, next_at)"
            " select gen_random_uuid(), notice_id, telling, contact_id, channel, created_at, next_at from posko.message"
        )


async def test_tellers_and_claimers_at_the_same_time_tell_and_claim_each_once(pool: db.Pool, desk: Desk) -> None:
    for n in range(10):
        await desk.contact(f"k{n}@x.example")
    for n in range(40):
        await desk.notify("a", group=f"g{n}", wait=0)

    async def work() -> list[object]:
        async with pool.acquire() as connection:
            taken = []
            for _ in range(30):
                await connection.fetchval("select api.tell_due('5 minutes', '4 hours', 7)")
                taken += [
                    r["id"] for r in await connection.fetch("select id from api.claim_messages('email', 9, '1 hour')")
                ]
            return taken

    taken = [i for some in await asyncio.gather(work(), work(), work()) for i in some]

    assert len(taken) == 400
    assert max(collections.Counter(taken).values()) == 1


async def test_a_change_that_commits_while_it_is_decided_is_not_forgotten(pool: db.Pool, desk: Desk) -> None:
    """A teller holds the group; a change waits for it, and is due after it."""
    await _one(desk)
    async with pool.acquire() as teller:
        await teller.execute(
            "select set_config('posko.now', $1, false)",
            (await desk.connection.fetchval("select posko.now() + interval '4 hours'")).isoformat(),
        )
        await teller.execute("begin")
        assert await teller.fetchval("select api.tell_due('5 minutes', '4 hours', 9)") == 1
        await desk.at(MINUTE * 240)
        waiting = asyncio.create_task(desk.notify("b"))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await teller.execute("commit")
        await teller.execute("reset posko.now")
        await waiting

    assert await desk.told(MINUTE * 244) == []
    assert await desk.told(MINUTE * 246) == ["changed 2/0"]


async def test_only_the_cleared_are_handed_what_is_restricted(desk: Desk) -> None:
    knows = await desk.contact("kapolres@x.example", cleared=True)
    await desk.contact("lurah@x.example")
    await desk.notify("a", node=desk.lane_node, wait=0, text="ancaman bom di gudang")
    await desk.told()
    handed = {r["address"]: r["about"] for r in await desk.claim()}

    assert handed["lurah@x.example"] is None
    assert "ancaman bom" in handed["kapolres@x.example"]
    await desk.connection.execute("update posko.contact set cleared = false where id = $1", knows)
    await desk.at(MINUTE * 60)
    assert [r["about"] for r in await desk.claim()] == [None, None]


async def test_an_address_is_forgotten_a_year_after_its_removal(desk: Desk) -> None:
    gone, kept = await desk.contact("gone@x.example"), await desk.contact("kept@x.example")
    await desk.connection.execute("select api.remove_contact(null, null, $1)", gone)
    seen = []
    for days in (364, 366):
        await desk.at(datetime.timedelta(days=days))
        await desk.connection.execute("select api.forget_contacts()")
        rows = await desk.connection.fetch(
            "select address from posko.contact where id = any($1) order by id", [gone, kept]
        )
        seen.append([r["address"] for r in rows])

    assert seen == [["gone@x.example", "kept@x.example"], ["dihapus", "kept@x.example"]]
