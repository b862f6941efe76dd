"""The account page in a real browser: one's own account, people, cards, the two-person rule, the log, the desk."""

from __future__ import annotations

import asyncio
import io
import secrets
import time
from collections.abc import Awaitable, Callable

import aiohttp
import pyotp
import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, expect

from posko import db
from posko.sheet import MEDIA_TYPE
from tests.client import Client
from tests.e2e.conftest import Visits, fill_in
from tests.factories import PASSWORD, Small, make_account
from tests.running import Running

NEW_PASSWORD = "perahu-hujan-kuning-tangga"
Enter = Callable[[str, str], Awaitable[Page]]


@pytest.fixture
def enter(running: Running, served: Small, visits: Visits) -> Enter:
    """Opens a section as somebody."""

    async def opened(username: str, section: str = "#/") -> Page:
        page = await visits.enter(running, f"/akun/{section}", username, may_fail=True)
        await expect(page.get_by_role("navigation", name="Bagian")).to_be_visible()
        return page

    return opened


async def _someone(pool: db.Pool, role: str = "petugas", *scope: str) -> str:
    username = f"{role}-{secrets.token_hex(3)}"
    async with pool.acquire() as connection:
        await make_account(connection, username, role, *(scope or ("31.72",)))
    return username


async def _another_seat(pool: db.Pool, username: str, role: str, *regions: str) -> None:
    async with pool.acquire() as connection:
        await connection.execute(
            "insert into posko.assignment (account_id, is_party, role, regions, cleared, starts_at, granted_at, changed_at)"
            " select a.id, false, $2, $3, false, at, at, at from posko.account a, posko.now() as at where a.username = $1",
            username, role, list(regions),
        )  # fmt: skip


async def test_a_session_from_elsewhere_is_listed_and_ended(
    running: Running, server_pool: db.Pool, enter: Enter
) -> None:
    username = await _someone(server_pool)
    async with aiohttp.ClientSession() as http:
        other = await Client(http, running.url).sign_in(username)
        page = await enter(username, "#/")
        sessions = page.get_by_role("region", name="Sesi (2)")
        await expect(sessions.get_by_text("sesi ini")).to_have_count(1)

        await sessions.get_by_role("button", name="Akhiri").click()
        await expect(page.get_by_role("button", name="Ya, akhiri")).to_be_focused()
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("region", name="Sesi (1)")).to_be_visible()
        status, body, _ = await other.ask("GET", "/v1/sessions/current")
        assert (status, body["code"]) == (401, "not-signed-in")


