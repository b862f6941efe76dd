"""The directive (arahan): what a desk may send down, what a place may say to it, and how far it has come."""

from __future__ import annotations

import datetime
import re
import uuid
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms
from posko.errors import broken
from posko.reports.report import Moment, Reason, Text

PLACES_LIMIT: Final = 5_000
"""Places that are named one by one; a level of a subtree may have 20,000 (api.issue_directive)."""
TARGETS_LIMIT: Final = 20_000
CHUNK: Final = 200
"""Targets that are written or taken back with the directive itself; the rest by `posko work`."""

Kind: TypeAlias = Literal["perintah", "saran", "informasi"]
Requires: TypeAlias = Literal["baca", "terima", "laksanakan", "jawab"]
TargetState: TypeAlias = Literal["terkirim", "dibaca", "diterima", "ditolak", "dilaksanakan", "dijawab", "ditarik"]
TargetFilter: TypeAlias = Literal[
    "terkirim", "dibaca", "diterima", "ditolak", "dilaksanakan", "dijawab", "ditarik", "unanswered", "overdue"
]
DirectiveState: TypeAlias = Literal["sending", "sent", "withdrawing", "withdrawn"]
Action: TypeAlias = Literal["receipt", "acceptance", "refusal", "completion", "answer"]
CodeIn: TypeAlias = Annotated[str, Meta(pattern=terms.CODE_PATTERN)]
TemplateCode: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{1,40}$(?!\n)")]
Proof: TypeAlias = Annotated[str, Meta(min_length=3, max_length=2000, pattern=terms.TEXT_PATTERN)]

PLACEHOLDERS: Final = frozenset({"place", "tempat", "deadline", "tenggat"})
"""What a text may leave open, in either language: each place reads its own name, and the deadline by its own clock."""
_BRACES = re.compile(r"\{([^{}]*)\}")


