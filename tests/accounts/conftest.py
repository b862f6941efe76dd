"""Fixtures: desks of the running server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from posko import db
from tests.client import Client
from tests.factories import Small, make_account
from tests.running import Running

Sign = Callable[..., Awaitable[Client]]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def sign(running: Running, http: aiohttp.ClientSession, served: Small, server_pool: db.Pool) -> Sign:
    """Signs somebody in: an account with one seat (role, regions) in place of all it had."""

    async def signed(username: str, role: str, *regions: str, **more: object) -> Client:
        async with server_pool.acquire() as connection:
            await make_account(connection, username, role, *(regions or (served.root,)), **more)  # type: ignore[arg-type]
        return await Client(http, running.url).sign_in(username)

    return signed
