"""A flooded kota on a running server, for tests: its desks, its clock, its numbers, and a console that watches."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, TypeVar

import websockets.asyncio.client as ws

from posko import db
from posko.live import wire
from posko.live.view import View
from posko.regions import create, store
from posko.regions.operation import NewOperation
from tests.client import Client
from tests.factories import WIB, make_account, milestone, report, uuid7
from tests.running import Running

T = TypeVar("T")
LIMIT_S = 90.0
BATCH = 256
KOTA, PRIOK, GADING = "31.72", "31.72.02", "31.72.06"
SUNTER_JAYA, GADING_BARAT, PEGANGSAAN_DUA = "31.72.02.1002", "31.72.06.1003", "31.72.06.1002"
GUARDS_OF = tuple(f"{KOTA}.{k}" for k in ("02.1001", "02.1003", "02.1004", "02.1005", "06.1001"))
"""Kelurahan that stayed dry and can spare guards."""
VOTING_DAY = datetime.date(2024, 2, 14)
DESKS = {  # those of kelurahan by their codes
    "kota": ("operator", KOTA), "kapolres": ("supervisor", KOTA), "priok": ("operator", PRIOK),
    "petugas-gading": ("petugas", GADING_BARAT), "petugas-dua": ("petugas", PEGANGSAAN_DUA),
    **{code: ("operator", code) for code in (SUNTER_JAYA, GADING_BARAT, PEGANGSAAN_DUA, *GUARDS_OF)},
}  # fmt: skip


def feb(day: int, hour: int, minute: int = 0) -> datetime.datetime:
    """A moment of February 2024, WIB."""
    return datetime.datetime(2024, 2, day, hour, minute, tzinfo=WIB)


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def numbered(kelurahan: str, first: int, last: int) -> list[str]:
    """TPS of a kelurahan by their numbers, the last too."""
    return [f"{kelurahan}.{n:03d}" for n in range(first, last + 1)]


@dataclasses.dataclass
class Flooded:
    """The operation, who is at its desks, and the view of a console that has watched the kota from the beginning."""

    operation: int
    pool: db.Pool
    desks: dict[str, Client]
    tps: list[str]
    view: View
    slots: dict[str, int]
    now: datetime.datetime
    parent: str = ""

    def __getitem__(self, name: str) -> Client:
        return self.desks[name]

    async def set_clock(self, when: datetime.datetime) -> None:
        """Stops the drill's clock at a moment."""
        status, body, _ = await self["kapolres"].ask(
            "PUT", f"/v1/operations/{self.operation}/clock", {"at": when.isoformat(), "speed": 0}
        )
        assert (status, moment(body["at"])) == (200, when), body
        self.now = when

    async def watched(self, when: datetime.datetime) -> None:
        """Moves the clock; the engine has seen it near that moment once it has put off, twice, every part that is due."""
        for near in (when - datetime.timedelta(minutes=2), when):
            await self.set_clock(near)
            await until(self._are_parts_put_off)

    async def _are_parts_put_off(self) -> bool:
        return all(moment(c["next_at"]) > self.now for c in await self.parts(status="baru"))

    async def parts(self, region: str = KOTA, status: str | None = None) -> list[dict[str, Any]]:
        path = f"/v1/incidents?parent={self.parent}&region={region}&limit=200"
        found: list[dict[str, Any]] = (await self["kota"].get(path + (f"&status={status}" if status else "")))["rows"]
        return found

    async def act(self, desk: str, incident: str, action: str, **body: Any) -> Any:
        """One action on an incident that must succeed; answers the incident as it is then."""
        method = "POST" if action in ("comments", "requests") else "PUT"
        status, answer, _ = await self[desk].ask(method, f"/v1/incidents/{incident}/{action}", body)
        assert status in (200, 201), answer
        return answer["incident"]

    async def file(self, desk: str, place: str, content: dict[str, Any], **extra: Any) -> str:
        """One report at the hour that it is now; answers its id."""
        made = uuid7()
        status, answer, _ = await self[desk].put(
            report(self.operation, place, content, at=self.now.isoformat(), **extra), made
        )
        assert status == 201, answer
        return str(made)

    async def all_say(self, places: Iterable[str], code: str, at: datetime.datetime) -> None:
        """Every one of these TPS has reached a milestone, as the kota's desk was told."""
        said = [report(self.operation, p, milestone(code), at=at.isoformat(), channel="desk") for p in places]
        items = [{"id": str(uuid7()), **s} for s in said]
        pages = [items[i : i + BATCH] for i in range(0, len(items), BATCH)]
        for status, answers, _ in await gather(self["kota"].post(page) for page in pages):
            assert status == 200 and {a["outcome"] for a in answers} == {"accepted"}, answers

    async def counter(self, code: str, *names: str) -> list[int]:
        """Counters of a region or TPS."""
        path = f"/v1/{'tps' if code.count('.') == 4 else 'regions'}/{code}"
        answer = await self["kota"].get(path)
        row = answer["counters"] if "rows" not in answer else answer["rows"][0]["counters"]
        return [row[self.slots[n]] if self.slots[n] < len(row) else 0 for n in names]

    async def behind(self, code: str, name: str) -> dict[str, int]:
        """A number of a region, opened."""
        page = await self["kota"].get(f"/v1/regions/{code}/tps?counter={name}&limit=500")
        found = {p["code"]: p["value"] for p in page["places"]}
        assert sum(found.values()) == page["total"]
        return found

    async def rows(self) -> dict[str, list[int]]:
        """Every row of the tree, each region's proven to be what it has itself and the sum of its children's."""
        regions = await self.pool.fetch(
            "select code from posko.node where operation_id = $1 and level < 5", self.operation
        )
        found = {}
        for shown in await gather(self["kota"].get(f"/v1/regions/{r['code']}") for r in regions):
            first, *children = shown["rows"]
            summed = [sum(v) for v in _columns([first.get("own") or [], *(c["counters"] for c in children)])]
            assert _trimmed(first["counters"]) == _trimmed(summed), first["code"]
            found |= {r["code"]: r["counters"] for r in shown["rows"]}
        return found

    async def assert_sound(self) -> dict[str, list[int]]:
        """Children sum to their parents, a recount finds nothing, the console shows what the server says."""
        wrong = await self.pool.fetch(
            "select * from api.recount($1, array(select id from posko.node where operation_id = $1))", self.operation
        )
        assert wrong == []
        rows = await self.rows()
        shown = {c: _trimmed(r) for c, r in rows.items() if c == KOTA or c.count(".") == 2}
        await until(lambda: _same(shown, {c: _trimmed(r) for c, r in self.view.rows.items()}))
        return rows

    async def opened(self, tps: str) -> list[datetime.datetime]:
        """When a TPS was ever reported open, by its timeline."""
        rows = (await self["kota"].get(f"/v1/tps/{tps}/timeline?limit=500"))["rows"]
        return sorted(moment(r["observed_at"]) for r in rows if r["content"].get("milestone") == "voting_open")

    async def last(self, incident_id: str) -> str:
        """The last entry of an incident's log."""
        rows = (await self["kota"].get(f"/v1/incidents/{incident_id}/entries"))["rows"]
        return str(rows[-1]["action"])

    async def owed(self, tps: str) -> dict[str, dict[str, Any]]:
        rows = (await self["kota"].get(f"/v1/tps/{tps}/obligations"))["obligations"]
        return {o["milestone"]: {**o, "due_at": moment(o["due_at"])} for o in rows}

    def order(self, places: list[str], deadline: datetime.datetime) -> dict[str, Any]:
        text = "Penjaga {place} bergeser ke TPS yang banjir pada 24 Februari."
        return {
            "operation": self.operation, "from": KOTA, "kind": "perintah", "requires": "laksanakan", "text": text,
            "deadline": deadline.isoformat(), "to": {"kind": "places", "places": places}, "incident": self.parent,
        }  # fmt: skip

    async def say(self, path: str, place: str, action: str, **body: Any) -> None:
        """What the desk of its kelurahan says for a TPS."""
        status, answer, _ = await self[place[:13]].ask("PUT", f"{path}/targets/{place}/{action}", body or None)
        assert status == 200, answer

    async def has_come(self, path: str, **wanted: int) -> bool:
        """Whether a directive has come so far, and its parts add up to it."""
        shown = await self["kota"].get(path)
        counts = shown["directive"]["counts"]
        assert all(sum(c["counts"][k] for c in shown["compliance"]) == n for k, n in counts.items() if k != "targets")
        return {k: counts[k] for k in wanted} == wanted


