"""What an officer files is on the phone before it is sent, and in the database once: whatever happens in between."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from PIL import Image
from playwright.async_api import Request, Route, expect

from posko import db, pages
from tests.client import Client
from tests.e2e.conftest import Visits, fill_in
from tests.e2e.phones import OLDER, Phone, new_account, phone_of, reports_of, room, sign_in_beside, until
from tests.factories import PASSWORD, Small
from tests.photos.pictures import file_of
from tests.running import Running

REPORTS = "**/v1/reports"
KEPT_HERE = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open('posko-lapor')
    request.onerror = reject
    request.onsuccess = () => {
        const stores = request.result.transaction(['items', 'films'])
        const [items, films] = ['items', 'films'].map((name) => stores.objectStore(name).count())
        stores.oncomplete = () => resolve([items.result, films.result])
    }
})"""
"""How many reports and photos lie on the phone."""
STANDINGS = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open('posko-lapor')
    request.onerror = reject
    request.onsuccess = () => {
        const items = request.result.transaction('items').objectStore('items').getAll()
        items.onsuccess = () => resolve(items.result.map((item) => item.standing))
    }
})"""
"""How each report stands, those too that the list does not reach to."""


AN_OLDER_PAGE = """() => new Promise((resolve, reject) => {
    const opening = indexedDB.open('posko-lapor', 2)
    opening.onerror = reject
    opening.onupgradeneeded = () => {
        const make = (name, how, ...indexes) => {
            const store = opening.result.createObjectStore(name, how)
            for (const [index, more] of indexes) store.createIndex(index, index, more)
        }
        make('items', { keyPath: 'order', autoIncrement: true }, ['id', { unique: true }], ['account'], ['standing'])
        make('films', { keyPath: ['id', 'sha256'] })
        make('acts', { keyPath: 'order', autoIncrement: true }, ['account'])
        make('notes')
        make('known')
    }
    opening.onsuccess = () => resolve(Object.assign(window, { held: opening.result }).length)
})"""
"""The phone's memory as a page before this one made it, which does not let go of it."""


