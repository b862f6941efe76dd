"""What the fan-out is compared with: the same frame to every console, 20 times a second, the way others do it.

`broadcast`: websockets.broadcast on uvloop, without compression. `channels`: Litestar's Channels plugin with its memory
backend, under uvicorn. Frames are as long as posko's were (BENCH_FRAME_BYTES).
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

import uvicorn
import uvloop
from litestar import Litestar, WebSocket, get, websocket
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from websockets.asyncio.server import broadcast, serve

TICK_S: Final = 0.05


def _frame() -> str:
    return '{"type":"delta","pad":"' + "x" * (int(os.environ["BENCH_FRAME_BYTES"]) - 25) + '"}'


async def _broadcast(port: int) -> None:
    connections: set[Any] = set()
    frame = _frame()

    async def handler(connection: Any) -> None:
        connections.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connections.discard(connection)

    def page(connection: Any, request: Any) -> Any:
        return connection.respond(HTTPStatus.OK, "ready") if request.path == "/health/ready" else None

    async with serve(
        handler, "127.0.0.1", port, compression=None, ping_interval=None, process_request=page, backlog=4096
    ):  # fmt: skip
        while True:
            await asyncio.sleep(TICK_S)
            broadcast(connections, frame)


def _channels(port: int) -> None:
    channels = ChannelsPlugin(backend=MemoryChannelsBackend(), channels=["all"], subscriber_max_backlog=64)

    @websocket("/v1/live")
    async def console(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        async with channels.start_subscription(["all"]) as subscriber:
            async for data in subscriber.iter_events():
                await socket.send_text(data.decode())

    @get("/health/ready")
    async def ready() -> str:
        return "ready"

    async def tick() -> None:
        frame = _frame().encode()
        while True:
            await asyncio.sleep(TICK_S)
            channels.publish(frame, "all")

    @asynccontextmanager
    async def lifespan(_: Litestar) -> Any:
        task = asyncio.create_task(tick())
        yield
        task.cancel()

    app = Litestar([console, ready], plugins=[channels], lifespan=[lifespan], logging_config=None, openapi_config=None)
    uvicorn.run(
        app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", ws="websockets-sansio", log_level="warning",
        access_log=False, ws_per_message_deflate=False, ws_ping_interval=None, backlog=4096,
    )  # fmt: skip


def main() -> None:
    """`python -m tests.bench.fanouts broadcast|channels`; the port is POSKO_PORT."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port = int(os.environ["POSKO_PORT"])
    if sys.argv[1] == "broadcast":
        uvloop.run(_broadcast(port))
    else:
        _channels(port)


if __name__ == "__main__":
    main()