async def test_a_new_password_is_checked_and_counts_from_now_on(
    running: Running, server_pool: db.Pool, enter: Enter
) -> None:
    username = await _someone(server_pool)
    page = await enter(username, "#/")
    await page.get_by_role("button", name="Ganti kata sandi").click()

    async def change(current: str, new: str) -> None:
        await page.get_by_label("Kata sandi sekarang").fill(current)
        await page.get_by_label("Kata sandi baru", exact=True).fill(new)
        await page.get_by_label("Kata sandi baru sekali lagi").fill(new)
        await page.keyboard.press("Enter")

    await change("bukan-kata-sandinya", NEW_PASSWORD)
    await expect(page.get_by_role("alert")).to_contain_text("Kata sandi sekarang salah")
    await change(PASSWORD, "pendek")
    await expect(page.get_by_role("alert")).to_contain_text("12 sampai 256")
    await change(PASSWORD, NEW_PASSWORD)

    await expect(page.get_by_text("Kata sandi diganti.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text(username)
    async with aiohttp.ClientSession() as http:
        await Client(http, running.url).sign_in(username, NEW_PASSWORD)


async def test_what_matters_asks_once_more_who_it_is(
    alone: Running, small: Small, pool: db.Pool, visits: Visits
) -> None:
    page = await visits.open(alone, "/akun/", may_fail=True)
    await fill_in(page, PASSWORD, "operator")
    await expect(page.get_by_text("sesi ini")).to_be_visible()
    await expect(page.get_by_role("button", name="Pasang")).to_be_visible()  # all of it has been read
    async with pool.acquire() as connection:
        await connection.execute("update posko.session set stepped_up_at = stepped_up_at - interval '10 minutes'")
    alone.restart("serve")  # it would trust what it remembers

    await page.get_by_role("button", name="Pasang").click()
    question = page.get_by_role("dialog", name="Buktikan bahwa ini Anda")
    await expect(question.get_by_label("Kata sandi")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(question).to_have_count(0)
    await expect(page.get_by_role("alert")).to_contain_text("Buktikan sekali lagi")
    await page.get_by_role("button", name="Coba lagi").click()
    await question.get_by_label("Kata sandi").fill("bukan-kata-sandinya")
    await page.keyboard.press("Enter")
    await expect(question.get_by_role("alert")).to_contain_text("salah")
    await question.get_by_label("Kata sandi").fill(PASSWORD)
    await page.keyboard.press("Enter")

    secret = (await page.locator("dialog code").inner_text()).replace(" ", "")
    await page.get_by_label("Kode enam angka").fill(pyotp.TOTP(secret).at(time.time()))
    await page.get_by_role("button", name="Aktifkan").click()
    await expect(page.get_by_role("region", name="Aplikasi autentikator")).to_contain_text("Terpasang.")


async def test_another_seat_is_another_page(server_pool: db.Pool, served: Small, enter: Enter) -> None:
    username = await _someone(server_pool, "auditor", served.root)
    page = await enter(username, "#/")
    await _another_seat(server_pool, username, "petugas", served.tps[0])
    await page.reload()

    await expect(page.get_by_role("link", name="Orang")).to_be_visible()
    await page.get_by_role("button", name="Ambil Petugas").click()

    await expect(page.get_by_role("banner").get_by_text("Petugas")).to_be_visible()
    await expect(page.get_by_role("link", name="Orang")).to_have_count(0)


async def test_signing_out_ends_the_session_at_the_server(server_pool: db.Pool, enter: Enter) -> None:
    page = await enter(await _someone(server_pool), "#/")
    cookie = next(c for c in await page.context.cookies() if c["name"] == "__Host-posko")

    await page.get_by_role("button", name="Keluar").click()

    await expect(page.get_by_label("Kata sandi")).to_be_visible()
    await page.context.add_cookies([cookie])
    async with asyncio.timeout(15):
        while (await page.context.request.get("/v1/sessions/current")).status != 401:
            await asyncio.sleep(0.1)


async def test_an_admin_adds_a_person_who_signs_in_with_what_is_shown_once(
    running: Running, served: Small, enter: Enter, visits: Visits
) -> None:
    username = f"siti-{secrets.token_hex(3)}"
    page = await enter("admin", "#/tambah")
    await page.get_by_label("Nama pengguna").fill(username)
    await page.get_by_label("Nama lengkap").fill("Siti Rahmawati")
    await page.get_by_label("Lembaga").select_option("linmas")
    await page.get_by_label("Wilayah tugas").fill(served.tps[0])
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("TPS 001, Kelurahan 1-1, Kecamatan 1, KOTA KECIL")).to_be_visible()
    await page.get_by_role("button", name="Tambah orang").click()

    password = await page.locator("code").inner_text()
    theirs = await visits.open(running, "/masuk/")
    await fill_in(theirs, password, username)
    await theirs.wait_for_url("**/lapor/**")
    await theirs.goto("/akun/")
    await expect(theirs.get_by_role("heading", level=1)).to_have_text("Siti Rahmawati")
    await page.get_by_role("link", name="Buka Siti Rahmawati").click()
    await expect(page.get_by_role("region", name="Sesi (1)")).to_be_visible()


async def test_a_person_is_found_given_a_seat_disabled_and_enabled(
    server_pool: db.Pool, served: Small, enter: Enter
) -> None:
    username = await _someone(server_pool)
    page = await enter("admin", "#/orang")
    await page.get_by_label("Cari nama").fill(username.upper())
    await expect(page.locator("[data-username]")).to_have_count(1)
    await page.get_by_role("link", name=username).click()

    await page.get_by_role("button", name="Tambah tugas").click()
    await page.get_by_label("Peran").select_option("operator")
    await page.get_by_label("Wilayah tugas").fill(f"{served.kecamatan[0]}, {served.kecamatan[1]}")
    await page.get_by_role("button", name="Tambah tugas").click()
    await expect(page.get_by_role("region", name="Tugas (2)")).to_contain_text("Kecamatan 1 (31.72.01), Kecamatan 2")
    await page.get_by_role("button", name="Akhiri Petugas").click()
    await page.get_by_role("button", name="Ya, akhiri").click()
    await expect(page.get_by_role("region", name="Tugas (1)")).to_be_visible()

    await page.get_by_role("button", name="Nonaktifkan").click()
    await page.get_by_label("Alasan").fill("pindah tugas")
    await page.get_by_role("dialog").get_by_role("button", name="Nonaktifkan").click()
    await expect(page.get_by_text("nonaktif sejak")).to_be_visible()
    await page.get_by_role("button", name="Aktifkan lagi").click()
    await expect(page.get_by_text("nonaktif sejak")).to_have_count(0)

    await page.get_by_role("button", name="Setel ulang").click()
    await page.get_by_label("Alasan").fill("lupa kata sandi")
    await page.get_by_role("dialog").get_by_role("button", name="Setel ulang").click()
    await expect(page.get_by_text("ditampilkan sekali ini saja")).to_be_visible()


async def test_every_bad_line_of_an_import_is_in_a_table(enter: Enter) -> None:
    page = await enter("admin", "#/impor")
    name = f"impor-{secrets.token_hex(3)}"

    async def load(*lines: str) -> None:
        text = "\n".join(("username,full_name,institution,role,regions", *lines))
        await page.get_by_label("Berkas CSV").set_input_files(
            {"name": "orang.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        await page.get_by_role("button", name="Impor dari daftar").click()

    await load(f"{name},Budi,linmas,petugas,31.72", "SALAH,Siti,linmas,petugas,31.72", "siti.x,Siti,linmas,bos,x y")
    await expect(page.get_by_role("heading", level=2)).to_have_text("Tidak ada yang dimuat: 3 kesalahan di 2 baris")
    rows = page.get_by_role("row")
    await expect(rows).to_have_count(4)
    await expect(rows.nth(1)).to_contain_text("3")
    await expect(rows.nth(1)).to_contain_text("username")
    await expect(rows.nth(2)).to_contain_text("role")

    async with page.expect_download() as saved:
        await page.get_by_role("button", name="Unduh contoh isian (Excel)").click()
    form = load_workbook(io.BytesIO((await (await saved.value).path()).read_bytes()))
    form.worksheets[0].append([name, "Budi", "linmas", None, None, "petugas", 31.72])
    assert "linmas" in str(form.worksheets[1]["B4"].value)
    filled = io.BytesIO()
    form.save(filled)
    await page.get_by_label("Berkas CSV").set_input_files(
        {"name": "orang.xlsx", "mimeType": MEDIA_TYPE, "buffer": filled.getvalue()}
    )
    await page.get_by_role("button", name="Impor dari daftar").click()
    await expect(page.get_by_text("1 akun dimuat.")).to_be_visible()
    await page.get_by_role("status").get_by_role("link", name="Orang").click()
    await page.get_by_label("Cari nama").fill(name)
    await expect(page.locator("[data-username]")).to_have_count(1)


async def test_a_code_on_the_screen_makes_a_phone_somebodys(
    running: Running, server_pool: db.Pool, enter: Enter, visits: Visits
) -> None:
    username = await _someone(server_pool)
    page = await enter("admin", f"#/orang/{username}")
    await page.get_by_role("button", name="Daftarkan perangkat").click()
    dialog = page.get_by_role("dialog", name="Daftarkan perangkat")
    await expect(dialog.get_by_role("img", name=f"Kode QR pendaftaran perangkat {username}")).to_be_visible()
    assert 540 <= int(await dialog.locator("[data-left]").get_attribute("data-left") or 0) <= 600
    code = (await dialog.locator("code").inner_text()).replace(" ", "")

    phone = await visits.open(running, f"/masuk/#daftar={code}")
    await phone.set_viewport_size({"width": 360, "height": 740})
    await phone.get_by_label("PIN baru", exact=True).fill("482719")
    await phone.get_by_label("PIN baru sekali lagi").fill("482719")
    await phone.keyboard.press("Enter")
    await phone.wait_for_url("**/lapor/**")
    await phone.goto("/akun/")
    await expect(phone.get_by_role("heading", level=1)).to_have_text(username)

    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Daftarkan perangkat")).to_be_focused()
    await expect(page.get_by_role("region", name="Akses")).to_contain_text("Perangkat1")
    await phone.get_by_role("button", name="Hapus").click()
    await phone.get_by_role("button", name="Ya, hapus").click()
    await expect(phone.get_by_label("Kata sandi")).to_be_visible()


async def test_cards_are_printed_alone(server_pool: db.Pool, served: Small, enter: Enter) -> None:
    names = [await _someone(server_pool, "petugas", served.tps[i]) for i in range(2)]
    page = await enter("admin", "#/orang")
    for name in names:
        await page.get_by_label("Cari nama").fill(name)
        await page.get_by_role("checkbox", name=f"Pilih {name}").check()
    await expect(page.get_by_text("2 orang dipilih")).to_be_visible()
    await page.get_by_role("link", name="Kartu pendaftaran").click()
    await page.get_by_role("button", name="Buat kartu").click()

    cards = page.locator("main li[data-username]")
    await expect(cards).to_have_count(2)
    await expect(cards.nth(0)).to_contain_text("Kelurahan 1-1, Kecamatan 1, KOTA KECIL")
    await expect(cards.nth(0)).to_contain_text("WIB")
    await page.get_by_role("button", name="English").click()
    await expect(cards.nth(0)).to_contain_text("Pindai kode QR ini")
    await page.emulate_media(media="print")
    for hidden in ("header", "nav", "button", "h1"):
        await expect(page.locator(hidden).first).to_be_hidden()
    await expect(cards.nth(1)).to_be_visible()


async def test_who_only_looks_changes_nothing(server_pool: db.Pool, enter: Enter) -> None:
    username = await _someone(server_pool)
    page = await enter("supervisor", "#/orang")

    await expect(page.locator("[data-username]").first).to_be_visible()
    await expect(page.locator("main").get_by_role("checkbox")).to_have_count(0)
    await expect(page.get_by_role("link", name="Tambah orang")).to_have_count(0)
    await page.goto(f"/akun/#/orang/{username}")
    await expect(page.get_by_role("region", name="Akses")).to_be_visible()
    await expect(page.locator("main").get_by_role("button")).to_have_count(0)
    await page.goto("/akun/#/tambah")
    await expect(page.get_by_role("heading", level=1)).to_have_text("supervisor")


async def test_one_asks_and_another_decides(server_pool: db.Pool, enter: Enter) -> None:
    asker, decider = await _someone(server_pool, "supervisor"), await _someone(server_pool, "supervisor")
    reason = f"surat {secrets.token_hex(3)}"
    page = await enter(asker, "#/persetujuan")
    await page.get_by_label("Alasan").fill(reason)
    await page.get_by_role("button", name="Minta persetujuan").click()
    own = page.locator("[data-approval]", has_text=reason)
    await expect(own).to_contain_text("orang lain yang memutuskan")
    await expect(own.get_by_role("button")).to_have_count(0)
    await page.goto("/akun/#/catatan")
    await page.get_by_role("button", name="Unduh sebagai CSV").click()
    await expect(page.get_by_role("alert")).to_contain_text("Perlu persetujuan orang kedua")

    second = await enter(decider, "#/persetujuan")
    card = second.locator("[data-approval]", has_text=reason)
    await card.get_by_role("button", name="Setujui").click()
    await second.get_by_role("dialog").get_by_label("Alasan").fill("sudah diperiksa")
    await second.get_by_role("dialog").get_by_role("button", name="Setujui").click()
    await expect(card).to_have_count(0)
    await second.get_by_role("button", name="Semua").click()
    await expect(card).to_contain_text(f"Disetujui oleh {decider}")

    async with page.expect_download() as started:
        await page.get_by_role("button", name="Unduh sebagai CSV").click()
    download = await started.value
    assert download.suggested_filename == "posko-log.csv"
    assert (await download.path()).read_text(encoding="utf-8").startswith("\ufeffid,at,username,")


async def test_the_log_says_who_did_what(server_pool: db.Pool, enter: Enter) -> None:
    username = await _someone(server_pool)
    async with server_pool.acquire() as connection:
        await connection.execute(
            "insert into posko.log_entry (at, account_id, role, action, outcome, region_code, restricted, subject, times)"
            " select posko.now(), a.id, 'petugas', 'shift.begin', 'done', '31.72', false, 'shift ' || n, 1"
            " from posko.account a, generate_series(1, 130) as n where a.username = $1",
            username,
        )
    page = await enter("auditor", "#/catatan")
    await page.get_by_label("Nama pengguna").fill(username)
    await page.get_by_label("Tindakan").select_option("shift.begin")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Tampilkan").click()

    rows = page.locator("[data-action='shift.begin']")
    await expect(rows).to_have_count(100)
    await expect(rows.first).to_contain_text("Mulai piket")
    await expect(rows.first).to_contain_text("piket 130")
    await page.get_by_role("button", name="Muat lagi").click()
    await expect(rows).to_have_count(130)
    await page.get_by_label("Tindakan").select_option("factor.totp")
    await page.get_by_role("button", name="Tampilkan").click()
    await expect(page.get_by_text("Tidak ada catatan yang cocok")).to_be_visible()


async def test_a_desk_goes_from_hand_to_hand(server_pool: db.Pool, served: Small, enter: Enter) -> None:
    first, second = await _someone(server_pool, "operator"), await _someone(server_pool, "operator")
    desk = f"#/piket/{served.operation}/{served.kecamatan[0]}"
    page = await enter(first, desk)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Piket Kecamatan 1")
    await page.get_by_role("button", name="Mulai bertugas").click()
    await page.get_by_label("Catatan untuk yang berikutnya").fill("Dua TPS belum lapor.")
    await page.get_by_label("Nama pengguna yang menggantikan").fill("tidak-ada")
    await page.get_by_role("button", name="Serahkan").click()
    await expect(page.get_by_role("alert")).to_contain_text("tidak dapat bertugas di meja ini")
    await page.get_by_label("Nama pengguna yang menggantikan").fill(second)
    await page.get_by_role("button", name="Serahkan").click()
    await expect(page.get_by_text("menunggu diterima")).to_be_visible()

    theirs = await enter(second, desk)
    given = theirs.get_by_role("region", name=f"{first} menyerahkan piket kepada Anda")
    await expect(given).to_contain_text("Dua TPS belum lapor.")
    await given.get_by_role("button", name="Saya sudah membaca dan bertugas").click()

    await expect(theirs.get_by_role("region", name="Sedang bertugas (1)")).to_contain_text(second)
    await expect(theirs.get_by_role("region", name="Sebelumnya")).to_contain_text(first)


async def test_the_konsol_offers_every_region_of_a_seat(
    running: Running, server_pool: db.Pool, served: Small, visits: Visits
) -> None:
    username = await _someone(server_pool, "operator", *reversed(served.kecamatan))
    page = await visits.enter(running, f"/konsol/#/{served.operation}/{served.root}", username)

    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kecamatan 2")
    await page.get_by_label("Wilayah tugas").select_option(label="Kecamatan 1")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kecamatan 1")
    await page.get_by_role("link", name=username).click()
    await expect(page.get_by_role("region", name="Tugas")).to_contain_text(
        "Kecamatan 2 (31.72.02), Kecamatan 1 (31.72.01)"
    )


@pytest.mark.parametrize("width", [360, 1280, 3840])
async def test_no_section_scrolls_sideways(width: int, server_pool: db.Pool, served: Small, enter: Enter) -> None:
    page = await enter("admin", "#/")
    await page.set_viewport_size({"width": width, "height": 740})
    sections = [
        "",
        "orang",
        "orang/admin",
        "tambah",
        "impor",
        "kartu",
        "persetujuan",
        "catatan",
        f"piket/{served.operation}/31.72",
    ]
    for section in sections:
        await page.goto(f"/akun/#/{section}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await page.wait_for_load_state("networkidle")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, section
