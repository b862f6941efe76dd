"""The field over HTTP: one question in place of seven. Every part is read by the room that it belongs to."""

from __future__ import annotations

import contextlib
import datetime
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.config.compression import CompressionConfig
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts import opening
from posko.accounts.account import OPENS_RECORDS, Viewer
from posko.directives import store as directives
from posko.directives.routes import INBOX_LIMIT
from posko.errors import PlaceUnknown
from posko.field.field import (
    CHOICES_LIMIT,
    HAVE_PATTERN,
    OPERATIONS_LIMIT,
    Choice,
    Field,
    Telling,
    choice_of,
    tops_of,
    worked_on,
)
from posko.problems import responses
from posko.regions import store as regions
from posko.regions.operation import Operation
from posko.regions.routes import detail_of, operations_of, tps_of
from posko.regions.tps import Tps
from posko.silence import store as silence
from posko.silence.routes import owed_by

_ZIPPED: Final = DefineMiddleware(
    CompressionMiddleware, config=CompressionConfig(backend="gzip", minimum_size=1400, gzip_compress_level=4)
)
"""A phone's first question is answered with 13 KB, a quarter of a second of its line; not every proxy zips."""
_NO_TIME: Final = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@get(
    "/v1/field",
    tags=["field"],
    summary="All that the officer's page asks for",
    # Any session is told of itself; of the work only what the routes of the single parts would open to it.
    opt=policy.own(),
    middleware=[_ZIPPED],
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_field(
    viewer: Viewer,
    pool: db.Pool,
    operation: Annotated[
        int | None, Parameter(ge=1, le=2_147_483_647, description="Worked on until now; only while it is under way")
    ] = None,
    place: Annotated[
        str | None, Parameter(pattern=terms.CODE_PATTERN, description="The TPS worked on; without one the only one")
    ] = None,
    have: Annotated[
        str | None,
        Parameter(pattern=HAVE_PATTERN, max_length=256, description="`marks` of what you have, apart by commas"),
    ] = None,
) -> Field:
    """Session, operations, the operation and the TPS that are worked on and what is known of them, in one snapshot.

    What is asked for and may not be worked on is not refused: another is chosen, or none. A part is left out that you
    have as it is.
    """
    telling = Telling(frozenset((have or "").split(",")))
    async with db.snapshot(pool, viewer.reach) as connection:
        if viewer.must_enrol is None and viewer.role in OPENS_RECORDS:
            await _tell_work(connection, viewer, telling, operation, place)
        await db.go_on_as(connection, db.DatabaseRole.identity)
        session = await opening.describe(connection, viewer)
    if telling.wants("session", session):
        telling.say(session=session)
    return telling.field()


async def _tell_work(
    connection: db.Connection, viewer: Viewer, telling: Telling, wanted: int | None, place: str | None
) -> None:
    choice = choice_of(await operations_of(connection, viewer))
    shown = choice[:OPERATIONS_LIMIT]
    if telling.wants("operations", [_unversioned(o) for o in shown]):
        telling.say(operations=shown)
    chosen = worked_on(choice, wanted, await _today(connection, choice, wanted))
    if chosen is None:
        return
    telling.say(operation=chosen.id)
    if chosen.mode == "drill":
        telling.say(clock=await silence.clock_now(connection, chosen.id))
    # A layout names its counters and contests, and has the same TPS for as long as it lasts.
    if telling.wants("detail", _unversioned(chosen), await regions.milestones(connection, chosen.id)):
        telling.say(detail=await detail_of(connection, chosen))
    tops = tops_of(viewer.regions, chosen.root_code)
    if telling.wants("choices", chosen.id, chosen.layout, tops):
        telling.say(choices=await _choices(connection, chosen, tops, CHOICES_LIMIT))
    tps = await _tps(connection, viewer, chosen, place) or await _only_tps(connection, viewer, chosen, tops)
    if tps is not None:
        await _tell_place(connection, telling, tps)


async def _today(connection: db.Connection, choice: list[Operation], wanted: int | None) -> dict[int, datetime.date]:
    """What day it is in each under way, in its zone and by its clock; of none where there is nothing to choose."""
    under_way = [o for o in choice if o.state == "active"]
    if len(under_way) < 2 or any(o.id == wanted for o in under_way):
        return {}
    return {o.id: _day((await silence.clock_now(connection, o.id)).at, o.root_code) for o in under_way}


def _day(at: datetime.datetime, code: str) -> datetime.date:
    return (at.astimezone(datetime.UTC) + datetime.timedelta(hours=terms.utc_offset_of(code))).date()


async def _tell_place(connection: db.Connection, telling: Telling, tps: Tps) -> None:
    where = (tps.operation, tps.code)
    telling.say(place=tps.code)
    if telling.wants("tps", msgspec.structs.replace(tps, operation_version=0, at=_NO_TIME)):
        telling.say(tps=tps)
    owed = await owed_by(connection, *where)
    if telling.wants("owed", *where, owed.obligations):
        telling.say(owed=owed)
    received = await directives.inbox(connection, *where, None, (None, INBOX_LIMIT))
    if telling.wants("directives", *where, received):
        telling.say(directives=received)


def _unversioned(operation: Operation) -> Operation:
    return msgspec.structs.replace(operation, version=0)


async def _tps(connection: db.Connection, viewer: Viewer, chosen: Operation, code: str | None) -> Tps | None:
    """The TPS, where there is such a one within the seat."""
    if code is not None and viewer.can_see(code):
        with contextlib.suppress(PlaceUnknown):
            return await tps_of(connection, chosen, code)
    return None


async def _only_tps(connection: db.Connection, viewer: Viewer, chosen: Operation, tops: list[str]) -> Tps | None:
    choices = await _choices(connection, chosen, tops, 2)
    return await _tps(connection, viewer, chosen, choices[0].code) if len(choices) == 1 else None


async def _choices(connection: db.Connection, chosen: Operation, tops: list[str], limit: int) -> list[Choice]:
    """The TPS at and below these codes, by the roster's own order."""
    found: list[Choice] = []
    for code in tops:
        if len(found) >= limit:
            break
        if terms.level_of(code) is terms.Level.tps:
            with contextlib.suppress(PlaceUnknown):
                found.append(Choice(code, (await regions.place(connection, chosen.id, code)).name, None))
        else:
            counter = regions.derivation("tps", await regions.slots(connection, chosen.id))
            page = ("", limit - len(found))
            rows = await regions.behind(connection, chosen.id, code, counter, page)
            found += [Choice(row.code, row.name, row.parent_name) for row in rows]
    return found


routes = [show_field]
