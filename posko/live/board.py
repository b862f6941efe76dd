"""A topic as a board in the terminal: a line per region, Indonesian labels. Pure: a view in, something to print out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from posko.live.view import View

SEVERITIES: Final = (("rendah", "dim"), ("sedang", "yellow"), ("tinggi", "red"), ("kritis", "bold white on red"))
_SEXES_OF_LISTS: Final = ("dpt_l", "dpt_p", "dptb_l", "dptb_p", "dpk_l", "dpk_p")


class Heading(msgspec.Struct, frozen=True):
    """What stands above the board."""

    operation: str
    is_drill: bool
    labels: Mapping[str, str]
    """Milestone code -> its label; a code without one stands for itself."""


class Figures(msgspec.Struct, frozen=True):
    """One line of the board; `reached`, `late` and `unreported` are of the milestone that the day has come to."""

    code: str
    name: str
    tps: int
    covered: int
    reached: int
    late: int
    unreported: int
    incidents: tuple[int, int, int, int]
    flags: int
    voters: int
    voted: int

    @property
    def turnout(self) -> float | None:
        """Voters who have voted, of all voters, in percent; None while no TPS has told."""
        return 100 * self.voted / self.voters if self.voters and self.voted else None


def milestone_now(view: View, code: str) -> str | None:
    """The last milestone of the day that any TPS of the region has reached; the first one before that."""
    codes = [c.split(".")[1] for c in view.counters if c.startswith("milestone.") and c.endswith(".reached")]
    reached = [m for m in codes if view.value(code, f"milestone.{m}.reached")]
    return reached[-1] if reached else codes[0] if codes else None


def figures(view: View, code: str, milestone: str | None) -> Figures:
    """One row of a view as the board shows it."""

    def value(name: str) -> int:
        return view.value(code, name)

    stem = f"milestone.{milestone}"
    tps, reached = value("tps"), value(f"{stem}.reached")
    return Figures(
        code=code,
        name=view.names.get(code, ""),
        tps=tps,
        covered=value("covered"),
        reached=reached,
        late=value(f"{stem}.late"),
        unreported=tps - reached - value(f"{stem}.not_possible") - value(f"{stem}.unreachable"),
        incidents=(
            value("incident.rendah"),
            value("incident.sedang"),
            value("incident.tinggi"),
            value("incident.kritis"),
        ),
        flags=sum(value(c) for c in view.counters if c.startswith("flag.")),
        voters=value("voters_l") + value("voters_p"),
        voted=sum(value(f"turnout.{part}") for part in _SEXES_OF_LISTS),
    )


def status(state: str, age_s: float | None, *, behind_s: float) -> Text:
    """How old what is shown is: langsung, tertinggal, terputus."""
    age = "" if age_s is None else f" {number(round(age_s))} dtk"
    if state != "live":
        return Text(f"terputus, data{age} lalu" if age else "terputus", style="bold red")
    if age_s is not None and age_s > behind_s:
        return Text(f"tertinggal{age}", style="bold yellow")
    return Text("langsung", style="bold green")


def board(view: View, heading: Heading, state: Text) -> RenderableType:
    """The whole board."""
    if view.version is None:
        return Group(_head(view, heading, state), Text("menunggu data ...", style="dim"))
    region = next(iter(view.rows))
    milestone = milestone_now(view, region)
    label = heading.labels.get(milestone or "", milestone or "-")
    table = Table(expand=False, pad_edge=False, caption=f"tahap kini: {label}", caption_justify="left")
    for title in ("kode", "wilayah"):
        table.add_column(title, no_wrap=True, overflow="ellipsis", max_width=26)
    for title in ("TPS", "melapor"):
        table.add_column(title, justify="right")
    table.add_column("", width=10)
    table.add_column("tahap", justify="right")
    table.add_column("", width=10)
    for title in ("terlambat", "belum lapor", *(s for s, _ in SEVERITIES), "tanda", "partisipasi"):
        table.add_column(title, justify="right")
    for code in view.rows:
        _add(table, figures(view, code, milestone), is_total=code == region)
    return Group(_head(view, heading, state), table)


def line(view: View, state: Text) -> str:
    """The region itself in one line, for where there is no terminal."""
    code = next(iter(view.rows), None)
    if code is None:
        return f"{view.topic}  {state.plain}  menunggu data"
    milestone = milestone_now(view, code)
    f = figures(view, code, milestone)
    return (
        f"{f.code} {f.name}  versi {view.version}  {state.plain}  melapor {number(f.covered)}/{number(f.tps)}"
        f"  {milestone or '-'} {number(f.reached)}  terlambat {number(f.late)}  belum lapor {number(f.unreported)}"
        f"  kejadian {number(sum(f.incidents))}  tanda {number(f.flags)}  partisipasi {_percent(f.turnout)}"
    )


def number(value: int) -> str:
    """A number as Indonesia writes it: 1.345.815."""
    return f"{value:,}".replace(",", ".")


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} %".replace(".", ",")


def _head(view: View, heading: Heading, state: Text) -> Text:
    drill = Text("  LATIHAN ", style="bold black on yellow") if heading.is_drill else Text("")
    version = "" if view.version is None else f"  versi {number(view.version)}"
    return Text.assemble((heading.operation, "bold"), drill, (f"{version}  ", "dim"), state)


def _add(table: Table, f: Figures, *, is_total: bool) -> None:
    incidents = [
        Text(number(n) if n else "-", style=style if n else "dim")
        for n, (_, style) in zip(f.incidents, SEVERITIES, strict=True)
    ]
    table.add_row(
        f.code,
        f.name,
        number(f.tps),
        number(f.covered),
        _bar(f.covered, f.tps),
        number(f.reached),
        _bar(f.reached, f.tps),
        Text(number(f.late), style="yellow" if f.late else "dim"),
        Text(number(f.unreported), style="red" if f.unreported else "dim"),
        *incidents,
        Text(number(f.flags), style="magenta" if f.flags else "dim"),
        _percent(f.turnout),
        style="bold" if is_total else None,
        end_section=is_total,
    )


def _bar(part: int, whole: int) -> ProgressBar:
    return ProgressBar(total=max(1, whole), completed=part, width=10)
