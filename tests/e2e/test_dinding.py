"""The wall in a real browser: it follows without being touched, never passes old numbers off as new ones, and opens nothing."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp
import pytest
from playwright.async_api import Page, Route, expect
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from posko import db
from tests.client import Client
from tests.e2e.conftest import Visits, fill_in
from tests.factories import Small, count, incident, milestone, report, turnout
from tests.running import Running

LIVE = "[data-standing=langsung]"
COVERED = "[data-counter=covered]"
SIZES = [(360, 780), (1920, 1080), (3840, 2160), (1080, 1920), (1024, 768)]


async def _file(desk: Client, small: Small, place: str, *said: dict[str, object]) -> None:
    for content in said:
        status, body, _ = await desk.put(report(small.operation, place, content))
        assert status == 201, body


async def _wall(visits: Visits, server: Running, small: Small, query: str = "", *, may_fail: bool = False) -> Page:
    """A wall of the small operation's kota, signed in as `wall`."""
    page = await visits.enter(server, f"/dinding/#/{small.operation}/{small.root}{query}", "wall", may_fail=may_fail)
    await page.locator(COVERED).wait_for()
    return page


async def test_who_hangs_it_up_chooses_once_and_the_address_keeps_it(
    alone: Running, small: Small, visits: Visits
) -> None:
    page = await visits.open(alone, "/dinding/", screen={"width": 1280, "height": 600})
    await fill_in(page, small.password, "wall")

    await page.get_by_role("combobox", name="Wilayah").select_option(label="Kecamatan 2")
    await page.get_by_label("Bergilir").check()
    await page.get_by_label("Ganti tiap").fill("2")
    await page.get_by_role("button", name="Tampilkan").click()
    await expect(page.get_by_text("Isi angka 5 sampai 3.600.")).to_be_visible()
    await page.set_viewport_size({"width": 1920, "height": 1080})
    await page.get_by_label("Ganti tiap").fill("30")
    await page.get_by_label("Urutan giliran").select_option("terburuk")
    await page.get_by_role("button", name="Tampilkan").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Kecamatan 2")
    # Of the window as it is when the wall is shown, not when the settings were opened.
    await expect(page.locator(".wall")).to_have_attribute("style", re.compile(r"--u: 19\.2px"))
    assert page.url.endswith(f"/dinding/#/{small.operation}/{small.kecamatan[1]}?putar=30&arah=terburuk")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kecamatan 2")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Atur layar dinding")


