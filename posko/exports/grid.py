"""The grid of TPS as a table: each TPS in the class that its colour says, as web/konsol/grid has it."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from posko.errors import broken
from posko.exports.lists import Ground, called, require_few
from posko.exports.table import Cell, Column, Table, written
from posko.exports.wanted import Wanted
from posko.exports.words import Words
from posko.regions import store as regions
from posko.regions.cells import TPS_LIMIT, Board, Frame
from posko.silence import store as silence

SAID: Final = ("unreported", "reached", "late", "not_possible", "unreachable", "overdue", "excused")
"""Of a milestone, by the digits of a cell."""
SEVERITIES: Final = ("none", "rendah", "sedang", "tinggi", "kritis")
GRADES: Final = ("none", "kurang_rawan", "rawan", "sangat_rawan", "khusus")
MANY: Final = 35
"""As many, or more: a cell's one character says no more."""
OLD_S: Final = 60 * 60
OLDER_S: Final = 30 * 60
COVERED, UNREACHABLE, SEAL_BROKEN = 1, 2, 4


class Tps(msgspec.Struct, frozen=True):
    """One TPS of the grid, its cell taken apart; `last` in seconds since 1970."""

    code: str
    said: list[str]
    worst: int
    open: int
    flags: int
    marks: int
    last: int | None
    grade: int
    indicators: int


def silence_of(tps: Tps, now: float) -> str:
    """How long ago a TPS was heard of, or why not."""
    if tps.marks & UNREACHABLE:
        return "unreachable"
    if "overdue" in tps.said:
        return "overdue"
    if tps.last is None or not tps.marks & COVERED:
        return "never"
    age = now - tps.last
    return "old" if age > OLD_S else "older" if age > OLDER_S else "fresh"


OTHERS: Final[dict[str, Callable[[Tps, float], str]]] = {
    "diam": silence_of,
    "kejadian": lambda tps, _: SEVERITIES[tps.worst],
    "tanda": lambda tps, _: str(min(3, tps.flags)) if tps.flags else "none",
    "polri": lambda tps, _: GRADES[tps.grade],
    "bawaslu": lambda tps, _: str(min(3, tps.indicators.bit_count())) if tps.indicators else "none",
}
"""Ways to colour besides the milestones."""
CLASSES: Final = {
    "diam": frozenset({"unreachable", "overdue", "never", "old", "older", "fresh"}),
    "kejadian": frozenset(SEVERITIES),
    "tanda": frozenset({"none", "1", "2", "3"}),
    "polri": frozenset(GRADES),
    "bawaslu": frozenset({"none", "1", "2", "3"}),
}
"""What each of them can say of a TPS; a milestone says what is in SAID."""
NAMED: Final = {
    "diam": "grid",
    "kejadian": "severity",
    "tanda": "grid.flags",
    "polri": "grade",
    "bawaslu": "grid.indicators",
}
NONE: Final = {"kejadian": "incident", "tanda": "flags", "polri": "grade", "bawaslu": "indicators"}


async def cells(ground: Ground, wanted: Wanted) -> Table:
    """Every TPS of the region in the chosen classes, by code."""
    conn, operation, words, colour = ground.conn, ground.operation, ground.words, wanted.colour
    milestones = regions.milestones_among(await regions.slots(conn, operation.id))
    if colour is None or colour not in (*OTHERS, *milestones):
        raise broken("$.colour", "colour", "say by which milestone, or by what else")
    classes = CLASSES.get(colour, frozenset(SAID))
    if not wanted.only <= classes:
        raise broken("$.only", "class", f"the classes of {colour} are: {', '.join(sorted(classes))}")
    places = await regions.grid_places(conn, operation.id, ground.place.code, TPS_LIMIT)
    states = await regions.grid_states(conn, operation, ground.place.code)
    plan = await regions.milestones(conn, operation.id)
    now = await silence.clock(conn, operation.id)
    frame = Frame(operation.id, ground.place.code, operation.tps_estimated, operation.voting_day, milestones)

    def made() -> list[list[Cell]]:
        board = Board(frame, places, states)
        grades = zip(places.grades, (places.indicators[i : i + 2] for i in range(0, 2 * board.count, 2)), strict=True)
        found = []
        for tps in _taken_apart(board, grades, len(milestones)):
            state = OTHERS[colour](tps, now.timestamp()) if colour in OTHERS else tps.said[milestones.index(colour)]
            if not wanted.only or state in wanted.only:
                found.append(_row(tps, _label(colour, state, words), places.names, words))
        return found

    rows = await asyncio.to_thread(made)
    require_few(rows)
    by = words.say(f"grid.by.{colour}") if colour in OTHERS else called(f"milestone.{colour}", words, plan)
    only = ", ".join(_label(colour, state, words) for state in sorted(wanted.only))
    keys = ("code", "name", "where", "state", "last", "worst", "open", "flags", "concerns")
    columns = [
        Column(
            by if key == "state" else words.say(f"export.cell.{key}"), "number" if key in ("open", "flags") else "text"
        )
        for key in keys
    ]
    return ground.table("cells", f"{by}: {only or words.say('export.all')}", columns, rows, ages_at=now)


def _taken_apart(board: Board, grades: Iterator[tuple[str, str]], size: int) -> Iterator[Tps]:
    for (code, cell, last), (grade, indicators) in zip(board.lines(), grades, strict=True):
        worst, opened, flags, marks = (int(letter, 36) for letter in cell[size:])
        said = [SAID[int(digit)] for digit in cell[:size]]
        yield Tps(code, said, worst, opened, flags, marks, last, int(grade), int(indicators, 16))


def _label(colour: str, state: str, words: Words) -> str:
    """The words of a class, as the legend says them."""
    if colour not in OTHERS or (colour == "diam" and state in ("unreachable", "overdue")):
        return words.say("grid.reached" if state == "reached" else f"milestone.{state}")
    return words.say(f"grid.none.{NONE[colour]}" if state == "none" else f"{NAMED[colour]}.{state}")


def _row(tps: Tps, state: str, names: dict[str, str], words: Words) -> list[Cell]:
    parent, _, number = tps.code.rpartition(".")
    last = None if tps.last is None else datetime.datetime.fromtimestamp(tps.last, datetime.UTC)
    made: list[Cell] = [tps.code, f"TPS {number}", _where(parent, names), state, written(last, tps.code)]
    made += [words.say(f"severity.{SEVERITIES[tps.worst]}") if tps.worst else None, _most(tps.open), _most(tps.flags)]
    concerns = [words.say("station.seal.broken")] if tps.marks & SEAL_BROKEN else []
    concerns += [words.say("counter.unreachable")] if tps.marks & UNREACHABLE else []
    concerns += [words.say(f"grade.{GRADES[tps.grade]}")] if tps.grade else []
    return [*made, ", ".join(concerns)]


def _where(parent: str, names: dict[str, str]) -> str:
    """The kelurahan and what it lies in, as far as that is within the region."""
    parts = parent.split(".")
    codes = [".".join(parts[:depth]) for depth in range(len(parts), 0, -1)]
    return ", ".join(names[code] for code in codes if code in names)


def _most(value: int) -> Cell:
    return f"{MANY}+" if value >= MANY else value
