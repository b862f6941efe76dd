"""One endpoint against a model: whatever is published, delivered, refused, lost, skipped, replayed or paused, in whatever order,
nothing is lost, nothing overtakes what is ahead of it in its key, and what is kept is what the model says.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import uuid
from collections.abc import Coroutine, Iterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from posko import db, migrate
from posko.embedded import Embedded
from posko.webhooks import store
from posko.webhooks.answer import Answer
from posko.webhooks.endpoint import EndpointIn, Replay
from posko.webhooks.keys import Keys
from posko.webhooks.schedule import Verdict
from posko.webhooks.store import Lane, Lease, Settled
from tests.factories import Small, make_small
from tests.webhooks.ground import SECRET_KEY

KEYS = ("incident:a", "incident:b", "incident:c", "alarm:a", "alarm:b")
OUTCOMES = ("delivered", "delivered", "delivered", "retry", "retry", "again", "parked", "dead", "gone")
PROBED = 5
"""Failures in a row after which one delivery is tried at a time."""

PUBLISH = """
with o as (update posko.operation set version = version + 1 where id = $1 returning *)
select api.publish(o, o.version, array(
    select row('incident.updated', t.id, k.key, case when k.key ^@ 'incident:' then 'escalation' else 'rest' end, posko.now(), '{}')::posko.news from unnest($2::text[]) with ordinality as k(key, i) order by k.i))
from o cross join lateral (select min(id) as id from posko.node where operation_id = o.id and level = 6) t"""
KEPT = """
select d.sequence::int, d.event_id, d.state, d.key, d.attempts::int, v.uid, d.ended_at is null as is_open,
       (select count(*) from posko.attempt a where a.endpoint_id = d.endpoint_id and a.event_id = d.event_id)::int as tried
