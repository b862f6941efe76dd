"""What tests of deliveries stand on: a receiver on loopback, endpoints on a small operation, a lane that runs."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CollectorRegistry

from posko import db, signature
from posko.signature import Key
from posko.webhooks import store
from posko.webhooks.deliverer import Deliverer
from posko.webhooks.endpoint import EndpointIn
from posko.webhooks.guard import Guard
from posko.webhooks.keys import Keys
from posko.webhooks.sender import Sender
from posko.webhooks.service import Service
from posko.webhooks.store import Lane
from tests.incidents.ground import Day

SECRET_KEY = "a secret key for tests of webhooks, long enough"
LIMIT_S = 60.0
"""Of a wait: so long on a machine that is busy with something else."""


class Received(msgspec.Struct, frozen=True):
    """One request that arrived."""

    path: str
    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]

    @property
    def what(self) -> Any:
        return self.body["data"]["what"]


class Receiver:
    """A system that is told. `answers` decides by request: a status, or a status and headers; challenges are answered."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: Callable[[Received], int | tuple[int, dict[str, str]]] = lambda _: 200
        self.slow_s = 0.0
        self.is_honest = True
        """Gives the challenge back."""
        self.challenges: list[Received] = []
        self.challenge_slow_s = 0.0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Receiver]:
        app = web.Application()
        app.router.add_post("/{name}", self._take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    def url(self, name: str = "hook") -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    async def _take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        body = msgspec.json.decode(raw)
        got = Received(request.path, {k.lower(): v for k, v in request.headers.items()}, raw, body)
        if body["type"] == "endpoint.challenge":
            self.challenges.append(got)
            await asyncio.sleep(self.challenge_slow_s)
            said = body["data"]["what"]["challenge"] if self.is_honest else "no"
            return web.json_response({"challenge": said})
        self.received.append(got)
        if self.slow_s:
            await asyncio.sleep(self.slow_s)
        answer = self.answers(got)
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        return web.Response(status=status, headers=headers, text="said " * 10)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits, not for long."""
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                await asyncio.sleep(0.02)

    @property
    def challenged(self) -> list[str]:
        """Paths that were sent a challenge."""
        return [r.path for r in self.challenges]

    def types(self) -> list[str]:
        return [r.body["type"] for r in self.received]


class Webhooks:
    """Endpoints of the day's operation, and the lanes of one worker."""

    def __init__(self, day: Day, receiver: Receiver) -> None:
        self.day = day
        self.receiver = receiver
        self.keys = Keys(SECRET_KEY)
        self.secrets: dict[int, Key] = {}

    async def add(
        self, *, name: str = "hook", types: tuple[str, ...] = ("*",), verified: bool = True, **more: Any
    ) -> int:
        """An endpoint of the whole operation, by the owner at the command line unless said otherwise."""
        said = {
            "operation": self.day.operation,
            "region": self.day.small.root,
            "url": self.receiver.url(name),
            "description": name,
            "types": types,
            **more,
        }
        new = msgspec.convert(said, EndpointIn)
        key, uid, sealed = self.keys.new()
        async with self.day.pool.acquire() as connection:
            made = await store.add(connection, None, new, uid, sealed)
        if verified:
            await self.day.pool.execute(
                "update posko.endpoint set state = 'active', verified_at = posko.now() where id = $1", made
            )
        self.secrets[made] = key
        return made

    @contextlib.asynccontextmanager
    async def delivering(
        self, *lanes: Lane, deadline_s: float = 15.0, pool: db.Pool | None = None
    ) -> AsyncIterator[None]:
        """Both lanes of a worker, or some, for as long as the block lasts."""
        guard = Guard(insecure_loopback=True)
        service = Service(
            pool or self.day.pool,
            self.keys,
            "https://posko.example",
            lambda *_: None,
            clock=lambda: datetime.datetime.now(datetime.UTC),
            registry=CollectorRegistry(),
        )
        async with contextlib.AsyncExitStack() as stack:
            tasks = []
            for lane in lanes or store.LANES:
                sender = await stack.enter_async_context(Sender(guard, deadline_s=deadline_s))
                tasks.append(asyncio.create_task(Deliverer(service, sender, lane).run()))
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
                if broken := [e for e in ended if isinstance(e, Exception)]:
                    raise ExceptionGroup("a lane died by itself", broken)

    async def hurry(self) -> None:
        """Whatever waits to be tried again is due now; what somebody is at is left to them."""
        free = "(select from posko.endpoint_lane l where l.endpoint_id = x.endpoint_id and l.lane = x.lane and coalesce(l.lease_until <= posko.now(), true))"
        await self.day.pool.execute(f"update posko.delivery_key x set next_at = posko.now() where next_at <> 'infinity' and exists {free}")  # fmt: skip
        await self.day.pool.execute(f"update posko.endpoint_lane x set open_at = posko.now() where exists {free}")

    async def hurried(self, question: str, *arguments: Any) -> None:
        """Waits until the database says yes, and what is to be tried again meanwhile is tried at once."""
        async with asyncio.timeout(LIMIT_S):
            while not await self.day.pool.fetchval(question, *arguments):
                await self.hurry()
                await asyncio.sleep(0.05)

    async def states(self, endpoint: int) -> dict[str, int]:
        """How many deliveries are in which state."""
        rows = await self.day.pool.fetch(
            "select state, count(*)::int as n from posko.delivery where endpoint_id = $1 group by state", endpoint
        )
        return {r["state"]: r["n"] for r in rows}

    def verify(self, endpoint: int, got: Received) -> None:
        """Both signatures, each by itself."""
        now = datetime.datetime.now(datetime.UTC)
        signature.verify([self.secrets[endpoint]], got.headers, got.raw, now)
        signature.verify([self.keys.service.public], got.headers, got.raw, now)


async def all_settled(pool: db.Pool) -> None:
    """Waits until nothing waits."""
    async with asyncio.timeout(LIMIT_S):
        while await pool.fetchval("select exists (select from posko.delivery where state = 'pending')"):
            await asyncio.sleep(0.05)
