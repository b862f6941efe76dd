"""The `posko live` role: a table of contents of the hub process."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import functools
import gc
import signal
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final, cast

import redis.asyncio as redis
import structlog
from prometheus_client import CollectorRegistry
from websockets.asyncio.server import serve

from posko import db, open_files
from posko.accounts.sessions import SessionCache
from posko.condition import sign
from posko.config import Settings
from posko.live.bell import Listener
from posko.live.door import Door, Pages
from posko.live.hub import Hub
from posko.live.metrics import Metrics
from posko.live.socket import CLOSE_TIMEOUT_S, Socket
from posko.live.ticket import Claims, Signer, Used

BACKLOG: Final = 4096
"""Connections that the kernel holds until they are accepted."""
OPEN_TIMEOUT_S: Final = 10.0
HALF_OPEN_LIMIT: Final = 5000
"""Connections beyond the consoles: handshakes in progress, health checks."""
SPARE_FILES: Final = 200
COLLECT_AFTER: Final = (50_000, 50, 50)
"""Garbage collection: ten thousand sockets are a million objects, which live long and are freed by their reference
counts; walking over them again and again took a third of a reconnect storm."""

CANCEL_AGAIN_S = 0.5

_log = structlog.get_logger("live")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


async def run(settings: Settings, *, ready: Callable[[], None] | None = None) -> None:
    """Serves /v1/live until SIGTERM, SIGINT or cancellation; then tells every console when to come again."""
    files = settings.console_limit + HALF_OPEN_LIMIT + SPARE_FILES
    if (allowed := open_files.allow(files)) < files:
        _log.warning("fewer_consoles_than_set", files_limit=allowed, console_limit=settings.console_limit)
    collected_after = gc.get_threshold()
    gc.set_threshold(*COLLECT_AFTER)
    metrics = Metrics(CollectorRegistry())
    client = redis.from_url(settings.redis_url, socket_connect_timeout=1.0, health_check_interval=5)
    pool = await db.open_pool(
        settings.database_url, size=4, statement_timeout_s=settings.statement_timeout_s, role=db.DatabaseRole.engine
    )
    try:
        sessions = SessionCache(pool, clock=_now)
        hub = Hub(settings, pool, metrics, clock=_now)
        sessions.on_revoke(hub.revoke)
        hub.on_present(sessions.touch)
        signer, used = Signer(settings.secret_key), Used(client)

        async def spend(ticket: str) -> Claims:
            at = _now()
            claims = signer.verify(ticket, at=at)
            await used.spend(claims, at=at)
            return claims

        pages = Pages(metrics.registry, hub.is_ready)
        door = Door(settings, sessions, spend, pages=pages, consoles=lambda: hub.consoles, consoles_of=hub.consoles_of)
        listener = Listener(client, hub.hear, lambda up: metrics.redis_up.set(up))
        await hub.begin()
        loops = [
            hub.fanout.run(),
            hub.look(),
            hub.beat(),
            hub.drain(),
            hub.recheck(),
            hub.watch_engine(),
            listener.run(),
            sign.give(client, lambda: sign.Showing(hub.consoles, hub.read_s)),
            sessions.run(),
        ]
        await _serve(settings, hub, door, loops, ready)
    finally:
        gc.set_threshold(*collected_after)
        await client.aclose()
        pool.terminate()


async def _serve(
    settings: Settings, hub: Hub, door: Door, loops: list[Coroutine[Any, Any, None]], ready: Callable[[], None] | None
) -> None:
    stop = asyncio.Event()
    async with serve(
        cast(Any, hub.serve),  # every connection is a Socket
        settings.live_host,
        settings.live_port,
        process_request=cast(Any, door.process_request),
        create_connection=cast(
            Any, functools.partial(Socket, connections_limit=settings.console_limit + HALF_OPEN_LIMIT)
        ),
        compression=None,  # 43 KB and 20 us a socket; deltas and conflation save more
        server_header="posko",
        open_timeout=OPEN_TIMEOUT_S,
        ping_interval=None,  # pings ride on the heartbeat: no task per socket
        close_timeout=CLOSE_TIMEOUT_S,
        max_size=settings.frame_limit_bytes,
        write_limit=settings.stale_bytes,
        max_queue=4,
        backlog=BACKLOG,
    ) as server:
        with _signals(stop.set):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(loop) for loop in loops]
                _log.info("live", host=settings.live_host, port=settings.live_port)
                if ready is not None:
                    ready()
                try:
                    await stop.wait()
                finally:
                    server.close(close_connections=False)
                    await hub.shut_down()
                    await _end(tasks)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancels until every task has ended: a timeout that fires at the same moment can swallow one cancellation."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and SIGINT stop the role; elsewhere than in the main thread only cancellation does."""
    loop = asyncio.get_running_loop()
    taken = []
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
            loop.add_signal_handler(number, stop)
            taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
