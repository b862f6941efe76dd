"""Fixtures: a real PostgreSQL and Redis once a run, a fresh database a test, real roles where a test needs them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from posko import db, migrate
from posko.embedded import Embedded
from tests.factories import Small, make_small
from tests.running import Running

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """PostgreSQL 18 and Redis for the whole run; durability stays on."""
    with Embedded(tmp_path_factory.mktemp("services")) as embedded:
        yield embedded


@pytest.fixture(scope="session")
async def template(services: Embedded) -> str:
    """The name of a migrated database that tests are cloned from."""
    connection = await db.connect(services.database_url)
    await connection.execute("create database posko_template")
    await connection.close()
    connection = await db.connect(services.database_url.replace("/posko?", "/posko_template?"))
    await migrate.migrate(connection)
    await connection.close()
    return "posko_template"


@pytest.fixture
async def database(services: Embedded, template: str) -> AsyncIterator[str]:
    """The address of a fresh migrated database."""
    name = f"test_{next(_numbers)}"
    admin = await db.connect(services.database_url)
    await admin.execute(f"create database {name} template {template}")
    yield services.database_url.replace("/posko?", f"/{name}?")
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture
async def pool(database: str) -> AsyncIterator[db.Pool]:
    """A pool on the fresh database."""
    found = await db.open_pool(database, size=4, statement_timeout_s=20)
    yield found
    found.terminate()


@pytest.fixture
async def small(pool: db.Pool) -> Small:
    """A small active operation: one kota, two kecamatan, four kelurahan, twelve TPS, two contests, an account per role."""
    async with pool.acquire() as connection:
        return await make_small(connection)


@pytest.fixture(scope="session")
async def server_database(services: Embedded, template: str) -> str:
    """The address of the database that the session's server runs on."""
    admin = await db.connect(services.database_url)
    await admin.execute(f"create database served template {template}")
    await admin.close()
    return services.database_url.replace("/posko?", "/served?")


@pytest.fixture(scope="session")
def running(server_database: str, services: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Real `serve` and `live` processes, once a run; tests that kill start their own (tests/faults)."""
    with Running(server_database, services.redis_url, tmp_path_factory.mktemp("roles"), POSKO_BODY_S="2") as found:
        yield found


@pytest.fixture(scope="session")
async def server_pool(server_database: str) -> AsyncIterator[db.Pool]:
    """A pool on the running server's database."""
    found = await db.open_pool(server_database, size=4, statement_timeout_s=20)
    yield found
    found.terminate()


@pytest.fixture
async def served(server_pool: db.Pool, running: Running) -> Small:
    """A small active operation of its own on the running server."""
    async with server_pool.acquire() as connection:
        return await make_small(connection)
