"""What desks do about incidents over HTTP. An illegal move is 409 with the reason, and changes nothing."""

from __future__ import annotations

import uuid
from typing import Annotated, TypeAlias

import msgspec
from litestar import delete, post, put
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts.account import ACTS, OPENS_RECORDS, SUPERVISES, Viewer
from posko.errors import broken
from posko.incidents import routes as reading
from posko.incidents import store
from posko.incidents.incident import (
    TIERS,
    Acted,
    Asking,
    Classifying,
    Delegating,
    Joining,
    Locating,
    Merging,
    Note,
    Owning,
    Revoting,
    Snoozing,
    Told,
    Verifying,
)
from posko.problems import responses
from posko.reports.catalogues import Catalogues
from posko.reports.committer import Committed

Number: TypeAlias = Annotated[int, Parameter(ge=1, le=200)]

_ERRORS = responses(400, 401, 403, 404, 409, 413, 422, 429, 503)
_PATH = "/v1/incidents/{incident_id:uuid}"


class Desk:
    """Does what desks do, and tells consoles of it."""

    def __init__(self, pool: db.Pool, committed: Committed) -> None:
        self._pool = pool
        self._committed = committed

    async def act(
        self, viewer: Viewer, incident_id: uuid.UUID, action: str, body: Note | Told, **more: object
    ) -> Acted:
        """One action; `more` are details that the path says."""
        for name, text in {**msgspec.structs.asdict(body), **more}.items():
            if isinstance(text, str):
                terms.refuse_nik(f"$.{name}", text)
        async with db.transaction(self._pool, viewer.reach) as connection:
            await reading.require(connection, viewer, incident_id)
            done = await store.act(connection, viewer, incident_id, action, body, more)
            found = await reading.require(connection, viewer, incident_id)
        version, operation, places, entry = done
        self._committed(operation, version, places)
        return Acted(version, entry, found)


