"""Proves that the rollups are what the reports say, and makes them so where they are not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import asyncpg
import msgspec

from posko import db

PAGE: Final = 4_000
"""Places counted by one statement."""
SHOWN_LIMIT: Final = 1_000
"""Differences that are named; the rest are counted."""

_queries = db.queries("regions")


class Difference(msgspec.Struct, frozen=True):
    """One counter of one place, as stored and as the reports say; `total` is how many such there are in all."""

    code: str
    counter: str
    stored: int
    recounted: int
    total: int


async def size(conn: db.Connection, operation_id: int) -> int:
    """How many places there are to count."""
    nodes: int = await conn.fetchval(_queries["node_count"].sql, operation_id)
    return nodes


async def verify(
    conn: asyncpg.Connection[asyncpg.Record], operation_id: int, *, counted: Callable[[int], None] = lambda _: None
) -> tuple[list[Difference], list[int]]:
    """The differences, by place, and the ids of the places to `repair`. Reads one snapshot; blocks nobody."""
    with db.translated():
        async with conn.transaction(isolation="repeatable_read"):
            await conn.execute(_queries["stage_discrepancies"].sql)
            wrong: dict[int, None] = {}
            async for nodes in _pages(conn, operation_id):
                found = await conn.fetch(_queries["recount"].sql, operation_id, nodes)
                wrong.update((r["node_id"], None) for r in found)
                counted(len(nodes))
            shown = await conn.fetch(_queries["differences"].sql, operation_id, SHOWN_LIMIT)
    return [db.to_struct(r, Difference) for r in shown], list(wrong)


async def repair(conn: asyncpg.Connection[asyncpg.Record], operation_id: int, nodes: Sequence[int]) -> int:
    """Counts the given places again while no report can come in, and writes what is true; returns the version."""
    with db.translated():
        async with conn.transaction():
            await conn.fetchrow(_queries["lock_operation"].sql, operation_id)
            await conn.execute(_queries["stage_discrepancies"].sql)
            for first in range(0, len(nodes), PAGE):
                await conn.fetch(_queries["recount"].sql, operation_id, list(nodes[first : first + PAGE]))
            version: int = await conn.fetchval(_queries["repair"].sql, operation_id)
    return version


async def _pages(conn: db.Connection, operation_id: int) -> AsyncIterator[list[int]]:
    after = ""
    while page := await conn.fetch(_queries["node_page"].sql, operation_id, after, PAGE):
        yield [r["id"] for r in page]
        after = page[-1]["code"]
