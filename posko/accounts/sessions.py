"""Sessions: opaque tokens, stored hashed, cached so that the intake route asks no database.

A cached session is trusted until it expires, until it has been idle for too long, or until the once-a-second look at
what was revoked or changed drops it.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from posko import db
from posko.accounts import session_store
from posko.accounts.account import Viewer
from posko.errors import NotSignedIn, Unavailable

CACHE_LIMIT: Final = 50_000
POLL_S: Final = 1.0
TOUCH_S: Final = 30.0
"""How often the database is told which sessions were used: the least that an idle limit may be is a few of these."""

_log = structlog.get_logger("accounts")


def hash_token(token: str) -> bytes:
    """What is stored of a token: it has 256 bits, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()


class _Known:
    __slots__ = ("ends_at", "expires_at", "idle", "used_at", "viewer")

    def __init__(self, found: session_store.Found) -> None:
        self.viewer, self.expires_at, self.idle = found.viewer, found.expires_at, found.idle
        self.used_at: datetime.datetime | None = None
        self.ends_at = self._end(found.seen_at)

    def _end(self, seen_at: datetime.datetime) -> datetime.datetime:
        return self.expires_at if self.idle is None else min(self.expires_at, seen_at + self.idle)

    def was_told(self) -> None:
        if self.used_at is not None:
            self.ends_at, self.used_at = self._end(self.used_at), None


class SessionCache:
    """Answers "who is this token?" from memory; a miss costs one query."""

    def __init__(self, pool: db.Pool, *, clock: Callable[[], datetime.datetime]) -> None:
        self._pool = pool
        self._clock = clock
        self._by_token: dict[str, _Known] = {}
        self._live: set[int] = set()
        self._touched: set[int] = set()
        self._touch_at: datetime.datetime | None = None
        self._seen_at: datetime.datetime | None = None
        self._on_revoke: list[Callable[[set[int]], None]] = []

    async def viewer(self, token: str) -> Viewer:
        """Whoever holds the token, or NotSignedIn."""
        found = self.cached(token)
        if found is not None:
            return found
        self._forget(token)
        return await self._load(token)

    def cached(self, token: str) -> Viewer | None:
        """The holder if known right now, without I/O."""
        found = self._by_token.get(token)
        if found is None:
            return None
        now = self._clock()
        if found.ends_at <= now:
            return None
        found.used_at = now
        return found.viewer

    def is_current(self, viewer: Viewer) -> bool:
        """Whether the session was not revoked as of the last look; for sockets opened with a ticket too."""
        return viewer.session_id in self._live

    def watch(self, viewer: Viewer) -> None:
        """Keeps an eye on a session that came in by ticket, not by token."""
        self._live.add(viewer.session_id)

    def touch(self, sessions: Iterable[int]) -> None:
        """These sessions are in use by other means than requests: an open console is not idle."""
        self._touched.update(sessions)

    def on_revoke(self, callback: Callable[[set[int]], None]) -> None:
        """Calls back with the ids of sessions that have just ended."""
        self._on_revoke.append(callback)

    async def _load(self, token: str) -> Viewer:
        async with db.identity(self._pool) as connection:
            row = await session_store.by_hash(connection, hash_token(token))
        if row is None:
            raise NotSignedIn("unknown or ended session")
        if len(self._by_token) >= CACHE_LIMIT:
            # Not an error: whoever is dropped costs one query at the next request.
            self._forget(next(iter(self._by_token)))
        known = self._by_token[token] = _Known(row)
        known.used_at = self._clock()
        self._live.add(known.viewer.session_id)
        return known.viewer

    def _forget(self, token: str) -> None:
        known = self._by_token.pop(token, None)
        if known is not None:
            self._live.discard(known.viewer.session_id)
            if known.used_at is not None:
                self._touched.add(known.viewer.session_id)

    def drop(self, sessions: set[int]) -> None:
        """Ends sessions here and now; what other processes know of them ends within a second."""
        self._live -= sessions
        self._by_token = {t: k for t, k in self._by_token.items() if k.viewer.session_id not in sessions}
        for callback in self._on_revoke:
            callback(sessions)

    async def look(self) -> None:
        """Drops what was revoked, expired or changed since the last look; tells which sessions were used."""
        now = self._clock()
        touched: set[int] = set()
        if self._touch_at is None or now >= self._touch_at:
            self._touch_at = now + datetime.timedelta(seconds=TOUCH_S)
            touched, self._touched = self._touched, set()
            for known in self._by_token.values():
                if known.used_at is not None and known.idle is not None:
                    touched.add(known.viewer.session_id)
                    known.was_told()
        async with db.identity(self._pool) as connection:
            self._seen_at, ended = await session_store.ended(connection, self._seen_at)
            if touched:
                await session_store.touch(connection, touched)
        if ended & self._live:
            self.drop(ended & self._live)

    async def run(self) -> None:
        """Looks once a second, for as long as the process lives."""
        while True:
            try:
                await self.look()
            except Unavailable:
                _log.warning("sessions_not_checked", reason="database down")
            await asyncio.sleep(POLL_S)
