"""What the tests of faults share: a ground whose parts may be killed, and desks that file through it all."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable
from typing import Any

import aiohttp

from posko import db
from posko.embedded import Embedded
from posko.regions import recount
from tests.client import Client
from tests.factories import Small, count, incident, local, milestone, report, turnout, uuid7
from tests.running import Running

SENDERS = 12


class Ground:
    """A PostgreSQL and Redis of its own with real roles on them: whatever is here may be killed."""

    def __init__(self, embedded: Embedded, running: Running, small: Small) -> None:
        self.embedded, self.running, self.small = embedded, running, small


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
