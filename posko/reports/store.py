"""The typed face of sql/queries/reports.sql."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.config import Settings
from posko.regions.catalogue import Catalogue
from posko.reports.plan import Planned
from posko.reports.report import Content, Correction, Incident, Named, ReportIn

_queries = db.queries("reports")
_body = msgspec.json.Decoder(ReportIn)


class Filed(msgspec.Struct, frozen=True):
    """What the database says of one report of a batch."""

    outcome: str
    version: int | None = None
    received_at: datetime.datetime | None = None
    flags: list[str] = []


class Report(msgspec.Struct, frozen=True):
    """One stored report; `corrected_by` says that it no longer counts. Names are null once they were erased."""

    id: uuid.UUID
    operation: int
    place: str
    subject: str | None
    reporter: str
    on_behalf_of: str | None
    channel: str
    version: int
    observed_at: datetime.datetime
    received_at: datetime.datetime
    corrected_by: uuid.UUID | None
    flags: list[str]
    content: Content
    restricts: int | None = None
    """The operation that it is a restricted report of; null for what is not terbatas."""
    clock_skew_s: int | None = None
    """Seconds that the device's clock was ahead, where `observed_at` was put right by it."""


class IncidentReport(msgspec.Struct, frozen=True):
    """One incident as it was reported."""

    id: uuid.UUID
    place: str
    place_name: str
    reporter: str
    on_behalf_of: str | None
    version: int
    observed_at: datetime.datetime
    received_at: datetime.datetime
    content: Content


class Flag(msgspec.Struct, frozen=True):
    """One doubt, and the report that raises it."""

    kind: str
    subject: str
    report_id: uuid.UUID
    place: str
    place_name: str


class PastFlag(Flag, frozen=True):
    """One doubt as it went: since when, how it was settled, and when and by which report it was overtaken."""

    raised_at: datetime.datetime | None
    cleared_at: datetime.datetime | None
    cleared_by: str | None
    reason: str | None
    ended_at: datetime.datetime | None
    ended_by: uuid.UUID | None


_COLUMNS: Final = (
    "id", "account_id", "seat_id", "on_behalf_of", "persons", "place", "subject_id", "weight", "observed_at",
    "corrects", "vals", "body",
)  # fmt: skip


def arrays(reports: Sequence[Planned]) -> list[list[Any]]:
    """The reports as the arrays that the one hot statement takes."""
    return [[getattr(r, name) for r in reports] for name in _COLUMNS]


class FilingConnection:
    """A connection of its own with the one hot statement prepared."""

    def __init__(self, connection: asyncpg.Connection[Any], statement: Any, timeout_s: float) -> None:
        self._connection = connection
        self._statement = statement
        self._timeout_s = timeout_s

    @classmethod
    async def open(cls, settings: Settings) -> FilingConnection:
        role = db.DatabaseRole.app
        connection = await db.connect(settings.database_url, timeout_s=settings.commit_timeout_s, role=role)
        with db.translated():
            statement = await connection.prepare(_queries["file"].sql)
        return cls(connection, statement, settings.commit_timeout_s)

    async def file(self, catalogue: Catalogue, reports: Sequence[Planned], *, limit: int) -> list[Filed]:
        """Files a batch in one transaction; answers in the order given."""
        # The driver's own errors pass where they concern a report's content: the caller bisects the batch.
        with db.translated():
            rows = await self._statement.fetch(
                catalogue.operation,
                catalogue.layout,
                limit,
                *arrays(reports),
                timeout=self._timeout_s,
            )
        return [Filed(row[1], row[2], row[3], row[4] or []) for row in rows]

    def terminate(self) -> None:
        """Never close(): it would wait for a server that may be gone."""
        self._connection.terminate()


async def report(connection: db.Connection, report_id: uuid.UUID) -> Report | None:
    row = await connection.fetchrow(_queries["report"].sql, report_id)
    return None if row is None else _report(row)


async def place_exists(connection: db.Connection, operation: int, code: str) -> bool:
    """Whether the operation's tree has this region or TPS."""
    exists: bool = await connection.fetchval(_queries["place_exists"].sql, operation, code)
    return exists


