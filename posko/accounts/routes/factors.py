"""One's own factors: password, authenticator app, passkeys."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import msgspec
from litestar import Response, delete, get, post, put

from posko import db, policy
from posko.accounts import factor_store, log, opening, passwords, qr, store, totp
from posko.accounts.account import Password, Session, Viewer
from posko.accounts.proving import Prover, totp_context
from posko.accounts.routes.answers import RowId, answer
from posko.accounts.routes.sign_in import Code, DeviceName, PasskeyOptions
from posko.accounts.sessions import SessionCache
from posko.config import Settings
from posko.errors import Conflict, FieldError, Invalid, NotSignedIn
from posko.problems import responses


class Factors(msgspec.Struct, frozen=True):
    """How this account can prove itself."""

    password: bool
    totp: bool
    passkeys: list[ListedPasskey]
    devices: list[factor_store.Device]


class ListedPasskey(msgspec.Struct, frozen=True):
    """A passkey by the name that its owner gave it."""

    id: int
    name: str
    created_at: datetime.datetime
    last_used_at: datetime.datetime | None


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password as it is, and as it shall be."""

    current: Password
    new: Password


class NewTotp(msgspec.Struct, frozen=True):
    """A secret for an authenticator app, as text and as QR; it counts once a code has confirmed it."""

    secret: str
    uri: str
    svg: str


class TotpCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code of the authenticator app."""

    code: Code


class PasskeyRegistration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fresh passkey, as the browser gives it."""

    challenge: uuid.UUID
    credential: dict[str, Any]
    name: DeviceName


@get("/v1/factors", tags=["own account"], opt=policy.own(), responses=responses(401, 403, 429, 503))
async def list_factors(viewer: Viewer, pool: db.Pool) -> Factors:
    """How one's own account can prove itself."""
    async with db.identity(pool) as connection:
        _, encoded = await store.by_id(connection, viewer.account_id)
        kept = await factor_store.totp(connection, viewer.account_id)
        keys = await factor_store.passkeys(connection, viewer.account_id)
        devices = await factor_store.devices(connection, viewer.account_id)
    listed = [ListedPasskey(k.id, k.name, k.created_at, k.last_used_at) for k in keys]
    return Factors(encoded is not None, kept is not None and kept.is_confirmed, listed, devices)


@put(
    "/v1/factors/password",
    tags=["own account"],
    opt=policy.own(write=True),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
)
async def change_password(
    data: NewPassword,
    viewer: Viewer,
    prover: Prover,
    settings: Settings,
    caller: opening.Caller,
) -> Response[Session]:
    """A new password; every other session of the account ends, and this one's token changes."""
    await prover.limit_again(viewer.account_id)
    async with db.identity(prover.pool) as connection:
        account, encoded = await store.by_id(connection, viewer.account_id)
    if not await prover.verifier.verify(encoded, data.current):
        rule = FieldError("$.current", "password-right", "this is not the password")
        raise Invalid(rule.message, errors=[rule])
    passwords.check_new(data.new, username=account.username, full_name=account.full_name)
    fresh = await prover.verifier.hash(data.new)
    async with db.identity(prover.pool) as connection:
        await store.set_password(connection, viewer.account_id, fresh)
        session = await opening.rotate(connection, viewer, settings)
        await log.write(connection, [log.by(viewer, "factor.password")])
    return answer(session, by_cookie=viewer.by_cookie)


@post(
    "/v1/factors/totp",
    tags=["own account"],
    opt=policy.own(write=True, step_up=True),
    responses=responses(401, 403, 404, 409, 429, 503),
)
async def begin_totp(viewer: Viewer, prover: Prover) -> Response[NewTotp]:
    """A new secret for an authenticator app; a code confirms it."""
    secret = totp.new_secret()
    sealed = prover.sealer.seal(secret.encode(), totp_context(viewer.account_id))
    async with db.identity(prover.pool) as connection:
        await opening.require_may_enrol(connection, viewer)
        await factor_store.begin_totp(connection, viewer.account_id, sealed)
    uri = totp.uri(secret, viewer.username)
    shown = NewTotp(secret, uri, qr.svg(uri, title="Kode QR untuk aplikasi autentikator"))
    return Response(shown, status_code=201, headers={"Cache-Control": "no-store"})


