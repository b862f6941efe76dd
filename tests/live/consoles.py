"""What the tests of the live room need: a hub in this process, reports by SQL, and a console that hides nothing."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import msgspec
import redis.asyncio as redis
import websockets.asyncio.client as ws

from posko import hub
from posko.accounts import opening, store
from posko.accounts.account import Session
from posko.accounts.opening import Caller, Proof
from posko.config import Settings
from posko.live import wire
from posko.live.bell import Bell
from posko.live.view import View
from tests.factories import VOTING_DAY, WIB, Small, incident, uuid7
from tests.running import free_port

LIMIT_S = 20.0
SECRET = "only-for-tests-only-for-tests-only-for-tests"
M = TypeVar("M")


@contextlib.asynccontextmanager
async def running_hub(database_url: str, redis_url: str, **changed: Any) -> AsyncIterator[Settings]:
    """The live role in this process; its settings say where."""
    settings = Settings(
        database_url=database_url, redis_url=redis_url, secret_key=SECRET, live_port=free_port(), heartbeat_s=1.0
    )
    settings = msgspec.structs.replace(settings, **changed)
    is_ready = asyncio.Event()
    task = asyncio.create_task(hub.run(settings, ready=is_ready.set))
    waiting = asyncio.create_task(is_ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    try:
        yield settings
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def url_of(settings: Settings) -> str:
    return f"ws://{settings.live_host}:{settings.live_port}/v1/live"


async def sign_in(pool: Any, username: str = "supervisor") -> Session:
    """A session without the cost of a password."""
    async with pool.acquire() as connection, connection.transaction():
        account, _ = await store.by_username(connection, username) or (None, None)
        assert account is not None
        settings = Settings(database_url="", redis_url="", secret_key="x" * 32, second_factor="offered")
        return await opening.open_session(connection, Proof(account, ("password",)), Caller("local", "test"), settings)


class Console:
    """A socket that takes exactly what the protocol gives it, and remembers every message."""

    def __init__(self, socket: ws.ClientConnection) -> None:
        self.socket = socket
        self.seen: list[wire.ServerMessage] = []
        self.views: dict[str, View] = {}

    async def say(self, message: wire.ClientMessage) -> None:
        await self.socket.send(wire.encode(message).decode())

    async def subscribe(self, topic: str, since: int | None = None, layout: int | None = None) -> Any:
        """Subscribes, and answers with the first frame of the topic (or the problem)."""
        self.views.setdefault(topic, View(topic))
        await self.say(wire.Subscribe(topic, since, layout))
        return await self.until(lambda m: getattr(m, "topic", None) == topic)

    async def next(self) -> wire.ServerMessage:
        async with asyncio.timeout(LIMIT_S):
            message = wire.decode_server(await self.socket.recv(decode=False))
        self.seen.append(message)
        if isinstance(message, wire.Snapshot | wire.Delta) and message.topic in self.views:
            assert self.views[message.topic].take(message) != "gap"
        return message

    async def until(self, accepts: Callable[[Any], bool], limit_s: float = LIMIT_S) -> Any:
        """The next message that is accepted."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            message = await self.next()
            if accepts(message):
                return message
        raise AssertionError(f"not within {limit_s} s; last: {self.seen[-3:]}")

    async def until_value(self, topic: str, code: str, counter: str, value: int) -> float:
        """Seconds until the view of a topic shows the value."""
        began = time.monotonic()
        while self.views[topic].value(code, counter) != value:
            assert time.monotonic() - began < LIMIT_S, self.seen[-3:]
            await self.next()
        return time.monotonic() - began


@contextlib.asynccontextmanager
async def console(settings: Settings, token: str | None = None, **options: Any) -> AsyncIterator[Console]:
    """A console that has read its hello."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= options.pop("headers", {})
    query = options.pop("query", "")
    async with ws.connect(
        url_of(settings) + query, additional_headers=headers, compression=None, proxy=None, **options
    ) as socket:
        found = Console(socket)
        assert isinstance(await found.next(), wire.Hello)
        yield found


class Desk:
    """Files milestones straight into the database, and rings the bell if it is told to."""

    def __init__(self, pool: Any, small: Small, client: redis.Redis) -> None:
        self._pool = pool
        self.small = small
        self._bell = Bell(client)

    async def file(self, places: list[str], milestone: str = "voting_open", *, rings: bool = True) -> int:
        """One batch; answers its version."""
        async with self._pool.acquire() as connection:
            version = await _file(connection, self.small, places, f"milestone.{milestone}")
        if rings:
            self._bell.ring_soon(self.small.operation, version, places)
            await self._bell.close()
        return version

    async def incident(self, place: str, *, rings: bool = True) -> int:
        """One incident of severity rendah."""
        async with self._pool.acquire() as connection:
            version = await _file(connection, self.small, [place], "incident")
        if rings:
            self._bell.ring_soon(self.small.operation, version, [place])
            await self._bell.close()
        return version


_BODY = json.dumps({"content": incident("rendah"), "channel": "app"})


async def _file(connection: Any, small: Small, places: list[str], subject: str) -> int:
    operation = small.operation
    layout = await connection.fetchval("select layout from posko.operation where id = $1", operation)
    subject_id = await connection.fetchval(
        "select id from posko.subject where operation_id = $1 and name = $2", operation, subject
    )
    account, seat = await connection.fetchrow(
        "select account_id, id from posko.assignment where role = 'operator' and revoked_at is null and api.covers(regions, $1) limit 1",
        places[0],
    )
    at = datetime.datetime.combine(VOTING_DAY, datetime.time(7, 3), WIB)
    n = len(places)
    rows = await connection.fetch(
        "select * from api.file_reports($1, $2, 2000, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        operation, layout, [uuid7() for _ in places], [account] * n, [seat] * n, [None] * n, [None] * n, places, [subject_id] * n,
        [random.randrange(10**9) for _ in places], [at] * n, [None] * n, ["{1}"] * n, [_BODY] * n,
    )  # fmt: skip
    assert {r["outcome"] for r in rows} == {"accepted"}, rows
    version: int = rows[0]["version"]
    return version


async def fresh_rows(pool: Any, operation: int, code: str) -> dict[str, list[int]]:
    """What the database says of a topic now, straight: code -> counters without trailing zeros."""
    rows = await pool.fetch(
        "select n.code, r.counters from posko.node n join posko.rollup r on r.node_id = n.id"
        " left join posko.node p on p.id = n.parent_id where n.operation_id = $1 and (n.code = $2 or p.code = $2)",
        operation,
        code,
    )
    return {r["code"]: trimmed(r["counters"]) for r in rows}


def trimmed(values: list[int]) -> list[int]:
    end = len(values)
    while end and values[end - 1] == 0:
        end -= 1
    return list(values[:end])


def shown(view: View) -> dict[str, list[int]]:
    """What a view shows, without trailing zeros."""
    return {code: trimmed(values) for code, values in view.rows.items()}
