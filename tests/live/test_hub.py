"""The hub on real services: what consoles see, in every kind of weather."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

import redis.asyncio as redis

from posko import db
from posko.config import Settings
from posko.embedded import Embedded
from posko.live import wire
from posko.live.bell import CHANNEL, Ring, encode
from tests.factories import make_account
from tests.live.consoles import Desk, console, fresh_rows, running_hub, shown, sign_in

REACHED = "milestone.voting_open.reached"
SOON_S = 6.0
"""A look of every second finds what no bell tells: in less than two, and in this on two cores that thirty processes share."""


async def test_a_console_sees_a_report_at_once(live: Settings, desk: Desk, token: str, pool: db.Pool) -> None:
    small = desk.small
    topic = f"{small.operation}:31.72"
    async with console(live, token) as desk_console:
        first = await desk_console.subscribe(topic)
        assert isinstance(first, wire.Snapshot)
        assert first.names == {"31.72": "KOTA KECIL", "31.72.01": "Kecamatan 1", "31.72.02": "Kecamatan 2"}
        version = await desk.file([small.tps[0], small.tps[-1]])
        delta = await desk_console.until(lambda m: isinstance(m, wire.Delta))
        assert (delta.from_, delta.to) == (first.version, version)
        assert {r.code for r in delta.rows} == {"31.72", "31.72.01", "31.72.02"}
        assert all(r.counters is None and len(r.set) in (3, 4) for r in delta.rows)
        view = desk_console.views[topic]
        assert [view.value(c, REACHED) for c in ("31.72", "31.72.01", "31.72.02")] == [2, 1, 1]
        assert shown(view) == await fresh_rows(pool, small.operation, "31.72")


async def test_rows_of_a_kelurahan_are_its_tps(live: Settings, desk: Desk, token: str) -> None:
    small = desk.small
    topic = f"{small.operation}:{small.kelurahan[0]}"
    async with console(live, token) as found:
        first = await found.subscribe(topic)
        assert [r.code for r in first.rows] == [small.kelurahan[0], *small.tps[:3]]
        await desk.file([small.tps[1]])
        await found.until_value(topic, small.tps[1], REACHED, 1)


async def test_many_reports_come_in_few_frames_and_sum_up(
    live: Settings, desk: Desk, token: str, pool: db.Pool
) -> None:
    small = desk.small
    topic = f"{small.operation}:31.72"
    async with console(live, token) as found:
        await found.subscribe(topic)
        for _ in range(4):
            for place in small.tps:
                await desk.incident(place)
        await found.until_value(topic, "31.72", "incident.rendah", 48)
        frames = [m for m in found.seen if isinstance(m, wire.Delta)]
        assert len(frames) < 40
        for before, after in itertools.pairwise(frames):
            assert after.from_ == before.to
        assert shown(found.views[topic]) == await fresh_rows(pool, small.operation, "31.72")


async def test_nothing_is_sent_about_places_that_nobody_watches(live: Settings, desk: Desk, token: str) -> None:
    small = desk.small
    async with console(live, token) as found:
        await found.subscribe(f"{small.operation}:31.72.01")
        await desk.file([small.tps[-1]])
        await found.until(lambda m: isinstance(m, wire.Heartbeat))
        await found.until(lambda m: isinstance(m, wire.Heartbeat))
        assert not any(isinstance(m, wire.Delta) for m in found.seen)


async def test_whoever_comes_back_gets_only_what_it_missed(live: Settings, desk: Desk, token: str) -> None:
    small = desk.small
    topic = f"{small.operation}:31.72"
    async with console(live, token) as found:
        await found.subscribe(topic)
        view = found.views[topic]
    version = await desk.file([small.tps[0]])
    async with console(live, token) as again:
        again.views[topic] = view
        # Another console makes sure that the hub has seen the report.
        async with console(live, token) as other:
            await other.subscribe(topic)
            await other.until_value(topic, "31.72", REACHED, 1)
        answer = await again.subscribe(topic, view.version, view.layout)
        assert isinstance(answer, wire.Delta)
        assert answer.to == version
        assert {r.code for r in answer.rows} == {"31.72", "31.72.01"}
        empty = await again.subscribe(topic, view.version, view.layout)
        assert (empty.from_, empty.to, empty.rows) == (version, version, [])
        assert isinstance(await again.subscribe(topic, 0, (view.layout or 0) + 1), wire.Snapshot)


async def test_a_client_ahead_of_this_hub_waits_for_a_fresh_look(live: Settings, desk: Desk, token: str) -> None:
    small = desk.small
    topic = f"{small.operation}:31.72"
    async with console(live, token) as found:
        first = await found.subscribe(topic)
        version = await desk.file([small.tps[0]], rings=False)
        # It had this version from another hub; this one has not seen it yet.
        answer = await found.subscribe(topic, version, first.layout)
        assert isinstance(answer, wire.Delta)
        assert answer.to >= version
        # A version that the database never had: it was restored from a backup.
        await found.say(wire.Subscribe(topic, version + 100, first.layout))
        await found.until(lambda m: isinstance(m, wire.Snapshot))


async def test_a_lost_bell_costs_less_than_two_seconds(live: Settings, desk: Desk, token: str) -> None:
    small = desk.small
    topic = f"{small.operation}:31.72"
    async with console(live, token) as found:
        await found.subscribe(topic)
        await found.until(lambda m: isinstance(m, wire.Heartbeat) and bool(m.versions))
        await desk.file([small.tps[0]], rings=False)
        assert await found.until_value(topic, "31.72", REACHED, 1) < SOON_S


async def test_bells_out_of_order_and_garbage_on_the_channel_harm_nobody(
    live: Settings, desk: Desk, token: str, services: Embedded
) -> None:
    small = desk.small
    topic = f"{small.operation}:31.72"
    client = redis.from_url(services.redis_url)
    async with console(live, token) as found:
        await found.subscribe(topic)
        for garbage in (
            b"",
            b"\xff\xff",
            b"[1,2]",
            encode(Ring(99, [1], ["31"])),
            encode(Ring(1, [10**12], ["31.72"])),
        ):
            await client.publish(CHANNEL, garbage)
        await desk.file([small.tps[0]])
        await found.until_value(topic, "31.72", REACHED, 1)
    await client.aclose()


async def test_redis_killed_and_started_again_loses_only_time(
    live: Settings, desk: Desk, token: str, services: Embedded
) -> None:
    small = desk.small
    topic = f"{small.operation}:31.72"
    async with console(live, token) as found:
        await found.subscribe(topic)
        await asyncio.to_thread(services.kill_redis)
        try:
            await desk.file([small.tps[0]])
            assert await found.until_value(topic, "31.72", REACHED, 1) < SOON_S
        finally:
            await asyncio.to_thread(services.start_redis)
        await desk.file([small.tps[1]])
        assert await found.until_value(topic, "31.72", REACHED, 2) < SOON_S
        # The bell is heard again: no look is waited for.
        deadline = time.monotonic() + 15
        count, quick = 2, 9.9
        while quick > 0.5 and time.monotonic() < deadline:
            await desk.file([small.tps[count]])
            count += 1
            quick = await found.until_value(topic, "31.72", REACHED, count)
        assert quick < 0.5


async def test_another_layout_sends_everybody_a_snapshot(live: Settings, desk: Desk, token: str, pool: db.Pool) -> None:
    small = desk.small
    topic = f"{small.operation}:31.72"
    async with console(live, token) as found:
        first = await found.subscribe(topic)
        await found.until(lambda m: isinstance(m, wire.Heartbeat) and bool(m.versions))
        await pool.execute("update posko.node set name = 'KOTA BARU' where code = '31.72'")
        await pool.execute("update posko.operation set layout = layout + 1, version = version + 1")
        again = await found.until(lambda m: isinstance(m, wire.Snapshot))
        assert (again.layout, again.names["31.72"]) == (first.layout + 1, "KOTA BARU")


async def test_a_closed_operation_is_said_with_every_heartbeat(
    live: Settings, desk: Desk, token: str, pool: db.Pool
) -> None:
    operation = desk.small.operation
    async with console(live, token) as found:
        await found.subscribe(f"{operation}:31.72")
        beat = await found.until(lambda m: isinstance(m, wire.Heartbeat) and bool(m.versions))
        assert beat.closed == []
        await pool.execute("select api.close($1)", operation)
        await found.until(lambda m: isinstance(m, wire.Heartbeat) and m.closed == [operation])


async def test_a_database_restored_to_an_older_version_sends_everybody_a_snapshot(
    live: Settings, desk: Desk, token: str, pool: db.Pool
) -> None:
    small = desk.small
    topic = f"{small.operation}:31.72"
    async with console(live, token) as found:
        first = await found.subscribe(topic)
        before = await pool.fetch("select node_id, version, counters from posko.rollup")
        for place in small.tps[:3]:
            await desk.file([place])
        await found.until_value(topic, "31.72", REACHED, 3)
        await found.until(
            lambda m: isinstance(m, wire.Heartbeat) and m.versions.get(small.operation) == first.version + 3
        )
        async with pool.acquire() as connection, connection.transaction():
            await connection.executemany(
                "update posko.rollup set version = $2, counters = $3 where node_id = $1", [tuple(r) for r in before]
            )
            await connection.execute("update posko.operation set version = $1", first.version)
        again = await found.until(lambda m: isinstance(m, wire.Snapshot))
        assert again.version == first.version
        assert shown(found.views[topic]) == await fresh_rows(pool, small.operation, "31.72")


async def test_out_of_scope_answers_as_what_does_not_exist(live: Settings, desk: Desk, pool: db.Pool) -> None:
    operation = desk.small.operation
    async with pool.acquire() as connection:
        await make_account(connection, "camat", "supervisor", "31.72.01")
    token = (await sign_in(pool, "camat")).token
    async with console(live, token) as found:
        answers: list[Any] = []
        for code in ("31.72", "31.72.02", "31.72.02.1001", "31.73", "ID", "31.72.01.9999"):
            answers.append(await found.subscribe(f"{operation}:{code}"))
        answers.append(await found.subscribe("999:31.72.01"))
        assert {(type(a), a.code) for a in answers} == {(wire.ProblemMessage, "place-unknown")}
        assert {a.detail.replace(a.topic.partition(":")[2], "X") for a in answers} == {"there is no region X here"}
        assert isinstance(await found.subscribe(f"{operation}:31.72.01"), wire.Snapshot)
        await desk.file([desk.small.tps[-1], desk.small.tps[0]])
        delta = await found.until(lambda m: isinstance(m, wire.Delta))
        assert all(r.code.startswith("31.72.01") for r in delta.rows)


async def test_a_scope_is_no_prefix_of_letters(database: str, desk: Desk, services: Embedded, pool: db.Pool) -> None:
    """31.7 is no ancestor of 31.72, nor 31.72.01.100 of 31.72.01.1001."""
    async with pool.acquire() as connection:
        await make_account(connection, "cut", "supervisor", "31.72.01.100")
        await make_account(connection, "short", "supervisor", "31.71")
    async with running_hub(database, services.redis_url) as live:
        for name in ("cut", "short"):
            async with console(live, (await sign_in(pool, name)).token) as found:
                answer = await found.subscribe(f"{desk.small.operation}:31.72.01.1001")
                assert answer.code == "place-unknown"
        async with console(live, (await sign_in(pool)).token) as found:
            await found.say(wire.Subscribe("1:31.7"))
            problem: Any = await found.next()
            assert (problem.code, problem.errors[0].path) == ("invalid", "$.topic")


async def test_shutting_down_tells_consoles_when_to_come_again(
    database: str, desk: Desk, services: Embedded, token: str
) -> None:
    hub = running_hub(database, services.redis_url)
    live = await hub.__aenter__()
    async with console(live, token) as found:
        await found.subscribe(f"{desk.small.operation}:31.72")
        ended = asyncio.create_task(hub.__aexit__(None, None, None))
        bye = await found.until(lambda m: isinstance(m, wire.Bye))
        assert (bye.code, bye.retry_after_s > 0) == ("shutdown", True)
        await ended
