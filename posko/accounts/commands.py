"""`posko account`: people and what they may do where."""

from __future__ import annotations

import asyncio
import re
import secrets
import sys

import rich_click as click
from rich.console import Console
from rich.table import Table

from posko import terms
from posko.accounts import store
from posko.accounts.account import USERNAME_PATTERN, Account
from posko.accounts.passwords import MIN_LENGTH, hash_password
from posko.console import connected, on_database

ROLES = ("petugas", "operator", "supervisor", "admin", "auditor", "wall", "system")


@click.group()
def account() -> None:
    """Accounts: who may see and do what, where."""


@account.command()
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option(
    "--scope",
    default=terms.NATION,
    show_default=True,
    help="Region code at and below which it may act; ID is the nation.",
)
@click.option("--name", "full_name", default=None, help="The person's name (default: the username).")
@on_database
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
def add(username: str, role: str, scope: str, full_name: str | None, password_stdin: bool, database_url: str) -> None:
    """Add an account, or give an existing one a new role, scope and password; its sessions end."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    if len(password) < MIN_LENGTH:
        raise click.UsageError(f"the password must have at least {MIN_LENGTH} characters")
    if not re.fullmatch(USERNAME_PATTERN, username):
        raise click.UsageError(
            "a username has 2 to 63 of a-z, 0-9, dot, dash and underscore, and begins with one of a-z, 0-9"
        )
    if not 1 <= len(full_name or username) <= 120:
        raise click.UsageError("--name has 1 to 120 letters")
    if not terms.is_code(scope) or terms.level_of(scope) is terms.Level.tps:
        raise click.UsageError(f"--scope {scope!r} is not a region code such as 31.72 (or ID)")
    asyncio.run(add_account(database_url, username, role, scope, full_name or username, password))
    click.echo(f"{username}  role {role}  scope {scope}" + ("" if password_stdin else f"  password {password}"))


async def add_account(
    database_url: str, username: str, role: str, scope: str, full_name: str, password: str
) -> Account:
    """Adds or replaces an account."""
    async with connected(database_url) as connection:
        wanted = Account(id=0, username=username, full_name=full_name, role=role, scope=scope)  # type: ignore[arg-type]
        return await store.add(connection, wanted, hash_password(password))


@account.command()
@click.argument("username")
@on_database
def disable(username: str, database_url: str) -> None:
    """Disable an account: its sessions and sockets end within two seconds."""
    if not asyncio.run(_disable(database_url, username)):
        raise click.ClickException(f"there is no enabled account {username!r}")
    click.echo(f"{username} is disabled")


async def _disable(database_url: str, username: str) -> bool:
    async with connected(database_url) as connection:
        return await store.disable(connection, username)


@account.command(name="list")
@on_database
def list_accounts(database_url: str) -> None:
    """List all accounts."""
    table = Table("username", "name", "role", "scope", "state")
    for found in asyncio.run(_list(database_url)):
        table.add_row(
            found.username, found.full_name, found.role, found.scope, "disabled" if found.disabled_at else "enabled"
        )
    Console().print(table)


async def _list(database_url: str) -> list[Account]:
    async with connected(database_url) as connection:
        return await store.list_all(connection)
