"""Intake: decode, judge by the rules, hand to the group commit, answer per report."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from posko import errors
from posko.accounts.account import FILES_REPORTS, Viewer
from posko.config import Settings
from posko.errors import FieldError, Invalid, LayoutChanged, PoskoError, field_error
from posko.reports.catalogues import Catalogues
from posko.reports.committer import REJECTED, Committed, Committer, Metrics, QueueRoom
from posko.reports.plan import Planned, broken, plan
from posko.reports.report import Receipt, ReportIn, ReportItem
from posko.reports.store import Filed

COMMITTERS_LIMIT: Final = 8
"""Operations whose group commit is kept running in one process, each with a connection of its own; there are more only
while more are busy."""
RELOADS: Final = 2
"""How often a batch is planned anew when milestones or contests change under it."""


UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Not JSON, not UTF-8, or nested beyond reason."""


class _Identified(msgspec.Struct):
    id: uuid.UUID


_one = msgspec.json.Decoder(ReportIn)
_item = msgspec.json.Decoder(ReportItem)
_items = msgspec.json.Decoder(list[ReportItem])
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_identified = msgspec.json.Decoder(_Identified)


def decode_one(body: bytes) -> ReportIn:
    """One report, or which field is outside which rule."""
    try:
        return _one.decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except UNREADABLE as error:
        raise errors.MalformedBody(str(error)) from None


def decode_many(body: bytes, *, limit: int) -> list[ReportItem | Receipt]:
    """An array of reports; an item outside the rules is its refusal, the others stand."""
    try:
        found: list[ReportItem | Receipt] = list(_items.decode(body))
    except msgspec.ValidationError:
        found = _decode_each(body)
    except UNREADABLE as error:
        raise errors.MalformedBody(str(error)) from None
    if not 1 <= len(found) <= limit:
        raise broken("$", "items-limit", f"an array of 1 to {limit} reports; this one has {len(found)}")
    return found


def _decode_each(body: bytes) -> list[ReportItem | Receipt]:
    try:
        raws = _raws.decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except UNREADABLE as error:
        raise errors.MalformedBody(str(error)) from None
    found: list[ReportItem | Receipt] = []
    for index, raw in enumerate(raws):
        try:
            found.append(_item.decode(raw))
        except UNREADABLE as error:
            found.append(refused(_id_of(raw), _invalid(error, f"$[{index}]")))
    return found


def _id_of(raw: msgspec.Raw) -> uuid.UUID | None:
    try:
        return _identified.decode(raw).id
    except UNREADABLE:
        return None


def _invalid(error: Exception, root: str = "$") -> Invalid:
    found = field_error(str(error), root)
    return Invalid(found.message, errors=[found])


def refused(report_id: uuid.UUID | None, error: PoskoError) -> Receipt:
    """The answer to a report that was not taken."""
    return Receipt(id=report_id, status=error.status, outcome="refused", problem=error.problem())


