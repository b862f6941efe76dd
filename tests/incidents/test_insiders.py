"""What somebody with a seat could do to keep an incident or an alarm from those who have to know of it, and why it does not work."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from posko.errors import Invalid
from posko.incidents import rule
from tests.factories import incident, make_account, milestone
from tests.incidents.ground import Day, clock


async def with_desks(day: Day) -> Day:
    """The day with a desk at the kelurahan and the kecamatan of the first TPS, and one elsewhere."""
    tps = day.small.tps[0]
    async with day.pool.acquire() as connection:
        await make_account(connection, "kel", "operator", tps[:-4])
        await make_account(connection, "kec", "operator", tps[:8])
        await make_account(connection, "kel-sup", "supervisor", tps[:-4])
        await make_account(connection, "lain", "operator", day.small.kelurahan[-1])
    again = await Day.begin(day.pool, day.small)
    await again.at(clock(8))
    return again


def correction(of: uuid.UUID, replacement: dict[str, Any] | None = None) -> dict[str, Any]:
    said = {"kind": "correction", "of": str(of), "reason": "salah lapor"}
    return said if replacement is None else {**said, "replacement": replacement}


async def test_nobody_voids_anothers_incident_by_withdrawing_the_own_correction_of_it(day: Day) -> None:
    day = await with_desks(day)
    tps = day.small.tps[0]
    case = await day.file(tps, incident("kritis"))
    mine = await day.file(tps, correction(case, incident("kritis")), by="kel")
    with pytest.raises(AssertionError, match="second_person"):
        await day.file(tps, correction(mine), by="kel")
    assert (await day.incident(case))["status"] == "baru"


async def test_nobody_voids_anothers_incident_by_saying_that_it_was_something_else(day: Day) -> None:
    day = await with_desks(day)
    tps = day.small.tps[0]
    case = await day.file(tps, incident("kritis"))
    for other in ({"kind": "nihil"}, milestone("kpps_present")):
        with pytest.raises(AssertionError, match="second_person"):
            await day.file(tps, correction(case, other), by="kel")
    assert (await day.incident(case))["status"] == "baru"
    # Whoever filed it may.
    await day.file(tps, correction(case, {"kind": "nihil"}))
    assert (await day.incident(case))["status"] == "batal"


async def test_a_report_joins_no_incident_beyond_its_seat(day: Day) -> None:
    day = await with_desks(day)
    case = await day.file(day.small.tps[0], incident("rendah"))
    elsewhere = day.small.tps[-1]
    made = await day.file(elsewhere, incident("kritis", text="milik orang lain", joins=str(case)), by="lain")
    found = await day.incident(case)
    assert (found["severity"], found["reports"], found["summary"]) == (1, 1, "surat suara kurang")
    assert (await day.incident(made))["place"] == elsewhere
    assert await day.differences() == []


async def test_what_joins_an_incident_that_is_over_is_one_of_its_own(day: Day) -> None:
    case = await day.file(day.small.tps[0], incident("rendah"))
    for action in ("acknowledgement", "resolution", "closure"):
        await day.act(case, action, "selesai")
    made = await day.file(day.small.tps[0], incident("kritis", joins=str(case)))
    assert (await day.incident(made))["status"] == "baru"
    assert (await day.incident(case))["reports"] == 1


@pytest.mark.parametrize("field", ["kinds", "severities", "stages"])
def test_a_rule_for_nothing_is_no_rule_for_everything(field: str) -> None:
    said = {
        "name": "semua", "about": "incident", "steps": [{"tier": "kabkota", "after_s": 0}],
        "acknowledge_within_min": 5, "resolve_within_min": 60, field: [],
    }  # fmt: skip
    rest = [{**said, "about": about, field: None} for about in ("alarm", "directive")]
    import msgspec

    with pytest.raises((Invalid, msgspec.ValidationError)):
        rule.as_rows(msgspec.convert([said, *rest], list[rule.Rule]))
