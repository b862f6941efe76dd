"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
from typing import Literal

import msgspec
from litestar import Response, get
from redis.asyncio import Redis
from redis.exceptions import RedisError

from posko import db, policy
from posko.errors import Unavailable

CHECK_LIMIT_S = 2.0

State = Literal["up", "down"]


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(msgspec.Struct, frozen=True):
    """`ready` follows the database alone: without Redis reports go on and screens are at most 2 s behind."""

    ready: bool
    database: State
    redis: State


class Health:
    """Asks the database and Redis, each at most `CHECK_LIMIT_S`."""

    def __init__(self, pool: db.Pool, redis: Redis) -> None:
        self._pool = pool
        self._redis = redis

    async def check(self) -> Ready:
        database, redis = await asyncio.gather(self._database(), self._ping())
        return Ready(database, "up" if database else "down", "up" if redis else "down")

    async def _database(self) -> bool:
        try:
            async with asyncio.timeout(CHECK_LIMIT_S):
                with db.translated():
                    async with self._pool.acquire() as connection:
                        await connection.fetchval(db.queries("health")["schema_is_there"].sql)
        except (Unavailable, TimeoutError):
            return False
        return True

    async def _ping(self) -> bool:
        try:
            async with asyncio.timeout(CHECK_LIMIT_S):
                await self._redis.ping()
        except (RedisError, OSError, TimeoutError):
            return False
        return True


@get("/health/live", tags=["operating"], opt=policy.opened("watch"), security=[{}])
async def live() -> Alive:
    """200 while the process answers at all."""
    return Alive()


@get("/health/ready", tags=["operating"], opt=policy.opened("watch"), security=[{}], raises=[])
async def ready(health_check: Health) -> Response[Ready]:
    """200 when reports can be taken, 503 when not."""
    found = await health_check.check()
    return Response(found, status_code=200 if found.ready else 503)


routes = [live, ready]
