"""Webhooks over HTTP: endpoints are kept by admins within their own seat; what is sent is public knowledge."""

from __future__ import annotations

import secrets
import uuid
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from posko import db, policy
from posko.accounts import log
from posko.accounts.account import KEEPS_ACCOUNTS, Reason, Viewer
from posko.errors import NotAllowed
from posko.problems import responses
from posko.webhooks import store
from posko.webhooks.endpoint import Endpoint, EndpointIn
from posko.webhooks.event import schema
from posko.webhooks.guard import Guard
from posko.webhooks.keys import Keys
from posko.webhooks.told import CATALOGUE, ChallengeEvent, TestEvent

PAGE_LIMIT = 200
ONE = "/v1/webhooks/{endpoint_id:int}"
READS = responses(401, 403, 404, 422, 429, 503)
CHANGES = responses(400, 401, 403, 404, 409, 413, 422, 429, 503)
ACTS = responses(401, 403, 404, 409, 422, 429, 503)
_ONCE: Final = {"Cache-Control": "no-store"}

RowId: TypeAlias = Annotated[int, Parameter(ge=1, le=2_147_483_647)]
Limit: TypeAlias = Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)]


class EndpointPage(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Endpoint]
    next: int | None


class Made(msgspec.Struct, frozen=True):
    """An endpoint, and the secret that its deliveries are signed with: shown now and never again."""

    endpoint: Endpoint
    secret: str


class Secret(msgspec.Struct, frozen=True):
    """A new secret; the one before signs beside it for 24 hours."""

    secret: str


