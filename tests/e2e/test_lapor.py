"""The officer's page in a real browser: what is due, the forms, what became of them, directives, the desk, paper."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Route, expect

from posko import db, pages
from tests.client import Client
from tests.e2e.accessible import faults
from tests.e2e.conftest import Visits, fill_in
from tests.e2e.phones import SCREEN, kept, new_account, until, until_begun
from tests.factories import PASSWORD, WIB, Small, make_account, make_small, milestone, report, uuid7
from tests.photos.pictures import file_of, picture
from tests.running import Running

Opener = Callable[..., Awaitable[Page]]


@pytest.fixture
async def ground(served: Small, server_pool: db.Pool) -> Small:
    """The small operation on the morning of its day: it is 07:03 at its TPS, and they owe what they owe."""
    async with server_pool.acquire() as connection:
        await connection.execute("select api.lay_obligations($1)", served.operation)
    await _it_is(server_pool, served, 7, 3)
    return served


@pytest.fixture
def enter(running: Running, ground: Small, server_pool: db.Pool, visits: Visits) -> Opener:
    """Opens the page on a phone as somebody new, signed in; by default the petugas of the first TPS."""

    async def opened(
        role: str = "petugas", *scope: str, at: str = "#/", may_fail: bool = False, guide: bool = False
    ) -> Page:
        username = f"{role}-{secrets.token_hex(4)}"
        async with server_pool.acquire() as connection:
            await make_account(connection, username, role, *(scope or (ground.tps[0],)), operation=ground.operation)
        page = await visits.enter(running, "/icon.svg", username, may_fail=may_fail, screen=SCREEN)
        if not guide:
            await page.evaluate("localStorage.setItem('posko.lapor.guide', '1')")
        await page.goto(f"/lapor/{at}")
        await expect(page.get_by_role("navigation", name="Bagian")).to_be_visible()
        return page

    return opened


async def _it_is(pool: db.Pool, small: Small, hour: int, minute: int) -> None:
    at = datetime.datetime(2024, 11, 27, hour, minute, tzinfo=WIB)
    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.operation set clock_at = $2, clock_set_at = posko.now(), clock_speed = 1 where id = $1",
            small.operation, at,
        )  # fmt: skip


async def test_the_server_is_asked_once_and_before_the_page_is_there(
    running: Running, ground: Small, server_pool: db.Pool, visits: Visits
) -> None:
    page = await visits.enter(running, "/icon.svg", await new_account(server_pool, ground))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path) if "/v1/" in request.url else None)
    was_asked = asyncio.Event()
    page.on("request", lambda request: was_asked.set() if "/v1/field" in request.url else None)

    async def late(route: Route) -> None:
        await was_asked.wait()
        await route.continue_()

    await page.route("**/assets/lapor-*.js", late)
    await page.goto("/lapor/")

    await expect(page.get_by_role("banner")).to_contain_text(ground.tps[0])
    assert asked == ["/v1/field"]


KEPT_AHEAD = """new Promise((kept) => {
  const look = async () => (await navigator.serviceWorker.getRegistration('/lapor/'))?.active?.state === 'activated' ? kept() : setTimeout(look, 50)
  void look()
})"""


async def test_it_is_kept_while_one_signs_in_and_opens_at_once(
    running: Running, ground: Small, server_pool: db.Pool, visits: Visits
) -> None:
    async with server_pool.acquire() as connection:
        username = f"petugas-{secrets.token_hex(4)}"
        await make_account(connection, username, "petugas", ground.tps[0], operation=ground.operation)
    page = await visits.open(running, "/masuk/?ke=/lapor/")
    await page.evaluate(KEPT_AHEAD)
    asked: list[str] = []
    page.on("response", lambda answer: None if answer.from_service_worker else asked.append(answer.url))

    await fill_in(page, PASSWORD, username)
    await expect(page.get_by_role("navigation", name="Bagian")).to_be_visible()

    await expect(page.get_by_role("button", name="Buka 07.0")).to_be_visible()
    assert [url for url in asked if "/v1/" not in url] == []
    assert [urlsplit(url).path for url in asked if "/v1/sessions" not in url] == ["/v1/field"]
    # Opened again, it is asked once more, for what is new.
    await page.wait_for_function("() => localStorage.getItem('posko.lapor.question') !== null")
    asked.clear()
    async with page.expect_response("**/v1/field?*") as answer:
        await page.reload()
    await expect(page.get_by_role("button", name="Buka 07.0")).to_be_visible()
    assert set(await (await answer.value).json()) == {"marks", "operation", "place", "clock"}
    assert len([url for url in asked if "/v1/" in url]) == 1
    # A page that its worker has not seen open is taken up by it all the same.
    chrome = await page.context.new_cdp_session(page)
    await chrome.send("Page.reload", {"ignoreCache": True})
    await expect(page.get_by_role("button", name="Buka 07.0")).to_be_visible()
    await page.wait_for_function("() => navigator.serviceWorker.controller !== null")


async def _reports(pool: db.Pool, small: Small) -> list[dict[str, Any]]:
    """What is in PostgreSQL, what is terbatas too, the first first."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(
            "select r.id::text, n.code as place, r.body::jsonb #>> '{content,kind}' as kind, r.body::jsonb as body,"
            " r.observed_at, r.corrects::text from posko.report r join posko.node n on n.id = r.node_id"
            " join posko.operation o on o.id = r.operation_id"
            " where $1 in (o.id, o.restricts) order by r.received_at, r.id",
            small.operation,
        )
    return [{**row, "body": json.loads(row["body"])} for row in rows]


async def test_what_is_tapped_before_the_phones_disk_is_there_is_not_kept_and_said_so_or_waits_for_it(
    running: Running, ground: Small, server_pool: db.Pool, visits: Visits
) -> None:
    disk = "**/assets/{disk,shelf}-*.js"
    page = await visits.enter(
        running, "/icon.svg", await new_account(server_pool, ground), may_fail=True, screen=SCREEN
    )
    await page.add_init_script("delete Navigator.prototype.serviceWorker")  # or it would have all of it kept
    await page.route(disk, lambda route: route.abort())
    await page.goto("/lapor/")
    button = page.get_by_role("button", name="Buka 07.0")

    await button.click()
    await expect(page.get_by_role("alert").filter(has_text="belum tersimpan")).to_be_visible()
    await expect(button).to_be_enabled()
    assert await _reports(server_pool, ground) == []

    is_there = asyncio.Event()

    async def late(route: Route) -> None:
        await is_there.wait()
        await route.continue_()

    await page.unroute(disk)
    await page.route(disk, late)
    await page.reload()
    await button.click()
    await expect(button).to_be_disabled()
    is_there.set()

    await expect(page.locator("[data-standing=diterima]")).to_contain_text("tanda terima")
    assert len(await _reports(server_pool, ground)) == 1


