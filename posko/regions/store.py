"""The typed face of sql/queries/regions.sql."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from posko import db, terms
from posko.errors import CounterUnknown, OperationUnknown, PlaceUnknown
from posko.regions.catalogue import Contest
from posko.regions.cells import Places, States
from posko.regions.finding import Asked
from posko.regions.operation import Milestone, MilestoneEdit, NewOperation, Operation
from posko.regions.region import Place, RegionIn, Row
from posko.regions.tps import Behind, Flag, TpsIn

_queries = db.queries("regions")

FLAGS_LIMIT: Final = 1_000
"""Flags of one place in one answer."""
REGION_COLUMNS: Final = ("code", "parent_code", "level", "name", "utc_offset")
TPS_COLUMNS: Final = (
    "code", "parent_code", "number", "voters_l", "voters_p", "address", "latitude", "longitude", "indicators",
    "police_grade", "polsek", "koramil",
)  # fmt: skip


async def operations(conn: db.Connection) -> list[Operation]:
    """Every operation, by id."""
    return [db.to_struct(r, Operation) for r in await conn.fetch(_queries["operations"].sql)]


async def operation(conn: db.Connection, operation_id: int) -> Operation:
    """One operation; OperationUnknown when there is none."""
    row = await conn.fetchrow(_queries["operation"].sql, operation_id)
    if row is None:
        raise OperationUnknown(f"there is no operation {operation_id}")
    return db.to_struct(row, Operation)


async def milestones(conn: db.Connection, operation_id: int) -> list[Milestone]:
    """The operation's milestones in the order of the day."""
    return [db.to_struct(r, Milestone) for r in await conn.fetch(_queries["milestones"].sql, operation_id)]


async def create_operation(
    conn: db.Connection, new: NewOperation, plan: Sequence[Milestone], contests: Sequence[Contest]
) -> int:
    """A draft operation with its counters laid out; returns its id."""
    made: int = await conn.fetchval(
        _queries["create_operation"].sql,
        new.name,
        new.mode,
        new.root_code,
        int(terms.level_of(new.root_code)),
        new.starts_on,
        new.voting_day,
        new.tps_estimated,
        msgspec.json.encode(plan).decode(),
        msgspec.json.encode(contests).decode(),
    )
    return made


async def load_regions(conn: db.Connection, operation_id: int, regions: Iterable[RegionIn]) -> int:
    """Gives a draft operation its tree, all or nothing, inside the caller's transaction; returns how many regions."""
    await conn.execute(_queries["stage_regions"].sql)
    records = (
        (r.code, r.parent_code, int(terms.level_of(r.code)), r.name, terms.utc_offset_of(r.code)) for r in regions
    )
    await conn.copy_records_to_table("staged_region", records=records, columns=REGION_COLUMNS)
    made: int = await conn.fetchval(_queries["load_regions"].sql, operation_id)
    return made


async def load_roster(conn: db.Connection, operation_id: int, rows: Iterable[TpsIn], *, estimated: bool) -> int:
    """Replaces the TPS of a draft operation, all or nothing, inside the caller's transaction; returns how many TPS."""
    await conn.execute(_queries["stage_tps"].sql)
    records = (tuple(getattr(t, column) for column in TPS_COLUMNS) for t in rows)
    await conn.copy_records_to_table("staged_tps", records=records, columns=TPS_COLUMNS)
    made: int = await conn.fetchval(_queries["load_roster"].sql, operation_id, estimated)
    return made


async def analyze(conn: db.Connection) -> None:
    """Tells the planner about freshly loaded tables."""
    await conn.execute(_queries["analyze"].sql)


async def activate(conn: db.Connection, operation_id: int) -> int:
    """Opens a draft for reports; returns its version."""
    version: int = await conn.fetchval(_queries["activate"].sql, operation_id)
    return version


async def close(conn: db.Connection, operation_id: int) -> int:
    """Ends an active operation; returns its version."""
    version: int = await conn.fetchval(_queries["close"].sql, operation_id)
    return version


async def set_milestone(conn: db.Connection, operation_id: int, code: str, edit: MilestoneEdit) -> int:
    """Edits a milestone, or adds one to a draft; whoever is late by the new plan is late in the same version."""
    version: int = await conn.fetchval(
        _queries["set_milestone"].sql, operation_id, code, *msgspec.structs.astuple(edit)
    )
    return version


async def drop_milestone(conn: db.Connection, operation_id: int, code: str) -> int:
    """Takes a milestone out of a draft; returns its version."""
    version: int = await conn.fetchval(_queries["drop_milestone"].sql, operation_id, code)
    return version


async def set_contests(conn: db.Connection, operation_id: int, contests: Sequence[Contest]) -> int:
    """Replaces the contests of a draft; returns its version."""
    said = msgspec.json.encode(contests).decode()
    version: int = await conn.fetchval(_queries["set_contests"].sql, operation_id, said)
    return version


async def tps_parents(conn: db.Connection, operation_id: int) -> frozenset[str]:
    """The codes of the places that a TPS may lie in: kelurahan, desa and dusun."""
    return frozenset(r["code"] for r in await conn.fetch(_queries["tps_parents"].sql, operation_id))


