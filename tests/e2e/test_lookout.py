"""What is urgent is heard and shown wherever in the konsol somebody looks; on the premises of test_board.py."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from posko import db
from tests.client import Client
from tests.e2e.boards import file_incident, open_board
from tests.e2e.conftest import Visits
from tests.factories import Small, close_since
from tests.running import Running

BANNER = "[data-lookout]"
LISTENING = re.compile(r"/v1/(incidents/changes|alarms)\?")


async def _at(page: Page, small: Small, rest: str) -> None:
    await page.evaluate("hash => { location.hash = hash }", f"#/{small.operation}/{rest}")


async def _listens(page: Page, small: Small) -> None:
    """A konsol that knows how things stand, so that what comes now is news; touched, so that it may sound."""
    await page.keyboard.press("Shift")
    await page.locator("[data-listening]").wait_for(state="attached")


async def test_a_critical_incident_is_heard_and_shown_on_every_view_with_the_way_to_it(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    page = await visits.sign_in(running, served)
    await _listens(page, served)
    await file_incident(desk, served, served.tps[5], "tinggi")
    link = page.locator(BANNER).get_by_role("link")
    for n, view in enumerate(("/petak", "/arahan", "/tps/uncovered"), start=1):
        await _at(page, served, f"{served.root}{view}")

        heading = page.get_by_role("heading", level=1)
        await expect(heading).to_be_visible()
        before = await heading.bounding_box()
        case = await file_incident(desk, served, served.tps[n], "kritis", text="kebakaran di TPS")

        await expect(link).to_have_text(re.compile(f"Kejadian kritis baru: #{n + 1} Logistik"), timeout=30_000)
        await expect(page.locator("[data-lookout-said]")).to_contain_text(f"Kejadian kritis baru: #{n + 1}")
        await expect(page.locator(f"{BANNER} [data-played]")).to_have_attribute("data-played", str(n))
        await expect(page).to_have_title(re.compile(r"^\(1\) "))
        assert await heading.bounding_box() == before  # nothing moves away from under a hand
        await link.click()
        await expect(page.locator("article")).to_contain_text("kebakaran di TPS")
        await expect(page.locator(BANNER)).to_have_count(0)
        assert case in page.url


async def test_what_the_board_tells_is_not_told_again_and_what_lies_elsewhere_is(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    page = await open_board(visits, running, served)
    await _listens(page, served)
    await file_incident(desk, served, served.tps[0], "kritis")
    await expect(page.locator("[data-assertive]")).to_contain_text("#1 Logistik")
    await _at(page, served, served.root)
    elsewhere = await file_incident(desk, served, served.tps[3], "kritis")
    await expect(page.locator(f"{BANNER} li")).to_have_count(1, timeout=30_000)
    await expect(page.locator(f"{BANNER} li")).to_have_attribute("data-id", elsewhere)
    await expect(page.locator(f"{BANNER} [data-played]")).to_have_attribute("data-played", "2")


async def test_what_the_banner_has_no_room_for_is_one_link_away_and_the_page_ends_above_it(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    page = await visits.sign_in(running, served)
    await _listens(page, served)
    for n in range(5):
        await file_incident(desk, served, served.tps[n], "kritis")
    more = page.locator(BANNER).get_by_role("link", name="dan 2 lainnya")
    await expect(more).to_be_visible(timeout=30_000)

    await page.set_viewport_size({"width": 360, "height": 640})
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    ends = "document.querySelector('main').lastElementChild.getBoundingClientRect().bottom"
    begins = f"document.querySelector('{BANNER}').getBoundingClientRect().top"
    assert await page.evaluate(f"{ends} <= {begins}")
    await more.click()

    await expect(page.locator("main li[data-status]")).to_have_count(5)


async def test_what_somebody_takes_in_hand_leaves_the_banner(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    page = await visits.sign_in(running, served)
    await _listens(page, served)
    case = await file_incident(desk, served, served.tps[0], "kritis")
    await expect(page.locator(BANNER)).to_be_visible(timeout=30_000)

    status, answer, _ = await desk.ask("PUT", f"/v1/incidents/{case}/acknowledgement", {})

    assert status == 200, answer
    await expect(page.locator(BANNER)).to_have_count(0, timeout=30_000)

    # In an operation that is closed nothing is urgent.
    await file_incident(desk, served, served.tps[1], "kritis")
    await expect(page.locator(BANNER)).to_be_visible(timeout=30_000)
    async with server_pool.acquire() as connection:
        await close_since(connection, served.operation)
    await expect(page.locator("header [data-standing=ended]")).to_be_visible()
    await expect(page.locator(BANNER)).to_have_count(0)
