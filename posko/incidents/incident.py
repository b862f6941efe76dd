"""The incident (kejadian): a case that reports open or join, worked by desks until it is closed."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms
from posko.accounts.account import Username
from posko.reports.report import Category, Moment, Severity

Status: TypeAlias = Literal[
    "baru", "diterima", "ditangani", "selesai", "ditutup", "dibuka_kembali", "digabung", "batal"
]
Verification: TypeAlias = Literal["belum", "terverifikasi", "tidak_benar"]
Occurrence: TypeAlias = Literal["terjadi", "sedang", "potensi"]
Tier: TypeAlias = Literal["nasional", "provinsi", "kabkota", "kecamatan", "kelurahan", "dusun"]
TIERS: Final = ("nasional", "provinsi", "kabkota", "kecamatan", "kelurahan", "dusun")
RevoteKind: TypeAlias = Literal["psu", "pss", "psl"]
Channel: TypeAlias = Literal["app", "desk", "sms", "whatsapp", "telegram", "radio", "telepon", "api"]
"""How it was said to posko."""
Said: TypeAlias = Annotated[str, Meta(min_length=3, max_length=2000, pattern=terms.TEXT_PATTERN)]
Addressee: TypeAlias = Annotated[str, Meta(min_length=2, max_length=80, pattern=terms.TEXT_PATTERN)]
"""An institution's code, or the code of a region over the incident, whose desk is meant."""

LOOKED_FOR_PATTERN: Final = r"^([0-9]$|[\s\S]{2})"
"""Two characters, or the number of an incident."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One incident as it stands; `id` is that of the report that opened it, `number` counts within the operation."""

    id: uuid.UUID
    operation: int
    number: int
    place: str
    place_name: str
    region_name: str | None
    """The region that the place lies in."""
    category: str
    severity: Severity
    alleged: Severity | None
    """Graver: what a report said of it since people have it in hand; it climbs by this until somebody classifies it."""
    occurrence: Occurrence
    people: int | None
    """People affected, as first reported."""
    summary: str
    status: Status
    verification: Verification
    proof: str | None
    stage: str
    tier: Tier
    """Whose it is: as high as it has climbed."""
    owner: str | None
    reports: int
    children: int
    opened_at: datetime.datetime
    acknowledge_by: datetime.datetime
    resolve_by: datetime.datetime
    acknowledged_at: datetime.datetime | None
    resolved_at: datetime.datetime | None
    closed_at: datetime.datetime | None
    overdue_at: datetime.datetime | None
    """When it was found past the hour of what is due next."""
    parent: uuid.UUID | None
    """This and `merged_into` are null, too, where that incident lies beyond the reader's reach."""
    merged_into: uuid.UUID | None
    latitude: float | None
    longitude: float | None
    revote_kind: RevoteKind | None
    revote_decider: str | None
    revote_by: datetime.datetime | None
    """The law's last day for it."""
    revote_on: datetime.date | None
    escalation: Literal["climbing", "accepted", "stopped", "exhausted"] | None
    next_at: datetime.datetime | None
    """When it climbs next if nothing is done."""
    next_tier: str | None
    held_until: datetime.datetime | None
    version: int
    changed_at: datetime.datetime
    restricts: int | None


class Posted(msgspec.Struct, frozen=True):
    """An open incident as a wall may show it: nothing to open it by, and nobody's words."""

    category: str
    severity: Severity
    status: Status
    place: str
    place_name: str
    region_name: str | None
    opened_at: datetime.datetime


class Request(msgspec.Struct, frozen=True):
    """Advice asked, or an agency referred to; with the advice, or what the agency did."""

    number: int
    kind: Literal["advice", "referral"]
    addressee: str
    question: str
    asked_by: str
    asked_at: datetime.datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime.datetime | None


