"""A realistic day on Jakarta Utara through the public API, with the drill's clock, the engine and desks that work.

Every TPS that is overdue is alarmed, per kelurahan and not per TPS, and nothing is alarmed twice: held against an
account of our own of who had said what by when.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import datetime
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from posko import db
from posko.embedded import Embedded
from posko.regions import create
from posko.regions.operation import NewOperation
from posko.simulation.drive import play
from posko.simulation.player import Order
from tests.client import Client
from tests.factories import PASSWORD, VOTING_DAY, WIB, make_account
from tests.incidents.ground import clock
from tests.running import Running

DAWN = datetime.datetime(2024, 11, 27, 3, tzinfo=WIB)
CLOSED = """
select n.code, m.code as milestone, a.peak, a.missing, a.opened_at, a.closed_at from posko.alarm a
join posko.node n on n.id = a.node_id join posko.milestone m on m.operation_id = a.operation_id and m.subject_id = a.subject_id
where a.operation_id = $1 and a.kind = 'belum_lapor'
"""
FIRST = """
select left(n.code, 13) as kelurahan, n.code, m.code as milestone, min(r.received_at) as received_at, bool_or(r.vals[1] = 1 or r.vals[3] = 1) as said
from posko.node n join posko.milestone m on m.operation_id = n.operation_id
left join posko.report r on r.node_id = n.id and r.subject_id = m.subject_id
where n.operation_id = $1 and n.level = 6 group by 1, 2, 3
"""


@pytest.fixture
async def rehearsed(
    database: str, services: Embedded, tmp_path: Path, pool: db.Pool
) -> AsyncIterator[tuple[Running, int]]:
    """Jakarta Utara at dawn, `serve` and `work`."""
    connection = await db.connect(database)
    new = NewOperation("gladi", "drill", "31.72", VOTING_DAY - datetime.timedelta(days=7), VOTING_DAY, True)
    operation = await create.create(connection, new, create.blueprint_of("jakarta-utara"), activate=True)
    await connection.execute(db.queries("demo")["set_clock"].sql, operation, DAWN, 0.0)
    await make_account(connection, "simulasi", "system", "31.72", cleared=True)
    await make_account(connection, "piket", "operator", "31.72")
    await connection.close()
    with Running(database, services.redis_url, tmp_path, roles=("serve", "work")) as running:
        yield running, operation


async def _until_quiet(pool: db.Pool, operation: int) -> None:
    """Until the engine has nothing more to do."""
    version = -1
    async with asyncio.timeout(30):
        while version != (found := await pool.fetchval("select version from posko.operation where id = $1", operation)):
            version = found
            await asyncio.sleep(2.5)


@pytest.mark.timeout(240)
async def test_every_silence_of_a_day_is_alarmed_once(rehearsed: tuple[Running, int], pool: db.Pool) -> None:
    running, operation = rehearsed
    order = Order(url=running.url, username="simulasi", password=PASSWORD, operation=operation, speed=3000.0)
    seen: list[datetime.datetime] = []
    playing = asyncio.create_task(play(order))
    while not playing.done():
        seen.append(await pool.fetchval("select api.clock(o) from posko.operation o where id = $1", operation))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(playing), 1)
    final = await playing
    assert (final.refused, final.unsent) == (0, 0)
    assert sum(b > a for a, b in itertools.pairwise(seen)) > len(seen) // 2, "the clock went with the day"
    await pool.execute(db.queries("demo")["set_clock"].sql, operation, clock(30), 0.0)
    await _until_quiet(pool, operation)

    alarms = await pool.fetch(CLOSED, operation)
    missing = collections.Counter(
        (r["kelurahan"], r["milestone"]) for r in await pool.fetch(FIRST, operation) if not r["said"]
    )
    unreachable = await _unreachable(pool, operation)
    standing = {(a["code"], a["milestone"]): a["missing"] for a in alarms if a["closed_at"] is None}
    assert standing == {k: n - unreachable[k] for k, n in missing.items() if n > unreachable[k]}
    opened = collections.Counter((a["code"], a["milestone"]) for a in alarms)
    assert max(opened.values()) == 1, "nothing is alarmed twice"
    assert len(alarms) <= 31 * 13
    assert all(a["peak"] >= a["missing"] and (a["closed_at"] is None) == (a["missing"] > 0) for a in alarms)
    print(f"alarms {len(alarms)}, of these standing {len(standing)}; desks acted {final.work.acted}")
    await _what_became_of_incidents(running, operation, final.work.acted)
    wrong = "select r.* from api.recount($1, array(select id from posko.node where operation_id = $1)) r"
    assert await pool.fetch(wrong, operation) == []


async def _unreachable(pool: db.Pool, operation: int) -> collections.Counter[Any]:
    rows = await pool.fetch(
        "select left(n.code, 13) as kelurahan, m.code as milestone from posko.node n join posko.rollup r on r.node_id = n.id"
        " join posko.milestone m on m.operation_id = n.operation_id join posko.subject s on s.operation_id = n.operation_id and s.id = m.subject_id"
        " where n.operation_id = $1 and n.level = 6 and r.counters[s.base + 4] > 0",
        operation,
    )
    return collections.Counter((r["kelurahan"], r["milestone"]) for r in rows)


async def _what_became_of_incidents(running: Running, operation: int, acted: int) -> None:
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, running.url).sign_in("piket")
        desk.operation = operation
        rows: list[Any] = []
        after = ""
        while True:
            page = await desk.get(f"/v1/incidents?limit=200{after}")
            rows += page["rows"]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        by_status = collections.Counter(r["status"] for r in rows)
        untouched = [r for r in rows if r["status"] == "baru"]
        print(dict(by_status), "untouched", len(untouched))
        assert acted > len(rows)
        assert by_status["ditutup"] > len(rows) / 2
        assert untouched
        assert all(r["tier"] != "kelurahan" and r["overdue_at"] for r in untouched), "what nobody takes climbs"
        total = await desk.get("/v1/regions/31.72")
        top = dict(zip(total["counters"], total["rows"][0]["counters"], strict=False))
        counted = {k: v for k, v in top.items() if k.startswith("case.") and v and k != "case.overdue"}
        assert sum(counted.values()) == len(rows) - by_status["digabung"] - by_status["batal"]
