"""What is done on a page before its picture is taken. Nothing of it changes what the next screen shows: what would is answered here, not by the server."""

from __future__ import annotations

import datetime
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from playwright.async_api import Page, Route

Step: TypeAlias = Callable[[Page], Awaitable[object]]

SOON_MS: Final = 60_000
"""A wall waits this long before it says that the server is gone."""


def press(name: str) -> Step:
    """Presses the first button of this name."""

    async def step(page: Page) -> None:
        await page.get_by_role("button", name=name).first.click()

    return step


def touch(selector: str) -> Step:
    """Touches what a selector finds."""

    async def step(page: Page) -> None:
        await page.locator(selector).first.click()

    return step


def write(selector: str, text: str) -> Step:
    """Types into a field."""

    async def step(page: Page) -> None:
        await page.locator(selector).first.fill(text)

    return step


def wait(selector: str) -> Step:
    """Waits until there is something."""

    async def step(page: Page) -> None:
        await page.locator(selector).first.wait_for()

    return step


def go(hash_: str) -> Step:
    """Goes to another screen of the same page."""

    async def step(page: Page) -> None:
        await page.evaluate("hash => { location.hash = hash }", hash_)

    return step


def answer(path: str, status: int, body: Any) -> Step:
    """What asks for a path from now on is told this."""

    async def step(page: Page) -> None:
        kind = "application/problem+json" if status >= 400 else "application/json"
        await page.route(path, lambda route: route.fulfill(status=status, body=json.dumps(body), content_type=kind))

    return step


def keep_waiting(path: str) -> Step:
    """What asks for a path from now on gets no answer."""

    async def step(page: Page) -> None:
        async def never(_: Route) -> None:
            return

        await page.route(path, never)

    return step


async def reload(page: Page) -> None:
    """Opens the page anew."""
    await page.reload()


async def move(page: Page) -> None:
    """Somebody takes the mouse."""
    await page.mouse.move(200, 300)
    await page.mouse.move(220, 320)


async def lose_the_server(page: Page) -> None:
    """The network goes, and the page says so."""
    await page.context.set_offline(True)
    await page.locator("[data-stale=terputus], [data-standing=terputus]").first.wait_for(timeout=SOON_MS)


async def lose_the_network(page: Page) -> None:
    """A telephone that has no signal any more."""
    await page.context.set_offline(True)


async def sign_out_elsewhere(page: Page) -> None:
    """The session ends, and the page hears of it."""
    await page.evaluate("fetch('/v1/sessions/current', { method: 'DELETE' })")
    await page.locator("main a.primary").wait_for(timeout=SOON_MS)


async def load_a_broken_roster(page: Page) -> None:
    """A list of TPS in which much is wrong."""
    rows = "".join(f"31.72.01.1001.{n:03},{n + n % 2},240,{250 if n % 3 else 2500}\n" for n in range(1, 13))
    file = f"code,number,voters_l,voters_p\n{rows}31.73.01.1001.001,1,240,250\n".encode()
    await page.locator("input[type=file]").set_input_files({"name": "tps-kota.csv", "mimeType": "text/csv", "buffer": file})  # fmt: skip
    await page.locator("[data-rule]").first.wait_for()


async def own_a_device(page: Page) -> None:
    """This browser is somebody's enrolled device, and is opened again."""
    await page.evaluate("""async () => {
      const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
      const database = await new Promise((resolve, reject) => {
        const opening = indexedDB.open('posko', 1)
        opening.onupgradeneeded = () => opening.result.createObjectStore('devices')
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
      })
      await new Promise((resolve) => {
        const writing = database.transaction('devices', 'readwrite')
        writing.objectStore('devices').put({ id: 7, name: 'Chrome di Android', owner: 'Siti Rahmawati', key: privateKey }, 'device')
        writing.oncomplete = resolve
      })
      database.close()
    }""")
    await page.reload()
    await page.locator("[name=pin]").first.wait_for()


async def sign_in(page: Page) -> None:
    """Fills in a name and a password, and sends them."""
    await page.locator("[name=username]").fill("siti.rahmawati")
    await page.locator("[name=password]").fill("bukan-kata-sandinya")
    await page.locator("form button.primary").click()


async def offer_to_install(page: Page) -> None:
    """The browser offers to put the page on the home screen, as Chromium does."""
    await page.evaluate("dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt: async () => {} }))")
    await page.locator("#install").wait_for()


async def be_an_iphone(page: Page) -> None:
    """Opens the page anew in what says that it is Safari on iOS."""
    await page.add_init_script("Object.defineProperty(navigator, 'standalone', { value: false }); window.ontouchstart = null")  # fmt: skip
    await page.reload()
    await page.locator("#install").wait_for()


