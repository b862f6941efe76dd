"""The typed face of sql/queries/readiness.sql."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.errors import AccountUnknown
from posko.readiness.guard import Guard, GuardIn, Pattern, Patterns, home_of
from posko.readiness.lists import require_known, require_single
from posko.readiness.ranking import Facts, Labels, Priority, Weight, Weights, reasons
from posko.readiness.team import Mark, Team, TeamIn
from posko.tables import Problems
from posko.terms import Level

_queries = db.queries("readiness")


class Actor(NamedTuple):
    """Who changes something, as the database's own check of the seat wants it."""

    account_id: int
    seat_id: int | None


class SetList(msgspec.Struct, frozen=True):
    """What a new list led to: how many stand on it now, how many were withdrawn."""

    version: int
    standing: int
    withdrawn: int
    places: list[str]


class Changed(msgspec.Struct, frozen=True):
    """`version` null: it was so already."""

    version: int | None
    operation: int
    places: list[str]


def actor(viewer: Viewer) -> Actor:
    return Actor(viewer.account_id, viewer.seat_id)


async def actor_named(connection: db.Connection, username: str, operation: int) -> Actor:
    """Whoever may set lists of the whole operation under this name; AccountUnknown when that is nobody."""
    row = await connection.fetchrow(_queries["seat_for"].sql, username, operation)
    if row is None:
        raise AccountUnknown(f"{username!r} has no seat as supervisor or admin over operation {operation}")
    return Actor(row["account_id"], row["seat_id"])


async def check_teams(
    connection: db.Connection, operation: int, code: str, items: list[tuple[int, TeamIn]], problems: Problems
) -> None:
    """Names the rows that the database would refuse: unknown regions and institutions, teams said twice."""
    inside = {i.place for _, i in items if _is_within(code, i.place)}
    known = await _known(connection, operation, inside, is_tps=False)
    require_known(items, "place", lambda i: [i.place], known, problems)
    require_known(items, "institution", lambda i: [i.institution], await _institutions(connection), problems)
    require_single(items, lambda i: (i.place, i.name.lower()), problems)


async def check_guards(
    connection: db.Connection, operation: int, code: str, items: list[tuple[int, GuardIn]], problems: Problems
) -> None:
    """Names the rows that the database would refuse: unknown TPS, institutions and accounts, guards said twice."""
    inside = {place for _, i in items for place in i.tps if _is_within(code, place)}
    known = await _known(connection, operation, inside, is_tps=True)
    require_known(items, "tps", lambda i: i.tps, known, problems)
    require_known(items, "institution", lambda i: [i.institution], await _institutions(connection), problems)
    names = {i.username for _, i in items if i.username is not None}
    found = await connection.fetch(_queries["guard_accounts"].sql, operation, code, list(names)) if names else []
    accounts = {row["username"] for row in found}
    require_known(items, "username", lambda i: [i.username] if i.username else [], accounts, problems)
    require_single(items, lambda i: (home_of(i.tps), i.name.lower()), problems)


def _is_within(code: str, place: str) -> bool:
    return code == "ID" or place == code or place.startswith(code + ".")


async def _known(connection: db.Connection, operation: int, codes: Collection[str], *, is_tps: bool) -> set[str]:
    rows = await connection.fetch(_queries["known_places"].sql, operation, list(codes))
    return {row["code"] for row in rows if (row["level"] == Level.tps) == is_tps}


async def _institutions(connection: db.Connection) -> set[str]:
    return {row["code"] for row in await connection.fetch(_queries["institutions"].sql)}


async def _one(connection: db.Connection, name: str, *arguments: Any) -> db.Record:
    """The one row of a function that answers or raises."""
    row = await connection.fetchrow(_queries[name].sql, *arguments)
    assert row is not None
    return row


async def set_teams(
    connection: db.Connection, who: Actor, operation: int, code: str, teams: Sequence[TeamIn]
) -> SetList:
    """Gives the poskos at and below a region these teams and no others."""
    text = msgspec.json.encode(teams).decode()
    row = await _one(connection, "set_teams", operation, *who, code, text)
    return db.to_struct(row, SetList)


