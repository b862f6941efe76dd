"""Signing in and out."""

from __future__ import annotations

from litestar import delete, get, post
from litestar.status_codes import HTTP_201_CREATED

from posko import db
from posko.accounts import sessions, store
from posko.accounts.account import Account, Session, SignIn, Viewer
from posko.accounts.passwords import Verifier
from posko.config import Settings
from posko.errors import NotSignedIn
from posko.problems import responses


@post(
    "/v1/sessions",
    status_code=HTTP_201_CREATED,
    tags=["accounts"],
    opt={"public": True},
    responses=responses(400, 401, 413, 422, 503),
    security=[{}],
)
async def sign_in(data: SignIn, pool: db.Pool, verifier: Verifier, settings: Settings) -> Session:
    """Sign in with name and password; the token is shown this once."""
    with db.translated():
        async with pool.acquire() as connection:
            found = await store.by_username(connection, data.username) if "\0" not in data.username else None
    account, encoded = found if found is not None else (None, None)
    usable = encoded if account is not None and account.disabled_at is None else None
    if not await verifier.verify(usable, data.password) or account is None:
        raise NotSignedIn("name or password is wrong")
    async with db.transaction(pool) as connection:
        return await sessions.open_session(connection, account, hours=settings.session_hours)


@get("/v1/sessions/current", tags=["accounts"], responses=responses(401, 503))
async def who_am_i(viewer: Viewer, pool: db.Pool) -> Account:
    """The signed-in account."""
    async with db.transaction(pool) as connection:
        account = await store.by_id(connection, viewer.account_id)
    if account is None:
        raise NotSignedIn
    return account


@delete("/v1/sessions/current", tags=["accounts"], responses=responses(401, 503))
async def sign_out(viewer: Viewer, pool: db.Pool) -> None:
    """End this session everywhere within a second or two."""
    async with db.transaction(pool) as connection:
        await store.revoke_session(connection, viewer.session_id)


routes = [sign_in, who_am_i, sign_out]
