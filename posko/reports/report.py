"""The report: what a client may send, and what it means for the counters of its place."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko.errors import Problem
from posko.terms import CODE_PATTERN, TEXT_PATTERN

NUMBER_LIMIT: Final = 2000
"""Largest number about one TPS (it has at most 600 voters); keeps every sum of the nation within 32 bits."""

PHOTO_LIMIT_BYTES: Final = 8 * 1024 * 1024
PHOTOS_LIMIT: Final = 4
"""Photos that one report may promise."""
VOICE_LIMIT_BYTES: Final = 1024 * 1024
VOICE_LIMIT_S: Final = 60
"""Longest voice note, as its recorder says."""
SKEW_LIMIT_S: Final = 2_147_483_647
"""A device whose battery was out thinks that it is 1970."""
SHA256_PATTERN: Final = r"^[0-9a-f]{64}$(?!\n)"

Number: TypeAlias = Annotated[int, Meta(ge=0, le=NUMBER_LIMIT)]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2000, pattern=TEXT_PATTERN)]
Reason: TypeAlias = Annotated[str, Meta(min_length=3, max_length=500, pattern=TEXT_PATTERN)]
Person: TypeAlias = Annotated[str, Meta(min_length=1, max_length=120, pattern=TEXT_PATTERN)]
Moment: TypeAlias = Annotated[datetime.datetime, Meta(tz=True)]
ContestKind: TypeAlias = Literal["gubernur", "bupati_walikota"]
Severity: TypeAlias = Literal["rendah", "sedang", "tinggi", "kritis"]
SEVERITIES: Final = ("rendah", "sedang", "tinggi", "kritis")
Holder: TypeAlias = Literal["kelurahan", "tps", "perjalanan", "pps", "ppk"]
HOLDERS: Final = ("kelurahan", "tps", "perjalanan", "pps", "ppk")
CATEGORY_PATTERN: Final = r"^[a-z][a-z_]{1,30}([.][a-z][a-z_]{1,30})?$(?!\n)"
Category: TypeAlias = Annotated[str, Meta(pattern=CATEGORY_PATTERN)]
"""One of the operation's categories: a main one, or one of its own kinds after a dot."""
FlagKind: TypeAlias = Literal[
    "turnout_over",
    "votes_sum",
    "votes_users",
    "early",
    "time_future",
    "time_before",
    "falling",
    "berbeda",
    "misdirected",
    "dpt_over",
    "disabled_over",
    "before_open",
    "seal_whole",
]


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"):
    pass


class Promised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A photo that comes after the report: the SHA-256 and length in bytes of the file as it will be sent."""

    sha256: Annotated[str, Meta(pattern=SHA256_PATTERN)]
    bytes: Annotated[int, Meta(ge=1, le=PHOTO_LIMIT_BYTES)]


class PromisedVoice(Promised, frozen=True, forbid_unknown_fields=True):
    """A voice note that comes after the report, and how long it is."""

    bytes: Annotated[int, Meta(ge=1, le=VOICE_LIMIT_BYTES)]
    seconds: Annotated[int, Meta(ge=1, le=VOICE_LIMIT_S)]


Photos: TypeAlias = Annotated[list[Promised], Meta(max_length=PHOTOS_LIMIT)]


class Milestone(_Content, frozen=True, tag="milestone"):
    """A point of the TPS day was reached at `observed_at` - or will not be, and why."""

    milestone: Annotated[str, Meta(max_length=41)]
    possible: bool = True
    reason: Reason | None = None
    photos: Photos = []
    voice: PromisedVoice | None = None


class Sexes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People: `l` laki-laki, `p` perempuan."""

    l: Number  # noqa: E741
    p: Number


class Turnout(_Content, frozen=True, tag="turnout"):
    """Voters who have voted so far, by list and sex; the disabled are among them."""

    dpt: Sexes
    dptb: Sexes
    dpk: Sexes
    disabled: Sexes = Sexes(0, 0)


