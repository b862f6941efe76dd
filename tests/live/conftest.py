"""Fixtures: a desk that files, and a hub with consoles."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis

from posko import db
from posko.config import Settings
from posko.embedded import Embedded
from tests.factories import Small
from tests.live.consoles import Desk, running_hub, sign_in


@pytest.fixture
async def desk(pool: db.Pool, small: Small, services: Embedded) -> AsyncIterator[Desk]:
    """Files into the small operation."""
    client = redis.from_url(services.redis_url)
    yield Desk(pool, small, client)
    await client.aclose()


@pytest.fixture
async def live(database: str, small: Small, services: Embedded) -> AsyncIterator[Settings]:
    """A running hub; the settings say where it listens."""
    async with running_hub(database, services.redis_url) as settings:
        yield settings


@pytest.fixture
async def token(pool: db.Pool, small: Small) -> str:
    """The supervisor's session."""
    return (await sign_in(pool)).token