async def timeline(
    connection: db.Connection, operation: int, place: str, *, after: tuple[int, uuid.UUID] | None, limit: int
) -> list[Report]:
    """Reports of one place, the last received first."""
    version, report_id = after if after is not None else (None, None)
    rows = await connection.fetch(_queries["timeline"].sql, operation, place, version, report_id, limit)
    return [_report(row) for row in rows]


async def incidents(
    connection: db.Connection,
    operation: int,
    code: str,
    severity: str | None,
    after: tuple[str, uuid.UUID] | None,
    limit: int,
) -> list[IncidentReport]:
    place, report_id = after if after is not None else (None, None)
    rows = await connection.fetch(_queries["incidents"].sql, operation, code, severity, place, report_id, limit)
    found = []
    for row in rows:
        said = _body.decode(row["body"])
        found.append(
            IncidentReport(
                row["id"],
                row["place"],
                row["place_name"],
                row["reporter"],
                row["on_behalf_of"],
                row["version"],
                row["observed_at"],
                row["received_at"],
                _named(said.content, row["persons"]),
            )
        )
    return found


async def flags(
    connection: db.Connection,
    operation: int,
    code: str,
    kind: str | None,
    after: tuple[str, str, uuid.UUID] | None,
    limit: int,
) -> list[Flag]:
    place, after_kind, report_id = after if after is not None else (None, None, None)
    rows = await connection.fetch(_queries["flags"].sql, operation, code, kind, place, after_kind, report_id, limit)
    return [db.to_struct(row, Flag) for row in rows]


async def flag_history(
    connection: db.Connection, operation: int, code: str, kind: str | None, limit: int
) -> list[PastFlag]:
    """Every flag that was raised at and below a region, by place and moment."""
    rows = await connection.fetch(_queries["flag_history"].sql, operation, code, kind, limit)
    return [db.to_struct(row, PastFlag) for row in rows]


async def flag_place(connection: db.Connection, kind: str, report_id: uuid.UUID) -> tuple[int, str, int | None] | None:
    """Operation and place of a flag, and the operation whose restricted lane that operation is."""
    row = await connection.fetchrow(_queries["flag_place"].sql, kind, report_id)
    return None if row is None else (row["operation"], row["place"], row["restricts"])


async def clear_flag(
    connection: db.Connection, kind: str, report_id: uuid.UUID, viewer: Viewer, reason: str
) -> int | None:
    """The version at which the flag is cleared; None when it was cleared before."""
    arguments = (kind, report_id, viewer.account_id, viewer.seat_id, reason)
    version: int | None = await connection.fetchval(_queries["clear_flag"].sql, *arguments)
    return version


async def reopen(connection: db.Connection, approval_id: int) -> int:
    """Opens a closed operation again, on an approval; returns its version."""
    version: int = await connection.fetchval(_queries["reopen"].sql, approval_id)
    return version


def _report(row: db.Record) -> Report:
    said = _body.decode(row["body"])
    return Report(
        id=row["id"],
        operation=row["operation"],
        place=row["place"],
        subject=row["subject"],
        reporter=row["reporter"],
        on_behalf_of=row["on_behalf_of"],
        channel=said.channel,
        clock_skew_s=said.clock_skew_s,
        version=row["version"],
        observed_at=row["observed_at"],
        received_at=row["received_at"],
        corrected_by=row["corrected_by"],
        flags=row["flags"],
        content=_named(said.content, row["persons"]),
        restricts=row["restricts"],
    )


def _named(content: Content, persons: list[str] | None) -> Content:
    """The content with the names that are kept apart; without those that were erased."""
    said = content.replacement if isinstance(content, Correction) else content
    if not isinstance(said, Incident) or not said.persons:
        return content
    kept = dict(msgspec.json.decode(text, type=tuple[int, str]) for text in persons or [])
    shown = [Named(n.part, kept[i]) for i, n in enumerate(said.persons, 1) if i in kept]
    told = msgspec.structs.replace(said, persons=shown)
    return msgspec.structs.replace(content, replacement=told) if isinstance(content, Correction) else told
