"""Desks that work while a day is played: they see what opens, accept, call, solve; some things they leave alone."""

from __future__ import annotations

import asyncio
import bisect
import uuid
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from posko.ids import uuid7
from posko.reports.report import Content, Incident, ReportItem
from posko.simulation import calls
from posko.simulation.api import UNREACHED, Api, ServerRefused, TryAgain
from posko.simulation.calls import Phone, SeenAlarm
from posko.simulation.casework import TIERS, Floods, Move, Seen, bits_of, plan
from posko.simulation.progress import Work
from posko.simulation.roster import MINUTE_MS, moment

REST_S: Final = 1.0
"""How long an account rests when the server says no word of it."""
FILED_AT_ONCE: Final = 64
HANDS: Final = 6
"""Requests of desks at a time."""
AGAIN: Final = 3
"""How often accepting is tried again."""

OVER: Final = frozenset({"ditutup", "digabung"})


class SeenChanges(msgspec.Struct):
    to: int
    is_more: bool
    rows: list[Seen]


class SeenAlarms(msgspec.Struct):
    version: int
    rows: list[SeenAlarm]
    next: str | None


class Where(msgspec.Struct, frozen=True):
    """What the desks work on: one operation, at and below a region; `seed` makes their work repeatable."""

    operation: int
    region: str
    seed: int
    utc_offset: int


