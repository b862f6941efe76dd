"""The region: a place of the tree above the TPS, and the rows of counters that a screen shows of it."""

from __future__ import annotations

import datetime

import msgspec

from posko import terms


class RegionIn(msgspec.Struct, frozen=True):
    """A region to load: its place in the tree follows from its code."""

    code: str
    name: str

    @property
    def parent_code(self) -> str | None:
        """The code one level up; None for the nation."""
        if self.code == terms.NATION:
            return None
        return self.code.rpartition(".")[0] or terms.NATION


class Place(msgspec.Struct, frozen=True):
    """A region or TPS of an operation: `id` is internal, `utc_offset` hours east of UTC."""

    id: int
    code: str
    level: int
    name: str
    utc_offset: int


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """Counters of one place at the version that last changed them; shorter than the names: the rest is 0."""

    code: str
    version: int
    counters: list[int]
    last_at: datetime.datetime | None = None
    """When the last report below it was received, by the operation's clock."""
    own: list[int] | None = None
    """What was filed for the region itself; left out when nothing was."""


class Snapshot(msgspec.Struct, frozen=True):
    """A region's row, then its children's in code order, all at one version; names by code."""

    operation: int
    version: int
    layout: int
    at: datetime.datetime
    tps_estimated: bool
    names: dict[str, str]
    counters: list[str]
    rows: list[Row]


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """The whole rows of a region and its children that changed after version `from`, up to version `to`."""

    operation: int
    since: int = msgspec.field(name="from")
    to: int
    layout: int
    at: datetime.datetime
    rows: list[Row]
