"""`posko work` is killed while it sends, marks and takes back: nothing is lost, nothing is there twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

from posko.embedded import Embedded
from tests.directives import orders
from tests.incidents.ground import Day, clock
from tests.running import Running


async def test_a_worker_killed_again_and_again_sends_marks_and_takes_back_each_once(
    day: Day, database: str, services: Embedded, tmp_path: Path
) -> None:
    await orders.more_tps(day, 3000)
    given = await orders.issue(day, {"kind": "tps", "region": day.small.root}, limit=1)
    with Running(database, services.redis_url, tmp_path, roles=("work",)) as running:

        async def until(column: str, number: int) -> None:
            while (await reached(column)) < number:
                await asyncio.sleep(0.005)

        async def reached(column: str) -> int:
            if column != "taken":
                return int((await orders.row(day, given))[column])
            return list((await orders.states(day, given)).values()).count("ditarik")

        async def interrupted(column: str, *steps: int) -> None:
            for step in steps:
                await until(column, step)
                running.restart("work")
            await until(column, 3012)

        await interrupted("sent", 200, 900, 1800)
        assert len(await orders.states(day, given)) == 3012
        assert await day.differences() == []

        await day.at(clock(10))
        await interrupted("overdue", 200, 1200, 2200)
        assert sum(x["missing"] for x in await orders.late(day, given)) == 3012
        assert len(await orders.late(day, given)) == 2

        await orders.withdraw(day, given)

        await interrupted("taken", 400, 1400, 2400)

    assert (await orders.row(day, given))["state"] == "withdrawn"
    assert await orders.region_counts(day, day.small.root) == {}
    assert await day.differences() == []
    firings = await day.pool.fetch("select subject_id, round, step, count(*) from posko.firing group by 1, 2, 3")
    assert {r["count"] for r in firings} <= {1}
