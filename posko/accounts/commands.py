"""`posko account` and `posko privacy`: people and what they may do where, by the owner's hand."""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import asyncpg
import msgspec
import rich_click as click
from rich.table import Table

from posko import terms
from posko.accounts import factor_store, log, people, privacy, store
from posko.accounts.account import USERNAME_PATTERN, Account, Role, Seat, SeatIn
from posko.accounts.passwords import MIN_LENGTH, hash_password, verify_password
from posko.accounts.store import NewAccount
from posko.console import connected, number, on_database, wide_console
from posko.errors import Conflict
from posko.tables import TableRefused, write_problems

PROBLEMS_SHOWN = 50


@asynccontextmanager
async def _identity(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    async with connected(url) as connection, connection.transaction():
        yield connection


@click.group()
def account() -> None:
    """Accounts: who may see and do what, where."""


@account.command()
@click.argument("username")
@click.option("--role", type=click.Choice(get_args(Role)), required=True)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=(terms.NATION,),
    show_default=True,
    help="Region or TPS code at and below which it may act, several times if need be; ID is the nation.",
)
@click.option("--operation", type=click.IntRange(1), help="In this operation only (default: in every one).")
@click.option("--cleared", is_flag=True, help="May see what is terbatas.")
@click.option("--institution", default="lain", show_default=True, help="Code of the institution, such as polri.")
@click.option("--party", help="With --institution partai or saksi: which.")
@click.option("--name", "full_name", default=None, help="The person's name (default: the username).")
@on_database
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
def add(username: str, password_stdin: bool, database_url: str, **said: Any) -> None:
    """Add an account with a seat, or give an existing one a new seat and password in place of all it has."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    if len(password) < MIN_LENGTH:
        raise click.UsageError(f"the password must have at least {MIN_LENGTH} characters")
    if not re.fullmatch(USERNAME_PATTERN, username):
        raise click.UsageError(
            "a username has 2 to 63 of a-z, 0-9, dot, dash and underscore, and begins with one of a-z, 0-9"
        )
    full_name = said["full_name"] or username
    if not 1 <= len(full_name) <= 120:
        raise click.UsageError("--name has 1 to 120 letters")
    for scope in said["scopes"]:
        if not terms.is_code(scope):
            raise click.UsageError(f"--scope {scope!r} is not a code such as 31.72 (or ID)")
    kind = "system" if said["role"] == "system" else "person"
    new = NewAccount(
        username=username, full_name=full_name, institution=said["institution"], party=said["party"], kind=kind
    )
    seat = SeatIn(said["role"], tuple(said["scopes"]), said["operation"], said["cleared"])
    asyncio.run(add_account(database_url, new, [seat], password))
    click.echo(
        f"{username}  role {seat.role}  scope {' '.join(seat.regions)}"
        + ("" if password_stdin else f"  password {password}")
    )


async def add_account(database_url: str, new: NewAccount, seats: list[SeatIn], password: str) -> int:
    """Adds or replaces an account and all its seats; its sessions end."""
    async with _identity(database_url) as connection:
        found = await store.by_username(connection, new.username)
        encoded = hash_password(password)
        if found is None:
            account_id = await store.insert_account(connection, new, encoded)
        else:
            account_id = found[0].id
            if (found[0].kind == "break_glass") != (new.kind == "break_glass"):
                raise Conflict(f"{new.username} is somebody else's account: the sealed one has a name of its own")
            await store.reform_account(connection, account_id, new, encoded)
            await factor_store.drop_all(connection, account_id)
        for seat in seats:
            await store.insert_seat(connection, account_id, seat, None)
        await log.write(connection, [log.Entry(action="account.add", subject=new.username, region=terms.NATION)])
        return account_id


async def keep_account(database_url: str, new: NewAccount, seats: list[SeatIn], password: str) -> None:
    """Adds an account, or makes it again where its password or seats are others: what is as asked stays signed in."""
    async with _identity(database_url) as connection:
        found = await store.by_username(connection, new.username)
        held = [] if found is None else (await store.seats_of(connection, [found[0].id])).get(found[0].id, [])
    known = [SeatIn(s.role, s.regions, s.operation, s.cleared) for s in held]
    if found is None or found[0].disabled_at or known != seats or not verify_password(found[1] or "", password):
        await add_account(database_url, new, seats, password)


@account.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--problems", "problems_file", type=click.Path(dir_okay=False, path_type=Path), help="Write what is wrong as CSV."
)
@on_database
def import_file(file: Path, problems_file: Path | None, database_url: str) -> None:
    """Add many people from a CSV or XLSX: all of them or none, every bad line named."""
    try:
        made = asyncio.run(_import(database_url, file.read_bytes()))
    except TableRefused as refused:
        table = Table("baris", "kolom", "aturan", "keterangan")
        for p in refused.problems[:PROBLEMS_SHOWN]:
            table.add_row(str(p.line), p.column, p.rule, p.message)
        wide_console(stderr=True).print(table)
        if problems_file is not None:
            problems_file.write_text("".join(write_problems(refused.problems)), encoding="utf-8")
        raise click.ClickException(
            f"{number(refused.total)} kesalahan; tidak ada yang dimuat (nothing was loaded)"
        ) from None
    click.echo(f"{made:,} accounts")


async def _import(url: str, data: bytes) -> int:
    found = people.parse(data)
    async with _identity(url) as connection:
        return await people.load(connection, None, found)


@account.command()
@click.argument("username")
@on_database
def disable(username: str, database_url: str) -> None:
    """Disable an account: its sessions and sockets end within two seconds."""
    if not asyncio.run(_disable(database_url, username)):
        raise click.ClickException(f"there is no enabled account {username!r}")
    click.echo(f"{username} is disabled")


async def _disable(url: str, username: str) -> bool:
    async with _identity(url) as connection:
        found = await store.by_username(connection, username)
        if found is None or not await store.disable(connection, found[0].id):
            return False
        await log.write(connection, [log.Entry(action="account.disable", subject=username, region=terms.NATION)])
        return True


@account.command()
@click.argument("username")
@on_database
def seal(username: str, database_url: str) -> None:
    """Make (or seal anew) the break-glass account: its password is good once, for an hour, and raises an alarm."""
    if not re.fullmatch(USERNAME_PATTERN, username):
        raise click.UsageError("a username has 2 to 63 of a-z, 0-9, dot, dash and underscore")
    password = secrets.token_urlsafe(24)
    new = NewAccount(username=username, full_name="Akun darurat tersegel", kind="break_glass")
    asyncio.run(add_account(database_url, new, [SeatIn("admin", (terms.NATION,), cleared=True)], password))
    click.echo(f"{username}  password {password}\nPrint it, put it into a sealed envelope, and clear this screen.")


@account.command(name="list")
@on_database
def list_accounts(database_url: str) -> None:
    """List all accounts and their seats."""
    table = Table("username", "name", "institution", "kind", "seats", "state")
    for found, seats in asyncio.run(_list(database_url)):
        shown = "; ".join(
            f"{s.role} {' '.join(s.regions)}"
            + (f" op {s.operation}" if s.operation else "")
            + (" cleared" if s.cleared else "")
            for s in seats
        )
        state = "disabled" if found.disabled_at else "enabled"
        table.add_row(found.username, found.full_name, found.institution, found.kind, shown, state)
    wide_console().print(table)


async def _list(url: str) -> list[tuple[Account, list[Seat]]]:
    async with _identity(url) as connection:
        found = await store.list_all(connection)
        seats = await store.seats_of(connection, [a.id for a in found])
        return [(a, seats.get(a.id, [])) for a in found]


@click.group(name="privacy")
def privacy_group() -> None:
    """What is known of a person: give it out, or forget it (UU 27/2022)."""


@privacy_group.command()
@click.option("--username", help="Somebody who has an account.")
@click.option("--name", "person_name", help="Somebody whom reports name, exactly as written.")
@on_database
def export(username: str | None, person_name: str | None, database_url: str) -> None:
    """Print all that is kept of one person, as JSON."""
    _one_of(username, person_name)
    click.echo(msgspec.json.format(msgspec.json.encode(asyncio.run(_export(database_url, username, person_name)))))


async def _export(url: str, username: str | None, person_name: str | None) -> dict[str, Any]:
    async with _identity(url) as connection:
        return await privacy.export(connection, username=username, name=person_name)


@privacy_group.command()
@click.option("--username", help="Somebody who has an account.")
@click.option("--name", "person_name", help="Somebody whom reports name, exactly as written.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@on_database
def erase(username: str | None, person_name: str | None, yes: bool, database_url: str) -> None:
    """Forget one person: names and ways to reach and sign in go; what was reported, when and where stays."""
    _one_of(username, person_name)
    if not yes:
        click.confirm("This cannot be undone. Forget this person?", abort=True)
    click.echo(asyncio.run(_erase(database_url, username, person_name)))


async def _erase(url: str, username: str | None, person_name: str | None) -> str:
    async with _identity(url) as connection:
        return await privacy.erase(connection, username=username, name=person_name)


@privacy_group.command()
@click.argument("operation_id", type=int)
@click.argument("until", type=click.DateTime(["%Y-%m-%d"]))
@on_database
def retain(operation_id: int, until: Any, database_url: str) -> None:
    """Keep the names in an operation's reports until this day (default: a year after the voting day); then they go."""
    if not asyncio.run(_retain(database_url, operation_id, until)):
        raise click.ClickException(f"there is no operation {operation_id} that has names")
    click.echo(f"operation {operation_id}: names until {until:%Y-%m-%d}")


async def _retain(url: str, operation_id: int, until: Any) -> bool:
    async with _identity(url) as connection:
        return await privacy.retain(connection, operation_id, until.date())


def _one_of(username: str | None, person_name: str | None) -> None:
    if (username is None) == (person_name is None):
        raise click.UsageError("name either --username or --name")
