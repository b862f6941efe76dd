"""What is sent: every kind of event, signed, in order, at least once; and what failures lead to."""

from __future__ import annotations

import asyncio
import random
import uuid

import jsonschema
import msgspec
import pytest

from posko import db
from posko.webhooks import store
from posko.webhooks.endpoint import Replay
from posko.webhooks.event import schema
from posko.webhooks.told import CATALOGUE, ChallengeEvent, TestEvent
from tests.directives.orders import issue
from tests.factories import incident
from tests.incidents.ground import clock
from tests.webhooks.ground import LIMIT_S, Received, Webhooks, all_settled


def _fits(got: Received) -> None:
    kind = got.body["type"]
    jsonschema.validate(got.body, schema(kind), cls=jsonschema.Draft202012Validator)
    msgspec.convert(got.what, CATALOGUE[kind][0], strict=False)
    assert len(got.raw) < 20_000 and got.headers["webhook-id"] == got.body["id"]


async def test_an_incident_is_told_from_its_opening_to_its_end(hooks: Webhooks) -> None:
    day, tps = hooks.day, hooks.day.small.tps[0]
    endpoint = await hooks.add()
    await day.at(clock(8))
    async with hooks.delivering():
        case = await day.file(tps, incident("kritis"))
        await day.turn()
        await day.act(case, "acknowledgement")
        await day.act(case, "handling")
        await day.act(case, "comment", "pompa datang")
        await day.act(case, "resolution", "air surut")
        await day.act(case, "closure")
        await all_settled(day.pool)
    got = [r for r in hooks.receiver.received if r.body["partitionkey"] == f"incident:{case}"]
    assert [r.body["type"].partition(".")[2] for r in got] == [
        "opened", "escalated", "acknowledged", "handled", "updated", "resolved", "closed",
    ]  # fmt: skip
    for one in hooks.receiver.received:
        _fits(one)
        hooks.verify(endpoint, one)
    first = got[0].body
    assert (first["data"]["place"], first["data"]["drill"], first["data"]["restricted"]) == (tps, True, False)
    assert first["data"]["href"] == f"https://posko.example/v1/incidents/{case}"
    assert first["time"].endswith("Z") and got[0].what["incident"]["opened_at"].endswith(("Z", "+00:00"))
    assert (got[1].what["entry"]["desk"], got[1].what["entry"]["tier"]) == (tps[:-4], 4)
    assert got[4].what["entry"]["said"] == "pompa datang"
    sequences = sorted(int(r.body["sequence"]) for r in hooks.receiver.received)
    assert sequences == list(range(1, len(sequences) + 1))
    assert await hooks.states(endpoint) == {"delivered": len(sequences)}


async def test_an_alarm_and_a_threshold_are_told(hooks: Webhooks) -> None:
    day = hooks.day
    await hooks.add(types=("alarm.*", "rollup.threshold"))
    await day.at(clock(7, 45))
    await day.turn()
    for tps in day.small.tps:
        await day.file(tps, {"kind": "milestone", "milestone": "voting_open"})
    await day.turn()
    async with hooks.delivering():
        await all_settled(day.pool)
    kinds = hooks.receiver.types()
    assert {"alarm.raised", "alarm.escalated", "alarm.ended", "rollup.threshold"} <= set(kinds)
    for one in hooks.receiver.received:
        _fits(one)
    shares = [
        r.what["share"]
        for r in hooks.receiver.received
        if r.body["type"] == "rollup.threshold" and r.what["milestone"] == "voting_open"
    ]
    assert shares == [25, 50, 75, 90, 100]
    before = len(kinds)
    await day.turn()
    async with hooks.delivering():
        await all_settled(day.pool)
    assert len(hooks.receiver.received) == before


async def test_thin_tells_what_and_where_and_nothing_that_people_wrote(hooks: Webhooks) -> None:
    await hooks.add(payload="thin", types=("incident.*",))
    await hooks.day.file(hooks.day.small.tps[0], incident("tinggi", text="rahasia warga"))
    async with hooks.delivering():
        await all_settled(hooks.day.pool)
    (got,) = hooks.receiver.received
    assert "what" not in got.body["data"] and b"rahasia" not in got.raw


async def test_the_longest_that_can_be_said_fits_into_a_body(hooks: Webhooks) -> None:
    day = hooks.day
    endpoint = await hooks.add(types=("incident.*", "directive.*"))
    longest = "🚨" * 2000
    case = await day.file(day.small.tps[0], incident("tinggi", text=longest, people=1_000))
    await day.act(case, "comment", longest)
    await issue(day, {"kind": "places", "places": day.small.tps}, text=longest, incident=case)
    async with hooks.delivering():
        await all_settled(day.pool)
    assert await hooks.states(endpoint) == {"delivered": len(hooks.receiver.received)}
    assert {"incident.updated", "directive.issued"} <= set(hooks.receiver.types())
    assert 16_000 < max(len(r.raw) for r in hooks.receiver.received) < 20_000


