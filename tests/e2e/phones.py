"""A phone on /lapor: whose it is, what is filed with it, how each thing stands there and in the database."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Locator, Page, TimeoutError, ViewportSize, expect

from posko import db
from tests.e2e.conftest import Visits, fill_in
from tests.factories import PASSWORD, Small, make_account, uuid7
from tests.running import Running

PATIENCE_MS = 40_000
"""Longer than the waits between tries that these tests cause."""
KEPT = "() => navigator.serviceWorker.controller !== null"
KEPT_MS = 15_000
KNOWS = "() => localStorage.getItem('posko.lapor.question') !== null"
"""What the server said is on this phone's disk: it is noted after that what to ask next."""
SCREEN = ViewportSize(width=360, height=780)
PIN = "482719"
OLDER = """
for (const [of, names] of [
    [Navigator.prototype, ['locks']],
    [URLSearchParams.prototype, ['size']],
    [AbortSignal, ['timeout', 'any']],
    [Crypto.prototype, ['randomUUID']],
    [Array.prototype, ['findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with']],
    [Object, ['groupBy']],
    [Promise, ['withResolvers', 'try']],
    [Array, ['fromAsync']],
    [Set.prototype, ['union', 'intersection', 'difference']],
    [String.prototype, ['isWellFormed', 'toWellFormed']],
    [globalThis, ['structuredClone', 'OffscreenCanvas', 'Iterator', 'requestIdleCallback', 'scheduler']],
]) for (const name of names) delete of[name]
"""
"""Takes from a page what Chrome 94 or Safari 15.4 has not, of what a script can see (oldest.ts)."""


async def kept(page: Page) -> None:
    """Waits until the page opens without a network: where it could not be kept, it is at the next opening."""
    for _ in range(3):
        try:
            await page.wait_for_function(KEPT, timeout=KEPT_MS)
        except TimeoutError:
            await page.reload()
        else:
            return
    raise AssertionError("the page is not kept")


class Phone:
    """One browser profile with the officer's page, and the account that is signed in on it."""

    def __init__(self, page: Page, username: str, small: Small) -> None:
        self.page = page
        self.username = username
        self.small = small
        self.cards = page.get_by_role("article")

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def kept(self) -> None:
        await kept(self.page)

    async def at(self, path: str) -> None:
        """Goes to a screen of the page, which stays as it is."""
        await self.page.evaluate("(hash) => { location.hash = hash }", path)

    async def nihil(self, note: str) -> None:
        """Files a nihil, whose note it is known by."""
        await self.at("#/lapor/nihil")
        await self.page.get_by_label("Catatan (boleh kosong)").fill(note)
        await self.page.get_by_role("button", name="Nihil – kirim").click()
        await self.card(note).wait_for()

    async def incident(self, text: str, category: str = "logistik", photos: list[Any] | None = None) -> None:
        """Files an incident in three taps, with photos (Playwright's `files`)."""
        await self.at("#/lapor/kejadian")
        await self.page.locator(f"[data-category='{category}']").click()
        await self.page.locator("[data-severity=sedang]").click()
        await self.page.get_by_label("Yang terjadi").fill(text)
        if photos:
            await self.page.locator("input[type=file]").set_input_files(photos)
            await expect(self.page.locator("[data-making=dikecilkan]")).to_have_count(0, timeout=PATIENCE_MS)
        await self.page.get_by_role("button", name="Kirim", exact=True).click()
        await self.card(text).wait_for()

    def card(self, said: str) -> Locator:
        """What was filed, by its words."""
        return self.cards.filter(has_text=said)

    async def taken_up(self) -> None:
        """Somebody takes it out of the pocket: the page asks for what is new."""
        await self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    async def stands(self, said: str, standing: str) -> None:
        await self.at("#/terkirim")
        await expect(self.card(said)).to_have_attribute("data-standing", standing, timeout=PATIENCE_MS)

    async def go_on(self) -> None:
        """Does not wait for the next try, unless it has come."""
        await self.at("#/terkirim")
        again = self.page.get_by_role("button", name="Coba kirim sekarang")
        try:
            await again.click(timeout=4_000)
        except TimeoutError:  # it has come, or was there for too short a while: a network that is back urges as well
            await self.page.evaluate("dispatchEvent(new Event('online'))")


