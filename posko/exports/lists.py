"""What is in the files: the table of a region, and the lists that its numbers open to, read in one snapshot."""

from __future__ import annotations

import asyncio
import datetime
import uuid
from typing import Any, Final

import msgspec

from posko.errors import broken
from posko.exports.table import ROWS_LIMIT, Cell, Column, Table, What, written
from posko.exports.words import Words
from posko.regions import store as regions
from posko.regions.operation import Milestone, Operation
from posko.regions.region import Place
from posko.regions.tps import Behind
from posko.reports import store as reports
from posko.reports.report import Correction, Incident

PAGE: Final = 5_000


class Ground(msgspec.Struct, frozen=True):
    """What every table stands on: the snapshot that it is read in, and of what."""

    conn: Any
    operation: Operation
    place: Place
    at: datetime.datetime
    words: Words

    def table(
        self,
        what: What,
        about: str,
        columns: list[Column],
        rows: list[list[Cell]],
        note: str = "",
        *,
        ages_at: datetime.datetime | None = None,
    ) -> Table:
        """`ages_at` is the operation's clock, of a table that says how old something is."""
        words, operation = self.words, self.operation
        return Table(
            what=what,
            operation=operation.id,
            operation_name=operation.name,
            is_drill=operation.mode == "drill",
            code=self.place.code,
            place_name=self.place.name,
            version=operation.version,
            at=self.at,
            title=words.say(f"export.{what}", name=self.place.name),
            about=about,
            note=" · ".join(filter(None, [note, words.say("operation.estimated") if operation.tps_estimated else ""])),
            clock=ages_at if operation.mode == "drill" else None,
            columns=columns,
            rows=rows,
        )


async def behind(ground: Ground, counter: str | None) -> Table:
    """The places behind a number of a region."""
    if counter is None:
        raise broken("$.counter", "missing", "say which number")
    conn, words = ground.conn, ground.words
    derived = regions.derivation(counter, await regions.slots(conn, ground.operation.id))
    found: list[Behind] = []
    while len(found) <= ROWS_LIMIT:
        after = found[-1].code if found else ""
        page = await regions.behind(conn, ground.operation.id, ground.place.code, derived, (after, PAGE))
        found += page
        if len(page) < PAGE:
            break
    require_few(found)
    plan = await regions.milestones(conn, ground.operation.id)
    columns = [Column(words.say(f"list.{key}")) for key in ("code", "name", "where")]
    columns += [Column(words.say("list.value"), "number"), Column(words.say("export.voters"), "number")]
    columns.append(Column(words.say("export.last")))
    rows = await asyncio.to_thread(_behind, found)
    is_votes = counter.startswith("count.") and not counter.endswith(".tps")
    return ground.table(
        "tps", name_of(counter, words, plan), columns, rows, words.say("votes.label") if is_votes else ""
    )


async def incident_reports(ground: Ground, severity: str | None) -> Table:
    """The incident reports behind a region's number."""
    words, found = ground.words, list[reports.IncidentReport]()
    start: tuple[str, uuid.UUID] | None = None
    while len(found) <= ROWS_LIMIT:
        page = await reports.incidents(ground.conn, ground.operation.id, ground.place.code, severity, start, PAGE)
        found += page
        if len(page) < PAGE:
            break
        start = (page[-1].place, page[-1].id)
    require_few(found)
    keys = ("code", "where", "severity", "category", "occurrence", "text", "observed", "received", "by", "behalf", "id")
    about = words.say(f"severity.{severity}") if severity else words.say("export.all")
    columns = [Column(words.say(f"export.incident.{key}")) for key in keys]
    rows = await asyncio.to_thread(lambda: [_incident(row, words) for row in found])
    return ground.table("incident-reports", about, columns, rows)


