"""Certificates are verified, by name and date and authority, and a private authority can be trusted."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from pathlib import Path

import pytest

from posko.config import BadSetting
from posko.webhooks.guard import Guard
from posko.webhooks.sender import tls_context
from tests.webhooks.certificates import Authority
from tests.webhooks.receivers import LOOPBACK, Names, open_to, receiving, sending, talking


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def trusting(authority: Authority) -> ssl.SSLContext:
    return tls_context(authority.file)


async def test_a_private_authority_that_is_configured_is_trusted(
    authority: Authority, trusting: ssl.SSLContext
) -> None:
    tls = authority.server("hook.example", "127.0.0.1", "::1")
    async with (
        receiving(tls=tls) as receiver,
        sending(open_to(receiver), tls=trusting, names=Names(["127.0.0.1"])) as sender,
    ):
        named = [await sender.send(receiver.url(host="hook.example", scheme="https"), {}, b"{}") for _ in range(3)]
        literal = await sender.send(receiver.url(host="[::1]", scheme="https"), {}, b"{}")

    assert all(a.is_taken for a in named) and literal.is_taken
    assert receiver.connections == 2


@pytest.mark.parametrize(
    ("names", "days", "self_signed", "says"),
    [
        (("other.example",), (-1, 30), False, "ostname mismatch"),
        (("127.0.0.1",), (-1, 30), False, "ostname mismatch"),
        (("hook.example",), (-30, -1), False, "expired"),
        (("hook.example",), (1, 30), False, "not yet valid"),
        (("hook.example",), (-1, 30), True, "self"),
    ],
)
async def test_a_bad_certificate_gets_no_body(
    authority: Authority,
    trusting: ssl.SSLContext,
    names: tuple[str, ...],
    days: tuple[int, int],
    self_signed: bool,
    says: str,
) -> None:
    tls = authority.server(*names, days=days, self_signed=self_signed)
    async with (
        receiving(tls=tls) as receiver,
        sending(open_to(receiver), tls=trusting, names=Names(["127.0.0.1"])) as sender,
    ):
        answer = await sender.send(receiver.url(host="hook.example", scheme="https"), {}, b"{}")

    assert (answer.status, answer.error) == (None, "tls")
    assert says in answer.detail
    assert receiver.requests == []


async def test_an_authority_that_is_not_configured_is_not_trusted(authority: Authority) -> None:
    async with (
        receiving(tls=authority.server("hook.example")) as receiver,
        sending(open_to(receiver), names=Names(["127.0.0.1"])) as sender,
    ):
        answer = await sender.send(receiver.url(host="hook.example", scheme="https"), {}, b"{}")

    assert (answer.error, receiver.requests) == ("tls", [])


async def test_a_name_that_was_allowed_is_still_verified(authority: Authority, trusting: ssl.SSLContext) -> None:
    async with receiving(tls=authority.server("other.example")) as receiver:
        guard = Guard(("hook.example",), frozenset({receiver.port}))
        async with sending(guard, tls=trusting, names=Names(["127.0.0.1"])) as sender:
            answer = await sender.send(receiver.url(host="hook.example", scheme="https"), {}, b"{}")

    assert (answer.error, receiver.requests) == ("tls", [])


async def test_what_speaks_no_tls_or_never_finishes_it(trusting: ssl.SSLContext) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    sockets = [await asyncio.start_server(mute, "127.0.0.1", 0)]
    port = sockets[0].sockets[0].getsockname()[1]
    guard = Guard(LOOPBACK, frozenset({port}))
    async with sending(guard, tls=trusting, deadline_s=0.5) as sender:
        answer = await sender.send(f"https://127.0.0.1:{port}/", {}, b"{}")
    sockets[0].close()
    assert (answer.error, answer.status) == ("timeout", None) and answer.milliseconds < 10_000

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with sending(Guard(LOOPBACK, frozenset({port})), tls=trusting) as sender:
        answer = await sender.send(f"https://127.0.0.1:{port}/", {}, b"{}")
    server.close()
    assert (answer.error, answer.status) == ("tls", None)


async def test_who_never_says_goodbye_keeps_nothing_of_ours_open(
    authority: Authority, trusting: ssl.SSLContext
) -> None:
    """TLS closes by both sides saying so; asyncio waits 30 s for the other one."""

    def half(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        time.sleep(25)

    def silent(connection: socket.socket) -> None:
        time.sleep(25)

    for talk, status in ((half, 200), (silent, None)):
        with talking(talk, authority.server("127.0.0.1")) as port:
            async with sending(Guard(LOOPBACK, frozenset({port})), tls=trusting, deadline_s=0.3) as sender:
                answer = await sender.send(f"https://127.0.0.1:{port}/", {}, b"{}")
                for _ in range(100):
                    if not (still_open := _connections_to(port)):
                        break
                    await asyncio.sleep(0.1)
            assert (answer.error, answer.status) == ("timeout", status)
            assert still_open == 0


def _connections_to(port: int) -> int:
    """How many sockets of this process are connected to a port, and closed by nobody."""
    lines = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    remote = f"0100007F:{port:04X}"
    return sum(fields[2] == remote and fields[3] == "01" for fields in map(str.split, lines))


async def test_a_client_certificate_that_we_do_not_have(authority: Authority, trusting: ssl.SSLContext) -> None:
    """With TLS 1.3 the refusal comes after the handshake, in the middle of the request."""
    tls = authority.server("127.0.0.1")
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(authority.file)
    async with receiving(tls=tls) as receiver, sending(open_to(receiver), tls=trusting) as sender:
        answer = await sender.send(receiver.url(scheme="https"), {}, b"{}")

    assert answer.status is None and answer.error in ("tls", "reset")
    assert receiver.requests == []


def test_a_ca_file_that_is_none_stops_the_start(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("nothing")
    for file in (wrong, tmp_path / "missing.pem"):
        with pytest.raises(BadSetting):
            tls_context(file)
