"""Photos over HTTP: sent after the report that promises them; shown as copies; the original for a few."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from litestar import Request, Response, get, put
from litestar.exceptions import InternalServerException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from posko import db, policy
from posko.accounts import log
from posko.accounts.account import FILES_REPORTS, OPENS_RECORDS, Viewer
from posko.errors import BodyTooSlow, ReportUnknown
from posko.limits import Limits
from posko.photos import store
from posko.photos.errors import PhotoUnknown
from posko.photos.keeper import Keeper
from posko.photos.photo import MEDIA_TYPE, OPENS_ORIGINALS, Kept, Photo, Size
from posko.problems import responses
from posko.reports.report import PHOTO_LIMIT_BYTES, SHA256_PATTERN

Sha256 = Annotated[str, Parameter(pattern=SHA256_PATTERN)]
SANDBOX: Final = {"Content-Security-Policy": "sandbox; default-src 'none'"}
SHOWN_CACHE: Final = "private, max-age=86400, immutable"
"""A day, not a year: what is forgotten here is to be forgotten there. What is terbatas is not kept by browsers."""


@put(
    "/v1/reports/{report_id:uuid}/photos/{sha256:str}",
    tags=["photos"],
    status_code=201,
    opt=policy.write(FILES_REPORTS),
    request_max_body_size=PHOTO_LIMIT_BYTES,
    responses={
        200: ResponseSpec(Kept, description="It was kept before", generate_examples=False),
        **responses(401, 403, 404, 408, 409, 413, 422, 429, 503),
    },
)
async def send_photo(
    request: Request[Viewer, Any, Any], viewer: Viewer, report_id: uuid.UUID, sha256: Sha256, photos: Keeper
) -> Response[Kept]:
    """Send a photo that a report promised: the file itself is the body. Send it again when unsure."""
    kept, is_new = await photos.take(viewer, report_id, sha256, pieces(request))
    return Response(kept, status_code=201 if is_new else 200)


@get(
    "/v1/reports/{report_id:uuid}/photos",
    tags=["photos"],
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 429, 503),
)
async def list_photos(viewer: Viewer, report_id: uuid.UUID, pool: db.Pool) -> list[Photo]:
    """The photos that a report promises, and those of what it corrects; and which of them have come."""
    album = await _album(viewer, report_id, pool)
    await log.note_restricted(viewer, pool, album.restricts, album.place, f"photos of {report_id}")
    return [stored.photo for stored in album.photos]


@get(
    "/v1/reports/{report_id:uuid}/photos/{sha256:str}/{size:str}",
    tags=["photos"],
    opt=policy.read(OPENS_RECORDS),
    media_type=MEDIA_TYPE,
    responses=responses(401, 403, 404, 409, 422, 429, 503),
)
async def show_photo(
    viewer: Viewer, report_id: uuid.UUID, sha256: Sha256, size: Size, pool: db.Pool, photos: Keeper
) -> Response[bytes]:
    """A copy of a photo, upright, without anything but its pixels: at most 1600 or 320 on a side."""
    album = await _album(viewer, report_id, pool)
    found = _kept(album, sha256)
    data = await photos.vault.open(found, size)
    await log.note_restricted(viewer, pool, album.restricts, album.place, f"photo {sha256[:16]} of {report_id}")
    cache = SHOWN_CACHE if album.restricts is None else "no-store"
    headers = {"Cache-Control": cache, "Vary": "Authorization, Cookie", **SANDBOX}
    return Response(data, media_type=MEDIA_TYPE, headers=headers)


@get(
    "/v1/reports/{report_id:uuid}/photos/{sha256:str}/original",
    tags=["photos"],
    opt=policy.read(OPENS_ORIGINALS, step_up=True),
    media_type="application/octet-stream",
    responses=responses(401, 403, 404, 409, 422, 429, 503),
)
async def download_original(
    viewer: Viewer, report_id: uuid.UUID, sha256: Sha256, pool: db.Pool, photos: Keeper, limits: Limits
) -> Response[bytes]:
    """The photo exactly as it was sent, with all that it says of place, time and device. Each time it is logged."""
    album = await _album(viewer, report_id, pool)
    found = _kept(album, sha256)
    await limits.take(policy.PHOTO_ORIGINALS, str(viewer.account_id))
    data = await photos.vault.open(found, "original")
    said = {"operation": album.restricts or album.operation, "region": album.place}
    is_restricted = album.restricts is not None
    entry = log.by(viewer, "photo.original", **said, restricted=is_restricted, subject=f"{sha256[:16]} of {report_id}")
    async with db.identity(pool) as connection:
        await log.write(connection, [entry])
    kind = next(s.photo.kind for s in album.photos if s.photo.sha256 == sha256)
    headers = {
        "Content-Disposition": f'attachment; filename="posko-{sha256[:16]}.{kind}"',
        "Cache-Control": "no-store",
        **SANDBOX,
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


async def pieces(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """The body of a request as it comes in."""
    try:
        async for piece in request.stream():
            yield piece
    except InternalServerException:  # how the framework says that the sender hung up
        raise BodyTooSlow("the connection ended before the body did") from None


async def _album(viewer: Viewer, report_id: uuid.UUID, pool: db.Pool) -> store.Album:
    async with db.snapshot(pool, viewer.reach) as connection:
        found = await store.album(connection, report_id)
    if found is None or not viewer.can_see(found.place):
        raise ReportUnknown(f"there is no report {report_id} here")
    return found


def _kept(album: store.Album, sha256: str) -> str:
    """The key of a photo that is kept."""
    for stored in album.photos:
        if stored.photo.sha256 == sha256:
            if stored.object_key is not None:
                return stored.object_key
            raise PhotoUnknown(f"this photo is {stored.photo.state}: there is nothing to show")
    raise PhotoUnknown("this report promises no such photo")


routes = [send_photo, list_photos, show_photo, download_original]
