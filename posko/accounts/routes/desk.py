"""Piket over HTTP."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.params import Parameter
from msgspec import Meta

from posko import db, policy, terms
from posko.accounts import desk, log, staffing
from posko.accounts.account import KEEPS_DESK, SEES_DESK, Viewer
from posko.accounts.desk import Desk, Handover, Shift
from posko.accounts.routes.answers import RowId
from posko.accounts.staffing import DeskState, Staffing
from posko.problems import responses

Code = Annotated[str, Parameter(pattern=terms.CODE_PATTERN)]
Operation = Annotated[int, Parameter(ge=1, le=2_147_483_647)]


class Duty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of which operation."""

    operation: Annotated[int, Meta(ge=1, le=2_147_483_647)]


@get(
    "/v1/desks/{code:str}",
    tags=["desk"],
    opt=policy.read(SEES_DESK),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_desk(code: Code, operation: Operation, viewer: Viewer, pool: db.Pool) -> Desk:
    """Who is on duty at the desk of a region, and what is being handed over."""
    async with db.identity(pool) as connection:
        return await desk.desk(connection, viewer, operation, code)


@get(
    "/v1/regions/{code:str}/desks",
    tags=["desk"],
    opt=policy.read(SEES_DESK),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_desks(
    code: Code,
    operation: Operation,
    viewer: Viewer,
    pool: db.Pool,
    level: Annotated[int | None, Parameter(ge=0, le=5)] = None,
    desk_state: Annotated[DeskState | None, Parameter(query="state")] = None,
    after: Annotated[str | None, Parameter(pattern=terms.CODE_PATTERN, description="`next` of the page before")] = None,
    limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
) -> Staffing:
    """Who is on duty at the desks at and below a region; how many desks nobody keeps."""
    wanted = staffing.Wanted(level, desk_state, after or "", limit)
    async with db.identity(pool) as connection:
        return await staffing.staffing(connection, viewer, operation, code, wanted)


@post(
    "/v1/desks/{code:str}/shifts",
    tags=["desk"],
    opt=policy.write(KEEPS_DESK),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def begin_shift(code: Code, data: Duty, viewer: Viewer, pool: db.Pool) -> Shift:
    """Go on duty at a desk."""
    async with db.identity(pool) as connection:
        shift = await desk.begin(connection, viewer, data.operation, code)
        entry = log.by(viewer, "shift.begin", operation=data.operation, region=code, subject=f"shift {shift.id}")
        await log.write(connection, [entry])
    return shift


@put(
    "/v1/shifts/{shift_id:int}/handover",
    tags=["desk"],
    opt=policy.write(KEEPS_DESK),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def hand_over(shift_id: RowId, data: Handover, viewer: Viewer, pool: db.Pool) -> Shift:
    """Hand one's shift over, with a note; the next one acknowledges it."""
    async with db.identity(pool) as connection:
        shift = await desk.hand_over(connection, viewer, shift_id, data)
        await log.write(connection, [log.by(viewer, "shift.hand_over", subject=f"shift {shift_id} to {data.to}")])
    return shift


@put(
    "/v1/shifts/{shift_id:int}/acknowledgement",
    tags=["desk"],
    opt=policy.write(KEEPS_DESK),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def acknowledge(shift_id: RowId, viewer: Viewer, pool: db.Pool) -> Shift:
    """Acknowledge what was handed over, and be on duty from now on."""
    async with db.identity(pool) as connection:
        shift = await desk.acknowledge(connection, viewer, shift_id)
        await log.write(connection, [log.by(viewer, "shift.take_over", subject=f"shift {shift_id}")])
    return shift


routes = [show_desk, list_desks, begin_shift, hand_over, acknowledge]
