"""People and their accounts, for admins within their own seat; supervisors and auditors look."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import Parameter

from posko import db, policy, sheet
from posko.accounts import factor_store, log, people, session_store, store
from posko.accounts.account import KEEPS_ACCOUNTS, OPENS_RECORDS, SEES_ACCOUNTS, Reason, Seat, SeatIn, Viewer
from posko.accounts.people import Person
from posko.accounts.proving import Prover
from posko.accounts.routes.answers import RowId
from posko.accounts.session_store import Running
from posko.accounts.sessions import SessionCache
from posko.accounts.store import Institution, Listed
from posko.errors import AccountUnknown, FieldError, Invalid, NotAllowed
from posko.problems import responses
from posko.tables import TableRefused

PAGE_LIMIT = 200

Name = Annotated[str, Parameter(pattern=r"^[a-z0-9][a-z0-9._-]{1,62}$")]
Search = Annotated[str | None, Parameter(min_length=1, max_length=60, pattern=r"^[^\x00%_\\]+$")]


class AccountPage(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Listed]
    next: str | None


class MadeAccount(msgspec.Struct, frozen=True):
    """A fresh account; the password is shown this once (a system's account has none)."""

    account: Listed
    password: str | None


class Because(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: Reason


class NewPasswordShown(msgspec.Struct, frozen=True):
    """A password that is shown this once."""

    password: str


class Imported(msgspec.Struct, frozen=True):
    """How many accounts a list made."""

    accounts: int


@get("/v1/accounts", tags=["accounts"], opt=policy.read(SEES_ACCOUNTS), responses=responses(401, 403, 422, 429, 503))
async def list_accounts(
    viewer: Viewer,
    pool: db.Pool,
    q: Search = None,
    after: Annotated[str, Parameter(max_length=63, pattern=r"^[a-z0-9._-]*$")] = "",
    limit: Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)] = 50,
) -> AccountPage:
    """Accounts with a seat within yours, by username; `q` looks in usernames and names."""
    async with db.identity(pool) as connection:
        rows = await store.page(connection, viewer, matching=q.lower() if q else None, after=after, limit=limit + 1)
    return AccountPage(rows[:limit], rows[limit - 1].username if len(rows) > limit else None)


