"""Real votes over simulated TPS: KPU's running count per kecamatan, divided so that its sums stay exact.

Only the sums are KPU's. They divide over the TPS of a kecamatan by voters and largest remainder: an estimate, never a
result.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Final

import msgspec

from posko import db
from posko.errors import PoskoError
from posko.ids import uuid7
from posko.regions.preset import largest_remainder
from posko.reports.report import NUMBER_LIMIT, ContestKind, Count, ReportItem
from posko.simulation.day import Sending
from posko.simulation.numbers import Votes, VotesOf
from posko.simulation.phone import draw_bits, draw_lag
from posko.simulation.roster import HOUR_MS, Ground, Tps, moment

SEED_FILE: Final = "votes_seed_regions.csv"

COUNT_HOURS: Final = (14.0, 21.5)
"""Local hours of the voting day between which the counts come in."""


class VotesDoNotFit(PoskoError):
    """The votes cannot be divided over these TPS"""


class SeedRow(msgspec.Struct, frozen=True):
    """One line of the seed: the votes of one paslon in one kecamatan, from `tps_reported` TPS."""

    kecamatan_code: str
    contest: ContestKind
    tps_reported: Annotated[int, msgspec.Meta(ge=0)]
    paslon_number: Annotated[int, msgspec.Meta(ge=1, le=20)]
    votes: Annotated[int, msgspec.Meta(ge=0)]


def read_seed() -> list[SeedRow]:
    """The votes that are shipped with the product, each line checked."""
    with (db.sql_root() / "seed" / SEED_FILE).open(encoding="utf-8", newline="") as lines:
        return msgspec.convert(list(csv.DictReader(lines)), list[SeedRow], strict=False)


def divide(rows: Iterable[SeedRow], roster: Sequence[Tps]) -> dict[tuple[str, ContestKind], Votes]:
    """Votes per TPS and contest for the kecamatan that the roster has: over all TPS they sum to the rows exactly."""
    wanted: dict[tuple[str, ContestKind], list[SeedRow]] = {}
    for row in rows:
        wanted.setdefault((row.kecamatan_code, row.contest), []).append(row)
    by_kecamatan: dict[str, list[Tps]] = {}
    for tps in sorted(roster, key=lambda t: t.code):
        by_kecamatan.setdefault(tps.code[:8], []).append(tps)
    found: dict[tuple[str, ContestKind], Votes] = {}
    for (kecamatan, contest), lines in wanted.items():
        if kecamatan in by_kecamatan:
            _divide_one(contest, lines, by_kecamatan[kecamatan], found)
    return found


def _divide_one(
    contest: ContestKind, lines: list[SeedRow], within: list[Tps], found: dict[tuple[str, ContestKind], Votes]
) -> None:
    """One contest of one kecamatan, over its first `tps_reported` TPS in code order (all, where there are fewer)."""
    chosen = within[: lines[0].tps_reported]
    if not chosen and any(line.votes for line in lines):
        raise VotesDoNotFit(f"{lines[0].kecamatan_code} {contest}: votes from no TPS")
    weights = [tps.voters_l + tps.voters_p for tps in chosen]
    parts = {line.paslon_number: largest_remainder(line.votes, weights) for line in lines}
    for place, tps in enumerate(chosen):
        votes = {number: part[place] for number, part in sorted(parts.items())}
        if sum(votes.values()) > NUMBER_LIMIT:
            raise VotesDoNotFit(f"{tps.code} {contest}: {sum(votes.values())} votes, over {NUMBER_LIMIT} of one TPS")
        found[tps.code, contest] = votes


def sendings(ground: Ground, roster: Sequence[Tps], votes: VotesOf, *, seed: int) -> Iterator[Sending]:
    """The counts as reports by the time they are sent: valid = the paslon's sum, invalid = 0."""
    numbers = {(c.kind, c.region_code): c.paslon for c in ground.contests}
    waiting: list[tuple[int, int, ContestKind]] = []
    for position, tps in enumerate(roster):
        for contest in ground.contests_of(tps.code):
            if (tps.code, contest.kind) in votes:
                rng = _rng(seed, ground, tps, contest.kind)
                at_ms = ground.midnight_ms(tps.utc_offset) + int(rng.uniform(*COUNT_HOURS) * HOUR_MS)
                waiting.append((at_ms + draw_lag(rng), position, contest.kind))
    waiting.sort()
    for sent_ms, position, kind in waiting:
        tps = roster[position]
        rng = _rng(seed, ground, tps, kind)
        observed_ms = ground.midnight_ms(tps.utc_offset) + int(rng.uniform(*COUNT_HOURS) * HOUR_MS)
        region = tps.code[:2] if (kind, tps.code[:2]) in numbers else tps.code[:5]
        mine = {number: votes[tps.code, kind].get(number, 0) for number in numbers[kind, region]}
        content = Count(kind, mine, sum(mine.values()), 0)
        item = ReportItem(
            id=uuid7(observed_ms, draw_bits(rng)),
            operation=ground.operation,
            place=tps.code,
            observed_at=moment(observed_ms, tps.utc_offset),
            content=content,
        )
        yield Sending(sent_ms, (item,))


def _rng(seed: int, ground: Ground, tps: Tps, kind: ContestKind) -> random.Random:
    return random.Random(f"{seed}/{ground.operation}/suara-2024/{tps.code}/{kind}")
