"""Webhooks under fire: workers are killed, stopped and stalled, the database too, and every event arrives, in order, under one id.

By default a size that a test run bears; POSKO_WEBHOOK_EVENTS=500, _WORKERS and _SECONDS make it ten thousand deliveries, minutes.
Nothing waits for a retry or a lease: the cluster's clock is moved.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import itertools
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from posko import db, migrate
from posko.embedded import Embedded
from posko.webhooks import store
from posko.webhooks.endpoint import EndpointIn
from posko.webhooks.keys import Keys
from tests.factories import Small, make_small
from tests.faults.field import DOWN, REST_LIMIT_S, Field
from tests.webhooks.system import Arrival, Manner, Spec, Systems, told

ENDPOINTS = 20
EVENTS = int(os.environ.get("POSKO_WEBHOOK_EVENTS", "50"))
WORKERS = int(os.environ.get("POSKO_WEBHOOK_WORKERS", "3"))
KILLING_S = float(os.environ.get("POSKO_WEBHOOK_SECONDS", "8"))
KEYS = 25
FAILS = 0.15
SPEED = 20.0
"""Seconds of the clock in one: a lease of 25 s ends after 1.25."""
SECRET = "only-for-tests-only-for-tests-only-for-tests"
SAID = '{"said": "' + "air naik " * 40 + '"}'

PUBLISH = """
with o as (update posko.operation set version = version + 1 where id = $1 returning *)
select api.publish(o, o.version, array(
    select row('incident.updated', t.id, k.key, case when k.key ^@ 'incident:' then 'escalation' else 'rest' end, posko.now(), $3::jsonb)::posko.news from unnest($2::text[]) with ordinality as k(key, i) order by k.i))
from o cross join lateral (select min(id) as id from posko.node where operation_id = o.id and level = 6) t"""
LEFT = "select count(*) from posko.delivery where state = 'pending'"
STATES = "select state, count(*)::int as n from posko.delivery group by state"


class Telling(Field):
    """A small operation and endpoints on the field, each a port of one process of systems."""

    small: Small
    endpoints: list[int]

    async def add(self, systems: Systems) -> None:
        """An endpoint of each port, verified."""
        keys, made = Keys(SECRET), []
        async with self.pool.acquire() as connection:
            for port in range(len(systems.ports)):
                new = EndpointIn(operation=self.small.operation, region=self.small.root, url=systems.url(port), description=f"system {port}",
                                 types=("incident.*",), rate=1000)  # fmt: skip
                _, uid, sealed = keys.new()
                made.append(await store.add(connection, None, new, uid, sealed))
            await connection.execute("update posko.endpoint set state = 'active', verified_at = posko.now()")
        self.endpoints = made

    async def publish(self, *keys: str) -> None:
        """An event of each key, in this order, for every endpoint; the database may be down meanwhile."""
        limit = time.monotonic() + REST_LIMIT_S
        while True:
            try:
                await self.pool.execute(PUBLISH, self.small.operation, list(keys), SAID)
                return
            except DOWN:
                assert time.monotonic() < limit
                await asyncio.sleep(0.1)

    async def left(self) -> int:
        """How many deliveries wait; one more than there can be while the database is down."""
        with contextlib.suppress(*DOWN):
            return int(await self.pool.fetchval(LEFT))
        return 1 << 30

    async def until(self, condition: Callable[[], Any], limit_s: float = REST_LIMIT_S) -> float:
        """Seconds until it is so."""
        began = time.monotonic()
        while not (await found if asyncio.iscoroutine(found := condition()) else found):
            assert time.monotonic() < began + limit_s, "\n".join(self.log(role)[-1500:] for role in self.roles)
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def settled(self) -> bool:
        return await self.left() == 0

    async def start_all(self) -> None:
        for role in self.roles:
            self.start(role)
        await self.working()


class Seen:
    """What arrived, judged: what an endpoint must be able to rely on."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self.arrivals = arrivals
        self.by_event: dict[tuple[int, int], list[Arrival]] = defaultdict(list)
        for one in arrivals:
            self.by_event[one.port, one.sequence].append(one)

    @property
    def taken(self) -> set[tuple[int, int]]:
        return {event for event, tries in self.by_event.items() if any(t.status == 200 for t in tries)}

    @property
    def repeats(self) -> int:
        """Arrivals of what had been taken before: why there is a webhook-id."""
        return sum(max(0, sum(t.status == 200 for t in tries) - 1) for tries in self.by_event.values())

    def disordered(self) -> list[tuple[Arrival, int]]:
        """Arrivals of an event before the one ahead of it, of its key, was taken."""
        queues: dict[tuple[int, str], list[int]] = defaultdict(list)
        for (port, sequence), tries in sorted(self.by_event.items()):
            queues[port, tries[0].key].append(sequence)
        found = []
        for (port, _), queue in queues.items():
            for ahead, sequence in itertools.pairwise(queue):
                taken_at = min((t.answered_at for t in self.by_event[port, ahead] if t.status == 200), default=1e18)
                found += [(t, ahead) for t in self.by_event[port, sequence] if t.at < taken_at]
        return found

    def under_two_ids(self) -> list[tuple[int, int]]:
        """Events whose attempts differ in id or body."""
        return [e for e, tries in self.by_event.items() if len({(t.id, t.digest) for t in tries}) != 1]

    def assert_good(self, endpoints: int, events: int) -> None:
        assert self.taken == {(port, sequence) for port in range(endpoints) for sequence in range(1, events + 1)}
        assert self.disordered() == []
        assert self.under_two_ids() == []

    def __str__(self) -> str:
        failed = Counter(one.status for one in self.arrivals)[200]
        return f"{len(self.arrivals)} attempts arrived, {len(self.arrivals) - failed} were failed, {self.repeats} had been taken before"