async def _fill(page: Page, **numbers: int) -> None:
    for name, number in numbers.items():
        await page.locator(f"[name={name}]").fill(str(number))


async def test_one_tap_files_what_is_due_and_the_receipt_is_shown(
    enter: Opener, ground: Small, server_pool: db.Pool
) -> None:
    page = await enter()
    await page.evaluate(OFFERED)
    install = page.get_by_role("region", name="Pasang di layar utama")

    await page.get_by_role("button", name="Buka 07.0").click()

    item = page.locator("[data-standing=diterima]")
    await expect(item).to_contain_text("tanda terima")
    (row,) = await _reports(server_pool, ground)
    assert (row["place"], row["kind"]) == (ground.tps[0], "milestone")
    assert row["body"]["content"] == {"kind": "milestone", "milestone": "voting_open"}
    assert row["observed_at"].astimezone(WIB).strftime("%F %H") == "2024-11-27 07"
    assert row["body"]["observed_at"].endswith("+07:00")
    assert await item.get_attribute("data-item") == row["id"]
    await expect(page.locator("[data-task=voting_open]")).to_have_attribute("data-when", "selesai")
    await install.get_by_role("button", name="Jangan tampilkan lagi").click()
    await expect(install).to_have_count(0)
    assert await page.evaluate("localStorage.getItem('posko.lapor.install')") == "1"
    await page.get_by_role("link", name="Menu").click()
    await install.get_by_role("button", name="Pasang").click()
    await expect(install).to_have_count(0)
    await expect(page.locator("#isi")).to_be_focused()
    assert await page.evaluate("hasPrompted")


OFFERED = """() => {
    const prompt = async () => { window.hasPrompted = true }
    dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt }))
}"""
"""The browser offers to install the page, as Chromium does."""

SHOWN = """() => {
    const shown = new Set(JSON.parse(sessionStorage.getItem('shown') ?? '[]'))
    new MutationObserver(() => {
        const button = document.querySelector('[data-milestone]')
        if (button) shown.add(button.dataset.milestone + ' ' + button.textContent.slice(0, 8))
        sessionStorage.setItem('shown', JSON.stringify([...shown]))
    }).observe(document, { childList: true, subtree: true, characterData: true })
}"""
"""Keeps what the page has ever offered as due."""


TURNS = """
() => {
  window.turns = []
  const button = document.querySelector('[data-milestone]')
  const look = () => window.turns.push([button.dataset.milestone, button.ariaDisabled])
  look()
  new MutationObserver(look).observe(button, { attributes: true, attributeFilter: ['data-milestone', 'aria-disabled'] })
}"""


async def test_what_comes_under_the_thumb_by_itself_takes_no_tap_at_once(
    enter: Opener, ground: Small, desk: Client
) -> None:
    page = await enter()
    button = page.locator("[data-milestone]")
    first = await button.get_attribute("data-milestone")
    assert first is not None
    await page.evaluate(TURNS)

    status, answer, _ = await desk.put(report(ground.operation, ground.tps[0], milestone(first)))
    assert status == 201, answer
    await page.evaluate("dispatchEvent(new Event('online'))")

    await expect(button).not_to_have_attribute("data-milestone", first, timeout=70_000)
    following = await button.get_attribute("data-milestone")
    await expect(button).to_have_attribute("aria-disabled", "false")
    assert await page.evaluate("window.turns") == [[first, "false"], [following, "true"], [following, "false"]]


async def test_what_is_due_is_so_by_the_drills_clock_from_the_first_moment_on(
    enter: Opener, ground: Small, server_pool: db.Pool
) -> None:
    page = await enter("petugas", at="#/arahan")
    await page.context.add_init_script(f"({SHOWN})()")
    for _ in range(2):  # with a network, and out of what the phone remembers
        await page.goto("/lapor/#/")
        await page.reload()
        await page.get_by_role("button", name="Buka 07.0").wait_for()
        await page.wait_for_load_state("networkidle")

    assert await page.evaluate("JSON.parse(sessionStorage.getItem('shown'))") == ["voting_open Buka 07."]
    await expect(page.get_by_text(re.compile(r"diperbarui .*\(jam sebenarnya\)"))).to_be_visible()

    # A drill whose clock runs is looked at every few seconds, not once a minute.
    await server_pool.execute("update posko.operation set clock_speed = 60 where id = $1", ground.operation)
    await page.reload()
    await page.get_by_role("navigation", name="Bagian").wait_for()
    for _ in range(3):
        await page.wait_for_event("response", lambda answer: "/v1/field" in answer.url, timeout=30_000)


async def test_the_hour_is_changed_before_sending_and_one_that_has_not_come_was_yesterday(
    enter: Opener, ground: Small, server_pool: db.Pool
) -> None:
    page = await enter()
    await page.get_by_role("button", name="Ubah jam").click()
    hour = page.get_by_label("Jam kejadian (WIB)")
    await hour.fill("23:40")
    await hour.dispatch_event("change")
    await expect(page.get_by_text("23.40 WIB. Kemarin: jam itu belum tiba hari ini.")).to_be_visible()
    box = await hour.bounding_box()
    assert box is not None and box["width"] >= 160, "01:39 PM has room"
    await hour.fill("06:58")
    await hour.dispatch_event("change")

    await page.get_by_role("button", name="Buka 06.58").click()

    await expect(page.locator("[data-standing=diterima]")).to_be_visible()
    (row,) = await _reports(server_pool, ground)
    await page.goto("/lapor/#/lapor/tonggak/voting_open")
    await expect(page.locator("[data-done]")).to_contain_text("Sudah dilaporkan: terlaksana 06.58")
    assert row["observed_at"].astimezone(WIB).isoformat() == "2024-11-27T06:58:00+07:00"