class _Audience(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    pass


class ToDesks(_Audience, frozen=True, tag="desks"):
    """The desks of one level at and below a region: 1 provinsi, 2 kabkota, 3 kecamatan, 4 kelurahan, 5 dusun."""

    region: CodeIn
    level: Annotated[int, Meta(ge=1, le=5)]


class ToTps(_Audience, frozen=True, tag="tps"):
    """Every TPS of a region."""

    region: CodeIn


class ToPlaces(_Audience, frozen=True, tag="places"):
    """These desks and TPS."""

    places: Annotated[list[CodeIn], Meta(min_length=1, max_length=PLACES_LIMIT)]


class ToIncident(_Audience, frozen=True, tag="incident"):
    """The desks over the place of `incident` that lie below the issuer; the place itself where there are none."""


Audience: TypeAlias = ToDesks | ToTps | ToPlaces | ToIncident


class DirectiveIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A directive to be; `text` may hold {place} and {deadline}, or {tempat} and {tenggat}."""

    operation: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    from_: CodeIn = msgspec.field(name="from")
    """The desk that it is from; all its targets lie below."""
    kind: Kind
    requires: Requires
    text: Text
    deadline: Moment
    """Within 30 days."""
    to: Audience
    incident: uuid.UUID | None = None
    """What it is about; of a restricted incident only the cleared see it."""
    request: Annotated[int, Meta(ge=1, le=200)] | None = None
    """The number of the incident's request for advice that it answers."""
    template: TemplateCode | None = None

    def check(self) -> None:
        """Invalid, with the field and its rule, for what the types cannot say."""
        terms.refuse_nik("$.text", self.text)
        for name in _BRACES.findall(self.text):
            if name not in PLACEHOLDERS:
                raise broken("$.text", "placeholder", f"{{{name}}} is still to be filled in")
        if not 2000 <= self.deadline.year < 2200:
            raise broken("$.deadline", "deadline", "the deadline must lie within 30 days")
        if self.request is not None and self.incident is None:
            raise broken("$.request", "with-incident", "a request is an incident's: say which")


class AudienceIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom a directive would be."""

    operation: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    from_: CodeIn = msgspec.field(name="from")
    to: Audience
    incident: uuid.UUID | None = None


class Addressee(msgspec.Struct, frozen=True):
    """A place that a directive would be for."""

    place: str
    name: str


class AudienceSize(msgspec.Struct, frozen=True):
    """How many places that are: above `limit` (`targets` is then one more) it cannot be sent; the `first` by code."""

    targets: int
    limit: int
    first: list[Addressee]


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is refused, or taken back."""

    reason: Reason


class Completion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """It is done; at least one proof: in words, or a report of the place (with its photos)."""

    proof: Proof | None = None
    report: uuid.UUID | None = None

    def check(self) -> None:
        """Invalid without any proof."""
        if self.proof is None and self.report is None:
            raise broken("$.proof", "proof", "say what proves it: in words, or by a report")
        terms.refuse_nik("$.proof", self.proof or "")


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was asked for."""

    text: Text


class Answered(msgspec.Struct, frozen=True):
    """How far a directive has come at one place, as of `version`."""

    directive: uuid.UUID
    place: str
    state: TargetState
    changed_at: datetime.datetime
    version: int


class Counts(msgspec.Struct, frozen=True):
    """Places, within one region: `targets` are meant, `sent` reached; `sent` = `unanswered` + `refused` + `done`.

    `read` and `accepted` are among `sent`, `overdue` among `unanswered`. What was taken back unanswered is not sent.
    """

    targets: int
    sent: int
    unanswered: int
    read: int
    accepted: int
    refused: int
    done: int
    overdue: int


class Directive(msgspec.Struct, frozen=True):
    """A directive; seen from below its desk only with what concerns the region: `counts` of it, no `to`."""

    id: uuid.UUID
    operation: int
    number: int
    from_: str = msgspec.field(name="from")
    from_name: str
    kind: Kind
    requires: Requires
    text: str
    deadline: datetime.datetime
    to: Audience | None
    incident: uuid.UUID | None
    request: int | None
    template: str | None
    author: str
    issued_at: datetime.datetime
    state: DirectiveState
    withdrawn_at: datetime.datetime | None
    withdrawn_by: str | None
    withdrawn_why: str | None
    version: int
    counts: Counts


class Compliance(msgspec.Struct, frozen=True):
    """One child region (or the region itself, or a TPS) and how far the directive has come there."""

    code: str
    name: str
    level: int
    counts: Counts


class DirectiveDetail(msgspec.Struct, frozen=True):
    """A directive at a region: its counts there, and those of the children, which add up to them."""

    directive: Directive
    region: str
    compliance: list[Compliance]


class Move(msgspec.Struct, frozen=True):
    """What one place did: who, when, in what words, with what proof."""

    action: Action
    state: TargetState
    at: datetime.datetime
    by: str
    said: str | None
    proof: str | None
    report: uuid.UUID | None


class Target(msgspec.Struct, frozen=True):
    """One place that a directive is for; `is_open`: it still owes what is required."""

    place: str
    name: str
    parent_name: str | None
    """Of the region that it lies in."""
    level: int
    state: TargetState
    is_open: bool
    overdue_at: datetime.datetime | None
    changed_at: datetime.datetime
    version: int
    moves: list[Move]
    reported_at: datetime.datetime | None
    """When this TPS last reported anything, if since the directive was issued: it may have done what was asked."""


class Received(msgspec.Struct, frozen=True):
    """A directive as one place reads it: `text` is filled in, `state` is its own."""

    id: uuid.UUID
    operation: int
    number: int
    from_: str = msgspec.field(name="from")
    from_name: str
    kind: Kind
    requires: Requires
    text: str
    deadline: datetime.datetime
    author: str
    issued_at: datetime.datetime
    state: TargetState
    is_open: bool
    overdue_at: datetime.datetime | None
    changed_at: datetime.datetime
    withdrawn_at: datetime.datetime | None
    withdrawn_why: str | None
    version: int


class Template(msgspec.Struct, frozen=True):
    """A directive ready to be sent; what stands in braces is filled in for each place."""

    code: str
    kind: Kind
    requires: Requires
    text: str
