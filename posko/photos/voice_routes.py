"""Voice notes over HTTP: sent after the report that promises one; heard by who may open the report."""

from __future__ import annotations

import uuid
from typing import Any

from litestar import Request, Response, get, put
from litestar.openapi.datastructures import ResponseSpec

from posko import db, policy
from posko.accounts import log
from posko.accounts.account import FILES_REPORTS, OPENS_RECORDS, Viewer
from posko.errors import ReportUnknown
from posko.limits import Limits
from posko.photos import voice_store
from posko.photos.errors import VoiceUnknown
from posko.photos.keeper import Keeper
from posko.photos.routes import SANDBOX, SHOWN_CACHE, pieces
from posko.photos.voice import MEDIA_TYPES, KeptVoice, Voice
from posko.problems import responses
from posko.reports.report import VOICE_LIMIT_BYTES


@put(
    "/v1/reports/{report_id:uuid}/voice",
    tags=["photos"],
    status_code=201,
    opt=policy.write(FILES_REPORTS),
    request_max_body_size=VOICE_LIMIT_BYTES,
    responses={
        200: ResponseSpec(KeptVoice, description="It was kept before", generate_examples=False),
        **responses(401, 403, 404, 408, 409, 413, 422, 429, 503),
    },
)
async def send_voice(
    request: Request[Viewer, Any, Any], viewer: Viewer, report_id: uuid.UUID, photos: Keeper
) -> Response[KeptVoice]:
    """Send the voice note that a report promised: the file itself is the body. Send it again when unsure."""
    kept, is_new = await photos.take_voice(viewer, report_id, pieces(request))
    return Response(kept, status_code=201 if is_new else 200)


@get(
    "/v1/reports/{report_id:uuid}/voice",
    tags=["photos"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 429, 503),
)
async def tell_voice(viewer: Viewer, report_id: uuid.UUID, pool: db.Pool) -> Voice:
    """The voice note that a report promises, and whether it has come."""
    found, voice = await _note(viewer, report_id, pool)
    await log.note_restricted(viewer, pool, found.restricts, found.place, f"voice of {report_id}")
    return voice


@get(
    "/v1/reports/{report_id:uuid}/voice/sound",
    tags=["photos"],
    opt=policy.read(OPENS_RECORDS),
    media_type="audio/*",
    responses=responses(401, 403, 404, 409, 429, 503),
)
async def hear_voice(
    viewer: Viewer, report_id: uuid.UUID, pool: db.Pool, photos: Keeper, limits: Limits
) -> Response[bytes]:
    """The voice note, bared of what its file said beside the sound. Each time it is logged."""
    found, voice = await _note(viewer, report_id, pool)
    if found.object_key is None or voice.kind is None:
        raise VoiceUnknown(f"this voice note is {voice.state}: there is nothing to hear")
    await limits.take(policy.VOICES_HEARD, str(viewer.account_id))
    data = await photos.vault.open(found.object_key, "original")
    said = {"operation": found.restricts or found.operation, "region": found.place}
    is_restricted = found.restricts is not None
    subject = f"{voice.sha256[:16]} of {report_id}"
    entry = log.by(viewer, "voice.original", **said, restricted=is_restricted, subject=subject)
    async with db.identity(pool) as connection:
        await log.write(connection, [entry])
    headers = {
        "Content-Disposition": f'attachment; filename="posko-{voice.sha256[:16]}.{voice.kind}"',
        "Cache-Control": "no-store" if is_restricted else SHOWN_CACHE,
        "Vary": "Authorization, Cookie",
        **SANDBOX,
    }
    return Response(data, media_type=MEDIA_TYPES[voice.kind], headers=headers)


async def _note(viewer: Viewer, report_id: uuid.UUID, pool: db.Pool) -> tuple[voice_store.Note, Voice]:
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await voice_store.note(connection, report_id)
    if found is None or not viewer.can_see(found.place):
        raise ReportUnknown(f"there is no report {report_id} here")
    if found.voice is None:
        raise VoiceUnknown("this report promises no voice note")
    return found, found.voice


routes = [send_voice, tell_voice, hear_voice]
