"""Setting up an operation in a real browser: from nothing to the konsol."""

from __future__ import annotations

import io
import secrets
from typing import Any

import aiohttp
from openpyxl import load_workbook
from playwright.async_api import Page, expect

from posko import db
from posko.sheet import MEDIA_TYPE
from tests.client import Client
from tests.e2e.conftest import Visits
from tests.factories import Small, make_account
from tests.running import Running
from tests.workbooks import workbook

HEADER = "code,number,voters_l,voters_p"


def _csv(*rows: str) -> Any:
    return {"name": "tps.csv", "mimeType": "text/csv", "buffer": "\n".join((HEADER, *rows, "")).encode()}


async def _enter(visits: Visits, running: Running, section: str = "operasi") -> Page:
    """The admin's page; a refused roster is a 422, which the browser writes into its console."""
    page = await visits.enter(running, f"/kelola/#/{section}", "admin", may_fail=True)
    await expect(page.get_by_role("navigation", name="Bagian")).to_be_visible()
    return page


async def _draft(client: Client, served: Small, *rows: str) -> int:
    new = {"root": served.root, "name": f"Gladi {secrets.token_hex(4)}", "mode": "drill", "voting_day": "2027-06-23"}
    _, made, _ = await client.ask("POST", "/v1/operations", new)
    operation = int(made["operation"]["id"])
    if rows:
        data = "\n".join((HEADER, *rows, "")).encode()
        assert (await client.ask("PUT", f"/v1/operations/{operation}/roster", data=data))[0] == 200
    return operation


