"""A simulated day before an open console: every number that it shows is the API's at that version, in every frame children sum to their parent."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from playwright.async_api import Page, WebSocket, expect

from posko import db
from posko.embedded import Embedded
from posko.live import wire
from posko.live.view import View
from posko.regions import create
from posko.regions.operation import NewOperation
from posko.regions.preset import PRESETS
from posko.simulation.drive import play
from posko.simulation.player import Order
from tests.client import Client
from tests.e2e import figures
from tests.e2e.conftest import Visits, fill_in
from tests.factories import PASSWORD, VOTING_DAY, incident, local, make_account, report
from tests.running import Running

ROOT = "31.72"
KELURAHAN_EACH, TPS_EACH = 2, 6
"""Of each of the six kecamatan, and of each of these."""
SPEED = 4_000.0
"""The voting day lasts less than twenty seconds."""
LOOK_EVERY_S = 0.1
OWN_AFTER = 4
"""Looks."""
OF_ITSELF = "kritis"
"""Severity of the incident that is filed for the kota itself, and has a row of its own."""


class Listener:
    """Beside the page: takes every frame of its socket, and knows every region at every version that the page was told of."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}
        self.seen: dict[tuple[str, int], dict[str, dict[str, int]]] = {}
        """(region, version) -> its counters and its children's, by code."""
        self.wrong: list[str] = []
        self.frames = 0
        self.own: dict[str, set[int]] = {}
        """What the kota had beyond its children, ever, by counter."""

    def attend(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._listen(socket))

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: self.take(payload))

    def take(self, payload: str | bytes) -> None:
        message = wire.decode_server(payload)
        if not isinstance(message, wire.Snapshot | wire.Delta):
            return
        view = self.views.setdefault(message.topic, View(message.topic))
        if view.take(message) == "applied":
            self.frames += 1
            self._keep(view)

    def _keep(self, view: View) -> None:
        assert view.version is not None
        code = view.topic.partition(":")[2]
        parent, children = view.rows[code], [row for other, row in view.rows.items() if other != code]
        for name, whole, *parts in zip(view.counters, parent, *children, strict=True):
            own = whole - sum(parts)
            if code == ROOT and own:
                self.own.setdefault(name, set()).add(own)
            if own < 0 or (own and code == ROOT and not _may_be_its_own(name)):
                self.wrong.append(f"v{view.version} {code} {name}: {whole} is not the sum of {parts}")
        self.seen[code, view.version] = named(view.counters, view.rows)


def _may_be_its_own(counter: str) -> bool:
    """Of what nobody filed for a kecamatan: the incident of the kota, and what is alarmed at a kota."""
    head, _, rest = counter.partition(".")
    return (
        counter in ("reports", "alarm.kota_diam", "alarm.hadir")
        or (head in ("incident", "case") and rest.endswith(OF_ITSELF))
        or counter == "case.overdue"
    )


def named(names: list[str], rows: dict[str, list[int]]) -> dict[str, dict[str, int]]:
    return {code: dict(zip(names, row, strict=True)) for code, row in rows.items()}


class Answer:
    """What `GET /v1/regions/{code}` says: the counters of the region and its children, so since `moved`, and still at `version`."""

    def __init__(self, code: str, body: Any) -> None:
        view = View(code)
        view.take(msgspec.convert(body | {"type": "snapshot", "topic": code}, wire.Snapshot))
        self.rows = named(view.counters, view.rows)
        self.moved, self.version = max(row["version"] for row in body["rows"]), body["version"]

    def is_as_of(self, version: int) -> bool:
        """Whether a console that has come to `version` has to show these: what moves nothing here is not sent to it."""
        return bool(self.moved <= version <= self.version)


class Kota:
    """A kota of six kecamatan, on a server with all three roles."""

    def __init__(self, server: Running, operation: int, pool: db.Pool) -> None:
        self.server, self.operation, self.pool = server, operation, pool

    async def answer(self, client: Client, code: str) -> Answer:
        return Answer(code, await client.get(f"/v1/regions/{code}?operation={self.operation}"))


@pytest.fixture
async def kota(database: str, services: Embedded, tmp_path: Path, pool: db.Pool) -> AsyncIterator[Kota]:
    connection = await db.connect(database)
    starts_on = VOTING_DAY - datetime.timedelta(days=7)
    new = NewOperation("hari", "drill", ROOT, starts_on, VOTING_DAY, True)
    operation = await create.create(connection, new, _blueprint(), activate=True)
    for name, role in (("simulasi", "system"), ("supervisor", "supervisor"), ("operator", "operator")):
        await make_account(connection, name, role, ROOT)
    await connection.close()
    with Running(database, services.redis_url, tmp_path, roles=("serve", "live", "work")) as server:
        yield Kota(server, operation, pool)


