"""`posko readiness`: the lists of teams and guards as their owners keep them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from posko.console import connected, on_database
from posko.readiness import lists, store
from posko.readiness.guard import GuardIn
from posko.readiness.team import TeamIn
from posko.regions import store as regions
from posko.regions.commands.roster import checked
from posko.tables import Problems


@click.group()
def readiness() -> None:
    """Teams and guards of an operation."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option("--operation", "operation_id", type=int, required=True),
        click.option("--as", "username", required=True, help="Account of a supervisor or admin of the operation."),
        click.option(
            "--problems",
            "problems_file",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write what is wrong here, as CSV.",
        ),
    ):
        command = option(command)
    return on_database(command)


@readiness.command(name="import-teams")
@_options
def import_teams(**options: Any) -> None:
    """Replace an operation's teams by a CSV or XLSX: place,name,members,institution."""
    data = _read(options.pop("file"))
    click.echo(asyncio.run(_import(TeamIn, store.check_teams, store.set_teams, data=data, **options)) + " teams")


@readiness.command(name="import-guards")
@_options
def import_guards(**options: Any) -> None:
    """Replace an operation's guards by a CSV or XLSX: name,institution,members,tps (; between),username,phone."""
    data = _read(options.pop("file"))
    click.echo(asyncio.run(_import(GuardIn, store.check_guards, store.set_guards, data=data, **options)) + " guards")


def _read(file: Path) -> bytes:
    if file.stat().st_size > lists.BODY_LIMIT_BYTES:
        raise click.ClickException(f"{file} is longer than {lists.BODY_LIMIT_BYTES:,} bytes")
    return file.read_bytes()


async def _import(
    struct: Any,
    check: Any,
    set_: Any,
    *,
    data: bytes,
    database_url: str,
    operation_id: int,
    username: str,
    problems_file: Path | None,
) -> str:
    async with connected(database_url) as connection:
        operation = await regions.operation(connection, operation_id)
        who = await store.actor_named(connection, username, operation_id)
        problems = Problems()
        items = lists.read(lists.rows_of_table(data, struct, problems), struct, problems)
        await check(connection, operation_id, operation.root_code, items, problems)
        checked(lambda: problems.refuse() if problems.total else None, problems_file)
        async with connection.transaction():
            made = await set_(connection, who, operation_id, operation.root_code, [item for _, item in items])
    return f"operation {operation_id}: withdrawn {made.withdrawn:,}, standing {made.standing:,}"
