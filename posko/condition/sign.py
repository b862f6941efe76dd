"""A sign of life of each `work` and `live`, with what it alone knows. Redis holds it, and nothing rests on it.

How old a sign is, is told by how long Redis goes on keeping it: no two machines' clocks are compared.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

EVERY_S: Final = 2.0
PATIENCE_S: Final = 1.0
KEPT_MS: Final = 900_000
"""A process that died is remembered so long: since when it is silent can be said."""
SIGNS_LIMIT: Final = 64
"""Processes of one role that are told apart."""

_log = structlog.get_logger("sign")


class Working(msgspec.Struct, frozen=True):
    """Of a worker. `turn_s`: seconds since its last turn ended, null before the first; what it proved so far."""

    turn_s: float | None
    is_well: bool
    """What falls due is done in time, as far as this one sees."""
    proven: int
    wrong: int
    channels: list[str]


class Showing(msgspec.Struct, frozen=True):
    """Of a hub: how many sockets are open, and how many seconds ago it knew what is so now; null: not yet."""

    sockets: int
    read_s: float | None


T = TypeVar("T", Working, Showing)
ROLES: Final[Mapping[type[Any], str]] = {Working: "work", Showing: "live"}


async def give(redis: Redis, say: Callable[[], Working | Showing]) -> None:
    """Says so every two seconds, for as long as the process lives; a Redis that is away is no reason to end."""
    own, was_heard = secrets.token_hex(8), True
    while True:
        said = say()
        role = ROLES[type(said)]
        try:
            async with asyncio.timeout(PATIENCE_S), redis.pipeline(transaction=False) as pipeline:
                pipeline.set(_key(role, own), msgspec.json.encode(said), px=KEPT_MS)
                pipeline.sadd(_known(role), own)
                await pipeline.execute()
            was_heard = True
        except (RedisError, OSError, TimeoutError) as error:
            if was_heard:
                _log.warning("sign_not_given", cause=type(error).__name__)
            was_heard = False
        await asyncio.sleep(EVERY_S)


async def heard(redis: Redis, kind: type[T]) -> list[tuple[float, T]]:
    """Seconds since each process of a role was heard, and what it said; the last heard first. Raises RedisError."""
    role = ROLES[kind]
    names = sorted(n.decode() if isinstance(n, bytes) else n for n in await redis.smembers(_known(role)))
    if not names:
        return []
    async with redis.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.get(_key(role, name))
            pipeline.pttl(_key(role, name))
        answers = await pipeline.execute()
        gone = [name for name, raw in zip(names, answers[::2], strict=True) if raw is None]
        if gone:
            await redis.srem(_known(role), *gone)
    found = [
        ((KEPT_MS - left_ms) / 1000, said)
        for raw, left_ms in zip(answers[::2], answers[1::2], strict=True)
        if raw is not None and left_ms > 0 and (said := _read(raw, kind)) is not None
    ]
    return sorted(found, key=lambda sign: sign[0])[:SIGNS_LIMIT]


def _read(raw: bytes, kind: type[T]) -> T | None:
    """What a process said; None where it is of a version that says it otherwise."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError:
        return None


def _key(role: str, name: str) -> str:
    return f"posko:sign:{role}:{name}"


def _known(role: str) -> str:
    return f"posko:signs:{role}"
