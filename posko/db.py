"""The only speaker of asyncpg: pool, named queries, and the table from SQLSTATE to error."""

from __future__ import annotations

import contextlib
import enum
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import asyncpg
import msgspec

from posko import errors, terms

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:  # only the stubs are generic; Litestar reads these at run time
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool
Record: TypeAlias = asyncpg.Record
S = TypeVar("S", bound=msgspec.Struct)

_HEADER = re.compile(r"^-- name: ([a-z_]+) :(one|many|value|exec)$", re.MULTILINE)


def sql_root() -> Path:
    """Where the SQL lives: inside an installed wheel, or at the top of a checkout."""
    packaged = Path(__file__).parent / "_sql"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "sql"


class Query(msgspec.Struct, frozen=True):
    """A named statement of sql/queries/<room>.sql and how many rows it answers with."""

    name: str
    mode: str
    sql: str


@cache
def queries(room: str) -> Mapping[str, Query]:
    """The named statements of one room; duplicate names refuse to load."""
    text = (sql_root() / "queries" / f"{room}.sql").read_text(encoding="utf-8")
    parts = _HEADER.split(text)[1:]
    found: dict[str, Query] = {}
    for name, mode, sql in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if name in found:
            raise ValueError(f"sql/queries/{room}.sql: {name} is defined twice")
        found[name] = Query(name, mode, sql.strip().rstrip(";"))
    return found


def to_struct(record: Record | Mapping[str, Any], struct: type[S]) -> S:
    """A row as a Struct; the columns carry the Struct's field names."""
    return msgspec.convert(dict(record), struct)


class DatabaseRole(enum.StrEnum):
    """As whom a process speaks to the database: never as the owner of the tables (sql/grants.sql)."""

    app = "posko_app"
    """Sees what the seat of the transaction sees; writes through functions that check the seat."""
    engine = "posko_engine"
    """The hub and the worker: reads every place, writes nothing but through the functions that tell people."""
    identity = "posko_identity"
    """Accounts, sessions and the log of who did what; sees no report."""


class Reach(msgspec.Struct, frozen=True):
    """How far a transaction sees: codes at and below, one operation or all (None), the restricted lane or not."""

    regions: tuple[str, ...]
    operation: int | None
    cleared: bool

    def settings(self) -> str:
        """What puts the second wall in place, as SQL for the statement that begins the transaction."""
        if not all(map(terms.is_code, self.regions)):
            raise ValueError("a reach is made of region codes")
        scope = ",".join('""' if code == terms.NATION else f"{code}." for code in self.regions)
        above = ",".join(f"{code}." for region in self.regions for code in terms.ancestors(region))
        return (
            f"set local posko.scope = '{{{scope}}}'; set local posko.above = '{{{above}}}'; "
            f"set local posko.cleared = '{'on' if self.cleared else 'off'}'; "
            f"set local posko.operation = '{'' if self.operation is None else int(self.operation)}'"
        )


async def open_pool(url: str, *, size: int, statement_timeout_s: float, role: DatabaseRole | None = None) -> Pool:
    """Opens a pool that speaks as `role` (None: as the login itself); a database out of reach is DatabaseDown."""
    as_role = {} if role is None else {"role": role.value}
    with translated():
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            command_timeout=statement_timeout_s,
            init=_prepare_connection,
            reset=_left_clean,
            server_settings={"application_name": "posko", "jit": "off", "timezone": "UTC", **as_role},
        )


async def connect(
    url: str, *, timeout_s: float = 10.0, role: DatabaseRole | None = None
) -> asyncpg.Connection[asyncpg.Record]:
    """One connection outside any pool; `role` as in open_pool."""
    as_role = {} if role is None else {"role": role.value}
    with translated():
        connection = await asyncpg.connect(
            url,
            timeout=timeout_s,
            server_settings={"application_name": "posko", "jit": "off", "timezone": "UTC", **as_role},
        )
    await _prepare_connection(connection)
    return connection


async def _prepare_connection(connection: Any) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=str, decoder=str, schema="pg_catalog", format="text")


