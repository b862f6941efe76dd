"""Tables and lists as files: CSV for programs, XLSX for people."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Final

from litestar import Response, get
from litestar.di import Provide
from litestar.params import Parameter

from posko import db, policy
from posko.accounts import log
from posko.accounts.account import OPENS_RECORDS, Viewer
from posko.errors import ExportsBusy, broken
from posko.exports import lists
from posko.exports.lists import Ground, Wanted
from posko.exports.rekap import rekap
from posko.exports.table import Table, What, csv_lines
from posko.exports.words import Language, Words, words
from posko.exports.workbook import workbook
from posko.problems import responses
from posko.regions import store as regions
from posko.regions.routes import COUNTER_PATTERN, Code, OperationId, choose_operation
from posko.reports.report import FlagKind, Severity

AT_ONCE: Final = 1
WAITING_LIMIT: Final = 8
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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


async def _wanted(
    what: Annotated[What, Parameter(description="The table of the region, or a list that a number opens to")],
    counter: Annotated[str | None, Parameter(pattern=COUNTER_PATTERN, description="Of `tps`: the number")] = None,
    severity: Annotated[Severity | None, Parameter(description="Of `incident-reports`")] = None,
    kind: Annotated[FlagKind | None, Parameter(description="Of `flags`")] = None,
    sort: Annotated[
        str,
        Parameter(
            pattern=r"^[a-z][a-z_]{1,40}(\.(late|unreported))?$(?!\n)",
            description="Of `rekap`: code, coverage, incidents, flags, alarms, turnout, a milestone or its `.late`",
        ),
    ] = "code",
    descending: Annotated[bool, Parameter(description="Of `rekap`")] = False,
    language: Annotated[Language, Parameter(description="Of the words")] = "id",
) -> Wanted:
    return Wanted(what, counter, severity, kind, sort, descending, language)


@get(
    "/v1/regions/{code:str}/table.csv",
    tags=["exports"],
    summary="A table or list as CSV",
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
    media_type="text/csv",
    dependencies={"wanted": Provide(_wanted)},
)
async def export_csv(
    viewer: Viewer, pool: db.Pool, press: Press, code: Code, wanted: Wanted, operation: OperationId = None
) -> Response[bytes]:
    """The whole of it, of one version. Every row says what it is of; no spreadsheet takes a text for a formula."""
    viewer.require_scope(code)
    async with press.turn():
        table = await _read(viewer, pool, code, wanted, operation)
        return await _file(table, wanted.language, _csv, f"{table.file_name}.csv", "text/csv")


@get(
    "/v1/regions/{code:str}/table.xlsx",
    tags=["exports"],
    summary="A table or list as a workbook",
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
    media_type=XLSX,
    dependencies={"wanted": Provide(_wanted)},
)
async def export_xlsx(
    viewer: Viewer, pool: db.Pool, press: Press, code: Code, wanted: Wanted, operation: OperationId = None
) -> Response[bytes]:
    """The whole of it, of one version, with what it is of above it; nothing in it is a formula or a link."""
    viewer.require_scope(code)
    async with press.turn():
        table = await _read(viewer, pool, code, wanted, operation)
        return await _file(table, wanted.language, workbook, f"{table.file_name}.xlsx", XLSX)


async def _read(viewer: Viewer, pool: db.Pool, code: str, wanted: Wanted, operation: int | None) -> Table:
    async with db.snapshot(pool, viewer.reach) as conn:
        chosen = await choose_operation(conn, viewer, operation)
        place = await regions.place(conn, chosen.id, code)
        ground = Ground(conn, chosen, place, await regions.clock(conn), words(wanted.language))
        table = await _table(ground, wanted)
    said = {"operation": chosen.restricts or chosen.id, "region": code, "restricted": chosen.restricts is not None}
    detail = wanted.counter or wanted.severity or wanted.kind
    async with db.identity(pool) as conn:
        await log.write(conn, [log.by(viewer, "table.export", **said, subject=wanted.what, detail=detail)])
    return table


async def _table(ground: Ground, wanted: Wanted) -> Table:
    if wanted.what == "rekap":
        return await rekap(ground, wanted)
    if wanted.what == "incident-reports":
        return await lists.incident_reports(ground, wanted.severity)
    if wanted.what == "flags":
        return await lists.flags(ground, wanted.kind)
    if wanted.counter is None:
        raise broken("$.counter", "missing", "say which number")
    return await lists.behind(ground, wanted.counter)


def _csv(table: Table, said: Words) -> bytes:
    return "".join(csv_lines(table, said)).encode()


async def _file(
    table: Table, language: Language, write: Callable[[Table, Words], bytes], name: str, media_type: str
) -> Response[bytes]:
    body = await asyncio.to_thread(write, table, words(language))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)


routes = [export_csv, export_xlsx]
