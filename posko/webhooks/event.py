"""What systems are told: every type of event, its data, and the body that is signed. Shapes are the public contract.

A body is a CloudEvents 1.0 event in structured JSON, under 20 KB. `data` is whole, or (a thin endpoint) only names what
changed and where to ask. Every time is UTC; `said`, `summary` and `text` are what people wrote.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

BODY_LIMIT_BYTES: Final = 20_000
CONTENT_TYPE: Final = "application/cloudevents+json"

Severity: TypeAlias = Literal["rendah", "sedang", "tinggi", "kritis"]
Tier: TypeAlias = Annotated[int, Meta(ge=0, le=6)]
"""0 the nation, 1 provinsi, 2 kabupaten or kota, 3 kecamatan, 4 kelurahan, 5 dusun, 6 TPS."""


class IncidentTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An incident as it is at the end of the version that the event belongs to."""

    id: uuid.UUID
    number: int
    category: str
    severity: Severity
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
    """A directive and how far it has come."""

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
    targets: int
    unanswered: int
    refused: int
    done: int
    overdue: int


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
    """An endpoint that fails, or answers again."""

    endpoint: int
    description: str


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
    "endpoint.challenge": (ChallengeEvent, "Sent once to a new endpoint, whatever it asks for."),
    "endpoint.test": (TestEvent, "Sent by hand."),
}
"""Every type, what its `data` holds, and when it is sent."""


class Due(msgspec.Struct, frozen=True):
    """A delivery whose time has come, as the database hands it out."""

    event: int
    id: uuid.UUID
    type: str
    key: str
    at: datetime.datetime
    version: int
    operation: int
    is_drill: bool
    is_restricted: bool
    place: str
    place_name: str
    sequence: int
    attempts: int
    failures: int
    since: datetime.datetime
    data: str


class Data(msgspec.Struct, frozen=True, omit_defaults=True):
    """`data` of a body: where and in which version it happened; `what` by the type of event, absent if thin."""

    operation: int
    drill: bool
    restricted: bool
    version: int
    place: str
    place_name: str
    href: str
    what: msgspec.Raw | None = None


class Body(msgspec.Struct, frozen=True):
    """CloudEvents 1.0. `sequence` counts what was for this endpoint, without gaps; `partitionkey` is what order holds
    within."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: datetime.datetime
    datacontenttype: Literal["application/json"]
    sequence: str
    partitionkey: str
    data: Data


def body(due: Due, public_url: str, *, is_thin: bool) -> bytes:
    """The bytes to sign and send; the same for every attempt."""
    source = f"{public_url}/v1/operations/{due.operation}"
    is_own = due.type in ("endpoint.challenge", "endpoint.test")
    data = Data(
        operation=due.operation,
        drill=due.is_drill,
        restricted=due.is_restricted,
        version=due.version,
        place=due.place,
        place_name=due.place_name,
        href=_href(due, public_url),
        what=None if is_thin and not is_own else msgspec.Raw(due.data.encode()),
    )
    return msgspec.json.encode(
        Body(
            "1.0",
            str(due.id),
            source,
            due.type,
            due.key,
            due.at.astimezone(datetime.UTC),
            "application/json",
            f"{due.sequence:019d}",
            due.key,
            data,
        )
    )


def _href(due: Due, public_url: str) -> str:
    kind, _, name = due.key.partition(":")
    if kind in ("incident", "directive"):
        return f"{public_url}/v1/{kind}s/{name}"
    if kind == "alarm":
        return f"{public_url}/v1/regions/{due.place}/alarms?operation={due.operation}"
    return f"{public_url}/v1/regions/{due.place}?operation={due.operation}"


def challenge_of(text: str) -> str | None:
    """The challenge that an answer gives back; None when it is no such JSON."""
    try:
        return msgspec.json.decode(text, type=ChallengeEvent).challenge
    except msgspec.MsgspecError:
        return None


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of the body of one type of event."""
    struct, said = CATALOGUE[kind]
    (envelope, what), definitions = msgspec.json.schema_components([Body, struct], ref_template="#/$defs/{{name}}")
    found = dict(definitions)
    found["Data"]["properties"]["what"] = {"anyOf": [what, {"type": "null"}]}
    found["Body"]["properties"]["type"] = {"const": kind}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind,
        "description": said,
        **envelope,
        "$defs": found,
    }
