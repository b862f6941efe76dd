"""Silence over HTTP: what is owed, alarms, the taps of a piket."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, TypeAlias

import msgspec
from litestar import get, put
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
    Done,
    Duty,
    DutyIn,
    Looked,
    Owed,
    TurnoutHint,
)

PAGE_LIMIT = 500

Code: TypeAlias = Annotated[str, Parameter(pattern=terms.CODE_PATTERN)]
RowId: TypeAlias = Annotated[int, Parameter(ge=1, le=2_147_483_647)]
OperationId: TypeAlias = Annotated[int | None, Parameter(ge=1, le=2_147_483_647)]

_CHANGES = responses(400, 401, 403, 404, 409, 413, 422, 429, 503)


class Alarms(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    operation: int
    version: int
    rows: list[Alarm]
    next: str | None


@get(
    "/v1/tps/{code:str}/obligations",
    tags=["silence"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_obligations(viewer: Viewer, pool: db.Pool, code: Code, operation: OperationId = None) -> Owed:
    """What a TPS owes: each milestone with its absolute hour, made before the day, and how it stands."""
    viewer.require_scope(code)
    async with db.snapshot(pool, viewer.reach) as connection:
        chosen = await choose_operation(connection, viewer, operation)
        await regions.place(connection, chosen.id, code)
        return await owed_by(connection, chosen.id, code)


@get(
    "/v1/regions/{code:str}/turnout",
    tags=["silence"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
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


@get("/v1/alarms", tags=["silence"], opt=policy.read(OPENS_RECORDS), responses=responses(401, 403, 404, 422, 429, 503))
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
async def acknowledge_alarm(
    viewer: Viewer, pool: db.Pool, committed: Committed, alarm_id: uuid.UUID, data: Looked | None = None
) -> Done:
    """Somebody looks into it, and may say what they do: it climbs no further while there is news."""
    said = None if data is None else data.said
    terms.refuse_nik("$.said", said or "")
    async with db.transaction(pool, viewer.reach) as connection:
        place = await store.alarm_place(connection, alarm_id)
        if place is None or not viewer.can_see(place):
            raise NotFound(f"there is no alarm {alarm_id} here")
        version, operation, place = await store.acknowledge(connection, viewer, alarm_id, said)
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
    responses=responses(401, 403, 404, 422, 429, 503),
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
    said = (
        "no more" if data.every_minutes is None else f"every {data.every_minutes} min from {data.first_at.isoformat()}"
    )
    entry = log.by(viewer, "duty.set", operation=chosen.id, subject=f"level {level}", detail=said)
    async with db.identity(pool) as connection:
        await log.write(connection, [entry])
    return owed


async def owed_by(connection: db.Connection, operation: int, code: str) -> Owed:
    """What a TPS owes. Whether there is such a one, and the viewer may see it, has been asked."""
    owed = await store.obligations(connection, operation, code)
    return Owed(operation, code, await store.clock(connection, operation), owed)


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
    list_alarms,
    acknowledge_alarm,
    tap_presence,
    list_duties,
    set_duty,
]
