"""The hub: accepts consoles, hears the bell, looks at the versions, beats the heart, shows out who must go."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import datetime
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from posko import db
from posko.config import Settings
from posko.errors import DatabaseDown
from posko.live import store, wire
from posko.live.bell import Heard, Ring
from posko.live.fanout import Fanout
from posko.live.metrics import Metrics
from posko.live.socket import Conversation, Socket, jittered
from posko.live.wire import ByeCode, Heartbeat, Hello

LOOK_S: Final = 1.0
"""How often the versions are looked at: what a lost bell costs at most, with GRACE_S and a tick."""
GRACE_S: Final = 0.2
"""How long a bell may take longer than the commit that it tells of."""
READY_S: Final = 5.0
SLOTS: Final = 20
"""Heartbeats are spread over their interval in so many parts."""
WATCH_S: Final = 5.0
"""How often it is looked whether work that has fallen due is done."""
LATE_S: Final = 30.0
"""Work that is longer due than this is a fault of posko itself."""
SILENT_BEATS: Final = 3
"""A socket that has not even answered a ping for so many heartbeats is gone."""
DRAIN_S: Final = 0.1

_log = structlog.get_logger("live")


class Hub:
    """All the sockets of one process."""

    def __init__(
        self, settings: Settings, pool: db.Pool, metrics: Metrics, *, clock: Callable[[], datetime.datetime]
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._metrics = metrics
        self._clock = clock
        self._sockets: list[set[Socket]] = [set() for _ in range(SLOTS)]
        self._joined = 0
        self._of_account: collections.Counter[int] = collections.Counter()
        self._heard: dict[int, Heard] = {}
        self._looked: dict[int, tuple[int, int, bool]] = {}
        self._goodbyes: set[asyncio.Task[None]] = set()
        self._late_s = 0.0
        self._touch: Callable[[set[int]], None] = lambda _: None
        self.fanout = Fanout(settings, pool, metrics)

    def on_present(self, touch: Callable[[set[int]], None]) -> None:
        """Calls back now and then with the sessions whose sockets are open: an open console is not idle."""
        self._touch = touch

    @property
    def consoles(self) -> int:
        """Open sockets."""
        return sum(map(len, self._sockets))

    def consoles_of(self, account_id: int) -> int:
        """Open sockets of one account."""
        return self._of_account[account_id]

    def is_ready(self) -> bool:
        """Whether what this hub shows is at most a few seconds old."""
        read_at = self.fanout.read_at
        return read_at is not None and time.monotonic() - read_at < READY_S

    async def serve(self, socket: Socket) -> None:
        """One socket, from hello to bye."""
        with self._present(socket):
            socket.say(self._hello())
            await Conversation(socket, self.fanout, self.close).run()

    def _hello(self) -> Hello:
        return Hello(
            protocol=wire.PROTOCOL,
            server_at=self._clock(),
            heartbeat_s=self._settings.heartbeat_s,
            topics_limit=self._settings.topics_per_socket_limit,
            frame_limit_bytes=self._settings.frame_limit_bytes,
            read_at=self._read_at(),
        )

    @property
    def read_s(self) -> float | None:
        """Seconds since what is shown was known to be current; None before the first reading."""
        read_at = self.fanout.read_at
        return None if read_at is None else round(time.monotonic() - read_at, 1)

    def _read_at(self) -> datetime.datetime | None:
        """When the database last answered, on this process's clock."""
        read_at = self.fanout.read_at
        return None if read_at is None else self._clock() - datetime.timedelta(seconds=time.monotonic() - read_at)

    @contextmanager
    def _present(self, socket: Socket) -> Iterator[None]:
        socket.slot = self._joined % SLOTS
        self._joined += 1
        self._sockets[socket.slot].add(socket)
        self._of_account[socket.viewer.account_id] += 1
        self._metrics.consoles.inc()
        try:
            yield
        finally:
            self._sockets[socket.slot].discard(socket)
            self._of_account[socket.viewer.account_id] -= 1
            if not self._of_account[socket.viewer.account_id]:
                del self._of_account[socket.viewer.account_id]
            self._metrics.consoles.dec()
            self.fanout.leave(socket)

    def close(self, socket: Socket, code: ByeCode) -> None:
        """Starts to close a socket, saying why; again does nothing."""
        if socket.is_leaving:
            return
        socket.is_leaving = True
        self.fanout.leave(socket)
        self._metrics.closed.labels(code).inc()
        spread = self.consoles / self._settings.accepts_per_s
        task = asyncio.get_running_loop().create_task(socket.bye(code, retry_after_s=jittered(1.0 + spread)))
        self._goodbyes.add(task)
        task.add_done_callback(self._goodbyes.discard)

    async def shut_down(self) -> None:
        """Says goodbye to everybody, each with another moment to return."""
        for socket in self._all():
            self.close(socket, "shutdown")
        if self._goodbyes:
            await asyncio.wait(self._goodbyes)

    def _all(self) -> list[Socket]:
        return [s for slot in self._sockets for s in slot]

    # the bell and the look

    def hear(self, ring: Ring) -> None:
        """A bell was heard."""
        self._metrics.bells.inc()
        if ring.operation in self._heard:
            for version in ring.versions:
                self._heard[ring.operation].ring(version)
        self.fanout.ring(ring.operation, ring.codes)

    async def begin(self) -> None:
        """Reads the database for the first time; DatabaseDown when it does not answer."""
        self._looked = await store.versions(self._pool, [])
        self.fanout.was_looked_at({})

    async def look(self) -> None:
        """Once a second: whether a version moved that no bell told of, and whether the database is the one we know."""
        while True:
            try:
                await self._look()
            except DatabaseDown as error:
                self._metrics.db_up.set(0)
                _log.warning("versions_not_read", cause=repr(error.__cause__))
                await self._until_back()
            self.fanout.rooms.drop_idle()
            await asyncio.sleep(LOOK_S - GRACE_S)

    async def _look(self) -> None:
        versions = await store.versions(self._pool, self.fanout.rooms.operations)
        self.fanout.was_looked_at({o: looked[0] for o, looked in versions.items()})
        await asyncio.sleep(GRACE_S)
        for operation, (version, layout, _) in versions.items():
            was = self._looked.get(operation)
            if was is not None and (layout != was[1] or version < was[0]):
                self._heard[operation] = Heard(version)
                self.fanout.rooms.look_at(operation, whole=True)
            elif operation not in self._heard:
                self._heard[operation] = Heard(version)
                self.fanout.rooms.look_at(operation, whole=False)
            elif self._heard[operation].missed(version):
                self._metrics.lost.inc()
                self.fanout.rooms.look_at(operation, whole=False)
        self._looked = versions
        self._heard = {o: h for o, h in self._heard.items() if o in versions}

    async def _until_back(self) -> None:
        while True:
            await asyncio.sleep(GRACE_S)
            try:
                await store.versions(self._pool, [])
            except DatabaseDown:
                continue
            # It may have been restored from a backup: versions alone do not tell.
            for operation in self.fanout.rooms.operations:
                self.fanout.rooms.look_at(operation, whole=True)
            return

    # the heartbeat

    async def beat(self) -> None:
        """Heartbeats and pings, a part of the sockets at a time."""
        while True:
            for slot in self._sockets:
                await asyncio.sleep(self._settings.heartbeat_s / SLOTS)
                self._beat(slot)

    def _beat(self, slot: set[Socket]) -> None:
        now = asyncio.get_running_loop().time()
        frames: dict[tuple[int, ...], bytes] = {}
        for socket in list(slot):
            if now - socket.heard_at > SILENT_BEATS * self._settings.heartbeat_s:
                self._metrics.closed.labels("silent").inc()
                socket.transport.abort()
            elif socket.is_open and socket.stale_since is None:
                key = tuple(sorted({r.operation for r in socket.rooms.values() if socket in r.sockets}))
                if key not in frames:
                    frames[key] = wire.frame(self._heartbeat(key)) + wire.PING
                socket.transport.write(frames[key])

    def _heartbeat(self, operations: tuple[int, ...]) -> Heartbeat:
        versions = {o: v for o, v in self.fanout.versions.items() if o in operations}
        late_s = round(self._late_s, 1) if self._late_s > LATE_S else None
        closed = [o for o in operations if o in self._looked and self._looked[o][2]]
        return Heartbeat(self._clock(), versions, self._read_at(), late_s, closed)

    async def watch_engine(self) -> None:
        """Whether what falls due is done: if not, every console says so."""
        while True:
            with contextlib.suppress(DatabaseDown):  # then the age of the data tells
                self._late_s = await store.lateness(self._pool)
            await asyncio.sleep(WATCH_S)

    # who must go

    async def drain(self) -> None:
        """Brings drained sockets up to date, and closes those that do not drain."""
        while True:
            await asyncio.sleep(DRAIN_S)
            now = time.monotonic()
            for socket in list(self.fanout.stale):
                since = socket.stale_since
                if socket.unsent > self._settings.drop_bytes or (since and now - since > self._settings.drop_s):
                    self.close(socket, "slow")
                elif socket.unsent <= self._settings.stale_bytes // 8:
                    self.fanout.catch_up(socket)

    def revoke(self, sessions: set[int]) -> None:
        """Closes the sockets of sessions that have ended."""
        for socket in self._all():
            if socket.viewer.session_id in sessions and socket.is_open:
                self.close(socket, "revoked")

    async def recheck(self) -> None:
        """Checks every socket's session against the database, fresh ones within a second and then every recheck_s."""
        while True:
            await asyncio.sleep(LOOK_S)
            now = time.monotonic()
            due = [s for s in self._all() if now - s.checked_at > self._settings.recheck_s]
            try:
                lost = await store.lost_sessions(self._pool, {s.viewer.session_id for s in due}) if due else set()
            except DatabaseDown:
                continue
            for socket in due:
                socket.checked_at = now
            self.revoke(lost)
            self._touch({s.viewer.session_id for s in due} - lost)
