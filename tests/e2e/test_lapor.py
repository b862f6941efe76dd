"""The officer's page in a real browser: what is due, the forms, what became of them, directives, the desk, paper."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from posko import db
from tests.client import Client
from tests.e2e.conftest import Visits, fill_in
from tests.factories import PASSWORD, WIB, Small, count, make_account, milestone, report, turnout, uuid7
from tests.running import Running

PHONE = {"width": 360, "height": 780}
AXE = Path(__file__).parents[2] / "posko" / "web" / "node_modules" / "axe-core" / "axe.min.js"
Opener = Callable[..., Awaitable[Page]]


@pytest.fixture
async def ground(served: Small, server_pool: db.Pool) -> Small:
    """The small operation on the morning of its day: it is 07:03 at its TPS, and they owe what they owe."""
    async with server_pool.acquire() as connection:
        await connection.execute("select api.lay_obligations($1)", served.operation)
    await _it_is(server_pool, served, 7, 3)
    return served


@pytest.fixture
async def seen() -> AsyncIterator[list[Page]]:
    """The pages of a test."""
    yield []


@pytest.fixture
def enter(running: Running, ground: Small, server_pool: db.Pool, visits: Visits) -> Opener:
    """Opens the page on a phone as somebody new, signed in; by default the petugas of the first TPS."""

    async def opened(
        role: str = "petugas", *scope: str, at: str = "#/", may_fail: bool = False, guide: bool = False
    ) -> Page:
        username = f"{role}-{secrets.token_hex(4)}"
        async with server_pool.acquire() as connection:
            await make_account(connection, username, role, *(scope or (ground.tps[0],)), operation=ground.operation)
        page = await visits.open(running, "/masuk/", may_fail=may_fail)
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        if not guide:
            await page.evaluate("localStorage.setItem('posko.lapor.guide', '1')")
        await page.goto(f"/masuk/?ke=/lapor/{at.replace('#', '%23')}")
        await fill_in(page, PASSWORD, username)
        await expect(page.get_by_role("navigation", name="Bagian")).to_be_visible()
        return page

    return opened


async def _it_is(pool: db.Pool, small: Small, hour: int, minute: int) -> None:
    at = datetime.datetime(2024, 11, 27, hour, minute, tzinfo=WIB)
    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.operation set clock_at = $2, clock_set_at = posko.now(), clock_speed = 1 where id = $1",
            small.operation, at,
        )  # fmt: skip


async def _reports(pool: db.Pool, small: Small) -> list[dict[str, Any]]:
    """What is in PostgreSQL, the first first."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(
            "select r.id::text, n.code as place, r.body::jsonb #>> '{content,kind}' as kind, r.body::jsonb as body,"
            " r.observed_at, r.corrects::text from posko.report r join posko.node n on n.id = r.node_id"
            " where r.operation_id = $1 order by r.received_at, r.id",
            small.operation,
        )
    return [dict(row) for row in rows]
