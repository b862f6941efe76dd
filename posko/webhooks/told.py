"""What the body of an event holds: the `what` of every type, as SQL writes it (api.told_*). A public contract.

Every time is UTC; `said`, `summary` and `text` are what people wrote.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

Severity: TypeAlias = Literal["rendah", "sedang", "tinggi", "kritis"]
Tier: TypeAlias = Annotated[int, Meta(ge=0, le=6)]
"""0 the nation, 1 provinsi, 2 kabupaten or kota, 3 kecamatan, 4 kelurahan, 5 dusun, 6 TPS."""


class IncidentTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An incident as it is at the end of the version that the event belongs to; `parent` and `merged_into` are named
    to an endpoint whose region they lie in."""

    id: uuid.UUID
    number: int
    category: str
    severity: Severity
    alleged: Severity | None
    """How grave a report says it is, where nobody has judged that yet."""
    occurrence: Literal["terjadi", "sedang", "potensi"]
    people: int | None
    summary: str
    status: str
    verification: str
    stage: str
    tier: Tier
    reports: int
    opened_at: datetime.datetime
    acknowledge_by: datetime.datetime
    resolve_by: datetime.datetime
    acknowledged_at: datetime.datetime | None
    resolved_at: datetime.datetime | None
    closed_at: datetime.datetime | None
    overdue: bool
    parent: uuid.UUID | None
    merged_into: uuid.UUID | None
    latitude: float | None
    longitude: float | None


class EntryTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The row of the incident's log that is the event; `tier` and `desk` of a step: who is told now."""

    seq: int
    action: str
    from_: str | None = msgspec.field(name="from")
    to: str
    channel: str
    said: str | None
    tier: Tier | None
    desk: str | None


class StepTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of a climbing: which desk it was for, and whether somebody was there."""

    round: int
    step: int
    tier: Tier
    desk: str
    outcome: Literal["told", "vacant", "by_hand"]


class AlarmTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alarm; `missing` of `expected` have not reported `milestone`."""

    id: uuid.UUID
    kind: Literal["belum_lapor", "kota_diam", "hadir", "nihil", "webhook"]
    milestone: str | None
    missing: int
    expected: int
    peak: int
    opened_at: datetime.datetime
    acknowledged_at: datetime.datetime | None
    closed_at: datetime.datetime | None


class DirectiveTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A directive and how far it has come; how far, and its incident, are null where it came from above the region of
    the endpoint."""

    id: uuid.UUID
    number: int
    desk: str
    kind: Literal["perintah", "saran", "informasi"]
    requires: Literal["baca", "terima", "laksanakan", "jawab"]
    text: str
    deadline: datetime.datetime
    incident: uuid.UUID | None
    issued_at: datetime.datetime
    withdrawn_at: datetime.datetime | None
    targets: int | None
    unanswered: int | None
    refused: int | None
    done: int | None
    overdue: int | None


class LateTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many places below a desk owe an answer past its deadline."""

    desk: str
    missing: int


class IncidentEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    incident: IncidentTold
    entry: EntryTold


class AlarmEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alarm: AlarmTold
    step: StepTold | None


class DirectiveEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    directive: DirectiveTold
    late: LateTold | None
    step: StepTold | None


class FlaggedEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report that is doubtful as it was filed, and why."""

    report: uuid.UUID
    flags: list[str]


class ThresholdEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A region in which `share` per cent of the TPS have come to a milestone, told once each."""

    milestone: str
    share: Literal[25, 50, 75, 90, 100]
    reached: int
    tps: int


class EndpointEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An endpoint that fails, or answers again; of one that is told what is terbatas the description is null."""

    endpoint: int
    description: str | None


class ChallengeEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answer 2xx with `{"challenge": ...}`, the same text, to be verified."""

    challenge: str


class TestEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    __test__ = False
    message: str


Told: TypeAlias = (
    IncidentEvent
    | AlarmEvent
    | DirectiveEvent
    | FlaggedEvent
    | ThresholdEvent
    | EndpointEvent
    | ChallengeEvent
    | TestEvent
)

CATALOGUE: Final[Mapping[str, tuple[type[Told], str]]] = {
    "incident.opened": (IncidentEvent, "A report opened an incident."),
    "incident.escalated": (IncidentEvent, "It climbs: a step was taken, or a desk passed that nobody keeps."),
    "incident.acknowledged": (IncidentEvent, "A desk accepted it."),
    "incident.handled": (IncidentEvent, "Somebody works on it."),
    "incident.resolved": (IncidentEvent, "It is solved."),
    "incident.closed": (IncidentEvent, "It is closed."),
    "incident.reopened": (IncidentEvent, "It is open again."),
    "incident.merged": (IncidentEvent, "It is a part of another now."),
    "incident.voided": (IncidentEvent, "It never was, or was taken back."),
    "incident.overdue": (IncidentEvent, "It was not accepted, or not solved, in time."),
    "incident.updated": (IncidentEvent, "Anything else that its log says: severity, proof, advice, a comment ..."),
    "alarm.raised": (AlarmEvent, "Silence, or something else that somebody must look into."),
    "alarm.escalated": (AlarmEvent, "It climbs."),
    "alarm.acknowledged": (AlarmEvent, "A desk looks into it."),
    "alarm.ended": (AlarmEvent, "What was missing has come."),
    "directive.issued": (DirectiveEvent, "A desk sent an order down."),
    "directive.withdrawn": (DirectiveEvent, "It was taken back."),
    "directive.overdue": (DirectiveEvent, "Below a desk, places have not answered in time."),
    "directive.escalated": (DirectiveEvent, "That climbs."),
    "directive.completed": (DirectiveEvent, "Everybody has answered."),
    "report.flagged": (FlaggedEvent, "A report is doubtful as it was filed."),
    "rollup.threshold": (ThresholdEvent, "25, 50, 75, 90 or 100 per cent of a region's TPS have come to a milestone."),
    "endpoint.failing": (EndpointEvent, "An endpoint does not take what it is sent; posko goes on trying."),
    "endpoint.recovered": (EndpointEvent, "It takes it again."),
    "endpoint.challenge": (ChallengeEvent, "Sent when a challenge is asked for, whatever types the endpoint asks for."),
    "endpoint.test": (TestEvent, "Sent by hand."),
}
"""Every type, what its `data` holds, and when it is sent."""
