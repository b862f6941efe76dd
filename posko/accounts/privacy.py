"""What is known of a person (UU 27/2022): given out whole, or forgotten without breaking what they reported."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from posko import db
from posko.accounts import log, store
from posko.errors import AccountUnknown

_queries = db.queries("privacy")


async def export(connection: db.Connection, *, username: str | None = None, name: str | None = None) -> dict[str, Any]:
    """All that is kept of one person: of whoever has the account, or whom reports name exactly so."""
    if username is not None:
        found = await connection.fetchval(_queries["export_account"].sql, username)
        if found is None:
            raise AccountUnknown(f"there is no account {username!r}")
    else:
        found = await connection.fetchval(_queries["export_name"].sql, name)
    said: dict[str, Any] = msgspec.json.decode(found)
    return said


async def erase(connection: db.Connection, *, username: str | None = None, name: str | None = None) -> str:
    """Forgets one person; answers what was forgotten. What was reported, when, where and under which account stays."""
    if username is None:
        count = await connection.fetchval(_queries["erase_name"].sql, name)
        await log.write(
            connection, [log.Entry(action="privacy.erase", region="ID", detail=f"{count} names in reports")]
        )
        return f"{count} names in reports forgotten"
    found = await store.by_username(connection, username)
    if found is None:
        raise AccountUnknown(f"there is no account {username!r}")
    account = found[0]
    await store.disable(connection, account.id)
    pseudonym = f"dihapus-{account.id}"
    names = await connection.fetchval(_queries["erase_name"].sql, account.full_name)
    await connection.execute(_queries["erase_account"].sql, account.id, pseudonym, account.username)
    await log.write(connection, [log.Entry(action="privacy.erase", region="ID", subject=pseudonym)])
    return f"{username} is {pseudonym} from now on; {names} names in reports forgotten"


async def retain(connection: db.Connection, operation: int, until: datetime.date) -> bool:
    """Keeps the names in an operation's reports until a day; False when there is none, or its names are gone."""
    return await connection.fetchval(_queries["retain"].sql, operation, until) is not None
