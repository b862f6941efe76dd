"""A simulated day is repeatable, lazy, in order, within the rules, and as eventful as the published figures."""

from __future__ import annotations

import collections
import datetime
import itertools
import time
import tracemalloc
import uuid
from collections.abc import Iterable

import msgspec
import pytest

from posko.ids import uuid7
from posko.regions.preset import largest_remainder
from posko.reports import report as r
from posko.simulation import incidents
from posko.simulation.day import SCRIPTS_LIMIT, Day, Sending
from posko.simulation.phone import FLUSH_LIMIT
from posko.simulation.roster import Contest, Ground, Tps, moment
from posko.simulation.scenario import ordinary
from posko.simulation.tps_day import plan_tps
from tests.simulation.places import CONTESTS, GROUND, MILESTONES, city, sendings

CITY = city(31, 20)
LAWFUL_ORDER = (
    *("logistics_ready", "oath", "voting_open", "voting_closed", "count_started", "count_finished"),
    *("c_hasil_signed", "c_hasil_posted", "box_sent", "box_pps", "box_ppk"),
)
PUBLISHED = {
    "wrong_quantity": 12_696, "swapped": 1_073, "intimidation": 87, "early": 462, "mismatch": 273, "no_copy": 71,
    "disaster": 119, "late": 5_438 * 0.985,
}  # fmt: skip
"""Bawaslu's counts over 435,296 TPS; of the late openings those that are reported at all."""


@pytest.fixture(scope="module")
def day() -> list[Sending]:
    return sendings(CITY)


def once(day: Iterable[Sending]) -> list[r.ReportItem]:
    """Every report, without the repetitions."""
    return [item for sending in day if not sending.again for item in sending.items]


def live(items: list[r.ReportItem]) -> list[r.ReportItem]:
    """What still counts once the mistakes are corrected: corrected reports out, replacements in."""
    withdrawn = {i.content.of for i in items if isinstance(i.content, r.Correction)}
    found = []
    for item in items:
        content = item.content.replacement if isinstance(item.content, r.Correction) else item.content
        if item.id not in withdrawn and content is not None:
            found.append(msgspec.structs.replace(item, content=content))
    return found


def of(items: list[r.ReportItem], kind: type) -> dict[str, list[r.ReportItem]]:
    found = collections.defaultdict(list)
    for item in items:
        if isinstance(item.content, kind):
            found[item.place].append(item)
    return found


def people(turnout: r.Turnout) -> int:
    return sum(s.l + s.p for s in (turnout.dpt, turnout.dptb, turnout.dpk))


def test_the_same_seed_is_the_same_day_and_another_seed_is_another(day: list[Sending]) -> None:
    encode = msgspec.json.encode
    assert encode(day) == encode(sendings(CITY))
    other = sendings(CITY, seed=2)
    assert not {i.id for i in once(day)} & {i.id for i in once(other)}


def test_a_tps_has_the_same_day_whatever_else_is_in_the_roster(day: list[Sending]) -> None:
    alone = once(sendings([CITY[33]]))
    assert [i for i in alone if i.place == CITY[33].code] == [i for i in once(day) if i.place == CITY[33].code]


def test_another_operation_has_other_ids(day: list[Sending]) -> None:
    ground = Ground(8, GROUND.voting_day, MILESTONES, CONTESTS)
    other = once(Day(ground, CITY[:50], seed=1, scenario=ordinary()).sendings())
    assert not {i.id for i in once(day)} & {i.id for i in other}


def test_requests_leave_in_order_and_never_before_what_they_say_was_seen(day: list[Sending]) -> None:
    assert [s.at_ms for s in day] == sorted(s.at_ms for s in day)
    for sending in day:
        for item in sending.items:
            assert item.observed_at <= moment(sending.at_ms, 7)


def test_every_report_is_one_that_the_server_decodes(day: list[Sending]) -> None:
    decoder = msgspec.json.Decoder(list[r.ReportItem])
    for sending in day:
        assert decoder.decode(msgspec.json.encode(sending.items)) == list(sending.items)


