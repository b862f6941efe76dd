"""One's own sessions: the seat, the step-up, the list."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from litestar import Response, delete, get, post, put

from posko import db, policy
from posko.accounts import log, opening, session_store
from posko.accounts.account import Factor, Password, Session, Viewer
from posko.accounts.gate import Gate
from posko.accounts.proving import WRONG, Prover
from posko.accounts.routes.answers import RowId, answer
from posko.accounts.routes.sign_in import Code, Pin, SeatId, Signature
from posko.accounts.session_store import Running
from posko.accounts.sessions import SessionCache
from posko.config import Settings
from posko.errors import AccountUnknown, FieldError, Invalid, NotSignedIn
from posko.problems import responses


class SeatChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The seat to act in from now on."""

    seat: SeatId


class StepUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Proof that it is still you: password (and code), or a passkey's or this device's signature of a challenge."""

    password: Password | None = None
    totp: Code | None = None
    challenge: uuid.UUID | None = None
    credential: dict[str, Any] | None = None
    signature: Signature | None = None
    pin: Pin | None = None


class ListedSession(Running, frozen=True, kw_only=True):
    """A running session; `current` is the one that asks."""

    current: bool


@get("/v1/sessions/current", tags=["own account"], opt=policy.own(), responses=responses(401, 403, 404, 429, 503))
async def show_session(viewer: Viewer, pool: db.Pool) -> Session:
    """This session: who, in which seat, until when."""
    async with db.identity(pool) as connection:
        return await opening.describe(connection, viewer)


@put(
    "/v1/sessions/current/seat",
    tags=["own account"],
    opt=policy.own(write=True),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
)
async def take_seat(
    data: SeatChoice, viewer: Viewer, pool: db.Pool, settings: Settings, sessions: SessionCache
) -> Response[Session]:
    """Act in another of one's seats; the token changes."""
    async with db.identity(pool) as connection:
        session = await opening.rotate(connection, viewer, settings, seat=data.seat)
        await log.write(connection, [log.by(viewer, "session.seat", subject=f"seat {data.seat}")])
    sessions.drop({viewer.session_id})
    return answer(session, by_cookie=viewer.by_cookie)


@post(
    "/v1/sessions/current/step-up",
    status_code=200,
    tags=["own account"],
    opt=policy.own(write=True),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
)
async def step_up(
    data: StepUp,
    viewer: Viewer,
    prover: Prover,
    settings: Settings,
    sessions: SessionCache,
    caller: opening.Caller,
    gate: Gate,
) -> Response[Session]:
    """Prove once more that it is you: for five minutes, what needs it goes. The token changes."""
    try:
        factors = await _prove_again(data, viewer, prover, caller)
    except NotSignedIn as error:
        gate.note_failure(viewer.username, caller, error)
        raise
    async with db.identity(prover.pool) as connection:
        session = await opening.rotate(connection, viewer, settings, factors=factors, stepped_up=True)
        await log.write(connection, [log.by(viewer, "session.step_up", detail="+".join(factors))])
    sessions.drop({viewer.session_id})
    return answer(session, by_cookie=viewer.by_cookie)


async def _prove_again(data: StepUp, viewer: Viewer, prover: Prover, caller: opening.Caller) -> tuple[Factor, ...]:
    await prover.limit_again(viewer.account_id)
    if data.challenge is not None and data.credential is not None:
        proof = await prover.by_passkey(data.challenge, data.credential)
    elif data.challenge is not None and data.signature is not None and data.pin is not None:
        if viewer.device_id is None:
            raise NotSignedIn("this session is not of an enrolled device")
        proof = await prover.by_device(viewer.device_id, data.challenge, data.signature, data.pin)
    elif data.password is not None:
        proof = await prover.by_password(viewer.username, data.password, data.totp, caller, is_known_browser=True)
    else:
        rule = FieldError("$", "proof", "a password, a passkey's answer, or a device's signature and PIN")
        raise Invalid(rule.message, errors=[rule])
    if proof.account.id != viewer.account_id:
        raise NotSignedIn(WRONG)
    return proof.factors


@get("/v1/sessions", tags=["own account"], opt=policy.own(), responses=responses(401, 403, 429, 503))
async def list_sessions(viewer: Viewer, pool: db.Pool) -> list[ListedSession]:
    """One's own running sessions, the last seen first."""
    async with db.identity(pool) as connection:
        found = await session_store.list_of(connection, viewer.account_id)
    return [ListedSession(**msgspec.structs.asdict(s), current=s.id == viewer.session_id) for s in found]


@delete(
    "/v1/sessions/{session_id:int}",
    tags=["own account"],
    opt=policy.own(write=True),
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def end_session(session_id: RowId, viewer: Viewer, pool: db.Pool, sessions: SessionCache) -> None:
    """End one of one's own sessions."""
    async with db.identity(pool) as connection:
        if not await session_store.revoke(connection, session_id, viewer.account_id):
            raise AccountUnknown("there is no such session")
        await log.write(connection, [log.by(viewer, "session.end", subject=f"session {session_id}")])
    sessions.drop({session_id})


routes = [show_session, take_seat, step_up, list_sessions, end_session]
