"""Silence over HTTP: what is owed, excuses, outages, alarms, the taps of a piket."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, TypeAlias

import msgspec
from litestar import delete, get, put
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts import log
from posko.accounts.account import ACTS, EVERYONE, KEEPS_DESK, OPENS_RECORDS, SUPERVISES, Viewer
from posko.errors import FieldError, Invalid, NotAllowed, NotFound, broken
from posko.problems import responses
from posko.regions import store as regions
from posko.regions.routes import choose_operation
from posko.reports.committer import Committed
from posko.silence import store
from posko.silence.silence import (
    Alarm,
    AlarmKind,
    Duty,
    DutyIn,
    Excuse,
    Excused,
    Outage,
    OutageIn,
    Owed,
    TurnoutHint,
)

PAGE_LIMIT = 500

Code: TypeAlias = Annotated[str, Parameter(pattern=terms.CODE_PATTERN)]
MilestoneCode: TypeAlias = Annotated[str, Parameter(pattern=r"^[a-z][a-z_]{1,40}$")]
RowId: TypeAlias = Annotated[int, Parameter(ge=1, le=2_147_483_647)]
OperationId: TypeAlias = Annotated[int | None, Parameter(ge=1, le=2_147_483_647)]

_READS = responses(401, 403, 404, 422, 429, 503)
_CHANGES = responses(400, 401, 403, 404, 409, 413, 422, 429, 503)


class Alarms(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    operation: int
    version: int
    rows: list[Alarm]
    next: str | None


class Done(msgspec.Struct, frozen=True):
    """The operation's version afterwards."""

    version: int


@get("/v1/tps/{code:str}/obligations", tags=["silence"], opt=policy.read(OPENS_RECORDS), responses=_READS)
async def show_obligations(viewer: Viewer, pool: db.Pool, code: Code, operation: OperationId = None) -> Owed:
    """What a TPS owes: each milestone with its absolute hour, made before the day, and how it stands."""
    viewer.require_scope(code)
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        await regions.place(connection, chosen.id, code)
        owed = await store.obligations(connection, chosen.id, code)
        at = await store.clock(connection, chosen.id)
    return Owed(chosen.id, code, at, owed)


@get(
    "/v1/regions/{code:str}/turnout",
    tags=["silence"],
    opt=policy.read(OPENS_RECORDS),
    responses=_READS,
)
async def show_turnout(viewer: Viewer, pool: db.Pool, code: Code, operation: OperationId = None) -> list[TurnoutHint]:
    """Turnout of what lies below a kabkota or less: who has said theirs this hour, and a hint at the whole."""
    viewer.require_scope(code)
    if terms.level_of(code) < terms.Level.kabkota:
        raise broken("$.code", "level", "ask for a kabupaten, kota or less")
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        await regions.place(connection, chosen.id, code)
        return await store.turnout(connection, chosen.id, code)


@put(
    "/v1/places/{code:str}/excuses/{milestone:str}",
    tags=["silence"],
    opt=policy.write(SUPERVISES),
    responses=_CHANGES,
)
async def excuse(
    viewer: Viewer, pool: db.Pool, committed: Committed, code: Code, milestone: MilestoneCode, data: Excuse
) -> Excused:
    """The TPS at and below a place need not report a milestone, and why."""
    terms.refuse_nik("$.reason", data.reason)
    return await _excuse(viewer, pool, committed, (data.operation, code, milestone), data.reason)


@delete(
    "/v1/places/{code:str}/excuses/{milestone:str}",
    tags=["silence"],
    status_code=200,
    opt=policy.write(SUPERVISES),
    responses=_CHANGES,
)
async def withdraw_excuse(
    viewer: Viewer,
    pool: db.Pool,
    committed: Committed,
    code: Code,
    milestone: MilestoneCode,
    operation: OperationId = None,
) -> Excused:
    """They owe it after all."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
    return await _excuse(viewer, pool, committed, (chosen.id, code, milestone), None)


async def _excuse(
    viewer: Viewer, pool: db.Pool, committed: Committed, what: tuple[int, str, str], reason: str | None
) -> Excused:
    operation, code, milestone = what
    viewer.require_scope(code)
    viewer.require_operation(operation, None)
    async with db.transaction(pool, viewer.reach) as connection:
        done, places = await store.excuse(connection, viewer, operation, (code, milestone), reason)
    if done.version is not None:
        committed(operation, done.version, places)
        action = "excuse.give" if reason is not None else "excuse.withdraw"
        await _note(viewer, pool, action, operation=operation, region=code, subject=milestone, detail=reason)
    return done


@get("/v1/outages", tags=["silence"], opt=policy.read(OPENS_RECORDS), responses=_READS)
async def list_outages(viewer: Viewer, pool: db.Pool, operation: OperationId = None) -> list[Outage]:
    """Outages within your reach, those that stand first; at most 200."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        return await store.outages(connection, chosen.id)


@put("/v1/outages/{outage_id:uuid}", tags=["silence"], opt=policy.write(SUPERVISES), responses=_CHANGES)
async def declare_outage(
    viewer: Viewer, pool: db.Pool, committed: Committed, outage_id: uuid.UUID, data: OutageIn
) -> Done:
    """Declare, under an id that you made, what explains the silence of an area; its alarms climb no further then."""
    terms.refuse_nik("$.reason", data.reason)
    viewer.require_scope(data.place)
    viewer.require_operation(data.operation, None)
    async with db.transaction(pool, viewer.reach) as connection:
        version = await store.declare_outage(connection, viewer, outage_id, data.operation, data)
    committed(data.operation, version, [data.place])
    about = {"region": data.place, "subject": data.kind, "detail": data.reason}
    await _note(viewer, pool, "outage.declare", operation=data.operation, **about)
    return Done(version)


