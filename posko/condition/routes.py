"""How the service is, over HTTP: for admins. Every answer is 200, also when much is down: that is what is asked."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from litestar import get
from redis.asyncio import Redis as Client
from redis.exceptions import RedisError

from posko import db, policy
from posko.accounts.account import KEEPS_ACCOUNTS, Viewer
from posko.condition import condition, sign
from posko.condition.condition import Condition, Facts
from posko.config import Settings
from posko.errors import Unavailable
from posko.photos.keeper import Keeper
from posko.problems import responses
from posko.reports.intake import Intake

T = TypeVar("T")

PATIENCE_S: Final = 2.0
"""For so long the database and Redis may each keep an answer to themselves."""

_queries = db.queries("condition")


class Observer:
    """Asks everything that can be asked at once, each within `PATIENCE_S`."""

    def __init__(self, settings: Settings, pool: db.Pool, redis: Client, intake: Intake, photos: Keeper) -> None:
        self._pool, self._redis, self._intake, self._photos = pool, redis, intake, photos
        self._store, self._directory = _store_of(settings.photos_url)
        self._began = time.monotonic()

    async def look(self, viewer: Viewer) -> Condition:
        """The condition as `viewer` may see it: of webhooks and messages, what its seat keeps."""
        (facts, database_ms), (signs, redis_ms), (disk, _) = await asyncio.gather(
            _timed(lambda: self._facts(viewer)), _timed(self._signs), _timed(self._disk)
        )
        workers, hubs = (None, None) if signs is None else signs
        busy = self._pool.get_size() - self._pool.get_idle_size()
        size = None if facts is None else facts.bytes
        return Condition(
            at=None if facts is None else facts.at,
            up_s=round(time.monotonic() - self._began, 1),
            database=condition.Database(_state(facts), database_ms, size, busy, self._pool.get_size()),
            redis=condition.Redis(_state(signs), redis_ms),
            intake=condition.Intake(self._intake.waiting, self._intake.room, self._intake.oldest_s),
            late_s=None if facts is None else facts.late_s,
            workers=workers,
            hubs=hubs,
            webhooks=None if facts is None else facts.webhooks,
            messages=None if facts is None else facts.messages,
            photos=condition.Photos(self._store, self._photos.sending, self._photos.room),
            disk=disk,
        )

    async def _facts(self, viewer: Viewer) -> Facts:
        async with db.transaction(self._pool, viewer.reach) as connection:
            [row] = await connection.fetch(_queries["facts"].sql, viewer.account_id, viewer.seat_id)
        fields: dict[str, Any] = {"at": row["at"], "bytes": row["bytes"], "late_s": round(row["late_s"], 1)}
        for part, kind in (("webhooks", condition.Webhooks), ("messages", condition.Messages)):
            fields[part] = kind(**{n: row[f"{part}_{n}"] for n in kind.__struct_fields__})
        return Facts(**fields)

    async def _signs(self) -> tuple[list[condition.Worker], list[condition.Hub]]:
        working = await sign.heard(self._redis, sign.Working)
        showing = await sign.heard(self._redis, sign.Showing)
        return (
            [condition.Worker(round(s, 1), w.turn_s, w.is_well, w.proven, w.wrong, w.channels) for s, w in working],
            [condition.Hub(round(s, 1), h.sockets, h.read_s) for s, h in showing],
        )

    async def _disk(self) -> condition.Disk | None:
        if self._directory is None:
            return None
        usage = await asyncio.to_thread(shutil.disk_usage, self._directory)
        return condition.Disk(usage.free, usage.total)


def _state(answer: object | None) -> Literal["up", "down"]:
    return "down" if answer is None else "up"


async def _timed(ask: Callable[[], Awaitable[T]]) -> tuple[T | None, float | None]:
    """An answer and how many milliseconds it took; null and null when there was none in time."""
    began = time.monotonic()
    task = asyncio.ensure_future(ask())
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody waits for it any more
    try:
        # Not a timeout around it: what is cancelled tidies up first, half a minute long with a frozen database.
        await asyncio.wait({task}, timeout=PATIENCE_S)
        if not task.done():
            return None, None
        return task.result(), round((time.monotonic() - began) * 1000, 1)
    except (Unavailable, RedisError, OSError, TimeoutError):
        return None, None
    finally:
        task.cancel()


def _store_of(url: str) -> tuple[Literal["directory", "bucket", "off"], Path | None]:
    if not url:
        return "off", None
    address = urlsplit(url)
    return ("directory", Path(unquote(address.path))) if address.scheme == "file" else ("bucket", None)


@get("/v1/health", tags=["operating"], opt=policy.watch(KEEPS_ACCOUNTS), responses=responses(401, 403, 422, 429, 503))
async def show_condition(viewer: Viewer, observer: Observer) -> Condition:
    """How the service is: what is down, what waits and since when, who was last heard."""
    return await observer.look(viewer)


routes = [show_condition]
