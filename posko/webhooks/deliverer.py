"""Delivers what is due in one lane. Any number of these may run and be killed at any instant.

What is due, and who delivers to which endpoint, are rows. A delivery leaves at least once, under the same id each
time; the next of its key leaves when it has been taken. A slow endpoint is slow for itself alone.
"""

from __future__ import annotations

import asyncio
import datetime
import random
from typing import Any, Final, TypeVar

import structlog

from posko import db, signature
from posko.accounts.sealed import SealBroken
from posko.errors import Unavailable
from posko.signature import Key
from posko.webhooks import store
from posko.webhooks.answer import Answer
from posko.webhooks.event import BODY_LIMIT_BYTES, CONTENT_TYPE, Due, body, challenge_of
from posko.webhooks.schedule import Verdict, judge
from posko.webhooks.sender import Sender
from posko.webhooks.service import Service
from posko.webhooks.store import Lane, Lease, Settled

POLL_S: Final = 0.1
"""How often an idle lane looks for what is due."""
ENDPOINTS: Final = 256
"""Endpoints that one worker delivers to at a time, in each lane."""
AT_ONCE: Final = 16
"""Deliveries under way to one endpoint, each of another key."""
SLOW_MS: Final = 1000
SLOW_AT_ONCE: Final = 4
"""Of one that took longer than that, or whose answers are yet to be seen: all of them together leave connections to
the others (sender.CONNECTIONS)."""
LEASE_S: Final = 25.0
"""Longer than an attempt may take (15 s), with time to say how it went."""
RENEW_S: Final = 5.0
"""How often whoever waits for a slow endpoint says that it still does."""
TURN_S: Final = 20.0
"""How long a busy endpoint keeps its place before another has it."""
QUEUE_S: Final = 5.0
"""What is under way is at most so much of an endpoint's rate: who waits here that long is still attempted in time."""
STOP_S: Final = 2.0

_log = structlog.get_logger("webhooks")
_T = TypeVar("_T")


class Deliverer:
    """One lane of one process."""

    def __init__(self, service: Service, sender: Sender, lane: Lane) -> None:
        self._service = service
        self._sender = sender
        self._lane = lane
        self._serving: set[asyncio.Task[None]] = set()
        self._turns: dict[int, _Turn] = {}

    async def run(self) -> None:
        """For as long as the process lives; a database that is down is waited for."""
        async with asyncio.TaskGroup() as group:
            while True:
                free = ENDPOINTS - len(self._serving)
                leases: list[Lease] = []
                try:
                    if free > 0:
                        with db.translated():
                            leases = await self._leased(free)
                    await self._stir()
                except Unavailable:
                    _log.warning("not_leased", lane=self._lane, reason="database down")
                for lease in leases:
                    task = group.create_task(self._serve(lease))
                    self._serving.add(task)
                    task.add_done_callback(self._serving.discard)
                await asyncio.sleep(POLL_S)

    async def _leased(self, free: int) -> list[Lease]:
        pool = self._service.pool
        asked = asyncio.create_task(store.lease(pool, self._lane, limit=free, lease_s=LEASE_S))
        try:
            return await _through(asked)
        except asyncio.CancelledError:
            for lease in asked.result() if asked.done() and asked.exception() is None else ():
                await store.release(pool, self._lane, lease)
            raise

    async def _stir(self) -> None:
        """Tells those that wait for a slow endpoint that something else is due there."""
        waiting = [endpoint for endpoint, turn in self._turns.items() if turn.is_waiting]
        if waiting:
            with db.translated():
                for endpoint in await store.stirred(self._service.pool, self._lane, waiting):
                    if endpoint in self._turns:
                        self._turns[endpoint].stir()

    async def _serve(self, lease: Lease) -> None:
        turn = self._turns[lease.endpoint] = _Turn(self._service, self._sender, self._lane, lease)
        try:
            with db.translated():
                await turn.run()
        except Unavailable:
            _log.warning("not_delivered", endpoint=lease.endpoint, reason="database down")
        except SealBroken:  # its deliveries wait
            _log.error("key_unreadable", endpoint=lease.endpoint, reason="POSKO_SECRET_KEY is another by now")
        except Exception:  # one endpoint's trouble, whatever it is, is not the others'
            _log.exception("turn_failed", endpoint=lease.endpoint)
        finally:
            if self._turns.get(lease.endpoint) is turn:
                del self._turns[lease.endpoint]


async def _through(asked: asyncio.Task[_T]) -> _T:
    """What was asked of the database, to its end also when the process is told to stop meanwhile."""
    try:
        return await asyncio.shield(asked)
    except asyncio.CancelledError:
        await asyncio.wait([asked], timeout=STOP_S)
        raise


