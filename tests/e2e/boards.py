"""The incident board of the konsol as somebody works it: opening it, its rows, its dialogs; and incidents filed for it."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.client import Client
from tests.e2e.conftest import Visits
from tests.factories import Small, incident, report, uuid7
from tests.running import Running

ROWS = "[data-list] li[data-id]"
CASE = "article"


async def file_incident(desk: Client, small: Small, place: str, severity: str = "sedang", **said: object) -> str:
    """Files an incident report; the id of its incident."""
    made = uuid7()
    status, body, _ = await desk.put(report(small.operation, place, incident(severity, **said)), made)
    assert status == 201, body
    return str(made)


def board_address(small: Small, rest: str = "", region: str | None = None) -> str:
    return f"/konsol/#/{small.operation}/{region or small.root}/kejadian{rest}"


async def open_board(
    visits: Visits,
    server: Running,
    small: Small,
    rest: str = "",
    *,
    username: str = "supervisor",
    may_fail: bool = False,
) -> Page:
    """The board of the whole operation, signed in and read."""
    page = await visits.enter(server, board_address(small, rest), username, may_fail=may_fail)
    await page.locator("nav [data-tab]").first.wait_for()
    await expect(page.locator("[data-standing=langsung]")).to_be_visible()
    await page.locator("[data-list] li, [data-list] .empty, article").first.wait_for()
    return page


def row_of(page: Page, case: str) -> Locator:
    return page.locator(f"{ROWS}[data-id='{case}']")


def number_on(page: Page, tab: str) -> Locator:
    """How many a tab of the board says that there are."""
    return page.locator(f"[data-tab={tab}] .number")


async def press(page: Page, key: str) -> Locator:
    """A key, and the dialog that it opens."""
    await page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    return dialog
