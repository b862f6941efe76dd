"""The door: who may open a live socket, how many at once, and the plain pages of the hub's port."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

import msgspec
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from posko.accounts.account import EVERYONE, Viewer
from posko.config import Settings
from posko.errors import NotFound, NotSignedIn, OriginRefused, PoskoError, TooMany, Unavailable
from posko.live.socket import Socket, jittered
from posko.live.ticket import Claims

PATH: Final = "/v1/live"
UNKNOWN_PER_S: Final = 500.0
"""Bearer tokens that this hub does not know: each costs a query, so whoever guesses is slowed down here."""

_log = structlog.get_logger("live")


class Sessions(Protocol):
    """What the door asks of posko.accounts.sessions.SessionCache."""

    async def viewer(self, token: str) -> Viewer: ...

    def cached(self, token: str) -> Viewer | None: ...

    def watch(self, viewer: Viewer) -> None: ...


class Bucket:
    """Lets `per_s` through each second, and as many at once after a pause."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._left = per_s
        self._at = time.monotonic()

    def take(self) -> bool:
        """Whether one more may pass now."""
        now = time.monotonic()
        self._left = min(self._per_s, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Pages(msgspec.Struct, frozen=True):
    """What the hub's port answers to plain HTTP."""

    registry: CollectorRegistry
    is_ready: Callable[[], bool]

    def get(self, path: str) -> Response | None:
        """The page, or None where there is none."""
        if path == "/metrics":
            return _response(200, generate_latest(self.registry), CONTENT_TYPE_LATEST)
        if path == "/health/live":
            return _response(200, b'{"status":"ok"}', "application/json")
        if path == "/health/ready":
            if self.is_ready():
                return _response(200, b'{"status":"ok"}', "application/json")
            return _refused(Unavailable("the database has not answered for a while"))
        return None


class Door:
    """Answers handshakes: None lets a socket in, with its viewer set."""

    def __init__(
        self,
        settings: Settings,
        sessions: Sessions,
        spend: Callable[[str], Awaitable[Claims]],
        *,
        pages: Pages,
        consoles: Callable[[], int],
        consoles_of: Callable[[int], int],
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._spend = spend
        self._pages = pages
        self._consoles = consoles
        self._consoles_of = consoles_of
        self._bucket = Bucket(settings.accepts_per_s)
        self._unknown = Bucket(UNKNOWN_PER_S)
        self._origins = settings.origins

    async def process_request(self, socket: Socket, request: Request) -> Response | None:
        """The answer to a handshake, for websockets.serve."""
        url = urlsplit(request.path)
        if (page := self._pages.get(url.path)) is not None:
            return page
        try:
            if url.path != PATH:
                raise NotFound(f"there is no {url.path} here")
            await self._admit(socket, request.headers, url.query)
        except PoskoError as error:
            _log.info("socket_refused", status=error.status, code=error.code)
            return _refused(error)
        return None

    async def _admit(self, socket: Socket, headers: Headers, query: str) -> None:
        origins = headers.get_all("Origin")
        if any(o not in self._origins for o in origins):
            raise OriginRefused("this page may not open the live socket")
        if self._consoles() >= self._settings.console_limit or not self._bucket.take():
            raise Unavailable("too many consoles at once", retry_after_s=jittered(4.0))
        authorization = headers.get_all("Authorization")
        if authorization:
            scheme, _, token = authorization[0].partition(" ")
            if scheme.lower() != "bearer" or len(authorization) > 1:
                raise NotSignedIn("one bearer token, please")
            viewer = self._sessions.cached(token.strip())
            if viewer is None:
                if not self._unknown.take():
                    raise Unavailable("too many unknown tokens at once", retry_after_s=jittered(4.0))
                viewer = await self._sessions.viewer(token.strip())
            viewer.require_role(EVERYONE)
            socket.viewer = viewer
            self._require_few(viewer)
            return
        tickets = parse_qs(query, max_num_fields=8).get("ticket", []) if "ticket=" in query else []
        if len(tickets) != 1:
            raise NotSignedIn("a bearer token or a ticket, please")
        claims = await self._spend(tickets[0])
        socket.viewer, socket.operation = claims.viewer(), claims.operation
        self._require_few(socket.viewer)
        self._sessions.watch(socket.viewer)

    def _require_few(self, viewer: Viewer) -> None:
        """TooMany over the sockets that one account may have here: one token must not take every console's place."""
        limit = self._settings.sockets_per_account_limit
        if viewer.role != "system" and self._consoles_of(viewer.account_id) >= limit:
            raise TooMany(f"one account has at most {limit} live sockets", retry_after_s=jittered(4.0))


def _response(status: int, body: bytes, content_type: str) -> Response:
    headers = Headers(
        [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ]
    )
    return Response(status, HTTPStatus(status).phrase, headers, body)


def _refused(error: PoskoError) -> Response:
    response = _response(error.status, msgspec.json.encode(error.problem()), "application/problem+json")
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if error.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
