"""The typed face of sql/queries/webhooks.sql."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.errors import EndpointUnknown
from posko.webhooks.answer import Answer
from posko.webhooks.endpoint import (
    OVERLAP,
    REPLAY_LIMIT,
    WAITING_LIMIT,
    Attempt,
    Delivery,
    Endpoint,
    EndpointIn,
    Replay,
)
from posko.webhooks.event import Due
from posko.webhooks.schedule import Verdict

Lane: TypeAlias = Literal["escalation", "rest"]
LANES: tuple[Lane, ...] = ("escalation", "rest")
Turn: TypeAlias = Literal["held", "ended", "lost", "failing", "recovered"]

_queries = db.queries("webhooks")


class Lease(msgspec.Struct, frozen=True):
    """The right to deliver to an endpoint in a lane, for a time; `fence` tells it from whoever had it before.

    Where the endpoint is; its keys, sealed under their uids, the newest first.
    """

    endpoint: int
    fence: int
    url: str
    is_thin: bool
    rate: int
    key_uids: list[uuid.UUID]
    keys: list[bytes]


class Settled(msgspec.Struct, frozen=True):
    """One attempt that was made, and what it means."""

    event: int
    at: datetime.datetime
    answer: Answer
    verdict: Verdict


class Backlog(msgspec.Struct, frozen=True):
    """What waits for an endpoint, and for how many seconds the first of it has been due."""

    endpoint: int
    is_failing: bool
    waiting: int
    lag_s: float


class Turned(msgspec.Struct, frozen=True):
    """Where an endpoint that turned was told of: the version and the place that changed."""

    operation: int
    version: int
    place: str


def _seat(viewer: Viewer | None) -> tuple[int | None, int | None]:
    """None is the owner at the command line."""
    return (None, None) if viewer is None else (viewer.account_id, viewer.seat_id)


async def add(connection: db.Connection, viewer: Viewer | None, new: EndpointIn, key: uuid.UUID, sealed: bytes) -> int:
    """Adds an endpoint with its first key; answers its id."""
    made: int = await connection.fetchval(
        _queries["add"].sql,
        *_seat(viewer),
        new.operation,
        new.region,
        new.cleared,
        new.url,
        new.description.strip(),
        list(new.types),
        new.payload == "thin",
        new.rate,
        key,
        sealed,
    )
    return made


async def change(connection: db.Connection, viewer: Viewer | None, endpoint: int, to: EndpointIn) -> None:
    """Makes an endpoint what is said; another URL must be verified anew."""
    await connection.execute(
        _queries["change"].sql,
        *_seat(viewer),
        endpoint,
        to.region,
        to.cleared,
        to.url,
        to.description.strip(),
        list(to.types),
        to.payload == "thin",
        to.rate,
    )


async def pause(
    connection: db.Connection, viewer: Viewer | None, endpoint: int, is_paused: bool, why: str | None
) -> None:
    """Holds its deliveries, or lets them go."""
    await connection.execute(_queries["pause"].sql, *_seat(viewer), endpoint, is_paused, why)


async def remove(connection: db.Connection, viewer: Viewer | None, endpoint: int) -> None:
    """Tells it no more; what waits is dropped."""
    await connection.execute(_queries["remove"].sql, *_seat(viewer), endpoint)


async def rotate(
    connection: db.Connection, viewer: Viewer | None, endpoint: int, key: uuid.UUID, sealed: bytes
) -> None:
    """Gives it another key; the one before goes on signing for a day."""
    await connection.execute(_queries["rotate"].sql, *_seat(viewer), endpoint, key, sealed, OVERLAP)


async def call(
    connection: db.Connection, viewer: Viewer | None, endpoint: int, kind: str, data: msgspec.Struct
) -> uuid.UUID:
    """Sends it a challenge or a test; answers the event's id."""
    encoded = msgspec.json.encode(data).decode()
    made: uuid.UUID = await connection.fetchval(_queries["call"].sql, *_seat(viewer), endpoint, kind, encoded)
    return made


async def replay(connection: db.Connection, viewer: Viewer | None, endpoint: int, what: Replay) -> int:
    """Sends again; answers how many."""
    events = None if what.events is None else list(what.events)
    only_failed = what.only_failed and events is None
    arguments = (events, what.since, what.until, only_failed, REPLAY_LIMIT)
    sent: int = await connection.fetchval(_queries["replay"].sql, *_seat(viewer), endpoint, *arguments)
    return sent


async def skip(connection: db.Connection, viewer: Viewer | None, endpoint: int, event: uuid.UUID) -> None:
    """Gives up one delivery, so that what waits behind it goes."""
    await connection.execute(_queries["skip"].sql, *_seat(viewer), endpoint, event)


async def endpoints(
    connection: db.Connection,
    viewer: Viewer | None,
    *,
    operation: int | None = None,
    removed: bool = False,
    after: int = 0,
    limit: int,
) -> list[Endpoint]:
    """The endpoints that a seat keeps, by id; or those that were removed."""
    arguments = (*_seat(viewer), operation, None, removed, after, limit)
    return [db.to_struct(r, Endpoint) for r in await connection.fetch(_queries["endpoints"].sql, *arguments)]


