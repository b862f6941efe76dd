"""`posko contact` and `posko message`: who is told, and what became of it."""

from __future__ import annotations

import asyncio
import datetime
import uuid
from typing import Any

import msgspec
import rich_click as click
from rich.table import Table

from posko import terms
from posko.accounts import log
from posko.console import connected, on_database, wide_console
from posko.messages import store
from posko.messages.contact import Contact, ContactIn

SHOWN = 200


@click.group()
def contact() -> None:
    """Contacts: who is told at the desk of a region."""


@contact.command()
@click.argument("address")
@click.option("--region", required=True, help="Code of the region at whose desk it is told; ID is the nation.")
@click.option(
    "--channel", default="email", show_default=True, help="email, sms, whatsapp, or what a gateway is called."
)
@click.option("--label", required=True, help="Which function it is, such as 'Kabag Ops'.")
@click.option("--operation", type=click.IntRange(1), help="In this operation only (default: in every one, drills too).")
@click.option("--cleared", is_flag=True, help="May be told what a restricted incident is about.")
@on_database
def add(database_url: str, **said: Any) -> None:
    """Tell ADDRESS from now on."""
    try:
        new = msgspec.convert({k: v for k, v in said.items() if v is not None}, ContactIn)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None
    new.check()
    click.echo(f"contact {asyncio.run(_add(database_url, new))}")


async def _add(url: str, new: ContactIn) -> int:
    async with connected(url) as connection, connection.transaction():
        made = await store.add_contact(connection, None, new)
        entry = log.Entry(action="contact.add", subject=f"contact {made}", region=new.region, operation=new.operation)
        await log.write(connection, [entry])
        return made


@contact.command(name="list")
@click.option("--region", help="Of this desk only.")
@on_database
def list_contacts(region: str | None, database_url: str) -> None:
    """List who is told."""
    table = Table("id", "region", "channel", "address", "label", "operation", "cleared", "added")
    for c in asyncio.run(_list(database_url, region)):
        added = f"{c.added_at:%Y-%m-%d %H:%M} {c.added_by or ''}"
        operation, cleared = str(c.operation or "every"), "yes" if c.cleared else ""
        table.add_row(str(c.id), c.region, c.channel, c.address, c.label, operation, cleared, added)
    wide_console().print(table)


async def _list(url: str, region: str | None) -> list[Contact]:
    found: list[Contact] = []
    async with connected(url) as connection:
        while True:
            after = found[-1].id if found else 0
            page = await store.contacts(connection, (terms.NATION,), None, region=region, after=after, limit=SHOWN)
            found += page
            if len(page) < SHOWN:
                return found


@contact.command()
@click.argument("contact_id", type=click.IntRange(1))
@on_database
def remove(contact_id: int, database_url: str) -> None:
    """Tell them no longer; what waits for them is dropped."""
    asyncio.run(_remove(database_url, contact_id))


async def _remove(url: str, contact_id: int) -> None:
    async with connected(url) as connection, connection.transaction():
        found = await store.contact(connection, (terms.NATION,), None, contact_id)
        await store.remove_contact(connection, None, contact_id)
        subject = f"contact {contact_id}"
        entry = log.Entry(action="contact.remove", subject=subject, region=found.region, operation=found.operation)
        await log.write(connection, [entry])


@click.group()
def message() -> None:
    """Messages: what went out, what waits, what failed."""


@message.command(name="list")
@click.option(
    "--state",
    type=click.Choice(["pending", "sent", "failed", "dropped"]),
    default="failed",
    show_default=True,
)
@on_database
def list_messages(state: str, database_url: str) -> None:
    """List the last 200 messages in a state, and how many wait in each channel."""
    backlog, rows = asyncio.run(_messages(database_url, state))
    table = Table("id", "channel", "address", "label", "region", "made", "attempts", "last error")
    for m in rows:
        made = f"{m.created_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(m.id), m.channel, m.address, m.label, m.region, made, str(m.attempts), m.last_error or "")
    wide_console().print(table)
    for b in backlog:
        click.echo(f"{b.channel}: {b.pending} waiting, the oldest for {b.lag_s:.0f} s; {b.failed} failed within a day")


async def _messages(url: str, state: str) -> tuple[list[store.Backlog], list[store.Listed]]:
    async with connected(url) as connection:
        return await store.backlog(connection), await store.messages(connection, state, limit=SHOWN)


@message.command()
@click.argument("message_id", type=click.UUID, required=False)
@click.option("--since", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="All that were made since then (UTC).")
@on_database
def retry(message_id: uuid.UUID | None, since: datetime.datetime | None, database_url: str) -> None:
    """Try failed messages again: one, or all since a moment."""
    if (message_id is None) == (since is None):
        raise click.UsageError("name either a message or --since")
    moment = None if since is None else since.replace(tzinfo=datetime.UTC)
    click.echo(f"{asyncio.run(_retry(database_url, message_id, moment))} messages wait again")


async def _retry(url: str, message_id: uuid.UUID | None, since: datetime.datetime | None) -> int:
    async with connected(url) as connection:
        return await store.retry(connection, since=since, only=message_id)
