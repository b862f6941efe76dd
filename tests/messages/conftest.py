"""Fixtures: a connection whose clock the test moves, and a real SMTP server."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Iterator

import pytest

from posko import db
from tests.accounts.conftest import http, sign
from tests.factories import Small
from tests.messages.desks import Desk, MailServer

__all__ = ["http", "sign"]


@pytest.fixture
async def desk(pool: db.Pool, small: Small) -> AsyncIterator[Desk]:
    """The desk of the kota, on a connection of its own whose clock stands at 07:00 until it is moved."""
    async with pool.acquire() as connection:
        found = await Desk.opened(connection, small)
        await found.at(datetime.timedelta(0))
        yield found
        await connection.execute("reset posko.now")


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A real SMTP server on loopback that keeps what it is handed."""
    server = MailServer()
    server.start()
    yield server
    server.stop()
