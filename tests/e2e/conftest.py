"""Fixtures: Chromium on the built pages. A missing browser fails in CI; on a bare machine it is skipped, and said."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, StorageState, ViewportSize, async_playwright, expect

from posko import pages
from posko.embedded import Embedded
from tests.client import Client
from tests.factories import PASSWORD, Small
from tests.running import Running

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FEWER_PROCESSES = [
    "--in-process-gpu",
    # What Playwright turns on of itself is named again: of two such lists Chromium reads the last.
    "--enable-features=CDPScreenshotNewSurface,SkipListAccountsWithoutGaiaCookies,NetworkServiceInProcess2",
]
"""Two less, and all that they would tell each other: a sixth of what opening a page takes. Not where time is measured."""

# How long anything may take to be seen: on two cores that others are busy on, too.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

SCREEN = ViewportSize(width=1920, height=1080)
HAS_READ = "try { localStorage.setItem('posko.konsol.guide', '1') } catch { /* a frame of nobody keeps nothing */ }"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the whole run."""
    if CHROMIUM is None:
        reason = "no chromium on PATH (Debian: apt install chromium-headless-shell)"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *FEWER_PROCESSES])
        yield found
        await found.close()


class Visits:
    """Opens the konsol as somebody; every page must neither complain in its console nor ask another host."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.foreign: list[str] = []

    async def enter(
        self,
        server: Running,
        address: str,
        username: str = "supervisor",
        *,
        may_fail: bool = False,
        guide: bool = False,
        screen: ViewportSize = SCREEN,
    ) -> Page:
        """As `open`, by somebody who is signed in with this browser already."""
        page = await self.open(server, None, may_fail=may_fail, guide=guide, screen=screen, is_known=True)
        said = {"username": username, "password": PASSWORD, "cookie": True}
        answer = await page.context.request.post("/v1/sessions", data=said, headers={"origin": server.url})
        assert answer.ok, await answer.text()
        await page.goto(address)
        return page

    async def open(
        self,
        server: Running,
        address: str | None = "/konsol/",
        *,
        may_fail: bool = False,
        guide: bool = False,
        screen: ViewportSize = SCREEN,
        is_known: bool = False,
    ) -> Page:
        """A fresh browser profile at an address (None: nowhere yet); with `may_fail` its complaints are not held against it.

        Its person has read the konsol's guide, but with `guide`; with `is_known` it remembers that somebody signed in.
        """
        known: StorageState = {
            "origins": [{"origin": server.url, "localStorage": [{"name": "posko.session", "value": "1"}]}]
        }
        context = await self._browser.new_context(
            viewport=screen, locale="id-ID", base_url=server.url, storage_state=known if is_known else None
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if not guide:
            await context.add_init_script(HAS_READ)
        page = await context.new_page()
        own = {urlsplit(server.url).netloc, urlsplit(server.live_url).netloc}
        if not may_fail:
            page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._look(own, request.url))
        page.on("websocket", lambda socket: self._look(own, socket.url))
        if address is not None:
            await page.goto(address)
        return page

    async def sign_in(self, server: Running, small: Small, code: str | None = None, *, may_fail: bool = False) -> Page:
        """The konsol of an operation at a region (default: its root), signed in as supervisor."""
        address = f"/konsol/#/{small.operation}/{code or small.root}"
        page = await self.enter(server, address, may_fail=may_fail)
        await page.locator("tr[data-kind=total]").wait_for()
        return page

    def _look(self, own: set[str], url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc not in own:
            self.foreign.append(url)

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


async def fill_in(page: Page, password: str, username: str = "supervisor") -> None:
    """Signs in by keyboard."""
    await page.get_by_label("Nama pengguna").fill(username)
    await page.get_by_label("Kata sandi").fill(password)
    await page.keyboard.press("Enter")


@pytest.fixture
async def visits(browser: Browser) -> AsyncIterator[Visits]:
    """Visitors of the pages."""
    assert (pages.STATIC / "konsol" / "index.html").is_file(), "the pages are not built: make web"
    found = Visits(browser)
    yield found
    await found.close()
    assert (found.complaints, found.foreign) == ([], [])


@pytest.fixture
async def desk(running: Running, served: Small) -> AsyncIterator[Client]:
    """An operator who files over HTTP."""
    async with aiohttp.ClientSession() as http:
        yield await Client(http, running.url).sign_in("operator")


@pytest.fixture
def alone(database: str, small: Small, services: Embedded, tmp_path: Path) -> Iterator[Running]:
    """A server of the test's own, with one operation, that may be killed."""
    with Running(database, services.redis_url, tmp_path) as found:
        yield found


@pytest.fixture
def staffed(database: str, small: Small, services: Embedded, tmp_path: Path) -> Iterator[Running]:
    """All three roles on a database of the test's own, with one operation: what falls due is done."""
    with Running(database, services.redis_url, tmp_path, roles=("serve", "live", "work")) as found:
        yield found
