"""The flood of 14 Feb 2024 in Jakarta Utara, played again on a real server: 34 and then 70 TPS, "12 or 13", susulan, 250 guards.

Jakarta as a whole had 70 flooded TPS of 30,766. This tree is one kota of it, by its preset 2,386 TPS, so all 70 lie in
three of its kelurahan; Sunter Jaya has no TPS 141-152 there, so the twelve of RW 08 are 041-052.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp

from posko import db
from posko.embedded import Embedded
from tests.factories import incident, uuid7
from tests.running import Running
from tests.simulation.flooded import (
    GADING,
    GADING_BARAT,
    GUARDS_OF,
    KOTA,
    PEGANGSAAN_DUA,
    PRIOK,
    SUNTER_JAYA,
    Flooded,
    feb,
    flooded,
    gather,
    moment,
    numbered,
    until,
)

RW_08 = numbered(SUNTER_JAYA, 41, 52)
BARAT, DUA = numbered(GADING_BARAT, 1, 42), numbered(PEGANGSAAN_DUA, 1, 16)
FIRST = [*RW_08, *BARAT[:16], *DUA[:6]]
LATER = [*BARAT[16:], *DUA[6:]]
ALL = [*FIRST, *LATER]
TOLD_TWICE = RW_08[2]
KELURAHAN = {SUNTER_JAYA: 12, GADING_BARAT: 16, PEGANGSAAN_DUA: 6}
MORNING = {"kpps_present": (5, 50), "oath": (6, 20)}
REST = {
    "dpk_voting": (12, 0), "voting_closed": (13, 0), "count_started": (13, 20), "count_finished": (17, 0), "c_hasil_signed": (18, 0),
    "c_hasil_posted": (18, 30), "box_sent": (19, 0), "box_pps": (20, 0), "box_ppk": (22, 0),
}  # fmt: skip
GUARDED = [t for k in GUARDS_OF for t in numbered(k, 1, 50)]
"""Where the 250 guards are who are to guard the flooded TPS on the new day: all dry, 200 of Tanjung Priok, 50 of Kelapa Gading."""
STANDING_CASES = ("baru", "diterima", "ditangani", "dibuka_kembali")
SEVERITIES = ("rendah", "sedang", "tinggi", "kritis")


async def test_the_flood_of_14_february_2024(services: Embedded, database: str, pool: db.Pool, tmp_path: Path) -> None:
    roles = ("serve", "live", "work")
    with Running(database, services.redis_url, tmp_path, roles=roles) as running:
        async with aiohttp.ClientSession() as http, flooded(running, pool, http) as story:
            assert len(story.tps) == 2_386
            for act in (
                _34_tps_are_one_flood,
                _whoever_has_not_opened_is_overdue,
                _70_tps_and_12_or_13,
                _the_vote_is_moved_twice,
                _250_guards_are_retasked,
                _the_new_day,
                _it_is_over,
            ):
                await act(story)


def _flood(severity: str, text: str) -> dict[str, Any]:
    return incident(severity, category="bencana.banjir", text=text)


async def _34_tps_are_one_flood(story: Flooded) -> None:
    """04:30 to 06:00: reports per TPS, one parent, its parts rest while it climbs to the kota."""
    await story.all_say(story.tps, "logistics_ready", feb(13, 18))
    for minute, desk, places, severity in (
        (30, "petugas-gading", BARAT[:16], "sedang"),
        (38, "petugas-dua", DUA[:3], "rendah"),
        (38, "petugas-dua", DUA[3:6], "sedang"),
    ):
        await story.set_clock(feb(14, 4, minute))
        await gather(story.file(desk, p, _flood(severity, "TPS tergenang, kotak diamankan")) for p in places)
    await story.set_clock(feb(14, 4, 45))
    for place in RW_08:
        said = _flood("tinggi", "kotak suara terendam")
        await story.file(SUNTER_JAYA, place, said, channel="desk", on_behalf_of=f"Ketua KPPS TPS {place[-3:]}")
    # At the kecamatan where the water came first: of a kota's own there would be nothing to climb.
    story.parent = await story.file("kota", PRIOK, _flood("kritis", "banjir Tanjung Priok dan Kelapa Gading"))
    children = (await story["kota"].get("/v1/incidents?category=bencana.banjir&limit=200"))["rows"]
    await gather(story.act("kota", c["id"], "parent", parent=story.parent) for c in children if c["id"] != story.parent)
    assert {c["place"] for c in await story.parts()} == set(FIRST)

    await story.watched(feb(14, 4, 49))
    await until(lambda: _is_at(story, "kecamatan"))
    await story.watched(feb(14, 4, 54))
    await until(lambda: _is_at(story, "kabkota"))
    accepted = await story.act("kapolres", story.parent, "acknowledgement")
    assert (accepted["status"], accepted["escalation"], accepted["children"]) == ("diterima", "accepted", 34)
    await story.act("kapolres", story.parent, "handling", said="tim BPBD ke RW 08")
    await story.watched(feb(14, 6))
    parts = await story.parts()
    assert {(c["tier"], c["escalation"], c["status"]) for c in parts} == {("kelurahan", "climbing", "baru")}
    assert await story.counter(KOTA, *(f"case.baru.{s}" for s in SEVERITIES[:3])) == [3, 19, 12]
    assert await story.counter(KOTA, "case.ditangani.kritis", "incident.kritis") == [1, 1]


async def _is_at(story: Flooded, tier: str) -> bool:
    found = (await story["kota"].get(f"/v1/incidents/{story.parent}"))["incident"]
    log = (await story["kota"].get(f"/v1/incidents/{story.parent}/entries"))["rows"]
    told = [e["details"]["tier"] for e in log if e["action"] == "step"]
    return bool(
        found["tier"] == tier and told == [3, 2][: len(told)] and told[-1:] == [{"kecamatan": 3, "kabkota": 2}[tier]]
    )


async def _whoever_has_not_opened_is_overdue(story: Flooded) -> None:
    """07:15: one alarm per kelurahan, held by the outage that explains it."""
    for code, (hour, minute) in MORNING.items():
        await story.all_say(story.tps, code, feb(14, hour, minute))
    await story.all_say([t for t in story.tps if t not in FIRST], "voting_open", feb(14, 7, 3))
    await story.watched(feb(14, 7, 14))
    assert await story.counter(KOTA, "milestone.voting_open.overdue", "alarm.belum_lapor") == [0, 0]
    await story.set_clock(feb(14, 7, 15))
    await until(lambda: _is(story, KOTA, "alarm.belum_lapor", 3))
    for code, missing in KELURAHAN.items():
        assert await story.counter(code, "milestone.voting_open.overdue", "alarm.belum_lapor") == [missing, 1]
    assert list(await story.behind(KOTA, "milestone.voting_open.overdue")) == sorted(FIRST)
    alarms = (await story["kota"].get("/v1/alarms"))["rows"]
    assert {(a["place"], a["milestone"], a["missing"]) for a in alarms} == {
        (k, "voting_open", n) for k, n in KELURAHAN.items()
    }
    # A quarter of Gading Barat is missing: that is told to the kecamatan at once.
    await until(lambda: _are_held(story, is_held=False))
    for code in KELURAHAN:
        said = {
            "operation": story.operation,
            "place": code,
            "kind": "banjir",
            "reason": "jalan terendam, sinyal hilang",
        }
        path = f"/v1/outages/{uuid7()}"
        assert (await story["kapolres"].ask("PUT", path, {**said, "until": feb(14, 18).isoformat()}))[0] == 200
    await story.watched(feb(14, 7, 33))
    await until(lambda: _are_held(story, is_held=True))
    await story.assert_sound()


async def _is(story: Flooded, code: str, counter: str, value: int) -> bool:
    return await story.counter(code, counter) == [value]


async def _are_held(story: Flooded, *, is_held: bool) -> bool:
    """The next step of the others was due at 07:30; held, they were looked at since then and left where they are."""
    alarms = (await story["kota"].get("/v1/alarms"))["rows"]
    tiers = {a["place"]: a["tier"] for a in alarms if moment(a["next_at"]) > story.now and a["is_inhibited"] == is_held}
    return tiers == dict.fromkeys(KELURAHAN, "kelurahan") | {GADING_BARAT: "kecamatan"}


async def _70_tps_and_12_or_13(story: Flooded) -> None:
    """07:40: the number that the press prints in two ways is opened, and is one."""
    await story.set_clock(feb(14, 7, 40))
    made = await gather(
        story.file(
            "petugas-dua" if p in DUA else "petugas-gading", p, _flood("sedang", "air naik, pemungutan berhenti")
        )
        for p in LATER
    )
    again = await story.file(
        "priok", TOLD_TWICE, _flood("tinggi", "TPS banjir"), channel="telepon", on_behalf_of="Ketua RW 08"
    )
    await gather(story.act("kota", m, "parent", parent=story.parent) for m in [*made, again])

    counted = (SUNTER_JAYA, PRIOK, KOTA)
    assert len(await story.parts(SUNTER_JAYA)) == 13
    assert [(await story.counter(c, "case.baru.tinggi"))[0] for c in (TOLD_TWICE, *counted)] == [2, 13, 13, 13]
    opened = await story.behind(SUNTER_JAYA, "case.baru.tinggi")
    assert (len(opened), [p for p, n in opened.items() if n > 1]) == (12, [TOLD_TWICE])
    first = next(c for c in await story.parts(TOLD_TWICE) if c["id"] != again)
    suggested = await story["priok"].get(f"/v1/incidents/{again}/duplicates")
    assert [s["id"] for s in suggested] == [first["id"]]
    merged = await story.act("priok", again, "merge", into=first["id"], said="TPS yang sama, dilaporkan dua posko")
    assert (merged["status"], merged["merged_into"]) == ("digabung", first["id"])
    assert [await story.last(i) for i in (again, first["id"])] == ["merge", "merged_in"]
    assert {c["place"]: c["reports"] for c in await story.parts(SUNTER_JAYA)} == {
        p: 1 + (p == TOLD_TWICE) for p in RW_08
    }
    assert [(await story.counter(c, "case.baru.tinggi"))[0] for c in (TOLD_TWICE, *counted)] == [1, 12, 12, 12]
    assert await story.behind(KOTA, "case.baru.tinggi") == dict.fromkeys(RW_08, 1)
    assert (await story["kota"].get(f"/v1/incidents/{story.parent}"))["incident"]["children"] == len(ALL) == 70
    assert {c["place"] for c in await story.parts()} == set(ALL)
    assert len(await story.parts(GADING)) == 58
    await story.assert_sound()


async def _the_vote_is_moved_twice(story: Flooded) -> None:
    """Susulan on the 18th, then on the 24th, which is the last day that the law leaves; on the 18th nobody is late."""
    await story.set_clock(feb(14, 12))
    dry = [t for t in story.tps if t not in ALL]
    for code, (hour, minute) in REST.items():
        await story.all_say(dry, code, feb(14, hour, minute))
    said: dict[str, Any] = {"kind": "pss", "decider": "KPU Kota Jakarta Utara", "by": feb(24, 23, 59).isoformat()}
    await story.act("kapolres", story.parent, "revote", **said, said="usul susulan")
    assert await story.counter(KOTA, "milestone.voting_open.overdue") == [34]
    assert (await story.owed(RW_08[0]))["voting_open"]["due_at"] == feb(14, 7, 15)
    await story.act("kapolres", story.parent, "revote", **said, on="2024-02-18", said="diputuskan: 18 Februari")
    await _assert_owed(story, 18)
    assert await story.counter(KOTA, "milestone.voting_open.overdue", "milestone.voting_open.reached") == [0, len(dry)]
    assert await story.counter(BARAT[-1], "milestone.voting_open.reached") == [0]
    assert await story.opened(BARAT[-1]) == [feb(14, 7, 3)]
    await until(lambda: _is(story, KOTA, "alarm.belum_lapor", 0))

    await story.watched(feb(16, 15))
    moved = await story.act(
        "kapolres", story.parent, "revote", **said, on="2024-02-24", said="diundur: TPS belum kering"
    )
    assert (moved["revote_on"], moment(moved["revote_by"])) == ("2024-02-24", feb(24, 23, 59))
    await _assert_owed(story, 24)
    await story.watched(feb(18, 20))
    await _assert_nothing_overdue(story)
    await story.assert_sound()


async def _assert_owed(story: Flooded, day: int) -> None:
    """Every flooded TPS owes its whole day again, at absolute hours of the new one."""
    for owed in await gather(story.owed(t) for t in ALL):
        assert len(owed) == 13
        assert {(o["state"], o["revote"], o["vote_on"]) for o in owed.values()} == {
            ("pending", "pss", f"2024-02-{day}")
        }
        assert (owed["logistics_ready"]["due_at"], owed["voting_open"]["due_at"]) == (feb(day - 1, 21), feb(day, 7, 15))


async def _assert_nothing_overdue(story: Flooded) -> None:
    names = [n for n in story.slots if n.startswith("milestone.") and n.endswith(".overdue")]
    assert len(names) == 13
    assert await story.counter(KOTA, *names, "alarm.belum_lapor", "alarm.kota_diam") == [0] * 15


async def _250_guards_are_retasked(story: Flooded) -> None:
    """An order to 250 TPS; compliance is the posts that are manned of those that were ordered, whoever mans them."""
    await story.watched(feb(20, 9))
    path, order = f"/v1/directives/{uuid7()}", story.order(GUARDED, feb(22, 18))
    assert (await story["kota"].ask("PUT", path, order))[0] == 201
    await until(
        lambda: story.has_come(path, sent=250, unanswered=250)
    )  # more than one chunk: the engine sends the rest
    inbox = (await story["kota"].get(f"/v1/desks/{GUARDED[0]}/directives"))["rows"]
    assert [r["text"] for r in inbox] == ["Penjaga TPS 001 bergeser ke TPS yang banjir pada 24 Februari."]

    refused, silent = GUARDED[60], [*GUARDED[190:200], *GUARDED[246:]]
    await gather(story.say(path, t, "receipt") for t in GUARDED[:100])
    await gather(story.say(path, t, "acceptance") for t in GUARDED[:60])
    await story.say(path, refused, "refusal", reason="penjaga dirawat di RSUD Koja")
    assert await story.has_come(path, read=100, accepted=60, refused=1, unanswered=249)
    await gather(
        story.say(path, t, "completion", proof="sudah digeser") for t in GUARDED if t not in [refused, *silent]
    )
    await story.watched(feb(22, 18, 1))
    await until(lambda: story.has_come(path, unanswered=14, overdue=14, done=235, refused=1))
    page = await story["kota"].get(f"{path}/targets?state=unanswered")
    assert [t["place"] for t in page["rows"]] == silent == list(await story.behind(KOTA, "directive.unanswered"))
    assert [(await story.counter(c, "directive.unanswered"))[0] for c in (KOTA, PRIOK, GADING)] == [14, 10, 4]
    # Not each of the fourteen climbs: the desk above them hears of it once, and a quarter of an hour later the kota.
    assert await _climbed(story) == [(1, PRIOK), (1, GADING)]
    await story.watched(feb(22, 18, 20))
    await until(lambda: _has_climbed(story, [(1, PRIOK), (1, GADING), (2, KOTA), (2, KOTA)]))

    await gather(story.say(path, t, "completion", proof="terlambat, sudah digeser") for t in silent)
    assert await story.has_come(path, unanswered=0, overdue=0, done=249, refused=1)
    # The post that was refused is manned by the guard of the TPS beside it.
    instead, second = f"/v1/directives/{uuid7()}", story.order([numbered(refused[:13], 51, 51)[0]], feb(23, 18))
    assert (await story["kota"].ask("PUT", instead, second))[0] == 201
    await story.say(instead, second["to"]["places"][0], "completion", proof="menggantikan TPS 011")
    manned = [(await story["kota"].get(p))["directive"]["counts"]["done"] for p in (path, instead)]
    assert (manned, sum(manned) / 250) == ([249, 1], 1.0)
    assert (await story["kota"].get("/v1/directives?open=true"))["rows"] == []
    rows = await story.assert_sound()
    for name in ("directive.unanswered", "directive.overdue"):
        assert not [c for c, row in rows.items() if row[story.slots[name] : story.slots[name] + 1] not in ([], [0])]


async def _climbed(story: Flooded) -> list[tuple[int, str]]:
    rows = await story.pool.fetch(
        "select f.step, n.code from posko.firing f join posko.directive_late l on l.id = f.subject_id join posko.node n on n.id = f.node_id"
        " where l.operation_id = $1 order by f.step, n.code",
        story.operation,
    )
    return [(r["step"], r["code"]) for r in rows]


async def _has_climbed(story: Flooded, wanted: list[tuple[int, str]]) -> bool:
    return await _climbed(story) == wanted


async def _the_new_day(story: Flooded) -> None:
    """24 February: what is said of it counts, what was said of the 14th does not."""
    await story.all_say(ALL, "logistics_ready", feb(23, 18))
    await story.watched(feb(23, 22))
    await _assert_nothing_overdue(story)
    for code, (hour, minute) in MORNING.items():
        await story.all_say(ALL, code, feb(24, hour, minute))
    await story.all_say([*BARAT, *DUA], "voting_open", feb(24, 7, 2))
    await story.watched(feb(24, 7, 14))
    await _assert_nothing_overdue(story)
    await story.set_clock(feb(24, 7, 20))
    await until(lambda: _is_alarm_of(story, SUNTER_JAYA, 12))
    assert list(await story.behind(KOTA, "milestone.voting_open.overdue")) == RW_08
    await story.all_say(RW_08, "voting_open", feb(24, 7, 25))
    opened = [f"milestone.voting_open.{s}" for s in ("reached", "late", "overdue")]
    assert await story.counter(KOTA, *opened) == [2_386, 12, 0]
    assert await story.opened(BARAT[-1]) == [feb(14, 7, 3), feb(24, 7, 2)]
    owed = (await story.owed(RW_08[0]))["voting_open"]
    assert (owed["state"], moment(owed["met_at"])) == ("late", feb(24, 7, 25))
    for code, (hour, minute) in REST.items():
        await story.all_say(ALL, code, feb(24, hour, minute))
    await story.watched(feb(25, 10))
    await until(lambda: _is(story, KOTA, "alarm.belum_lapor", 0))
    await _assert_nothing_overdue(story)


async def _is_alarm_of(story: Flooded, kelurahan: str, missing: int) -> bool:
    """Whether the only alarm is that so many have not opened there; the engine finds them in several turns."""
    alarms = (await story["kota"].get("/v1/alarms"))["rows"]
    found = [(a["place"], a["milestone"], a["missing"]) for a in alarms]
    return found == [(kelurahan, "voting_open", missing)]


async def _it_is_over(story: Flooded) -> None:
    """Parts and parent are resolved and closed; the log tells the story in order; nothing is open."""
    parts = [(c["place"][:13], c["id"]) for c in await story.parts()]
    for action, body in (("acknowledgement", {}), ("resolution", {"said": "susulan selesai"}), ("closure", {})):
        await gather(story.act(desk, part, action, **body) for desk, part in parts)
    await story.act("kapolres", story.parent, "resolution", said="70 TPS susulan selesai 24 Februari")
    await story.act("kapolres", story.parent, "closure")
    log = (await story["kota"].get(f"/v1/incidents/{story.parent}/entries"))["rows"]
    assert [e["action"] for e in log if e["by"] is not None] == [
        "open", "acknowledgement", "handling", "revote", "revote", "revote", "directive", "directive_result", "directive", "directive_result",
        "resolution", "closure",
    ]  # fmt: skip
    assert [(e["details"]["on"] or "") for e in log if e["action"] == "revote"] == ["", "2024-02-18", "2024-02-24"]
    assert [e["seq"] for e in log] == list(range(1, len(log) + 1))
    assert [moment(e["at"]) for e in log] == sorted(moment(e["at"]) for e in log)
    standing = "&".join(f"status={s}" for s in STANDING_CASES)
    assert (await story["kota"].get(f"/v1/incidents?{standing}"))["rows"] == []
    rows = await story.assert_sound()
    names = [f"case.{s}.{v}" for s in STANDING_CASES for v in SEVERITIES] + ["case.overdue"]
    assert not [
        (c, n) for c, row in rows.items() for n in names if row[story.slots[n] : story.slots[n] + 1] not in ([], [0])
    ]
    assert await story.counter(KOTA, *(f"case.ditutup.{v}" for v in SEVERITIES)) == [3, 55, 12, 1]
