"""Browsers that an account has signed in from: who attacks a name from elsewhere cannot slow down its owner's own.

The cookie holds a keyed digest of each name, nothing else, and opens nothing: it chooses which limit counts.
"""

from __future__ import annotations

import hmac
from typing import Final

COOKIE: Final = "__Host-posko-known"
LASTS_S: Final = 400 * 86_400
NAMES_LIMIT: Final = 8
"""People who share one desk's browser; the oldest is forgotten."""

_DIGEST: Final = 22


class KnownBrowser:
    """Reads and writes the cookie."""

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.digest(secret_key.encode(), b"posko known browser 1", "sha256")

    def knows(self, cookie: str | None, username: str) -> bool:
        """Whether the cookie says that this name has signed in here before."""
        wanted = self._digest(username)
        return any(hmac.compare_digest(wanted, given) for given in self._split(cookie))

    def with_name(self, cookie: str | None, username: str) -> str:
        """The cookie after this name has signed in."""
        wanted = self._digest(username)
        kept = [d for d in self._split(cookie) if d != wanted]
        return ".".join([wanted, *kept][:NAMES_LIMIT])

    def _split(self, cookie: str | None) -> list[str]:
        if not cookie or len(cookie) > NAMES_LIMIT * (_DIGEST + 1) or not cookie.isascii():
            return []
        return cookie.split(".")

    def _digest(self, username: str) -> str:
        return hmac.new(self._key, username.encode(), "sha256").hexdigest()[:_DIGEST]