async def test_what_is_filed_is_on_the_wall_without_a_reload(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    page = await _wall(visits, running, served)
    await expect(page.locator(LIVE)).to_be_visible()
    await page.evaluate("window.isTheSame = true")
    await expect(page.locator(COVERED)).to_have_attribute("data-value", "0")

    await _file(desk, served, served.tps[4], milestone("voting_open"), turnout(60, 60))
    await _file(
        desk, served, served.tps[7], incident("kritis", text="kotak suara terendam", category="logistik.terlambat")
    )

    await expect(page.locator(COVERED)).to_have_attribute("data-value", "2", timeout=7_000)
    await expect(page.locator("[data-milestone=voting_open]")).to_have_attribute("data-value", "1")
    await expect(page.locator("[data-severity=kritis]")).to_have_attribute("data-value", "1")
    listed = page.locator("[data-incident=kritis]")
    await expect(listed).to_contain_text("Logistik terlambat", timeout=30_000)
    await expect(listed).to_contain_text("TPS 002, Kelurahan 2-1")
    await expect(page.locator("[data-child]").first).to_contain_text("Kecamatan 2")
    assert await page.evaluate("window.isTheSame")


async def test_a_drill_at_another_hour_says_which_clock_is_which(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    await server_pool.execute(
        "update posko.operation set clock_at = '2024-11-27 07:03+07', clock_set_at = posko.now(), clock_speed = 1 where id = $1",
        served.operation,
    )
    page = await _wall(visits, running, served)
    await expect(page.locator("header").first).to_contain_text("jam latihan")
    await expect(page.locator("[data-standing]")).to_contain_text("(jam sebenarnya)")


async def test_nothing_on_it_opens_a_record_or_says_anybodys_words(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await _file(desk, served, served.tps[0], incident("kritis", text="kotak suara terendam"))
    page = await _wall(visits, running, served, "?putar=60", may_fail=True)
    await page.locator("[data-incident]").wait_for()

    assert await page.locator("a").count() == 0
    assert await page.locator("main").locator("button, [tabindex], [onclick], summary, input").count() == 0
    before = page.url
    for box in await page.locator("main section").all():
        await box.click(position={"x": 20, "y": 20})
    assert page.url == before
    assert "terendam" not in await page.content()
    asked = [
        f"/v1/incidents?operation={served.operation}",
        f"/v1/regions/{served.root}/incident-reports?operation={served.operation}",
        f"/v1/tps/{served.tps[0]}/timeline?operation={served.operation}",
    ]
    assert (
        await page.evaluate("paths => Promise.all(paths.map(path => fetch(path).then(got => got.status)))", asked)
        == [403] * 3
    )


async def test_votes_are_shown_only_if_asked_for_and_always_as_unofficial(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    pair, longest = (
        "Dharma Pongrekun dan Kun Wardana Abyoto",
        "Dr. H. Sulaiman Hasanuddin, S.E., M.M. dan Hj. Siti Rahmawati Abdullah",
    )
    root, kelurahan = "KABUPATEN PANGKAJENE DAN KEPULAUAN, SULAWESI SELATAN", "Kelapa Gading Timur Laut"
    of_contest = "contest_id in (select id from posko.contest where operation_id = $1 and kind = 'gubernur')"
    for said, subject in (
        (f"update posko.paslon set name = $2 where number = 1 and {of_contest}", pair),
        (f"update posko.paslon set name = $2 where number = 2 and {of_contest}", longest),
        ("update posko.node set name = $2 where operation_id = $1 and code like '%.02'", kelurahan),
        (f"update posko.node set name = $2 where operation_id = $1 and code = '{served.root}'", root),
    ):
        await server_pool.execute(said, served.operation, subject)
    await _file(desk, served, served.tps[0], count("gubernur", [120, 30, 50]))
    page = await _wall(visits, running, served)
    await expect(page.locator("[data-paslon]")).to_have_count(0)

    await page.evaluate(f"location.hash = '#/{served.operation}/{served.root}?hitung=1'")

    await expect(page.locator("[data-paslon='1']")).to_have_attribute("data-value", "120")
    await expect(page.get_by_text("hitung internal, bukan hasil resmi")).to_be_visible()
    # Which election it is stands there whole, and so do long names: none is cut, none lies under its bar.
    for name in ("Gubernur dan wakil gubernur", root, pair, longest, kelurahan):
        shown = page.get_by_text(name)
        await expect(shown).to_be_visible()
        await page.wait_for_function(WHOLE, arg=await shown.element_handle())


WHOLE = """name => {
  const [box, of, bar] = [name.getBoundingClientRect(), name.parentElement.getBoundingClientRect(), name.parentElement.querySelector('.track')]
  const isClear = !bar || box.bottom <= bar.getBoundingClientRect().top + 1
  return name.scrollWidth <= name.clientWidth + 1 && name.scrollHeight <= name.clientHeight + 1 && box.right <= of.right + 1 && isClear
}"""


async def test_a_dead_server_is_told_across_the_room_and_it_comes_back_by_itself(
    alone: Running, small: Small, visits: Visits
) -> None:
    page = await _wall(visits, alone, small, may_fail=True)
    await expect(page.locator(LIVE)).to_be_visible()
    await page.evaluate("window.isTheSame = true")

    alone.kill("live")
    alone.kill("serve")

    band = page.locator("[data-stale=terputus]")
    await expect(band).to_contain_text("Terputus", timeout=60_000)
    await expect(band).to_contain_text("Angka di layar ini berumur")
    await expect(band).to_contain_text("detik")
    assert await page.evaluate("getComputedStyle(document.querySelector('main')).filter") == "grayscale(1)"
    first = await band.inner_text()
    await expect(band).not_to_have_text(first)  # its age goes on

    for role in ("serve", "live"):
        alone.start(role)
        alone.wait_ready(role)
    async with aiohttp.ClientSession() as http:
        client = await Client(http, alone.url).sign_in("operator")
        await _file(client, small, small.tps[0], milestone("voting_open"))

    await expect(page.locator(LIVE)).to_be_visible(timeout=60_000)
    await expect(band).to_have_count(0)
    await expect(page.locator(COVERED)).to_have_attribute("data-value", "1")
    assert await page.evaluate("window.isTheSame")


async def test_without_the_socket_it_says_how_far_it_is_behind(alone: Running, small: Small, visits: Visits) -> None:
    page = await _wall(visits, alone, small, may_fail=True)
    await expect(page.locator(LIVE)).to_be_visible()

    alone.kill("live")

    await expect(page.locator("[data-stale=tertinggal]")).to_contain_text("Tertinggal", timeout=60_000)
    await expect(page.locator("[data-stale=tertinggal]")).to_contain_text("diambil berkala")


async def test_a_round_goes_on_stands_still_and_steps(running: Running, served: Small, visits: Visits) -> None:
    page = await _wall(visits, running, served, "?putar=5")
    name = page.get_by_role("heading", level=1)
    await expect(name).to_have_text("KOTA KECIL")

    await expect(name).to_have_text("Kecamatan 1")
    await page.keyboard.press("Space")
    await expect(page.get_by_text("Dijeda")).to_be_visible()
    # Where the key found it: on a slow machine the round may have gone on before it.
    around = ["KOTA KECIL", "Kecamatan 1", "Kecamatan 2"] * 2
    at = around.index(await name.inner_text())
    for key, step in (("ArrowRight", 1), ("ArrowRight", 1), ("ArrowLeft", -1)):
        at = (at + step) % 3
        await page.keyboard.press(key)
        await expect(name).to_have_text(around[at])
    await page.keyboard.press("Space")
    await expect(page.get_by_text("Dijeda")).to_have_count(0)
    await expect(name).to_have_text(around[at + 1])


async def test_it_never_scrolls_and_cuts_nothing_off(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    for place in served.tps:
        await _file(
            desk, served, place, milestone("voting_open"), incident("sedang"), count("bupati_walikota", [120, 30])
        )
    page = await _wall(visits, running, served, "?hitung=1")
    await page.locator("[data-incident]").first.wait_for()
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        # How many rows there is room for is another matter: a band of what is wrong takes some of it.
        await expect(page.get_by_role("heading", name="Terberat, lalu terbaru")).to_be_visible()
        try:  # It is laid out anew a moment after its size has changed.
            await page.wait_for_function(f"() => ({CUT})().length === 0", timeout=30_000)
        except PlaywrightTimeoutError:
            pytest.fail(f"{width}x{height}: {json.dumps(await page.evaluate(CUT))}")


CUT = """() => {
  const [width, height] = [innerWidth, innerHeight]
  const found = document.documentElement.scrollWidth > width || document.documentElement.scrollHeight > height ? ['the page scrolls'] : []
  for (const row of document.querySelectorAll('main li, main tr, main section, header > div, main dl > div')) {
    const [box, of] = [row.getBoundingClientRect(), (row.parentElement.closest('section') ?? document.body).getBoundingClientRect()]
    if (box.right > Math.min(width, of.right) + 1 || box.bottom > Math.min(height, of.bottom) + 1 || box.left < -1) found.push(row.innerText)
  }
  return found
}"""


async def test_an_ended_session_is_said_plainly_and_shows_no_number(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await _wall(visits, running, served, may_fail=True)
    async with aiohttp.ClientSession() as http:
        admin = await Client(http, running.url).sign_in("admin")
        assert (await admin.ask("DELETE", "/v1/accounts/wall/sessions"))[0] == 204

    await expect(page.get_by_role("heading", level=1)).to_have_text("Sesi layar ini berakhir", timeout=60_000)
    await expect(page.locator(COVERED)).to_have_count(0)

    await page.get_by_role("link", name="Masuk lagi").click()
    await fill_in(page, served.password, "wall")
    await page.locator(COVERED).wait_for()


async def test_a_wall_that_starts_while_the_server_is_busy_comes_by_itself(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await _wall(visits, running, served, may_fail=True)
    await page.clock.install()
    refused: list[str] = []

    async def busy(route: Route) -> None:
        refused.append(route.request.url)
        body = {"type": "", "title": "sibuk", "status": 503, "code": "queue-full"}
        await route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(body))

    # At the first load and when it tries again; and then the plan of its operation, once.
    await page.route("**/v1/sessions/current", busy, times=2)
    await page.route(f"**/v1/operations/{served.operation}", busy, times=1)
    await page.reload()

    alert = page.get_by_role("alert")
    for tried in (2, 3):
        await expect(alert).to_be_visible()
        await page.clock.fast_forward(20_000)
        async with asyncio.timeout(40):  # it goes on by itself, too, where its next try was not set yet
            while len(refused) < tried:
                await asyncio.sleep(0.05)
    await expect(alert).to_be_visible()
    await expect(page.get_by_text("Layar ini mencoba lagi sendiri")).to_be_visible()
    await page.clock.fast_forward(20_000)

    await expect(page.locator(COVERED)).to_be_visible(timeout=40_000)
    await expect(alert).to_have_count(0)


async def test_it_loads_the_pages_that_were_deployed_since(running: Running, served: Small, visits: Visits) -> None:
    asked: list[str] = []
    is_new = False

    async def deployed(route: Route) -> None:
        if route.request.resource_type != "fetch":
            await route.fallback()
            return
        answer = await route.fetch()
        asked.append(route.request.url)
        text = await answer.text()
        await route.fulfill(
            response=answer, body=text.replace("/assets/dinding-", "/assets/dinding-baru-") if is_new else text
        )

    page = await visits.open(running, "/", may_fail=True)
    await page.clock.install()
    await page.route("**/dinding/", deployed)
    await page.goto(f"/dinding/#/{served.operation}/{served.root}")
    await fill_in(page, served.password, "wall")
    await expect(page.locator(LIVE)).to_be_visible()
    await page.evaluate("window.isTheSame = true")

    # Two hours of silence: it is cut off, comes back, and looks what is deployed.
    await _two_hours(page, asked, 1)
    assert await page.evaluate("window.isTheSame")
    is_new = True
    await _two_hours(page, asked, 2)

    await page.wait_for_function("window.isTheSame === undefined")
    await expect(page.locator(LIVE)).to_be_visible()
    assert page.url.endswith(f"#/{served.operation}/{served.root}")


async def _two_hours(page: Page, asked: list[str], times: int) -> None:
    await page.clock.fast_forward("02:00:00")
    async with asyncio.timeout(90):
        while len(asked) < times:
            await asyncio.sleep(0.1)
