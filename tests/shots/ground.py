"""A day for the pictures: PostgreSQL, Redis and the roles of their own, and a simulated morning played over them."""

from __future__ import annotations

import asyncio
import datetime
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp

from posko import db, migrate
from posko.embedded import Embedded
from posko.regions import create
from posko.regions.operation import STARTS_BEFORE_VOTING_DAYS, NewOperation
from posko.regions.preset import PRESETS
from posko.simulation.drive import play
from posko.simulation.player import Order
from tests.client import Client
from tests.factories import PASSWORD, VOTING_DAY, count, make_account, report
from tests.running import Running
from tests.shots.scene import ROLES, Scene, make_scene

WIB: Final = datetime.timezone(datetime.timedelta(hours=7))
MORNING: Final = datetime.time(5)
NOON: Final = datetime.time(12, 40)
SETTLE_S: Final = 6.0
"""What falls due at noon is found by the worker within."""


@asynccontextmanager
async def day(preset: str, until: datetime.time, say: Callable[[str], None]) -> AsyncIterator[Scene]:
    """An operation of a preset on a server of its own, played until a clock time, and left standing there."""
    with tempfile.TemporaryDirectory(prefix="posko-shots-") as folder, Embedded(Path(folder) / "data") as embedded:
        operation = await _operation(embedded.database_url, preset)
        server = Running(
            embedded.database_url, embedded.redis_url, Path(folder), roles=("serve", "live", "work"),
            POSKO_WORK_METRICS_PORT="0",
        )  # fmt: skip
        with server:
            say(f"playing {PRESETS[preset].name} until {until:%H:%M}")
            order = Order(
                url=server.url, username="system", password=PASSWORD, operation=operation, speed=None, until=until
            )
            await play(order)
            scene = await _scene(server.url, embedded.database_url, operation, PRESETS[preset].root, until)
            await asyncio.sleep(SETTLE_S)
            yield scene


async def _operation(database_url: str, preset: str) -> int:
    """Makes an active drill of the preset, with an account for each role."""
    connection = await db.connect(database_url)
    try:
        await migrate.migrate(connection)
        blueprint = create.blueprint_of(preset)
        starts_on = VOTING_DAY - datetime.timedelta(days=STARTS_BEFORE_VOTING_DAYS)
        root = PRESETS[preset].root
        new = NewOperation(f"Pilkada {PRESETS[preset].name}", "drill", root, starts_on, VOTING_DAY, True)
        operation = await create.create(connection, new, blueprint, activate=True)
        # From the morning of H-1 on, as the day will be played: by the clock on the wall all of it was overdue long ago.
        eve = datetime.datetime.combine(VOTING_DAY, MORNING, WIB) - datetime.timedelta(days=1)
        await connection.execute("update posko.operation set clock_at = $2, clock_set_at = posko.now(), clock_speed = 1 where id = $1", operation, eve)  # fmt: skip
        for role in ROLES:
            await make_account(connection, role, role, root, cleared=role in ("supervisor", "admin"))
    finally:
        await connection.close()
    return operation


async def _count(desk: Client, operation: int, tps: str, at: datetime.datetime) -> None:
    """Some TPS beside this one have counted, too early: at noon the wall has no votes to show otherwise."""
    contests = (await desk.get(f"/v1/operations/{operation}"))["contests"]
    contest = next(known for known in contests if tps.startswith(known["region_code"]))
    beside = await desk.get(f"/v1/regions/{tps.rpartition('.')[0]}/tps?operation={operation}&counter=covered&limit=4")
    for n, place in enumerate(found["code"] for found in beside["places"] if found["code"] != tps):
        votes = [60 + 17 * n * k % 90 for k in range(1, len(contest["paslon"]) + 1)]
        said = report(operation, place, count(contest["kind"], votes, 4), at=at.isoformat())
        status, answer, _ = await desk.put(said)
        assert status == 201, answer


async def _scene(url: str, database_url: str, operation: int, root: str, until: datetime.time) -> Scene:
    """Sets the drill's clock to go on from where the day was left, and picks what the screens are about; there the petugas sits."""
    async with aiohttp.ClientSession() as http:
        client = await Client(http, url).sign_in("supervisor")
        at = datetime.datetime.combine(VOTING_DAY, until, WIB)
        clock = {"at": at.isoformat(), "speed": 1}
        status, said, _ = await client.ask("PUT", f"/v1/operations/{operation}/clock", clock)
        assert status == 200, said
        found = await client.get(f"/v1/incidents?operation={operation}&status=baru&limit=50")
        row = next((r for r in found["rows"] if r["place"].count(".") == 4), found["rows"][0])
        await _count(await Client(http, url).sign_in("operator"), operation, row["place"], at)
    connection = await db.connect(database_url)
    await make_account(connection, "petugas", "petugas", row["place"])
    await connection.close()
    return await make_scene(url, operation, root, row)
