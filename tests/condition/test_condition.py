"""How the service is, told over HTTP by a real server: what is there, what is gone, what nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from posko import db, migrate
from posko.embedded import Embedded
from tests.client import Client
from tests.factories import Small, make_account, make_small
from tests.messages.desks import Desk
from tests.running import Running
from tests.webhooks.ground import Webhooks

LIMIT_S = 90.0


class Mortal:
    """Roles on services of their own, which may be killed, and an admin who looks."""

    def __init__(self, services: Embedded, server: Running, admin: Client) -> None:
        self.services, self.server, self.admin = services, server, admin

    async def until(self, condition: Callable[[Any], bool]) -> Any:
        async with asyncio.timeout(LIMIT_S):
            while not condition(found := await self.admin.get("/v1/health")):
                await asyncio.sleep(0.1)
        return found


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[Mortal]:
    with Embedded(tmp_path / "mortal") as services:
        connection = await db.connect(services.database_url)
        await migrate.migrate(connection)
        await make_small(connection)
        await connection.close()
        roles = ("serve", "live", "work")
        with Running(
            services.database_url, services.redis_url, tmp_path, roles=roles, POSKO_WORK_METRICS_PORT="0"
        ) as server:
            async with aiohttp.ClientSession() as http:
                yield Mortal(services, server, await Client(http, server.url).sign_in("admin"))


async def test_what_is_there_and_what_was_lost_is_told_within_seconds(mortal: Mortal) -> None:
    whole = await mortal.until(lambda c: bool(c["workers"] and c["hubs"] and c["workers"][0]["proven"]))
    assert (whole["database"]["state"], whole["redis"]["state"]) == ("up", "up")
    assert whole["database"]["bytes"] > 1_000_000 and whole["database"]["answered_ms"] >= 0
    assert whole["intake"] == {"waiting": 0, "room": whole["intake"]["room"], "oldest_s": None}
    assert whole["photos"] == {"store": "directory", "sending": 0, "room": whole["photos"]["room"]}
    assert 0 < whole["disk"]["free_bytes"] <= whole["disk"]["total_bytes"]
    assert [(w["is_well"], w["wrong"], w["channels"]) for w in whole["workers"]] == [(True, 0, [])]
    assert [h["sockets"] for h in whole["hubs"]] == [0]

    mortal.server.kill("work")
    silent = await mortal.until(lambda c: c["workers"][0]["heard_s"] > 3)
    assert silent["hubs"][0]["heard_s"] < silent["workers"][0]["heard_s"]

    await asyncio.to_thread(mortal.services.kill_redis)
    gone = await mortal.until(lambda c: c["redis"]["state"] == "down")
    assert (gone["workers"], gone["hubs"], gone["redis"]["answered_ms"]) == (None, None, None)
    assert gone["database"]["state"] == "up" and gone["webhooks"]["endpoints"] == 0

    await asyncio.to_thread(mortal.services.kill_postgres)
    nothing = await mortal.until(lambda c: c["database"]["state"] == "down")
    assert {nothing[n] for n in ("at", "late_s", "webhooks", "messages")} == {None}
    assert nothing["disk"]["free_bytes"] > 0


async def _facts(pool: db.Pool, username: str) -> dict[str, Any]:
    row = await pool.fetchrow(
        "select c.* from posko.account a join posko.assignment g on g.account_id = a.id and g.revoked_at is null,"
        " api.condition(a.id, g.id) c where a.username = $1",
        username,
    )
    return dict(row)


async def test_webhooks_are_counted_for_whoever_keeps_them_alone(hooks: Webhooks, pool: db.Pool, small: Small) -> None:
    async with pool.acquire() as connection:
        await make_account(connection, "tetangga", "admin", "31.73")
        await make_account(connection, "rahasia", "admin", small.root, cleared=True)
    one = await hooks.add()
    hidden = await hooks.add(name="terbatas", cleared=True)
    await pool.execute("update posko.endpoint set failing_since = posko.now() where id = $1", one)
    for endpoint in (one, hidden):
        await pool.execute("select api.call_endpoint(null, null, $1, 'endpoint.test', '{\"message\":\"x\"}')", endpoint)

    names = ("webhooks_endpoints", "webhooks_failing", "webhooks_waiting")
    seen = {who: await _facts(pool, who) for who in ("admin", "rahasia", "tetangga", "supervisor")}
    assert {who: tuple(f[n] for n in names) for who, f in seen.items()} == {
        "admin": (1, 1, 1), "rahasia": (2, 1, 2), "tetangga": (0, 0, 0), "supervisor": (0, 0, 0),
    }  # fmt: skip
    assert seen["admin"]["webhooks_waiting_since"] and seen["tetangga"]["webhooks_waiting_since"] is None


async def test_messages_that_wait_and_that_failed_are_counted_within_the_seat(pool: db.Pool, small: Small) -> None:
    async with pool.acquire() as connection:
        await make_account(connection, "tetangga", "admin", "31.73")
        await make_account(connection, "rahasia", "admin", small.root, cleared=True)
        desk = await Desk.opened(connection, small)
        await desk.contact(cleared=True)
        await desk.notify("a", wait=0)
        await desk.notify("b", wait=0, node=desk.lane_node)
        assert sorted(await desk.told()) == ["new 1/0", "new 1/0"]
        await connection.execute(
            "update posko.message m set state = 'failed' from posko.notice n where n.id = m.notice_id and n.node_id = $1",
            desk.node,
        )

        names = ("messages_waiting", "messages_failed")
        found = {who: await _facts(connection, who) for who in ("admin", "rahasia", "tetangga")}  # type: ignore[arg-type]
    assert {who: tuple(f[n] for n in names) for who, f in found.items()} == {
        "admin": (0, 1), "rahasia": (1, 1), "tetangga": (0, 0),
    }  # fmt: skip
    assert found["admin"]["messages_failed_at"] and found["admin"]["messages_waiting_since"] is None


async def test_who_is_no_admin_is_not_told(running: Running, served: Small) -> None:
    async with aiohttp.ClientSession() as http:
        for role in ("petugas", "operator", "supervisor", "auditor", "wall"):
            client = await Client(http, running.url).sign_in(role)
            assert (await client.ask("GET", "/v1/health"))[0] == 403, role
