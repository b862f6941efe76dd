"""How a session is answered: to a program with its token, to a page with a cookie that no script reads."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from litestar.params import Parameter

from posko.accounts import known_browser
from posko.accounts.account import Session
from posko.accounts.gate import COOKIE

RowId = Annotated[int, Parameter(ge=1, le=2_147_483_647)]
"""An id in a path."""


def session_cookie(token: str, *, lasts_s: int | None = None) -> Cookie:
    """The cookie of a session; without `lasts_s` it goes with the browser."""
    return Cookie(key=COOKIE, value=token, path="/", secure=True, httponly=True, samesite="strict", max_age=lasts_s)


def gone_cookie() -> Cookie:
    """Takes the session's cookie away."""
    return session_cookie("", lasts_s=0)


def answer(session: Session, *, by_cookie: bool, status: int = 200, known: str | None = None) -> Response[Session]:
    """A session that was opened or rotated; `known` is the new value of the known-browser cookie."""
    cookies = []
    shown = session
    if by_cookie:
        assert session.token is not None
        cookies.append(session_cookie(session.token))
        shown = msgspec.structs.replace(session, token=None)
        if known is not None:
            cookies.append(
                Cookie(
                    key=known_browser.COOKIE,
                    value=known,
                    path="/",
                    secure=True,
                    httponly=True,
                    samesite="strict",
                    max_age=known_browser.LASTS_S,
                )
            )
    headers: dict[str, Any] = {"Cache-Control": "no-store"}
    return Response(shown, status_code=status, cookies=cookies, headers=headers)
