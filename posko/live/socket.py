"""One console's socket: what it may see, what it missed, and the bytes that go to it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import structlog
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.protocol import State

from posko.errors import PoskoError
from posko.live import wire
from posko.live.wire import Bye, ByeCode, Subscribe

if TYPE_CHECKING:
    from posko.accounts.account import Viewer
    from posko.live.fanout import Fanout
    from posko.live.rooms import Room

MESSAGES_LIMIT: Final = 64
"""Messages that one client may send in MESSAGES_S seconds; over it: bye busy."""
MESSAGES_S: Final = 10.0
KERNEL_BUFFER_BYTES: Final = 65_536
CLOSE_TIMEOUT_S: Final = 2.0
"""How long a client has to answer a close, and a slow one to take its bye."""
CLOSE_CODES: Final[dict[str, int]] = {"slow": 4008, "busy": 1013, "revoked": 4401, "shutdown": 1012}

_log = structlog.get_logger("live")


class Socket(ServerConnection):
    """A connection that is written to directly: frames are encoded once for all, nothing is left to do per socket."""

    viewer: Viewer
    operation: int | None = None
    """The one operation that its ticket is for; None: any in scope."""
    slot = 0
    """Which part of the heartbeat interval is its turn."""
    is_leaving = False
    on_behind: Callable[[Socket], None] | None = None
    """Told when more is unsent than `write_limit`: asked of the transport for every frame, that would be dear."""

    def __init__(self, *args: Any, connections_limit: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections_limit = connections_limit
        self.rooms: dict[str, Room] = {}
        self.missed: dict[str, Room] = {}
        """Topics whose deltas it did not get while it was stale."""
        self.stale_since: float | None = None
        self.heard_at = self.loop.time()
        self.checked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if len(self.server.handler_tasks) > self._connections_limit:
            self.transport.abort()
        elif (sock := transport.get_extra_info("socket")) is not None:
            # What a slow client has not read is to wait here, where it is counted, not by the megabyte in the kernel.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        super().data_received(data)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.on_behind is not None:
            self.on_behind(self)

    @property
    def is_open(self) -> bool:
        return self.protocol.state is State.OPEN

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self.transport.get_write_buffer_size()

    def say(self, message: wire.ServerMessage) -> None:
        """Writes a message that is for this socket alone."""
        if self.is_open:
            self.transport.write(wire.frame(message))

    async def bye(self, code: ByeCode, *, retry_after_s: float) -> None:
        """Says why, and closes; whoever does not answer in time is cut off."""
        if not self.is_open:
            return
        self.say(Bye(code, round(retry_after_s, 2)))
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self.close(CLOSE_CODES[code], code)
        self.transport.abort()


class Conversation:
    """Reads what one client says, until it leaves."""

    def __init__(self, socket: Socket, fanout: Fanout, close: Callable[[Socket, ByeCode], None]) -> None:
        self._socket = socket
        self._fanout = fanout
        self._close = close
        self._window = (0.0, 0)

    async def run(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in self._socket:
                if self._socket.is_leaving:
                    continue
                if isinstance(message, bytes):
                    await self._socket.close(CloseCode.UNSUPPORTED_DATA, "text frames only")
                elif self._too_many():
                    # The loop ends when the goodbye has been said.
                    self._close(self._socket, "busy")
                else:
                    self._take(message)

    def _too_many(self) -> bool:
        now = self._socket.loop.time()
        began, count = self._window
        self._window = (now, 1) if now - began > MESSAGES_S else (began, count + 1)
        return self._window[1] > MESSAGES_LIMIT

    def _take(self, text: str) -> None:
        topic = None
        try:
            message = wire.decode_client(text)
            topic = message.topic
            if isinstance(message, Subscribe):
                self._fanout.subscribe(self._socket, message)
            else:
                self._fanout.rooms.leave(self._socket, topic)
        except PoskoError as error:
            self._socket.say(wire.refusal(error, topic))


def jittered(seconds: float) -> float:
    """Between half and one and a half times as long: those who were sent away are not to return together."""
    return seconds * random.uniform(0.5, 1.5)
