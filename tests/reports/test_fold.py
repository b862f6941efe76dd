"""What reports do to the counters of their place, and of every region above it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any, get_args

import msgspec
import pytest

from posko import db
from posko.regions import catalogue
from posko.reports.plan import plan
from posko.reports.report import FlagKind, ReportIn
from posko.reports.store import arrays
from tests.factories import (
    Small,
    count,
    counters,
    incident,
    local,
    make_account,
    milestone,
    report,
    turnout,
    uuid7,
    viewer_of,
)

QUERY = db.queries("reports")["file"].sql


class Desk:
    """Files straight through the one SQL function."""

    def __init__(self, connection: Any, small: Small, known: catalogue.Catalogue, account_id: int) -> None:
        self.connection, self.small, self.catalogue, self.account_id = connection, small, known, account_id

    async def file(
        self,
        *said: dict[str, Any],
        ids: list[uuid.UUID] | None = None,
        account_id: int | None = None,
        limit: int = 2000,
    ) -> list[Any]:
        who = await viewer_of(self.connection, account_id or self.account_id)
        ids = ids or [uuid7() for _ in said]
        planned = [
            plan(who, i, msgspec.convert(s, ReportIn, strict=False), self.catalogue)
            for i, s in zip(ids, said, strict=True)
        ]
        return await self.connection.fetch(
            QUERY,
            self.small.operation,
            self.catalogue.layout,
            limit,
            *arrays(planned),
        )

    async def counters(self, code: str) -> dict[str, int]:
        return await counters(self.connection, self.small.operation, code)

    async def past(self, code: str) -> list[tuple[str, uuid.UUID]]:
        """Flags of a place that are over, and the report that has overtaken each."""
        rows = await self.connection.fetch(
            "select f.kind, f.ended_by from posko.node n, api.flags_of(array[n.id]) f"
            " where n.operation_id = $1 and n.code = $2 and f.ended_at is not null order by f.ended_at, f.kind",
            self.small.operation,
            code,
        )
        return [tuple(row) for row in rows]

    def at(self, place: str, content: dict[str, Any], **extra: Any) -> dict[str, Any]:
        return report(self.small.operation, place, content, **extra)


@pytest.fixture
async def desk(pool: db.Pool, small: Small) -> AsyncIterator[Desk]:
    async with pool.acquire() as connection:
        known = await catalogue.load(connection, small.operation)
        assert known is not None
        yield Desk(connection, small, known, await make_account(connection, "meja", "operator", "ID"))


ROSTER = {"tps": 1, "voters_l": 140, "voters_p": 160}


async def test_a_milestone_counts_at_the_tps_and_at_every_region_above(desk: Desk) -> None:
    tps = desk.small.tps[0]

    rows = await desk.file(desk.at(tps, milestone("voting_open"), at=local(7, 3)))

    assert [r["outcome"] for r in rows] == ["accepted"]
    expected = {"reports": 1, "covered": 1, "milestone.voting_open.reached": 1}
    assert {**ROSTER, **expected} == await desk.counters(tps)
    for code, size in ((tps[:13], 3), (tps[:8], 6), ("31.72", 12)):
        assert {"tps": size, "voters_l": 140 * size, "voters_p": 160 * size, **expected} == await desk.counters(code)


async def test_a_milestone_is_late_after_its_planned_time_and_grace_in_the_zone_of_the_tps(desk: Desk) -> None:
    on_time, late = desk.small.tps[:2]

    await desk.file(
        desk.at(on_time, milestone("voting_open"), at=local(7, 15)),
        desk.at(late, milestone("voting_open"), at=local(7, 15, 1)),
    )

    assert "milestone.voting_open.late" not in await desk.counters(on_time)
    assert (await desk.counters(late))["milestone.voting_open.late"] == 1


async def test_the_first_observed_word_of_a_milestone_counts_whatever_comes_first(desk: Desk) -> None:
    tps = desk.small.tps[0]

    await desk.file(desk.at(tps, milestone("voting_open"), at=local(8)))
    await desk.file(desk.at(tps, milestone("voting_open"), at=local(7, 1)))

    found = await desk.counters(tps)
    assert "milestone.voting_open.late" not in found
    assert found["milestone.voting_open.reached"] == 1
    assert found["reports"] == 2


async def test_not_possible_gives_way_to_reached(desk: Desk) -> None:
    tps = desk.small.tps[0]
    await desk.file(desk.at(tps, milestone("voting_open", possible=False, reason="banjir setinggi lutut"), at=local(7)))
    assert (await desk.counters(tps))["milestone.voting_open.not_possible"] == 1

    await desk.file(desk.at(tps, milestone("voting_open"), at=local(10, 55)))

    found = await desk.counters("31.72")
    assert found["milestone.voting_open.reached"] == found["milestone.voting_open.late"] == 1
    assert "milestone.voting_open.not_possible" not in found


async def test_the_latest_observed_number_counts_though_it_came_before_an_older_one(desk: Desk) -> None:
    tps = desk.small.tps[0]

    await desk.file(desk.at(tps, turnout(90, 100), at=local(11)))
    await desk.file(desk.at(tps, turnout(50, 60), at=local(10)))

    found = await desk.counters("31.72")
    assert (found["turnout.dpt_l"], found["turnout.dpt_p"], found["turnout.tps"]) == (90, 100, 1)


async def test_votes_roll_up_to_the_region_of_their_contest_with_the_kotak_kosong(desk: Desk) -> None:
    one, two = desk.small.tps[0], desk.small.tps[-1]

    await desk.file(
        desk.at(one, count("gubernur", [100, 50, 20], 5), at=local(15)),
        desk.at(two, count("gubernur", [10, 5, 2], 1), at=local(15)),
        desk.at(two, count("bupati_walikota", [11, 6], 1), at=local(15)),
    )

    found = await desk.counters("31.72")
    assert [found[f"count.gubernur.paslon.{n}"] for n in (1, 2, 3)] == [110, 55, 22]
    assert (found["count.gubernur.tps"], found["count.gubernur.valid"], found["count.gubernur.invalid"]) == (2, 187, 6)
    assert (found["count.bupati_walikota.paslon.2"], found["count.bupati_walikota.tps"]) == (6, 1)


async def test_a_correction_replaces_what_it_corrects_even_when_it_comes_first(desk: Desk) -> None:
    tps = desk.small.tps[0]
    wrong, right = uuid7(), uuid7()
    correction = {"kind": "correction", "of": str(wrong), "reason": "salah ketik", "replacement": turnout(20, 30)}

    await desk.file(desk.at(tps, correction, at=local(10)), ids=[right])
    await desk.file(desk.at(tps, turnout(200, 300), at=local(10, 30)), ids=[wrong])

    found = await desk.counters("31.72")
    assert (found["turnout.dpt_l"], found["turnout.dpt_p"]) == (20, 30)
    assert found["reports"] == 2


async def test_a_correction_without_replacement_withdraws(desk: Desk) -> None:
    tps = desk.small.tps[0]
    wrong = uuid7()
    await desk.file(desk.at(tps, incident("kritis")), ids=[wrong])
    assert (await desk.counters("31.72"))["incident.kritis"] == 1

    await desk.file(desk.at(tps, {"kind": "correction", "of": str(wrong), "reason": "bukan di TPS ini"}))

    assert "incident.kritis" not in await desk.counters("31.72")


async def test_a_correction_of_a_report_of_another_place_corrects_nothing_and_is_flagged_whichever_comes_first(
    desk: Desk,
) -> None:
    early, late = uuid7(), uuid7()
    await desk.file(desk.at(desk.small.tps[0], incident()), ids=[early])

    for wrong in (early, late):
        await desk.file(desk.at(desk.small.tps[1], {"kind": "correction", "of": str(wrong), "reason": "salah TPS"}))
    await desk.file(desk.at(desk.small.tps[0], incident()), ids=[late])

    found = await desk.counters("31.72")
    assert found["incident.sedang"] == 2
    assert found["flag.misdirected"] == 2


async def test_an_incident_of_a_region_counts_there_as_its_own_and_above(desk: Desk) -> None:
    kelurahan = desk.small.kelurahan[0]

    await desk.file(desk.at(kelurahan, incident("tinggi")), desk.at(desk.small.tps[0], incident("tinggi")))

    assert [(await desk.counters(code))["incident.tinggi"] for code in (kelurahan, "31.72")] == [2, 2]
    own = await desk.connection.fetchval(
        "select own from posko.rollup r join posko.node n on n.id = r.node_id where n.code = $1", kelurahan
    )
    slot = await desk.connection.fetchval("select slot from posko.counter where name = 'incident.tinggi'")
    assert own[slot - 1] == 1


async def test_a_silent_tps_is_unreachable_for_each_milestone_that_it_has_not_reported_until_it_speaks(
    desk: Desk,
) -> None:
    tps = desk.small.tps[0]
    attempt = {"kind": "unreachable", "attempts": [{"at": local(7, 30), "how": "telepon"}]}
    await desk.file(desk.at(tps, milestone("kpps_present"), at=local(6)))
    await desk.file(desk.at(tps, attempt, at=local(7, 30)))

    silent = await desk.counters("31.72")
    await desk.file(desk.at(tps, milestone("voting_open"), at=local(7, 45)))
    heard = await desk.counters("31.72")

    assert (silent["unreachable"], silent["milestone.voting_open.unreachable"]) == (1, 1)
    assert "milestone.kpps_present.unreachable" not in silent
    assert not {k for k in heard if k.endswith("unreachable")}


async def test_nobody_is_unreachable_until_an_hour_that_has_not_come(desk: Desk) -> None:
    tps = desk.small.tps[0]
    attempt = {"kind": "unreachable", "attempts": [{"at": local(7, 30), "how": "telepon"}]}
    await desk.file(desk.at(tps, attempt, at="2099-12-31T00:00:00+07:00"))
    assert (await desk.counters("31.72"))["unreachable"] == 1
    now = (await desk.connection.fetchval("select posko.now()")).isoformat()
    await desk.file(desk.at(tps, milestone("voting_open"), at=now))
    assert "unreachable" not in await desk.counters("31.72")


async def test_a_region_that_cannot_be_reached_does_not_count_as_a_tps_that_has_not_reported(desk: Desk) -> None:
    attempt = {"kind": "unreachable", "attempts": [{"at": local(7, 30), "how": "telepon"}]}

    await desk.file(desk.at(desk.small.kelurahan[0], attempt, at=local(7, 30)))

    found = await desk.counters("31.72")
    assert {k: v for k, v in found.items() if k.endswith("unreachable")} == {"unreachable": 1}


async def test_a_number_for_a_region_or_an_unknown_tps_is_refused_and_its_neighbours_stand(desk: Desk) -> None:
    bogus = desk.small.tps[0][:-3] + "999"

    rows = await desk.file(
        desk.at(bogus, milestone("voting_open")), desk.at(desk.small.tps[0], milestone("voting_open"))
    )

    assert [r["outcome"] for r in rows] == ["unknown_place", "accepted"]
    assert (await desk.counters("31.72"))["reports"] == 1


async def test_one_id_counts_once_within_a_batch_and_across_batches(desk: Desk) -> None:
    one = uuid7()
    same, other = (
        desk.at(desk.small.tps[0], milestone("voting_open")),
        desk.at(desk.small.tps[1], milestone("voting_open")),
    )

    first = await desk.file(same, same, other, ids=[one, one, one])
    second = await desk.file(same, other, ids=[one, one])

    assert [r["outcome"] for r in first] == ["accepted", "duplicate", "conflict"]
    assert [r["outcome"] for r in second] == ["duplicate", "conflict"]
    assert first[0]["version"] == second[0]["version"]
    assert first[0]["received_at"] == second[0]["received_at"]
    assert (await desk.counters("31.72"))["reports"] == 1


async def test_a_batch_that_changes_nothing_leaves_the_version(desk: Desk) -> None:
    one, said = uuid7(), desk.at(desk.small.tps[0], milestone("voting_open"))
    await desk.file(said, ids=[one])
    before = await desk.connection.fetchval("select version from posko.operation")

    await desk.file(said, ids=[one])

    assert before == await desk.connection.fetchval("select version from posko.operation")


async def test_over_its_limit_a_place_takes_no_more(desk: Desk) -> None:
    tps = desk.small.tps[0]
    for _ in range(3):
        await desk.file(desk.at(tps, {"kind": "nihil"}), limit=3)

    rows = await desk.file(desk.at(tps, {"kind": "nihil"}), desk.at(desk.small.tps[1], {"kind": "nihil"}), limit=3)

    assert [r["outcome"] for r in rows] == ["too_many", "accepted"]


FLAGGED = [
    ("turnout_over", [(turnout(200, 109), local(12))]),
    ("falling", [(turnout(90, 90), local(11)), (turnout(80, 90), local(12))]),
    ("votes_sum", [(count("gubernur", [10, 10, 10], valid=31), local(15))]),
    ("votes_users", [(turnout(100, 100), local(13)), (count("gubernur", [100, 50, 20], 5), local(15))]),
    ("dpt_over", [(turnout(141, 100), local(12))]),
    ("disabled_over", [({**turnout(10, 10), "disabled": {"l": 11, "p": 10}}, local(12))]),
    ("before_open", [(milestone("voting_open"), local(7)), (turnout(5, 5), local(6, 59))]),
    ("early", [(milestone("count_started"), local(12, 59))]),
    ("early", [(count("gubernur", [1, 1, 1]), local(12))]),
    ("time_before", [(milestone("voting_open"), "2024-09-30T07:00:00+07:00")]),
    ("time_future", [(milestone("voting_open"), "2099-01-01T07:00:00+07:00")]),
]


@pytest.mark.parametrize(("kind", "said"), FLAGGED, ids=lambda v: v if isinstance(v, str) else "")
async def test_what_is_doubtful_is_taken_and_flagged(
    desk: Desk, kind: str, said: list[tuple[dict[str, Any], str]]
) -> None:
    tps = desk.small.tps[0]

    for content, at in said:
        rows = await desk.file(desk.at(tps, content, at=at))

    assert rows[0]["outcome"] == "accepted"
    assert rows[0]["flags"] == [kind]
    assert (await desk.counters("31.72"))[f"flag.{kind}"] == 1


async def test_at_the_dpt_and_two_and_a_half_percent_rounded_up_a_turnout_is_not_doubtful(desk: Desk) -> None:
    rows = await desk.file(desk.at(desk.small.tps[0], {**turnout(140, 160), "dpk": {"l": 8, "p": 0}}, at=local(12)))

    assert rows[0]["flags"] is None


async def test_a_seal_that_is_whole_again_is_doubtful_after_another_reporter_said_that_it_is_broken(desk: Desk) -> None:
    tps, other = desk.small.tps, await make_account(desk.connection, "lain", "operator", "ID")

    def box(is_whole: bool, hour: int, place: int = 0) -> dict[str, Any]:
        return desk.at(tps[place], {"kind": "custody", "holder": "pps", "sealed": is_whole}, at=local(hour))

    await desk.file(box(False, 17), box(False, 17, 1))
    assert (await desk.file(box(True, 18)))[0]["flags"] is None  # whoever said so may say otherwise
    assert (await desk.file(box(True, 19), account_id=other))[0]["flags"] is None
    (row,) = await desk.file(box(True, 18, 1), account_id=other)

    assert row["flags"] == ["seal_whole"]
    # What comes late and was observed between the two makes it doubtful, and no more so.
    await desk.file(box(False, 16, 2))
    await desk.file(box(True, 18, 2))
    assert (await desk.file(box(True, 17, 2), account_id=other))[0]["flags"] == ["seal_whole"]
    assert (await desk.counters("31.72"))["flag.seal_whole"] == 2


async def test_an_opening_that_is_told_late_makes_the_turnout_before_it_doubtful(desk: Desk) -> None:
    tps = desk.small.tps[0]
    await desk.file(desk.at(tps, turnout(0, 0), at=local(8)), desk.at(tps, turnout(5, 5), at=local(9)))

    await desk.file(desk.at(tps, milestone("voting_open"), at=local(10)))
    assert (await desk.counters("31.72"))["flag.before_open"] == 1  # a turnout of nobody is none
    first = uuid7()
    await desk.file(desk.at(tps, milestone("voting_open"), at=local(7)), ids=[first])

    assert "flag.before_open" not in await desk.counters("31.72")
    assert await desk.past(tps) == [("before_open", first)]


async def test_what_was_counted_before_the_day_began_anew_is_doubted_no_more(desk: Desk) -> None:
    tps, case = desk.small.tps[0], uuid7()
    await desk.file(desk.at(tps, incident("kritis")), ids=[case])
    await desk.connection.execute(
        "update posko.incident set revote_kind = 'psu', revote_decider = 'KPU', revote_by = posko.now(), revote_on = '2024-12-04' where id = $1",
        case,
    )
    await desk.file(desk.at(tps, turnout(150, 100), at=local(12)))
    assert (await desk.counters("31.72"))["flag.dpt_over"] == 1

    who = await viewer_of(desk.connection, await make_account(desk.connection, "pengawas", "supervisor", "31.72"))
    await desk.connection.execute(
        "select api.begin_revote(o, i, posko.now(), $2, $3) from posko.operation o, posko.incident i where i.id = $1 and o.id = i.operation_id",
        case,
        who.account_id,
        who.seat_id,
    )
    assert "flag.dpt_over" not in await desk.counters("31.72")
    assert await desk.past(tps) == [("dpt_over", None)]
    (row,) = await desk.file(desk.at(tps, turnout(10, 10), at="2024-12-04T10:00:00+07:00"))

    assert row["flags"] is None  # fewer than on the day that counts no more


async def test_where_the_roster_is_an_estimate_nobody_is_over_the_dpt_of_men_or_women(desk: Desk) -> None:
    await desk.connection.execute("update posko.operation set tps_estimated = true where id = $1", desk.small.operation)

    assert (await desk.file(desk.at(desk.small.tps[0], turnout(141, 100), at=local(12))))[0]["flags"] is None


async def test_an_operation_that_was_laid_out_before_a_doubt_was_known_does_not_raise_it(desk: Desk) -> None:
    """Its next slot is another subject's."""
    await desk.connection.execute(
        "update posko.subject set width = 9 where kind = 'flag' and operation_id = $1", desk.small.operation
    )

    assert (await desk.file(desk.at(desk.small.tps[0], turnout(141, 100), at=local(12))))[0]["flags"] is None
    assert await desk.connection.fetchval("select api.flag_kinds()") == list(get_args(FlagKind))


