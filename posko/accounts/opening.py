"""Opening sessions: which seat, which factor is still missing, a new token at every change of privilege."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Sequence
from typing import Final, Literal, cast

import msgspec
import structlog

from posko import db
from posko.accounts import factor_store, log, session_store, store
from posko.accounts.account import SECOND_FACTOR, Account, Factor, Seat, Session, Viewer
from posko.accounts.session_store import NewSession
from posko.accounts.sessions import hash_token
from posko.config import Settings
from posko.errors import (
    AccountUnknown,
    Conflict,
    FieldError,
    Invalid,
    NotAllowed,
    NotSignedIn,
    PasskeyNeeded,
    SecondFactorNeeded,
)

STEP_UP: Final = datetime.timedelta(minutes=5)
"""How long a step-up holds."""
BREAK_GLASS: Final = datetime.timedelta(hours=1)
RESTLESS: Final = frozenset({"wall", "system"})
"""Roles whose sessions may rest until they expire: nobody touches a screen on a wall."""

_log = structlog.get_logger("accounts")


class Caller(msgspec.Struct, frozen=True):
    """Where a request comes from: true address, and what the browser or program calls itself."""

    address: str
    program: str


class Proof(msgspec.Struct, frozen=True):
    """What was proven: by whom, by which factors, on which enrolled device."""

    account: Account
    factors: tuple[Factor, ...]
    device_id: int | None = None
    seat_id: int | None = None
    """The seat that a device was enrolled for; it acts in no other."""


async def open_session(
    connection: db.Connection, proof: Proof, caller: Caller, settings: Settings, *, seat: int | None = None
) -> Session:
    """A session for somebody who has just proven who they are; the caller of this checks that they may."""
    account = proof.account
    if not await store.hold(connection, account):
        raise NotSignedIn("this account has just changed: sign in again")
    seats = await store.current_seats(connection, account.id)
    if proof.seat_id is not None:
        seats = [s for s in seats if s.id == proof.seat_id]
    chosen = choose(seats, seat)
    must_enrol = missing_factor(account, chosen, proof.factors, settings)
    if must_enrol is not None:
        await require_known(connection, account.id, must_enrol)
    new = NewSession(
        account_id=account.id,
        seat_id=None if chosen is None else chosen.id,
        device_id=proof.device_id,
        factors=list(proof.factors),
        must_enrol=must_enrol,
        name=caller.program,
        address=caller.address,
        lasts=_lasts(account, chosen, settings),
        idle=_idle(chosen, settings),
        stepped_up=True,
    )
    return await _insert(connection, new, account, chosen, seats)


async def open_key(connection: db.Connection, account_id: int, name: str, days: int, settings: Settings) -> Session:
    """An API key: a session of a system's first seat that lasts for days and may rest."""
    account, _ = await store.by_id(connection, account_id)
    seats = await store.current_seats(connection, account_id)
    chosen = choose(seats, None)
    if chosen is None:
        raise AccountUnknown(f"{account.username} has no seat")
    if await session_store.count_keys(connection, account_id) >= settings.keys_per_account_limit:
        raise Conflict(f"{account.username} has {settings.keys_per_account_limit} API keys; end one first")
    new = NewSession(
        account_id=account_id,
        seat_id=chosen.id,
        kind="key",
        factors=["key"],
        name=name,
        lasts=datetime.timedelta(days=days),
        idle=None,
    )
    return await _insert(connection, new, account, chosen, seats)


def choose(seats: Sequence[Seat], wanted: int | None) -> Seat | None:
    """The wanted seat, else the first; None when there is none at all."""
    if wanted is None:
        return seats[0] if seats else None
    for seat in seats:
        if seat.id == wanted:
            return seat
    rule = FieldError("$.seat", "seat-of-account", "this account has no such seat now")
    raise Invalid(rule.message, errors=[rule])


def missing_factor(
    account: Account, seat: Seat | None, factors: Sequence[Factor], settings: Settings
) -> Literal["totp", "passkey"] | None:
    """The factor that the seat's role needs and that was not shown."""
    needed = None if seat is None else SECOND_FACTOR.get(seat.role, "totp" if seat.cleared else None)
    if account.kind == "system":
        return None  # it signs in with a key
    if needed is None or settings.second_factor == "offered" or account.kind == "break_glass":
        return None
    # An enrolled device and its PIN are two factors already.
    shown = {"totp": ("totp", "passkey", "device"), "passkey": ("passkey",)}[needed]
    return None if any(f in shown for f in factors) else needed


def _lasts(account: Account, seat: Seat | None, settings: Settings) -> datetime.timedelta:
    if account.kind == "break_glass":
        return BREAK_GLASS
    if seat is not None and seat.role == "wall":
        return datetime.timedelta(days=settings.wall_session_days)
    return datetime.timedelta(hours=settings.session_hours)


def _idle(seat: Seat | None, settings: Settings) -> datetime.timedelta | None:
    if seat is not None and seat.role in RESTLESS:
        return None
    return datetime.timedelta(minutes=settings.session_idle_minutes)


