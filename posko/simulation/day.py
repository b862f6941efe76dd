"""A whole election day as a stream of requests in the order in which they are sent; the same for the same seed.

Memory: what the roster takes, about 100 bytes per TPS for the next moment of each, and `SCRIPTS_LIMIT` scripts of about
15 kB. A script that was pushed out is written again from its seed when its TPS comes up next: a nation costs time, not
memory.
"""

from __future__ import annotations

import heapq
import random
from array import array
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from posko.reports.report import Content, Incident, Milestone, Nihil, ReportItem
from posko.simulation import numbers
from posko.simulation.calls import Call
from posko.simulation.incidents import RESTRICTED
from posko.simulation.phone import Draft, Outgoing, draw_bits
from posko.simulation.roster import DAY_MS, HOUR_MS, MINUTE_MS, Ground, Tps, by_region, draw, moment
from posko.simulation.scenario import Scenario
from posko.simulation.script import World, first_ms
from posko.simulation.tps_day import plan_tps

SCRIPTS_LIMIT: Final = 4096
"""Scripts held at a time: a city fits whole."""

NIHIL_HOURS: Final = (10, 14, 18)
"""When the posko of a kelurahan says that there was nothing, if there was nothing."""

NOBODY_ANSWERS: Final = 0.15
"""Share of the TPS where nobody picks up the phone (an assumption)."""

_STEP_BITS: Final = 8
_ACTOR_BITS: Final = 26


class Sending(msgspec.Struct, frozen=True):
    """One request: when it leaves (milliseconds since 1970), its reports; `again`: the same request was made before."""

    at_ms: int
    items: tuple[ReportItem, ...]
    again: bool = False


