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
from tests.observer import Observer
from tests.running import Running

SENDERS = 12


class Ground:
    """A PostgreSQL and Redis of its own with real roles on them: whatever is here may be killed."""

    def __init__(self, embedded: Embedded, running: Running, small: Small) -> None:
        self.embedded, self.running, self.small = embedded, running, small
        self.observer = Observer(running, small)


class Storm:
    """Desks that file without pause, try again with the same id when unanswered, and remember what was acknowledged."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.ground, self.rng = ground, random.Random(seed)
        self.acknowledged: dict[uuid.UUID, int | None] = {}
        """The version, where the receipt says it: not of what is restricted."""
        self.statuses: set[int] = set()
        self.stopping = False

    def report(self) -> dict[str, Any]:
        rng = self.rng
        if rng.random() < 0.1:
            return {**self._said(incident("tinggi")), "restricted": True}
        said = rng.choice(
            [
                milestone("voting_open"),
                turnout(rng.randint(0, 100), 50),
                count("gubernur", [rng.randint(0, 99), 1, 2]),
                incident("kritis"),
            ]
        )
        return self._said(said)

    def _said(self, content: dict[str, Any]) -> dict[str, Any]:
        small, rng = self.ground.small, self.rng
        return report(small.operation, rng.choice(small.tps), content, at=local(rng.randint(6, 17), rng.randint(0, 59)))

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
                    self.acknowledged[one] = body.get("version")
                    break
                assert status == 503, body
                assert int(headers["Retry-After"]) >= 1
                await asyncio.sleep(0.02)

    async def rage(self, kills: Callable[[], Any]) -> None:
        timeout = aiohttp.ClientTimeout(total=15)
        async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as http:
            client = await Client(http, self.ground.running.url).sign_in("operator")
            desks = [asyncio.create_task(self.desk(client)) for _ in range(SENDERS)]
            async with self.ground.observer.watching():
                await kills()
                before = len(self.acknowledged)
                async with asyncio.timeout(90):
                    while len(self.acknowledged) < before + 50:
                        await asyncio.sleep(0.05)
            self.stopping = True
            await asyncio.gather(*desks)

    async def assert_nothing_lost(self) -> None:
        connection = await db.connect(self.ground.embedded.database_url)
        try:
            rows = await connection.fetch("select id, version, operation_id from posko.report")
            stored = {r["id"]: r["version"] for r in rows}
            lost = {i for i, v in self.acknowledged.items() if i not in stored or v not in (None, stored[i])}
            assert lost == set()
            for operation in {r["operation_id"] for r in rows}:  # the operation, and its restricted lane
                versions = sorted({r["version"] for r in rows if r["operation_id"] == operation})
                assert versions == list(range(versions[0], versions[-1] + 1)), "versions have gaps"
                differences, _ = await recount.verify(connection, operation)
                assert differences == []
        finally:
            await connection.close()