async def test_an_admin_makes_a_drill_from_a_root_and_the_konsol_shows_it(
    running: Running, served: Small, visits: Visits
) -> None:
    name = f"Gladi {secrets.token_hex(4)}"
    page = await _enter(visits, running)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url.rsplit("/", 1)[1]) if "/published-regions/" in r.url else None)
    await page.get_by_role("link", name="Buat operasi").click()
    await expect(page.get_by_text("38 wilayah sampai kelurahan/desa, 2.386 TPS")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    assert asked == ["ID", "31", "31.72"]  # each once
    await page.get_by_role("button", name="Buat draf").click()
    await expect(page.get_by_role("alert")).to_have_text("Lengkapi dulu: Hari pemungutan suara, Nama operasi")
    await page.get_by_role("textbox", name="Hari pemungutan suara").fill("1999-06-23")
    await page.get_by_role("button", name="Buat draf").click()
    await expect(page.get_by_role("alert")).to_contain_text("Tahunnya 2000 sampai 2099.")
    await page.get_by_role("textbox", name="Hari pemungutan suara").fill("2027-06-23")
    called = page.get_by_role("textbox", name="Nama operasi")
    await expect(called).to_have_value("Posko Kota Administrasi Jakarta Utara, latihan 23 Juni 2027")
    await called.fill(name)
    await page.get_by_role("button", name="Buat draf").click()

    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    await expect(page.locator("[data-step=tps]")).to_contain_text("belum ada")
    await expect(page.get_by_role("button", name="Aktifkan …")).to_be_disabled()

    async with page.expect_download() as saved:
        await page.get_by_role("button", name="Unduh contoh isian (Excel)").click()
    form = load_workbook(io.BytesIO((await (await saved.value).path()).read_bytes())).worksheets[0]
    assert [[cell.value for cell in row[:4]] for row in form.iter_rows(max_row=2)] == [
        HEADER.split(","),
        ["31.72.01.1001.001", 1, 0, 0],
    ]

    # a roster with mistakes: each is named, and what to do; nothing is loaded
    chooser = page.locator("input[type=file]")
    await chooser.set_input_files(
        _csv("31.72.01.1001.001,1,240,250", "31.72.01.1001.002,3,240,250", "31.72.01.9999.001,1,2,x")
    )
    mistakes = page.get_by_role("region", name="Tidak ada yang dimuat: 2 kesalahan di 2 baris")
    await expect(mistakes.get_by_role("heading")).to_be_focused()
    rows = [await row.locator("th, td").all_inner_texts() for row in await mistakes.locator("[data-rule]").all()]
    assert [row[:2] for row in rows] == [["3", "number"], ["4", "voters_p"]]
    assert [row[3][:21] for row in rows] == ["Samakan kolom number ", "Perbaiki angkanya ses"]
    async with page.expect_download() as saved:
        await mistakes.get_by_role("button", name="Unduh kesalahan").click()
    download = await saved.value
    assert download.suggested_filename == "kesalahan-tps.csv"
    assert "nomor-berbeda" in (await download.path()).read_text(encoding="utf-8")
    await expect(page.locator("[data-step=tps]")).to_contain_text("belum ada")

    # a good one, as a workbook
    listed = ([f"31.72.01.1001.{n:03}", n, 240, 250.0] for n in range(1, 21))
    good = {"name": "tps.xlsx", "mimeType": MEDIA_TYPE, "buffer": workbook(HEADER.split(","), *listed)}
    await chooser.set_input_files(good)
    await expect(page.get_by_text("20 TPS dimuat, 9.800 pemilih.")).to_be_visible()
    await expect(page.locator("[data-rule]")).to_have_count(0)
    await expect(page.locator("[data-step=tps]")).to_contain_text("20, dari daftar yang dimuat")
    await expect(page.get_by_role("button", name="Unduh Excel")).to_be_visible()

    # the plan of the day, as people write hours here
    await page.get_by_label("Jam: voting_open").fill("7.30")
    await page.get_by_label("Longgar (mnt): voting_open").fill("45")
    await expect(page.get_by_text("1 tonggak berubah, belum disimpan.")).to_be_visible()
    await page.get_by_role("button", name="Simpan perubahan").click()
    await expect(page.get_by_text("1 tonggak disimpan.")).to_be_visible()
    await expect(page.get_by_label("Jam: voting_open")).to_have_value("07:30")

    # who stands: what is published is of another election
    ballot = page.get_by_role("region", name="Yang dipilih")
    await expect(ballot).to_contain_text("Ini pasangan calon Pilkada 2024")
    await expect(page.locator("[data-step=contests]")).to_have_attribute("data-standing", "doubt")
    await ballot.get_by_label("Nama pilihan nomor 1").fill("Ani - Budi")
    await ballot.get_by_role("button", name="Hapus pilihan 3").click()
    await ballot.get_by_role("button", name="Tambah pemilihan").click()
    keep = ballot.get_by_role("button", name="Simpan pemilihan")
    await expect(keep).to_be_disabled()  # of whom?
    mayor = ballot.locator("[data-kind=bupati_walikota]")
    await expect(mayor.get_by_label("Kode wilayah")).to_have_value("31.72")
    await mayor.get_by_label("Nama pilihan nomor 1").fill("Citra - Dedi")
    await mayor.get_by_label("Nama pilihan nomor 2").fill("Kotak kosong")
    await keep.click()
    await expect(ballot.get_by_text("Pemilihan dan pasangan calonnya disimpan.")).to_be_visible()
    await expect(ballot.get_by_text("Ini pasangan calon Pilkada 2024")).to_have_count(0)
    await expect(page.locator("[data-step=contests]")).to_have_attribute("data-standing", "done")

    await page.get_by_role("button", name="Aktifkan …").click()
    question = page.get_by_role("dialog", name=f"Aktifkan {name}?")
    await expect(question).to_contain_text("Bupati/wali kota dan wakil 31.72: 1 Citra - Dedi; 2 Kotak kosong")
    await expect(question).to_contain_text("wilayah dan 20 TPS-nya")
    await question.get_by_role("button", name="Ya, aktifkan").click()
    await expect(page.get_by_text("Operasi aktif. Laporan diterima mulai sekarang.")).to_be_visible()
    await expect(page.locator("input[type=file]")).to_have_count(0)

    await page.get_by_role("link", name="Buka di konsol").click()
    total = page.locator("tr[data-kind=total]")
    await expect(total).to_contain_text("20")
    await expect(page.get_by_role("banner")).to_contain_text("LATIHAN")
    operation = int(page.url.partition("#/")[2].partition("/")[0])
    async with aiohttp.ClientSession() as http:
        detail = await (await Client(http, running.url).sign_in("admin")).get(f"/v1/operations/{operation}")
    assert detail["state"] == "active"
    [opening] = [m for m in detail["milestones"] if m["code"] == "voting_open"]
    assert (opening["planned"], opening["grace_minutes"]) == ("07:30", 45)
    choices = {c["kind"]: c["paslon"] for c in detail["contests"]}
    assert [p["number"] for p in choices["gubernur"]] == [1, 2]
    assert choices["gubernur"][0]["name"] == "Ani - Budi"
    assert [p["is_empty_box"] for p in choices["bupati_walikota"]] == [False, True]


async def test_milestones_of_a_draft_come_go_and_are_taken_back(
    running: Running, served: Small, visits: Visits
) -> None:
    async with aiohttp.ClientSession() as http:
        client = await Client(http, running.url).sign_in("admin")
        operation = await _draft(client, served)
        page = await _enter(visits, running, f"operasi/{operation}")
        rows = page.locator("[data-milestone]")
        await expect(rows).to_have_count(13)

        await page.get_by_role("button", name="Tambah tonggak").click()
        form = page.get_by_role("form", name="Tambah tonggak")
        await form.get_by_label("Nama").fill("Apel pagi di kelurahan")
        await form.get_by_label("Jam").fill("0515")
        await form.get_by_role("button", name="Tambahkan").click()
        await expect(page.locator("[data-milestone=apel_pagi_di_kelurahan]")).to_be_visible()
        await expect(page.get_by_role("button", name="Tambah tonggak")).to_be_focused()

        await page.locator("[data-milestone=oath]").get_by_role("button", name="Hapus").click()
        await page.get_by_role("button", name="Ya, hapus").click()
        await expect(page.locator("[data-milestone=oath]")).to_have_count(0)

        hour = page.get_by_label("Jam: voting_closed")
        await hour.fill("25:00")
        await expect(page.get_by_role("button", name="Simpan perubahan")).to_be_disabled()
        await expect(hour).to_have_attribute("aria-invalid", "true")
        await page.get_by_role("button", name="Batalkan perubahan").click()
        await expect(hour).to_have_value("13:00")

        detail = await client.get(f"/v1/operations/{operation}")
    plan = {m["code"]: m for m in detail["milestones"]}
    assert "oath" not in plan
    assert (plan["apel_pagi_di_kelurahan"]["planned"], plan["voting_closed"]["planned"]) == ("05:15", "13:00")


async def test_an_operation_is_closed_after_a_question_and_opened_again_by_two(
    running: Running, served: Small, visits: Visits
) -> None:
    async with aiohttp.ClientSession() as http:
        client = await Client(http, running.url).sign_in("admin")
        operation = await _draft(client, served, "31.72.01.1001.001,1,240,250")
        await client.ask("PUT", f"/v1/operations/{operation}/activation")
        page = await _enter(visits, running, f"operasi/{operation}")

        await page.get_by_role("button", name="Tutup operasi").click()
        question = page.get_by_role("dialog")
        await expect(question).to_contain_text("ditolak")
        await question.get_by_role("button", name="Batal").click()
        await expect(page.get_by_role("button", name="Tutup operasi")).to_be_focused()
        assert (await client.get(f"/v1/operations/{operation}"))["state"] == "active"

        await page.keyboard.press("Enter")
        await question.get_by_role("button", name="Ya, tutup").click()
        await expect(page.get_by_text("Operasi ditutup.")).to_be_visible()
        assert (await client.get(f"/v1/operations/{operation}"))["state"] == "closed"
    await expect(page.locator("[data-milestone] input")).to_have_count(0)
    await expect(page.get_by_role("link", name="minta persetujuan")).to_have_attribute("href", "/akun/#/persetujuan")


async def test_a_draft_stays_out_of_the_other_pages(running: Running, served: Small, visits: Visits) -> None:
    async with aiohttp.ClientSession() as http:
        client = await Client(http, running.url).sign_in("admin")
        operation = await _draft(client, served, "31.72.01.1001.001,1,240,250")
        called = (await client.get(f"/v1/operations/{operation}"))["name"]
    page = await _enter(visits, running)
    await expect(page.locator(f"[data-operation='{operation}']")).to_contain_text("draf")
    for address in ("/konsol/#/", "/akun/#/piket"):
        await page.goto(address)
        await expect(page.get_by_role("heading").first).to_be_visible()
        await expect(page.get_by_role("banner")).to_be_visible()
        await page.wait_for_load_state("networkidle")
        await expect(page.get_by_text(called)).to_have_count(0)


async def test_a_draft_is_deleted_after_a_question_and_one_that_is_in_use_says_why_it_stays(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    async with aiohttp.ClientSession() as http:
        client = await Client(http, running.url).sign_in("admin")
        kept, gone, third = [await _draft(client, served, "31.72.01.1001.001,1,240,250") for _ in range(3)]
        called = (await client.get(f"/v1/operations/{gone}"))["name"]
        async with server_pool.acquire() as connection:
            await make_account(connection, f"pos-{secrets.token_hex(4)}", "operator", served.root, operation=kept)
        page = await _enter(visits, running)
        rows = [page.locator(f"[data-operation='{operation}']") for operation in (gone, kept)]

        await rows[0].get_by_role("button", name=f"Hapus {called}").click()
        await rows[0].get_by_role("button", name="Batal").click()
        await expect(rows[0].get_by_role("button", name="Hapus")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(rows[0].get_by_role("button", name="Ya, hapus")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(f"{called} sudah dihapus.")).to_be_focused()
        await expect(rows[0]).to_have_count(0)
        assert (await client.ask("GET", f"/v1/operations/{gone}"))[0] == 404

        await rows[1].get_by_role("button", name="Hapus").click()
        await rows[1].get_by_role("button", name="Ya, hapus").click()
        await expect(page.get_by_role("alert")).to_contain_text("Ada tugas orang, kontak, webhook, atau gateway")
        await expect(rows[1]).to_be_visible()
        assert (await client.get(f"/v1/operations/{kept}"))["state"] == "draft"

        named = (await client.get(f"/v1/operations/{third}"))["name"]
        await page.goto(f"/kelola/#/operasi/{third}")
        await page.get_by_role("button", name=f"Hapus {named}").click()
        await page.get_by_role("button", name="Ya, hapus").click()
        await expect(page.get_by_text(f"{named} sudah dihapus.")).to_be_focused()
        assert (await client.ask("GET", f"/v1/operations/{third}"))[0] == 404
    active = page.locator(f"[data-operation='{served.operation}']")
    await expect(active).to_be_visible()
    await expect(active.get_by_role("button")).to_have_count(0)


async def test_an_admin_makes_a_drill_of_the_published_figures(running: Running, served: Small, visits: Visits) -> None:
    name = f"Gladi {secrets.token_hex(4)}"
    page = await _enter(visits, running, "operasi/buat")
    await page.locator("input[value=preset]").check()
    preset = page.locator("form select")
    await expect(preset).to_have_count(1)
    # Of what is published an admin may take what lies in the seat.
    await expect(preset.locator("option")).to_have_count(1)
    await expect(preset).to_contain_text("2.386")
    await page.get_by_role("button", name="Buat draf").click()
    await expect(page.get_by_role("alert")).to_have_text("Lengkapi dulu: Hari pemungutan suara, Nama operasi")
    await page.get_by_role("textbox", name="Hari pemungutan suara").fill("1999-06-23")
    await page.get_by_role("button", name="Buat draf").click()
    await expect(page.get_by_role("alert")).to_contain_text("Tahunnya 2000 sampai 2099.")
    await page.get_by_role("textbox", name="Hari pemungutan suara").fill("2027-06-23")
    await page.get_by_role("textbox", name="Nama operasi").fill(name)
    await page.get_by_role("button", name="Buat draf").click()

    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=120_000)
    await expect(page.locator("[data-step=tps]")).to_contain_text("2.386")
    await expect(page.get_by_role("button", name="Aktifkan …")).to_be_enabled()
    operation = int(page.url.rpartition("/")[2])
    async with aiohttp.ClientSession() as http:
        made = await (await Client(http, running.url).sign_in("admin")).get(f"/v1/operations/{operation}")
    assert (made["state"], made["tps_estimated"], made["root_code"]) == ("draft", True, served.root)
