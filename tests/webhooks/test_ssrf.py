"""Nothing that is not on the public internet is reached: every form of saying it, through the real sender."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time

import aiohttp
import pytest

from posko.webhooks import guard as guards
from posko.webhooks.guard import Blocked, Guard, is_own
from tests.webhooks.receivers import LOOPBACK, Credulous, Names, Receiver, open_to, receiving, sending

EVERYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))

LITERALS = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::]",
    "[2001::7f00:1]",
    "[2001:0:7f00:1:0:0:80ff:fffe]",
    "[fe80::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[5f00::1]",
    "[4000::1]",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "192.0.0.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.175.48.1",
    "[2001:20::1]",
    "[2001:1::1]",
    "[2620:4f:8000::1]",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
]
ODD = [
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0.0.1",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.1",
    "127.0.1",
    "127.000.000.001",
    "00000127.0.0.1",
    "127.0.0.1.",
    "0",
    "0x0",
    "[::1%25lo]",
    "[::1%lo]",
    "[fe80::1%25eth0]",
    "[::ffff:0x7f.0.0.1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost..",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "ｌocalhost",
    "127.0.0.1%00.example.com",
    "%31%32%37.0.0.1",
    "127.0.0.1\t",
    " 127.0.0.1",
    "example.com@127.0.0.1",
    "user:secret@127.0.0.1",
    "127.0.0.1\\@example.com",
    "example.com\\@127.0.0.1",
    "127.0.0.1#@example.com",
    "127.0.0.1?@example.com",
]


@pytest.mark.parametrize("host", LITERALS + ODD)
async def test_the_trap_is_not_sprung(host: str) -> None:
    async with receiving() as trap:
        for scheme in ("https", "http"):
            url = f"{scheme}://{host}:{trap.port}/hook"
            async with sending(Guard((), frozenset({trap.port, 80, 443})), deadline_s=20) as sender:
                careful = await sender.send(url, {}, b"{}")
            async with sending(Credulous((), frozenset({trap.port, 80, 443})), deadline_s=20) as sender:
                credulous = await sender.send(url, {}, b"{}")

            assert careful.error == "blocked"
            assert credulous.error in ("blocked", "dns", "protocol") and credulous.status is None

    assert trap.connections == 0


async def test_the_trap_springs_where_nothing_guards_it() -> None:
    """The control: so the forms above are refused by the guard and not by chance."""
    reached = []
    async with receiving() as trap, sending(Credulous(EVERYWHERE, frozenset({trap.port})), deadline_s=20) as sender:
        for host in ("127.0.0.1", "127.0.0.2", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "localhost"):
            answer = await sender.send(trap.url(host=host), {}, b"{}")
            if answer.is_taken:
                reached.append(host)

    # 127.0.0.2 has no listener of its own: that it is tried at all is what the next test is about.
    assert reached == ["127.0.0.1", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "localhost"]
    assert trap.connections >= 4


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
async def test_the_demo_may_reach_itself_in_plain_http(host: str) -> None:
    async with receiving() as receiver:
        guard = Guard((), frozenset({receiver.port}), insecure_loopback=True)
        async with sending(guard, deadline_s=20) as sender:
            answer = await sender.send(receiver.url(host=host), {}, b"{}")

    assert answer.is_taken and answer.address in ("127.0.0.1", "::1")


async def test_the_demo_reaches_itself_by_no_other_name() -> None:
    async with receiving() as trap:
        guard = Guard((), frozenset({trap.port}), insecure_loopback=True)
        async with sending(guard, names=Names(["127.0.0.1"]), deadline_s=20) as sender:
            plain = await sender.send(trap.url(host="evil.example"), {}, b"{}")
            named = await sender.send(trap.url(host="evil.example", scheme="https"), {}, b"{}")

    assert (plain.error, plain.detail) == ("blocked", "url-scheme")
    assert (named.error, named.detail, named.address) == ("blocked", "loopback", None)
    assert trap.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_nothing_more(status: int) -> None:
    async with receiving() as trap:
        said = f"HTTP/1.1 {status} Go\r\nLocation: {trap.url('/trap')}\r\nContent-Length: 0\r\n\r\n".encode()
        async with receiving(said) as receiver:
            both = Guard(LOOPBACK, frozenset({receiver.port, trap.port}), insecure_loopback=True)
            async with sending(both, deadline_s=20) as sender:
                answer = await sender.send(receiver.url(), {}, b"{}")

    assert (answer.status, answer.error, answer.is_taken) == (status, None, False)
    assert trap.connections == 0


async def test_a_name_that_changes_its_mind_is_judged_at_every_connection() -> None:
    async with receiving() as trap:
        names = Names(["93.184.215.14"], ["127.0.0.1"])
        first = await names.resolve("rebind.example", trap.port)
        assert first[0]["host"] == "93.184.215.14"  # what a check of the name beforehand would have seen
        async with sending(Guard((), frozenset({trap.port})), names=names, deadline_s=20) as sender:
            answer = await sender.send(trap.url(host="rebind.example", scheme="https"), {}, b"{}")

    assert (answer.error, answer.detail) == ("blocked", "loopback")
    assert trap.connections == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_the_socket_itself_is_guarded(address: str) -> None:
    """Without the guarded resolver: were a later aiohttp to go around it, this wall would still stand."""
    async with receiving() as trap:
        guard = Guard((), frozenset({trap.port}))
        connector = aiohttp.TCPConnector(
            socket_factory=guard.socket, resolver=Names([address, address]), use_dns_cache=False
        )
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.post(trap.url(host="rebind.example"), data=b"{}")

    assert trap.connections == 0


async def test_what_is_public_and_what_is_not_in_one_answer() -> None:
    async with receiving() as trap:
        names = Names(["127.0.0.1", "::1", "10.0.0.1"])
        async with sending(Guard((), frozenset({trap.port})), names=names, deadline_s=20) as sender:
            answer = await sender.send(trap.url(host="mixed.example", scheme="https"), {}, b"{}")
    assert (answer.error, trap.connections) == ("blocked", 0)

    # Among what is allowed, the rest is passed over.
    async with receiving() as receiver:
        only_six = Guard((LOOPBACK[1],), frozenset({receiver.port}), insecure_loopback=True)
        async with sending(only_six, names=Names(["127.0.0.1", "::1"]), deadline_s=20) as sender:
            answer = await sender.send(receiver.url(host="[::1]"), {}, b"{}")
    assert (answer.status, answer.address) == (200, "::1")


async def test_a_name_is_allowed_for_its_own_host_only() -> None:
    async with receiving() as receiver:
        guard = Credulous(("hook.intern.example",), frozenset({receiver.port}))
        async with sending(guard, names=Names(["127.0.0.1"]), deadline_s=20) as sender:
            named = await sender.send(receiver.url(host="hook.intern.example"), {}, b"{}")
            # The open connection is not handed to another name, and the address is allowed to nobody else.
            other = await sender.send(receiver.url(host="other.example"), {}, b"{}")
            below = await sender.send(receiver.url(host="x.hook.intern.example"), {}, b"{}")
            literal = await sender.send(receiver.url(), {}, b"{}")

    assert named.is_taken
    assert [a.error for a in (other, below, literal)] == ["blocked"] * 3
    assert receiver.connections == 1


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "224.0.0.1", "0.0.0.0", "fe80::1"]
)
def test_a_name_leads_to_no_metadata(address: str) -> None:
    assert Guard(("hook.intern.example",)).reason_against("hook.intern.example", address)


async def test_an_answer_of_thousands_of_addresses_costs_no_time() -> None:
    thousands = [f"10.{n >> 8}.{n & 255}.1" for n in range(4000)]
    async with sending(Guard(), names=Names(thousands), deadline_s=20) as sender:
        began = time.thread_time()
        answer = await sender.send("https://many.example/", {}, b"{}")

    assert answer.error == "blocked"
    assert time.thread_time() - began < 0.5


async def test_one_name_is_looked_up_once_at_a_time_and_nobody_waits_for_anothers() -> None:
    class Slow(Names):
        async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET):  # type: ignore[no-untyped-def]
            if host.startswith("slow"):
                self.asked.append(host)
                await asyncio.sleep(30)
            return await super().resolve(host, port, family)

    names = Slow(["10.0.0.1"])
    async with sending(Guard(), names=names, deadline_s=2) as sender:
        slow = [sender.send("https://slow.example/", {}, b"{}") for _ in range(5)]
        *slowly, quick = await asyncio.gather(*slow, sender.send("https://quick.example/", {}, b"{}"))

    assert [a.error for a in slowly] == ["timeout"] * 5
    assert quick.error == "blocked" and quick.milliseconds < 1_500
    assert names.asked.count("slow.example") == 1


async def test_the_port_is_judged_again_at_the_socket() -> None:
    async with receiving() as trap, sending(Credulous(LOOPBACK, frozenset({443})), deadline_s=20) as sender:
        answer = await sender.send(trap.url(), {}, b"{}")

    assert (answer.error, answer.detail, trap.connections) == ("blocked", "port", 0)


async def test_a_kept_connection_is_one_that_was_guarded() -> None:
    async with receiving() as receiver, sending(open_to(receiver), deadline_s=20) as sender:
        answers = [await sender.send(receiver.url(), {}, b"{}") for _ in range(10)]

    assert all(a.is_taken and a.address == "127.0.0.1" for a in answers)
    assert receiver.connections == 1


async def test_outside_an_attempt_no_name_is_allowed() -> None:
    async with receiving() as trap:
        guard = Guard(("hook.intern.example",), frozenset({trap.port}))
        info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", trap.port))
        with pytest.raises(Blocked):
            guard.socket(info)
        with guards.attempt("hook.intern.example"):
            guard.socket(info).close()


def test_this_machine_knows_itself() -> None:
    assert is_own((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 443)))
    assert is_own((socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("::1", 443, 0, 0)))
    assert not is_own((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("203.0.113.7", 443)))


def test_an_address_of_this_machine_is_refused_however_public_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    # No machine that runs this has a public address to try it with: loopback stands in for one.
    monkeypatch.setattr("posko.webhooks.networks.IPV4", ())
    with pytest.raises(Blocked) as refused:
        Guard().socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 443)))

    assert refused.value.reason == "own"


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as trap, receiving() as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, trap.url("/"))
        monkeypatch.setenv("no_proxy", "")
        async with sending(_both(receiver, trap), deadline_s=20) as sender:
            answer = await sender.send(receiver.url(), {}, b"{}")

    assert answer.is_taken and trap.connections == 0


def _both(*receivers: Receiver) -> Guard:
    return Guard(LOOPBACK, frozenset(r.port for r in receivers), insecure_loopback=True)
