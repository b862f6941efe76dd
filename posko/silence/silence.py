"""What was not said by its hour: what a TPS owes, who is excused, what explains the silence, the alarms of it."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms
from posko.reports.report import Moment, Reason

State: TypeAlias = Literal["pending", "met", "late", "not_possible", "overdue", "excused", "unreachable"]
AlarmKind: TypeAlias = Literal["belum_lapor", "kota_diam", "hadir", "nihil", "webhook"]
ALARM_KINDS: Final = ("belum_lapor", "kota_diam", "hadir", "nihil", "webhook")
OutageKind: TypeAlias = Literal["listrik", "seluler", "internet", "banjir", "bencana", "pemeliharaan"]
"""`pemeliharaan` (maintenance) holds incidents too; the others hold alarms."""
OperationId: TypeAlias = Annotated[int, Meta(ge=1, le=2_147_483_647)]


class Obligation(msgspec.Struct, frozen=True):
    """That a TPS reports a milestone: planned at, due with its grace, and how it stands. Absolute moments."""

    milestone: str
    label_id: str
    label_en: str
    planned_at: datetime.datetime
    due_at: datetime.datetime
    state: State
    met_at: datetime.datetime | None = None
    """When it was first observed, by the report `met_by`."""
    met_by: uuid.UUID | None = None
    excused_why: str | None = None
    excused_by: str | None = None
    excused_at: datetime.datetime | None = None
    revote: Literal["psu", "pss", "psl"] | None = None
    """The TPS votes again, later, or goes on later: its hours are those of `vote_on`."""
    vote_on: datetime.date | None = None


class Owed(msgspec.Struct, frozen=True):
    """What one TPS owes, by milestone, on the operation's clock `at`."""

    operation: int
    place: str
    at: datetime.datetime
    obligations: list[Obligation]


class ClockNow(msgspec.Struct, frozen=True):
    """What time it is in an operation, and how many of its seconds pass in one: for clocks that go on by themselves."""

    at: datetime.datetime
    speed: float


class Told(msgspec.Struct, frozen=True):
    """A desk that an alarm climbed to: told, passed because nobody was on duty (`vacant`), or told by hand."""

    desk: str
    name: str
    tier: str
    at: datetime.datetime
    outcome: Literal["told", "vacant", "by_hand"]


class Looked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What whoever looks into an alarm does about it, if they say so."""

    said: Annotated[str, Meta(min_length=1, max_length=500, pattern=terms.TEXT_PATTERN)] | None = None


class Alarm(msgspec.Struct, frozen=True):
    """What somebody must look into, silence most of all: `missing` of `expected` TPS now, `peak` at worst.

    belum_lapor: of a kelurahan and milestone; kota_diam: so many of a kota that it is silent itself; hadir: nobody on
    duty at a desk has tapped; nihil: a desk owes one; webhook: `missing` of a region's endpoints do not take what they
    are sent.
    """

    id: uuid.UUID
    operation: int
    kind: AlarmKind
    place: str
    place_name: str
    milestone: str | None
    label_id: str | None
    missing: int
    expected: int
    peak: int
    opened_at: datetime.datetime
    acknowledged_at: datetime.datetime | None
    acknowledged_by: str | None
    acknowledged_said: str | None
    closed_at: datetime.datetime | None
    escalation: str
    tier: str
    """As high as it has climbed."""
    next_at: datetime.datetime | None
    next_tier: str | None
    is_inhibited: bool
    """An outage or a silent kota explains it: it climbs no further for now."""
    version: int
    told: list[Told]
    """In order; the last 40."""
    endpoints: list[str] | None = None
    """Of a standing `webhook`: which endpoints fail, the first ten; one for what is terbatas by its number alone."""


class Outage(msgspec.Struct, frozen=True):
    """What explains the silence of an area, until when."""

    id: uuid.UUID
    place: str
    place_name: str
    kind: OutageKind
    reason: str
    declared_by: str
    began_at: datetime.datetime
    until: datetime.datetime
    ended_at: datetime.datetime | None
    ended_by: str | None


class OutageIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An outage to be declared: `until` within a day of the operation's clock."""

    operation: OperationId
    place: Annotated[str, Meta(pattern=terms.CODE_PATTERN)]
    kind: OutageKind
    reason: Reason
    until: Moment


class Excuse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the TPS at and below a place need not report a milestone; at most 2,000 TPS at once."""

    operation: OperationId
    reason: Reason


class Excused(msgspec.Struct, frozen=True):
    """How many TPS changed; `version` null when none did."""

    changed: int
    version: int | None


class TurnoutHint(msgspec.Struct, frozen=True):
    """Turnout of a place: what was said, and `hint`, what the whole would be if the others voted like those heard.

    `awaited` TPS have not said theirs for an hour and a quarter while they vote; `voters_heard` is the DPT of those
    that have; `hint` is null while none has. A hint is a hint: it is counted nowhere.
    """

    code: str
    name: str
    level: int
    tps: int
    heard: int
    awaited: int
    voters: int
    voters_heard: int
    voted: int
    last_at: datetime.datetime | None
    hint: int | None


class Duty(msgspec.Struct, frozen=True):
    """What the desks of one level owe: a nihil, or an incident, every so many minutes."""

    level: int
    desks: int
    every_minutes: int
    next_at: datetime.datetime


class DutyIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when on a nihil is due, and every how many minutes again; null: no more."""

    first_at: Moment
    every_minutes: Annotated[int, Meta(ge=1, le=44_640)] | None


class Done(msgspec.Struct, frozen=True):
    """The operation's version afterwards."""

    version: int
