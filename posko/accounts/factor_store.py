"""The typed face of sql/queries/factors.sql; every function runs as posko_identity."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from typing import Final, Literal, TypeAlias

import msgspec

from posko import db
from posko.accounts.passkeys import NewPasskey
from posko.errors import AccountUnknown, Conflict, NotSignedIn

CHALLENGE_LASTS: Final = datetime.timedelta(minutes=5)
"""As in put_challenge."""
Purpose: TypeAlias = Literal["register", "authenticate", "device"]

_queries = db.queries("factors")


class Totp(msgspec.Struct, frozen=True):
    """An authenticator app's secret, sealed; it counts when it was confirmed with a code."""

    secret: bytes
    confirmed_at: datetime.datetime | None
    last_step: int | None

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


class Passkey(msgspec.Struct, frozen=True):
    """A passkey as its owner sees it."""

    id: int
    credential_id: bytes
    name: str
    created_at: datetime.datetime
    last_used_at: datetime.datetime | None


class PasskeyKey(msgspec.Struct, frozen=True):
    """What a passkey's assertion is checked with."""

    id: int
    account_id: int
    public_key: bytes
    sign_count: int


class Device(msgspec.Struct, frozen=True):
    """An enrolled device as its owner sees it."""

    id: int
    name: str
    enrolled_at: datetime.datetime
    last_used_at: datetime.datetime | None
    is_locked: bool


class DeviceKey(msgspec.Struct, frozen=True):
    """What a device's sign-in is checked with; `assignment_id` is the seat that it was enrolled for."""

    id: int
    account_id: int
    public_key: bytes
    pin_hash: str
    pin_failures: int
    assignment_id: int | None


class Enrolment(msgspec.Struct, frozen=True):
    """An open enrolment: for whom, in which seat."""

    id: int
    account_id: int
    assignment_id: int


class Challenge(msgspec.Struct, frozen=True):
    """A challenge that was taken: nobody else gets it."""

    account_id: int | None
    device_id: int | None
    content: bytes


async def totp(connection: db.Connection, account_id: int) -> Totp | None:
    row = await connection.fetchrow(_queries["totp"].sql, account_id)
    return None if row is None else db.to_struct(row, Totp)


async def begin_totp(connection: db.Connection, account_id: int, secret: bytes) -> None:
    """Keeps a new secret until it is confirmed; Conflict when there is one already."""
    if await connection.fetchval(_queries["begin_totp"].sql, account_id, secret) is None:
        raise Conflict("this account has an authenticator app; an admin can reset it")


async def spend_totp(connection: db.Connection, account_id: int, step: int, *, confirms: bool = False) -> bool:
    """Whether the step's code had not been used; it is from now on."""
    return await connection.fetchval(_queries["spend_totp"].sql, account_id, step, confirms) is not None


async def drop_all(connection: db.Connection, account_id: int) -> None:
    """Forgets the authenticator app, passkeys, devices and open enrolments of an account."""
    for name in ("drop_totp", "drop_passkeys", "drop_devices", "drop_enrolments"):
        await connection.execute(_queries[name].sql, account_id)


async def passkeys(connection: db.Connection, account_id: int) -> list[Passkey]:
    return [db.to_struct(r, Passkey) for r in await connection.fetch(_queries["passkeys"].sql, account_id)]


async def passkey_by_credential(connection: db.Connection, credential_id: bytes) -> PasskeyKey | None:
    row = await connection.fetchrow(_queries["passkey_by_credential"].sql, credential_id)
    return None if row is None else db.to_struct(row, PasskeyKey)


async def insert_passkey(connection: db.Connection, account_id: int, new: NewPasskey, name: str) -> int:
    """Conflict when the passkey is known, or the account has ten."""
    made: int | None = await connection.fetchval(
        _queries["insert_passkey"].sql, account_id, new.credential_id, new.public_key, new.sign_count, name
    )
    if made is None:
        raise Conflict("this passkey is known already, or the account has ten")
    return made


async def use_passkey(connection: db.Connection, key: PasskeyKey, sign_count: int) -> bool:
    """Counts a use; False when the passkey was used in the meantime."""
    return await connection.fetchval(_queries["use_passkey"].sql, key.id, sign_count, key.sign_count) is not None


