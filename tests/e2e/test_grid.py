"""The TPS grid in a real browser: equal to the API's numbers, recoloured by a report, walked by keyboard, equal to its table."""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

import aiohttp
from playwright.async_api import Page, Route, expect

from posko import db
from tests.client import Client
from tests.e2e.accessible import faults, overhang
from tests.e2e.conftest import Visits, fill_in
from tests.factories import Small, count, incident, local, milestone, report
from tests.running import Running

FIELD = "[data-cells]"


async def _open(visits: Visits, running: Running, small: Small, filters: str = "", code: str | None = None) -> Page:
    page = await visits.enter(running, f"/konsol/#/{small.operation}/{code or small.root}/petak{filters}")
    await page.locator("[data-class]").first.wait_for()
    return page


async def _legend(page: Page) -> dict[str, int]:
    found = await page.locator("[data-class][data-count]").evaluate_all(
        "all => all.map(each => [each.dataset.class, Number(each.dataset.count)])"
    )
    return dict(found)


async def _numbers(desk: Client, small: Small, code: str) -> dict[str, int]:
    """The counters of a region, by name."""
    found = await desk.get(f"/v1/regions/{code}?operation={small.operation}")
    row = next(row for row in found["rows"] if row["code"] == code)
    return dict(zip(found["counters"], row["counters"] + [0] * len(found["counters"]), strict=False))


def _by_milestone(numbers: dict[str, int], code: str) -> dict[str, int]:
    """What the legend must say of a milestone, out of a region's counters."""
    part = {p: numbers[f"milestone.{code}.{p}"] for p in ("late", "not_possible", "unreachable", "overdue", "excused")}
    reached = numbers[f"milestone.{code}.reached"]
    rest = numbers["tps"] - reached - sum(part[p] for p in ("not_possible", "unreachable", "overdue", "excused"))
    return {**part, "reached": reached - part["late"], "unreported": rest}


async def _file(desk: Client, small: Small, *said: tuple[int, dict[str, Any]], at: str | None = None) -> None:
    for tps, content in said:
        status, body, _ = await desk.put(report(small.operation, small.tps[tps], content, at=at))
        assert status == 201, body


async def _story(desk: Client, small: Small, pool: db.Pool) -> None:
    """Two in time, one late, one that will not open, one unreachable; incidents, a flag, grades."""
    await _file(desk, small, (0, milestone("voting_open")), (1, milestone("voting_open")))
    await _file(desk, small, (2, milestone("voting_open")), at=local(8))
    await _file(desk, small, (3, milestone("voting_open", possible=False, reason="banjir")), (5, incident("kritis")))
    await _file(
        desk, small, (5, incident("rendah")), (6, incident("sedang")), (7, count("gubernur", [1, 2, 3], valid=9))
    )
    attempts = [{"at": local(9), "how": "telepon"}]
    await _file(desk, small, (4, {"kind": "unreachable", "attempts": attempts}), at=local(9))
    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.tps t set police_grade = 'khusus', indicators = '{keamanan,lokasi}' from posko.node n"
            " where n.id = t.node_id and n.operation_id = $1 and n.code = $2",
            small.operation, small.tps[8],
        )  # fmt: skip


