"""Consoles by the thousand, a process of their own: raw WebSockets that count frames and note when some of them came.

What ten thousand clients cost is taken from the same cores as what is measured, so: one epoll loop, no event-loop library,
and only the sampled consoles are read the moment that a frame comes. The others let the kernel take their frames (and
acknowledge them) and are read in turn, all of them once in READ_S: that is for every server alike.
"""

from __future__ import annotations

import errno
import gc
import heapq
import resource
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from tests.bench.machine import ROOT

AT_ONCE: Final = 500
"""Handshakes under way."""
LIVE_LIMIT_S: Final = 90.0
READ_S: Final = 1.0
TEXT: Final = 0x81
PING: Final = 0x89
HEARTBEAT: Final = ord("h")
"""Tenth byte of a heartbeat's payload, {"type":"h; it is none of the frames that are counted."""
TURNS: Final = 50
"""Parts in which READ_S is taken."""


class Spec(msgspec.Struct, frozen=True):
    """So many consoles; each says `subscribe` (nothing if empty) and is live with its first frame that begins with `first`."""

    port: int
    path: str
    token: str
    consoles: int
    subscribe: str
    first: str
    sampled: int = 20
    """Consoles, evenly from the first to the last to join, whose every frame is noted: its moment and its version."""


class Outcome(msgspec.Struct, frozen=True):
    """What came since `go`."""

    frames: int
    bytes: int
    seconds: float
    lost: int
    samples: list[list[tuple[float, int]]]