async def test_what_is_not_possible_wants_a_reason(enter: Opener, ground: Small, server_pool: db.Pool) -> None:
    page = await enter()
    await page.get_by_role("link", name="Tidak bisa").click()
    send = page.get_by_role("button", name="Kirim", exact=True)

    await send.click()
    await expect(page.get_by_role("alert").get_by_text("Belum diisi.")).to_be_visible()
    await page.get_by_label("Sebabnya").fill("TPS tergenang setinggi lutut")
    await page.reload()
    await expect(page.get_by_label("Sebabnya")).to_have_value("TPS tergenang setinggi lutut")
    await send.click()

    await expect(page.locator("[data-standing=diterima]")).to_be_visible()
    await page.get_by_role("link", name="Tugas").click()
    (row,) = await _reports(server_pool, ground)
    assert row["body"]["content"]["possible"] is False
    await expect(page.locator("[data-task=voting_open]")).to_contain_text("TPS tergenang setinggi lutut")

    await page.goto("/lapor/#/tidak-ada")
    await expect(page.get_by_role("alert")).to_contain_text("Alamat ini tidak ada di posko.")
    await page.get_by_role("link", name="Terkirim").click()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_count_with_wrong_sums_warns_and_is_sent_all_the_same(
    enter: Opener, ground: Small, server_pool: db.Pool
) -> None:
    await _it_is(server_pool, ground, 15, 40)
    page = await enter(at="#/lapor/hitung/gubernur")
    await expect(page.get_by_text("hitung internal, bukan hasil resmi").first).to_be_visible()
    send = page.get_by_role("button", name="Kirim", exact=True)

    await send.click()
    await expect(page.get_by_role("alert")).to_contain_text("Belum dapat dikirim: 5 isian")
    await _fill(page, paslon_1=100, paslon_2=50, paslon_3=80, valid=9999999, invalid=-5)
    for name, typed in (("Suara sah", "9999999"), ("Suara tidak sah", "-5")):
        await expect(page.get_by_label(name, exact=True)).to_have_value(typed)
        await expect(page.get_by_role("alert")).to_contain_text(f"{name}: Angka bulat, paling besar 2.000.")
    await _fill(page, valid=231, invalid=4)
    await expect(page.get_by_text("Jumlah suara paslon 230, bukan 231 suara sah.")).to_be_visible()
    assert await page.locator("[name=valid]").get_attribute("inputmode") == "numeric"
    await page.get_by_role("button", name="Tetap kirim", exact=True).click()

    await expect(page.locator("[data-standing=diterima]")).to_contain_text("jumlah suara paslon ≠ suara sah")
    (row,) = await _reports(server_pool, ground)
    assert row["body"]["content"]["votes"] == {"1": 100, "2": 50, "3": 80}
    # A second one is meant to be its correction, and is led there.
    await page.goto("/lapor/#/lapor/hitung/gubernur")
    await expect(page.get_by_role("note")).to_contain_text("Hasil hitung TPS ini sudah dilaporkan, 15.40")
    await page.get_by_role("link", name="Koreksi hasil hitung itu").click()
    await expect(page.locator("[name=paslon_1]")).to_have_value("100")


async def test_turnout_is_held_against_the_dpt_and_a_right_one_warns_of_nothing(enter: Opener) -> None:
    page = await enter(at="#/lapor/pemilih")

    await _fill(page, dpt_l=140, dpt_p=160)
    await expect(page.locator("[data-checks]")).to_have_attribute("data-checks", "0")
    await _fill(page, dpk_l=9)

    await expect(page.get_by_text("309 pemilih melebihi DPT 300 + 2,5 % (308).")).to_be_visible()


async def test_an_incident_takes_three_taps(enter: Opener, ground: Small, server_pool: db.Pool) -> None:
    page = await enter(at="#/lapor/kejadian")

    await page.locator("[data-category=logistik]").click()
    await page.locator("[data-severity=tinggi]").click()
    await page.get_by_label("Yang terjadi").fill("Surat suara kurang 40 lembar")
    await page.get_by_role("button", name="Kirim", exact=True).click()

    await expect(page.locator("[data-standing=diterima]")).to_contain_text("Surat suara kurang 40 lembar")
    (row,) = await _reports(server_pool, ground)
    said = row["body"]["content"]
    assert (said["category"], said["severity"], said["occurrence"]) == ("logistik", "tinggi", "terjadi")
    async with server_pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from posko.incident where id::text = $1", row["id"]) == 1
    await page.get_by_role("link", name="Lihat, koreksi, tarik").click()
    await expect(page.get_by_text("Penanganan kejadian ini: baru")).to_be_visible()


async def test_back_takes_back_the_last_choice_of_an_incident(enter: Opener) -> None:
    page = await enter(at="#/lapor")
    await page.locator("a[href='#/lapor/kejadian']").click()
    await page.locator("[data-category=logistik]").click()
    await page.locator("[data-severity=tinggi]").click()
    await page.get_by_label("Yang terjadi").fill("Surat suara kurang")

    await page.go_back()
    await expect(page.locator("[data-severity=tinggi]")).to_be_visible()
    await page.locator("[data-severity=kritis]").click()
    await expect(page.get_by_label("Yang terjadi")).to_have_value("Surat suara kurang")
    await page.go_back()
    await page.go_back()
    await expect(page.locator("[data-category=logistik]")).to_be_visible()
    await page.go_forward()
    await page.go_forward()
    await page.get_by_role("button", name="Kirim", exact=True).click()
    await expect(page.locator("[data-standing=diterima]")).to_contain_text("Surat suara kurang")

    await page.go_back()
    await expect(page.locator("[data-category=logistik]")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", level=1, name="Lapor")).to_be_visible()


async def test_another_category_or_severity_loses_nothing_of_an_incident(
    enter: Opener, ground: Small, server_pool: db.Pool
) -> None:
    page = await enter(at="#/lapor/kejadian")
    await page.locator("[data-category=logistik]").click()
    await page.locator("[data-severity=tinggi]").click()
    await _tell(page, "Surat suara dirampas")

    await page.get_by_role("button", name="Ganti Tentang").click()
    await expect(page.get_by_label("Yang terjadi")).to_be_hidden()
    await page.locator("[data-category=bencana]").click()
    await page.get_by_role("button", name="Ganti Tingkat").click()
    await page.locator("[data-severity=kritis]").click()
    await expect(page.get_by_role("heading", name="Ceritakan singkat")).to_be_focused()
    await page.get_by_role("button", name="Kirim", exact=True).click()

    await expect(page.locator("[data-item]")).to_contain_text("Surat suara dirampas")
    await expect(page.locator("[data-standing=diterima]")).to_be_visible()
    (row,) = await _reports(server_pool, ground)
    said = row["body"]["content"]
    assert (said["category"], said["severity"], said["text"]) == ("bencana", "kritis", "Surat suara dirampas")
    assert (row["body"]["restricted"], len(said["persons"]), len(said["photos"])) == (True, 1, 1)


async def _tell(page: Page, text: str) -> None:
    """The third step of an incident with all that there may be: words, a photo, a name, and that it is restricted."""
    await page.get_by_label("Yang terjadi").fill(text)
    await page.locator("input[type=file]").set_input_files(
        [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file_of(picture(90, 60))}]
    )
    await page.get_by_text("Tambahan: jumlah orang").click()
    await page.get_by_role("button", name="Tambah nama").click()
    await page.get_by_label("Nama", exact=True).fill("Siti Aminah")
    await page.get_by_label("Terbatas").check()


