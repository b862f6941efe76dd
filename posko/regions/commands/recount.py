"""`posko recount`: proves that the stored numbers are what the reports say."""

from __future__ import annotations

import asyncio
import sys
from functools import partial

import rich_click as click
from rich.progress import Progress
from rich.table import Table

from posko.console import connected, on_database, progress_bar, wide_console
from posko.regions import recount as counting
from posko.regions import store
from posko.regions.operation import Operation


@click.command()
@click.option("--operation", "operation_id", type=int, help="Default: every operation.")
@click.option("--repair", is_flag=True, help="Write what is true, in one version.")
@on_database
def recount(database_url: str, operation_id: int | None, repair: bool) -> None:
    """Prove the numbers: fold every place from its reports, sum every region, and compare with what is stored."""
    with progress_bar() as progress:
        wrong = asyncio.run(_recount(database_url, operation_id, repair, progress))
    if wrong and not repair:
        sys.exit(1)


async def _recount(url: str, operation_id: int | None, repair: bool, progress: Progress) -> int:
    wrong = 0
    async with connected(url) as conn:
        chosen = [await store.operation(conn, operation_id)] if operation_id else await store.operations(conn)
        for found in chosen:
            task = progress.add_task(f"operation {found.id}", total=await counting.size(conn, found.id))
            differences, nodes = await counting.verify(conn, found.id, counted=partial(progress.advance, task))
            wrong += len(nodes)
            _print_differences(found, differences)
            if nodes and repair:
                click.echo(f"operation {found.id}: repaired at version {await counting.repair(conn, found.id, nodes)}")
    return wrong


def _print_differences(found: Operation, differences: list[counting.Difference]) -> None:
    if not differences:
        click.echo(f"operation {found.id}: every number is what the reports say")
        return
    table = Table("region", "counter", "stored", "recounted")
    for d in differences:
        table.add_row(d.code, d.counter, str(d.stored), str(d.recounted))
    wide_console().print(table)
    click.echo(f"operation {found.id}: {differences[0].total:,} numbers differ")
