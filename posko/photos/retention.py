"""Forgetting photos and voice notes: with an operation's names, at somebody's wish, or as no row speaks for them.

Bytes go first, the word that they are gone after: whatever stops in between is done again at the next look.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Final

from posko import db
from posko.photos import store
from posko.photos.photo import COPIES
from posko.photos.vault import Object, Objects

SETTLED: Final = datetime.timedelta(hours=1)
"""An object younger than this may be an upload whose row is still to come."""
BATCH: Final = 1000


async def forget_due(pool: db.Pool, objects: Objects) -> int:
    """Forgets what operations have whose names are due, orphans among them; answers how many rows said so."""
    async with db.identity(pool) as connection:
        operations = await store.due(connection)
    count = 0
    for operation in operations:
        paths = [found.path async for found in objects.list(f"{operation}/")]
        await objects.delete(paths)
        async with db.identity(pool) as connection:
            count += await store.forget(connection, operation)
    return count


async def forget_report(connection: db.Connection, objects: Objects, report_id: uuid.UUID) -> int:
    """Forgets the photos and the voice note of one report, by the owner's hand; hashes stay. Answers how many."""
    keys = await store.keys_of(connection, report_id)
    for key in keys:
        await objects.delete(f"{key}.{copy}" for copy in COPIES)
    await store.forget_report(connection, report_id)
    return len(keys)


async def orphans(connection: db.Connection, objects: Objects, at: datetime.datetime) -> list[str]:
    """Paths of objects that no row speaks for, though they have been there for an hour."""
    found: list[str] = []
    batch: list[Object] = []

    async def look() -> None:
        unspoken = set(await store.orphans(connection, sorted({o.object_key for o in batch})))
        found.extend(o.path for o in batch if o.object_key in unspoken)
        batch.clear()

    async for one in objects.list():
        if one.written_at < at - SETTLED:
            batch.append(one)
        if len(batch) >= BATCH:
            await look()
    await look()
    return found
