"""Who sends and who looks, on the running server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from posko import db
from tests.client import Client
from tests.factories import Small, incident, make_account, report, uuid7
from tests.photos.pictures import promise, sha
from tests.running import Running

SignIn = Callable[..., Awaitable[Client]]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def sign_in(running: Running, http: aiohttp.ClientSession, served: Small, server_pool: db.Pool) -> SignIn:
    """Somebody new, in a seat of their own: `sign_in("operator", "31.72.01", cleared=True)`."""

    async def make(role: str, *scope: str, **seat: Any) -> Client:
        name = f"foto-{role}-{uuid7().hex[-10:]}"
        async with server_pool.acquire() as connection:
            await make_account(connection, name, role, *(scope or (served.root,)), **seat)
        return await Client(http, running.url).sign_in(name)

    return make


@pytest.fixture
async def petugas(sign_in: SignIn) -> Client:
    return await sign_in("petugas")


async def filed(client: Client, small: Small, *files: bytes, tps: int = 0, **more: Any) -> str:
    """An incident that promises these photos; answers its id."""
    one = uuid7()
    said = report(small.operation, small.tps[tps], incident(photos=promise(*files)), **more)
    status, body, _ = await client.put(said, one)
    assert status == 201, body
    return str(one)


async def sent(client: Client, report_id: str, data: bytes, *, name: str | None = None) -> tuple[int, Any, Any]:
    return await client.ask("PUT", f"/v1/reports/{report_id}/photos/{name or sha(data)}", data=data)
