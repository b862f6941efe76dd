"""Child processes that leave the terminal's signals to us, run as somebody PostgreSQL accepts, and never outlive us."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

START_LIMIT_S = 300.0  # crash recovery may replay max_wal_size
STOP_LIMIT_S = 30.0
SLOW_START_S = 3.0
POLL_S = 0.004
NOBODY = 65534


class EmbeddedError(Exception):
    """The embedded services cannot run; the message says what to do about it, in Indonesian as the demo speaks."""


@dataclass(frozen=True)
class Home:
    """Where the servers live and what they share."""

    data_dir: Path
    sockets: Path
    lock: int
    run_as: list[str]
    starter: Executor
    progress: Callable[[str], None]

    def start(
        self, name: str, command: Sequence[str], stop_with: signal.Signals, environ: Mapping[str, str] | None = None
    ) -> "Server":
        """Starts a server; what it says goes to NAME.out in the data directory."""
        log = self.data_dir / f"{name}.out"
        words = [*self.run_as, *_pdeathsig_prefix(stop_with), *command]
        return self.starter.submit(Server, words, stop_with, log, self.lock, environ).result()


class Server:
    """A running child process."""

    def __init__(
        self,
        command: Sequence[str],
        stop_with: signal.Signals,
        log: Path,
        lock: int,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._stop_with = stop_with
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environ,
                start_new_session=True,  # Ctrl-C is for us: we stop them in order
                pass_fds=(lock,),
            )
        self._watchdog = None if _pdeathsig_prefix(stop_with) else self._watch()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def wait_until(self, ready: Callable[[], bool], progress: Callable[[str], None]) -> bool:
        """Returns True once ready, False when the process ended instead or took too long and was killed."""
        began, told = time.monotonic(), False
        while not ready():
            waited = time.monotonic() - began
            if not self.alive or waited > START_LIMIT_S:
                self.stop(signal.SIGKILL)
                return False
            if waited > SLOW_START_S and not told:
                progress(f"{self._log.stem} belum siap (setelah mati mendadak catatannya diputar ulang dahulu)")
                told = True
            time.sleep(POLL_S)
        return True

    def stop(self, how: signal.Signals | None = None) -> None:
        """Ends the process, cleanly unless told otherwise, and returns when it is gone."""
        self.process.send_signal(how or self._stop_with)
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self._watchdog is not None:
            self._watchdog.kill()
            self._watchdog.communicate()
            self._watchdog = None

    def said(self) -> str:
        """The last words of the process."""
        return self._log.read_text(errors="replace").strip()[-2000:]

    def _watch(self) -> "subprocess.Popen[bytes]":
        """Starts a shell that reads a pipe of ours, which ends when we do, whatever we die of."""
        words = ["/bin/sh", "-c", 'read _; kill -s "$0" "$1"', self._stop_with.name[3:], str(self.process.pid)]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True)


def owner_prefix(data_dir: Path) -> list[str]:
    """The words that make root run as somebody else, because PostgreSQL refuses root; none for other users."""
    if os.geteuid() != 0:
        return []
    owner = data_dir.stat()
    if owner.st_uid != 0:
        return _as_user(owner.st_uid, owner.st_gid)
    # In a namespace of its own root looks like user 1000, and what it writes stays root's.
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if _works([*namespace, "true"]):
        return namespace
    if {file.name for file in data_dir.iterdir()} <= {"posko.lock"}:
        os.chown(data_dir, NOBODY, NOBODY)
        if _works([*_as_user(NOBODY, NOBODY), "test", "-w", str(data_dir)]):
            return _as_user(NOBODY, NOBODY)
        os.chown(data_dir, 0, 0)
    raise EmbeddedError(
        "PostgreSQL tidak mau berjalan sebagai root, dan mesin ini tidak memberi root ruang nama pengguna. Jalankan\n"
        "posko sebagai pengguna lain, atau pakai direktori kosong yang terjangkau semua orang dengan --data DIR, atau\n"
        "isi POSKO_DATABASE_URL dan POSKO_REDIS_URL dengan PostgreSQL 18 dan Redis yang berjalan di tempat lain."
    )


def _as_user(uid: int, gid: int) -> list[str]:
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]


def _pdeathsig_prefix(stop_with: signal.Signals) -> list[str]:
    """The words that make Linux send the signal when we die; they come last, since a change of user forgets it."""
    found = sys.platform == "linux" and shutil.which("setpriv")
    return ["setpriv", "--pdeathsig", stop_with.name[3:]] if found else []


def _works(command: Sequence[str]) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True).returncode == 0