from posko.delivery d join posko.event v on v.id = d.event_id where d.endpoint_id = $1 order by d.sequence"""
HURRY = [
    "update posko.delivery_key set next_at = posko.now() where endpoint_id = $1 and next_at <> 'infinity'",
    "update posko.endpoint_lane set open_at = posko.now(), lease_until = null where endpoint_id = $1",
]


def lane_of(key: str) -> Lane:
    return "escalation" if key.startswith("incident:") else "rest"


@dataclasses.dataclass
class Delivery:
    """What the model knows of one."""

    key: str
    state: str = "pending"
    attempts: int = 0
    is_replayed: bool = False
    uid: uuid.UUID | None = None

    @property
    def is_waiting(self) -> bool:
        return self.state in ("pending", "parked")


class Ground:
    """One database and one loop for all examples; each has an operation of its own."""

    def __init__(self, runner: asyncio.Runner, url: str) -> None:
        self.run = runner.run
        self.pool: db.Pool = self.run(db.open_pool(url, size=2, statement_timeout_s=20))

    async def begin(self) -> tuple[Small, int]:
        async with self.pool.acquire() as connection:
            small = await make_small(connection)
            new = EndpointIn(
                operation=small.operation,
                region=small.root,
                url="https://posko.example/hook",
                description="x",
                types=("*",),
            )
            _, uid, sealed = Keys(SECRET_KEY).new()
            made = await store.add(connection, None, new, uid, sealed)
            await connection.execute(
                "update posko.endpoint set state = 'active', verified_at = posko.now() where id = $1", made
            )
            # Of another operation's endpoints nothing must be due: a lease is for whoever is.
            await connection.execute(
                "update posko.endpoint set removed_at = posko.now() where id <> $1 and removed_at is null", made
            )
            return small, made


@pytest.fixture(scope="module")
def webhook_ground(services: Embedded) -> Iterator[Ground]:
    async def prepare() -> str:
        admin = await db.connect(services.database_url)
        await admin.execute("create database machine_of_webhooks")
        await admin.close()
        url = services.database_url.replace("/posko?", "/machine_of_webhooks?")
        connection = await db.connect(url)
        await migrate.migrate(connection)
        await connection.close()
        return url

    with asyncio.Runner() as runner:
        found = Ground(runner, runner.run(prepare()))
        yield found
        found.pool.terminate()


class Telling(RuleBasedStateMachine):
    """Events of five keys in two lanes; workers come and go."""

    ground: Ground

    @initialize()
    def begin(self) -> None:
        self.small, self.endpoint = self.run(self.ground.begin())
        self.state = "active"
        self.sent: dict[int, Delivery] = {}
        """By sequence."""
        self.failures: dict[str, int] = {"escalation": 0, "rest": 0}
        self.arrived: dict[str, list[int]] = {key: [] for key in KEYS}
        """First arrivals, by key."""
        self.stale: list[tuple[Lane, Lease, list[Settled]]] = []

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.ground.run(work)

    def waiting(self, key: str) -> list[int]:
        return [s for s, d in sorted(self.sent.items()) if d.key == key and d.is_waiting]

    def expected(self, lane: Lane) -> list[int]:
        """The first of each key of a lane, where it is not parked."""
        heads = [self.waiting(key)[:1] for key in KEYS if lane_of(key) == lane]
        return sorted(h[0] for h in heads if h and self.sent[h[0]].state == "pending")

    async def hurry(self) -> None:
        for statement in HURRY:
            await self.ground.pool.execute(statement, self.endpoint)

    def refused(self, work: Coroutine[Any, Any, Any]) -> None:
        with pytest.raises(asyncpg.PostgresError) as caught:
            self.run(work)
        assert caught.value.sqlstate in ("PK406", "PK411")

    # what happens

    @rule(keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=4))
    def publish(self, keys: list[str]) -> None:
        self.run(self.ground.pool.execute(PUBLISH, self.small.operation, keys))
        if self.state in ("active", "paused"):
            for key in keys:
                self.sent[len(self.sent) + 1] = Delivery(key)

    # workers

    async def _take(self, lane: Lane) -> tuple[Lease | None, list[Any]]:
        await self.hurry()
        leases = await store.lease(self.ground.pool, lane, limit=10, lease_s=25)
        if not leases:
            return None, []
        return leases[0], await store.due(self.ground.pool, lane, leases[0], limit=16, lease_s=25)

    def take(self, lane: Lane) -> tuple[Lease | None, list[Any]]:
        """What a worker gets: exactly what is first in each key, or one of it where the endpoint fails."""
        lease, got = self.run(self._take(lane))
        wanted = self.expected(lane) if self.state == "active" else []
        sequences = [d.sequence for d in got]
        assert sorted(sequences) == sequences or not wanted
        if self.failures[lane] >= PROBED:
            assert len(sequences) == min(1, len(wanted)) and set(sequences) <= set(wanted)
        else:
            assert sequences == wanted
        assert (lease is not None) == bool(wanted)
        for due in got:
            kept = self.sent[due.sequence]
            assert (due.key, due.attempts, due.id) == (kept.key, kept.attempts, kept.uid or due.id)
            kept.uid = due.id
            if due.sequence not in self.arrived[due.key]:
                self.arrived[due.key].append(due.sequence)
        return lease, got

    @rule(
        lane=st.sampled_from(store.LANES),
        outcomes=st.lists(st.sampled_from(OUTCOMES), min_size=5, max_size=5),
        is_skipped=st.booleans(),
        is_last=st.booleans(),
    )
    def deliver(self, lane: Lane, outcomes: list[str], is_skipped: bool, is_last: bool) -> None:
        lease, got = self.take(lane)
        if lease is None:
            return
        done = [
            Settled(due.event, due.at, Answer(status=200, milliseconds=3), Verdict(outcome, delay_s=60.0))  # type: ignore[arg-type]
            for due, outcome in zip(got, outcomes, strict=False)
        ]
        if is_skipped and got:
            self._skip(got[0].sequence)
        turn = self.run(store.settle(self.ground.pool, lane, lease, done, is_last=is_last))
        assert turn != "lost" and (is_last or turn != "ended")
        said = [one.verdict.outcome for one in done]
        for due, outcome in zip(got, said, strict=True):
            kept = self.sent[due.sequence]
            kept.attempts += 1
            if kept.state == "pending" and outcome in ("delivered", "parked", "dead"):
                kept.state = outcome
        self.failures[lane] = (
            0 if "delivered" in said else self.failures[lane] + said.count("retry") + said.count("parked")
        )
        if "gone" in said:
            self.state = "disabled"
        if turn == "ended":
            assert self.run(store.due(self.ground.pool, lane, lease, limit=16, lease_s=25)) == []
            assert self.run(store.settle(self.ground.pool, lane, lease, [])) == "lost"
        self.run(store.release(self.ground.pool, lane, lease))

    @rule(lane=st.sampled_from(store.LANES))
    def die(self, lane: Lane) -> None:
        """A worker that is never heard of again, or too late."""
        lease, got = self.take(lane)
        if lease is not None:
            done = [Settled(due.event, due.at, Answer(status=200), Verdict("delivered")) for due in got]
            self.stale.append((lane, lease, done))

    @precondition(lambda self: self.stale)
    @rule(chosen=st.integers(0, 9))
    def come_back(self, chosen: int) -> None:
        """It settles nothing once another has had its turn."""
        lane, lease, done = self.stale.pop(chosen % len(self.stale))
        now, _ = self.take(lane)
        if now is None:
            return
        assert now.fence > lease.fence
        assert self.run(store.settle(self.ground.pool, lane, lease, done)) == "lost"
        assert self.run(store.due(self.ground.pool, lane, lease, limit=16, lease_s=25)) == []
        self.run(store.release(self.ground.pool, lane, lease, [one.event for one in done]))
        self.stale.append((lane, now, []))

    # by hand

    async def _by_hand(self, what: Any, *arguments: Any) -> Any:
        async with self.ground.pool.acquire() as connection, connection.transaction():
            return await what(connection, None, self.endpoint, *arguments)

    @rule()
    def pause(self) -> None:
        if self.state in ("active", "paused"):
            self.run(self._by_hand(store.pause, True, "sebentar"))
            self.state = "paused"
        else:
            self.refused(self._by_hand(store.pause, True, "sebentar"))

    @rule()
    def resume(self) -> None:
        if self.state == "removed":
            self.refused(self._by_hand(store.pause, False, None))
            return
        self.run(self._by_hand(store.pause, False, None))
        self.state = "active"
        self.failures = dict.fromkeys(self.failures, 0)

    def _skip(self, sequence: int) -> None:
        kept = self.sent[sequence]
        uid = self.run(self.ground.pool.fetchval(
            "select v.uid from posko.delivery d join posko.event v on v.id = d.event_id where d.endpoint_id = $1 and d.sequence = $2", self.endpoint, sequence
        ))  # fmt: skip
        if kept.is_waiting and self.state != "removed":
            self.run(self._by_hand(store.skip, uid))
            kept.state = "skipped"
        else:
            self.refused(self._by_hand(store.skip, uid))

    @precondition(lambda self: self.sent)
    @rule(chosen=st.integers(0, 99))
    def skip(self, chosen: int) -> None:
        self._skip(1 + chosen % len(self.sent))

    @precondition(lambda self: self.sent)
    @rule(chosen=st.lists(st.integers(0, 99), min_size=1, max_size=4))
    def replay(self, chosen: list[int]) -> None:
        uids = self.run(self.ground.pool.fetch(KEPT, self.endpoint))
        sequences = sorted({1 + n % len(self.sent) for n in chosen})
        what = Replay(events=tuple(uids[s - 1]["uid"] for s in sequences))
        if self.state == "removed":
            self.refused(self._by_hand(store.replay, what))
            return
        changed = [s for s in sequences if self.sent[s].state != "pending"]
        assert self.run(self._by_hand(store.replay, what)) == len(changed)
        for s in changed:
            self.sent[s].state, self.sent[s].is_replayed = "pending", True

    @precondition(lambda self: len(self.sent) > 12)
    @rule()
    def remove(self) -> None:
        if self.state == "removed":
            self.refused(self._by_hand(store.remove))
            return
        self.run(self._by_hand(store.remove))
        self.state = "removed"
        for kept in self.sent.values():
            if kept.is_waiting:
                kept.state = "dropped"

    # what always holds

    @invariant()
    def is_what_the_model_says(self) -> None:
        if not hasattr(self, "endpoint"):
            return
        rows = self.run(self.ground.pool.fetch(KEPT, self.endpoint))
        assert [r["sequence"] for r in rows] == list(range(1, len(self.sent) + 1)), "the sequence has gaps"
        assert [r["event_id"] for r in rows] == sorted(r["event_id"] for r in rows), "an event overtook another"
        for row in rows:
            kept = self.sent[row["sequence"]]
            assert (row["state"], row["key"], row["attempts"]) == (kept.state, kept.key, kept.attempts)
            assert row["tried"] == kept.attempts and row["is_open"] == kept.is_waiting
        endpoint = self.run(self.ground.pool.fetchrow("select * from posko.endpoint where id = $1", self.endpoint))
        assert endpoint["sequence"] == len(self.sent)
        assert (endpoint["removed_at"] is not None) == (self.state == "removed")
        assert endpoint["removed_at"] is not None or endpoint["state"] == self.state

    @invariant()
    def keys_have_a_row_while_something_waits(self) -> None:
        if not hasattr(self, "endpoint"):
            return
        rows = self.run(self.ground.pool.fetch(
            "select key, lane, next_at = 'infinity' as is_parked from posko.delivery_key where endpoint_id = $1", self.endpoint
        ))  # fmt: skip
        wanted = {
            key: (lane_of(key), self.sent[self.waiting(key)[0]].state == "parked") for key in KEYS if self.waiting(key)
        }
        assert {r["key"]: (r["lane"], r["is_parked"]) for r in rows} == wanted

    @invariant()
    def first_arrivals_are_in_order(self) -> None:
        for key in getattr(self, "arrived", ()):
            assert self.arrived[key] == sorted(self.arrived[key])


def test_deliveries_do_what_the_model_says(webhook_ground: Ground) -> None:
    class Here(Telling):
        ground = webhook_ground

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=int(os.environ.get("POSKO_MACHINE_EXAMPLES", "30")),
            stateful_step_count=40,
            derandomize=True,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
