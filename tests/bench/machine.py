"""The machine: what it is, and which process spent how much of its CPU."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[2]


class Spent(msgspec.Struct, frozen=True):
    """CPU seconds between two moments: by process, and by everything on the machine that is none of ours."""

    wall_s: float
    by_process: Mapping[str, float]
    foreign_s: float

    def us_per(self, count: int) -> dict[str, float]:
        """Microseconds of one core per thing done, by process."""
        return {name: s / max(1, count) * 1e6 for name, s in self.by_process.items()}


class Clock:
    """Counts CPU from its making to `stop`; a process counts with its children, ended ones too."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._began = time.perf_counter()
        self._busy = _busy_s()
        self._before = {name: _tree_s(pid) for name, pid in pids.items()}

    def stop(self) -> Spent:
        """What was spent since; `foreign_s` includes this process, which only waits."""
        by_process = {name: _tree_s(pid) - self._before[name] for name, pid in self._pids.items()}
        busy = _busy_s() - self._busy
        return Spent(time.perf_counter() - self._began, by_process, max(0.0, busy - sum(by_process.values())))


def _tree_s(pid: int) -> float:
    """User and system seconds of a process, its ended children and its living ones."""
    own = _stat(pid)
    if own is None:
        return 0.0
    ticks = sum(own[11:15])
    for child in _children(pid):
        if (found := _stat(child)) is not None:
            ticks += sum(found[11:15])
    return ticks * TICK_S


def _stat(pid: int) -> list[int] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything; after it fields are numbers but for the state.
    return [0, *(int(word) for word in text.rpartition(")")[2].split()[1:])]


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, task.read_text().split())
    return found


def _busy_s() -> float:
    words = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, softirq, steal = map(int, words[:8])
    return (user + nice + system + irq + softirq + steal) * TICK_S


def memory_kib(pid: int) -> int:
    """Resident memory of one process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ValueError(f"process {pid} has no memory")


def describe(folder: Path, postgres: str) -> str:
    """One line: cores, memory, kernel, file system of the data, versions."""
    cpu = next((li.partition(":")[2].strip() for li in _lines("/proc/cpuinfo") if li.startswith("model name")), "CPU")
    memory_gib = int(next(li for li in _lines("/proc/meminfo") if li.startswith("MemTotal")).split()[1]) / 2**20
    return (
        f"{os.cpu_count()} cores of {cpu}, {memory_gib:.0f} GiB, Linux {platform.release()}, data on {_file_system(folder)},"
        f" Python {platform.python_version()}, PostgreSQL {postgres}"
    )


def commit() -> str:
    """The commit that was measured; `+` when files differ from it."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, check=True, capture_output=True, text=True, timeout=20
    ).stdout.strip()


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _file_system(folder: Path) -> str:
    best = ("", "unknown")
    for line in _lines("/proc/mounts"):
        _, at, kind, *_ = line.split()
        if folder.is_relative_to(at) and len(at) > len(best[0]):
            best = (at, kind)
    return best[1]
