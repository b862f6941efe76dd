"""The flood of 14 February 2024 in Jakarta Utara, replayed through the public API.

Counts as they were told: 34 flooded TPS by BPBD's first word, 70 by its last (of 30,766 in all of Jakarta; here all of
them lie in the one kota that is played, Sunter Jaya, Kelapa Gading Barat and Pegangsaan Dua), twelve TPS in Sunter Jaya
RW 08 that the press had as twelve and as thirteen, a follow-up vote set for the 18th and moved to the 24th, 250 guards
re-tasked. Numbers of TPS differ: the preset divides them over the kelurahan by estimate.
"""

from __future__ import annotations

import asyncio
import datetime
import itertools
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from posko import db
from posko.embedded import Embedded
from posko.regions import create
from posko.regions.operation import NewOperation
from tests.client import Client
from tests.factories import WIB, make_account, milestone, uuid7
from tests.running import Running

KOTA, SUNTER, GADING, PEGANGSAAN = "31.72", "31.72.02.1002", "31.72.06.1003", "31.72.06.1002"
RW08 = [f"{SUNTER}.{n:03}" for n in range(41, 53)]
FIRST = RW08 + [f"{GADING}.{n:03}" for n in range(1, 13)] + [f"{PEGANGSAAN}.{n:03}" for n in range(1, 11)]
LATER = [f"{GADING}.{n:03}" for n in range(13, 29)] + [f"{PEGANGSAAN}.{n:03}" for n in range(11, 31)]
FLOODED = FIRST + LATER
OPENED = "milestone.voting_open"


def at(day: int, hour: int, minute: int = 0) -> str:
    return datetime.datetime(2024, 2, day, hour, minute, tzinfo=WIB).isoformat()


class Story:
    """One kota, its desks (one account may write ten times a second: there are many), its clock."""

    def __init__(self, desks: list[Client], chief: Client, pool: db.Pool, operation: int, tps: list[str]) -> None:
        self.desks = itertools.cycle(desks)
        self.chief, self.pool, self.operation, self.tps = chief, pool, operation, tps

    async def put(self, path: str, body: Any = None, *, by: Client | None = None, right: int = 200) -> Any:
        status, answer, _ = await (by or next(self.desks)).ask("PUT", path, {} if body is None else body)
        assert status == right, (path, answer)
        return answer

    async def get(self, path: str) -> Any:
        return await self.chief.get(path)

    async def turn_to(self, moment: str) -> None:
        """Sets the clock and waits until the engine has done all that is due by then."""
        await self.put(f"/v1/operations/{self.operation}/clock", {"at": moment, "speed": 0}, by=self.chief)
        version = -1
        async with asyncio.timeout(40):
            while version != (found := await self.pool.fetchval("select sum(version) from posko.operation")):
                version = found
                await asyncio.sleep(2.4)

    async def flood(self, places: list[str], moment: str) -> list[str]:
        """A desk tells of flooded TPS for whoever stands there; answers the incidents."""
        items = [
            {
                "id": str(uuid7()), "operation": self.operation, "place": place, "observed_at": moment, "on_behalf_of": f"KPPS {place[-3:]}", "channel": "telepon",
                "content": {
                    "kind": "incident", "category": "bencana.banjir", "severity": "tinggi" if i % 2 else "sedang", "occurrence": "sedang",
                    "text": "air setinggi lutut, kotak suara diamankan di tempat tinggi", "people": 270,
                },
            }
            for i, place in enumerate(places)
        ]  # fmt: skip
        status, answers, _ = await next(self.desks).post(items)
        assert (status, {a["status"] for a in answers}) == (200, {201}), answers
        return [i["id"] for i in items]

    async def open(self, places: list[str], moment: str) -> None:
        for some in (places[i : i + 256] for i in range(0, len(places), 256)):
            items = [{"id": str(uuid7()), "operation": self.operation, "place": p, "observed_at": moment, "content": milestone("voting_open")} for p in some]  # fmt: skip
            status, answers, _ = await next(self.desks).post(items)
            assert (status, {a["status"] for a in answers}) == (200, {201})

    async def counters(self, code: str) -> dict[str, int]:
        found = await self.get(f"/v1/regions/{code}")
        sums = [sum(row["counters"][i] for row in found["rows"][1:] if i < len(row["counters"])) for i in range(len(found["rows"][0]["counters"]))]  # fmt: skip
        own = found["rows"][0].get("own") or []
        assert (
            len(found["rows"]) == 1
            or [s + (own[i] if i < len(own) else 0) for i, s in enumerate(sums)] == found["rows"][0]["counters"]
        )
        return dict(zip(found["counters"], found["rows"][0]["counters"], strict=False))

    async def open_cases(self, code: str) -> int:
        statuses = ("baru", "diterima", "ditangani", "dibuka_kembali")
        return sum(v for k, v in (await self.counters(code)).items() if k.startswith(tuple(f"case.{s}." for s in statuses)))  # fmt: skip

    async def parts(self, parent: str, region: str = KOTA) -> list[Any]:
        rows: list[Any] = (await self.get(f"/v1/incidents?parent={parent}&region={region}&limit=200"))["rows"]
        return rows

    async def silence(self) -> dict[str, Any]:
        """Standing alarms of the opening, by kelurahan."""
        rows = (await self.get("/v1/alarms?kind=belum_lapor&limit=500"))["rows"]
        return {a["place"]: a for a in rows if a["milestone"] == "voting_open"}


