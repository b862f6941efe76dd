"""What explains silence, over HTTP: TPS that are excused, outages over an area."""

from __future__ import annotations

import uuid
from typing import Annotated, TypeAlias

from litestar import delete, get, put
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts import log
from posko.accounts.account import OPENS_RECORDS, SUPERVISES, Viewer
from posko.errors import NotFound
from posko.problems import responses
from posko.regions.routes import choose_operation
from posko.reports.committer import Committed
from posko.silence import store
from posko.silence.silence import Done, Excuse, Excused, Outage, OutageIn

Code: TypeAlias = Annotated[str, Parameter(pattern=terms.CODE_PATTERN)]
MilestoneCode: TypeAlias = Annotated[str, Parameter(pattern=r"^[a-z][a-z_]{1,40}$")]
OperationId: TypeAlias = Annotated[int | None, Parameter(ge=1, le=2_147_483_647)]

_CHANGES = responses(400, 401, 403, 404, 409, 413, 422, 429, 503)


@put(
    "/v1/places/{code:str}/excuses/{milestone:str}",
    tags=["silence"],
    opt=policy.write(SUPERVISES),
    responses=_CHANGES,
)
async def excuse(
    viewer: Viewer, pool: db.Pool, committed: Committed, code: Code, milestone: MilestoneCode, data: Excuse
) -> Excused:
    """The TPS at and below a place need not report a milestone, and why. More than three kelurahan take two persons."""
    terms.refuse_nik("$.reason", data.reason)
    return await _excuse(viewer, pool, committed, (data.operation, code, milestone), data.reason)


@delete(
    "/v1/places/{code:str}/excuses/{milestone:str}",
    tags=["silence"],
    status_code=200,
    opt=policy.write(SUPERVISES),
    responses=_CHANGES,
)
async def withdraw_excuse(
    viewer: Viewer,
    pool: db.Pool,
    committed: Committed,
    code: Code,
    milestone: MilestoneCode,
    operation: OperationId = None,
) -> Excused:
    """They owe it after all."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
    return await _excuse(viewer, pool, committed, (chosen.id, code, milestone), None)


async def _excuse(
    viewer: Viewer, pool: db.Pool, committed: Committed, what: tuple[int, str, str], reason: str | None
) -> Excused:
    operation, code, milestone = what
    viewer.require_scope(code)
    viewer.require_operation(operation, None)
    async with db.transaction(pool, viewer.reach) as connection:
        done, places = await store.excuse(connection, viewer, operation, (code, milestone), reason)
    if done.version is not None:
        committed(operation, done.version, places)
        action = "excuse.give" if reason is not None else "excuse.withdraw"
        entry = log.by(viewer, action, operation=operation, region=code, subject=milestone, detail=reason)
        async with db.identity(pool) as connection:
            await log.write(connection, [entry])
    return done


@get("/v1/outages", tags=["silence"], opt=policy.read(OPENS_RECORDS), responses=responses(401, 403, 404, 422, 429, 503))
async def list_outages(viewer: Viewer, pool: db.Pool, operation: OperationId = None) -> list[Outage]:
    """Outages within your reach, those that stand first; at most 200."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        return await store.outages(connection, chosen.id)


@put("/v1/outages/{outage_id:uuid}", tags=["silence"], opt=policy.write(SUPERVISES), responses=_CHANGES)
async def declare_outage(
    viewer: Viewer, pool: db.Pool, committed: Committed, outage_id: uuid.UUID, data: OutageIn
) -> Done:
    """Declare, under an id that you made, what explains the silence of an area; its alarms climb no further then."""
    terms.refuse_nik("$.reason", data.reason)
    viewer.require_scope(data.place)
    viewer.require_operation(data.operation, None)
    async with db.transaction(pool, viewer.reach) as connection:
        version = await store.declare_outage(connection, viewer, outage_id, data.operation, data)
    committed(data.operation, version, [data.place])
    entry = log.by(
        viewer, "outage.declare", operation=data.operation, region=data.place, subject=data.kind, detail=data.reason
    )
    async with db.identity(pool) as connection:
        await log.write(connection, [entry])
    return Done(version)


@delete(
    "/v1/outages/{outage_id:uuid}",
    tags=["silence"],
    status_code=200,
    opt=policy.write(SUPERVISES),
    responses=_CHANGES,
)
async def end_outage(viewer: Viewer, pool: db.Pool, committed: Committed, outage_id: uuid.UUID) -> Done:
    """It is over."""
    async with db.transaction(pool, viewer.reach) as connection:
        found = await store.outage_place(connection, outage_id)
        if found is None or not viewer.can_see(found[1]):
            raise NotFound(f"there is no outage {outage_id} here")
        version = await store.declare_outage(connection, viewer, outage_id, found[0], None)
    committed(found[0], version, [found[1]])
    entry = log.by(viewer, "outage.end", operation=found[0], region=found[1], subject=str(outage_id))
    async with db.identity(pool) as connection:
        await log.write(connection, [entry])
    return Done(version)


routes = [excuse, withdraw_excuse, list_outages, declare_outage, end_outage]
