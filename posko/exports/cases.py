"""The board of incidents and the alarms of silence as they are shown: the same rows, in the same order."""

from __future__ import annotations

import asyncio
import datetime
import uuid

import msgspec

from posko.exports.lists import PAGE, Ground, called, require_few
from posko.exports.table import ROWS_LIMIT, Cell, Column, Table, written
from posko.exports.wanted import Wanted
from posko.exports.words import Words
from posko.incidents import store
from posko.incidents.incident import Filter, Incident
from posko.regions import store as regions
from posko.regions.operation import Milestone
from posko.reports.report import SEVERITIES
from posko.silence import store as silence
from posko.silence.silence import Alarm


async def incidents(ground: Ground, wanted: Wanted) -> Table:
    """The incidents that a board shows, the gravest or the last opened first."""
    words, found, cases = ground.words, list[Incident](), wanted.cases
    while len(found) <= ROWS_LIMIT:
        page = await store.page(ground.conn, ground.operation.id, ground.place.code, cases, PAGE)
        found += page
        if len(page) < PAGE:
            break
        cases = msgspec.structs.replace(cases, after=page[-1].number)
    require_few(found)
    if wanted.sort == "severity":
        found.sort(key=lambda row: -SEVERITIES.index(row.severity))
    keys = (
        "number", "code", "where", "region", "severity", "alleged", "category", "occurrence", "people", "summary",
        "status", "verification", "tier", "owner", "opened", "acknowledge_by", "acknowledged", "resolve_by", "resolved",
        "closed", "overdue", "next", "next_tier", "reports", "children", "id",
    )  # fmt: skip
    numbers = {"number", "people", "reports", "children"}
    columns = [Column(words.say(f"export.case.{key}"), "number" if key in numbers else "text") for key in keys]
    rows = await asyncio.to_thread(lambda: [_incident(row, words) for row in found])
    return ground.table("incidents", _asked(wanted.cases, words), columns, rows)


async def alarms(ground: Ground, wanted: Wanted) -> Table:
    """The alarms that are shown, the last opened first."""
    words, found = ground.words, list[Alarm]()
    start: tuple[datetime.datetime | None, uuid.UUID | None] = (None, None)
    which = (wanted.alarm, wanted.standing, None)
    while len(found) <= ROWS_LIMIT:
        page = await silence.alarms(ground.conn, ground.operation.id, ground.place.code, which, (*start, PAGE))
        found += page
        if len(page) < PAGE:
            break
        start = (page[-1].opened_at, page[-1].id)
    require_few(found)
    plan = await regions.milestones(ground.conn, ground.operation.id)
    keys = (
        "kind", "milestone", "code", "where", "missing", "expected", "peak", "opened", "age", "accepted", "by", "said",
        "closed", "tier", "next", "next_tier", "held", "told", "endpoints", "id",
    )  # fmt: skip
    numbers = {"missing", "expected", "peak", "age"}
    columns = [Column(words.say(f"export.alarm.{key}"), "number" if key in numbers else "text") for key in keys]
    now = await silence.clock(ground.conn, ground.operation.id)
    rows = await asyncio.to_thread(lambda: [_alarm(row, words, plan, now) for row in found])
    about = [words.say("alarms.standing" if wanted.standing else "alarms.closed")]
    about += [words.say(f"alarms.kind.{wanted.alarm}")] if wanted.alarm else []
    return ground.table("alarms", ", ".join(about), columns, rows, ages_at=now)


def _asked(cases: Filter, words: Words) -> str:
    """A board's filters in words."""
    said = [words.say(f"status.{status}") for status in cases.status or []]
    said += [words.say(f"severity.{severity}") for severity in cases.severity or []]
    said += [words.category(cases.category)] if cases.category else []
    said += [words.say(f"level.{cases.tier}")] if cases.tier else []
    overdue = {True: "export.case.is_overdue", False: "export.case.not_overdue"}
    said += [words.say(overdue[cases.overdue])] if cases.overdue is not None else []
    said += [words.say("export.case.of", name=cases.owner)] if cases.owner else []
    said += [words.say("export.case.watched")] if cases.watched_by is not None else []
    said += [words.say("export.case.words", words=cases.words)] if cases.words else []
    return ", ".join(said) or words.say("export.all")


def _incident(row: Incident, words: Words) -> list[Cell]:
    def at(moment: datetime.datetime | None) -> str:
        return written(moment, row.place)

    made: list[Cell] = [row.number, row.place, row.place_name, row.region_name, words.say(f"severity.{row.severity}")]
    made += [words.say(f"severity.{row.alleged}") if row.alleged else None, words.category(row.category)]
    made += [words.say(f"occurrence.{row.occurrence}"), row.people, row.summary, words.say(f"status.{row.status}")]
    made += [words.say(f"export.verification.{row.verification}"), words.say(f"level.{row.tier}"), row.owner]
    made += [
        at(row.opened_at),
        at(row.acknowledge_by),
        at(row.acknowledged_at),
        at(row.resolve_by),
        at(row.resolved_at),
    ]
    made += [at(row.closed_at), at(row.overdue_at), at(row.next_at), _level(row.next_tier, words)]
    return [*made, row.reports, row.children, str(row.id)]


def _alarm(row: Alarm, words: Words, plan: list[Milestone], now: datetime.datetime) -> list[Cell]:
    def at(moment: datetime.datetime | None) -> str:
        return written(moment, row.place)

    about = called(f"milestone.{row.milestone}", words, plan) if row.milestone else None
    made: list[Cell] = [words.say(f"alarms.kind.{row.kind}"), about, row.place, row.place_name]
    made += [row.missing, row.expected, row.peak, at(row.opened_at)]
    made.append(int(((row.closed_at or now) - row.opened_at).total_seconds() // 60))
    made += [at(row.acknowledged_at), row.acknowledged_by, row.acknowledged_said, at(row.closed_at)]
    made += [_level(row.tier, words), at(row.next_at), _level(row.next_tier, words)]
    made.append(words.say("export.yes") if row.is_inhibited else None)
    vacant = words.say("alarms.told.vacant")
    made.append("; ".join(f"{t.name} {at(t.at)}{f' ({vacant})' if t.outcome == 'vacant' else ''}" for t in row.told))
    return [*made, ", ".join(row.endpoints or []), str(row.id)]


def _level(tier: str | None, words: Words) -> str | None:
    return None if tier is None else words.say(f"level.{tier}")
