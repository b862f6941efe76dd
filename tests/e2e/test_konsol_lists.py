"""What the konsol says about its lists: flags of every kind, how much is shown, which operations, and what is not there."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route, expect

from posko import db
from tests.client import Client
from tests.e2e.conftest import Visits, fill_in
from tests.factories import Small, count, incident, make_small, milestone, report, uuid7
from tests.running import Running

SHOWN = "main p.status"
BUSY = {"type": "", "title": "sibuk", "status": 503, "code": "queue-full"}


async def test_a_correction_of_another_place_is_counted_named_and_listed(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    wrong = uuid7()
    status, body, _ = await desk.put(report(served.operation, served.tps[0], milestone("voting_open")), wrong)
    assert status == 201, body
    astray = {"kind": "correction", "of": str(wrong), "reason": "salah TPS"}
    status, body, _ = await desk.put(report(served.operation, served.tps[1], astray))
    assert (status, body["flags"]) == (201, ["misdirected"])

    page = await visits.sign_in(running, served)

    await expect(page.locator("[data-counter=flag]").first).to_have_attribute("data-value", "1")
    await expect(page.get_by_text("Tidak ada yang janggal")).to_have_count(0)
    await page.get_by_role("link", name="1 mengoreksi laporan tempat lain").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("mengoreksi laporan tempat lain (1)")
    row = page.locator(f"main [data-code='{served.tps[1]}']")
    await expect(row).to_contain_text("Penarikan laporan")
    await row.get_by_role("link").click()
    await expect(page.get_by_role("region", name="Perlu diperiksa")).to_contain_text("Penarikan laporan")


async def test_a_list_says_how_many_rows_it_shows_and_never_out_of_votes(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    for place in (served.tps[0], served.tps[5]):
        status, body, _ = await desk.put(report(served.operation, place, count("gubernur", [10, 20, 30])))
        assert status == 201, body
    items = [{"id": str(uuid7()), **report(served.operation, served.tps[2], incident("sedang"))} for _ in range(104)]
    status, body, _ = await desk.post(items)
    assert {item["status"] for item in body} == {201}

    page = await visits.sign_in(running, served, served.root)

    await page.goto(f"/konsol/#/{served.operation}/{served.root}/tps/count.gubernur.paslon.3")
    await expect(page.locator("[data-now]")).to_have_attribute("data-now", "60")
    await expect(page.locator(SHOWN)).to_have_text("2 tempat ditampilkan")
    await expect(page.get_by_role("columnheader", name="Nilai")).to_be_visible()
    # Of what is one at each place, no column says so.
    await page.goto(f"/konsol/#/{served.operation}/{served.root}/tps/count.gubernur.tps")
    await expect(page.locator("[data-now]")).to_have_attribute("data-now", "2")
    await expect(page.locator(SHOWN)).to_have_text("2 tempat ditampilkan")
    await expect(page.get_by_role("columnheader", name="Nilai")).to_have_count(0)
    await page.goto(f"/konsol/#/{served.operation}/{served.root}/laporan-kejadian/semua")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("(104)")
    await expect(page.locator(SHOWN)).to_have_text("100 dari 104 kejadian ditampilkan")
    await page.get_by_role("button", name="Muat lagi").click()
    await expect(page.locator(SHOWN)).to_have_text("104 kejadian ditampilkan")


async def test_a_tps_that_does_not_exist_shows_its_problem_and_no_numbers(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await visits.sign_in(running, served, may_fail=True)

    await page.goto(f"/konsol/#/{served.operation}/{served.kelurahan[0]}.999")

    await expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("Wilayah atau TPS ini tidak ada")
    await expect(page.locator("main section")).to_have_count(0)
    await expect(page.locator("main")).not_to_contain_text("belum lapor")
    await page.goto(f"/konsol/#/{served.operation}/{served.kelurahan[0]}.001")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("TPS 001")
    await expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)

    await page.goto(f"/konsol/#/{served.operation}/{served.root}/tidak-ada")
    await expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("berakhir dengan “tidak-ada”")
    await expect(page.locator("tr[data-kind=total]")).to_be_visible()

    at = f"#/{served.operation}/{served.root}"
    for hopeless in (
        f"{at}/tanda/entah",
        f"{at}/tps/<b>",
        f"{at}/tps/entah",
        f"{at}/tps/milestone.entah.unreported",
        "#/-1/31",
        "#/tidak-ada",
    ):
        await page.evaluate("hash => { location.hash = hash }", at)
        await page.locator("tr[data-kind=total]").wait_for()
        await page.evaluate("hash => { location.hash = hash }", hopeless)
        await expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("Alamat ini tidak ada di posko.")
        await expect(page.get_by_role("button", name="Coba lagi")).to_have_count(0)
    await page.get_by_role("main").get_by_role("listitem").get_by_role("link").first.click()
    await page.locator("tr[data-kind=total]").wait_for()


async def test_signing_in_begins_at_the_username_and_offers_what_is_under_way_first(
    alone: Running, small: Small, pool: db.Pool, visits: Visits
) -> None:
    async with pool.acquire() as connection:
        others = [await make_small(connection) for _ in range(2)]
        await connection.execute("select api.close($1)", others[0].operation)

    page = await visits.open(alone)
    await expect(page.get_by_label("Nama pengguna")).to_be_focused()
    await fill_in(page, small.password)

    offered = page.locator("main li")
    await expect(offered).to_have_count(3)
    addresses = [await offered.nth(i).get_by_role("link").get_attribute("href") or "" for i in range(3)]
    newest_first = [others[1], small, others[0]]
    assert addresses == [f"#/{each.operation}/{each.root}" for each in newest_first]
    await expect(page.get_by_text("selesai")).to_have_count(1)
    await expect(offered.nth(2)).to_contain_text("selesai")
    await offered.nth(2).get_by_role("link").click()
    # What is over is not called live.
    await expect(page.locator("[data-standing=ended]")).to_contain_text("Keadaan akhir")
    await expect(page.get_by_role("banner")).to_contain_text("operasi ditutup")


async def test_an_answer_about_an_operation_that_was_left_takes_nothing_away_and_nothing_is_live_that_is_not_there(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    async with server_pool.acquire() as connection:
        other = await make_small(connection)
    page = await visits.sign_in(running, served, may_fail=True)
    standing = page.locator("header [data-standing]")
    await expect(standing).to_have_attribute("data-standing", "langsung")
    is_asked, is_back = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        is_asked.set()
        await is_back.wait()
        await route.continue_()

    await page.route(f"**/v1/operations/{other.operation}", late)
    await page.evaluate("hash => { location.hash = hash }", f"#/{other.operation}/{other.root}")
    async with asyncio.timeout(30):
        await is_asked.wait()
    await expect(standing).to_have_attribute("data-standing", "waiting")
    await expect(standing).to_have_text("Memuat …")
    async with page.expect_response(f"**/v1/operations/{served.operation}"):
        await page.go_back()
    await page.locator("tr[data-kind=total]").wait_for()

    async with page.expect_response(f"**/v1/operations/{other.operation}") as answered:
        is_back.set()
    await (await answered.value).finished()
    # What came of the answer has been drawn.
    await page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    await expect(page.locator("tr[data-kind=total]")).to_be_visible()
    await page.evaluate("hash => { location.hash = hash }", f"#/{other.operation}/{other.root}")
    await page.locator("tr[data-kind=total]").wait_for()

    await page.go_back()
    await page.locator("tr[data-kind=total]").wait_for()
    await page.route(f"**/v1/operations/{other.operation}", lambda route: route.fulfill(status=503, json=BUSY))
    await page.evaluate("hash => { location.hash = hash }", f"#/{other.operation}/{other.root}")
    await expect(standing).to_have_attribute("data-standing", "failed")
    await expect(standing).to_have_text("Gagal dimuat")
    await page.unroute_all()
    await page.get_by_role("button", name="Coba lagi").click()
    await expect(standing).to_have_attribute("data-standing", "langsung")
