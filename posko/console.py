"""What the commands of all rooms share: where the database is, and a bar that moves."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import asyncpg
import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from posko import db

F = TypeVar("F", bound=Callable[..., Any])


def on_database(command: F) -> F:
    """Gives a command its `database_url`."""
    option = click.option(
        "--database-url", envvar="POSKO_DATABASE_URL", required=True, help="PostgreSQL.", show_envvar=True
    )
    return option(command)


def http_url(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Checks an option that names a server."""
    address = urlsplit(value)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise click.BadParameter(f"{value!r} bukan alamat seperti http://127.0.0.1:8080", context, parameter)
    return value


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection of its own, closed at the end."""
    connection = await db.connect(url)
    try:
        with db.translated():
            yield connection
    finally:
        await connection.close()


PIPED_WIDTH: Final = 240
"""Columns of what no terminal cuts, unless COLUMNS says otherwise."""


def wide_console(*, stderr: bool = False) -> Console:
    """Where tables are printed; in a pipe they are as wide as what they say, not 80 columns."""
    console = Console(stderr=stderr)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPED_WIDTH
    return console


def progress_bar() -> Progress:
    """Bars on standard error: standard output stays for what was asked."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def number(value: float, decimals: int = 0) -> str:
    """A number as Indonesia writes it: 1.345.815, 172,9."""
    return f"{value:,.{decimals}f}".translate(_INDONESIAN)


_INDONESIAN: Final = str.maketrans(",.", ".,")
