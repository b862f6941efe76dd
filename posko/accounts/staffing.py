"""Which desks at and below a region are kept, and by whom."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.accounts.desk import Shift, require

_queries = db.queries("desks")
_shifts: Final = msgspec.json.Decoder(list[Shift])

DeskState: TypeAlias = Literal["staffed", "absent", "vacant"]
"""Kept; kept, but nobody has tapped hadir for too long; nobody on duty."""


class DeskRow(msgspec.Struct, frozen=True):
    """A desk, and who is on duty at it now."""

    code: str
    name: str
    level: int
    state: DeskState
    on_duty: list[Shift]


class DeskCount(msgspec.Struct, frozen=True):
    """Desks of one level: `desks` = `staffed` + `absent` + `vacant`."""

    level: int
    desks: int
    staffed: int
    absent: int
    vacant: int


class Staffing(msgspec.Struct, frozen=True):
    """`counts` are of the whole region, whatever is asked for; `next` is the `after` of the following page."""

    operation: int
    code: str
    counts: list[DeskCount]
    rows: list[DeskRow]
    next: str | None


class Wanted(msgspec.Struct, frozen=True):
    """Which desks: of one level, in one state; from the one after a code on, so many."""

    level: int | None
    state: DeskState | None
    after: str
    limit: int


async def staffing(connection: db.Connection, viewer: Viewer, operation: int, code: str, wanted: Wanted) -> Staffing:
    """The desks at and below a region within the viewer's reach, by code."""
    await require(connection, viewer, operation, code)
    counts = await connection.fetch(_queries["desk_counts"].sql, operation, code)
    arguments = (operation, code, wanted.after, wanted.level, wanted.state, wanted.limit)
    found = await connection.fetch(_queries["desks_below"].sql, *arguments)
    rows = [msgspec.convert({**row, "on_duty": _shifts.decode(row["on_duty"])}, DeskRow) for row in found]
    return Staffing(
        operation,
        code,
        [db.to_struct(row, DeskCount) for row in counts],
        rows,
        rows[-1].code if len(rows) == wanted.limit else None,
    )