async def set_guards(
    connection: db.Connection, who: Actor, operation: int, code: str, guards: Sequence[GuardIn]
) -> SetList:
    """Gives a region these guards and no others; guards that reach beyond it stay."""
    text = msgspec.json.encode(guards).decode()
    row = await _one(connection, "set_guards", operation, *who, code, text)
    return db.to_struct(row, SetList)


async def mark_team(connection: db.Connection, who: Actor, team: int, mark: Mark, *, is_so: bool) -> Changed:
    """Writes down that a team was briefed or is there, or takes it back."""
    row = await _one(connection, "mark_team", team, *who, mark, is_so)
    return Changed(row["version"], row["operation"], [row["place"]])


async def check_guard(
    connection: db.Connection, who: Actor, guard: int, places: Sequence[str] | None, *, is_in: bool
) -> Changed:
    """Writes down that a guard is at TPS, or has left them."""
    row = await _one(connection, "check_guard", guard, *who, places, is_in)
    return db.to_struct(row, Changed)


async def teams(
    connection: db.Connection,
    operation: int,
    code: str,
    *,
    without: Mark | None,
    after: tuple[str, int] | None,
    limit: int,
) -> list[Team]:
    place, team_id = after if after is not None else (None, None)
    rows = await connection.fetch(_queries["teams"].sql, operation, code, without, place, team_id, limit)
    return [db.to_struct(row, Team) for row in rows]


async def guards(
    connection: db.Connection,
    operation: int,
    code: str,
    *,
    missing: bool,
    tps: Sequence[str] | None,
    after: int | None,
    limit: int,
) -> list[Guard]:
    rows = await connection.fetch(_queries["guards"].sql, operation, code, missing, tps, after, limit)
    return [db.to_struct(dict(row) | {"posts": msgspec.json.decode(row["posts"])}, Guard) for row in rows]


async def patterns(connection: db.Connection, operation: int) -> Patterns:
    rows = await connection.fetch(_queries["patterns"].sql, operation)
    found = [Pattern(row["grade"], row["polri"], row["tps"], row["linmas"]) for row in rows]
    return Patterns(max((row["version"] for row in rows if not row["is_default"]), default=0), found)


async def set_patterns(
    connection: db.Connection, who: Actor, operation: int, new: Sequence[Pattern]
) -> tuple[int, list[str]]:
    """The operation's version, and the places to ring for."""
    text = msgspec.json.encode(new).decode()
    row = await _one(connection, "set_patterns", operation, *who, text)
    return row["version"], row["places"]


async def weights(connection: db.Connection, operation: int) -> Weights:
    rows = await connection.fetch(_queries["weights"].sql, operation)
    found = [Weight(row["code"], row["points"], row["most"]) for row in rows]
    return Weights(max((row["version"] for row in rows if not row["is_default"]), default=0), found)


async def set_weights(connection: db.Connection, who: Actor, operation: int, new: Sequence[Weight]) -> int:
    made: int = await connection.fetchval(
        _queries["set_weights"].sql, operation, *who, msgspec.json.encode(new).decode()
    )
    return made


async def priorities(
    connection: db.Connection, operation: int, code: str, limit: int
) -> tuple[list[Priority], int, bool]:
    """The TPS to go to first, for how many anything speaks, and whether something restricted is among the reasons."""
    rows = await connection.fetch(_queries["priorities"].sql, operation, code, limit)
    labels: Labels = {
        c["code"]: (c["label_id"], c["label_en"]) for c in await connection.fetch(_queries["categories"].sql, operation)
    }
    found = [_priority(row, labels) for row in rows]
    return found, rows[0]["total"] if rows else 0, any(row["is_restricted"] for row in rows)


def _priority(row: Any, labels: Labels) -> Priority:
    facts = msgspec.json.decode(row["facts"], type=Facts)
    return Priority(row["code"], row["name"], row["place_name"], row["score"], reasons(facts, labels))
