"""The operation: one activation of a posko network over one region tree, and the plan of its day."""

from __future__ import annotations

import datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko.regions.catalogue import Contest

Mode: TypeAlias = Literal["live", "drill"]
State: TypeAlias = Literal["draft", "active", "closed"]
Label: TypeAlias = Annotated[str, Meta(min_length=1, max_length=80)]
Clock: TypeAlias = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\\n)")]
"""Hours and minutes on a clock of no zone."""

STARTS_BEFORE_VOTING_DAYS: Final = 7
"""How long before the voting day an operation begins when nothing else is said."""


class Milestone(msgspec.Struct, frozen=True):
    """A point of the TPS day: `planned` local to the TPS, `day` counted from the voting day, late after the grace."""

    code: Annotated[str, Meta(pattern="^[a-z][a-z_]{1,40}$")]
    position: Annotated[int, Meta(ge=0, le=32767)]
    day: Annotated[int, Meta(ge=-7, le=30)]
    planned: Clock
    grace_minutes: Annotated[int, Meta(ge=0, le=10_080)]
    label_id: Label
    label_en: Label


class MilestoneEdit(msgspec.Struct, frozen=True):
    """What changes of a milestone; None leaves as it is."""

    position: int | None = None
    day: int | None = None
    planned: datetime.time | None = None
    grace_minutes: int | None = None
    label_id: str | None = None
    label_en: str | None = None


class NewOperation(msgspec.Struct, frozen=True):
    """An operation to be: `tps_estimated` when the division of TPS over kelurahan is not the owner's roster."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    mode: Mode
    root_code: str
    starts_on: datetime.date
    voting_day: datetime.date
    tps_estimated: bool


class Operation(msgspec.Struct, frozen=True):
    """An operation as it stands; `layout` moves when its slots, regions or TPS do."""

    id: int
    name: str
    mode: Mode
    state: State
    version: int
    layout: int
    root_code: str
    root_level: int
    starts_on: datetime.date
    voting_day: datetime.date
    tps_estimated: bool
    created_at: datetime.datetime
    activated_at: datetime.datetime | None = None
    closed_at: datetime.datetime | None = None
    restricts: int | None = None
    """The operation whose restricted lane this is."""
    restricted_lane: int | None = None
    """Where what is terbatas of this operation is read, like an operation of its own; null unless you are cleared."""


class OperationDetail(Operation, frozen=True, kw_only=True):
    """An operation with its milestones in order, its contests with their paslon, its counters' names slot by slot."""

    milestones: list[Milestone]
    contests: list[Contest]
    contests_published: bool = False
    """The contests are those of the Pilkada 2024 as published, not what the owner has said."""
    counters: list[str]
