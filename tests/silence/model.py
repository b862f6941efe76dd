"""What is owed and missing, said again in plain Python: the oracle of test_machine. Times are minutes since midnight of the voting day, WIB."""

from __future__ import annotations

import dataclasses
from typing import Any

DAY = 24 * 60


@dataclasses.dataclass
class Owed:
    """One obligation: of a kelurahan and milestone, or of a TPS that has a clock of its own."""

    due: int
    is_found: bool = False

    def move(self, due: int, now: int) -> None:
        self.due = due
        self.is_found = self.is_found and due <= now


@dataclasses.dataclass
class Said:
    """One report of a TPS; `what` is a milestone's code, unreachable, nihil, or None for what only withdraws."""

    id: Any
    what: str | None
    observed: int
    is_possible: bool = True
    is_corrected: bool = False


@dataclasses.dataclass
class Tps:
    kelurahan: str
    said: list[Said] = dataclasses.field(default_factory=list)
    excused: set[str] = dataclasses.field(default_factory=set)
    vote_on: int = 0
    counts_from: int | None = None
    own: dict[str, Owed] | None = None

    def is_unreachable(self) -> bool:
        tried = [s.observed for s in self.said if s.what == "unreachable" and not s.is_corrected]
        heard = [s.observed for s in self.said if s.what != "unreachable"]
        return bool(tried) and max(tried) > max(heard, default=-DAY)

    def cell(self, milestone: str, owed: Owed, due: int) -> str | None:
        """Which of its counters a milestone of this TPS has: at most one, and late beside reached."""
        live = [
            s
            for s in self.said
            if s.what == milestone
            and not s.is_corrected
            and (self.counts_from is None or s.observed >= self.counts_from)
        ]
        if live:
            first = min(live, key=lambda s: (not s.is_possible, s.observed, s.id))
            if not first.is_possible:
                return "not_possible"
            return "late" if first.observed > due else "reached"
        if self.is_unreachable():
            return "unreachable"
        if milestone in self.excused:
            return "excused"
        return "overdue" if owed.is_found else None


class Silence:
    """An operation: its TPS, what is owed, and the alarms that stand."""

    def __init__(self, tps: dict[str, str], plan: dict[str, int]) -> None:
        self.plan = dict(plan)
        self.tps = {code: Tps(kelurahan) for code, kelurahan in tps.items()}
        self.owed = {(k, m): Owed(due) for k in set(tps.values()) for m, due in plan.items()}
        self.alarms: dict[tuple[str, str], int] = {}
        """Standing: what was missing when the engine last looked."""
        self.opened: dict[tuple[str, str], int] = {}

    def owed_by(self, tps: Tps, milestone: str) -> Owed:
        return tps.own[milestone] if tps.own is not None else self.owed[tps.kelurahan, milestone]

    def cells(self) -> dict[tuple[str, str], str]:
        found = {}
        for code, tps in self.tps.items():
            for milestone, due in self.plan.items():
                cell = tps.cell(milestone, self.owed_by(tps, milestone), due + tps.vote_on)
                if cell is not None:
                    found[code, milestone] = cell
        return found

    def move(self, milestone: str, due: int, now: int) -> None:
        self.plan[milestone] = due
        for (_, what), owed in self.owed.items():
            if what == milestone:
                owed.move(due, now)
        for tps in self.tps.values():
            if tps.own is not None:
                tps.own[milestone].move(due + tps.vote_on, now)

    def revote(self, code: str, kind: str, days: int, now: int) -> None:
        tps = self.tps[code]
        tps.vote_on = days * DAY
        tps.counts_from = None if kind == "psl" else days * DAY
        if tps.own is None:
            tps.own = {m: Owed(due + tps.vote_on) for m, due in self.plan.items()}
        for milestone, owed in tps.own.items():
            owed.move(self.plan[milestone] + tps.vote_on, now)

    def turn(self, now: int) -> None:
        """Silence that is due is found; there is one alarm for each kelurahan and milestone where something is overdue, and no other."""
        for owed in (*self.owed.values(), *(o for t in self.tps.values() for o in (t.own or {}).values())):
            owed.is_found = owed.is_found or owed.due <= now
        missing: dict[tuple[str, str], int] = {}
        for (code, milestone), cell in self.cells().items():
            if cell == "overdue":
                at = (self.tps[code].kelurahan, milestone)
                missing[at] = missing.get(at, 0) + 1
        for at in missing.keys() - self.alarms.keys():
            self.opened[at] = self.opened.get(at, 0) + 1
        self.alarms = missing
