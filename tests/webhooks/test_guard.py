"""What a webhook's URL may say, rule by rule, and no address of a forbidden network in any form (hypothesis)."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko import config
from posko.config import BadSetting
from posko.errors import Invalid
from posko.webhooks import networks
from posko.webhooks.guard import URL_LIMIT, Guard, read_allowed

GUARD = Guard()
NOT_PUBLIC_4 = [network for network, _ in networks.IPV4]
NOT_PUBLIC_6 = [network for network, _ in networks.IPV6]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("https://example.com", "https://example.com/"),
        ("HTTPS://Example.COM:443/A?b=C", "https://example.com/A?b=C"),
        ("https://example.com:8443/a%20b?x=%2F#"[:-1], "https://example.com:8443/a%20b?x=%2F"),
        ("https://example.com/a/../b/%2e%2e/", "https://example.com/a/../b/%2e%2e/"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://hook_1.example.co.id/", "https://hook_1.example.co.id/"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://[2606:4700:0::1111]:8443/", "https://[2606:4700::1111]:8443/"),
        ("https://example.com?x=1", "https://example.com/?x=1"),
        ("https://example.com/" + "a" * (URL_LIMIT - 20), "https://example.com/" + "a" * (URL_LIMIT - 20)),
    ],
)
def test_what_is_fine_has_one_form(text: str, canonical: str) -> None:
    assert str(GUARD.check_url(text)) == canonical
    assert str(GUARD.check_url(canonical)) == canonical


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "url-length"),
        ("https://example.com/" + "a" * (URL_LIMIT - 19), "url-length"),
        ("https://bücher.example/", "url-characters"),
        ("https://example.com/ a", "url-characters"),
        ("https://example.com/\r\nX: y", "url-characters"),
        ("https://example.com/\n", "url-characters"),
        ("https://example.com/%zz", "url-characters"),
        ("https://example.com\\@127.0.0.1/", "url-characters"),
        ("example.com/x", "url-form"),
        ("//example.com/x", "url-form"),
        ("https:/example.com", "url-form"),
        ("http://example.com/", "url-scheme"),
        ("http://127.0.0.1/", "url-scheme"),
        ("ftp://example.com/", "url-scheme"),
        ("file:///etc/passwd", "url-host"),
        ("gopher://example.com/", "url-scheme"),
        ("https://user@example.com/", "url-userinfo"),
        ("https://@example.com/", "url-userinfo"),
        ("https://example.com/#a", "url-fragment"),
        ("https://example.com/#", "url-fragment"),
        ("https:///x", "url-host"),
        ("https://:443/", "url-host"),
        ("https://example.com:80/", "url-port"),
        ("https://example.com:22/", "url-port"),
        ("https://example.com:0443/", "url-port"),
        ("https://example.com:/", "url-port"),
        ("https://example.com:65536/", "url-port"),
        ("https://example.com:443:443/", "url-port"),
        ("https://example.com:+443/", "url-port"),
        ("https://example.com./", "url-host-dot"),
        ("https://127.0.0.1./", "url-host-dot"),
        ("https://2130706433/", "url-host-number"),
        ("https://0x7f.1/", "url-host-number"),
        ("https://017700000001/", "url-host-number"),
        ("https://127.1/", "url-host-number"),
        ("https://example.0x1/", "url-host-number"),
        ("https://1.2.3.4.5/", "url-host-number"),
        ("https://[::1]x/", "url-host"),
        ("https://[::1/", "url-host"),
        ("https://[fe80::1%25eth0]/", "url-host"),
        ("https://[2606:4700::1111%25lo]/", "url-host"),
        ("https://[v1.fe80]/", "url-host"),
        ("https://intranet/", "url-host"),
        ("https://localhost/", "url-host"),
        ("https://-a.example/", "url-host"),
        ("https://a..example/", "url-host"),
        ("https://.example.com/", "url-host"),
        ("https://xn--.example/", "url-host"),
        ("https://" + "a" * 64 + ".example/", "url-host"),
        ("https://" + "a." * 127 + "example/", "url-host"),
        ("https://%65xample.com/", "url-host"),
        ("https://exa*mple.com/", "url-host"),
        ("https://10.0.0.1/", "url-address"),
        ("https://[::1]/", "url-address"),
        ("https://[::ffff:8.8.8.8]/", "url-address"),
        ("https://169.254.169.254/", "url-address"),
    ],
)
def test_what_is_not_names_its_rule(text: str, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        GUARD.check_url(text, "$.endpoint.url")

    assert [(e.path, e.rule) for e in refused.value.errors] == [("$.endpoint.url", rule)]


@pytest.mark.parametrize(
    ("text", "is_fine"),
    [
        ("http://127.0.0.1:9000/", True),
        ("http://localhost:9000/", True),
        ("http://[::1]:9000/", True),
        ("https://127.0.0.1:9000/", True),
        ("http://127.0.0.1:9001/", True),
        ("http://127.0.0.1/", True),
        ("http://example.com:9000/", False),
        ("http://10.0.0.1:9000/", False),
        ("http://localhost.example.com:9000/", False),
        ("http://[::ffff:127.0.0.1]:9000/", False),
    ],
)
def test_plain_http_is_for_loopback_in_the_demo(text: str, is_fine: bool) -> None:
    demo = Guard((), frozenset({443, 9000}), insecure_loopback=True)
    if is_fine:
        demo.check_url(text)
    else:
        with pytest.raises(Invalid):
            demo.check_url(text)


@pytest.mark.parametrize(("public", "is_fine"), [("http://localhost:8080", True), ("HTTPS://posko.example", False)])
def test_loopback_is_never_let_through_where_posko_is_public(public: str, is_fine: bool) -> None:
    said = {
        "POSKO_DATABASE_URL": "postgresql://x",
        "POSKO_REDIS_URL": "redis://x",
        "POSKO_SECRET_KEY": "s" * 40,
        "POSKO_PUBLIC_URL": public,
    }
    Guard.of(config.from_env(said))
    demo = config.from_env({**said, "POSKO_WEBHOOK_INSECURE_LOOPBACK": "true"})
    if is_fine:
        Guard.of(demo)
    else:
        with pytest.raises(BadSetting, match="INSECURE_LOOPBACK"):
            Guard.of(demo)


def test_what_is_allowed_is_read_from_a_setting() -> None:
    assert read_allowed(" 10.1.0.0/16, fd12::/64 ,10.9.9.9,Hook.Intern.Example, receiver,") == (
        ipaddress.ip_network("10.1.0.0/16"),
        ipaddress.ip_network("fd12::/64"),
        ipaddress.ip_network("10.9.9.9/32"),
        "hook.intern.example",
        "receiver",
    )
    for wrong in ("10.1.0.1/16", "10.1.0.0/33", "*.example.com", "http://x.example", "127.1", "a b", "x.example."):
        with pytest.raises(BadSetting):
            read_allowed(wrong)
    with pytest.raises(BadSetting, match="more than 64"):
        read_allowed(",".join(f"10.0.0.{n}" for n in range(65)))


def test_what_is_allowed_passes_and_its_neighbour_does_not() -> None:
    guard = Guard(read_allowed("10.1.0.0/16,fd12::/64,receiver"))
    for fine in ("https://10.1.2.3/", "https://[fd12::1]/", "https://receiver/"):
        guard.check_url(fine)
    for wrong in ("https://10.2.0.1/", "https://[fd13::1]/", "https://receiver2/", "https://[::ffff:10.1.2.3]/"):
        with pytest.raises(Invalid):
            guard.check_url(wrong)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "103.21.244.1",
        "172.32.0.1",
        "100.128.0.1",
        "192.0.1.1",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "2400:cb00::1",
        "2a00:1450::1",
    ],
)
def test_the_public_internet_is_public(address: str) -> None:
    assert GUARD.reason_against("", address) is None


@pytest.mark.parametrize("edge", [n for n, _ in (*networks.IPV4, *networks.IPV6)], ids=str)
def test_networks_are_refused_from_end_to_end(edge: networks.Network) -> None:
    assert GUARD.reason_against("", str(edge[0])) and GUARD.reason_against("", str(edge[-1]))


def _in(network: networks.Network) -> st.SearchStrategy[networks.Address]:
    first = int(network.network_address)
    kind = type(network.network_address)
    return st.integers(first, first + network.num_addresses - 1).map(kind)


FORBIDDEN_4 = st.sampled_from(NOT_PUBLIC_4).flatmap(_in)
FORBIDDEN_6 = st.sampled_from(NOT_PUBLIC_6).flatmap(_in)


def _forms(address: networks.Address) -> list[str]:
    number = int(address)
    if isinstance(address, ipaddress.IPv6Address):
        words = address.exploded.split(":")
        last = str(ipaddress.IPv4Address(number & 0xFFFFFFFF))
        return [
            f"[{address}]",
            f"[{address.exploded}]",
            f"[{str(address).upper()}]",
            "[" + ":".join(w.lstrip("0") or "0" for w in words) + "]",
            "[" + ":".join(words[:6]) + f":{last}]",
            f"[{address}%25eth0]",
        ]
    a, b, c, d = address.packed
    inside = [
        f"[::ffff:{address}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
        f"[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1]",
    ]
    return [
        str(address),
        f"{address}.",
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"0x{a:x}.{b}.{c}.{d}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a:03}.{b:03}.{c:03}.{d:03}",
        f"x@{address}",
        *inside,
    ]


@given(address=FORBIDDEN_4 | FORBIDDEN_6, data=st.data())
def test_no_forbidden_address_passes_in_any_form(address: networks.Address, data: st.DataObject) -> None:
    assert GUARD.reason_against("any.example", str(address)) is not None
    form = data.draw(st.sampled_from(_forms(address)))
    with pytest.raises(Invalid):
        GUARD.check_url(f"https://{form}/")


@given(st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address))
def test_what_passes_of_ipv6_is_given_out_and_unlisted(address: ipaddress.IPv6Address) -> None:
    listed = any(address in network for network in NOT_PUBLIC_6)
    passes = GUARD.reason_against("", str(address)) is None

    assert passes == (address in networks.IPV6_GLOBAL and not listed)
    if passes:
        # Python knows fewer of these networks than we do, so it must agree with whatever we let through.
        assert address.is_global and not address.is_multicast


@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_what_passes_of_ipv4_is_global_to_python_too(address: ipaddress.IPv4Address) -> None:
    if GUARD.reason_against("", str(address)) is None:
        assert address.is_global and not address.is_multicast


_BITS = st.sampled_from(
    [
        "https://",
        "http://",
        "//",
        "@",
        ":",
        "#",
        "?",
        "/",
        "\\",
        "[",
        "]",
        "%",
        "%2f",
        "%00",
        ".",
        "..",
        "127.0.0.1",
        "::1",
        "localhost",
        "example.com",
        "443",
        "8443",
        "0x7f",
        "1",
        "\x00",
        "\t",
        "\n",
        "。",
        "１",
        "ß",
        "xn--",
        "-",
        "_",
    ]
)


@given(st.lists(_BITS | st.text(max_size=3), max_size=12).map("".join))
def test_whatever_is_written_is_refused_or_goes_where_it_says(text: str) -> None:
    for attempt in (text, "https://" + text):
        try:
            url = GUARD.check_url(attempt)
        except Invalid as refused:
            assert refused.errors[0].rule.startswith("url-")
            continue
        host = url.raw_host or ""
        assert url.scheme == "https" and url.port in (443, 8443) and url.raw_user is None and not url.raw_fragment
        assert host in attempt.lower() or ":" in host
        assert host != "localhost" and host != "127.0.0.1" and host != "::1"
        assert GUARD.check_url(str(url)) == url
