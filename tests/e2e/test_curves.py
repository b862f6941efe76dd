"""Curves in a real browser: what is drawn is what the API says, in a sentence and in a table too, and it goes on by itself."""

from __future__ import annotations

import datetime
import re

from playwright.async_api import Page, expect
from prometheus_client import CollectorRegistry

from posko import db
from posko.curves.sampler import Sampler
from tests.client import Client
from tests.e2e.accessible import faults, overhang
from tests.e2e.conftest import Visits
from tests.factories import Small, incident, local, milestone, report, turnout
from tests.running import Running

OPENED = "milestone.voting_open.reached"


async def sample(pool: db.Pool, small: Small, moment: str, speed: float = 20) -> None:
    """Puts the drill's clock at a moment and samples, as a worker does; at speed 20 a sample is due every 3 seconds."""
    await pool.execute(
        "update posko.operation set clock_at = $2::text::timestamptz, clock_set_at = posko.now(), clock_speed = $3 where id = $1",
        small.operation, moment, speed,
    )  # fmt: skip
    await pool.execute(
        "update posko.curve set looked_at = looked_at - interval '2 seconds' where operation_id = $1", small.operation
    )
    await Sampler(pool, CollectorRegistry()).look()


async def morning(pool: db.Pool, desk: Client, small: Small) -> None:
    """Ten TPS open one after the other, two of them late; some vote; three incidents."""
    await sample(pool, small, local(6, 30))
    for number, tps in enumerate(small.tps[:10]):
        minute = 0 if number < 8 else 20
        await file(desk, small, tps, milestone("voting_open"), at=local(7, minute))
        await sample(pool, small, local(7, number + minute))
    await file(desk, small, small.tps[0], turnout(61, 70), at=local(8))
    for severity in ("kritis", "kritis", "rendah"):
        await file(desk, small, small.tps[3], incident(severity), at=local(8))
    await sample(pool, small, local(8))


async def file(desk: Client, small: Small, place: str, content: dict[str, object], *, at: str) -> None:
    status, body, _ = await desk.put(report(small.operation, place, content, at=at))
    assert status == 201, body


async def curves(visits: Visits, running: Running, small: Small, code: str | None = None, query: str = "") -> Page:
    page = await visits.sign_in(running, small)
    await page.goto(f"/konsol/#/{small.operation}/{code or small.root}/kurva{query}")
    await page.get_by_role("heading", level=1, name="Kurva").wait_for()
    return page


async def test_what_is_drawn_is_said_in_a_sentence_and_listed_in_a_table(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    await morning(server_pool, desk, served)

    page = await curves(visits, running, served)

    opened = page.locator("[data-chart=voting_open]")
    await expect(opened.locator("[data-sentence]")).to_have_text(
        re.compile(r"10 dari 12 TPS \(83,3 %\); separuh pada 07.05; 2 terlambat\.")
    )
    await expect(opened.get_by_role("img")).to_have_attribute("aria-label", re.compile("10 dari 12 TPS"))
    await expect(opened.locator("canvas")).to_have_count(1)
    await expect(page.locator("[data-chart=partisipasi] [data-sentence]")).to_contain_text(
        "131 orang memakai hak pilih, 3,6 %"
    )
    await expect(page.locator("[data-chart=kejadian] [data-sentence]")).to_have_text(
        "3 laporan kejadian: 2 kritis, 1 rendah."
    )
    await expect(page.locator("[data-chart=laporan] [data-sentence]")).to_contain_text("14 laporan sejak awal")

    await opened.get_by_text("Tabel").click()
    await expect(opened.locator("tbody tr").nth(10)).to_be_visible()
    shown = [
        [await cell.inner_text() for cell in await row.locator("th, td").all()]
        for row in await opened.locator("tbody tr").all()
    ]
    client = Client(desk.http, desk.url)
    await client.sign_in("supervisor")
    told = await client.get(
        f"/v1/regions/{served.root}/curve?operation={served.operation}&counters={OPENED},milestone.voting_open.late"
    )
    wib = datetime.timezone(datetime.timedelta(hours=7))
    expected = [
        (datetime.datetime.fromisoformat(moment).astimezone(wib).strftime("%H.%M"), str(reached), str(late))
        for moment, reached, late in zip(told["at"], *told["values"], strict=True)
    ]
    # Around its plan: what came after has moved it no further.
    assert len(shown) >= 11
    assert [(when.split(", ")[-1], reached, late) for when, reached, late in shown] == expected[: len(shown)]


async def test_the_curves_go_on_by_themselves(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    await morning(server_pool, desk, served)
    page = await curves(visits, running, served)
    sentence = page.locator("[data-chart=voting_open] [data-sentence]")
    await expect(sentence).to_contain_text("10 dari 12 TPS")

    for tps in served.tps[10:]:
        await file(desk, served, tps, milestone("voting_open"), at=local(8, 1))
    await sample(server_pool, served, local(8, 10))

    await expect(sentence).to_contain_text("12 dari 12 TPS (100 %)", timeout=60_000)
    await expect(page.locator("[data-sampled]")).to_contain_text("WIB")


async def test_the_range_stands_in_the_address_and_a_reload_keeps_it(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    await morning(server_pool, desk, served)
    page = await curves(visits, running, served)

    await page.get_by_label("Rentang").select_option("jam")
    await expect(page).to_have_url(re.compile(r"/kurva\?rentang=jam$"))
    await page.reload()

    await expect(page.get_by_label("Rentang")).to_have_value("jam")


async def test_before_the_first_sample_it_says_so_and_a_region_has_its_own(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    page = await curves(visits, running, served)
    await expect(page.get_by_text("Belum ada catatan.")).to_be_visible()

    await morning(server_pool, desk, served)
    page = await curves(visits, running, served, served.kelurahan[3])

    await expect(page.locator("[data-chart=voting_open] [data-sentence]")).to_contain_text("1 dari 3 TPS (33,3 %)")


async def test_lines_are_told_apart_without_colour_and_no_fault_is_found(
    running: Running, served: Small, desk: Client, server_pool: db.Pool, visits: Visits
) -> None:
    await morning(server_pool, desk, served)
    page = await curves(visits, running, served)
    await page.locator("[data-chart=voting_open]").wait_for()

    lines = page.locator("[data-chart=kejadian] .legend path")
    await expect(lines).to_have_count(4)
    dashes = await lines.evaluate_all("paths => paths.map((path) => path.getAttribute('stroke-dasharray'))")
    assert len(set(dashes)) == 4
    for details in await page.locator("details summary").all():
        await details.click()
    assert await faults(page) == []
    await page.set_viewport_size({"width": 360, "height": 780})
    assert await overhang(page) <= 0
