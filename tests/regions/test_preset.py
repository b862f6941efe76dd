"""Presets are the published figures, divided and never lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko import terms
from posko.regions import preset
from posko.regions.preset import PRESETS
from posko.terms import Level


@given(st.integers(0, 10_000), st.lists(st.integers(0, 500), min_size=1, max_size=40).filter(any))
def test_shares_add_up_and_stay_within_one_of_their_proportion(total: int, weights: list[int]) -> None:
    shares = preset.largest_remainder(total, weights)

    assert sum(shares) == total
    assert all(abs(s - total * w / sum(weights)) < 1 for s, w in zip(shares, weights, strict=True))


def test_equal_remainders_are_given_in_code_order() -> None:
    assert preset.largest_remainder(8, [1, 1, 1, 1, 1]) == [2, 2, 2, 1, 1]


def test_a_tree_is_what_is_at_and_below_its_root() -> None:
    nation = preset.regions_of(terms.NATION)
    for root in ("64", "53.71", "31.72.01", "11.01.01.2001", "5", "99"):
        assert preset.regions_of(root) == [r for r in nation if terms.contains(root, r.code)]
    assert [r.name for r in nation if '"' in r.name or "," in r.name], "names that are quoted"


@pytest.mark.parametrize(
    ("key", "kecamatan", "kelurahan", "tps", "contests"),
    [
        ("jakarta-utara", 6, 31, 2_386, {"gubernur": 1}),
        ("kupang", 6, 51, 552, {"gubernur": 1, "bupati_walikota": 1}),
        ("bekasi", 23, 187, 4_236, {"gubernur": 1, "bupati_walikota": 1}),
        ("kaltim", 105, 1_038, 6_274, {"gubernur": 1, "bupati_walikota": 10}),
        ("jeneponto", 11, 113, 567, {"gubernur": 1, "bupati_walikota": 1}),
        ("nasional", 7_277, 83_763, 435_296, {"gubernur": 37, "bupati_walikota": 508}),
    ],
)
def test_a_preset_has_the_published_size(
    key: str, kecamatan: int, kelurahan: int, tps: int, contests: dict[str, int]
) -> None:
    regions = preset.regions_of(PRESETS[key].root)
    levels = preset.counts(regions)

    assert (levels[Level.kecamatan], levels[Level.kelurahan]) == (kecamatan, kelurahan)
    assert sum(1 for _ in preset.tps_of(regions, voters=PRESETS[key].voters)) == tps
    assert Counter(c.kind for c in preset.contests_of(PRESETS[key].root)) == contests


def test_the_nation_has_its_regions_and_no_tps_over_the_law() -> None:
    regions = preset.regions_of(terms.NATION)
    tps = list(preset.tps_of(regions))

    assert len(regions) == 91_593
    assert len({t.code for t in tps}) == 435_296
    assert all(0 < t.voters_l + t.voters_p <= 600 for t in tps)
    assert 198_000_000 < sum(t.voters_l + t.voters_p for t in tps) < 208_000_000


def test_jakarta_utara_has_exactly_its_voters_and_three_paslon() -> None:
    chosen = PRESETS["jakarta-utara"]
    tps = list(preset.tps_of(preset.regions_of(chosen.root), voters=chosen.voters))
    (gubernur,) = preset.contests_of(chosen.root)
    per_kecamatan = Counter(t.code[:8] for t in tps)

    assert sum(t.voters_l + t.voters_p for t in tps) == 1_345_815
    assert max(t.voters_l + t.voters_p for t in tps) <= 600
    assert sorted(per_kecamatan.values()) == sorted([432, 530, 438, 570, 222, 194])
    assert (gubernur.region_code, gubernur.numbers) == ("31", (1, 2, 3))


def test_a_preset_is_the_same_every_time() -> None:
    regions = preset.regions_of("53.71")

    assert list(preset.tps_of(regions)) == list(preset.tps_of(regions))


def test_a_lone_pair_runs_against_the_kotak_kosong() -> None:
    alone = iter([{"region_code": "31", "contest": "gubernur", "number": "1", "name": "A - B"}])
    (made,) = preset.contests_from(alone, "31.72")
    (papua_barat,) = [c for c in preset.contests_of("92") if c.kind == "gubernur"]

    for contest in (made, papua_barat):
        assert [(p.number, p.is_empty_box) for p in contest.paslon] == [(1, False), (2, True)]
        assert contest.paslon[1].name == "Kotak kosong"


def test_dusun_are_made_only_when_asked_and_named_an_estimate() -> None:
    regions = preset.regions_of("73.04")
    dusun = preset.estimated_dusun(regions)
    tps = list(preset.tps_of([*regions, *dusun]))
    below = Counter(d.parent_code for d in dusun)

    assert set(below.values()) == {2, 3}
    assert all(code is not None and code[9] == "2" and "perkiraan" in d.name for d in dusun for code in [d.parent_code])
    assert len(tps) == 567
    # A TPS keeps its number within the desa, whichever dusun it lies in.
    assert len({(t.code[:13], t.number) for t in tps}) == 567
    assert {terms.level_of(t.parent_code) for t in tps} == {Level.kelurahan, Level.dusun}


def test_the_day_is_in_order() -> None:
    plan = preset.milestones()

    assert [m.code for m in plan] == [
        "logistics_ready", "kpps_present", "oath", "voting_open", "dpk_voting", "voting_closed", "count_started",
        "count_finished", "c_hasil_signed", "c_hasil_posted", "box_sent", "box_pps", "box_ppk",
    ]  # fmt: skip
    assert [(m.day, m.planned) for m in plan] == sorted((m.day, m.planned) for m in plan)
