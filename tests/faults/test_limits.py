"""Promise 11: every queue has a written limit; over it there is a clear refusal, never a slow death."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

from posko import db
from posko.embedded import Embedded
from tests.client import Client
from tests.factories import Small, milestone, report, uuid7
from tests.running import Running

LIMIT, ASKED = 8, 40


async def test_11_a_full_queue_refuses_at_once_with_retry_after_and_recovers_by_itself(
    database: str, pool: db.Pool, small: Small, services: Embedded, tmp_path: Path
) -> None:
    settings = {"POSKO_QUEUE_ITEMS_LIMIT": str(LIMIT)}
    with Running(database, services.redis_url, tmp_path, roles=("serve",), **settings) as running:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            client = await Client(http, running.url).sign_in("operator")
            said = [report(small.operation, small.tps[n % 12], milestone("voting_open")) for n in range(ASKED)]
            ids = [uuid7() for _ in said]
            async with pool.acquire() as blocker:
                held = blocker.transaction()
                await held.start()
                await blocker.execute("select from posko.operation where id = $1 for update", small.operation)
                asked = [asyncio.create_task(client.put(s, i)) for s, i in zip(said, ids, strict=True)]
                refused = 0
                async with asyncio.timeout(60):
                    while refused < ASKED - 2 * LIMIT:
                        await asyncio.sleep(0.02)
                        refused = sum(t.done() for t in asked)
                await held.rollback()

            answers = await asyncio.gather(*asked)
            again = [await client.put(s, i) for s, i in zip(said, ids, strict=True)]

    full = [a for a in answers if a[0] == 503]
    assert {a[0] for a in answers} == {201, 503}
    assert len(full) >= ASKED - 2 * LIMIT
    assert {(a[1]["code"], a[2]["Retry-After"]) for a in full} == {("queue-full", "1")}
    assert sorted({a[0] for a in again}) == [200, 201]
    async with pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from posko.report") == ASKED
