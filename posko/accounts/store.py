"""The typed face of sql/queries/accounts.sql; every function runs as posko_identity."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import asyncpg
import msgspec

from posko import db
from posko.accounts.account import Account, Seat, SeatIn, Viewer
from posko.errors import AccountUnknown, Conflict, FieldError, Invalid

_queries = db.queries("accounts")


class Institution(msgspec.Struct, frozen=True):
    """Who sends people to a posko; seats of a party's people are never cleared."""

    code: str
    label_id: str
    label_en: str
    is_party: bool


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account to be, without its seats."""

    username: str
    full_name: str
    institution: str = "lain"
    party: str | None = None
    phone: str | None = None
    kind: str = "person"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An account in a list, with the seats that it holds or will hold within the reader's reach."""

    id: int
    username: str
    full_name: str
    institution: str
    party: str | None
    kind: str
    disabled_at: datetime.datetime | None
    has_totp: bool
    passkeys: int
    devices: int
    last_seen_at: datetime.datetime | None
    seats: list[Seat] = []


async def by_username(connection: db.Connection, username: str) -> tuple[Account, str | None] | None:
    """The account and its password hash (None: it signs in by device or key only)."""
    return _with_hash(await connection.fetchrow(_queries["by_username"].sql, username))


async def by_id(connection: db.Connection, account_id: int) -> tuple[Account, str | None]:
    """The account and its password hash; AccountUnknown when there is none."""
    found = _with_hash(await connection.fetchrow(_queries["by_id"].sql, account_id))
    if found is None:
        raise AccountUnknown("there is no such account")
    return found


def _with_hash(row: db.Record | None) -> tuple[Account, str | None] | None:
    if row is None:
        return None
    fields = dict(row)
    encoded = fields.pop("password_hash")
    return db.to_struct(fields, Account), encoded


async def page(
    connection: db.Connection,
    viewer: Viewer,
    *,
    matching: str | None = None,
    after: str = "",
    only: str | None = None,
    limit: int,
) -> list[Listed]:
    """Accounts with a seat in the viewer's regions, by username."""
    regions = list(viewer.regions)
    rows = await connection.fetch(_queries["page"].sql, regions, matching, after, only, limit)
    seats = await seats_of(connection, [r["id"] for r in rows])
    return [_listed(row, [s for s in seats.get(row["id"], []) if all(map(viewer.can_see, s.regions))]) for row in rows]


async def list_all(connection: db.Connection) -> list[Account]:
    """Every account, by username; for the owner's eyes."""
    return [db.to_struct(r, Account) for r in await connection.fetch(_queries["list_all"].sql)]


def _listed(row: db.Record, seats: list[Seat]) -> Listed:
    return msgspec.structs.replace(db.to_struct(row, Listed), seats=seats)


async def seats_of(connection: db.Connection, accounts: Iterable[int]) -> dict[int, list[Seat]]:
    """The seats that accounts hold now or will hold, by account."""
    found: dict[int, list[Seat]] = {}
    for row in await connection.fetch(_queries["seats_of"].sql, list(accounts)):
        fields = dict(row)
        found.setdefault(fields.pop("account_id"), []).append(db.to_struct(fields, Seat))
    return found


async def hold(connection: db.Connection, account: Account) -> bool:
    """Keeps an account as it is until the transaction ends; False when it is not what it was any more."""
    return bool(await connection.fetchval(_queries["hold"].sql, account.id, account.changed_at))


async def hold_alone(connection: db.Connection, account_id: int) -> None:
    """Nobody opens a session of the account until the transaction ends."""
    await connection.execute(_queries["hold_alone"].sql, account_id)


async def current_seats(connection: db.Connection, account_id: int) -> list[Seat]:
    """The seats that an account holds at this moment, the oldest first."""
    return [db.to_struct(r, Seat) for r in await connection.fetch(_queries["current_seats"].sql, account_id)]


async def seat(connection: db.Connection, seat_id: int) -> tuple[int, str, Seat]:
    """Account id, username and seat; AccountUnknown when there is none that was not revoked."""
    row = await connection.fetchrow(_queries["seat"].sql, seat_id)
    if row is None:
        raise AccountUnknown("there is no such seat")
    fields = dict(row)
    return fields.pop("account_id"), fields.pop("username"), db.to_struct(fields, Seat)


