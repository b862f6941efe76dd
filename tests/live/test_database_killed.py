"""PostgreSQL dies under the hub: a cluster of its own, so that nobody else's connections go."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio as redis

from posko import db, migrate
from posko.embedded import Embedded
from posko.live import wire
from tests.factories import make_small
from tests.live.consoles import Desk, console, fresh_rows, running_hub, shown, sign_in

REACHED = "milestone.voting_open.reached"


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[tuple[Embedded, db.Pool, Desk]]:
    """Services that may be killed, with the small operation in them."""
    with Embedded(tmp_path / "mortal") as services:
        pool = await db.open_pool(services.database_url, size=2, statement_timeout_s=20)
        async with pool.acquire() as connection:
            await migrate.migrate(connection)
            small = await make_small(connection)
        client = redis.from_url(services.redis_url)
        yield services, pool, Desk(pool, small, client)
        await client.aclose()
        pool.terminate()


async def test_postgresql_killed_and_started_again_is_told_truthfully(
    mortal: tuple[Embedded, db.Pool, Desk],
) -> None:
    services, pool, desk = mortal
    small = desk.small
    topic = f"{small.operation}:31.72"
    token = (await sign_in(pool)).token
    async with running_hub(services.database_url, services.redis_url) as live, console(live, token) as found:
        await found.subscribe(topic)
        await asyncio.to_thread(services.kill_postgres)
        try:
            # Heartbeats go on, and say how old the reading is.
            beat = await found.until(
                lambda m: isinstance(m, wire.Heartbeat) and (m.at - m.read_at).total_seconds() > 1.5
            )
            assert beat.versions == {small.operation: found.views[topic].version}
            refused = await found.subscribe(f"{small.operation}:31.72.01")
            assert (refused.code, refused.retry_after_s is not None) == ("database-down", True)
            assert isinstance(await found.subscribe(topic), wire.Snapshot)
        finally:
            await asyncio.to_thread(services.start_postgres)
        await found.until(lambda m: isinstance(m, wire.Heartbeat) and (m.at - m.read_at).total_seconds() < 1.5)
        await _filed(desk, small.tps[0])
        await found.until_value(topic, "31.72", REACHED, 1)
        assert shown(found.views[topic]) == await fresh_rows(pool, small.operation, "31.72")


async def test_hung_connections_are_cut_and_replaced(mortal: tuple[Embedded, db.Pool, Desk]) -> None:
    services, pool, desk = mortal
    small = desk.small
    topic = f"{small.operation}:31.72"
    token = (await sign_in(pool)).token
    async with running_hub(services.database_url, services.redis_url) as live, console(live, token) as found:
        await found.subscribe(topic)
        mine = [await c.fetchval("select pg_backend_pid()") for c in [await pool.acquire() for _ in range(2)]]
        hung = await _others(services, mine)
        try:
            for pid in hung:
                os.kill(pid, signal.SIGSTOP)
            beat = await found.until(lambda m: isinstance(m, wire.Heartbeat) and _age_s(m) > 2)
            assert beat.versions == {small.operation: found.views[topic].version}
            await found.until(lambda m: isinstance(m, wire.Heartbeat) and _age_s(m) < 1.5, 30)
        finally:
            for pid in hung:
                os.kill(pid, signal.SIGCONT)


def _age_s(beat: wire.Heartbeat) -> float:
    assert beat.read_at is not None
    return (beat.at - beat.read_at).total_seconds()


async def _others(services: Embedded, mine: list[int]) -> list[int]:
    connection = await db.connect(services.database_url)
    rows = await connection.fetch(
        "select pid from pg_stat_activity where application_name = 'posko' and pid <> pg_backend_pid() and pid <> all($1)",
        mine,
    )
    await connection.close()
    return [r["pid"] for r in rows]


async def _filed(desk: Desk, place: str) -> None:
    """Files once the pool has got over the restart."""
    deadline = time.monotonic() + 30
    while True:
        try:
            await desk.file([place])
            return
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
