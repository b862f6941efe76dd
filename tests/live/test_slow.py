"""Clients that do not read: no deltas, then one snapshot - or goodbye."""

from __future__ import annotations

import asyncio
import socket as sockets
import time

from posko import db
from posko.config import Settings
from posko.embedded import Embedded
from posko.live import wire
from tests.live.consoles import Console, Desk, console, fresh_rows, running_hub, shown

SENT_AWAY = 'posko_live_closed_total{reason="slow"}'


def small_window() -> sockets.socket:
    """A socket whose kernel takes little on its behalf."""
    made = sockets.socket()
    made.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 2048)
    return made


async def _connected(live: Settings) -> sockets.socket:
    made = small_window()
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, (live.live_host, live.live_port))
    return made


async def _metric(live: Settings, name: str) -> float:
    reader, writer = await asyncio.open_connection(live.live_host, live.live_port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    text = (await reader.read()).decode()
    writer.close()
    return sum(float(li.rsplit(" ", 1)[1]) for li in text.splitlines() if li.startswith(name))


async def _until_metric(live: Settings, name: str, value: float) -> None:
    deadline = time.monotonic() + 30
    while await _metric(live, name) != value:
        assert time.monotonic() < deadline, name
        await asyncio.sleep(0.05)


async def test_a_slow_client_gets_no_deltas_and_one_snapshot_when_it_has_drained(
    database: str, desk: Desk, services: Embedded, token: str, pool: db.Pool
) -> None:
    topic = f"{desk.small.operation}:31.72"
    changed = {"stale_bytes": 2000, "drop_s": 60.0, "heartbeat_s": 30.0}  # who does not read hears no ping either
    async with (
        running_hub(database, services.redis_url, **changed) as live,
        console(live, token, sock=await _connected(live)) as found,
        console(live, token) as quick,
    ):
        await found.subscribe(topic)
        await quick.subscribe(topic)
        found.socket.transport.pause_reading()
        await _fill(live, desk, found, quick)
        versions = [m.to for m in found.seen if isinstance(m, wire.Delta)]
        found.socket.transport.resume_reading()
        snapshot = await found.until(lambda m: isinstance(m, wire.Snapshot), 30)
        assert snapshot.version > max(versions, default=0)
        await _until_metric(live, "posko_live_stale_consoles", 0)
        await desk.incident(desk.small.tps[0])
        await found.until(lambda m: isinstance(m, wire.Delta) and m.from_ >= snapshot.version)
        assert shown(found.views[topic]) == await fresh_rows(pool, desk.small.operation, "31.72")


async def _fill(live: Settings, desk: Desk, found: Console, quick: Console) -> None:
    """Asks for snapshots and does not read them, until the hub holds the client for stale."""
    for _ in range(50):
        await found.say(wire.Subscribe(f"{desk.small.operation}:31.72"))
    deadline = time.monotonic() + 30
    # Or sent away for it already, where that comes soon.
    while not await _metric(live, "posko_live_stale_consoles") and not await _metric(live, SENT_AWAY):
        assert time.monotonic() < deadline
        await desk.incident(desk.small.tps[1])
        await asyncio.sleep(0.06)
    # The others are served all the same.
    before = quick.seen[-1]
    await desk.incident(desk.small.tps[2])
    assert await quick.until(lambda m: isinstance(m, wire.Delta)) is not before


async def test_a_client_that_does_not_drain_is_sent_away(
    database: str, desk: Desk, services: Embedded, token: str
) -> None:
    changed = {"stale_bytes": 2000, "drop_s": 0.5, "heartbeat_s": 5.0}
    async with (
        running_hub(database, services.redis_url, **changed) as live,
        console(live, token, sock=await _connected(live)) as found,
        console(live, token) as quick,
    ):
        await found.subscribe(f"{desk.small.operation}:31.72")
        await quick.subscribe(f"{desk.small.operation}:31.72")
        found.socket.transport.pause_reading()
        await _fill(live, desk, found, quick)
        await _until_metric(live, SENT_AWAY, 1)
        await _until_metric(live, "posko_live_consoles", 1)
        assert await _metric(live, "posko_live_stale_consoles") == 0
        found.socket.transport.abort()