@pytest.fixture
async def story(database: str, services: Embedded, tmp_path: Path, pool: db.Pool) -> AsyncIterator[Story]:
    connection = await db.connect(database)
    day = datetime.date(2024, 2, 14)
    new = NewOperation("Pemilu 2024", "drill", KOTA, day - datetime.timedelta(days=7), day, True)
    operation = await create.create(connection, new, create.blueprint_of("jakarta-utara"), activate=True)
    await connection.execute(
        db.queries("demo")["set_clock"].sql, operation, datetime.datetime.fromisoformat(at(13, 12)), 0.0
    )
    names = [f"desk{n}" for n in range(14)]
    for name in names:
        await make_account(connection, name, "operator", KOTA)
    await make_account(connection, "walikota", "supervisor", KOTA)
    tps = [r["code"] for r in await connection.fetch("select code from posko.node where operation_id = $1 and level = 6 order by code", operation)]  # fmt: skip
    await connection.close()
    with Running(database, services.redis_url, tmp_path, roles=("serve", "work")) as running:
        async with aiohttp.ClientSession() as http:
            desks = [await Client(http, running.url).sign_in(name) for name in names]
            chief = await Client(http, running.url).sign_in("walikota")
            chief.operation = operation
            yield Story(desks, chief, pool, operation, tps)


@pytest.mark.timeout(300)
async def test_the_flood(story: Story) -> None:
    parent, parts = await _before_seven(story)
    await _nobody_opens(story)
    parts += await _twelve_or_thirteen(story, parent)
    await _susulan(story, parent)
    await _guards(story)
    await _water_falls(story, parent, parts)


async def _before_seven(story: Story) -> tuple[str, list[str]]:
    """34 TPS; the kota makes one incident of them, and only that one climbs."""
    await story.turn_to(at(14, 5, 30))
    parts = await story.flood(FIRST, at(14, 5, 20))
    parent = str(uuid7())
    said = {
        "operation": story.operation, "place": KOTA, "observed_at": at(14, 5, 35),
        "content": {"kind": "incident", "category": "bencana.banjir", "severity": "kritis", "occurrence": "sedang", "text": "banjir di 34 TPS, 3.000-3.500 pemilih", "people": 3250},
    }  # fmt: skip
    assert (await story.chief.put(said, uuid.UUID(parent)))[0] == 201
    for part in parts:
        await story.put(f"/v1/incidents/{part}/parent", {"parent": parent})
    await story.turn_to(at(14, 6, 50))
    assert len(await story.parts(parent)) == 34
    assert {p["tier"] for p in await story.parts(parent)} == {"kelurahan"}, "a part does not climb"
    assert (await story.get(f"/v1/incidents/{parent}"))["incident"]["tier"] == "kabkota"
    assert (await story.open_cases(KOTA), await story.open_cases(SUNTER)) == (35, 12)
    return parent, parts


