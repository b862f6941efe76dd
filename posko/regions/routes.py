"""Reading: operations, snapshots of regions, what changed, the places behind a number, one TPS."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

import msgspec
from litestar import get
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts.account import EVERYONE, OPENS_RECORDS, Viewer
from posko.errors import LayoutChanged, OperationUnknown, broken
from posko.problems import responses
from posko.regions import catalogue, preset, store
from posko.regions.operation import Operation, OperationDetail
from posko.regions.region import Changes, Snapshot
from posko.regions.tps import PAGE_LIMIT, BehindPage, Tps

COUNTER_PATTERN: Final = r"^[a-z][a-z0-9_.]{1,99}$"

Code: TypeAlias = Annotated[
    str, Parameter(pattern=terms.CODE_PATTERN, description="Dotted Kemendagri code; `ID` is the nation")
]
OperationId: TypeAlias = Annotated[
    int | None,
    Parameter(ge=1, le=2_147_483_647, description="May be left out while exactly one active operation is in scope"),
]


@get(
    "/v1/operations",
    tags=["regions"],
    summary="Operations in scope",
    opt=policy.read(EVERYONE),
    responses=responses(401, 403, 429, 503),
)
async def list_operations(viewer: Viewer, pool: db.Pool) -> list[Operation]:
    """Every operation whose tree and your scope overlap, by id."""
    async with db.snapshot(pool, viewer.reach) as conn:
        return await operations_of(conn, viewer)


@get(
    "/v1/operations/{operation_id:int}",
    tags=["regions"],
    summary="One operation",
    opt=policy.read(EVERYONE),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_operation(
    viewer: Viewer, pool: db.Pool, operation_id: Annotated[int, Parameter(ge=1, le=2_147_483_647)]
) -> OperationDetail:
    """An operation with its milestones, contests, paslon and the names of its counters, slot by slot."""
    async with db.snapshot(pool, viewer.reach) as conn:
        return await detail_of(conn, await choose_operation(conn, viewer, operation_id))


@get(
    "/v1/regions/{code:str}",
    tags=["regions"],
    summary="Snapshot",
    opt=policy.read(EVERYONE),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_region(viewer: Viewer, pool: db.Pool, code: Code, operation: OperationId = None) -> Snapshot:
    """A region's counters and its children's, all at one version: `counters` = `own` + the sum of the children's."""
    viewer.require_scope(code)
    async with db.snapshot(pool, viewer.reach) as conn:
        chosen = await choose_operation(conn, viewer, operation)
        place = await store.place(conn, chosen.id, code)
        names, rows = await store.rows(conn, place.id)
        return Snapshot(
            operation=chosen.id,
            version=chosen.version,
            layout=chosen.layout,
            at=await store.clock(conn),
            tps_estimated=chosen.tps_estimated,
            names=names,
            counters=list(await store.slots(conn, chosen.id)),
            rows=rows,
        )


@get(
    "/v1/regions/{code:str}/changes",
    tags=["regions"],
    summary="Changes since a version",
    opt=policy.read(EVERYONE),
    responses=responses(401, 403, 404, 409, 422, 429, 503),
)
async def list_changes(
    viewer: Viewer,
    pool: db.Pool,
    code: Code,
    since: Annotated[int, Parameter(ge=0, le=2**63 - 1, description="The version that you have")],
    layout: Annotated[int | None, Parameter(ge=1, le=2**31 - 1, description="The layout that you have")] = None,
    operation: OperationId = None,
) -> Changes:
    """The whole rows of a snapshot that changed after `since`; 409 `layout-changed`: take a snapshot instead."""
    viewer.require_scope(code)
    async with db.snapshot(pool, viewer.reach) as conn:
        chosen = await choose_operation(conn, viewer, operation)
        if layout is not None and layout != chosen.layout:
            raise LayoutChanged(f"operation {chosen.id} has layout {chosen.layout}")
        if since > chosen.version:
            raise broken("$.since", "version-reached", f"operation {chosen.id} is at version {chosen.version}")
        place = await store.place(conn, chosen.id, code)
        _, rows = await store.rows(conn, place.id, since=since)
        at = await store.clock(conn)
    return Changes(operation=chosen.id, since=since, to=chosen.version, layout=chosen.layout, at=at, rows=rows)