class Day:
    """One simulated day: TPS are the actors 0 .. n-1, the poskos of their kelurahan the ones after."""

    def __init__(
        self,
        ground: Ground,
        roster: Sequence[Tps],
        *,
        seed: int,
        scenario: Scenario,
        votes: numbers.VotesOf | None = None,
    ) -> None:
        name = f"{seed}/{ground.operation}/{scenario.name}{'/votes' if votes else ''}"
        self.world = World(name, ground, scenario, votes or {})
        self.roster = roster
        self._members = by_region(roster)
        self._regions = list(self._members)
        self._base_ms = ground.midnight_ms(9) - 2 * DAY_MS
        self._actors: dict[str, int] = {}
        self._scripts: OrderedDict[int, list[Outgoing]] = OrderedDict()

    def sendings(self) -> Iterator[Sending]:
        """Every request of the day by the time it leaves; written as they are asked for."""
        waiting = self._first_moments()
        heap: list[int] = []
        admitted = 0
        while heap or admitted < len(waiting):
            while admitted < len(waiting) and (not heap or waiting[admitted] <= heap[0]):
                self._await(heap, waiting[admitted] >> _STEP_BITS & (1 << _ACTOR_BITS) - 1, 0)
                admitted += 1
            if not heap:
                continue
            key = heapq.heappop(heap)
            actor, step = key >> _STEP_BITS & (1 << _ACTOR_BITS) - 1, key & (1 << _STEP_BITS) - 1
            yield self._sending(actor, self._script(actor)[step])
            self._await(heap, actor, step + 1)

    def call(self, tps: str, milestone: str, at_ms: int) -> Call:
        """What somebody at a TPS says on the phone about a milestone, whatever has been sent of it until then."""
        if draw(self.world.name, "phone", tps) < NOBODY_ANSWERS:
            return Call(answered=False)
        if not self._actors:
            self._actors.update((t.code, actor) for actor, t in enumerate(self.roster))
        outgoing = self._script(self._actors[tps])
        known = {d.observed_ms: d for out in outgoing for d in out.drafts if d.what == f"milestone.{milestone}"}
        if not known:  # reached, and reported by nobody
            return Call(True, Milestone(milestone), at_ms - MINUTE_MS)
        seen = known[max(known)]
        return Call(True, seen.say(), seen.observed_ms) if seen.observed_ms <= at_ms else Call(True)

    def _first_moments(self) -> array[int]:
        """For every actor a moment before which it sends nothing, ascending: 8 bytes each."""
        tps = (self._key(first_ms(self.world, t), actor, 0) for actor, t in enumerate(self.roster))
        desks = (
            self._key(self._nihil_ms(region, NIHIL_HOURS[0]), len(self.roster) + i, 0)
            for i, region in enumerate(self._regions)
        )
        return array("Q", sorted([*tps, *desks]))

    def _key(self, at_ms: int, actor: int, step: int) -> int:
        return (at_ms - self._base_ms) << _ACTOR_BITS + _STEP_BITS | actor << _STEP_BITS | step

    def _await(self, heap: list[int], actor: int, step: int) -> None:
        script = self._script(actor)
        if step < len(script):
            heapq.heappush(heap, self._key(script[step].at_ms, actor, step))
        else:
            self._scripts.pop(actor, None)

    def _script(self, actor: int) -> list[Outgoing]:
        script = self._scripts.get(actor)
        if script is None:
            is_tps = actor < len(self.roster)
            script = plan_tps(self.world, self.roster[actor]) if is_tps else self._desk(actor - len(self.roster))
            self._scripts[actor] = script
            if len(self._scripts) > SCRIPTS_LIMIT:
                self._scripts.popitem(last=False)
        else:
            self._scripts.move_to_end(actor)
        return script

    def _nihil_ms(self, region: str, hour: int) -> int:
        offset = self.roster[self._members[region][0]].utc_offset
        wait = draw(self.world.name, "nihil", hour, region) * 20 * MINUTE_MS
        return self.world.ground.midnight_ms(offset) + hour * HOUR_MS + int(wait)

    def _desk(self, number: int) -> list[Outgoing]:
        """The nihil reports of one kelurahan: only for the hours in which none of its TPS sent an incident."""
        region = self._regions[number]
        rng = random.Random(f"{self.world.name}/{region}")
        told = [
            out.at_ms
            for member in self._members[region]
            for out in self._script(member)
            if any(draft.what.startswith("incident") for draft in out.drafts)
        ]
        found: list[Outgoing] = []
        since = 0
        for hour in NIHIL_HOURS:
            at_ms, bits = self._nihil_ms(region, hour), draw_bits(rng)
            if not any(since < t <= at_ms for t in told):
                found.append(Outgoing(at_ms, (Draft("nihil", at_ms - MINUTE_MS, at_ms, bits, _nihil, by_desk=True),)))
            since = at_ms
        return found

    def _sending(self, actor: int, outgoing: Outgoing) -> Sending:
        if actor >= len(self.roster):
            region = self._regions[actor - len(self.roster)]
            tps = self.roster[self._members[region][0]]
            return Sending(outgoing.at_ms, tuple(self._item(d, region, tps, None) for d in outgoing.drafts))
        tps = self.roster[actor]
        voice = _voice(self.world.name, tps)
        return Sending(
            outgoing.at_ms, tuple(self._item(d, tps.code, tps, voice) for d in outgoing.drafts), outgoing.again
        )

    def _item(self, draft: Draft, place: str, tps: Tps, voice: str | None) -> ReportItem:
        by_phone = None if draft.by_desk else voice
        content = draft.say()
        return ReportItem(
            id=draft.id,
            operation=self.world.ground.operation,
            place=place,
            observed_at=moment(draft.observed_ms, tps.utc_offset),
            content=content,
            channel="desk" if draft.by_desk else "app" if voice is None else "whatsapp",
            on_behalf_of=by_phone,
            restricted=isinstance(content, Incident) and content.category in RESTRICTED,
        )


def _nihil() -> Content:
    return Nihil()


def _voice(world: str, tps: Tps) -> str | None:
    """Whose words a desk files: one TPS in twelve reports by message to the desk."""
    return f"Ketua KPPS TPS {tps.number:03d}" if draw(world, "voice", tps.code) < 1 / 12 else None