async def type_half(page: Page) -> None:
    """An incident that somebody begins, leaves, and comes back to."""
    await page.locator("[data-category=logistik]").click()
    await page.locator("[data-severity=tinggi]").click()
    await page.locator("[name=text]").fill("Kotak suara gubernur datang dengan segel putus. Saksi paslon 2 minta")
    await go("#/lapor")(page)
    await page.get_by_role("heading", level=1, name="Lapor").wait_for()
    await go("#/lapor/kejadian")(page)
    await page.locator("[data-begun=true]").wait_for()


BEGUN: Final = {
    "status": "ditangani",
    "acknowledged_at": None,
    "resolved_at": None,
    "closed_at": None,
    "merged_into": None,
}
ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
FILED: Final = (
    ("kejadian", "Surat suara gubernur kurang 40 lembar; sudah minta ke PPS.", "diterima"),
    ("nihil", "Antrean 12 orang, lancar.", "ditolak"),
    ("kejadian", "Bilik suara nomor 3 roboh kena angin, sedang diperbaiki.", "terkirim"),
    ("nihil", "Saksi lengkap, logistik cukup.", "antre"),
)
"""What is filed one after the other, and how each stands then."""


async def fill_the_outbox(page: Page) -> None:
    """One report is accepted, one refused, one on its way, one queued behind it."""
    await _answer_reports(page, [ACCEPTED, REFUSED])
    for form, said, standing in FILED:
        await _file(page, form, said)
        await page.locator(f"[data-standing={standing}]").first.wait_for()


async def file_one(page: Page) -> None:
    """One report, which is accepted."""
    await _answer_reports(page, [ACCEPTED])
    # What became of it is asked, too: to the server it is no incident.
    await page.route("**/v1/incidents/*", lambda route: route.fulfill(json={"incident": BEGUN}))
    await _file(page, *FILED[0][:2])
    await page.locator("[data-standing=diterima]").first.wait_for()


async def file_two_without_a_network(page: Page) -> None:
    """One is accepted; then the network goes, and another is filed."""
    await file_one(page)
    await lose_the_network(page)
    await _file(page, *FILED[3][:2])
    await page.locator("[data-standing=antre]").first.wait_for()


async def _file(page: Page, form: str, said: str) -> None:
    await go(f"#/lapor/{form}")(page)
    if form == "kejadian":
        await page.locator("[data-category=logistik]").click()
        await page.locator("[data-severity=sedang]").click()
    await page.locator("textarea").first.fill(said)
    await page.locator("main button.big").click()
    await page.get_by_role("article").filter(has_text=said).wait_for()


async def _answer_reports(page: Page, outcomes: list[str]) -> None:
    """The reports that are sent are answered so, in turn; those after them are not."""
    left = iter(outcomes)

    async def each(route: Route) -> None:
        outcome = next(left, None)
        if outcome is None:
            return
        (report,) = json.loads(route.request.post_data or "[]")
        now = datetime.datetime.now(datetime.UTC).isoformat()
        problem = {"type": "about:blank", "code": "place-unknown", "title": "Place unknown", "status": 404, "detail": report["place"]}  # fmt: skip
        said = (
            {"status": 201, "outcome": outcome, "version": 4127, "received_at": now, "flags": []}
            if outcome == ACCEPTED
            else {"status": 404, "outcome": outcome, "problem": problem}
        )
        await route.fulfill(status=200, body=json.dumps([{"id": report["id"], **said}]), content_type="application/json")  # fmt: skip

    await page.context.route("**/v1/reports", each)


async def hold_an_acceptance(page: Page) -> None:
    """By its key: it is sent in a while, and here never."""
    await keep_waiting("**/acknowledgement")(page)
    await page.keyboard.press("a")
    await page.locator("[data-held=acknowledgement]").wait_for()


async def hear_of_an_incident(page: Page) -> None:
    """Something grave is reported of the region that is looked at. This is filed: the screen comes late in the table."""
    await page.locator("[data-listening]").wait_for(state="attached")
    status = await page.evaluate("""async () => {
      const [, operation, place] = location.hash.split('/')
      const { at } = await (await fetch('/v1/operations/' + operation + '/clock')).json()
      const content = { kind: 'incident', category: 'logistik', severity: 'kritis', occurrence: 'sedang', text: 'Kotak suara terendam banjir, isinya basah' }
      const body = JSON.stringify({ operation: Number(operation), place, observed_at: at, content })
      const time = Date.now().toString(16).padStart(12, '0')
      const id = time.slice(0, 8) + '-' + time.slice(8) + '-7' + crypto.randomUUID().slice(15)
      const answer = await fetch('/v1/reports/' + id, { method: 'PUT', headers: { 'content-type': 'application/json' }, body })
      return answer.status
    }""")
    assert status == 201, status
    await page.locator("[data-lookout]").wait_for()


LASTING: Final[tuple[Step, ...]] = (lose_the_server, sign_out_elsewhere, own_a_device, hold_an_acceptance)
"""What is left of these in the browser, or on its way, when another page is opened there; /lapor keeps whatever is done."""
