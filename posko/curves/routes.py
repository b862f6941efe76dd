"""Reading the curves of a region."""

from __future__ import annotations

import datetime
from typing import Annotated

from litestar import get
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts.account import EVERYONE, Viewer
from posko.curves import store
from posko.curves.curve import COUNTERS_LIMIT, PAGE_LIMIT, Curve, Gap, State
from posko.errors import CounterUnknown, broken
from posko.problems import responses
from posko.regions import store as regions
from posko.regions.operation import Operation
from posko.regions.routes import Code, OperationId, choose_operation

NAMES_PATTERN = r"^[a-z][a-z0-9_.]{1,99}(,[a-z][a-z0-9_.]{1,99})*$(?!\n)"


@get(
    "/v1/regions/{code:str}/curve",
    tags=["regions"],
    summary="Curves",
    opt=policy.read(EVERYONE),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_curve(
    viewer: Viewer,
    pool: db.Pool,
    code: Code,
    counters: Annotated[
        str | None,
        Parameter(
            pattern=NAMES_PATTERN, max_length=4_000, description="Counters, apart by commas; none: all that are kept"
        ),
    ] = None,
    since: Annotated[datetime.datetime | None, Parameter(description="The points after this moment")] = None,
    operation: OperationId = None,
    limit: Annotated[int, Parameter(ge=2, le=PAGE_LIMIT)] = PAGE_LIMIT,
) -> Curve:
    """A region's counters as they were, sample by sample: in every one the children's add up to their parent's."""
    viewer.require_scope(code)
    since = terms.aware("$.since", since)
    async with db.snapshot(pool, viewer.reach) as conn:
        chosen = await choose_operation(conn, viewer, operation)
        place = await regions.place(conn, chosen.id, code)
        state = await store.state(conn, chosen.id)
        if state is None:
            return _unsampled(chosen, code, await regions.clock(conn))
        names = _asked(counters, state)
        places = [state.names.index(name) + 1 for name in names]
        kept = place.level <= state.depth
        points = await store.points(conn, chosen.id, code, since, places, limit) if kept else []
    return Curve(
        operation=chosen.id,
        code=code,
        layout=chosen.layout,
        kept=kept,
        version=state.version,
        sampled_at=state.sampled_at,
        now=state.clock,
        pace_s=state.pace_s,
        counters=names,
        at=[p.at for p in points],
        versions=[p.version for p in points],
        values=[[p.counters[k] for p in points] for k in range(len(names))],
        gaps=[Gap(*pair) for pair in zip(state.gap_from, state.gap_until, strict=True)],
        next=points[-1].at if len(points) == limit else None,
    )


def _asked(counters: str | None, state: State) -> list[str]:
    """The counters that were asked for, each once, in that order; CounterUnknown for one that no curve is kept of."""
    if counters is None:
        return state.names
    names = list(dict.fromkeys(counters.split(",")))
    if len(names) > COUNTERS_LIMIT:
        raise broken("$.counters", "counters-limit", f"at most {COUNTERS_LIMIT} counters at once")
    for name in names:
        if name not in state.names:
            raise CounterUnknown(f"no curve is kept of {name[:80]}")
    return names


def _unsampled(operation: Operation, code: str, now: datetime.datetime) -> Curve:
    return Curve(
        operation=operation.id,
        code=code,
        layout=operation.layout,
        kept=True,
        version=0,
        sampled_at=None,
        now=now,
        pace_s=60.0,
        counters=[],
        at=[],
        versions=[],
        values=[],
        gaps=[],
        next=None,
    )


routes = [show_curve]
