"""What was sent to an endpoint, over HTTP: deliveries, attempts, and sending again."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import Parameter

from posko import db, policy
from posko.accounts.account import KEEPS_ACCOUNTS, Viewer
from posko.errors import FieldError, Invalid
from posko.webhooks import store
from posko.webhooks.endpoint import Attempt, Delivery, DeliveryState, Replay
from posko.webhooks.routes import ACTS, CHANGES, ONE, READS, Limit, RowId, note
from posko.webhooks.store import AttemptKey


class Replayed(msgspec.Struct, frozen=True):
    """How many are sent again; 10,000 means that there may be more."""

    deliveries: int


class DeliveryPage(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Delivery]
    next: uuid.UUID | None


class AttemptPage(msgspec.Struct, frozen=True):
    """`next` is the `before` of the following page; null on the last."""

    rows: list[Attempt]
    next: str | None


@get(ONE + "/deliveries", tags=["webhooks"], opt=policy.read(KEEPS_ACCOUNTS), responses=READS)
async def list_deliveries(
    endpoint_id: RowId,
    viewer: Viewer,
    pool: db.Pool,
    states: Annotated[list[DeliveryState] | None, Parameter(query="state", max_items=6)] = None,
    event_type: Annotated[str | None, Parameter(query="type", pattern=r"^[a-z]+\.(\*|[a-z]+)$")] = None,
    event: uuid.UUID | None = None,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    after: uuid.UUID | None = None,
    limit: Limit = 100,
) -> DeliveryPage:
    """What was for it, the last first, and what became of each."""
    wanted = store.Filter(
        states=tuple(states) if states else None, type=event_type, event=event, since=since, until=until, after=after
    )
    async with db.transaction(pool, viewer.reach) as connection:
        await store.endpoint(connection, viewer, endpoint_id, also_removed=True)
        rows = await store.deliveries(connection, viewer, endpoint_id, wanted, limit + 1)
    return DeliveryPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


@get(ONE + "/attempts", tags=["webhooks"], opt=policy.read(KEEPS_ACCOUNTS), responses=READS)
async def list_attempts(
    endpoint_id: RowId,
    viewer: Viewer,
    pool: db.Pool,
    event: uuid.UUID | None = None,
    failed: bool = False,
    before: Annotated[str | None, Parameter(max_length=100, description="The `next` of the page before")] = None,
    limit: Limit = 100,
) -> AttemptPage:
    """Every request that was made, the last first: status, time, address, the beginning of the answer."""
    last = None if before is None else _parse(before)
    async with db.transaction(pool, viewer.reach) as connection:
        await store.endpoint(connection, viewer, endpoint_id, also_removed=True)
        found = await store.attempts(
            connection, viewer, endpoint_id, event=event, only_failed=failed, before=last, limit=limit + 1
        )
    rows = [attempt for _, attempt in found[:limit]]
    return AttemptPage(rows, _cursor(found[limit - 1][0]) if len(found) > limit else None)


@post(ONE + "/replays", tags=["webhooks"], opt=policy.write(KEEPS_ACCOUNTS), status_code=202, responses=CHANGES)
async def replay_deliveries(endpoint_id: RowId, data: Replay, viewer: Viewer, pool: db.Pool) -> Replayed:
    """Sends again, in their order, under the ids that they had: some, or what failed since a moment of the operation's
    clock."""
    data.check()
    async with db.transaction(pool, viewer.reach) as connection:
        found = await store.endpoint(connection, viewer, endpoint_id)
        sent = await store.replay(connection, viewer, endpoint_id, data)
    await note(pool, viewer, "webhook.replay", found)
    return Replayed(sent)


@delete(
    ONE + "/deliveries/{event_id:uuid}",
    tags=["webhooks"],
    opt=policy.write(KEEPS_ACCOUNTS),
    status_code=204,
    responses=ACTS,
)
async def skip_delivery(endpoint_id: RowId, event_id: uuid.UUID, viewer: Viewer, pool: db.Pool) -> None:
    """Gives up what waits or is parked, so that what waits behind it goes."""
    async with db.transaction(pool, viewer.reach) as connection:
        found = await store.endpoint(connection, viewer, endpoint_id)
        await store.skip(connection, viewer, endpoint_id, event_id)
    await note(pool, viewer, "webhook.skip", found)


def _cursor(last: AttemptKey) -> str:
    # Without a plus, which would be a space in an address.
    moment = last.at.astimezone(datetime.UTC).isoformat().removesuffix("+00:00")
    return f"{moment}Z~{last.key}~{last.number}"


def _parse(before: str) -> AttemptKey:
    """Where the page before ended."""
    try:
        moment, key, number = before.split("~")
        at = datetime.datetime.fromisoformat(moment)
        if at.tzinfo is None or not (0 <= int(key) < 1 << 63 and 0 <= int(number) < 1 << 31):
            raise ValueError(before)
        return AttemptKey(at, int(key), int(number))
    except ValueError:
        rule = FieldError("$.before", "cursor", "use the `next` of the page before")
        raise Invalid("this is not the `next` of an earlier page", errors=[rule]) from None


routes = [list_deliveries, list_attempts, replay_deliveries, skip_delivery]
