"""The ground that measures stand on: a PostgreSQL and a Redis of their own, operations of every size, roles as processes."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from posko import db, migrate
from posko.accounts import opening
from posko.accounts import store as accounts
from posko.accounts.account import SeatIn
from posko.accounts.opening import Caller, Proof
from posko.accounts.passwords import hash_password
from posko.accounts.store import NewAccount
from posko.config import Settings
from posko.embedded import Embedded
from posko.embedded.process import Server
from posko.regions import create, preset
from posko.regions.operation import NewOperation
from tests.bench.machine import ROOT, Clock, describe
from tests.running import free_port

VOTING_DAY = datetime.date(2024, 11, 27)
"""In the past: no report is from the future, so none is doubtful for that."""
READY_LIMIT_S = 30.0
PASSWORD = "only-for-the-bench-2024"
WORK = Path(__file__).parent / ".work"

T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    """One operation in a database of its own."""

    database_url: str
    operation: int
    token: str
    root: str
    codes: tuple[str, ...]
    """Every TPS, in code order."""


class Role(msgspec.Struct, frozen=True):
    """A server process that answers."""

    name: str
    port: int
    server: Any

    @property
    def pid(self) -> int:
        found: int = self.server.process.pid
        return found


class Ground:
    """Everything that runs under the measures; it ends with the `with` block, and only what it started."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._made: dict[str, Place] = {}
        self._clones = 0

    def __enter__(self) -> Self:
        WORK.mkdir(exist_ok=True)
        self.embedded = Embedded(WORK / "data", progress=self.say)
        self.embedded.__enter__()
        self.machine = describe(WORK, self.ask("show server_version"))
        for name in self.ask("select array(select datname from pg_database where datname ~ '^run_')"):
            self.ask(f"drop database {name} with (force)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.embedded.__exit__(kind, error, trace)

    # databases

    def place(self, root: str) -> Place:
        """A fresh copy of an active operation over the published tree below a region, with nothing reported.

        What it is copied from is kept for the next time, as long as the SQL and the seed are the same.
        """
        source = f"of_{root.replace('.', '_').lower()}_{_fingerprint()}"
        if source not in self._made:
            if not self.ask(f"select exists (select from pg_database where datname = '{source}' and datallowconn)"):
                began = time.perf_counter()
                self.say(f"making the operation {root}, once")
                self.ask(f"drop database if exists {source}_new")
                self.ask(f"create database {source}_new")
                asyncio.run(_make(self._url(f"{source}_new"), root))
                self.ask(f"alter database {source}_new rename to {source}")
                self.say(f"made in {time.perf_counter() - began:.1f} s")
            self._made[source] = asyncio.run(_open(self._url(source)))
        self._clones += 1
        name = f"run_{self._clones}"
        self.ask(f"create database {name} template {source} strategy file_copy")
        os.sync()  # or the kernel writes the copy out while something is measured
        return msgspec.structs.replace(self._made[source], database_url=self._url(name))

    def drop(self, place: Place) -> None:
        """Removes a copy; whoever is still connected to it is cut off."""
        name = place.database_url.partition("?")[0].rpartition("/")[2]
        self.ask(f"drop database {name} with (force)")

    def assert_durable(self) -> None:
        """What makes an acknowledged report survive a power cut is on, for every session of every role."""
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert self.ask(f"show {name}") == "on", f"{name} is off: this would measure nothing"
        overridden = self.ask("select count(*) from pg_db_role_setting")
        assert overridden == 0, "a role or database has settings of its own"

    def ask(self, sql: str, place: Place | None = None) -> Any:
        """One value, on a connection of its own."""

        async def asked() -> Any:
            connection = await db.connect(place.database_url if place else self.embedded.database_url)
            try:
                return await connection.fetchval(sql, timeout=300)
            finally:
                await connection.close()

        return asyncio.run(asked())

    def on(self, place: Place, work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
        """Does some work on one connection."""

        async def done() -> T:
            connection = await db.connect(place.database_url)
            try:
                return await work(connection)
            finally:
                await connection.close()

        return asyncio.run(done())

    def _url(self, database: str) -> str:
        return self.embedded.database_url.replace("/posko?", f"/{database}?")

    # roles

    def serve(self, place: Place, *, port: int | None = None, **settings: str) -> Role:
        """`posko serve`; on a port of the caller's where others must know it before."""
        return self._start("serve", ["-m", "posko", "serve"], place, settings, port)

    def live(self, place: Place, **settings: str) -> Role:
        """`posko live`; its port is the live one."""
        return self._start("live", ["-m", "posko", "live"], place, settings)

    def work(self, place: Place, **settings: str) -> Role:
        """`posko work`."""
        port = free_port()
        said = {"POSKO_WORK_METRICS_PORT": str(port), **settings}
        return self._start("work", ["-m", "posko", "work"], place, said, port)

    def naive(self, place: Place, how: str) -> Role:
        """The baseline of tests/bench/naive.py."""
        return self._start(f"naive_{how}", ["-m", "tests.bench.naive", how], place, {})

    def program(self, name: str, words: list[str], place: Place, **settings: str) -> Role:
        """Any other server of ours that reads POSKO_PORT and answers /health/ready."""
        return self._start(name, words, place, settings)

    def _start(
        self, name: str, words: list[str], place: Place, settings: dict[str, str], port: int | None = None
    ) -> Role:
        port = port or free_port()
        url = f"http://127.0.0.1:{port}"
        environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("POSKO_")},
            "PYTHONPATH": str(ROOT),
            "POSKO_DATABASE_URL": place.database_url,
            "POSKO_REDIS_URL": self.embedded.redis_url,
            "POSKO_SECOND_FACTOR": "offered",
            "POSKO_SECRET_KEY": "only-for-the-bench-only-for-the-bench-only",
            "POSKO_PORT": str(port),
            "POSKO_LIVE_PORT": str(port),
            "POSKO_PUBLIC_URL": url,
            **settings,
        }
        server = self.embedded.start_child(name, [sys.executable, *words], environ)
        _wait_ready(server, f"{url}/health/ready", name)
        return Role(name, port, server)

    def stop(self, *roles: Role) -> None:
        for role in roles:
            if role.server.alive:
                role.server.stop()

    def clock(self, **pids: int) -> Clock:
        """Starts to count CPU: PostgreSQL and Redis always, and whom you name."""
        return Clock({"postgres": self.embedded.postgres_pid, "redis": self.embedded.redis_pid, **pids})