class Asked(msgspec.Struct, frozen=True):
    """A request in the inbox of whom it is addressed to, with the incident that it is about."""

    id: int
    incident: uuid.UUID
    incident_number: int
    place: str
    place_name: str
    category: str
    severity: Severity
    status: Status
    number: int
    kind: Literal["advice", "referral"]
    addressee: str
    question: str
    asked_by: str
    asked_at: datetime.datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime.datetime | None


class Entry(msgspec.Struct, frozen=True):
    """One row of an incident's log; `by` null: posko itself."""

    seq: int
    at: datetime.datetime
    by: str | None
    channel: str
    action: str
    from_status: str | None
    to_status: str
    said: str | None
    details: msgspec.Raw


class Step(msgspec.Struct, frozen=True):
    """What would happen next: at `at` the desk is told; an alarm's step comes at once where `share` per cent miss."""

    round: int
    step: int
    at: datetime.datetime
    tier: Tier
    desk: str
    desk_name: str
    is_staffed: bool
    """Somebody is on duty there; also where the operation keeps no piket at all."""
    channels: list[str]
    share: int | None


class Detail(msgspec.Struct, frozen=True):
    """An incident with what it is made of: reports (at most 500), requests, watchers (at most 200)."""

    incident: Incident
    reports: list[uuid.UUID]
    requests: list[Request]
    watchers: list[str]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which incidents; None does not filter. `words` are searched as Indonesian."""

    status: list[Status] | None = None
    severity: list[Severity] | None = None
    category: str | None = None
    occurrence: Occurrence | None = None
    verification: Verification | None = None
    tier: Tier | None = None
    overdue: bool | None = None
    owner: str | None = None
    watched_by: int | None = None
    parent: uuid.UUID | None = None
    revote: RevoteKind | None = None
    words: str | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    after: int | None = None


class _Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    channel: Channel = "desk"


class Note(_Act, frozen=True, kw_only=True):
    """May say something."""

    said: Said | None = None


class Told(_Act, frozen=True, kw_only=True):
    """Must say something: what was done, or why."""

    said: Said


class Verifying(Note, frozen=True, kw_only=True):
    """`terverifikasi` needs `said`: the proof."""

    state: Verification


class Classifying(Told, frozen=True, kw_only=True):
    """What it is, and how grave; and why it is not what was said before."""

    category: Category
    severity: Severity


class Merging(Told, frozen=True, kw_only=True):
    """`into`: the incident that this one is the same as."""

    into: uuid.UUID


class Joining(Note, frozen=True, kw_only=True):
    """`parent`: the incident that this one is a part of; null: of none."""

    parent: uuid.UUID | None


class Owning(Note, frozen=True, kw_only=True):
    """Who works on it from now on."""

    username: Username


class Snoozing(Told, frozen=True, kw_only=True):
    """For how long it does not climb: at most 240 minutes, 30 for a critical one."""

    minutes: Annotated[int, Meta(ge=1, le=240)]


class Delegating(Told, frozen=True, kw_only=True):
    """The lower tier that is to solve it."""

    tier: Tier


class Locating(Note, frozen=True, kw_only=True):
    """Where it is, in degrees (WGS 84)."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Revoting(Told, frozen=True, kw_only=True):
    """A candidate for PSU, PSS or PSL: who decides, by when (the law's last day); `on` once it is decided.

    With `on` the day of its TPS begins anew on that date: they owe every milestone again, and what was observed before
    counts no more (in a PSL it goes on counting); what is planned for the days before it is observed on those days.
    """

    kind: RevoteKind
    decider: Annotated[str, Meta(min_length=2, max_length=80, pattern=terms.TEXT_PATTERN)]
    by: Moment
    on: datetime.date | None = None


class Asking(Told, frozen=True, kw_only=True):
    """Advice asked of a desk or institution, or a referral to an agency."""

    kind: Literal["advice", "referral"]
    addressee: Addressee


class Acted(msgspec.Struct, frozen=True):
    """What an action led to: the row `entry` of the log, the operation's version, the incident as it is now."""

    version: int
    entry: int
    incident: Incident
