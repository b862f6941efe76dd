"""Endpoints that refuse, that want no more, that are taken away or moved while they fail: what becomes of the alarm."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from posko.webhooks import store
from posko.webhooks.endpoint import EndpointIn
from posko.webhooks.told import TestEvent
from tests.factories import incident
from tests.webhooks.ground import LIMIT_S, Webhooks, all_settled

ALARMS = """
select n.code, a.missing, a.expected, a.peak, a.closed_at is not null
from posko.alarm a join posko.node n on n.id = a.node_id where a.kind = 'webhook' order by a.opened_at, a.id"""
LANE = """
select trips, failures, open_at - (select max(at) from posko.attempt a where a.endpoint_id = l.endpoint_id) >= interval '1 second' as is_open
from posko.endpoint_lane l where endpoint_id = $1 and lane = 'escalation'"""


async def _alarms(hooks: Webhooks) -> list[tuple[Any, ...]]:
    """(place, missing, expected, peak, has ended)."""
    return [tuple(row) for row in await hooks.day.pool.fetch(ALARMS)]


async def _turn(hooks: Webhooks, endpoint: int, *, is_failing: bool = True) -> None:
    await store.turn(hooks.day.pool, endpoint, is_failing=is_failing)


async def _remove(hooks: Webhooks, endpoint: int) -> None:
    async with hooks.day.pool.acquire() as connection, connection.transaction():
        await store.remove(connection, None, endpoint)


async def _move(hooks: Webhooks, endpoint: int, *, region: str | None = None, name: str = "hook") -> None:
    said = {
        "operation": hooks.day.operation, "region": region or hooks.day.small.root, "url": hooks.receiver.url(name),
        "description": "hook", "types": ("*",),
    }  # fmt: skip
    async with hooks.day.pool.acquire() as connection, connection.transaction():
        await store.change(connection, None, endpoint, msgspec.convert(said, EndpointIn))


async def _test(hooks: Webhooks, endpoint: int) -> None:
    async with hooks.day.pool.acquire() as connection, connection.transaction():
        await store.call(connection, None, endpoint, "endpoint.test", TestEvent("uji coba"))


async def _until(hooks: Webhooks, question: str, *arguments: Any) -> None:
    """Delivers, in haste, until the database says yes."""
    async with hooks.delivering():
        await hooks.hurried(question, *arguments)


async def test_refusals_alone_raise_the_alarm_and_open_the_breaker(hooks: Webhooks) -> None:
    day = hooks.day
    endpoint = await hooks.add(types=("incident.*",))
    hooks.receiver.answers = lambda _: 422
    for tps in day.small.tps[:5]:
        await day.file(tps, incident("tinggi"))
    # Refused twice already: each is parked at its next attempt, and nothing is left to be tried again.
    await day.pool.execute("update posko.delivery set failures = 2")
    async with hooks.delivering(), asyncio.timeout(LIMIT_S):
        while await hooks.states(endpoint) != {"parked": 5} or not await _alarms(hooks):
            await asyncio.sleep(0.05)
        assert await _alarms(hooks) == [(day.small.root, 1, 1, 1, False)]
        lane = await day.pool.fetchrow(LANE, endpoint)
        assert (lane["trips"], lane["failures"], lane["is_open"]) == (1, 5, True)
        # One that is taken ends both, though the five stay where they are.
        hooks.receiver.answers = lambda _: 200
        await day.file(day.small.tps[5], incident("tinggi"))
        while (await hooks.states(endpoint)).get("delivered") != 1 or (await _alarms(hooks))[0][1]:
            await asyncio.sleep(0.05)
    assert await _alarms(hooks) == [(day.small.root, 0, 1, 1, True)]
    assert await hooks.states(endpoint) == {"parked": 5, "delivered": 1}
    assert tuple(await day.pool.fetchrow(LANE, endpoint))[:2] == (0, 0)


async def test_one_that_wants_no_more_fails_at_once_and_is_an_alarm_until_it_takes_something(hooks: Webhooks) -> None:
    day, state = hooks.day, "select state = $2 and (failing_since is not null) = $3 from posko.endpoint where id = $1"
    gone = await hooks.add(name="pergi", types=("incident.*",))
    await hooks.add(name="lain", types=("endpoint.*",))
    hooks.receiver.answers = lambda r: 410 if r.path == "/pergi" else 200
    await day.file(day.small.tps[0], incident("tinggi"))
    await _until(hooks, state, gone, "disabled", True)
    async with hooks.delivering():
        await hooks.receiver.until(lambda: "endpoint.failing" in hooks.receiver.types())
    assert await _alarms(hooks) == [(day.small.root, 1, 2, 1, False)]
    # Nothing of later is kept for it; what waited goes when somebody lets it.
    await day.file(day.small.tps[1], incident("tinggi"))
    assert await hooks.states(gone) == {"pending": 1}
    hooks.receiver.answers = lambda _: 200
    async with day.pool.acquire() as connection, connection.transaction():
        await store.pause(connection, None, gone, False, None)
    assert (await _alarms(hooks))[0][1] == 1
    await _until(hooks, state, gone, "active", False)
    assert await _alarms(hooks) == [(day.small.root, 0, 2, 1, True)]
    assert await hooks.states(gone) == {"delivered": 1}


async def test_several_that_fail_are_one_alarm_that_grows_and_shrinks(hooks: Webhooks) -> None:
    day, root = hooks.day, hooks.day.small.root
    one, two = await hooks.add(name="a"), await hooks.add(name="b")
    await hooks.add(name="c")
    await hooks.add(name="belum", verified=False)  # never was: nobody misses it
    await hooks.add(name="camat", region=day.small.kecamatan[0])
    seen = []
    for endpoint, is_failing in ((one, True), (two, True), (two, True), (one, False), (two, False), (one, True)):
        await _turn(hooks, endpoint, is_failing=is_failing)
        seen.append((await _alarms(hooks))[-1])
    assert seen == [
        (root, 1, 3, 1, False), (root, 2, 3, 2, False), (root, 2, 3, 2, False), (root, 1, 3, 2, False), (root, 0, 3, 2, True),
        (root, 1, 3, 1, False),
    ]  # fmt: skip
    assert len(await _alarms(hooks)) == 2
    assert (await day.counters(root))["alarm.webhook"] == 1
    assert await day.differences() == []


async def test_what_fails_and_is_removed_is_missed_no_longer(hooks: Webhooks) -> None:
    day, root = hooks.day, hooks.day.small.root
    one, two = await hooks.add(name="a"), await hooks.add(name="b")
    told = await hooks.add(name="c", types=("alarm.ended",))
    for endpoint in (one, two):
        await _turn(hooks, endpoint)
    await _remove(hooks, one)
    assert await _alarms(hooks) == [(root, 1, 2, 2, False)]
    await _remove(hooks, two)
    assert await _alarms(hooks) == [(root, 0, 1, 2, True)]
    assert "alarm.webhook" not in await day.counters(root)
    assert await day.differences() == []
    assert await hooks.states(told) == {"pending": 1}


async def test_what_fails_and_moves_takes_its_alarm_along(hooks: Webhooks) -> None:
    day, (root, kecamatan) = hooks.day, (hooks.day.small.root, hooks.day.small.kecamatan[0])
    endpoint = await hooks.add()
    await _turn(hooks, endpoint)
    await _move(hooks, endpoint, region=kecamatan)
    assert await _alarms(hooks) == [(root, 0, 0, 1, True), (kecamatan, 1, 1, 1, False)]
    await _turn(hooks, endpoint, is_failing=False)
    assert await _alarms(hooks) == [(root, 0, 0, 1, True), (kecamatan, 0, 1, 1, True)]
    assert await day.differences() == []


async def test_of_another_address_it_is_not_known_that_it_fails(hooks: Webhooks) -> None:
    endpoint = await hooks.add(name="lama")
    await _turn(hooks, endpoint)
    await _move(hooks, endpoint, name="baru")
    assert [alarm[-1] for alarm in await _alarms(hooks)] == [True]
    assert await hooks.day.pool.fetchval("select failing_since from posko.endpoint where id = $1", endpoint) is None
    assert await hooks.day.differences() == []


@pytest.mark.parametrize("status", [422, 503])
async def test_a_test_arrives_whatever_became_of_what_was_sent_before(hooks: Webhooks, status: int) -> None:
    """A refused one is dead and holds up nothing, one that waits makes room; what is parked has a key of its own."""
    day = hooks.day
    endpoint = await hooks.add(types=("incident.*",))
    hooks.receiver.answers = lambda _: status
    await day.file(day.small.tps[0], incident("tinggi"))
    await _test(hooks, endpoint)
    ended = "select bool_and(d.state in ('parked', 'dead') or d.attempts >= 3) from posko.delivery d where d.endpoint_id = $1"
    await _until(hooks, ended, endpoint)
    first = "dead" if status == 422 else "dropped"
    if status == 422:
        assert await hooks.states(endpoint) == {"parked": 1, "dead": 1}
        keys = await day.pool.fetch(
            "select next_at = 'infinity' as is_parked from posko.delivery_key where key = 'test'"
        )
        assert keys == []
    hooks.receiver.answers = lambda r: 200 if r.body["type"] == "endpoint.test" else status
    await _test(hooks, endpoint)
    arrived = "select count(*) = 1 from posko.delivery where endpoint_id = $1 and key = 'test' and state = 'delivered'"
    await _until(hooks, arrived, endpoint)
    states = await day.pool.fetch("select state from posko.delivery where key = 'test' order by sequence")
    assert [row["state"] for row in states] == [first, "delivered"]


async def test_ids_of_events_rise_with_the_sequence_of_an_endpoint(hooks: Webhooks) -> None:
    """What is open and what is terbatas is written by transactions that wait for each other at the endpoint alone."""
    day = hooks.day
    endpoint = await hooks.add(cleared=True)
    lane = await day.pool.fetchval("select id from posko.operation where restricts = $1", day.operation)
    publish = """
        select api.publish(o, o.version, array[row('incident.updated', n.id, 'incident:x', 'escalation', posko.now(), '{}')::posko.news])
        from posko.operation o join posko.node n on n.operation_id = o.id and n.level = 4 where o.id = $1 order by n.id limit 1"""
    waits = (
        "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())"
    )
    for _ in range(3):
        async with day.pool.acquire() as connection:
            async with connection.transaction():
                await connection.execute(publish, day.operation)
                other = asyncio.create_task(day.pool.execute(publish, lane))
                async with asyncio.timeout(LIMIT_S):
                    while not await day.pool.fetchval(waits):
                        await asyncio.sleep(0.01)
                await connection.execute(publish, day.operation)
            await other
    rows = await day.pool.fetch(
        "select d.event_id, d.sequence, v.operation_id from posko.delivery d join posko.event v on v.id = d.event_id where d.endpoint_id = $1 order by d.sequence",
        endpoint,
    )
    assert [row["sequence"] for row in rows] == list(range(1, 10))
    assert [row["operation_id"] == lane for row in rows] == [False, False, True] * 3
    ids = [row["event_id"] for row in rows]
    assert ids == sorted(ids)
    assert await all_settled_in_order(hooks, endpoint) == list(range(1, 10))


async def all_settled_in_order(hooks: Webhooks, endpoint: int) -> list[int]:
    """Delivers what waits; answers the sequences in the order in which they arrived."""
    async with hooks.delivering():
        await all_settled(hooks.day.pool)
    return [int(got.body["sequence"]) for got in hooks.receiver.received]
