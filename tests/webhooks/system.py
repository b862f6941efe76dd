"""Systems that are told, in a process of their own: a port each, that answers in its manner and writes down what came.

`python -m tests.webhooks.system` reads a Spec, then words, a line each; it answers every line with a line.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import uvloop

ROOT: Final = Path(__file__).parents[2]
_SAID: Final = {200: b"OK", 422: b"No", 500: b"Broken", 503: b"Busy"}


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How one port answers: after `slow_s`, and a share of requests with a failure (500, 503, or nothing at all)."""

    fails: float = 0.0
    slow_s: float = 0.0
    hangs: str | None = None
    """Deliveries of keys that begin so are never answered."""


class Spec(msgspec.Struct, frozen=True):
    manners: list[Manner]
    seed: int = 1


class Arrival(msgspec.Struct, array_like=True):
    """One request; times are of the monotonic clock, which is the whole machine's. `status` 0: no answer was given."""

    at: float
    port: int
    id: str
    key: str
    sequence: int
    digest: str
    """Of the body."""
    status: int = 0
    answered_at: float = 0.0


class _Body(msgspec.Struct):
    id: str
    partitionkey: str
    sequence: str


# the side of the test


class Systems:
    """Speaks with the process."""

    def __init__(self, process: subprocess.Popen[bytes], ports: list[int]) -> None:
        self._process = process
        self.ports = ports
        self.pid = process.pid

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{self.ports[port]}/hook"

    def arrivals(self) -> list[Arrival]:
        """All that came until now."""
        return msgspec.json.decode(self._ask(b"arrivals"), type=list[Arrival])

    def count(self) -> int:
        """How many came until now."""
        return int(self._ask(b"count"))

    def forget(self) -> None:
        self._ask(b"forget")

    def behave(self, manners: list[Manner]) -> None:
        """In another manner from now on."""
        self._ask(b"behave " + msgspec.json.encode(manners))

    def _ask(self, line: bytes) -> bytes:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        assert said, "the systems ended"
        return said


@contextmanager
def told(spec: Spec) -> Iterator[Systems]:
    """Systems that listen."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.webhooks.system"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    try:
        found = Systems(process, [])
        found.ports = msgspec.json.decode(found._ask(msgspec.json.encode(spec)), type=list[int])
        yield found
    finally:
        process.kill()
        process.communicate()


# the process


class _Line(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def __init__(self, process: _Process, port: int) -> None:
        self._process, self._port, self._held = process, port, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            whole = end + 4 + int(_value(head, b"content-length"))
            if len(self._held) < whole:
                return
            body, self._held = self._held[end + 4 : whole], self._held[whole:]
            self._process.take(self, self._port, _value(head, b"webhook-id").decode(), body)

    def answer(self, arrival: Arrival, status: int) -> None:
        arrival.status, arrival.answered_at = status, time.monotonic()
        if status == 0:
            self.transport.abort()
        else:
            self.transport.write(b"HTTP/1.1 %d %s\r\nContent-Length: 2\r\n\r\nok" % (status, _SAID[status]))


def _value(head: bytes, name: bytes) -> bytes:
    return head.partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0].strip()


class _Process:
    def __init__(self, spec: Spec) -> None:
        self.manners, self.seen = spec.manners, list[Arrival]()
        self._random = random.Random(spec.seed)
        self._decoder = msgspec.json.Decoder(_Body)

    def take(self, line: _Line, port: int, name: str, raw: bytes) -> None:
        body, manner = self._decoder.decode(raw), self.manners[port]
        arrival = Arrival(
            time.monotonic(), port, name, body.partitionkey, int(body.sequence), hashlib.sha256(raw).hexdigest()[:16]
        )
        self.seen.append(arrival)
        if manner.hangs is not None and body.partitionkey.startswith(manner.hangs):
            return
        fails = manner.fails > 0 and self._random.random() < manner.fails
        status = self._random.choice((0, 500, 503)) if fails else 200
        if manner.slow_s:
            asyncio.get_running_loop().call_later(manner.slow_s, line.answer, arrival, status)
        else:
            line.answer(arrival, status)

    def said(self, line: bytes) -> bytes:
        word, _, rest = line.strip().partition(b" ")
        if word == b"arrivals":
            return msgspec.json.encode(self.seen)
        if word == b"behave":
            self.manners = msgspec.json.decode(rest, type=list[Manner])
        if word == b"forget":
            self.seen.clear()
        return b"%d" % len(self.seen)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    process = _Process(msgspec.json.decode(sys.stdin.buffer.readline(), type=Spec))
    ports = []
    for number in range(len(process.manners)):
        server = await loop.create_server(lambda n=number: _Line(process, n), "127.0.0.1", 0, backlog=1024)  # type: ignore[misc]
        ports.append(server.sockets[0].getsockname()[1])
    answer = msgspec.json.encode(ports)
    while True:
        sys.stdout.buffer.write(answer + b"\n")
        sys.stdout.buffer.flush()
        line = await loop.run_in_executor(None, sys.stdin.buffer.readline)
        if not line:
            return
        answer = process.said(line)


if __name__ == "__main__":
    uvloop.run(_main())
