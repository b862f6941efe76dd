"""Signing in, and out."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, post
from msgspec import Meta

from posko import db, policy, terms
from posko.accounts import (
    factor_store,
    known_browser,
    log,
    opening,
    session_store,
)
from posko.accounts.account import Password, Session, Viewer
from posko.accounts.gate import Gate
from posko.accounts.known_browser import KnownBrowser
from posko.accounts.opening import Caller, Proof
from posko.accounts.proving import Prover
from posko.accounts.routes.answers import answer, gone_cookie
from posko.accounts.sessions import SessionCache
from posko.config import Settings
from posko.errors import NotSignedIn
from posko.problems import responses

SeatId = Annotated[int, Meta(ge=1, le=2_147_483_647)]
Code = Annotated[str, Meta(min_length=1, max_length=16)]
Pin = Annotated[str, Meta(min_length=1, max_length=16)]
Signature = Annotated[str, Meta(min_length=1, max_length=128)]
DeviceName = Annotated[str, Meta(min_length=1, max_length=60, pattern=terms.TEXT_PATTERN)]
DeviceId = Annotated[int, Meta(ge=1, le=2_147_483_647)]


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name, password and, where the account has one, the code of its authenticator app; `cookie` for pages."""

    username: Annotated[str, Meta(min_length=1, max_length=63)]
    password: Password
    totp: Code | None = None
    seat: SeatId | None = None
    cookie: bool = False


class PasskeySignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passkey's signature of a challenge, as the browser gives it."""

    challenge: uuid.UUID
    credential: dict[str, Any]
    seat: SeatId | None = None
    cookie: bool = False


class PasskeyOptions(msgspec.Struct, frozen=True):
    """What the browser's credential API is to be called with; `challenge` is sent back with its answer."""

    challenge: uuid.UUID
    options: dict[str, Any]


async def open_for(
    request: Request[Any, Any, Any],
    proof: Proof,
    how: tuple[Prover, Settings, KnownBrowser],
    *,
    seat: int | None,
    cookie: bool,
) -> Response[Session]:
    prover, settings, known = how
    caller: Caller = request.state.caller
    async with db.identity(prover.pool) as connection:
        if proof.account.kind == "break_glass":
            await opening.spend_break_glass(connection, proof.account)
        session = await opening.open_session(connection, proof, caller, settings, seat=seat)
        entry = entry_of("session.open", proof, session, caller)
        await log.write(connection, [entry])
        if proof.account.kind == "break_glass":
            await opening.alarm_break_glass(connection, session, caller)
    remembered = known.with_name(request.cookies.get(known_browser.COOKIE), proof.account.username)
    return answer(session, by_cookie=cookie, status=201, known=remembered)


def entry_of(action: str, proof: Proof, session: Session, caller: Caller) -> log.Entry:
    seat = session.seat
    return log.Entry(
        action=action,
        account_id=proof.account.id,
        role=None if seat is None else seat.role,
        session_id=session.id,
        region=None if seat is None else seat.regions[0],
        detail="+".join(proof.factors),
        address=caller.address,
    )


@post(
    "/v1/sessions",
    status_code=201,
    tags=["sign-in"],
    opt=policy.opened("sign_in"),
    responses=responses(400, 401, 403, 413, 422, 429, 503),
    security=[{}],
)
async def sign_in(
    data: SignIn, request: Request[Any, Any, Any], prover: Prover, settings: Settings, known: KnownBrowser, gate: Gate
) -> Response[Session]:
    """Sign in with name and password, and the code of an authenticator app where the account has one."""
    if data.cookie:
        gate.require_own_page(request.headers)
    is_known = known.knows(request.cookies.get(known_browser.COOKIE), data.username)
    try:
        proof = await prover.by_password(
            data.username, data.password, data.totp, request.state.caller, is_known_browser=is_known
        )
    except NotSignedIn as error:
        gate.note_failure(data.username, request.state.caller, error)
        raise
    return await open_for(request, proof, (prover, settings, known), seat=data.seat, cookie=data.cookie)


@post(
    "/v1/sessions/passkey/options",
    status_code=200,
    tags=["sign-in"],
    opt=policy.opened("sign_in"),
    responses=responses(429, 503),
    security=[{}],
)
async def passkey_options(prover: Prover) -> PasskeyOptions:
    """What a passkey is to sign."""
    challenge, options = prover.party.authentication_options()
    async with db.identity(prover.pool) as connection:
        challenge_id = await factor_store.put_challenge(connection, "authenticate", challenge)
    return PasskeyOptions(challenge_id, msgspec.json.decode(options))


@post(
    "/v1/sessions/passkey",
    status_code=201,
    tags=["sign-in"],
    opt=policy.opened("sign_in"),
    responses=responses(400, 401, 403, 413, 422, 429, 503),
    security=[{}],
)
async def sign_in_by_passkey(
    data: PasskeySignIn,
    request: Request[Any, Any, Any],
    prover: Prover,
    settings: Settings,
    known: KnownBrowser,
    gate: Gate,
) -> Response[Session]:
    """Sign in with a passkey; it says by itself whose it is."""
    if data.cookie:
        gate.require_own_page(request.headers)
    try:
        proof = await prover.by_passkey(data.challenge, data.credential)
    except NotSignedIn as error:
        gate.note_failure("passkey", request.state.caller, error)
        raise
    return await open_for(request, proof, (prover, settings, known), seat=data.seat, cookie=data.cookie)


@delete(
    "/v1/sessions/current",
    tags=["sign-in"],
    opt=policy.own(write=True),
    status_code=204,
    responses=responses(401, 403, 429, 503),
)
async def sign_out(viewer: Viewer, pool: db.Pool, sessions: SessionCache) -> Response[None]:
    """End this session everywhere within a second or two."""
    async with db.identity(pool) as connection:
        await session_store.revoke(connection, viewer.session_id, viewer.account_id)
        await log.write(connection, [log.by(viewer, "session.close")])
    sessions.drop({viewer.session_id})
    return Response(None, status_code=204, cookies=[gone_cookie()])


routes = [sign_in, passkey_options, sign_in_by_passkey, sign_out]
