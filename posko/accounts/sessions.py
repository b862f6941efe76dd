"""Sessions: opaque tokens, stored hashed, cached so that the intake route asks no database.

A cached session is trusted until it expires or until the once-a-second look at what was revoked or changed drops it.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import secrets
from collections.abc import Callable
from typing import Final

import structlog

from posko import db
from posko.accounts import store
from posko.accounts.account import Account, Session, Viewer
from posko.errors import NotSignedIn, Unavailable

CACHE_LIMIT: Final = 50_000
POLL_S: Final = 1.0

_log = structlog.get_logger("accounts")


def hash_token(token: str) -> bytes:
    """What is stored of a token: it has 256 bits, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()


async def open_session(connection: db.Connection, account: Account, *, hours: int) -> Session:
    """Makes a session for an account whose password was right."""
    token = secrets.token_urlsafe(32)
    expires_at = await store.insert_session(connection, account.id, hash_token(token), datetime.timedelta(hours=hours))
    return Session(token=token, expires_at=expires_at, account=account)


class SessionCache:
    """Answers "who is this token?" from memory; a miss costs one query."""

    def __init__(self, pool: db.Pool, *, clock: Callable[[], datetime.datetime]) -> None:
        self._pool = pool
        self._clock = clock
        self._by_token: dict[str, tuple[Viewer, datetime.datetime]] = {}
        self._live: set[int] = set()
        self._seen_at: datetime.datetime | None = None
        self._on_revoke: list[Callable[[set[int]], None]] = []

    async def viewer(self, token: str) -> Viewer:
        """Whoever holds the token, or NotSignedIn."""
        found = self._by_token.get(token)
        if found is None:
            found = await self._load(token)
        viewer, expires_at = found
        if expires_at <= self._clock():
            self._by_token.pop(token, None)
            self._live.discard(viewer.session_id)
            raise NotSignedIn("this session has ended")
        return viewer

    def cached(self, token: str) -> Viewer | None:
        """The holder if known right now, without I/O."""
        found = self._by_token.get(token)
        return found[0] if found is not None and found[1] > self._clock() else None

    def is_current(self, viewer: Viewer) -> bool:
        """Whether the session was not revoked as of the last look; for sockets opened with a ticket too."""
        return viewer.session_id in self._live

    def watch(self, viewer: Viewer) -> None:
        """Keeps an eye on a session that came in by ticket, not by token."""
        self._live.add(viewer.session_id)

    def on_revoke(self, callback: Callable[[set[int]], None]) -> None:
        """Calls back with the ids of sessions that have just ended."""
        self._on_revoke.append(callback)

    async def _load(self, token: str) -> tuple[Viewer, datetime.datetime]:
        with db.translated():
            async with self._pool.acquire() as connection:
                row = await store.session_by_hash(connection, hash_token(token))
        if row is None:
            raise NotSignedIn("unknown or ended session")
        if len(self._by_token) >= CACHE_LIMIT:
            # Not an error: whoever is dropped costs one query at the next request.
            oldest = next(iter(self._by_token))
            self._live.discard(self._by_token.pop(oldest)[0].session_id)
        self._by_token[token] = row
        self._live.add(row[0].session_id)
        return row

    def _drop(self, sessions: set[int]) -> None:
        self._live -= sessions
        self._by_token = {t: v for t, v in self._by_token.items() if v[0].session_id not in sessions}
        for callback in self._on_revoke:
            callback(sessions)

    async def look(self) -> None:
        """Drops what was revoked, expired or changed since the last look."""
        with db.translated():
            async with self._pool.acquire() as connection:
                self._seen_at, ended = await store.ended_sessions(connection, self._seen_at)
        if ended:
            self._drop(ended & self._live)

    async def run(self) -> None:
        """Looks once a second, for as long as the process lives."""
        while True:
            try:
                await self.look()
            except Unavailable:
                _log.warning("sessions_not_checked", reason="database down")
            await asyncio.sleep(POLL_S)
