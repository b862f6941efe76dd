"""What the routes of the room have in common: their parameters, and a list in a body."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import msgspec
from litestar import Request
from litestar.params import Parameter

from posko import db, terms
from posko.accounts import log
from posko.accounts.account import Viewer
from posko.errors import OperationUnknown
from posko.readiness import lists, store
from posko.readiness.store import SetList
from posko.regions import store as regions
from posko.regions.operation import Operation
from posko.regions.routes import choose_operation
from posko.tables import TABLE_TYPES, Problems, TableRefused

T = TypeVar("T", bound=msgspec.Struct)

SETS_LISTS: Final = frozenset({"supervisor", "admin", "system"})
MARKS: Final = frozenset({"petugas", "operator", "supervisor", "admin", "system"})
PAGE_LIMIT: Final = 500

Limit: TypeAlias = Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)]
OperationId: TypeAlias = Annotated[int | None, Parameter(ge=1, le=2_147_483_647)]
RowId: TypeAlias = Annotated[int, Parameter(ge=1, le=2_147_483_647)]
Code: TypeAlias = Annotated[str, Parameter(pattern=terms.CODE_PATTERN)]

Check: TypeAlias = Callable[[db.Connection, int, str, list[tuple[int, T]], Problems], Awaitable[None]]
Set: TypeAlias = Callable[[db.Connection, store.Actor, int, str, list[T]], Awaitable[SetList]]


class Answer(msgspec.Struct, frozen=True):
    """`version` null: it was so already."""

    version: int | None


class ListAnswer(msgspec.Struct, frozen=True):
    """What a new list led to: how many stand on it now, how many were withdrawn."""

    version: int
    standing: int
    withdrawn: int


async def chosen(connection: db.Connection, viewer: Viewer, operation: int | None, code: str) -> Operation:
    """The operation with this region; a restricted lane has no lists, and answers as what does not exist."""
    found = await choose_operation(connection, viewer, operation)
    if found.restricts is not None:
        raise OperationUnknown(f"there is no operation {operation}")
    await regions.place(connection, found.id, code)
    return found


async def take_list(
    request: Request[Viewer, Any, Any],
    viewer: Viewer,
    pool: db.Pool,
    where: tuple[str, int | None],
    how: tuple[type[T], Check[T], Set[T], str],
) -> tuple[int, SetList]:
    """Reads a list out of a body (JSON, or a table), checks it whole, sets it, writes that into the log."""
    code, wanted = where
    struct, check, set_, action = how
    viewer.require_scope(code)
    is_table = request.headers.get("content-type", "").partition(";")[0].strip().lower() in TABLE_TYPES
    body = await request.body()
    problems = Problems()

    def read() -> list[tuple[int, T]]:
        rows = lists.rows_of_table(body, struct, problems) if is_table else lists.rows_of_json(body, problems)
        return lists.read(rows, struct, problems)

    items = await asyncio.to_thread(read)
    async with db.transaction(pool, viewer.reach) as connection:
        operation = await chosen(connection, viewer, wanted, code)
        await check(connection, operation.id, code, items, problems)
        if problems.total:
            lists.as_invalid(TableRefused(problems), table=is_table)
        made = await set_(connection, store.actor(viewer), operation.id, code, [item for _, item in items])
    detail = f"{made.standing} standing, {made.withdrawn} withdrawn"
    async with db.identity(pool) as connection:
        await log.write(connection, [log.by(viewer, action, operation=operation.id, region=code, detail=detail)])
    return operation.id, made