async def test_the_legend_counts_what_the_region_counts(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    await _story(desk, served, server_pool)
    page = await _open(visits, running, served, "?warna=voting_open")

    for region in (served.root, served.kecamatan[0], served.kelurahan[1]):
        await page.goto(f"/konsol/#/{served.operation}/{region}/petak?warna=voting_open")
        numbers = await _numbers(desk, served, region)
        await expect(page.locator(FIELD)).to_have_attribute("data-cells", str(numbers["tps"]))
        assert await _legend(page) == _by_milestone(numbers, "voting_open"), region
    await page.goto(f"/konsol/#/{served.operation}/{served.root}/petak")
    for by, expected in (
        ("kejadian", {"kritis": 1, "tinggi": 0, "sedang": 1, "rendah": 0, "none": 10}),
        ("tanda", {"3": 0, "2": 1, "1": 0, "none": 11}),
        ("polri", {"khusus": 1, "sangat_rawan": 0, "rawan": 0, "kurang_rawan": 0, "none": 11}),
        ("bawaslu", {"3": 0, "2": 1, "1": 0, "none": 11}),
        ("diam", {"unreachable": 1, "overdue": 0, "never": 4, "old": 0, "older": 0, "fresh": 7}),
    ):
        await page.get_by_label("Warnai menurut").select_option(by)
        await expect(page.locator(f"[data-class='{next(iter(expected))}']")).to_be_visible()
        assert await _legend(page) == expected, by
        assert f"warna={by}" in page.url


async def _pixel(page: Page, tps: str) -> list[int]:
    """The colour in the middle of a cell; the ring is moved there first, which says where it is."""
    found: list[int] = await page.evaluate(
        """code => {
            const field = document.querySelector('[data-cells]'), canvas = field.querySelector('canvas')
            const ring = field.querySelector('[data-ring]')
            const ratio = canvas.width / canvas.clientWidth
            const x = parseFloat(ring.style.left) + parseFloat(ring.style.width) * 0.75, y = parseFloat(ring.style.top) + parseFloat(ring.style.height) * 0.25
            if (field.dataset.ringCode !== code) throw new Error(field.dataset.ringCode)
            return [...canvas.getContext('2d').getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data]
        }""",
        tps,
    )
    return found


async def test_a_report_recolours_its_cell_and_no_other_without_a_reload(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    page = await _open(visits, running, served, "?warna=voting_open")
    await page.locator(FIELD).focus()
    await expect(page.locator(FIELD)).to_have_attribute("data-ring-code", served.tps[0])
    before = await _pixel(page, served.tps[0])
    await page.evaluate("window.isSamePage = true")

    await _file(desk, served, (0, milestone("voting_open")))

    await expect(page.locator("[data-class=reached]")).to_have_attribute("data-count", "1", timeout=7_000)
    await page.wait_for_function(
        """before => {
            const canvas = document.querySelector('[data-cells] canvas'), ring = document.querySelector('[data-ring]')
            const ratio = canvas.width / canvas.clientWidth
            const x = parseFloat(ring.style.left) + parseFloat(ring.style.width) * 0.75, y = parseFloat(ring.style.top) + parseFloat(ring.style.height) * 0.25
            return String([...canvas.getContext('2d').getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data]) !== String(before)
        }""",
        arg=before,
    )
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(FIELD)).to_have_attribute("data-ring-code", served.tps[1])
    assert await _pixel(page, served.tps[1]) == before
    numbers = await _numbers(desk, served, served.root)
    assert await _legend(page) == _by_milestone(numbers, "voting_open")
    assert await page.evaluate("window.isSamePage")


async def test_keys_walk_the_cells_a_number_jumps_and_enter_opens_the_tps(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await _file(desk, served, (7, milestone("voting_open")))
    page = await _open(visits, running, served, "?warna=voting_open")
    field = page.locator(FIELD)
    await field.focus()

    for key, tps in (
        ("ArrowRight", 1),
        ("End", 2),
        ("PageDown", 3),
        ("3", 5),
        ("PageDown", 6),
        ("ArrowLeft", 5),
        ("Home", 3),
    ):
        await page.keyboard.press(key)
        await expect(field).to_have_attribute("data-ring-code", served.tps[tps])
    await expect(page.locator("[data-card]")).to_have_attribute("data-card", served.tps[3])
    await expect(page.locator("[data-card]")).to_contain_text("Kelurahan 1-2, Kecamatan 1")
    await expect(page.locator("[aria-live=polite]").last).to_contain_text("TPS 001, Kelurahan 1-2")
    # With a filter, keys lead through what is shown.
    await page.locator("[data-class=reached]").click()
    await field.focus()
    await page.keyboard.press("ArrowRight")
    await expect(field).to_have_attribute("data-ring-code", served.tps[7])
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("TPS 002")
    assert page.url.endswith(served.tps[7])


async def test_the_pointer_tells_and_opens(running: Running, served: Small, visits: Visits) -> None:
    page = await _open(visits, running, served)
    await page.locator(FIELD).focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(FIELD)).to_have_attribute("data-ring-code", served.tps[1])
    box = await page.locator("[data-ring]").bounding_box()
    assert box is not None
    await page.get_by_role("heading", level=1).click()

    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await expect(page.locator("[data-card]")).to_have_attribute("data-card", served.tps[1])
    await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("TPS 002")


async def test_the_table_has_the_same_tps_in_the_same_state_under_the_same_filter(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    await _story(desk, served, server_pool)
    page = await _open(visits, running, served, "?warna=voting_open&bentuk=tabel")
    rows = page.locator("tbody tr[data-code]")

    await expect(rows).to_have_count(12)
    states = await rows.evaluate_all("all => all.map(each => [each.dataset.code, each.dataset.class])")
    assert dict(states) == {
        **dict.fromkeys(served.tps, "unreported"), served.tps[0]: "reached", served.tps[1]: "reached", served.tps[2]: "late",
        served.tps[3]: "not_possible", served.tps[4]: "unreachable",
    }  # fmt: skip
    assert [code for code, _ in states] == served.tps
    await page.locator("[data-class=late][data-count]").click()
    await expect(rows).to_have_count(1)
    assert "hanya=late" in page.url
    await page.locator("[data-class=reached][data-count]").click()
    await expect(rows).to_have_count(3)
    await page.get_by_role("button", name="Tampilkan semua").click()
    await page.get_by_role("columnheader", name="Catatan").get_by_role("button").click()
    await expect(rows.first).to_have_attribute("data-code", served.tps[5])
    await expect(rows.first).to_contain_text("2 kejadian terbuka, terberat kritis")
    await _file(desk, served, (11, milestone("voting_open")))
    await expect(page.locator(f"tr[data-code='{served.tps[11]}']")).to_have_attribute("data-class", "reached")
    await page.reload()
    await expect(rows.first).to_have_attribute("data-code", served.tps[5])


async def test_over_the_limit_regions_stand_for_their_tps(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    async with server_pool.acquire() as connection:
        await connection.execute(
            "update posko.rollup r set counters[1] = 90000 from posko.node n where n.id = r.node_id and n.operation_id = $1 and n.code = $2",
            served.operation, served.root,
        )  # fmt: skip
    page = await visits.enter(running, f"/konsol/#/{served.operation}/{served.root}/petak", may_fail=True)

    await expect(page.get_by_text("Terlalu banyak TPS untuk satu layar petak. Pilih kecamatan")).to_be_visible()
    await page.get_by_role("link", name="Kecamatan 2").click()
    await expect(page.locator(FIELD)).to_have_attribute("data-cells", "6")


async def test_paper_gets_all_of_it_in_light(running: Running, served: Small, desk: Client, visits: Visits) -> None:
    await _file(desk, served, (0, milestone("voting_open")))
    page = await _open(visits, running, served, "?warna=voting_open")
    await page.evaluate("localStorage.setItem('posko.theme', 'dark')")
    await page.reload()
    await page.locator(FIELD).wait_for()
    await page.emulate_media(media="print")
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")

    sheets = page.locator(".paper canvas")
    await expect(sheets).to_have_count(2)
    for at in range(2):
        await expect(sheets.nth(at)).to_be_visible()
        drawn = await sheets.nth(at).evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
        )
        assert drawn
    await expect(page.locator(FIELD)).to_be_hidden()
    assert await page.evaluate("document.documentElement.dataset.theme") == "light"
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"


async def test_cells_that_cannot_be_asked_for_are_said_to_be_behind_and_catch_up(
    alone: Running, small: Small, visits: Visits
) -> None:
    page = await visits.enter(alone, f"/konsol/#/{small.operation}/{small.root}/petak?warna=voting_open", may_fail=True)
    await page.locator(FIELD).wait_for()
    await page.route("**/cells/changes*", lambda route: route.abort())
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, alone.url).sign_in("operator")
        await _file(desk, small, (0, milestone("voting_open")))
    behind = page.get_by_text("Petak belum diperbarui")
    await expect(behind).to_have_text(re.compile(r"keadaan pukul \d\d\.\d\d\.\d\d WIB \(jam sebenarnya\)\.$"))
    await page.unroute("**/cells/changes*")
    await expect(page.locator("[data-class=reached]")).to_have_attribute("data-count", "1", timeout=30_000)
    await expect(behind).to_have_count(0)


async def test_nothing_keeps_anybody_out(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    await _story(desk, served, server_pool)
    page = await _open(visits, running, served)
    for filters in (
        "?warna=voting_open",
        "?warna=voting_open&hanya=late",
        "?warna=kejadian&bentuk=tabel",
        "?warna=diam",
    ):
        await page.goto("about:blank")
        await page.goto(f"/konsol/#/{served.operation}/{served.root}/petak{filters}")
        await page.locator("[data-class]").first.wait_for()
        if "tabel" not in filters:
            await page.locator(FIELD).focus()
            await expect(page.locator("[data-card]")).to_be_visible()
        assert await faults(page) == [], filters
    for width in (360, 1920, 3840):
        await page.set_viewport_size({"width": width, "height": 900})
        await expect(page.locator(FIELD)).to_be_visible()
        assert await overhang(page) == 0, width


async def test_in_a_drill_silence_is_as_old_as_the_drills_clock_says(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    await _clock_stands(server_pool, served, local(7, 3))
    await _file(desk, served, (0, milestone("voting_open")), (1, milestone("voting_open")))
    page = await _open(visits, running, served, "?warna=diam")
    fresh, old = page.locator("[data-class=fresh]"), page.locator("[data-class=old]")
    await expect(fresh).to_have_attribute("data-count", "2")
    await expect(old).to_have_attribute("data-count", "0")

    await _clock_stands(server_pool, served, local(8, 4))
    await _file(desk, served, (2, milestone("voting_open")))
    await page.reload()

    await expect(old).to_have_attribute("data-count", "2")
    await expect(fresh).to_have_attribute("data-count", "1")


async def _clock_stands(pool: db.Pool, small: Small, at: str) -> None:
    await pool.execute(
        "update posko.operation set clock_at = $2, clock_set_at = posko.now(), clock_speed = 0 where id = $1",
        small.operation, datetime.datetime.fromisoformat(at),
    )  # fmt: skip


async def test_too_many_tps_for_one_grid_are_told_by_region_of_incidents_and_silence_too(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    await _file(desk, served, (5, incident("kritis")))

    async def refuse(route: Route) -> None:
        broken = [{"path": "$.code", "rule": "tps-limit", "message": "too many"}]
        body = {"type": "", "title": "invalid", "status": 422, "code": "invalid", "errors": broken}
        await route.fulfill(status=422, body=json.dumps(body))

    page = await visits.open(running, f"/konsol/#/{served.operation}/{served.root}/petak", may_fail=True)
    await page.route("**/cells?*", refuse)
    await fill_in(page, served.password)
    by = page.get_by_label("Warnai menurut")
    within = served.kecamatan[0] if served.tps[5].startswith(f"{served.kecamatan[0]}.") else served.kecamatan[1]
    cell = page.locator(f"main li[data-code='{within}']")
    await cell.wait_for()
    await by.select_option("kejadian")
    number = cell.locator("[data-counter='case.open.kritis']")
    await expect(number).to_have_attribute("data-value", "1")
    await expect(cell).to_contain_text("kritis")
    await by.select_option("diam")
    numbers = await _numbers(desk, served, within)
    uncovered = str(numbers["tps"] - numbers["covered"])
    await expect(cell.locator("[data-counter=uncovered]")).to_have_attribute("data-value", uncovered)
    await by.select_option("kejadian")
    await number.click()
    await expect(page.locator("[data-tab=terbuka][aria-current] .number")).to_have_attribute("data-value", "1")
    await expect(page.locator("[data-list] li[data-id]")).to_have_count(1)
