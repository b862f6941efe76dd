from __future__ import annotations

import pytest

from posko import db
from tests.factories import Small
from tests.incidents.ground import Day


@pytest.fixture
async def day(pool: db.Pool, small: Small) -> Day:
    return await Day.begin(pool, small)
