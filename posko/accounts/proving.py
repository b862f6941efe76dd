"""Proving who one is: by password and code, by passkey, by an enrolled device and its PIN.

Nothing here tells an unknown user from a wrong password, in words or in work. No connection is held while a password
is checked, and what an attempt costs the attacker (a counted PIN, a spent challenge) is committed before it is judged.
"""

from __future__ import annotations

import contextlib
import datetime
import uuid
from collections.abc import Callable
from typing import Any, Final

import structlog

from posko import db
from posko.accounts import device_keys, factor_store, passkeys, store, totp
from posko.accounts.account import Account
from posko.accounts.factor_store import Challenge, DeviceKey
from posko.accounts.opening import Caller, Proof
from posko.accounts.passkeys import RelyingParty
from posko.accounts.passwords import Verifier, needs_rehash
from posko.accounts.sealed import Sealer
from posko.address import prefix
from posko.errors import DeviceLocked, NotSignedIn, PasskeyNeeded, SecondFactorNeeded, Unavailable
from posko.limits import Limits, Rule
from posko.policy import SIGN_IN_ACCOUNT_BURSTS, SIGN_IN_ACCOUNT_S, SIGN_IN_PAIR_S

WRONG: Final = "name, password or code is wrong"

_log = structlog.get_logger("accounts")


def totp_context(account_id: int) -> str:
    """What a sealed TOTP secret is bound to."""
    return f"totp {account_id}"


class Prover:
    """Checks what people show."""

    def __init__(
        self,
        pool: db.Pool,
        verifier: Verifier,
        sealer: Sealer,
        party: RelyingParty,
        limits: Limits,
        *,
        burst: int,
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self.pool = pool
        self.verifier = verifier
        self.sealer = sealer
        self.party = party
        self._limits = limits
        self._pair = Rule("sign-in-pair", 1 / SIGN_IN_PAIR_S, burst)
        self._again = Rule("prove-again", 1 / SIGN_IN_PAIR_S, burst)
        self._account = Rule("sign-in-account", 1 / SIGN_IN_ACCOUNT_S, burst * SIGN_IN_ACCOUNT_BURSTS)
        self._clock = clock

    async def by_password(
        self, username: str, password: str, code: str | None, caller: Caller, *, is_known_browser: bool
    ) -> Proof:
        """Who has this name, password and (where the account has one) code of an authenticator app."""
        await self.limit(username, caller, is_known_browser=is_known_browser)
        async with db.identity(self.pool) as connection:
            found = await store.by_username(connection, username) if "\0" not in username else None
        account, encoded = found if found is not None else (None, None)
        usable = encoded if account is not None and account.disabled_at is None else None
        if not await self.verifier.verify(usable, password) or account is None or encoded is None:
            raise NotSignedIn(WRONG)
        if needs_rehash(encoded):
            with contextlib.suppress(Unavailable):  # another time, when fewer sign in
                fresh = await self.verifier.hash(password)
                async with db.identity(self.pool) as connection:
                    await store.rehash(connection, account.id, fresh, encoded)
        return await self._with_code(account, code)

    async def limit_again(self, account_id: int) -> None:
        """TooMany when a session guesses its own account's secrets, from wherever."""
        await self._limits.take(self._again, str(account_id))

    async def limit(self, username: str, caller: Caller, *, is_known_browser: bool) -> None:
        await self._limits.take(self._pair, f"{username}|{prefix(caller.address)}")
        if not is_known_browser:
            await self._limits.take(self._account, username)

    async def _with_code(self, account: Account, code: str | None) -> Proof:
        async with db.identity(self.pool) as connection:
            kept = await factor_store.totp(connection, account.id)
            has_passkey = bool(await factor_store.passkeys(connection, account.id))
        if account.kind == "break_glass":
            return Proof(account, ("password",))
        if has_passkey:
            # Or else the passkey would be as strong as the password that it is to replace.
            raise PasskeyNeeded
        if kept is None or not kept.is_confirmed:
            return Proof(account, ("password",))
        if code is None:
            raise SecondFactorNeeded
        await self.spend_code(account.id, kept, code)
        return Proof(account, ("password", "totp"))

    async def spend_code(self, account_id: int, kept: factor_store.Totp, code: str, *, confirms: bool = False) -> None:
        """A right and unused code, or NotSignedIn."""
        secret = self.sealer.open(kept.secret, totp_context(account_id)).decode()
        step = totp.match(secret, code, at=self._clock(), last_step=kept.last_step)
        if step is not None:
            async with db.identity(self.pool) as connection:
                if await factor_store.spend_totp(connection, account_id, step, confirms=confirms):
                    return
        raise NotSignedIn(WRONG)

    async def by_passkey(self, challenge: uuid.UUID, credential: dict[str, Any]) -> Proof:
        """Whose passkey signed the challenge."""
        async with db.identity(self.pool) as connection:
            taken = await factor_store.take_challenge(connection, challenge, "authenticate")
        credential_id = passkeys.credential_id_of(credential)
        async with db.identity(self.pool) as connection:
            key = await factor_store.passkey_by_credential(connection, credential_id)
        if key is None or passkeys.account_id_of(credential) != key.account_id:
            raise NotSignedIn("this passkey is not known here")
        counted, _ = self.party.verify_authentication(credential, taken.content, key.public_key, key.sign_count)
        async with db.identity(self.pool) as connection:
            if not await factor_store.use_passkey(connection, key, counted):
                raise NotSignedIn("this passkey was used elsewhere at this moment")
            account, _ = await store.by_id(connection, key.account_id)
        return Proof(_enabled(account), ("passkey",))

    async def by_device(self, device_id: int, challenge: uuid.UUID, signature: str, pin: str) -> Proof:
        """Whose device signed the challenge, and knew the PIN. Only the device itself can use up its PIN's attempts."""
        async with db.identity(self.pool) as connection:
            taken = await factor_store.take_challenge(connection, challenge, "device")
            device = await factor_store.device(connection, device_id)
        key = self._signed(device, taken, device_id, challenge, signature)
        async with db.identity(self.pool) as connection:
            if not await factor_store.try_pin(connection, key.id):
                raise DeviceLocked
        if not await self.verifier.verify(key.pin_hash, pin):
            raise NotSignedIn("the PIN is wrong")
        async with db.identity(self.pool) as connection:
            await factor_store.pin_was_right(connection, key.id)
            account, _ = await store.by_id(connection, key.account_id)
        return Proof(_enabled(account), ("device",), key.id, key.assignment_id)

    def _signed(
        self, device: DeviceKey | None, taken: Challenge, device_id: int, challenge: uuid.UUID, signature: str
    ) -> DeviceKey:
        message = device_keys.sign_in_message(str(challenge))
        if (
            device is None
            or taken.device_id != device_id
            or not device_keys.verify(device.public_key, message, signature)
        ):
            raise NotSignedIn("this device is not known here")
        return device


def _enabled(account: Account) -> Account:
    if account.disabled_at is not None:
        raise NotSignedIn(WRONG)
    return account
