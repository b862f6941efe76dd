"""Guards and their TPS, and how many of them the police's grade of a TPS asks for."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms
from posko.accounts.account import Username
from posko.readiness.team import Institution
from posko.regions.tps import Grade

POSTS_LIMIT: Final = 60
"""TPS of one guard."""

TpsCode: TypeAlias = Annotated[str, Meta(pattern=terms.CODE_PATTERN)]


class GuardIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One guard of a list: a person or a unit by a label (no NIK), and the TPS that it guards."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=terms.LINE_PATTERN)]
    institution: Institution
    members: Annotated[int, Meta(ge=1, le=200)]
    tps: Annotated[list[TpsCode], Meta(min_length=1, max_length=POSTS_LIMIT)]
    username: Username | None = None
    """Whose account may check this guard in, beside the desks."""
    phone: Annotated[str, Meta(pattern=r"^[+]?[0-9]{6,15}$(?!\n)")] | None = None


def home_of(tps: Sequence[str]) -> str:
    """The lowest region that holds all these TPS, where a guard's name is known; of one TPS its parent."""
    first, *others = tps
    return next(a for a in list(terms.ancestors(first))[1:] if all(terms.contains(a, code) for code in others))


class Post(msgspec.Struct, frozen=True):
    """A guard's TPS; whether they came, whether they left."""

    place: str
    checked_in_at: datetime.datetime | None
    left_at: datetime.datetime | None


class Guard(msgspec.Struct, frozen=True):
    """A standing guard with those of its TPS that lie in the region asked for; `phone` for desks only."""

    id: int
    name: str
    members: int
    institution: str
    username: str | None
    phone: str | None
    posts: list[Post]
    version: int


class GuardPage(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Guard]
    next: int | None


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At which TPS; null: at all that you may speak for."""

    places: Annotated[list[TpsCode], Meta(min_length=1, max_length=POSTS_LIMIT)] | None = None


class Pattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a grade asks for: so many polri and so many linmas for every `tps` TPS (Polri-TPS-Linmas, such as 2-4-8)."""

    grade: Grade
    polri: Annotated[int, Meta(ge=0, le=200)]
    tps: Annotated[int, Meta(ge=1, le=60)]
    linmas: Annotated[int, Meta(ge=0, le=600)]


class NewPatterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns to be, one of a grade; a grade that is not among them asks for nobody."""

    patterns: Annotated[list[Pattern], Meta(min_length=1, max_length=4)]


class Patterns(msgspec.Struct, frozen=True):
    """What holds now; version 0: the operation has none of its own, these are the defaults."""

    version: int
    patterns: list[Pattern]
