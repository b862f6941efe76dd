"""The TPS: what the roster's owner says of it, and what stands behind a number."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

VOTERS_LIMIT: Final = 2000
"""Most men, or women, on one TPS' list; the law allows 600 voters together."""
PAGE_LIMIT: Final = 500
"""Most places in one page of the list behind a number."""

Indicator: TypeAlias = Literal[
    "hak_pilih", "keamanan", "kampanye", "netralitas", "logistik", "lokasi", "listrik_internet", "riwayat_psu"
]
"""Bawaslu's eight variables of a TPS rawan."""
Grade: TypeAlias = Literal["kurang_rawan", "rawan", "sangat_rawan", "khusus"]
"""The police's grade: another axis than Bawaslu's."""
Voters: TypeAlias = Annotated[int, Meta(ge=0, le=VOTERS_LIMIT)]


class TpsIn(msgspec.Struct, frozen=True):
    """One line of a roster; `voters_l` men and `voters_p` women on the DPT, coordinates in degrees (WGS 84)."""

    code: str
    number: int
    voters_l: int
    voters_p: int
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    indicators: tuple[str, ...] = ()
    police_grade: str | None = None
    polsek: str | None = None
    koramil: str | None = None

    @property
    def parent_code(self) -> str:
        """The kelurahan, desa or dusun that it lies in."""
        return self.code.rpartition(".")[0]


class Flag(msgspec.Struct, frozen=True, omit_defaults=True):
    """A doubt about one subject, the report that raises it, and since when.

    How it was settled; when it stood no more, and the report that overtook it (none: the day of the place began anew).
    """

    kind: str
    subject: str
    report_id: uuid.UUID
    raised_at: datetime.datetime | None = None
    cleared_at: datetime.datetime | None = None
    cleared_by: str | None = None
    reason: str | None = None
    ended_at: datetime.datetime | None = None
    ended_by: uuid.UUID | None = None


class Tps(msgspec.Struct, frozen=True, kw_only=True):
    """One TPS: roster, counters by the names of its operation, flags that stand; `utc_offset` hours east of UTC."""

    operation: int
    operation_version: int
    layout: int
    at: datetime.datetime
    tps_estimated: bool
    code: str
    name: str
    number: int
    utc_offset: int
    voters_l: int
    voters_p: int
    address: str | None
    latitude: float | None
    longitude: float | None
    indicators: list[str]
    police_grade: str | None
    polsek: str | None
    koramil: str | None
    version: int
    last_at: datetime.datetime | None
    counters: list[int]
    flags: list[Flag]
    past_flags: list[Flag]
    """Those that stood once: another report counts now."""


class Behind(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place that a number is made of, and how much of it; a region stands for what was filed for itself.

    `parent_name` is the region that it lies in, `voters_l` and `voters_p` the DPT of a TPS.
    """

    code: str
    level: int
    name: str
    utc_offset: int
    value: int
    version: int
    last_at: datetime.datetime | None = None
    parent_name: str | None = None
    voters_l: int | None = None
    voters_p: int | None = None


class BehindPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the places behind a number, by code: over all pages their values add up to `total`."""

    operation: int
    version: int
    layout: int
    at: datetime.datetime
    tps_estimated: bool
    code: str
    counter: str
    total: int
    places: list[Behind]
    next: str | None
    """Where the next page begins, as `after`; null: this was the last."""
