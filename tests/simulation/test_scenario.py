"""The flood of 14 February 2024: where it was, and elsewhere."""

from __future__ import annotations

import collections

from posko.reports import report as r
from posko.simulation.day import Day
from posko.simulation.roster import Tps
from posko.simulation.scenario import KELAPA_GADING_BARAT, SUNTER_JAYA, flood_2024
from tests.simulation.places import GROUND, city


def tps_of(kelurahan: str, numbers: range) -> list[Tps]:
    return [Tps(f"{kelurahan}.{n:03d}", 280, 284, 7) for n in numbers]


def jakarta_utara(sunter_jaya: int) -> list[Tps]:
    """2,000 TPS of the city, of which as many in Sunter Jaya as asked for."""
    elsewhere = [t for t in city(40, 50) if not t.code.startswith(SUNTER_JAYA)]
    return elsewhere + tps_of(SUNTER_JAYA, range(1, sunter_jaya + 1))


def test_the_twelve_soaked_tps_are_those_of_the_day_where_the_roster_has_them() -> None:
    scenario = flood_2024(jakarta_utara(160), seed=1)
    soaked = sorted(code for code, kind in scenario.floods.items() if kind == "soaked")
    assert soaked == [f"{SUNTER_JAYA}.{n:03d}" for n in range(141, 153)]
    kinds = collections.Counter(scenario.floods.values())
    assert kinds == {"soaked": 12, "wet": 6, "closed": 16, "wet_later": 36}
    assert len(scenario.notes) == 1


def test_other_numbers_of_the_same_kelurahan_are_used_and_said_where_those_do_not_exist() -> None:
    scenario = flood_2024(jakarta_utara(76), seed=1)
    soaked = sorted(code for code, kind in scenario.floods.items() if kind == "soaked")
    assert soaked == [f"{SUNTER_JAYA}.{n:03d}" for n in range(65, 77)]
    assert "dipakai TPS 065-076" in scenario.notes[0]


def test_elsewhere_the_same_share_is_flooded_and_said() -> None:
    roster = city(20, 60, root="64.72", utc_offset=8)
    scenario = flood_2024(roster, seed=1)
    assert len(scenario.floods) == round(70 * len(roster) / 2386)
    assert "Sunter Jaya tidak ada di operasi ini" in scenario.notes[0]
    assert flood_2024(roster[:3], seed=1).floods
    assert not flood_2024([], seed=1).floods


def test_a_soaked_tps_says_why_it_does_not_vote_and_counts_nothing() -> None:
    roster = jakarta_utara(160)
    scenario = flood_2024(roster, seed=1)
    soaked = [t for t in roster if scenario.floods.get(t.code) == "soaked"]
    items = [i for s in Day(GROUND, soaked, seed=1, scenario=scenario).sendings() for i in s.items]
    for tps in soaked:
        mine = [i.content for i in items if i.place == tps.code]
        lost = {c.milestone for c in mine if isinstance(c, r.Milestone) and not c.possible}
        assert {"voting_open", "count_finished", "box_ppk"} <= lost
        assert not [c for c in mine if isinstance(c, r.Turnout | r.Count | r.Ballots)]
        assert [
            c for c in mine if isinstance(c, r.Incident) and c.category == "bencana.banjir" and c.severity == "kritis"
        ]
        assert [
            c for c in mine if isinstance(c, r.Incident) and c.category == "rawan_psu" and c.occurrence == "potensi"
        ]


def test_kelapa_gading_barat_is_still_closed_at_ten_fifty_five() -> None:
    roster = [t for t in jakarta_utara(160) if not t.code.startswith(KELAPA_GADING_BARAT)] + tps_of(
        KELAPA_GADING_BARAT, range(1, 21)
    )
    scenario = flood_2024(roster, seed=1)
    closed = [t for t in roster if scenario.floods.get(t.code) == "closed"]
    assert {t.code[:13] for t in closed} == {KELAPA_GADING_BARAT}
    items = [i for s in Day(GROUND, closed, seed=1, scenario=scenario).sendings() for i in s.items]
    opened = [i.observed_at for i in items if i.content == r.Milestone("voting_open")]
    assert len(opened) >= 12
    assert min(opened).strftime("%H:%M") > "10:55"
    assert {i.content.category for i in items if isinstance(i.content, r.Incident)} >= {"bencana.banjir"}