@get(
    "/v1/accounts/{username:str}",
    tags=["accounts"],
    opt=policy.read(SEES_ACCOUNTS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def show_account(username: Name, viewer: Viewer, pool: db.Pool) -> Listed:
    """One account."""
    async with db.identity(pool) as connection:
        return await people.seen(connection, viewer, username)


@post(
    "/v1/accounts",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def add_account(data: Person, viewer: Viewer, prover: Prover) -> Response[MadeAccount]:
    """Add a person (or a system) with seats within yours."""
    password = None if data.system else secrets.token_urlsafe(12)
    encoded = None if password is None else await prover.verifier.hash(password)
    async with db.identity(prover.pool) as connection:
        await people.add(connection, viewer, data, encoded)
        made = await people.seen(connection, viewer, data.username)
    return Response(MadeAccount(made, password), status_code=201, headers={"Cache-Control": "no-store"})


@put(
    "/v1/accounts/{username:str}/disabling",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
)
async def disable_account(username: Name, data: Because, viewer: Viewer, pool: db.Pool) -> Listed:
    """Disable an account: its sessions, sockets and devices end within two seconds, everywhere."""
    async with db.identity(pool) as connection:
        found = await people.managed(connection, viewer, username)
        if found.id == viewer.account_id:
            raise NotAllowed("another admin disables you: or else nobody might be left who enables")
        if await store.disable(connection, found.id):
            await log.write(connection, [about(viewer, "account.disable", found, data.reason)])
        return await people.seen(connection, viewer, username)


@delete(
    "/v1/accounts/{username:str}/disabling",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    status_code=200,
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def enable_account(username: Name, viewer: Viewer, pool: db.Pool) -> Listed:
    """Enable an account again; it signs in anew."""
    async with db.identity(pool) as connection:
        found = await people.managed(connection, viewer, username)
        if await store.enable(connection, found.id):
            await log.write(connection, [about(viewer, "account.enable", found)])
        return await people.seen(connection, viewer, username)


@post(
    "/v1/accounts/{username:str}/seats",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
)
async def add_seat(username: Name, data: SeatIn, viewer: Viewer, pool: db.Pool) -> Seat:
    """Give an account another seat, within yours."""
    people.require_grants(viewer, data)
    async with db.identity(pool) as connection:
        found = await people.managed(connection, viewer, username)
        seat = await store.insert_seat(connection, found.id, data, viewer.account_id)
        entry = log.by(
            viewer, "seat.add", subject=username, region=seat.regions[0], detail=f"seat {seat.id}: {seat.role}"
        )
        await log.write(connection, [entry])
    return seat


@delete(
    "/v1/seats/{seat_id:int}",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS),
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def end_seat(seat_id: RowId, viewer: Viewer, pool: db.Pool) -> None:
    """End a seat; what was opened in it ends within two seconds, everywhere."""
    async with db.identity(pool) as connection:
        _, username, seat = await store.seat(connection, seat_id)
        if not all(map(viewer.can_see, seat.regions)) or viewer.operation not in (None, seat.operation):
            raise AccountUnknown("there is no such seat")
        people.require_grants(viewer, seat)
        await store.revoke_seat(connection, seat_id)
        entry = log.by(viewer, "seat.end", subject=username, region=seat.regions[0], detail=f"seat {seat_id}")
        await log.write(connection, [entry])


@put(
    "/v1/accounts/{username:str}/factor-reset",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
)
async def reset_factors(username: Name, data: Because, viewer: Viewer, prover: Prover) -> Response[NewPasswordShown]:
    """A new password for three days, no authenticator app, passkeys or devices, no open QR codes; all sessions end."""
    password = secrets.token_urlsafe(12)
    encoded = await prover.verifier.hash(password)
    async with db.identity(prover.pool) as connection:
        found = await people.managed(connection, viewer, username)
        if found.kind != "person":
            raise NotAllowed("only people have passwords")
        await factor_store.drop_all(connection, found.id)
        await store.set_password(connection, found.id, encoded, must_change=True)
        await log.write(connection, [about(viewer, "account.reset", found, data.reason)])
    return Response(NewPasswordShown(password), status_code=200, headers={"Cache-Control": "no-store"})


@get(
    "/v1/accounts/{username:str}/sessions",
    tags=["accounts"],
    opt=policy.read(SEES_ACCOUNTS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_sessions_of(username: Name, viewer: Viewer, pool: db.Pool) -> list[Running]:
    """The running sessions of an account, the last seen first."""
    async with db.identity(pool) as connection:
        found = await people.seen(connection, viewer, username)
        return await session_store.list_of(connection, found.id)


@delete(
    "/v1/accounts/{username:str}/sessions",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS),
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def end_sessions_of(username: Name, viewer: Viewer, pool: db.Pool, sessions: SessionCache) -> None:
    """End every session of an account, API keys included."""
    async with db.identity(pool) as connection:
        found = await people.managed(connection, viewer, username)
        await store.hold_alone(connection, found.id)
        ended = await session_store.revoke_all(connection, found.id)
        await log.write(connection, [about(viewer, "account.sign_out", found, f"{len(ended)} sessions")])
    sessions.drop(ended)


@post(
    "/v1/accounts/import",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 413, 422, 429, 503),
    request_max_body_size=4 * 1024 * 1024,
)
async def import_accounts(request: Request[Viewer, Any, Any], viewer: Viewer, pool: db.Pool) -> Imported:
    """Add many people from a CSV or XLSX: all of them or none, every bad line named."""
    try:
        found = await asyncio.to_thread(people.parse, await request.body())
        async with db.identity(pool) as connection:
            return Imported(await people.load(connection, viewer, found))
    except TableRefused as refused:
        errors = [FieldError(f"$.rows[{p.line}].{p.column}", p.rule, p.message) for p in refused.problems]
        raise Invalid(refused.detail, errors=errors) from None


@get(
    "/v1/accounts-form.xlsx",
    tags=["accounts"],
    opt=policy.read(KEEPS_ACCOUNTS),
    media_type=sheet.MEDIA_TYPE,
    responses=responses(401, 403, 429, 503),
)
async def show_form(pool: db.Pool) -> Response[bytes]:
    """A workbook to fill in for the import, with what belongs into each column."""
    async with db.identity(pool) as connection:
        codes = [institution.code for institution in await store.institutions(connection)]
    headers = {"Content-Disposition": 'attachment; filename="daftar-orang.xlsx"', "Cache-Control": "no-store"}
    return Response(people.form(codes), media_type=sheet.MEDIA_TYPE, headers=headers)


@get("/v1/institutions", tags=["accounts"], opt=policy.read(OPENS_RECORDS), responses=responses(401, 403, 429, 503))
async def list_institutions(pool: db.Pool) -> list[Institution]:
    """Who sends people to a posko."""
    async with db.identity(pool) as connection:
        return await store.institutions(connection)


def about(viewer: Viewer, action: str, found: Listed, detail: str | None = None) -> log.Entry:
    region = found.seats[0].regions[0] if found.seats else None
    said: dict[str, Any] = {} if region is None else {"region": region}
    return log.by(viewer, action, subject=found.username, detail=detail, **said)


routes = [
    list_accounts,
    show_account,
    add_account,
    import_accounts,
    show_form,
    disable_account,
    enable_account,
    add_seat,
    end_seat,
    reset_factors,
    list_sessions_of,
    end_sessions_of,
    list_institutions,
]
