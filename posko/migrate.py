"""Applies sql/migrations once, forward only and checksummed, and reloads sql/functions, under an advisory lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from posko import db
from posko.errors import PoskoError

LOCK: Final = 0x706F736B6F  # "posko"
POSTGRES_MAJOR: Final = 18


class MigrationChanged(PoskoError):
    """An applied migration differs from its file"""


class PostgresTooOld(PoskoError):
    """PostgreSQL 18 or newer is needed"""


def _files(folder: str) -> list[Path]:
    return sorted((db.sql_root() / folder).glob("*.sql"))


def functions_checksum() -> str:
    """Names the set of SQL functions that this code comes with."""
    digest = hashlib.sha256()
    for file in (*_files("functions"), db.sql_root() / "grants.sql"):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


async def migrate(connection: db.Connection, *, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """Brings a database to this code's schema and returns what was applied; several processes may do so at once.

    `say` is given the name of each migration as it begins.
    """
    statements = db.queries("migrate")
    if connection.get_server_version().major < POSTGRES_MAJOR:
        raise PostgresTooOld(f"this server is {connection.get_server_version().major}")
    async with connection.transaction():
        await connection.execute(statements["lock"].sql, LOCK)
        await connection.execute(statements["create_ledger"].sql)
        done = {r["name"]: r["checksum"] for r in await connection.fetch(statements["applied"].sql)}
        applied = []
        for file in _files("migrations"):
            checksum = hashlib.sha256(file.read_bytes()).hexdigest()
            if file.stem in done:
                if done[file.stem] != checksum:
                    raise MigrationChanged(f"sql/migrations/{file.name} was changed after it had been applied")
                continue
            say(file.stem)
            await connection.execute(file.read_text(encoding="utf-8"))
            await connection.execute(statements["record"].sql, file.stem, checksum)
            applied.append(file.stem)
        if done.get("functions") != functions_checksum():
            await _reload_functions(connection, statements)
            applied.append("functions")
    return applied


async def _reload_functions(connection: Any, statements: Any) -> None:
    await connection.execute(statements["drop_functions"].sql)
    # A function may call another that is loaded later.
    await connection.execute(statements["trust_bodies"].sql)
    for file in _files("functions"):
        await connection.execute(file.read_text(encoding="utf-8"))
    await connection.execute((db.sql_root() / "grants.sql").read_text(encoding="utf-8"))
    await connection.execute(statements["open_lanes"].sql)
    await connection.execute(statements["lay_obligations"].sql)
    await connection.execute(statements["record"].sql, "functions", functions_checksum())


async def pending(connection: db.Connection) -> list[str]:
    """What `migrate` would apply, without applying it."""
    statements = db.queries("migrate")
    exists = await connection.fetchval(statements["ledger_exists"].sql)
    done = {r["name"]: r["checksum"] for r in await connection.fetch(statements["applied"].sql)} if exists else {}
    missing = [f.stem for f in _files("migrations") if f.stem not in done]
    return missing if done.get("functions") == functions_checksum() else [*missing, "functions"]
