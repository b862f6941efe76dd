"""The typed face of sql/queries/directives.sql."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Final

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.directives.directive import (
    CHUNK,
    TARGETS_LIMIT,
    Action,
    Addressee,
    Audience,
    AudienceIn,
    AudienceSize,
    Completion,
    Compliance,
    Counts,
    Directive,
    DirectiveIn,
    Kind,
    Move,
    Received,
    Target,
    TargetFilter,
    TargetState,
    Template,
    ToPlaces,
)

FIRST: Final = 3
"""Places that are named of those that a directive would be for."""

_queries = db.queries("directives")
_audience: Final = msgspec.json.Decoder(Audience | None)
_first: Final = msgspec.json.Decoder(list[Addressee])
_moves: Final = msgspec.json.Decoder(list[Move])


class Issued(msgspec.Struct, frozen=True):
    """What issuing led to; `is_new` false: it had been issued before, in the same words."""

    version: int
    operation: int
    restricts: int | None
    number: int
    places: list[str]
    is_new: bool


class Said(msgspec.Struct, frozen=True):
    """What a place said to a directive, as the database takes it."""

    action: Action
    said: str | None = None
    proof: Completion = Completion()


class Outcome(msgspec.Struct, frozen=True):
    """Where a target is after an answer; no `places`: it was there already."""

    version: int
    operation: int
    restricts: int | None
    state: TargetState
    changed_at: datetime.datetime
    places: list[str]


class Withdrawn(msgspec.Struct, frozen=True):
    """A directive that was taken back; `is_new` false: it had been before, for the same reason."""

    version: int
    operation: int
    restricts: int | None
    place: str
    number: int
    places: list[str]
    is_new: bool


class Seen(msgspec.Struct, frozen=True):
    """Where a viewer sees a directive: at `place`, its desk, as a whole, else at one of the viewer's own regions."""

    operation: int
    restricts: int | None
    number: int
    place: str
    seen_at: str


class Filter(msgspec.Struct, frozen=True):
    """Which directives; None does not filter. `after` is a number."""

    id: uuid.UUID | None = None
    kind: Kind | None = None
    incident: uuid.UUID | None = None
    desk: str | None = None
    is_open: bool | None = None
    is_overdue: bool | None = None
    after: int | None = None


async def issue(connection: db.Connection, viewer: Viewer, directive_id: uuid.UUID, said: DirectiveIn) -> Issued:
    """Issues a directive; its first targets are written with it."""
    to = ToPlaces(sorted(set(said.to.places))) if isinstance(said.to, ToPlaces) else said.to
    row = await connection.fetchrow(
        _queries["issue"].sql,
        directive_id,
        said.operation,
        viewer.account_id,
        viewer.seat_id,
        said.from_,
        said.kind,
        said.requires,
        said.text,
        said.deadline,
        msgspec.json.encode(to).decode(),
        said.incident,
        said.request,
        said.template,
        CHUNK,
    )
    assert row is not None
    return db.to_struct(row, Issued)


async def audience(connection: db.Connection, said: AudienceIn) -> AudienceSize:
    """For how many places a directive would be, and the first few of them."""
    row = await connection.fetchrow(
        _queries["audience"].sql,
        said.operation,
        said.from_,
        msgspec.json.encode(said.to).decode(),
        said.incident,
        TARGETS_LIMIT,
        FIRST,
    )
    assert row is not None
    return AudienceSize(row["targets"], TARGETS_LIMIT, _first.decode(row["first"]))


async def answer(connection: db.Connection, viewer: Viewer, directive_id: uuid.UUID, place: str, said: Said) -> Outcome:
    """One move of one place."""
    row = await connection.fetchrow(
        _queries["answer"].sql,
        directive_id,
        viewer.account_id,
        viewer.seat_id,
        place,
        said.action,
        said.said,
        said.proof.proof,
        said.proof.report,
    )
    assert row is not None
    return db.to_struct(row, Outcome)


async def withdraw(connection: db.Connection, viewer: Viewer, directive_id: uuid.UUID, why: str) -> Withdrawn:
    """Takes a directive back."""
    arguments = (directive_id, viewer.account_id, viewer.seat_id, why, CHUNK)
    row = await connection.fetchrow(_queries["withdraw"].sql, *arguments)
    assert row is not None
    return db.to_struct(row, Withdrawn)


async def seen(connection: db.Connection, directive_id: uuid.UUID, regions: tuple[str, ...]) -> Seen | None:
    """Where a directive is seen from within these regions; None: nowhere."""
    row = await connection.fetchrow(_queries["seen"].sql, directive_id, list(regions))
    return None if row is None else db.to_struct(row, Seen)


async def page(connection: db.Connection, operation: int, region: str, wanted: Filter, limit: int) -> list[Directive]:
    """Directives of a region, the last issued first."""
    rows = await connection.fetch(
        _queries["page"].sql,
        operation,
        region,
        wanted.id,
        wanted.kind,
        wanted.incident,
        wanted.desk,
        wanted.is_open,
        wanted.is_overdue,
        wanted.after,
        limit,
    )
    return [_directive(row) for row in rows]


async def targets(
    connection: db.Connection, directive_id: uuid.UUID, region: str, state: TargetFilter | None, page: tuple[str, int]
) -> list[Target]:
    """Targets at and below a region by code; `page` is (after, limit)."""
    rows = await connection.fetch(_queries["targets"].sql, directive_id, region, state, *page)
    return [msgspec.convert({**row, "moves": _moves.decode(row["moves"])}, Target) for row in rows]


async def compliance(connection: db.Connection, directive_id: uuid.UUID, region: str) -> list[Compliance]:
    """How far a directive has come in each child of a region that has targets of it, by code."""
    rows = await connection.fetch(_queries["compliance"].sql, directive_id, region)
    return [Compliance(r["code"], r["name"], r["level"], db.to_struct(r, Counts)) for r in rows]


async def inbox(
    connection: db.Connection, operation: int, place: str, is_open: bool | None, page: tuple[int | None, int]
) -> list[Received]:
    """Directives to one place, the last first; `page` is (number after, limit)."""
    rows = await connection.fetch(_queries["inbox"].sql, operation, place, is_open, *page)
    return [msgspec.convert(_from(row), Received) for row in rows]


async def templates(connection: db.Connection, operation: int) -> list[Template]:
    """The templates of an operation, in their order."""
    return [db.to_struct(row, Template) for row in await connection.fetch(_queries["templates"].sql, operation)]


def _from(row: db.Record) -> dict[str, Any]:
    said = dict(row)
    return {**said, "from": said.pop("place"), "from_name": said.pop("place_name")}


def _directive(row: db.Record) -> Directive:
    to = None if row["audience"] is None else _audience.decode(row["audience"])
    return msgspec.convert({**_from(row), "to": to, "counts": db.to_struct(row, Counts)}, Directive)