@get(
    "/v1/regions/{code:str}/tps",
    tags=["regions"],
    summary="The TPS behind a number",
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_behind(
    viewer: Viewer,
    pool: db.Pool,
    code: Code,
    counter: Annotated[
        str,
        Parameter(
            pattern=COUNTER_PATTERN,
            description="A counter of the operation, `milestone.<code>.unreported` or `uncovered`",
        ),
    ],
    operation: OperationId = None,
    after: Annotated[str | None, Parameter(pattern=terms.CODE_PATTERN, description="`next` of the page before")] = None,
    limit: Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)] = 100,
) -> BehindPage:
    """The exact places behind a number, by code: their values add up to `total`, the number itself."""
    viewer.require_scope(code)
    async with db.snapshot(pool, viewer.reach) as conn:
        chosen = await choose_operation(conn, viewer, operation)
        place = await store.place(conn, chosen.id, code)
        slot, less = store.derivation(counter, await store.slots(conn, chosen.id))
        _, rows = await store.rows(conn, place.id)
        places = await store.behind(conn, chosen.id, code, (slot, less), (after or "", limit + 1))
        at = await store.clock(conn)
    return BehindPage(
        operation=chosen.id,
        version=chosen.version,
        layout=chosen.layout,
        at=at,
        tps_estimated=chosen.tps_estimated,
        code=code,
        counter=counter,
        total=_at(rows[0].counters, slot) - sum(_at(rows[0].counters, s) for s in less),
        places=places[:limit],
        next=places[limit - 1].code if len(places) > limit else None,
    )


@get(
    "/v1/tps/{code:str}",
    tags=["regions"],
    summary="One TPS",
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_tps(viewer: Viewer, pool: db.Pool, code: Code, operation: OperationId = None) -> Tps:
    """A TPS' roster, counters and flags."""
    viewer.require_scope(code)
    async with db.snapshot(pool, viewer.reach) as conn:
        return await tps_of(conn, await choose_operation(conn, viewer, operation), code)


async def operations_of(conn: db.Connection, viewer: Viewer) -> list[Operation]:
    """Every operation in a viewer's scope, by id; no restricted lanes."""
    return [o for o in await store.operations(conn) if o.restricts is None and _is_in_scope(viewer, o)]


async def detail_of(conn: db.Connection, operation: Operation) -> OperationDetail:
    """An operation with its plan and what its layout names."""
    milestones = await store.milestones(conn, operation.id)
    laid_out = await catalogue.load(conn, operation.id)
    if laid_out is None:
        raise OperationUnknown(f"there is no operation {operation.id}")
    contests = list(laid_out.contests.values())
    return OperationDetail(
        **msgspec.structs.asdict(operation),
        milestones=milestones,
        contests=contests,
        contests_published=preset.is_published(operation.root_code, contests),
        counters=list(laid_out.counters),
    )


async def tps_of(conn: db.Connection, operation: Operation, code: str) -> Tps:
    """A TPS of an operation; PlaceUnknown when there is none. Whether the viewer may see it has been asked."""
    flags = await store.flags(conn, operation.id, code)
    return Tps(
        operation=operation.id,
        operation_version=operation.version,
        layout=operation.layout,
        at=await store.clock(conn),
        tps_estimated=operation.tps_estimated,
        flags=[flag for flag in flags if flag.ended_at is None],
        past_flags=[flag for flag in flags if flag.ended_at is not None],
        **await store.tps(conn, operation.id, code),
    )


def _is_in_scope(viewer: Viewer, operation: Operation) -> bool:
    return viewer.overlaps(operation.root_code) and viewer.can_enter(operation.id, operation.restricts)


async def choose_operation(conn: db.Connection, viewer: Viewer, wanted: int | None) -> Operation:
    """The wanted operation, or the only active one; out of scope answers as what does not exist."""
    in_scope = [o for o in await store.operations(conn) if _is_in_scope(viewer, o)]
    if wanted is not None:
        for operation in in_scope:
            if operation.id == wanted:
                return operation
        raise OperationUnknown(f"there is no operation {wanted}")
    ordinary = [o for o in in_scope if o.restricts is None]
    active = [o for o in ordinary if o.state == "active"]
    if len(active) == 1:
        return active[0]
    choice = ", ".join(f"{o.id} ({o.name}, {o.state})" for o in active or ordinary) or "none"
    raise broken("$.operation", "which-operation", f"say which operation: {choice}")


def _at(counters: list[int], slot: int) -> int:
    return counters[slot - 1] if slot <= len(counters) else 0


routes = [list_operations, show_operation, show_region, list_changes, list_behind, show_tps]
