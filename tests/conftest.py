"""Fixtures: a real PostgreSQL and Redis once a worker, a fresh database a test, real roles where a test needs them."""

from __future__ import annotations

import asyncio
import copy
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest
import uvloop

from posko import db, migrate
from posko.embedded import Embedded, postgres
from tests import sharing
from tests.factories import Small, close_since, make_small
from tests.forks import CAN_FORK, Forks
from tests.running import Running

MEMORY: Final = Path("/dev/shm")
MEMORY_BYTES: Final = 6 << 30
"""Room for the databases of several workers, none of which had more than one GiB (most of it WAL)."""
hypothesis.settings.register_profile("posko", deadline=None)  # how long one example takes is up to what runs beside it
hypothesis.settings.load_profile("posko")
_numbers = itertools.count(1)
_machine = pytest.StashKey[sharing.Machine]()


def pytest_configure(config: pytest.Config) -> None:
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # as the roles have it; and half of what a question costs
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[_machine] = sharing.Machine(worker["testrunuid"])


def pytest_unconfigure(config: pytest.Config) -> None:
    if machine := config.stash.get(_machine, None):
        machine.left()


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    if worker := getattr(session.config, "workerinput", None):
        sharing.read_apart(session.config, worker)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    sharing.in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return sharing.scheduler(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Around pytest-timeout's: the time that a test waits for its turn is not its own."""
    machine = item.config.stash.get(_machine, None)
    if machine is None:
        return (yield)
    with machine.had(alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def forks() -> Iterator[None]:
    """Roles are copies of a process of this worker; `running` and whoever asks for it are `python -m posko` itself."""
    if not CAN_FORK:
        yield
        return
    Running.forks = Forks()
    yield
    Running.forks.close()
    Running.forks = None


@pytest.fixture(scope="session")
def services() -> Iterator[Embedded]:
    """PostgreSQL 18 and Redis for the whole run of a worker.

    Nobody kills this PostgreSQL, and it is thrown away: it does not wait for the disk at each of a thousand databases.
    What dies and must come back (tests/faults, tests/test_embedded.py, tests/live/test_database_killed.py) has one of
    its own, on which fsync is on.
    """
    with tempfile.TemporaryDirectory(prefix="posko-tests-", dir=_memory(), ignore_cleanup_errors=True) as folder:
        yield from _served_from(Path(folder))


def _memory() -> str | None:
    """Where files are made in memory, if there is room; a database is there in a tenth of the time that it takes on a disk."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES:
        return str(MEMORY)
    return None


def _served_from(folder: Path) -> Iterator[Embedded]:
    embedded = Embedded(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "ALWAYS", {**postgres.ALWAYS, "fsync": "off", "full_page_writes": "off"})
        embedded.__enter__()
    yield embedded
    embedded.__exit__(None, None, None)


@pytest.fixture(scope="session")
async def databases(services: Embedded) -> AsyncIterator[db.Connection]:
    """A connection that makes and drops databases."""
    found = await db.connect(services.database_url)
    yield found
    await found.close()


@pytest.fixture(scope="session")
async def template(services: Embedded, databases: db.Connection) -> str:
    """The name of a migrated database that tests are cloned from."""
    await databases.execute("create database posko_template")
    connection = await db.connect(services.database_url.replace("/posko?", "/posko_template?"))
    await migrate.migrate(connection)
    await connection.close()
    return "posko_template"


@pytest.fixture(scope="session")
async def small_template(services: Embedded, databases: db.Connection, template: str) -> tuple[str, Small]:
    """The name of a database that has the small operation, and what that is."""
    name = "posko_small"
    await _clone(databases, name, template)
    connection = await db.connect(services.database_url.replace("/posko?", f"/{name}?"))
    small = await make_small(connection)
    await connection.close()
    return name, small


@pytest.fixture
async def database(
    services: Embedded,
    databases: db.Connection,
    template: str,
    small_template: tuple[str, Small],
    request: pytest.FixtureRequest,
) -> AsyncIterator[str]:
    """The address of a fresh migrated database; with the small operation in it, if the test has that."""
    if "small" in request.fixturenames:
        template, _ = small_template
    name = f"test_{next(_numbers)}"
    await _clone(databases, name, template)
    yield services.database_url.replace("/posko?", f"/{name}?")
    await databases.execute(f"drop database {name} with (force)")


async def _clone(databases: db.Connection, name: str, template: str) -> None:
    """By files: through the log, as PostgreSQL does unless told, it takes twice as long."""
    await databases.execute(f"create database {name} template {template} strategy file_copy")


@pytest.fixture
async def pool(database: str) -> AsyncIterator[db.Pool]:
    """A pool on the fresh database."""
    found = await db.open_pool(database, size=4, statement_timeout_s=20)
    yield found
    found.terminate()


@pytest.fixture
def small(database: str, small_template: tuple[str, Small]) -> Small:
    """A small active operation: one kota, two kecamatan, four kelurahan, twelve TPS, two contests, an account per role."""
    return copy.deepcopy(small_template[1])


@pytest.fixture(scope="session")
async def server_database(services: Embedded, databases: db.Connection, template: str) -> str:
    """The address of the database that the session's server runs on."""
    await _clone(databases, "served", template)
    return services.database_url.replace("/posko?", "/served?")


@pytest.fixture(scope="session")
def running(server_database: str, services: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Real `serve` and `live` processes, once a run; tests that kill start their own (tests/faults)."""
    with Running(
        server_database, services.redis_url, tmp_path_factory.mktemp("roles"), from_nothing=True, POSKO_BODY_S="2"
    ) as found:
        yield found


@pytest.fixture(scope="session")
async def server_pool(server_database: str) -> AsyncIterator[db.Pool]:
    """A pool on the running server's database."""
    found = await db.open_pool(server_database, size=4, statement_timeout_s=20)
    yield found
    found.terminate()


@pytest.fixture
async def served(server_pool: db.Pool, running: Running) -> AsyncIterator[Small]:
    """A small active operation of its own on the running server; closed after the test with those that it made itself."""
    async with server_pool.acquire() as connection:
        found = await make_small(connection)
    yield found
    async with server_pool.acquire() as connection:
        await close_since(connection, found.operation)
