"""The roster of an operation that is being set up, as a file: in, whole or not at all, and out again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response, get, put

from posko import db, policy, sheet
from posko.accounts.account import KEEPS_ACCOUNTS, Viewer
from posko.errors import BodyTooSlow, Conflict, FieldError, Invalid
from posko.problems import responses
from posko.regions import draft, roster, store
from posko.regions.draft import ROSTER_LIMIT_BYTES, ROSTER_LIMIT_TPS, SetUp, Workshop
from posko.regions.operation import Operation
from posko.regions.set_up import ONE, RowId, kept, note
from posko.regions.tps import TpsIn
from posko.tables import TableRefused

BODY_S: Final = 120.0
PAGE: Final = 5_000


@put(
    ONE + "/roster",
    tags=["set-up"],
    opt=policy.write(KEEPS_ACCOUNTS),
    request_max_body_size=ROSTER_LIMIT_BYTES,
    responses=responses(400, 401, 403, 404, 408, 409, 413, 422, 429, 503),
)
async def replace_roster(
    request: Request[Viewer, Any, Any], operation_id: RowId, viewer: Viewer, pool: db.Pool, workshop: Workshop
) -> SetUp:
    """Replace a draft's TPS by a CSV or XLSX: all or nothing, every bad line named. At most 12 MiB and 100,000 TPS."""
    async with db.snapshot(pool, viewer.reach) as conn:
        _require_draft((await kept(conn, viewer, operation_id)).operation)
        places = await store.tps_parents(conn, operation_id)
    # The place before the body: else any number of rosters would wait in memory.
    async with workshop.place() as turn:
        data = await _body(request)
        async with turn:
            try:
                rows = await asyncio.to_thread(lambda: draft.encoded_tps(draft.parsed_roster(data, places)))
            except TableRefused as refused:
                errors = [FieldError(f"$.rows[{p.line}].{p.column}", p.rule, p.message) for p in refused.problems]
                raise Invalid(refused.detail, errors=errors) from None
            async with db.transaction(pool, viewer.reach) as conn:
                await draft.replace_roster(conn, viewer, operation_id, rows)
                found = await kept(conn, viewer, operation_id)
                await note(conn, viewer, "operation.roster", found, f"{found.tps} TPS")
    return found


@get(
    ONE + "/roster.csv",
    tags=["set-up"],
    opt=policy.read(KEEPS_ACCOUNTS),
    media_type="text/csv",
    responses=responses(401, 403, 404, 409, 422, 429, 503),
)
async def export_roster(operation_id: RowId, viewer: Viewer, pool: db.Pool, workshop: Workshop) -> Response[bytes]:
    """The TPS as the CSV that `PUT .../roster` takes back, at most 100,000; without any, a form of it to fill in."""
    return await _exported(viewer, pool, operation_id, workshop, (roster.as_csv, "csv", "text/csv"))


@get(
    ONE + "/roster.xlsx",
    tags=["set-up"],
    opt=policy.read(KEEPS_ACCOUNTS),
    media_type=sheet.MEDIA_TYPE,
    responses=responses(401, 403, 404, 409, 422, 429, 503),
)
async def export_workbook(operation_id: RowId, viewer: Viewer, pool: db.Pool, workshop: Workshop) -> Response[bytes]:
    """The same as a workbook, which `PUT .../roster` takes back as well."""
    return await _exported(viewer, pool, operation_id, workshop, (roster.as_workbook, "xlsx", sheet.MEDIA_TYPE))


async def _exported(
    viewer: Viewer,
    pool: db.Pool,
    operation_id: int,
    workshop: Workshop,
    how: tuple[Callable[[list[TpsIn]], bytes], str, str],
) -> Response[bytes]:
    made_of, ending, media_type = how
    rows: list[TpsIn] = []
    async with workshop.turn():
        async with db.snapshot(pool, viewer.reach) as conn:
            found = await kept(conn, viewer, operation_id)
            if found.tps > ROSTER_LIMIT_TPS:
                raise Conflict(f"{found.tps} TPS are more than {ROSTER_LIMIT_TPS}: use `posko roster export`")
            after = ""
            while page := await store.roster_page(conn, operation_id, after, PAGE):
                rows += page
                after = page[-1].code
            if not rows:
                rows = draft.sample_roster(await store.tps_parents(conn, operation_id))
        data = await asyncio.to_thread(made_of, rows)
    async with db.identity(pool) as conn:
        await note(conn, viewer, "operation.roster_export", found, f"{found.tps} TPS")
    headers = {
        "Content-Disposition": f'attachment; filename="daftar-tps-{operation_id}.{ending}"',
        "Cache-Control": "no-store",
    }
    return Response(data, media_type=media_type, headers=headers)


async def _body(request: Request[Viewer, Any, Any]) -> bytes:
    try:
        async with asyncio.timeout(BODY_S):
            return await request.body()
    except TimeoutError:
        raise BodyTooSlow(f"within {BODY_S:g} s") from None


def _require_draft(operation: Operation) -> None:
    if operation.state != "draft":
        raise Conflict(f"operation {operation.id} is {operation.state}: its TPS are fixed")


routes = [replace_roster, export_roster, export_workbook]
