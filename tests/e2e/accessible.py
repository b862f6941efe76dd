"""What axe-core finds wrong with a page, in both themes, and what sticks out of a small screen."""

from __future__ import annotations

import contextlib
from pathlib import Path

from playwright.async_api import Page, TimeoutError

LAID_OUT_MS = 5_000
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
AXE = Path(__file__).parents[2] / "posko" / "web" / "node_modules" / "axe-core" / "axe.min.js"
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that ask what colour something has; no other knows one theme from the other."""
_RUN = """async (rules) => {
    const only = rules ? { runOnly: { type: 'rule', values: rules } } : {}
    const { violations } = await axe.run(document, { resultTypes: ['violations'], ...only })
    const say = ({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 5).map(say).join(' | ')}`)
}"""


async def bring(page: Page) -> None:
    """Brings axe into a page, unless it is there.

    By the debugger itself, which no Content-Security-Policy stops: what it was given before it does not compile again,
    as it would what a script evaluates.
    """
    if await page.evaluate("'axe' in window"):
        return
    debugger = await page.context.new_cdp_session(page)
    await debugger.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8") + ";0"})
    await debugger.detach()


async def faults(page: Page) -> list[str]:
    """The violations: all of them in the light theme, and those of colour in the dark one."""
    await bring(page)
    found = []
    for theme, rules in (("light", None), ("dark", COLOURS)):
        await page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found += [f"{theme}: {fault}" for fault in await page.evaluate(_RUN, rules)]
    return found


async def overhang(page: Page) -> int:
    """Pixels by which the page is wider than the screen, once what is drawn has been drawn anew for its size."""
    with contextlib.suppress(TimeoutError):
        await page.wait_for_function(f"() => {WIDER} <= 0", timeout=LAID_OUT_MS)
    return int(await page.evaluate(WIDER))
