"""The log of who did what: added to, never changed.

What somebody did is written in the transaction that does it, and what somebody reads of a restricted record before it
is shown: once an hour while a page goes on reading the same. Refusals are gathered for half a second, equal ones as one
row: whoever attacks fills no disk with them.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterable
from typing import Final, Literal

import msgspec
import structlog

from posko import db
from posko.accounts.account import Viewer
from posko.errors import Unavailable

FLUSH_S: Final = 0.5
REFUSALS_LIMIT: Final = 2_000
"""Different refusals of one half second that are kept; the rest are counted in one row."""

_queries = db.queries("log")
_log = structlog.get_logger("accounts")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One act: whose, what, about what; `subject` and `detail` never hold a secret or a named person."""

    action: str
    outcome: Literal["done", "refused"] = "done"
    account_id: int | None = None
    username: str | None = None
    """As tried, where there is no account of that name."""
    role: str | None = None
    session_id: int | None = None
    operation: int | None = None
    region: str | None = None
    restricted: bool = False
    subject: str | None = None
    detail: str | None = None
    address: str | None = None


class LogRow(msgspec.Struct, frozen=True):
    """One row of the log; `times` > 1: equal refusals within a moment."""

    id: int
    at: datetime.datetime
    username: str | None
    role: str | None
    action: str
    outcome: str
    region: str | None
    operation: int | None
    subject: str | None
    detail: str | None
    address: str | None
    times: int


class LogFilter(msgspec.Struct, frozen=True):
    """Which rows; None does not filter."""

    action: str | None = None
    username: str | None = None
    region: str | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    after: int | None = None


async def note_restricted(viewer: Viewer, pool: db.Pool, restricts: int | None, place: str, subject: str) -> None:
    """Who opens what is terbatas is written down before it is shown; `restricts` None: it is not terbatas."""
    if restricts is None:
        return
    entry = by(viewer, "restricted.read", operation=restricts, region=place, restricted=True, subject=subject)
    async with db.identity(pool) as connection:
        await write_once(connection, entry)


def by(viewer: Viewer, action: str, **said: object) -> Entry:
    """What a viewer did; without a place of its own it belongs where the viewer's seat is."""
    said.setdefault("region", viewer.regions[0] if viewer.regions else None)
    who = {"account_id": viewer.account_id, "role": viewer.role or None, "session_id": viewer.session_id}
    return Entry(action=action, **who, **said)  # type: ignore[arg-type]


async def write(connection: db.Connection, entries: Iterable[Entry], times: Iterable[int] | None = None) -> None:
    """Adds rows, within the caller's transaction (as posko_identity)."""
    rows = list(entries)
    counts = [1] * len(rows) if times is None else list(times)
    names = (
        "account_id", "username", "role", "session_id", "action", "outcome", "operation", "region", "restricted",
        "subject", "detail", "address",
    )  # fmt: skip
    columns = [[getattr(e, name) for e in rows] for name in names]
    await connection.execute(_queries["add"].sql, *map(_bounded, columns), counts)


async def write_once(connection: db.Connection, entry: Entry) -> None:
    """Adds a row, unless this very session was said within the hour to do the same at the same place."""
    who = (entry.account_id, entry.session_id, entry.role)
    what = (entry.action, entry.operation, entry.region, entry.subject)
    if not await connection.fetchval(_queries["is_said"].sql, *who, *what):
        await write(connection, [entry])


def _bounded(column: list[object]) -> list[object]:
    return [v.replace("\0", "")[:200] if isinstance(v, str) else v for v in column]


async def page(connection: db.Connection, viewer: Viewer, wanted: LogFilter, *, limit: int) -> list[LogRow]:
    """Rows within the viewer's reach, the last first."""
    rows = await connection.fetch(
        _queries["page"].sql,
        list(viewer.regions),
        viewer.cleared,
        viewer.operation,
        *msgspec.structs.astuple(wanted),
        limit,
    )
    return [db.to_struct(r, LogRow) for r in rows]


class Refusals:
    """Gathers refusals and writes them every half second."""

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool
        self._gathered: dict[Entry, int] = {}

    def note(self, entry: Entry, times: int = 1) -> None:
        """One more; never raises, never waits."""
        if entry not in self._gathered and len(self._gathered) >= REFUSALS_LIMIT:
            entry = Entry(action="refusals.many", outcome="refused")
        self._gathered[entry] = self._gathered.get(entry, 0) + times

    async def flush(self) -> None:
        """Writes what was gathered; it is kept while the database is down, within the limit."""
        gathered, self._gathered = self._gathered, {}
        if not gathered:
            return
        try:
            async with db.identity(self._pool) as connection:
                await write(connection, gathered.keys(), gathered.values())
        except Unavailable:
            _log.warning("refusals_not_written", reason="database down", count=len(gathered))
            for entry, times in gathered.items():
                self.note(entry, times)

    async def run(self) -> None:
        """Writes twice a second, for as long as the process lives."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()