@delete(
    "/v1/outages/{outage_id:uuid}",
    tags=["silence"],
    status_code=200,
    opt=policy.write(SUPERVISES),
    responses=_CHANGES,
)
async def end_outage(viewer: Viewer, pool: db.Pool, committed: Committed, outage_id: uuid.UUID) -> Done:
    """It is over."""
    async with db.transaction(pool, viewer.reach) as connection:
        found = await store.outage_place(connection, outage_id)
        if found is None or not viewer.can_see(found[1]):
            raise NotFound(f"there is no outage {outage_id} here")
        version = await store.declare_outage(connection, viewer, outage_id, found[0], None)
    committed(found[0], version, [found[1]])
    await _note(viewer, pool, "outage.end", operation=found[0], region=found[1], subject=str(outage_id))
    return Done(version)


@get("/v1/alarms", tags=["silence"], opt=policy.read(OPENS_RECORDS), responses=_READS)
async def list_alarms(
    viewer: Viewer,
    pool: db.Pool,
    operation: OperationId = None,
    region: Annotated[str | None, Parameter(pattern=terms.CODE_PATTERN)] = None,
    kind: AlarmKind | None = None,
    standing: bool | None = True,
    since: Annotated[int | None, Parameter(ge=0, le=2**63 - 1)] = None,
    after: Annotated[str | None, Parameter(max_length=80, pattern=r"^[0-9A-Za-z.:+~-]+$")] = None,
    limit: Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)] = 100,
) -> Alarms:
    """Alarms at and below a region, the last opened first; `since`: only those that changed after a version."""
    if region is not None:
        viewer.require_scope(region)
    start = (None, None) if after is None else _parse(after)
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        at = region or (chosen.root_code if viewer.can_see(chosen.root_code) else viewer.regions[0])
        rows = await store.alarms(connection, chosen.id, at, (kind, standing, since), (*start, limit))
    last = rows[-1] if len(rows) == limit else None
    next_page = None if last is None else f"{last.opened_at.timestamp():.6f}~{last.id}"
    return Alarms(chosen.id, chosen.version, rows, next_page)


@put("/v1/alarms/{alarm_id:uuid}/acknowledgement", tags=["silence"], opt=policy.write(ACTS), responses=_CHANGES)
async def acknowledge_alarm(viewer: Viewer, pool: db.Pool, committed: Committed, alarm_id: uuid.UUID) -> Done:
    """Somebody looks into it: it climbs no further while there is news."""
    async with db.transaction(pool, viewer.reach) as connection:
        place = await store.alarm_place(connection, alarm_id)
        if place is None or not viewer.can_see(place):
            raise NotFound(f"there is no alarm {alarm_id} here")
        version, operation, place = await store.acknowledge(connection, viewer, alarm_id)
    committed(operation, version, [place])
    return Done(version)


@put(
    "/v1/shifts/{shift_id:int}/presence",
    tags=["desk"],
    status_code=204,
    opt=policy.write(KEEPS_DESK),
    responses=responses(401, 403, 404, 409, 422, 429, 503),
)
async def tap_presence(viewer: Viewer, pool: db.Pool, shift_id: RowId) -> None:
    """Hadir: whoever is on duty is there. Without a tap within the hour the desk counts as left."""
    async with db.identity(pool) as connection:
        if await store.tap_presence(connection, viewer, shift_id) is None:
            raise NotAllowed("this is not your shift, or it has ended")


@get(
    "/v1/operations/{operation_id:int}/duties",
    tags=["silence"],
    opt=policy.read(EVERYONE),
    responses=_READS,
)
async def list_duties(viewer: Viewer, pool: db.Pool, operation_id: RowId) -> list[Duty]:
    """What desks owe again and again, by level."""
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation_id)
        return await store.duties(connection, chosen.id)


@put(
    "/v1/operations/{operation_id:int}/duties/{level:int}",
    tags=["silence"],
    opt=policy.write(SUPERVISES),
    responses=_CHANGES,
)
async def set_duty(
    viewer: Viewer,
    pool: db.Pool,
    operation_id: RowId,
    level: Annotated[int, Parameter(ge=0, le=5)],
    data: DutyIn,
) -> list[Duty]:
    """From when on the desks of a level owe a nihil, and every how many minutes; null: no more."""
    async with db.transaction(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation_id)
        viewer.require_scope(chosen.root_code)
        await store.set_duty(connection, viewer, chosen.id, level, data)
        owed = await store.duties(connection, chosen.id)
    said = msgspec.json.encode(data).decode()
    await _note(viewer, pool, "duty.set", operation=chosen.id, subject=f"level {level}", detail=said)
    return owed


async def _note(viewer: Viewer, pool: db.Pool, action: str, **said: object) -> None:
    async with db.identity(pool) as connection:
        await log.write(connection, [log.by(viewer, action, **said)])


def _parse(after: str) -> tuple[datetime.datetime, uuid.UUID]:
    """The keyset position that an earlier page gave as `next`."""
    try:
        moment, _, alarm_id = after.partition("~")
        return datetime.datetime.fromtimestamp(float(moment), datetime.UTC), uuid.UUID(alarm_id)
    except (ValueError, OverflowError, OSError):
        rule = FieldError("$.after", "cursor", "use the `next` of the page before")
        raise Invalid("this is not the `next` of an earlier page", errors=[rule]) from None


routes = [
    show_obligations,
    show_turnout,
    excuse,
    withdraw_excuse,
    list_outages,
    declare_outage,
    end_outage,
    list_alarms,
    acknowledge_alarm,
    tap_presence,
    list_duties,
    set_duty,
]