async def test_what_is_half_typed_is_back_after_a_reload_until_it_is_emptied_or_sent(
    enter: Opener, ground: Small, server_pool: db.Pool
) -> None:
    page = await enter(at="#/lapor/pemilih")
    await _fill(page, dpt_l=61)
    await page.reload()
    await expect(page.locator("[name=dpt_l]")).to_have_value("61")
    await expect(page.get_by_text("Isian yang belum dikirim dikembalikan.")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_role("button", name="Kosongkan").click()
    await expect(page.locator("[name=dpt_l]")).to_have_value("")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await page.reload()
    await expect(page.locator("[data-begun=false]")).to_be_attached()
    await expect(page.locator("[name=dpt_l]")).to_have_value("")

    await page.goto("/lapor/#/lapor/kejadian")
    await page.locator("[data-category=logistik]").click()
    await page.locator("[data-severity=tinggi]").click()
    await _tell(page, "Surat suara dirampas")
    await expect(page.locator("[data-making=siap]")).to_be_visible()
    await until_begun(page, "Surat suara dirampas", photos=1)
    await page.reload()
    await expect(page.get_by_label("Yang terjadi")).to_have_value("Surat suara dirampas")
    await expect(page.locator("[data-making=siap]")).to_be_visible()
    assert await _reports(server_pool, ground) == []  # never by itself
    other = await page.context.new_page()
    await other.goto("/lapor/#/lapor/kejadian")
    await expect(other.get_by_label("Yang terjadi")).to_have_value("Surat suara dirampas")
    await page.get_by_role("link", name="Menu").click()
    await expect(page.get_by_text("1 isian belum dikirim")).to_be_visible()
    await page.go_back()
    await expect(page.locator("[data-making=siap]")).to_be_visible()
    await page.get_by_role("button", name="Kirim", exact=True).click()
    await expect(page.locator("[data-standing=diterima]")).to_contain_text("Surat suara dirampas")
    (row,) = await _reports(server_pool, ground)
    said = row["body"]["content"]
    assert (row["body"]["restricted"], said["persons"], len(said["photos"])) == (True, [said["persons"][0]], 1)
    await expect(other.get_by_text("Isian ini sudah dikirim dari tab lain.")).to_be_visible()
    await other.get_by_label("Yang terjadi").fill("Surat suara dirampas dua orang")
    await other.get_by_role("button", name="Kirim", exact=True).click()
    await expect(other.get_by_role("alert")).to_contain_text("kirim ini sebagai laporan lain")
    assert await faults(other) == []
    await other.get_by_role("link", name="Koreksi yang terkirim").click()
    await expect(other.get_by_label("Yang terjadi")).to_have_value("Surat suara dirampas")
    await other.go_back()
    assert len(await _reports(server_pool, ground)) == 1
    await other.get_by_role("button", name="Kosongkan").click()
    await expect(other.get_by_role("status").and_(other.locator("[data-begun=false]:empty"))).to_be_attached()
    await other.close()
    await page.get_by_role("link", name="Lapor", exact=True).click()
    await page.locator("a[href='#/lapor/kejadian']").click()
    await expect(page.locator("[data-begun=false]")).to_be_attached()
    await expect(page.locator("[data-category=logistik]")).to_be_visible()


async def test_a_nik_is_not_sent(enter: Opener, ground: Small, server_pool: db.Pool) -> None:
    page = await enter(at="#/lapor/nihil")
    await page.get_by_label("Catatan").fill("NIK 3172010101800001")

    await page.get_by_role("button", name="Nihil – kirim").click()

    await expect(page.get_by_role("alert")).to_contain_text("NIK")
    assert await _reports(server_pool, ground) == []


async def test_a_correction_is_a_report_of_its_own_and_so_is_a_withdrawal(
    enter: Opener, ground: Small, server_pool: db.Pool
) -> None:
    page = await enter(at="#/lapor/pemilih")
    await _fill(page, dpt_l=61, dpt_p=70)
    await page.get_by_role("button", name="Kirim", exact=True).click()
    await expect(page.locator("[data-standing=diterima]")).to_be_visible()

    await page.get_by_role("link", name="Lihat, koreksi, tarik").click()
    await page.get_by_role("link", name="Koreksi", exact=True).click()
    await expect(page.locator("[name=dpt_p]")).to_have_value("70")
    await _fill(page, dpt_p=73)
    await page.get_by_label("Alasan koreksi").fill("salah ketik DPT perempuan")
    await page.get_by_role("button", name="Kirim koreksi").click()
    await expect(page.locator("[data-standing=diterima]")).to_have_count(2)
    await expect(page.get_by_text("sudah dikoreksi")).to_be_visible()
    first, second = await _reports(server_pool, ground)
    assert second["corrects"] == first["id"]
    assert second["body"]["content"]["replacement"]["dpt"] == {"l": 61, "p": 73}

    await page.locator(f"[data-item='{second['id']}']").get_by_role("link").click()
    assert not await page.evaluate(EARLY, ["a[href$='/tarik']", "[name=reason]"])
    await page.get_by_label("Alasan menarik").fill("salah TPS")
    await page.reload()
    await expect(page.get_by_label("Alasan menarik")).to_have_value("salah TPS")
    await page.get_by_role("button", name="Tarik – kirim").click()

    await expect(page.get_by_text("sudah ditarik")).to_be_visible()
    await expect(page.locator("[data-standing=diterima]")).to_have_count(3)
    *_, last = await _reports(server_pool, ground)
    assert (last["corrects"], last["body"]["content"].get("replacement")) == (second["id"], None)


async def test_what_another_phone_filed_of_the_tps_is_shown_and_the_own_of_it_corrected(
    enter: Opener, ground: Small, server_pool: db.Pool, desk: Client
) -> None:
    promised = milestone("voting_open", photos=[{"sha256": "a" * 64, "bytes": 10}])
    status, body, _ = await desk.put(report(ground.operation, ground.tps[0], promised))
    assert status == 201, body
    page = await enter(at="#/lapor/nihil")
    await page.get_by_label("Catatan").fill("dari ponsel lama")
    await page.get_by_role("button", name="Nihil – kirim").click()
    await expect(page.locator("[data-standing=diterima]")).to_be_visible()
    await page.goto("/icon.svg")
    await page.evaluate("new Promise((gone) => { indexedDB.deleteDatabase('posko-lapor').onsuccess = gone })")

    await page.goto("/lapor/#/terkirim")
    await page.get_by_role("button", name="Lihat laporan lain dari TPS ini").click()
    cards = page.locator("[data-others='2'] article")
    await expect(cards).to_have_count(2)
    assert await faults(page) == []
    await expect(cards.filter(has_text="voting_open")).to_contain_text("1 foto")
    await cards.filter(has_text="voting_open").get_by_role("link").click()
    await expect(page.get_by_text("Laporan orang lain dikoreksi oleh meja")).to_be_visible()
    await expect(page.get_by_role("link", name="Koreksi", exact=True)).to_have_count(0)
    await page.go_back()
    await page.get_by_role("button", name="Lihat laporan lain dari TPS ini").click()
    await cards.filter(has_text="dari ponsel lama").get_by_role("link").click()
    await expect(page.get_by_role("link", name="Tarik laporan")).to_be_visible()
    await page.get_by_role("link", name="Koreksi", exact=True).click()
    await page.get_by_label("Alasan koreksi").fill("salah tulis")
    await page.get_by_role("button", name="Kirim koreksi").click()

    await expect(page.locator("[data-standing=diterima]")).to_contain_text("salah tulis")
    _, wrong, right = await _reports(server_pool, ground)
    assert right["corrects"] == wrong["id"]


async def test_what_was_refused_says_why_and_is_filed_anew(enter: Opener, ground: Small, server_pool: db.Pool) -> None:
    page = await enter(at="#/lapor/tonggak/voting_open", may_fail=True)
    await _let(server_pool, ground, "closed")

    await page.get_by_role("button", name="Kirim", exact=True).click()

    refused = page.locator("[data-standing=ditolak]")
    await expect(refused).to_contain_text("Operasi ini sudah ditutup")
    await expect(refused).to_contain_text("Hubungi posko Anda")
    await refused.get_by_role("link").click()
    await expect(page.get_by_role("link", name="Perbaiki dan kirim sebagai laporan baru")).to_be_visible()
    await expect(page.get_by_text("Foto dan suaranya ikut terhapus.")).to_have_count(0)
    await page.get_by_role("button", name="Hapus dari daftar ini").click()
    await page.get_by_role("button", name="Batal").click()
    await expect(refused).to_be_visible()
    await page.get_by_role("button", name="Hapus dari daftar ini").click()
    await page.get_by_role("button", name="Ya, hapus dari daftar ini").click()
    await expect(page.get_by_text("Belum ada laporan dari ponsel ini.")).to_be_visible()


async def test_what_is_filed_anew_begins_with_the_names_and_photos_of_what_was_refused(
    enter: Opener, ground: Small, server_pool: db.Pool
) -> None:
    page = await enter(at="#/lapor/kejadian", may_fail=True)
    await _let(server_pool, ground, "closed")
    await page.locator("[data-category=intimidasi]").click()
    await page.locator("[data-severity=tinggi]").click()
    await _tell(page, "Saksi dipukul")
    await page.get_by_role("button", name="Kirim", exact=True).click()
    await page.locator("[data-standing=ditolak]").get_by_role("link").click()
    await expect(page.get_by_text("Foto dan suaranya ikut terhapus.")).to_be_visible()
    await _let(server_pool, ground, "active")

    await page.get_by_role("link", name="Perbaiki dan kirim sebagai laporan baru").click()

    await expect(page.get_by_role("img", name="Foto 1")).to_be_visible()
    await expect(page.get_by_label("Nama", exact=True)).to_have_value("Siti Aminah")
    await expect(page.get_by_role("note")).to_have_count(0)
    await page.get_by_role("button", name="Kirim", exact=True).click()
    sent = page.locator("[data-standing=diterima]")
    await expect(sent).to_contain_text("1 dari 1 foto terkirim")
    (row,) = await _reports(server_pool, ground)
    said = row["body"]["content"]
    assert (row["body"]["restricted"], len(said["persons"]), len(said["photos"])) == (True, 1, 1)

    # What has been sent stays with its report: a correction says so, and has the name that this phone still knows.
    await sent.get_by_role("link").click()
    await page.get_by_role("link", name="Koreksi", exact=True).click()
    await expect(page.get_by_role("note")).to_contain_text("1 foto tetap tersimpan")
    await expect(page.get_by_role("img", name="Foto 1")).to_have_count(0)
    await expect(page.get_by_label("Nama", exact=True)).to_have_value("Siti Aminah")


async def _let(pool: db.Pool, small: Small, state: str) -> None:
    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.operation set state = $2, version = version + 1,"
            " closed_at = case when $2 = 'closed' then posko.now() end where $1 in (id, restricts)",
            small.operation, state,
        )  # fmt: skip