async def gather(asked: Iterable[Awaitable[T]], at_once: int = 8) -> list[T]:
    """All answers in order; a few at a time, as many desks would ask."""
    gate = asyncio.Semaphore(at_once)

    async def one(question: Awaitable[T]) -> T:
        async with gate:
            return await question

    return await asyncio.gather(*(one(a) for a in asked))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Waits until something holds; the engine turns five times a second."""
    deadline = time.monotonic() + LIMIT_S
    while not await holds():
        assert time.monotonic() < deadline, f"not within {LIMIT_S} s"
        await asyncio.sleep(0.1)


async def _same(one: Any, other: Any) -> bool:
    return bool(one == other)


def _columns(rows: list[list[int]]) -> list[tuple[int, ...]]:
    most = max(len(r) for r in rows)
    return list(zip(*(r + [0] * (most - len(r)) for r in rows), strict=True))


def _trimmed(row: list[int]) -> list[int]:
    end = len(row)
    while end and row[end - 1] == 0:
        end -= 1
    return row[:end]


@contextlib.asynccontextmanager
async def flooded(running: Running, pool: db.Pool, http: Any) -> AsyncIterator[Flooded]:
    """Jakarta Utara by its preset, as a drill on 14 Feb 2024; its clock is set before it begins."""
    new = NewOperation("Jakarta Utara 14 Februari 2024", "drill", KOTA, datetime.date(2024, 2, 7), VOTING_DAY, True)
    async with pool.acquire() as connection:
        operation = await create.create(connection, new, create.blueprint_of("jakarta-utara"))
        for name, (role, region) in DESKS.items():
            await make_account(connection, name, role, region)
        rows = await connection.fetch(
            "select code from posko.node where operation_id = $1 and level = 6 order by code", operation
        )
    desks = {name: await Client(http, running.url).sign_in(name) for name in DESKS}
    for desk in desks.values():
        desk.operation = operation
    view = View(f"{operation}:{KOTA}")
    names = (await desks["kota"].get(f"/v1/operations/{operation}"))["counters"]
    story = Flooded(
        operation, pool, desks, [r["code"] for r in rows], view, {n: i for i, n in enumerate(names)}, feb(13, 20)
    )
    await story.set_clock(story.now)
    async with pool.acquire() as connection:
        await store.activate(connection, operation)
    headers = {"Authorization": f"Bearer {desks['kota'].token}"}
    async with ws.connect(running.live_url, additional_headers=headers, compression=None, proxy=None) as socket:
        await socket.send(wire.encode(wire.Subscribe(view.topic)).decode())
        watching = asyncio.create_task(_watch(socket, view))
        try:
            yield story
        finally:
            watching.cancel()


async def _watch(socket: ws.ClientConnection, view: View) -> None:
    async for raw in socket:
        message = wire.decode_server(raw.encode() if isinstance(raw, str) else raw)
        if isinstance(message, wire.Snapshot | wire.Delta):
            assert view.take(message) != "gap"
