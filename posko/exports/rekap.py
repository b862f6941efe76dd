"""The table of a region as the konsol shows it: a row for each child, and how they are sorted there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from posko import terms
from posko.exports.lists import Ground
from posko.exports.table import Cell, Column, Table, written
from posko.exports.wanted import Wanted
from posko.regions import store as regions
from posko.regions.operation import Milestone
from posko.regions.region import Row

SEVERITIES: Final = ("kritis", "tinggi", "sedang", "rendah")
SAID: Final = ("reached", "late", "not_possible", "unreachable")
"""What is said of a TPS at a milestone; `late` are of those that reached it. With `unreported`, all its TPS."""
VOTED: Final = tuple(f"turnout.{voters}_{sex}" for voters in ("dpt", "dptb", "dpk") for sex in "lp")


class Counts:
    """The counters of one row by name; a name that the operation has not is 0."""

    def __init__(self, slot_of: dict[str, int], vector: Sequence[int]) -> None:
        self._slot_of, self._vector = slot_of, vector

    def of(self, name: str) -> int:
        slot = self._slot_of.get(name, 0)
        return self._vector[slot - 1] if 0 < slot <= len(self._vector) else 0

    @property
    def voters(self) -> int:
        return self.of("voters_l") + self.of("voters_p")

    @property
    def voted(self) -> int:
        return sum(map(self.of, VOTED))

    @property
    def flags(self) -> int:
        return sum(self.of(name) for name in self._slot_of if name.startswith("flag."))

    @property
    def alarms(self) -> int:
        return sum(self.of(name) for name in self._slot_of if name.startswith("alarm."))

    @property
    def turnout(self) -> float | None:
        return self.voted / self.voters if self.voters else None

    def unreported(self, milestone: str) -> int:
        return self.of("tps") - sum(self.of(f"milestone.{milestone}.{part}") for part in SAID if part != "late")


KEYS: Final[dict[str, Callable[[Counts], float]]] = {
    "code": lambda c: 0,
    "coverage": lambda c: c.of("covered") / c.of("tps") if c.of("tps") else 0,
    "incidents": lambda c: sum(c.of(f"incident.{s}") * 1000**i for i, s in enumerate(reversed(SEVERITIES))),
    "flags": lambda c: c.flags,
    "alarms": lambda c: c.alarms,
    "turnout": lambda c: c.turnout or 0,
}


async def rekap(ground: Ground, wanted: Wanted) -> Table:
    """The total first, then what was filed for the region itself if anything was, then the children."""
    conn, words = ground.conn, ground.words
    names, rows = await regions.rows(conn, ground.place.id)
    slot_of = await regions.slots(conn, ground.operation.id)
    plan = await regions.milestones(conn, ground.operation.id)
    total, children = rows[0], _sorted(rows[1:], slot_of, wanted, {m.code for m in plan})
    made = [_row(total, words.say("export.total", name=names[total.code]), Counts(slot_of, total.counters), plan)]
    if total.own and len(rows) > 1:
        made.append(_row(total, words.say("export.own", name=names[total.code]), Counts(slot_of, total.own), plan))
    made += [_row(row, names[row.code], Counts(slot_of, row.counters), plan) for row in children]
    about = (
        words.say("export.sorted", key=_key_name(wanted, plan, ground))
        if wanted.sort != "code"
        else words.say("export.by.code")
    )
    return ground.table("rekap", about, _columns(ground, plan), made)


def _key_name(wanted: Wanted, plan: list[Milestone], ground: Ground) -> str:
    labels = {m.code: m.label_id if ground.words.language == "id" else m.label_en for m in plan}
    direction = ground.words.say("export.descending" if wanted.descending else "export.ascending")
    milestone, _, part = wanted.sort.partition(".")
    name = labels.get(milestone) or ground.words.say(f"export.by.{milestone}")
    of = f": {ground.words.say(f'milestone.{part}')}" if part else ""
    return f"{name}{of}, {direction}"


def _sorted(rows: list[Row], slot_of: dict[str, int], wanted: Wanted, codes: set[str]) -> list[Row]:
    milestone, _, part = wanted.sort.partition(".")

    def of_milestone(counts: Counts) -> float:
        if part == "unreported":
            return counts.unreported(milestone)
        if part == "late":
            return counts.of(f"milestone.{milestone}.late")
        return counts.of(f"milestone.{milestone}.reached") / (counts.of("tps") or 1)

    key = of_milestone if milestone in codes else KEYS.get(wanted.sort, KEYS["code"])
    return sorted(rows, key=lambda row: (key(Counts(slot_of, row.counters)), row.code), reverse=wanted.descending)


def _columns(ground: Ground, plan: list[Milestone]) -> list[Column]:
    words = ground.words
    found = [Column(words.say("list.code")), Column(words.say("list.name")), Column(words.say("export.level"))]
    found += [Column(words.say(f"export.{key}"), "number") for key in ("tps_count", "covered", "uncovered")]
    found += [
        Column(f"{words.say('export.incidents_count')}: {words.say(f'severity.{s}')}", "number") for s in SEVERITIES
    ]
    found += [
        Column(words.say(f"export.{key}"), "number") for key in ("flags_count", "alarms_count", "voters", "voted")
    ]
    found.append(Column(words.say("export.turnout"), "share"))
    for milestone in plan:
        label = milestone.label_id if words.language == "id" else milestone.label_en
        found += [Column(f"{label}: {words.say(f'milestone.{p}')}", "number") for p in (*SAID, "unreported")]
    return [*found, Column(words.say("export.last"))]


def _row(row: Row, name: str, counts: Counts, plan: list[Milestone]) -> list[Cell]:
    made: list[Cell] = [row.code, name, terms.level_of(row.code).name]
    made += [counts.of("tps"), counts.of("covered"), counts.of("tps") - counts.of("covered")]
    made += [counts.of(f"incident.{severity}") for severity in SEVERITIES]
    made += [counts.flags, counts.alarms, counts.voters, counts.voted, counts.turnout]
    for milestone in plan:
        made += [counts.of(f"milestone.{milestone.code}.{part}") for part in SAID]
        made.append(counts.unreported(milestone.code))
    return [*made, written(row.last_at, row.code)]