def _blueprint() -> create.Blueprint:
    """Jakarta Utara with few kelurahan of few TPS."""
    whole = create.blueprint_of("jakarta-utara")
    assert PRESETS["jakarta-utara"].root == ROOT
    by_kecamatan: dict[str, list[str]] = {}
    for region in whole.regions:
        if region.code.count(".") == 3:
            by_kecamatan.setdefault(region.code[:8], []).append(region.code)
    kept = {code for codes in by_kecamatan.values() for code in codes[:KELURAHAN_EACH]}
    regions = [r for r in whole.regions if r.code.count(".") < 3 or r.code in kept]
    tps = [t for t in whole.tps if t.code[:13] in kept and t.number <= TPS_EACH]
    return create.Blueprint(regions, tps, whole.milestones, whole.contests)


async def test_every_number_is_the_apis_at_its_version_for_a_whole_day(kota: Kota, visits: Visits) -> None:
    listener = Listener()
    page = await visits.open(kota.server, f"/konsol/#/{kota.operation}/{ROOT}")
    listener.attend(page)
    await fill_in(page, PASSWORD)
    await page.locator("tr[data-kind=total]").wait_for()
    await expect(page.locator("[data-standing=langsung]")).to_be_visible()
    await _until_told(listener)
    await page.evaluate("window.isSame = true")
    async with aiohttp.ClientSession() as http:
        client = await Client(http, kota.server.url).sign_in("operator")
        looks, answers = await _day(kota, page, listener, client)
        await _at_rest(kota, page, client, ROOT)
        await _own(kota, await kota.answer(client, ROOT))
        below = list((await kota.answer(client, ROOT)).rows)[1]
        await _at_rest(kota, page, client, below)
        await _at_rest(kota, page, client, list((await kota.answer(client, below)).rows)[1])
    assert await page.evaluate("window.isSame"), "never loaded again"
    assert listener.wrong == []
    told = [(a, rows) for a in answers for (code, v), rows in listener.seen.items() if code == ROOT and a.is_as_of(v)]
    assert [a.version for a, rows in told if a.rows != rows] == []
    print(
        f"{listener.frames} frames, {len(told)} of them also asked for, {len(looks)} looked at: {sum(looks.values())}"
    )
    assert (listener.frames > 40, len(looks) > 2, len(told) > 1) == (True, True, True)
    assert listener.own[f"incident.{OF_ITSELF}"] == {1}


async def _day(kota: Kota, page: Page, listener: Listener, client: Client) -> tuple[dict[int, int], list[Answer]]:
    """Plays it, looks and asks again and again; how many numbers were held against each version, and the answers."""
    desks = (("operator", PASSWORD),)
    order = Order(
        url=kota.server.url, username="simulasi", password=PASSWORD, operation=kota.operation, speed=SPEED,
        desk_accounts=desks,
        scenario="banjir-2024",
    )  # fmt: skip
    playing = asyncio.create_task(play(order))
    looks: dict[int, int] = {}
    answers: list[Answer] = []
    try:
        while not playing.done():
            await asyncio.sleep(LOOK_EVERY_S)
            shown = await figures.read(page)
            if shown.standing != "langsung":
                continue  # cut off for a moment: what it shows came over HTTP, and was not heard
            rows = await _known(listener, shown.version)
            assert figures.faults(shown, rows) == []
            looks[shown.version] = len(shown.shown)
            answers.append(await kota.answer(client, ROOT))
            if len(answers) == OWN_AFTER:
                said = report(kota.operation, ROOT, incident(OF_ITSELF, text="listrik padam sekota"), at=local(5))
                assert (await client.put(said))[0] == 201
    finally:
        progress = await playing
    assert progress.unsent == 0
    return looks, answers


async def _until_told(listener: Listener) -> None:
    """What was there before the socket spoke came over HTTP."""
    async with asyncio.timeout(30):
        while not listener.seen:
            await asyncio.sleep(0.02)


async def _known(listener: Listener, version: int) -> dict[str, dict[str, int]]:
    """The counters of a version that the page shows: told to it, perhaps heard here a moment later."""
    async with asyncio.timeout(20):
        while (ROOT, version) not in listener.seen:
            await asyncio.sleep(0.01)
    return listener.seen[ROOT, version]


async def _at_rest(kota: Kota, page: Page, client: Client, code: str) -> None:
    """Goes to a region; when page and API are at the same version, each number is the API's."""
    await page.evaluate("(hash) => { location.hash = hash }", f"#/{kota.operation}/{code}")
    await expect(page.locator(f"tr[data-kind=total][data-code='{code}']")).to_be_visible()
    async with asyncio.timeout(60):
        while True:
            answer = await kota.answer(client, code)
            shown = await figures.read(page)
            if shown.place == code and answer.is_as_of(shown.version):
                break
            await asyncio.sleep(0.1)
    assert figures.faults(shown, answer.rows) == []


async def _own(kota: Kota, answer: Answer) -> None:
    """What the kota has beyond its children is what the database keeps of it alone."""
    own = await kota.pool.fetchval(
        "select r.own from posko.rollup r join posko.node n on n.id = r.node_id where n.operation_id = $1 and n.code = $2",
        kota.operation, ROOT,
    )  # fmt: skip
    whole, children = answer.rows[ROOT], [row for code, row in answer.rows.items() if code != ROOT]
    beyond = [whole[name] - sum(row[name] for row in children) for name in whole]
    assert beyond == [*own, *[0] * (len(beyond) - len(own))]