class Ballots(_Content, frozen=True, tag="ballots"):
    """Ballot papers of one contest."""

    contest: ContestKind
    received: Number
    used: Number
    spoilt: Number
    unused: Number


class Count(_Content, frozen=True, tag="count"):
    """Votes of one contest: by paslon number (every paslon of the contest), valid and invalid."""

    contest: ContestKind
    votes: dict[Annotated[int, Meta(ge=1, le=20)], Number]
    valid: Number
    invalid: Number
    photos: Photos = []
    voice: PromisedVoice | None = None


class Custody(_Content, frozen=True, tag="custody"):
    """Who holds the ballot box now, and whether its seal is whole."""

    holder: Holder
    sealed: bool
    note: Text | None = None
    photos: Photos = []
    voice: PromisedVoice | None = None


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody whom a report names. Names are kept apart, so that they can be erased: write none in texts."""

    part: Literal["pelapor", "korban", "saksi", "terlapor", "petugas", "lain"]
    name: Person


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place on the map, in degrees (WGS 84)."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Incident(_Content, frozen=True, tag="incident"):
    """Something is wrong: terjadi (happened), sedang (going on) or potensi (will occur)."""

    category: Category
    severity: Severity
    occurrence: Literal["terjadi", "sedang", "potensi"]
    text: Text
    people: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    joins: uuid.UUID | None = None
    """The incident that it tells more of; else it opens one, whose id is this report's."""
    point: Point | None = None
    persons: Annotated[list[Named], Meta(max_length=10)] = []
    photos: Photos = []
    voice: PromisedVoice | None = None


class Nihil(_Content, frozen=True, tag="nihil"):
    """Nothing to report, said on purpose."""

    note: Text | None = None


class Attempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One try to reach a place."""

    at: Moment
    how: Literal["telepon", "radio", "whatsapp", "sms", "kurir", "lain"]


class Unreachable(_Content, frozen=True, tag="unreachable"):
    """The place could not be reached."""

    attempts: Annotated[list[Attempt], Meta(min_length=1, max_length=20)]
    note: Text | None = None


Photographed: TypeAlias = Milestone | Count | Custody | Incident
"""What may promise photos and a voice note."""

Said: TypeAlias = Milestone | Turnout | Ballots | Count | Custody | Incident | Nihil | Unreachable


class Correction(_Content, frozen=True, tag="correction"):
    """Report `of` was wrong, and why; `replacement` says what is right, none only withdraws."""

    of: uuid.UUID
    reason: Reason
    replacement: Said | None = None


Content: TypeAlias = Milestone | Turnout | Ballots | Count | Custody | Incident | Nihil | Unreachable | Correction


class ReportIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One report as a client says it; `observed_at` is the reporter's clock and bears its offset."""

    operation: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    place: Annotated[str, Meta(pattern=CODE_PATTERN)]
    observed_at: Moment
    content: Content
    channel: Literal["app", "desk", "sms", "whatsapp", "telegram", "radio", "telepon", "api"] = "app"
    on_behalf_of: Person | None = None
    restricted: bool = False
    """Terbatas: an incident (or its correction) that only cleared seats see, count and open."""
    clock_skew_s: Annotated[int, Meta(ge=-SKEW_LIMIT_S, le=SKEW_LIMIT_S)] | None = None
    """Seconds that the device's clock was ahead, where `observed_at` was put right by it; kept, not judged."""


class ReportItem(ReportIn, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One report in an array, with the id that the client made (UUIDv7)."""

    id: uuid.UUID


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to one report: `accepted` (201), `duplicate` (200: the same receipt again), or `refused` and why.

    `id`, `version` and `received_at` never change for a report; `flags` is what it makes doubtful, as judged now.
    """

    id: uuid.UUID | None
    status: int
    outcome: Literal["accepted", "duplicate", "refused"]
    version: int | None = None
    received_at: datetime.datetime | None = None
    flags: list[str] = []
    problem: Problem | None = None