async def test_a_directive_is_read_refused_or_done_and_the_sender_knows(
    enter: Opener, ground: Small, desk: Client, server_pool: db.Pool
) -> None:
    order = uuid7()
    said = {"operation": ground.operation, "from": ground.root, "kind": "perintah", "requires": "laksanakan"}
    said |= {"text": "Amankan kotak {place}", "deadline": "2024-11-27T09:00:00+07:00"}
    status, body, _ = await desk.ask(
        "PUT", f"/v1/directives/{order}", said | {"to": {"kind": "tps", "region": ground.kelurahan[0]}}
    )
    assert status == 201, body
    page = await enter()

    await page.get_by_role("link", name="1 arahan belum dibaca").click()
    await page.get_by_role("link", name="Perintah no. 1").click()
    await expect(page.locator("[data-state=dibaca]")).to_be_visible()
    await page.get_by_role("button", name="Terima", exact=True).click()
    await expect(page.locator("[data-state=diterima]")).to_be_visible()
    await expect(page.get_by_text("Diterima. Pengirim sudah tahu. Masih harus dilaksanakan.")).to_be_visible()
    assert not await page.evaluate(EARLY, ["[data-act=refusal]", "[name=said]"])
    await expect(page.locator("[name=said]")).to_be_focused()
    await page.get_by_role("button", name="Batal").click()
    await expect(page.locator("[data-act=refusal]")).to_be_focused()
    await page.get_by_role("button", name="Sudah dilaksanakan").click()
    await page.get_by_label("Bukti dengan kata-kata").fill("kotak di atas meja")
    await page.get_by_role("button", name="Sudah dilaksanakan").click()

    await expect(page.locator("[data-state=dilaksanakan]")).to_be_visible()
    await expect(page.get_by_text("Dilaksanakan. Pengirim sudah tahu.")).to_be_visible()
    await expect(page.get_by_text("Masih harus")).to_have_count(0)
    desk.operation = ground.operation
    page_of = await desk.get(f"/v1/directives/{order}/targets?region={ground.tps[0]}")
    (target,) = page_of["rows"]
    assert [move["action"] for move in target["moves"]] == ["receipt", "acceptance", "completion"]
    assert target["moves"][-1]["proof"] == "kotak di atas meja"


EARLY = """async ([opener, field]) => {
    const opening = indexedDB.open('posko-lapor')
    await new Promise((open) => { opening.onsuccess = open })
    let isHeld = true
    const store = opening.result.transaction('begun', 'readwrite').objectStore('begun')
    const hold = () => { if (isHeld) store.count().onsuccess = hold }
    hold()
    document.querySelector(opener).click()
    while (!document.querySelector('[data-begun]')) await new Promise(requestAnimationFrame)
    await new Promise(requestAnimationFrame)
    const isEarly = document.querySelector(field) !== null
    isHeld = false
    opening.result.close()
    return isEarly
}"""
"""Whether a form shows its field before the disk has said what was begun in it: that would be written over."""


async def test_who_opens_the_orders_sees_what_was_sent_meanwhile(enter: Opener, ground: Small, desk: Client) -> None:
    page = await enter()
    said = {"operation": ground.operation, "from": ground.root, "kind": "perintah", "requires": "laksanakan"}
    said |= {
        "text": "Amankan kotak",
        "deadline": "2024-11-27T09:00:00+07:00",
        "to": {"kind": "tps", "region": ground.root},
    }
    status, body, _ = await desk.ask("PUT", f"/v1/directives/{uuid7()}", said)
    assert status == 201, body

    await page.get_by_role("link", name="Arahan").click()

    # It may be announced above the list, too.
    await expect(page.locator("[data-directive]")).to_contain_text("Perintah no. 1")


