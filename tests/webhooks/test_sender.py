"""One delivery, whatever the other side does: bounded in time and memory, told in a closed vocabulary, never raised."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import resource
import socket
import sys
import time
import zlib
from pathlib import Path

import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import posko
from posko.webhooks import guard as guards
from posko.webhooks import sender as senders
from posko.webhooks.guard import Guard
from tests.webhooks.receivers import LOOPBACK, NOW_S, OK, Credulous, Names, Talk, open_to, receiving, sending, talking

BODY = b'{"type":"incident.opened"}'


def _ok(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = "".join(f"{h}\r\n" for h in headers)
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _fds() -> int:
    return len(os.listdir("/proc/self/fd"))


async def _settles(count: int, within_s: float) -> bool:
    """Whether no more than `count` descriptors are open before long."""
    for _ in range(int(within_s / 0.05)):
        if _fds() <= count:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_what_goes_out() -> None:
    async with receiving() as receiver, sending(open_to(receiver)) as sender:
        answer = await sender.send(
            receiver.url("/a/../%2e?x=1"), {"Content-Type": "application/json", "webhook-id": "msg_1"}, BODY
        )

    assert answer.is_taken and answer.head == "ok" and answer.address == "127.0.0.1" and answer.retry_after_s is None
    assert receiver.bodies == [BODY]
    first, *lines = receiver.requests[0].decode().strip().split("\r\n")
    said = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines}
    assert first == "POST /a/../%2e?x=1 HTTP/1.1"
    assert said == {
        "host": f"127.0.0.1:{receiver.port}",
        "user-agent": f"posko/{posko.__version__}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "webhook-id": "msg_1",
        "content-length": str(len(BODY)),
    }


@pytest.mark.parametrize(
    "status", ["204 No Content", "410 Gone", "429 Too Many Requests", "500 Oops", "302 Found", "299 Odd"]
)
async def test_a_status_is_an_answer(status: str) -> None:
    async with (
        receiving(_ok(b"", "Retry-After: 7", status=status)) as receiver,
        sending(open_to(receiver)) as sender,
    ):
        answer = await sender.send(receiver.url(), {}, BODY)

    assert (answer.status, answer.error, answer.retry_after_s) == (int(status[:3]), None, 7.0)


async def test_a_moment_to_come_again() -> None:
    date = "Fri, 15 Jan 2027 08:01:00 GMT"
    assert NOW_S == 1_800_000_000
    async with (
        receiving(_ok(b"later", f"Retry-After: {date}", status="503 Busy")) as receiver,
        sending(open_to(receiver)) as sender,
    ):
        answer = await sender.send(receiver.url(), {}, BODY)

    assert (answer.status, answer.head, answer.retry_after_s) == (503, "later", 60.0)


async def test_cookies_are_not_kept() -> None:
    async with receiving(_ok(b"", "Set-Cookie: a=b; Path=/")) as receiver:
        # By a name: cookies of bare addresses are not kept by anybody.
        guard = Credulous(LOOPBACK, frozenset({receiver.port}))
        async with sending(guard, names=Names(["127.0.0.1"])) as sender:
            for _ in range(2):
                assert (await sender.send(receiver.url(host="hook.example"), {}, BODY)).is_taken

    assert len(receiver.requests) == 2 and b"cookie" not in receiver.requests[1].lower()


async def test_a_hundred_megabytes_are_not_read() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
        for _ in range(1600):
            writer.write(b"x" * 65_536)
            await writer.drain()
            sent += 65_536

    async with receiving(pour) as receiver, sending(open_to(receiver)) as sender:
        answer = await sender.send(receiver.url(), {}, BODY)
        await asyncio.wait_for(receiver.lost.wait(), 20)
        again = await sender.send(receiver.url(), {}, BODY)

    assert answer.is_taken and answer.head == "x" * 2048
    assert sent < 16 * 1_048_576  # what the kernel's buffers took, for two deliveries
    assert again.is_taken and receiver.connections == 2  # a cut answer costs the connection


async def test_an_answer_of_just_the_limit_keeps_the_connection() -> None:
    async with receiving(_ok(b"y" * senders.ANSWER_LIMIT_BYTES)) as receiver, sending(open_to(receiver)) as sender:
        answers = [await sender.send(receiver.url(), {}, BODY) for _ in range(3)]

    assert all(a.is_taken for a in answers) and receiver.connections == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip", "br", "x"])
async def test_bombs_are_not_unpacked(encoding: str) -> None:
    zeros = b"\0" * 10_000_000
    bomb = zlib.compress(zeros, 9) if encoding == "deflate" else gzip.compress(zeros)
    if encoding == "gzip, gzip":
        bomb = gzip.compress(gzip.compress(zeros * 10))
    assert len(bomb) < senders.ANSWER_LIMIT_BYTES
    async with (
        receiving(_ok(bomb, f"Content-Encoding: {encoding}")) as receiver,
        sending(open_to(receiver)) as sender,
    ):
        answers = [await sender.send(receiver.url(), {}, BODY) for _ in range(2)]

    assert all(a.is_taken and a.head == "" for a in answers)
    # Unpacked it would be longer than what is read, and would have cost the connection.
    assert receiver.connections == 1


@pytest.mark.parametrize("pause_s", [0.0, 0.05])
async def test_an_answer_to_nothing_is_not_taken_for_the_next_one(pause_s: float) -> None:
    """A receiver that says everything twice: the second copy is no answer to the next delivery."""

    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(pause_s)
        writer.write(OK)
        await writer.drain()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(reader.read(), 0.3)

    async with receiving(twice) as receiver, sending(open_to(receiver)) as sender:
        for number in range(3):
            assert (await sender.send(receiver.url(), {}, b"%d" % number)).is_taken
            await asyncio.sleep(0.1)

    assert receiver.bodies == [b"0", b"1", b"2"]


async def _drip_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
        writer.write(bytes([letter]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def _drip_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"z")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _continue_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 500)
        await writer.drain()


async def _chunks_of_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1;" + b"e" * 100 + b"\r\nx\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("talk", "status"),
    [
        (_drip_head, None),
        (_drip_body, 200),
        (_say_nothing, None),
        (_continue_for_ever, None),
        (_chunks_of_nothing, 200),
    ],
)
async def test_the_deadline_holds(talk: Talk, status: int | None) -> None:
    before = _fds()
    async with receiving(talk) as receiver, sending(open_to(receiver), deadline_s=0.5) as sender:
        others = asyncio.create_task(_turns())
        answer = await sender.send(receiver.url(), {}, BODY)
        others.cancel()
        assert (answer.status, answer.error, answer.is_taken) == (status, "timeout", False)
        assert 450 <= answer.milliseconds < 10_000
        await asyncio.sleep(0.1)
    assert await _settles(before, 20)


async def _turns() -> None:
    while True:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "flood",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" * 4000,
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"e" * 100_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"T: t\r\n" * 10_000,
    ],
    ids=["continue", "hints", "chunk extensions", "trailers"],
)
def test_who_floods_us_leaves_the_others_their_turn(flood: bytes) -> None:
    """On uvloop, as in the worker: it reads 256 KB at a time, and ten thousand answers of 25 bytes take it a second.

    Between turns counts what our thread works, not what it waits for a processor.
    """
    rest = flood[-2000:] if b"chunked" in flood else flood
    gaps: list[float] = []

    def pour(connection: socket.socket) -> None:
        connection.sendall(flood)
        while True:
            connection.sendall(rest * 10)

    async def turns() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0.01)
            gaps.append(time.thread_time() - last)
            last = time.thread_time()

    async def run(port: int) -> None:
        guard = Guard(LOOPBACK, frozenset({port}), insecure_loopback=True)
        async with sending(guard, deadline_s=1) as sender:
            other = asyncio.create_task(turns())
            answer = await sender.send(f"http://127.0.0.1:{port}/", {}, BODY)
            other.cancel()
        assert answer.error in ("timeout", "too_long", "protocol") and answer.milliseconds < 10_000

    with talking(pour) as port, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(port))

    assert max(gaps, default=0) < 0.5


async def test_headers_without_end() -> None:
    async def headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(1_000_000):
            writer.write(f"X-{n}: {'v' * 1000}\r\n".encode())
            await writer.drain()

    async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            writer.write(b"v" * 65_536)
            await writer.drain()

    for talk in (headers, line):
        async with receiving(talk) as receiver, sending(open_to(receiver)) as sender:
            answer = await sender.send(receiver.url(), {}, BODY)
            await asyncio.wait_for(receiver.lost.wait(), 20)

        assert (answer.status, answer.error) == (None, "too_long")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", "reset"),
        (b"HTTP/1.1 200", "reset"),
        (b"HTTP/1.1 200 OK\r\nX: y", "reset"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "reset"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "reset"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", "protocol"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "protocol"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "protocol"),
        (b"<html>hello</html>\n", "protocol"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "protocol"),
        (b"HTTP/1.1 99999 OK\r\n\r\n", "protocol"),
        (b"HTTP/9.9 200 OK\r\nContent-Length: x\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "protocol"),
        (b"HTTP/1.1 200 OK\r\n\x00: y\r\n\r\n", "protocol"),
        (b"+OK\r\n-ERR\r\n", "protocol"),
    ],
)
async def test_half_answers_and_garbage(said: bytes, error: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()

    async with receiving(talk) as receiver, sending(open_to(receiver)) as sender:
        answer = await sender.send(receiver.url(), {}, BODY)

    assert answer.error == error and not answer.is_taken
    assert receiver.connections == 1  # nothing is sent twice over a fresh connection


async def test_an_answer_that_ends_with_the_connection() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nfine")
        await writer.drain()

    async with receiving(talk) as receiver, sending(open_to(receiver)) as sender:
        answers = [await sender.send(receiver.url(), {}, BODY) for _ in range(2)]

    assert [(a.is_taken, a.head) for a in answers] == [(True, "fine")] * 2


async def test_half_closed_by_them_is_still_answered() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        await writer.drain()
        writer.write(b"ok")
        writer.write_eof()
        await asyncio.sleep(60)

    async with receiving(talk) as receiver, sending(open_to(receiver)) as sender:
        answer = await sender.send(receiver.url(), {}, BODY)

    assert answer.is_taken and answer.milliseconds < 15_000


async def test_they_reset() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    async with receiving(talk) as receiver, sending(open_to(receiver)) as sender:
        answer = await sender.send(receiver.url(), {}, BODY)

    assert (answer.status, answer.error, answer.address) == (None, "reset", "127.0.0.1")


async def test_nobody_listens() -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    async with sending(Guard(LOOPBACK, frozenset({port}))) as sender:
        answer = await sender.send(f"https://127.0.0.1:{port}/", {}, BODY)

    assert (answer.error, answer.address) == ("refused", "127.0.0.1")


async def test_there_is_no_such_name() -> None:
    async with sending(Guard(), names=Names([])) as sender:
        answer = await sender.send("https://nowhere.example/", {}, BODY)

    assert (answer.error, answer.status, answer.address) == ("dns", None, None)


async def test_a_kept_connection_that_they_closed_just_then_is_no_failure() -> None:
    """The worst moment: the second request is on its way when they close. It goes out again, once, anew."""

    async def answer_then_hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")

    async with receiving(answer_then_hang_up) as receiver, sending(open_to(receiver)) as sender:
        answers = [await sender.send(receiver.url(), {}, BODY) for _ in range(3)]

    assert all(a.is_taken for a in answers)
    assert receiver.connections == 3


async def test_connections_to_one_host_are_limited_and_used_again() -> None:
    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(OK)
        await writer.drain()

    async with receiving(slowly) as receiver, sending(open_to(receiver)) as sender:
        answers = await asyncio.gather(*(sender.send(receiver.url(), {}, BODY) for _ in range(64)))
        assert all(a.is_taken for a in answers)

    async with receiving() as receiver, sending(open_to(receiver)) as sender:
        answers = await asyncio.gather(*(sender.send(receiver.url(), {}, BODY) for _ in range(500)))

    assert all(a.is_taken for a in answers)
    assert receiver.connections <= senders.CONNECTIONS_PER_HOST


async def test_cancelled_at_any_moment_it_leaves_nothing_open() -> None:
    before = _fds()
    for talk in (_say_nothing, _drip_body, _drip_head):
        async with (
            receiving(talk) as receiver,
            sending(open_to(receiver), deadline_s=30) as sender,
        ):
            tasks = [asyncio.create_task(sender.send(receiver.url(), {}, BODY)) for _ in range(10)]
            for number, task in enumerate(tasks):
                await asyncio.sleep(number * 0.002)
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(e, asyncio.CancelledError) for e in ended)
            # And the pool is none the worse: all its places are free again.
            after = await asyncio.gather(
                *(asyncio.wait_for(sender.send(receiver.url(), {}, BODY), 0.2) for _ in range(16)),
                return_exceptions=True,
            )
            assert all(isinstance(e, TimeoutError) for e in after)
            assert sender._session.connector is not None and not sender._session.connector._acquired  # type: ignore[attr-defined]
    assert await _settles(before, 20)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and other kernels have no such time-out")
async def test_who_reads_nothing_keeps_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that fits no buffer: closed politely, a connection would wait for ever for it to drain, and the kernel
    keeps megabytes of it for minutes even when nobody has the connection any more."""
    monkeypatch.setattr(guards, "STUCK_MS", 1000)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    before = _fds()
    async with sending(Guard(LOOPBACK, frozenset({port}), insecure_loopback=True), deadline_s=0.3) as sender:
        answers = await asyncio.gather(
            *(sender.send(f"http://127.0.0.1:{port}/", {}, b"x" * 20_000_000) for _ in range(3))
        )
        assert [a.error for a in answers] == ["timeout"] * 3
        assert await _settles(before + 1, 20)
        for _ in range(300):
            if not _unsent(port):
                break
            await asyncio.sleep(0.1)
        assert _unsent(port) == 0
    listener.close()


