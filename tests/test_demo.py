"""The demo: whatever dies in it is started again, and a second run signs nobody out."""

from __future__ import annotations

import io
import os
import re
import signal
from pathlib import Path

from rich.console import Console

from posko.accounts.account import SeatIn
from posko.accounts.commands import keep_account
from posko.accounts.store import NewAccount
from posko.db import connect
from posko.demo.roles import Roles
from posko.embedded import Embedded, EmbeddedError
from posko.simulation.commands import summary, table
from posko.simulation.progress import Progress
from tests.factories import PASSWORD


async def test_a_killed_postgresql_and_redis_are_said_and_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    with Embedded(tmp_path) as services:
        roles = Roles(services, {}, said.append)
        await roles.mend()
        assert said == []
        for pid in (services.postgres_pid, services.redis_pid):
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

        await roles.mend()

        assert [text.rpartition(" (")[0] for text in said] == [
            "PostgreSQL mati dan dijalankan lagi",
            "Redis mati dan dijalankan lagi",
        ]
        assert roles.deaths == said[-1]
        connection = await connect(services.database_url)
        assert await connection.fetchval("select 1") == 1
        await connection.close()


def test_what_it_says_in_indonesian_has_indonesian_numbers() -> None:
    played = Progress(0, 7, 56_456, 42_711, 1_400, 12_345, 0, 0, 0, {"invalid": 12_345}, 0.1729, 1.25, 0, 61.5)
    shown = Console(width=300, record=True, file=io.StringIO())
    shown.print(table(played), summary(played))
    said = shown.export_text()

    for text in ("56.456", "172,9 ms", "1.250,0 ms", "61,5 detik"):
        assert text in said
    assert not re.search(r"[0-9],[0-9]{3}|[0-9][.][0-9] ", said)


async def test_what_cannot_be_started_again_is_said_once_with_what_to_do() -> None:
    class Broken:
        postgres_is_alive, redis_is_alive = False, True

        def start_postgres(self) -> None:
            raise EmbeddedError("cakram penuh")

        def start_redis(self) -> None:
            raise AssertionError

    said: list[str] = []
    roles = Roles(Broken(), {}, said.append)  # type: ignore[arg-type]
    await roles.mend()
    await roles.mend()

    assert [text.rpartition(" (")[0] or text for text in said] == [
        "PostgreSQL mati dan dijalankan lagi",
        "PostgreSQL mati: tekan Ctrl-C, lalu jalankan demo lagi",
        "cakram penuh",
    ]


async def test_an_account_that_is_as_asked_stays_signed_in(database: str) -> None:
    new, seats = NewAccount(username="tetap", full_name="Tetap", institution="pemkot"), [SeatIn("operator", ("31.72",))]
    connection = await connect(database)
    moved = "select changed_at from posko.account where username = 'tetap'"
    await keep_account(database, new, seats, PASSWORD)
    first = await connection.fetchval(moved)

    await keep_account(database, new, seats, PASSWORD)
    same = await connection.fetchval(moved)
    await keep_account(database, new, [SeatIn("operator", ("31.72",), cleared=True)], PASSWORD)
    promoted = await connection.fetchval(moved)
    await keep_account(database, new, [SeatIn("operator", ("31.72",), cleared=True)], PASSWORD + "x")
    again = await connection.fetchval(moved)
    await connection.close()

    assert (same == first, promoted > same, again > promoted) == (True, True, True)
