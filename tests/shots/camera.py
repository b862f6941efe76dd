"""Goes to a screen as who may see it, and waits until it is whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, Literal, TypeAlias

from playwright.async_api import Browser, ConsoleMessage, Error, Page, Request
from playwright.async_api import TimeoutError as TooLate

from tests.shots.scene import Scene
from tests.shots.screens import Screen

Theme: TypeAlias = Literal["light", "dark"]
Size: TypeAlias = tuple[int, int]

PATIENCE_MS: Final = 30_000
QUIET_S: Final = 0.5
QUIET_LIMIT_S: Final = 4.0
NOWHERE: Final = "/icon.svg"
"""Of the same site: the process stays, and has compiled before what the next page is made of."""
MOVE: Final = """address => {
  const { pathname, hash } = new URL(address, location.href)
  if (pathname !== location.pathname) return false
  location.hash = hash
  return true
}"""
SIGN_IN: Final = """async ([username, password]) => {
  const body = JSON.stringify({ username, password, cookie: true })
  const answer = await fetch('/v1/sessions', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  if (answer.status === 201) localStorage.setItem('posko.session', '1')
  return answer.status
}"""
REMEMBER: Final = "pairs => pairs.forEach(([key, value]) => localStorage.setItem(key, value))"
SAYS_SOMETHING: Final = """() => {
  const main = document.querySelector('main')
  if (!main || /(Memuat|Menyambung) …/.test(main.innerText)) return false
  const beside = [...main.querySelectorAll('h1, nav')].reduce((sum, part) => sum + part.innerText.length, 0)
  return main.innerText.length > beside + 40
}"""
"""More than its title and ways to elsewhere, and nothing is still on its way."""


class NotThere(Exception):
    """A screen did not become whole: it is not built yet, or broken"""


class Traffic:
    """What a page asks for."""

    def __init__(self, page: Page) -> None:
        self._open: set[Request] = set()
        self._moved_at = 0.0
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    async def until_quiet(self) -> None:
        """Until it has had all its answers for a while; a page that asks on and on is taken as it is."""
        began = self._moved_at = time.monotonic()
        while (now := time.monotonic()) < began + QUIET_LIMIT_S:
            if not self._open and now >= self._moved_at + QUIET_S:
                return
            await asyncio.sleep(QUIET_S / 5)

    def _begin(self, request: Request) -> None:
        self._open.add(request)
        self._moved_at = time.monotonic()

    def _end(self, request: Request) -> None:
        self._open.discard(request)
        self._moved_at = time.monotonic()


class Camera:
    """Visits screens of one scene, each from a browser of its role and theme.

    Those that leave nothing behind share its page, and go on in it where they can be told apart: signing in, opening
    the pages anew and a process for each is two thirds of what a visit takes.
    """

    def __init__(self, browser: Browser, scene: Scene) -> None:
        self._browser, self._scene = browser, scene
        self._shared: dict[object, Page] = {}
        self._untouched: set[Page] = set()
        """They show a screen on which nothing was done."""
        self._traffic: dict[Page, Traffic] = {}
        self.complaints: list[str] = []

    async def close(self) -> None:
        for page in self._shared.values():
            await page.context.close()

    @asynccontextmanager
    async def at(self, screen: Screen, theme: Theme, size: Size) -> AsyncIterator[Page]:
        """The page when it is whole; raises NotThere."""
        of = (screen.role, screen.stored, theme, size)
        page = None if screen.is_apart else self._shared.get(of)
        if page is None:
            page = await self._enter(screen, theme, size)
        if not screen.is_apart:
            self._shared[of] = page
        try:
            with self._listening(page, screen):
                await self._go(page, screen)
                await self._until_whole(page, screen)
                await self._until_done(page, screen)
                yield page
            if not screen.steps:
                self._untouched.add(page)
        finally:
            if screen.is_apart:
                await page.context.close()
            else:
                await self._leave(page, screen)

    async def _go(self, page: Page, screen: Screen) -> None:
        """In the page that is open, if nothing was done there: it is at this address, or does not show yet that this screen is whole."""
        address = self._scene.address(screen.path)
        is_untouched = page in self._untouched
        self._untouched.discard(page)
        if is_untouched and await self._goes_on(page, screen.ready, address):
            return
        await page.goto(NOWHERE)
        await page.goto(address)

    async def _goes_on(self, page: Page, ready: str | None, address: str) -> bool:
        if page.url == self._scene.url + address:
            return True
        return ready is not None and await page.locator(ready).count() == 0 and await page.evaluate(MOVE, address)

    async def _leave(self, page: Page, screen: Screen) -> None:
        await page.mouse.move(-1, -1)
        if screen.steps:
            await page.goto(NOWHERE)
            await page.unroute_all(behavior="ignoreErrors")

    async def _enter(self, screen: Screen, theme: Theme, size: Size) -> Page:
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            base_url=self._scene.url,
            color_scheme=theme,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        self._traffic[page] = Traffic(page)
        if screen.role is not None:
            await page.goto("/licences.txt")
            status = await page.evaluate(SIGN_IN, [self._scene.username(screen.role), self._scene.password])
            assert status == 201, f"{screen.role} cannot sign in: {status}"
            await page.evaluate(REMEMBER, screen.stored)
        return page

    @contextmanager
    def _listening(self, page: Page, screen: Screen) -> Iterator[None]:
        """Hears what the browser has to complain about, unless it may."""

        def say(text: str) -> None:
            if not screen.may_complain:
                self.complaints.append(f"{screen.name}: {text}")

        def hear(said: ConsoleMessage) -> None:
            if said.type == "error":
                say(said.text)

        def fail(error: Error) -> None:
            say(str(error))

        page.on("console", hear)
        page.on("pageerror", fail)
        try:
            yield
        finally:
            page.remove_listener("console", hear)
            page.remove_listener("pageerror", fail)

    async def _until_whole(self, page: Page, screen: Screen) -> None:
        try:
            if screen.ready is None:
                await page.wait_for_function(SAYS_SOMETHING)
            else:
                await page.locator(screen.ready).first.wait_for()
        except TooLate as late:
            raise NotThere(f"{screen.name}: {late}") from None
        await self._traffic[page].until_quiet()

    async def _until_done(self, page: Page, screen: Screen) -> None:
        try:
            for step in screen.steps:
                await step(page)
        except TooLate as late:
            raise NotThere(f"{screen.name}: {late}") from None
