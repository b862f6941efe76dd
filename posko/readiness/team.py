"""Teams of the poskos: briefed before the day, there on it."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms

Mark: TypeAlias = Literal["briefing", "presence"]
Label: TypeAlias = Annotated[str, Meta(min_length=1, max_length=80, pattern=terms.LINE_PATTERN)]
Institution: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{1,30}$(?!\n)")]


class TeamIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One team of a list: the region whose posko it belongs to, its name there, how many people, who sends it."""

    place: Annotated[str, Meta(pattern=terms.CODE_PATTERN)]
    name: Label
    members: Annotated[int, Meta(ge=1, le=500)]
    institution: Institution


class Team(msgspec.Struct, frozen=True):
    """A standing team; `briefed_at` and `present_at` are in the operation's time."""

    id: int
    place: str
    place_name: str
    name: str
    members: int
    institution: str
    briefed_at: datetime.datetime | None
    briefed_by: str | None
    present_at: datetime.datetime | None
    present_by: str | None
    version: int


class TeamPage(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Team]
    next: str | None
