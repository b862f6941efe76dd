"""The address guard: what a webhook's URL may say, and which addresses are really connected to.

The second counts. A name may answer a public address when its URL is checked and 127.0.0.1 a second later, so every
socket is made by `Guard.socket`, which sees the address that it is for, whatever the URL was.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import re
import socket
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Final, NoReturn, TypeAlias

from yarl import URL

from posko.config import BadSetting, Settings
from posko.errors import broken
from posko.webhooks import networks
from posko.webhooks.networks import Network

URL_LIMIT: Final = 2048
"""Characters of a URL."""
ALLOW_LIMIT: Final = 64
"""Networks and names that are allowed though they are not public."""
PORTS: Final = frozenset({443, 8443})
STUCK_MS: Final = 20_000
"""A connection whose other side takes nothing is dropped by the kernel after this, whoever has forgotten it."""

RECEIVE_BYTES: Final = 16_384
"""What the kernel keeps of an answer that was not read yet: whoever floods us fills this at a time, not megabytes."""

AddressInfo: TypeAlias = tuple[int, int, int, str, tuple[Any, ...]]

_BY_NAME: Final = frozenset({networks.PRIVATE, networks.SHARED, networks.LOOPBACK, "own"})
"""What an allowed name may lead to. Metadata services and the like are reached by a network that says so, or never."""
_PARTS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL)
_CHARACTERS: Final = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_AUTHORITY: Final = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::(.*))?")
_NAME: Final = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")


class Blocked(PermissionError):
    """This address is none that a webhook goes to."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(errno.EACCES, reason)
        self.address = address
        self.reason = reason


class Attempt:
    """What one delivery asked for, and how far it came."""

    __slots__ = ("address", "host", "opened", "status")

    def __init__(self, host: str) -> None:
        self.host = host
        self.address: str | None = None
        """The last address that was tried or spoken to."""
        self.opened = False
        """Whether a socket was made for it; else an open connection was used again."""
        self.status: int | None = None


# A socket factory is not told whose name it works for. Whoever connects in no attempt is allowed no name.
_ATTEMPT: Final[ContextVar[Attempt | None]] = ContextVar("webhook_attempt", default=None)


@contextlib.contextmanager
def attempt(host: str) -> Iterator[Attempt]:
    """Until it ends, sockets made in this task (and tasks it starts) are for `host`, and are written down."""
    made = Attempt(host)
    token = _ATTEMPT.set(made)
    try:
        yield made
    finally:
        _ATTEMPT.reset(token)


def current() -> Attempt | None:
    """The attempt under way in this task."""
    return _ATTEMPT.get()