async def test_filed_offline_it_survives_a_reload_and_is_filed_once_when_the_network_is_back(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    await phone.context.set_offline(True)

    await phone.nihil("tanpa sinyal")
    await phone.stands("tanpa sinyal", "antre")
    await phone.page.reload()
    await phone.stands("tanpa sinyal", "antre")
    assert await reports_of(server_pool, phone.username) == []
    await phone.context.set_offline(False)

    await phone.stands("tanpa sinyal", "diterima")
    [report] = await reports_of(server_pool, phone.username)
    number = f"{report['version']}-{report['id'][-4:].upper()}"
    await expect(phone.card("tanpa sinyal")).to_contain_text(f"tanda terima {number}")


async def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_id(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    bodies: list[str] = []

    async def lose_the_answer(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        await route.fetch()
        await route.abort()

    await phone.page.route(REPORTS, lose_the_answer)
    await phone.nihil("jawaban hilang")
    await expect(phone.card("jawaban hilang")).to_contain_text("Sudah dicoba")
    await phone.stands("jawaban hilang", "antre")
    assert len(await reports_of(server_pool, phone.username)) == 1
    async with phone.page.expect_request(REPORTS) as sent:  # its own next try may come first
        await phone.page.unroute(REPORTS)
        await phone.go_on()

    await phone.stands("jawaban hilang", "diterima")
    assert len(await reports_of(server_pool, phone.username)) == 1
    assert {(await sent.value).post_data, *bodies} == {bodies[0]}


async def test_a_network_that_goes_in_mid_send_and_a_page_that_is_closed_leave_it_queued(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    await phone.page.route(REPORTS, lambda _: None)  # never answered
    await phone.nihil("di tengah jalan")
    await phone.stands("di tengah jalan", "terkirim")
    await phone.context.set_offline(True)
    await phone.page.reload()

    await phone.stands("di tengah jalan", "antre")  # nobody is sending it
    await phone.page.unroute(REPORTS)
    await phone.context.set_offline(False)

    await phone.stands("di tengah jalan", "diterima")
    assert await _notes(server_pool, phone) == ["di tengah jalan"]


async def test_what_is_still_queued_can_be_withdrawn_and_both_arrive_in_their_order(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    await phone.context.set_offline(True)
    await phone.nihil("salah TPS")
    await phone.card("salah TPS").get_by_role("link").click()
    await phone.page.get_by_role("link", name="Tarik laporan").click()
    await phone.page.get_by_label("Alasan menarik").fill("ternyata TPS sebelah")
    await phone.page.get_by_role("button", name="Tarik – kirim").click()
    await phone.stands("ternyata TPS sebelah", "antre")
    await phone.context.set_offline(False)

    for said in ("salah TPS", "ternyata TPS sebelah"):
        await phone.stands(said, "diterima")
    first, second = [json.loads(r["content"]) | {"id": r["id"]} for r in await reports_of(server_pool, phone.username)]
    assert (first["kind"], second["kind"], second["of"]) == ("nihil", "correction", first["id"])


@pytest.mark.parametrize("lacks", ["", OLDER], ids=["today", "older"])
async def test_two_tabs_show_the_same_and_send_it_once(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits, lacks: str
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    await phone.context.add_init_script(lacks)
    await phone.page.reload()
    other = Phone(await phone.context.new_page(), phone.username, served)
    await other.page.goto("/lapor/#/terkirim")
    sent: list[str] = []
    for page in (phone.page, other.page):
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    await phone.context.set_offline(True)

    await phone.nihil("dua jendela")
    await other.stands("dua jendela", "antre")
    await phone.context.set_offline(False)

    for tab in (phone, other):
        await tab.stands("dua jendela", "diterima")
    assert len(await reports_of(server_pool, phone.username)) == 1
    assert sent == [f"{running.url}/v1/reports"]


async def test_a_tab_that_is_closed_before_its_turn_leaves_its_reports_to_the_others(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    other = Phone(await phone.context.new_page(), phone.username, served)
    await other.page.goto("/lapor/#/terkirim")
    await other.page.get_by_role("navigation", name="Bagian").wait_for()
    await phone.page.route(REPORTS, lambda _: None)  # never answered

    await phone.nihil("jendela ditutup")
    await phone.stands("jendela ditutup", "terkirim")
    await phone.page.close()
    await other.page.bring_to_front()

    await other.stands("jendela ditutup", "diterima")
    assert len(await reports_of(server_pool, phone.username)) == 1


async def test_a_server_that_is_killed_before_it_answers_takes_nothing_with_it(
    alone: Running, small: Small, pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, alone, pool, small)
    sent = _sent_from(phone)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select from posko.operation where id = $1 for update", small.operation)
        await phone.nihil("server mati")
        await phone.stands("server mati", "terkirim")
        alone.kill("serve")
        await phone.stands("server mati", "antre")
    await phone.nihil("selagi mati")
    alone.start("serve")
    alone.wait_ready("serve")
    await phone.go_on()

    for said in ("server mati", "selagi mati"):
        await phone.stands(said, "diterima")
    assert await _notes(pool, phone) == ["server mati", "selagi mati"]
    assert ["selagi mati", "server mati"] not in sent


async def test_a_sender_that_could_not_be_fetched_is_fetched_by_a_new_page(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    username = await new_account(server_pool, served)
    page = await visits.enter(running, "/icon.svg", username, may_fail=True)
    # A phone that cannot keep the page: what it keeps, it need not fetch.
    await page.add_init_script("delete Navigator.prototype.serviceWorker")
    openings: list[str] = []
    page.on("request", lambda request: openings.append(request.url) if request.is_navigation_request() else None)

    async def only_to_a_new_page(route: Route) -> None:
        # As browsers do that remember a script which could not be fetched.
        await (route.abort() if len(openings) == 1 else route.continue_())

    await page.route("**/assets/sender-*.js", only_to_a_new_page)
    older = await page.context.new_page()
    await older.goto("/icon.svg")
    await older.evaluate(AN_OLDER_PAGE)
    await page.goto("/lapor/")
    await expect(page.get_by_text("Lapor masih terbuka di tab lain, dari versi sebelumnya.")).to_be_visible()
    await older.close()
    phone = Phone(page, username, served)
    await phone.nihil("tanpa pengirim")
    await phone.stands("tanpa pengirim", "antre")

    async with page.expect_navigation():
        await page.evaluate("dispatchEvent(new Event('online'))")

    await phone.stands("tanpa pengirim", "diterima")
    assert await _notes(server_pool, phone) == ["tanpa pengirim"]


async def test_a_session_that_ends_in_the_middle_of_the_queue_costs_nothing(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    statuses: list[int] = []
    phone.page.on("response", lambda r: statuses.append(r.status) if r.request.method == "POST" else None)
    is_over = asyncio.Event()

    async def answered_when_the_next_waits(route: Route) -> None:
        taken = await route.fetch()
        await phone.nihil("di tengah antrean")
        async with aiohttp.ClientSession() as http:
            admin = await Client(http, running.url).sign_in("admin")
            assert (await admin.ask("DELETE", f"/v1/accounts/{phone.username}/sessions"))[0] == 204
        await route.fulfill(response=taken)
        is_over.set()

    await phone.page.route(REPORTS, answered_when_the_next_waits, times=1)
    await phone.nihil("masih sempat")
    async with asyncio.timeout(60):
        await is_over.wait()  # one hand at a time on the page
    await phone.stands("masih sempat", "diterima")
    await expect(phone.card("di tengah antrean")).to_contain_text("Sudah dicoba")
    await phone.stands("di tengah antrean", "antre")
    banner = phone.page.get_by_role("alert").filter(has=phone.page.get_by_role("link", name="Masuk"))
    await expect(banner).to_be_visible()
    await phone.nihil("sesudahnya")
    await phone.stands("sesudahnya", "antre")
    assert await _notes(server_pool, phone) == ["masih sempat"]
    assert statuses == [200, 401], "whoever has to sign in asks no more"
    await banner.get_by_role("link").click()
    await fill_in(phone.page, PASSWORD, phone.username)

    await phone.page.wait_for_url(lambda url: urlsplit(url).path == "/lapor/", wait_until="commit")
    for said in ("di tengah antrean", "sesudahnya"):
        await phone.stands(said, "diterima")
    # The two go in one batch: one version, and ids of forms that were opened within a moment.
    first, *rest = await _notes(server_pool, phone)
    assert (first, sorted(rest)) == ("masih sempat", ["di tengah antrean", "sesudahnya"])


def _sent_from(phone: Phone) -> list[list[str]]:
    """What each POST from now on holds, by its words, in its order."""
    sent: list[list[str]] = []

    def take(request: Request) -> None:
        if request.method == "POST":
            said = [item["content"] for item in json.loads(request.post_data or "[]")]
            sent.append([content.get("note") or content["text"] for content in said])

    phone.page.on("request", take)
    return sent


async def _notes(pool: db.Pool, phone: Phone) -> list[str]:
    """What was filed, in the order in which it was taken."""
    return [json.loads(report["content"])["note"] for report in await reports_of(pool, phone.username)]


async def test_one_refused_in_the_middle_of_many_holds_up_nobody(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    sent = _sent_from(phone)
    await phone.context.set_offline(True)
    before, after = [f"sebelum {n:02}" for n in range(20)], [f"sesudah {n:02}" for n in range(15)]
    for note in before:
        await phone.nihil(note)
    await phone.incident("kategori yang dihapus", "hoaks")
    for note in after:
        await phone.nihil(note)
    async with aiohttp.ClientSession() as http:
        supervisor = await Client(http, running.url).sign_in("supervisor")
        path = f"/v1/operations/{served.operation}/categories"
        kept = [c for c in (await supervisor.get(path))["categories"] if not c["code"].startswith("hoaks")]
        assert (await supervisor.ask("PUT", path, kept))[0] == 200

    await phone.context.set_offline(False)

    await phone.stands("kategori yang dihapus", "ditolak")
    await expect(phone.card("kategori yang dihapus")).to_contain_text("Kategori ini tidak ada dalam operasi")
    await until(lambda: _has(server_pool, phone, 35))
    assert await _notes(server_pool, phone) == before + after
    assert [len(batch) for batch in sent] == [32, 4]
    assert [said for batch in sent for said in batch] == [*before, "kategori yang dihapus", *after]
    await until(lambda: _all_stand(phone, ["diterima"] * 35 + ["ditolak"]))
    await phone.page.reload()
    await phone.stands("kategori yang dihapus", "ditolak")  # until somebody takes it away
    await phone.card("kategori yang dihapus").get_by_role("link").click()
    await phone.page.get_by_role("button", name="Hapus dari daftar ini").click()
    await phone.page.get_by_role("button", name="Ya, hapus dari daftar ini").click()
    await expect(phone.card("kategori yang dihapus")).to_have_count(0)


async def _all_stand(phone: Phone, standings: list[str]) -> bool:
    return sorted(await phone.page.evaluate(STANDINGS)) == standings


async def _has(pool: db.Pool, phone: Phone, count: int) -> bool:
    return len(await reports_of(pool, phone.username)) == count


async def test_a_full_phone_says_so_keeps_what_it_has_and_nothing_half(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served, room_bytes=2_500_000)
    pixels = [Image.frombytes("RGB", (1600, 1200), os.urandom(1600 * 1200 * 3)) for _ in range(2)]
    photos = [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file_of(image, quality=85)} for image in pixels]
    await phone.context.set_offline(True)
    await phone.nihil("sebelum penuh")

    await phone.at("#/lapor/kejadian")
    await phone.page.locator("[data-category=logistik]").click()
    await phone.page.locator("[data-severity=sedang]").click()
    await phone.page.get_by_label("Yang terjadi").fill("tidak muat")
    await phone.page.locator("input[type=file]").set_input_files(photos)
    send = phone.page.get_by_role("button", name="Kirim", exact=True)
    await send.click()
    await expect(phone.page.get_by_role("main").get_by_role("alert")).to_contain_text("Belum tersimpan", timeout=40_000)
    await expect(phone.page.get_by_role("banner").get_by_role("alert")).to_contain_text("penuh")
    assert await phone.page.evaluate(KEPT_HERE) == [1, 0], "one report, and no photo of the other"
    await room(phone.page, running, None)
    await send.click()
    await phone.card("tidak muat").wait_for()
    await phone.page.reload()
    await phone.at("#/terkirim")
    await expect(phone.cards).to_have_count(2)
    await phone.context.set_offline(False)

    for said in ("sebelum penuh", "tidak muat"):
        await phone.stands(said, "diterima")
    assert await _has(server_pool, phone, 2)


async def test_the_page_opens_and_takes_reports_while_the_server_is_away(
    alone: Running, small: Small, pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, alone, pool, small)
    alone.kill("serve")

    page = await phone.context.new_page()
    await phone.page.close()
    phone = Phone(page, phone.username, small)
    await page.goto("/lapor/")
    await expect(page.get_by_role("banner")).to_contain_text(small.tps[0])
    await expect(page.get_by_role("banner")).to_contain_text("TPS 001")
    await phone.nihil("server pergi")
    await phone.stands("server pergi", "antre")
    alone.start("serve")
    alone.wait_ready("serve")
    await phone.go_on()

    await phone.stands("server pergi", "diterima")
    assert await _has(pool, phone, 1)


def _replace(script: Path, text: bytes) -> None:
    """In all three encodings; as Brotli that leaves it as it is (RFC 7932, 9.2: a meta-block of 2^16 bytes at most)."""
    head = (1 << 20 | (len(text) - 1) << 4).to_bytes(3, "little")
    script.write_bytes(text)
    script.with_suffix(".gz.js").write_bytes(gzip.compress(text))
    script.with_suffix(".br.js").write_bytes(head + text + b"\x03")


@pytest.mark.alone
async def test_a_newer_page_takes_over_when_it_is_told_to_and_loses_nothing(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    await phone.page.route(REPORTS, lambda route: route.abort())
    await phone.nihil("sebelum pembaruan")
    [before] = await phone.page.evaluate("caches.keys()")
    worker = pages.STATIC / "lapor" / "sw.js"
    built = worker.read_bytes()
    as_built = {file: file.read_bytes() for file in worker.parent.glob("sw*.js")}
    assert len(as_built) == 3
    name = before.removeprefix("posko-lapor ")
    assert built.count(name.encode()) == 1
    try:
        for newer in ("e" * len(name), "f" * len(name)):
            _replace(worker, built.replace(name.encode(), newer.encode()))
            await phone.page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
            async with phone.page.expect_navigation(timeout=60_000):
                await phone.page.get_by_role("button", name="Pakai sekarang").click()
            await phone.kept()
            assert (await phone.page.evaluate("caches.keys()"))[-1] == f"posko-lapor {newer}"
    finally:
        for file, kept in as_built.items():
            file.write_bytes(kept)

    assert f"posko-lapor {name}" not in await phone.page.evaluate("caches.keys()")
    await phone.stands("sebelum pembaruan", "antre")
    await phone.page.unroute(REPORTS)
    await phone.go_on()
    await phone.stands("sebelum pembaruan", "diterima")
    assert await _has(server_pool, phone, 1)


async def test_another_person_on_the_same_phone_neither_sees_nor_sends_what_the_first_one_filed(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    first = await phone_of(visits, running, server_pool, served)
    await first.context.set_offline(True)
    await first.nihil("milik yang pertama")
    page = first.page
    second = Phone(page, await new_account(server_pool, served, served.tps[1]), served)

    # Neither the page nor the service worker sends it for the first one, before the second is there. (Requests that are
    # stopped on their way would be let go as the page is left: they outlast it.)
    await page.evaluate("void (window.fetch = () => Promise.reject(new TypeError('no network')))")
    await page.evaluate("delete ServiceWorkerRegistration.prototype.sync")
    await first.context.set_offline(False)
    await page.goto("about:blank")
    await sign_in_beside(page.context, second.username)
    await page.goto("/lapor/")
    await expect(page.get_by_role("banner")).to_contain_text(served.tps[1])
    await expect(page.get_by_role("banner")).to_contain_text(first.username)  # what waits here, and whose it is
    await second.nihil("milik yang kedua")
    await second.stands("milik yang kedua", "diterima")
    await expect(second.card("milik yang pertama")).to_have_count(0)
    assert (await _has(server_pool, first, 0), await _has(server_pool, second, 1)) == (True, True)

    await page.goto("about:blank")
    await sign_in_beside(page.context, first.username)
    await page.goto("/lapor/")

    await first.stands("milik yang pertama", "diterima")
    await expect(first.card("milik yang kedua")).to_have_count(0)
    assert (await _has(server_pool, first, 1), await _has(server_pool, second, 1)) == (True, True)


async def test_reports_of_one_are_not_sent_by_the_session_of_another_that_came_meanwhile(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    other = await new_account(server_pool, served, served.tps[1])
    # The page does not come to know of it by its question of every minute.
    await phone.page.route("**/v1/field?*", lambda route: route.abort())
    await sign_in_beside(phone.context, other)

    async with phone.page.expect_response(REPORTS, timeout=60_000) as answer:
        await phone.nihil("bukan milik sesi ini")

    refused = await answer.value
    assert (refused.status, (await refused.json())["code"]) == (401, "somebody-else")
    assert (
        await server_pool.fetchval("select count(*) from posko.report where operation_id = $1", served.operation) == 0
    )


async def test_a_phone_whose_clock_is_wrong_files_by_the_servers(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    username = await new_account(server_pool, served)
    page = await visits.open(running, "/", may_fail=True)
    # Before the page has it, some of it has gone.
    fast = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=17, seconds=40)
    await page.clock.install(time=fast)
    await page.goto("/masuk/?ke=/lapor/")
    await fill_in(page, PASSWORD, username)
    phone = Phone(page, username, served)

    await expect(page.get_by_role("alert").filter(has_text="17")).to_be_visible()
    await phone.nihil("jam salah")
    await phone.stands("jam salah", "diterima")

    [report] = await reports_of(server_pool, username)
    assert abs(report["observed_at"] - report["received_at"]) < datetime.timedelta(minutes=1)


async def test_busy_servers_are_left_alone_for_as_long_as_they_ask(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    asked_at: list[float] = []
    busy = {"type": "", "title": "sibuk", "status": 503, "code": "queue-full", "retry_after_s": 3}

    async def refuse_once(route: Route) -> None:
        asked_at.append(asyncio.get_running_loop().time())
        headers = {"content-type": "application/problem+json", "retry-after": "3"}
        if len(asked_at) == 1:
            await route.fulfill(status=503, headers=headers, body=json.dumps(busy))
        else:
            await route.continue_()

    await phone.page.route(REPORTS, refuse_once)
    await phone.nihil("server sibuk")
    await phone.stands("server sibuk", "antre")
    await phone.go_on()  # a person's wish does not go before what the server asked for

    await phone.stands("server sibuk", "diterima")
    assert len(asked_at) == 2
    assert asked_at[1] - asked_at[0] >= 3
    assert len(await reports_of(server_pool, phone.username)) == 1


async def test_the_head_says_at_once_that_the_signal_went_and_that_nobody_answers(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    head = phone.page.get_by_role("banner")
    await expect(head).to_contain_text("Tersambung")

    await phone.context.set_offline(True)
    await expect(head).to_contain_text("Luring", timeout=10_000)
    await phone.context.set_offline(False)
    await expect(head).to_contain_text("Tersambung")

    await phone.page.route(REPORTS, lambda route: route.abort())
    await phone.nihil("tanpa jawaban")
    await phone.stands("tanpa jawaban", "antre")
    await expect(head).to_contain_text("Luring")
