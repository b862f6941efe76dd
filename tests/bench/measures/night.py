"""night_*: pages that stay open for eight hours of a simulated day: does their memory keep its size, and how busy are they?"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from playwright.async_api import CDPSession, Page

from tests.bench.ground import PASSWORD, Ground, Place, Role
from tests.bench.machine import ROOT
from tests.bench.plan import Plan
from tests.bench.record import Result
from tests.bench.visitor import chromium, seat, signed_in
from tests.running import free_port

KOTA: Final = "31.72"
SPEED: Final = 60
HOURS: Final = 8
LOOK_S: Final = 20
READINGS: Final = 3
"""The least of so many is what a page holds: a busy one has a frame's garbage in hand between two of them."""
SETTLED_H: Final = 1
"""What a page keeps of a day (curves, arrivals) is there after so many hours."""
DAY: Final = "06:00"


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Full only: eight hours at 60 times their speed are eight minutes."""
    if not plan.full:
        ground.say("only with --full")
        return []
    place = ground.place(KOTA)
    port = free_port()
    live = ground.live(place, POSKO_PUBLIC_URL=f"http://127.0.0.1:{port}")
    serve = ground.serve(place, port=port, POSKO_LIVE_URL=f"ws://127.0.0.1:{live.port}/v1/live")
    work = ground.work(place)
    seat(ground, place, "supervisor", KOTA)
    seat(ground, place, "wall", KOTA)
    try:
        with _playing(place, serve):
            seen = asyncio.run(_watch(ground, place, f"http://127.0.0.1:{serve.port}"))
    finally:
        ground.stop(serve, live, work)
        ground.drop(place)
    return [result for name, page in seen.items() for result in _results(name, page)]


@contextmanager
def _playing(place: Place, serve: Role) -> Iterator[None]:
    words = [
        sys.executable, "-m", "posko", "simulate", "--url", f"http://127.0.0.1:{serve.port}", "--username", "bench",
        "--operation", str(place.operation), "--speed", str(SPEED), "--from", DAY,
    ]  # fmt: skip
    with subprocess.Popen(
        words, cwd=ROOT, env={**os.environ, "SIMULATE_PASSWORD": PASSWORD}, stdout=subprocess.DEVNULL
    ) as process:
        yield
        assert process.poll() is None, "the day ended before the watch"
        process.terminate()


class Seen(NamedTuple):
    """MiB of JavaScript that a page held, every `LOOK_S` seconds, and how much of its time its main thread worked."""

    sizes: list[float]
    busy: float


async def _watch(ground: Ground, place: Place, url: str) -> dict[str, Seen]:
    region = f"{url}/konsol/#/{place.operation}/{place.root}"
    addresses = {
        "konsol": ("supervisor", region, "tr[data-kind=total]"),
        "grid": ("supervisor", f"{region}/petak?warna=voting_open", "[data-cells]"),
        "curves": ("supervisor", f"{region}/kurva", "main h2"),
        "board": ("supervisor", f"{region}/kejadian", "main h2"),
        "wall": ("wall", f"{url}/dinding/#/{place.operation}/{place.root}", "main [data-value]"),
    }
    async with chromium() as browser:
        pages: dict[str, Page] = {}
        for name, (username, address, ready) in addresses.items():
            context = await browser.new_context(viewport={"width": 1920, "height": 1080}, locale="id-ID")
            pages[name] = await signed_in(context, address, username, ready)
        sessions = {name: await page.context.new_cdp_session(page) for name, page in pages.items()}
        sizes: dict[str, list[float]] = {name: [] for name in pages}
        for session in sessions.values():
            await session.send("Performance.enable")
        worked = {name: await _worked(session) for name, session in sessions.items()}
        began = time.monotonic()
        end = began + HOURS * 3600 / SPEED
        while time.monotonic() < end:
            await asyncio.sleep(LOOK_S)
            for name, session in sessions.items():
                sizes[name].append(min([await _held(session) for _ in range(READINGS)]))
            ground.say("MiB " + ", ".join(f"{name} {seen[-1]:.1f}" for name, seen in sizes.items()))
        took = time.monotonic() - began
        return {
            name: Seen(sizes[name], (await _worked(session) - worked[name]) / took)
            for name, session in sessions.items()
        }


async def _worked(session: CDPSession) -> float:
    """Seconds that the page's main thread has worked since it was opened."""
    told = await session.send("Performance.getMetrics")
    return next(float(one["value"]) for one in told["metrics"] if one["name"] == "TaskDuration")


async def _held(session: CDPSession) -> float:
    """MiB after the garbage is collected, and whatever the page has made since: it does not stand still."""
    await session.send("HeapProfiler.collectGarbage")
    used = await session.send("Runtime.getHeapUsage")
    return float(used["usedSize"] / 2**20)


def _results(name: str, page: Seen) -> list[Result]:
    sizes = page.sizes
    settled = max(1, round(SETTLED_H * 3600 / SPEED / LOOK_S))
    begin, end = statistics.median(sizes[settled : settled + 3]), statistics.median(sizes[-3:])
    night = f"{HOURS} simulated hours at {SPEED} times their speed"
    grown = f"{night}; the end against the first hour's end; most {max(sizes):.1f}"
    return [
        Result(name=f"night_{name}_growth", value=end, unit="MiB", baseline=begin, ratio=end / begin, note=grown),
        Result(name=f"night_{name}_busy", value=100 * page.busy, unit="% of a core", note=f"{night}; the main thread"),
    ]
