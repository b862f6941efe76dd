"""Where a request really comes from: a proxy's word counts only when the proxy is one of ours."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from posko.config import BadSetting

LOCAL: Final = "local"
"""Whoever comes by a socket that has no address."""
ENTRIES_LIMIT: Final = 16
"""Entries of X-Forwarded-For that are looked at, from the right."""
SUBSCRIBER_BITS: Final = 56
"""Of IPv6: what one subscriber has. An IPv4 address counts alone: its neighbours are others."""

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")
_V4_PORT: Final = re.compile(r"([^:]*):[0-9]{1,5}")
_V6_PORT: Final = re.compile(r"\[([^\]]*:[^\]]*)\](?::[0-9]{1,5})?")


class Proxies:
    """The proxies whose X-Forwarded-For is believed: addresses and networks, separated by commas."""

    def __init__(self, trusted: str) -> None:
        try:
            self._trusted = [_network(t.strip()) for t in trusted.split(",") if t.strip()]
        except ValueError as error:
            raise BadSetting(f"POSKO_TRUSTED_PROXIES: {error}") from None

    def client(self, peer: str | None, forwarded_for: Sequence[bytes | str]) -> str:
        """The address of whoever asks: the first from the right that is no proxy of ours.

        At what is no address the walk ends, and the last good one counts; so it does when all entries are proxies of
        ours, and after the last 16. What a client wrote stands to the left of what our proxies saw: it is never asked.
        """
        at = _address(peer or "")
        if at is None:
            return LOCAL
        if not self._is_trusted(at):
            return str(at)
        for entry in reversed(_entries(forwarded_for)):
            said = _address(entry)
            if said is None:
                break
            at = said
            if not self._is_trusted(at):
                break
        return str(at)

    def _is_trusted(self, address: _Address) -> bool:
        return any(address in network for network in self._trusted)


def prefix(address: str) -> str:
    """What limits count by: an IPv4 address, or the /56 that one subscriber has of IPv6; `local` as it is."""
    found = _address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, SUBSCRIBER_BITS), strict=False))
    return address if found is None else str(found)


def _network(text: str) -> _Network:
    network = ipaddress.ip_network(text, strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        # Addresses are compared as IPv4; so must their networks be.
        inner = network.network_address.ipv4_mapped
        assert inner is not None
        return ipaddress.IPv4Network((inner, network.prefixlen - _MAPPED.prefixlen))
    return network


def _entries(lines: Sequence[bytes | str]) -> list[str]:
    joined = ",".join(line.decode("latin-1") if isinstance(line, bytes) else line for line in lines)
    return joined.rsplit(",", ENTRIES_LIMIT)[-ENTRIES_LIMIT:]


def _address(text: str) -> _Address | None:
    text = text.strip()
    with_port = _V6_PORT.fullmatch(text) or _V4_PORT.fullmatch(text)
    bare = with_port[1] if with_port else text
    if ":" in bare:
        bare = bare.partition("%")[0]  # the zone names an interface of the proxy, nobody's address
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
