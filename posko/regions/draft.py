"""Setting up an operation over HTTP: what may be asked, and how it is written, by functions that look the seat up."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from posko import db, terms
from posko.accounts.account import Viewer
from posko.errors import PlaceUnknown, Unavailable, broken
from posko.regions import create, preset, roster
from posko.regions.catalogue import Contest
from posko.regions.operation import (
    STARTS_BEFORE_VOTING_DAYS,
    Clock,
    MilestoneEdit,
    Mode,
    NewOperation,
    Operation,
)
from posko.regions.region import RegionIn
from posko.regions.tps import TpsIn

ROSTER_LIMIT_BYTES: Final = 12 * 1024 * 1024
"""Longest roster over HTTP; deploy/Caddyfile lets 16 MB through."""
ROSTER_LIMIT_TPS: Final = 100_000
"""Most TPS of an operation that is set up over HTTP: the largest province has 74,000. The nation is the CLI's job."""
SAMPLE_TPS: Final = 3
YEARS: Final = (2000, 2099)
TIMEOUT_S: Final = 180.0
"""For one statement that writes a whole province."""
FOLD_LIMIT_S: Final = 8.0
"""For a statement that reports wait for: less than they wait (POSKO_COMMIT_TIMEOUT_S); longer: the CLI's job."""
AT_ONCE: Final = 1
WAITING_LIMIT: Final = 4

_queries = db.queries("regions")

Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=terms.LINE_PATTERN)]
Label = Annotated[str, Meta(min_length=1, max_length=80, pattern=terms.LINE_PATTERN)]


class SetUpBusy(Unavailable):
    """Other operations are being set up; try again in a moment"""


class OperationIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operation to be: of a preset, with its estimated TPS, or of a root, which then waits for its roster."""

    name: Name
    mode: Mode
    voting_day: datetime.date
    preset: Annotated[str, Meta(max_length=60)] | None = None
    root: Annotated[str, Meta(pattern=terms.CODE_PATTERN)] | None = None
    starts_on: datetime.date | None = None
    """Null: seven days before."""
    dusun: Literal["perkiraan"] | None = None
    """An estimate of two or three dusun below every desa, named as such; null: none."""


class MilestonePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes of a milestone; what is left out stays. A new one needs `position`, `planned` and `label_id`."""

    position: Annotated[int, Meta(ge=0, le=32_767)] | None = None
    """Order in the day; in a draft only."""
    day: Annotated[int, Meta(ge=-7, le=30)] | None = None
    """0 is the voting day."""
    planned: Clock | None = None
    """HH:MM, local to the TPS."""
    grace_minutes: Annotated[int, Meta(ge=0, le=10_080)] | None = None
    label_id: Label | None = None
    label_en: Label | None = None

    def edit(self) -> MilestoneEdit:
        """The same, as the store takes it."""
        hour = None if self.planned is None else datetime.time.fromisoformat(self.planned)
        return MilestoneEdit(self.position, self.day, hour, self.grace_minutes, self.label_id, self.label_en)

    def told(self) -> str:
        """What the log of who did what says of it."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return ", ".join(f"{name} {value}" for name, value in given.items())


class SetUp(msgspec.Struct, frozen=True):
    """An operation that you may set up, and what it is made of; `regions` is counted while it is a draft."""

    operation: Operation
    root_name: str
    regions: int | None
    tps: int
    voters_l: int
    voters_p: int


class Workshop:
    """Lets one operation at a time be built: who sets up must not hold up who reports."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[asyncio.Semaphore]:
        """A place among those who wait, and the turn to be had in it; SetUpBusy when there is none."""
        if self._waiting >= WAITING_LIMIT:
            raise SetUpBusy(retry_after_s=10.0)
        self._waiting += 1
        try:
            yield self._turn
        finally:
            self._waiting -= 1

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One's turn; SetUpBusy when others wait already."""
        async with self.place() as turn, turn:
            yield


def blueprint(asked: OperationIn) -> create.Blueprint:
    """What an operation is to be made of; takes a second or two for a province. Invalid, or PlaceUnknown."""
    root = root_of(asked)
    regions = preset.regions_of(root)
    if not regions:
        raise PlaceUnknown(f"there is no {root} here")
    dusun = preset.estimated_dusun(regions) if asked.dusun else []
    if asked.preset is not None:
        return create.blueprint_of(asked.preset, dusun)
    return create.Blueprint([*regions, *dusun], [], preset.milestones(), preset.contests_of(root))


def root_of(asked: OperationIn) -> str:
    """The code of the region at the top; Invalid where both or none are named, or it is more than HTTP builds."""
    if (asked.preset is None) == (asked.root is None):
        raise broken("$.root", "preset-or-root", "name either a preset or a root")
    if asked.preset is not None and asked.preset not in preset.PRESETS:
        raise broken("$.preset", "preset-known", f"there are: {', '.join(sorted(preset.PRESETS))}")
    root = asked.root or preset.PRESETS[asked.preset or ""].root
    if terms.level_of(root) > terms.Level.kelurahan:
        raise broken("$.root", "root-region", f"{root} is no region that an operation is made of")
    if root == terms.NATION:
        field = "$.root" if asked.preset is None else "$.preset"
        raise broken(field, "nation-by-command", "the nation is made by the command `posko operation create`")
    return root


