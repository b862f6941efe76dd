"""The two-person rule over HTTP, and what it lets happen: voiding, reopening, clearing many flags, exporting logs."""

from __future__ import annotations

import secrets
import uuid
from typing import Annotated, Any, Literal

import msgspec
from litestar import get, post, put
from litestar.params import Parameter
from msgspec import Meta

from posko import db, policy, terms
from posko.accounts import approval, log
from posko.accounts.account import (
    ACTS,
    APPROVES,
    ASKS_APPROVAL,
    CLEARS_FLAGS,
    FILES_REPORTS,
    SUPERVISES,
    Reason,
    Viewer,
)
from posko.accounts.approval import Approval, Decision, Kind, Wanted
from posko.errors import (
    Conflict,
    Invalid,
    LayoutChanged,
    NotFound,
    PlaceUnknown,
    Refused,
    ReportUnknown,
    TooMany,
    broken,
)
from posko.ids import RANDOM_BITS, uuid7
from posko.incidents import store as incidents
from posko.incidents.incident import Told
from posko.problems import responses
from posko.regions import store as regions
from posko.regions.operation import Operation
from posko.regions.routes import choose_operation
from posko.reports import store
from posko.reports.committer import Committed
from posko.reports.intake import Intake
from posko.reports.report import Correction, FlagKind, ReportIn
from posko.silence import store as silence

FLAGS_LIMIT = 500
"""Flags in one request."""

RowId = Annotated[int, Parameter(ge=1, le=2_147_483_647)]


class FlagName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One flag: its kind, and the report that raises it."""

    kind: FlagKind
    report: uuid.UUID


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a second person is asked to approve: a `report` or `incident` to void, `flags` to clear ...

    `excuse`: that the TPS at and below `region` need not report a `milestone`.
    """

    kind: Kind
    operation: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    reason: Reason
    report: uuid.UUID | None = None
    incident: uuid.UUID | None = None
    flags: Annotated[list[FlagName], Meta(max_length=FLAGS_LIMIT)] = []
    region: Annotated[str, Meta(pattern=terms.CODE_PATTERN)] | None = None
    milestone: Annotated[str, Meta(pattern=r"^[a-z][a-z_]{1,40}$")] | None = None


