"""Contacts over HTTP, for admins within their own seat."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import Parameter

from posko import db, policy
from posko.accounts import log
from posko.accounts.account import KEEPS_ACCOUNTS, Viewer
from posko.errors import ContactUnknown, NotAllowed
from posko.messages import store
from posko.messages.contact import REGION_PATTERN, Contact, ContactIn
from posko.problems import responses

PAGE_LIMIT = 200


class ContactPage(msgspec.Struct, frozen=True):
    """`next` is the `after` of the following page; null on the last."""

    rows: list[Contact]
    next: int | None


@get(
    "/v1/contacts",
    tags=["contacts"],
    opt=policy.read(KEEPS_ACCOUNTS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def list_contacts(
    viewer: Viewer,
    pool: db.Pool,
    region: Annotated[str | None, Parameter(pattern=REGION_PATTERN)] = None,
    after: Annotated[int, Parameter(ge=0, le=2_147_483_647)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=PAGE_LIMIT)] = 100,
) -> ContactPage:
    """Who is told at the desks within your seat; `region` asks for one desk's."""
    if region is not None:
        viewer.require_scope(region)
    async with db.identity(pool) as connection:
        rows = await store.contacts(
            connection, viewer.regions, viewer.operation, region=region, after=after, limit=limit + 1
        )
    return ContactPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


@post(
    "/v1/contacts",
    tags=["contacts"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 503),
)
async def add_contact(data: ContactIn, viewer: Viewer, pool: db.Pool) -> Contact:
    """Tell somebody at a desk from now on, also of what fires there already."""
    data.check()
    viewer.require_scope(data.region)
    if data.operation is None and viewer.operation is not None:
        raise NotAllowed(f"your seat is one of operation {viewer.operation} alone: name it")
    if data.operation is not None:
        viewer.require_operation(data.operation, None)
    if data.cleared and not viewer.cleared:
        raise NotAllowed("only who is cleared makes others so")
    async with db.identity(pool) as connection:
        made = await store.add_contact(connection, viewer, data)
        entry = log.by(viewer, "contact.add", region=data.region, operation=data.operation, subject=f"contact {made}")
        await log.write(connection, [entry])
        return await store.contact(connection, viewer.regions, viewer.operation, made)


@delete(
    "/v1/contacts/{contact_id:int}",
    tags=["contacts"],
    opt=policy.write(KEEPS_ACCOUNTS, step_up=True),
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def remove_contact(
    contact_id: Annotated[int, Parameter(ge=1, le=2_147_483_647)], viewer: Viewer, pool: db.Pool
) -> None:
    """Tell somebody no longer; what waits for them is dropped."""
    async with db.identity(pool) as connection:
        found = await store.contact(connection, viewer.regions, viewer.operation, contact_id)
        if viewer.operation not in (None, found.operation):
            raise ContactUnknown(f"there is no contact {contact_id} here")
        if found.cleared and not viewer.cleared:
            raise NotAllowed("who is cleared is kept by who is cleared")
        await store.remove_contact(connection, viewer, contact_id)
        entry = log.by(
            viewer, "contact.remove", region=found.region, operation=found.operation, subject=f"contact {contact_id}"
        )
        await log.write(connection, [entry])


routes = [list_contacts, add_contact, remove_contact]
