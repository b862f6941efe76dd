"""Reading incidents over HTTP: lists, one with what it is made of, its log, what comes next."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, TypeAlias

import msgspec
from litestar import get
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts import log
from posko.accounts.account import OPENS_RECORDS, USERNAME_PATTERN, Viewer
from posko.errors import NotFound
from posko.incidents import store
from posko.incidents.incident import (
    LOOKED_FOR_PATTERN,
    Asked,
    Detail,
    Entry,
    Filter,
    Incident,
    Occurrence,
    RevoteKind,
    Status,
    Step,
    Tier,
    Verification,
)
from posko.problems import responses
from posko.regions.operation import Operation
from posko.regions.routes import choose_operation
from posko.reports.report import Severity

PAGE_LIMIT = 200

Limit: TypeAlias = Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)]
OperationId: TypeAlias = Annotated[int | None, Parameter(ge=1, le=2_147_483_647)]
Region: TypeAlias = Annotated[
    str | None, Parameter(pattern=terms.CODE_PATTERN, description="At and below; left out: the first of your seat")
]
Version: TypeAlias = Annotated[int, Parameter(ge=0, le=2**63 - 1)]


class Page(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    operation: int
    version: int
    rows: list[Incident]
    next: int | None


class Changes(msgspec.Struct, frozen=True):
    """What changed after `since`: ask again with `to`, at once when `is_more`; no version is cut in two."""

    operation: int
    since: int
    to: int
    is_more: bool
    rows: list[Incident]


class Log(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Entry]
    next: int | None


@get(
    "/v1/incidents",
    tags=["incidents"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_incidents(
    viewer: Viewer,
    pool: db.Pool,
    operation: OperationId = None,
    region: Region = None,
    status: Annotated[list[Status] | None, Parameter(max_items=8)] = None,
    severity: Annotated[list[Severity] | None, Parameter(max_items=4)] = None,
    category: Annotated[str | None, Parameter(max_length=62)] = None,
    occurrence: Occurrence | None = None,
    verification: Verification | None = None,
    tier: Tier | None = None,
    overdue: bool | None = None,
    owner: Annotated[str | None, Parameter(pattern=USERNAME_PATTERN)] = None,
    watched: bool = False,
    parent: uuid.UUID | None = None,
    revote: RevoteKind | None = None,
    words: Annotated[str | None, Parameter(query="q", pattern=LOOKED_FOR_PATTERN, max_length=200)] = None,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    after: Annotated[int | None, Parameter(ge=1, le=2_147_483_647)] = None,
    limit: Limit = 50,
) -> Page:
    """Incidents at and below a region, the last opened first, filtered by what is shown; `q`: number, words, place."""
    wanted = Filter(
        status=status,
        severity=severity,
        category=terms.without_nul(category),
        occurrence=occurrence,
        verification=verification,
        tier=tier,
        overdue=overdue,
        owner=owner,
        watched_by=viewer.account_id if watched else None,
        parent=parent,
        revote=revote,
        words=terms.without_nul(words),
        since=terms.aware("$.since", since),
        until=terms.aware("$.until", until),
        after=after,
    )
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen, at = await _where(connection, viewer, operation, region)
        rows = await store.page(connection, chosen.id, at, wanted, limit)
    await log.note_restricted(viewer, pool, chosen.restricts, at, "incidents")
    return Page(chosen.id, chosen.version, rows, rows[-1].number if len(rows) == limit else None)


@get(
    "/v1/incidents/changes",
    tags=["incidents"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_changes(
    viewer: Viewer,
    pool: db.Pool,
    since: Version,
    operation: OperationId = None,
    region: Region = None,
    limit: Limit = 200,
) -> Changes:
    """The incidents at and below a region that changed after a version: what a console asks when the version moves."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen, at = await _where(connection, viewer, operation, region)
        rows = await store.changes(connection, chosen.id, at, since, limit)
    await log.note_restricted(viewer, pool, chosen.restricts, at, "incidents")
    is_more = len(rows) >= limit
    return Changes(chosen.id, since, rows[-1].version if is_more else chosen.version, is_more, rows)


