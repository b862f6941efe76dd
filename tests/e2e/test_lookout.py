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

        case = await file_incident(desk, served, served.tps[n], "kritis", text="kebakaran di TPS")

        await expect(link).to_have_text(re.compile(f"Kejadian kritis baru: #{n + 1} Logistik"), timeout=30_000)
        await expect(page.locator("[data-lookout-said]")).to_contain_text(f"Kejadian kritis baru: #{n + 1}")
        await expect(page.locator(f"{BANNER} [data-played]")).to_have_attribute("data-played", str(n))
        await expect(page).to_have_title(re.compile(r"^\(1\) "))
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
