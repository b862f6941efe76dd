"""The typed face of sql/queries/sessions.sql; every function runs as posko_identity."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import msgspec

from posko import db
from posko.accounts.account import Factor, Viewer

_queries = db.queries("sessions")


class Found(msgspec.Struct, frozen=True):
    """A session as its token finds it; `idle` None: it may rest until it expires."""

    viewer: Viewer
    expires_at: datetime.datetime
    idle: datetime.timedelta | None
    seen_at: datetime.datetime


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session to be: it `lasts` so long, and no longer than the one whose place it takes, till `expires_at`."""

    account_id: int
    seat_id: int | None
    device_id: int | None = None
    kind: str = "sign_in"
    factors: list[Factor]
    must_enrol: str | None = None
    name: str | None = None
    address: str | None = None
    lasts: datetime.timedelta
    idle: datetime.timedelta | None
    expires_at: datetime.datetime | None = None
    stepped_up: bool = False
    stepped_up_at: datetime.datetime | None = None


class Described(msgspec.Struct, frozen=True):
    """A session's row, without its token."""

    id: int
    account_id: int
    created_at: datetime.datetime
    expires_at: datetime.datetime
    idle: datetime.timedelta | None
    assignment_id: int | None
    device_id: int | None
    factors: list[Factor]
    must_enrol: str | None
    stepped_up_at: datetime.datetime | None
    name: str | None
    address: str | None


class Running(msgspec.Struct, frozen=True):
    """A session in a list; `name` is the browser's or program's, as it says itself."""

    id: int
    created_at: datetime.datetime
    seen_at: datetime.datetime
    expires_at: datetime.datetime
    kind: str
    factors: list[Factor]
    device: str | None
    name: str | None
    address: str | None


class Inserted(msgspec.Struct, frozen=True):
    """What the database says of a new session."""

    id: int
    expires_at: datetime.datetime
    stepped_up_at: datetime.datetime | None


async def insert(connection: db.Connection, new: NewSession, token_hash: bytes) -> Inserted:
    """A new session."""
    row = await connection.fetchrow(
        _queries["insert_session"].sql,
        new.account_id,
        token_hash,
        new.lasts,
        new.idle,
        new.seat_id,
        new.device_id,
        new.kind,
        new.factors,
        new.must_enrol,
        new.name,
        new.address,
        new.stepped_up,
        new.stepped_up_at,
        new.expires_at,
    )
    assert row is not None
    return db.to_struct(row, Inserted)


async def by_hash(connection: db.Connection, token_hash: bytes) -> Found | None:
    """The running session of a token."""
    row = await connection.fetchrow(_queries["session_by_hash"].sql, token_hash)
    if row is None:
        return None
    fields = dict(row)
    ends = {name: fields.pop(name) for name in ("expires_at", "idle", "seen_at")}
    return Found(db.to_struct(fields, Viewer), **ends)


async def describe(connection: db.Connection, session_id: int) -> Described | None:
    """One session's row."""
    row = await connection.fetchrow(_queries["describe"].sql, session_id)
    return None if row is None else db.to_struct(row, Described)


async def revoke(connection: db.Connection, session_id: int, account_id: int) -> bool:
    """Ends a session of the account; False when it has none that runs under this id."""
    return await connection.fetchval(_queries["revoke"].sql, session_id, account_id) is not None


async def revoke_all(connection: db.Connection, account_id: int, *, but: int | None = None) -> set[int]:
    """Ends the sessions of an account; answers which."""
    return {r["id"] for r in await connection.fetch(_queries["revoke_all"].sql, account_id, but)}


async def list_of(connection: db.Connection, account_id: int) -> list[Running]:
    """The running sessions of an account, the last seen first, at most 200."""
    return [db.to_struct(r, Running) for r in await connection.fetch(_queries["list_of"].sql, account_id)]


async def count_keys(connection: db.Connection, account_id: int) -> int:
    """The API keys of an account that are valid."""
    found: int = await connection.fetchval(_queries["count_keys"].sql, account_id)
    return found


async def touch(connection: db.Connection, sessions: Iterable[int]) -> None:
    """Notes that sessions were used."""
    await connection.execute(_queries["touch"].sql, list(sessions))


async def ended(connection: db.Connection, since: datetime.datetime | None) -> tuple[datetime.datetime, set[int]]:
    """The moment of this look, and the sessions that ended since the last one; the first look starts the clock."""
    rows = await connection.fetch(_queries["ended"].sql, since)
    return rows[0]["looked_at"], {r["id"] for r in rows if r["id"] is not None}
