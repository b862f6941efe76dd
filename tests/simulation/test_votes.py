"""Published votes stay exactly as published, however they are divided."""

from __future__ import annotations

import collections
import csv
import random

import msgspec
import pytest

from posko import db
from posko.reports import report as r
from posko.simulation.day import Day
from posko.simulation.roster import Contest, Ground, Tps
from posko.simulation.scenario import ordinary
from posko.simulation.votes import SeedRow, VotesDoNotFit, divide, read_seed, sendings
from tests.simulation.places import GROUND, MILESTONES


def roster_of_seed() -> list[Tps]:
    """As many TPS as each kecamatan of the seed has, with uneven voters."""
    rng = random.Random(1)
    wanted = {row.kecamatan_code for row in read_seed()}
    with (db.sql_root() / "seed" / "tps_per_kecamatan.csv").open(newline="") as lines:
        return [
            Tps(
                f"{row['kecamatan_code']}.{1001 + n // 90:04d}.{1 + n % 90:03d}",
                rng.randrange(80, 300),
                rng.randrange(80, 300),
                7,
            )
            for row in csv.DictReader(lines)
            if row["kecamatan_code"] in wanted
            for n in range(int(row["tps"]))
        ]


def test_every_line_of_the_seed_is_divided_exactly_over_its_first_tps() -> None:
    rows, roster = read_seed(), roster_of_seed()
    assert len(rows) == 774
    found = divide(rows, roster)
    sums: collections.Counter[tuple[str, str, int]] = collections.Counter()
    reported: collections.Counter[tuple[str, str]] = collections.Counter()
    for (code, contest), votes in found.items():
        reported[code[:8], contest] += 1
        assert sum(votes.values()) <= r.NUMBER_LIMIT
        for number, count in votes.items():
            sums[code[:8], contest, number] += count
    for row in rows:
        assert sums[row.kecamatan_code, row.contest, row.paslon_number] == row.votes
        assert reported[row.kecamatan_code, row.contest] == row.tps_reported
    assert sum(sums.values()) == sum(row.votes for row in rows) == 7_540_403


def test_the_counts_that_are_sent_sum_to_the_seed_and_name_every_paslon() -> None:
    rows = [row for row in read_seed() if row.kecamatan_code.startswith("31.72")]
    roster = [t for t in roster_of_seed() if t.code.startswith("31.72")]
    ground = Ground(7, GROUND.voting_day, MILESTONES, (Contest("gubernur", "31", (1, 2, 3, 4)),))
    day = list(sendings(ground, roster, divide(rows, roster), seed=4))
    assert day == list(sendings(ground, roster, divide(rows, roster), seed=4))
    assert [s.at_ms for s in day] == sorted(s.at_ms for s in day)
    sums: collections.Counter[int] = collections.Counter()
    for sending in day:
        (item,) = sending.items
        assert msgspec.json.decode(msgspec.json.encode(item), type=r.ReportItem) == item
        assert set(item.content.votes) == {1, 2, 3, 4}
        assert item.content.valid == sum(item.content.votes.values())
        assert item.content.invalid == 0
        assert item.observed_at.hour >= 13
        sums.update(item.content.votes)
    expected: collections.Counter[int] = collections.Counter()
    for row in rows:
        expected[row.paslon_number] += row.votes
    assert +sums == +expected


def test_a_whole_day_can_be_played_with_real_votes() -> None:
    rows = [row for row in read_seed() if row.kecamatan_code == "31.72.06"]
    roster = [t for t in roster_of_seed() if t.code.startswith("31.72.06")]
    votes = divide(rows, roster)
    ground = Ground(7, GROUND.voting_day, MILESTONES, (Contest("gubernur", "31", (1, 2, 3)),))
    items = {i.id: i for s in Day(ground, roster, seed=2, scenario=ordinary(), votes=votes).sendings() for i in s.items}
    withdrawn = {i.content.of for i in items.values() if isinstance(i.content, r.Correction)}
    sums: collections.Counter[int] = collections.Counter()
    for item in items.values():
        content = item.content.replacement if isinstance(item.content, r.Correction) else item.content
        if item.id not in withdrawn and isinstance(content, r.Count) and (item.place, "gubernur") in votes:
            assert content.votes == votes[item.place, "gubernur"]
            sums.update(content.votes)
    assert sums == {row.paslon_number: row.votes for row in rows}


def test_votes_that_no_tps_can_have_are_refused_by_name() -> None:
    row = SeedRow("31.72.01", "gubernur", 1, 1, 2001)
    with pytest.raises(VotesDoNotFit, match=r"31\.72\.01\.1001\.001 gubernur: 2001 votes"):
        divide([row], [Tps("31.72.01.1001.001", 300, 300, 7)])
    with pytest.raises(VotesDoNotFit, match="votes from no TPS"):
        divide([msgspec.structs.replace(row, tps_reported=0)], [Tps("31.72.01.1001.001", 300, 300, 7)])