async def test_a_directive_is_read_and_answered_offline_and_stands_at_the_senders_once_there_is_a_signal(
    enter: Opener, ground: Small, desk: Client
) -> None:
    page = await enter(may_fail=True)
    await kept(page)
    await page.get_by_role("link", name="Lapor", exact=True).click()
    await expect(page.locator("[data-arrivals='0']")).to_be_attached()
    order = uuid7()
    said = {"operation": ground.operation, "from": ground.root, "kind": "perintah", "requires": "jawab"}
    said |= {"text": "Berapa surat suara tersisa?", "deadline": "2024-11-27T09:00:00+07:00"}
    assert (
        await desk.ask("PUT", f"/v1/directives/{order}", said | {"to": {"kind": "tps", "region": ground.kelurahan[0]}})
    )[0] == 201
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator("[data-arrivals='1']")).to_contain_text("Berapa surat suara tersisa?")
    await page.context.set_offline(True)

    await page.locator("[data-arrivals] a").click()
    await expect(page.locator("[data-state=dibaca]")).to_be_visible()
    await expect(page.get_by_text("Tanda baca menunggu sinyal.")).to_be_visible()
    await page.locator("[data-act=answer]").click()
    await page.get_by_label("Jawaban").fill("dua puluh")
    await page.reload()
    await page.locator("[data-act=answer]").click()
    await expect(page.get_by_label("Jawaban")).to_have_value("dua puluh")
    await page.get_by_role("button", name="Jawab", exact=True).click()
    await expect(page.locator("[data-state=dijawab]")).to_be_visible()
    await expect(page.locator("[data-standing=antre]")).to_contain_text("Pengirim belum tahu")
    await page.reload()
    await expect(page.locator("[data-state=dijawab]")).to_be_visible()
    desk.operation = ground.operation
    (target,) = (await desk.get(f"/v1/directives/{order}/targets?region={ground.tps[0]}"))["rows"]
    assert target["moves"] == []
    await page.get_by_role("link", name="Menu").click()
    await expect(page.get_by_text("2 jawaban arahan belum diterima server")).to_be_visible()
    await page.go_back()
    await page.context.set_offline(False)

    await expect(page.get_by_text("Jawaban sampai.")).to_be_visible(timeout=40_000)
    (target,) = (await desk.get(f"/v1/directives/{order}/targets?region={ground.tps[0]}"))["rows"]
    assert [(move["action"], move["said"]) for move in target["moves"]] == [("receipt", None), ("answer", "dua puluh")]


async def test_what_the_server_fails_at_for_one_directive_says_so_and_holds_up_no_other(
    enter: Opener, ground: Small, desk: Client
) -> None:
    failing, whole = [await _order(desk, ground, text) for text in ("Yang gagal", "Yang biasa")]
    page = await enter(may_fail=True)
    broken = json.dumps({"type": "", "title": "", "status": 500, "code": "posko-error"})
    await page.route(f"**/v1/directives/{failing}/**", lambda route: route.fulfill(status=500, body=broken))

    await page.goto(f"/lapor/#/arahan/{failing}")
    await expect(page.get_by_text("Server gagal mencatatnya. Sudah dicoba")).to_be_visible()
    await page.goto(f"/lapor/#/arahan/{whole}")
    await expect(page.locator("[data-state=dibaca]")).to_be_visible()

    await until(lambda: _has_moved(desk, ground, whole))
    assert await _moves(desk, ground, failing) == []
    await page.unroute(f"**/v1/directives/{failing}/**")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await until(lambda: _has_moved(desk, ground, failing))


async def test_a_receipt_that_a_full_phone_cannot_keep_is_tried_again_with_the_next_news(
    enter: Opener, ground: Small, desk: Client
) -> None:
    order = await _order(desk, ground, "Amankan kotak")
    page = await enter()
    await page.evaluate(FULL_OF_ACTS)

    await page.evaluate("(order) => { location.hash = `#/arahan/${order}` }", order)
    await expect(page.get_by_text("Memori ponsel penuh")).to_be_visible()
    await expect(page.locator("[data-state=terkirim]")).to_be_visible()
    # Once for it, and once more after each of two makings of room; again with what comes meanwhile, but not in a circle.
    assert 3 <= await page.evaluate("tries") <= 9
    await page.evaluate("isFull = false; document.dispatchEvent(new Event('visibilitychange'))")

    await expect(page.locator("[data-state=dibaca]")).to_be_visible()
    await until(lambda: _has_moved(desk, ground, order))


FULL_OF_ACTS = """() => {
    Object.assign(window, { tries: 0, isFull: true })
    const add = IDBObjectStore.prototype.add
    IDBObjectStore.prototype.add = function (...given) {
        if (this.name !== 'acts' || !window.isFull) return add.apply(this, given)
        window.tries += 1
        throw new DOMException('there is no room', 'QuotaExceededError')
    }
}"""
"""A phone that has no room for what is said to a directive, and counts how often it was to keep it."""


async def _order(desk: Client, ground: Small, text: str) -> str:
    """A directive to the first TPS that wants to be carried out."""
    order = str(uuid7())
    said = {"operation": ground.operation, "from": ground.root, "kind": "perintah", "requires": "laksanakan"}
    said |= {"text": text, "deadline": "2024-11-27T09:00:00+07:00", "to": {"kind": "tps", "region": ground.tps[0]}}
    status, body, _ = await desk.ask("PUT", f"/v1/directives/{order}", said)
    assert status == 201, body
    desk.operation = ground.operation
    return order


async def _moves(desk: Client, ground: Small, order: str) -> list[str]:
    (target,) = (await desk.get(f"/v1/directives/{order}/targets?region={ground.tps[0]}"))["rows"]
    return [move["action"] for move in target["moves"]]


async def _has_moved(desk: Client, ground: Small, order: str) -> bool:
    return await _moves(desk, ground, order) == ["receipt"]