class Inbox(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    operation: int
    rows: list[Asked]
    next: int | None


@get(
    "/v1/requests",
    tags=["incidents"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_requests(
    viewer: Viewer,
    pool: db.Pool,
    operation: OperationId = None,
    waiting: bool = True,
    after: Annotated[int | None, Parameter(ge=1, le=2_147_483_647)] = None,
    limit: Limit = 50,
) -> Inbox:
    """What your desks and institution are asked (advice, referrals), the longest asked first; `waiting`: unanswered."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        rows = await store.requests_for(connection, viewer, chosen.id, waiting=waiting, after=after, limit=limit)
    await log.note_restricted(viewer, pool, chosen.restricts, viewer.regions[0], "requests")
    return Inbox(chosen.id, rows, rows[-1].id if len(rows) == limit else None)


@get(
    "/v1/incidents/{incident_id:uuid}",
    tags=["incidents"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 429, 503),
)
async def show_incident(viewer: Viewer, pool: db.Pool, incident_id: uuid.UUID) -> Detail:
    """One incident with its reports, requests and watchers."""
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await require(connection, viewer, incident_id)
        detail = await store.detail(connection, found)
    await log.note_restricted(viewer, pool, found.restricts, found.place, f"incident {incident_id}")
    return detail


@get(
    "/v1/incidents/{incident_id:uuid}/entries",
    tags=["incidents"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_entries(
    viewer: Viewer,
    pool: db.Pool,
    incident_id: uuid.UUID,
    after: Annotated[int, Parameter(ge=0, le=2_147_483_647)] = 0,
    limit: Limit = 200,
) -> Log:
    """The log of an incident, in order: who did what, and what it did by itself."""
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await require(connection, viewer, incident_id)
        rows = await store.entries(connection, incident_id, after, limit)
    await log.note_restricted(viewer, pool, found.restricts, found.place, f"log of incident {incident_id}")
    return Log(rows, rows[-1].seq if len(rows) == limit else None)


@get(
    "/v1/incidents/{incident_id:uuid}/preview",
    tags=["incidents"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 429, 503),
)
async def preview_incident(viewer: Viewer, pool: db.Pool, incident_id: uuid.UUID) -> list[Step]:
    """What would happen if nobody did anything: which desk is told when, and whether somebody is there."""
    async with db.snapshot(pool, viewer.reach) as connection:
        await require(connection, viewer, incident_id)
        return await store.preview(connection, incident_id)


@get(
    "/v1/incidents/{incident_id:uuid}/duplicates",
    tags=["incidents"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 429, 503),
)
async def list_duplicates(viewer: Viewer, pool: db.Pool, incident_id: uuid.UUID) -> list[Incident]:
    """Open incidents nearby that may be the same: merge them, or make one a part of the other."""
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await require(connection, viewer, incident_id)
        rows = await store.duplicates(connection, incident_id)
    await log.note_restricted(viewer, pool, found.restricts, found.place, f"duplicates of incident {incident_id}")
    return rows


async def require(connection: db.Connection, viewer: Viewer, incident_id: uuid.UUID) -> Incident:
    """The incident; out of scope answers as what does not exist."""
    found = await store.incident(connection, incident_id)
    if found is None or not viewer.can_see(found.place):
        raise NotFound(f"there is no incident {incident_id} here")
    return found


async def _where(
    connection: db.Connection, viewer: Viewer, operation: int | None, region: str | None
) -> tuple[Operation, str]:
    """The operation, and the region: the one asked for, else the root, else the first of the seat's regions."""
    if region is not None:
        viewer.require_scope(region)
    chosen = await choose_operation(connection, viewer, operation)
    if region is None:
        region = chosen.root_code if viewer.can_see(chosen.root_code) else viewer.regions[0]
    return chosen, region


routes = [list_incidents, list_changes, list_requests, show_incident, list_entries, preview_incident, list_duplicates]
