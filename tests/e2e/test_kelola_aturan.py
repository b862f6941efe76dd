"""The rules of an operation on the admin's page, in a real browser: read, changed with what changes shown, never written over."""

from __future__ import annotations

import aiohttp
from playwright.async_api import Page, expect

from tests.client import Client
from tests.e2e.conftest import Visits
from tests.factories import Small
from tests.running import Running


async def _enter(visits: Visits, server: Running, small: Small, part: str = "", *, may_fail: bool = False) -> Page:
    page = await visits.enter(server, f"/kelola/#/aturan/{small.operation}/{part}", "admin", may_fail=may_fail)
    await expect(page.get_by_role("navigation", name="Bagian aturan")).to_be_visible()
    return page


async def test_minutes_of_a_ladder_are_changed_after_what_changes_was_shown(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await _enter(visits, running, served)
    rule = page.locator("[data-rule='kritis']")
    before = "0 mnt kelurahan/desa → 3 mnt kecamatan → 8 mnt kabupaten/kota → 18 mnt provinsi → 38 mnt nasional"
    await expect(rule.locator("p.ladder")).to_have_text(before)
    await expect(rule.locator("figure .rung")).to_have_count(5)
    await rule.get_by_role("button", name="Ubah kritis").click()
    await rule.locator("[data-step='1'] input").fill("4")
    await rule.get_by_label("Diulang").fill("3")
    await page.get_by_role("button", name="Lihat 2 perubahan").click()
    dialog = page.get_by_role("dialog", name="Perubahan untuk versi 1")
    await expect(dialog.locator("[data-change=steps] del")).to_have_text(before)
    await expect(dialog.locator("[data-change=steps] ins")).to_contain_text("4 mnt kecamatan → 9 mnt kabupaten/kota")
    await expect(dialog.locator("[data-change=repeats]")).to_contain_text("3 kali")
    await dialog.get_by_role("button", name="Simpan versi 1").click()
    await expect(page.get_by_text("Tersimpan sebagai versi 1.")).to_be_visible()
    await expect(page.locator("[data-version='1']")).to_be_visible()
    await expect(rule.locator("p.ladder")).to_contain_text("4 mnt kecamatan")

    async with aiohttp.ClientSession() as http:
        admin = await Client(http, running.url).sign_in("admin")
        kept = await admin.get(f"/v1/operations/{served.operation}/rules")
    first = kept["rules"][0]
    assert (kept["version"], first["steps"][1]["after_s"], first["repeats"]) == (1, 240, 3)
    assert first["steps"][1]["channels"], "who changes minutes does not lose the channels"


async def test_whoever_saved_meanwhile_is_not_written_over(running: Running, served: Small, visits: Visits) -> None:
    page = await _enter(visits, running, served, may_fail=True)
    await page.get_by_role("button", name="Ubah rendah").click()
    await page.locator("[data-rule='rendah']").get_by_label("Selesai dalam").fill("700")
    path = f"/v1/operations/{served.operation}/rules"
    async with aiohttp.ClientSession() as http:
        other = await Client(http, running.url).sign_in("supervisor")
        theirs = await other.get(path)
        theirs["rules"][0]["name"] = "gawat"
        assert (await other.ask("PUT", f"{path}?version=0", theirs["rules"]))[0] == 200
        assert (await other.ask("PUT", f"{path}?version=0", theirs["rules"]))[0] == 409
    await page.get_by_role("button", name="Lihat 1 perubahan").click()
    await page.get_by_role("button", name="Simpan versi 1").click()
    await expect(page.get_by_text("Orang lain menyimpan versi baru")).to_be_visible()
    await page.get_by_role("button", name="Muat versi baru").click()
    await expect(page.locator("[data-rule='gawat']")).to_be_visible()


async def test_what_the_server_refuses_of_a_rule_is_shown_at_its_field(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await _enter(visits, running, served, may_fail=True)
    await page.get_by_role("button", name="Ubah tinggi").click()
    rule = page.locator("[data-rule='tinggi']")
    await rule.get_by_label("Diterima dalam").fill("99999")
    await rule.get_by_role("button", name="Selesai mengubah").click()
    await page.get_by_role("button", name="Lihat 1 perubahan").click()
    await page.get_by_role("button", name="Simpan versi 1").click()
    await expect(rule.get_by_label("Diterima dalam")).to_have_attribute("aria-invalid", "true")
    await rule.get_by_label("Diterima dalam").fill("10")
    await page.get_by_role("button", name="Buang perubahan").click()

    await page.get_by_role("button", name="Ubah rendah").click()
    await page.get_by_role("button", name="Hapus aturan rendah").click()
    await page.get_by_role("button", name="Ya, hapus aturan").click()
    await page.get_by_role("button", name="Lihat 1 perubahan").click()
    await expect(page.locator("[data-change=removed]")).to_contain_text("rendah")
    await page.get_by_role("button", name="Simpan versi 1").click()
    await expect(page.get_by_text("Harus ada aturan yang cocok untuk setiap tingkat")).to_be_visible()


async def test_duties_patterns_weights_and_categories_are_set(running: Running, served: Small, visits: Visits) -> None:
    page = await _enter(visits, running, served, "piket")
    kecamatan = page.locator("[data-level=kecamatan]")
    await expect(kecamatan).to_contain_text("tidak ada kewajiban")
    await kecamatan.get_by_role("button", name="Tetapkan").click()
    await kecamatan.get_by_label("Setiap … menit").fill("45")
    await kecamatan.get_by_role("button", name="Simpan kewajiban").click()
    await expect(kecamatan).to_contain_text("setiap 45 menit · 2 meja")
    await kecamatan.get_by_role("button", name="Hentikan").click()
    await kecamatan.get_by_role("button", name="Ya, hentikan").click()
    await expect(kecamatan).to_contain_text("tidak ada kewajiban")

    for part, label, change in (
        ("Pola pengamanan", "sangat rawan: Polri", "sangat_rawan polri"),
        ("Bobot prioritas", "Tanda terbuka: Poin", "flag points"),
    ):
        await page.get_by_role("link", name=part).click()
        field = page.get_by_label(label)
        await field.fill("3" if await field.input_value() != "3" else "4")
        await page.get_by_role("button", name="Lihat 1 perubahan").click()
        await expect(page.locator(f"[data-change='{change}']")).to_be_visible()
        await page.get_by_role("button", name="Simpan versi 1").click()
        await expect(page.get_by_text("Tersimpan sebagai versi 1.")).to_be_visible()

    await page.get_by_role("link", name="Kategori dan tahap").click()
    await page.locator("[data-category=logistik]").get_by_role("button", name="Tambah di bawahnya").click()
    made = page.locator("[data-category='logistik.']")
    await made.get_by_label("Nama (Indonesia)").fill("Tinta habis")
    await made.get_by_label("Nama (Inggris)").fill("Out of ink")
    await made.get_by_label("Kode").fill("logistik.tinta")
    await page.get_by_role("button", name="Lihat 1 perubahan").click()
    await page.get_by_role("button", name="Simpan versi").click()
    await expect(page.get_by_text("Tersimpan sebagai versi")).to_be_visible()
    async with aiohttp.ClientSession() as http:
        admin = await Client(http, running.url).sign_in("admin")
        found = await admin.get(f"/v1/operations/{served.operation}/categories")
    assert {"code": "logistik.tinta", "label_id": "Tinta habis", "label_en": "Out of ink"} in found["categories"]