async def endpoint(
    connection: db.Connection, viewer: Viewer | None, wanted: int, *, also_removed: bool = False
) -> Endpoint:
    """One endpoint; EndpointUnknown when there is none that the seat keeps, or it was removed."""
    removed = None if also_removed else False
    rows = await connection.fetch(_queries["endpoints"].sql, *_seat(viewer), None, wanted, removed, 0, 1)
    if not rows:
        raise EndpointUnknown(f"there is no endpoint {wanted} here")
    return db.to_struct(rows[0], Endpoint)


class AttemptKey(NamedTuple):
    """Where an attempt stands among all of an endpoint: when it began, its event's own number, which of its event."""

    at: datetime.datetime
    key: int
    number: int


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries; null is any. `after` is the event of the last one seen."""

    states: tuple[str, ...] | None = None
    type: str | None = None
    event: uuid.UUID | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    after: uuid.UUID | None = None


async def deliveries(
    connection: db.Connection, viewer: Viewer | None, endpoint: int, wanted: Filter, limit: int
) -> list[Delivery]:
    """Deliveries to an endpoint, the last first."""
    states = None if wanted.states is None else list(wanted.states)
    arguments = (states, wanted.type, wanted.event, wanted.since, wanted.until, wanted.after, limit)
    rows = await connection.fetch(_queries["deliveries"].sql, *_seat(viewer), endpoint, *arguments)
    return [db.to_struct(r, Delivery) for r in rows]


async def attempts(
    connection: db.Connection,
    viewer: Viewer | None,
    endpoint: int,
    *,
    event: uuid.UUID | None = None,
    only_failed: bool = False,
    before: AttemptKey | None = None,
    limit: int,
) -> list[tuple[AttemptKey, Attempt]]:
    """Attempts at an endpoint, the last first, each with where it stands."""
    arguments = (*_seat(viewer), endpoint, event, only_failed, *(before or (None, None, None)), limit)
    rows = await connection.fetch(_queries["attempts"].sql, *arguments)
    return [(AttemptKey(r["at"], r["key"], r["number"]), Attempt(*list(r)[1:])) for r in rows]


# delivering


async def lease(pool: db.Pool, lane: Lane, *, limit: int, lease_s: float) -> list[Lease]:
    """Takes up to `limit` endpoints that have something due, each for `lease_s` at first."""
    rows = await pool.fetch(_queries["lease"].sql, lane, limit, lease_s)
    return [db.to_struct(r, Lease) for r in rows]


async def stirred(pool: db.Pool, lane: Lane, endpoints: Sequence[int]) -> list[int]:
    """Of these endpoints, those that something is due for now."""
    return [row["endpoint"] for row in await pool.fetch(_queries["stirred"].sql, lane, list(endpoints))]


async def release(pool: db.Pool, lane: Lane, lease: Lease, under_way: Sequence[int] = ()) -> None:
    """Gives a lease back; what was under way is due at once for whoever comes next."""
    await pool.execute(_queries["release"].sql, lease.endpoint, lane, lease.fence, list(under_way))


async def due(pool: db.Pool, lane: Lane, lease: Lease, *, limit: int, lease_s: float) -> list[Due]:
    """What to deliver now, at most one of each key; renews the lease. Empty: nothing is due, or the lease is lost."""
    rows = await pool.fetch(_queries["due"].sql, lease.endpoint, lane, lease.fence, limit, lease_s)
    return [Due(**dict(row)) for row in rows]


async def settle(pool: db.Pool, lane: Lane, lease: Lease, done: Sequence[Settled], *, is_last: bool = False) -> Turn:
    """Says how attempts went; the lease ends when these were the last and nothing is due."""
    turn: Turn = await pool.fetchval(
        _queries["settle"].sql,
        lease.endpoint,
        lane,
        lease.fence,
        [s.event for s in done],
        [s.verdict.outcome for s in done],
        [s.verdict.delay_s for s in done],
        [s.at for s in done],
        [s.answer.milliseconds for s in done],
        [s.answer.status for s in done],
        [s.answer.error for s in done],
        [s.answer.address for s in done],
        [s.answer.head[:2048] or (s.answer.detail or None) for s in done],
        max((s.verdict.pause_s for s in done), default=0.0),
        is_last,
    )
    return turn


async def turn(pool: db.Pool, endpoint: int, *, is_failing: bool) -> Turned | None:
    """Notes that an endpoint fails, or answers again; None when that was noted, or its operation is not active."""
    row = await pool.fetchrow(_queries["turn"].sql, endpoint, is_failing)
    return None if row is None else db.to_struct(row, Turned)


async def check(pool: db.Pool) -> list[Backlog]:
    """Notes for which endpoints too much waits, and answers what waits for each."""
    await pool.execute(_queries["check"].sql, WAITING_LIMIT)
    return [db.to_struct(r, Backlog) for r in await pool.fetch(_queries["backlog"].sql)]
