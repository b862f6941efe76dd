"""`posko roster`: the TPS of an operation, as its owner lists them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn, TypeVar

import rich_click as click
from rich.progress import Progress
from rich.table import Table

from posko import sheet, tables
from posko.console import connected, number, on_database, progress_bar, wide_console
from posko.regions import roster as rosters
from posko.regions import store
from posko.regions.tps import TpsIn

PROBLEMS_SHOWN: Final = 50
"""Problems printed; `--problems` writes all that are named."""
EXPORT_PAGE: Final = 5_000

R = TypeVar("R")


@click.group()
def roster() -> None:
    """The TPS of an operation, as its owner lists them."""


@roster.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--operation", "operation_id", type=int, required=True)
@click.option(
    "--problems",
    "problems_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what is wrong here, as CSV.",
)
@on_database
def load(database_url: str, file: Path, operation_id: int, problems_file: Path | None) -> None:
    """Replace a draft's TPS by a CSV or XLSX: all of it or nothing, every bad line named."""
    with progress_bar() as progress:
        made = asyncio.run(_load(database_url, file, operation_id, progress, problems_file))
    click.echo(f"operation {operation_id} has {made:,} TPS")


async def _load(url: str, file: Path, operation_id: int, progress: Progress, problems_file: Path | None) -> int:
    async with connected(url) as conn:
        await store.operation(conn, operation_id)
        rows = read_roster(file, await store.tps_parents(conn, operation_id), progress, problems_file)
        async with conn.transaction():
            made = await store.load_roster(conn, operation_id, rows, estimated=False)
        await store.analyze(conn)
    return made


def read_roster(
    file: Path, places: frozenset[str], progress: Progress, problems_file: Path | None = None
) -> list[TpsIn]:
    """The TPS of a CSV or XLSX file, or an explanation of what is wrong with it."""
    if file.stat().st_size > tables.SIZE_LIMIT_BYTES:
        raise click.ClickException(f"{file} is longer than {tables.SIZE_LIMIT_BYTES:,} bytes")
    data = file.read_bytes()
    task = progress.add_task(file.name, total=None if sheet.is_workbook(data) else max(1, data.count(b"\n") - 1))
    return checked(lambda: rosters.parse(data, places, each=lambda: progress.advance(task)), problems_file)


def checked(read: Callable[[], R], problems_file: Path | None = None) -> R:
    """What `read` reads, or an explanation of what is wrong with it."""
    try:
        return read()
    except tables.TableRefused as refused:
        _explain(refused, problems_file)


def _explain(refused: tables.TableRefused, problems_file: Path | None) -> NoReturn:
    table = Table("baris", "kolom", "aturan", "keterangan")
    for p in refused.problems[:PROBLEMS_SHOWN]:
        table.add_row(str(p.line), p.column, p.rule, p.message)
    wide_console(stderr=True).print(table)
    if problems_file is not None:
        problems_file.write_text("".join(tables.write_problems(refused.problems)), encoding="utf-8")
    raise click.ClickException(f"{number(refused.total)} kesalahan; tidak ada yang dimuat (nothing was loaded)")


@roster.command()
@click.option("--operation", "operation_id", type=int, required=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output.")
@on_database
def export(database_url: str, operation_id: int, output: Path | None) -> None:
    """Write an operation's TPS as the CSV that `load` takes."""
    if output is None:
        asyncio.run(_export(database_url, operation_id, sys.stdout.write))
    else:
        with output.open("w", encoding="utf-8", newline="") as file:
            asyncio.run(_export(database_url, operation_id, file.write))


async def _export(url: str, operation_id: int, write: Callable[[str], int]) -> None:
    async with connected(url) as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        await store.operation(conn, operation_id)
        write(",".join(rosters.COLUMNS) + "\n")
        after = ""
        while page := await store.roster_page(conn, operation_id, after, EXPORT_PAGE):
            for line in rosters.write(page):
                write(line)
            after = page[-1].code