class Guard:
    """Judges URLs and addresses. `allow` lifts the rules for networks, and for what names resolve to when a URL has
    exactly that name. `insecure_loopback` (the demo) lets `http://localhost`, 127.0.0.0/8 and ::1 through."""

    def __init__(
        self,
        allow: tuple[Network | str, ...] = (),
        ports: frozenset[int] = PORTS,
        insecure_loopback: bool = False,
    ) -> None:
        self._networks = tuple(a for a in allow if not isinstance(a, str))
        self._names = frozenset(a for a in allow if isinstance(a, str))
        self._ports = ports
        self._insecure_loopback = insecure_loopback

    @classmethod
    def of(cls, settings: Settings) -> Guard:
        """As POSKO_WEBHOOK_* say. Raises BadSetting."""
        if settings.webhook_insecure_loopback and settings.public_url.lower().startswith("https:"):
            # Any admin's URL would reach what listens on this machine for its own alone.
            raise BadSetting("POSKO_WEBHOOK_INSECURE_LOOPBACK is for the demo: not with a POSKO_PUBLIC_URL of https")
        ports = frozenset(map(int, settings.webhook_ports.split(",")))
        return cls(read_allowed(settings.webhook_allow), ports, settings.webhook_insecure_loopback)

    def socket(self, info: AddressInfo) -> socket.socket:
        """An aiohttp `socket_factory`; raises Blocked for an address that `reason_against` is against."""
        family, kind, protocol, _, to = info
        address, port, under_way = str(to[0]), to[1], current()
        host = under_way.host if under_way else ""
        if under_way:
            under_way.address, under_way.opened = address, True
        is_any = self._insecure_loopback and _is_loopback(host)
        reason = self.reason_against(host, address) or ("port" if port not in self._ports and not is_any else None)
        if reason is None and not self._is_lifted(host, address) and is_own(info):
            reason = "own"
        if reason is not None:
            raise Blocked(address, reason)
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MS)
        return made

    def reason_against(self, host: str, address: str) -> str | None:
        """Why a webhook for `host` does not go to `address`: a word of networks.py; None: it may."""
        if self._is_lifted(host, address):
            return None
        try:
            return networks.reason_against(ipaddress.ip_address(address))
        except ValueError:
            return "unreadable"

    def check_url(self, text: str, path: str = "$.url") -> URL:
        """The URL in the one form that is sent to. Raises Invalid, at `path`, for the first rule that it breaks."""
        if not 0 < len(text) <= URL_LIMIT:
            _refuse(path, "url-length", f"a URL has 1 to {URL_LIMIT} characters")
        if not _CHARACTERS.fullmatch(text):
            _refuse(path, "url-characters", "a URL is ASCII: percent-encode the rest, write names as xn--")
        parts = _PARTS.fullmatch(text)
        if parts is None:
            _refuse(path, "url-form", "write https://host/path")
        scheme, authority, where, query, fragment = parts.groups()
        if "@" in authority:
            _refuse(path, "url-userinfo", "a URL names no user and no password")
        if fragment is not None:
            _refuse(path, "url-fragment", "a URL has no fragment (#)")
        host, port_text = self._host_and_port(authority, path)
        port = self._scheme_and_port(scheme.lower(), host, port_text, path)
        self._check_host(host, path)
        shown = f"[{host}]" if ":" in host else host
        rest = (where or "/") + ("" if query is None else f"?{query}")
        return URL(f"{scheme.lower()}://{shown}:{port}{rest}", encoded=True)

    def _host_and_port(self, authority: str, path: str) -> tuple[str, str | None]:
        found = _AUTHORITY.fullmatch(authority)
        if found is None or not found[1]:
            _refuse(path, "url-host", "a URL names a host")
        host, port = found[1].lower(), found[2]
        if host.startswith("["):
            if "%" in host:
                _refuse(path, "url-host", "an address names no interface")
            try:
                return str(ipaddress.IPv6Address(host[1:-1])), port
            except ValueError:
                _refuse(path, "url-host", "what stands in brackets is no IPv6 address")
        if host.endswith("."):
            _refuse(path, "url-host-dot", "a host does not end in a dot")
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            try:
                return str(ipaddress.IPv4Address(host)), port
            except ValueError:
                _refuse(path, "url-host-number", "an IPv4 address is four decimal numbers without leading zeros")
        if not _NAME.fullmatch(host):
            _refuse(path, "url-host", "a host is a DNS name of at most 253 characters")
        return host, port

    def _scheme_and_port(self, scheme: str, host: str, port: str | None, path: str) -> int:
        plain = scheme == "http" and self._insecure_loopback and _is_loopback(host)
        if scheme != "https" and not plain:
            _refuse(path, "url-scheme", "a URL begins with https://")
        if port is None:
            port = "80" if plain else "443"
        is_any = self._insecure_loopback and _is_loopback(host)  # of a drill, where whoever likes listens
        if not _PORT.fullmatch(port) or int(port) > 65_535 or not (is_any or int(port) in self._ports):
            _refuse(path, "url-port", f"the port is one of {', '.join(map(str, sorted(self._ports)))}")
        return int(port)

    def _check_host(self, host: str, path: str) -> None:
        if _is_literal(host):
            if reason := self.reason_against(host, host):
                _refuse(path, "url-address", f"this address is not on the public internet ({reason})")
        elif "." not in host and host not in self._names and not (self._insecure_loopback and _is_loopback(host)):
            _refuse(path, "url-host", "a host is a full name, with a dot")

    def _is_lifted(self, host: str, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        if any(found in network for network in self._networks):
            return True
        if self._insecure_loopback and found.is_loopback and _is_loopback(host):
            return True
        return host in self._names and networks.reason_against(found) in _BY_NAME | {None}


def read_allowed(text: str) -> tuple[Network | str, ...]:
    """Networks (`10.1.0.0/16`), addresses and names, separated by commas. Raises BadSetting."""
    entries = [entry.strip().lower() for entry in text.split(",") if entry.strip()]
    if len(entries) > ALLOW_LIMIT:
        raise BadSetting(f"more than {ALLOW_LIMIT} networks and names are allowed")
    return tuple(_network_or_name(entry) for entry in entries)


def is_own(info: AddressInfo) -> bool:
    """Whether an address is this machine's, whose firewall lets itself through. Sends nothing."""
    family, _, _, _, to = info
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(to)
        return bool(probe.getsockname()[0] == to[0])
    return False


def _network_or_name(entry: str) -> Network | str:
    try:
        return ipaddress.ip_network(entry)
    except ValueError as error:
        if "/" in entry or ":" in entry or not _NAME.fullmatch(entry) or _NUMBER.fullmatch(entry.rpartition(".")[2]):
            raise BadSetting(f"{entry} is no network, address or name: {error}") from None
        return entry


def _is_literal(host: str) -> bool:
    return ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]) is not None


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_literal(host) and ipaddress.ip_address(host).is_loopback)


def _refuse(path: str, rule: str, message: str) -> NoReturn:
    raise broken(path, rule, message)