async def _insert(
    connection: db.Connection, new: NewSession, account: Account, seat: Seat | None, seats: list[Seat]
) -> Session:
    token = secrets.token_urlsafe(32)
    made = await session_store.insert(connection, new, hash_token(token))
    must_enrol = cast(Literal["totp", "passkey"] | None, new.must_enrol)
    return Session(
        token=token,
        id=made.id,
        expires_at=made.expires_at,
        idle_minutes=None if new.idle is None else int(new.idle.total_seconds() // 60),
        account=account,
        seat=seat if must_enrol is None else None,
        seats=seats,
        factors=new.factors,
        must_enrol=must_enrol,
        stepped_up_until=None if made.stepped_up_at is None else made.stepped_up_at + STEP_UP,
    )


async def rotate(
    connection: db.Connection,
    viewer: Viewer,
    settings: Settings,
    *,
    seat: int | None = None,
    factors: Sequence[Factor] = (),
    stepped_up: bool = False,
) -> Session:
    """A new session in the viewer's place, until the same end or its new seat's; the old token is worth nothing."""
    account, _ = await store.by_id(connection, viewer.account_id)
    # Held first: whoever ends all sessions of the account now ends the new one too, or it does not begin.
    await store.hold(connection, account)
    was = await session_store.describe(connection, viewer.session_id)
    if was is None or not await session_store.revoke(connection, viewer.session_id, viewer.account_id):
        raise NotSignedIn("this session has ended")
    if "key" in was.factors:
        raise NotAllowed("an API key stays what it is")
    seats = await store.current_seats(connection, account.id)
    if was.device_id is not None:
        seats = [s for s in seats if s.id == was.assignment_id]
    chosen = choose(seats, seat or (was.assignment_id if any(s.id == was.assignment_id for s in seats) else None))
    shown = [*was.factors, *(f for f in factors if f not in was.factors)]
    must_enrol = missing_factor(account, chosen, shown, settings)
    if must_enrol is not None and must_enrol != was.must_enrol:
        await require_known(connection, account.id, must_enrol)
    new = NewSession(
        account_id=account.id,
        seat_id=None if chosen is None else chosen.id,
        device_id=was.device_id,
        factors=shown,
        must_enrol=must_enrol,
        name=was.name,
        address=was.address,
        lasts=_lasts(account, chosen, settings),
        idle=_idle(chosen, settings),
        expires_at=was.expires_at,
        stepped_up=stepped_up,
        stepped_up_at=was.stepped_up_at,
    )
    return await _insert(connection, new, account, chosen, seats)


async def describe(connection: db.Connection, viewer: Viewer) -> Session:
    """The viewer's session, without its token."""
    was = await session_store.describe(connection, viewer.session_id)
    if was is None:
        raise AccountUnknown("there is no such session")
    account, _ = await store.by_id(connection, viewer.account_id)
    seats = await store.current_seats(connection, account.id)
    if was.device_id is not None:
        seats = [s for s in seats if s.id == was.assignment_id]
    return Session(
        token=None,
        id=was.id,
        expires_at=was.expires_at,
        idle_minutes=None if was.idle is None else int(was.idle.total_seconds() // 60),
        account=account,
        seat=next((s for s in seats if s.id == viewer.seat_id), None),
        seats=seats,
        factors=was.factors,
        must_enrol=cast(Literal["totp", "passkey"] | None, was.must_enrol),
        stepped_up_until=None if was.stepped_up_at is None else was.stepped_up_at + STEP_UP,
    )


async def spend_break_glass(connection: db.Connection, account: Account) -> None:
    """The sealed account's password is worth nothing from now on; NotSignedIn for the second of two at one moment."""
    if not await store.spend_password(connection, account.id):
        raise NotSignedIn("this password has been used")


async def alarm_break_glass(connection: db.Connection, session: Session, caller: Caller) -> None:
    """The sealed account was used: everybody is told."""
    entry = log.Entry(
        action="break_glass.used", account_id=session.account.id, session_id=session.id, region="ID",
        detail="the sealed account was used; seal it anew", address=caller.address,
    )  # fmt: skip
    await log.write(connection, [entry])
    _log.error("break_glass_used", username=session.account.username, address=caller.address)


async def require_may_enrol(connection: db.Connection, viewer: Viewer) -> None:
    """Whoever has a passkey changes factors only in a session that showed it; the sealed account never does."""
    account, _ = await store.by_id(connection, viewer.account_id)
    if account.kind == "break_glass":
        raise NotAllowed("the sealed account has no other factors")
    was = await session_store.describe(connection, viewer.session_id)
    shown = () if was is None else was.factors
    if "passkey" not in shown and await factor_store.passkeys(connection, viewer.account_id):
        raise PasskeyNeeded


async def require_known(connection: db.Connection, account_id: int, missing: str) -> None:
    """A factor that is missing is enrolled only where the account has none; who has one shows it."""
    if missing == "passkey" and await factor_store.passkeys(connection, account_id):
        raise PasskeyNeeded
    if missing == "totp":
        totp = await factor_store.totp(connection, account_id)
        if totp is not None and totp.is_confirmed:
            raise SecondFactorNeeded