async def _left_clean(connection: Any) -> None:
    """In place of asyncpg's `reset all`, a round trip after each use: what is said here is said for one transaction.

    A transaction that was left open, asyncpg itself has rolled back by now.
    """


_BY_SQLSTATE: Final[Mapping[str, type[errors.PoskoError]]] = {
    "PK400": errors.Invalid,
    "PK403": errors.NotAllowed,
    "PK404": errors.OperationUnknown,
    "PK405": errors.PlaceUnknown,
    "PK406": errors.NotFound,
    "PK409": errors.OperationNotActive,
    "PK410": errors.LayoutChanged,
    "PK411": errors.Conflict,
    "PK412": errors.CounterUnknown,
    "PK413": errors.SecondPersonNeeded,
}
_DOWN: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.DiskFullError,
    asyncpg.InternalClientError,
)


def is_down(error: BaseException) -> bool:
    """Whether an error of the driver says that the database is out of reach, not that it refuses what was asked."""
    return isinstance(error, _DOWN)


def _fields(error: asyncpg.PostgresError, message: str) -> list[errors.FieldError]:
    """The field that a function names: its path as the error's detail (`$`: the whole), its rule as the hint.

    The codes that are at fault, apart by spaces, stand where PostgreSQL names a column.
    """
    detail, hint, codes = (getattr(error, name, None) or "" for name in ("detail", "hint", "column_name"))
    return [errors.FieldError(detail, hint or "rule", message, codes.split())] if detail.startswith("$") else []


class translated:
    """Context in which the driver's errors become the house's: down is 503, PKnnn is its class, the rest stays."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, asyncpg.PostgresError) and error.sqlstate in _BY_SQLSTATE:
            message = error.args[0] if error.args else ""
            raise _BY_SQLSTATE[error.sqlstate](message, errors=_fields(error, message)) from error
        if isinstance(error, _DOWN):
            raise errors.DatabaseDown from error


@asynccontextmanager
async def transaction(pool: Pool, reach: Reach | None = None) -> AsyncIterator[Connection]:
    """A connection in one transaction that sees as far as `reach`, committed at the end."""
    async with _begun(pool, "begin", "" if reach is None else reach.settings()) as connection:
        yield connection


@asynccontextmanager
async def snapshot(pool: Pool, reach: Reach | None = None) -> AsyncIterator[Connection]:
    """A connection that reads one consistent version of everything within `reach`."""
    begin = "begin isolation level repeatable read read only"
    async with _begun(pool, begin, "" if reach is None else reach.settings()) as connection:
        yield connection


@asynccontextmanager
async def acting(pool: Pool, role: DatabaseRole) -> AsyncIterator[Connection]:
    """A connection in one transaction that speaks as another role than its pool; committed at the end."""
    async with _begun(pool, "begin", f"set local role {role.value}") as connection:
        yield connection


def identity(pool: Pool) -> AbstractAsyncContextManager[Connection]:
    """A transaction that reads and writes accounts, and nothing else."""
    return acting(pool, DatabaseRole.identity)


async def go_on_as(connection: Connection, role: DatabaseRole) -> None:
    """Speaks as another role until the end of the transaction."""
    await connection.execute(f"set local role {role.value}")


@asynccontextmanager
async def savepoint(connection: Connection) -> AsyncIterator[None]:
    """A part of a transaction that may fail by itself."""
    await connection.execute("savepoint part")
    ending = "rollback to savepoint part"
    try:
        yield
        ending = "release savepoint part"
    finally:
        await connection.execute(ending)


@asynccontextmanager
async def _begun(pool: Pool, begin: str, settings: str) -> AsyncIterator[Connection]:
    # One message begins the transaction and says as whom: the wall costs no round trip, and is never missing.
    with translated():
        async with pool.acquire() as connection:
            await connection.execute(f"{begin}; {settings}")
            try:
                yield connection
                await connection.execute("commit")
            finally:
                if connection.is_in_transaction():
                    with contextlib.suppress(*_DOWN):
                        await connection.execute("rollback")