async def drop_passkey(connection: db.Connection, passkey_id: int, account_id: int) -> None:
    if await connection.fetchval(_queries["drop_passkey"].sql, passkey_id, account_id) is None:
        raise AccountUnknown("there is no such passkey")


async def put_challenge(
    connection: db.Connection,
    purpose: Purpose,
    content: bytes,
    *,
    account_id: int | None = None,
    device_id: int | None = None,
) -> uuid.UUID:
    """Keeps a challenge for five minutes; answers its id."""
    challenge_id = uuid.uuid4()
    await connection.execute(_queries["put_challenge"].sql, challenge_id, purpose, account_id, device_id, content)
    return challenge_id


async def take_challenge(connection: db.Connection, challenge_id: uuid.UUID, purpose: Purpose) -> Challenge:
    """The challenge, once; NotSignedIn when it is unknown, used or too old."""
    row = await connection.fetchrow(_queries["take_challenge"].sql, challenge_id, purpose)
    if row is None:
        raise NotSignedIn("this challenge is not valid any more")
    return db.to_struct(row, Challenge)


def hash_code(code: str) -> bytes:
    """What is stored of an enrolment code of 128 bits."""
    return hashlib.sha256(b"posko enrolment " + code.encode()).digest()


async def drop_enrolments(connection: db.Connection, account_id: int) -> None:
    """Codes that were issued before are worth nothing any more."""
    await connection.execute(_queries["drop_enrolments"].sql, account_id)


async def insert_enrolment(
    connection: db.Connection, code: str, account_id: int, seat_id: int, issued_by: int, lasts: datetime.timedelta
) -> datetime.datetime:
    """Lets one device be enrolled with the code; answers until when."""
    row = await connection.fetchrow(
        _queries["insert_enrolment"].sql, hash_code(code), account_id, seat_id, issued_by, lasts
    )
    assert row is not None
    expires_at: datetime.datetime = row["expires_at"]
    return expires_at


async def open_enrolment(connection: db.Connection, code: str) -> Enrolment:
    """The enrolment of a code, held until the transaction ends; AccountUnknown when it is unknown, used or too old."""
    row = await connection.fetchrow(_queries["open_enrolment"].sql, hash_code(code))
    if row is None:
        raise AccountUnknown("this code is unknown, used or too old: ask for a new one")
    return db.to_struct(row, Enrolment)


async def insert_device(
    connection: db.Connection, enrolment: Enrolment, public_key: bytes, pin_hash: str, name: str
) -> int:
    """Enrols a device; the code is used up."""
    device: int = await connection.fetchval(
        _queries["insert_device"].sql, enrolment.account_id, public_key, pin_hash, name
    )
    await connection.execute(_queries["use_enrolment"].sql, enrolment.id, device)
    return device


async def devices(connection: db.Connection, account_id: int) -> list[Device]:
    return [db.to_struct(r, Device) for r in await connection.fetch(_queries["devices"].sql, account_id)]


async def device(connection: db.Connection, device_id: int) -> DeviceKey | None:
    row = await connection.fetchrow(_queries["device"].sql, device_id)
    return None if row is None else db.to_struct(row, DeviceKey)


async def try_pin(connection: db.Connection, device_id: int) -> bool:
    """Counts an attempt before the PIN is looked at; False when the device is locked."""
    return await connection.fetchval(_queries["try_pin"].sql, device_id) is not None


async def pin_was_right(connection: db.Connection, device_id: int) -> None:
    await connection.execute(_queries["pin_was_right"].sql, device_id)


async def revoke_device(connection: db.Connection, device_id: int, account_id: int) -> None:
    """Ends a device and its sessions."""
    if await connection.fetchval(_queries["revoke_device"].sql, device_id, account_id) is None:
        raise AccountUnknown("there is no such device")


async def owner_of_device(connection: db.Connection, device_id: int) -> int | None:
    owner: int | None = await connection.fetchval(_queries["owner_of_device"].sql, device_id)
    return owner