class Intake:
    """Where reports enter: one group commit per operation, started when its first report comes."""

    def __init__(self, settings: Settings, catalogues: Catalogues, metrics: Metrics, committed: Committed) -> None:
        self._settings = settings
        self._catalogues = catalogues
        self._metrics = metrics
        self._committed = committed
        self._room = QueueRoom(settings.queue_items_limit, metrics)
        self._committers: dict[int, Committer] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def require_room(self) -> None:
        """QueueFull when whatever comes now would be refused: known before a body is looked at."""
        self._room.require()

    def file_soon(
        self, viewer: Viewer, report_id: uuid.UUID, report: ReportIn, done: Callable[[Receipt | PoskoError], None]
    ) -> bool:
        """Files one report and calls `done` after the commit; False, and no call, when something must be read first.

        A refusal by the rules is raised; LayoutChanged, handed to `done`, means that the plan is to be made anew.
        """
        viewer.require_role(FILES_REPORTS)
        catalogue = self._catalogues.known(report.operation)
        if catalogue is None:
            return False
        planned = plan(viewer, report_id, report, catalogue)

        def answered(result: Sequence[Filed] | PoskoError) -> None:
            if isinstance(result, PoskoError):
                done(result)
                return
            try:
                receipt = _receipt(planned, result[0])
            except PoskoError as error:
                done(error)
            else:
                done(receipt)

        self._committer(report.operation).submit(catalogue, (planned,), answered)
        return True

    async def file_one(self, viewer: Viewer, report_id: uuid.UUID, report: ReportIn) -> Receipt:
        """Files one report; a refusal is raised."""
        viewer.require_role(FILES_REPORTS)
        for _ in range(RELOADS):
            catalogue = self._catalogues.known(report.operation) or await self._catalogues.get(report.operation)
            planned = plan(viewer, report_id, report, catalogue)
            try:
                filed = await self._committer(report.operation).file(catalogue, [planned])
            except LayoutChanged:
                await self._catalogues.reload(report.operation)
                continue
            return _receipt(planned, filed[0])
        raise LayoutChanged

    async def file_many(self, viewer: Viewer, items: list[ReportItem | Receipt]) -> list[Receipt]:
        """Files an array; answers per item, in order. Raises what concerns all: role, database down, queue full."""
        viewer.require_role(FILES_REPORTS)
        answers: list[Receipt | None] = [i if isinstance(i, Receipt) else None for i in items]
        by_operation: dict[int, list[int]] = {}
        for index, item in enumerate(items):
            if isinstance(item, ReportItem):
                by_operation.setdefault(item.operation, []).append(index)
        for operation, indexes in by_operation.items():
            await self._file_of_operation(viewer, operation, items, indexes, answers)
        return [a for a in answers if a is not None]

    async def _file_of_operation(
        self,
        viewer: Viewer,
        operation: int,
        items: list[ReportItem | Receipt],
        indexes: list[int],
        answers: list[Receipt | None],
    ) -> None:
        for _ in range(RELOADS):
            try:
                catalogue = await self._catalogues.get(operation)
                planned: list[tuple[int, Planned]] = []
                for index in indexes:
                    item = items[index]
                    assert isinstance(item, ReportItem)
                    try:
                        planned.append((index, plan(viewer, item.id, item, catalogue)))
                    except errors.Refused as error:
                        answers[index] = refused(item.id, _at(error, index))
                if not planned:
                    return
                filed = await self._committer(operation).file(catalogue, [p for _, p in planned])
            except LayoutChanged:
                await self._catalogues.reload(operation)
                continue
            except errors.Refused as error:  # the operation is unknown or takes no reports
                for index in indexes:
                    item = items[index]
                    answers[index] = answers[index] or refused(item.id, error)
                return
            for (index, plan_), one in zip(planned, filed, strict=True):
                try:
                    answers[index] = _receipt(plan_, one)
                except errors.Refused as error:
                    answers[index] = refused(plan_.id, _at(error, index))
            return
        raise LayoutChanged

    def _committer(self, operation: int) -> Committer:
        found = self._committers.get(operation)
        if found is None:
            if len(self._committers) >= COMMITTERS_LIMIT:
                self._retire_an_idle_one()
            found = self._committers[operation] = Committer(self._settings, self._metrics, self._committed, self._room)
            self._tasks[operation] = asyncio.create_task(found.run(), name=f"committer-{operation}")
        return found

    def _retire_an_idle_one(self) -> None:
        for operation, committer in self._committers.items():
            if committer.is_idle:
                del self._committers[operation]
                self._tasks.pop(operation).cancel()
                return

    def check(self) -> None:
        """Raises what ended a group commit, if one has ended: the process must not live on without it."""
        for task in self._tasks.values():
            if task.done() and not task.cancelled():
                task.result()

    async def stop(self) -> None:
        """Ends the group commits; whoever waits is told to try again."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def _receipt(planned: Planned, filed: Filed) -> Receipt:
    match filed.outcome:
        case "accepted":
            return Receipt(planned.id, 201, "accepted", filed.version, filed.received_at, filed.flags)
        case "duplicate":
            return Receipt(planned.id, 200, "duplicate", filed.version, filed.received_at, filed.flags)
        case "conflict":
            raise errors.ReportChanged(f"report {planned.id} exists and says something else")
        case "unknown_place":
            raise errors.PlaceUnknown(f"there is no {planned.place} in this operation")
        case "wrong_place":
            raise broken("$.place", "place-is-tps", f"this kind of report is about a TPS; {planned.place} is a region")
        case "too_many":
            raise broken("$.place", "place-reports-limit", f"{planned.place} has reached its limit of reports")
        case _:
            assert filed.outcome == REJECTED
            raise broken("$", "storable", "the database cannot hold this report")


def _at(error: errors.Refused, index: int) -> errors.Refused:
    """The same refusal, its paths those of item `index` of an array."""
    error.errors = [FieldError(f"$[{index}]{e.path.removeprefix('$')}", e.rule, e.message) for e in error.errors]
    return error
