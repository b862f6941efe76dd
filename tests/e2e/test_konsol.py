"""The konsol in a real browser, on real roles and a small operation (twelve TPS in four kelurahan).

Assumes of tests/conftest.py: `running` (a server for the whole run: `url`, `live_url`), `served` (an operation of the
test's own on it, with an account per role that is named after it).
"""

from __future__ import annotations

import datetime

import aiohttp
from playwright.async_api import Locator, Page, expect

from tests.client import Client
from tests.e2e.accessible import overhang
from tests.e2e.conftest import Visits, fill_in
from tests.factories import Small, count, incident, milestone, report, turnout
from tests.running import Running

TOTAL = "tr[data-kind=total]"
CHILD = "tr[data-kind=child]"
LIVE = "[data-standing=langsung]"
OPENED = "milestone.voting_open.reached"
SOON_MS = 7_000
"""Sooner than whoever is not told, and asks every eight seconds; it takes a tenth of a second where nobody else is busy."""


async def _file(desk: Client, small: Small, place: str, *said: dict[str, object]) -> None:
    for content in said:
        status, body, _ = await desk.put(report(small.operation, place, content))
        assert status == 201, body


def _number(within: Locator, counter: str) -> Locator:
    return within.locator(f"[data-counter='{counter}']").first


async def _values(page: Page, counter: str, rows: str) -> list[int]:
    found = page.locator(rows)
    return [
        int(await _number(found.nth(i), counter).get_attribute("data-value") or -1) for i in range(await found.count())
    ]


async def test_one_operation_is_chosen_by_itself_and_a_wrong_password_is_told(
    alone: Running, small: Small, visits: Visits
) -> None:
    page = await visits.open(alone, may_fail=True)

    await fill_in(page, "bukan-kata-sandinya")
    await expect(page.get_by_role("alert")).to_contain_text("Nama pengguna atau kata sandi salah")
    await fill_in(page, small.password)

    await expect(page.get_by_role("heading", level=1)).to_contain_text("KOTA KECIL")
    assert page.url.endswith(f"#/{small.operation}/{small.root}")