@pytest.fixture
async def field(tmp_path: Path) -> AsyncIterator[Telling]:
    with Embedded(tmp_path / "data") as embedded:
        connection = await db.connect(embedded.database_url)
        await migrate.migrate(connection)
        small = await make_small(connection)
        await connection.close()
        pool = await db.open_pool(embedded.database_url, size=3, statement_timeout_s=30)
        found = Telling(
            embedded,
            tmp_path,
            pool,
            WORKERS,
            POSKO_WEBHOOK_INSECURE_LOOPBACK="true",
            POSKO_PUBLIC_URL="http://localhost:8080",
        )
        found.small = small
        yield found
        found.end()


async def _killing(field: Telling, seconds: float) -> int:
    """Kills workers at random for so long; answers how many. There is always one that works, or will."""
    rng, killed = random.Random(5), 0
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        await asyncio.sleep(rng.uniform(0.1, 1.0))
        for role in rng.sample(field.roles, rng.randint(1, max(1, len(field.roles) - 1))):
            field.kill(role)
            field.start(role)
            killed += 1
    return killed


async def _publishing(field: Telling, seconds: float) -> None:
    """EVENTS events of KEYS keys in so long a time, several in one transaction."""
    rng, began = random.Random(3), time.monotonic()
    names = [f"{'incident' if n % 2 else 'alarm'}:{n}" for n in range(KEYS)]
    for first in range(0, EVENTS, 5):
        await asyncio.sleep(max(0.0, began + seconds * first / EVENTS - time.monotonic()))
        await field.publish(*rng.choices(names, k=min(5, EVENTS - first)))


@pytest.mark.timeout(1200)
async def test_every_event_arrives_in_order_while_workers_are_killed(field: Telling) -> None:
    with told(Spec([Manner(fails=FAILS)] * ENDPOINTS)) as systems:
        await field.add(systems)
        begin = await field.pool.fetchval("select posko.now()")
        ticking = asyncio.create_task(field.tick(begin, SPEED))
        await field.start_all()
        began = time.monotonic()
        killed, _ = await asyncio.gather(_killing(field, KILLING_S), _publishing(field, KILLING_S))
        rest_s = await field.until(field.settled, 600)
        took_s = time.monotonic() - began
        ticking.cancel()
        seen = Seen(systems.arrivals())
    print(
        f"\n{ENDPOINTS} endpoints x {EVENTS} events, {WORKERS} workers, {killed} kills, {took_s:.1f} s ({rest_s:.1f} s after the last kill): {seen}"
    )
    seen.assert_good(ENDPOINTS, EVENTS)
    assert {r["state"]: r["n"] for r in await field.pool.fetch(STATES)} == {"delivered": ENDPOINTS * EVENTS}
    assert await field.pool.fetchval("select count(*) from posko.delivery_key") == 0
    assert seen.repeats <= killed * ENDPOINTS * 2 * 16, "more came twice than can have been under way"


async def test_a_database_that_restarts_in_mid_delivery_loses_nothing(field: Telling) -> None:
    with told(Spec([Manner(fails=FAILS, slow_s=0.05)] * 4)) as systems:
        await field.add(systems)
        await field.start_all()
        publishing = asyncio.create_task(_publishing(field, 2.0))
        await field.until(lambda: systems.count() > 20)
        field.embedded.kill_postgres()
        await asyncio.sleep(0.5)
        field.embedded.start_postgres()
        began = time.monotonic()
        before = systems.count()
        await publishing
        # What was under way when the database went is due when its lease has ended.
        begin = await _now(field)
        ticking = asyncio.create_task(field.tick(begin, SPEED))
        await field.until(field.settled)
        ticking.cancel()
        seen = Seen(systems.arrivals())
        published = await field.pool.fetchval("select max(sequence) from posko.endpoint")
    print(f"\n{before} attempts before the restart, all settled {time.monotonic() - began:.1f} s after it: {seen}")
    assert published >= EVENTS  # what was committed as the database went was published once more
    seen.assert_good(4, published)
    assert all(field.running[role].is_alive("work") for role in field.roles), "a worker waits for its database"


