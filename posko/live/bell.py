"""The bell: who committed a batch rings it, hubs hear it and look. It carries no state: a lost one costs only time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError

CHANNEL: Final = "posko:bell"
PENDING_LIMIT: Final = 256
"""Batches that wait to be rung for in one process; the rest go unrung."""
PAUSE_S: Final = 0.01
"""The first bell rings at once; what is committed in this time after it is rung for together."""
RING_TIMEOUT_S: Final = 0.5
POLL_S: Final = 1.0
RETRY_S: Final = 0.25

_log = structlog.get_logger("bell")


class Ring(NamedTuple):
    """Committed batches of one operation: the versions that they led to, the places that were reported on."""

    operation: int
    versions: list[int]
    codes: list[str]


def encode(ring: Ring) -> bytes:
    """The ring as msgpack."""
    return msgspec.msgpack.encode(ring)


def decode(payload: bytes) -> Ring:
    """The ring, or msgspec.DecodeError for anything else."""
    return msgspec.msgpack.decode(payload, type=Ring)


class Bell:
    """The ringing side: never waits for Redis, never raises when it is down, counts what went unrung."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._pending: dict[int, Ring] = {}
        self._batches = 0
        self._closing = False
        self._flusher: asyncio.Task[None] | None = None
        self.failures = 0

    def ring_soon(self, operation: int, version: int, codes: Sequence[str]) -> None:
        """Rings; returns at once."""
        if self._batches >= PENDING_LIMIT:
            self.failures += 1
            return
        ring = self._pending.get(operation)
        if ring is None:
            ring = self._pending[operation] = Ring(operation, [], [])
        ring.versions.append(version)
        ring.codes.extend(codes)
        self._batches += 1
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        while self._pending:
            rings, batches = list(self._pending.values()), self._batches
            self._pending, self._batches = {}, 0
            try:
                async with asyncio.timeout(RING_TIMEOUT_S), self._redis.pipeline(transaction=False) as pipeline:
                    for ring in rings:
                        pipeline.publish(CHANNEL, encode(ring))
                    await pipeline.execute()
            except (RedisError, OSError, TimeoutError) as error:
                self.failures += batches
                _log.warning("bell_not_rung", failures=self.failures, cause=type(error).__name__)
            if not self._closing:
                await asyncio.sleep(PAUSE_S)

    async def close(self) -> None:
        """Rings what is pending and stops."""
        self._closing = True
        if self._flusher is not None:
            await self._flusher


class Listener:
    """The listening side: hears until it is cancelled, through every restart of Redis."""

    def __init__(self, client: redis.Redis, heard: Callable[[Ring], None], up: Callable[[bool], None]) -> None:
        self._redis = client
        self._heard = heard
        self._up = up

    async def run(self) -> None:
        """Calls `heard` for every ring, and `up` when the connection comes and goes."""
        while True:
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                self._up(False)
                _log.warning("bell_not_heard", cause=type(error).__name__)
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            self._up(True)
            while True:
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=POLL_S)
                if message is not None:
                    self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        try:
            self._heard(decode(message["data"]))
        except (msgspec.DecodeError, TypeError):
            _log.warning("bell_not_understood")


AHEAD_LIMIT: Final = 4096
"""Versions heard out of order that are remembered; over it every topic is looked at."""


class Heard:
    """Which versions of one operation were rung: tells a lost bell from one that came early."""

    def __init__(self, version: int) -> None:
        self._upto = version
        self._ahead: set[int] = set()

    def ring(self, version: int) -> None:
        """A bell of this version was heard."""
        if version > self._upto and len(self._ahead) < AHEAD_LIMIT:
            self._ahead.add(version)
        while self._upto + 1 in self._ahead:
            self._upto += 1
            self._ahead.discard(self._upto)

    def missed(self, version: int) -> bool:
        """Whether a bell up to this version is missing; asks again only for later ones."""
        if version <= self._upto:
            return False
        self._upto = version
        self._ahead = {v for v in self._ahead if v > version}
        return True
