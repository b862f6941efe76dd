"""What workers of one test run (`pytest -n 2`, or just one) share: the tests, in what order, and the machine, by turns."""

from __future__ import annotations

import contextlib
import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

LONG = (
    "tests/test_openapi.py",
    "tests/accounts/",
    "tests/e2e/",
    "tests/photos/test_decoder.py",
    "tests/messages/",
    "tests/incidents/",
    "tests/faults/",
    "tests/simulation/",
)
"""Begun first, so that no worker is left alone with them at the end."""
ONE_BY_ONE = (
    "tests/test_openapi.py",
    "tests/e2e/",
    "tests/faults/",
    "tests/simulation/test_real_votes.py",
    "tests/test_embedded.py",
    "tests/messages/test_sender.py",
    "tests/live/test_bell.py",
    "tests/readiness/test_kota.py",
    "tests/simulation/test_rehearsal.py",
)
"""Files whose tests share no costly fixture: any worker may take any of them, and those that are alone come last of all.

Other files stay together, and a test that is alone in one of them would stop the others in the middle.
"""
TOGETHER = ("tests/e2e/test_axe.py", "tests/e2e/test_masuk.py", "tests/e2e/test_lapor_voice.py")
"""But these share a scene, a server or a browser."""
TURNSTILE, ROOM = 0, 1


def in_order(items: list[pytest.Item]) -> None:
    """Sorts the tests in place: the long files first, what must have the machine to itself last."""

    def rank(item: pytest.Item) -> tuple[bool, int]:
        first = next((n for n, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG))
        return item.get_closest_marker("alone") is not None, first

    items.sort(key=rank)


def read_apart(config: pytest.Config, worker: dict[str, Any]) -> None:
    """Imports all tests, each worker from another place in their row on: of a new checkout, what one has compiled the others read."""
    if config.args != config.getini("testpaths"):
        return
    files = sorted(Path(__file__).parent.rglob("test_*.py"))
    first = len(files) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for file in (*files[first:], *files[:first]):
        with contextlib.suppress(Exception, pytest.skip.Exception):  # told when it is collected
            import_module(".".join(file.relative_to(config.rootpath).with_suffix("").parts))


def scheduler(config: pytest.Config, log: Any) -> Any:
    """A worker takes a file at a time, or a test of those whose tests are apart, as soon as it has nothing left."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            is_apart = nodeid.startswith(ONE_BY_ONE) and not nodeid.startswith(TOGETHER)
            return nodeid if is_apart else nodeid.partition("::")[0]

    config.option.loadscopereorder = False  # by the number of tests; ours is by how long they take
    return Scheduler(config, log)


class Machine:
    """The machine: any number of tests may have it at once, or one that is alone on it."""

    def __init__(self, run: str) -> None:
        self._path = Path(tempfile.gettempdir()) / f"posko-tests-{run}.lock"
        self._file = self._path.open("a+b")

    @contextmanager
    def had(self, *, alone: bool) -> Iterator[None]:
        """Waits its turn; who waits to be alone holds up those who come later, so that it gets there."""
        self._lock(TURNSTILE, fcntl.LOCK_EX)
        self._lock(ROOM, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        self._lock(TURNSTILE, fcntl.LOCK_UN)
        try:
            yield
        finally:
            self._lock(ROOM, fcntl.LOCK_UN)

    def left(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _lock(self, place: int, how: int) -> None:
        fcntl.lockf(self._file, how, 1, place)
