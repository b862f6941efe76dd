"""The numbers that a region's page of the konsol shows, as it writes them, and what each must be by the counters of its place.

Every text with a digit in tiles, bars, votes and table is read; one that no rule here knows is a failure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

import msgspec
from playwright.async_api import Page

SEVERITIES: Final = {"kritis", "tinggi", "sedang", "rendah"}
OPEN: Final = ("baru", "diterima", "ditangani", "dibuka_kembali")
NUMBER = r"(\d{1,3}(?:\.\d{3})*)"
READ = """() => {
    const areas = ['[aria-labelledby=totals]', '[aria-labelledby=milestones]', '[aria-labelledby^=votes-]', 'tbody']
    const beside = '.hidden, th, .time, .label, .name, li > .number'
    const shown = []
    for (const area of document.querySelectorAll(areas.join())) {
        const walk = document.createTreeWalker(area, NodeFilter.SHOW_TEXT)
        while (walk.nextNode()) {
            const [node, at] = [walk.currentNode, walk.currentNode.parentElement]
            if (!/\\d/.test(node.data) || at.closest(beside)) continue
            const of = (selector) => at.closest(selector)
            shown.push({
                kind: of('tr')?.dataset.kind ?? 'page',
                code: of('tr')?.dataset.code ?? '',
                within: of('td')?.dataset.label ?? of('div.panel')?.querySelector('dt').textContent ?? '',
                counter: of('[data-counter]')?.dataset.counter ?? '',
                value: of('[data-counter]')?.dataset.value ?? '',
                beside: of('li')?.querySelector('[data-counter]')?.dataset.counter ?? '',
                title: of('[title]')?.title ?? '',
                link: decodeURIComponent(of('a')?.getAttribute('href').split('/').at(-1) ?? ''),
                text: node.data.replace(/\\s+/g, ' ').trim(),
            })
        }
    }
    const states = [...document.querySelectorAll('tr[data-code] td[data-milestone] [data-state]')].map((at) => ({
        code: at.closest('tr').dataset.code, milestone: at.closest('td').dataset.milestone, state: at.dataset.state,
    }))
    const version = document.querySelector('[data-standing]').dataset.version
    const standing = document.querySelector('[data-standing]').dataset.standing
    const rows = [...document.querySelectorAll('tr[data-kind=child]')].map((at) => at.dataset.code).sort()
    return { version: Number(version ?? -1), standing, place: location.hash.split('/').at(2), rows, shown, states }
}"""


class Shown(msgspec.Struct, frozen=True):
    """One text with a number in it, and where it stands."""

    kind: str
    """Of its row: total, own or child; page: in a tile, a bar or among votes."""
    code: str
    within: str
    """The title of its column or tile."""
    counter: str
    value: str
    beside: str
    """The first counter of its line."""
    title: str
    link: str
    text: str


class State(msgspec.Struct, frozen=True):
    """How one milestone stands at a TPS."""

    code: str
    milestone: str
    state: str


class Figures(msgspec.Struct, frozen=True):
    """All that a page showed at one moment."""

    version: int
    standing: str
    place: str
    rows: list[str]
    shown: list[Shown]
    states: list[State]


Counters = Mapping[str, int]


async def read(page: Page) -> Figures:
    """Everything at once: no frame comes between two of its numbers."""
    return msgspec.convert(await page.evaluate(READ), Figures)


def faults(figures: Figures, rows: Mapping[str, Counters]) -> list[str]:
    """What is wrong with a page by the counters of its region and their children; what is missing, too."""
    top, children = rows[figures.place], {c: r for c, r in rows.items() if c != figures.place}
    own = {name: top[name] - sum(child[name] for child in children.values()) for name in top}
    found = [] if figures.rows == sorted(children) else [f"rows are {figures.rows}"]
    for shown in figures.shown:
        counters = own if shown.kind == "own" else rows[shown.code or figures.place]
        found += [f"v{figures.version} {shown}: {wrong}" for wrong in _wrong(shown, counters)]
    found += [
        f"v{figures.version} {state}: is {expected}"
        for state in figures.states
        if (expected := _state(state.milestone, rows[state.code])) != state.state
    ]
    return found + _missing(figures, children, top)


def _wrong(shown: Shown, counters: Counters) -> list[str]:
    expected = _expected(shown, counters)
    if expected is None:
        return ["nobody knows what this number is"]
    said = [float(n.replace(".", "").replace(",", ".")) for n in re.findall(r"[\d.,]*\d", shown.text)]
    found = [] if said == expected else [f"must be {expected}"]
    if re.fullmatch(rf"(?:[○◐✕⌀] )?{NUMBER}", shown.text) and shown.value and float(shown.value) != said[0]:
        found.append("its data-value is another")
    return found


def _expected(shown: Shown, c: Counters) -> list[float] | None:
    """The numbers that a text must consist of; None for a text of no kind that is known."""
    text, counter = shown.text, shown.counter
    whole = float(value(c, "tps"))
    if re.fullmatch(rf"(?:[○◐✕⌀] )?{NUMBER}", text):
        return _alone(shown, c)
    if re.fullmatch(r"\d{1,3}(?:,\d)? %", text):
        return _share(shown, c)
    if re.fullmatch(rf"dari {NUMBER} TPS", text):
        return [whole]
    if re.fullmatch(rf"{NUMBER} dari {NUMBER} TPS", text):
        return [float(value(c, counter)), whole]
    if re.fullmatch(rf"{NUMBER} dari {NUMBER} pemilih", text):
        return [float(_voted(c)), float(_voters(c))]
    if re.fullmatch(rf"laporan {NUMBER} TPS", text):
        return [float(value(c, "turnout.tps"))]
    if re.fullmatch(rf"{NUMBER} laporan", text) and shown.within == "Melapor":
        return [float(value(c, "reports"))]
    if re.fullmatch(rf"{NUMBER} [^\d]+", text) and shown.within == "Alarm senyap":
        return [float(value(c, shown.link))]
    if (named := re.fullmatch(rf"{NUMBER} (\D.*)", text)) and shown.within == "Perlu diperiksa":
        of_the_rule = [float(n.replace(",", ".")) for n in re.findall(r"\d+(?:,\d+)?", named[2])]
        behind = (
            shown.link if "." in shown.link else f"flag.{shown.link}"
        )  # broken seals are beside the flags, and none
        return [float(value(c, behind)), *of_the_rule]
    return None


def _alone(shown: Shown, c: Counters) -> list[float] | None:
    if shown.counter:
        return [float(value(c, shown.counter))]
    if shown.within == "Partisipasi":
        return [float(_voted(c))]
    if shown.within == "Alarm senyap":
        return [float(sum(n for name, n in c.items() if name.startswith("alarm.")))]
    if shown.within == "Kejadian terbuka" and shown.title in SEVERITIES:
        return [float(sum(value(c, f"case.{status}.{shown.title}") for status in OPEN))]
    return None


def _share(shown: Shown, c: Counters) -> list[float] | None:
    if shown.within == "Partisipasi":
        return [percent(_voted(c), _voters(c))]
    if shown.within == "TPS melapor":
        return [percent(value(c, "covered"), value(c, "tps"))]
    if re.fullmatch(r"milestone\.\w+\.reached", shown.beside):
        return [percent(value(c, shown.beside), value(c, "tps"))]
    if ".paslon." in shown.beside:
        return [percent(value(c, shown.beside), value(c, f"{shown.beside.split('.paslon.')[0]}.valid"))]
    return None


def _missing(figures: Figures, children: Mapping[str, Counters], top: Counters) -> list[str]:
    """Numbers that every row of regions must show, and a state of each milestone for every TPS."""
    milestones = {name.split(".")[1] for name in top if name.startswith("milestone.")}
    always = {"incident.kritis", "incident.tinggi", "incident.sedang", "incident.rendah", "flag", "turnout.tps"}
    of_regions = always | {"covered", "tps", *(f"milestone.{code}.reached" for code in milestones)}
    found = []
    for code in [*children, figures.place]:
        is_station = len(code.split(".")) == 5
        kind = "total" if code == figures.place else "child"
        seen = {shown.counter for shown in figures.shown if (shown.kind, shown.code) == (kind, code)}
        found += [f"{code} does not show {name}" for name in (always if is_station else of_regions) - seen]
        stated = {state.milestone for state in figures.states if state.code == code}
        found += [f"{code} does not say of {name}" for name in milestones - stated if is_station]
    tiles = {shown.counter for shown in figures.shown if shown.kind == "page"}
    wanted = of_regions | {"incident", "case.open", "case.overdue", "unreachable", "nihil", "uncovered"}
    return found + [f"no tile shows {name}" for name in wanted - tiles]


def value(c: Counters, counter: str) -> int:
    """A number of the konsol by the name that its list has: a counter, or what is reckoned from some."""
    if counter == "incident":
        return sum(c[f"incident.{severity}"] for severity in SEVERITIES)
    if counter == "flag":
        return sum(n for name, n in c.items() if name.startswith("flag."))
    if counter == "alarm":
        return sum(n for name, n in c.items() if name.startswith("alarm."))
    if counter == "uncovered":
        return c["tps"] - c["covered"]
    if counter == "case.open":
        return sum(c[f"case.{status}.{severity}"] for status in OPEN for severity in SEVERITIES)
    if counter.startswith("case.open."):
        return sum(c[f"case.{status}.{counter.rpartition('.')[2]}"] for status in OPEN)
    if counter.endswith(".unreported"):
        said = (c[f"{counter.removesuffix('unreported')}{part}"] for part in ("reached", "not_possible", "unreachable"))
        return c["tps"] - sum(said)
    return c[counter]


def percent(part: int, whole: int) -> float:
    """One decimal, and never 100 before it is whole."""
    if not whole:
        return 0.0
    rounded = math.floor(part / whole * 100 * 10 + 0.5) / 10
    return min(99.9, rounded) if part < whole else rounded


def _voted(c: Counters) -> int:
    return sum(c[f"turnout.{of}_{sex}"] for of in ("dpt", "dptb", "dpk") for sex in "lp")


def _voters(c: Counters) -> int:
    return c["voters_l"] + c["voters_p"]


def _state(milestone: str, c: Counters) -> str:
    for part in ("late", "reached", "not_possible", "unreachable"):
        if c[f"milestone.{milestone}.{part}"]:
            return part
    return "unreported"
