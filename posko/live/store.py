"""The typed face of sql/queries/live.sql. Every call is one statement: one snapshot of the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from posko import db
from posko.live.topic import Changes, Found
from posko.live.wire import Row

READ_TIMEOUT_S: Final = 5.0
"""A database that takes longer counts as down; the hub looks again within a second."""


async def _fetch(pool: db.Pool, name: str, *arguments: Any) -> list[Any]:
    with db.translated():
        async with pool.acquire(timeout=READ_TIMEOUT_S) as connection:
            try:
                return await connection.fetch(db.queries("live")[name].sql, *arguments, timeout=READ_TIMEOUT_S)
            except TimeoutError:
                # A hung connection is cut: returning it politely would hang as well.
                connection.terminate()
                raise


async def versions(pool: db.Pool, operations: Iterable[int]) -> dict[int, tuple[int, int, bool]]:
    """Version and layout of each operation that exists, and whether it is closed."""
    rows = await _fetch(pool, "versions", list(operations))
    return {r["operation"]: (r["version"], r["layout"], r["is_closed"]) for r in rows}


async def open_topics(pool: db.Pool, wanted: Sequence[tuple[int, str]]) -> list[Found | None]:
    """Topics by (operation, code), whole; None where there is no such place."""
    rows = await _fetch(pool, "open_topics", [o for o, _ in wanted], [c for _, c in wanted])
    found: list[Found | None] = [None] * len(wanted)
    for topic, group in groupby(rows, itemgetter("topic")):
        records = list(group)
        first = records[0]
        found[topic - 1] = Found(
            node_id=first["node_id"],
            version=first["version"],
            layout=first["layout"],
            at=first["at"],
            names={r["code"]: r["name"] for r in records},
            counters=first["counters"] or [],
            rows=[_row(r) for r in records],
            restricts=first["restricts"],
        )
    return found


async def changed_rows(pool: db.Pool, wanted: Sequence[tuple[int, int, int]]) -> list[Changes | None]:
    """Topics by (operation, node, since): what changed; None where the operation is gone."""
    rows = await _fetch(pool, "changed_rows", *([w[i] for w in wanted] for i in range(3)))
    found: list[Changes | None] = [None] * len(wanted)
    for topic, group in groupby(rows, itemgetter("topic")):
        records = list(group)
        first = records[0]
        changed = [_row(r) for r in records if r["code"] is not None]
        found[topic - 1] = Changes(first["version"], first["layout"], first["at"], changed)
    return found


async def lateness(pool: db.Pool) -> float:
    """For how many seconds the work that is longest due has been due; 0 when none is."""
    rows = await _fetch(pool, "lateness")
    return float(rows[0]["seconds"])


async def lost_sessions(pool: db.Pool, sessions: Iterable[int]) -> set[int]:
    """Those of the sessions that have ended."""
    return {r["id"] for r in await _fetch(pool, "lost_sessions", list(sessions))}


def _row(record: Any) -> Row:
    return Row(record["code"], record["row_version"], record["vals"], record["last_at"])
