"""API keys of systems: sessions that last for days, listed and ended like any other."""

from __future__ import annotations

import datetime
from typing import Annotated

import msgspec
from litestar import Response, post
from msgspec import Meta

from posko import db, policy, terms
from posko.accounts import log, opening, people
from posko.accounts.account import KEEPS_ACCOUNTS, Viewer
from posko.accounts.routes.people import Name, about
from posko.config import Settings
from posko.errors import NotAllowed
from posko.problems import responses


class KeyOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An API key to be: what it is for, and how many days it lasts."""

    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=terms.TEXT_PATTERN)]
    days: Annotated[int, Meta(ge=1, le=400)] = 90


class ApiKey(msgspec.Struct, frozen=True):
    """A key; the token is shown this once."""

    id: int
    token: str
    expires_at: datetime.datetime


@post(
    "/v1/accounts/{username:str}/keys",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
)
async def make_key(
    username: Name, data: KeyOrder, viewer: Viewer, pool: db.Pool, settings: Settings
) -> Response[ApiKey]:
    """An API key for a system's account, scoped like its first seat: a session that is listed and ended like any."""
    async with db.identity(pool) as connection:
        found = await people.managed(connection, viewer, username)
        if found.kind != "system":
            raise NotAllowed("only a system has API keys; people sign in")
        session = await opening.open_key(connection, found.id, data.name, data.days, settings)
        await log.write(connection, [about(viewer, "account.key", found, f"session {session.id}: {data.days} days")])
    assert session.token is not None
    made = ApiKey(session.id, session.token, session.expires_at)
    return Response(made, status_code=201, headers={"Cache-Control": "no-store"})


routes = [make_key]