class _Turn:
    """The time of one lease: everything that is due for one endpoint, until nothing is."""

    def __init__(self, service: Service, sender: Sender, lane: Lane, lease: Lease) -> None:
        self._service = service
        self._sender = sender
        self._lane = lane
        self._lease = lease
        self._flying: dict[asyncio.Task[Settled], int] = {}
        """Attempts under way, and their events."""
        self._taken: list[Due] = []
        """What was handed out and has not left."""
        self._jitter = random.Random()
        self._next_at = 0.0
        self._most = min(AT_ONCE, int(lease.rate * QUEUE_S))
        self._at_once = min(SLOW_AT_ONCE, self._most)
        self._stirred: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._is_waiting = False
        self._has_lease = True

    @property
    def is_waiting(self) -> bool:
        """Whether there is room for more than what is under way."""
        return self._is_waiting and 0 < len(self._flying) < self._at_once

    def stir(self) -> None:
        """Something is due."""
        if not self._stirred.done():
            self._stirred.set_result(None)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        opened = zip(self._lease.key_uids, self._lease.keys, strict=True)
        keys = [*(self._service.keys.opened(u, k) for u, k in opened), self._service.keys.service]
        ends_at = loop.time() + TURN_S
        try:
            while self._has_lease:
                if loop.time() < ends_at and (free := self._at_once - len(self._flying)) > 0:
                    await _through(asyncio.create_task(self._take(free)))
                    for due in self._taken:
                        self._flying[asyncio.create_task(self._send(keys, due))] = due.event
                    self._taken = []
                if not self._flying:
                    break
                done = await self._wait()
                if done:
                    await self._settle([task.result() for task in done], is_last=len(done) == len(self._flying))
                for task in done:
                    del self._flying[task]
        finally:
            for task in self._flying:
                task.cancel()
            if self._has_lease:
                await self._give_back()

    async def _take(self, free: int) -> None:
        self._taken = await store.due(self._service.pool, self._lane, self._lease, limit=free, lease_s=LEASE_S)

    async def _give_back(self) -> None:
        # Also when the process is told to stop: whoever comes next need not wait for the lease to end.
        under_way = [*self._flying.values(), *(due.event for due in self._taken)]
        await _through(asyncio.create_task(store.release(self._service.pool, self._lane, self._lease, under_way)))

    async def _wait(self) -> set[asyncio.Task[Settled]]:
        """Until an attempt has ended, something is due, or the lease is to be renewed; answers what has ended."""
        self._stirred = asyncio.get_running_loop().create_future()
        self._is_waiting = True
        either: set[asyncio.Future[Any]] = {*self._flying, self._stirred}
        await asyncio.wait(either, timeout=RENEW_S, return_when=asyncio.FIRST_COMPLETED)
        self._is_waiting = False
        return {task for task in self._flying if task.done()}

    async def _send(self, keys: list[Key], due: Due) -> Settled:
        await self._wait_for_turn(self._lease.rate)
        now = self._service.clock()
        content = body(due, self._service.public_url, is_thin=self._lease.is_thin)
        if due.attempts == 0:
            self._service.metrics.first.labels(self._lane).observe(max(0.0, (now - due.since).total_seconds()))
        if len(content) > BODY_LIMIT_BYTES:
            _log.error("body_too_long", event=str(due.id), bytes=len(content))
            return Settled(due.event, now, Answer(error="too_long"), Verdict("dead"))
        headers = {**signature.headers(keys, str(due.id), now, content), "content-type": CONTENT_TYPE}
        answer = await self._sender.send(self._lease.url, headers, content)
        return Settled(due.event, now, answer, self._judge(due, answer, now))

    def _judge(self, due: Due, answer: Answer, now: datetime.datetime) -> Verdict:
        if due.type == "endpoint.challenge":
            is_right = answer.is_taken and challenge_of(answer.head) == challenge_of(due.data)
            return Verdict("delivered" if is_right else "dead")
        waited_s = (now - due.since).total_seconds()
        verdict = judge(answer, failures=due.failures, waited_s=waited_s, jitter=self._jitter)
        is_refused_test = due.type == "endpoint.test" and verdict.outcome == "parked"
        return Verdict("dead") if is_refused_test else verdict  # nobody replays one: they send another

    async def _wait_for_turn(self, rate: int) -> None:
        loop = asyncio.get_running_loop()
        at = max(self._next_at, loop.time())
        self._next_at = at + 1 / rate
        await asyncio.sleep(at - loop.time())

    async def _settle(self, done: list[Settled], *, is_last: bool) -> None:
        metrics = self._service.metrics
        for one in done:
            metrics.attempted(self._lease.endpoint, self._lane, one.verdict.outcome)
            metrics.seconds.labels(self._lane).observe(one.answer.milliseconds / 1000)
        is_slow = any(one.answer.milliseconds > SLOW_MS for one in done)
        self._at_once = min(SLOW_AT_ONCE if is_slow else 2 * self._at_once, self._most)
        turn = await store.settle(self._service.pool, self._lane, self._lease, done, is_last=is_last)
        if turn in ("lost", "ended"):
            self._has_lease = False
            metrics.lost.labels(self._lane).inc(turn == "lost")
        elif turn != "held":
            turned = await store.turn(self._service.pool, self._lease.endpoint, is_failing=turn == "failing")
            _log.warning("endpoint_turned", endpoint=self._lease.endpoint, to=turn)
            if turned is not None:
                self._service.committed(turned.operation, turned.version, [turned.place])
