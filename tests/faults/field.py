"""A cluster whose clock is the test's, and workers on it that may be killed."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import signal
import time
from pathlib import Path

import asyncpg

from posko import db
from posko.embedded import Embedded
from tests.running import Running, free_port

REST_LIMIT_S = 240.0
DOWN = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What a driver says of a database that is killed under it."""


class Field:
    """A cluster of its own whose clock is moved, never slept for: one setting, which every session reads through posko.now()."""

    def __init__(self, embedded: Embedded, folder: Path, pool: db.Pool, workers: int, **settings: str) -> None:
        self.embedded, self.folder, self.pool = embedded, folder, pool
        self.roles = [f"work{i}" for i in range(workers)]
        self.running: dict[str, Running] = {}
        self.starts: dict[str, int] = dict.fromkeys(self.roles, 0)
        self._settings = settings

    async def at(self, moment: datetime.datetime) -> None:
        """Moves the clock of every session there is and will be; the line is read again after a crash too."""
        file = self.embedded.data_dir / "postgres18" / "postgresql.auto.conf"
        whole = file.with_suffix(".next")  # a session that read half of it would be at the wall clock, two years on
        whole.write_text(f"posko.now = '{moment.isoformat()}'\n")
        whole.replace(file)
        os.kill(self.embedded.postgres_pid, signal.SIGHUP)
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(*DOWN):
                    if await self.pool.fetchval("select posko.now()") == moment:
                        return
                await asyncio.sleep(0.02)

    async def tick(self, begin: datetime.datetime, speed: float) -> None:
        """Moves the clock on all the time: something falls due at every moment."""
        began = time.monotonic()
        while True:
            await self.at(begin + datetime.timedelta(seconds=round((time.monotonic() - began) * speed)))
            await asyncio.sleep(0.05)

    def start(self, role: str) -> None:
        if role not in self.running:
            self.running[role] = Running(
                self.embedded.database_url, self.embedded.redis_url, self.folder / role, roles=(), POSKO_WORK_METRICS_PORT=str(free_port()),
                **self._settings,
            )  # fmt: skip
            (self.folder / role).mkdir()
        self.running[role].start("work")
        self.starts[role] += 1

    async def working(self) -> None:
        """Until all that were started work: one that starts while the database is down ends, and is for its supervisor to start."""
        async with asyncio.timeout(REST_LIMIT_S):
            while any(self.log(role).count('"event": "working"') < self.starts[role] for role in self.roles):
                await asyncio.sleep(0.05)

    def kill(self, role: str) -> None:
        self.running[role].kill("work")

    def signal(self, role: str, number: signal.Signals) -> None:
        os.kill(self.running[role].pid("work"), number)

    def log(self, role: str) -> str:
        file = self.folder / role / "work.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def end(self) -> None:
        for running in self.running.values():
            running.__exit__()
        self.pool.terminate()
