"""Rate limits: GCRA per (class, key), shared by all processes through Redis, kept in each of them while Redis is down.

`take` asks Redis and is exact. `take_soon` decides here and tells Redis four times a second: N processes may together
grant N bursts at once and what N times the rate gives in a quarter of a second; it counts, so the long run is exact.
Redis down, slow or paused: every process keeps the limit by itself, nobody is refused for it. Redis back but empty: a
burst anew for whoever took nothing meanwhile. One Redis primary: a Cluster refuses a script over several slots.
"""

from __future__ import annotations

import asyncio
import collections
import hashlib
import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError

from posko.errors import TooMany

REDIS_TIMEOUT_S: Final = 0.05
REDIS_PAUSE_S: Final = 1.0
"""After Redis did not answer in time, how long it is not asked."""
FLUSH_S: Final = 0.25
BATCH_LIMIT: Final = 500
"""Keys in one round trip."""
KEY_LIMIT: Final = 64
"""Longer keys (in characters) are hashed: they hold anything that an attacker sends."""
SWEEP_LIMIT: Final = 2_000
"""Keys looked at in one flush: 100,000 at once would hold up the loop for 10 ms."""

_SWEEP_WHEN_FULL: Final = 16
_SLACK_S: Final = 1e-6
"""Of rounding: without it a full burst at once is refused every fourth time."""
_UNBOUNDED_US: Final = 1e18

_log = structlog.get_logger("limits")
_Name: TypeAlias = tuple[str, str]
_Answer: TypeAlias = tuple[bool, float]
"""Whether it was granted, and how many seconds ahead the allowance is spent."""


class Rule(msgspec.Struct, frozen=True):
    """So many per second in the long run, and `burst` at once after a pause. The name is ours and has no colon."""

    name: str
    per_s: float
    burst: int

    def __post_init__(self) -> None:
        if not (self.name and ":" not in self.name and 0 < self.per_s < math.inf and self.burst >= 1):
            raise ValueError(f"no such limit: {self}")


class _Spent:
    """What one key has used, on this process's clock."""

    __slots__ = ("rule", "since", "tat", "untold")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.tat = -math.inf
        """Up to when the allowance is spent."""
        self.untold = 0
        """Units that Redis has not been told of, the first of them taken at `since`."""
        self.since = 0.0

    def adopt(self, tat: float) -> None:
        # Never back: what is untold, or was taken while Redis was away, counts as well.
        self.tat = max(self.tat, tat + self.untold / self.rule.per_s)


class _Asked(msgspec.Struct):
    """One key's line of a batch, in seconds."""

    name: _Name
    rule: Rule
    units: int
    burst_us: float
    ago_s: float = 0.0
    known_s: float = 0.0

    def arguments(self) -> tuple[float, ...]:
        return (1e6 / self.rule.per_s, self.burst_us, self.units, self.ago_s * 1e6, self.known_s * 1e6)


