"""A list on paper is whole, or says what it lacks: in a real browser, whose own dialog is not opened but counted."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, Route, expect

from tests.client import Client
from tests.e2e.accessible import faults
from tests.e2e.boards import ROWS, open_board
from tests.e2e.conftest import Visits
from tests.factories import Small, incident, report, uuid7
from tests.running import Running

TOTAL, PAGE = 120, 50
COUNTED = "window.print = () => { document.documentElement.dataset.printed += ` ${document.querySelectorAll('[data-list] li[data-id]').length}` }; document.documentElement.dataset.printed = 'rows:'"  # fmt: skip
SHORT = "() => [...document.querySelectorAll('[data-list] li')].filter(row => row.clientHeight < row.firstElementChild.clientHeight).map(row => row.dataset.id)"  # fmt: skip


async def _board(running: Running, small: Small, desk: Client, visits: Visits, *, may_fail: bool = False) -> Page:
    said = [
        {"id": str(uuid7()), **report(small.operation, small.tps[n % 12], incident("rendah"))} for n in range(TOTAL)
    ]
    assert (await desk.post(said))[0] == 200
    page = await open_board(visits, running, small, may_fail=may_fail)
    await expect(page.locator(ROWS)).to_have_count(PAGE)
    await page.evaluate(COUNTED)
    return page


async def test_a_list_is_read_to_its_end_before_it_is_printed(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    page = await _board(running, served, desk, visits)
    # On the screen each row is as high as what it says, and the page ends where its list does.
    assert await page.evaluate(SHORT) == []
    assert await page.evaluate("() => document.documentElement.scrollHeight - innerHeight") < PAGE * 20
    cut = page.locator("[data-cut]")
    await page.emulate_media(media="print")
    await expect(cut).to_have_text(f"{PAGE} dari {TOTAL} baris")
    await expect(cut).to_be_visible()
    await page.emulate_media(media="screen")
    await expect(cut).to_be_hidden()

    await page.keyboard.press("Control+p")

    await expect(page.locator("html")).to_have_attribute("data-printed", f"rows: {TOTAL}")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(cut).to_have_count(0)
    await page.get_by_role("button", name="Cetak").click()
    await expect(page.locator("html")).to_have_attribute("data-printed", f"rows: {TOTAL} {TOTAL}")


async def test_who_does_not_want_to_wait_prints_what_is_there_or_nothing(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    page = await _board(running, served, desk, visits, may_fail=True)
    going_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await going_on.wait()
        await route.continue_()

    await page.route("**/v1/incidents?*after=*", hold)
    dialog = page.get_by_role("dialog", name="Menyiapkan cetakan")
    await page.get_by_role("button", name="Cetak").click()
    await expect(dialog).to_contain_text(f"{PAGE} dari {TOTAL} baris dimuat")
    assert await faults(page) == []
    await dialog.get_by_role("button", name="Batal").click()
    going_on.set()
    await expect(dialog).to_have_count(0)
    await expect(page.locator("html")).to_have_attribute("data-printed", "rows:")

    await page.unroute("**/v1/incidents?*after=*")
    await page.route("**/v1/incidents?*after=*", lambda route: route.fulfill(status=503, json={"type": "", "title": "sibuk", "status": 503, "code": "queue-full"}))  # fmt: skip
    await page.get_by_role("button", name="Cetak").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Baris selanjutnya belum dapat dimuat.")
    there = await page.locator(ROWS).count()
    await dialog.get_by_role("button", name="Cetak yang sudah dimuat").click()
    await expect(page.locator("html")).to_have_attribute("data-printed", f"rows: {there}")
    await page.emulate_media(media="print")
    await expect(page.locator("[data-cut]")).to_have_text(f"{there} dari {TOTAL} baris")
