"""Promise 1 under fire: processes are killed while reports come in, and nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from posko import db, migrate
from posko.embedded import Embedded
from posko.regions import recount
from tests.client import Client
from tests.factories import Small, count, incident, local, make_small, milestone, report, turnout, uuid7
from tests.running import Running

SENDERS = 12
KILLS = 3


class Ground:
    """A PostgreSQL and Redis of its own with real roles on them: whatever is here may be killed."""

    def __init__(self, embedded: Embedded, running: Running, small: Small) -> None:
        self.embedded, self.running, self.small = embedded, running, small


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    with Embedded(tmp_path / "data") as embedded:
        connection = await db.connect(embedded.database_url)
        await migrate.migrate(connection)
        small = await make_small(connection)
        await connection.close()
        with Running(embedded.database_url, embedded.redis_url, tmp_path, POSKO_COMMIT_TIMEOUT_S="3") as running:
            yield Ground(embedded, running, small)


class Storm:
    """Desks that file without pause, try again with the same id when unanswered, and remember what was acknowledged."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.ground, self.rng = ground, random.Random(seed)
        self.acknowledged: dict[uuid.UUID, int] = {}
        self.statuses: set[int] = set()
        self.stopping = False

    def report(self) -> dict[str, Any]:
        rng = self.rng
        said = rng.choice(
            [
                milestone("voting_open"),
                turnout(rng.randint(0, 100), 50),
                count("gubernur", [rng.randint(0, 99), 1, 2]),
                incident("kritis"),
            ]
        )
        return report(
            self.ground.small.operation,
            rng.choice(self.ground.small.tps),
            said,
            at=local(rng.randint(6, 17), rng.randint(0, 59)),
        )

    async def desk(self, client: Client) -> None:
        while not self.stopping:
            one, said = uuid7(self.rng), self.report()
            while not self.stopping:
                try:
                    status, body, headers = await client.put(said, one)
                except (aiohttp.ClientError, TimeoutError, ConnectionError):
                    await asyncio.sleep(0.02)
                    continue
                self.statuses.add(status)
                if status in (200, 201):
                    self.acknowledged[one] = body["version"]
                    break
                assert status == 503, body
                assert int(headers["Retry-After"]) >= 1
                await asyncio.sleep(0.02)

    async def rage(self, kills: Callable[[], Any]) -> None:
        timeout = aiohttp.ClientTimeout(total=8)
        async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as http:
            client = await Client(http, self.ground.running.url).sign_in("operator")
            desks = [asyncio.create_task(self.desk(client)) for _ in range(SENDERS)]
            await kills()
            before = len(self.acknowledged)
            async with asyncio.timeout(20):
                while len(self.acknowledged) < before + 50:
                    await asyncio.sleep(0.05)
            self.stopping = True
            await asyncio.gather(*desks)

    async def assert_nothing_lost(self) -> None:
        connection = await db.connect(self.ground.embedded.database_url)
        try:
            rows = await connection.fetch("select id, version from posko.report")
            stored = {r["id"]: r["version"] for r in rows}
            assert {i: v for i, v in self.acknowledged.items() if stored.get(i) != v} == {}
            versions = sorted(set(stored.values()))
            assert versions == list(range(versions[0], versions[-1] + 1)), "versions have gaps"
            differences, _ = await recount.verify(connection, self.ground.small.operation)
            assert differences == []
        finally:
            await connection.close()


async def _between(ground: Ground, kill: Callable[[], Any]) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(0.4)
        await asyncio.to_thread(kill)


@pytest.mark.timeout(120)
async def test_1_postgresql_killed_under_load_loses_no_acknowledged_report(ground: Ground) -> None:
    storm = Storm(ground, 1)

    def kill() -> None:
        ground.embedded.kill_postgres()
        ground.embedded.start_postgres()

    await storm.rage(lambda: _between(ground, kill))

    assert 503 in storm.statuses, "the kills were not felt"
    await storm.assert_nothing_lost()


@pytest.mark.timeout(120)
async def test_1_serve_killed_under_load_loses_no_acknowledged_report(ground: Ground) -> None:
    storm = Storm(ground, 2)

    await storm.rage(lambda: _between(ground, lambda: ground.running.restart("serve")))

    await storm.assert_nothing_lost()


@pytest.mark.timeout(120)
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


@pytest.mark.timeout(60)
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
        async with asyncio.timeout(10):
            while (await client.put(said, lost))[0] != 201:
                await asyncio.sleep(0.05)