@post(
    "/v1/approvals",
    tags=["approvals"],
    opt=policy.write(ASKS_APPROVAL),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def ask(data: Request, viewer: Viewer, pool: db.Pool) -> Approval:
    """Ask a second person; within a day somebody else decides."""
    wanted = await _wanted(data, viewer, pool)
    async with db.identity(pool) as connection:
        made = await approval.request(connection, viewer, wanted)
        await log.write(connection, [_entry(viewer, "approval.ask", made)])
    return made


async def _wanted(data: Request, viewer: Viewer, pool: db.Pool) -> Wanted:
    """The request with the place that it is about; what is out of scope answers as what does not exist."""
    async with db.snapshot(pool, viewer.reach) as connection:
        operation = await choose_operation(connection, viewer, data.operation)
        match data.kind:
            case "void_report":
                viewer.require_role(FILES_REPORTS)
                place, details = await _of_report(connection, data, viewer)
            case "void_incident":
                viewer.require_role(ACTS)
                place, details = await _of_incident(connection, data, viewer)
            case "clear_flags":
                viewer.require_role(CLEARS_FLAGS)
                place, details = await _of_flags(connection, data, viewer)
            case "reopen_operation":
                viewer.require_role(APPROVES)
                viewer.require_scope(operation.root_code)
                if operation.state != "closed":
                    raise Conflict(f"operation {operation.id} is {operation.state}")
                place, details = operation.root_code, {}
            case "excuse":
                viewer.require_role(SUPERVISES)
                place, details = _of_excuse(data, viewer, operation)
                if not await approval.place_exists(connection, operation.id, place):
                    raise PlaceUnknown(f"there is no {place} here")
            case "export_log":
                place, details = data.region or viewer.regions[0], {}
                viewer.require_scope(place)
    return Wanted(data.kind, operation.id, place, details, data.reason)


async def _of_report(connection: db.Connection, data: Request, viewer: Viewer) -> tuple[str, dict[str, Any]]:
    if data.report is None:
        raise _missing("$.report", "say which report")
    found = await store.report(connection, data.report)
    if found is None or found.operation != data.operation or not viewer.can_see(found.place):
        raise ReportUnknown(f"there is no report {data.report} in operation {data.operation}")
    # The id of the withdrawal is made now: carrying it out twice files it once.
    withdrawal = uuid7(int(found.received_at.timestamp() * 1000), secrets.randbits(RANDOM_BITS))
    return found.place, {"report": str(found.id), "withdrawal": str(withdrawal)}


async def _of_incident(connection: db.Connection, data: Request, viewer: Viewer) -> tuple[str, dict[str, Any]]:
    if data.incident is None:
        raise _missing("$.incident", "say which incident")
    found = await incidents.incident(connection, data.incident)
    if found is None or found.operation != data.operation or not viewer.can_see(found.place):
        raise NotFound(f"there is no incident {data.incident} in operation {data.operation}")
    return found.place, {"incident": str(found.id)}


async def _of_flags(connection: db.Connection, data: Request, viewer: Viewer) -> tuple[str, dict[str, Any]]:
    if not data.flags:
        raise _missing("$.flags", "say which flags")
    places = []
    for flag in data.flags:
        found = await store.flag_place(connection, flag.kind, flag.report)
        if found is None or found[0] != data.operation or not viewer.can_see(found[1]):
            raise NotFound(f"report {flag.report} raises no flag {flag.kind!r} here")
        places.append(found[1])
    region = data.region or next(r for r in viewer.regions if all(terms.contains(r, p) for p in places[:1]))
    viewer.require_scope(region)
    if not all(terms.contains(region, place) for place in places):
        raise _missing("$.region", "the flags lie in several regions: say which region holds them all")
    return region, {"flags": [[f.kind, str(f.report)] for f in data.flags]}


def _of_excuse(data: Request, viewer: Viewer, operation: Operation) -> tuple[str, dict[str, Any]]:
    if data.region is None or data.milestone is None:
        raise _missing("$.region" if data.region is None else "$.milestone", "say where, and which milestone")
    terms.refuse_nik("$.reason", data.reason)
    viewer.require_scope(data.region)
    if operation.restricts is not None:
        raise Conflict("nothing is owed in a restricted lane")
    return data.region, {"milestone": data.milestone}


def _missing(path: str, message: str) -> Invalid:
    return broken(path, "missing", message)


@get("/v1/approvals", tags=["approvals"], opt=policy.read(ASKS_APPROVAL), responses=responses(401, 403, 422, 429, 503))
async def list_approvals(
    viewer: Viewer,
    pool: db.Pool,
    wanted: Annotated[Literal["open", "all"], Parameter(query="state")] = "open",
) -> list[Approval]:
    """Requests about places within your reach, the last first, at most 200."""
    async with db.identity(pool) as connection:
        return await approval.page(connection, viewer, state=wanted)


@put(
    "/v1/approvals/{approval_id:int}/decision",
    tags=["approvals"],
    opt=policy.write(APPROVES, step_up=True),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def decide(
    approval_id: RowId, data: Decision, viewer: Viewer, pool: db.Pool, intake: Intake, committed: Committed
) -> Approval:
    """Decide a request of somebody else's. What is approved is done at once; say it again if it was cut short.

    Where it cannot be done any more, the answer is that refusal, and the request ends with it as its `failed_why`.
    """
    async with db.identity(pool) as connection:
        decided = await approval.decide(connection, viewer, approval_id, data)
        await log.write(connection, [_entry(viewer, f"approval.{decided.decision}", decided)])
    if decided.decision == "approved" and decided.used_at is None and decided.failed_at is None:
        try:
            await _carry_out(decided, pool, intake, committed)
        except Refused as refused:
            if not isinstance(refused, TooMany | LayoutChanged):
                async with db.identity(pool) as connection:
                    await approval.fail(connection, approval_id, str(refused))
                    await log.write(connection, [_entry(viewer, "approval.failed", decided)])
            raise
    async with db.identity(pool) as connection:
        return await approval.one(connection, viewer, approval_id)


async def _carry_out(approved: Approval, pool: db.Pool, intake: Intake, committed: Committed) -> None:
    if approved.kind == "export_log":
        return  # used by the download
    async with db.identity(pool) as connection:
        asker = await approval.requester(connection, approved.id)
    if approved.kind == "reopen_operation":
        async with db.transaction(pool, asker.reach) as connection:
            await store.reopen(connection, approved.id)
        return
    if approved.kind == "void_incident":
        # Marks the approval as used in the same transaction.
        async with db.transaction(pool, asker.reach) as connection:
            incident = uuid.UUID(approved.details["incident"])
            version, operation, places, _ = await incidents.act(
                connection, asker, incident, "void", Told(said=approved.reason), {"approval": approved.id}
            )
        committed(operation, version, places)
        return
    if approved.kind == "excuse":
        where = (approved.region, approved.details["milestone"])
        async with db.transaction(pool, asker.reach) as connection:
            done, places = await silence.excuse(
                connection, asker, approved.operation, where, approved.reason, approval=approved.id
            )
        if done.version is not None:
            committed(approved.operation, done.version, places)
        return
    if approved.kind == "void_report":
        await _void(approved, asker, pool, intake)
    else:
        for version, place in await _clear(approved, asker, pool):
            committed(approved.operation, version, [place])
    async with db.identity(pool) as connection:
        await approval.use(connection, approved.id)


async def _clear(approved: Approval, asker: Viewer, pool: db.Pool) -> list[tuple[int, str]]:
    """Versions and places to ring for after the commit: who looks before sees nothing, and is not rung for again."""
    cleared = []
    async with db.transaction(pool, asker.reach) as connection:
        for kind, report in approved.details["flags"]:
            place = await store.flag_place(connection, kind, uuid.UUID(report))
            if place is None:  # settled by itself meanwhile
                continue
            version = await store.clear_flag(connection, kind, uuid.UUID(report), asker, approved.reason)
            if version is not None:
                cleared.append((version, place[1]))
    return cleared


async def _void(approved: Approval, asker: Viewer, pool: db.Pool, intake: Intake) -> None:
    async with db.snapshot(pool, asker.reach) as connection:
        operation = await regions.operation(connection, approved.operation)
    await intake.file_one(
        asker,
        uuid.UUID(approved.details["withdrawal"]),
        ReportIn(
            operation=operation.restricts or operation.id,
            place=approved.region,
            observed_at=approved.requested_at,
            content=Correction(of=uuid.UUID(approved.details["report"]), reason=approved.reason),
            channel="desk",
            restricted=operation.restricts is not None,
        ),
    )


def _entry(viewer: Viewer, action: str, about: Approval) -> log.Entry:
    subject = f"approval {about.id}: {about.kind}"
    operation, restricted = about.restricts or about.operation, about.restricts is not None
    said = {"operation": operation, "region": about.region, "restricted": restricted, "subject": subject}
    return log.by(viewer, action, **said)


routes = [ask, list_approvals, decide]
