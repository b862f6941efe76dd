"""A topic as a board in the terminal: a line per region, Indonesian labels. Pure: a view in, something to print out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Group, JustifyMethod, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from posko.console import number
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
    overdue: int
    """TPS that have said nothing of that milestone, and its hour has passed."""
    open_cases: int
    gravest: int
    """Open incidents that are tinggi or kritis."""
    overdue_cases: int
    alarms: int
    flags: int
    voters: int
    voted: int

    @property
    def turnout(self) -> float | None:
        """Voters who have voted, of all voters, in percent; None while no TPS has told."""
        return 100 * self.voted / self.voters if self.voters and self.voted else None


def milestone_now(view: View, code: str) -> str | None:
    """The last milestone that a fiftieth of the region's TPS have reached: a slip of one finger is not the hour."""
    codes = [c.split(".")[1] for c in view.counters if c.startswith("milestone.") and c.endswith(".reached")]
    least = max(1, view.value(code, "tps") // 50)
    reached = [m for m in codes if view.value(code, f"milestone.{m}.reached") >= least]
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
        overdue=value(f"{stem}.overdue"),
        gravest=sum(value(c) for c in view.counters if c.startswith(OPEN_CASES) and c.endswith(GRAVE)),
        open_cases=sum(value(c) for c in view.counters if c.startswith(OPEN_CASES)),
        overdue_cases=value("case.overdue"),
        alarms=sum(value(c) for c in view.counters if c.startswith("alarm.")),
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


def troubles(state: Text, *, late_s: float | None, is_closed: bool) -> Text:
    """The state, with what else must be known: the operation is closed, posko itself is late with alarms and steps."""
    if is_closed:
        state = Text.assemble(state, ("  operasi ditutup", "bold yellow"))
    if late_s is not None:
        late = f"  mesin tertinggal {number(round(late_s))} dtk: alarm dan eskalasi belum jalan"
        state = Text.assemble(state, (late, "bold red"))
    return state


def board(view: View, heading: Heading, state: Text, *, width: int = 160) -> RenderableType:
    """The whole board, with as many columns as the width holds whole."""
    if view.version is None:
        return Group(_head(view, heading, state), Text("menunggu data ...", style="dim"))
    region = next(iter(view.rows))
    milestone = milestone_now(view, region)
    shown = [figures(view, code, milestone) for code in view.rows]
    columns = _columns(shown, width)
    total = shown[0]
    caption = (
        f"tahap kini: {_label(heading, milestone)}, lewat jam {number(total.overdue)} TPS · kejadian terbuka "
        f"{number(total.open_cases)} (berat {number(total.gravest)}, lewat tenggat {number(total.overdue_cases)}) · "
        f"alarm senyap {number(total.alarms)}\n{_by_status(view, region)}"
    )
    table = Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=(0, GAP - 1, 0, 0),
        caption=caption,
        caption_justify="left",
    )
    for column in columns:
        size = min(NAME_WIDTH, width - _width(columns, shown)) if column is NAME else None
        justify: JustifyMethod = "left" if column.is_text else "right"
        table.add_column(column.title, justify=justify, no_wrap=True, overflow="ellipsis", width=size)
    for row in shown:
        is_total = row.code == region
        table.add_row(*(c.cell(row) for c in columns), style="bold" if is_total else None, end_section=is_total)
    return Group(_head(view, heading, state), table)


def _by_status(view: View, region: str) -> str:
    """How many incidents of the region stand where, in the order of their life."""
    said = []
    for state, label in CASE_STATES:
        counted = [view.value(region, f"case.{state}.{severity}") for severity, _ in SEVERITIES]
        if any(counted):
            grave = ", ".join(f"{s} {number(n)}" for (s, _), n in zip(SEVERITIES, counted, strict=True) if n)
            said.append(f"{label} {number(sum(counted))} ({grave})")
    return " · ".join(said) or "belum ada kejadian"


def _columns(shown: list[Figures], width: int) -> list[Column]:
    """The richest choice of columns that leaves room for the names."""
    for detail in range(max(c.detail for c in COLUMNS), 0, -1):
        chosen = [c for c in COLUMNS if c.detail <= detail < c.until]
        if _width(chosen, shown) + NAME_LEAST <= width:
            return chosen
    return [c for c in COLUMNS if c.detail == 0]


