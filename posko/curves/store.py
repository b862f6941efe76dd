"""The typed face of sql/queries/curves.sql."""

from __future__ import annotations

import datetime

import msgspec

from posko import db
from posko.curves.curve import State

_queries = db.queries("curves")


class Point(msgspec.Struct, frozen=True):
    """The counters that were asked for, at one sample."""

    at: datetime.datetime
    version: int
    counters: list[int]


async def state(conn: db.Connection, operation_id: int) -> State | None:
    """How far the curves of an operation have come; None when it was never sampled."""
    row = await conn.fetchrow(_queries["state"].sql, operation_id)
    return None if row is None else db.to_struct(row, State)


async def points(
    conn: db.Connection, operation_id: int, code: str, since: datetime.datetime | None, places: list[int], limit: int
) -> list[Point]:
    """A page of a region's points after a moment, and before it the one that held then; `places` from 1."""
    found = await conn.fetch(_queries["points"].sql, operation_id, code, since, places, limit)
    return [db.to_struct(row, Point) for row in found]


async def due(pool: db.Pool) -> list[int]:
    """The operations that may have something to sample, by id."""
    return [row["id"] for row in await pool.fetch(_queries["due"].sql)]


async def sample(pool: db.Pool, operation_id: int, limit: int) -> tuple[int, int] | None:
    """Takes a sample if one is due: its version and number of points; None when none was."""
    row = await pool.fetchrow(_queries["sample"].sql, operation_id, limit)
    return None if row is None else (row["version"], row["points"])
