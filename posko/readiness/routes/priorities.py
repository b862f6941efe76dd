"""Where to go first."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts import log
from posko.accounts.account import OPENS_RECORDS, Viewer
from posko.errors import FieldError, Invalid
from posko.problems import responses
from posko.readiness import store
from posko.readiness.ranking import Priorities
from posko.readiness.routes.asked import Code, OperationId
from posko.regions import store as regions
from posko.regions.routes import choose_operation
from posko.terms import Level

RANKED_LIMIT = 200


@get(
    "/v1/regions/{code:str}/priorities",
    tags=["readiness"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_priorities(
    viewer: Viewer,
    code: Code,
    pool: db.Pool,
    operation: OperationId = None,
    limit: Annotated[int, Parameter(ge=1, le=RANKED_LIMIT)] = 20,
) -> Priorities:
    """The TPS at and below a kota, kabupaten or lower region to go to first, with the reasons; ties by code.

    What is terbatas counts for the cleared alone; asked of a restricted lane, the answer is its operation's.
    """
    viewer.require_scope(code)
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        found = chosen if chosen.restricts is None else await regions.operation(connection, chosen.restricts)
        await regions.place(connection, found.id, code)
        if terms.level_of(code) < Level.kabkota:
            rule = FieldError("$.code", "level", "TPS are ranked within a kota or kabupaten, or lower")
            raise Invalid(rule.message, errors=[rule])
        rows, total, is_restricted = await store.priorities(connection, found.id, code, limit)
    await log.note_restricted(viewer, pool, found.id if is_restricted else None, code, "priorities")
    return Priorities(found.id, found.version, code, total, rows)


routes = [list_priorities]
