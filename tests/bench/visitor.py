"""A browser that measures: signed in, with or without a cache, on a line and a processor as slow as one likes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from posko.accounts import store as accounts
from posko.accounts.account import Role, SeatIn
from posko.accounts.passwords import hash_password
from posko.accounts.store import NewAccount
from tests.bench.ground import PASSWORD, Ground, Place
from tests.e2e.conftest import ARGUMENTS, CHROMIUM

SLOW_3G: Final = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""400 ms and 400 kbit/s, as WebPageTest names it."""
SLOW_CPU: Final = 4
PAINTED: Final = """
(selector) => {
  const look = () => {
    if (!document.querySelector(selector)) return false
    requestAnimationFrame(() => setTimeout(() => (window.paintedAt ??= performance.now())))
    return true
  }
  const wait = () => { if (!look()) { const seen = new MutationObserver(() => look() && seen.disconnect()); seen.observe(document, { childList: true, subtree: true }) } }
  wait()
}"""


def seat(ground: Ground, place: Place, role: Role, region: str) -> str:
    """An account named after its role, with one seat."""

    async def add(connection: Any) -> None:
        new = NewAccount(username=role, full_name=role, kind="person")
        account = await accounts.insert_account(connection, new, hash_password(PASSWORD))
        await accounts.insert_seat(connection, account, SeatIn(role, (region,)), None)

    ground.on(place, add)
    return role


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """The browser of the tests."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *more])
        yield found
        await found.close()


async def signed_in(context: BrowserContext, address: str, username: str, ready: str) -> Page:
    """A page at an address that wants somebody signed in, once `ready` is there."""
    page = await context.new_page()
    page.set_default_timeout(60_000)
    await page.goto(address)
    await page.get_by_label("Nama pengguna").fill(username)
    await page.get_by_label("Kata sandi").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator(ready).first.wait_for()
    return page


async def slowed(page: Page) -> Any:
    """From here on the page has one bar of signal and an old phone's processor."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW_3G)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
    return session


async def painted_ms(page: Page, address: str, selector: str) -> float:
    """Milliseconds from the navigation until what is looked for was painted."""
    await page.add_init_script(f"({PAINTED})({selector!r})")
    await page.goto(address, wait_until="commit")
    # Not at every frame: a quarter of the processor is busy enough.
    await page.wait_for_function("() => window.paintedAt > 0", timeout=60_000, polling=250)
    found: float = await page.evaluate("window.paintedAt")
    return found
