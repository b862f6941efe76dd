"""A PostgreSQL and Redis of its own with real roles on them, for each test of faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from posko import db, migrate
from posko.embedded import Embedded
from tests.factories import make_small
from tests.faults.storm import Ground
from tests.running import Running


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    with Embedded(tmp_path / "data") as embedded:
        connection = await db.connect(embedded.database_url)
        await migrate.migrate(connection)
        small = await make_small(connection)
        await connection.close()
        with Running(embedded.database_url, embedded.redis_url, tmp_path, POSKO_COMMIT_TIMEOUT_S="8") as running:
            found = Ground(embedded, running, small)
            connection = await db.connect(embedded.database_url)
            await found.observer.prepare(connection)
            await connection.close()
            yield found