class Limits:
    """All limits of one process and of one event loop.

    At most `keys_limit` keys: expired ones are swept, and if it is full even so the oldest is forgotten, until Redis
    says again what it had used. Units are at least 1; more than a burst at once is never granted.
    """

    def __init__(
        self,
        client: redis.Redis | None,
        *,
        keys_limit: int = 100_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._script: Any = None if client is None else client.register_script(_lua())
        self._keys_limit = keys_limit
        self._clock = clock
        self._spent: dict[_Name, _Spent] = {}
        self._untold: dict[_Name, _Spent] = {}
        self._hand: Iterator[_Name] = iter(())
        self._waiting: collections.deque[tuple[_Asked, asyncio.Future[_Answer | None]]] = collections.deque()
        self._asker: asyncio.Task[None] | None = None
        self._paused_until = -math.inf

    def take_soon(self, rule: Rule, key: str, cost: int = 1) -> None:
        """Takes units by what this process knows, or TooMany; Redis is told soon. No I/O."""
        name = (rule.name, key if len(key) <= KEY_LIMIT else _hashed(key))
        spent = self._spent.get(name) or self._add(name, rule)
        now = self._clock()
        tat = spent.tat
        after = (tat if tat > now else now) + cost / rule.per_s
        if after - now > rule.burst / rule.per_s + _SLACK_S:
            raise _too_many(rule, cost, tat - now)
        spent.tat = after
        if not spent.untold:
            spent.since = now
            self._untold[name] = spent
        spent.untold += cost

    def would_pass(self, rule: Rule, key: str) -> bool:
        """Whether one more would be granted here now; takes nothing."""
        spent = self._spent.get((rule.name, key if len(key) <= KEY_LIMIT else _hashed(key)))
        return spent is None or spent.tat - self._clock() <= (rule.burst - 1) / rule.per_s + _SLACK_S

    async def take(self, rule: Rule, key: str, cost: int = 1) -> None:
        """Takes units by what all processes know, or TooMany; by what this one knows while Redis is down.

        When Redis counted but its answer was late, they count twice.
        """
        name = (rule.name, key if len(key) <= KEY_LIMIT else _hashed(key))
        asked_at = self._clock()
        answer = await self._ask(_Asked(name, rule, cost, rule.burst * 1e6 / rule.per_s))
        if answer is None:
            self.take_soon(rule, key, cost)
            return
        granted, ahead_s = answer
        (self._spent.get(name) or self._add(name, rule)).adopt(asked_at + ahead_s)
        if not granted:
            raise _too_many(rule, cost, ahead_s)

    async def run(self) -> None:
        """Tells Redis what was taken, for as long as the process lives."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Tells Redis what was taken since the last time, and takes over what others took."""
        told = list(self._untold.items())
        for i in range(0, len(told), BATCH_LIMIT):
            await self._tell(told[i : i + BATCH_LIMIT])
        self._sweep(SWEEP_LIMIT)

    async def _tell(self, told: Sequence[tuple[_Name, _Spent]]) -> None:
        if self._is_alone():
            return
        at = self._clock()
        # Granted is granted: Redis counts it beyond the burst too, or else N processes would grant N times the rate.
        asked = [_Asked(n, s.rule, s.untold, _UNBOUNDED_US, at - s.since, max(0.0, s.tat - at)) for n, s in told]
        for name, spent in told:
            # Maybe counted though the answer is lost, so never added twice: how far ahead we know it to be is enough.
            spent.untold, spent.since = 0, at
            self._untold.pop(name, None)
        answers = await self._call(asked)
        if answers is None:
            self._untold.update((n, s) for n, s in told if self._spent.get(n) is s)
            return
        for (_, spent), (_, ahead_s) in zip(told, answers, strict=True):
            # From before the question, not from after the answer, or the way there would count four times a second.
            spent.adopt(at + ahead_s)

    def _add(self, name: _Name, rule: Rule) -> _Spent:
        if len(self._spent) >= self._keys_limit:
            self._sweep(_SWEEP_WHEN_FULL)
            if len(self._spent) >= self._keys_limit:
                self._forget(next(iter(self._spent)))
        found = self._spent[name] = _Spent(rule)
        return found

    def _forget(self, name: _Name) -> None:
        self._spent.pop(name, None)
        self._untold.pop(name, None)

    def _sweep(self, count: int) -> None:
        # Like the hand of a clock: every key's turn comes, and no call looks at more than `count`.
        names = list(itertools.islice(self._hand, count))
        if not names:
            self._hand = iter(list(self._spent))
            names = list(itertools.islice(self._hand, count))
        now = self._clock()
        for name in names:
            spent = self._spent.get(name)
            if spent is not None and spent.tat <= now:
                self._forget(name)

    def _is_alone(self) -> bool:
        return self._script is None or self._clock() < self._paused_until

    async def _ask(self, asked: _Asked) -> _Answer | None:
        if self._is_alone():
            return None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Answer | None] = loop.create_future()
        self._waiting.append((asked, answer))
        if self._asker is None or self._asker.done():
            self._asker = loop.create_task(self._ask_all())
        return await answer

    async def _ask_all(self) -> None:
        # One round trip for all that came meanwhile: 500 desks that sign in at once ask a few times, not 500.
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH_LIMIT, len(self._waiting)))]
            answers: list[_Answer] | None = None
            try:
                answers = await self._call([asked for asked, _ in batch])
            finally:  # whatever happened, nobody waits for ever
                for i, (_, future) in enumerate(batch):
                    if not future.done():
                        future.set_result(None if answers is None else answers[i])

    async def _call(self, asked: list[_Asked]) -> list[_Answer] | None:
        if self._is_alone():
            return None
        keys = [_redis_key(a.name) for a in asked]
        arguments = list(itertools.chain.from_iterable(a.arguments() for a in asked))
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_S):
                found = await self._script(keys=keys, args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            if not self._is_alone():  # two may fail at a time
                self._paused_until = self._clock() + REDIS_PAUSE_S
                _log.warning("limits_kept_here_only", cause=type(error).__name__)
            return None
        return [(granted == 1, ahead_us / 1e6) for granted, ahead_us in found]


def _lua() -> str:
    return Path(__file__).with_name("gcra.lua").read_text(encoding="utf-8")


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _redis_key(name: _Name) -> bytes:
    # A half of a surrogate pair is no UTF-8, and may come in a name all the same.
    return f"posko:limit:{name[0]}:{name[1]}".encode("utf-8", "surrogatepass")


def _too_many(rule: Rule, cost: int, ahead_s: float) -> TooMany:
    if cost > rule.burst:
        return TooMany("this is more at once than is ever taken; send less at a time")
    # Whole seconds, upwards: it becomes a Retry-After, and who comes back by it must not be early.
    wait_s = max(0.0, ahead_s) + (cost - rule.burst) / rule.per_s
    return TooMany("too many of these requests; wait a little", retry_after_s=max(1.0, math.ceil(wait_s - _SLACK_S)))
