"""What is known of the service at one moment. What is not known is null, and why is beside it."""

from __future__ import annotations

import datetime
from typing import Literal

import msgspec


class Database(msgspec.Struct, frozen=True):
    """`answered_ms`: how long it took to answer; `bytes`: how large it is. Null while it is down."""

    state: Literal["up", "down"]
    answered_ms: float | None
    bytes: int | None
    connections_busy: int
    """Of this process."""
    connections: int


class Redis(msgspec.Struct, frozen=True):
    state: Literal["up", "down"]
    answered_ms: float | None


class Intake(msgspec.Struct, frozen=True):
    """Reports that wait for a commit in the process that answers, at most `room`; the first for `oldest_s`."""

    waiting: int
    room: int
    oldest_s: float | None


class Worker(msgspec.Struct, frozen=True):
    """A `work`: heard so many seconds ago; `turn_s`: seconds since its last turn, as of then."""

    heard_s: float
    turn_s: float | None
    is_well: bool
    proven: int
    """Branches of rollups that it recounted since it began, and found equal."""
    wrong: int
    channels: list[str]
    """By which it can tell people."""


class Hub(msgspec.Struct, frozen=True):
    """A `live`: heard so many seconds ago; `read_s`: how far behind the database it was, as of then."""

    heard_s: float
    sockets: int
    read_s: float | None


class Webhooks(msgspec.Struct, frozen=True):
    """Of the endpoints that your seat keeps."""

    endpoints: int
    failing: int
    failing_since: datetime.datetime | None
    waiting: int
    waiting_since: datetime.datetime | None
    parked: int
    dead: int


class Messages(msgspec.Struct, frozen=True):
    """To people at desks within your seat; `failed`: given up in the last 24 hours."""

    waiting: int
    waiting_since: datetime.datetime | None
    failed: int
    failed_at: datetime.datetime | None


class Photos(msgspec.Struct, frozen=True):
    """Where photos are kept; `sending`: photos on their way into the process that answers, of at most `room`."""

    store: Literal["directory", "bucket", "off"]
    sending: int
    room: int


class Disk(msgspec.Struct, frozen=True):
    """Of the directory of photos, as the process that answers sees it."""

    free_bytes: int
    total_bytes: int


class Facts(msgspec.Struct, frozen=True):
    """What the database says in one statement."""

    at: datetime.datetime
    bytes: int
    late_s: float
    webhooks: Webhooks
    messages: Messages


class Condition(msgspec.Struct, frozen=True):
    """The whole. `at`, `late_s`, `webhooks` and `messages` are null while the database is down, `workers` and `hubs`
    while Redis is; `disk` is null where photos are in a bucket or nowhere."""

    at: datetime.datetime | None
    up_s: float
    """For how long the process that answers has been running."""
    database: Database
    redis: Redis
    intake: Intake
    late_s: float | None
    """By how many seconds what is longest due (an escalation, an alarm, a directive) is late."""
    workers: list[Worker] | None
    hubs: list[Hub] | None
    webhooks: Webhooks | None
    messages: Messages | None
    photos: Photos
    disk: Disk | None
