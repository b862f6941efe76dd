"""Fixtures of the webhook tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from posko import db
from tests.factories import Small
from tests.incidents.ground import Day
from tests.webhooks.ground import Receiver, Webhooks


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().serving() as found:
        yield found


@pytest.fixture
async def hooks(pool: db.Pool, small: Small, receiver: Receiver) -> Webhooks:
    """A small operation on its voting day, whose clock stands at 08:00."""
    return Webhooks(await Day.begin(pool, small), receiver)
