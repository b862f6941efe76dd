"""How much is measured: quick or full."""

from __future__ import annotations

import msgspec


class Plan(msgspec.Struct, frozen=True):
    """Runs of each side, seconds of each run, and which sizes are measured."""

    full: bool
    runs: int
    seconds: float
    ground: str
    """Preset of the operation that intake is measured on."""
    sizes: tuple[str, ...]
    """Presets that the cost per report is compared over, the smallest first."""
    consoles: tuple[int, ...]


QUICK = Plan(full=False, runs=3, seconds=2.0, ground="nasional", sizes=("jakarta-utara",), consoles=(1000,))
FULL = Plan(
    full=True,
    runs=5,
    seconds=5.0,
    ground="nasional",
    sizes=("jakarta-utara", "kaltim", "nasional"),
    consoles=(1000, 10_000),
)
