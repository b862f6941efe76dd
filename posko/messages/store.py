"""The typed face of sql/queries/messages.sql: contacts as posko_identity, messages as posko_engine."""

from __future__ import annotations

import datetime
import uuid
from typing import Literal, TypeAlias

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.errors import ContactUnknown
from posko.messages.contact import Contact, ContactIn
from posko.messages.message import Order

Outcome: TypeAlias = Literal["sent", "refused", "later"]

_queries = db.queries("messages")


class Backlog(msgspec.Struct, frozen=True):
    """Of one channel: messages that wait, that failed within a day, and how long the oldest has waited."""

    channel: str
    pending: int
    failed: int
    lag_s: float


class Listed(msgspec.Struct, frozen=True):
    """One message in a list."""

    id: uuid.UUID
    state: str
    channel: str
    address: str
    label: str
    region: str
    created_at: datetime.datetime
    attempts: int
    next_at: datetime.datetime
    last_error: str | None
    sent_at: datetime.datetime | None


async def contacts(
    connection: db.Connection,
    regions: tuple[str, ...],
    operation: int | None,
    *,
    region: str | None = None,
    after: int = 0,
    limit: int,
) -> list[Contact]:
    """Who is told at desks within `regions`, by id; `region` asks for one desk's."""
    arguments = (list(regions), operation, region, None, after, limit)
    return [db.to_struct(r, Contact) for r in await connection.fetch(_queries["contacts"].sql, *arguments)]


async def contact(connection: db.Connection, regions: tuple[str, ...], operation: int | None, wanted: int) -> Contact:
    """One contact; ContactUnknown when it is none or lies beyond."""
    rows = await connection.fetch(_queries["contacts"].sql, list(regions), operation, None, wanted, 0, 1)
    if not rows:
        raise ContactUnknown(f"there is no contact {wanted} here")
    return db.to_struct(rows[0], Contact)


async def add_contact(connection: db.Connection, viewer: Viewer | None, new: ContactIn) -> int:
    """Adds a contact and answers its id; `viewer` None is the owner at the command line."""
    who = (None, None) if viewer is None else (viewer.account_id, viewer.seat_id)
    made: int = await connection.fetchval(
        _queries["add_contact"].sql,
        *who,
        new.operation,
        new.region,
        new.channel,
        new.address,
        new.label.strip(),
        new.cleared,
    )
    return made


async def remove_contact(connection: db.Connection, viewer: Viewer | None, wanted: int) -> None:
    """Removes a contact; what waits for it is dropped."""
    who = (None, None) if viewer is None else (viewer.account_id, viewer.seat_id)
    await connection.execute(_queries["remove_contact"].sql, *who, wanted)


async def forget_contacts(connection: db.Connection) -> None:
    """Forgets the addresses of contacts that were removed over a year ago."""
    await connection.execute(_queries["forget_contacts"].sql)


async def tell_due(connection: db.Connection, *, quiet_s: float, repeat_s: float, limit: int) -> int:
    """Makes the messages that are due; answers how many groups were looked at, at most `limit`."""
    looked_at: int = await connection.fetchval(_queries["tell_due"].sql, quiet_s, repeat_s, limit)
    return looked_at


async def drop_stale(connection: db.Connection) -> None:
    """Gives up messages that are no longer worth sending."""
    await connection.execute(_queries["drop_stale"].sql)


async def claim(connection: db.Connection, channel: str, *, limit: int, lease_s: float) -> list[Order]:
    """Takes up to `limit` messages of a channel for `lease_s`; each is to be settled before that."""
    rows = await connection.fetch(_queries["claim"].sql, channel, limit, lease_s)
    return [Order(**dict(row)) for row in rows]


async def settle(connection: db.Connection, order: Order, outcome: Outcome, error: str | None) -> str | None:
    """Says how an attempt went; answers the message's state, None when somebody else has it meanwhile."""
    state: str | None = await connection.fetchval(_queries["settle"].sql, order.id, order.fence, outcome, error)
    return state


async def backlog(connection: db.Connection) -> list[Backlog]:
    """What waits and what failed, by channel."""
    return [db.to_struct(r, Backlog) for r in await connection.fetch(_queries["backlog"].sql)]


async def messages(connection: db.Connection, state: str, *, limit: int) -> list[Listed]:
    """Messages in one state, the last first."""
    return [db.to_struct(r, Listed) for r in await connection.fetch(_queries["messages"].sql, state, limit)]


async def retry(connection: db.Connection, *, since: datetime.datetime | None, only: uuid.UUID | None) -> int:
    """Tries failed messages again: one, or all that were made since a moment; answers how many."""
    retried: int = await connection.fetchval(_queries["retry"].sql, since, only)
    return retried