async def test_the_call_desk_chooses_a_tps_by_number_and_files_for_the_caller(
    enter: Opener, ground: Small, server_pool: db.Pool, desk: Client
) -> None:
    status, body, _ = await desk.put(report(ground.operation, ground.tps[0], milestone("voting_open")))
    assert status == 201, body
    page = await enter("operator", ground.kelurahan[0])

    rows = page.get_by_role("list", name="Pilih TPS").locator("[data-code]")
    await expect(rows).to_have_count(3)
    await expect(rows.last).to_have_attribute("data-code", ground.tps[0])
    await page.get_by_label("Cari nomor, nama, atau kode").fill(f"{ground.kelurahan[0]}.999")
    await page.get_by_role("button", name=f"Buka TPS {ground.kelurahan[0]}.999").click()
    await expect(page.get_by_role("alert")).to_contain_text(
        f"{ground.kelurahan[0]}.999: Wilayah atau TPS ini tidak ada"
    )
    await page.get_by_label("Cari nomor, nama, atau kode").fill("2")
    await expect(rows).to_have_count(1)
    await rows.click()
    await expect(page.get_by_role("heading", name="voting_open")).to_be_visible()
    await page.goto("/lapor/#/lapor/tonggak/voting_open")
    await page.get_by_label("Atas nama siapa").fill("Ketua KPPS TPS 002")
    await page.get_by_label("Diterima lewat").select_option("radio")
    await page.get_by_role("button", name="Kirim", exact=True).click()

    await expect(page.locator("[data-standing=diterima]")).to_contain_text("Atas nama Ketua KPPS TPS 002")
    *_, row = await _reports(server_pool, ground)
    assert (row["place"], row["body"]["channel"]) == (ground.tps[1], "radio")
    async with server_pool.acquire() as connection:
        name = await connection.fetchval(
            "select name from posko.report_person where report_id::text = $1 and position = 0", row["id"]
        )
    assert name == "Ketua KPPS TPS 002"
    # Of a whole kota only its kecamatan are listed: the server is asked, and without one what the phone has.
    kota = await enter("operator", ground.root, at="#/tps", may_fail=True)
    found = kota.get_by_role("list", name="Pilih TPS").locator("[data-code$='.002'], [data-code$='.003']")
    await kota.get_by_label("Cari nomor, nama, atau kode").fill("kecil 2")
    await expect(found).to_have_count(4)
    await kota.context.set_offline(True)
    await kota.get_by_label("Cari nomor, nama, atau kode").fill("3")
    await expect(kota.get_by_text("dicari hanya di antara 12 TPS")).to_be_visible()
    await expect(found).to_have_count(4)

    # What is sent is of the TPS that was looked at, whichever is chosen while its photo is waited for.
    await page.evaluate("() => { window.Worker = class { postMessage() {} terminate() {} } }")
    await page.goto("/lapor/#/lapor/tonggak/voting_open")
    slow = {"name": "a.heic", "mimeType": "image/heic", "buffer": file_of(picture(90, 60))}
    await page.locator("input[type=file]").set_input_files([slow])  # type: ignore[list-item]
    await page.get_by_role("button", name="Kirim", exact=True).click()
    await page.goto("/lapor/#/tps")
    await rows.and_(page.locator(f"[data-code='{ground.tps[0]}']")).click()
    await expect(page.get_by_role("banner")).to_contain_text(ground.tps[0])
    await expect(page.locator("[data-standing=diterima]")).to_have_count(2, timeout=10_000)
    *_, row = await _reports(server_pool, ground)
    assert row["place"] == ground.tps[1]


async def test_a_desk_names_the_caller_anew_for_every_report_and_tps(
    enter: Opener, ground: Small, server_pool: db.Pool
) -> None:
    page = await enter("operator", ground.kelurahan[0])
    caller = page.get_by_label("Atas nama siapa")

    async def at(tps: str) -> None:
        await page.goto("/lapor/#/tps")
        place = page.get_by_role("list", name="Pilih TPS").locator(f"[data-code='{tps}']")
        await expect(place.locator(".state")).not_to_be_empty()  # nothing above it comes or goes any more
        await place.click()
        await expect(page.get_by_role("banner")).to_contain_text(tps)
        await page.goto("/lapor/#/lapor/nihil")

    await at(ground.tps[0])
    await caller.fill("Ketua KPPS TPS 001")
    await at(ground.tps[1])
    await expect(caller).to_have_value("")
    await at(ground.tps[0])
    await expect(caller).to_have_value("Ketua KPPS TPS 001")  # what is half typed about a TPS
    await at(ground.tps[1])
    await caller.fill("Ketua KPPS TPS 002")
    await page.get_by_role("button", name="Nihil – kirim").click()
    await expect(page.locator("[data-standing=diterima]")).to_contain_text("Atas nama Ketua KPPS TPS 002")

    await page.goto("/lapor/#/lapor/nihil")
    await expect(caller).to_have_value("")
    await expect(page.locator("datalist option")).to_have_count(1)
    await expect(page.locator("datalist option")).to_have_attribute("value", "Ketua KPPS TPS 002")
    await page.goto("/lapor/#/terkirim")
    await page.locator("[data-standing=diterima]").get_by_role("link").click()
    await page.get_by_role("link", name="Tarik laporan").click()
    await page.get_by_label("Alasan menarik").fill("salah TPS")
    await expect(caller).to_have_value("")
    await caller.fill("Sekretaris PPS")
    await page.get_by_role("button", name="Tarik – kirim").click()
    await expect(page.locator("[data-standing=diterima]")).to_have_count(2)

    rows = await server_pool.fetch(
        "select p.name from posko.report_person p join posko.report r on r.id = p.report_id"
        " where r.operation_id = $1 and p.position = 0 order by r.received_at",
        ground.operation,
    )
    assert [row["name"] for row in rows] == ["Ketua KPPS TPS 002", "Sekretaris PPS"]


async def test_the_guide_is_dismissed_for_good(enter: Opener) -> None:
    page = await enter(guide=True)
    guide = page.get_by_role("region", name="Petunjuk")
    await expect(page.locator(".guide-room").locator(guide)).to_contain_text("Petunjuk 1 dari 3")
    await page.get_by_role("button", name="Lanjut").click()
    await page.get_by_role("button", name="Lanjut").click()
    await page.get_by_role("button", name="Mengerti").click()
    await expect(guide).to_have_count(0)

    await page.reload()

    await expect(page.get_by_role("button", name="Buka 07.0")).to_be_visible()
    await expect(page.locator(".guide-room")).to_have_count(0)


async def test_the_keyboard_alone_files_an_incident(enter: Opener, ground: Small, server_pool: db.Pool) -> None:
    page = await enter()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Langsung ke isi")).to_be_focused()

    async def reach(target: str) -> None:
        for _ in range(60):
            if await page.evaluate("target => document.activeElement?.matches(target) ?? false", target):
                return
            await page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by keyboard")

    await reach("nav a[href='#/lapor']")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Lapor", level=1)).to_be_focused()
    await reach("a[href='#/lapor/kejadian']")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-category=bencana]")).to_be_visible()
    await reach("[data-category=bencana]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Seberapa berat?")).to_be_focused()
    await reach("[data-severity=kritis]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Ceritakan singkat")).to_be_focused()
    await reach("[name=text]")
    await page.keyboard.type("Air setinggi lutut")
    await reach("button.big")
    await page.keyboard.press("Enter")

    await expect(page.locator("[data-standing=diterima]")).to_contain_text("Air setinggi lutut")
    assert len(await _reports(server_pool, ground)) == 1


