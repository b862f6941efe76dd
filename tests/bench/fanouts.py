"""What the fan-out is compared with: the same frame to every console, 20 times a second, the way others do it.

`broadcast`: websockets.broadcast on uvloop, without compression. `channels`: Litestar's Channels plugin with its memory
backend, under uvicorn. `raw`: the floor - a loop of one system call a console, on plain sockets. Frames are as long as
posko's were (BENCH_FRAME_BYTES).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import select
import socket
import sys
import time
from collections.abc import Callable
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


ACCEPT: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
"""The answer to the one key that the bench's consoles send."""


def _raw(port: int) -> None:
    payload = _frame().encode()
    frame = b"\x81\x7e" + len(payload).to_bytes(2) + payload
    sends: list[Callable[[bytes], int]] = []
    with socket.create_server(("127.0.0.1", port), backlog=4096) as server:
        server.setblocking(False)
        next_at = time.perf_counter()
        while True:
            while select.select([server], [], [], max(0.0, next_at - time.perf_counter()))[0]:
                client, _ = server.accept()
                client.setblocking(True)
                if b" /health/ready " in client.recv(4096):
                    client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                    client.close()
                    continue
                client.sendall(ACCEPT)
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sends.append(client.send)
            next_at = max(next_at + TICK_S, time.perf_counter())
            for send in sends:
                with contextlib.suppress(OSError):  # gone, or full: the floor writes once and does not care
                    send(frame)


def main() -> None:
    """`python -m tests.bench.fanouts broadcast|channels|raw`; the port is POSKO_PORT."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port = int(os.environ["POSKO_PORT"])
    match sys.argv[1]:
        case "broadcast":
            uvloop.run(_broadcast(port))
        case "channels":
            _channels(port)
        case "raw":
            _raw(port)


if __name__ == "__main__":
    main()
