"""What was measured: the table that is printed, RESULTS.md for people, results.json for programs."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent
JSON = FOLDER / "results.json"
MARKDOWN = FOLDER / "RESULTS.md"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One measure: its value in its unit (medians of `runs`), what it is compared with, and the ratio that is promised."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    runs: int = 1
    machine: str = ""
    commit: str = ""
    note: str = ""
    """The spread of the runs and what else a reader must know."""
    measured_at: str = ""


AT_LEAST: Final[Mapping[str, float]] = {
    "intake_vs_naive": 10.0,
    "grid_fps": 59.0,
    "bulk_vs_sql_limit": 0.8,
    "fanout_vs_channels": 4.0,
    "fanout_vs_broadcast": 1.4,
    "webhook_per_s": 1000.0,
    **{
        f"lighthouse_{page}_{what}": 95.0
        for page in ("lapor", "konsol", "dinding")
        for what in ("performance", "accessibility", "best_practices")
    },
}
"""What is promised of a ratio."""
AT_MOST: Final[Mapping[str, float]] = {
    "ack_p99_ms": 25.0,
    "push_idle_p50_ms": 10.0,
    "console_kib": 32.0,
    "reconnect_10k_s": 5.0,
    "nation_s": 60.0,
    "nation_push_p99_ms": 500.0,
    "cost_flatness": 1.3,
    "auth_us": 5.0,
    "rls_ratio": 1.3,
    "rls_behind_ratio": 1.3,
    "sign_in_intake_p99_ratio": 2.0,
    "escalation_late_p99_s": 1.0,
    "sweep_nation_s": 60.0,
    "sweep_intake_ratio": 2.0,
    "incident_page_ms": 50.0,
    "action_push_p99_ms": 250.0,
    "webhook_first_ms": 500.0,
    "webhook_healthy_p99_ratio": 1.2,
    "publish_0_us": 30.0,
    "page_door_first_s": 2.0,
    "page_lapor_entered_s": 2.0,
    "page_lapor_first_s": 2.0,
    "page_lapor_later_s": 2.0,
    "page_konsol_first_s": 1.0,
    "page_pixel_p95_ms": 100.0,
    **{f"night_{page}_growth": 1.1 for page in ("konsol", "grid", "curves", "board", "wall")},
}
"""What is promised of a value."""


def is_missed(result: Result) -> bool:
    """Whether something is promised that was not reached."""
    measured = result.value if result.ratio is None else result.ratio
    return measured < AT_LEAST.get(result.name, measured) or measured > AT_MOST.get(result.name, measured)


def goal(result: Result) -> str:
    """`>= 10: yes`, or nothing where nothing is promised."""
    answer = "NO" if is_missed(result) else "yes"
    if result.name in AT_LEAST:
        return f">= {AT_LEAST[result.name]:g}: {answer}"
    return f"<= {AT_MOST[result.name]:g}: {answer}" if result.name in AT_MOST else ""


def spread(values: Sequence[float]) -> str:
    """Median and extremes of the runs."""
    return f"{statistics.median(values):,.1f} ({min(values):,.1f}-{max(values):,.1f})"


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios round by round: what else the machine did in a round, it did to both."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def write(results: Sequence[Result], machine: str, commit: str) -> None:
    """Replaces what was measured now, keeps the other measures with their own commit."""
    at = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%MZ")
    known = {r.name: r for r in msgspec.json.decode(JSON.read_bytes(), type=list[Result])} if JSON.exists() else {}
    for result in results:
        known[result.name] = msgspec.structs.replace(result, machine=machine, commit=commit, measured_at=at)
    ordered = list(known.values())
    JSON.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n")
    MARKDOWN.write_text(_markdown(ordered), encoding="utf-8")


def show(results: Sequence[Result]) -> None:
    """The table, printed."""
    table = Table("measure", "value", "unit", "baseline", "ratio", "goal", "runs", "spread and remarks")
    for r in results:
        table.add_row(*_cells(r), style="red" if is_missed(r) else None)
    Console(width=200).print(table)


def _cells(r: Result) -> tuple[str, ...]:
    return (r.name, _number(r.value), r.unit, _number(r.baseline), _number(r.ratio), goal(r), str(r.runs), r.note)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _markdown(results: Sequence[Result]) -> str:
    lines = [
        "# What was measured",
        "",
        "`make bench` writes this file and results.json. Medians of alternating runs on one machine: servers, PostgreSQL and the load",
        "generator share its cores, so ratios are the result; absolute numbers are pessimistic. `fsync`, `synchronous_commit` and",
        "`full_page_writes` were on before every run that files reports. After each intake and nation run the acknowledged reports are counted in PostgreSQL.",
        "",
        "| measure | value | unit | baseline | ratio | goal | runs | spread and remarks |",
        "|---|---|---|---|---|---|---|---|",
        *("| " + " | ".join(c.replace("|", "\\|") for c in _cells(r)) + " |" for r in results),
        "",
    ]
    for machine in dict.fromkeys(r.machine for r in results):
        mine = [r for r in results if r.machine == machine]
        lines.append(
            f"{', '.join(r.name for r in mine)}: {machine}; {', '.join(sorted({f'{r.commit} {r.measured_at}' for r in mine}))}."
        )
    return "\n".join(lines) + "\n"
