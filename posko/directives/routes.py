"""Reading directives over HTTP: lists, compliance, who has not answered, the inbox of a place, templates."""

from __future__ import annotations

import uuid
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts import log
from posko.accounts.account import OPENS_RECORDS, Viewer
from posko.directives import acts, store
from posko.directives.directive import (
    Directive,
    DirectiveDetail,
    Kind,
    Received,
    Target,
    TargetFilter,
    Template,
)
from posko.errors import NotFound, PlaceUnknown
from posko.problems import responses
from posko.regions import store as regions
from posko.regions.operation import Operation
from posko.regions.routes import choose_operation

PAGE_LIMIT = 500
LIST_LIMIT = 100
"""Of directives: the counts of each are added up for who sees only a part of it."""
INBOX_LIMIT = 100
"""Of an inbox, when nothing else is said."""

Code = Annotated[str, Parameter(pattern=terms.CODE_PATTERN)]
Limit = Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)]
OperationId = Annotated[int | None, Parameter(ge=1, le=2_147_483_647)]
Number = Annotated[int | None, Parameter(ge=1, le=2_147_483_647, description="`next` of the page before")]
Region = Annotated[str | None, Parameter(pattern=terms.CODE_PATTERN, description="Of this region only")]


class DirectivePage(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Directive]
    next: int | None


class TargetPage(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Target]
    next: str | None


class Inbox(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Received]
    next: int | None


@get(
    "/v1/directives",
    tags=["directives"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_directives(
    viewer: Viewer,
    pool: db.Pool,
    operation: OperationId = None,
    region: Region = None,
    kind: Kind | None = None,
    incident: uuid.UUID | None = None,
    sender: Annotated[str | None, Parameter(query="from", pattern=terms.CODE_PATTERN)] = None,
    is_open: Annotated[bool | None, Parameter(query="open")] = None,
    is_overdue: Annotated[bool | None, Parameter(query="overdue")] = None,
    after: Number = None,
    limit: Annotated[int, Parameter(ge=1, le=LIST_LIMIT)] = 50,
) -> DirectivePage:
    """Directives from and to a region (without one: yours), the last issued first."""
    wanted = store.Filter(
        kind=kind, incident=incident, desk=sender, is_open=is_open, is_overdue=is_overdue, after=after
    )
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        code = region or (chosen.root_code if viewer.can_see(chosen.root_code) else viewer.regions[0])
        await _require(connection, viewer, chosen, code)
        rows = await store.page(connection, chosen.id, code, wanted, limit)
    await log.note_restricted(viewer, pool, chosen.restricts, code, "directives")
    return DirectivePage(rows, rows[-1].number if len(rows) == limit else None)


@get(
    "/v1/directives/{directive_id:uuid}",
    tags=["directives"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_directive(
    viewer: Viewer, directive_id: uuid.UUID, pool: db.Pool, region: Region = None
) -> DirectiveDetail:
    """A directive, and how far it has come in each child of its region (or of `region`)."""
    async with db.snapshot(pool, viewer.reach) as connection:
        found, code = await _found(connection, viewer, directive_id, region)
        rows = await store.page(connection, found.operation, code, store.Filter(id=directive_id), 1)
        compliance = await store.compliance(connection, directive_id, code)
    if not rows:
        raise PlaceUnknown(f"directive {found.number} has nothing in {code}")
    await log.note_restricted(viewer, pool, found.restricts, code, f"directive {found.number}")
    return DirectiveDetail(rows[0], code, compliance)


@get(
    "/v1/directives/{directive_id:uuid}/targets",
    tags=["directives"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_targets(
    viewer: Viewer,
    directive_id: uuid.UUID,
    pool: db.Pool,
    wanted: Annotated[TargetFilter | None, Parameter(query="state")] = None,
    region: Region = None,
    after: Annotated[str | None, Parameter(pattern=terms.CODE_PATTERN, description="`next` of the page before")] = None,
    limit: Limit = 100,
) -> TargetPage:
    """The places that a directive is for, by code: `unanswered` are those who still owe what it requires."""
    async with db.snapshot(pool, viewer.reach) as connection:
        found, code = await _found(connection, viewer, directive_id, region)
        rows = await store.targets(connection, directive_id, code, wanted, (after or "", limit))
    await log.note_restricted(viewer, pool, found.restricts, code, f"targets of directive {found.number}")
    return TargetPage(rows, rows[-1].place if len(rows) == limit else None)


@get(
    "/v1/desks/{code:str}/directives",
    tags=["directives"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_inbox(
    code: Code,
    viewer: Viewer,
    pool: db.Pool,
    operation: OperationId = None,
    is_open: Annotated[bool | None, Parameter(query="open")] = None,
    after: Number = None,
    limit: Limit = INBOX_LIMIT,
) -> Inbox:
    """Directives to one desk or TPS, the last first; `open=true`: those that still want its answer."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        await _require(connection, viewer, chosen, code)
        rows = await store.inbox(connection, chosen.id, code, is_open, (after, limit))
    await log.note_restricted(viewer, pool, chosen.restricts, code, "directives")
    return Inbox(rows, rows[-1].number if len(rows) == limit else None)


@get(
    "/v1/directive-templates",
    tags=["directives"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_templates(viewer: Viewer, pool: db.Pool, operation: OperationId = None) -> list[Template]:
    """Directives ready to be sent; {place} and {deadline} are filled in for each place."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        return await store.templates(connection, chosen.restricts or chosen.id)


async def _found(
    connection: db.Connection, viewer: Viewer, directive_id: uuid.UUID, region: str | None
) -> tuple[store.Seen, str]:
    """The directive and the region that it is looked at in; what is out of scope answers as what does not exist."""
    found = await store.seen(connection, directive_id, viewer.regions)
    if found is None:
        raise NotFound(f"there is no directive {directive_id} here")
    if region is not None:
        viewer.require_scope(region)
    return found, region or found.seen_at


async def _require(connection: db.Connection, viewer: Viewer, chosen: Operation, code: str) -> None:
    viewer.require_scope(code)
    # A lane has no TPS until something restricted is about them: its places are those of its operation.
    await regions.place(connection, chosen.restricts or chosen.id, code)


routes = [*acts.routes, list_directives, show_directive, list_targets, list_inbox, list_templates]
