"""Why a delivery has no whole answer: a few words for what a client library says in a hundred ways."""

from __future__ import annotations

import errno
import itertools
import os
import ssl
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

import aiohttp
from aiohttp.http_exceptions import LineTooLong

from posko.webhooks.guard import Blocked

DETAIL_LIMIT: Final = 200

Failure: TypeAlias = Literal[
    "blocked", "dns", "refused", "unreachable", "tls", "timeout", "reset", "protocol", "too_long", "exhausted"
]
"""`exhausted` is this machine's own want of sockets or memory: no fault of theirs."""

_OWN_ERRORS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
_UNREACHABLE: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_SOCKET_ERRORS: Final[Mapping[int | None, Failure]] = {
    **dict.fromkeys(_OWN_ERRORS, "exhausted"),
    **dict.fromkeys(_UNREACHABLE, "unreachable"),
    errno.ETIMEDOUT: "timeout",
    errno.ECONNREFUSED: "refused",
    errno.EACCES: "blocked",
}


def why(error: aiohttp.ClientError | OSError) -> tuple[Failure, str]:
    """What to call an error of aiohttp's, and a sentence for whoever keeps the endpoint."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, Blocked):
        return "blocked", cause.reason
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "dns", str(cause)
    chain = list(itertools.islice(_causes(error), 10))
    if broken_tls := next((e for e in chain if isinstance(e, ssl.SSLError)), None):
        return "tls", getattr(broken_tls, "verify_message", "") or str(broken_tls)
    if any(isinstance(e, LineTooLong) for e in chain):
        return "too_long", "a line of the answer's head is too long"
    if isinstance(error, aiohttp.ClientResponseError):
        return ("too_long" if error.message.startswith("Too many headers") else "protocol"), error.message
    if isinstance(error, aiohttp.ClientPayloadError):
        return "reset", "the answer broke off"
    if isinstance(cause, OSError) and cause.errno in _SOCKET_ERRORS:
        return _SOCKET_ERRORS[cause.errno], os.strerror(cause.errno or 0)
    if isinstance(error, aiohttp.ClientConnectorError):
        return ("reset" if isinstance(cause, ConnectionError) else "unreachable"), str(cause)
    if isinstance(error, aiohttp.ServerConnectionError | OSError):
        return "reset", "they closed the connection"
    return "protocol", str(error)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
