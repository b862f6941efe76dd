"""Teams: the list, who is not briefed or not there, marking one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Request, delete, get, put
from litestar.params import Parameter

from posko import db, policy
from posko.accounts.account import OPENS_RECORDS, Viewer
from posko.errors import FieldError, Invalid
from posko.problems import responses
from posko.readiness import store
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
from posko.readiness.team import Mark, TeamIn, TeamPage
from posko.reports.committer import Committed

Cursor = Annotated[str | None, Parameter(max_length=60, pattern=r"^[0-9A-Z.]+~[0-9]+$")]


@get(
    "/v1/regions/{code:str}/teams",
    tags=["readiness"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_teams(
    viewer: Viewer,
    code: Code,
    pool: db.Pool,
    operation: OperationId = None,
    wanted: Annotated[Literal["all", "not_briefed", "not_present"], Parameter(query="state")] = "all",
    after: Cursor = None,
    limit: Limit = 100,
) -> TeamPage:
    """The teams of the poskos at and below a region, by place; all, or those not briefed or not there yet."""
    viewer.require_scope(code)
    without: dict[str, Mark] = {"not_briefed": "briefing", "not_present": "presence"}
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await chosen(connection, viewer, operation, code)
        rows = await store.teams(
            connection, found.id, code, without=without.get(wanted), after=_position(after), limit=limit
        )
    return TeamPage(rows, f"{rows[-1].place}~{rows[-1].id}" if len(rows) == limit else None)


def _position(after: str | None) -> tuple[str, int] | None:
    if after is None:
        return None
    place, _, team = after.partition("~")
    if int(team) >= 1 << 31:
        rule = FieldError("$.after", "cursor", "use the `next` of the page before")
        raise Invalid("this is not the `next` of an earlier page", errors=[rule])
    return place, int(team)


@put(
    "/v1/regions/{code:str}/teams",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(SETS_LISTS),
    responses=responses(400, 401, 403, 404, 408, 409, 413, 422, 429, 503),
    request_max_body_size=BODY_LIMIT_BYTES,
)
async def set_teams(
    request: Request[Viewer, Any, Any],
    viewer: Viewer,
    code: Code,
    pool: db.Pool,
    committed: Committed,
    operation: OperationId = None,
) -> ListAnswer:
    """Set the teams at and below a region, whole: an array of {place, name, members, institution}, CSV or XLSX.

    All or nothing, every bad row named. Teams that stay keep their marks; those no longer listed are withdrawn.
    """
    how = (TeamIn, store.check_teams, store.set_teams, "teams.set")
    number, made = await take_list(request, viewer, pool, (code, operation), how)
    committed(number, made.version, made.places)
    return ListAnswer(made.version, made.standing, made.withdrawn)


async def _mark(viewer: Viewer, pool: db.Pool, committed: Committed, team: int, mark: tuple[Mark, bool]) -> Answer:
    async with db.transaction(pool, viewer.reach) as connection:
        changed = await store.mark_team(connection, store.actor(viewer), team, mark[0], is_so=mark[1])
    if changed.version is not None:
        committed(changed.operation, changed.version, changed.places)
    return Answer(changed.version)


@put(
    "/v1/teams/{team_id:int}/briefing",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(MARKS),
    responses=responses(400, 401, 403, 404, 409, 422, 429, 503),
)
async def brief_team(team_id: RowId, viewer: Viewer, pool: db.Pool, committed: Committed) -> Answer:
    """A team was briefed (pembekalan)."""
    return await _mark(viewer, pool, committed, team_id, ("briefing", True))


@delete(
    "/v1/teams/{team_id:int}/briefing",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(MARKS),
    responses=responses(401, 403, 404, 409, 422, 429, 503),
)
async def unbrief_team(team_id: RowId, viewer: Viewer, pool: db.Pool, committed: Committed) -> Answer:
    """A team was not briefed after all."""
    return await _mark(viewer, pool, committed, team_id, ("briefing", False))


@put(
    "/v1/teams/{team_id:int}/presence",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(MARKS),
    responses=responses(400, 401, 403, 404, 409, 422, 429, 503),
)
async def present_team(team_id: RowId, viewer: Viewer, pool: db.Pool, committed: Committed) -> Answer:
    """A team is there."""
    return await _mark(viewer, pool, committed, team_id, ("presence", True))


@delete(
    "/v1/teams/{team_id:int}/presence",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(MARKS),
    responses=responses(401, 403, 404, 409, 422, 429, 503),
)
async def absent_team(team_id: RowId, viewer: Viewer, pool: db.Pool, committed: Committed) -> Answer:
    """A team is not there after all."""
    return await _mark(viewer, pool, committed, team_id, ("presence", False))


routes = [list_teams, set_teams, brief_team, unbrief_team, present_team, absent_team]
