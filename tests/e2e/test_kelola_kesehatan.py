"""Health on the admin's page, in a real browser: every part, what is lost, and the loss of the server itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from posko.embedded import Embedded
from tests.e2e.conftest import Visits, fill_in
from tests.factories import PASSWORD, Small
from tests.running import Running, apart

PATIENCE_MS = 60_000


@pytest.fixture
def whole(database: str, small: Small, services: Embedded, tmp_path: Path) -> Iterator[Running]:
    """All three roles, which may be killed."""
    roles = ("serve", "live", "work")
    with Running(database, apart(services.redis_url), tmp_path, roles=roles, POSKO_WORK_METRICS_PORT="0") as found:
        yield found


async def _enter(visits: Visits, server: Running) -> Page:
    page = await visits.enter(server, "/kelola/#/kesehatan", "admin", may_fail=True)
    await expect(page.locator("[data-part=database]")).to_be_visible()
    return page


async def test_every_part_is_told_and_a_worker_that_dies(whole: Running, visits: Visits) -> None:
    page = await _enter(visits, whole)
    for part in ("database", "redis", "intake", "late", "workers", "hubs", "photos", "webhooks"):
        await expect(page.locator(f"[data-part={part}][data-grade=good]")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.locator("[data-part=workers]")).to_contain_text("1 proses")
    await expect(page.locator("[data-part=messages]")).to_contain_text("POSKO_SMTP_URL")
    await expect(page.locator("tbody tr")).to_have_count(11)

    whole.kill("work")
    silent = page.locator("[data-part=workers][data-state=silent]")
    await expect(silent).to_contain_text("jalankan lagi proses work", timeout=PATIENCE_MS)
    await expect(page.locator("[data-whole=bad]")).to_contain_text("bermasalah")


async def test_the_loss_of_the_server_itself_is_told_and_its_coming_back(alone: Running, visits: Visits) -> None:
    page = await _enter(visits, alone)
    await expect(page.locator("[data-age=live]")).to_be_visible()
    alone.kill("serve")
    await expect(page.locator("[data-whole=bad]")).to_have_text("✕ Server tidak menjawab", timeout=PATIENCE_MS)
    await expect(page.locator("[data-age=lost]")).to_contain_text("yang terlihat sudah lama")
    alone.start("serve")
    alone.wait_ready("serve")
    await expect(page.locator("[data-age=live]")).to_be_visible(timeout=PATIENCE_MS)


async def test_without_a_database_the_page_says_what_is_down_and_comes_back(
    running: Running, served: Small, visits: Visits
) -> None:
    """Sessions are read from the database: only what the server says to everybody is left."""
    page = await _enter(visits, running)
    down = {"ready": False, "database": "down", "redis": "up"}
    problem = {"type": "x", "title": "x", "status": 503, "code": "database-down"}
    await page.route("**/v1/sessions/current", lambda route: route.fulfill(status=503, json=problem))
    await page.route("**/health/ready", lambda route: route.fulfill(status=503, json=down))
    await page.reload()

    await expect(page.locator("[data-part=database]")).to_contain_text("Periksa PostgreSQL")
    await expect(page.locator("[data-part=redis][data-state=up]")).to_be_visible()
    await expect(page.get_by_role("navigation", name="Bagian")).to_be_visible()
    await page.unroute_all()
    await expect(page.locator("[data-age=live]")).to_be_visible(timeout=PATIENCE_MS)


async def test_who_is_no_admin_is_sent_elsewhere(running: Running, served: Small, visits: Visits) -> None:
    page = await visits.open(running, "/kelola/#/kesehatan")
    await fill_in(page, PASSWORD, "supervisor")
    await expect(page.get_by_text("Halaman ini untuk admin")).to_be_visible()
    await expect(page.locator("[data-part]")).to_have_count(0)