async def test_the_paper_of_a_tps_is_one_page_of_a4(enter: Opener, ground: Small) -> None:
    page = await enter(at=f"#/kertas/{ground.tps[0]}")
    await expect(page.get_by_text("TPS 31.72.01.1001/001", exact=True)).to_be_visible()
    for text in ("BUKA 0705", "SUARA GUB .../.../... TS ...", "KOTAK DI PPS SEGEL UTUH"):
        await expect(page.get_by_text(text, exact=True)).to_be_visible()

    printed = await page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


async def test_every_tps_of_a_kelurahan_has_a_page_of_the_print(enter: Opener, ground: Small) -> None:
    page = await enter("operator", ground.kelurahan[0], at="#/tps")
    of_it = [tps for tps in ground.tps if tps.startswith(ground.kelurahan[0])]
    await page.get_by_role("link", name="Formulir kertas semua TPS kelurahan ini").click()
    await expect(page.get_by_text(f"{len(of_it)} dari {len(of_it)} formulir siap")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"DPT \d"))).to_have_count(len(of_it))

    printed = await page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == len(of_it) > 1


def test_the_officers_page_is_light() -> None:
    document = (pages.STATIC / "lapor" / "index.html").read_text(encoding="utf-8")
    loaded, waiting = set[str](), re.findall(r"assets/([^\"]+[.]js)", document)
    while waiting:
        name = waiting.pop()
        if name not in loaded:
            loaded.add(name)
            source = (pages.STATIC / "assets" / name).read_text(encoding="utf-8")
            waiting += re.findall(r"(?:from|import)\s*\"[.]/([^\"]+[.]js)\"", source)

    assert loaded
    assert sum(len(gzip.compress((pages.STATIC / "assets" / name).read_bytes())) for name in loaded) < 60_000


SCREENS = (
    "tugas", "lapor", "terkirim", "arahan", "menu", "tps", "lapor/tonggak/voting_open", "lapor/pemilih", "lapor/surat-suara/gubernur",
    "lapor/hitung/bupati_walikota", "lapor/kejadian", "lapor/kotak", "lapor/nihil", "lapor/tidak-terjangkau", "kertas/{tps}", "kertas/31.72.01.1001",
)  # fmt: skip


async def test_every_screen_fits_a_phone_has_large_targets_and_no_fault_that_axe_finds(
    enter: Opener, ground: Small
) -> None:
    page = await enter("operator", ground.kelurahan[0], guide=True)
    await page.context.add_init_script(LIKE_IOS)
    await page.reload()
    await page.get_by_role("list", name="Pilih TPS").locator("[data-code]").first.click()
    await expect(page.get_by_role("region", name="Petunjuk")).to_be_visible()
    found = []
    for screen in SCREENS:
        await page.goto(f"/lapor/#/{screen.format(tps=ground.tps[0])}")
        await expect(page.locator("main h1")).to_be_attached()
        await page.wait_for_load_state("networkidle")
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        small = await page.evaluate(SMALL_TARGETS)
        found += [f"{screen} is {wide} px too wide"] * (wide > 0) + [f"{screen}: {target}" for target in small]
        found += [f"{screen}: {fault}" for fault in await faults(page)]
        if screen.startswith("kertas"):
            broken = await page.evaluate(BROKEN_CODES)
            assert broken == [], "a code that is broken is typed so"
        if screen == "menu":
            await expect(page.get_by_text("Tambah ke Layar Utama")).to_be_visible()
    assert found == []


BROKEN_CODES = """() => {
  const words = [...document.querySelectorAll('.sheet .sms span')]
  const beyond = [...document.querySelectorAll('.sheet')].filter((sheet) => sheet.scrollWidth > sheet.clientWidth)
  return words.length < 40 ? ['few'] : [...words.filter((word) => word.getClientRects().length > 1), ...beyond].map((one) => one.textContent.slice(0, 40))
}"""
"""Words of the codes on paper that stand on two lines, or sheets that are wider than the phone."""
LIKE_IOS = "Navigator.prototype.standalone = false; window.ontouchstart = null"
"""Where a page is put on the home screen by hand: the menu says how."""
SMALL_TARGETS = """() => [...document.querySelectorAll('main :is(button, .button, input, select, summary), nav a')]
    .filter((target) => target.checkVisibility() && !target.matches('[type=radio], [type=checkbox], .hidden, .link'))
    .filter((target) => target.getBoundingClientRect().height < 47.5)
    .map((target) => `${target.outerHTML.slice(0, 80)} is ${target.getBoundingClientRect().height} px high`)"""


async def test_one_stays_in_the_operation_one_chose_and_leaves_it_when_it_is_over(
    running: Running, ground: Small, server_pool: db.Pool, visits: Visits
) -> None:
    """Two operations of the same TPS are under way: the older is chosen, the newer would be offered first."""
    username = f"petugas-{secrets.token_hex(4)}"
    async with server_pool.acquire() as connection:
        newer = await make_small(connection)
        await make_account(connection, username, "petugas", ground.tps[0])
        older_name = await connection.fetchval("select name from posko.operation where id = $1", ground.operation)
    await _it_is(server_pool, newer, 7, 3)
    page = await visits.open(running, "/masuk/")
    await page.evaluate("localStorage.setItem('posko.lapor.guide', '1')")
    await page.goto("/masuk/?ke=/lapor/%23/menu")
    await fill_in(page, PASSWORD, username)
    older = page.get_by_role("button", name=older_name)
    await expect(older).to_have_attribute("aria-pressed", "false")

    await older.click()
    await expect(older).to_have_attribute("aria-pressed", "true")
    # Which one it is stands in the head of every screen, and leads to changing it.
    await page.goto("/lapor/#/tugas")
    await page.get_by_role("banner").get_by_role("link", name=older_name).click()
    await page.reload()
    await expect(older).to_have_attribute("aria-pressed", "true")
    await page.goto("/lapor/#/lapor/nihil")
    await page.get_by_label("Catatan (boleh kosong)").fill("semua aman")
    await page.get_by_role("button", name="Nihil – kirim").click()
    card = page.get_by_role("article").filter(has_text="semua aman")
    await expect(card).to_have_attribute("data-standing", "diterima")
    [filed] = await _reports(server_pool, ground)
    assert filed["place"] == ground.tps[0]
    assert await _reports(server_pool, newer) == []

    async with server_pool.acquire() as connection:
        await connection.execute("select api.close($1)", ground.operation)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(card).to_contain_text(f"{ground.tps[0]} · {older_name}")
    await expect(page.get_by_role("banner").get_by_role("link", name=older_name)).to_have_count(0)
    await card.get_by_role("link", name="Lihat, koreksi, tarik").click()
    await expect(page.get_by_text("Laporan ini milik operasi yang sudah ditutup")).to_be_visible()
    await expect(page.get_by_role("link", name="Koreksi")).to_have_count(0)
