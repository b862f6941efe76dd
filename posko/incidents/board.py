"""What a screen on a wall shows of incidents: nothing to open them by, and nobody's words."""

from __future__ import annotations

import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter

from posko import db, policy
from posko.accounts import log
from posko.accounts.account import EVERYONE, Viewer
from posko.incidents import store
from posko.incidents.incident import Posted
from posko.problems import responses
from posko.regions import store as regions
from posko.regions.routes import Code, OperationId, choose_operation

BOARD_LIMIT = 50
"""Nobody reads more from ten metres."""


class Board(msgspec.Struct, frozen=True):
    """The open incidents of a region; `at` is what time it is in the operation, `speed` how fast that goes."""

    operation: int
    version: int
    at: datetime.datetime
    speed: float
    rows: list[Posted]


@get(
    "/v1/regions/{code:str}/board",
    tags=["incidents"],
    opt=policy.read(EVERYONE),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_board(
    viewer: Viewer,
    pool: db.Pool,
    code: Code,
    operation: OperationId = None,
    limit: Annotated[int, Parameter(ge=1, le=BOARD_LIMIT)] = 12,
) -> Board:
    """Open incidents as a wall shows them: what, how grave, where, since when; no words of anybody, nothing to open."""
    viewer.require_scope(code)
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        place = await regions.place(connection, chosen.id, code)
        rows = await store.board(connection, chosen.id, place.code, limit)
        at, speed = await store.clock(connection, chosen.id)
    await log.note_restricted(viewer, pool, chosen.restricts, code, "incidents")
    return Board(chosen.id, chosen.version, at, speed, rows)


routes = [show_board]