async def test_two_reporters_who_disagree_are_both_kept_and_marked_berbeda(desk: Desk) -> None:
    tps = desk.small.tps[0]
    other = await make_account(desk.connection, "lain", "operator", "ID")
    await desk.file(desk.at(tps, count("gubernur", [100, 50, 20]), at=local(15)))

    await desk.file(desk.at(tps, count("gubernur", [101, 49, 20]), at=local(15, 5)), account_id=other)

    found = await desk.counters("31.72")
    assert found["flag.berbeda"] == 1
    assert found["count.gubernur.paslon.1"] == 101

    agreed = uuid7()
    await desk.file(desk.at(tps, count("gubernur", [101, 49, 20]), at=local(15, 10)), ids=[agreed])
    assert "flag.berbeda" not in await desk.counters("31.72")
    assert await desk.past(tps) == [("berbeda", agreed)]


async def test_a_flag_that_another_report_overtakes_is_kept_with_its_hours_and_that_report(desk: Desk) -> None:
    tps = desk.small.tps[0]
    wrong, late, right = uuid7(), uuid7(), uuid7()
    await desk.file(desk.at(tps, turnout(200, 120), at=local(12)), ids=[wrong])
    await desk.file(
        desk.at(tps, turnout(130, 140), at=local(12, 30)), desk.at(tps, {"kind": "nihil"}), ids=[late, uuid7()]
    )
    assert await desk.past(tps) == [("turnout_over", late)]
    correction = {"kind": "correction", "of": str(late), "reason": "salah", "replacement": turnout(200, 121)}
    await desk.file(desk.at(tps, correction, at=local(12, 31)), desk.at(tps, {"kind": "nihil"}), ids=[right, uuid7()])

    assert (await desk.counters("31.72"))["flag.turnout_over"] == 1
    assert await desk.past(tps) == [("turnout_over", late), ("falling", right)]
    kept = await desk.connection.fetchrow(
        "select f.raised_at = r.received_at and f.ended_at = e.received_at from posko.flag_past f"
        " join posko.report r on r.id = f.report_id join posko.report e on e.id = f.ended_by where f.kind = 'turnout_over'"
    )
    assert tuple(kept) == (True,)


async def test_a_cleared_flag_no_longer_counts_until_there_is_new_evidence(desk: Desk) -> None:
    tps = desk.small.tps[0]
    first = uuid7()
    await desk.file(desk.at(tps, turnout(200, 120), at=local(12)), ids=[first])

    clearer = await viewer_of(desk.connection, await make_account(desk.connection, "pengawas", "supervisor", "31.72"))
    version = await desk.connection.fetchval(
        "select api.clear_flag('turnout_over', $1, $2, $3, 'daftar pindahan')",
        first,
        clearer.account_id,
        clearer.seat_id,
    )
    cleared = await desk.counters("31.72")
    again = await desk.connection.fetchval(
        "select api.clear_flag('turnout_over', $1, $2, $3, 'sekali lagi')", first, clearer.account_id, clearer.seat_id
    )
    await desk.file(desk.at(tps, turnout(210, 120), at=local(12, 30)))

    assert version == await desk.connection.fetchval("select max(version) from posko.operation") - 1
    assert "flag.turnout_over" not in cleared
    assert again is None
    assert (await desk.counters("31.72"))["flag.turnout_over"] == 1