def test_ids_are_of_version_7_bear_the_simulated_clock_and_are_made_once(day: list[Sending]) -> None:
    items = once(day)
    assert len({i.id for i in items}) == len(items)
    for item in items:
        assert item.id.version == 7
        assert item.id.variant == uuid.RFC_4122
        assert item.id.int >> 80 == round(item.observed_at.timestamp() * 1000)


def test_uuid7_takes_every_bit_that_it_is_given() -> None:
    assert str(uuid7(0x017F22E279B0, 0xCC3 << 62 | 0x18C4DC0C0C07398F)) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    assert uuid7((1 << 48) - 1, (1 << 74) - 1).int == 0xFFFFFFFFFFFF7FFFBFFFFFFFFFFFFFFF


def test_a_flush_has_several_reports_of_one_phone_and_never_more_than_its_limit(day: list[Sending]) -> None:
    flushes = [s for s in day if len(s.items) > 1]
    assert flushes
    for flush in flushes:
        assert len(flush.items) <= FLUSH_LIMIT
        assert len({i.place for i in flush.items}) == 1
    late = [s for s in flushes if s.at_ms - s.items[0].observed_at.timestamp() * 1000 > 3_600_000]
    assert late, "a flush keeps the hour at which each thing was seen"


def test_what_is_sent_again_is_the_very_same(day: list[Sending]) -> None:
    before: dict[uuid.UUID, r.ReportItem] = {}
    repeated = 0
    for sending in day:
        for item in sending.items:
            if sending.again:
                assert before[item.id] == item
                repeated += 1
            else:
                assert item.id not in before
            before[item.id] = item
    assert repeated > 20


def test_turnout_never_falls_and_stays_within_the_ballots(day: list[Sending]) -> None:
    ballots = {tps.code: tps.ballots for tps in CITY}
    for place, reports in of(live(once(day)), r.Turnout).items():
        said = [i.content for i in sorted(reports, key=lambda i: i.observed_at)]
        for before, after in itertools.pairwise(said):
            for name in ("dpt", "dptb", "dpk", "disabled"):
                assert getattr(before, name).l <= getattr(after, name).l
                assert getattr(before, name).p <= getattr(after, name).p
        assert people(said[-1]) <= ballots[place]
        assert said[-1].disabled.l <= said[-1].dpt.l


def test_dpk_voters_come_only_after_noon(day: list[Sending]) -> None:
    for reports in of(once(day), r.Turnout).values():
        for item in reports:
            if item.observed_at.hour < 12:
                assert item.content.dpk == r.Sexes(0, 0)


def test_ballots_and_counts_add_up_to_the_users_in_both_contests(day: list[Sending]) -> None:
    items = live(once(day))
    turnouts, ballots, counts = of(items, r.Turnout), of(items, r.Ballots), of(items, r.Count)
    doubtful = {
        i.place for i in items if isinstance(i.content, r.Incident) and "tidak sama dengan jumlah" in i.content.text
    }
    assert len(counts) > 0.99 * len(CITY)
    for place, reports in counts.items():
        users = people(max(turnouts[place], key=lambda i: i.observed_at).content)
        assert sorted(i.content.contest for i in reports) == ["bupati_walikota", "gubernur"]
        for item in reports:
            count = item.content
            assert sum(count.votes.values()) == count.valid
            assert set(count.votes) == ({1, 2, 3} if count.contest == "gubernur" else {1, 2})
            assert count.valid + count.invalid == users or place in doubtful
        for item in ballots[place]:
            b = item.content
            assert b.used == users
            assert b.used + b.spoilt + b.unused == b.received


def test_what_the_law_orders_comes_in_order_unless_it_is_told_as_a_breach(day: list[Sending]) -> None:
    items = live(once(day))
    early = {i.place for i in items if isinstance(i.content, r.Incident) and "sebelum pukul 13.00" in i.content.text}
    for place, reports in of(items, r.Milestone).items():
        seen = {i.content.milestone: i.observed_at for i in reports}
        order = [seen[code] for code in LAWFUL_ORDER if code in seen]
        assert order == sorted(order)
        if place not in early and "count_started" in seen:
            assert seen["count_started"].time() >= datetime.time(13)


