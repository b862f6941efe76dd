"""Networks that no webhook goes to: what is not the public internet, and what is but leads back to us.

`ipaddress.is_global` is not asked: Python 3.11 takes multicast, NAT64, 6to4, fec0::/10 and 3fff::/20 for global.
"""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

PRIVATE: Final = "private"
SHARED: Final = "shared"
LOOPBACK: Final = "loopback"
METADATA: Final = "metadata"

IPV4: Final = tuple(
    (ipaddress.IPv4Network(network), reason)
    for network, reason in (
        ("168.63.129.16/32", METADATA),  # Azure's, though it looks public
        ("100.100.100.200/32", METADATA),  # Alibaba's
        ("192.0.0.192/32", METADATA),  # Oracle's
        ("169.254.169.254/32", METADATA),
        ("0.0.0.0/8", "this-network"),
        ("10.0.0.0/8", PRIVATE),
        ("100.64.0.0/10", SHARED),
        ("127.0.0.0/8", LOOPBACK),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", PRIVATE),
        ("192.0.0.0/24", "special"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "special"),
        ("192.52.193.0/24", "special"),
        ("192.88.99.0/24", "tunnel"),
        ("192.168.0.0/16", PRIVATE),
        ("192.175.48.0/24", "special"),
        ("198.18.0.0/15", "benchmark"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
"""The first that fits says why."""

IPV6_GLOBAL: Final = ipaddress.IPv6Network("2000::/3")
"""All that is given out of IPv6; the rest is refused whether it is listed below or not."""

IPV6: Final = tuple(
    (ipaddress.IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "unspecified"),
        ("::1/128", LOOPBACK),
        ("::/96", "ipv4-in-ipv6"),
        ("::ffff:0:0/96", "ipv4-in-ipv6"),
        ("::ffff:0:0:0/96", "ipv4-in-ipv6"),
        ("64:ff9b::/96", "tunnel"),
        ("64:ff9b:1::/48", "tunnel"),
        ("100::/64", "discard"),
        ("2001::/23", "special"),  # Teredo, ORCHID, AMT, benchmarks
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "tunnel"),
        ("2620:4f:8000::/48", "special"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "special"),
        ("fd00:ec2::/32", METADATA),  # Amazon's
        ("fd20:ce::/32", METADATA),  # Google's
        ("fc00::/7", PRIVATE),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)


def reason_against(address: Address) -> str | None:
    """Why no webhook goes to an address; None: it is on the public internet, as far as one can tell from it."""
    if isinstance(address, ipaddress.IPv4Address):
        return next((reason for network, reason in IPV4 if address in network), None)
    listed = next((reason for network, reason in IPV6 if address in network), None)
    return listed or (None if address in IPV6_GLOBAL else "reserved")