async def _nobody_opens(story: Story) -> None:
    """Every TPS opens but the flooded: one alarm per kelurahan, which the outage explains and holds."""
    await story.open([t for t in story.tps if t not in FLOODED], at(14, 7, 2))
    await story.turn_to(at(14, 7, 16))
    assert {place: a["missing"] for place, a in (await story.silence()).items()} == {SUNTER: 12, GADING: 28, PEGANGSAAN: 30}  # fmt: skip
    for place in (SUNTER, GADING, PEGANGSAAN):
        said = {"operation": story.operation, "place": place, "kind": "banjir", "reason": "akses tergenang", "until": at(14, 20)}  # fmt: skip
        await story.put(f"/v1/outages/{uuid7()}", said, by=story.chief)
    held = {place: (a["is_inhibited"], a["tier"]) for place, a in (await story.silence()).items()}
    assert {inhibited for inhibited, _ in held.values()} == {True}
    await story.turn_to(at(14, 9))
    assert {place: (a["is_inhibited"], a["tier"]) for place, a in (await story.silence()).items()} == held
    assert (await story.counters(KOTA))[f"{OPENED}.overdue"] == 70


async def _twelve_or_thirteen(story: Story, parent: str) -> list[str]:
    """70 TPS. Thirteen incidents in Sunter Jaya: opening the number shows one TPS twice, told by two desks."""
    more = await story.flood(LATER, at(14, 9, 10))
    twice = await story.flood([RW08[4]], at(14, 9, 20))
    for part in more + twice:
        await story.put(f"/v1/incidents/{part}/parent", {"parent": parent})
    assert (len(await story.parts(parent)), len(await story.parts(parent, SUNTER))) == (71, 13)
    assert await story.open_cases(SUNTER) == 13
    places = [p["place"] for p in await story.parts(parent, SUNTER)]
    (double,) = {p for p in places if places.count(p) == 2}
    assert double == RW08[4]
    first, second = sorted(p["id"] for p in await story.parts(parent, double))
    assert first in {d["id"] for d in await story.get(f"/v1/incidents/{second}/duplicates")}
    await story.put(f"/v1/incidents/{second}/merge", {"into": first, "said": "TPS yang sama, dua meja"})
    assert (len(await story.parts(parent)), len(await story.parts(parent, SUNTER))) == (70, 12)
    assert [await story.open_cases(c) for c in (double, SUNTER, SUNTER[:8], KOTA)] == [1, 12, 12, 71]
    assert sorted((await story.get(f"/v1/incidents/{first}"))["reports"]) == [first, second]
    return more


async def _susulan(story: Story, parent: str) -> None:
    """A follow-up vote on the 18th, moved to the 24th: the flooded TPS owe their whole day again, by its clock."""
    one = RW08[0]
    await story.open([one], at(14, 9, 30))  # it tried, and had to stop
    for day in (18, 24):
        said = {"kind": "pss", "decider": "KPU Jakarta Utara", "by": at(24, 23, 59), "on": f"2024-02-{day}", "said": "susulan"}  # fmt: skip
        await story.put(f"/v1/incidents/{parent}/revote", said, by=story.chief)
        owed = {o["milestone"]: o for o in (await story.get(f"/v1/tps/{one}/obligations"))["obligations"]}
        assert datetime.datetime.fromisoformat(owed["voting_open"]["due_at"]) == datetime.datetime.fromisoformat(at(day, 7, 15))  # fmt: skip
        assert (owed["voting_open"]["state"], owed["voting_open"]["revote"]) == ("pending", "pss")
    assert [r["subject"] for r in (await story.get(f"/v1/tps/{one}/timeline"))["rows"]].count(OPENED) == 1
    top = await story.counters(KOTA)
    assert (top.get(f"{OPENED}.overdue", 0), top[f"{OPENED}.reached"]) == (0, len(story.tps) - 70)
    await story.turn_to(at(14, 13))
    assert await story.silence() == {}


