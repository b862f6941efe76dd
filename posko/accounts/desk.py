"""Piket: who is on duty at the desk of a region, what they hand over, and that the next one has read it."""

from __future__ import annotations

import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from posko import db, terms
from posko.accounts.account import Username, Viewer
from posko.errors import AccountUnknown, Conflict, FieldError, Invalid, NotAllowed, PlaceUnknown

_queries = db.queries("desks")


class Shift(msgspec.Struct, frozen=True):
    """One person on duty at a desk; `note` and `to` when it is handed over, acknowledged when the next one took it."""

    id: int
    username: str
    full_name: str
    institution: str
    began_at: datetime.datetime
    ended_at: datetime.datetime | None
    note: str | None
    to: str | None
    handed_over_at: datetime.datetime | None
    acknowledged_at: datetime.datetime | None
    present_at: datetime.datetime | None
    """When they last tapped hadir."""
    present_until: datetime.datetime
    """Without another tap until then the desk counts as left."""


class Desk(msgspec.Struct, frozen=True):
    """A desk: who is on duty, which hand-overs wait to be acknowledged, what went before."""

    code: str
    operation: int
    on_duty: list[Shift]
    handovers: list[Shift]
    recent: list[Shift]


class Handover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the next one has to know, and who that is."""

    note: Annotated[str, Meta(min_length=1, max_length=4000, pattern=terms.TEXT_PATTERN)]
    to: Username


class _Row(Shift, frozen=True, kw_only=True):
    operation_id: int
    region_code: str
    account_id: int
    handed_to: int | None


def _shift(row: _Row) -> Shift:
    return Shift(**{f.name: getattr(row, f.name) for f in msgspec.structs.fields(Shift)})


async def require(connection: db.Connection, viewer: Viewer, operation: int, code: str) -> None:
    """PlaceUnknown (or OperationUnknown) unless there is such a desk within the viewer's reach."""
    viewer.require_operation(operation, None)
    viewer.require_scope(code)
    if not await connection.fetchval(_queries["desk_exists"].sql, operation, code):
        raise PlaceUnknown(f"there is no {code} in operation {operation}")


async def desk(connection: db.Connection, viewer: Viewer, operation: int, code: str) -> Desk:
    """The desk of a region within the viewer's reach."""
    await require(connection, viewer, operation, code)
    rows = [db.to_struct(r, Shift) for r in await connection.fetch(_queries["shifts"].sql, operation, code)]
    on_duty = [s for s in rows if s.ended_at is None]
    return Desk(
        code=code,
        operation=operation,
        on_duty=on_duty,
        handovers=[s for s in on_duty if s.to is not None],
        recent=[s for s in rows if s.ended_at is not None],
    )


async def begin(connection: db.Connection, viewer: Viewer, operation: int, code: str) -> Shift:
    """Goes on duty; Conflict when one is already."""
    await require(connection, viewer, operation, code)
    made = await connection.fetchval(_queries["begin"].sql, operation, code, viewer.account_id, None)
    if made is None:
        raise Conflict("you are on duty at this desk already")
    return _shift(await _locked(connection, viewer, made))


async def _locked(connection: db.Connection, viewer: Viewer, shift_id: int) -> _Row:
    row = await connection.fetchrow(_queries["shift"].sql, shift_id)
    if row is None:
        raise AccountUnknown("there is no such shift")
    found = db.to_struct(row, _Row)
    if not viewer.can_see(found.region_code) or not viewer.can_enter(found.operation_id, None):
        raise AccountUnknown("there is no such shift")
    return found


async def hand_over(connection: db.Connection, viewer: Viewer, shift_id: int, said: Handover) -> Shift:
    """Hands one's own shift to the next; one stays on duty until the next one acknowledges."""
    found = await _locked(connection, viewer, shift_id)
    if found.account_id != viewer.account_id:
        raise NotAllowed("only who is on duty hands over")
    if found.ended_at is not None:
        raise Conflict("this shift has ended")
    terms.refuse_nik("$.note", said.note)
    to = await connection.fetchval(_queries["desk_people"].sql, said.to, found.operation_id, found.region_code)
    if to is None or to == viewer.account_id:
        message = f"{said.to} cannot sit at this desk now" if to is None else "hand over to somebody else"
        raise Invalid(message, errors=[FieldError("$.to", "next-at-desk", message)])
    await connection.execute(_queries["hand_over"].sql, shift_id, said.note, to)
    return _shift(await _locked(connection, viewer, shift_id))


async def acknowledge(connection: db.Connection, viewer: Viewer, shift_id: int) -> Shift:
    """Takes over: the shift that was handed over ends as the next one begins."""
    found = await _locked(connection, viewer, shift_id)
    if found.handed_to != viewer.account_id:
        raise NotAllowed("this was not handed over to you")
    if found.acknowledged_at is not None:
        raise Conflict("this hand-over was acknowledged")
    await connection.execute(_queries["acknowledge"].sql, shift_id)
    arguments = (found.operation_id, found.region_code, viewer.account_id, shift_id)
    made = await connection.fetchval(_queries["begin"].sql, *arguments)
    if made is None:
        raise Conflict("you are on duty at this desk already: hand that shift over first")
    return _shift(await _locked(connection, viewer, made))
