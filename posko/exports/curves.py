"""The curves of a region as a table: a row for each sample, a column for each number that is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from posko.curves import store
from posko.curves.curve import PAGE_LIMIT, State
from posko.curves.store import Point
from posko.exports.lists import Ground, called, require_few
from posko.exports.rekap import VOTED
from posko.exports.table import ROWS_LIMIT, Cell, Column, Table, written
from posko.exports.wanted import Wanted
from posko.exports.words import Words
from posko.regions import store as regions
from posko.regions.operation import Milestone


async def curves(ground: Ground, wanted: Wanted) -> Table:
    """The samples from one moment to another; the first is the one that held at the beginning."""
    words, operation = ground.words, ground.operation
    plan = await regions.milestones(ground.conn, operation.id)
    state = await store.state(ground.conn, operation.id)
    names = [] if state is None else [name for name in state.names if name not in VOTED]
    points = [] if state is None or ground.place.level > state.depth else await _points(ground, wanted, state)
    require_few(points)
    columns = [Column(words.say("export.curve.at")), Column(words.say("export.curve.version"), "number")]
    columns += [Column(_label(name, words, plan), "number") for name in names]
    columns += [Column(words.say("export.voted"), "number"), Column(words.say("export.curve.gap"))]
    rows = [] if state is None else _rows(ground, state, points, names)
    about = words.say("export.all") if state is None else _about(ground, state, wanted)
    is_count = any(name.startswith("count.") for name in names)
    return ground.table("curves", about, columns, rows, words.say("votes.label") if is_count else "")


async def _points(ground: Ground, wanted: Wanted, state: State) -> list[Point]:
    found: list[Point] = []
    places = list(range(1, len(state.names) + 1))
    while len(found) <= ROWS_LIMIT:
        since = found[-1].at if found else wanted.since
        page = await store.points(ground.conn, ground.operation.id, ground.place.code, since, places, PAGE_LIMIT)
        # A page begins with the point that held at its beginning: the last of the page before.
        found += [point for point in page if not found or point.at > found[-1].at]
        if len(page) < PAGE_LIMIT:
            break
    return [point for point in found if wanted.until is None or point.at <= wanted.until]


def _rows(ground: Ground, state: State, points: Sequence[Point], names: Sequence[str]) -> list[list[Cell]]:
    code, words = ground.place.code, ground.words
    shown = [state.names.index(name) for name in names]
    voted = [state.names.index(name) for name in VOTED if name in state.names]
    gaps = list(zip(state.gap_from, state.gap_until, strict=True))
    made: list[list[Cell]] = []
    for before, point in zip([None, *points], points, strict=False):
        has_gap = before is not None and any(before.at <= begun < point.at and end <= point.at for begun, end in gaps)
        row: list[Cell] = [written(point.at, code), point.version, *(point.counters[at] for at in shown)]
        row += [sum(point.counters[at] for at in voted), words.say("curve.gap") if has_gap else None]
        made.append(row)
    return made


def _about(ground: Ground, state: State, wanted: Wanted) -> str:
    words, code = ground.words, ground.place.code
    said = [words.say("export.curve.since", time=written(wanted.since, code))] if wanted.since else []
    said += [words.say("export.curve.until", time=written(wanted.until, code))] if wanted.until else []
    return ", ".join([*said, words.say("curve.sampled", time=written(state.sampled_at, code))])


def _label(name: str, words: Words, plan: list[Milestone]) -> str:
    head, middle = name.removesuffix(".tps").partition(".")[::2]
    if head == "incident":
        return f"{words.say('export.incidents_count')}: {words.say(f'severity.{middle}')}"
    if head == "count":
        return f"{words.say('counter.count.tps')}: {words.say(f'contest.{middle}')}"
    return called(name, words, plan)
