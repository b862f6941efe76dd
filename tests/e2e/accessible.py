"""What axe-core finds wrong with a page, in both themes, and what sticks out of a small screen."""

from __future__ import annotations

import contextlib
from pathlib import Path

from playwright.async_api import Page, TimeoutError

LAID_OUT_MS = 5_000
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
AXE = Path(__file__).parents[2] / "posko" / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .map((found) => `${found.id}: ${found.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)"""


async def faults(page: Page) -> list[str]:
    """The violations, light and dark."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for theme in ("light", "dark"):
        await page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found += [f"{theme}: {fault}" for fault in await page.evaluate(_RUN)]
    return found


async def overhang(page: Page) -> int:
    """Pixels by which the page is wider than the screen, once what is drawn has been drawn anew for its size."""
    with contextlib.suppress(TimeoutError):
        await page.wait_for_function(f"() => {WIDER} <= 0", timeout=LAID_OUT_MS)
    return int(await page.evaluate(WIDER))
