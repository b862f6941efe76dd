"""Where a request comes from: what our own proxies saw, never what a client wrote."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.address import ENTRIES_LIMIT, Proxies, prefix
from posko.config import BadSetting

TRUSTED = "10.0.0.0/8, 2001:db8:ffff::/48, 192.0.2.9"
OURS = ["10.0.0.1", "10.255.0.9:4711", "192.0.2.9", "[2001:db8:ffff::1]:80", "::ffff:10.1.2.3", "2001:db8:ffff::7"]

proxies = Proxies(TRUSTED)

theirs = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).filter(
    lambda a: (
        proxies.client("10.0.0.1", [str(a)]) == str(a) and a not in ipaddress.ip_network("10.0.0.0/8")
        if a.version == 4
        else a.ipv4_mapped is None and a not in ipaddress.ip_network("2001:db8:ffff::/48")
    )
)
junk = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*OURS, "8.8.8.8", "", "unknown", ",", "127.0.0.1"]), max_size=40).map(", ".join),
)


@given(
    written=st.lists(st.one_of(junk, st.binary(max_size=60)), max_size=4),
    address=theirs,
    hops=st.lists(st.sampled_from(OURS), max_size=4),
)
def test_what_a_client_writes_changes_nothing(
    written: list[bytes | str], address: ipaddress.IPv4Address | ipaddress.IPv6Address, hops: list[str]
) -> None:
    seen = ", ".join([str(address), *hops])
    assert proxies.client("10.0.0.1", [*written, seen]) == str(address)
    if written and isinstance(written[-1], str):
        assert proxies.client("10.0.0.1", [*written[:-1], f"{written[-1]}, {seen}"]) == str(address)


@given(written=st.lists(st.one_of(junk, st.binary(max_size=60)), max_size=4), address=theirs)
def test_a_peer_that_is_no_proxy_of_ours_is_not_believed(
    written: list[bytes | str], address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    assert proxies.client(str(address), written) == str(address)


@pytest.mark.parametrize(
    ("peer", "lines", "found"),
    [
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", [b"203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5:50123"], "203.0.113.5"),
        ("10.0.0.1", ["[2001:db8::5]:50123"], "2001:db8::5"),
        ("10.0.0.1", ["[2001:db8::5]"], "2001:db8::5"),
        ("10.0.0.1", ["2001:DB8:0::5"], "2001:db8::5"),
        ("10.0.0.1", ["::ffff:203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["fe80::1%eth0"], "fe80::1"),
        ("10.0.0.1", ["[fe80::1%eth0]:80"], "fe80::1"),
        ("::ffff:10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("::ffff:203.0.113.5", ["8.8.8.8"], "203.0.113.5"),
        ("10.0.0.1", ["8.8.8.8, 203.0.113.5, 10.0.0.3"], "203.0.113.5"),
        ("10.0.0.1", ["8.8.8.8", "203.0.113.5", "10.0.0.3"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5, 10.0.0.4", "10.0.0.3"], "203.0.113.5"),
        ("10.0.0.1", ["10.0.0.5, 10.0.0.4"], "10.0.0.5"),
        (None, ["8.8.8.8"], "local"),
        ("", ["8.8.8.8"], "local"),
        ("/run/posko.sock", ["8.8.8.8"], "local"),
    ],
)
def test_the_first_from_the_right_that_is_no_proxy_of_ours(
    peer: str | None, lines: list[bytes | str], found: str
) -> None:
    assert proxies.client(peer, lines) == found


@pytest.mark.parametrize(
    "bad",
    ["", "unknown", "_hidden", "203.0.113", "203.0.113.5:port", "203.0.113.5:", "[203.0.113.5]", "[2001:db8::5", "2001:db8::5]",
     "[2001:db8::5]x", "[2001:db8::5]:x", "203.0.113.5%eth0", "203.0.113.5 8.8.8.8", "٢٠٣.٠.١١٣.٥", "010.0.0.1"],
)  # fmt: skip
def test_at_what_is_no_address_the_last_good_one_counts(bad: str) -> None:
    assert proxies.client("10.0.0.1", [f"8.8.8.8, {bad}, 10.0.0.7"]) == "10.0.0.7"
    assert proxies.client("10.0.0.1", [f"8.8.8.8, {bad}"]) == "10.0.0.1"


def test_only_the_last_entries_are_looked_at() -> None:
    def asked(hops: int) -> str:
        return proxies.client("10.0.0.1", [", ".join(["203.0.113.5", *(f"10.0.1.{n}" for n in range(hops))])])

    assert asked(ENTRIES_LIMIT - 1) == "203.0.113.5"
    assert asked(ENTRIES_LIMIT) == "10.0.1.0"
    assert asked(255) == "10.0.1.239"


@pytest.mark.parametrize("trusted", ["", " ", ","])
def test_who_trusts_nobody_believes_the_peer(trusted: str) -> None:
    assert Proxies(trusted).client("10.0.0.1", ["8.8.8.8"]) == "10.0.0.1"


@pytest.mark.parametrize("trusted", ["::ffff:10.0.0.0/104", "10.0.0.0/8", "::ffff:10.0.0.1", "10.0.0.1/8"])
def test_a_network_may_be_written_in_either_way(trusted: str) -> None:
    assert Proxies(trusted).client("10.0.0.1", ["8.8.8.8"]) == "8.8.8.8"
    assert Proxies(trusted).client("::ffff:10.0.0.1", ["8.8.8.8"]) == "8.8.8.8"
    assert Proxies(trusted).client("11.0.0.1", ["8.8.8.8"]) == "11.0.0.1"


@pytest.mark.parametrize("trusted", ["proxy.example", "10.0.0.0/33", "10.0.0.1 10.0.0.2", "10.0.0.1, x"])
def test_a_list_that_is_wrong_is_named(trusted: str) -> None:
    with pytest.raises(BadSetting, match="POSKO_TRUSTED_PROXIES"):
        Proxies(trusted)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("2001:db8:1:200::", "2001:db8:1:200::/56"),
        ("2001:db8:1:300::", "2001:db8:1:300::/56"),
        ("local", "local"),
    ],
)
def test_a_limit_counts_a_subscriber(address: str, found: str) -> None:
    assert prefix(address) == found