def _unsent(port: int) -> int:
    """Bytes that the kernel still has for a port, of connections open or closed."""
    rows = (line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:])
    return sum(int(row[4].partition(":")[0], 16) for row in rows if row[2] == f"0100007F:{port:04X}")


async def test_our_own_want_of_descriptors_is_called_so() -> None:
    async with receiving() as receiver, sending(open_to(receiver)) as sender:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        next_one = os.dup(0)
        os.close(next_one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (next_one, hard))
        try:
            answer = await sender.send(receiver.url(), {}, BODY)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert answer.error == "exhausted"
        assert (await sender.send(receiver.url(), {}, BODY)).is_taken


async def test_a_header_that_is_none_is_an_answer_too() -> None:
    async with receiving() as receiver, sending(open_to(receiver)) as sender:
        answer = await sender.send(receiver.url(), {"webhook-id": "a\r\nX-Evil: 1"}, BODY)
        fine = await sender.send(receiver.url(), {}, BODY)

    assert answer.error == "protocol" and fine.is_taken
    assert not any(b"Evil" in head for head in receiver.requests)


_PARTS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 ",
        b"100 Continue\r\n\r\n",
        b"101 Switch\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Connection: close\r\n",
        b"Retry-After: 9999999999999\r\n",
        b"Set-Cookie: \xff=\x01\r\n",
        b"Location: /\r\n",
        b"X: \xff\xfe\r\n",
        b" folded\r\n",
        b"\r\n",
        b"\n",
        b"0\r\n\r\n",
        b"5\r\nhello\r\n",
        b"ffffffffffffffff\r\n",
        b"hello",
        b"\x00",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PARTS | st.binary(max_size=8), max_size=8).map(b"".join))
def test_whatever_they_say_it_is_told_and_not_raised(said: bytes) -> None:
    async def run() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(said)
            await writer.drain()

        async with receiving(talk) as receiver, sending(open_to(receiver)) as sender:
            answer = await sender.send(receiver.url(), {}, BODY)
            again = await sender.send(receiver.url(), {}, BODY)
        for one in (answer, again):
            assert one.error in (None, "reset", "protocol", "too_long")
            assert (one.error is None) <= (one.status is not None)
            one.head.encode()

    with asyncio.Runner() as runner:
        runner.run(run())
