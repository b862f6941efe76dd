"""The typed face of sql/queries/silence.sql."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Final

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.silence.silence import (
    Alarm,
    ClockNow,
    Duty,
    DutyIn,
    Excused,
    Obligation,
    Outage,
    OutageIn,
    State,
    Told,
    TurnoutHint,
)

_queries = db.queries("silence")
_told: Final = msgspec.json.Decoder(list[Told])


async def obligations(connection: db.Connection, operation: int, code: str) -> list[Obligation]:
    """What a TPS owes, in the order of the day; empty when there is no such TPS, or nothing is owed."""
    return [_obligation(r) for r in await connection.fetch(_queries["obligations"].sql, operation, code)]


async def clock(connection: db.Connection, operation: int) -> datetime.datetime:
    """What time it is in an operation: a drill may be played at another hour."""
    now: datetime.datetime = await connection.fetchval(_queries["clock"].sql, operation)
    return now


async def clock_now(connection: db.Connection, operation: int) -> ClockNow:
    """What time it is in an operation, and how many of its seconds pass in one."""
    row = await connection.fetchrow(_queries["clock_now"].sql, operation)
    assert row is not None
    return db.to_struct(row, ClockNow)


def _obligation(row: Any) -> Obligation:
    said = row["reached"] is not None
    return Obligation(
        row["milestone"],
        row["label_id"],
        row["label_en"],
        row["planned_at"],
        row["due_at"],
        _state(row),
        row["met_at"] if said else None,
        row["met_by"] if said else None,
        row["excused_why"],
        row["excused_by"],
        row["excused_at"],
        row["revote"],
        row["vote_on"],
    )


def _state(row: Any) -> State:
    if row["reached"] is not None:
        return "not_possible" if not row["reached"] else "late" if row["is_late"] else "met"
    if row["is_unreachable"]:
        return "unreachable"
    if row["excused_why"] is not None:
        return "excused"
    return "overdue" if row["is_overdue"] else "pending"


async def turnout(connection: db.Connection, operation: int, code: str) -> list[TurnoutHint]:
    """Turnout of a region's children (or of the one TPS), as said and as hinted."""
    return [db.to_struct(r, TurnoutHint) for r in await connection.fetch(_queries["turnout"].sql, operation, code)]


async def excuse(
    connection: db.Connection,
    viewer: Viewer,
    operation: int,
    place: tuple[str, str],
    reason: str | None,
    *,
    approval: int | None = None,
) -> tuple[Excused, list[str]]:
    """Excuses the TPS at and below a code from a milestone, or (no reason) takes that back; and which changed."""
    code, milestone = place
    who = (operation, viewer.account_id, viewer.seat_id)
    row = await connection.fetchrow(_queries["excuse"].sql, *who, code, milestone, reason, approval)
    assert row is not None
    return Excused(row["changed"], row["version"]), row["places"]


async def declare_outage(
    connection: db.Connection, viewer: Viewer, outage_id: uuid.UUID, operation: int, said: OutageIn | None
) -> int:
    """Declares an outage, or (nothing said) ends it; returns the operation's version."""
    told = (None, None, None, None) if said is None else (said.place, said.kind, said.reason, said.until)
    who = (viewer.account_id, viewer.seat_id)
    version: int = await connection.fetchval(_queries["declare_outage"].sql, outage_id, operation, *who, *told)
    return version


async def outage_place(connection: db.Connection, outage_id: uuid.UUID) -> tuple[int, str] | None:
    """Operation and place of an outage."""
    row = await connection.fetchrow(_queries["outage_place"].sql, outage_id)
    return None if row is None else (row["operation"], row["place"])


async def outages(connection: db.Connection, operation: int) -> list[Outage]:
    """The outages in reach, those that stand first; at most 200."""
    return [db.to_struct(r, Outage) for r in await connection.fetch(_queries["outages"].sql, operation)]


async def alarms(
    connection: db.Connection,
    operation: int,
    region: str,
    wanted: tuple[str | None, bool | None, int | None],
    page: tuple[datetime.datetime | None, uuid.UUID | None, int],
) -> list[Alarm]:
    """Alarms at and below a region, the last opened first; `wanted` is (kind, is open, changed after version)."""
    rows = await connection.fetch(_queries["alarms"].sql, operation, region, *wanted, *page)
    return [msgspec.convert({**r, "told": _told.decode(r["told"])}, Alarm) for r in rows]


async def alarm_place(connection: db.Connection, alarm_id: uuid.UUID) -> str | None:
    row = await connection.fetchrow(_queries["alarm_place"].sql, alarm_id)
    return None if row is None else row["place"]


async def acknowledge(
    connection: db.Connection, viewer: Viewer, alarm_id: uuid.UUID, said: str | None
) -> tuple[int, int, str]:
    """Somebody looks into it: (version, operation, place)."""
    arguments = (alarm_id, viewer.account_id, viewer.seat_id, said)
    row = await connection.fetchrow(_queries["acknowledge_alarm"].sql, *arguments)
    assert row is not None
    return row["version"], row["operation"], row["place"]


async def tap_presence(connection: db.Connection, viewer: Viewer, shift_id: int) -> str | None:
    """Whoever is on duty is there; the desk, or None when that shift is not theirs."""
    place: str | None = await connection.fetchval(_queries["tap_presence"].sql, shift_id, viewer.account_id)
    return place


async def duties(connection: db.Connection, operation: int) -> list[Duty]:
    return [db.to_struct(r, Duty) for r in await connection.fetch(_queries["duties"].sql, operation)]


async def set_duty(connection: db.Connection, viewer: Viewer, operation: int, level: int, said: DutyIn) -> int:
    """How many desks owe it from now on (or no more)."""
    who = (operation, viewer.account_id, viewer.seat_id)
    made: int = await connection.fetchval(_queries["set_duty"].sql, *who, level, said.first_at, said.every_minutes)
    return made
