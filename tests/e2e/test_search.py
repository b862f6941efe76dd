"""Finding a place, sorting by address, and taking along what is shown, in a real browser."""

from __future__ import annotations

import csv
import re
import zipfile

from playwright.async_api import Page, expect

from posko import db
from tests.client import Client
from tests.e2e.accessible import faults, overhang
from tests.e2e.conftest import Visits
from tests.factories import Small, count, incident, make_account, milestone, report
from tests.running import Running

CHILD = "tr[data-kind=child]"


async def in_order(page: Page, codes: list[str]) -> None:
    for n, code in enumerate(codes):
        await expect(page.locator(CHILD).nth(n)).to_have_attribute("data-code", code)


async def test_a_slash_searches_arrows_choose_and_enter_goes_there(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await visits.sign_in(running, served)

    await page.keyboard.press("/")
    await page.keyboard.type("kecil 2")
    options = page.locator("#hasil-cari [role=option]")
    await expect(options).to_have_count(4)
    await expect(options.nth(1)).to_contain_text("Kelurahan 1-2 · Kecamatan 1")
    await expect(page.get_by_role("search").get_by_role("status")).to_have_text("4 tempat ditemukan")
    await page.keyboard.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_contain_text("TPS 002")
    assert page.url.endswith(f"/{served.kelurahan[1]}.002")
    await expect(options).to_have_count(0)


async def test_enter_does_not_wait_for_the_list_and_a_click_does_as_well(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await visits.sign_in(running, served)

    await page.keyboard.press("/")
    await page.keyboard.type(served.tps[7])
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(re.escape(served.tps[7]) + "$"))

    await page.keyboard.press("/")
    await page.keyboard.type(served.kecamatan[1])
    await page.locator("#hasil-cari [role=option]").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kecamatan 2")


async def test_where_somebody_writes_a_slash_is_a_letter_and_escape_leaves(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await visits.sign_in(running, served)

    await page.keyboard.press("/")
    await page.keyboard.type(f"{served.kelurahan[0]}/3")

    await expect(page.locator("#hasil-cari [role=option]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator("#hasil-cari [role=option]")).to_have_count(0)
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#hasil-cari [role=option]")).to_have_count(1)


async def test_what_is_not_there_or_beyond_the_seat_is_not_found(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    async with server_pool.acquire() as connection:
        await make_account(connection, "carian", "operator", served.kelurahan[0], operation=served.operation)
    page = await visits.enter(running, f"/konsol/#/{served.operation}/{served.kelurahan[0]}", "carian")
    await page.locator("tr[data-kind=total]").wait_for()

    await page.keyboard.press("/")
    await page.keyboard.type("2")
    await expect(page.locator("#hasil-cari [role=option]")).to_have_count(1)
    await page.keyboard.press("Control+A")
    await page.keyboard.type(served.kelurahan[1])

    await expect(page.get_by_role("search").get_by_role("status")).to_have_text(
        "Tidak ada yang cocok di wilayah tugas Anda."
    )


async def test_the_search_has_no_fault_and_fits_a_phone(running: Running, served: Small, visits: Visits) -> None:
    page = await visits.sign_in(running, served)
    await page.keyboard.press("/")
    await page.keyboard.type("kecil 1")
    await expect(page.locator("#hasil-cari [role=option]")).to_have_count(4)

    assert await faults(page) == []
    await page.set_viewport_size({"width": 360, "height": 780})
    assert await overhang(page) <= 0


async def test_how_a_table_is_sorted_is_shared_by_its_address(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await desk.put(report(served.operation, served.tps[9], incident("kritis")))
    page = await visits.sign_in(running, served)

    await page.get_by_role("columnheader", name="Kejadian").get_by_role("button").click()
    await expect(page).to_have_url(re.compile(r"\?urut=incidents&arah=turun$"))
    await in_order(page, served.kecamatan[::-1])
    await page.reload()

    header = page.get_by_role("columnheader", name="Kejadian")
    await expect(header).to_have_attribute("aria-sort", "descending")
    await in_order(page, served.kecamatan[::-1])
    await header.get_by_role("button").click()
    await expect(header).to_have_attribute("aria-sort", "ascending")
    await in_order(page, served.kecamatan)


async def test_the_table_and_the_list_behind_a_number_are_taken_along_as_shown(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await desk.put(report(served.operation, served.tps[9], incident("kritis", text="=1+1")))
    await desk.put(report(served.operation, served.tps[0], milestone("voting_open")))
    await desk.put(report(served.operation, served.tps[0], count("gubernur", [10, 20, 30])))
    page = await visits.sign_in(running, served)
    await page.get_by_role("columnheader", name="Kejadian").get_by_role("button").click()

    async with page.expect_download() as started:
        await page.get_by_role("button", name="Unduh CSV").click()
    table = await started.value
    text = (await table.path()).read_text(encoding="utf-8")
    assert text.startswith("\ufeff")  # else Excel does not take it for UTF-8
    rows = list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))
    assert re.fullmatch(rf"posko-latihan-{served.operation}-rekap-31-72-v\d+\.csv", table.suggested_filename)
    assert [row["Kode"] for row in rows] == [served.root, *served.kecamatan[::-1]]
    shown = await page.locator("tr[data-kind=total] [data-counter='milestone.voting_open.reached']").get_attribute(
        "data-value"
    )
    assert rows[0]["voting_open: tercapai"] == shown == "1"

    await page.goto(f"/konsol/#/{served.operation}/{served.root}/tps/count.gubernur.paslon.3")
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Unduh Excel").click()
    with zipfile.ZipFile(await (await started.value).path()) as book:
        assert "hitung internal, bukan hasil resmi" in book.read("xl/sharedStrings.xml").decode()

    await page.goto(f"/konsol/#/{served.operation}/{served.root}/laporan-kejadian/kritis")
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Unduh CSV").click()
    taken = await started.value
    assert "-laporan-kejadian-31-72-" in taken.suggested_filename
    (row,) = csv.DictReader((await taken.path()).read_text(encoding="utf-8-sig").splitlines())
    assert (row["Kode"], row["Uraian"], row["Saringan"]) == (served.tps[9], "'=1+1", "kritis")

    for view, number, about in (
        ("kejadian?tab=terbuka&tingkat=kritis", 1, "baru, dibuka kembali, diterima, ditangani, kritis"),
        ("petak?warna=voting_open&hanya=reached", 1, "voting_open: tepat waktu"),
        ("alarm?status=berakhir", 0, None),
        ("piket?jenjang=3", 2, "Kecamatan"),
    ):
        # A page of its own: a button of the view before is there until the next one has come.
        await page.goto(f"/konsol/#/{served.operation}/{served.root}/{view}")
        await page.reload()
        async with page.expect_download() as started:
            await page.get_by_role("button", name="Unduh CSV").click()
        taken = list(csv.DictReader((await (await started.value).path()).read_text(encoding="utf-8-sig").splitlines()))
        assert ([row["Saringan"] for row in taken], view) == ([about] * number, view)


async def test_on_paper_the_whole_table_is_there_and_says_what_it_is_of(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await desk.put(report(served.operation, served.tps[0], milestone("voting_open")))
    page = await visits.sign_in(running, served)
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 1047, "height": 740})  # A4 on its side, within its margins

    await expect(page.get_by_text("dicetak oleh supervisor")).to_be_visible()
    await expect(page.get_by_role("search")).to_be_hidden()
    await expect(page.get_by_role("button", name="Unduh CSV")).to_be_hidden()
    table = await page.locator("main table").bounding_box()
    assert table is not None
    assert table["x"] + table["width"] <= 1047
