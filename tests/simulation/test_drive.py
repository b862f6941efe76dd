"""The driver against a server that misbehaves: nothing is lost, ids stay the same, refusals are not repeated.

The server here is the outside world as the driver sees it; end-to-end tests try the driver against the real one.
"""

from __future__ import annotations

import asyncio
import collections
import datetime
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from posko.simulation.api import ServerRefused
from posko.simulation.drive import play
from posko.simulation.player import Order
from posko.simulation.progress import Latencies, Progress
from posko.simulation.roster import Contest, Tps
from tests.simulation.places import GROUND, city

ROSTER = city(2, 6)


class Receiver:
    """Signs in, shows one operation and TPS in pages of five, keeps reports by id; first does what `trouble` says."""

    def __init__(self) -> None:
        self.url = ""
        self.tps = ROSTER
        self.contests = GROUND.contests
        self.bodies: dict[str, Any] = {}
        self.seen: collections.Counter[str] = collections.Counter()
        self.arrivals: list[tuple[str, float]] = []
        self.batches: list[int] = []
        self.sign_ins = 0
        self.most_at_once = 0
        self._at_once = 0
        self.trouble: Callable[[str, int, web.Request], Awaitable[web.Response | None]] | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/sessions", self.sign_in),
            web.get("/v1/operations", self.operations),
            web.get("/v1/operations/7", self.operation),
            web.get("/v1/regions/{code}/tps", self.roster),
            web.put("/v1/reports/{id}", self.put),
            web.post("/v1/reports", self.post),
        ]

    async def sign_in(self, request: web.Request) -> web.Response:
        if (await request.json())["password"] != "benar":
            return web.json_response({"code": "not-signed-in", "detail": "name or password is wrong"}, status=401)
        self.sign_ins += 1
        return web.json_response({"token": f"t{self.sign_ins}"}, status=201)

    async def operations(self, request: web.Request) -> web.Response:
        return web.json_response([{"id": 7, "state": "active"}, {"id": 8, "state": "closed"}])

    async def operation(self, request: web.Request) -> web.Response:
        contests = [
            {"kind": c.kind, "region_code": c.region_code, "paslon": [{"number": n} for n in c.paslon]}
            for c in self.contests
        ]
        about = {"id": 7, "name": "uji", "state": "active", "root_code": "31.72", "voting_day": "2024-11-27"}
        milestones = [{"code": code} for code in sorted(GROUND.milestones)]
        return web.json_response({**about, "milestones": milestones, "contests": contests})

    async def roster(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "")
        assert request.query["counter"] == "tps"
        rest = [t for t in self.tps if t.code > after and t.code.startswith(request.match_info["code"])]
        rows = [
            {"code": t.code, "voters_l": t.voters_l, "voters_p": t.voters_p, "utc_offset": 7, "value": 1}
            for t in rest[:5]
        ]
        return web.json_response({"places": rows, "next": rest[4].code if len(rest) > 5 else None})

    async def put(self, request: web.Request) -> web.Response:
        report_id = request.match_info["id"]
        answer = await self._first(report_id, request)
        if answer is not None:
            return answer
        receipt = self._keep(report_id, await request.json())
        return web.json_response(receipt, status=receipt["status"])

    async def post(self, request: web.Request) -> web.Response:
        items = await request.json()
        self.batches.append(len(items))
        answer = await self._first(items[0]["id"], request)
        if answer is not None:
            return answer
        return web.json_response([self._keep(item.pop("id"), item) for item in items])

    async def _first(self, report_id: str, request: web.Request) -> web.Response | None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(0)
            self.seen[report_id] += 1
            self.arrivals.append((report_id, asyncio.get_running_loop().time()))
            return await self.trouble(report_id, self.seen[report_id], request) if self.trouble else None
        finally:
            self._at_once -= 1

    def _keep(self, report_id: str, body: Any) -> dict[str, Any]:
        text = json.dumps(body, sort_keys=True)
        if report_id not in self.bodies:
            self.bodies[report_id] = text
            return {"id": report_id, "status": 201, "outcome": "accepted"}
        same = self.bodies[report_id] == text
        return {"id": report_id, "status": 200 if same else 409, "outcome": "duplicate" if same else "refused"}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    application = web.Application()
    application.add_routes(found.routes())
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