@put(
    "/v1/factors/totp",
    tags=["own account"],
    opt=policy.own(write=True, step_up=True),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def confirm_totp(
    data: TotpCode, viewer: Viewer, prover: Prover, settings: Settings, sessions: SessionCache, caller: opening.Caller
) -> Response[Session]:
    """Confirm the authenticator app with a code of it; the token changes."""
    await prover.limit_again(viewer.account_id)
    async with db.identity(prover.pool) as connection:
        kept = await factor_store.totp(connection, viewer.account_id)
    if kept is None or kept.is_confirmed:
        raise Conflict("there is no authenticator app to confirm")
    try:
        await prover.spend_code(viewer.account_id, kept, data.code, confirms=True)
    except NotSignedIn:
        rule = FieldError("$.code", "code-right", "this code is not right")
        raise Invalid(rule.message, errors=[rule]) from None
    async with db.identity(prover.pool) as connection:
        session = await opening.rotate(connection, viewer, settings, factors=("totp",), stepped_up=True)
        await log.write(connection, [log.by(viewer, "factor.totp")])
    sessions.drop({viewer.session_id})
    return answer(session, by_cookie=viewer.by_cookie)


@post(
    "/v1/factors/passkeys/options",
    status_code=200,
    tags=["own account"],
    opt=policy.own(write=True, step_up=True),
    responses=responses(401, 403, 404, 429, 503),
)
async def passkey_options(viewer: Viewer, prover: Prover) -> PasskeyOptions:
    """What the browser's credential API is to make a passkey with."""
    async with db.identity(prover.pool) as connection:
        await opening.require_may_enrol(connection, viewer)
        account, _ = await store.by_id(connection, viewer.account_id)
        existing = [k.credential_id for k in await factor_store.passkeys(connection, viewer.account_id)]
        challenge, options = prover.party.registration_options(
            account.id, account.username, account.full_name, existing
        )
        challenge_id = await factor_store.put_challenge(connection, "register", challenge, account_id=viewer.account_id)
    return PasskeyOptions(challenge_id, msgspec.json.decode(options))


@post(
    "/v1/factors/passkeys",
    tags=["own account"],
    opt=policy.own(write=True, step_up=True),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def add_passkey(
    data: PasskeyRegistration, viewer: Viewer, prover: Prover, settings: Settings, sessions: SessionCache
) -> Response[Session]:
    """Keep a fresh passkey; from now on the account signs in with its passkeys. The token changes."""
    async with db.identity(prover.pool) as connection:
        taken = await factor_store.take_challenge(connection, data.challenge, "register")
    if taken.account_id != viewer.account_id:
        raise NotSignedIn("this challenge is not yours")
    new = prover.party.verify_registration(data.credential, taken.content)
    async with db.identity(prover.pool) as connection:
        await opening.require_may_enrol(connection, viewer)
        await factor_store.insert_passkey(connection, viewer.account_id, new, data.name)
        session = await opening.rotate(connection, viewer, settings, factors=("passkey",), stepped_up=True)
        await log.write(connection, [log.by(viewer, "factor.passkey", detail="added")])
    sessions.drop({viewer.session_id})
    return answer(session, by_cookie=viewer.by_cookie, status=201)


@delete(
    "/v1/factors/passkeys/{passkey_id:int}",
    tags=["own account"],
    opt=policy.own(write=True, step_up=True),
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def remove_passkey(passkey_id: RowId, viewer: Viewer, pool: db.Pool) -> None:
    """Forget one of one's own passkeys."""
    async with db.identity(pool) as connection:
        await opening.require_may_enrol(connection, viewer)
        await factor_store.drop_passkey(connection, passkey_id, viewer.account_id)
        await log.write(connection, [log.by(viewer, "factor.passkey", detail="removed")])


routes = [
    list_factors,
    change_password,
    begin_totp,
    confirm_totp,
    passkey_options,
    add_passkey,
    remove_passkey,
]
