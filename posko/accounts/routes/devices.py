"""Enrolled devices: offered by QR, enrolled with a key that stays in the browser, signed in with a PIN."""

from __future__ import annotations

import datetime
import secrets
import uuid
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, post
from msgspec import Meta

from posko import db, policy
from posko.accounts import device_keys, factor_store, known_browser, log, opening, passwords, people, qr, store
from posko.accounts.account import KEEPS_ACCOUNTS, Seat, Session, Username, Viewer
from posko.accounts.gate import Gate
from posko.accounts.known_browser import KnownBrowser
from posko.accounts.opening import Caller, Proof
from posko.accounts.proving import Prover
from posko.accounts.routes.answers import RowId, answer
from posko.accounts.routes.sign_in import DeviceId, DeviceName, Pin, Signature, entry_of, open_for
from posko.accounts.store import Listed
from posko.config import Settings
from posko.errors import AccountUnknown, NotAllowed, NotSignedIn
from posko.problems import responses

SHEETS_LIMIT = 500
"""Enrolments in one request."""
SCREEN_MINUTES = 10
SHEET_MINUTES = 72 * 60


class DeviceSignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An enrolled device's signature of a challenge, and the PIN."""

    device: DeviceId
    challenge: uuid.UUID
    signature: Signature
    pin: Pin
    cookie: bool = False


class DeviceChallenge(msgspec.Struct, frozen=True):
    """What an enrolled device is to sign; good once, for five minutes."""

    challenge: uuid.UUID
    expires_at: datetime.datetime


class NewDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device with the code of its QR, its public key (base64url SPKI), proof that it holds the key, and a PIN."""

    code: Annotated[str, Meta(min_length=16, max_length=64)]
    public_key: Annotated[str, Meta(min_length=1, max_length=512)]
    signature: Signature
    pin: Pin
    name: DeviceName
    cookie: bool = False


class EnrolledDevice(msgspec.Struct, frozen=True):
    """A device that was enrolled, signed in at once."""

    device: int
    session: Session


class EnrolmentOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom; a QR on a screen lasts ten minutes, on a printed sheet at most 72 hours."""

    usernames: Annotated[list[Username], Meta(min_length=1, max_length=SHEETS_LIMIT)]
    minutes: Annotated[int, Meta(ge=1, le=SHEET_MINUTES)] = SCREEN_MINUTES


class EnrolmentSheet(msgspec.Struct, frozen=True):
    """What a person scans, once, to make a device theirs."""

    username: str
    full_name: str
    regions: tuple[str, ...]
    code: str
    url: str
    svg: str
    expires_at: datetime.datetime


@post(
    "/v1/devices",
    status_code=201,
    tags=["sign-in"],
    opt=policy.opened("sign_in"),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
    security=[{}],
)
async def enrol_device(
    data: NewDevice,
    request: Request[Any, Any, Any],
    prover: Prover,
    settings: Settings,
    known: KnownBrowser,
    gate: Gate,
) -> Response[EnrolledDevice]:
    """Enrol this device with the code of a QR, and sign in; the code is good once."""
    if data.cookie:
        gate.require_own_page(request.headers)
    public_key = device_keys.parse_public_key(data.public_key)
    if not device_keys.verify(public_key, device_keys.enrol_message(data.code), data.signature):
        raise NotSignedIn("the device does not hold this key")
    passwords.check_pin(data.pin)
    try:
        async with db.identity(prover.pool) as connection:  # before the PIN is hashed: that is work
            await factor_store.open_enrolment(connection, data.code)
    except AccountUnknown as error:
        gate.note_failure("enrolment", request.state.caller, error)
        raise
    pin_hash = await prover.verifier.hash(data.pin)
    caller: Caller = request.state.caller
    async with db.identity(prover.pool) as connection:
        enrolment = await factor_store.open_enrolment(connection, data.code)
        device = await factor_store.insert_device(connection, enrolment, public_key, pin_hash, data.name)
        account, _ = await store.by_id(connection, enrolment.account_id)
        proof = Proof(account, ("device",), device, enrolment.assignment_id)
        session = await opening.open_session(connection, proof, caller, settings)
        await log.write(connection, [entry_of("device.enrol", proof, session, caller)])
    remembered = known.with_name(request.cookies.get(known_browser.COOKIE), account.username)
    made = answer(session, by_cookie=data.cookie, status=201, known=remembered)
    return Response(
        EnrolledDevice(device, made.content),
        status_code=201,
        cookies=made.cookies,
        headers={"Cache-Control": "no-store"},
    )