def order(receiver: Receiver, **given: Any) -> Order:
    asked = {"url": receiver.url, "username": "operator", "password": "benar", "speed": None, "concurrency": 8, **given}
    return Order(**asked)


def assert_adds_up(progress: Progress) -> None:
    assert progress.under_way == 0
    assert progress.sent == progress.accepted + progress.duplicate + progress.refused + progress.unsent


async def test_a_whole_day_arrives_once_each_and_what_is_repeated_is_a_duplicate(receiver: Receiver) -> None:
    told: list[Progress] = []
    notes: list[str] = []
    final = await play(order(receiver), on_progress=told.append, on_note=notes.append)
    assert_adds_up(final)
    assert final.accepted == len(receiver.bodies) > 200
    assert final.duplicate == final.again
    assert final.refused == final.unsent == final.retried == 0
    assert {json.loads(b)["place"] for b in receiver.bodies.values()} >= {t.code for t in ROSTER}
    assert receiver.most_at_once <= 8
    assert all(2 <= n <= 32 for n in receiver.batches)
    assert told[-1] == final or told[-1].sent == final.sent
    assert "12 TPS" in notes[0]


async def test_the_same_seed_twice_is_all_duplicates(receiver: Receiver) -> None:
    first = await play(order(receiver))
    second = await play(order(receiver))
    assert second.accepted == 0
    assert second.duplicate == first.sent


async def test_a_full_server_gets_the_same_ids_after_the_time_it_asks_for(receiver: Receiver) -> None:
    async def trouble(report_id: str, attempt: int, _: web.Request) -> web.Response | None:
        if attempt == 1 and int(report_id[-1], 16) == 0:
            return web.json_response({"code": "queue-full"}, status=503, headers={"Retry-After": "1"})
        return None

    receiver.trouble = trouble
    final = await play(order(receiver, limit_reports=60, concurrency=64))
    assert_adds_up(final)
    assert final.accepted == len(receiver.bodies)
    refused_once = {i for i in receiver.seen if int(i[-1], 16) == 0}
    assert final.retried >= len(refused_once) > 0
    for report_id in refused_once:
        times = [at for seen, at in receiver.arrivals if seen == report_id]
        assert times[-1] - times[0] >= 1.0


async def test_a_lost_connection_and_a_lost_answer_lose_no_report_and_make_none_twice(receiver: Receiver) -> None:
    async def trouble(report_id: str, attempt: int, request: web.Request) -> web.Response | None:
        if attempt <= 3 and int(report_id[-1], 16) < 3 and request.transport is not None:
            if int(report_id[-1], 16) == 2 and request.method == "PUT":
                receiver._keep(report_id, await request.json())  # taken, but the answer never leaves
            request.transport.abort()
        return None

    receiver.trouble = trouble
    final = await play(order(receiver))
    assert_adds_up(final)
    assert final.unsent == final.refused == 0
    assert final.retried > 10
    whole = await play(order(receiver))
    assert whole.accepted == 0, "everything of the day had arrived"


async def test_a_refused_report_is_counted_by_its_code_and_never_repeated(receiver: Receiver) -> None:
    async def trouble(report_id: str, attempt: int, request: web.Request) -> web.Response | None:
        if request.method == "PUT" and int(report_id[-1], 16) == 1:
            return web.json_response({"code": "place-unknown", "detail": "-"}, status=404)
        return None

    receiver.trouble = trouble
    final = await play(order(receiver))
    assert_adds_up(final)
    assert final.refusals == {"place-unknown": final.refused}
    assert final.refused > 3
    assert final.retried == 0


async def test_an_item_that_meets_a_down_database_is_sent_again_alone(receiver: Receiver) -> None:
    shown: list[list[str]] = []

    async def trouble(report_id: str, attempt: int, request: web.Request) -> web.Response | None:
        if request.method != "POST" or shown:
            return None
        items = await request.json()
        shown.append([item["id"] for item in items])
        answers = [receiver._keep(item.pop("id"), item) for item in items[:-1]]
        down = {"id": shown[0][-1], "status": 503, "outcome": "refused", "problem": {"code": "database-down"}}
        return web.json_response([*answers, down])

    receiver.trouble = trouble
    final = await play(order(receiver, seed=7))
    assert shown, "this seed has a flush"
    assert_adds_up(final)
    assert final.retried == 1
    assert shown[0][-1] in receiver.bodies
    assert final.refused == 0


