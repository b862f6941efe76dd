"""The two-person rule: one asks and says why, another decides; what it is about is carried out by other rooms."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import db
from posko.accounts.account import Reason, Viewer
from posko.errors import AccountUnknown, Conflict, NotAllowed, SecondPersonNeeded, TooMany

Kind: TypeAlias = Literal["void_report", "void_incident", "reopen_operation", "clear_flags", "export_log", "excuse"]

OPEN_LIMIT: Final = 50
"""Requests of one person that wait for a decision."""

_queries = db.queries("approvals")


class Approval(msgspec.Struct, frozen=True):
    """A request and, when there is one, its decision; an undecided one is void after `expires_at`.

    What is approved is done at once: `used_at`; or it could not be done any more: `failed_at`, and `failed_why`.
    """

    id: int
    kind: Kind
    operation: int
    region: str
    details: dict[str, Any]
    reason: str
    requested_by: str
    requested_at: datetime.datetime
    decided_by: str | None
    decision: Literal["approved", "refused"] | None
    decided_why: str | None
    decided_at: datetime.datetime | None
    expires_at: datetime.datetime
    used_at: datetime.datetime | None
    failed_at: datetime.datetime | None
    failed_why: str | None
    restricts: int | None = None
    """The operation whose restricted lane it is about."""


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for, in which operation, about which place."""

    kind: Kind
    operation: int
    region: str
    details: dict[str, Any]
    reason: str


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Yes or no, and why."""

    approve: bool
    reason: Annotated[Reason, Meta(description="Why")]


async def request(connection: db.Connection, viewer: Viewer, wanted: Wanted) -> Approval:
    """Asks; somebody else decides within a day."""
    if await connection.fetchval(_queries["open_ones"].sql, viewer.account_id) >= OPEN_LIMIT:
        raise TooMany(f"{OPEN_LIMIT} of your requests wait for a decision")
    made = await connection.fetchval(
        _queries["request"].sql,
        wanted.kind,
        wanted.operation,
        wanted.region,
        msgspec.json.encode(wanted.details).decode(),
        wanted.reason,
        viewer.account_id,
        viewer.seat_id,
    )
    return await one(connection, viewer, made)


async def page(connection: db.Connection, viewer: Viewer, *, state: Literal["open", "all"]) -> list[Approval]:
    """Requests about places within the viewer's reach, the last first, at most 200."""
    return await _fetch(connection, viewer, None, state)


async def one(connection: db.Connection, viewer: Viewer, approval_id: int) -> Approval:
    """One request; AccountUnknown outside the viewer's reach."""
    found = await _fetch(connection, viewer, approval_id, "all")
    if not found:
        raise AccountUnknown("there is no such request")
    return found[0]


async def _fetch(connection: db.Connection, viewer: Viewer, only: int | None, state: str) -> list[Approval]:
    arguments = (list(viewer.regions), viewer.operation, only, state, viewer.cleared)
    rows = await connection.fetch(_queries["approvals"].sql, *arguments)
    return [db.to_struct(dict(r) | {"details": msgspec.json.decode(r["details"])}, Approval) for r in rows]


async def decide(connection: db.Connection, viewer: Viewer, approval_id: int, said: Decision) -> Approval:
    """Decides a request of somebody else's; the same word again by the same person is not an error."""
    await one(connection, viewer, approval_id)
    row = await connection.fetchrow(_queries["lock"].sql, approval_id)
    assert row is not None
    decision = "approved" if said.approve else "refused"
    if row["decided_by"] == viewer.account_id and row["decision"] == decision:
        return await one(connection, viewer, approval_id)
    if row["decision"] is not None:
        raise Conflict("this request has been decided")
    if not row["is_current"]:
        raise Conflict("this request is too old")
    if row["requested_by"] == viewer.account_id:
        raise NotAllowed("a second person decides")
    if await connection.fetchval(_queries["are_one"].sql, row["requested_by"], viewer.account_id):
        raise NotAllowed("one of you two has had the other's account in hand within the last day")
    await connection.execute(_queries["decide"].sql, approval_id, viewer.account_id, decision, said.reason)
    return await one(connection, viewer, approval_id)


async def use(connection: db.Connection, approval_id: int) -> bool:
    """Marks an approved request as carried out; False when it was."""
    return await connection.fetchval(_queries["use"].sql, approval_id) is not None


async def fail(connection: db.Connection, approval_id: int, why: str) -> None:
    """Writes down that an approved request could not be carried out, and is over."""
    await connection.execute(_queries["fail"].sql, approval_id, why[:500])


async def requester(connection: db.Connection, approval_id: int) -> Viewer:
    """Who asked, in the seat that they asked in; Conflict when that seat is not theirs any more."""
    row = await connection.fetchrow(_queries["requester"].sql, approval_id)
    if row is None:
        raise Conflict("whoever asked has lost the seat that they asked in")
    return db.to_struct(row, Viewer)


async def spend_export(connection: db.Connection, viewer: Viewer) -> Approval:
    """The viewer's own approved export, used up by this; SecondPersonNeeded when there is none."""
    spent = await connection.fetchval(_queries["spend_export"].sql, viewer.account_id, list(viewer.regions))
    if spent is None:
        raise SecondPersonNeeded("ask for the export; within ten minutes of its approval it can be downloaded once")
    return await one(connection, viewer, spent)


async def operation_state(connection: db.Connection, operation: int) -> str | None:
    """draft, active or closed; None where there is no such operation."""
    state: str | None = await connection.fetchval(_queries["operation_state"].sql, operation)
    return state


async def place_exists(connection: db.Connection, operation: int, code: str) -> bool:
    """Whether the operation has the place."""
    found: bool = await connection.fetchval(_queries["place_exists"].sql, operation, code)
    return found
