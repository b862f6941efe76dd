"""The curve: what the counters of a region were at each sample before which they had moved."""

from __future__ import annotations

import datetime
from typing import Final

import msgspec

PAGE_LIMIT: Final = 2_000
"""Points in one page: a day and a third by the minute."""
COUNTERS_LIMIT: Final = 80
"""Counters of one request; an operation keeps some fifty."""


class State(msgspec.Struct, frozen=True):
    """How far the curves of an operation have come.

    `names` are the counters that are kept, `depth` the lowest level that has a curve; `sampled_at` and `clock` are on
    the operation's clock, `pace_s` is on the wall's. `gap_from` and `gap_until` are pairs.
    """

    names: list[str]
    depth: int
    version: int
    sampled_at: datetime.datetime
    clock: datetime.datetime
    pace_s: float
    gap_from: list[datetime.datetime]
    gap_until: list[datetime.datetime]


class Gap(msgspec.Struct, frozen=True):
    """A stretch in which nobody sampled while something changed."""

    from_at: datetime.datetime
    until_at: datetime.datetime


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """Points of one region, in columns: at `at[i]`, in version `versions[i]`, counter `counters[k]` was `values[k][i]`.

    Between two points nothing moved; after the last, nothing until `sampled_at`. Times are on the operation's clock:
    `now` is what it shows. `kept` false: no curve is kept this far down. `next` is the `since` of the following page;
    null on the last. The first point may be older than `since`: it is the one that held then.
    """

    operation: int
    code: str
    layout: int
    kept: bool
    version: int
    sampled_at: datetime.datetime | None
    now: datetime.datetime
    pace_s: float
    """How often, on the wall clock, a sample is taken."""
    counters: list[str]
    at: list[datetime.datetime]
    versions: list[int]
    values: list[list[int]]
    gaps: list[Gap]
    next: datetime.datetime | None
