"""The fan-out: what is dirty is read in one statement a tick, encoded once a topic, and written to every socket.

The first frame after a pause goes at once; then one every tick. A tick stretches with the work of the last round: 50 ms
for 1,000 consoles, 250 ms for 10,000. While reports pour in, a long sweep rests between its strides: the database and
the intake, which may share its cores, are not to stand still for a tenth of a second four times a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Final

import structlog

from posko import db
from posko.config import Settings
from posko.errors import DatabaseDown, PlaceUnknown, PoskoError, TooMany
from posko.live import store
from posko.live.metrics import Metrics
from posko.live.rooms import Room, Rooms
from posko.live.socket import Socket, jittered
from posko.live.topic import Found, Topic
from posko.live.wire import Subscribe, refusal

TICK_S: Final = 0.05
TICK_LIMIT_S: Final = 0.25
OPENS_LIMIT: Final = 200
"""Topics that one statement reads whole."""
READS_LIMIT: Final = 2000
"""Topics of which one statement reads the changes."""
STRIDE: Final = 300
"""Sockets that are written to before the loop may do something else."""
RESTS_AFTER: Final = 1000
"""Sockets of a round after which a sweep rests; before, it is over too soon to disturb anybody."""
REST: Final = 1.5
"""How long a rest is, in strides."""
POURING_PER_S: Final = 500.0
"""Reports per second from which on a sweep rests, looked at over POURING_S: bells come every 10 ms."""
POURING_S: Final = 0.02
RETRY_S: Final = 0.25

_log = structlog.get_logger("live")
_Frames = list[tuple[Room, bytes]]


class Fanout:
    """Keeps the watched topics current and their sockets told."""

    def __init__(self, settings: Settings, pool: db.Pool, metrics: Metrics) -> None:
        self._settings = settings
        self._pool = pool
        self._metrics = metrics
        self._tick_s = TICK_S
        self._rested_s = 0.0
        self._rung = 0
        self._rung_since = 0.0
        self._poured = False
        self.rooms = Rooms(metrics)
        self.stale: set[Socket] = set()
        self._failing = False
        self.versions: dict[int, int] = {}
        """Of each watched operation, as last read."""
        self.read_at: float | None = None
        """Monotonic moment of the last successful read."""

    def subscribe(self, socket: Socket, message: Subscribe) -> None:
        """Answers with a frame now, or after the topic has been read; PlaceUnknown outside the viewer's scope."""
        operation, _, code = message.topic.partition(":")
        if not socket.viewer.can_see(code) or socket.operation not in (None, int(operation)):
            raise PlaceUnknown(f"there is no region {code} here")
        limit = self._settings.topics_per_socket_limit
        if message.topic not in socket.rooms and len(socket.rooms) >= limit:
            raise TooMany(f"a socket may watch {limit} topics")
        room = socket.rooms[message.topic] = self.rooms.open(message.topic)
        socket.on_behind = self.fall_behind
        self._answer(room, socket, message, was_read=False)

    def ring(self, operation: int, codes: Sequence[str]) -> None:
        """Something was filed for these places."""
        self._rung += len(codes)
        self.rooms.ring(operation, codes)

    def leave(self, socket: Socket) -> None:
        """Forgets a socket."""
        for name in list(socket.rooms):
            self.rooms.leave(socket, name)
        self._drained(socket)

    def was_looked_at(self, versions: dict[int, int]) -> None:
        """The versions were read: what is shown is current, unless the last round could not read what moved."""
        self.versions = versions
        if not self._failing:
            self._was_read()

    def _was_read(self) -> None:
        self.read_at = time.monotonic()
        self._metrics.db_up.set(1)

    async def run(self) -> None:
        """Rounds of reading and writing, for as long as the process lives."""
        while True:
            await self._until_due()
            now = time.monotonic()
            due = [r for r in self.rooms.dirty if r.due_at <= now]
            opens, reads = [r for r in due if r.whole][:OPENS_LIMIT], [r for r in due if not r.whole][:READS_LIMIT]
            try:
                await self._round(opens, reads)
            except DatabaseDown as error:
                self._down((*opens, *reads), error)
                await asyncio.sleep(RETRY_S)

    async def _until_due(self) -> None:
        while True:
            self.rooms.woken.clear()
            first = min((r.due_at for r in self.rooms.dirty), default=None)
            delay = None if first is None else first - time.monotonic()
            if delay is not None and delay <= 0:
                return
            try:
                async with asyncio.timeout(delay):
                    await self.rooms.woken.wait()
            except TimeoutError:
                return

    async def _round(self, opens: list[Room], reads: list[Room]) -> None:
        began, self._rested_s = time.perf_counter(), 0.0
        self._is_pouring()
        # From here on a bell makes a room dirty again: what it speaks of may not be in what is read now.
        for room in (*opens, *reads):
            self.rooms.dirty.pop(room, None)
        found = await store.open_topics(self._pool, [(r.operation, r.code) for r in opens]) if opens else []
        changes = await store.changed_rows(self._pool, [_position(r) for r in reads]) if reads else []
        self._failing = False
        self._was_read()
        read = time.perf_counter()
        frames: _Frames = []
        for room, answer in zip((*opens, *reads), (*found, *changes), strict=True):
            if answer is not None:
                self.versions[room.operation] = answer.version
        for room, whole in zip(opens, found, strict=True):
            self._open(room, whole, frames)
        for room, changed in zip(reads, changes, strict=True):
            if changed is None or room.topic is None or not room.topic.continues(changed):
                room.whole = True
                self.rooms.touch(room, rung_at=room.rung_at)
            elif (made := room.topic.apply(changed)) is not None:
                frames.append((room, made))
        await self._sweep(frames)
        self._answer_waiting((*opens, *reads))
        self._finish(began, read, frames)

    def _open(self, room: Room, found: Found | None, frames: _Frames) -> None:
        room.whole = False
        if found is None:
            self._refuse(room, [*room.waiting, *room.sockets], PlaceUnknown(f"there is no region {room.code} here"))
            self.rooms.drop(room)
        elif room.topic is None:
            room.topic = Topic(room.name, found)
        elif (made := room.topic.reopen(found)) is not None:
            frames.append((room, made))

    def _is_pouring(self) -> bool:
        """Whether reports pour in just now."""
        now = time.perf_counter()
        if now - self._rung_since > POURING_S:
            self._poured = self._rung > POURING_PER_S * (now - self._rung_since)
            self._rung, self._rung_since = 0, now
        return self._poured

    async def _sweep(self, frames: _Frames) -> None:
        turn, began = 0, time.perf_counter()
        for room, frame in frames:
            sent = 0
            # Who joins meanwhile is answered from the state that this frame leads to.
            for socket, transport in tuple(room.sockets.items()):
                if transport is None:
                    socket.missed[room.name] = room
                else:
                    try:
                        transport.write(frame)
                        sent += 1
                    except RuntimeError:  # it has said goodbye and is about to leave
                        continue
                turn += 1
                if turn % STRIDE == 0:
                    began = await self._rest(began, turn)
            self._wrote(sent, frame)

    async def _rest(self, began: float, turn: int) -> float:
        """Lets others go on, in this process or on its cores; answers when the next stride begins."""
        ended = time.perf_counter()
        await asyncio.sleep((ended - began) * REST if turn > RESTS_AFTER and self._is_pouring() else 0)
        now = time.perf_counter()
        self._rested_s += now - ended
        return now

    def _finish(self, began: float, read: float, frames: _Frames) -> None:
        ended, now = time.perf_counter(), time.monotonic()
        swept_s = ended - read - self._rested_s
        self._tick_s = min(TICK_LIMIT_S, max(TICK_S, 4 * swept_s + (read - began)))
        # A tick from its beginning, but never without a pause.
        due_at = now + max(TICK_S / 2, self._tick_s - (ended - began))
        for room, _ in frames:
            room.due_at = due_at
            if room.rung_at is not None:
                self._metrics.lag.observe(now - room.rung_at)
        self._metrics.ticks.inc()
        self._metrics.read.observe(read - began)
        if frames:
            self._metrics.sweep.observe(swept_s)

    def _wrote(self, count: int, frame: bytes) -> None:
        self._metrics.frames.inc(count)
        self._metrics.bytes.inc(count * len(frame))

    def _answer(self, room: Room, socket: Socket, message: Subscribe, *, was_read: bool) -> None:
        if room.topic is not None and not socket.viewer.can_enter(room.operation, room.topic.restricts):
            # Known only when the topic has been read: whose lane it is stands in the database.
            self._refuse(room, [socket], PlaceUnknown(f"there is no region {room.code} here"))
            return
        answer = None if room.topic is None else room.topic.resume(message.since, message.layout)
        if answer is None and room.topic is not None and was_read:
            # It has seen more than the database has: the database was restored.
            answer = room.topic.snapshot()
        if answer is not None:
            room.sockets[socket] = socket.transport if socket.stale_since is None else None
            self._send(room, socket, answer)
        else:
            room.waiting[socket] = message
            room.due_at = 0.0
            self.rooms.touch(room)
            self.rooms.woken.set()

    def _answer_waiting(self, rooms: Iterable[Room]) -> None:
        for room in rooms:
            if room.topic is not None and not room.whole:
                waiting, room.waiting = room.waiting, {}
                for socket, message in waiting.items():
                    self._answer(room, socket, message, was_read=True)

    def _send(self, room: Room, socket: Socket, frame: bytes) -> None:
        if socket.stale_since is not None:
            socket.missed[room.name] = room
        elif socket.is_open:
            socket.transport.write(frame)
            self._wrote(1, frame)

    def fall_behind(self, socket: Socket) -> None:
        """Over `stale_bytes` of it are unsent: it gets no deltas until it has drained."""
        if socket.stale_since is None:
            socket.stale_since = time.monotonic()
            self.stale.add(socket)
            self._route(socket, None)

    def _drained(self, socket: Socket) -> None:
        if socket.stale_since is not None:
            socket.stale_since = None
            self.stale.discard(socket)
            self._route(socket, socket.transport)

    def _route(self, socket: Socket, transport: asyncio.Transport | None) -> None:
        for room in socket.rooms.values():
            if socket in room.sockets:
                room.sockets[socket] = transport
        self._metrics.stale.set(len(self.stale))

    def catch_up(self, socket: Socket) -> None:
        """The socket has drained: one snapshot of each topic that it missed something of."""
        self._drained(socket)
        missed, socket.missed = socket.missed, {}
        for room in missed.values():
            if room.topic is not None:
                self._send(room, socket, room.topic.snapshot())

    def _down(self, rooms: Iterable[Room], error: PoskoError) -> None:
        self._failing = True
        self._metrics.db_up.set(0)
        _log.warning("topics_not_read", cause=repr(error.__cause__))
        for room in rooms:
            self.rooms.touch(room, rung_at=room.rung_at)
            self._refuse(room, list(room.waiting), DatabaseDown("the database does not answer"))

    def _refuse(self, room: Room, sockets: list[Socket], error: PoskoError) -> None:
        for socket in sockets:
            self.rooms.leave(socket, room.name)
            if error.retry_after_s is not None:
                error.retry_after_s = round(jittered(2.0), 2)
            socket.say(refusal(error, room.name))


def _position(room: Room) -> tuple[int, int, int]:
    assert room.topic is not None
    return room.operation, room.topic.node_id, room.topic.read_version
