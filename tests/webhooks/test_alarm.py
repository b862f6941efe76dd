"""An endpoint that fails: the alarm at its desk, and what people are told of it."""

from __future__ import annotations

import itertools
import json

import pytest

from posko import db
from posko.errors import Invalid
from posko.incidents.rule import Rule, StepIn, as_rows
from posko.reports.report import SEVERITIES
from posko.silence import store
from tests.factories import incident, viewer_of
from tests.incidents.ground import clock
from tests.webhooks.ground import Webhooks


async def _turn(hooks: Webhooks, endpoint: int, *, is_failing: bool) -> None:
    async with hooks.day.pool.acquire() as connection:
        await connection.fetch("select * from api.turn_endpoint($1, $2)", endpoint, is_failing)


async def test_people_are_told_how_many_endpoints_of_which_region_fail(hooks: Webhooks) -> None:
    day = hooks.day
    await day.at(clock(5))
    for n in range(2):
        await day.pool.fetchval(
            "select api.add_contact(null, null, $1, $2, 'email', $3, 'x', false)",
            day.operation, day.small.root, f"x{n}@x.example",
        )  # fmt: skip
    one, _ = await hooks.add(name="a"), await hooks.add(name="b")
    await _turn(hooks, one, is_failing=True)
    for minute in (0, 10, 30):
        await day.at(clock(5, minute))
        await day.turn()
    texts = await day.pool.fetch(
        "select group_key, text_id, text_en from posko.notice_member m join posko.notice n on n.id = m.notice_id"
    )
    assert [tuple(t) for t in texts] == [
        (
            "alarm:webhook",
            "Webhook gagal: 1 dari 2 endpoint di KOTA KECIL: a",
            "Webhooks fail: 1 of 2 endpoints in KOTA KECIL: a",
        )
    ]
    await _turn(hooks, one, is_failing=False)
    assert await day.pool.fetchval("select state from posko.notice_member") == "resolved"
    assert (await day.counters(day.small.root)).get("alarm.webhook") is None
    assert await day.differences() == []


async def _named(hooks: Webhooks) -> list[list[str] | None]:
    """What the alarms about endpoints name, the last opened first, as somebody is shown them who is not cleared."""
    day = hooks.day
    async with day.pool.acquire() as connection:
        viewer = await viewer_of(connection, day.people["supervisor"][0])
    async with db.snapshot(day.pool, viewer.reach) as connection:
        wanted, page = ("webhook", None, None), (None, None, 10)
        found = await store.alarms(connection, day.operation, day.small.root, wanted, page)
    return [alarm.endpoints for alarm in found]


async def test_the_alarm_names_the_endpoints_that_fail_and_one_for_what_is_terbatas_by_its_number_alone(
    hooks: Webhooks,
) -> None:
    day = hooks.day
    await day.at(clock(5))
    await day.pool.fetchval(
        "select api.add_contact(null, null, $1, $2, 'email', 'x@x.example', 'x', false)",
        day.operation, day.small.root,
    )  # fmt: skip
    made = [await hooks.add(name=n, description=f"sistem {n}") for n in "abcde"]
    hidden = await hooks.add(name="x", description="rahasia intelijen", cleared=True)
    for endpoint in (made[1], hidden, made[0], made[2]):
        await _turn(hooks, endpoint, is_failing=True)
    assert await _named(hooks) == [["sistem b", f"endpoint {hidden}", "sistem a", "sistem c"]]

    for minute in (0, 10, 30):
        await day.at(clock(5, minute))
        await day.turn()
    text = await day.pool.fetchval("select text_id from posko.notice_member")
    assert text == f"Webhook gagal: 4 dari 6 endpoint di KOTA KECIL: sistem b, endpoint {hidden}, sistem a dan 1 lagi"
    for endpoint in (made[1], hidden):
        await _turn(hooks, endpoint, is_failing=False)
    assert await _named(hooks) == [["sistem a", "sistem c"]]
    for endpoint in (made[0], made[2]):
        await _turn(hooks, endpoint, is_failing=False)
    assert await _named(hooks) == [None]


async def test_rules_of_before_webhooks_still_hold_and_posko_s_own_stands_in(hooks: Webhooks) -> None:
    step = [StepIn("kabkota", 0)]
    rest = {"steps": step, "acknowledge_within_min": 5, "resolve_within_min": 60}
    old = [
        Rule(name="semua", about="incident", severities=list(SEVERITIES), **rest),
        Rule(name="senyap", about="alarm", kinds=["belum_lapor", "kota_diam", "hadir", "nihil"], **rest),
        Rule(name="arahan", about="directive", **rest),
    ]
    with pytest.raises(Invalid, match="nihil"):
        as_rows(
            [old[0], Rule(name="senyap", about="alarm", kinds=["belum_lapor", "kota_diam", "hadir"], **rest), old[2]]
        )
    day = hooks.day
    await day.pool.fetchval(
        "select api.set_rules($1, $2, $3, $4)", day.operation, *day.people["supervisor"], as_rows(old)
    )
    await _turn(hooks, await hooks.add(), is_failing=True)
    rule = await day.pool.fetchval(
        "select rule from posko.escalation e join posko.alarm a on a.id = e.subject_id where a.kind = 'webhook'"
    )
    assert rule == "webhook gagal" and json.loads(as_rows(old))[1]["kinds"]


async def test_an_endpoint_that_flaps_on_purpose_turns_at_most_once_a_minute(hooks: Webhooks) -> None:
    day, turns, asked = hooks.day, "select count(*) from posko.alarm where kind = 'webhook'", itertools.count()
    await hooks.add()
    # Five refusals and a yes: its own turning is told to it, so that it would need nothing else to go on for ever.
    hooks.receiver.answers = lambda _: 200 if next(asked) % 6 == 5 else 503
    await day.file(day.small.tps[0], incident("tinggi"))
    async with hooks.delivering():
        await hooks.hurried(f"{turns} having count(*) = 1")
        await hooks.hurried("select count(*) = 0 from posko.delivery where state = 'pending'")
        assert (await day.pool.fetchval(turns), len(hooks.receiver.received) >= 12) == (1, True)
        # Whoever still fails when the minute has passed is not forgotten.
        hooks.receiver.answers = lambda _: 503
        await day.pool.execute("update posko.endpoint set answered_at = answered_at - interval '1 minute'")
        await day.file(day.small.tps[1], incident("tinggi"))
        await hooks.hurried(f"{turns} having count(*) = 2")
