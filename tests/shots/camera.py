"""Goes to a screen as who may see it, and waits until it is whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal, TypeAlias

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import TimeoutError as TooLate

from tests.shots.scene import Scene
from tests.shots.screens import Screen

Theme: TypeAlias = Literal["light", "dark"]
Size: TypeAlias = tuple[int, int]

PATIENCE_MS: Final = 30_000
QUIET_MS: Final = 4_000
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


class Camera:
    """Visits screens of one scene, each from a browser of its role and theme.

    Those where nothing is done share it: signing in and fetching the pages anew is half of what a visit takes.
    """

    def __init__(self, browser: Browser, scene: Scene) -> None:
        self._browser, self._scene = browser, scene
        self._shared: dict[object, BrowserContext] = {}
        self.complaints: list[str] = []

    async def close(self) -> None:
        for context in self._shared.values():
            await context.close()

    @asynccontextmanager
    async def at(self, screen: Screen, theme: Theme, size: Size) -> AsyncIterator[Page]:
        """The page when it is whole; raises NotThere."""
        of = (screen.role, screen.stored, theme, size)
        context = self._shared.get(of) if not screen.steps else None
        if context is None:
            context = await self._enter(screen, theme, size)
        if not screen.steps:
            self._shared[of] = context
        page = await context.new_page()
        try:
            if not screen.may_complain:
                self._listen(page, screen)
            await page.goto(self._scene.address(screen.path))
            await self._until_whole(page, screen)
            await self._until_done(page, screen)
            yield page
        finally:
            await (context if screen.steps else page).close()

    async def _enter(self, screen: Screen, theme: Theme, size: Size) -> BrowserContext:
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            base_url=self._scene.url,
            color_scheme=theme,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        if screen.role is not None:
            page = await context.new_page()
            await page.goto("/licences.txt")
            status = await page.evaluate(SIGN_IN, [self._scene.username(screen.role), self._scene.password])
            assert status == 201, f"{screen.role} cannot sign in: {status}"
            await page.evaluate(REMEMBER, screen.stored)
            await page.close()
        return context

    def _listen(self, page: Page, screen: Screen) -> None:
        def say(text: str) -> None:
            self.complaints.append(f"{screen.name}: {text}")

        page.on("console", lambda said: say(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: say(str(error)))

    async def _until_whole(self, page: Page, screen: Screen) -> None:
        try:
            if screen.ready is None:
                await page.wait_for_function(SAYS_SOMETHING)
            else:
                await page.locator(screen.ready).first.wait_for()
        except TooLate as late:
            raise NotThere(f"{screen.name}: {late}") from None
        await self._until_quiet(page)

    async def _until_done(self, page: Page, screen: Screen) -> None:
        try:
            for step in screen.steps:
                await step(page)
        except TooLate as late:
            raise NotThere(f"{screen.name}: {late}") from None

    async def _until_quiet(self, page: Page) -> None:
        try:
            # What it asks for besides is there too; a page that asks on and on is taken as it is.
            await page.wait_for_load_state("networkidle", timeout=QUIET_MS)
        except TooLate:
            return
