"""Alarms, directives and the duty roster on the konsol, with somebody else at the other end over HTTP."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from posko import db
from tests.client import Client
from tests.e2e.accessible import faults
from tests.e2e.conftest import Visits
from tests.factories import Small, make_account, milestone, report
from tests.incidents.ground import Day, clock
from tests.running import Running

SOON_MS = 20_000
BUSY = {"type": "", "title": "sibuk", "status": 503, "code": "queue-full"}


@pytest.fixture
async def day(server_pool: db.Pool, served: Small) -> Day:
    """The voting day of the served operation; its clock stands at 05:00."""
    async with server_pool.acquire() as connection:
        await connection.execute("select api.lay_obligations($1)", served.operation)
        rows = await connection.fetch(
            "select a.username, a.id, g.id as seat from posko.account a join posko.assignment g on g.account_id = a.id and g.revoked_at is null"
        )
    found = Day(server_pool, served, served.operation, {row["username"]: (row["id"], row["seat"]) for row in rows})
    await found.at(clock(5))
    return found


@pytest.fixture
async def phone(running: Running, served: Small, server_pool: db.Pool) -> AsyncIterator[Client]:
    """The petugas of the first TPS."""
    username = await _someone(server_pool, "petugas", served.tps[0])
    async with aiohttp.ClientSession() as http:
        found = await Client(http, running.url).sign_in(username)
        found.operation = served.operation
        yield found


async def _someone(pool: db.Pool, role: str, *scope: str) -> str:
    username = f"{role}-{secrets.token_hex(3)}"
    async with pool.acquire() as connection:
        await make_account(connection, username, role, *scope)
    return username


async def _enter(
    visits: Visits,
    running: Running,
    small: Small,
    view: str,
    username: str = "supervisor",
    code: str | None = None,
    *,
    may_fail: bool = False,
) -> Page:
    address = f"/konsol/#/{small.operation}/{code or small.root}/{view}"
    page = await visits.enter(running, address, username, may_fail=may_fail)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


async def _fine(page: Page) -> None:
    """No violation of axe-core, and nothing beside the screen at 360 px."""
    assert await faults(page) == []
    size = page.viewport_size
    await page.set_viewport_size({"width": 360, "height": 780})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    assert size is not None
    await page.set_viewport_size(size)


def _count(within: Locator | Page, name: str) -> Locator:
    return within.locator(f"article [data-count='{name}']")


async def test_a_directive_is_written_fills_up_by_itself_says_who_is_missing_and_is_withdrawn(
    running: Running, served: Small, day: Day, desk: Client, phone: Client, visits: Visits
) -> None:
    page = await _enter(visits, running, served, "arahan/tulis")
    await expect(page.locator("[data-size='12']")).to_be_visible()
    await page.get_by_role("combobox", name="Di wilayah").select_option(served.kecamatan[0])
    await page.get_by_role("textbox", name="Isi").fill("Amankan kotak {place} sebelum {tenggat}.")
    await page.get_by_role("button", name="+2 jam").click()
    await expect(page.locator("[data-size='6']")).to_be_visible()
    await expect(page.locator("[data-preview]")).to_have_text("Amankan kotak TPS 001 sebelum 27 Nov, 07.00 WIB.")
    await _fine(page)
    sure = page.get_by_role("button", name="Ya, kirim ke 6 tempat", exact=True)
    await page.get_by_role("button", name="Kirim ke 6 tempat").click()
    await expect(sure).to_be_focused()
    await page.get_by_role("button", name="+1 jam").click()
    await expect(sure).to_have_count(0)  # it was another directive that somebody was sure of
    await page.get_by_role("button", name="+2 jam").click()
    await page.get_by_role("button", name="Kirim ke 6 tempat").click()
    await sure.click()

    await expect(page.get_by_role("heading", name="Arahan nomor 1")).to_be_visible()
    sent = page.get_by_text("Amankan kotak [nama tempat] sebelum 27 Nov, 07.00 WIB.", exact=True)
    await expect(sent).to_be_visible()
    await expect(_count(page, "unanswered")).to_have_attribute("data-value", "6")
    directive = page.url.rsplit("/", 1)[1]
    await page.evaluate("window.isSame = true")
    (received,) = (await phone.get(f"/v1/desks/{served.tps[0]}/directives"))["rows"]
    assert (received["id"], received["text"]) == (directive, "Amankan kotak TPS 001 sebelum 27 Nov, 07.00 WIB.")
    path = f"/v1/directives/{directive}/targets/{served.tps[0]}"
    assert (await phone.ask("PUT", f"{path}/completion", {"proof": "kotak di meja"}))[0] == 200

    await expect(_count(page, "done")).to_have_attribute("data-value", "1", timeout=SOON_MS)
    await expect(_count(page, "unanswered")).to_have_attribute("data-value", "5")
    await expect(page.locator("li[data-place]")).to_have_count(5)
    missing = page.locator("li[data-place]")
    places = [await missing.nth(i).get_attribute("data-place") for i in range(5)]
    assert places == served.tps[1:6]
    await day.at(clock(5, 10))
    assert (await desk.put(report(served.operation, served.tps[2], {"kind": "nihil"})))[0] == 201
    since = page.locator("li[data-place]", has=page.locator("[data-reported]"))
    await expect(since).to_contain_text("tetapi melapor pada 05.10 WIB", timeout=SOON_MS)
    await expect(since).to_have_attribute("data-place", served.tps[2])
    share = await page.locator("article span.done").get_attribute("data-share")
    assert float(share or 0) == pytest.approx(100 / 6)
    await _count(page, "done").get_by_role("link").click()
    await expect(page.locator("li[data-place]")).to_have_count(1)
    await expect(page.locator("li[data-place]")).to_contain_text("kotak di meja")
    row = page.locator(f"tr[data-code='{served.kecamatan[0]}']")
    await expect(row.locator("[data-count=unanswered]")).to_have_attribute("data-value", "5")
    await page.goto(f"/konsol/#/{served.operation}/{served.kelurahan[0]}/arahan/{directive}")
    await expect(page.locator("li[data-place]")).to_have_count(2)
    await expect(page.locator("tr[data-code]")).to_have_count(0)  # its TPS stand in the list alone
    await page.go_back()
    assert await page.evaluate("window.isSame")
    await _fine(page)

    await page.get_by_role("button", name="Tarik arahan").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Ditarik dari 5 tempat")
    await page.get_by_label("Alasan").fill("hujan sudah reda")
    await page.get_by_role("button", name="Ya, tarik arahan").click()
    await expect(page.locator("article")).to_contain_text("hujan sudah reda")
    await expect(_count(page, "sent")).to_have_attribute("data-value", "1", timeout=SOON_MS)
    await expect(page.get_by_role("button", name="Tarik arahan")).to_have_count(0)
    await page.goto(f"/konsol/#/{served.operation}/{served.root}/arahan?tampil=semua")
    await expect(page.locator(f"[data-directive='{directive}']")).to_contain_text("ditarik")
    await expect(sent).to_be_visible()
    await _fine(page)


async def test_sending_again_without_an_answer_sends_once(
    running: Running, served: Small, day: Day, server_pool: db.Pool, visits: Visits
) -> None:
    page = await visits.enter(
        running, f"/konsol/#/{served.operation}/{served.kecamatan[0]}/arahan/tulis", may_fail=True
    )
    await page.get_by_label("Tempat tertentu").check()
    await page.get_by_label("Kode wilayah atau TPS").fill(f"{served.tps[1]} {served.kelurahan[0].replace('.', '-')}")
    await expect(page.get_by_text("Bukan kode")).to_be_visible()
    await page.get_by_label("Kode wilayah atau TPS").fill(f"{served.tps[1]} {served.kelurahan[0]}.999")
    await expect(
        page.get_by_text(f"Tidak ada, atau tidak di bawah meja ini: {served.kelurahan[0]}.999")
    ).to_be_visible()
    # What is pasted is whole, and not sent while it is too long.
    text = page.get_by_role("textbox", name="Isi")
    await text.fill("x" * 2_003)
    await expect(page.get_by_text("3 huruf terlalu banyak: paling banyak 2.000.")).to_be_visible()
    assert len(await text.input_value()) == 2_003
    await expect(page.locator("[data-missing]")).to_contain_text("isi yang tidak terlalu panjang")
    await page.get_by_label("Kode wilayah atau TPS").fill(f"{served.tps[1]}\n{served.kelurahan[0]}/002")
    await expect(page.locator("[data-size='1']")).to_be_visible()
    await page.get_by_role("textbox", name="Isi").fill("Hubungi posko.")

    async def swallow(route: Any) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/v1/directives/*", swallow)
    await page.get_by_role("button", name="Kirim ke 1 tempat").click()
    await page.get_by_role("button", name="Ya, kirim ke 1 tempat").click()
    await expect(page.get_by_text("tidak akan dobel")).to_be_visible()
    await page.unroute("**/v1/directives/*")
    await page.reload()
    await expect(page.get_by_role("textbox", name="Isi")).to_have_value("Hubungi posko.")
    await expect(page.locator("[data-size='1']")).to_be_visible()
    await page.get_by_role("button", name="Kirim ke 1 tempat").click()
    await page.get_by_role("button", name="Ya, kirim ke 1 tempat").click()

    await expect(page.get_by_role("heading", name="Arahan nomor 1")).to_be_visible()
    assert (
        await server_pool.fetchval("select count(*) from posko.directive where operation_id = $1", served.operation)
        == 1
    )


async def test_a_desk_reads_and_answers_its_own(
    running: Running, served: Small, day: Day, desk: Client, visits: Visits
) -> None:
    said = {
        "operation": served.operation,
        "from": served.root,
        "kind": "perintah",
        "requires": "jawab",
        "text": "Berapa perahu di {place}?",
        "deadline": clock(9).isoformat(),
        "to": {"kind": "desks", "region": served.root, "level": 3},
    }
    page = await _enter(visits, running, served, "arahan/masuk", "operator", served.kecamatan[0])
    await expect(page.get_by_text("Tidak ada arahan yang menunggu")).to_be_visible()
    made = "01936b5e-77a0-7c3a-9d0e-" + secrets.token_hex(6)
    assert (await desk.ask("PUT", f"/v1/directives/{made}", said))[0] == 201

    waiting = page.locator(f"[data-directive='{made}']")
    await expect(waiting).to_contain_text("Berapa perahu di Kecamatan 1?", timeout=SOON_MS)
    await expect(page.get_by_role("link", name="Kotak masuk (1)")).to_be_visible()
    await waiting.get_by_role("button", name="Jawab").click()
    await page.get_by_role("textbox", name="Jawaban").fill("Dua perahu karet.")
    await _fine(page)
    await page.get_by_role("button", name="Kirim").click()

    await expect(waiting).to_have_count(0)
    page_of = await desk.get(f"/v1/directives/{made}/targets?state=dijawab")
    assert [(row["place"], row["moves"][-1]["said"]) for row in page_of["rows"]] == [
        (served.kecamatan[0], "Dua perahu karet.")
    ]


async def test_an_alarm_is_taken_on_with_words_opens_to_its_tps_and_ends(
    running: Running, served: Small, day: Day, desk: Client, visits: Visits
) -> None:
    page = await _enter(visits, running, served, "alarm")
    await expect(page.get_by_text("Tidak ada alarm yang berlaku di sini.")).to_be_visible()
    for place in served.tps[1:]:
        assert (await desk.put(report(served.operation, place, milestone("kpps_present"), at=clock(6).isoformat())))[
            0
        ] == 201
    await day.at(clock(6, 15))
    await day.turn()

    alarm = page.locator(f"[data-alarm][data-place='{served.kelurahan[0]}']")
    await expect(alarm).to_be_visible(timeout=30_000)
    await expect(page.locator("[data-news]")).to_contain_text("1 alarm baru")
    number = alarm.locator("[data-missing]")
    await expect(number).to_have_attribute("data-missing", "1")
    await expect(alarm).to_contain_text("dari 3 TPS")
    await expect(alarm.locator("[data-left]")).to_be_visible()
    await expect(alarm).to_contain_text("Kelurahan 1-1")
    await _fine(page)
    # The clock comes to the hour before the engine does.
    await day.at(clock(7))
    await page.reload()
    await expect(alarm).to_contain_text("Waktunya", timeout=30_000)
    await expect(alarm.locator("[data-left]")).to_have_count(0)
    await alarm.get_by_role("button", name="Tangani").click()
    await page.get_by_label("Apa yang Anda lakukan?").fill("regu menuju TPS")
    await page.get_by_role("dialog").get_by_role("button", name="Tangani").click()
    await expect(alarm).to_contain_text("Ditangani supervisor")
    await expect(alarm).to_contain_text("regu menuju TPS")
    await expect(alarm.get_by_role("button", name="Tangani")).to_have_count(0)

    await number.click()
    listed = page.locator("main tr[data-code]")
    await expect(listed).to_have_count(1)
    await expect(listed).to_have_attribute("data-code", served.tps[0])
    await page.go_back()
    await alarm.get_by_role("button", name="Bebaskan TPS").click()
    await page.get_by_label(f"TPS 001 {served.tps[0]}").check()
    await page.get_by_label("Alasan").fill("TPS digabung")
    await page.get_by_role("button", name="Bebaskan 1 TPS").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await day.turn()
    await expect(alarm).to_have_count(0, timeout=30_000)
    await page.get_by_role("link", name="Berakhir").click()
    await expect(alarm).to_contain_text("regu menuju TPS")
    await _fine(page)


async def test_a_list_of_silent_tps_leads_to_an_order_to_exactly_these_and_to_whom_to_call(
    running: Running, served: Small, day: Day, server_pool: db.Pool, visits: Visits
) -> None:
    guards = [{"name": "Aipda Budi", "institution": "polri", "members": 1, "tps": [served.tps[0]], "phone": "+628111"}]
    async with aiohttp.ClientSession() as http:
        office = await Client(http, running.url).sign_in("supervisor")
        path = f"/v1/regions/{served.kelurahan[0]}/guards?operation={served.operation}"
        assert (await office.ask("PUT", path, guards))[0] == 200
    await day.at(clock(6, 15))
    await day.turn()
    counter = "milestone.kpps_present.overdue"

    page = await _enter(visits, running, served, f"tps/{counter}", code=served.kelurahan[0], may_fail=True)
    await expect(page.locator("a[href^='tel:']")).to_have_count(1)
    await page.route("**/guards?*", lambda route: route.fulfill(status=503, json=BUSY))
    await page.reload()
    unread = page.get_by_role("alert").filter(has_text="Nomor petugas pengamanan belum dapat dibaca")
    await expect(unread).to_be_visible()
    await page.unroute_all()
    await unread.get_by_role("button", name="Coba lagi").click()
    await expect(unread).to_have_count(0)
    rows = page.locator("main tr[data-code]")
    await expect(rows).to_have_count(3)
    await expect(page.locator("[data-rule]")).to_have_text("rencana 06.00, terlambat lewat 06.15 (tenggang 15 menit)")
    await expect(rows.locator("a[href^='tel:']")).to_have_count(1)
    await expect(rows.first.locator("a[href='tel:+628111']")).to_be_visible()
    await expect(page.get_by_role("link", name="Tulis arahan ke semua 3 TPS ini")).to_be_visible()
    await page.get_by_role("checkbox", name="Pilih semua 3 yang tampil").press("Space")
    await page.get_by_role("checkbox", name="Pilih TPS 002").press("Space")
    await _fine(page)
    await page.get_by_role("button", name="Tulis arahan ke 2 TPS yang dipilih").press("Enter")

    text = page.get_by_role("textbox", name="Isi")
    await expect(text).to_have_value(re.compile(r"^kpps_present di \{tempat\} belum dilaporkan \(rencana 06\.00\)"))
    await expect(page.locator("[data-size='2']")).to_be_visible()
    await expect(page.locator("[data-listed='3']")).to_contain_text("Untuk 2 TPS dari daftar")
    await page.reload()
    await expect(page.locator("[data-size='2']")).to_be_visible()
    await _fine(page)
    await page.get_by_role("button", name="Kirim ke 2 tempat").click()
    await page.get_by_role("button", name="Ya, kirim ke 2 tempat").click()
    await expect(page.get_by_role("heading", name="Arahan nomor 1")).to_be_visible()
    sent = await server_pool.fetchrow(
        "select place, places from posko.directive where operation_id = $1", served.operation
    )
    assert sent is not None
    assert (sent["place"], sent["places"]) == (served.root, [served.tps[0], served.tps[2]])

    await page.goto(f"/konsol/#/{served.operation}/{served.root}/alarm?jenis=belum_lapor")
    alarm = page.locator(f"[data-alarm][data-place='{served.kelurahan[0]}']")
    await alarm.get_by_role("link", name="Tulis arahan ke 3 TPS").click()
    await expect(page.locator("[data-size='3']")).to_be_visible()
    await page.goto(f"/konsol/#/{served.operation}/{served.tps[0]}")
    await expect(page.get_by_role("region", name="Data TPS").locator("a[href='tel:+628111']")).to_be_visible()
    looking = await _enter(visits, running, served, f"tps/{counter}", "auditor")
    await expect(looking.locator("main tr[data-code]").first).to_be_visible()
    await expect(looking.locator("main input, main a[href^='tel:']")).to_have_count(0)


async def test_an_outage_holds_an_alarm_and_what_a_role_may_not_is_not_offered(
    running: Running, served: Small, day: Day, visits: Visits
) -> None:
    await day.at(clock(6, 15))
    await day.turn()
    page = await _enter(visits, running, served, "alarm?jenis=belum_lapor")
    alarms = page.locator("[data-alarm]")
    await expect(alarms).to_have_count(4)
    await page.get_by_role("button", name="Catat gangguan").click()
    await page.get_by_label("Wilayah").last.select_option(served.kecamatan[0])
    await page.get_by_label("Apa yang terjadi").select_option("seluler")
    await page.get_by_label("Alasan").fill("BTS padam")
    await page.get_by_role("dialog").get_by_role("button", name="Catat").click()

    outage = page.locator("[data-outage]")
    await expect(outage).to_contain_text("BTS padam")
    await expect(page.get_by_text("Ditahan")).to_have_count(2)
    await expect(outage).to_contain_text("27 Nov, 06.15 WIB sampai 27 Nov, 08.15 WIB")
    await _fine(page)
    await outage.get_by_role("button", name="Akhiri").click()
    await outage.get_by_role("button", name="Ya, akhiri").click()
    await expect(page.get_by_text("Ditahan")).to_have_count(0)

    looking = await _enter(visits, running, served, "alarm", "auditor")
    await expect(looking.locator("[data-alarm]")).to_have_count(4)
    for name in ("Tangani", "Bebaskan TPS", "Catat gangguan"):
        await expect(looking.get_by_role("button", name=name)).to_have_count(0)
    await looking.goto(f"/konsol/#/{served.operation}/{served.root}/arahan/tulis")
    await expect(looking.get_by_text("Peran Anda tidak mengirim arahan")).to_be_visible()


async def test_a_desk_is_kept_handed_over_and_empty_ones_stand_out(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    first, second = [await _someone(server_pool, "operator", served.root) for _ in range(2)]
    page = await _enter(visits, running, served, "piket", first)
    await expect(page.get_by_text("Belum ada satu pun meja yang dijaga")).to_be_visible()
    await page.get_by_role("button", name="Mulai bertugas").click()
    row = page.locator(f"[data-desk='{served.root}']")
    await expect(row).to_have_attribute("data-state", "staffed")
    await page.get_by_role("button", name="Hadir").click()
    await expect(row).to_contain_text("hadir")
    await expect(page.locator("[data-desk][data-state=vacant]")).to_have_count(6)
    await page.locator("tr[data-level='4'] [data-state=vacant] a").click()
    await expect(page.locator("[data-desk]")).to_have_count(4)
    await page.get_by_label("Catatan untuk yang berikutnya").fill("Dua TPS belum lapor.")
    await page.get_by_label("Nama pengguna yang menggantikan").fill(second)
    await _fine(page)
    await page.get_by_role("button", name="Serahkan").click()
    await expect(page.get_by_text("menunggu diterima")).to_be_visible()

    theirs = await _enter(visits, running, served, "piket", second, may_fail=True)
    given = theirs.get_by_role("region", name=f"{first} menyerahkan piket kepada Anda")
    await expect(given).to_contain_text("Dua TPS belum lapor.")
    await given.get_by_role("button", name="Saya sudah membaca dan bertugas").click()
    await expect(theirs.get_by_role("region", name="Sedang bertugas (1)")).to_contain_text(second)
    await expect(theirs.locator(f"[data-desk='{served.root}']")).to_contain_text(second)
    await theirs.locator(f"[data-desk='{served.kelurahan[0]}']").get_by_role("link").click()
    await expect(theirs.get_by_role("heading", level=1)).to_contain_text("Kelurahan 1-1")
    await expect(theirs.get_by_text("Belum ada yang bertugas.")).to_be_visible()
    # An operator sees no accounts, and is offered who sits at the desks above: they may sit here.
    await theirs.get_by_role("button", name="Mulai bertugas").click()
    await expect(theirs.locator("datalist option")).to_have_count(1)
    assert await theirs.locator("datalist option").get_attribute("value") == first
    await theirs.route(f"**/v1/desks/{served.root}?*", lambda route: route.fulfill(status=503, json=BUSY))
    await theirs.reload()
    unread = theirs.get_by_role("alert").filter(has_text="Siapa yang dapat menggantikan belum dapat dibaca")
    await expect(unread).to_be_visible()
    await theirs.unroute_all()
    await unread.get_by_role("button", name="Coba lagi").click()
    await expect(theirs.locator("datalist option")).to_have_count(1)
    await expect(theirs.get_by_text("jam piket menurut jam sebenarnya")).to_be_visible()


async def test_the_alarm_of_systems_that_are_not_reached_names_them(
    running: Running, served: Small, day: Day, visits: Visits
) -> None:
    for name in ("Dasbor Diskominfo", "Command center"):
        made = await day.pool.fetchval(
            "insert into posko.endpoint (operation_id, region_code, cleared, url, description, types, is_thin, rate, state, added_at, verified_at)"
            " select $1, $2, false, 'https://contoh.go.id/hook', $3, '{incident.*}', false, 100, 'active', at, at from posko.now() at returning id",
            served.operation, served.root, name,
        )  # fmt: skip
        await day.pool.fetch("select * from api.turn_endpoint($1, true)", made)

    page = await _enter(visits, running, served, "alarm")

    alarm = page.locator("[data-alarm][data-kind=webhook]")
    await expect(alarm.locator("[data-endpoints]")).to_have_text("Yang gagal: Dasbor Diskominfo, Command center")
    await _fine(page)
