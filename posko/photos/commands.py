"""`posko photos`: what the owner does with the store of photos and voice notes."""

from __future__ import annotations

import asyncio
import datetime
import uuid

import rich_click as click

from posko.accounts import log
from posko.console import connected, on_database
from posko.photos import retention
from posko.photos.vault import Objects

_on_store = click.option(
    "--photos-url",
    envvar="POSKO_PHOTOS_URL",
    required=True,
    help="Where photos and voice notes are kept.",
    show_envvar=True,
)


@click.group(name="photos")
def photos_group() -> None:
    """Photos and voice notes: clean their store, forget those of a report."""


@photos_group.command()
@click.option("--yes", is_flag=True, help="Delete them; without it they are only counted.")
@_on_store
@on_database
def sweep(yes: bool, photos_url: str, database_url: str) -> None:
    """Delete what lies in the store and in no row: uploads that a crash cut off. Not with a restored database!"""
    count = asyncio.run(_sweep(database_url, photos_url, delete=yes))
    click.echo(f"{count} objects {'deleted' if yes else 'that no row speaks for; --yes deletes them'}")


async def _sweep(database_url: str, photos_url: str, *, delete: bool) -> int:
    objects = Objects(photos_url)
    async with connected(database_url) as connection:
        paths = await retention.orphans(connection, objects, datetime.datetime.now(datetime.UTC))
    if delete:
        await objects.delete(paths)
    return len(paths)


@photos_group.command()
@click.argument("report_id", type=uuid.UUID)
@click.option("--yes", is_flag=True, help="Do not ask.")
@_on_store
@on_database
def forget(report_id: uuid.UUID, yes: bool, photos_url: str, database_url: str) -> None:
    """Forget the photos and the voice note of one report: the bytes go, the hashes that it promised stay."""
    if not yes:
        click.confirm("This cannot be undone. Forget the photos and the voice note of this report?", abort=True)
    click.echo(f"{asyncio.run(_forget(database_url, photos_url, report_id))} photos and voice notes forgotten")


async def _forget(database_url: str, photos_url: str, report_id: uuid.UUID) -> int:
    objects = Objects(photos_url)
    async with connected(database_url) as connection, connection.transaction():
        count = await retention.forget_report(connection, objects, report_id)
        await log.write(
            connection, [log.Entry(action="photo.forget", region="ID", subject=f"{count} of report {report_id}")]
        )
    return count
