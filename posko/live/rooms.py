"""Which topics are watched, by whom, and which of them are dirty. A room is a topic with its sockets. No I/O."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from posko import terms
from posko.errors import Unavailable
from posko.live.metrics import Metrics
from posko.live.topic import Topic
from posko.live.wire import Subscribe, parse_topic

if TYPE_CHECKING:
    from posko.live.socket import Socket

LINGER_S: Final = 30.0
"""How long a topic that nobody watches any more is kept current: consoles come back."""
ROOMS_LIMIT: Final = 20_000
"""Topics that one hub keeps current."""


class Room:
    """One watched topic, its sockets, and who waits for it to be read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operation, self.code = parse_topic(name)
        self.topic: Topic | None = None
        self.sockets: dict[Socket, asyncio.Transport | None] = {}
        """Where frames go; None for a stale socket. Held here so that a sweep touches nothing else of it."""
        self.waiting: dict[Socket, Subscribe] = {}
        self.whole = True
        """Must be read whole, not just its changes."""
        self.due_at = 0.0
        self.rung_at: float | None = None
        self.left_at: float | None = None


class Rooms:
    """The rooms of one hub, by operation and region code, and the dirty ones in the order in which they became so."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._rooms: dict[int, dict[str, Room]] = {}
        self._count = 0
        self.dirty: dict[Room, None] = {}
        self.woken = asyncio.Event()

    @property
    def operations(self) -> list[int]:
        """The operations that anybody watches."""
        return list(self._rooms)

    def open(self, name: str) -> Room:
        """The room of a topic, made if need be; Unavailable over the limit."""
        operation, code = parse_topic(name)
        rooms = self._rooms.setdefault(operation, {})
        if (room := rooms.get(code)) is None:
            if self._count >= ROOMS_LIMIT:
                raise Unavailable("this server watches as many topics as it can", retry_after_s=10.0)
            room = rooms[code] = Room(name)
            self._resized(+1)
        room.left_at = None
        return room

    def leave(self, socket: Socket, name: str) -> None:
        """Takes a socket out of a room, if it is in it."""
        socket.missed.pop(name, None)
        if (room := socket.rooms.pop(name, None)) is not None:
            room.sockets.pop(socket, None)
            room.waiting.pop(socket, None)
            if not room.sockets and not room.waiting:
                room.left_at = time.monotonic()

    def drop(self, room: Room) -> None:
        """Forgets a room."""
        self.dirty.pop(room, None)
        rooms = self._rooms.get(room.operation, {})
        if rooms.get(room.code) is room:
            del rooms[room.code]
            self._resized(-1)
            if not rooms:
                del self._rooms[room.operation]

    def drop_idle(self) -> None:
        """Forgets the rooms that nobody has been in for a while."""
        before = time.monotonic() - LINGER_S
        rooms = [r for rooms in self._rooms.values() for r in rooms.values()]
        for room in rooms:
            if room.left_at is not None and room.left_at < before:
                self.drop(room)

    def _resized(self, by: int) -> None:
        self._count += by
        self._metrics.topics.set(self._count)

    def ring(self, operation: int, codes: Iterable[str]) -> None:
        """Something was filed for these places: what watches them or a region above them is dirty."""
        rooms = self._rooms.get(operation)
        if not rooms:
            return
        now, seen = time.monotonic(), set[str]()
        for code in codes:
            for ancestor in terms.ancestors(code):
                if ancestor in seen:
                    break
                seen.add(ancestor)
                if (room := rooms.get(ancestor)) is not None:
                    self.touch(room, rung_at=now)

    def look_at(self, operation: int, *, whole: bool) -> None:
        """A version moved and no bell said where: every topic of the operation is dirty."""
        for room in self._rooms.get(operation, {}).values():
            room.whole |= whole
            self.touch(room)

    def touch(self, room: Room, *, rung_at: float | None = None) -> None:
        """Marks one room dirty."""
        if room not in self.dirty:
            room.rung_at = rung_at
            self.dirty[room] = None
            self.woken.set()
