"""The incident board of the konsol in a real browser, on real roles and a small operation.

Assumes of tests/conftest.py: `running` (a server for the whole run), `served` (an operation of the test's own on it,
with an account per role that is named after it); of this folder's: `visits`, `desk` (an operator over HTTP).
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Page, Route, expect

from posko import db
from posko.embedded import Embedded
from tests.client import Client
from tests.e2e.accessible import faults
from tests.e2e.boards import CASE, ROWS, board_address, file_incident, number_on, open_board, press, row_of
from tests.e2e.conftest import Visits, fill_in
from tests.factories import WIB, Small, make_account, make_small
from tests.photos.pictures import photo, promise, sha
from tests.running import Running

GRACE_MS = 5_000
"""In which what one key does is taken back before it is sent."""
PATIENT = f"""() => {{
    const later = window.setTimeout
    window.setTimeout = (work, ms, ...given) => later(work, ms === {GRACE_MS} ? 120_000 : ms, ...given)
}}"""
"""That grace is as long as a hand needs here, on a machine that is busy with others."""

SOON_MS = 4_500
"""Two seconds where nobody else is busy; the look of every five seconds would be too late."""

BUSY = {"type": "", "title": "sibuk", "status": 503, "code": "queue-full"}


@pytest.fixture
async def boss(running: Running, served: Small) -> Any:
    """A supervisor who works elsewhere."""
    async with aiohttp.ClientSession() as http:
        yield await Client(http, running.url).sign_in("supervisor")


async def _say(client: Client, case: str, noun: str, body: dict[str, object], method: str = "PUT") -> None:
    status, answer, _ = await client.ask(method, f"/v1/incidents/{case}/{noun}", body)
    assert status in (200, 201), answer


async def test_an_incident_comes_by_itself_and_is_worked_by_keyboard_to_its_end(
    running: Running, served: Small, desk: Client, boss: Client, visits: Visits
) -> None:
    page = await open_board(visits, running, served)
    other = await open_board(visits, running, served)
    await expect(page.locator("[data-list]")).to_contain_text("Tidak ada kejadian yang menunggu tindakan")
    await page.keyboard.press("Shift")  # browsers sound for nobody who has touched nothing

    case = await file_incident(desk, served, served.tps[2], "tinggi", text="kotak suara terendam")

    row = row_of(page, case)
    await expect(row).to_contain_text("TPS 003, Kelurahan 1-1")
    await expect(row).to_contain_text("tinggi")
    await expect(row).to_contain_text("belum dibaca")
    await expect(page).to_have_title(re.compile(r"^\(1\) Kejadian · KOTA KECIL"))
    await expect(page.locator("[data-assertive]")).to_contain_text("Kejadian baru, tinggi: #1 Logistik, TPS 003")
    await expect(page.locator("[data-played]")).to_have_attribute("data-last", "tinggi")
    await expect(number_on(page, "perlu")).to_have_attribute("data-value", "1")
    await expect(row_of(other, case)).to_be_visible()

    await page.keyboard.press("j")
    await expect(row.get_by_role("link")).to_be_focused()
    await page.keyboard.press("a")
    await expect(row).to_have_attribute("data-status", "diterima")
    await expect(page.locator("[data-told]")).to_contain_text("#1 Logistik diterima")
    await expect(page).to_have_title(re.compile(r"^Kejadian · KOTA KECIL"))
    await expect(row_of(other, case)).to_have_count(0)
    found = (await boss.get(f"/v1/incidents/{case}"))["incident"]
    assert (found["status"], found["owner"]) == ("diterima", "supervisor")

    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="#1 Logistik")).to_be_visible()
    await expect(page.locator(f"[data-report='{case}']")).to_contain_text("kotak suara terendam")
    await expect(page.locator("[data-entry=acknowledgement]")).to_contain_text("supervisor menerima kejadian ini")

    dialog = await press(page, "e")
    send = dialog.get_by_role("button", name="Naikkan")
    await dialog.get_by_label("Mengapa dinaikkan").fill("ya")
    await expect(send).to_be_disabled()
    await dialog.get_by_label("Mengapa dinaikkan").fill("butuh perahu karet")
    await send.click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator("[data-entry=escalation]")).to_contain_text("butuh perahu karet")
    await expect(row).to_contain_text("kecamatan")

    dialog = await press(page, "d")
    await dialog.get_by_label("Isi arahan").fill("x" * 2_001)
    await dialog.get_by_role("button", name="Kirim arahan").click()
    await expect(dialog.get_by_text("1 huruf terlalu banyak: paling banyak 2.000. Belum dikirim.")).to_be_visible()
    await dialog.get_by_label("Isi arahan").fill("Kirim perahu ke {place} sebelum {deadline}.")
    await dialog.get_by_role("button", name="Kirim arahan").click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator("[data-directive]")).to_contain_text("Kirim perahu")
    (order,) = (await boss.get(f"/v1/directives?operation={served.operation}&incident={case}"))["rows"]
    assert (order["from"], uuid.UUID(order["id"]).version, order["to"]) == (served.root, 7, {"kind": "incident"})

    dialog = await press(page, "r")
    await dialog.get_by_label("Bagaimana diselesaikan").fill("air surut, kotak dipindah")
    await dialog.get_by_role("button", name="Selesai").click()
    await expect(page.locator("[data-entry=resolution]")).to_contain_text("air surut")
    await expect(page.locator(f"{CASE} .mark").first).to_have_text("selesai")
    await expect(number_on(page, "selesai")).to_have_attribute("data-value", "1")
    await expect(number_on(other, "selesai")).to_have_attribute("data-value", "1")


async def test_a_slipped_key_is_taken_back_and_one_that_was_meant_is_sent_though_the_view_is_left(
    running: Running, served: Small, desk: Client, boss: Client, visits: Visits
) -> None:
    case = await file_incident(desk, served, served.tps[0], "sedang")
    page = await open_board(visits, running, served)
    await page.evaluate(PATIENT)
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.url.endswith("/acknowledgement") else None)
    row = row_of(page, case)
    await page.keyboard.press("j")
    await expect(row.get_by_role("link")).to_be_focused()
    await page.keyboard.press("a")
    await expect(page.locator("[data-told]")).to_contain_text("Terima #1 Logistik: dikirim sebentar lagi")
    await expect(row).to_have_attribute("aria-busy", "true")

    await page.keyboard.press("Escape")

    await expect(page.locator("[data-told]")).to_contain_text("Dibatalkan, tidak dikirim: #1 Logistik")
    await expect(row).to_have_attribute("data-status", "baru")
    assert sent == []
    await page.keyboard.press("a")
    async with page.expect_response(lambda answer: answer.url.endswith("/acknowledgement"), timeout=60_000):
        await page.evaluate("hash => { location.hash = hash }", f"#/{served.operation}/{served.root}")
    found = (await boss.get(f"/v1/incidents/{case}"))["incident"]
    assert found["status"] == "diterima"


async def test_two_that_are_the_same_are_merged_by_keyboard(
    running: Running, served: Small, desk: Client, boss: Client, visits: Visits
) -> None:
    first = await file_incident(desk, served, served.tps[0], "tinggi", text="air masuk")
    second = await file_incident(desk, served, served.tps[0], "sedang", text="air masuk lagi")
    page = await open_board(visits, running, served)
    await expect(page.locator(ROWS)).to_have_count(2)
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(row_of(page, second).get_by_role("link")).to_be_focused()

    dialog = await press(page, "m")
    await dialog.get_by_role("radio").click()
    await dialog.get_by_label("Mengapa sama").fill("laporan yang sama")
    await dialog.get_by_role("button", name="Gabungkan").click()

    await expect(dialog).to_have_count(0)
    await expect(row_of(page, second)).to_have_attribute("data-status", "digabung")
    assert (await boss.get(f"/v1/incidents/{second}"))["incident"]["merged_into"] == first
    await expect(row_of(page, first)).to_contain_text("2 laporan")


async def test_filters_are_in_the_address_and_survive_a_reload(
    running: Running, served: Small, desk: Client, boss: Client, visits: Visits
) -> None:
    grave = await file_incident(desk, served, served.tps[0], "kritis", text="kotak hanyut")
    await file_incident(desk, served, served.tps[1], "rendah", text="kursi kurang")
    mine = await file_incident(desk, served, served.tps[4], "sedang", category="kpps", text="anggota sakit")
    await _say(boss, mine, "acknowledgement", {})
    page = await open_board(visits, running, served)
    await expect(page.locator(ROWS)).to_have_count(2)
    assert await page.locator(ROWS).first.get_attribute("data-id") == grave

    await page.get_by_role("button", name="kritis").click()
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(number_on(page, "perlu")).to_have_attribute("data-value", "1")
    assert "tingkat=kritis" in page.url
    await page.reload()
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(page.get_by_role("button", name="kritis")).to_have_attribute("aria-pressed", "true")

    await page.get_by_role("link", name="Hapus 1 saringan").click()
    await expect(page.locator(ROWS)).to_have_count(2)
    await page.keyboard.press("/")
    await expect(page.get_by_label("Cari nomor, kata, atau tempat")).to_be_focused()
    head = page.get_by_role("combobox", name="Cari wilayah atau TPS")
    await expect(head).to_have_attribute("placeholder", "Cari wilayah atau TPS")  # the key is the board's here
    await page.keyboard.type("kursi a j")  # keys are letters here
    await page.get_by_label("Cari nomor, kata, atau tempat").fill("kursi")
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(page.locator(ROWS)).to_contain_text("kursi kurang")
    await expect(page.get_by_role("region", name="Daftar kejadian")).to_contain_text("Angka pada tab menghitung semua")
    await page.get_by_label("Cari nomor, kata, atau tempat").fill("k")
    await expect(page.get_by_role("search", name="Saring kejadian")).to_contain_text("Ketik dua huruf atau lebih")
    await page.get_by_label("Cari nomor, kata, atau tempat").fill("#3")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="#3 KPPS")).to_be_visible()

    await page.goto(board_address(served, "?tab=ditangani&milik=saya"))
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(row_of(page, mine)).to_contain_text("saya")


async def test_nothing_moves_under_the_hand_and_what_waits_is_let_in_by_a_key(
    running: Running, served: Small, desk: Client, boss: Client, visits: Visits
) -> None:
    first = await file_incident(desk, served, served.tps[0], "sedang")
    page = await open_board(visits, running, served)
    await page.keyboard.press("j")
    await expect(row_of(page, first).get_by_role("link")).to_be_focused()

    new = [await file_incident(desk, served, place, "kritis") for place in served.tps[3:5]]

    bar = page.get_by_role("button", name="2 kejadian baru")
    await expect(bar).to_be_visible()
    await expect(page.locator(ROWS)).to_have_count(1)
    await _say(boss, first, "acknowledgement", {})
    await expect(row_of(page, first)).to_have_attribute("data-status", "diterima")
    await expect(row_of(page, first)).to_contain_text("Sudah pindah dari daftar ini")
    await page.keyboard.press("n")
    await expect(bar).to_have_count(0)
    await expect(row_of(page, new[-1]).get_by_role("link")).to_be_focused()
    await expect(page.locator(ROWS)).to_have_count(2)


async def test_a_board_whose_beginning_is_refused_says_so_and_hears_again_by_itself(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    page = await visits.open(running, may_fail=True)
    # The first answers alone are refused, to the board and to who listens on every view; the page of rows that follows would be there.
    await page.context.route("**/v1/incidents?*limit=1", _busy, times=2)
    await page.goto(board_address(served))
    await fill_in(page, served.password)
    await expect(page.locator("[data-list]").get_by_role("alert")).to_be_visible()

    first = await file_incident(desk, served, served.tps[0], "sedang")
    await expect(row_of(page, first)).to_be_visible()
    await expect(page.locator("[data-list]").get_by_role("alert")).to_have_count(0)
    second = await file_incident(desk, served, served.tps[1], "kritis")

    await expect(row_of(page, second)).to_contain_text("belum dibaca")
    await expect(page.locator("[data-assertive]")).to_contain_text("Kejadian baru, kritis: #2")


async def test_who_searches_is_told_of_a_kritis_even_where_the_search_is_refused(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    known = await file_incident(desk, served, served.tps[0], "sedang", text="kotak basah")
    page = await open_board(visits, running, served, "?cari=kotak", may_fail=True)
    await expect(row_of(page, known)).to_be_visible()
    await page.context.route("**/v1/incidents?*q=kotak*", _busy, times=1)

    case = await file_incident(desk, served, served.tps[1], "kritis", text="kotak hanyut")

    await expect(page.locator("[data-assertive]")).to_contain_text("Kejadian baru, kritis: #2")
    await expect(page).to_have_title(re.compile(r"^\(1\) "))
    # The search is asked again with what comes next.
    await file_incident(desk, served, served.tps[2], "rendah", text="kursi kurang")
    await expect(row_of(page, case)).to_be_visible()
    await expect(page.locator(ROWS)).to_have_count(2)


async def _busy(route: Route) -> None:
    await route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(BUSY))


async def test_two_supervisors_at_once_get_the_truth(
    running: Running, served: Small, server_pool: db.Pool, desk: Client, visits: Visits
) -> None:
    case = await file_incident(desk, served, served.tps[0], "sedang")
    page = await open_board(visits, running, served, f"/{case}", may_fail=True)
    await page.get_by_role("heading", name="#1 Logistik").wait_for()
    # The page hears of nothing for a while: what it shows is old when the key is pressed.
    await page.context.route("**/v1/incidents/changes*", lambda route: route.abort())
    await _say(desk, case, "acknowledgement", {})
    await _say(desk, case, "resolution", {"said": "selesai di tempat"})
    await expect(page.locator(f"{CASE} .mark").first).to_have_text("baru")

    await page.keyboard.press("a")
    await page.keyboard.press("Enter")

    refused = page.locator("[data-refused]")
    await expect(refused).to_contain_text("operator menyatakan selesai")
    await expect(refused).to_contain_text("statusnya selesai")
    await expect(page.locator(f"{CASE} .mark").first).to_have_text("selesai")

    # Refused after the board was left: told over what is looked at now, with the way to it.
    other = await file_incident(desk, served, served.tps[1], "sedang")
    await page.reload()
    await page.goto(board_address(served, f"/{other}"))
    await page.get_by_role("heading", name="#2 Logistik").wait_for()
    await page.evaluate(PATIENT)
    await page.keyboard.press("a")
    await expect(page.locator("[data-told]")).to_contain_text("Terima #2 Logistik")
    await _say(desk, other, "acknowledgement", {})
    await _say(desk, other, "resolution", {"said": "selesai"})
    await page.evaluate("hash => { location.hash = hash }", f"#/{served.operation}/{served.root}/piket")
    missed = page.locator("[data-not-done]")
    await expect(missed).to_contain_text("Tidak jadi: #2 Logistik")
    await expect(missed).to_contain_text("statusnya selesai")
    await missed.get_by_role("link").click()
    await page.get_by_role("heading", name="#2 Logistik").wait_for()
    await expect(missed).to_have_count(0)

    # Nor does it go along to another operation, where it is not found.
    async with server_pool.acquire() as connection:
        elsewhere = await make_small(connection)
    last = await file_incident(desk, served, served.tps[2], "sedang")
    await page.reload()
    await page.goto(board_address(served, f"/{last}"))
    await page.get_by_role("heading", name="#3 Logistik").wait_for()
    await page.keyboard.press("a")
    await expect(page.locator("[data-told]")).to_contain_text("Terima #3 Logistik")
    await _say(desk, last, "acknowledgement", {})
    await page.evaluate("hash => { location.hash = hash }", f"#/{served.operation}/{served.root}/piket")
    await expect(missed).to_contain_text("Tidak jadi: #3 Logistik")
    await page.evaluate("hash => { location.hash = hash }", f"#/{elsewhere.operation}/{elsewhere.root}/piket")
    await expect(page.locator("[data-listening]")).to_be_attached()
    await expect(missed).to_have_count(0)


async def test_a_desk_below_is_told_that_it_has_climbed_and_offered_what_it_may(
    running: Running, served: Small, desk: Client, boss: Client, server_pool: db.Pool, visits: Visits
) -> None:
    case = await file_incident(desk, served, served.tps[0], "sedang")
    await _say(boss, case, "escalation", {"said": "langsung ke atas"})
    async with server_pool.acquire() as connection:
        await make_account(connection, f"meja{served.operation}", "operator", served.kelurahan[0])
    page = await visits.open(running, board_address(served, f"/{case}", served.kelurahan[0]))
    await fill_in(page, served.password, f"meja{served.operation}")
    await page.get_by_role("heading", name="#1 Logistik").wait_for()

    actions = page.get_by_role("group", name="Tindakan")
    await expect(actions).to_contain_text("Sudah naik ke kecamatan")
    await expect(actions.locator("[data-action=acknowledgement]")).to_have_count(0)
    await expect(actions.locator("[data-action=comment]")).to_be_visible()
    await page.keyboard.press("a")
    await expect(page.locator("[data-refused]")).to_contain_text("Ini hak kecamatan")
    await page.get_by_role("button", name="Sembunyikan").click()

    raising = actions.locator("[data-action=escalation]")
    await expect(raising).to_be_visible()
    await _say(boss, case, "escalation", {"said": "sampai ke kota"})
    await expect(raising).to_have_count(0)
    await page.keyboard.press("e")
    await expect(page.locator("[data-refused]")).to_contain_text("semua jenjang sudah diberi tahu")


@pytest.mark.parametrize("username", ["auditor", "petugas"])
async def test_who_may_do_nothing_sees_no_actions(
    running: Running, served: Small, desk: Client, visits: Visits, username: str
) -> None:
    case = await file_incident(desk, served, served.tps[0], "kritis")
    page = await open_board(visits, running, served, f"/{case}", username=username)
    await page.get_by_role("heading", name="#1 Logistik").wait_for()

    shown = page.locator("[data-action]")
    await expect(shown).to_have_count(1)
    await expect(shown).to_have_text(re.compile("Pantau"))
    await page.keyboard.press("a")
    await expect(page.locator("[data-refused]")).to_contain_text("tidak boleh")
    await shown.click()
    await expect(shown).to_have_text(re.compile("Berhenti memantau"))
    await page.get_by_role("button", name="Urungkan").click()
    await expect(shown).to_have_attribute("aria-pressed", "false")


async def test_keys_can_be_turned_off_and_the_buttons_do_the_same(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    case = await file_incident(desk, served, served.tps[0], "sedang")
    page = await open_board(visits, running, served, "?tab=semua")
    dialog = await press(page, "?")
    await dialog.get_by_label("Pakai tombol pintas").uncheck()
    await page.keyboard.press("Escape")
    await page.reload()
    await row_of(page, case).get_by_role("link").click()
    await page.get_by_role("heading", name="#1 Logistik").wait_for()
    await page.keyboard.press("a")
    await page.keyboard.press("Escape")
    await expect(page.locator(CASE)).to_have_count(0)
    await expect(row_of(page, case)).to_have_attribute("data-status", "baru")
    await row_of(page, case).get_by_role("link").click()

    await page.locator("[data-action=acknowledgement]").click()

    await expect(row_of(page, case)).to_have_attribute("data-status", "diterima")
    await page.locator("[data-action=handling]").click()
    await expect(row_of(page, case)).to_have_attribute("data-status", "ditangani")


async def test_questions_are_asked_and_answered_and_an_owner_is_given_back(
    running: Running, served: Small, desk: Client, boss: Client, visits: Visits
) -> None:
    case = await file_incident(desk, served, served.tps[0], "sedang")
    await _say(desk, case, "acknowledgement", {})
    page = await open_board(visits, running, served, f"/{case}")
    await page.get_by_text("Tindakan lain").click()
    await page.locator("[data-action=request]").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Ditujukan kepada").select_option(served.root)
    await dialog.get_by_label("Pertanyaan").fill("boleh pakai sisa TPS sebelah?")
    await dialog.get_by_role("button", name="Minta saran/rujuk").click()
    await expect(page.locator("[data-request='1']")).to_contain_text("posko KOTA KECIL")

    await page.locator("[data-action=answer]").click()
    await dialog.get_by_label("Jawaban").fill("tidak, tunggu KPU")
    await dialog.get_by_role("button", name="Jawab").click()
    await expect(page.locator("[data-request='1']")).to_contain_text("tidak, tunggu KPU")

    await page.locator("[data-action=owner]").click()
    await dialog.get_by_role("button", name="Saya sendiri").click()
    await dialog.get_by_role("button", name="Serahkan kepada").click()
    await expect(_owner(page)).to_contain_text("supervisor")
    await page.get_by_role("button", name="Urungkan").click()
    await expect(_owner(page)).to_contain_text("operator")
    found = (await boss.get(f"/v1/incidents/{case}"))["incident"]
    assert found["owner"] == "operator"


async def test_what_others_say_of_the_open_incident_stands_there_within_two_seconds(
    running: Running, served: Small, desk: Client, boss: Client, visits: Visits
) -> None:
    case = await file_incident(desk, served, served.tps[0], "sedang")
    await _say(desk, case, "acknowledgement", {})
    page = await open_board(visits, running, served, f"/{case}")
    await expect(page.locator("[data-entry=acknowledgement]")).to_be_visible()
    for said in ("perahu karet berangkat", "perahu karet tiba", "kotak suara aman"):
        await _say(boss, case, "comments", {"said": said}, "POST")
        await expect(page.locator("[data-entry=comment]").first).to_contain_text(said, timeout=SOON_MS)


def _owner(page: Page) -> Locator:
    return page.locator(f"{CASE} dl > div", has_text="Pemegang")


async def test_what_nobody_accepts_climbs_in_the_open_board_by_the_clock_of_the_operation(
    database: str, small: Small, services: Embedded, tmp_path: Path, visits: Visits
) -> None:
    roles = ("serve", "live", "work")
    with Running(database, services.redis_url, tmp_path, roles=roles) as server:
        async with aiohttp.ClientSession() as http:
            boss = await Client(http, server.url).sign_in("supervisor")
            at = datetime.datetime(2024, 11, 27, 7, tzinfo=WIB)
            await _set_clock(boss, small, at)
            case = await file_incident(boss, small, small.tps[0], "kritis")
            page = await open_board(visits, server, small)
            row = row_of(page, case)
            await expect(row).to_contain_text(re.compile(r"naik ke kecamatan dalam \d+:\d\d"), timeout=30_000)
            next_at = datetime.datetime.fromisoformat((await boss.get(f"/v1/incidents/{case}"))["incident"]["next_at"])
            minutes, seconds = divmod(int((next_at - at).total_seconds()), 60)
            await expect(row).to_contain_text(f"naik ke kecamatan dalam {minutes}:{seconds:02}")
            await row.get_by_role("link").click()
            await expect(page.locator("[data-entry=step]")).to_contain_text("Kelurahan 1-1 (kelurahan) diberi tahu")

            await _set_clock(boss, small, next_at)

            await expect(page.locator("[data-entry=step]")).to_have_count(2, timeout=30_000)
            await expect(page.locator("[data-entry=step]").first).to_contain_text("Kecamatan 1 (kecamatan) diberi tahu")
            await expect(page.locator("[data-climb]")).to_contain_text("naik ke kabupaten/kota dalam")
            await visits.close()


async def _set_clock(boss: Client, small: Small, at: datetime.datetime) -> None:
    """It stands still at that moment."""
    path = f"/v1/operations/{small.operation}/clock"
    assert (await boss.ask("PUT", path, {"at": at.isoformat(), "speed": 0}))[0] == 200


async def test_a_photo_is_shown_small_and_then_large(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    data = photo()
    case = await file_incident(desk, served, served.tps[0], "sedang", photos=promise(data))
    page = await open_board(visits, running, served, f"/{case}")
    await expect(page.get_by_text("Foto belum tiba")).to_be_visible()
    path = f"/v1/reports/{case}/photos/{sha(data)}"
    assert (await desk.ask("PUT", path, data=data))[0] == 201
    await page.get_by_role("button", name="Periksa lagi").click()

    await page.get_by_role("button", name="Buka foto 1").click()

    shown = page.get_by_role("dialog").get_by_role("img", name="Foto dari operator")
    await expect(shown).to_be_visible()
    await expect(shown).to_have_js_property("naturalWidth", 640)


async def test_list_detail_and_dialogs_have_no_fault_that_axe_finds_and_fit_a_phone(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    case = await file_incident(desk, served, served.tps[0], "kritis", text="air " * 200 + "x" * 300)
    await file_incident(desk, served, served.tps[0], "tinggi")
    page = await open_board(visits, running, served)
    for width, height in ((1920, 1080), (360, 780)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(board_address(served))
        await page.reload()
        await expect(page.locator(ROWS)).to_have_count(2)
        await _sound(page, f"list {width}")
        await page.goto(board_address(served, f"/{case}"))
        await page.locator("[data-entry]").first.wait_for()
        await _sound(page, f"detail {width}")
        for key in ("?", "m", "d"):
            await press(page, key)
            await _sound(page, f"{key} {width}")
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_on_a_phone_list_and_detail_come_one_after_the_other_and_back_goes_back(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    case = await file_incident(desk, served, served.tps[0], "kritis")
    other = await file_incident(desk, served, served.tps[1], "kritis")
    page = await open_board(visits, running, served)
    await page.set_viewport_size({"width": 360, "height": 780})
    await row_of(page, case).get_by_role("link").click()
    await expect(page.get_by_role("heading", name="#1 Logistik")).to_be_visible()
    await expect(row_of(page, case)).to_be_hidden()
    await page.go_back()
    await expect(row_of(page, case)).to_be_visible()
    await expect(page.locator(CASE)).to_have_count(0)

    # Beside a long one that was read to its end, the next begins where one looks.
    await page.set_viewport_size({"width": 1920, "height": 420})
    await row_of(page, case).get_by_role("link").click()
    await expect(page.get_by_role("heading", name="#1 Logistik")).to_be_visible()
    await page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    await row_of(page, other).get_by_role("link").evaluate("link => link.click()")
    await expect(page.get_by_role("heading", name="#2 Logistik")).to_be_in_viewport()


async def _sound(page: Page, where: str) -> None:
    """No violation of axe, and nothing beyond the edge of the screen."""
    assert await faults(page) == [], where
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, (where, overflow)


async def test_a_marked_point_is_copied_and_drawn_from_its_tps(
    running: Running, served: Small, desk: Client, boss: Client, server_pool: db.Pool, visits: Visits
) -> None:
    async with server_pool.acquire() as connection:
        await connection.execute(
            "update posko.tps set latitude = -6.1211, longitude = 106.7742 where node_id ="
            " (select id from posko.node where operation_id = $1 and code = $2)", served.operation, served.tps[0],
        )  # fmt: skip
    case = await file_incident(desk, served, served.tps[0], "sedang")
    await _say(boss, case, "location", {"latitude": -6.1211, "longitude": 106.7832})
    page = await open_board(visits, running, served, f"/{case}")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    sketch = page.get_by_role("img", name="995 m dari TPS, ke arah timur")
    await expect(sketch).to_be_visible()
    await page.get_by_role("button", name="Salin koordinat").click()
    await expect(page.get_by_text("Disalin.")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "-6.1211, 106.7832"


async def test_the_first_touch_of_a_board_hits_what_it_was_on(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await file_incident(desk, served, served.tps[2], "tinggi")
    page = await open_board(visits, running, served)
    await page.set_viewport_size({"width": 360, "height": 780})
    # Whatever a test evaluates is a touch for the browser.
    untouched = "Object.defineProperty(navigator, 'userActivation', {value: {hasBeenActive: false}})"
    await page.add_init_script(untouched)
    await page.reload()
    sound = page.locator("[data-played] button")
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(sound).to_have_text("Suara menunggu klik")
    wanted = page.get_by_role("button", name="Bantuan")
    box = await wanted.bounding_box()
    assert box is not None

    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()
    await page.evaluate("() => new Promise(requestAnimationFrame)")
    assert await wanted.bounding_box() == box
    await page.mouse.up()

    await expect(page.get_by_role("dialog", name="Bantuan papan kejadian")).to_be_visible()
    await expect(sound).to_have_text("Suara hidup")
