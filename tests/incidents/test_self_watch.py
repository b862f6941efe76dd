"""Who watches the watchers: a late engine is seen inside and outside."""

from __future__ import annotations

import asyncio

from aiohttp import web
from prometheus_client import CollectorRegistry

from posko.dead_mans_switch import keep_pressed
from posko.incidents.timers import LATE_S, Timers
from tests.factories import incident
from tests.incidents.ground import Day, clock


async def test_lateness_is_what_is_longest_due(day: Day) -> None:
    await day.turn()
    assert await day.pool.fetchval("select api.lateness()") == 0
    await day.at(clock(5, 30))
    await day.file(day.small.tps[0], incident("kritis"))
    await day.at(clock(5, 31))
    assert await day.pool.fetchval("select api.lateness()") == 60
    timers = Timers(day.pool, lambda *_: None, CollectorRegistry())
    assert not timers.is_well
    await timers._watch()
    assert (timers.late_s > LATE_S, timers.is_well) == (True, False)
    await day.turn()
    await timers._watch()
    assert (timers.late_s, timers.is_well) == (0, True)


async def test_the_sign_to_the_outside_stays_away_when_all_is_not_well() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=302, headers={"location": "/elsewhere"})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    well = True
    task = asyncio.create_task(keep_pressed(f"http://127.0.0.1:{port}/ping", lambda: well, every_s=0.02))
    async with asyncio.timeout(30):
        while len(asked) < 3:
            await asyncio.sleep(0.01)
    well = False
    await asyncio.sleep(0.3)
    before = len(asked)
    await asyncio.sleep(0.1)
    assert (len(asked), set(asked)) == (before, {"/ping"})
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await runner.cleanup()
