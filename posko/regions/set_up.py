"""Setting up operations over HTTP, for admins within their seat: a draft, its roster, its day; open, end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Final, TypeAlias

import msgspec
from litestar import delete, get, post, put
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts import log
from posko.accounts.account import KEEPS_ACCOUNTS, Viewer
from posko.accounts.gate import Gate
from posko.errors import NotAllowed, OperationUnknown, PlaceUnknown, StepUpNeeded
from posko.problems import responses
from posko.regions import contests, draft, store
from posko.regions.contests import ContestsIn
from posko.regions.draft import MilestonePlan, OperationIn, SetUp, Workshop
from posko.regions.operation import Milestone, Operation
from posko.regions.published import PresetOffer, Published, PublishedRegion

ONE: Final = "/v1/operations/{operation_id:int}"
_READS: Final = responses(401, 403, 404, 422, 429, 503)
_CHANGES: Final = responses(400, 401, 403, 404, 409, 413, 422, 429, 503)
_ACTS: Final = responses(401, 403, 404, 409, 422, 429, 503)

RowId: TypeAlias = Annotated[int, Parameter(ge=1, le=2_147_483_647)]
MilestoneCode: TypeAlias = Annotated[str, Parameter(pattern=r"^[a-z][a-z_]{1,40}$(?!\n)")]
Committed: TypeAlias = Callable[[int, int, list[str]], None]


@get("/v1/presets", tags=["set-up"], opt=policy.read(KEEPS_ACCOUNTS), responses=responses(401, 403, 429, 503))
async def list_presets(viewer: Viewer, published: Published) -> list[PresetOffer]:
    """Operations that can be made of what is published, within your seat."""
    offers = await asyncio.to_thread(published.presets)
    return [offer for offer in offers if viewer.can_see(offer.root)]


@get("/v1/published-regions/{code:str}", tags=["set-up"], opt=policy.read(KEEPS_ACCOUNTS), responses=_READS)
async def show_published_region(
    viewer: Viewer, published: Published, code: Annotated[str, Parameter(pattern=terms.CODE_PATTERN)]
) -> PublishedRegion:
    """What is published of a region down to the kecamatan: what an operation can be made of."""
    found = await asyncio.to_thread(published.region, code) if viewer.overlaps(code) else None
    if found is None:
        raise PlaceUnknown(f"there is no {code} here")
    return msgspec.structs.replace(found, below=[b for b in found.below if viewer.overlaps(b.code)])


@get("/v1/set-ups", tags=["set-up"], opt=policy.read(KEEPS_ACCOUNTS), responses=responses(401, 403, 429, 503))
async def list_set_ups(viewer: Viewer, pool: db.Pool) -> list[SetUp]:
    """Operations that your seat holds whole, by id, and what each is made of so far."""
    async with db.snapshot(pool, viewer.reach) as conn:
        kept = [o for o in await store.operations(conn) if _keeps(viewer, o)]
        return await draft.made_of(conn, kept)


@post("/v1/operations", tags=["set-up"], opt=policy.write(KEEPS_ACCOUNTS), responses=_CHANGES)
async def make_operation(data: OperationIn, viewer: Viewer, pool: db.Pool, workshop: Workshop) -> SetUp:
    """Make a draft: of a `preset`, with its estimated TPS, or of a `root`, which waits for its roster."""
    new = draft.new_operation(data)
    viewer.require_scope(new.root_code)
    if viewer.operation is not None:
        raise NotAllowed("a seat of one operation makes no others")

    def planned() -> tuple[str, str, str, str | None]:
        made = draft.blueprint(data)
        plan, who = (msgspec.json.encode(rows).decode() for rows in (made.milestones, made.contests))
        return plan, who, draft.encoded_regions(made.regions), draft.encoded_tps(made.tps)

    async with workshop.turn():
        plan = await asyncio.to_thread(planned)
        async with db.transaction(pool, viewer.reach) as conn:
            made = await draft.make(conn, viewer, new, plan)
            found = await kept(conn, viewer, made)
            await note(conn, viewer, "operation.create", found, f"{found.tps} TPS")
    return found


@delete(ONE, tags=["set-up"], opt=policy.write(KEEPS_ACCOUNTS, step_up=True), status_code=204, responses=_ACTS)
async def delete_draft(operation_id: RowId, viewer: Viewer, pool: db.Pool, workshop: Workshop) -> None:
    """Delete a draft with its regions, TPS and plan. What was ever activated stays, and what others have a seat of."""
    async with workshop.turn(), db.transaction(pool, viewer.reach) as conn:
        found = await kept(conn, viewer, operation_id)
        await draft.drop(conn, viewer, operation_id)
        await note(conn, viewer, "operation.delete", found, f"{found.tps} TPS")


@put(ONE + "/milestones/{code:str}", tags=["set-up"], opt=policy.write(KEEPS_ACCOUNTS), responses=_CHANGES)
async def plan_milestone(
    operation_id: RowId,
    code: MilestoneCode,
    data: MilestonePlan,
    viewer: Viewer,
    pool: db.Pool,
    committed: Committed,
    gate: Gate,
) -> list[Milestone]:
    """Edit a milestone, or add one to a draft.

    In an active operation, after a step-up: who is late by it is counted again at once, and reports wait meanwhile.
    """
    async with db.transaction(pool, viewer.reach) as conn:
        found = await kept(conn, viewer, operation_id)
        if found.operation.state == "active" and not gate.is_stepped_up(viewer):
            raise StepUpNeeded
        version = await draft.plan_milestone(conn, viewer, operation_id, code, data)
        plan = await store.milestones(conn, operation_id)
        await note(conn, viewer, "operation.milestone", found, f"{code}: {data.told()}")
    committed(operation_id, version, [])
    return plan


@delete(
    ONE + "/milestones/{code:str}",
    tags=["set-up"],
    opt=policy.write(KEEPS_ACCOUNTS),
    status_code=200,
    responses=_ACTS,
)
async def unplan_milestone(operation_id: RowId, code: MilestoneCode, viewer: Viewer, pool: db.Pool) -> list[Milestone]:
    """Take a milestone out of a draft's day."""
    async with db.transaction(pool, viewer.reach) as conn:
        found = await kept(conn, viewer, operation_id)
        await draft.unplan_milestone(conn, viewer, operation_id, code)
        plan = await store.milestones(conn, operation_id)
        await note(conn, viewer, "operation.milestone_remove", found, code)
    return plan