async def _guards(story: Story) -> None:
    """250 guards are re-tasked: who has not answered is found by opening the number, overdue once, then all have."""
    posts = [t for t in story.tps if t.startswith(("31.72.02", "31.72.06"))][:250]
    order = str(uuid7())
    said = {
        "operation": story.operation, "from": KOTA, "kind": "perintah", "requires": "laksanakan", "text": "Jaga TPS susulan di {place}",
        "deadline": at(18, 6), "to": {"kind": "places", "places": posts},
    }  # fmt: skip
    await story.put(f"/v1/directives/{order}", said, by=story.chief, right=201)
    await story.turn_to(at(14, 14))
    for place in posts[:200]:
        await _done(story, order, place)
    top = await story.counters(KOTA)
    assert (top["directive.sent"], top["directive.unanswered"], top["directive.done"]) == (250, 50, 200)
    left = (await story.get(f"/v1/directives/{order}/targets?state=unanswered&limit=200"))["rows"]
    assert {t["place"] for t in left} == set(posts[200:])
    await story.turn_to(at(18, 6, 30))
    assert (await story.counters(KOTA))["directive.overdue"] == 50
    for place in posts[200:249]:
        await _done(story, order, place)
    await story.put(f"/v1/directives/{order}/targets/{posts[249]}/receipt")
    await story.put(f"/v1/directives/{order}/targets/{posts[249]}/refusal", {"reason": "personel sakit, minta pengganti"})  # fmt: skip
    again = str(uuid7())
    said |= {"deadline": at(19, 6), "to": {"kind": "places", "places": [posts[249]]}}
    await story.put(f"/v1/directives/{again}", said, by=story.chief, right=201)
    await _done(story, again, posts[249])
    top = await story.counters(KOTA)
    told = [top.get(f"directive.{k}", 0) for k in ("sent", "done", "refused", "unanswered", "overdue")]
    assert told == [251, 250, 1, 0, 0], "250 guards stand: compliance is 100 %"


async def _done(story: Story, order: str, place: str) -> None:
    desk = next(story.desks)
    for noun, body in (("receipt", None), ("acceptance", None), ("completion", {"proof": "dua personel di lokasi"})):
        await story.put(f"/v1/directives/{order}/targets/{place}/{noun}", body, by=desk)


async def _water_falls(story: Story, parent: str, parts: list[str]) -> None:
    """The 24th: sixty open, ten are late and alarmed; then all have, and everything is closed."""
    assert (await story.counters(KOTA)).get(f"{OPENED}.overdue", 0) == 0, "on the 18th nothing was due"
    await story.turn_to(at(24, 7))
    await story.open(FLOODED[:60], at(24, 7, 1))
    await story.turn_to(at(24, 7, 20))
    top = await story.counters(KOTA)
    assert (top[f"{OPENED}.overdue"], top[f"{OPENED}.reached"]) == (10, len(story.tps) - 10)
    assert {place: a["missing"] for place, a in (await story.silence()).items()} == {PEGANGSAAN: 10}
    await story.open(FLOODED[60:], at(24, 8))
    await story.turn_to(at(24, 8, 5))
    assert await story.silence() == {}
    for case in [parent, *parts]:
        who = story.chief if case == parent else next(story.desks)
        for noun, body in (("acknowledgement", {}), ("resolution", {"said": "air surut, susulan selesai"}), ("closure", {})):  # fmt: skip
            await story.put(f"/v1/incidents/{case}/{noun}", body, by=who)
    assert await story.open_cases(KOTA) == 0
    log = [e["action"] for e in (await story.get(f"/v1/incidents/{parent}/entries"))["rows"]]
    assert (log[0], log[-1], log.count("revote")) == ("open", "closure", 2)
    wrong = "select r.* from api.recount($1, array(select id from posko.node where operation_id = $1)) r"
    assert await story.pool.fetch(wrong, story.operation) == []