async def insert_account(
    connection: db.Connection, new: NewAccount, password_hash: str | None, *, must_change: bool = False
) -> int:
    """Adds an account and the person behind it; Conflict when the username is taken."""
    try:
        account_id: int | None = await connection.fetchval(
            _queries["insert_account"].sql,
            new.username,
            new.kind,
            new.institution,
            new.party,
            password_hash,
            must_change,
        )
    except asyncpg.UniqueViolationError:
        raise Conflict(f"an account named {new.username} exists") from None
    except asyncpg.CheckViolationError:
        rule = FieldError("$.party", "party-of-party", "only an account of a party or a witness bears a party's name")
        raise Invalid(rule.message, errors=[rule]) from None
    if account_id is None:
        rule = FieldError("$.institution", "institution-known", f"there is no institution {new.institution}")
        raise Invalid(rule.message, errors=[rule])
    await connection.execute(_queries["insert_person"].sql, account_id, new.full_name, new.phone)
    return account_id


async def reform_account(
    connection: db.Connection, account_id: int, new: NewAccount, password_hash: str | None
) -> None:
    """Says anew what an account is; its sessions and seats end."""
    await connection.execute(_queries["reform"].sql, account_id, new.kind, new.institution, new.party, password_hash)
    await connection.execute(_queries["insert_person"].sql, account_id, new.full_name, new.phone)
    await connection.execute(_queries["revoke_seats"].sql, account_id)


async def insert_seat(connection: db.Connection, account_id: int, new: SeatIn, granted_by: int | None) -> Seat:
    """Gives an account a seat; Invalid for a cleared seat of a party, an unknown operation, an end before its start."""
    for name in ("starts_at", "ends_at"):
        moment = getattr(new, name)
        if moment is not None and not 2000 < moment.year < 2100:
            raise _invalid(f"$.{name}", "year-range", "must lie between 2000 and 2100")
    if new.operation is not None and not await connection.fetchval(_queries["operation_known"].sql, new.operation):
        raise _invalid("$.operation", "operation-known", f"there is no operation {new.operation}")
    unknown = await connection.fetchval(_queries["unknown_regions"].sql, list(new.regions), new.operation)
    if unknown:
        raise _invalid("$.regions", "region-known", f"no operation has a place {', '.join(unknown)}")
    try:
        row = await connection.fetchrow(
            _queries["insert_seat"].sql,
            account_id,
            new.role,
            list(new.regions),
            new.operation,
            new.cleared,
            new.starts_at,
            new.ends_at,
            granted_by,
        )
    except asyncpg.CheckViolationError as error:
        if error.constraint_name == "party_is_never_cleared":
            raise _invalid("$.cleared", "party-never-cleared", "a party's seat is never cleared") from None
        if new.cleared and new.role == "wall":
            raise _invalid("$.cleared", "wall-never-cleared", "a wall's seat is never cleared") from None
        raise _invalid("$.ends_at", "ends-after-start", "a seat ends after it starts") from None
    if row is None:
        raise _invalid("$.role", "role-of-system", "the role system is for systems, and the only one that they have")
    return db.to_struct(row, Seat)


def _invalid(path: str, rule: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError(path, rule, message)])


async def revoke_seat(connection: db.Connection, seat_id: int) -> None:
    """Ends a seat and what was opened in it."""
    if await connection.fetchval(_queries["revoke_seat"].sql, seat_id) is None:
        raise AccountUnknown("there is no such seat")


async def disable(connection: db.Connection, account_id: int) -> bool:
    """Whether the account was enabled until now."""
    return await connection.fetchval(_queries["disable"].sql, account_id) is not None


async def enable(connection: db.Connection, account_id: int) -> bool:
    """Whether the account was disabled until now."""
    return await connection.fetchval(_queries["enable"].sql, account_id) is not None


async def set_password(
    connection: db.Connection, account_id: int, password_hash: str | None, *, must_change: bool = False
) -> None:
    """Ends every session of the account; one that must change is good for three days."""
    await connection.execute(_queries["set_password"].sql, account_id, password_hash, must_change)


async def spend_password(connection: db.Connection, account_id: int) -> bool:
    """Forgets the password; False when it was forgotten before."""
    return await connection.fetchval(_queries["spend_password"].sql, account_id) is not None


async def rehash(connection: db.Connection, account_id: int, password_hash: str, was: str) -> None:
    """Keeps the same password under today's parameters."""
    await connection.execute(_queries["rehash"].sql, account_id, password_hash, was)


async def institutions(connection: db.Connection) -> list[Institution]:
    """Every institution, parties last."""
    return [db.to_struct(r, Institution) for r in await connection.fetch(_queries["institutions"].sql)]
