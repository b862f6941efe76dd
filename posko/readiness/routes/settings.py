"""What an operation is set to: guards by grade, and how much a reason counts."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import get, put

from posko import db, policy
from posko.accounts import log
from posko.accounts.account import OPENS_RECORDS, Viewer
from posko.errors import FieldError, Invalid, OperationUnknown
from posko.problems import responses
from posko.readiness import store
from posko.readiness.guard import NewPatterns, Patterns
from posko.readiness.ranking import NewWeights, Weights
from posko.readiness.routes.asked import RowId
from posko.regions.routes import choose_operation
from posko.reports.committer import Committed

SETS_RULES = frozenset({"supervisor", "admin"})


async def _operation(connection: db.Connection, viewer: Viewer, operation_id: int) -> int:
    found = await choose_operation(connection, viewer, operation_id)
    if found.restricts is not None:
        raise OperationUnknown(f"there is no operation {operation_id}")
    return found.id


def _require_single(codes: Sequence[str], path: str, name: str) -> None:
    for place, code in enumerate(codes):
        if code in codes[:place]:
            rule = FieldError(f"{path}[{place}].{name}", "ganda", f"{code} is said twice")
            raise Invalid(rule.message, errors=[rule])


async def _note(viewer: Viewer, pool: db.Pool, action: str, operation: int) -> None:
    async with db.identity(pool) as connection:
        await log.write(connection, [log.by(viewer, action, operation=operation)])


@get(
    "/v1/operations/{operation_id:int}/guard-patterns",
    tags=["readiness"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_patterns(operation_id: RowId, viewer: Viewer, pool: db.Pool) -> Patterns:
    """How many guards each grade of the police asks for."""
    async with db.snapshot(pool, viewer.reach) as connection:
        return await store.patterns(connection, await _operation(connection, viewer, operation_id))


@put(
    "/v1/operations/{operation_id:int}/guard-patterns",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(SETS_RULES),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def set_patterns(
    operation_id: RowId,
    data: NewPatterns,
    viewer: Viewer,
    pool: db.Pool,
    committed: Committed,
) -> Patterns:
    """Set them for an operation, whole: a grade that is not among them asks for nobody."""
    _require_single([p.grade for p in data.patterns], "$.patterns", "grade")
    async with db.transaction(pool, viewer.reach) as connection:
        version, places = await store.set_patterns(connection, store.actor(viewer), operation_id, data.patterns)
        now = await store.patterns(connection, operation_id)
    committed(operation_id, version, places)
    await _note(viewer, pool, "guard_patterns.set", operation_id)
    return now


@get(
    "/v1/operations/{operation_id:int}/priority-weights",
    tags=["readiness"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_weights(operation_id: RowId, viewer: Viewer, pool: db.Pool) -> Weights:
    """How much each signal counts when TPS are ranked."""
    async with db.snapshot(pool, viewer.reach) as connection:
        return await store.weights(connection, await _operation(connection, viewer, operation_id))


@put(
    "/v1/operations/{operation_id:int}/priority-weights",
    tags=["readiness"],
    status_code=200,
    opt=policy.write(SETS_RULES),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def set_weights(
    operation_id: RowId,
    data: NewWeights,
    viewer: Viewer,
    pool: db.Pool,
) -> Weights:
    """Set them for an operation; a signal that is not among them counts as by default."""
    _require_single([w.code for w in data.weights], "$.weights", "code")
    for place, weight in enumerate(data.weights):
        if weight.most < weight.points:
            rule = FieldError(f"$.weights[{place}].most", "batas", "at least as much as `points`")
            raise Invalid("a signal adds at most less than once", errors=[rule])
    async with db.transaction(pool, viewer.reach) as connection:
        await store.set_weights(connection, store.actor(viewer), operation_id, data.weights)
        now = await store.weights(connection, operation_id)
    await _note(viewer, pool, "priority_weights.set", operation_id)
    return now


routes = [show_patterns, set_patterns, show_weights, set_weights]
