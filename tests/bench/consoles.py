"""Consoles by the thousand, a process of their own: raw WebSockets that count frames and note when some of them came."""

from __future__ import annotations

import asyncio
import json
import resource
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import uvloop

from tests.bench.machine import ROOT

AT_ONCE: Final = 500
"""Handshakes under way."""
LIVE_LIMIT_S: Final = 90.0


class Spec(msgspec.Struct, frozen=True):
    """So many consoles; each says `subscribe` (nothing if empty) and is live with its first frame that begins with `first`."""

    port: int
    path: str
    token: str
    consoles: int
    subscribe: str
    first: str
    sampled: int = 20
    """Consoles whose every frame is noted with its moment and the version that it leads to."""


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


class Consoles:
    """All of them."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.handshake = (
            f"GET {spec.path} HTTP/1.1\r\nHost: 127.0.0.1:{spec.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {spec.token}\r\n\r\n"
        ).encode()
        self.subscribe = _masked(0x81, spec.subscribe.encode()) if spec.subscribe else b""
        self.first = spec.first.encode()
        self.all: list[Console] = []
        self.frames = self.bytes = self.lost = 0
        self.began = 0.0

    async def connect(self) -> float:
        """Everybody; whoever is told to come again later does so after the time given."""
        began = time.perf_counter()
        gate = asyncio.Semaphore(AT_ONCE)
        self.all = []
        async with asyncio.timeout(LIVE_LIMIT_S):
            await asyncio.gather(*(self._one(i, gate) for i in range(self.spec.consoles)))
        return time.perf_counter() - began

    async def _one(self, number: int, gate: asyncio.Semaphore) -> None:
        loop = asyncio.get_running_loop()
        while True:
            async with gate:
                live: asyncio.Future[float] = loop.create_future()
                try:
                    _, console = await loop.create_connection(
                        lambda live=live: Console(self, live, sampled=number < self.spec.sampled),
                        "127.0.0.1",
                        self.spec.port,
                    )
                    again_s = await live
                except OSError:
                    again_s = 0.1
            if again_s <= 0:
                self.all.append(console)
                return
            await asyncio.sleep(again_s)

    async def run(self) -> None:
        print(await self.connect(), flush=True)
        lines: asyncio.Queue[str] = asyncio.Queue()
        asyncio.get_running_loop().add_reader(0, lambda: lines.put_nowait(sys.stdin.readline()))
        while word := (await lines.get()).strip():
            if word == "go":
                self.frames = self.bytes = self.lost = 0
                self.began = time.perf_counter()
                for console in self.all:
                    console.samples.clear()
            elif word == "stop":
                seconds = time.perf_counter() - self.began
                samples = [c.samples for c in self.all if c.sampled]
                print(
                    json.dumps(msgspec.to_builtins(Outcome(self.frames, self.bytes, seconds, self.lost, samples))),
                    flush=True,
                )
            elif word == "storm":
                for console in self.all:
                    console.cut()
                print(await self.connect(), flush=True)


class Console(asyncio.Protocol):
    """One WebSocket."""

    __slots__ = ("_all", "_buffer", "_live", "_open", "_transport", "_wanted", "sampled", "samples")

    def __init__(self, everybody: Consoles, live: asyncio.Future[float], *, sampled: bool) -> None:
        self._all = everybody
        self._live: asyncio.Future[float] | None = live
        self._buffer = b""
        self._open = False
        self._wanted = True
        self.sampled = sampled
        self.samples: list[tuple[float, int]] = []

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._all.handshake)

    def cut(self) -> None:
        self._wanted = False
        self._transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        if self._live is not None and not self._live.done():
            self._live.set_result(0.5)
        elif self._wanted:
            self._all.lost += 1

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        if not self._open:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            if b" 101 " not in head[:20]:
                self._refused(head)
                return
            self._open = True
            if self._all.subscribe:
                self._transport.write(self._all.subscribe)
            if not self._all.first:
                self._is_live()
        self._frames(data)

    def _refused(self, head: bytes) -> None:
        again_s = 1.0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"retry-after:"):
                again_s = float(line.partition(b":")[2])
        if self._live is not None:
            self._live.set_result(again_s)
        self._wanted = False
        self._transport.abort()

    def _frames(self, data: bytes) -> None:
        at, end = 0, len(data)
        while end - at >= 2:
            length, start = data[at + 1] & 127, at + 2
            if length == 126:
                start += 2
                length = int.from_bytes(data[at + 2 : start])
            elif length == 127:
                start += 8
                length = int.from_bytes(data[at + 2 : start])
            if start + length > end:
                break
            if data[at] == 0x81:
                self._text(data, start, start + length)
            elif data[at] == 0x89:
                self._transport.write(_masked(0x8A, data[start : start + length]))
            at = start + length
        self._buffer = data[at:]

    def _text(self, data: bytes, start: int, end: int) -> None:
        if self._live is not None:
            if data.startswith(self._all.first, start):
                self._is_live()
            return
        everybody = self._all
        if data.startswith(b'{"type":"heartbeat"', start):
            return
        everybody.frames += 1
        everybody.bytes += end - start
        if self.sampled:
            at = data.find(b'"to":', start, end)
            if at > 0:
                self.samples.append((time.perf_counter(), int(data[at + 5 : data.index(b",", at)])))

    def _is_live(self) -> None:
        if self._live is not None:
            if not self._live.done():
                self._live.set_result(0.0)
            self._live = None


def _masked(first: int, payload: bytes) -> bytes:
    """A client's frame under the mask 0, which leaves the payload as it is."""
    assert len(payload) < 65536
    if len(payload) < 126:
        return struct.pack("!BB", first, 0x80 | len(payload)) + bytes(4) + payload
    return struct.pack("!BBH", first, 0x80 | 126, len(payload)) + bytes(4) + payload


def main() -> None:
    """Reads a Spec, connects, prints the seconds until all were live; then obeys go, stop and storm, until end of input."""
    spec = msgspec.json.decode(sys.stdin.readline(), type=Spec)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(Consoles(spec).run())


if __name__ == "__main__":
    main()
