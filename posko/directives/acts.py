"""Issuing, answering and withdrawing directives over HTTP."""

from __future__ import annotations

import uuid
from typing import Annotated, Final

from litestar import Response, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts import log
from posko.accounts.account import FILES_REPORTS, Viewer
from posko.directives import store
from posko.directives.directive import (
    Answer,
    Answered,
    AudienceIn,
    AudienceSize,
    Completion,
    Directive,
    DirectiveIn,
    Why,
)
from posko.problems import responses
from posko.reports.committer import Committed

ISSUES: Final = frozenset({"operator", "supervisor", "admin"})
ANSWERS: Final = FILES_REPORTS
"""A petugas for its own TPS, a system too."""

Code = Annotated[str, Parameter(pattern=terms.CODE_PATTERN)]
_ERRORS: Final = (400, 401, 403, 404, 409, 413, 422, 429, 503)


@put(
    "/v1/directives/{directive_id:uuid}",
    tags=["directives"],
    status_code=201,
    opt=policy.write(ISSUES),
    responses={
        200: ResponseSpec(Directive, description="The same directive again", generate_examples=False),
        **responses(*_ERRORS),
    },
)
async def issue_directive(
    viewer: Viewer, directive_id: uuid.UUID, data: DirectiveIn, pool: db.Pool, committed: Committed
) -> Response[Directive]:
    """Issue a directive under the id that the client made, to at most 20,000 places. Send it again when unsure."""
    data.check()
    viewer.require_scope(data.from_)
    async with db.transaction(pool, viewer.reach) as connection:
        issued = await store.issue(connection, viewer, directive_id, data)
        wanted = store.Filter(id=directive_id)
        (directive,) = await store.page(connection, issued.operation, data.from_, wanted, 1)
    if issued.is_new:
        committed(issued.operation, issued.version, issued.places)
        place = (issued.operation, issued.restricts, data.from_)
        await _note(viewer, pool, "directive.issue", place, f"directive {issued.number} ({directive_id})")
    return Response(directive, status_code=201 if issued.is_new else 200)


@post(
    "/v1/directive-audiences",
    tags=["directives"],
    status_code=200,
    opt=policy.read(ISSUES),
    responses=responses(400, 401, 403, 404, 413, 422, 429, 503),
)
async def size_audience(viewer: Viewer, data: AudienceIn, pool: db.Pool) -> AudienceSize:
    """For how many places a directive would be, before it is issued."""
    viewer.require_scope(data.from_)
    async with db.snapshot(pool, viewer.reach) as connection:
        return await store.audience(connection, data)


@put(
    "/v1/directives/{directive_id:uuid}/withdrawal",
    tags=["directives"],
    status_code=200,
    opt=policy.write(ISSUES),
    responses=responses(*_ERRORS),
)
async def withdraw_directive(
    viewer: Viewer, directive_id: uuid.UUID, data: Why, pool: db.Pool, committed: Committed
) -> Directive:
    """Take a directive back from all who have not answered; what was answered stays."""
    terms.refuse_nik("$.reason", data.reason)
    async with db.transaction(pool, viewer.reach) as connection:
        done = await store.withdraw(connection, viewer, directive_id, data.reason)
        (directive,) = await store.page(connection, done.operation, done.place, store.Filter(id=directive_id), 1)
    if done.is_new:
        committed(done.operation, done.version, done.places)
        place = (done.operation, done.restricts, done.place)
        await _note(viewer, pool, "directive.withdraw", place, f"directive {done.number} ({directive_id})")
    return directive


@put(
    "/v1/directives/{directive_id:uuid}/targets/{code:str}/receipt",
    tags=["directives"],
    status_code=200,
    opt=policy.write(ANSWERS),
    responses=responses(*_ERRORS),
)
async def receive(viewer: Viewer, directive_id: uuid.UUID, code: Code, pool: db.Pool, committed: Committed) -> Answered:
    """It was read here."""
    return await _say(viewer, (directive_id, code), store.Said("receipt"), pool, committed)


@put(
    "/v1/directives/{directive_id:uuid}/targets/{code:str}/acceptance",
    tags=["directives"],
    status_code=200,
    opt=policy.write(ANSWERS),
    responses=responses(*_ERRORS),
)
async def accept(viewer: Viewer, directive_id: uuid.UUID, code: Code, pool: db.Pool, committed: Committed) -> Answered:
    """It is accepted here."""
    return await _say(viewer, (directive_id, code), store.Said("acceptance"), pool, committed)


@put(
    "/v1/directives/{directive_id:uuid}/targets/{code:str}/refusal",
    tags=["directives"],
    status_code=200,
    opt=policy.write(ANSWERS),
    responses=responses(*_ERRORS),
)
async def refuse(
    viewer: Viewer, directive_id: uuid.UUID, code: Code, data: Why, pool: db.Pool, committed: Committed
) -> Answered:
    """It is refused here, and why."""
    terms.refuse_nik("$.reason", data.reason)
    return await _say(viewer, (directive_id, code), store.Said("refusal", data.reason), pool, committed)


@put(
    "/v1/directives/{directive_id:uuid}/targets/{code:str}/completion",
    tags=["directives"],
    status_code=200,
    opt=policy.write(ANSWERS),
    responses=responses(*_ERRORS),
)
async def complete(
    viewer: Viewer, directive_id: uuid.UUID, code: Code, data: Completion, pool: db.Pool, committed: Committed
) -> Answered:
    """It is done here, with proof."""
    data.check()
    return await _say(viewer, (directive_id, code), store.Said("completion", proof=data), pool, committed)


@put(
    "/v1/directives/{directive_id:uuid}/targets/{code:str}/answer",
    tags=["directives"],
    status_code=200,
    opt=policy.write(ANSWERS),
    responses=responses(*_ERRORS),
)
async def answer(
    viewer: Viewer, directive_id: uuid.UUID, code: Code, data: Answer, pool: db.Pool, committed: Committed
) -> Answered:
    """What was asked for is answered here."""
    terms.refuse_nik("$.text", data.text)
    return await _say(viewer, (directive_id, code), store.Said("answer", data.text), pool, committed)


async def _say(
    viewer: Viewer, target: tuple[uuid.UUID, str], said: store.Said, pool: db.Pool, committed: Committed
) -> Answered:
    directive_id, code = target
    async with db.transaction(pool, viewer.reach) as connection:
        found = await store.answer(connection, viewer, directive_id, code, said)
    if found.places:
        committed(found.operation, found.version, found.places)
    return Answered(directive_id, code, found.state, found.changed_at, found.version)


async def _note(viewer: Viewer, pool: db.Pool, action: str, place: tuple[int, int | None, str], subject: str) -> None:
    """Who ordered what, in the log."""
    operation, restricts, code = place
    entry = log.by(
        viewer,
        action,
        operation=restricts or operation,
        region=code,
        restricted=restricts is not None,
        subject=subject,
    )
    async with db.identity(pool) as connection:
        await log.write(connection, [entry])


routes = [issue_directive, size_audience, withdraw_directive, receive, accept, refuse, complete, answer]