def test_only_the_milestones_that_the_operation_awaits_are_reported() -> None:
    ground = Ground(7, GROUND.voting_day, frozenset({"voting_open"}), CONTESTS)
    items = once(Day(ground, CITY[:40], seed=1, scenario=ordinary()).sendings())
    assert {i.content.milestone for i in items if isinstance(i.content, r.Milestone)} == {"voting_open"}


def test_a_mistake_is_corrected_after_it_was_sent_and_within_half_an_hour_of_writing(day: list[Sending]) -> None:
    sent: dict[uuid.UUID, int] = {}
    corrections = 0
    for sending in day:
        for item in sending.items:
            sent.setdefault(item.id, sending.at_ms)
            if isinstance(item.content, r.Correction) and not sending.again:
                corrections += 1
                assert sent[item.content.of] <= sending.at_ms
                assert isinstance(item.content.replacement, r.Turnout | r.Count | None)
    assert corrections >= 3


def test_an_unreachable_tps_was_tried_and_speaks_later(day: list[Sending]) -> None:
    items = once(day)
    for place, reports in of(items, r.Unreachable).items():
        at = reports[0].observed_at
        assert reports[0].channel == "desk"
        assert all(a.at < at for a in reports[0].content.attempts)
        assert any(i.observed_at > at for i in items if i.place == place)


def test_a_kelurahan_says_nihil_only_when_its_tps_sent_no_incident(day: list[Sending]) -> None:
    said = 0
    told: dict[str, list[int]] = collections.defaultdict(list)
    for sending in day:
        for item in sending.items:
            if isinstance(item.content, r.Incident):
                told[item.place[:13]].append(sending.at_ms)
            elif isinstance(item.content, r.Nihil):
                said += 1
                assert not [t for t in told[item.place] if t > sending.at_ms - 3.6 * 3_600_000]
    assert 31 < said <= 31 * 3


def test_paslon_are_drawn_from_one_distribution() -> None:
    ground = Ground(
        7,
        GROUND.voting_day,
        frozenset(),
        tuple(Contest("bupati_walikota", f"31.{k}", (1, 2, 3)) for k in range(10, 99)),
    )
    votes: collections.Counter[int] = collections.Counter()
    winners: collections.Counter[int] = collections.Counter()
    for k in range(10, 99):
        mine: collections.Counter[int] = collections.Counter()
        for item in live(once(Day(ground, city(1, 3, root=f"31.{k}"), seed=5, scenario=ordinary()).sendings())):
            if isinstance(item.content, r.Count):
                mine.update(item.content.votes)
        votes.update(mine)
        winners[mine.most_common(1)[0][0]] += 1
    assert all(0.26 < votes[n] / votes.total() < 0.41 for n in (1, 2, 3))
    assert all(winners[n] > 15 for n in (1, 2, 3))


def test_breaches_are_as_frequent_as_bawaslu_counted_them() -> None:
    """30,000 TPS: each published count within four standard deviations of a Poisson draw."""
    roster = city(600, 50)
    world = Day(GROUND, roster, seed=11, scenario=ordinary()).world
    seen: collections.Counter[str] = collections.Counter()
    for tps in roster:
        drafts = {d for o in plan_tps(world, tps) for d in o.drafts}
        for draft in drafts:
            if draft.what.startswith("incident."):
                text = draft.say().text
                seen["wrong_quantity"] += draft.what in ("incident.logistik.kurang", "incident.logistik.lebih")
                seen["swapped"] += draft.what == "incident.logistik.tertukar"
                seen["intimidation"] += draft.what == "incident.intimidasi"
                seen["early"] += "sebelum pukul 13.00" in text
                seen["mismatch"] += "tidak sama dengan jumlah" in text
                seen["no_copy"] += "salinan C.Hasil" in text
                seen["disaster"] += draft.what.startswith("incident.bencana.")
            elif (
                draft.what == "milestone.voting_open"
                and draft.observed_ms > world.ground.midnight_ms(7) + 7.5 * 3_600_000
            ):
                seen["late"] += 1
    for name, count in PUBLISHED.items():
        expected = count * len(roster) / incidents.PILKADA_TPS
        assert abs(seen[name] - expected) <= 4 * expected**0.5 + 1, (name, seen[name], expected)


