"""The typed face of sql/queries/accounts.sql."""

from __future__ import annotations

import datetime

from posko import db
from posko.accounts.account import Account, Viewer

_queries = db.queries("accounts")


async def by_username(connection: db.Connection, username: str) -> tuple[Account, str] | None:
    """The account and its password hash."""
    row = await connection.fetchrow(_queries["by_username"].sql, username)
    if row is None:
        return None
    fields = dict(row)
    encoded = fields.pop("password_hash")
    return db.to_struct(fields, Account), encoded


async def by_id(connection: db.Connection, account_id: int) -> Account | None:
    row = await connection.fetchrow(_queries["by_id"].sql, account_id)
    return None if row is None else db.to_struct(row, Account)


async def list_all(connection: db.Connection) -> list[Account]:
    return [db.to_struct(r, Account) for r in await connection.fetch(_queries["list_all"].sql)]


async def add(connection: db.Connection, account: Account, password_hash: str) -> Account:
    """Adds or replaces the account of that name; its sessions end."""
    row = await connection.fetchrow(
        _queries["add"].sql, account.username, account.full_name, account.role, account.scope, password_hash
    )
    assert row is not None
    return db.to_struct(row, Account)


async def disable(connection: db.Connection, username: str) -> bool:
    return await connection.fetchval(_queries["disable"].sql, username) is not None


async def insert_session(
    connection: db.Connection, account_id: int, token_hash: bytes, lasts: datetime.timedelta
) -> datetime.datetime:
    expires_at: datetime.datetime = await connection.fetchval(
        _queries["insert_session"].sql, account_id, token_hash, lasts
    )
    return expires_at


async def session_by_hash(connection: db.Connection, token_hash: bytes) -> tuple[Viewer, datetime.datetime] | None:
    row = await connection.fetchrow(_queries["session_by_hash"].sql, token_hash)
    if row is None:
        return None
    fields = dict(row)
    expires_at = fields.pop("expires_at")
    return db.to_struct(fields, Viewer), expires_at


async def revoke_session(connection: db.Connection, session_id: int) -> None:
    await connection.execute(_queries["revoke_session"].sql, session_id)


async def ended_sessions(
    connection: db.Connection, since: datetime.datetime | None
) -> tuple[datetime.datetime, set[int]]:
    """The moment of this look, and the sessions that ended since the last one; the first look starts the clock."""
    rows = await connection.fetch(_queries["ended_sessions"].sql, since)
    return rows[0]["looked_at"], {r["id"] for r in rows if r["id"] is not None}