async def test_an_endpoint_must_answer_a_challenge_before_it_is_sent_anything(hooks: Webhooks) -> None:
    day, pool = hooks.day, hooks.day.pool
    hooks.receiver.is_honest = False
    endpoint = await hooks.add(verified=False)

    async def challenge(said: str) -> str:
        async with pool.acquire() as connection, connection.transaction():
            await store.call(connection, None, endpoint, "endpoint.challenge", ChallengeEvent(said))
        async with hooks.delivering():
            await all_settled(pool)
        state: str = await pool.fetchval("select state from posko.endpoint where id = $1", endpoint)
        return state

    await day.file(day.small.tps[0], incident("kritis"))
    assert await challenge("abc") == "unverified"
    why = await pool.fetchval("select state_why from posko.endpoint where id = $1", endpoint)
    assert why == "it did not give the challenge back"
    hooks.receiver.is_honest = True
    assert await challenge("abcd") == "active"
    assert hooks.receiver.received == []
    await day.file(day.small.tps[1], incident("kritis"))
    async with hooks.delivering():
        await all_settled(pool)
    assert hooks.receiver.types() == ["incident.opened"]


async def test_a_poison_message_parks_its_own_key_alone_until_it_is_replayed(hooks: Webhooks) -> None:
    day = hooks.day
    endpoint = await hooks.add(types=("incident.*",))
    bad = await day.file(day.small.tps[0], incident("tinggi"))
    good = await day.file(day.small.tps[1], incident("tinggi"))
    for case in (bad, good):
        await day.act(case, "acknowledgement")
    hooks.receiver.answers = lambda r: 422 if f"incident:{bad}" == r.body["partitionkey"] else 200
    async with hooks.delivering():
        await hooks.hurried("select count(*) = 3 from posko.delivery where state in ('delivered', 'parked')")
    assert await hooks.states(endpoint) == {"delivered": 2, "parked": 1, "pending": 1}
    tried = [r for r in hooks.receiver.received if r.body["partitionkey"] == f"incident:{bad}"]
    assert len(tried) == 3 and len({r.headers["webhook-id"] for r in tried}) == 1
    hooks.receiver.answers = lambda _: 200
    async with day.pool.acquire() as connection, connection.transaction():
        said = Replay(events=(uuid.UUID(tried[0].headers["webhook-id"]),))
        assert await store.replay(connection, None, endpoint, said) == 1
    async with hooks.delivering():
        await all_settled(day.pool)
    types = [r.body["type"] for r in hooks.receiver.received if r.body["partitionkey"] == f"incident:{bad}"]
    assert types[-2:] == ["incident.opened", "incident.acknowledged"]


async def test_what_fails_is_tried_again_in_order_and_the_breaker_saves_attempts(hooks: Webhooks) -> None:
    day, pool = hooks.day, hooks.day.pool
    endpoint = await hooks.add(types=("incident.*", "endpoint.*"))
    hooks.receiver.answers = lambda _: 503
    cases = [await day.file(tps, incident("tinggi")) for tps in day.small.tps[:8]]
    async with hooks.delivering():
        async with asyncio.timeout(LIMIT_S):
            while not await pool.fetchval("select exists (select from posko.alarm where kind = 'webhook')"):
                await asyncio.sleep(0.05)
        assert [a[:3] for a in await day.alarms() if a[0] == "webhook"] == [("webhook", day.small.root, 1)]
        lane = await pool.fetchrow(
            "select * from posko.endpoint_lane where endpoint_id = $1 and lane = 'escalation'", endpoint
        )
        assert lane["trips"] >= 1
        hooks.receiver.answers = lambda _: 200
        await hooks.hurried("select count(*) = $1 from posko.delivery where state = 'delivered'", len(cases) + 2)
    assert await hooks.states(endpoint) == {"delivered": len(cases) + 2}
    assert [a[3] for a in await day.alarms() if a[0] == "webhook"] == [True]
    assert hooks.receiver.types()[-1] == "endpoint.recovered"
    assert await day.differences() == []


@pytest.mark.parametrize(("status", "state"), [(410, "disabled"), (301, "active"), (500, "active")])
async def test_gone_disables_and_nothing_else_does(hooks: Webhooks, status: int, state: str) -> None:
    endpoint = await hooks.add(types=("incident.*",))
    hooks.receiver.answers = lambda _: (status, {"location": hooks.receiver.url("elsewhere")})
    await hooks.day.file(hooks.day.small.tps[0], incident("tinggi"))
    async with hooks.delivering():
        async with asyncio.timeout(LIMIT_S):
            while not await hooks.day.pool.fetchval("select exists (select from posko.attempt)"):
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
    assert await hooks.day.pool.fetchval("select state from posko.endpoint where id = $1", endpoint) == state
    assert {r.path for r in hooks.receiver.received} == {"/hook"}
    assert await hooks.states(endpoint) == {"pending": 1}


async def test_whenever_a_worker_is_told_to_stop_its_leases_are_free(hooks: Webhooks, database: str) -> None:
    day, rng = hooks.day, random.Random(6)
    endpoint = await hooks.add(types=("incident.*",))
    # A worker whose connections are always in use: it is told to stop while it waits for one, whatever for.
    narrow = await db.open_pool(database, size=1, statement_timeout_s=20)

    async def hold() -> None:
        while True:
            async with narrow.acquire():
                await asyncio.sleep(0.05)

    holding = asyncio.create_task(hold())
    for n in range(12):
        async with day.pool.acquire() as connection, connection.transaction():
            await store.call(connection, None, endpoint, "endpoint.test", TestEvent("x"))
        async with hooks.delivering("escalation", pool=narrow):
            await hooks.receiver.until(lambda n=n: len(hooks.receiver.received) > n)  # type: ignore[misc]
            await asyncio.sleep(rng.uniform(0, 0.3))
        assert not await day.pool.fetchval("select bool_or(lease_until > posko.now()) from posko.endpoint_lane"), n
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)
    narrow.terminate()
