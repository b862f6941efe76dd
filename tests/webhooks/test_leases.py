"""Whose turn it is: leases go round, hold for what is under way, and end when an endpoint becomes another."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from posko.webhooks import store
from posko.webhooks.answer import Answer
from posko.webhooks.endpoint import EndpointIn
from posko.webhooks.schedule import Verdict
from posko.webhooks.store import Settled
from posko.webhooks.told import ChallengeEvent
from tests.factories import incident
from tests.webhooks.ground import Webhooks

UNDER_WAY = (
    "select count(*) from posko.delivery_key where endpoint_id = $1 and next_at > posko.now() and next_at <> 'infinity'"
)


async def test_another_address_takes_the_lease_from_whoever_delivers_to_the_old_one(hooks: Webhooks) -> None:
    """Else the challenge that is meant for the new one would be sent to, and answered by, the old."""
    pool, endpoint = hooks.day.pool, await hooks.add(types=("incident.*",))
    await hooks.day.file(hooks.day.small.tps[0], incident("tinggi"))
    (lease,) = await store.lease(pool, "escalation", limit=10, lease_s=25)
    (due,) = await store.due(pool, "escalation", lease, limit=16, lease_s=25)
    async with pool.acquire() as connection, connection.transaction():
        to = _wanted(hooks, hooks.receiver.url("elsewhere"))
        await store.change(connection, None, endpoint, to)
        await store.call(connection, None, endpoint, "endpoint.challenge", ChallengeEvent("abc"))

    assert await store.due(pool, "escalation", lease, limit=16, lease_s=25) == []
    taken = Settled(due.event, due.at, Answer(status=200), Verdict("delivered"))
    assert await store.settle(pool, "escalation", lease, [taken]) == "lost"
    (now,) = await store.lease(pool, "escalation", limit=10, lease_s=25)
    assert now.url == hooks.receiver.url("elsewhere")
    (challenge,) = await store.due(pool, "escalation", now, limit=16, lease_s=25)
    assert challenge.type == "endpoint.challenge"


def _wanted(hooks: Webhooks, url: str) -> EndpointIn:
    said: dict[str, Any] = {
        "operation": hooks.day.operation, "region": hooks.day.small.root, "url": url, "description": "hook", "types": ["incident.*"],
    }  # fmt: skip
    return msgspec.convert(said, EndpointIn)


async def test_no_more_is_under_way_than_the_rate_lets_out_within_the_lease(hooks: Webhooks) -> None:
    """At one a second the sixteenth would wait for sixteen seconds, take fifteen, and be due again before it ended."""
    endpoint = await hooks.add(types=("incident.*",), rate=1)
    for tps in hooks.day.small.tps:
        await hooks.day.file(tps, incident("tinggi"))
    async with hooks.delivering("escalation"):
        await hooks.receiver.until(lambda: len(hooks.receiver.received) >= 1)
        await asyncio.sleep(0.3)
        assert 1 <= await hooks.day.pool.fetchval(UNDER_WAY, endpoint) <= 5


async def test_busy_endpoints_take_turns(hooks: Webhooks) -> None:
    """Whoever takes one at a time comes round to all, and does not begin again with the first."""
    endpoints = [await hooks.add(name=f"hook{n}", types=("incident.*",)) for n in range(3)]
    await hooks.day.file(hooks.day.small.tps[0], incident("tinggi"))
    served = []
    for _ in range(6):
        (lease,) = await store.lease(hooks.day.pool, "escalation", limit=1, lease_s=25)
        served.append(lease.endpoint)
        await store.release(hooks.day.pool, "escalation", lease)
    assert served == endpoints * 2


async def test_a_lease_that_was_given_back_is_no_lease(hooks: Webhooks) -> None:
    await hooks.add(types=("incident.*",))
    await hooks.day.file(hooks.day.small.tps[0], incident("tinggi"))
    (lease,) = await store.lease(hooks.day.pool, "escalation", limit=1, lease_s=25)
    await store.release(hooks.day.pool, "escalation", lease)
    assert await store.due(hooks.day.pool, "escalation", lease, limit=1, lease_s=25) == []
    assert await store.settle(hooks.day.pool, "escalation", lease, []) == "lost"
