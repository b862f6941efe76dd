"""Watching a region from a terminal, and what that takes of the HTTP side: signing in, and where the live socket is."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, Final

import aiohttp
import msgspec
from rich.console import Console, Group, RenderableType
from rich.live import Live as Screen
from rich.text import Text

from posko import errors
from posko.console import wide_console
from posko.errors import DatabaseDown, NotSignedIn, PlaceUnknown, PoskoError, Problem
from posko.live import board
from posko.live.board import Heading
from posko.live.client import Change, Live, connect

REFRESH_S: Final = 0.25
LINE_S: Final = 5.0
"""How often a line is printed where there is no terminal."""
FIRST_S: Final = 15.0
"""How long the first snapshot may take."""
HTTP_TIMEOUT_S: Final = 15.0


class NoAnswer(PoskoError):
    """The server does not answer"""


class _Session(msgspec.Struct, frozen=True):
    token: str


class _Ticket(msgspec.Struct, frozen=True):
    url: str


class Milestone(msgspec.Struct, frozen=True):
    """A milestone's code and label."""

    code: str
    label_id: str


class Operation(msgspec.Struct, frozen=True):
    """What the board needs to know of an operation."""

    id: int
    name: str
    mode: str
    state: str
    root_code: str
    milestones: list[Milestone] = []

    def heading(self) -> Heading:
        return Heading(self.name, self.mode == "drill", {m.code: m.label_id for m in self.milestones})


class Server:
    """The HTTP side of a posko."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str | None) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self.token = token

    async def sign_in(self, username: str, password: str) -> None:
        """Signs in; NotSignedIn when name or password is wrong."""
        body = {"username": username, "password": password}
        self.token = msgspec.json.decode(await self._ask("POST", "/v1/sessions", json=body), type=_Session).token

    async def live_url(self) -> str:
        """Where this server's live socket is."""
        return msgspec.json.decode(await self._ask("POST", "/v1/live/tickets"), type=_Ticket).url

    async def operation(self, operation: int | None) -> Operation:
        """The operation, or the active one in scope if there is just one."""
        if operation is None:
            every = msgspec.json.decode(await self._ask("GET", "/v1/operations"), type=list[Operation])
            active = [o for o in every if o.state == "active"]
            if len(active) != 1:
                known = ", ".join(f"{o.id} {o.name}" for o in active) or "none"
                raise errors.OperationUnknown(f"say which with --operation; active in scope: {known}")
            operation = active[0].id
        return msgspec.json.decode(await self._ask("GET", f"/v1/operations/{operation}"), type=Operation)

    async def _ask(self, method: str, path: str, **more: Any) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            async with self._session.request(method, self._url + path, headers=headers, **more) as answer:
                body = await answer.read()
                if answer.status >= 400:
                    raise _refused(answer.status, body)
                return body
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswer(f"{self._url}: {error or type(error).__name__}") from error


def _refused(status: int, body: bytes) -> PoskoError:
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        return NoAnswer(f"the server answered {status}")
    kind = NotSignedIn if status == 401 else errors.Refused
    return kind(problem.detail or problem.title)


@contextlib.asynccontextmanager
async def server_at(url: str, token: str | None = None) -> AsyncIterator[Server]:
    """The HTTP side of the posko at an address."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=HTTP_TIMEOUT_S)) as session:
        yield Server(session, url, token)


async def watch(
    live_url: str,
    token: str,
    operation: Operation,
    region: str,
    *,
    console: Console | None = None,
    once: bool = False,
    footer: Callable[[], RenderableType] = str,
) -> None:
    """Shows a region and its children until it is cancelled; once: as soon as there is something, and never again.

    `footer` is asked for what stands below the board, at each redraw of a terminal.
    """
    console = console or wide_console()
    async with connect(live_url, token) as live:
        await live.subscribe(operation.id, region)
        try:
            await asyncio.wait_for(_first(live), FIRST_S)
        except TimeoutError:
            raise NoAnswer(f"nothing came from {live_url} within {FIRST_S:.0f} s") from None
        if once:
            console.print(_shown(live, operation, console.width))
        elif console.is_terminal:
            await _on_screen(live, operation, console, footer)
        else:
            await _in_lines(live, operation, console)


def _shown(live: Live, operation: Operation, width: int) -> Any:
    (view,) = live.views.values()
    return board.board(view, operation.heading(), _state(live, operation), width=width)


def _state(live: Live, operation: Operation) -> Text:
    is_closed = operation.state == "closed" if live.closed is None else operation.id in live.closed
    said = board.status(live.state, live.age_s, behind_s=live.heartbeat_s + 3)
    return board.troubles(said, late_s=live.late_s, is_closed=is_closed)


async def _first(live: Live) -> None:
    async for change in live:
        _check(change)
        if change.kind == "view":
            return


def _check(change: Change) -> None:
    problem = change.problem
    if problem is None or problem.code == DatabaseDown.code:
        return
    raise PlaceUnknown(problem.detail) if problem.code == PlaceUnknown.code else errors.Refused(problem.detail)


async def _on_screen(live: Live, operation: Operation, console: Console, footer: Callable[[], RenderableType]) -> None:
    with Screen(
        _shown(live, operation, console.width), console=console, auto_refresh=False, vertical_overflow="visible"
    ) as screen:
        async with contextlib.aclosing(_paced(live, REFRESH_S)) as moments:
            async for _ in moments:
                screen.update(Group(_shown(live, operation, console.width), footer()), refresh=True)


async def _in_lines(live: Live, operation: Operation, console: Console) -> None:
    async with contextlib.aclosing(_paced(live, LINE_S)) as moments:
        async for _ in moments:
            (view,) = live.views.values()
            console.print(
                board.line(view, operation.heading(), _state(live, operation)), highlight=False, soft_wrap=True
            )


async def _paced(live: Live, every_s: float) -> AsyncGenerator[None, None]:
    """A moment to print, every so often: the age grows even when nothing comes."""
    last = 0.0
    while True:
        if live.error is not None:
            raise live.error
        for change in live.taken():
            _check(change)
        now = time.monotonic()
        if now - last >= every_s:
            last = now
            yield
        await asyncio.sleep(REFRESH_S)
