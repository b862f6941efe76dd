"""page_*: the three pages as they are met: first and later visits, from a frame to its pixels, what Lighthouse says of them."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Final

from playwright.async_api import Browser, StorageState

from tests.bench import lighthouse
from tests.bench.ground import PASSWORD, Ground, Place
from tests.bench.moving import moving
from tests.bench.plan import Plan
from tests.bench.record import Result, spread
from tests.bench.visitor import PAINTED, chromium, painted_ms, seat, signed_in, slowed
from tests.bench.watched import percentile
from tests.running import free_port

KOTA: Final = "31.72"
BUTTON: Final = "main button[data-milestone]"
"""On the officer's page: what is due now. Pressed, it files."""
NAME: Final = "input[name=username]"
KEPT_AHEAD: Final = "navigator.serviceWorker.getRegistration('/lapor/').then((it) => it?.active ?? new Promise((kept) => setTimeout(kept, 10_000)))"
"""By then whoever types a name and a password has not come to an end."""
SLOW: Final = "400 kbit/s, 400 ms, CPU 4 times slower"
TABLE: Final = "tr[data-kind=total]"
WALL: Final = "main [data-panel]"
OPENING: Final = "update posko.operation set clock_at = (voting_day + time '07:03') at time zone 'Asia/Jakarta', clock_set_at = now(), clock_speed = 1 returning 1"
"""The hour at which everybody comes."""
CHANGES_PER_S: Final = 200.0
PUSHES: Final = """
() => {
  window.frames_ms = []
  const Socket = window.WebSocket
  window.waiting = []
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given)
      this.addEventListener('message', ({ data }) => { if (String(data).startsWith('{"type":"delta"')) window.waiting.push(performance.now()) })
    }
  }
  const drawn = () => {
    const asked = window.waiting.splice(0)
    if (asked.length) requestAnimationFrame(() => setTimeout(() => { const now = performance.now(); for (const at of asked) window.frames_ms.push(now - at) }))
  }
  addEventListener('DOMContentLoaded', () => new MutationObserver(drawn).observe(document.body, { characterData: true, childList: true, subtree: true }))
}"""


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """On one kota, with an officer, a supervisor and a wall."""
    place = ground.place(KOTA)
    ground.ask(f"with set as ({OPENING}) select count(*) from set", place)
    port = free_port()
    live = ground.live(place, POSKO_PUBLIC_URL=f"http://127.0.0.1:{port}")
    serve = ground.serve(place, port=port, POSKO_LIVE_URL=f"ws://127.0.0.1:{live.port}/v1/live")
    seat(ground, place, "petugas", place.codes[0])
    seat(ground, place, "supervisor", KOTA)
    seat(ground, place, "wall", KOTA)
    try:
        return asyncio.run(_visit(ground, place, f"http://127.0.0.1:{serve.port}", plan))
    finally:
        ground.stop(serve, live)
        ground.drop(place)


async def _visit(ground: Ground, place: Place, url: str, plan: Plan) -> list[Result]:
    konsol = f"{url}/konsol/#/{place.operation}/{place.root}"
    runs = plan.runs * 2 - 1
    async with chromium() as browser:
        results = await _new_officer(browser, url, runs)
        results += await _officer(browser, f"{url}/lapor/", runs)
        results.append(await _supervisor(browser, konsol, runs))
        results.append(await _pixels(ground, place, browser, konsol, plan.seconds * 4))
    visits = (
        ("lapor", "petugas", f"{url}/lapor/", BUTTON),
        ("konsol", "supervisor", konsol, TABLE),
        ("dinding", "wall", f"{url}/dinding/", "main"),
    )
    for page, username, address, ready in visits:
        results += await lighthouse.scores(page, username, address, ready)
    return results


