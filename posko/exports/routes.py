"""Tables and lists as files: CSV for programs, XLSX for people."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec
from litestar import Response, get
from litestar.di import Provide

from posko import db, policy, sheet
from posko.accounts import log
from posko.accounts.account import OPENS_RECORDS, Viewer
from posko.errors import ExportsBusy
from posko.exports import cases, curves, desks, grid, lists
from posko.exports.lists import Ground
from posko.exports.rekap import rekap
from posko.exports.table import Table, csv_lines
from posko.exports.wanted import Wanted, which_incidents
from posko.exports.wanted import wanted as wanted_of
from posko.exports.words import Language, Words, words
from posko.exports.workbook import workbook
from posko.problems import responses
from posko.regions import store as regions
from posko.regions.routes import Code, OperationId, choose_operation

AT_ONCE: Final = 1
WAITING_LIMIT: Final = 8
OF_HOME: Final = frozenset({"directive-targets", "directive-compliance", "incidents"})
"""Tables whose place is the ordinary operation's, of a lane, too: it has no TPS until something restricted is about it.
They ask for a place by its code alone; others by the node, whose counters are of its own operation's layout."""


class Press:
    """Lets one file at a time be read and made: who exports must not hold up who reports."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One's turn to read and to write; ExportsBusy when others wait already."""
        if self._waiting >= WAITING_LIMIT:
            raise ExportsBusy(retry_after_s=5.0)
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1


_WANTED: Final = {"cases": Provide(which_incidents), "wanted": Provide(wanted_of)}


@get(
    "/v1/regions/{code:str}/table.csv",
    tags=["exports"],
    summary="A table or list as CSV",
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
    media_type="text/csv",
    dependencies=_WANTED,
)
async def export_csv(
    viewer: Viewer, pool: db.Pool, press: Press, code: Code, wanted: Wanted, operation: OperationId = None
) -> Response[bytes]:
    """The whole of it, of one version. Every row says what it is of; no spreadsheet takes a text for a formula."""
    viewer.require_scope(code)
    async with press.turn():
        table = await _read(viewer, pool, code, wanted, operation)
        return await _file(table, wanted.language, _csv, "csv", "text/csv")


@get(
    "/v1/regions/{code:str}/table.xlsx",
    tags=["exports"],
    summary="A table or list as a workbook",
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
    media_type=sheet.MEDIA_TYPE,
    dependencies=_WANTED,
)
async def export_xlsx(
    viewer: Viewer, pool: db.Pool, press: Press, code: Code, wanted: Wanted, operation: OperationId = None
) -> Response[bytes]:
    """The whole of it, of one version, with what it is of above it; nothing in it is a formula or a link."""
    viewer.require_scope(code)
    async with press.turn():
        table = await _read(viewer, pool, code, wanted, operation)
        return await _file(table, wanted.language, workbook, "xlsx", sheet.MEDIA_TYPE)


async def _read(viewer: Viewer, pool: db.Pool, code: str, wanted: Wanted, operation: int | None) -> Table:
    async with db.snapshot(pool, viewer.reach) as conn:
        chosen = await choose_operation(conn, viewer, operation)
        home = chosen.restricts or chosen.id if wanted.what in OF_HOME else chosen.id
        place = await regions.place(conn, home, code)
        ground = Ground(conn, chosen, place, await regions.clock(conn), words(wanted.language))
        table = await _table(ground, viewer, wanted) if wanted.what != "desks" else None
    if table is None:
        # Who is on duty is accounts' to say, and moves no version.
        async with db.identity(pool) as conn:
            table = await desks.desks(msgspec.structs.replace(ground, conn=conn), viewer, wanted)
    said = {"operation": chosen.restricts or chosen.id, "region": code, "restricted": chosen.restricts is not None}
    async with db.identity(pool) as conn:
        await log.write(conn, [log.by(viewer, "table.export", **said, subject=wanted.what, detail=wanted.detail)])
    return table


async def _table(ground: Ground, viewer: Viewer, wanted: Wanted) -> Table:
    if wanted.what in ("directive-targets", "directive-compliance"):
        ordered = desks.targets if wanted.what == "directive-targets" else desks.compliance
        return await ordered(ground, viewer, wanted)
    if wanted.what == "incident-reports":
        return await lists.incident_reports(ground, wanted.severity)
    if wanted.what in ("flags", "flag-history"):
        return await (lists.flags if wanted.what == "flags" else lists.flag_history)(ground, wanted.kind)
    if wanted.what == "tps":
        return await lists.behind(ground, wanted.counter)
    return await _VIEWS[wanted.what](ground, wanted)


_VIEWS: Final = {
    "rekap": rekap,
    "incidents": cases.incidents,
    "alarms": cases.alarms,
    "cells": grid.cells,
    "curves": curves.curves,
}


def _csv(table: Table, said: Words) -> bytes:
    return "".join(csv_lines(table, said)).encode()


async def _file(
    table: Table, language: Language, write: Callable[[Table, Words], bytes], ending: str, media_type: str
) -> Response[bytes]:
    said = words(language)
    body = await asyncio.to_thread(write, table, said)
    headers = {
        "Content-Disposition": f'attachment; filename="{table.file_name(said)}.{ending}"',
        "Cache-Control": "no-store",
    }
    return Response(body, media_type=media_type, headers=headers)


routes = [export_csv, export_xlsx]
