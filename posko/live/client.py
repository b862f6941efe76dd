"""A client of the live socket: keeps topics current through every disconnect.

async with connect(url, token) as live:
    await live.subscribe(1, "31.72")
    async for change in live:
        print(change.view.rows)
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Literal, TypeAlias

import msgspec
import websockets.asyncio.client as ws
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import CloseCode

from posko.errors import NotAllowed, NotSignedIn, PoskoError
from posko.live import wire
from posko.live.view import View
from posko.live.wire import Bye, Delta, Heartbeat, Hello, ProblemMessage, Snapshot, Subscribe, Unsubscribe

FIRST_RETRY_S: Final = 1.0
RETRY_LIMIT_S: Final = 30.0
SILENT_BEATS: Final = 2.5
"""After so many heartbeat intervals without any word the connection counts as lost."""
CHANGES_LIMIT: Final = 256
"""Changes that wait for whoever iterates; the oldest go first: what the views say is current all the same."""
MESSAGE_LIMIT_BYTES: Final = 16 * 1024 * 1024

State: TypeAlias = Literal["live", "connecting", "closed"]
Ticket: TypeAlias = Callable[[], Awaitable[str]]


class Change(msgspec.Struct, frozen=True):
    """What has just happened: a view moved, a topic was refused, or the connection came or went."""

    kind: Literal["view", "problem", "state"]
    view: View | None = None
    problem: ProblemMessage | None = None
    state: State | None = None


class Live:
    """One connection that mends itself, and the topics that it watches."""

    def __init__(self, url: str, *, token: str | None = None, ticket: Ticket | None = None) -> None:
        self._url = url
        self._token = token
        self._ticket = ticket
        self._socket: ws.ClientConnection | None = None
        self._changes: asyncio.Queue[Change | None] = asyncio.Queue(CHANGES_LIMIT)
        self.error: PoskoError | None = None
        self._attempts = 0
        self._retry_after_s: float | None = None
        self._read: tuple[float, float] | None = None
        self._again: set[asyncio.Task[None]] = set()
        self.views: dict[str, View] = {}
        self.state: State = "connecting"
        self.heartbeat_s = 10.0
        """How often the server speaks at least; it says so in its hello."""
        self.late_s: float | None = None
        """For how long the service has not done what has fallen due; None while all is well."""
        self.closed: frozenset[int] | None = None
        """Operations watched that are closed; None before the server told."""

    async def subscribe(self, operation: int, code: str) -> View:
        """Watches a topic from now on; the view fills when its snapshot arrives."""
        view = self.views.setdefault(f"{operation}:{code}", View(f"{operation}:{code}"))
        await self._ask(view)
        return view

    async def unsubscribe(self, operation: int, code: str) -> None:
        """Watches a topic no longer."""
        if self.views.pop(f"{operation}:{code}", None) is not None:
            await self._say(Unsubscribe(f"{operation}:{code}"))

    @property
    def age_s(self) -> float | None:
        """Seconds since the server last read its database, as far as it told; None before it told."""
        if self._read is None:
            return None
        age_then, heard_at = self._read
        return age_then + time.monotonic() - heard_at

    async def __aiter__(self) -> AsyncIterator[Change]:
        """Changes as they come, until the connection is closed or refused for good."""
        while (change := await self._changes.get()) is not None:
            yield change
        if self.error is not None:
            raise self.error

    def taken(self) -> list[Change]:
        """The changes that wait, without waiting for more."""
        found = []
        while not self._changes.empty():
            if (change := self._changes.get_nowait()) is not None:
                found.append(change)
        return found

    async def run(self) -> None:
        """Connects, and connects again, until it is cancelled or refused for good."""
        try:
            while True:
                try:
                    await self._connected()
                except (NotSignedIn, NotAllowed) as error:
                    self.error = error
                    return
                except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed, EOFError) as error:
                    self._note_retry(error)
                self._enter("connecting")
                await asyncio.sleep(self._delay())
        finally:
            self._enter("closed")
            self._put(None)

    async def _connected(self) -> None:
        url, headers = self._url, {}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        elif self._ticket is not None:
            url += f"?ticket={await self._ticket()}"
        try:
            async with ws.connect(
                url,
                additional_headers=headers,
                compression=None,
                ping_interval=None,
                max_size=MESSAGE_LIMIT_BYTES,
                proxy=None,
                # Whether and when to come again is decided here, not there.
                process_exception=lambda error: error,
            ) as socket:
                self._socket = socket
                await self._talk(socket)
        except InvalidStatus as error:
            status = error.response.status_code
            if status in (401, 403) and (status == 403 or self._ticket is None):
                raise (NotSignedIn if status == 401 else NotAllowed)("the live server refused the connection") from None
            raise
        finally:
            self._socket = None

    async def _talk(self, socket: ws.ClientConnection) -> None:
        while True:
            async with asyncio.timeout(SILENT_BEATS * self.heartbeat_s):
                message = wire.decode_server(await socket.recv(decode=False))
            await self._take(message, socket)

    async def _take(self, message: wire.ServerMessage, socket: ws.ClientConnection) -> None:
        match message:
            case Hello():
                self._attempts, self._retry_after_s = 0, None
                self.heartbeat_s = message.heartbeat_s
                self._note_age(message.server_at, message.read_at)
                self._enter("live")
                for view in list(self.views.values()):
                    await self._ask(view)
            case Snapshot() | Delta():
                await self._move(message)
            case Heartbeat():
                self._note_age(message.at, message.read_at)
                self.late_s, self.closed = message.late_s, frozenset(message.closed)
            case ProblemMessage():
                self._refused(message)
            case Bye():
                self._retry_after_s = message.retry_after_s
                await socket.close(CloseCode.NORMAL_CLOSURE)

    def _note_age(self, at: datetime.datetime, read_at: datetime.datetime | None) -> None:
        if read_at is not None:
            self._read = ((at - read_at).total_seconds(), time.monotonic())

    async def _move(self, message: Snapshot | Delta) -> None:
        view = self.views.get(message.topic)
        if view is None:
            return
        if view.take(message) == "gap":
            await self._ask(view)
        else:
            self._put(Change("view", view=view))

    def _refused(self, message: ProblemMessage) -> None:
        self._put(Change("problem", problem=message))
        view = self.views.get(message.topic or "")
        if view is not None and message.retry_after_s is not None:
            task = asyncio.get_running_loop().create_task(self._ask_again(view, message.retry_after_s))
            self._again.add(task)
            task.add_done_callback(self._again.discard)
        elif message.topic is not None:
            self.views.pop(message.topic, None)

    async def _ask_again(self, view: View, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        if self.views.get(view.topic) is view:
            await self._ask(view)

    async def _ask(self, view: View) -> None:
        await self._say(Subscribe(view.topic, view.version, view.layout))

    async def _say(self, message: wire.ClientMessage) -> None:
        # Without a connection nothing is lost: every view is asked for after the next hello.
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(wire.encode(message).decode())

    def _note_retry(self, error: Exception) -> None:
        if isinstance(error, InvalidStatus):
            value = error.response.headers.get("Retry-After", "")
            if value.isdigit():
                self._retry_after_s = float(value)

    def _delay(self) -> float:
        """Full jitter before the first retry already: after a restart everybody is here at once."""
        after, self._retry_after_s = self._retry_after_s, None
        cap = min(RETRY_LIMIT_S, FIRST_RETRY_S * 2**self._attempts)
        self._attempts = min(self._attempts + 1, 16)
        return (after or 0.0) + random.uniform(0, cap)

    def _enter(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self._put(Change("state", state=state))

    def _put(self, change: Change | None) -> None:
        if self._changes.full():
            self._changes.get_nowait()
        self._changes.put_nowait(change)

    def close(self) -> None:
        """Forgets what was to be asked again."""
        for task in self._again:
            task.cancel()


@contextlib.asynccontextmanager
async def connect(url: str, token: str | None = None, *, ticket: Ticket | None = None) -> AsyncIterator[Live]:
    """A live connection with a session's token, or with a source of fresh tickets."""
    live = Live(url, token=token, ticket=ticket)
    task = asyncio.get_running_loop().create_task(live.run())
    try:
        yield live
    finally:
        live.close()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
