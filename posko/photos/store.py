"""The typed face of sql/queries/photos.sql."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.photos.photo import Decoded, Kept, Kind, Photo, Promise

_queries: Final = db.queries("photos")


class Stored(msgspec.Struct, frozen=True):
    """One promised photo of a report, and under which key it is kept, while it is."""

    photo: Photo
    object_key: str | None


class Album(msgspec.Struct, frozen=True):
    """What a report promises; `restricts` as in a report."""

    operation: int
    place: str
    restricts: int | None
    photos: list[Stored]


async def promise(connection: db.Connection, viewer: Viewer, report_id: uuid.UUID, sha256: str) -> Promise[Kept] | None:
    """A promise within the viewer's seat."""
    arguments = (report_id, sha256, viewer.account_id, viewer.seat_id)
    row = await connection.fetchrow(_queries["promise"].sql, *arguments)
    if row is None:
        return None
    kept = None
    if row["kept_at"] is not None:
        kept = Kept(sha256, row["bytes"], row["width"], row["height"], row["kept_at"])
    return Promise(
        report_id=report_id,
        sha256=sha256,
        operation=row["operation"],
        place=row["place"],
        restricts=row["restricts"],
        bytes=row["bytes"],
        may_send=row["may_send"],
        is_open=row["is_open"],
        is_gone=row["is_gone"],
        kept=kept,
    )


async def keep(
    connection: db.Connection, viewer: Viewer, promised: Promise[Kept], found: tuple[Kind, Decoded, str]
) -> tuple[Kept, bool]:
    """Writes down that a photo is in the store under a key; and whether this is what keeps it."""
    kind, decoded, object_key = found
    row = await connection.fetchrow(
        _queries["keep"].sql,
        promised.report_id,
        promised.sha256,
        viewer.account_id,
        viewer.seat_id,
        kind,
        decoded.width,
        decoded.height,
        object_key,
    )
    assert row is not None
    return Kept(promised.sha256, promised.bytes, decoded.width, decoded.height, row["kept_at"]), row["is_new"]


async def album(connection: db.Connection, report_id: uuid.UUID) -> Album | None:
    """The photos of a report within the transaction's reach, as promised; then those of what it corrects."""
    rows = await connection.fetch(_queries["of_report"].sql, report_id)
    if not rows:
        return None
    photos = [_stored(row) for row in rows if row["sha256"] is not None]
    return Album(rows[0]["operation"], rows[0]["place"], rows[0]["restricts"], photos)


def _stored(row: Any) -> Stored:
    is_kept = row["kept_at"] is not None and row["gone_at"] is None
    photo = Photo(
        report=row["report"],
        sha256=row["sha256"],
        bytes=row["bytes"],
        state="kept" if is_kept else "promised" if row["kept_at"] is None else "forgotten",
        kind=row["kind"],
        width=row["width"],
        height=row["height"],
        kept_at=row["kept_at"],
        by=row["kept_by"],
    )
    return Stored(photo, row["object_key"] if is_kept else None)


async def due(connection: db.Connection) -> list[int]:
    """Operations (and lanes) that still have photos though the time of their names is over."""
    return [row["id"] for row in await connection.fetch(_queries["due"].sql)]


async def forget(connection: db.Connection, operation: int) -> int:
    """Writes down that an operation's photos are gone, if they are due; answers how many."""
    count: int = await connection.fetchval(_queries["forget"].sql, operation)
    return count


async def keys_of(connection: db.Connection, report_id: uuid.UUID) -> list[str]:
    """Under which keys a report's photos are kept."""
    return [row["object_key"] for row in await connection.fetch(_queries["of_report_keys"].sql, report_id)]


async def forget_report(connection: db.Connection, report_id: uuid.UUID) -> None:
    """Writes down that a report's photos are gone; for the owner of the tables."""
    await connection.execute(_queries["forget_report"].sql, report_id)


async def orphans(connection: db.Connection, keys: Sequence[str]) -> list[str]:
    """Which of these keys no row speaks for."""
    return [row["object_key"] for row in await connection.fetch(_queries["orphans"].sql, list(keys))]
