"""The gate: asks the policy of a route before anything else of a request is looked at.

Who asks is found by a bearer token (programs) or by a cookie that no script can read (pages). A cookie comes along by
itself, so whatever changes something by cookie must say that it comes from one of our own pages.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from posko.accounts import log
from posko.accounts.account import Viewer
from posko.accounts.log import Refusals
from posko.accounts.opening import STEP_UP, Caller
from posko.accounts.sessions import SessionCache
from posko.address import Proxies, prefix
from posko.config import Settings
from posko.errors import (
    EnrolFirst,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OriginRefused,
    PoskoError,
    SomebodyElse,
    StepUpNeeded,
    TooMany,
    Unavailable,
)
from posko.http11 import Exchange
from posko.limits import Limits, Rule
from posko.policy import BAD_TOKEN, REPORTS_BURST_S, RULES, Policy

COOKIE: Final = "__Host-posko"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
PROGRAM_LIMIT: Final = 60
"""Characters of a User-Agent that are kept."""
# Most browsers say that they are others too: the first that is found is meant.
_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")


class NoPolicy(PoskoError):
    """A route does not say who may use it"""


class Gate:
    """What stands before every handler."""

    def __init__(
        self,
        settings: Settings,
        sessions: SessionCache,
        limits: Limits,
        refusals: Refusals,
        *,
        clock: Callable[[], datetime.datetime],
        is_pressed: Callable[[], bool],
    ) -> None:
        self._sessions = sessions
        self._limits = limits
        self._refusals = refusals
        self._clock = clock
        self._is_pressed = is_pressed
        self._reports = Rule("reports", settings.reports_per_s, settings.reports_per_s * REPORTS_BURST_S)
        self._origins = settings.origins
        self._proxies = Proxies(settings.trusted_proxies)

    async def check(self, request: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
        """Lets a request in, or raises why not. The viewer is in `request.scope["user"]` from here on."""
        policy: Policy | None = route.opt.get("policy")
        if policy is None:  # the framework's own OPTIONS
            raise NotFound(f"there is no such method on {request.scope['path']}")
        caller = self.caller(request.scope, request.headers)
        request.scope["state"]["caller"] = caller
        if policy.roles is None:
            self._limits.take_soon(RULES[policy.route_class], prefix(caller.address))
            return
        token, by_cookie = token_of(request.headers.get("authorization"), request.cookies.get(COOKIE))
        if by_cookie and request.scope.get("method") not in SAFE_METHODS:
            self.require_own_page(request.headers)
        viewer = await self.viewer(token, caller)
        if by_cookie:
            self.require_account(viewer, request.headers)
            viewer = msgspec.structs.replace(viewer, by_cookie=True)
        request.scope["user"] = viewer
        self.require(viewer, policy)
        if policy.route_class == "read" and self._is_pressed():
            # The posko must go on hearing before it goes on showing.
            raise Unavailable("the server takes reports first; read again shortly", retry_after_s=2.0)
        if viewer.role != "system":
            self._limits.take_soon(RULES[policy.route_class], str(viewer.account_id))

    async def viewer(self, token: str, caller: Caller) -> Viewer:
        """Whoever holds the token; guessing is limited by address."""
        found = self._sessions.cached(token)
        if found is not None:
            return found
        self._limits.take_soon(BAD_TOKEN, prefix(caller.address))
        return await self._sessions.viewer(token)

    # for the fast lane of reports

    def known(self, authorization: bytes) -> Viewer | None:
        """The holder of a bearer token that this process knows; None when somebody has to be asked."""
        return self._sessions.cached(token_of(authorization.decode("latin-1"), None)[0])

    def admit_reports(self, viewer: Viewer, count: int = 1) -> None:
        """EnrolFirst or TooMany; a system files as much as the queue takes."""
        if viewer.role == "system":
            return
        if viewer.must_enrol is not None:
            raise EnrolFirst(f"enrol your {viewer.must_enrol} first")
        self._limits.take_soon(self._reports, str(viewer.account_id), count)

    def note_report(self, authorization: bytes, error: PoskoError) -> None:
        """Somebody who is known was kept from filing: beyond their seat, or by their role."""
        if isinstance(error, NotAllowed | NotFound):
            viewer = self.known(authorization)
            if viewer is not None:
                self._refusals.note(log.by(viewer, "refused", outcome="refused", subject="reports", detail=error.code))

    async def reporter(self, exchange: Exchange) -> Viewer:
        """Whoever files with a bearer token."""
        token, _ = token_of(exchange.authorization.decode("latin-1"), None)
        peer = exchange.protocol.client
        address = self._proxies.client(peer[0] if peer else None, exchange.forwarded)
        return await self.viewer(token, Caller(address, "-"))

    async def reporter_of(self, scope: Mapping[str, Any]) -> Viewer:
        """Whoever files with a bearer token or, from one of our own pages, with a cookie."""
        request: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)  # type: ignore[arg-type]
        token, by_cookie = token_of(request.headers.get("authorization"), request.cookies.get(COOKIE))
        if by_cookie:
            self.require_own_page(request.headers)
        viewer = await self.viewer(token, self.caller(scope, request.headers))
        if by_cookie:
            self.require_account(viewer, request.headers)
        return viewer

    def require(self, viewer: Viewer, policy: Policy) -> None:
        """NotAllowed where the policy does not let the viewer in."""
        assert policy.roles is not None
        if not policy.own:
            if viewer.must_enrol is not None:
                raise EnrolFirst(f"enrol your {viewer.must_enrol} first")
            viewer.require_role(policy.roles)
        if policy.step_up and not self.is_stepped_up(viewer):
            raise StepUpNeeded

    def is_stepped_up(self, viewer: Viewer) -> bool:
        """Whether the viewer proved themselves within the last minutes."""
        return viewer.stepped_up_at is not None and viewer.stepped_up_at + STEP_UP > self._clock()

    def require_own_page(self, headers: Mapping[str, str]) -> None:
        """OriginRefused unless one of our own pages asks."""
        origin = headers.get("origin")
        if origin not in self._origins and (origin is not None or headers.get("sec-fetch-site") != "same-origin"):
            raise OriginRefused("this page may not do this")

    def require_account(self, viewer: Viewer, headers: Mapping[str, str]) -> None:
        """SomebodyElse where a page says whose words it brings, and the cookie has become another's meanwhile."""
        said = headers.get("posko-account")
        if said is not None and said != str(viewer.account_id):
            raise SomebodyElse("another account is signed in with this browser now; nothing was stored")

    def caller(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> Caller:
        """Where a request comes from; only what a trusted proxy says of it is believed."""
        peer = scope.get("client")
        forwarded = [v for n, v in scope["headers"] if n == b"x-forwarded-for"]
        address = self._proxies.client(peer[0] if peer else None, forwarded)
        return Caller(address, program_of(headers.get("user-agent", "")))

    def note_failure(self, username: str, caller: Caller, error: PoskoError) -> None:
        """A sign-in that failed, for the log: the name as it was tried, if it can be one."""
        known = username if re.fullmatch(r"[a-z0-9._ -]{1,63}", username) else "?"
        self._refusals.note(
            log.Entry(
                action="session.open", outcome="refused", username=known, detail=error.code, address=caller.address
            )
        )

    async def after_exception(self, error: Exception, scope: Any) -> None:
        """Notes a refusal: who was kept from what."""
        if not isinstance(error, NotAllowed | NotFound | TooMany):
            return
        caller: Caller | None = scope.get("state", {}).get("caller")
        viewer: Viewer | None = scope.get("user")
        subject = f"{scope['method']} {scope['path']}"[:200]
        address = None if caller is None else caller.address
        if viewer is not None:
            entry = log.by(viewer, "refused", outcome="refused", subject=subject, detail=error.code, address=address)
        elif isinstance(error, NotFound):
            return
        else:
            entry = log.Entry(action="refused", outcome="refused", subject=subject, detail=error.code, address=address)
        self._refusals.note(entry)


def program_of(user_agent: str) -> str:
    """What a person calls their browser (`Chrome, Android`); of other programs the beginning of what they say."""
    browser = next((name for word, name in _BROWSERS if word in user_agent), None)
    if browser is None:
        return "".join(c for c in user_agent if c.isprintable())[:PROGRAM_LIMIT] or "-"
    return ", ".join([browser, *(s for s in _SYSTEMS if s in user_agent)][:2])


def token_of(authorization: str | None, cookie: str | None) -> tuple[str, bool]:
    """The token of a request, and whether it came as a cookie; a header goes before a cookie."""
    if authorization is not None:
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise NotSignedIn
        return token.strip(), False
    if not cookie:
        raise NotSignedIn
    return cookie, True


def require_policies(app: Litestar) -> None:
    """Raises NoPolicy for the first route that does not say who may use it."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", None) or [getattr(route, "route_handler", None)]:
            if getattr(handler, "http_methods", None) == {"OPTIONS"}:
                continue  # the framework's own; the gate answers it
            if handler is None or not isinstance(handler.opt.get("policy"), Policy):
                raise NoPolicy(f"{route.path}: {handler} declares no policy")
