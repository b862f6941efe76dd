"""Promise 1 under fire: processes are killed while reports come in, and nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.client import Client
from tests.factories import milestone, report, uuid7
from tests.faults.storm import Ground, Storm

KILLS = 3


async def _between(ground: Ground, kill: Callable[[], Any]) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(0.4)
        await asyncio.to_thread(kill)


async def test_1_postgresql_killed_under_load_loses_no_acknowledged_report(ground: Ground) -> None:
    storm = Storm(ground, 1)

    def kill() -> None:
        ground.embedded.kill_postgres()
        ground.embedded.start_postgres()

    await storm.rage(lambda: _between(ground, kill))

    assert 503 in storm.statuses, "the kills were not felt"
    await storm.assert_nothing_lost()


async def test_1_serve_killed_under_load_loses_no_acknowledged_report(ground: Ground) -> None:
    storm = Storm(ground, 2)

    await storm.rage(lambda: _between(ground, lambda: ground.running.restart("serve")))

    await storm.assert_nothing_lost()


async def test_6_redis_killed_under_load_costs_no_report(ground: Ground) -> None:
    storm = Storm(ground, 3)

    def kill() -> None:
        ground.embedded.kill_redis()

    async def once() -> None:
        await _between(ground, lambda: None)
        kill()
        await asyncio.sleep(1)

    await storm.rage(once)

    assert storm.statuses <= {200, 201}
    await storm.assert_nothing_lost()


async def test_a_dead_database_is_503_with_retry_after_and_nothing_is_acknowledged(ground: Ground) -> None:
    async with aiohttp.ClientSession() as http:
        client = await Client(http, ground.running.url).sign_in("operator")
        said = report(ground.small.operation, ground.small.tps[0], milestone("voting_open"))
        assert (await client.put(said))[0] == 201
        ground.embedded.kill_postgres()

        lost = uuid7()
        status, body, headers = await client.put(said, lost)

        assert (status, body["code"], headers["Retry-After"]) == (503, "database-down", "1")
        assert (await client.ask("GET", "/health/ready"))[0] == 503
        assert (await client.ask("GET", "/health/live"))[0] == 200
        ground.embedded.start_postgres()
        async with asyncio.timeout(90):
            while (await client.put(said, lost))[0] != 201:
                await asyncio.sleep(0.05)
