"""Roles as copies of one process that has imported them already: two seconds of a core less at each of their starts.

`python -m tests.forks FD` is that process. It is asked over the socket FD, and ends with whoever holds the other end.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

ROOT: Final = Path(__file__).parents[1]
CAN_FORK: Final = hasattr(os, "pidfd_open")

# the side of the tests


class Fork:
    """One copy; what is used of it is named as it is of a Popen."""

    def __init__(self, pid: int, ended: int) -> None:
        self.pid = pid
        self._ended = ended
        self._code: int | None = None

    def __del__(self) -> None:
        os.close(self._ended)

    def poll(self) -> int | None:
        """Its exit code (or the signal that ended it, negative); None while it lives."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        if self._code is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(["posko"], timeout or 0)
            self._code = int(os.read(self._ended, 16) or -signal.SIGKILL)
        return self._code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forks:
    """Starts roles; its process is there from the first one on."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def start(self, role: str, environ: Mapping[str, str], log: BinaryIO) -> Fork:
        with self._lock:
            return self._start(role, environ, log)

    def _start(self, role: str, environ: Mapping[str, str], log: BinaryIO) -> Fork:
        if self._process is None:
            self._socket, other = socket.socketpair()
            command = [sys.executable, "-m", "tests.forks", str(other.fileno())]
            self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[other.fileno()])
            other.close()
        ended, ends = os.pipe()
        asked = json.dumps([role, dict(environ)]).encode() + b"\n"
        sent = socket.send_fds(self._socket, [asked], [log.fileno(), ends])
        self._socket.sendall(asked[sent:])
        os.close(ends)
        pid = self._socket.recv(16)
        assert pid, "the process that roles are copied from has ended"
        return Fork(int(pid), ended)

    def close(self) -> None:
        if self._process is not None:
            self._socket.close()
            self._process.wait(10)


# the process that is copied


class Parent:
    def __init__(self, asked: socket.socket) -> None:
        self._socket = asked
        self._children: dict[int, tuple[int, int]] = {}
        """By the descriptor that tells of its end: its pid, and where that is said."""

    def run(self) -> None:
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        while True:
            for found, _ in poll.poll():
                if found != self._socket.fileno():
                    poll.unregister(found)
                    self._bury(found)
                elif (asked := self._read()) is not None:
                    poll.register(self._fork(*asked), select.POLLIN)
                else:
                    return

    def end(self) -> None:
        for pid, _ in self._children.values():
            os.kill(pid, signal.SIGKILL)

    def _read(self) -> tuple[str, dict[str, str], int, int] | None:
        raw, fds, _, _ = socket.recv_fds(self._socket, 1 << 16, 2)
        while raw and not raw.endswith(b"\n"):
            raw += self._socket.recv(1 << 16)
        if not raw:
            return None
        role, environ = json.loads(raw)
        return role, environ, fds[0], fds[1]

    def _fork(self, role: str, environ: dict[str, str], log: int, ends: int) -> int:
        pid = os.fork()
        if pid == 0:
            for other, ended in self._children.items():
                os.close(other)
                os.close(ended[1])
            os.close(ends)
            self._socket.close()
            _be(role, environ, log)
        os.close(log)
        self._socket.sendall(b"%d" % pid)
        found = os.pidfd_open(pid)
        self._children[found] = (pid, ends)
        return found

    def _bury(self, found: int) -> None:
        pid, ends = self._children.pop(found)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with contextlib.suppress(BrokenPipeError):
            os.write(ends, b"%d" % code)
        os.close(found)
        os.close(ends)


def _be(role: str, environ: dict[str, str], log: int) -> NoReturn:
    """From here on this process is as `python -m posko ROLE` would be."""
    code: object = 1
    try:
        for stream in (1, 2):
            os.dup2(log, stream)
        os.close(log)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = ["posko", role]
        from posko.cli import main

        main()
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def main() -> None:
    import uvloop

    import posko.app
    import posko.cli
    import posko.hub
    import posko.worker

    assert all((uvloop, posko.app, posko.cli, posko.hub, posko.worker))
    assert len(os.listdir("/proc/self/task")) == 1, "a copy has this thread alone"
    gc.collect()
    gc.freeze()
    parent = Parent(socket.socket(fileno=int(sys.argv[1])))
    try:
        parent.run()
    finally:
        parent.end()


if __name__ == "__main__":
    main()