def _wait_ready(server: Server, url: str, name: str) -> None:
    deadline = time.monotonic() + READY_LIMIT_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        assert server.alive, f"{name} ended: {server.said()}"
        assert time.monotonic() < deadline, f"{name} is not ready: {server.said()}"
        time.sleep(0.05)


async def _make(url: str, root: str) -> None:
    connection = await db.connect(url)
    try:
        await migrate.migrate(connection)
        regions = preset.regions_of(root)
        tps = list(preset.tps_of(regions))
        blueprint = create.Blueprint(regions, tps, preset.milestones(), preset.contests_of(root))
        new = NewOperation(
            "bench", "drill", root, VOTING_DAY - datetime.timedelta(days=7), VOTING_DAY, tps_estimated=True
        )
        await create.create(connection, new, blueprint, activate=True)
        new = NewAccount(username="bench", full_name="Bench", kind="system")
        account = await accounts.insert_account(connection, new, hash_password(PASSWORD))
        await accounts.insert_seat(connection, account, SeatIn("system", (root,)), None)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def _open(url: str) -> Place:
    connection = await db.connect(url)
    try:
        account, _ = await accounts.by_username(connection, "bench") or (None, "")
        assert account is not None
        settings = Settings(database_url=url, redis_url="", secret_key="x" * 32)
        session = await opening.open_session(
            connection, Proof(account, ("password",)), Caller("local", "bench"), settings
        )
        assert session.token is not None
        operation = await connection.fetchval("select min(id) from posko.operation")
        root = await connection.fetchval("select min(root_code) from posko.operation")
        codes = await connection.fetch("select code from posko.node where level = 6 order by code")
    finally:
        await connection.close()
    return Place(url, operation, session.token, root, tuple(row["code"] for row in codes))


def _fingerprint() -> str:
    """Names the schema, the functions and the seed that operations are made of."""
    digest = hashlib.sha256()
    for file in sorted(db.sql_root().rglob("*.*")):
        if "queries" not in file.parts:
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:8]