async def _now(field: Telling) -> datetime.datetime:
    while True:
        with contextlib.suppress(*DOWN):
            found: datetime.datetime = await field.pool.fetchval("select posko.now()")
            return found
        await asyncio.sleep(0.05)


@pytest.mark.alone
async def test_a_receiver_that_hangs_holds_up_its_key_alone(field: Telling) -> None:
    field.roles = field.roles[:1]
    with told(Spec([Manner(hangs="incident:bad"), Manner()])) as systems:
        await field.add(systems)
        await field.start_all()
        await field.publish("incident:bad", "incident:bad", "incident:good")
        await field.until(lambda: systems.count() == 5, 30)
        late = []
        for n in range(20):
            began = time.monotonic()
            await field.publish("incident:good", f"incident:{n}", "alarm:x")
            await field.until(lambda n=n: systems.count() == 5 + 6 * (n + 1), 30)
            late.append(time.monotonic() - began)
        seen = Seen(systems.arrivals())
    print(f"\nbeside a key that hangs the others arrive after p50 {sorted(late)[10]:.2f} max {max(late):.2f} s")
    assert max(late) < 3 and sorted(late)[10] < 0.4
    assert [a.sequence for a in seen.arrivals if a.port == 0 and a.key == "incident:bad"] == [1]
    assert seen.disordered() == []


async def test_a_worker_that_is_told_to_stop_gives_back_what_it_had(field: Telling) -> None:
    with told(Spec([Manner(hangs="")] * 4)) as systems:
        await field.add(systems)
        field.start("work0")
        await field.publish("incident:1", "incident:2", "alarm:1")
        await field.until(lambda: systems.count() == 12)
        systems.behave([Manner()] * 4)
        field.signal("work0", signal.SIGTERM)
        began = time.monotonic()
        assert field.running["work0"].wait("work") == 0
        stopped_s = time.monotonic() - began
        held = await field.pool.fetchval("select count(*) from posko.endpoint_lane where lease_until > posko.now()")
        not_due = await field.pool.fetchval("select count(*) from posko.delivery_key where next_at > posko.now()")
        assert (held, not_due) == (0, 0)
        field.start("work1")
        await field.until(field.settled)
        seen = Seen(systems.arrivals())
    print(f"\nstopped within {stopped_s:.2f} s with 12 deliveries under way: {seen}")
    seen.assert_good(4, 3)


async def test_a_worker_that_slept_past_its_lease_settles_nothing(field: Telling) -> None:
    with told(Spec([Manner(hangs=""), Manner(hangs="")])) as systems:
        await field.add(systems)
        field.start("work0")
        await field.publish("incident:1", "incident:1", "incident:2")
        await field.until(lambda: systems.count() == 4)
        systems.behave([Manner(), Manner()])
        field.signal("work0", signal.SIGSTOP)
        fences = await field.pool.fetch(
            "select endpoint_id, fence from posko.endpoint_lane where lane = 'escalation' order by 1"
        )
        await field.at(await _now(field) + datetime.timedelta(seconds=60))
        field.start("work1")
        await field.until(field.settled)
        attempts = await field.pool.fetchval("select count(*) from posko.attempt")
        await field.publish("incident:1", "incident:3")
        await field.until(field.settled)
        field.signal("work0", signal.SIGCONT)
        await field.at(await _now(field) + datetime.timedelta(seconds=1))
        await field.publish("incident:1", "incident:2")
        await field.until(field.settled)
        await asyncio.sleep(1.0)
        after = await field.pool.fetch(
            "select endpoint_id, fence from posko.endpoint_lane where lane = 'escalation' order by 1"
        )
        seen = Seen(systems.arrivals())
        total = await field.pool.fetchval("select count(*) from posko.attempt")
    seen.assert_good(2, 7)
    assert all(b["fence"] > a["fence"] for a, b in zip(fences, after, strict=True))
    assert attempts == 6, "what was under way in a worker that stalled is no attempt: nobody knows how it went"
    assert total == 14
    assert (await field.pool.fetch(STATES))[0]["n"] == 14
    print(f"\nstalled and come back: {seen}")
