"""Somebody who has no business here: asks for everything, all the time, and must end having seen nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import websockets
import websockets.asyncio.client as ws

from posko import db
from posko.live import wire
from tests.client import Client
from tests.factories import Small, make_account
from tests.running import Running

PAUSE_S = 0.02
ENOUGH = 150
"""Questions: every path, and the socket."""
LANE_HINT = 3
"""Numbers above the operation's own that are tried as operations too: its restricted lane is one of them."""
BLIND = frozenset({401, 403, 404, 429, 503})
"""Answers that show nothing (422 and 400 name the question, never a thing)."""


class Observer:
    """A supervisor of another provinsi, and one of this kota who is not cleared for what is terbatas."""

    def __init__(self, running: Running, small: Small) -> None:
        self.running, self.small = running, small
        self.seen: list[str] = []
        self.asked = 0

    async def prepare(self, pool: db.Pool | Any) -> None:
        """Gives both their accounts."""
        await make_account(pool, "luar", "supervisor", "32", cleared=True)
        await make_account(pool, "ingin-tahu", "supervisor", self.small.root)

    def _paths(self) -> list[str]:
        small, found = self.small, []
        for operation in range(small.operation, small.operation + LANE_HINT):
            found.append(f"/v1/operations/{operation}")
            for code in (small.root, small.kecamatan[0], small.kelurahan[0], small.tps[0], "31", "ID"):
                for path in (
                    f"/v1/regions/{code}?operation={operation}",
                    f"/v1/regions/{code}/changes?operation={operation}&since=0",
                    f"/v1/regions/{code}/incident-reports?operation={operation}",
                    f"/v1/regions/{code}/flags?operation={operation}",
                    f"/v1/regions/{code}/tps?operation={operation}&counter=reports",
                    f"/v1/tps/{code}?operation={operation}",
                    f"/v1/tps/{code}/timeline?operation={operation}",
                ):
                    found.append(path)
        return found

    async def _ask(self, outsider: Client, curious: Client) -> None:
        for path in itertools.cycle(self._paths()):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, ConnectionError):
                status, body, _ = await outsider.ask("GET", path)
                self._judge(path, status, body)
                operation = int(path.partition("operation=")[2].partition("&")[0] or path.rpartition("/")[2])
                if operation != self.small.operation:  # the lane, or nothing at all
                    status, body, _ = await curious.ask("GET", path)
                    self._judge(path, status, body)
            await asyncio.sleep(PAUSE_S)

    def _judge(self, path: str, status: int, body: Any) -> None:
        self.asked += 1
        if status in BLIND or status in (400, 422):
            return
        self.seen.append(f"{status} {path}: {str(body)[:200]}")

    async def _listen(self, outsider: Client) -> None:
        topics = [
            f"{operation}:{code}"
            for operation in range(self.small.operation, self.small.operation + LANE_HINT)
            for code in (self.small.root, self.small.kelurahan[0], "31", "ID")
        ]
        while True:
            with contextlib.suppress(websockets.WebSocketException, OSError, TimeoutError):
                async with ws.connect(
                    self.running.live_url, additional_headers={"Authorization": f"Bearer {outsider.token}"}, proxy=None
                ) as socket:
                    for topic in topics:
                        await socket.send(wire.encode(wire.Subscribe(topic)).decode())
                    async for frame in socket:
                        self._hear(wire.decode_server(frame if isinstance(frame, bytes) else frame.encode()))
            await asyncio.sleep(PAUSE_S)

    def _hear(self, message: wire.ServerMessage) -> None:
        self.asked += 1
        if isinstance(message, wire.Snapshot | wire.Delta) or (
            isinstance(message, wire.Heartbeat) and message.versions
        ):
            self.seen.append(str(message)[:200])

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Looks for as long as the block lasts; at its end nothing may have been seen, and much must have been asked."""
        timeout = aiohttp.ClientTimeout(total=15)  # to sign in beside a storm
        async with aiohttp.ClientSession(timeout=timeout) as http:
            outsider = await Client(http, self.running.url).sign_in("luar")
            curious = await Client(http, self.running.url).sign_in("ingin-tahu")
            tasks = [asyncio.create_task(self._ask(outsider, curious)), asyncio.create_task(self._listen(outsider))]
            try:
                yield
                async with asyncio.timeout(90):  # a short day is looked back on
                    while self.asked <= ENOUGH:
                        await asyncio.sleep(PAUSE_S)
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
            broken = [e for e in ended if not isinstance(e, asyncio.CancelledError)]
            assert broken == []
            assert self.seen == []
