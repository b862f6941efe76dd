"""Webhooks on the admin's page, in a real browser, with a real worker and a real receiver."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from posko.embedded import Embedded
from tests.client import Client
from tests.e2e.conftest import Visits
from tests.e2e.phones import until
from tests.factories import Small, incident, report, uuid7
from tests.running import Running, apart
from tests.webhooks.ground import Receiver

PATIENCE_MS = 60_000


@pytest.fixture
def posko(database: str, small: Small, services: Embedded, tmp_path: Path) -> Iterator[Running]:
    """`serve` and `work` that may speak to loopback."""
    with Running(
        database,
        apart(services.redis_url),
        tmp_path,
        roles=("serve", "work"),
        POSKO_WEBHOOK_INSECURE_LOOPBACK="true",
        POSKO_WORK_METRICS_PORT="0",
    ) as found:
        yield found


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().serving() as found:
        yield found


async def _enter(visits: Visits, server: Running, section: str = "#/webhook") -> Page:
    page = await visits.enter(server, f"/kelola/{section}", "admin")
    await expect(page.get_by_role("navigation", name="Bagian")).to_be_visible()
    return page


async def _add(page: Page, receiver: Receiver) -> None:
    await page.get_by_role("link", name="Tambah penerima").first.click()
    await expect(page.locator("[data-region='31.72']")).to_be_visible()
    await page.get_by_label("Nama penerima").fill("Dasbor Diskominfo")
    await page.get_by_label("Alamat (URL)").fill(receiver.url())
    await page.locator("input[value='incident.*']").check()
    await expect(page.locator("input[value='incident.opened']")).to_be_checked()
    await page.get_by_role("button", name="Tambah penerima").click()


async def test_a_receiver_is_added_proves_itself_fails_and_gets_again_what_it_missed(
    posko: Running, visits: Visits, receiver: Receiver
) -> None:
    page = await _enter(visits, posko)
    await expect(page.get_by_role("heading", name="Belum ada penerima")).to_be_visible()
    await _add(page, receiver)

    secret = await page.locator("[data-secret]").inner_text()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{32,}", secret)
    await page.get_by_role("link", name="Buka penerima").click()
    await expect(page.locator("[data-standing=unverified]")).to_be_visible()
    assert secret not in await page.content()

    await page.get_by_role("button", name="Kirim tantangan").click()
    await expect(page.locator("[data-standing=active]")).to_be_visible(timeout=PATIENCE_MS)
    assert receiver.challenged == ["/hook"]

    receiver.answers = lambda _: 422
    await page.get_by_role("button", name="Kirim uji").click()
    test = page.locator("[data-type='endpoint.test']")
    await test.get_by_role("button", name="Percobaan").click()
    refused = test.locator("[data-outcome=refused]").first
    await expect(refused).to_contain_text("ditolak (422)", timeout=PATIENCE_MS)
    await expect(refused).to_contain_text("said said")
    await expect(page.locator("[data-outcome=refused] strong").first).not_to_have_text("0")

    await expect(test).to_have_attribute("data-state", "dead", timeout=PATIENCE_MS)
    await expect(test.locator("[data-attempt]")).to_have_count(3, timeout=PATIENCE_MS)

    receiver.answers, before = (lambda _: 200), len(receiver.received)
    await test.get_by_role("button", name="Kirim ulang").click()
    await receiver.until(lambda: len(receiver.received) > before)
    await expect(test).to_have_attribute("data-state", "delivered", timeout=PATIENCE_MS)
    assert [got.headers["webhook-id"] for got in receiver.received] == [await test.get_attribute("data-delivery")] * 4
    await expect(test.locator("[data-outcome=good]").first).to_contain_text("diterima (200)", timeout=PATIENCE_MS)


async def test_what_is_wrong_with_an_address_is_said_at_its_field(
    posko: Running, visits: Visits, receiver: Receiver
) -> None:
    page = await visits.enter(posko, "/kelola/#/webhook/baru", "admin", may_fail=True)
    await page.get_by_role("searchbox", name="Wilayah").fill("31.72.02")
    await page.locator("button.hit[data-code='31.72.02']").click()
    await expect(page.locator("[data-region='31.72.02']")).to_contain_text("Kecamatan 2")
    await page.get_by_label("Nama penerima").fill("dasbor")
    await page.get_by_label("Alamat (URL)").fill("http://contoh.go.id/hook")
    await page.locator("input[value='*']").check()
    await page.get_by_role("button", name="Tambah penerima").click()
    await expect(page.get_by_label("Alamat (URL)")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("Alamat harus dimulai dengan https://")).to_be_visible()
    await page.get_by_label("Alamat (URL)").fill(receiver.url())
    await page.get_by_role("button", name="Tambah penerima").click()
    await expect(page.locator("[data-secret]")).to_be_visible()


async def _is_paged(deliveries: Locator, more: Locator, shown: int) -> bool:
    return await deliveries.count() > shown or await more.count() == 0


async def test_what_was_for_a_receiver_is_paged_on_to_its_end(
    posko: Running, small: Small, visits: Visits, receiver: Receiver
) -> None:
    page = await _enter(visits, posko)
    await _add(page, receiver)
    await page.get_by_role("link", name="Buka penerima").click()
    await page.get_by_role("button", name="Kirim tantangan").click()
    await expect(page.locator("[data-standing=active]")).to_be_visible(timeout=PATIENCE_MS)
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, posko.url).sign_in("operator")
        for _ in range(2):
            said = [
                {"id": str(uuid7()), **report(small.operation, small.tps[n % 12], incident("rendah"))}
                for n in range(120)
            ]
            assert (await desk.ask("POST", "/v1/reports", said))[0] == 200
    deliveries = page.locator("[data-delivery]")
    more = page.get_by_role("button", name="Muat lagi")
    await expect(deliveries).to_have_count(100, timeout=PATIENCE_MS)
    await more.click()
    await expect(deliveries).to_have_count(200)
    # 240 incidents, the challenge, and what else was told meanwhile; each once.
    while await more.count() > 0:
        shown = await deliveries.count()
        await more.click()
        await until(lambda n=shown: _is_paged(deliveries, more, n))
    ids = await deliveries.evaluate_all("all => all.map(each => each.dataset.delivery)")
    assert len(ids) == len(set(ids)) >= 240


async def test_a_receiver_is_held_with_a_reason_let_go_changed_and_removed(
    posko: Running, visits: Visits, receiver: Receiver
) -> None:
    page = await _enter(visits, posko, "#/webhook/baru")
    await page.goto(f"{posko.url}/kelola/#/webhook")
    await _add(page, receiver)
    first = await page.locator("[data-secret]").inner_text()
    await page.get_by_role("link", name="Buka penerima").click()
    await page.get_by_role("button", name="Kirim tantangan").click()
    await expect(page.locator("[data-standing=active]")).to_be_visible(timeout=PATIENCE_MS)

    await page.get_by_role("button", name="Tahan").click()
    dialog = page.get_by_role("dialog", name="Tahan")
    await dialog.get_by_role("button", name="Tahan").click()
    await expect(dialog.get_by_text("sedikitnya tiga huruf")).to_be_visible()
    await dialog.get_by_label("Alasan").fill("pindah mesin")
    await dialog.get_by_role("button", name="Tahan").click()
    await expect(page.locator("[data-standing=paused]")).to_be_visible()
    await expect(page.locator("[data-why]")).to_contain_text("pindah mesin")
    await page.get_by_role("button", name="Lanjutkan").click()
    await expect(page.locator("[data-standing=active]")).to_be_visible()

    await page.get_by_role("button", name="Ganti rahasia").click()
    await page.get_by_role("button", name="Ya, ganti rahasia").click()
    assert await page.locator("[data-secret]").inner_text() != first
    await expect(page.get_by_text("(2 kunci berlaku)")).to_be_visible()

    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    second = await page.locator("[data-secret]").inner_text()
    await page.get_by_role("button", name="Salin").click()
    await expect(page.get_by_role("button", name="Tersalin")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == second
    await page.get_by_role("button", name="Ganti rahasia").click()
    await page.get_by_role("button", name="Ya, ganti rahasia").click()
    await expect(page.locator("[data-secret]")).not_to_have_text(second)
    await expect(page.get_by_role("button", name="Salin", exact=True)).to_be_visible()

    await page.get_by_role("button", name="Ubah").click()
    await page.get_by_label("Alamat (URL)").fill(receiver.url("lain"))
    await expect(page.get_by_text("tidak ada yang dikirim sampai tantangan dijawab lagi")).to_be_visible()
    await page.get_by_role("button", name="Simpan perubahan").click()
    await expect(page.locator("[data-standing=unverified]")).to_be_visible()

    await page.get_by_role("button", name="Hapus penerima").click()
    await page.get_by_role("button", name="Ya, hapus penerima").click()
    await expect(page.get_by_role("heading", name="Belum ada penerima")).to_be_visible()

    # What it was sent stays to be looked at; nothing can be done to it any more.
    await page.get_by_role("checkbox", name="Yang sudah dihapus").check()
    row = page.locator("[data-endpoint]")
    await expect(row.locator("[data-standing=removed]")).to_be_visible()
    await row.get_by_role("link").click()
    await expect(page.locator("[data-why]")).to_contain_text("Tidak ada lagi yang dikirim")
    delivery = page.locator("[data-delivery]").first
    await delivery.get_by_role("button", name="Percobaan").click()
    await expect(delivery.locator("[data-attempt]").first).to_be_visible()
    for act in ("Ubah", "Hapus penerima", "Kirim ulang", "Lepaskan"):
        await expect(page.get_by_role("button", name=act)).to_have_count(0)
