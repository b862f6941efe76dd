"""What a process must know of an operation to judge a report without a query."""

from __future__ import annotations

import datetime

import msgspec

from posko import db
from posko.terms import ancestors


class Subject(msgspec.Struct, frozen=True):
    """What a report can be about; its counters are the slots `base + 1 .. base + width` of every rollup."""

    id: int
    name: str
    kind: str
    base: int
    width: int


class Paslon(msgspec.Struct, frozen=True):
    """A pair of candidates and its number on the ballot; the kotak kosong is one like any."""

    number: int
    name: str
    is_empty_box: bool = False


class Contest(msgspec.Struct, frozen=True):
    """One ballot paper: its kind, the region that it elects for (level 1 provinsi, 2 kabkota), its paslon by number."""

    id: int
    kind: str
    region_code: str
    region_level: int
    paslon: tuple[Paslon, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The ballot numbers, ascending."""
        return tuple(p.number for p in self.paslon)


class Catalogue(msgspec.Struct, frozen=True):
    """One operation at one layout; `counters` names the slots in order: the name of slot n is `counters[n - 1]`."""

    operation: int
    name: str
    mode: str
    state: str
    version: int
    layout: int
    root_code: str
    voting_day: datetime.date
    starts_on: datetime.date
    subjects: dict[str, Subject]
    milestones: frozenset[str]
    contests: dict[tuple[str, str], Contest]
    """By (kind, region code)."""
    counters: tuple[str, ...]
    categories: frozenset[str] = frozenset()
    """What incidents can be about."""
    restricts: int | None = None
    """The operation whose restricted lane this is."""
    lane: int | None = None
    """Its own restricted lane."""
    name_key: bytes = b""
    """Keys the digests of names in its reports: as loaded, the operation's salt (gone when the names are)."""

    def contest_of(self, kind: str, place: str) -> Contest | None:
        """The contest of this kind that is voted on at a place: one look-up per level of the place's code."""
        for code in ancestors(place):
            if contest := self.contests.get((kind, code)):
                return contest
        return None


async def load(conn: db.Connection, operation: int) -> Catalogue | None:
    """The catalogue of an operation as one statement sees it; None when there is no such operation."""
    row = await conn.fetchrow(db.queries("regions")["catalogue"].sql, operation)
    if row is None:
        return None
    decode = msgspec.json.decode
    subjects = decode(row["subjects"], type=list[Subject])
    contests = decode(row["contests"], type=list[Contest])
    return Catalogue(
        operation=row["id"],
        name=row["name"],
        mode=row["mode"],
        state=row["state"],
        version=row["version"],
        layout=row["layout"],
        root_code=row["root_code"],
        voting_day=row["voting_day"],
        starts_on=row["starts_on"],
        subjects={s.name: s for s in subjects},
        milestones=frozenset(row["milestones"]),
        contests={(c.kind, c.region_code): c for c in contests},
        counters=tuple(row["counters"]),
        categories=frozenset(row["categories"]),
        restricts=row["restricts"],
        lane=row["lane"],
        name_key=row["name_salt"],
    )


async def load_all(conn: db.Connection) -> list[tuple[int, str, int, int]]:
    """Every operation as (id, state, layout, version), by id: what a process asks once a second."""
    rows = await conn.fetch(db.queries("regions")["versions"].sql)
    return [(r["id"], r["state"], r["layout"], r["version"]) for r in rows]