async def roster_page(conn: db.Connection, operation_id: int, after: str, limit: int) -> list[TpsIn]:
    """A page of the roster, by code."""
    return [db.to_struct(r, TpsIn) for r in await conn.fetch(_queries["roster"].sql, operation_id, after, limit)]


async def clock(conn: db.Connection) -> datetime.datetime:
    """The database's clock."""
    now: datetime.datetime = await conn.fetchval(_queries["clock"].sql)
    return now


async def place(conn: db.Connection, operation_id: int, code: str) -> Place:
    """A region or TPS of the operation; PlaceUnknown when there is none."""
    row = await conn.fetchrow(_queries["place"].sql, operation_id, code)
    if row is None:
        raise PlaceUnknown(f"there is no {code} in operation {operation_id}")
    return db.to_struct(row, Place)


async def rows(conn: db.Connection, place_id: int, *, since: int = -1) -> tuple[dict[str, str], list[Row]]:
    """Names by code, and the rows of a place and its children as far as they changed after a version."""
    found = await conn.fetch(_queries["rows"].sql, place_id, since)
    names = {r["code"]: r["name"] for r in found}
    return names, [Row(r["code"], r["version"], r["counters"], r["last_at"], r["own"]) for r in found]


async def grid_places(conn: db.Connection, operation_id: int, code: str, limit: int) -> Places:
    """Regions and TPS at and below a region; Invalid over so many TPS, PlaceUnknown where there is no such region."""
    [row] = await conn.fetch(_queries["grid_places"].sql, operation_id, code, limit)
    if row["regions"] is None:
        raise PlaceUnknown(f"there is no region {code} in operation {operation_id}")
    names = dict(zip(row["regions"], row["names"], strict=True))
    return Places(names, row["tps"] or [], row["grades"] or "", row["indicators"] or "")


async def grid_states(conn: db.Connection, at: Operation, code: str, *, since: int = -1) -> States:
    """How a region's TPS stand, as far as they changed after a version; in the transaction that read the operation."""
    [row] = await conn.fetch(_queries["grid_states"].sql, at.id, code, since)
    columns = (row[name] or [] for name in ("codes", "versions", "milestones", "rests", "last_at"))
    return States(at.version, at.layout, row["at"], *columns)


def milestones_among(slot_of: dict[str, int]) -> list[str]:
    """The milestones' codes in the order of their counters."""
    return [name.split(".")[1] for name in slot_of if name.startswith("milestone.") and name.endswith(".reached")]


async def slots(conn: db.Connection, operation_id: int) -> dict[str, int]:
    """The slot of each counter (from 1), in the order of the slots."""
    return {r["name"]: r["slot"] for r in await conn.fetch(_queries["slots"].sql, operation_id)}


def derivation(counter: str, slot_of: dict[str, int]) -> tuple[int, list[int]]:
    """The slot that a counter begins with and the slots to take off it: `uncovered` and `.unreported` are derived."""
    if counter in slot_of:
        return slot_of[counter], []
    if counter == "uncovered":
        return slot_of["tps"], [slot_of["covered"]]
    milestone, _, last = counter.rpartition(".")
    if last == "unreported" and f"{milestone}.reached" in slot_of:
        return slot_of["tps"], [slot_of[f"{milestone}.{part}"] for part in ("reached", "not_possible", "unreachable")]
    raise CounterUnknown(f"there is no counter {counter[:80]} here")


async def behind(
    conn: db.Connection, operation_id: int, code: str, counter: tuple[int, list[int]], page: tuple[str, int]
) -> list[Behind]:
    """A page (after, limit) of the places behind a number of a region, by code."""
    found = await conn.fetch(_queries["tps_behind"].sql, operation_id, code, *counter, *page)
    return [db.to_struct(r, Behind) for r in found]


async def tps(conn: db.Connection, operation_id: int, code: str) -> dict[str, Any]:
    """The roster and counters of one TPS; PlaceUnknown when there is none."""
    row = await conn.fetchrow(_queries["tps"].sql, operation_id, code)
    if row is None:
        raise PlaceUnknown(f"there is no TPS {code} in operation {operation_id}")
    return dict(row)


async def flags(conn: db.Connection, operation_id: int, code: str) -> list[Flag]:
    """The flags that one place has raised: those that stand, then those that are over, the last to end first."""
    return [db.to_struct(r, Flag) for r in await conn.fetch(_queries["flags"].sql, operation_id, code, FLAGS_LIMIT)]


async def find_places(conn: db.Connection, operation_id: int, asked: Asked, limit: int) -> list[tuple[Any, ...]]:
    """Code, level, name, and codes and names of the regions above, of each place that is meant."""
    words = " | ".join(f"{word}:*" for word in asked.words) or None
    arguments = (words, list(asked.words), asked.number, asked.code, asked.within, limit)
    return [tuple(row) for row in await conn.fetch(_queries["find_places"].sql, operation_id, *arguments)]
