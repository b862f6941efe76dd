"""Endpoints: systems that are told by webhook, what each is told, and how it stands with it."""

from __future__ import annotations

import datetime
import re
import uuid
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms
from posko.errors import broken
from posko.messages.contact import Region
from posko.webhooks.guard import Guard
from posko.webhooks.told import CATALOGUE

TYPES_LIMIT: Final = 32
REPLAY_LIMIT: Final = 10_000
OVERLAP: Final = datetime.timedelta(hours=24)
"""How long a key that was replaced goes on signing beside the new one."""
WAITING_LIMIT: Final = 100_000
"""Deliveries that wait for one endpoint; beyond that they are kept as dead letters, to be replayed."""

State: TypeAlias = Literal["unverified", "active", "paused", "disabled"]
DeliveryState: TypeAlias = Literal["pending", "delivered", "parked", "dead", "skipped", "dropped"]
RowId: TypeAlias = Annotated[int, Meta(ge=1, le=2_147_483_647)]

_PATTERN: Final = re.compile(r"\*|[a-z]+\.(\*|[a-z]+)")


class EndpointIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A system to be told. It sees what a seat of `region`, `cleared` or not, would see in `operation`."""

    operation: RowId
    region: Region
    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    description: Annotated[
        str,
        Meta(min_length=1, max_length=200, pattern=terms.LINE_PATTERN),
    ]
    types: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(min_length=1, max_length=TYPES_LIMIT)]
    """Types of events: `incident.opened`, `alarm.*`, `*`."""
    payload: Literal["full", "thin"] = "full"
    """`thin`: what changed and where to ask, nothing of what people wrote."""
    rate: Annotated[int, Meta(ge=1, le=1000)] = 100
    """Deliveries a second at most, in each lane."""
    cleared: bool = False
    """Is told what is terbatas too."""

    def check(self, guard: Guard) -> None:
        """Invalid for a URL that is not sent to, a type that there is none of, a NIK."""
        guard.check_url(self.url)
        for i, wanted in enumerate(self.types):
            if not _PATTERN.fullmatch(wanted) or not any(fits(wanted, kind) for kind in CATALOGUE):
                raise broken(f"$.types[{i}]", "event-type", f"{wanted} is no type of event: see /v1/webhook-events")
        terms.refuse_nik("$.description", self.description)
        terms.refuse_nik("$.url", self.url)


def fits(pattern: str, kind: str) -> bool:
    """Whether a type of event is one of a pattern's."""
    return pattern in ("*", kind) or (pattern.endswith(".*") and kind.startswith(pattern[:-1]))


class Endpoint(msgspec.Struct, frozen=True):
    """A system that is told; `waiting` are its deliveries on their way, `parked` wait for somebody to look at them."""

    id: int
    operation: int
    region: str
    cleared: bool
    url: str
    description: str
    types: list[str]
    payload: Literal["full", "thin"]
    rate: int
    state: State
    state_why: str | None
    owner: str | None
    is_stopped: bool
    """Nothing is sent: its owner sees less than it does by now. Whoever changes it owns it."""
    added_at: datetime.datetime
    verified_at: datetime.datetime | None
    failing_since: datetime.datetime | None
    is_full: bool
    sequence: int
    """Of the last event that was for it."""
    waiting: int
    parked: int
    dead: int
    keys: int
    key_made_at: datetime.datetime | None
    waiting_since: datetime.datetime | None
    """Since when the first of what waits has been waiting."""
    delivered_at: datetime.datetime | None
    """When it last took something, as far back as attempts are kept."""
    resting_until: datetime.datetime | None
    """Its breaker is open: nothing is tried before."""
    removed_at: datetime.datetime | None
    """Nothing is sent or changed any more; what was sent stays readable."""
    removed_by: str | None


class Delivery(msgspec.Struct, frozen=True):
    """One event for one endpoint; `next_at` of one that waits is when its key is due."""

    id: uuid.UUID
    sequence: int
    type: str
    key: str
    lane: Literal["escalation", "rest"]
    region: str
    at: datetime.datetime
    state: DeliveryState
    why: str | None
    attempts: int
    is_replayed: bool
    ended_at: datetime.datetime | None
    next_at: datetime.datetime | None


class Attempt(msgspec.Struct, frozen=True):
    """One request that was made: what came of it, and the beginning of the answer."""

    event: uuid.UUID
    type: str
    number: int
    at: datetime.datetime
    ms: int
    status: int | None
    error: str | None
    address: str | None
    answer: str | None


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to send again: events by id, or a stretch of time; at most 10,000 at once, the oldest first."""

    events: Annotated[tuple[uuid.UUID, ...], Meta(min_length=1, max_length=1000)] | None = None
    since: Annotated[datetime.datetime, Meta(tz=True)] | None = None
    until: Annotated[datetime.datetime, Meta(tz=True)] | None = None
    only_failed: bool = True
    """Not what was delivered. Events that are named by id are sent again whatever became of them."""

    def check(self) -> None:
        """Invalid when it says nothing, or both."""
        if (self.events is None) == (self.since is None):
            raise broken("$.since", "replay", "name events, or a moment since when")
        if self.events is not None and self.until is not None:
            raise broken("$.until", "replay", "a moment goes with `since`")
        for name in ("since", "until"):
            if (moment := getattr(self, name)) is not None:
                terms.require_years(f"$.{name}", moment)
