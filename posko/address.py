"""Where a request really comes from: a proxy's word counts only when the proxy is one of ours."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final, TypeAlias

from posko.config import BadSetting

LOCAL: Final = "local"
"""Whoever comes by a socket that has no address."""
ENTRIES_LIMIT: Final = 16
"""Entries of X-Forwarded-For that are looked at, from the right."""

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """The proxies whose X-Forwarded-For is believed."""

    def __init__(self, trusted: str) -> None:
        try:
            self._trusted = [ipaddress.ip_network(t.strip(), strict=False) for t in trusted.split(",") if t.strip()]
        except ValueError as error:
            raise BadSetting(f"POSKO_TRUSTED_PROXIES: {error}") from None

    def client(self, peer: str | None, forwarded_for: Sequence[bytes | str]) -> str:
        """The address of whoever asks: the first from the right that is no proxy of ours."""
        at = _address(peer or "")
        if at is None:
            return LOCAL
        if not self._trusted or not self._is_trusted(at):
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
        return any(address in network for network in self._trusted if network.version == address.version)


def _entries(lines: Sequence[bytes | str]) -> list[str]:
    joined = ",".join(line.decode("latin-1") if isinstance(line, bytes) else line for line in lines)
    return joined.rsplit(",", ENTRIES_LIMIT)[-ENTRIES_LIMIT:]


def _address(text: str) -> _Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def prefix(address: str) -> str:
    """What limits count by: an IPv4 address, or the /56 that one subscriber has of IPv6."""
    found = _address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 56), strict=False))
    return address