def _width(columns: list[Column], shown: list[Figures]) -> int:
    """What the columns take beside the names."""
    taken = 0
    for column in columns:
        if column is not NAME:
            taken += max(len(column.title), *(_length(column.cell(row)) for row in shown)) + GAP
    return taken + GAP


def _length(cell: RenderableType) -> int:
    return BAR_WIDTH if isinstance(cell, ProgressBar) else len(cell) if isinstance(cell, str | Text) else 0


def line(view: View, heading: Heading, state: Text) -> str:
    """The region itself in one line, for where there is no terminal."""
    code = next(iter(view.rows), None)
    if code is None:
        return f"{view.topic}  {state.plain}  menunggu data"
    milestone = milestone_now(view, code)
    f = figures(view, code, milestone)
    return " | ".join(
        (
            f"{f.code} {f.name}",
            f"versi {number(view.version or 0)}, {state.plain}",
            f"melapor {number(f.covered)}/{number(f.tps)}",
            f"{_label(heading, milestone)}: {number(f.reached)}",
            f"terlambat {number(f.late)}, belum lapor {number(f.unreported)}, lewat jam {number(f.overdue)}",
            f"terbuka {number(f.open_cases)}, lewat tenggat {number(f.overdue_cases)}, alarm {number(f.alarms)}",
            f"kejadian {number(sum(f.incidents))}, tanda {number(f.flags)}, partisipasi {_percent(f.turnout)}",
        )
    )


def _label(heading: Heading, milestone: str | None) -> str:
    return heading.labels.get(milestone or "", milestone or "-")


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{number(value, 1)} %"


def _head(view: View, heading: Heading, state: Text) -> Text:
    drill = Text("  LATIHAN ", style="bold black on yellow") if heading.is_drill else Text("")
    version = "" if view.version is None else f"  versi {number(view.version)}"
    return Text.assemble((heading.operation, "bold"), drill, (f"{version}  ", "dim"), state)


class Column(NamedTuple):
    """One column; `detail` says how rich a board must be to show it, `until` from which detail on others say more."""

    title: str
    cell: Callable[[Figures], RenderableType]
    detail: int = 0
    until: int = 9
    is_text: bool = False


def _bar(part: int, whole: int) -> ProgressBar:
    return ProgressBar(total=max(1, whole), completed=part, width=BAR_WIDTH)


def _count(value: int, style: str) -> Text:
    return Text(number(value) if value else "-", style=style if value else "dim")


def _severity(index: int) -> Callable[[Figures], Text]:
    return lambda f: _count(f.incidents[index], SEVERITIES[index][1])


CASE_STATES: Final = (
    ("baru", "baru"), ("diterima", "diterima"), ("ditangani", "ditangani"), ("dibuka_kembali", "dibuka kembali"),
    ("selesai", "selesai"), ("ditutup", "ditutup"),
)  # fmt: skip
GRAVE: Final = (".tinggi", ".kritis")
OPEN_CASES: Final = ("case.baru.", "case.diterima.", "case.ditangani.", "case.dibuka_kembali.")
GAP: Final = 2
BAR_WIDTH: Final = 10
NAME_LEAST: Final = 12
NAME_WIDTH: Final = 30
NAME: Final = Column("wilayah", lambda f: f.name, is_text=True)
COLUMNS: Final = (
    Column("kode", lambda f: f.code, detail=3, is_text=True),
    NAME,
    Column("TPS", lambda f: number(f.tps)),
    Column("melapor", lambda f: number(f.covered)),
    Column("", lambda f: _bar(f.covered, f.tps), detail=5),
    Column("tahap", lambda f: number(f.reached)),
    Column("", lambda f: _bar(f.reached, f.tps), detail=2),
    Column("telat", lambda f: _count(f.late, "yellow")),
    Column("belum", lambda f: _count(f.unreported, "red")),
    *(Column(name, _severity(index), detail=4) for index, (name, _) in enumerate(SEVERITIES)),
    Column("kejadian", lambda f: _count(sum(f.incidents), "red" if any(f.incidents[2:]) else "yellow"), until=4),
    Column("lewat", lambda f: _count(f.overdue, "red"), detail=1),
    Column("terbuka", lambda f: _count(f.open_cases, "red" if f.gravest else "yellow"), detail=2),
    Column("alarm", lambda f: _count(f.alarms, "red"), detail=2),
    Column("tanda", lambda f: _count(f.flags, "magenta"), detail=1),
    Column("suara", lambda f: _percent(f.turnout), detail=1),
)
