"""Passwords: argon2id (t=2, m=19 MiB, p=1), off the event loop, a bounded number at a time."""

from __future__ import annotations

import asyncio
import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from posko.errors import Unavailable

MIN_LENGTH: Final = 12
PARALLEL_LIMIT: Final = 2
WAITING_LIMIT: Final = 200
"""Passwords that wait to be checked in one process; over it: 503."""

_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The encoded argon2id hash; takes some 20 ms of a core."""
    return _hasher.hash(password)


def _verify(encoded: str, password: str) -> bool:
    try:
        return _hasher.verify(encoded, password)
    except (VerificationError, InvalidHashError):
        return False


class Verifier:
    """Checks passwords in threads, `PARALLEL_LIMIT` at a time; an unknown user costs what a wrong password costs."""

    def __init__(self) -> None:
        self._waiting = 0
        self._slots = asyncio.Semaphore(PARALLEL_LIMIT)
        self._decoy = hash_password(secrets.token_hex(16))

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Whether the password is the account's; `encoded` None stands for an unknown user and is always False."""
        if self._waiting >= WAITING_LIMIT:
            raise Unavailable("too many are signing in", retry_after_s=5.0)
        self._waiting += 1
        try:
            return await self._verify_in_turn(encoded, password)
        finally:
            self._waiting -= 1

    async def _verify_in_turn(self, encoded: str | None, password: str) -> bool:
        async with self._slots:
            matches = await asyncio.to_thread(_verify, encoded or self._decoy, password)
        return matches and encoded is not None
