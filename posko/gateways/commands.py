"""`posko gateway`: who hands texts on, with which keys, and whose a number is."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import rich_click as click
from rich.table import Table

from posko.accounts import log
from posko.accounts import store as accounts
from posko.accounts.sealed import Sealer
from posko.console import connected, on_database, wide_console
from posko.errors import AccountUnknown
from posko.gateways import gateway as rules
from posko.gateways import store
from posko.gateways.gateway import Gateway, GatewayIn, Sender, SenderIn

_channel = click.option(
    "--channel", type=click.Choice(["sms", "whatsapp", "telegram"]), default="sms", show_default=True
)
_secret = click.option(
    "--secret-key",
    envvar="POSKO_SECRET_KEY",
    required=True,
    show_envvar=True,
    help="As the service has it: seals keys, digests numbers.",
)
_key = click.option("--key", help="The gateway's public key (whpk_); without it a secret is made and shown once.")


@click.group()
def gateway() -> None:
    """Gateways: programs that hand on texts of SMS, WhatsApp, Telegram."""


@gateway.command(name="list")
@on_database
def list_gateways(database_url: str) -> None:
    """List the open gateways."""
    table = Table("id", "operation", "channel", "name", "keys", "added")
    for g in asyncio.run(_list(database_url)):
        added = f"{g.added_at:%Y-%m-%d %H:%M} {g.added_by or ''}"
        table.add_row(str(g.id), str(g.operation), g.channel, g.name, str(g.keys), added)
    wide_console().print(table)


async def _list(url: str) -> list[Gateway]:
    async with connected(url) as connection:
        return await store.gateways(connection, None)


@gateway.command()
@click.argument("name")
@click.option("--operation", type=click.IntRange(1), required=True, help="Where its texts go.")
@_channel
@_key
@_secret
@on_database
def add(database_url: str, secret_key: str, **said: Any) -> None:
    """Let the gateway NAME hand texts on; prints its id and its key."""
    try:
        new = msgspec.convert({k: v for k, v in said.items() if v is not None}, GatewayIn)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None
    made, shown = asyncio.run(_add(database_url, new, secret_key))
    click.echo(f"gateway {made}" + ("" if shown is None else f": {shown}"))


async def _add(url: str, new: GatewayIn, secret_key: str) -> tuple[int, str | None]:
    key, shown = rules.checking_key(new.key)
    async with connected(url) as connection, connection.transaction():
        made = await store.add(connection, None, new, key, Sealer(secret_key, store.LABEL))
        await _note(connection, "gateway.add", f"gateway {made}: {new.channel} {new.name}", new.operation)
    return made, shown


@gateway.command()
@click.argument("gateway_id", type=click.IntRange(1))
@_key
@_secret
@on_database
def rotate(gateway_id: int, database_url: str, secret_key: str, key: str | None) -> None:
    """A new key for a gateway; the one before goes on for 24 hours."""
    shown = asyncio.run(_rotate(database_url, gateway_id, key, secret_key))
    click.echo(f"gateway {gateway_id}" + ("" if shown is None else f": {shown}"))


async def _rotate(url: str, gateway_id: int, given: str | None, secret_key: str) -> str | None:
    key, shown = rules.checking_key(given)
    async with connected(url) as connection, connection.transaction():
        await store.rotate(connection, gateway_id, key, Sealer(secret_key, store.LABEL))
        await _note(connection, "gateway.rotate", f"gateway {gateway_id}", None)
    return shown


@gateway.command()
@click.argument("gateway_id", type=click.IntRange(1))
@on_database
def close(gateway_id: int, database_url: str) -> None:
    """Take texts of a gateway no longer."""
    asyncio.run(_close(database_url, gateway_id))


async def _close(url: str, gateway_id: int) -> None:
    async with connected(url) as connection, connection.transaction():
        await store.close(connection, None, gateway_id)
        await _note(connection, "gateway.close", f"gateway {gateway_id}", None)


@gateway.group()
def sender() -> None:
    """Senders: whose account a number or chat speaks for."""


@sender.command(name="list")
@click.argument("username")
@on_database
def list_senders(username: str, database_url: str) -> None:
    """List the numbers and chats of an account; their last digits."""
    table = Table("id", "channel", "ends in", "added")
    for s in asyncio.run(_senders(database_url, username)):
        table.add_row(str(s.id), s.channel, s.hint, f"{s.added_at:%Y-%m-%d %H:%M} {s.added_by or ''}")
    wide_console().print(table)


async def _senders(url: str, username: str) -> list[Sender]:
    async with connected(url) as connection:
        return await store.senders(connection, await _account(connection, username))


@sender.command(name="add")
@click.argument("username")
@click.argument("number")
@_channel
@_secret
@on_database
def add_sender(username: str, number: str, channel: Any, database_url: str, secret_key: str) -> None:
    """Let NUMBER (or a chat's number) speak for an account."""
    made = asyncio.run(_add_sender(database_url, username, SenderIn(channel, number), secret_key))
    click.echo(f"sender {made}")


async def _add_sender(url: str, username: str, new: SenderIn, secret_key: str) -> int:
    address = rules.require_address(new)
    digest = rules.Digests(secret_key).of(new.channel, address)
    async with connected(url) as connection, connection.transaction():
        account = await _account(connection, username)
        made = await store.add_sender(connection, None, account, new.channel, address, digest)
        await _note(connection, "sender.add", username, None)
    return made.id


@sender.command(name="remove")
@click.argument("username")
@click.argument("sender_id", type=click.IntRange(1))
@on_database
def remove_sender(username: str, sender_id: int, database_url: str) -> None:
    """The number or chat speaks for the account no longer."""
    asyncio.run(_remove_sender(database_url, username, sender_id))


async def _remove_sender(url: str, username: str, sender_id: int) -> None:
    async with connected(url) as connection, connection.transaction():
        await store.remove_sender(connection, await _account(connection, username), sender_id)
        await _note(connection, "sender.remove", username, None)


async def _account(connection: Any, username: str) -> int:
    found = await accounts.by_username(connection, username)
    if found is None:
        raise AccountUnknown(f"there is no account {username!r}")
    return found[0].id


async def _note(connection: Any, action: str, subject: str, operation: int | None) -> None:
    await log.write(connection, [log.Entry(action=action, subject=subject, region="ID", operation=operation)])