@post(
    "/v1/devices/{device_id:int}/challenges",
    tags=["sign-in"],
    opt=policy.opened("sign_in"),
    responses=responses(404, 422, 429, 503),
    security=[{}],
)
async def challenge_device(device_id: RowId, prover: Prover, utc_now: datetime.datetime) -> DeviceChallenge:
    """What a device is to sign to sign in; an unknown device gets one too."""
    async with db.identity(prover.pool) as connection:
        challenge_id = await factor_store.put_challenge(connection, "device", b"", device_id=device_id)
    return DeviceChallenge(challenge_id, utc_now + factor_store.CHALLENGE_LASTS)


@post(
    "/v1/sessions/device",
    status_code=201,
    tags=["sign-in"],
    opt=policy.opened("sign_in"),
    responses=responses(400, 401, 403, 413, 422, 429, 503),
    security=[{}],
)
async def sign_in_by_device(
    data: DeviceSignIn,
    request: Request[Any, Any, Any],
    prover: Prover,
    settings: Settings,
    known: KnownBrowser,
    gate: Gate,
) -> Response[Session]:
    """Sign in with an enrolled device and its PIN; after five wrong PINs the device must be enrolled again."""
    if data.cookie:
        gate.require_own_page(request.headers)
    try:
        proof = await prover.by_device(data.device, data.challenge, data.signature, data.pin)
    except NotSignedIn as error:
        gate.note_failure(f"device {data.device}", request.state.caller, error)
        raise
    return await open_for(request, proof, (prover, settings, known), seat=None, cookie=data.cookie)


@post(
    "/v1/enrolments",
    tags=["accounts"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
)
async def enrol(
    data: EnrolmentOrder, viewer: Viewer, pool: db.Pool, settings: Settings
) -> Response[list[EnrolmentSheet]]:
    """QR codes with which people make a device theirs: each is good once, for its account and seat."""
    sheets = []
    lasts = datetime.timedelta(minutes=data.minutes)
    async with db.identity(pool) as connection:
        for username in dict.fromkeys(data.usernames):
            found = await people.managed(connection, viewer, username)
            seat = next(iter(found.seats), None)
            if seat is None or found.disabled_at is not None or found.kind != "person":
                raise AccountUnknown(f"{username} has no seat to enrol a device for")
            await factor_store.drop_enrolments(connection, found.id)
            sheets.append(await _sheet(connection, found, seat, viewer, settings, lasts))
        detail = f"{len(sheets)} codes, {data.minutes} minutes"
        subject = " ".join(s.username for s in sheets)
        await log.write(connection, [log.by(viewer, "device.offer", subject=subject, detail=detail)])
    return Response(sheets, status_code=201, headers={"Cache-Control": "no-store"})


async def _sheet(
    connection: db.Connection,
    found: Listed,
    seat: Seat,
    viewer: Viewer,
    settings: Settings,
    lasts: datetime.timedelta,
) -> EnrolmentSheet:
    code = secrets.token_urlsafe(16)
    expires_at = await factor_store.insert_enrolment(connection, code, found.id, seat.id, viewer.account_id, lasts)
    url = f"{settings.public_url.rstrip('/')}/masuk/#daftar={code}"
    svg = qr.svg(url, title=f"Kode QR untuk {found.full_name}")
    return EnrolmentSheet(found.username, found.full_name, seat.regions, code, url, svg, expires_at)


@delete(
    "/v1/devices/{device_id:int}",
    tags=["accounts"],
    opt=policy.own(write=True),
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def end_device(device_id: RowId, viewer: Viewer, pool: db.Pool) -> None:
    """Forget a device, and end its sessions: one's own, or (an admin) somebody's within one's seat."""
    async with db.identity(pool) as connection:
        owner = await factor_store.owner_of_device(connection, device_id)
        if owner is None:
            raise AccountUnknown("there is no such device")
        if owner != viewer.account_id:
            if viewer.role not in KEEPS_ACCOUNTS:
                raise AccountUnknown("there is no such device")
            account, _ = await store.by_id(connection, owner)
            try:
                await people.managed(connection, viewer, account.username)
            except (AccountUnknown, NotAllowed):  # whose it is is not told either
                raise AccountUnknown("there is no such device") from None
        await factor_store.revoke_device(connection, device_id, owner)
        await log.write(connection, [log.by(viewer, "device.end", subject=f"device {device_id}")])


routes = [enrol, enrol_device, challenge_device, sign_in_by_device, end_device]