def new_operation(asked: OperationIn) -> NewOperation:
    """What is asked for, its first day worked out; Invalid when its days make no sense."""
    if not YEARS[0] <= asked.voting_day.year <= YEARS[1]:
        raise broken("$.voting_day", "years", f"lies outside of {YEARS[0]} to {YEARS[1]}")
    starts_on = asked.starts_on or asked.voting_day - datetime.timedelta(days=STARTS_BEFORE_VOTING_DAYS)
    if not asked.voting_day - datetime.timedelta(days=366) <= starts_on <= asked.voting_day:
        raise broken("$.starts_on", "starts-before-voting", "an operation starts at most a year before its voting day")
    name = asked.name.strip()
    return NewOperation(name, asked.mode, root_of(asked), starts_on, asked.voting_day, asked.preset is not None)


def encoded_regions(regions: Sequence[RegionIn]) -> str:
    """Regions as JSON, for api.make_draft."""
    rows = [
        {
            "code": r.code,
            "parent_code": r.parent_code,
            "level": int(terms.level_of(r.code)),
            "name": r.name,
            "utc_offset": terms.utc_offset_of(r.code),
        }
        for r in regions
    ]
    return msgspec.json.encode(rows).decode()


def parsed_roster(data: bytes, places: frozenset[str]) -> list[TpsIn]:
    """The TPS of a table; TableRefused where a line is bad, Invalid where they are more than HTTP takes."""
    # Counted before they are read: no cell of a roster holds a line break.
    rows = [] if data.count(b"\n") > 2 * ROSTER_LIMIT_TPS else roster.parse(data, places)
    if not rows or len(rows) > ROSTER_LIMIT_TPS:
        said = f"lebih dari {ROSTER_LIMIT_TPS} baris: pakai perintah `posko roster load`"
        raise broken(f"$.rows[{ROSTER_LIMIT_TPS + 2}].", "jumlah-baris", said)
    return rows


def sample_roster(places: frozenset[str]) -> list[TpsIn]:
    """What a roster to fill in begins with: the first TPS of the first places that have some, nobody in them yet."""
    return [TpsIn(f"{place}.001", 1, 0, 0) for place in sorted(places)[:SAMPLE_TPS]]


def encoded_tps(rows: Sequence[TpsIn]) -> str | None:
    """TPS as JSON, for api.make_draft and api.replace_roster; None for none."""
    return msgspec.json.encode(rows).decode() if rows else None


async def make(conn: db.Connection, viewer: Viewer, new: NewOperation, plan: tuple[str, str, str, str | None]) -> int:
    """A draft; `plan` is its milestones, contests, regions and TPS as JSON. Its id."""
    said = (new.name, new.mode, new.root_code, int(terms.level_of(new.root_code)), new.starts_on, new.voting_day)
    made: int = await conn.fetchval(_queries["make_draft"].sql, *_seat(viewer), *said, *plan, timeout=TIMEOUT_S)
    return made


async def drop(conn: db.Connection, viewer: Viewer, operation: int) -> None:
    """Deletes a draft with all that it is made of; Conflict for what is none, or of what somebody has a seat."""
    await conn.execute(_queries["drop_draft"].sql, *_seat(viewer), operation, timeout=TIMEOUT_S)


async def replace_roster(conn: db.Connection, viewer: Viewer, operation: int, rows: str | None) -> int:
    """All TPS of a draft, anew; how many."""
    who = _seat(viewer)
    made: int = await conn.fetchval(_queries["replace_roster"].sql, *who, operation, rows, timeout=TIMEOUT_S)
    return made


async def plan_milestone(conn: db.Connection, viewer: Viewer, operation: int, code: str, plan: MilestonePlan) -> int:
    """Edits or adds a milestone; the operation's version. An active operation is folded again in it."""
    said = (*_seat(viewer), operation, code, *msgspec.structs.astuple(plan.edit()))
    version: int = await conn.fetchval(_queries["plan_milestone"].sql, *said, timeout=FOLD_LIMIT_S)
    return version


async def unplan_milestone(conn: db.Connection, viewer: Viewer, operation: int, code: str) -> int:
    """Takes a milestone out of a draft; the operation's version."""
    version: int = await conn.fetchval(_queries["unplan_milestone"].sql, *_seat(viewer), operation, code)
    return version


async def plan_contests(conn: db.Connection, viewer: Viewer, operation: int, contests: Sequence[Contest]) -> int:
    """Replaces the contests of a draft; the operation's version."""
    said = (*_seat(viewer), operation, msgspec.json.encode(contests).decode())
    version: int = await conn.fetchval(_queries["plan_contests"].sql, *said)
    return version


async def open_operation(conn: db.Connection, viewer: Viewer, operation: int) -> int:
    """Opens a draft for reports; its version."""
    version: int = await conn.fetchval(_queries["open_operation"].sql, *_seat(viewer), operation, timeout=TIMEOUT_S)
    return version


async def end_operation(conn: db.Connection, viewer: Viewer, operation: int) -> int:
    """Ends an active operation; its version."""
    version: int = await conn.fetchval(_queries["end_operation"].sql, *_seat(viewer), operation)
    return version


async def made_of(conn: db.Connection, operations: Sequence[Operation]) -> list[SetUp]:
    """What operations are made of, by id."""
    by_id = {o.id: o for o in operations}
    found: list[Any] = await conn.fetch(_queries["made_of"].sql, list(by_id))
    return [SetUp(by_id[r["id"]], *(r[name] for name in SetUp.__struct_fields__[1:])) for r in found]


def _seat(viewer: Viewer) -> tuple[int, int | None]:
    return viewer.account_id, viewer.seat_id