async def flags(ground: Ground, kind: str | None) -> Table:
    """The open flags behind a region's number."""
    words, found = ground.words, list[reports.Flag]()
    start: tuple[str, str, uuid.UUID] | None = None
    while len(found) <= ROWS_LIMIT:
        page = await reports.flags(ground.conn, ground.operation.id, ground.place.code, kind, start, PAGE)
        found += page
        if len(page) < PAGE:
            break
        start = (page[-1].place, page[-1].kind, page[-1].report_id)
    require_few(found)
    plan = await regions.milestones(ground.conn, ground.operation.id)
    columns = [Column(words.say(f"export.flag.{key}")) for key in ("code", "where", "kind", "subject", "report")]
    rows = await asyncio.to_thread(lambda: [_flag(row, words, plan) for row in found])
    return ground.table("flags", words.flag(kind) if kind else words.say("export.all"), columns, rows)


async def flag_history(ground: Ground, kind: str | None) -> Table:
    """Every flag that was ever raised at and below a region: since when, until when, and why no longer."""
    words, place = ground.words, ground.place.code
    found = await reports.flag_history(ground.conn, ground.operation.id, place, kind, ROWS_LIMIT + 1)
    require_few(found)
    plan = await regions.milestones(ground.conn, ground.operation.id)
    keys = (
        "code",
        "where",
        "kind",
        "subject",
        "report",
        "state",
        "since",
        "settled",
        "by",
        "why",
        "until",
        "overtaken",
    )
    columns = [Column(words.say(f"export.flag.{key}")) for key in keys]
    rows = await asyncio.to_thread(lambda: [[*_flag(row, words, plan), *_past(row, words)] for row in found])
    return ground.table("flag-history", words.flag(kind) if kind else words.say("export.all"), columns, rows)


def name_of(counter: str, words: Words, plan: list[Milestone]) -> str:
    """What a counter or subject is, in words where there are any, and by its name: that is what programs know."""
    said = called(counter, words, plan)
    return counter if said == counter else f"{said} ({counter})"


def called(counter: str, words: Words, plan: list[Milestone]) -> str:
    """What a counter or subject is, in words; by its name where there are none."""
    head, _, rest = counter.partition(".")
    middle, _, tail = rest.partition(".")
    labels = {m.code: m.label_id if words.language == "id" else m.label_en for m in plan}
    if head == "milestone" and middle in labels:
        return labels[middle] + (f": {words.say(f'milestone.{tail}')}" if tail else "")
    known = next((key for key in (f"export.counter.{counter}", f"report.{head}") if words.has(key)), None)
    return counter if known is None else words.say(known)


def _behind(found: list[Behind]) -> list[list[Cell]]:
    return [[r.code, r.name, r.parent_name, r.value, _voters(r), written(r.last_at, r.code)] for r in found]


def _flag(row: reports.Flag, words: Words, plan: list[Milestone]) -> list[Cell]:
    return [row.place, row.place_name, words.flag(row.kind), name_of(row.subject, words, plan), str(row.report_id)]


def _past(row: reports.PastFlag, words: Words) -> list[Cell]:
    state = "ended" if row.ended_at else "is-settled" if row.cleared_at else "stands"
    since, settled, until = (written(at, row.place) for at in (row.raised_at, row.cleared_at, row.ended_at))
    overtaken = "" if row.ended_by is None else str(row.ended_by)
    return [words.say(f"export.flag.{state}"), since, settled, row.cleared_by, row.reason, until, overtaken]


def _incident(row: reports.IncidentReport, words: Words) -> list[Cell]:
    said: Any = row.content.replacement if isinstance(row.content, Correction) else row.content
    if not isinstance(said, Incident):
        raise TypeError(f"report {row.id} is no incident")
    seen, came = written(row.observed_at, row.place), written(row.received_at, row.place)
    names = [
        words.say(f"severity.{said.severity}"),
        words.category(said.category),
        words.say(f"occurrence.{said.occurrence}"),
    ]
    return [row.place, row.place_name, *names, said.text, seen, came, row.reporter, row.on_behalf_of, str(row.id)]


def _voters(row: Behind) -> int | None:
    return None if row.voters_l is None or row.voters_p is None else row.voters_l + row.voters_p


def require_few(found: list[Any]) -> None:
    if len(found) > ROWS_LIMIT:
        raise broken("$.what", "rows-limit", f"over {ROWS_LIMIT} rows: take the regions below one by one")
