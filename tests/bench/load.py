"""The load generator, a process of its own: keep-alive connections on uvloop, requests encoded beforehand.

Closed: every connection sends its next request when the last one is answered. Open: requests are due at a fixed rate
whatever the answers do, and a latency counts from when its request was due - a server that stalls does not hide it.
"""

from __future__ import annotations

import array
import asyncio
import collections
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import uvloop

from tests.bench import workload
from tests.bench.machine import ROOT, Spent

CONNECT_LIMIT_S = 20.0
DRAIN_LIMIT_S = 20.0
PREPARE_LIMIT_S = 120.0
PACE_S = 0.001
AT_MOST_PER_S = 25_000
"""Requests that are encoded beforehand, per second of a closed run."""


class Spec(msgspec.Struct, frozen=True):
    """One run: `rate` 0 is closed; `batch` 0 sends PUTs, else POSTs of so many. It ends with `seconds` or the reports."""

    ports: tuple[int, ...]
    """Connections go to these in turn."""
    token: str
    reports: workload.Reports
    connections: int
    seconds: float
    rate: float = 0.0
    batch: int = 0
    sample: int = 0
    """Of every so manieth PUT, when it was due and the version that it was acknowledged at."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of a run. `acknowledged` are reports in requests answered 2xx, until the last answer."""

    acknowledged: int
    in_time: int
    """Of these, answered before the end of the window."""
    seconds: float
    last_s: float
    """When the last answer came."""
    refused: dict[str, int]
    latencies_ms: dict[str, float]
    """By percentile: 50, 90, 99, 99.9, 100."""
    samples: list[tuple[float, int]] = []

    @property
    def per_s(self) -> float:
        return self.in_time / self.seconds


class Run(msgspec.Struct, frozen=True):
    """A run and what it cost."""

    outcome: Outcome
    spent: Spent

    def us(self, name: str) -> float:
        """CPU microseconds per acknowledged report of one process."""
        return self.spent.us_per(self.outcome.acknowledged)[name]


