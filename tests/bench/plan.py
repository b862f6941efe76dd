"""How much is measured: quick or full."""

from __future__ import annotations

import msgspec


class Plan(msgspec.Struct, frozen=True):
    """Runs, seconds of each run, and which sizes are measured."""

    full: bool
    runs: int
    """Of each side of the headline; medians are taken."""
    others: int
    """Runs of everything else."""
    seconds: float
    ground: str
    """Root of the operation that intake is measured on."""
    sizes: tuple[str, ...]
    """Roots that the cost per report is compared over, the smallest first: 2,386, 14,835 and 435,296 TPS."""
    consoles: tuple[int, ...]


QUICK = Plan(full=False, runs=3, others=2, seconds=1.5, ground="ID", sizes=("31.72", "ID"), consoles=(1000, 10_000))
FULL = Plan(full=True, runs=3, others=3, seconds=4.0, ground="ID", sizes=("31.72", "31", "ID"), consoles=(1000, 10_000))
