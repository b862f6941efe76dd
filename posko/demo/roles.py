"""The demo's roles: where they listen, and that they live as long as it does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

from posko.embedded import Embedded, EmbeddedError
from posko.embedded.process import Server
from posko.errors import PoskoError

READY_LIMIT_S: Final = 60.0
KEEP_EVERY_S: Final = 1.0
HEALTH_PORTS: Final = {"serve": "POSKO_PORT", "live": "POSKO_LIVE_PORT", "work": "POSKO_WORK_METRICS_PORT"}


class NotReady(PoskoError):
    """A role of the demo did not start"""


PASSED_ON: Final = ("POSKO_SMTP_URL", "POSKO_SMTP_FROM", "POSKO_CHANNELS", "POSKO_DEAD_MANS_SWITCH_URL")
"""What a demo takes from its own environment: how people outside are told."""


def environ_of(embedded: Embedded, secret_key: str, port: int) -> tuple[dict[str, str], str]:
    """The settings of every role, and the address of the console."""
    serve, live, work = _free_ports(port, 3)
    # Browsers allow passkeys and secure cookies on localhost, not on its number.
    url = f"http://localhost:{serve}"
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith("POSKO_") or k in PASSED_ON},
        "POSKO_DATABASE_URL": embedded.database_url,
        "POSKO_REDIS_URL": embedded.redis_url,
        "POSKO_SECRET_KEY": secret_key,
        "POSKO_PUBLIC_URL": url,
        "POSKO_ALLOWED_ORIGINS": f"http://127.0.0.1:{serve}",
        "POSKO_SECOND_FACTOR": "offered",
        "POSKO_PORT": str(serve),
        "POSKO_LIVE_PORT": str(live),
        "POSKO_LIVE_URL": f"ws://127.0.0.1:{live}/v1/live",
        "POSKO_WORK_METRICS_PORT": str(work),
        "POSKO_PHOTOS_URL": (embedded.data_dir / "photos").absolute().as_uri(),
        "POSKO_WEBHOOK_INSECURE_LOOPBACK": "true",
    }
    return environ, url


def _free_ports(first: int, wanted: int) -> list[int]:
    found: list[int] = []
    for port in range(first, min(first + 1000, 65536)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == wanted:
            return found
    raise NotReady(f"tidak ada {wanted} porta bebas mulai {first}; pilih yang lain dengan --port")


def write_environ(file: Path, environ: dict[str, str]) -> None:
    """What another terminal needs to run commands on this demo; readable by its owner alone."""
    lines = [f"export {k}={shlex.quote(v)}\n" for k, v in environ.items() if k.startswith("POSKO_")]
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.writelines(lines)


class Roles:
    """The demo's `serve`, `live` and `work`: started together, and again when one or what they stand on dies."""

    def __init__(self, embedded: Embedded, environ: dict[str, str], say: Callable[[str], None]) -> None:
        self._embedded, self._environ, self._say = embedded, environ, say
        self._servers: dict[str, Server] = {}
        self.deaths = ""
        self._given_up: set[str] = set()

    def start(self) -> None:
        """Starts every role and returns when all are ready."""
        for role in HEALTH_PORTS:
            self._start(role)
        for role, server in self._servers.items():
            url = f"http://127.0.0.1:{self._environ[HEALTH_PORTS[role]]}/health/ready"
            deadline = time.monotonic() + READY_LIMIT_S
            while not _answers(url):
                if not server.alive or time.monotonic() > deadline:
                    raise NotReady(f"posko {role} tidak berjalan. Pesannya:\n{server.said()}")
                time.sleep(0.05)

    def _start(self, role: str) -> None:
        command = [sys.executable, "-m", "posko", role]
        self._servers[role] = self._embedded.start_child(role, command, self._environ)

    async def keep(self) -> None:
        """Starts again whatever has died, for as long as the demo lasts."""
        while True:
            await asyncio.sleep(KEEP_EVERY_S)
            await self.mend()

    async def mend(self) -> None:
        """Starts again what has died: first what the roles stand on, then the roles."""
        embedded = self._embedded
        await self._mend("PostgreSQL", embedded.postgres_is_alive, embedded.start_postgres)
        await self._mend("Redis", embedded.redis_is_alive, embedded.start_redis)
        for role, server in self._servers.items():
            if not server.alive:
                self._tell(f"peran {role} mati dan dijalankan lagi")
                self._start(role)

    async def _mend(self, name: str, is_alive: bool, start: Callable[[], None]) -> None:
        if is_alive or name in self._given_up:
            return
        self._tell(f"{name} mati dan dijalankan lagi")
        try:
            await asyncio.to_thread(start)
        except EmbeddedError as error:
            # What is said once in the terminal stays there; trying every second would bury it.
            self._given_up.add(name)
            self._tell(f"{name} mati: tekan Ctrl-C, lalu jalankan demo lagi")
            self._say(str(error))

    def _tell(self, what: str) -> None:
        self.deaths = f"{what} ({time.strftime('%H:%M:%S')})"
        self._say(self.deaths)


def _answers(url: str) -> bool:
    with (
        contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
        urllib.request.urlopen(url, timeout=1) as answer,
    ):
        return bool(answer.status == 200)
    return False