@contextmanager
def prepared(spec: msgspec.Struct, module: str = "tests.bench.load") -> Iterator[subprocess.Popen[bytes]]:
    """A load generator with its requests encoded and its connections open, waiting for the word."""
    words = [sys.executable, "-m", module]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(msgspec.json.encode(spec) + b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line == b"ready\n", f"the load generator did not start: {line!r}"
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def run(spec: msgspec.Struct, clock: Callable[..., Any], module: str = "tests.bench.load") -> Run:
    """Runs one load; `clock(load=pid)` starts to count CPU."""
    with prepared(spec, module) as process:
        started = clock(load=process.pid)
        begin(process)
        outcome = result(process)
        return Run(outcome, started.stop())


def begin(process: subprocess.Popen[bytes]) -> None:
    """The word."""
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    process.stdin.flush()


def result(process: subprocess.Popen[bytes]) -> Outcome:
    """Waits for the end; the process bounds itself."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the load generator ended without a result"
    return msgspec.json.decode(line, type=Outcome)


# the process


class Load:
    """All connections of one run."""

    def __init__(self, spec: Spec, requests: list[bytes]) -> None:
        self.spec = spec
        self.requests = requests
        self.next = 0
        self.idle: collections.deque[Connection] = collections.deque()
        self.due: collections.deque[float] = collections.deque()
        self.latencies = array.array("d")
        self.refused: collections.Counter[str] = collections.Counter()
        self.in_time = 0
        self.outstanding = 0
        self.ends_at = float("inf")
        self.last_at = 0.0
        self.ended = asyncio.Event()
        self.per_request = spec.batch or 1
        self.samples: list[tuple[float, int]] = []

    def sends(self, connection: Connection, due_at: float) -> None:
        if self.next < len(self.requests):
            self.outstanding += 1
            connection.send(self.requests[self.next], due_at)
            self.next += 1

    def answered(self, connection: Connection, answer: bytes, began: float) -> None:
        now = time.perf_counter()
        self.outstanding -= 1
        self.last_at = now
        if answer[9:10] == b"2":
            self.latencies.append(now - began)
            if self.spec.sample and len(self.latencies) % self.spec.sample == 0:
                at = answer.index(b'"version":') + 10
                self.samples.append((began, int(answer[at : answer.index(b",", at)])))
            if now <= self.ends_at:
                self.in_time += self.per_request
        else:
            self.refused[answer[9:12].decode()] += 1
        if self.due:
            # Due within the window: it is sent however late, or a stall would hide.
            self.sends(connection, self.due.popleft())
        elif not self.spec.rate and now < self.ends_at and self.next < len(self.requests):
            self.sends(connection, now)
        else:
            self.idle.append(connection)
            if not self.outstanding and (now >= self.ends_at or self.next >= len(self.requests)):
                self.ended.set()

    def lost(self, connection: Connection) -> None:
        self.refused["lost"] += 1
        self.outstanding -= 1
        if not self.outstanding:
            self.ended.set()

    async def run(self) -> Outcome:
        loop = asyncio.get_running_loop()
        connections: list[Connection] = []
        for number in range(self.spec.connections):
            port = self.spec.ports[number % len(self.spec.ports)]
            async with asyncio.timeout(CONNECT_LIMIT_S):
                _, made = await loop.create_connection(lambda: Connection(self), "127.0.0.1", port)
            connections.append(made)
        print("ready", flush=True)
        await loop.run_in_executor(None, sys.stdin.readline)
        began = time.perf_counter()
        self.ends_at = began + self.spec.seconds
        if self.spec.rate:
            self.idle.extend(connections)
            await self._pace(began)
        else:
            for connection in connections:
                self.sends(connection, time.perf_counter())
        async with asyncio.timeout(self.spec.seconds + DRAIN_LIMIT_S):
            await self.ended.wait()
        window = min(self.spec.seconds, self.last_at - began) if self.next >= len(self.requests) else self.spec.seconds
        for connection in connections:
            connection.close()
        return Outcome(
            len(self.latencies) * self.per_request,
            self.in_time,
            window,
            self.last_at - began,
            dict(self.refused),
            percentiles(self.latencies),
            self.samples,
        )

    async def _pace(self, began: float) -> None:
        sent, rate = 0, self.spec.rate / self.per_request
        while (now := time.perf_counter()) < self.ends_at and sent < len(self.requests):
            while sent < len(self.requests) and began + sent / rate <= now:
                due_at = began + sent / rate
                sent += 1
                if self.idle:
                    self.sends(self.idle.popleft(), due_at)
                else:
                    self.due.append(due_at)
            await asyncio.sleep(PACE_S)
        if not self.outstanding:
            self.ended.set()


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request under way."""

    transport: asyncio.Transport

    def __init__(self, load: Load) -> None:
        self._load = load
        self._began = 0.0
        self._got = b""
        self._busy = False
        self._closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def send(self, request: bytes, due_at: float) -> None:
        self._began, self._busy = due_at, True
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        got = self._got = self._got + data if self._got else data
        head = got.find(b"\r\n\r\n")
        if head < 0:
            return
        at = got.find(b"content-length: ", 0, head)
        assert at > 0, got
        length = int(got[at + 16 : got.find(b"\r", at)])
        if len(got) < head + 4 + length:
            return
        self._got, self._busy = b"", False
        self._load.answered(self, got, self._began)

    def connection_lost(self, _: Exception | None) -> None:
        if self._busy:
            self._load.lost(self)

    def close(self) -> None:
        self._busy = False
        self.transport.close()


def percentiles(seconds: Any) -> dict[str, float]:
    """Milliseconds at 50, 90, 99, 99.9 and 100 percent."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return {p: ordered[round(last * float(p) / 100)] * 1000 for p in ("50", "90", "99", "99.9", "100") if ordered}


def main() -> None:
    """Reads a Spec from standard input, says `ready`, waits for a line, prints the Outcome."""
    spec = msgspec.json.decode(sys.stdin.readline(), type=Spec)
    if spec.batch:
        requests = workload.posts(spec.reports, spec.token, spec.batch)
    else:
        requests = workload.puts(spec.reports, spec.token)
    print(json.dumps(msgspec.to_builtins(uvloop.run(Load(spec, requests).run()))), flush=True)


if __name__ == "__main__":
    main()
