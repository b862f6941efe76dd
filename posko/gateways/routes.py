"""Gateways over HTTP: texts in by a gateway's signature; gateways and senders kept by admins."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Annotated, Any, Final

from litestar import Request, Response, delete, get, post
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.params import Parameter

from posko import db, policy
from posko.accounts import log, people
from posko.accounts.account import KEEPS_ACCOUNTS, USERNAME_PATTERN, Viewer
from posko.gateways import gateway, store
from posko.gateways.gateway import BODY_LIMIT_BYTES, Answered, Gateway, GatewayIn, Keyed, NewKey, Sender, SenderIn
from posko.gateways.grammar import TEXT_LIMIT
from posko.gateways.texts import Texts
from posko.problems import responses

RowId = Annotated[int, Parameter(ge=1, le=2_147_483_647)]
Name = Annotated[str, Parameter(pattern=USERNAME_PATTERN.replace("(?!\\n)", ""))]
_ONCE: Final = {"Cache-Control": "no-store"}


@dataclasses.dataclass
class TextOperation(Operation):
    """The body is read after the signature is checked, so its form is said here."""

    def __post_init__(self) -> None:
        moment = Schema(type="string", format="date-time")  # type: ignore[arg-type]
        self.request_body = RequestBody(
            required=True,
            content={
                "application/json": OpenAPIMediaType(
                    schema=Schema(
                        type="object",  # type: ignore[arg-type]
                        required=["sender", "text"],
                        properties={
                            "sender": Schema(type="string", min_length=1, max_length=64),  # type: ignore[arg-type]
                            "text": Schema(type="string", max_length=TEXT_LIMIT),  # type: ignore[arg-type]
                            "sent_at": moment,
                        },
                    )
                )
            },
        )


@post(
    "/v1/intake/{channel:str}",
    tags=["gateways"],
    status_code=200,
    opt=policy.opened(),
    security=[{"webhook": []}],
    operation_class=TextOperation,
    request_max_body_size=BODY_LIMIT_BYTES,
    responses=responses(400, 401, 403, 404, 408, 409, 413, 422, 429, 503),
)
async def take_text(
    request: Request[Any, Any, Any], channel: str, texts: Texts, utc_now: datetime.datetime
) -> Answered:
    """Hand on a text that somebody sent, signed by Standard Webhooks; `webhook-id` is the message's own."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return await texts.take(channel, headers, await request.body(), utc_now)


@get("/v1/gateways", tags=["gateways"], opt=policy.read(KEEPS_ACCOUNTS), responses=responses(401, 403, 429, 503))
async def list_gateways(viewer: Viewer, pool: db.Pool) -> list[Gateway]:
    """The open gateways of the operations that lie in your seat as a whole."""
    async with db.identity(pool) as connection:
        return await store.gateways(connection, viewer)


@post(
    "/v1/gateways",
    tags=["gateways"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def add_gateway(data: GatewayIn, viewer: Viewer, pool: db.Pool, texts: Texts) -> Response[Keyed]:
    """Let a gateway hand texts on into an operation. Its secret is shown this once."""
    key, shown = gateway.checking_key(data.key)
    async with db.identity(pool) as connection:
        made = await store.add(connection, viewer, data, key, texts.sealer)
        found = await store.gateway(connection, viewer, made)
        await log.write(connection, [_about(viewer, "gateway.add", found)])
    return Response(Keyed(found, shown), status_code=201, headers=_ONCE)


@post(
    "/v1/gateways/{gateway_id:int}/keys",
    tags=["gateways"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def rotate_key(gateway_id: RowId, data: NewKey, viewer: Viewer, pool: db.Pool, texts: Texts) -> Response[Keyed]:
    """A new key in place of a gateway's; the one before goes on for 24 hours."""
    key, shown = gateway.checking_key(data.key)
    async with db.identity(pool) as connection:
        await store.gateway(connection, viewer, gateway_id)
        await store.rotate(connection, gateway_id, key, texts.sealer)
        found = await store.gateway(connection, viewer, gateway_id)
        await log.write(connection, [_about(viewer, "gateway.rotate", found)])
    return Response(Keyed(found, shown), status_code=201, headers=_ONCE)


@delete(
    "/v1/gateways/{gateway_id:int}",
    tags=["gateways"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def close_gateway(gateway_id: RowId, viewer: Viewer, pool: db.Pool) -> None:
    """Take texts of a gateway no longer, from this moment."""
    async with db.identity(pool) as connection:
        found = await store.gateway(connection, viewer, gateway_id)
        await store.close(connection, viewer, gateway_id)
        await log.write(connection, [_about(viewer, "gateway.close", found)])


@get(
    "/v1/accounts/{username:str}/senders",
    tags=["gateways"],
    opt=policy.read(KEEPS_ACCOUNTS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_senders(username: Name, viewer: Viewer, pool: db.Pool) -> list[Sender]:
    """Which numbers and chats speak for an account; their last digits."""
    async with db.identity(pool) as connection:
        return await store.senders(connection, (await people.managed(connection, viewer, username)).id)


@post(
    "/v1/accounts/{username:str}/senders",
    tags=["gateways"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def add_sender(username: Name, data: SenderIn, viewer: Viewer, pool: db.Pool, texts: Texts) -> Sender:
    """Let a number or chat speak for an account: its texts become reports of its seats."""
    address = gateway.require_address(data)
    digest = texts.digests.of(data.channel, address)
    async with db.identity(pool) as connection:
        found = await people.managed(connection, viewer, username)
        made = await store.add_sender(connection, viewer, found.id, data.channel, address, digest)
        await log.write(connection, [log.by(viewer, "sender.add", subject=username, detail=f"sender {made.id}")])
    return made


@delete(
    "/v1/accounts/{username:str}/senders/{sender_id:int}",
    tags=["gateways"],
    opt=policy.write(KEEPS_ACCOUNTS),
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def remove_sender(username: Name, sender_id: RowId, viewer: Viewer, pool: db.Pool) -> None:
    """A number or chat speaks for the account no longer; nothing is kept of it."""
    async with db.identity(pool) as connection:
        found = await people.managed(connection, viewer, username)
        await store.remove_sender(connection, found.id, sender_id)
        await log.write(connection, [log.by(viewer, "sender.remove", subject=username, detail=f"sender {sender_id}")])


def _about(viewer: Viewer, action: str, found: Gateway) -> log.Entry:
    return log.by(
        viewer, action, operation=found.operation, subject=f"gateway {found.id}: {found.channel} {found.name}"
    )


routes = [
    take_text,
    list_gateways,
    add_gateway,
    rotate_key,
    close_gateway,
    list_senders,
    add_sender,
    remove_sender,
]
