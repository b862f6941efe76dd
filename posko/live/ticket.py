"""Tickets: let a browser open the live socket once. Signed, so that they are checked without a query."""

from __future__ import annotations

import asyncio
import base64
import binascii
import collections
import datetime
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import urlsplit

import msgspec
import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError

from posko.accounts.account import Viewer
from posko.config import Settings
from posko.errors import NotSignedIn, Unavailable

TICKET_LIMIT: Final = 4096
"""Longest ticket that is looked at, in characters."""
USED_LIMIT: Final = 200_000
"""Used tickets that a hub remembers until they expire; over it: come again."""
REDIS_TIMEOUT_S: Final = 0.05
REDIS_PAUSE_S: Final = 1.0
"""After Redis did not answer in time, how long it is not asked."""

_MAC_BYTES: Final = 32
_log = structlog.get_logger("ticket")


class Claims(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a ticket says: who, and until when (seconds since 1970); the nonce makes it one of a kind."""

    account_id: int
    username: str
    role: str
    regions: tuple[str, ...]
    cleared: bool
    seat_id: int | None
    seat_operation: int | None
    session_id: int
    operation: int | None
    expires_s: float
    nonce: bytes

    def viewer(self) -> Viewer:
        return Viewer(
            account_id=self.account_id,
            username=self.username,
            session_id=self.session_id,
            seat_id=self.seat_id,
            role=self.role,
            regions=self.regions,
            operation=self.seat_operation,
            cleared=self.cleared,
        )


class Ticket(msgspec.Struct, frozen=True):
    """Opens `url?ticket=<ticket>` once, until `expires_at`."""

    ticket: str
    url: str
    expires_at: datetime.datetime


class Signer:
    """Issues and verifies tickets with the secret that every role shares."""

    def __init__(self, secret_key: str) -> None:
        # The same secret may sign other things: a key of its own keeps them apart.
        self._key = hmac.digest(secret_key.encode(), b"posko live ticket 2", "sha256")

    def issue(self, viewer: Viewer, *, at: datetime.datetime, lasts_s: float, operation: int | None = None) -> str:
        """A ticket for the viewer; `operation` limits it to that one."""
        claims = Claims(
            viewer.account_id,
            viewer.username,
            viewer.role,
            viewer.regions,
            viewer.cleared,
            viewer.seat_id,
            viewer.operation,
            viewer.session_id,
            operation,
            at.timestamp() + lasts_s,
            secrets.token_bytes(16),
        )
        body = msgspec.msgpack.encode(claims)
        return base64.urlsafe_b64encode(self._mac(body) + body).rstrip(b"=").decode()

    def verify(self, ticket: str, *, at: datetime.datetime) -> Claims:
        """What the ticket says, or NotSignedIn if it is forged or expired. Does not know whether it was used."""
        if len(ticket) > TICKET_LIMIT:
            raise NotSignedIn("this ticket is not valid")
        try:
            raw = base64.b64decode(ticket.encode("ascii") + b"=" * (-len(ticket) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise NotSignedIn("this ticket is not valid") from None
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            raise NotSignedIn("this ticket is not valid")
        claims = msgspec.msgpack.decode(body, type=Claims)
        if claims.expires_s <= at.timestamp():
            raise NotSignedIn("this ticket has expired")
        return claims

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)


class Used:
    """Remembers used tickets until they expire: in this process always, across hubs while Redis answers at once."""

    def __init__(self, client: redis.Redis | None) -> None:
        self._redis = client
        self._until: dict[bytes, float] = {}
        self._waiting: collections.deque[tuple[bytes, int, asyncio.Future[bool]]] = collections.deque()
        self._asker: asyncio.Task[None] | None = None
        self._paused_until = 0.0

    async def spend(self, claims: Claims, *, at: datetime.datetime) -> None:
        """Marks the ticket as used; NotSignedIn if it was."""
        now = at.timestamp()
        if len(self._until) >= USED_LIMIT:
            self._until = {n: t for n, t in self._until.items() if t > now}
            if len(self._until) >= USED_LIMIT:
                raise Unavailable("too many tickets at once", retry_after_s=5.0)
        if claims.nonce in self._until:
            raise NotSignedIn("this ticket was used")
        self._until[claims.nonce] = claims.expires_s
        if not await self._first(claims.nonce, max(1, round(claims.expires_s - now + 1))):
            raise NotSignedIn("this ticket was used")

    async def _first(self, nonce: bytes, lasts_s: int) -> bool:
        loop = asyncio.get_running_loop()
        if self._redis is None or loop.time() < self._paused_until:
            return True
        answer: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((nonce, lasts_s, answer))
        if self._asker is None or self._asker.done():
            self._asker = loop.create_task(self._ask(self._redis))
        return await answer

    async def _ask(self, client: redis.Redis) -> None:
        # One pipeline for all that came meanwhile: a reconnect storm costs Redis a few round trips, not thousands.
        while self._waiting:
            batch, self._waiting = self._waiting, collections.deque()
            answers: list[bool | None] = [True] * len(batch)
            try:
                async with asyncio.timeout(REDIS_TIMEOUT_S), client.pipeline(transaction=False) as pipeline:
                    for nonce, lasts_s, _ in batch:
                        pipeline.set(b"posko:ticket:" + nonce, b"1", nx=True, ex=lasts_s)
                    answers = await pipeline.execute()
            except (RedisError, OSError, TimeoutError) as error:
                self._paused_until = asyncio.get_running_loop().time() + REDIS_PAUSE_S
                _log.warning("tickets_checked_here_only", cause=type(error).__name__)
            for (_, _, future), first in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(bool(first))


def live_url(settings: Settings) -> str:
    """Address of /v1/live as clients reach it: as set, else behind the public address, else this host's live port."""
    if settings.live_url:
        return settings.live_url
    scheme, _, rest = settings.public_url.partition("://")
    host = rest.partition("/")[0]
    secure = "wss" if scheme == "https" else "ws"
    name, colon, port = host.rpartition(":")
    if colon and port == str(settings.port):
        # The public address is the web process itself: no proxy that would route /v1/live.
        return f"{secure}://{name}:{settings.live_port}/v1/live"
    return f"{secure}://{host}/v1/live"


def live_origin(settings: Settings) -> str:
    """Scheme, host and port of `live_url`: what pages may open a socket to."""
    return "{0.scheme}://{0.netloc}".format(urlsplit(live_url(settings)))