class Swarm:
    """The consoles as seen from the measure."""

    def __init__(self, process: subprocess.Popen[bytes], live_s: float) -> None:
        self._process = process
        self.pid = process.pid
        self.live_s = live_s
        """From the first handshake until all were live."""

    def go(self) -> None:
        """Starts to count."""
        self._say(b"go")

    def stop(self) -> Outcome:
        """What came since."""
        self._say(b"stop")
        return msgspec.json.decode(self._hear(), type=Outcome)

    def storm(self) -> float:
        """All are cut off and return at once; seconds until the last is live again."""
        self._say(b"storm")
        return float(self._hear())

    def _say(self, word: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + b"\n")
        self._process.stdin.flush()

    def _hear(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the consoles ended"
        return line


@contextmanager
def swarm(spec: Spec) -> Iterator[Swarm]:
    """Connected consoles, all live."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.consoles"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    try:
        found = Swarm(process, 0.0)
        found._say(msgspec.json.encode(spec))
        found.live_s = float(found._hear())
        yield found
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


# the process


class Console:
    """One WebSocket. `state`: connecting, upgrading, joining (until its first frame), live, closed."""

    __slots__ = ("head", "number", "samples", "skip", "sock", "state")

    def __init__(self, number: int, sock: socket.socket) -> None:
        self.number, self.sock, self.state = number, sock, "connecting"
        self.head = b""
        """What came of a frame or of the handshake, and is not whole."""
        self.skip = 0
        """Bytes of a frame's payload that are still to come and need not be looked at."""
        self.samples: list[tuple[float, int]] | None = None


class Consoles:
    """All of them, and the words from the measure."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.handshake = (
            f"GET {spec.path} HTTP/1.1\r\nHost: 127.0.0.1:{spec.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {spec.token}\r\n\r\n"
        ).encode()
        self.subscribe = _masked(0x81, spec.subscribe.encode()) if spec.subscribe else b""
        self.first = spec.first.encode()
        self.epoll = select.epoll()
        self.by_fd: dict[int, Console] = {}
        self.buffer = bytearray(1 << 18)
        self.view = memoryview(self.buffer)
        self.every = max(1, spec.consoles // spec.sampled)
        self.frames = self.bytes = self.lost = 0
        self.live = self.under_way = 0
        self.began = 0.0

    # connecting

    def connect(self) -> float:
        """Everybody; whoever is told to come again later does so after the time given. Seconds until all are live."""
        began = time.perf_counter()
        self.live = self.under_way = 0
        self.turns: list[list[Console]] = [[] for _ in range(TURNS)]
        self.waiting: list[tuple[float, int]] = [(0.0, number) for number in range(self.spec.consoles)]
        while self.live < self.spec.consoles:
            now = time.perf_counter() - began
            assert now < LIVE_LIMIT_S, f"{self.live} of {self.spec.consoles} consoles are live"
            while self.waiting and self.under_way < AT_ONCE and self.waiting[0][0] <= now:
                self._dial(heapq.heappop(self.waiting)[1])
            for fd, _ in self.epoll.poll(0.01, 1024):
                console = self.by_fd.get(fd)
                if console is not None and console.state == "live":
                    self._read(console)
                elif console is not None and (again_s := self._move(console)) is not None:
                    self._close(console)
                    self.under_way -= 1
                    heapq.heappush(self.waiting, (time.perf_counter() - began + again_s, console.number))
        return time.perf_counter() - began

    def _dial(self, number: int) -> None:
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.by_fd[sock.fileno()] = Console(number, sock)
        self.under_way += 1
        refused = sock.connect_ex(("127.0.0.1", self.spec.port))
        assert refused in (0, errno.EINPROGRESS), errno.errorcode[refused]
        self.epoll.register(sock, select.EPOLLOUT)

    def _move(self, console: Console) -> float | None:
        """One step of a console that is not live yet; seconds to wait if it was turned away."""
        try:
            if console.state == "connecting":
                console.sock.send(self.handshake)
                console.state = "upgrading"
                self.epoll.modify(console.sock, select.EPOLLIN)
                return None
            got = console.sock.recv(1 << 16)
        except BlockingIOError:
            return None
        except OSError:
            return 0.1
        if not got:
            return 0.5
        console.head += got
        if console.state == "upgrading" and b"\r\n\r\n" in console.head:
            head, _, console.head = console.head.partition(b"\r\n\r\n")
            if b" 101 " not in head[:20]:
                return _retry_after(head)
            console.state = "joining"
            if self.subscribe:
                console.sock.send(self.subscribe)
        if console.state == "joining" and (not self.first or self._has_first(console)):
            self._is_live(console)
        return None

    def _is_live(self, console: Console) -> None:
        console.state = "live"
        self.turns[self.live % TURNS].append(console)
        console.samples = [] if self.live % self.every == 0 else None
        if console.samples is None:
            self.epoll.unregister(console.sock)
        self.live += 1
        self.under_way -= 1

    def _has_first(self, console: Console) -> bool:
        data = console.head
        while (found := _head_at(data, 0, len(data))) is not None and sum(found) <= len(data):
            start, end = found[0], sum(found)
            if data.startswith(self.first, start):
                console.head = data[end:]
                return True
            data = data[end:]
        console.head = data
        return False

    def _close(self, console: Console) -> None:
        console.state = "closed"
        del self.by_fd[console.sock.fileno()]
        console.sock.close()

    # listening

    def _read(self, console: Console) -> None:
        """What has come to a live console; most of it is a whole frame that is only counted."""
        try:
            n = console.sock.recv_into(self.buffer)
        except BlockingIOError:
            return
        except OSError:
            n = 0
        if not n:
            self._close(console)
            self.lost += 1
            return
        if console.samples is not None or console.head:
            data = console.head + bytes(self.view[:n])
            console.head = b""
            self._walk(console, data, len(data))
        else:
            at = min(console.skip, n)
            console.skip -= at
            if at < n:
                self._walk(console, self.buffer, n, at)

    def _walk(self, console: Console, data: bytes | bytearray, n: int, at: int = 0) -> None:
        while at < n:
            found = _head_at(data, at, n)
            # What is sampled, answered or not even told apart is looked at when it is whole.
            if found is None or (
                sum(found) > n and (console.samples is not None or n < found[0] + 10 or data[at] != TEXT)
            ):
                console.head = bytes(data[at:n])
                return
            start, length = found
            end = start + length
            if data[at] == TEXT and data[start + 9] != HEARTBEAT:
                self.frames += 1
                self.bytes += length
                if console.samples is not None:
                    _sample(console.samples, bytes(data[start:end]))
            elif data[at] == PING:
                console.sock.send(_masked(0x8A, bytes(data[start:end])))
            if end > n:
                console.skip = end - n
            at = end

    # the words from the measure

    def run(self) -> None:
        """Obeys until the end of input."""
        print(self.connect(), flush=True)
        self.epoll.register(0, select.EPOLLIN)
        gc.freeze()
        turn, turn_at = 0, time.perf_counter()
        while True:
            if (now := time.perf_counter()) >= turn_at:
                self._read_turn(turn)
                turn, turn_at = (turn + 1) % TURNS, now + READ_S / TURNS
            for fd, _ in self.epoll.poll(max(0.0, turn_at - time.perf_counter()), 4096):
                if fd:
                    console = self.by_fd.get(fd)
                    if console is not None:
                        self._read(console)
                elif not self._obey(sys.stdin.buffer.readline().strip()):
                    return

    def _read_turn(self, turn: int) -> None:
        for console in self.turns[turn]:
            if console.samples is None and console.state == "live":
                self._read(console)

    def _obey(self, word: bytes) -> bool:
        if word == b"go":
            for turn in range(TURNS):
                self._read_turn(turn)
            self.frames = self.bytes = self.lost = 0
            self.began = time.perf_counter()
            for console in self.by_fd.values():
                if console.samples:
                    console.samples.clear()
        elif word == b"stop":
            for turn in range(TURNS):
                self._read_turn(turn)
            seconds = time.perf_counter() - self.began
            samples = [c.samples for c in self.by_fd.values() if c.samples is not None]
            outcome = Outcome(self.frames, self.bytes, seconds, self.lost, samples)
            print(msgspec.json.encode(outcome).decode(), flush=True)
        elif word == b"storm":
            self.epoll.unregister(0)
            for console in list(self.by_fd.values()):
                # Reset, not closed: a power cut says no goodbye, and leaves no port waiting.
                console.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._close(console)
            print(self.connect(), flush=True)
            self.epoll.register(0, select.EPOLLIN)
        return bool(word)


def _head_at(data: bytes | bytearray, at: int, n: int) -> tuple[int, int] | None:
    """Where the payload of the frame at `at` begins, and its length; None when that much has not come."""
    if n - at < 2:
        return None
    length, start = data[at + 1] & 127, at + 2
    if length > 125:
        wide = 2 if length == 126 else 8
        if n - start < wide:
            return None
        length, start = int.from_bytes(data[start : start + wide]), start + wide
    return start, length


def _sample(samples: list[tuple[float, int]], payload: bytes) -> None:
    at = payload.find(b'"to":')
    if at > 0:
        samples.append((time.perf_counter(), int(payload[at + 5 : payload.index(b",", at)])))


def _retry_after(head: bytes) -> float:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"retry-after:"):
            return float(line.partition(b":")[2])
    return 1.0


def _masked(first: int, payload: bytes) -> bytes:
    """A client's frame under the mask 0, which leaves the payload as it is."""
    assert len(payload) < 65536
    if len(payload) < 126:
        return struct.pack("!BB", first, 0x80 | len(payload)) + bytes(4) + payload
    return struct.pack("!BBH", first, 0x80 | 126, len(payload)) + bytes(4) + payload


def main() -> None:
    """Reads a Spec, connects, prints the seconds until all were live; then obeys go, stop and storm, until end of input."""
    spec = msgspec.json.decode(sys.stdin.buffer.readline(), type=Spec)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Consoles(spec).run()


if __name__ == "__main__":
    main()
