"""What an operation decides for itself over HTTP: rules of escalation, categories, the clock of a drill."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from litestar import get, put
from litestar.params import Body, Parameter
from msgspec import Meta

from posko import db, policy, terms
from posko.accounts import log
from posko.accounts.account import EVERYONE, SETS_CLOCK, SUPERVISES, Viewer
from posko.errors import broken
from posko.incidents import rule, store
from posko.incidents.rule import CATEGORIES_LIMIT, RULES_LIMIT, CategoryIn, Rule, Rules, Taxonomy
from posko.problems import responses
from posko.regions.routes import choose_operation
from posko.reports.catalogues import Catalogues
from posko.reports.committer import Committed
from posko.reports.report import Moment
from posko.silence import store as silence
from posko.silence.silence import ClockNow

RowId: TypeAlias = Annotated[int, Parameter(ge=1, le=2_147_483_647)]
Version: TypeAlias = Annotated[
    int | None, Parameter(ge=0, le=2_147_483_647, description="Of the operation's own rules before; 0: it had none")
]

_PATH = "/v1/operations/{operation_id:int}"
_READS = responses(401, 403, 404, 422, 429, 503)
_CHANGES = responses(400, 401, 403, 404, 409, 413, 422, 429, 503)


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What time it is in a drill now, and how many of its seconds pass in one."""

    at: Moment
    speed: Annotated[float, Meta(ge=0, le=100_000)] = 1.0


@get(_PATH + "/rules", tags=["incidents"], opt=policy.read(EVERYONE), responses=_READS)
async def show_rules(viewer: Viewer, pool: db.Pool, operation_id: RowId) -> Rules:
    """Who is told when, in this operation."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation_id)
        return await store.rules(connection, chosen.restricts or chosen.id)


@put(_PATH + "/rules", tags=["incidents"], opt=policy.write(SUPERVISES, step_up=True), responses=_CHANGES)
async def set_rules(
    viewer: Viewer,
    pool: db.Pool,
    operation_id: RowId,
    data: Annotated[list[Rule], Body(min_items=1, max_items=RULES_LIMIT)],
    version: Version = None,
) -> Rules:
    """A new version of the rules, whole. What is climbing goes on by the rule that it began with.

    409 when they were made from another `version` than that of now.
    """
    rows = rule.as_rows(data)
    async with db.transaction(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation_id)
        viewer.require_scope(chosen.root_code)
        await store.set_rules(connection, viewer, chosen.id, rows, version)
        made = await store.rules(connection, chosen.id)
    await _note(viewer, pool, "rules.set", chosen.id, f"version {made.version}, {len(data)} rules")
    return made


@get(_PATH + "/categories", tags=["incidents"], opt=policy.read(EVERYONE), responses=_READS)
async def show_categories(viewer: Viewer, pool: db.Pool, operation_id: RowId) -> Taxonomy:
    """What incidents of this operation can be about, and its stages."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation_id)
        return await store.taxonomy(connection, chosen.restricts or chosen.id)


@put(_PATH + "/categories", tags=["incidents"], opt=policy.write(SUPERVISES, step_up=True), responses=_CHANGES)
async def set_categories(
    viewer: Viewer,
    pool: db.Pool,
    catalogues: Catalogues,
    operation_id: RowId,
    data: Annotated[list[CategoryIn], Body(min_items=1, max_items=CATEGORIES_LIMIT)],
) -> Taxonomy:
    """A new version of the categories, whole. Incidents keep the category that they have."""
    codes = [c.code for c in data]
    for index, code in enumerate(codes):
        if codes.index(code) != index:
            raise broken(f"$[{index}].code", "once", f"{code} is there twice")
        if "." in code and code.partition(".")[0] not in codes:
            raise broken(f"$[{index}].code", "main-category", f"{code} needs {code.partition('.')[0]}")
    async with db.transaction(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation_id)
        viewer.require_scope(chosen.root_code)
        await store.set_categories(connection, viewer, chosen.id, msgspec.json.encode(data).decode())
        made = await store.taxonomy(connection, chosen.id)
    for known in (chosen.id, chosen.restricted_lane):
        if known is not None:  # here at once; in other processes within a second
            await catalogues.reload(known)
    await _note(viewer, pool, "categories.set", chosen.id, f"version {made.version}, {len(data)} categories")
    return made


@get(_PATH + "/clock", tags=["regions"], opt=policy.read(EVERYONE), responses=_READS)
async def show_clock(viewer: Viewer, pool: db.Pool, operation_id: RowId) -> ClockNow:
    """What time it is in an operation: the wall clock, but in a drill that is played at another hour."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation_id)
        return await silence.clock_now(connection, chosen.id)


@put(_PATH + "/clock", tags=["regions"], opt=policy.write(SETS_CLOCK), responses=_CHANGES)
async def set_clock(viewer: Viewer, pool: db.Pool, committed: Committed, operation_id: RowId, data: Clock) -> ClockNow:
    """Play a drill at another hour, or faster; a live operation's clock is the wall clock (409)."""
    terms.require_years("$.at", data.at)
    async with db.transaction(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation_id)
        viewer.require_scope(chosen.root_code)
        version = await store.set_clock(connection, viewer, chosen.id, (data.at, data.speed))
        now = await silence.clock_now(connection, chosen.id)
    committed(chosen.id, version, [])
    said = f"{data.at.isoformat()}, {data.speed:g} x"
    async with db.identity(pool) as connection:
        # Who plays a drill sets it every few seconds, in every pause: the first of each hour is said.
        await log.write_once(connection, log.by(viewer, "clock.set", operation=chosen.id, detail=said))
    return now


async def _note(viewer: Viewer, pool: db.Pool, action: str, operation: int, subject: str) -> None:
    async with db.identity(pool) as connection:
        await log.write(connection, [log.by(viewer, action, operation=operation, subject=subject)])


routes = [show_rules, set_rules, show_categories, set_categories, show_clock, set_clock]
