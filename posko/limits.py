"""Rate limits: GCRA per (rule, key), shared by all processes through Redis, kept in each of them while Redis is down.

`take` asks Redis and is exact. `take_soon` decides here and tells Redis four times a second: all processes together
may pass a limit by what they grant within a quarter of a second, and a request costs no round trip.
"""

from __future__ import annotations

import asyncio
import collections
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

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
"""Longer keys are hashed: they may hold anything."""
SWEEP_AFTER: Final = 1_000

_log = structlog.get_logger("limits")


class Rule(msgspec.Struct, frozen=True):
    """So many per second in the long run, and `burst` at once after a pause."""

    name: str
    per_s: float
    burst: int


class _Spent:
    __slots__ = ("tat", "untold")

    def __init__(self) -> None:
        self.tat = 0.0
        """Up to when the allowance is spent, on this process's monotonic clock."""
        self.untold = 0
        """Units that Redis has not been told of."""


class _Asked(msgspec.Struct):
    rule: Rule
    key: str
    cost: int
    answer: asyncio.Future[tuple[bool, float] | None] | None


class Limits:
    """All limits of one process; at most `keys_limit` keys, over it the oldest is forgotten."""

    def __init__(
        self,
        client: redis.Redis | None,
        *,
        keys_limit: int = 100_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = client
        self._script: Any = None if client is None else client.register_script(_lua())
        self._keys_limit = keys_limit
        self._clock = clock
        self._spent: dict[tuple[Rule, str], _Spent] = {}
        self._untold: set[tuple[Rule, str]] = set()
        self._waiting: collections.deque[_Asked] = collections.deque()
        self._asker: asyncio.Task[None] | None = None
        self._paused_until = 0.0

    def take_soon(self, rule: Rule, key: str, cost: int = 1) -> None:
        """Takes units by what this process knows, or TooMany; Redis is told soon."""
        name = (rule, key)
        spent = self._spent.get(name) or self._add(name)
        now = self._clock()
        after = max(now, spent.tat) + cost / rule.per_s
        if after - now > rule.burst / rule.per_s:
            raise _too_many(max(0.0, after - now - rule.burst / rule.per_s))
        spent.tat = after
        spent.untold += cost
        self._untold.add(name)

    def would_pass(self, rule: Rule, key: str) -> bool:
        """Whether one more would be granted here now."""
        spent = self._spent.get((rule, key))
        now = self._clock()
        return spent is None or max(now, spent.tat) + 1 / rule.per_s - now <= rule.burst / rule.per_s

    async def take(self, rule: Rule, key: str, cost: int = 1) -> None:
        """Takes units by what all processes know, or TooMany; by what this one knows while Redis is down."""
        told = await self._ask(rule, key, cost)
        if told is None:
            self.take_soon(rule, key, cost)
            return
        granted, ahead_s = told
        name = (rule, key)
        spent = self._spent.get(name) or self._add(name)
        spent.tat = self._clock() + ahead_s
        if not granted:
            raise _too_many(max(0.0, ahead_s + (cost - rule.burst) / rule.per_s))

    async def run(self) -> None:
        """Tells Redis what was taken, for as long as the process lives."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Tells Redis what was taken since the last time, and takes over what others took."""
        if len(self._spent) > SWEEP_AFTER:
            now = self._clock()
            self._spent = {n: s for n, s in self._spent.items() if s.tat > now or s.untold}
        names = list(self._untold)
        self._untold.clear()
        for i in range(0, len(names), BATCH_LIMIT):
            await self._tell([(n, s) for n in names[i : i + BATCH_LIMIT] if (s := self._spent.get(n)) is not None])

    async def _tell(self, told: list[tuple[tuple[Rule, str], _Spent]]) -> None:
        asked = [_Asked(rule, key, min(spent.untold, rule.burst), None) for (rule, key), spent in told]
        for _, spent in told:
            spent.untold = 0
        answers = await self._call(asked)
        now = self._clock()
        for (_, spent), answer in zip(told, answers or (), strict=False):
            spent.tat = max(spent.tat, now + answer[1])

    def _add(self, name: tuple[Rule, str]) -> _Spent:
        if len(self._spent) >= self._keys_limit:
            del self._spent[next(iter(self._spent))]
        found = self._spent[name] = _Spent()
        return found

    async def _ask(self, rule: Rule, key: str, cost: int) -> tuple[bool, float] | None:
        if self._redis is None or self._clock() < self._paused_until:
            return None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[bool, float] | None] = loop.create_future()
        self._waiting.append(_Asked(rule, key, cost, answer))
        if self._asker is None or self._asker.done():
            self._asker = loop.create_task(self._ask_all())
        return await answer

    async def _ask_all(self) -> None:
        # One round trip for all that came meanwhile: 500 desks that sign in at once ask a few times, not 500.
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH_LIMIT, len(self._waiting)))]
            answers = await self._call(batch)
            for i, asked in enumerate(batch):
                if asked.answer is not None and not asked.answer.done():
                    asked.answer.set_result(None if answers is None else answers[i])

    async def _call(self, asked: list[_Asked]) -> list[tuple[bool, float]] | None:
        if self._script is None or not asked or self._clock() < self._paused_until:
            return None
        keys = [f"posko:limit:{a.rule.name}:{_bounded(a.key)}" for a in asked]
        arguments = [n for a in asked for n in (1e6 / a.rule.per_s, a.rule.burst * 1e6 / a.rule.per_s, a.cost)]
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_S):
                found = await self._script(keys=keys, args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            self._paused_until = self._clock() + REDIS_PAUSE_S
            _log.warning("limits_kept_here_only", cause=type(error).__name__)
            return None
        return [(bool(granted), ahead_us / 1e6) for granted, ahead_us in found]


def _lua() -> str:
    return Path(__file__).with_name("gcra.lua").read_text(encoding="utf-8")


def _bounded(key: str) -> str:
    return key if len(key) <= KEY_LIMIT else hashlib.sha256(key.encode()).hexdigest()


def _too_many(wait_s: float) -> TooMany:
    return TooMany("too many of these requests; wait a little", retry_after_s=round(max(1.0, wait_s), 1))
