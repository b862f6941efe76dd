"""Guards: the list, who has not checked in, checking in and leaving."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, get, put
from litestar.params import Parameter

from posko import db, policy
from posko.accounts.account import OPENS_RECORDS, Viewer
from posko.problems import responses
from posko.readiness import store
from posko.readiness.guard import GuardIn, GuardPage, Places, TpsCode
from posko.readiness.lists import BODY_LIMIT_BYTES
from posko.readiness.routes.asked import (
    MARKS,
    SETS_LISTS,
    Answer,
    Code,
    Limit,
    ListAnswer,
    OperationId,
    RowId,
    chosen,
    take_list,
)
from posko.reports.committer import Committed

CALLS_GUARDS: Final = frozenset({"operator", "supervisor", "admin"})
"""Who sees guards' phones."""
ASKED_LIMIT: Final = 100
"""TPS whose guards are asked for by name: a page of a list."""


@get(
    "/v1/regions/{code:str}/guards",
    tags=["readiness"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_guards(
    viewer: Viewer,
    code: Code,
    pool: db.Pool,
    operation: OperationId = None,
    wanted: Annotated[Literal["all", "not_checked_in"], Parameter(query="state")] = "all",
    tps: Annotated[
        list[TpsCode] | None,
        Parameter(
            min_items=1, max_items=ASKED_LIMIT, description="Only guards of these TPS, and of their TPS only these"
        ),
    ] = None,
    after: Annotated[int | None, Parameter(ge=1, le=2_147_483_647)] = None,
    limit: Limit = 100,
) -> GuardPage:
    """The guards with TPS at or below a region; all, or those who have not checked in at all of these TPS yet.

    `tps`, which may be repeated, asks for some of these TPS alone.
    """
    viewer.require_scope(code)
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await chosen(connection, viewer, operation, code)
        missing = wanted == "not_checked_in"
        rows = await store.guards(connection, found.id, code, missing=missing, tps=tps, after=after, limit=limit)
    if viewer.role not in CALLS_GUARDS:
        rows = [msgspec.structs.replace(row, phone=None) for row in rows]
    return GuardPage(rows, rows[-1].id if len(rows) == limit else None)


@put(
    "/v1/regions/{code:str}/guards",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(SETS_LISTS),
    responses=responses(400, 401, 403, 404, 408, 409, 413, 422, 429, 503),
    request_max_body_size=BODY_LIMIT_BYTES,
)
async def set_guards(
    request: Request[Viewer, Any, Any],
    viewer: Viewer,
    code: Code,
    pool: db.Pool,
    committed: Committed,
    operation: OperationId = None,
) -> ListAnswer:
    """Set the guards of a region, whole: an array of {name, institution, members, tps, username?, phone?}, CSV or XLSX.

    All or nothing, every bad row named. In a table the TPS of one guard are parted by semicolons.
    """
    how = (GuardIn, store.check_guards, store.set_guards, "guards.set")
    number, made = await take_list(request, viewer, pool, (code, operation), how)
    committed(number, made.version, made.places)
    return ListAnswer(made.version, made.standing, made.withdrawn)


async def _check(viewer: Viewer, pool: db.Pool, committed: Committed, guard: int, how: tuple[Places, bool]) -> Answer:
    async with db.transaction(pool, viewer.reach) as connection:
        changed = await store.check_guard(connection, store.actor(viewer), guard, how[0].places, is_in=how[1])
    if changed.version is not None:
        committed(changed.operation, changed.version, changed.places)
    return Answer(changed.version)


@put(
    "/v1/guards/{guard_id:int}/check-in",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(MARKS),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def check_in(guard_id: RowId, data: Places, viewer: Viewer, pool: db.Pool, committed: Committed) -> Answer:
    """A guard is at these TPS, or (without `places`) at all that you may speak for: of your region, or your own."""
    return await _check(viewer, pool, committed, guard_id, (data, True))


@put(
    "/v1/guards/{guard_id:int}/departure",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(MARKS),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def depart(guard_id: RowId, data: Places, viewer: Viewer, pool: db.Pool, committed: Committed) -> Answer:
    """A guard has left these TPS, or (without `places`) all that you may speak for where they had checked in."""
    return await _check(viewer, pool, committed, guard_id, (data, False))


routes = [list_guards, set_guards, check_in, depart]
