"""The log of who did what, for those who answer for it."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter
from litestar.response import Stream

from posko import db, policy, terms
from posko.accounts import approval, log
from posko.accounts.account import SEES_ACCOUNTS, Viewer
from posko.accounts.log import LogFilter, LogRow
from posko.problems import responses
from posko.tables import csv_line

PAGE_LIMIT = 500
EXPORT_PAGE = 5_000
EXPORT_LIMIT = 2_000_000
"""Rows in one export."""

Action = Annotated[str | None, Parameter(pattern=r"^[a-z][a-z_.]{2,40}$")]
Name = Annotated[str | None, Parameter(max_length=63, pattern=r"^[a-z0-9 ._-]+$")]
Code = Annotated[str | None, Parameter(pattern=terms.CODE_PATTERN)]
Moment = Annotated[datetime.datetime | None, Parameter()]
Before = Annotated[int | None, Parameter(ge=1, le=2**63 - 1)]


class LogPage(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following (older) page; null on the last."""

    rows: list[LogRow]
    next: int | None


@get("/v1/log", tags=["log"], opt=policy.read(SEES_ACCOUNTS), responses=responses(401, 403, 422, 429, 503))
async def read_log(
    viewer: Viewer,
    pool: db.Pool,
    action: Action = None,
    username: Name = None,
    region: Code = None,
    since: Moment = None,
    until: Moment = None,
    after: Before = None,
    limit: Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)] = 100,
) -> LogPage:
    """Who did what within your reach, the last first."""
    wanted = LogFilter(action, username, region, terms.aware("$.since", since), terms.aware("$.until", until), after)
    async with db.identity(pool) as connection:
        rows = await log.page(connection, viewer, wanted, limit=limit + 1)
    return LogPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


@get(
    "/v1/log.csv",
    tags=["log"],
    opt=policy.read(SEES_ACCOUNTS, step_up=True),
    responses=responses(401, 403, 429, 503),
    media_type="text/csv",
)
async def export_log(viewer: Viewer, pool: db.Pool) -> Stream:
    """The log within your reach as CSV; a second person must have approved it, and it is downloaded once."""
    async with db.identity(pool) as connection:
        spent = await approval.spend_export(connection, viewer)
        entry = log.by(
            viewer, "log.export", operation=spent.operation, region=spent.region, subject=f"approval {spent.id}"
        )
        await log.write(connection, [entry])
    headers = {"Content-Disposition": 'attachment; filename="posko-log.csv"', "Cache-Control": "no-store"}
    return Stream(_lines(viewer, pool, spent.region), media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(viewer: Viewer, pool: db.Pool, region: str) -> AsyncIterator[str]:
    yield csv_line(LogRow.__struct_fields__)
    after: int | None = None
    for _ in range(EXPORT_LIMIT // EXPORT_PAGE):
        async with db.identity(pool) as connection:
            rows = await log.page(connection, viewer, LogFilter(region=region, after=after), limit=EXPORT_PAGE)
        yield "".join(csv_line(msgspec.structs.astuple(row)) for row in rows)
        if len(rows) < EXPORT_PAGE:
            return
        after = rows[-1].id


routes = [read_log, export_log]