class Sent(msgspec.Struct, frozen=True):
    """The id of what was sent: its webhook-id."""

    event: uuid.UUID


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why nothing is sent for now."""

    reason: Reason


class EventType(msgspec.Struct, frozen=True):
    """A type of event, when it is sent, and the JSON Schema of its body."""

    type: str
    description: str
    schema: dict[str, Any]


class PublicKey(msgspec.Struct, frozen=True):
    """`kind` is the version of the signatures that it checks."""

    kind: str
    key: Annotated[str, Meta(pattern="^whpk_")]


class PublicKeys(msgspec.Struct, frozen=True):
    keys: list[PublicKey]


@get("/v1/webhook-events", tags=["webhooks"], opt=policy.opened(), security=[{}], responses=responses(429))
async def list_event_types() -> list[EventType]:
    """What there is to be told of."""
    return [EventType(kind, said, schema(kind)) for kind, (_, said) in CATALOGUE.items()]


@get(
    "/.well-known/posko-webhook-keys.json",
    tags=["webhooks"],
    opt=policy.opened(),
    security=[{}],
    responses=responses(429),
)
async def show_public_keys(webhook_keys: Keys) -> PublicKeys:
    """What checks the `v1a` signatures of every delivery from here."""
    return PublicKeys([PublicKey("v1a", webhook_keys.service.public.text)])


@get("/v1/webhooks", tags=["webhooks"], opt=policy.read(KEEPS_ACCOUNTS), responses=READS)
async def list_endpoints(
    viewer: Viewer,
    pool: db.Pool,
    operation: RowId | None = None,
    removed: Annotated[bool, Parameter(description="Those that were removed, in place of those that are")] = False,
    after: Annotated[int, Parameter(ge=0, le=2_147_483_647)] = 0,
    limit: Limit = 100,
) -> EndpointPage:
    """Systems that are told, within your seat; or that were, until they were removed."""
    if operation is not None:
        viewer.require_operation(operation, None)
    async with db.transaction(pool, viewer.reach) as connection:
        rows = await store.endpoints(
            connection, viewer, operation=operation, removed=removed, after=after, limit=limit + 1
        )
    return EndpointPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


@post("/v1/webhooks", tags=["webhooks"], opt=policy.write(KEEPS_ACCOUNTS, step_up=True), responses=CHANGES)
async def add_endpoint(
    data: EndpointIn, viewer: Viewer, pool: db.Pool, webhook_guard: Guard, webhook_keys: Keys
) -> Response[Made]:
    """Tell a system from now on, once it has answered a challenge (`POST .../challenges`)."""
    _require(viewer, data, webhook_guard)
    key, uid, sealed = webhook_keys.new()
    async with db.transaction(pool, viewer.reach) as connection:
        made = await store.add(connection, viewer, data, uid, sealed)
        found = await store.endpoint(connection, viewer, made)
    await note(pool, viewer, "webhook.add", found)
    return Response(Made(found, key.text), status_code=201, headers=_ONCE)


@get(ONE, tags=["webhooks"], opt=policy.read(KEEPS_ACCOUNTS), responses=READS)
async def show_endpoint(endpoint_id: RowId, viewer: Viewer, pool: db.Pool) -> Endpoint:
    """One system that is told, or was."""
    async with db.transaction(pool, viewer.reach) as connection:
        return await store.endpoint(connection, viewer, endpoint_id, also_removed=True)


@put(ONE, tags=["webhooks"], opt=policy.write(KEEPS_ACCOUNTS, step_up=True), responses=CHANGES)
async def change_endpoint(
    endpoint_id: RowId, data: EndpointIn, viewer: Viewer, pool: db.Pool, webhook_guard: Guard
) -> Endpoint:
    """Another URL must answer a challenge first; what waits and is no longer for it is dropped. It is yours now."""
    _require(viewer, data, webhook_guard)
    async with db.transaction(pool, viewer.reach) as connection:
        before = await store.endpoint(connection, viewer, endpoint_id)
        if before.operation != data.operation:
            raise NotAllowed("an endpoint stays in its operation: add another")
        await store.change(connection, viewer, endpoint_id, data)
        found = await store.endpoint(connection, viewer, endpoint_id)
    await note(pool, viewer, "webhook.change", found)
    return found


@delete(
    ONE,
    tags=["webhooks"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    status_code=204,
    responses=ACTS,
)
async def remove_endpoint(endpoint_id: RowId, viewer: Viewer, pool: db.Pool) -> None:
    """Tell it no more; what waits is dropped, what was sent stays readable."""
    async with db.transaction(pool, viewer.reach) as connection:
        found = await store.endpoint(connection, viewer, endpoint_id)
        await store.remove(connection, viewer, endpoint_id)
    await note(pool, viewer, "webhook.remove", found)


@post(
    ONE + "/challenges",
    tags=["webhooks"],
    opt=policy.write(KEEPS_ACCOUNTS),
    status_code=202,
    responses=ACTS,
)
async def challenge_endpoint(endpoint_id: RowId, viewer: Viewer, pool: db.Pool) -> Sent:
    """Sends an unverified endpoint a challenge; it is active when the answer is 2xx and gives the challenge back."""
    return await _call(pool, viewer, endpoint_id, "endpoint.challenge", ChallengeEvent(secrets.token_urlsafe(24)))


@post(
    ONE + "/tests",
    tags=["webhooks"],
    opt=policy.write(KEEPS_ACCOUNTS),
    status_code=202,
    responses=ACTS,
)
async def test_endpoint(endpoint_id: RowId, viewer: Viewer, pool: db.Pool) -> Sent:
    """Sends it a test event, in place of one that waits."""
    return await _call(pool, viewer, endpoint_id, "endpoint.test", TestEvent("Uji coba dari posko. A test from posko."))


@put(ONE + "/pause", tags=["webhooks"], opt=policy.write(KEEPS_ACCOUNTS), responses=CHANGES)
async def pause_endpoint(endpoint_id: RowId, data: Pause, viewer: Viewer, pool: db.Pool) -> Endpoint:
    """Sends nothing for now; events go on being kept for it."""
    return await _pause(pool, viewer, endpoint_id, data.reason)


@delete(ONE + "/pause", tags=["webhooks"], opt=policy.write(KEEPS_ACCOUNTS), status_code=200, responses=ACTS)
async def resume_endpoint(endpoint_id: RowId, viewer: Viewer, pool: db.Pool) -> Endpoint:
    """Sends what has waited, also to one that had said it is gone."""
    return await _pause(pool, viewer, endpoint_id, None)


@post(
    ONE + "/secrets",
    tags=["webhooks"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=ACTS,
)
async def rotate_secret(endpoint_id: RowId, viewer: Viewer, pool: db.Pool, webhook_keys: Keys) -> Response[Secret]:
    """Another secret; the one before goes on signing beside it for 24 hours."""
    key, uid, sealed = webhook_keys.new()
    async with db.transaction(pool, viewer.reach) as connection:
        found = await store.endpoint(connection, viewer, endpoint_id)
        await store.rotate(connection, viewer, endpoint_id, uid, sealed)
    await note(pool, viewer, "webhook.rotate", found)
    return Response(Secret(key.text), status_code=201, headers=_ONCE)


def _require(viewer: Viewer, data: EndpointIn, guard: Guard) -> None:
    data.check(guard)
    viewer.require_operation(data.operation, None)
    viewer.require_scope(data.region)
    if data.cleared and not viewer.cleared:
        raise NotAllowed("only who is cleared lets others be told what is terbatas")


async def _call(pool: db.Pool, viewer: Viewer, endpoint: int, kind: str, data: msgspec.Struct) -> Sent:
    async with db.transaction(pool, viewer.reach) as connection:
        found = await store.endpoint(connection, viewer, endpoint)
        sent = await store.call(connection, viewer, endpoint, kind, data)
    await note(pool, viewer, f"webhook.{kind.partition('.')[2]}", found)
    return Sent(sent)


async def _pause(pool: db.Pool, viewer: Viewer, endpoint: int, why: str | None) -> Endpoint:
    async with db.transaction(pool, viewer.reach) as connection:
        await store.endpoint(connection, viewer, endpoint)
        await store.pause(connection, viewer, endpoint, why is not None, why)
        found = await store.endpoint(connection, viewer, endpoint)
    await note(pool, viewer, "webhook.resume" if why is None else "webhook.pause", found)
    return found


async def note(pool: db.Pool, viewer: Viewer, action: str, endpoint: Endpoint) -> None:
    """Writes down who did what to an endpoint."""
    subject = f"webhook {endpoint.id}"
    entry = log.by(viewer, action, region=endpoint.region, operation=endpoint.operation, subject=subject)
    async with db.identity(pool) as connection:
        await log.write(connection, [entry])


routes = [
    list_event_types,
    show_public_keys,
    list_endpoints,
    add_endpoint,
    show_endpoint,
    change_endpoint,
    remove_endpoint,
    challenge_endpoint,
    test_endpoint,
    pause_endpoint,
    resume_endpoint,
    rotate_secret,
]