async def _officer(browser: Browser, address: str, runs: int) -> list[Result]:
    """First visits have the session's cookie and nothing else; later ones what the service worker kept."""
    first, later = [], []
    for _ in range(runs):
        context = await browser.new_context(viewport={"width": 360, "height": 780}, locale="id-ID")
        page = await signed_in(context, address, "petugas", BUTTON)
        await page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        kept = _cookies_of(await context.storage_state())
        fresh = await context.new_page()
        await slowed(fresh)
        later.append(await painted_ms(fresh, address, BUTTON))
        await context.close()
        context = await browser.new_context(
            viewport={"width": 360, "height": 780}, locale="id-ID", storage_state=kept, service_workers="block"
        )
        page = await context.new_page()
        await slowed(page)
        first.append(await painted_ms(page, address, BUTTON))
        await context.close()
    said = f"{SLOW}; until the button of what is due is painted"
    return [
        Result(name="page_lapor_first_s", value=statistics.median(first) / 1000, unit="s", runs=runs, note=f"no cache; {said}; ms {spread(first)}"),
        Result(name="page_lapor_later_s", value=statistics.median(later) / 1000, unit="s", runs=runs, note=f"kept by the service worker; {said}; ms {spread(later)}"),
    ]  # fmt: skip


def _cookies_of(kept: StorageState) -> StorageState:
    """What is left of a visit: the session, and that there is one."""
    for origin in kept["origins"]:
        origin["localStorage"] = [entry for entry in origin["localStorage"] if entry["name"] == "posko.session"]
    return kept


async def _new_officer(browser: Browser, url: str, runs: int) -> list[Result]:
    """With an empty browser at the door of a slow line: until one may type, and from there until one may file."""
    door, entered = [], []
    for _ in range(runs):
        context = await browser.new_context(viewport={"width": 360, "height": 780}, locale="id-ID")
        page = await context.new_page()
        await slowed(page)
        door.append(await painted_ms(page, f"{url}/masuk/?ke=/lapor/", NAME))
        await page.evaluate(KEPT_AHEAD)
        await page.add_init_script(f"({PAINTED})({BUTTON!r})")
        await page.locator(NAME).fill("petugas")
        await page.get_by_label("Kata sandi").fill(PASSWORD)
        began = time.monotonic()
        await page.keyboard.press("Enter")
        await page.wait_for_function("() => location.pathname === '/lapor/' && window.paintedAt > 0", timeout=60_000)
        entered.append((time.monotonic() - began) * 1000)
        await context.close()
    return [
        Result(name="page_door_first_s", value=statistics.median(door) / 1000, unit="s", runs=runs, note=f"no cache; {SLOW}; until the sign-in is painted; ms {spread(door)}"),
        Result(name="page_lapor_entered_s", value=statistics.median(entered) / 1000, unit="s", runs=runs, note=f"for the first time, from the password's Enter; the page was kept meanwhile; {SLOW}; until the button of what is due is painted; ms {spread(entered)}"),
    ]  # fmt: skip


async def _supervisor(browser: Browser, address: str, runs: int) -> Result:
    took = []
    context = await browser.new_context(viewport={"width": 1920, "height": 1080}, locale="id-ID")
    await signed_in(context, address, "supervisor", TABLE)
    kept = await context.storage_state()
    await context.close()
    for _ in range(runs):
        context = await browser.new_context(
            viewport={"width": 1920, "height": 1080}, locale="id-ID", storage_state=kept
        )
        took.append(await painted_ms(await context.new_page(), address, TABLE))
        await context.close()
    return Result(name="page_konsol_first_s", value=statistics.median(took) / 1000, unit="s", runs=runs, note=f"no cache, loopback; until the table of the kota is painted; ms {spread(took)}")  # fmt: skip


async def _pixels(ground: Ground, place: Place, browser: Browser, address: str, seconds: float) -> Result:
    context = await browser.new_context(viewport={"width": 1920, "height": 1080}, locale="id-ID")
    await context.add_init_script(f"({PUSHES})()")
    page = await signed_in(context, address, "supervisor", TABLE)
    with moving(ground, place, CHANGES_PER_S):
        await asyncio.sleep(1)
        await page.evaluate("window.frames_ms = []")
        await asyncio.sleep(seconds)
        took: list[float] = sorted(await page.evaluate("window.frames_ms"))
    await context.close()
    assert len(took) > seconds, f"{len(took)} frames"
    note = f"from a frame's coming to its numbers being painted, {len(took)} frames, {CHANGES_PER_S:.0f} changes/s; p50 {percentile(took, 50):.0f}, most {took[-1]:.0f}"
    return Result(name="page_pixel_p95_ms", value=percentile(took, 95), unit="ms", note=note)