async def test_children_sum_to_the_total_on_the_screen(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    for place in (served.tps[0], served.tps[1], served.tps[7]):
        await _file(desk, served, place, milestone("voting_open"), turnout(40, 50))
    await _file(desk, served, served.tps[3], incident("tinggi"))

    page = await visits.sign_in(running, served)

    for counter, expected in (("covered", 4), ("tps", 12), (OPENED, 3), ("incident.tinggi", 1)):
        assert await _values(page, counter, TOTAL) == [expected], counter
        assert sum(await _values(page, counter, CHILD)) == expected, counter


async def test_what_was_filed_for_a_region_itself_has_a_row_of_its_own(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await _file(desk, served, served.root, incident("kritis"))

    page = await visits.sign_in(running, served)

    assert await _values(page, "incident.kritis", TOTAL) == [1]
    assert await _values(page, "incident.kritis", "tr[data-kind=own]") == [1]
    assert sum(await _values(page, "incident.kritis", CHILD)) == 0


async def test_a_report_shows_at_once_and_is_told_to_those_who_listen(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    page = await visits.sign_in(running, served)
    await expect(page.locator(LIVE)).to_be_visible()
    opened = _number(page.locator(TOTAL), OPENED)
    await expect(opened).to_have_attribute("data-value", "0")

    await _file(desk, served, served.tps[4], milestone("voting_open"))

    await expect(opened).to_have_attribute("data-value", "1", timeout=SOON_MS)
    await expect(page.locator("[data-arrivals]")).to_contain_text("1 laporan baru", timeout=30_000)


async def test_every_number_opens_to_its_tps_and_the_tps_to_its_reports(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await _file(desk, served, served.tps[2], milestone("voting_open"), incident("kritis", text="kotak suara terendam"))
    page = await visits.sign_in(running, served)

    await _number(page.locator(TOTAL), OPENED).click()

    listed = page.locator("main tr[data-code]")
    await expect(listed).to_have_count(1)
    await expect(page.locator("[data-now]")).to_have_attribute("data-now", "1")
    await listed.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("TPS 003")
    await expect(page.get_by_text("kotak suara terendam")).to_be_visible()

    await page.goto(f"/konsol/#/{served.operation}/{served.root}/tps/milestone.voting_open.unreported")
    await expect(listed).to_have_count(11)
    await page.goto(f"/konsol/#/{served.operation}/{served.root}/laporan-kejadian/kritis")
    await expect(page.locator(f"main [data-code='{served.tps[2]}']")).to_contain_text("kotak suara terendam")


async def test_down_the_tree_and_back_by_the_breadcrumb(running: Running, served: Small, visits: Visits) -> None:
    page = await visits.sign_in(running, served)

    await page.get_by_role("link", name="Kecamatan 2").click()
    await page.get_by_role("link", name="Kelurahan 2-1").click()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kelurahan 2-1")
    await expect(page.locator(CHILD)).to_have_count(3)
    trail = page.get_by_role("navigation", name="Jenjang wilayah")
    await expect(trail.get_by_role("listitem")).to_have_text(["KOTA KECIL", "Kecamatan 2", "Kelurahan 2-1"])
    await trail.get_by_role("link", name="Kecamatan 2").click()
    await expect(page.locator(CHILD)).to_have_count(2)
    assert page.url.endswith(served.kecamatan[1])


async def test_a_deep_link_survives_a_reload_and_signing_out_forgets(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await visits.sign_in(running, served, served.kelurahan[3], may_fail=True)
    await page.reload()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kelurahan 2-2")
    await expect(page.locator("[data-standing]")).to_contain_text("WIB sebenarnya")
    for nowhere in ("31.72.09", "51.71"):
        await page.goto(f"/konsol/#/{served.operation}/{nowhere}")
        await expect(page.get_by_role("alert")).to_contain_text(f"{nowhere} tidak ada di operasi ini")
    await page.get_by_role("link", name="Buka wilayah tugas Anda").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("KOTA KECIL")
    await page.goto(f"/konsol/#/{served.operation}/{served.kelurahan[3]}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kelurahan 2-2")
    trail = page.get_by_role("navigation", name="Jenjang wilayah")
    await expect(trail.get_by_role("listitem").first).to_have_text("KOTA KECIL")

    await page.get_by_role("button", name="Keluar").click()
    await expect(page.get_by_label("Kata sandi")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Kata sandi")).to_be_visible()


async def test_votes_always_say_that_they_are_not_official(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await _file(desk, served, served.tps[0], count("gubernur", [10, 20, 30]))
    page = await visits.sign_in(running, served)

    await expect(page.get_by_role("region", name="Gubernur")).to_contain_text("hitung internal, bukan hasil resmi")
    votes = _number(page.locator("main"), "count.gubernur.paslon.3")
    await expect(votes).to_have_attribute("data-value", "30")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("region", name="Governor")).to_contain_text("hitung internal, bukan hasil resmi")
    assert await page.evaluate("document.documentElement.lang") == "en"
    await votes.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("hitung internal, bukan hasil resmi")


async def test_a_cut_connection_is_said_fetched_around_and_mended(alone: Running, small: Small, visits: Visits) -> None:
    page = await visits.sign_in(alone, small, may_fail=True)
    await expect(page.locator(LIVE)).to_be_visible()

    alone.kill("live")
    await expect(page.locator(LIVE)).to_have_count(0, timeout=SOON_MS)
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, alone.url).sign_in("operator")
        await _file(desk, small, small.tps[5], milestone("voting_open"))
    opened = _number(page.locator(TOTAL), OPENED)
    await expect(opened).to_have_attribute("data-value", "1", timeout=40_000)

    alone.start("live")
    alone.wait_ready("live")
    await expect(page.locator(LIVE)).to_be_visible(timeout=60_000)


async def test_a_drill_begins_with_a_guide_that_is_dismissed_for_good(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await visits.open(running, f"/konsol/#/{served.operation}/{served.root}", guide=True)
    await fill_in(page, served.password)
    guide = page.get_by_role("region", name="Petunjuk")

    await expect(guide).to_contain_text("Petunjuk 1 dari 4")
    await expect(guide).to_contain_text("Ini latihan")
    await page.keyboard.press("Tab")
    await guide.get_by_role("button", name="Lanjut").press("Enter")
    await expect(guide.get_by_role("heading")).to_be_focused()
    await expect(guide).to_contain_text("Petunjuk 2 dari 4")
    await guide.get_by_role("button", name="Lewati").click()

    await expect(guide).to_have_count(0)
    await page.reload()
    await page.locator(TOTAL).wait_for()
    await expect(guide).to_have_count(0)


async def test_a_table_sorts_by_keyboard_and_says_how(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await _file(desk, served, served.tps[9], incident("kritis"))
    page = await visits.sign_in(running, served)
    header = page.get_by_role("columnheader", name="Kejadian")

    await header.get_by_role("button").focus()
    await page.keyboard.press("Enter")

    await expect(header).to_have_attribute("aria-sort", "descending")
    await expect(page.locator(CHILD).first).to_have_attribute("data-code", served.kecamatan[1])


async def test_a_phone_never_scrolls_sideways(running: Running, served: Small, desk: Client, visits: Visits) -> None:
    await _file(desk, served, served.tps[0], milestone("voting_open"), count("gubernur", [10, 20, 30]))
    page = await visits.sign_in(running, served)

    await page.set_viewport_size({"width": 360, "height": 740})
    for place, name in (
        (served.kelurahan[0], "Kelurahan 1-1"),
        (served.tps[0], "TPS 001"),
        (served.root, "KOTA KECIL"),
    ):
        await page.goto(f"/konsol/#/{served.operation}/{place}")
        await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        assert await overhang(page) <= 0, place


async def test_the_tiles_follow_incidents_and_a_late_engine_is_said_in_red(
    alone: Running, small: Small, visits: Visits
) -> None:
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, alone.url).sign_in("operator")
        await _file(desk, small, small.tps[0], incident("kritis"))
        page = await visits.sign_in(alone, small)
        await expect(page.locator("[data-counter='case.open']")).to_have_attribute("data-value", "1")
        case = (await desk.get(f"/v1/incidents?operation={small.operation}"))["rows"][0]["id"]
        await expect(page.locator("[aria-labelledby=gravest] li")).to_contain_text("#1 ")
        for noun, body in (("acknowledgement", {}), ("resolution", {"said": "sudah selesai"})):
            assert (await desk.ask("PUT", f"/v1/incidents/{case}/{noun}", body))[0] == 200
        await expect(page.locator("[aria-labelledby=gravest]")).to_contain_text("Tidak ada kejadian yang terbuka")
        await expect(page.locator("[data-counter='case.open']")).to_have_attribute("data-value", "0")
        # No `work` runs here: what falls due is not done.
        await _file(desk, small, small.tps[1], incident("kritis"))
        await expect(page.locator("[data-counter='case.open']")).to_have_attribute("data-value", "1")
        boss = await Client(http, alone.url).sign_in("supervisor")
        later = {"at": (datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=2)).isoformat(), "speed": 1}
        assert (await boss.ask("PUT", f"/v1/operations/{small.operation}/clock", later))[0] == 200
        await expect(page.get_by_role("alert")).to_contain_text("terlambat", timeout=60_000)
