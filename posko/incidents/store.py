"""The typed face of sql/queries/incidents.sql."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.incidents.incident import TIERS, Asked, Detail, Entry, Filter, Incident, Posted, Request, Step
from posko.incidents.rule import CategoryIn, Rules, Stage, Taxonomy, from_row
from posko.regions import finding
from posko.reports.report import SEVERITIES

_queries = db.queries("incidents")
_NUMBER: Final = re.compile(r"\s*#?([0-9]{1,9})\s*")


async def page(connection: db.Connection, operation: int, region: str, wanted: Filter, limit: int) -> list[Incident]:
    """The incidents at and below a region, the last opened first."""
    rows = await connection.fetch(
        _queries["page"].sql,
        operation,
        region,
        wanted.status,
        None if wanted.severity is None else [SEVERITIES.index(s) + 1 for s in wanted.severity],
        wanted.category,
        wanted.occurrence,
        wanted.verification,
        None if wanted.tier is None else TIERS.index(wanted.tier),
        wanted.overdue,
        wanted.owner,
        wanted.watched_by,
        wanted.parent,
        wanted.revote,
        *_looked_for(wanted.words),
        wanted.since,
        wanted.until,
        wanted.after,
        limit,
    )
    return [db.to_struct(r, Incident) for r in rows]


def _looked_for(text: str | None) -> tuple[int | None, str | None, str | None, int | None, str | None]:
    """What somebody types: an incident's number, else words, beginnings of names, a TPS' number, how a code begins."""
    number = None if text is None else _NUMBER.fullmatch(text)
    if text is None or number:
        return (None if number is None else int(number[1])), None, None, None, None
    meant = finding.understand(text)
    if meant.code is not None:
        return None, text, None, None, meant.code if meant.number is None else f"{meant.code}.{meant.number:03}"
    return None, text, " & ".join(f"{word}:*" for word in meant.words) or None, meant.number, None


async def changes(connection: db.Connection, operation: int, region: str, since: int, limit: int) -> list[Incident]:
    """The incidents at and below a region that changed after a version, the first changed first."""
    rows = await connection.fetch(_queries["changes"].sql, operation, region, since, limit)
    return [db.to_struct(r, Incident) for r in rows]


async def board(connection: db.Connection, operation: int, region: str, limit: int) -> list[Posted]:
    """The open incidents at and below a region as a wall shows them, the gravest first, of these the last opened."""
    return [db.to_struct(r, Posted) for r in await connection.fetch(_queries["board"].sql, operation, region, limit)]


async def clock(connection: db.Connection, operation: int) -> tuple[datetime.datetime, float]:
    """What time it is in an operation, and how many of its seconds pass in one."""
    row = await connection.fetchrow(_queries["clock"].sql, operation)
    assert row is not None
    return row["at"], row["speed"]


async def incident(connection: db.Connection, incident_id: uuid.UUID) -> Incident | None:
    row = await connection.fetchrow(_queries["incident"].sql, incident_id)
    return None if row is None else db.to_struct(row, Incident)


async def duplicates(connection: db.Connection, incident_id: uuid.UUID) -> list[Incident]:
    """Open incidents that may be the same, the likeliest first; at most ten."""
    return [db.to_struct(r, Incident) for r in await connection.fetch(_queries["duplicates"].sql, incident_id)]


async def detail(connection: db.Connection, found: Incident) -> Detail:
    """What an incident is made of."""
    reports = await connection.fetch(_queries["reports"].sql, found.id)
    requests = await connection.fetch(_queries["requests"].sql, found.id)
    watchers = await connection.fetch(_queries["watchers"].sql, found.id)
    return Detail(
        found,
        [r["report_id"] for r in reports],
        [db.to_struct(r, Request) for r in requests],
        [r["username"] for r in watchers],
    )


async def requests_for(
    connection: db.Connection, viewer: Viewer, operation: int, *, waiting: bool, after: int | None, limit: int
) -> list[Asked]:
    """What the viewer's desks and institution are asked, the longest asked first."""
    who = (operation, viewer.account_id, list(viewer.regions))
    rows = await connection.fetch(_queries["requests_for"].sql, *who, waiting, after, limit)
    return [db.to_struct(r, Asked) for r in rows]


async def entries(connection: db.Connection, incident_id: uuid.UUID, after: int, limit: int) -> list[Entry]:
    """The log of an incident, from a row on."""
    rows = await connection.fetch(_queries["entries"].sql, incident_id, after, limit)
    return [
        msgspec.convert({**dict(r), "details": msgspec.Raw((r["details"] or "null").encode())}, Entry) for r in rows
    ]


async def preview(connection: db.Connection, subject_id: uuid.UUID) -> list[Step]:
    """What would happen to an incident or alarm from here on if nobody did anything."""
    return [db.to_struct(r, Step) for r in await connection.fetch(_queries["preview"].sql, subject_id)]


async def act(
    connection: db.Connection,
    viewer: Viewer,
    incident_id: uuid.UUID,
    action: str,
    body: Any,
    more: Mapping[str, object],
) -> tuple[int, int, list[str], int]:
    """One action with the fields of its body, and `more`: (version, operation, places that changed, row of the log)."""
    said = msgspec.to_builtins(body)
    channel, text = said.pop("channel"), said.pop("said", None)
    details = msgspec.json.encode({**said, **more}).decode() if said or more else None
    row = await connection.fetchrow(
        _queries["act"].sql, incident_id, viewer.account_id, viewer.seat_id, action, channel, text, details
    )
    assert row is not None
    return row["version"], row["operation"], row["places"], row["entry"]


async def watch(connection: db.Connection, viewer: Viewer, incident_id: uuid.UUID, *, is_watched: bool) -> None:
    await connection.execute(_queries["watch"].sql, incident_id, viewer.account_id, viewer.seat_id, is_watched)


async def rules(connection: db.Connection, operation: int) -> Rules:
    """The rules that hold for an operation."""
    rows = [dict(r) for r in await connection.fetch(_queries["rules"].sql, operation)]
    return Rules(rows[0]["operation"], rows[0]["version"], [from_row(r) for r in rows])


async def set_rules(
    connection: db.Connection, viewer: Viewer, operation: int, rows: str, made_from: int | None = None
) -> int:
    """A new version of an operation's rules; which. Conflict when by now there is another than it was made from."""
    who = (operation, viewer.account_id, viewer.seat_id)
    version: int = await connection.fetchval(_queries["set_rules"].sql, *who, rows, made_from)
    return version


async def taxonomy(connection: db.Connection, operation: int) -> Taxonomy:
    """What incidents of an operation can be about."""
    rows = [dict(r) for r in await connection.fetch(_queries["categories"].sql, operation)]
    stages = await connection.fetch(_queries["stages"].sql, operation)
    categories = [CategoryIn(r["code"], r["label_id"], r["label_en"]) for r in rows]
    return Taxonomy(rows[0]["version"], categories, [db.to_struct(r, Stage) for r in stages])


async def set_categories(connection: db.Connection, viewer: Viewer, operation: int, rows: str) -> int:
    """A new version of an operation's categories; which."""
    who = (operation, viewer.account_id, viewer.seat_id)
    version: int = await connection.fetchval(_queries["set_categories"].sql, *who, rows)
    return version


async def set_clock(
    connection: db.Connection, viewer: Viewer, operation: int, clock: tuple[datetime.datetime, float]
) -> int:
    """Sets a drill's clock to (moment, speed); returns the operation's version."""
    who = (operation, viewer.account_id, viewer.seat_id)
    version: int = await connection.fetchval(_queries["set_clock"].sql, *who, *clock)
    return version
