"""Real roles as child processes, for tests that must kill them."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import redis

from tests.factories import PASSWORD, Small
from tests.forks import Fork, Forks

READY_LIMIT_S = 150.0
"""Of a process that starts while many others do, on two cores; a test has ten minutes."""
END_LIMIT_S = 60.0


PORTS = range(20_000, 32_000)
"""Below those that the kernel gives to whoever connects: nobody gets one between our asking and a role's binding it."""
SHARE = 1_500
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % (len(PORTS) // SHARE)
_ports = itertools.cycle(random.sample(PORTS[_WORKER * SHARE : (_WORKER + 1) * SHARE], SHARE))
_databases = itertools.cycle(range(1, 16))


def free_port() -> int:
    """A port of loopback, of this worker's share, that nobody listens on and that was not given out lately."""
    for port in _ports:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("unreachable: the ports go round")


def apart(redis_url: str) -> str:
    """An empty database of the same Redis: for a server whose narrow limits others have not used up."""
    found = f"{redis_url}?db={next(_databases)}"
    with redis.Redis.from_url(found) as client:
        client.flushdb()
    return found


class Running:
    """`serve` and `live` (and more) on one database and Redis; each can be killed and started again at the same address."""

    small: Small
    password = PASSWORD
    forks: Forks | None = None
    """Where roles come from, unless they are started from nothing."""

    def __init__(
        self,
        database_url: str,
        redis_url: str,
        folder: Path,
        *,
        roles: tuple[str, ...] = ("serve", "live"),
        from_nothing: bool = False,
        **settings: str,
    ) -> None:
        self.port, self.live_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.live_url = f"ws://127.0.0.1:{self.live_port}/v1/live"
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("POSKO_")},
            "POSKO_DATABASE_URL": database_url,
            "POSKO_REDIS_URL": redis_url,
            "POSKO_SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
            "POSKO_PORT": str(self.port),
            "POSKO_LIVE_PORT": str(self.live_port),
            "POSKO_PUBLIC_URL": self.url,
            "POSKO_LIVE_URL": self.live_url,
            "POSKO_SECOND_FACTOR": "offered",
            "POSKO_SIGN_INS_BURST": "100000",
            "POSKO_HEARTBEAT_S": "3",  # who is cut off is so after 2.5 of them
            "POSKO_REPORTS_PER_S": "100000",
            "POSKO_PHOTO_DECODE_S": "120",  # the largest ones, beside what others compute
            "POSKO_PHOTOS_URL": (folder / "photos").absolute().as_uri(),
            **settings,
        }
        self._folder = folder
        self._roles = roles
        self._is_from_nothing = from_nothing
        self._processes: dict[str, subprocess.Popen[bytes] | Fork] = {}

    def __enter__(self) -> Running:
        for role in self._roles:
            self.start(role)
        for role in self._roles:
            self.wait_ready(role)
        return self

    def __exit__(self, *_: Any) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, role: str) -> None:
        with (self._folder / f"{role}.log").open("ab") as log:
            if self.forks is not None and not self._is_from_nothing:
                self._processes[role] = self.forks.start(role, self.environ, log)
                return
            self._processes[role] = subprocess.Popen(
                [sys.executable, "-m", "posko", role],
                env=self.environ,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[1],
            )

    def wait_ready(self, role: str) -> None:
        port = {"serve": self.port, "live": self.live_port}.get(role)
        deadline = time.monotonic() + READY_LIMIT_S
        while port is not None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
                    return
            except urllib.error.HTTPError as error:
                said = error.read().decode()
            except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
                said = repr(error)
            assert self._processes[role].poll() is None, f"{role} ended: {self.log(role)}"
            assert time.monotonic() < deadline, f"{role} is not ready: {said} {self.log(role)}"
            time.sleep(0.05)

    def kill(self, role: str) -> None:
        """SIGKILL: the process has no chance to say goodbye."""
        self._processes[role].kill()
        self._processes[role].wait()

    def restart(self, role: str) -> None:
        self.kill(role)
        self.start(role)
        self.wait_ready(role)

    def wait(self, role: str) -> int:
        """The exit code of a role that is ending."""
        return self._processes[role].wait(END_LIMIT_S)

    def is_alive(self, role: str) -> bool:
        return self._processes[role].poll() is None

    def log(self, role: str) -> str:
        return (self._folder / f"{role}.log").read_text(errors="replace")[-4000:]

    def pid(self, role: str) -> int:
        return self._processes[role].pid