class Desks:
    """All desks that simulated operators sit at. Each thing is done by the nearest account whose tier may do it."""

    def __init__(self, apis: Sequence[Api], where: Where, phone: Phone | None) -> None:
        self._apis = apis
        self._where = where
        self._phone = phone
        self._moves: list[Move] = []
        """What is to be done, by its moment."""
        self._incidents: dict[uuid.UUID, Seen] = {}
        self._climbed: set[uuid.UUID] = set()
        self._closed: set[uuid.UUID] = set()
        self._alarms: dict[uuid.UUID, SeenAlarm] = {}
        self._alarms_closed: set[uuid.UUID] = set()
        self._duplicates: set[uuid.UUID] = set()
        self._floods = Floods()
        self._since = self._alarms_since = 0
        self._rests: dict[Api, float] = {}
        self._hands = asyncio.Semaphore(HANDS)
        self.done = self.refused = 0

    @property
    def so_far(self) -> Work:
        return Work(
            acted=self.done,
            refused=self.refused,
            incidents=len(self._incidents),
            climbed=len(self._climbed),
            closed=len(self._closed),
            alarms=len(self._alarms),
            alarms_closed=len(self._alarms_closed),
        )

    async def work(self, now_ms: int) -> None:
        """Looks once, and does what is due; when the server is away, what is due stays due."""
        try:
            await self._look_at_incidents(now_ms)
            await self._look_at_alarms(now_ms)
            await self._do_what_is_due(now_ms)
        except (TryAgain, ServerRefused, *UNREACHED):
            return

    def _plan(self, moves: Iterable[Move]) -> None:
        for move in moves:
            bisect.insort(self._moves, move, key=lambda m: m.at_ms)

    async def _look_at_incidents(self, now_ms: int) -> None:
        where = f"operation={self._where.operation}&region={self._where.region}"
        while True:
            seen = await self._chief.get(f"/v1/incidents/changes?{where}&since={self._since}", SeenChanges)
            for incident in seen.rows:
                is_new = incident.id not in self._incidents
                self._incidents[incident.id] = incident
                (self._climbed.add if incident.has_climbed else self._climbed.discard)(incident.id)
                (self._closed.add if incident.status in OVER else self._closed.discard)(incident.id)
                if is_new and incident.id not in self._duplicates:
                    self._plan(plan(self._where.seed, incident, now_ms))
                    self._plan(self._floods.see(incident, now_ms))
            self._since = seen.to
            if not seen.is_more:
                return

    async def _look_at_alarms(self, now_ms: int) -> None:
        since = None
        for standing in ("true", "false"):
            after = ""
            while True:
                path = f"/v1/alarms?operation={self._where.operation}&region={self._where.region}&standing={standing}"
                page = await self._chief.get(f"{path}&since={self._alarms_since}&limit=500{after}", SeenAlarms)
                since = page.version if since is None else since
                for alarm in page.rows:
                    if alarm.id not in self._alarms and alarm.closed_at is None:
                        self._plan(calls.plan_alarm(self._where.seed, alarm, now_ms))
                    self._alarms[alarm.id] = alarm
                    if alarm.closed_at is not None:
                        self._alarms_closed.add(alarm.id)
                if page.next is None:
                    break
                after = f"&after={page.next}"
        self._alarms_since = since or 0

    async def _do_what_is_due(self, now_ms: int) -> None:
        """What is due of one subject in the order of its moments; what cannot be done now stays due."""
        due: dict[uuid.UUID, list[Move]] = {}
        for move in self._moves:
            if move.at_ms > now_ms:
                break
            due.setdefault(move.subject, []).append(move)
        ended = await asyncio.gather(*map(self._do_in_order, due.values()), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    async def _do_in_order(self, moves: list[Move]) -> None:
        for move in moves:
            async with self._hands:
                if not await self._do(move):
                    return
            self._moves.remove(move)

    async def _do(self, move: Move) -> bool:
        """Whether it is over with: done, or refused for good."""
        able = [(level, api) for api in self._apis if (level := api.level_over(move.place)) is not None]
        climbing = self._incidents.get(move.subject) or self._alarms.get(move.subject)
        if move.noun == "acknowledgement" and climbing is not None:
            tier = TIERS.index(climbing.tier)
            able = [(level, api) for level, api in able if level <= tier]
        if not able:
            self.refused += 1
            return True
        now = asyncio.get_running_loop().time()
        api = max(able, key=lambda found: found[0])[1]
        if self._rests.get(api, 0) > now:
            return False
        try:
            is_done = await self._do_as(api, move)
        except TryAgain as later:
            self._rests[api] = now + (REST_S if later.after_s is None else later.after_s)
            return False
        self.done += is_done
        self.refused += not is_done
        is_over = move.subject in self._alarms_closed
        if not is_done and move.noun == "acknowledgement" and not is_over and move.turn < AGAIN:
            # It has climbed meanwhile: after the next look it is somebody else's to accept.
            self._plan([msgspec.structs.replace(move, at_ms=move.at_ms + MINUTE_MS, turn=move.turn + 1)])
        return True

    async def _do_as(self, api: Api, move: Move) -> bool:
        if move.noun == "calls":
            return await self._call(api, move)
        if move.noun == "again":
            return await self._tell_again(api, move)
        if move.noun == "gathering":
            return await self._gather(api, move)
        of = "incidents" if move.subject in self._incidents or move.noun == "merge" else "alarms"
        method = "POST" if move.noun == "comments" else "PUT"
        status, _ = await api.change(method, f"/v1/{of}/{move.subject}/{move.noun}", move.body)
        return status in (200, 201, 204)

    async def _call(self, api: Api, move: Move) -> bool:
        """Calls every TPS behind an alarm; whoever has nothing to say yet is called again."""
        if self._phone is None:
            return False
        operation, milestone = self._where.operation, move.body["milestone"]
        silent = await api.behind(operation, move.place, f"milestone.{milestone}.overdue")
        how = (self._where.seed, operation, self._where.utc_offset)
        said = [calls.told(move, tps, self._phone(tps, milestone, move.at_ms), how) for tps in silent]
        items = [item for item in said if item is not None]
        for some in (items[i : i + FILED_AT_ONCE] for i in range(0, len(items), FILED_AT_ONCE)):
            await api.send(some)
        again = calls.next_round(move) if len(items) < len(silent) else None
        self._plan([again] if again is not None else [])
        return True

    async def _tell_again(self, api: Api, move: Move) -> bool:
        """A second desk hears of an incident and files it too; the two are merged when somebody has noticed."""
        first = self._incidents[move.subject]
        text = "Warga menelepon posko tentang kejadian di TPS ini"
        item = self._item(move, first.place, Incident(first.category, first.severity, "sedang", text))  # type: ignore[arg-type]  # fmt: skip
        self._duplicates.add(item.id)
        if not _is_filed(await api.send([item])):
            return False
        body = {"into": str(first.id), "said": "kejadian yang sama, dilaporkan dua meja"}
        self._plan([Move(move.at_ms + 4 * MINUTE_MS, item.id, first.place, "merge", body)])
        return True

    async def _gather(self, api: Api, move: Move) -> bool:
        """One incident of a kelurahan, for all its flooded TPS."""
        text = "Banjir di beberapa TPS kelurahan ini, ditangani sebagai satu kejadian"
        item = self._item(move, move.place, Incident("bencana.banjir", "kritis", "sedang", text))
        if not _is_filed(await api.send([item])):
            return False
        self._plan(self._floods.gather(move.place, item.id, move.at_ms))
        return True

    def _item(self, move: Move, place: str, content: Content) -> ReportItem:
        return ReportItem(
            id=uuid7(move.at_ms, bits_of(self._where.seed, move.subject, move.noun)),
            operation=self._where.operation,
            place=place,
            observed_at=moment(move.at_ms, self._where.utc_offset),
            content=content,
            channel="desk",
        )

    @property
    def _chief(self) -> Api:
        """The account that sees the whole region."""
        return self._apis[0]


def _is_filed(answers: Sequence[object]) -> bool:
    return all(getattr(a, "outcome", "") in ("accepted", "duplicate") for a in answers)
