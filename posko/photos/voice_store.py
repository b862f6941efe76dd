"""The typed face of sql/queries/voices.sql."""

from __future__ import annotations

import uuid
from typing import Any, Final

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.photos.photo import Promise
from posko.photos.voice import KeptVoice, Voice, VoiceKind

_queries: Final = db.queries("voices")


class Note(msgspec.Struct, frozen=True):
    """What a report promises to say, if it does; `restricts` as in a report, `object_key` while it is kept."""

    operation: int
    place: str
    restricts: int | None
    voice: Voice | None
    object_key: str | None


async def promise(connection: db.Connection, viewer: Viewer, report_id: uuid.UUID) -> Promise[KeptVoice] | None:
    """A promise within the viewer's seat."""
    row = await connection.fetchrow(_queries["promise"].sql, report_id, viewer.account_id, viewer.seat_id)
    if row is None:
        return None
    kept = None if row["kept_at"] is None else KeptVoice(row["sha256"], row["bytes"], row["kept_at"])
    return Promise(
        report_id=report_id,
        sha256=row["sha256"],
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
    connection: db.Connection, viewer: Viewer, promised: Promise[KeptVoice], kind: VoiceKind, object_key: str
) -> tuple[KeptVoice, bool]:
    """Writes down that a voice note is in the store under a key; and whether this is what keeps it."""
    arguments = (promised.report_id, viewer.account_id, viewer.seat_id, kind, object_key)
    row = await connection.fetchrow(_queries["keep"].sql, *arguments)
    assert row is not None
    return KeptVoice(promised.sha256, promised.bytes, row["kept_at"]), row["is_new"]


async def note(connection: db.Connection, report_id: uuid.UUID) -> Note | None:
    """The voice note of a report within the transaction's reach."""
    row = await connection.fetchrow(_queries["of_report"].sql, report_id)
    if row is None:
        return None
    is_kept = row["kept_at"] is not None and row["gone_at"] is None
    voice = None if row["sha256"] is None else _voice(row, is_kept=is_kept)
    return Note(row["operation"], row["place"], row["restricts"], voice, row["object_key"] if is_kept else None)


def _voice(row: Any, *, is_kept: bool) -> Voice:
    return Voice(
        sha256=row["sha256"],
        bytes=row["bytes"],
        seconds=row["seconds"],
        state="kept" if is_kept else "promised" if row["kept_at"] is None else "forgotten",
        kind=row["kind"],
        kept_at=row["kept_at"],
        by=row["kept_by"],
    )