async def new_account(pool: db.Pool, small: Small, *tps: str) -> str:
    """A petugas of these TPS, in this operation alone; answers the username."""
    name = f"petugas-{uuid7().hex[-10:]}"
    async with pool.acquire() as connection:
        await make_account(connection, name, "petugas", *(tps or small.tps[:1]), operation=small.operation)
    return name


async def phone_of(
    visits: Visits, server: Running, pool: db.Pool, small: Small, *tps: str, room_bytes: int | None = None
) -> Phone:
    """A new officer with a new phone (of so much room), signed in; its page is kept there."""
    username = await new_account(pool, small, *tps)
    page = await visits.enter(server, "/icon.svg", username, may_fail=True)
    if room_bytes is not None:
        # Before anything is kept there: the browser believes what it has asked for half a minute.
        await room(page, server, room_bytes)
    await page.goto("/lapor/")
    await page.get_by_role("navigation", name="Bagian").wait_for()
    phone = Phone(page, username, small)
    await phone.kept()
    await expect(page.get_by_role("banner")).to_contain_text((tps or small.tps[:1])[0])
    await page.wait_for_function(KNOWS)
    return phone


async def scan(visits: Visits, server: Running, small: Small, username: str, url: str) -> Phone:
    """A new phone that has scanned the QR of a sheet (its address), and chosen a PIN: somebody's device from then on, on /lapor."""
    page = await visits.open(server, url, may_fail=True)
    await page.set_viewport_size(SCREEN)
    await page.get_by_label("PIN baru", exact=True).fill(PIN)
    await page.get_by_label("PIN baru sekali lagi").fill(PIN)
    await page.get_by_role("button", name="Daftarkan dan masuk").click()
    await page.get_by_role("navigation", name="Bagian").wait_for()
    phone = Phone(page, username, small)
    await phone.kept()
    return phone


async def room(page: Page, server: Running, limit_bytes: int | None) -> None:
    """How much the phone keeps of this site; None: as much as there is."""
    browser = await page.context.new_cdp_session(page)
    limit = {} if limit_bytes is None else {"quotaSize": limit_bytes}
    await browser.send("Storage.overrideQuotaForOrigin", {"origin": server.url, **limit})


async def sign_in_beside(context: BrowserContext, username: str) -> None:
    """Somebody signs in with this browser, on another page of it."""
    await context.clear_cookies()
    door = await context.new_page()
    await door.goto("/masuk/?ke=/akun/")
    await fill_in(door, PASSWORD, username)
    await door.wait_for_url(lambda url: urlsplit(url).path == "/akun/", wait_until="commit")
    await door.close()


async def reports_of(pool: db.Pool, username: str) -> list[dict[str, Any]]:
    """What the database has from an account, in the order in which it was taken."""
    rows = await pool.fetch(
        "select r.id::text, r.body->'content' as content, r.version, r.observed_at, r.received_at from posko.report r"
        " join posko.account a on a.id = r.account_id where a.username = $1 order by r.version, r.id",
        username,
    )
    return [dict(row) for row in rows]


async def until(what: Any, limit_s: float = 30) -> None:
    """Until an asynchronous question is answered with yes."""
    async with asyncio.timeout(limit_s):
        while not await what():
            await asyncio.sleep(0.02)


BEGUN = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('posko-lapor')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const stores = opening.result.transaction(['begun', 'begunFilms'])
    const [forms, films] = ['begun', 'begunFilms'].map((name) => stores.objectStore(name).getAll())
    stores.oncomplete = () => {
      opening.result.close()
      resolve([JSON.stringify(forms.result.map(({ fields }) => fields)), films.result.flatMap(({ photos }) => photos).length])
    }
  }
})"""
"""The fields of the forms that are half typed on this phone, as JSON, and the number of their photos."""


async def until_begun(page: Page, said: str, photos: int = 0) -> None:
    """What is typed, and what is small by then, is written down when the finger rests: until these are."""

    async def is_kept() -> bool:
        fields, films = await page.evaluate(BEGUN)
        return said in fields and films == photos

    await until(is_kept)
