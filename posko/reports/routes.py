"""Reports over HTTP: filing, reading, the timeline of a TPS, what is behind the numbers of incidents and flags."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from litestar import get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Body, Parameter

from posko import db, policy
from posko.accounts import log
from posko.accounts.account import CLEARS_FLAGS, FILES_REPORTS, OPENS_RECORDS, Viewer
from posko.errors import FieldError, Invalid, NotFound, PlaceUnknown, PoskoError, ReportUnknown
from posko.limits import Limits
from posko.problems import responses
from posko.regions.routes import choose_operation
from posko.reports import store
from posko.reports.committer import Committed
from posko.reports.report import FlagKind, Reason, Receipt, ReportIn, ReportItem, Severity

PAGE_LIMIT = 500

Limit = Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)]
OperationId = Annotated[int | None, Parameter(ge=1, le=2_147_483_647)]
Cursor = Annotated[str | None, Parameter(max_length=120, pattern=r"^[0-9A-Za-z._~-]+$")]


class Page(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[store.Report]
    next: str | None


class IncidentPage(msgspec.Struct, frozen=True):
    rows: list[store.IncidentReport]
    next: str | None


class FlagPage(msgspec.Struct, frozen=True):
    rows: list[store.Flag]
    next: str | None


class Clearing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a flag is settled."""

    reason: Reason


class Cleared(msgspec.Struct, frozen=True):
    """`version` null: it was cleared before."""

    version: int | None


_UNREACHED = PoskoError("FastLane answers this before the framework does")


@put(
    "/v1/reports/{report_id:uuid}",
    tags=["reports"],
    status_code=201,
    responses={
        200: ResponseSpec(Receipt, description="The same report again: the same receipt", generate_examples=False),
        **responses(400, 401, 403, 404, 408, 409, 413, 422, 429, 503),
    },
    opt=policy.write(FILES_REPORTS),
)
async def file_report(report_id: uuid.UUID, data: ReportIn) -> Receipt:
    """File one report under the id that the client made (UUIDv7). 201: it is on disk. Send it again when unsure."""
    raise _UNREACHED


@post(
    "/v1/reports",
    tags=["reports"],
    status_code=200,
    opt=policy.write(FILES_REPORTS),
    responses=responses(400, 401, 403, 408, 413, 422, 429, 503),
)
async def file_reports(data: Annotated[list[ReportItem], Body(min_items=1, max_items=256)]) -> list[Receipt]:
    """File up to 256 reports; the answer has one receipt per item, in order. A bad item does not hold up the others."""
    raise _UNREACHED


@get(
    "/v1/reports/{report_id:uuid}",
    tags=["reports"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 429, 503),
)
async def read_report(viewer: Viewer, report_id: uuid.UUID, pool: db.Pool) -> store.Report:
    """One report, as it was filed."""
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await store.report(connection, report_id)
    if found is None or not viewer.can_see(found.place):
        raise ReportUnknown(f"there is no report {report_id} here")
    await log.note_restricted(viewer, pool, found.restricts, found.place, f"report {report_id}")
    return found


@get(
    "/v1/tps/{code:str}/timeline",
    tags=["reports"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def read_timeline(
    viewer: Viewer, code: str, pool: db.Pool, operation: OperationId = None, after: Cursor = None, limit: Limit = 100
) -> Page:
    """All reports of one TPS (or region itself), the last received first."""
    viewer.require_scope(code)
    start = None if after is None else _parse(after, (_bigint, uuid.UUID))
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        await _require_place(connection, chosen.id, code)
        rows = await store.timeline(connection, chosen.id, code, after=start, limit=limit)
    await log.note_restricted(viewer, pool, chosen.restricts, code, "timeline")
    return Page(rows, _cursor(rows[-1].version, rows[-1].id) if len(rows) == limit else None)


@get(
    "/v1/regions/{code:str}/incident-reports",
    tags=["reports"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def read_incidents(
    viewer: Viewer,
    code: str,
    pool: db.Pool,
    operation: OperationId = None,
    severity: Severity | None = None,
    after: Cursor = None,
    limit: Limit = 100,
) -> IncidentPage:
    """The incident reports behind a region's number, by place."""
    viewer.require_scope(code)
    start = None if after is None else _parse(after, (str, uuid.UUID))
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        await _require_place(connection, chosen.id, code)
        rows = await store.incidents(connection, chosen.id, code, severity, start, limit)
    await log.note_restricted(viewer, pool, chosen.restricts, code, "incidents")
    return IncidentPage(rows, _cursor(rows[-1].place, rows[-1].id) if len(rows) == limit else None)


@get(
    "/v1/regions/{code:str}/flags",
    tags=["reports"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def read_flags(
    viewer: Viewer,
    code: str,
    pool: db.Pool,
    operation: OperationId = None,
    kind: FlagKind | None = None,
    after: Cursor = None,
    limit: Limit = 100,
) -> FlagPage:
    """The open flags behind a region's number, by place."""
    viewer.require_scope(code)
    start = None if after is None else _parse(after, (str, str, uuid.UUID))
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        await _require_place(connection, chosen.id, code)
        rows = await store.flags(connection, chosen.id, code, kind, start, limit)
    last = rows[-1] if len(rows) == limit else None
    return FlagPage(rows, None if last is None else _cursor(last.place, last.kind, last.report_id))


@put(
    "/v1/flags/{kind:str}/{report_id:uuid}/clearing",
    tags=["reports"],
    status_code=200,
    opt=policy.write(CLEARS_FLAGS),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def clear_flag(
    viewer: Viewer,
    kind: FlagKind,
    report_id: uuid.UUID,
    data: Clearing,
    pool: db.Pool,
    committed: Committed,
    limits: Limits,
) -> Cleared:
    """Settle a flag, with a reason; it no longer counts for this evidence. Over 20 an hour need a second person."""
    async with db.transaction(pool, viewer.reach) as connection:
        found = await store.flag_place(connection, kind, report_id)
        if found is None or not viewer.can_see(found[1]):
            raise NotFound(f"report {report_id} raises no flag {kind!r} here")
        await limits.take(policy.CLEAR_ALONE, str(viewer.account_id))
        version = await store.clear_flag(connection, kind, report_id, viewer, data.reason)
    if version is not None:
        committed(found[0], version, [found[1]])
        async with db.identity(pool) as connection:
            said = {"operation": found[2] or found[0], "region": found[1], "restricted": found[2] is not None}
            entry = log.by(viewer, "flag.clear", **said, subject=f"{kind} of {report_id}")
            await log.write(connection, [entry])
    return Cleared(version)


async def _require_place(connection: db.Connection, operation: int, code: str) -> None:
    if not await store.place_exists(connection, operation, code):
        raise PlaceUnknown(f"there is no {code} here")


def _cursor(*parts: Any) -> str:
    return "~".join(map(str, parts))


def _bigint(text: str) -> int:
    number = int(text)
    if not 0 <= number < 1 << 63:
        raise ValueError(text)
    return number


def _parse(after: str, parts: tuple[Callable[[str], Any], ...]) -> Any:
    """The keyset position that an earlier page gave as `next`."""
    try:
        return tuple(part(text) for part, text in zip(parts, after.split("~"), strict=True))
    except ValueError:
        rule = FieldError("$.after", "cursor", "use the `next` of the page before")
        raise Invalid("this is not the `next` of an earlier page", errors=[rule]) from None


routes = [file_report, file_reports, read_report, read_timeline, read_incidents, read_flags, clear_flag]
