"""Intake: decode, judge by the rules, hand to the group commit, answer per report."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Final

from posko import errors
from posko.accounts.account import FILES_REPORTS, Viewer
from posko.config import Settings
from posko.errors import FieldError, LayoutChanged, OperationNotActive, OperationUnknown, PoskoError, QueueFull, broken
from posko.regions.catalogue import Catalogue
from posko.reports.catalogues import Catalogues
from posko.reports.committer import REJECTED, RETRY_AFTER_S, Committed, Committer, Metrics, QueueRoom
from posko.reports.decoding import refused
from posko.reports.plan import Planned, plan
from posko.reports.report import Receipt, ReportIn, ReportItem
from posko.reports.store import Filed

COMMITTERS_LIMIT: Final = 8
"""Operations whose group commit is kept running in one process, each with a connection of its own; there are more only
while more are busy."""
PRESSED_SHARE: Final = 0.5
"""Of the queue: over it, reading is refused."""
OPEN_SHARE: Final = 0.9
"""Of the queue: the rest is kept for enrolled devices."""
RELOADS: Final = 2
"""How often a batch is planned anew when milestones or contests change under it."""


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

    @property
    def is_pressed(self) -> bool:
        """Whether so many reports wait that reading has to wait."""
        return self._room.share > PRESSED_SHARE

    @property
    def waiting(self) -> int:
        """Reports that wait for a commit."""
        return self._room.taken

    @property
    def room(self) -> int:
        """How many may wait."""
        return self._room.limit

    @property
    def oldest_s(self) -> float | None:
        """For how many seconds the report that has waited longest has been here; None: none waits."""
        waiting = [at for c in self._committers.values() if (at := c.oldest_at) is not None]
        return round(time.monotonic() - min(waiting), 3) if waiting else None

    def require_share(self, viewer: Viewer) -> None:
        """The last tenth of the queue is for enrolled devices: QueueFull for everybody else."""
        if viewer.device_id is None and self._room.share > OPEN_SHARE:
            raise QueueFull(retry_after_s=RETRY_AFTER_S)

    def file_soon(
        self, viewer: Viewer, report_id: uuid.UUID, report: ReportIn, done: Callable[[Receipt | PoskoError], None]
    ) -> bool:
        """Files one report and calls `done` after the commit; False, and no call, when something must be read first.

        A refusal by the rules is raised; LayoutChanged, handed to `done`, means that the plan is to be made anew.
        """
        viewer.require_role(FILES_REPORTS)
        catalogue = self._catalogues.known(report.operation)
        if catalogue is None or report.restricted or catalogue.restricts is not None:
            return False
        planned = plan(viewer, report_id, report, catalogue)

        def answered(result: Sequence[Filed] | PoskoError) -> None:
            if isinstance(result, PoskoError):
                done(result)
                return
            try:
                receipt = _receipt(viewer, report, planned, result[0])
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
            catalogue = await self._catalogue(report.operation, restricted=report.restricted)
            planned = plan(viewer, report_id, report, catalogue)
            try:
                filed = await self._committer(catalogue.operation).file(catalogue, [planned])
            except LayoutChanged:
                await self._catalogues.reload(catalogue.operation)
                continue
            return _receipt(viewer, report, planned, filed[0])
        raise LayoutChanged

    async def _catalogue(self, operation: int, *, restricted: bool) -> Catalogue:
        """The catalogue that a report is judged by: the operation's own, or that of its restricted lane."""
        found = self._catalogues.known(operation) or await self._catalogues.get(operation)
        if found.restricts is not None:
            # A lane is filed to by saying `restricted`: it has no name of its own outside.
            raise OperationUnknown(f"there is no operation {operation}")
        if not restricted:
            return found
        if found.lane is None:
            found = await self._catalogues.reload(operation)
        if found.lane is None:
            raise OperationNotActive(f"operation {operation} is {found.state}")
        return self._catalogues.known(found.lane) or await self._catalogues.get(found.lane)

    async def file_many(self, viewer: Viewer, items: list[ReportItem | Receipt]) -> list[Receipt]:
        """Files an array; answers per item, in order. Raises what concerns all: role, database down, queue full."""
        viewer.require_role(FILES_REPORTS)
        answers: list[Receipt | None] = [i if isinstance(i, Receipt) else None for i in items]
        by_lane: dict[tuple[int, bool], list[int]] = {}
        for index, item in enumerate(items):
            if isinstance(item, ReportItem):
                by_lane.setdefault((item.operation, item.restricted), []).append(index)
        for lane, indexes in by_lane.items():
            await self._file_of_lane(viewer, lane, items, indexes, answers)
        return [a for a in answers if a is not None]

    async def _file_of_lane(
        self,
        viewer: Viewer,
        lane: tuple[int, bool],
        items: list[ReportItem | Receipt],
        indexes: list[int],
        answers: list[Receipt | None],
    ) -> None:
        for _ in range(RELOADS):
            try:
                catalogue = await self._catalogue(lane[0], restricted=lane[1])
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
                filed = await self._committer(catalogue.operation).file(catalogue, [p for _, p in planned])
            except LayoutChanged:
                await self._catalogues.reload(catalogue.operation)
                continue
            except errors.Refused as error:  # the operation is unknown or takes no reports
                for index in indexes:
                    item = items[index]
                    answers[index] = answers[index] or refused(item.id, error)
                return
            for (index, plan_), one in zip(planned, filed, strict=True):
                try:
                    item = items[index]
                    assert isinstance(item, ReportItem)
                    answers[index] = _receipt(viewer, item, plan_, one)
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


def _receipt(viewer: Viewer, report: ReportIn, planned: Planned, filed: Filed) -> Receipt:
    # The restricted lane counts its versions by itself: how many there are is for the cleared to know.
    version = filed.version if viewer.cleared or not report.restricted else None
    match filed.outcome:
        case "accepted":
            return Receipt(planned.id, 201, "accepted", version, filed.received_at, filed.flags)
        case "duplicate":
            return Receipt(planned.id, 200, "duplicate", version, filed.received_at, filed.flags)
        case "second_person":
            raise errors.SecondPersonNeeded("another's report is withdrawn by two, and corrected by a desk")
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
