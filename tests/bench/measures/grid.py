"""grid_*: every TPS of a kota and of a provinsi as cells: what a snapshot weighs and costs, what one more console costs, frames per second."""

from __future__ import annotations

import asyncio
import gzip
import statistics
import time
from typing import Final

import aiohttp
import msgspec

from posko.regions.cells import CellChanges, Cells
from tests.bench.ground import Ground, Place, Role
from tests.bench.moving import MILESTONE, Mover, moving
from tests.bench.plan import Plan
from tests.bench.record import Result, spread
from tests.bench.visitor import chromium, seat, signed_in
from tests.bench.watched import percentile
from tests.running import free_port

KOTA, PROVINSI = "31.72", "12"
"""2,386 and 25,223 TPS."""
RATE: Final = 5000.0
PACE_S: Final = 0.25
"""How often the page asks for what changed, at most."""
CONSOLES: Final = (1, 41)
LOOK: Final = """
() => {
  window.seen = { frames: [], long: [], versions: [] }
  const frame = (at) => { window.seen.frames.push(at); requestAnimationFrame(frame) }
  requestAnimationFrame(frame)
  new PerformanceObserver((list) => list.getEntries().forEach((task) => window.seen.long.push(task.duration))).observe({ type: 'longtask' })
  const field = document.querySelector('[data-cells]')
  new MutationObserver(() => window.seen.versions.push([Number(field.dataset.version), Date.now() / 1000])).observe(field, { attributeFilter: ['data-version'] })
}"""