async def test_a_session_that_has_ended_is_opened_again(receiver: Receiver) -> None:
    async def trouble(report_id: str, attempt: int, request: web.Request) -> web.Response | None:
        if request.headers["Authorization"] == "Bearer t1" and len(receiver.bodies) > 20:
            return web.json_response({"code": "not-signed-in"}, status=401)
        return None

    receiver.trouble = trouble
    final = await play(order(receiver))
    assert_adds_up(final)
    assert receiver.sign_ins == 2
    assert final.refused == 0


async def test_stopping_ends_at_once_and_says_what_was_not_sent(receiver: Receiver) -> None:
    stop = asyncio.Event()

    async def trouble(report_id: str, attempt: int, _: web.Request) -> web.Response | None:
        if len(receiver.bodies) < 30:
            return None
        asyncio.get_running_loop().call_later(0.05, stop.set)
        return web.json_response({"code": "queue-full"}, status=503, headers={"Retry-After": "60"})

    receiver.trouble = trouble
    final = await asyncio.wait_for(play(order(receiver), stop=stop), 50)
    assert_adds_up(final)
    assert 0 < final.unsent <= 8 * 32


async def test_the_clock_sets_the_pace_and_until_ends_the_day(receiver: Receiver) -> None:
    asked = order(receiver, speed=7200.0, start=datetime.time(6, 30), until=datetime.time(8, 30))
    final = await play(asked)
    assert_adds_up(final)
    assert 0.8 < final.elapsed_s < 60
    bodies = [json.loads(b) for b in receiver.bodies.values()]
    assert all(b["observed_at"] < "2024-11-27T08:30" for b in bodies)
    assert any(b["observed_at"] < "2024-11-26T23" for b in bodies), "what was before the start is sent as well"


async def test_a_region_is_played_alone_and_the_same_as_in_the_whole(receiver: Receiver) -> None:
    part = ROSTER[0].code[:13]
    await play(order(receiver, region=part))
    assert receiver.bodies
    assert {json.loads(b)["place"][:13] for b in receiver.bodies.values()} == {part}
    before = dict(receiver.bodies)
    final = await play(order(receiver))
    assert final.refused == 0
    assert before.items() <= receiver.bodies.items()


async def test_a_wrong_password_is_one_sentence(receiver: Receiver) -> None:
    with pytest.raises(ServerRefused, match="name or password is wrong"):
        await play(order(receiver, password="salah"))


async def test_real_votes_are_sent_as_counts_only(receiver: Receiver) -> None:
    notes: list[str] = []
    receiver.tps = [Tps(f"64.07.14.2001.{n:03d}", 90 + n, 100, 8) for n in range(1, 11)]
    receiver.contests = (Contest("gubernur", "64", (1, 2)), Contest("bupati_walikota", "64.07", (1, 2, 3)))
    final = await play(order(receiver, scenario="suara-2024", region="64.07.14"), on_note=notes.append)
    assert final.accepted == len(receiver.bodies) == 9 * 2
    bodies = [json.loads(body)["content"] for body in receiver.bodies.values()]
    assert sum(b["valid"] for b in bodies if b["contest"] == "gubernur") == 1530
    with pytest.raises(ServerRefused, match="kecamatan"):
        await play(order(receiver, scenario="suara-2024", region="64.07.14.2001"))
    assert {json.loads(b)["content"]["kind"] for b in receiver.bodies.values()} == {"count"}
    assert "bukan hasil resmi" in notes[1]


def test_percentiles_are_within_five_percent() -> None:
    latencies = Latencies()
    assert latencies.percentile(0.99) == 0
    for n in range(1, 1001):
        latencies.add(n / 1000)
    assert latencies.percentile(0.5) == pytest.approx(0.5, rel=0.06)
    assert latencies.percentile(0.99) == pytest.approx(0.99, rel=0.06)
