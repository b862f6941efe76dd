"""uvicorn as `posko serve` runs it: where it listens, and what it leaves to others."""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable
from typing import Any, cast

import uvicorn

from posko.errors import PoskoError
from posko.http11 import Express, Http11


class PortTaken(PoskoError):
    """The port is taken"""


class Server(uvicorn.Server):
    """Serves an ASGI application beside the express lane; `ready` is called once it does."""

    def __init__(self, asgi: Any, lane: Express, ready: Callable[[], None] | None) -> None:
        super().__init__(_config(asgi, lane))
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready is not None:
            self._ready()


def _config(asgi: Any, lane: Express) -> uvicorn.Config:
    return uvicorn.Config(
        asgi,
        http=cast(Any, functools.partial(Http11, lane)),
        ws="none",  # the live socket is a role of its own
        proxy_headers=False,  # the gate knows which proxies to believe
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,  # phones put their clocks right by it
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        limit_concurrency=None,
        backlog=4096,
        h11_max_incomplete_event_size=16_384,
    )


def bind(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket, or which port is taken and how to choose another."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"cannot listen on {host}:{port} ({error.strerror}); choose another with {setting}") from None
    return listener