def test_most_tps_open_within_minutes_of_seven_local_time() -> None:
    for utc_offset, root in ((7, "31.72"), (8, "53.71"), (9, "94.71")):
        items = live(once(sendings(city(10, 20, root=root, utc_offset=utc_offset))))
        opened = [i.observed_at for i in items if i.content == r.Milestone("voting_open")]
        assert {t.utcoffset() for t in opened} == {datetime.timedelta(hours=utc_offset)}
        assert sum(datetime.time(7) <= t.time() <= datetime.time(7, 10) for t in opened) > 0.95 * len(opened)


def test_odd_rosters_stay_within_what_a_report_may_say() -> None:
    voters = ((0, 0), (1, 0), (2000, 2000), (0, 39))
    odd = [Tps(f"31.72.01.1001.{n:03d}", men, women, 7) for n, (men, women) in enumerate(voters, 1)]
    odd.append(Tps("31.72.01.1001.01.004", 300, 290, 7))
    for sending in sendings(odd):
        assert msgspec.json.decode(msgspec.json.encode(sending.items), type=list[r.ReportItem])
    items = live(once(sendings(odd)))
    for item in items:
        if isinstance(item.content, r.Count):
            assert sum(item.content.votes.values()) == item.content.valid


def test_an_operation_without_contests_has_a_day_without_counts() -> None:
    items = once(Day(Ground(7, GROUND.voting_day, MILESTONES, ()), CITY[:20], seed=1, scenario=ordinary()).sendings())
    assert of(items, r.Turnout)
    assert not of(items, r.Count)


def test_the_parts_sum_to_the_whole() -> None:
    assert largest_remainder(10, [1, 1, 1]) == [4, 3, 3]
    assert largest_remainder(7, [0, 0]) == [4, 3]
    assert largest_remainder(0, [3, 5]) == [0, 0]
    assert largest_remainder(1_000_003, [5, 0, 7]) == [416_668, 0, 583_335]


def test_a_hundred_thousand_tps_begin_at_once_and_are_never_all_in_memory() -> None:
    roster = city(2000, 50)
    began = time.thread_time()
    next(Day(GROUND, roster, seed=1, scenario=ordinary()).sendings())
    assert time.thread_time() - began < 5
    tracemalloc.start()
    stream = Day(GROUND, roster, seed=1, scenario=ordinary()).sendings()
    for _ in range(200):
        next(stream)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 400 * len(roster), "bytes per TPS, while it begins"


def test_a_script_that_was_pushed_out_is_written_again_the_same() -> None:
    roster = city(84, 50)
    assert len(roster) > SCRIPTS_LIMIT
    until_ms = GROUND.midnight_ms(7) + int(5.7 * 3_600_000)
    day = Day(GROUND, roster, seed=3, scenario=ordinary())
    ids: collections.Counter[uuid.UUID] = collections.Counter()
    for sending in itertools.takewhile(lambda s: s.at_ms < until_ms, day.sendings()):
        assert len(day._scripts) <= SCRIPTS_LIMIT
        ids.update(i.id for i in sending.items if not sending.again)
    assert set(ids.values()) == {1}
    alone = Day(GROUND, roster[:40], seed=3, scenario=ordinary()).sendings()
    expected = {i.id for s in itertools.takewhile(lambda s: s.at_ms < until_ms, alone) for i in s.items}
    assert len(expected) > 40
    assert expected <= set(ids)
