"""PostgreSQL 18 and Redis on a bare machine, for the demo and the tests: no root, no service, no port.

Both live exactly as long as the process that holds the `Embedded`: a kernel signal (or a watchdog where there is none)
stops them when it dies, and a lock that they inherit keeps a second posko off the directory until the last one is gone.
"""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from posko.embedded.directory import claim, lock, remove_sockets, socket_dir
from posko.embedded.postgres import Postgres
from posko.embedded.process import EmbeddedError, Home, Server, owner_prefix
from posko.embedded.redis import Redis

__all__ = ["Embedded", "EmbeddedError"]


class Embedded:
    """Runs PostgreSQL 18 and Redis out of one directory for as long as the `with` block lasts.

    The kill and start verbs are for tests of faults; they may be called from any thread, one at a time.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        postgres_settings: Mapping[str, str] = MappingProxyType({}),
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._settings = postgres_settings
        self._progress = progress

    def __enter__(self) -> Self:
        claim(self.data_dir)
        with ExitStack() as undo:
            held = lock(self.data_dir)
            undo.callback(os.close, held)
            run_as = owner_prefix(self.data_dir)
            sockets = socket_dir(self.data_dir)
            undo.callback(remove_sockets, sockets, self.data_dir)
            # Linux sends the parent-death signal when the *thread* that started the child ends: this one lasts.
            starter = undo.enter_context(ThreadPoolExecutor(1, thread_name_prefix="posko-embedded"))
            home = self._home = Home(self.data_dir, sockets, held, run_as, starter, self._progress)
            self._postgres, self._redis = Postgres(home, self._settings), Redis(home)
            undo.callback(self._postgres.stop)
            undo.callback(self._redis.stop)
            self._postgres.create()
            self._postgres.start()
            self._redis.start()
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    @property
    def database_url(self) -> str:
        """The address of the `posko` database, the same after every start within this block."""
        return self._postgres.url

    @property
    def redis_url(self) -> str:
        """The address of Redis, the same after every start within this block."""
        return self._redis.url

    @property
    def postgres_pid(self) -> int:
        """The process id of the postmaster that was started last."""
        return self._postgres.pid

    @property
    def redis_pid(self) -> int:
        """The process id of the Redis that was started last."""
        return self._redis.pid

    @property
    def postgres_is_alive(self) -> bool:
        """Whether the postmaster runs."""
        return self._postgres.is_alive

    @property
    def redis_is_alive(self) -> bool:
        """Whether Redis runs."""
        return self._redis.is_alive

    def start_child(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> Server:
        """Starts another process that does not outlive this one; what it says goes to NAME.out in the directory."""
        home = replace(self._home, run_as=[])
        server = home.start(name, command, signal.SIGTERM, environ)
        self._undo.callback(server.stop)
        return server

    def start_postgres(self) -> None:
        """Starts PostgreSQL and returns when it takes connections, with everything that was ever committed."""
        self._postgres.start()

    def stop_postgres(self) -> None:
        """Stops PostgreSQL cleanly: it disconnects everybody and writes a checkpoint."""
        self._postgres.stop()

    def restart_postgres(self) -> None:
        """Stops PostgreSQL cleanly and starts it again."""
        self._postgres.stop()
        self._postgres.start()

    def kill_postgres(self) -> None:
        """Kills PostgreSQL (SIGKILL), which then has no chance to write anything."""
        self._postgres.kill()

    def start_redis(self) -> None:
        """Starts an empty Redis at the same address and returns when it answers."""
        self._redis.start()

    def stop_redis(self) -> None:
        """Stops Redis; it forgets everything."""
        self._redis.stop()

    def kill_redis(self) -> None:
        """Kills Redis (SIGKILL)."""
        self._redis.kill()