class Seen(msgspec.Struct, frozen=True):
    """What the page saw: when frames came (ms), how long long tasks were (ms), which version when (s)."""

    frames: list[float]
    long: list[float]
    versions: list[tuple[int, float]]

    @property
    def per_second(self) -> list[int]:
        """Frames in each whole second but the first."""
        first = self.frames[0]
        counted = [0] * int((self.frames[-1] - first) / 1000)
        for at in self.frames:
            if (second := int((at - first) / 1000)) < len(counted):
                counted[second] += 1
        return counted[1:]


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Snapshots of both sizes; then the provinsi in Chromium and in many consoles while it changes."""
    results = []
    for root in (KOTA, PROVINSI):
        place = ground.place(root)
        roles = _start(ground, place)
        try:
            results += asyncio.run(_snapshots(place, roles[0], plan.runs))
            if root == PROVINSI:
                results += [_consoles(ground, place, roles[0], plan), *_frames(ground, place, roles, plan)]
        finally:
            ground.stop(*roles)
            ground.drop(place)
    return results


def _start(ground: Ground, place: Place) -> tuple[Role, Role]:
    """`serve` and `live` that know of each other, as a browser needs it."""
    port = free_port()
    live = ground.live(place, POSKO_PUBLIC_URL=f"http://127.0.0.1:{port}")
    serve = ground.serve(place, port=port, POSKO_LIVE_URL=f"ws://127.0.0.1:{live.port}/v1/live")
    return serve, live


def _url(place: Place, serve: Role, more: str = "") -> str:
    return f"http://127.0.0.1:{serve.port}/v1/regions/{place.root}/cells{more}?operation={place.operation}"


async def _snapshots(place: Place, serve: Role, runs: int) -> list[Result]:
    """Bytes and milliseconds of the first snapshot of a process, and of those after it."""
    headers = {"authorization": f"Bearer {place.token}", "accept-encoding": "gzip"}
    took, sizes = [], (0, 0)
    async with aiohttp.ClientSession(auto_decompress=False, headers=headers) as http:
        for _ in range(1 + 10 * runs):
            began = time.perf_counter()
            async with http.get(_url(place, serve)) as answer:
                body = await answer.read()
                assert answer.status == 200, body
            took.append((time.perf_counter() - began) * 1000)
            sizes = (len(gzip.decompress(body)), len(body))
    count = len(place.codes)
    cells = msgspec.json.decode(gzip.decompress(body), type=Cells)
    assert cells.count == count
    note = f"{count:,} TPS, {sizes[0]:,} bytes, {sizes[1]:,} gzipped; read whole"
    return [
        Result(name=f"grid_snapshot_{count}_ms", value=took[0], unit="ms", note=note),
        Result(name=f"grid_snapshot_{count}_again_ms", value=statistics.median(took[1:]), unit="ms", runs=len(took) - 1, note=f"encoded already; {spread(took[1:])}"),
    ]  # fmt: skip


def _consoles(ground: Ground, place: Place, serve: Role, plan: Plan) -> Result:
    """CPU of `serve` and PostgreSQL that one more console costs, while the provinsi changes."""
    spent, asked, sizes = [], [], list[int]()
    for consoles in CONSOLES:
        with moving(ground, place, RATE):
            clock = ground.clock(serve=serve.pid)
            found = asyncio.run(_ask(place, serve, consoles, plan.seconds * 4))
            took = clock.stop()
        spent.append((took.by_process["serve"] + took.by_process["postgres"]) / took.wall_s)
        asked.append(len(found) / took.wall_s)
        sizes += found
    us = (spent[1] - spent[0]) / (asked[1] - asked[0]) * 1e6
    note = (
        f"one more question of a console, {CONSOLES[1]} consoles against {CONSOLES[0]}, {asked[1]:,.0f} and {asked[0]:,.0f} questions/s;"
        f" cores of serve and PostgreSQL {spent[1]:.2f} and {spent[0]:.2f}, the changes' own part of it; median {statistics.median(sizes):,.0f} bytes"
    )
    return Result(name="grid_console_us", value=us, unit="CPU us/question", note=note)


async def _ask(place: Place, serve: Role, consoles: int, seconds: float) -> list[int]:
    """Consoles that ask for changes as the page does; the bytes of every answer. Each ends with the cells of a fresh snapshot."""
    headers = {"authorization": f"Bearer {place.token}"}
    sizes: list[int] = []

    async def one(http: aiohttp.ClientSession) -> None:
        async with http.get(_url(place, serve)) as answer:
            have = msgspec.json.decode(await answer.read(), type=Cells)
        version, end = have.version, time.perf_counter() + seconds
        while time.perf_counter() < end:
            async with http.get(_url(place, serve, "/changes") + f"&since={version}&layout={have.layout}") as answer:
                body = await answer.read()
                assert answer.status == 200, body
            sizes.append(len(body))
            version = msgspec.json.decode(body, type=CellChanges).to
            await asyncio.sleep(PACE_S)

    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as http:
        await asyncio.gather(*(one(http) for _ in range(consoles)))
    return sizes


def _frames(ground: Ground, place: Place, roles: tuple[Role, Role], plan: Plan) -> list[Result]:
    """Frames per second of the page at rest and while cells change; how old a change is when it is drawn."""
    seat(ground, place, "supervisor", PROVINSI)
    seconds = 20.0 if plan.full else 8.0
    calm, busy, mover, counted = asyncio.run(_look(ground, place, roles[0], seconds))
    legend, real = counted
    assert legend == real, f"the page says {legend} reached, the database {real}"
    lags = sorted((at - mover.committed_at[v]) * 1000 for v, at in busy.versions if v in mover.committed_at)
    rate = mover.moved / mover.seconds
    note = (
        f"{len(place.codes):,} cells, {rate:,.0f} of {RATE:,.0f} updates/s for {seconds:.0f} s; at rest {statistics.median(calm.per_second):.0f};"
        f" {len(busy.long)} long tasks, the longest {max(busy.long, default=0):.0f} ms"
    )
    median, worst = statistics.median(busy.per_second), min(busy.per_second)
    return [
        Result(name="grid_fps", value=median, unit="frames/s", baseline=statistics.median(calm.per_second), note=note),
        Result(name="grid_fps_worst", value=worst, unit="frames/s", baseline=min(calm.per_second), note="the worst second of them"),
        Result(name="grid_behind_p95_ms", value=percentile(lags, 95), unit="ms", note=f"from commit to cells; p50 {percentile(lags, 50):.0f}; asked for every {PACE_S * 1000:.0f} ms"),
    ]  # fmt: skip


async def _look(ground: Ground, place: Place, serve: Role, seconds: float) -> tuple[Seen, Seen, Mover, tuple[int, int]]:
    async with chromium() as browser:
        context = await browser.new_context(viewport={"width": 1920, "height": 1080}, locale="id-ID")
        address = f"http://127.0.0.1:{serve.port}/konsol/#/{place.operation}/{place.root}/petak?warna={MILESTONE}"
        page = await signed_in(context, address, "supervisor", f"[data-cells='{len(place.codes)}']")
        await asyncio.sleep(2)
        await page.evaluate(LOOK)
        await asyncio.sleep(seconds)
        calm = msgspec.convert(await page.evaluate("window.seen"), Seen)
        with moving(ground, place, RATE) as mover:
            await asyncio.sleep(1)
            await page.evaluate("window.seen.frames = []; window.seen.long = []; window.seen.versions = []")
            await asyncio.sleep(seconds)
            busy = msgspec.convert(await page.evaluate("window.seen"), Seen)
        last = max(mover.committed_at)
        await page.locator(f"[data-cells][data-version='{last}']").wait_for()
        legend = await page.locator("[data-class=reached]").get_attribute("data-count")
    counted = (
        "select r.counters[c.slot] from posko.node n join posko.rollup r on r.node_id = n.id"
        f" join posko.counter c on c.operation_id = n.operation_id and c.name = 'milestone.{MILESTONE}.reached'"
        f" where n.operation_id = {place.operation} and n.code = '{place.root}'"
    )
    real = await asyncio.to_thread(ground.ask, counted, place)
    return calm, busy, mover, (int(legend or -1), real)