@put(_PATH + "/acknowledgement", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def acknowledge(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Note) -> Acted:
    """Accept it: it climbs no further while there is news of it. Only the tier that it has climbed to, or one above."""
    return await desk.act(viewer, incident_id, "acknowledgement", data)


@put(_PATH + "/handling", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def handle(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Note) -> Acted:
    """Begin to work on it; it is yours."""
    return await desk.act(viewer, incident_id, "handling", data)


@put(_PATH + "/resolution", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def resolve(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Told) -> Acted:
    """It is solved; `said` tells how."""
    return await desk.act(viewer, incident_id, "resolution", data)


@put(_PATH + "/closure", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def close(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Note) -> Acted:
    """Close what is solved."""
    return await desk.act(viewer, incident_id, "closure", data)


@put(_PATH + "/reopening", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def reopen(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Told) -> Acted:
    """It is not solved after all; it climbs from the beginning."""
    return await desk.act(viewer, incident_id, "reopening", data)


@put(_PATH + "/merge", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def merge(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Merging) -> Acted:
    """It is the same as another: its reports become that one's."""
    return await desk.act(viewer, incident_id, "merge", data)


@put(_PATH + "/verification", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def verify(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Verifying) -> Acted:
    """Whether it is true; `terverifikasi` needs the proof in `said`."""
    if data.state == "terverifikasi" and data.said is None:
        raise broken("$.said", "proof", "say what proves it")
    return await desk.act(viewer, incident_id, "verification", data)


@put(_PATH + "/classification", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def classify(
    viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Classifying, catalogues: Catalogues, pool: db.Pool
) -> Acted:
    """Another category or severity; it climbs by the rule for that from now on."""
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await reading.require(connection, viewer, incident_id)
    if data.category not in (await catalogues.get(found.operation)).categories:
        raise broken("$.category", "category-of-operation", f"this operation has no category {data.category!r}")
    return await desk.act(viewer, incident_id, "classification", data)


@put(_PATH + "/owner", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def own(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Owning) -> Acted:
    """Give it to somebody whose seat covers the place."""
    return await desk.act(viewer, incident_id, "owner", data)


@put(_PATH + "/parent", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def join(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Joining) -> Acted:
    """Make it a part of something bigger; while that is open it does not climb by itself."""
    return await desk.act(viewer, incident_id, "parent", data)


@put(_PATH + "/snooze", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def snooze(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Snoozing) -> Acted:
    """Let it rest for a while, with the reason."""
    return await desk.act(viewer, incident_id, "snooze", data)


@put(_PATH + "/delegation", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def delegate(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Delegating) -> Acted:
    """Hand it down to a lower tier, which has to accept it."""
    return await desk.act(
        viewer, incident_id, "delegation", Told(said=data.said, channel=data.channel), tier=TIERS.index(data.tier)
    )


@put(_PATH + "/escalation", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def escalate(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Told) -> Acted:
    """Tell the next tier at once."""
    return await desk.act(viewer, incident_id, "escalation", data)


@put(_PATH + "/location", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def locate(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Locating) -> Acted:
    """Where it is on the map."""
    return await desk.act(viewer, incident_id, "location", data)


@put(_PATH + "/revote", tags=["incidents"], opt=policy.write(SUPERVISES), responses=_ERRORS)
async def nominate(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Revoting) -> Acted:
    """A candidate for PSU, PSS or PSL, and then what was decided; supervisors only."""
    return await desk.act(viewer, incident_id, "revote", data)


@post(_PATH + "/comments", tags=["incidents"], status_code=201, opt=policy.write(ACTS), responses=_ERRORS)
async def comment(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Told) -> Acted:
    """Say something about it; that is news."""
    return await desk.act(viewer, incident_id, "comment", data)


@post(_PATH + "/requests", tags=["incidents"], status_code=201, opt=policy.write(ACTS), responses=_ERRORS)
async def ask(viewer: Viewer, desk: Desk, incident_id: uuid.UUID, data: Asking) -> Acted:
    """Ask a desk or institution for advice, or refer it to an agency."""
    said = Told(said=data.said, channel=data.channel)
    return await desk.act(viewer, incident_id, data.kind, said, addressee=data.addressee)


@put(_PATH + "/requests/{number:int}/answer", tags=["incidents"], opt=policy.write(ACTS), responses=_ERRORS)
async def answer(
    viewer: Viewer, desk: Desk, pool: db.Pool, incident_id: uuid.UUID, number: Number, data: Told
) -> Acted:
    """The advice, or what the agency did."""
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await reading.require(connection, viewer, incident_id)
        asked = next((r for r in (await store.detail(connection, found)).requests if r.number == number), None)
    action = "referral_done" if asked is not None and asked.kind == "referral" else "advice_given"
    return await desk.act(viewer, incident_id, action, data, number=number)


@put(_PATH + "/watch", tags=["incidents"], status_code=204, opt=policy.write(OPENS_RECORDS), responses=_ERRORS)
async def watch(viewer: Viewer, pool: db.Pool, incident_id: uuid.UUID) -> None:
    """Put it on your own list."""
    async with db.transaction(pool, viewer.reach) as connection:
        await reading.require(connection, viewer, incident_id)
        await store.watch(connection, viewer, incident_id, is_watched=True)


@delete(_PATH + "/watch", tags=["incidents"], status_code=204, opt=policy.write(OPENS_RECORDS), responses=_ERRORS)
async def unwatch(viewer: Viewer, pool: db.Pool, incident_id: uuid.UUID) -> None:
    """Take it off your own list."""
    async with db.transaction(pool, viewer.reach) as connection:
        await reading.require(connection, viewer, incident_id)
        await store.watch(connection, viewer, incident_id, is_watched=False)


routes = [
    acknowledge,
    handle,
    resolve,
    close,
    reopen,
    merge,
    verify,
    classify,
    own,
    join,
    snooze,
    delegate,
    escalate,
    locate,
    nominate,
    comment,
    ask,
    answer,
    watch,
    unwatch,
]
