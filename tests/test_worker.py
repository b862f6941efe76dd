"""The work role: what must happen without anybody asking."""

from __future__ import annotations

import asyncio
import os
import signal
import urllib.request
from pathlib import Path

import aiohttp
from prometheus_client import CollectorRegistry

from posko import db
from posko.embedded import Embedded
from posko.worker import Worker
from tests.factories import Small
from tests.running import Running, free_port


async def test_a_rollup_that_differs_from_its_reports_is_found_when_its_turn_comes(
    pool: db.Pool, small: Small, database: str
) -> None:
    registry = CollectorRegistry()
    # As the role that `posko work` is: a function that it may not call would end it at its first turn.
    engine = await db.open_pool(database, size=1, statement_timeout_s=20, role=db.DatabaseRole.engine)
    worker = Worker(engine, registry)
    turns = range(len(small.kelurahan))
    sound = [await worker.prove(turn) for turn in turns]

    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.rollup set counters[4] = 7 where node_id = (select id from posko.node where code = $1)",
            small.tps[0],
        )
    wrong = [await worker.prove(turn) for turn in turns]

    engine.terminate()

    assert (sound, wrong) == ([0, 0, 0, 0], [1, 0, 0, 0])
    assert registry.get_sample_value("posko_work_branches_wrong_total") == 1


async def test_sessions_that_ended_over_a_month_ago_are_forgotten(pool: db.Pool, small: Small) -> None:
    async with pool.acquire() as connection:
        for number, days in enumerate((1, 40)):
            await connection.execute(
                "insert into posko.session (account_id, token_hash, created_at, seen_at, expires_at)"
                " select id, $1, posko.now() - interval '50 days', posko.now(), posko.now() - make_interval(days => $2) from posko.account limit 1",
                bytes([number]) * 32, days,
            )  # fmt: skip

        await Worker(pool, CollectorRegistry()).purge()

        assert await connection.fetchval("select count(*) from posko.session") == 1


async def test_the_role_answers_health_and_metrics_and_ends_cleanly(
    database: str, services: Embedded, tmp_path: Path
) -> None:
    port = free_port()
    settings = {"from_nothing": True, "POSKO_WORK_METRICS_PORT": str(port)}
    with Running(database, services.redis_url, tmp_path, roles=("work",), **settings) as running:
        async with aiohttp.ClientSession() as http, asyncio.timeout(90):
            while True:
                try:
                    async with http.get(f"http://127.0.0.1:{port}/health/ready") as answer:
                        if answer.status == 200:
                            break
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)
        metrics = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
        os.kill(running.pid("work"), signal.SIGTERM)
        ended = await asyncio.to_thread(running.wait, "work")

    assert "posko_work_last_turn_timestamp_seconds" in metrics
    assert ended == 0
