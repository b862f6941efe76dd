"""Writes sql/schema.sql: the tables as the migrations leave them, to be read in one place. Run by `make schema`."""

from __future__ import annotations

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path

from posko import db, migrate
from posko.embedded import Embedded
from posko.embedded.postgres import programs

FILE = Path(__file__).parents[1] / "sql" / "schema.sql"
HEAD = "-- Made by `make schema` from sql/migrations; a test keeps it true. Read it, do not edit it.\n\n"


def dump(database_url: str) -> str:
    """The schema posko of a migrated database, without what differs from machine to machine."""
    command = [programs() / "pg_dump", "--schema-only", "--schema=posko", "--no-owner", "--no-privileges", database_url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [x for x in text.splitlines() if x and not x.startswith(("--", "SET ", "\\", "SELECT pg_catalog"))]
    return HEAD + re.sub(r"\n(?=(CREATE|ALTER) )", "\n\n", "\n".join(lines)) + "\n"


async def _migrated(database_url: str) -> None:
    connection = await db.connect(database_url)
    await migrate.migrate(connection)
    await connection.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder) / "data") as embedded:
        asyncio.run(_migrated(embedded.database_url))
        FILE.write_text(dump(embedded.database_url), encoding="utf-8")


if __name__ == "__main__":
    main()
