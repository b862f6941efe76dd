"""What desks were told and who keeps them: the places behind a directive's numbers, and the roster of piket."""

from __future__ import annotations

import asyncio

import msgspec

from posko import terms
from posko.accounts import staffing
from posko.accounts.account import SEES_DESK, Viewer
from posko.accounts.staffing import DeskRow
from posko.directives import store
from posko.directives.directive import Counts, Directive, Target
from posko.errors import NotFound, PlaceUnknown, broken
from posko.exports.lists import PAGE, Ground, require_few
from posko.exports.table import ROWS_LIMIT, Cell, Column, Table, written
from posko.exports.wanted import Wanted
from posko.exports.words import Words

TEXT_SHOWN = 200
"""Letters of a directive's text that each row says again."""
COUNTED = msgspec.structs.fields(Counts)


async def targets(ground: Ground, viewer: Viewer, wanted: Wanted) -> Table:
    """The places that a directive is for at and below the region, those in one state or all: who has not answered."""
    words, found = ground.words, list[Target]()
    directive = await _directive(ground, viewer, wanted)
    while len(found) <= ROWS_LIMIT:
        page = (found[-1].place if found else "", PAGE)
        rows = await store.targets(ground.conn, directive.id, ground.place.code, wanted.target, page)
        found += rows
        if len(rows) < PAGE:
            break
    require_few(found)
    keys = (
        "code", "where", "region", "level", "state", "open", "overdue", "changed",
        "by", "said", "proof", "report", "reported",
    )  # fmt: skip
    columns = [Column(words.say(f"export.target.{key}")) for key in keys]
    made = await asyncio.to_thread(lambda: [_target(row, words) for row in found])
    state = words.say(f"directives.target.{wanted.target or 'semua'}")
    return ground.table("directive-targets", f"{_named(directive, ground.place.code, words)}; {state}", columns, made)


async def compliance(ground: Ground, viewer: Viewer, wanted: Wanted) -> Table:
    """How far a directive has come in the region as a whole, and in each of its children."""
    words = ground.words
    directive = await _directive(ground, viewer, wanted)
    rows = await store.compliance(ground.conn, directive.id, ground.place.code)
    columns = [Column(words.say(f"export.target.{key}")) for key in ("code", "where", "level")]
    columns += [Column(words.say(f"export.target.count.{field.name}"), "number") for field in COUNTED]
    total = (ground.place.code, words.say("export.total", name=ground.place.name), ground.place.level, directive.counts)
    made = [_counted(*row, words) for row in [total, *((r.code, r.name, r.level, r.counts) for r in rows)]]
    return ground.table("directive-compliance", _named(directive, ground.place.code, words), columns, made)


async def desks(ground: Ground, viewer: Viewer, wanted: Wanted) -> Table:
    """A row for each who is on duty at and below the region, and for each desk that nobody keeps."""
    viewer.require_role(SEES_DESK)
    words, found = ground.words, list[DeskRow]()
    while len(found) <= ROWS_LIMIT:
        after = found[-1].code if found else ""
        asked = staffing.Wanted(wanted.level, wanted.desk, after, PAGE)
        page = await staffing.staffing(ground.conn, viewer, ground.operation.id, ground.place.code, asked)
        found += page.rows
        if page.next is None:
            break
    require_few(found)
    keys = ("code", "name", "level", "state", "who", "institution", "since", "present", "to", "note")
    columns = [Column(words.say(f"export.desk.{key}")) for key in keys]
    about = [words.say(f"desks.state.{wanted.desk}")] if wanted.desk else []
    about += [words.level(terms.Level(wanted.level))] if wanted.level is not None else []
    made = [row for desk in found for row in _desk(desk, words)]
    return ground.table("desks", ", ".join(about) or words.say("export.all"), columns, made)


async def _directive(ground: Ground, viewer: Viewer, wanted: Wanted) -> Directive:
    """The directive as the region sees it; out of scope, or of another operation, it answers as what does not exist."""
    if wanted.directive is None:
        raise broken("$.directive", "missing", "say which directive")
    seen = await store.seen(ground.conn, wanted.directive, viewer.regions)
    if seen is None or seen.operation != ground.operation.id:
        raise NotFound(f"there is no directive {wanted.directive} here")
    rows = await store.page(ground.conn, seen.operation, ground.place.code, store.Filter(id=wanted.directive), 1)
    if not rows:
        raise PlaceUnknown(f"directive {seen.number} has nothing in {ground.place.code}")
    return rows[0]


def _named(directive: Directive, code: str, words: Words) -> str:
    """Its number and text, as whoever sent it reads it: what each place reads of itself is only named."""
    place, deadline = words.say("directives.place"), written(directive.deadline, code)
    given = {"{place}": place, "{tempat}": place, "{deadline}": deadline, "{tenggat}": deadline}
    text = directive.text
    for blank, meant in given.items():
        text = text.replace(blank, meant)
    shown = text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}..."
    return f"{words.say('directives.heading', n=directive.number)}: {shown}"


def _target(row: Target, words: Words) -> list[Cell]:
    last = row.moves[-1] if row.moves else None
    made: list[Cell] = [row.place, row.name, row.parent_name, words.level(terms.Level(row.level))]
    made += [words.say(f"directives.target.{row.state}"), words.say("export.yes" if row.is_open else "export.no")]
    made += [written(row.overdue_at, row.place), written(row.changed_at, row.place)]
    said = (last.by, last.said, last.proof, None if last.report is None else str(last.report)) if last else [None] * 4
    return [*made, *said, written(row.reported_at, row.place)]


def _counted(code: str, name: str, level: int, counts: Counts, words: Words) -> list[Cell]:
    return [code, name, words.level(terms.Level(level)), *(getattr(counts, field.name) for field in COUNTED)]


def _desk(desk: DeskRow, words: Words) -> list[list[Cell]]:
    where: list[Cell] = [
        desk.code,
        desk.name,
        words.level(terms.Level(desk.level)),
        words.say(f"desks.state.{desk.state}"),
    ]
    if not desk.on_duty:
        return [[*where, None, None, None, None, None, None]]
    return [
        [
            *where,
            s.full_name,
            s.institution,
            written(s.began_at, desk.code),
            written(s.present_at, desk.code),
            s.to,
            s.note,
        ]
        for s in desk.on_duty
    ]