@put(ONE + "/contests", tags=["set-up"], opt=policy.write(KEEPS_ACCOUNTS), responses=_CHANGES)
async def plan_contests(
    operation_id: RowId, data: ContestsIn, viewer: Viewer, pool: db.Pool, committed: Committed
) -> ContestsIn:
    """Say who stands: all contests of a draft with their paslon, instead of those it had."""
    said = contests.contests_of(data)
    async with db.transaction(pool, viewer.reach) as conn:
        found = await kept(conn, viewer, operation_id)
        version = await draft.plan_contests(conn, viewer, operation_id, said)
        await note(conn, viewer, "operation.contests", found, contests.told(said))
    committed(operation_id, version, [])
    return contests.said_of(said)


@put(ONE + "/activation", tags=["set-up"], opt=policy.write(KEEPS_ACCOUNTS, step_up=True), responses=_ACTS)
async def activate_operation(operation_id: RowId, viewer: Viewer, pool: db.Pool, committed: Committed) -> SetUp:
    """Open a draft for reports; from here its regions, TPS, milestones and contests are fixed, its hours are not."""
    return await _turned(viewer, pool, operation_id, committed, opens=True)


@put(ONE + "/closing", tags=["set-up"], opt=policy.write(KEEPS_ACCOUNTS, step_up=True), responses=_ACTS)
async def close_operation(operation_id: RowId, viewer: Viewer, pool: db.Pool, committed: Committed) -> SetUp:
    """End an operation: it takes no more reports and stays readable. Two persons open it again (`reopen_operation`)."""
    return await _turned(viewer, pool, operation_id, committed, opens=False)


async def _turned(viewer: Viewer, pool: db.Pool, operation: int, committed: Committed, *, opens: bool) -> SetUp:
    async with db.transaction(pool, viewer.reach) as conn:
        await kept(conn, viewer, operation)
        turn = draft.open_operation if opens else draft.end_operation
        version = await turn(conn, viewer, operation)
        found = await kept(conn, viewer, operation)
        await note(conn, viewer, "operation.activate" if opens else "operation.close", found)
    committed(operation, version, [])
    return found


def _keeps(viewer: Viewer, operation: Operation) -> bool:
    return (
        operation.restricts is None
        and viewer.can_see(operation.root_code)
        and viewer.can_enter(operation.id, operation.restricts)
    )


async def kept(conn: db.Connection, viewer: Viewer, wanted: int) -> SetUp:
    """An operation that the viewer's seat holds whole; OperationUnknown otherwise."""
    operation = await store.operation(conn, wanted)
    found = await draft.made_of(conn, [operation]) if _keeps(viewer, operation) else []
    if not found:
        raise OperationUnknown(f"there is no operation {wanted}")
    return found[0]


async def note(conn: db.Connection, viewer: Viewer, action: str, about: SetUp, detail: str | None = None) -> None:
    """The last thing of its transaction: what follows would see accounts and nothing else."""
    at = {"operation": about.operation.id, "region": about.operation.root_code}
    await db.go_on_as(conn, db.DatabaseRole.identity)
    await log.write(conn, [log.by(viewer, action, **at, subject=about.operation.name, detail=detail)])


routes = [
    list_presets,
    show_published_region,
    list_set_ups,
    make_operation,
    delete_draft,
    plan_milestone,
    unplan_milestone,
    plan_contests,
    activate_operation,
    close_operation,
]
