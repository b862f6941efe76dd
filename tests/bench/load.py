"""The load generator, a process of its own: keep-alive connections, requests encoded beforehand.

Closed: every connection sends its next request when the last one is answered. Open: requests are due at a fixed rate
whatever the answers do, and a latency counts from when its request was due - a server that stalls does not hide it.
"""

from __future__ import annotations

import array
import collections
import gc
import json
import resource
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from tests.bench import workload
from tests.bench.machine import ROOT, Spent

CONNECT_LIMIT_S = 20.0
DRAIN_LIMIT_S = 20.0
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
    settle_s: float = 0.0
    """How long the load goes on before latencies count: for what holds at a rate, not for how it begins."""
    looks: bool = False
    """Whether every PUT is followed by a GET of its kelurahan; both are counted."""
    patient: bool = True
    """Whether a report that is due and finds no free connection waits for one; else it is counted as not sent."""
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
    unsent: int = 0

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


class Connection:
    """One keep-alive connection with at most one request under way."""

    __slots__ = ("began", "got", "is_busy", "sock")

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), CONNECT_LIMIT_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)
        self.began = 0.0
        self.is_busy = False
        self.got = b""


class Load:
    """All connections of one run, on one epoll loop: what the load costs is taken from the cores that are measured."""

    def __init__(self, spec: Spec, requests: list[bytes]) -> None:
        self.spec = spec
        self.requests = requests
        self.next = 0
        self.idle: collections.deque[Connection] = collections.deque()
        self.due: collections.deque[float] = collections.deque()
        self.latencies = array.array("d")
        self.refused: collections.Counter[str] = collections.Counter()
        self.in_time = 0
        self.outstanding = self.unsent = self.acknowledged = 0
        self.counts_from = 0.0
        self.ends_at = float("inf")
        self.last_at = 0.0
        self.per_request = spec.batch or 1
        self.samples: list[tuple[float, int]] = []
        self.epoll = select.epoll()
        self.by_fd: dict[int, Connection] = {}
        self.buffer = bytearray(1 << 16)
        self.view = memoryview(self.buffer)

    def run(self) -> Outcome:
        for number in range(self.spec.connections):
            connection = Connection(self.spec.ports[number % len(self.spec.ports)])
            self.by_fd[connection.sock.fileno()] = connection
            self.epoll.register(connection.sock, select.EPOLLIN)
        gc.freeze()
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        self.ends_at = began + self.spec.seconds
        self.counts_from = began + self.spec.settle_s
        self.idle.extend(self.by_fd.values())
        if self.spec.rate:
            self._open(began)
        else:
            while self.idle and self.next < len(self.requests):
                self._send(self.idle.popleft(), time.perf_counter())
        limit_at = self.ends_at + DRAIN_LIMIT_S
        while self.outstanding:
            assert time.perf_counter() < limit_at, f"{self.outstanding} requests were never answered"
            self._hear(0.1)
        window = min(self.spec.seconds, self.last_at - began) if self.next >= len(self.requests) else self.spec.seconds
        return Outcome(
            self.acknowledged,
            self.in_time,
            window,
            self.last_at - began,
            dict(self.refused),
            percentiles(self.latencies),
            self.samples,
            self.unsent,
        )

    def _open(self, began: float) -> None:
        sent, rate = 0, self.spec.rate / self.per_request
        while (now := time.perf_counter()) < self.ends_at and sent < len(self.requests):
            while sent < len(self.requests) and began + sent / rate <= now:
                due_at = began + sent / rate
                sent += 1
                if self.idle:
                    self._send(self.idle.popleft(), due_at)
                elif self.spec.patient:
                    self.due.append(due_at)
                else:
                    self.next += 1
                    self.unsent += 1
            self._hear(PACE_S)

    def _send(self, connection: Connection, due_at: float) -> None:
        request = self.requests[self.next]
        self.next += 1
        self.outstanding += 1
        connection.began, connection.is_busy = due_at, True
        try:
            sent = connection.sock.send(request)
        except OSError:
            self._lose(connection)
            return
        assert sent == len(request), "a request did not fit into the socket's buffer"

    def _hear(self, timeout_s: float) -> None:
        for fd, _ in self.epoll.poll(timeout_s, 4096):
            connection = self.by_fd.get(fd)
            if connection is None:
                continue
            try:
                n = connection.sock.recv_into(self.buffer)
            except OSError:
                n = 0
            if not n:
                self._lose(connection)
                continue
            answer = connection.got + bytes(self.view[:n])
            connection.got = b""
            head = answer.find(b"\r\n\r\n")
            at = answer.find(b"content-length: ", 0, head) + 16
            if head < 0 or len(answer) < head + 4 + int(answer[at : answer.index(b"\r", at)]):
                connection.got = answer
            else:
                self._answered(connection, answer)

    def _answered(self, connection: Connection, answer: bytes) -> None:
        now = time.perf_counter()
        self.outstanding -= 1
        self.last_at = now
        connection.is_busy = False
        if answer[9] == 50:  # 2xx
            self.acknowledged += self.per_request
            if connection.began >= self.counts_from:
                self.latencies.append(now - connection.began)
            if self.spec.sample and self.acknowledged % self.spec.sample == 0:
                at = answer.index(b'"version":') + 10
                self.samples.append((connection.began, int(answer[at : answer.index(b",", at)])))
            if now <= self.ends_at:
                self.in_time += self.per_request
        else:
            retry = "" if b"retry-after: " in answer else " without Retry-After"
            self.refused[answer[9:12].decode() + (retry if answer[9:12] == b"503" else "")] += 1
        if self.due:
            # Due within the window: it is sent however late, or a stall would hide.
            self._send(connection, self.due.popleft())
        elif not self.spec.rate and now < self.ends_at and self.next < len(self.requests):
            self._send(connection, now)
        else:
            self.idle.append(connection)

    def _lose(self, connection: Connection) -> None:
        if self.by_fd.pop(connection.sock.fileno(), None) is not None:
            self.epoll.unregister(connection.sock)
            connection.sock.close()
        if connection.is_busy:
            connection.is_busy = False
            self.refused["lost"] += 1
            self.outstanding -= 1


def percentiles(seconds: Any) -> dict[str, float]:
    """Milliseconds at 50, 90, 99, 99.9 and 100 percent."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return {p: ordered[round(last * float(p) / 100)] * 1000 for p in ("50", "90", "99", "99.9", "100") if ordered}


def main() -> None:
    """Reads a Spec from standard input, says `ready`, waits for a line, prints the Outcome."""
    spec = msgspec.json.decode(sys.stdin.readline(), type=Spec)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if spec.looks:
        requests = workload.desks(spec.reports, spec.token)
    elif spec.batch:
        requests = workload.posts(spec.reports, spec.token, spec.batch)
    else:
        requests = workload.puts(spec.reports, spec.token)
    print(json.dumps(msgspec.to_builtins(Load(spec, requests).run())), flush=True)


if __name__ == "__main__":
    main()
