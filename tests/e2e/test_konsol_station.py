"""A TPS of the konsol and what leads to it: where the keyboard is, photos of every report, flags that are settled, a timeline that stays."""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.client import Client
from tests.e2e.boards import file_incident, open_board
from tests.e2e.conftest import Visits
from tests.factories import Small, milestone, report, uuid7
from tests.photos.pictures import photo, promise, sha
from tests.running import Running

TIMELINE = "section[aria-labelledby=timeline] li[id]"


async def _file(desk: Client, small: Small, place: str, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    made = uuid7()
    status, body, _ = await desk.put(report(small.operation, place, content), made)
    assert status == 201, body
    return str(made), body


async def _misdirected(desk: Client, small: Small) -> str:
    """A flag on the second TPS: it takes back what the first has said."""
    wrong, _ = await _file(desk, small, small.tps[0], milestone("voting_open"))
    astray, body = await _file(desk, small, small.tps[1], {"kind": "correction", "of": wrong, "reason": "salah TPS"})
    assert body["flags"] == ["misdirected"]
    return astray


async def test_the_keyboard_stands_at_the_heading_of_each_place_that_is_gone_to(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await visits.sign_in(running, served)
    heading = page.get_by_role("heading", level=1)
    await expect(heading).not_to_be_focused()
    for place in (served.kecamatan[0], served.kelurahan[0], served.tps[0]):
        link = page.locator(f"tr[data-code='{place}'] a").first
        await link.focus()
        await page.keyboard.press("Enter")
        await expect(heading).to_contain_text(place)
        await expect(heading).to_be_focused()
    await page.locator("main nav").first.get_by_role("link").first.press("Enter")
    await expect(heading).to_contain_text(served.root)
    await expect(heading).to_be_focused()


async def test_single_keys_are_turned_off_everywhere_and_on_the_board_the_slash_is_the_boards(
    running: Running, served: Small, visits: Visits
) -> None:
    page = await open_board(visits, running, served)
    search = page.get_by_role("combobox", name="Cari wilayah atau TPS")
    seen = "event => { globalThis.wasInSearch ||= event.target === document.querySelector('search input') }"
    await page.evaluate(f"document.addEventListener('focusin', {seen})")
    await page.keyboard.press("/")
    await expect(page.locator("main input[type=search]")).to_be_focused()
    assert not await page.evaluate("globalThis.wasInSearch")
    await page.evaluate("hash => { location.hash = hash }", f"#/{served.operation}/{served.root}")
    await page.locator("tr[data-kind=total]").wait_for()
    await page.keyboard.press("/")
    await expect(search).to_be_focused()
    await page.get_by_role("button", name="Tombol pintas satu huruf").click()
    await page.reload()
    await page.locator("tr[data-kind=total]").wait_for()
    await page.keyboard.press("/")
    await expect(search).not_to_be_focused()


async def test_the_photo_of_a_box_or_a_form_is_seen_in_the_timeline_of_its_tps(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    data = photo()
    content = {"kind": "custody", "holder": "tps", "sealed": True, "photos": promise(data)}
    made, _ = await _file(desk, served, served.tps[0], content)
    assert (await desk.ask("PUT", f"/v1/reports/{made}/photos/{sha(data)}", data=data))[0] == 201
    page = await visits.sign_in(running, served)
    await page.evaluate("hash => { location.hash = hash }", f"#/{served.operation}/{served.tps[0]}")

    await page.locator(f"#laporan-{made}").get_by_role("button", name="Buka foto 1").click()

    shown = page.get_by_role("dialog").get_by_role("img", name="Foto dari operator")
    await expect(shown).to_have_js_property("naturalWidth", 640)
    await page.keyboard.press("Escape")

    # It stays when the report is corrected, and is shown where it counts.
    right = {
        "kind": "correction",
        "of": made,
        "reason": "segel",
        "replacement": {"kind": "custody", "holder": "tps", "sealed": False},
    }
    corrected, _ = await _file(desk, served, served.tps[0], right)
    row = page.locator(f"#laporan-{corrected}")
    await expect(row.get_by_role("button", name="Buka foto 1")).to_be_visible()
    await expect(row).to_contain_text("laporan yang dikoreksi: tetap tersimpan")
    await expect(page.get_by_role("button", name="Buka foto 1")).to_have_count(1)
    # Every time of a drill is its own, or says that it is not.
    await expect(row).to_contain_text(re.compile(r"diterima .* WIB \(jam sebenarnya\)"))


async def test_a_tps_knows_its_incidents_and_the_directives_to_it(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    here = served.tps[0]
    await _file(desk, served, served.tps[1], milestone("voting_open"))
    await file_incident(desk, served, served.tps[1], "kritis")
    done, grave, case = [await file_incident(desk, served, here, grade) for grade in ("tinggi", "kritis", "rendah")]
    for act in ("acknowledgement", "handling", "resolution"):
        assert (await desk.ask("PUT", f"/v1/incidents/{done}/{act}", {"said": "sudah beres"}))[0] == 200
    page = await visits.sign_in(running, served, may_fail=True)
    await page.route("**/v1/desks/*/directives?*", lambda route: route.fulfill(status=503, json={"code": "busy"}))
    await page.evaluate("hash => { location.hash = hash }", f"#/{served.operation}/{here}")

    cases = page.locator("li[data-incident]")
    await expect(cases).to_have_count(3)
    assert [await cases.nth(i).get_attribute("data-incident") for i in range(3)] == [grave, case, done]
    await expect(cases.nth(1)).to_contain_text("rendah")
    await expect(cases.nth(1)).to_contain_text("pemegang: belum ada")
    await expect(cases.last).to_have_attribute("data-status", "selesai")
    await expect(page.get_by_text("yang terakhir diterima di atas")).to_be_visible()
    # What a neighbour has reached in a drill of another day is due; nothing else is.
    states = page.locator("dd.milestone")
    await expect(states.filter(has_text="belum lapor")).to_have_count(1)
    await expect(states.filter(has_text="belum waktunya")).not_to_have_count(0)

    # What could not be read is no empty list.
    await expect(page.get_by_role("alert")).to_contain_text("Arahan kepada TPS ini belum dapat dibaca.")
    await page.unroute_all()
    await page.get_by_role("alert").get_by_role("button").click()
    await expect(page.get_by_text("Belum ada arahan kepada TPS ini.")).to_be_visible()
    made = uuid7()
    said = {
        "operation": served.operation,
        "from": served.kelurahan[0],
        "kind": "perintah",
        "requires": "baca",
        "text": "Amankan kotak.",
        "deadline": (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)).isoformat(),
        "to": {"kind": "places", "places": [here]},
    }
    assert (await desk.ask("PUT", f"/v1/directives/{made}", said))[0] == 201
    order = page.locator(f"li[data-directive='{made}']")
    await expect(order).to_have_attribute("data-state", "terkirim")
    assert (await desk.ask("PUT", f"/v1/incidents/{case}/acknowledgement", {"said": "kami tangani"}))[0] == 200
    await expect(cases.nth(1)).to_have_attribute("data-status", "diterima")

    await order.get_by_role("link").click()
    await expect(page.locator(f"li[data-place='{here}']")).to_be_visible()
    await page.go_back()
    await page.locator(f"#laporan-{case}").get_by_role("link", name="Kejadian").click()
    await expect(page.locator("article")).to_contain_text("#4")


async def test_a_flag_is_settled_with_a_reason_and_the_numbers_follow(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    astray = await _misdirected(desk, served)
    page = await visits.sign_in(running, served)
    await page.locator("a[data-counter=flag]").first.click()
    await expect(page.get_by_role("group", name="Riwayat").get_by_role("button")).to_have_count(2)
    dialog = await _settling(page)
    send = dialog.get_by_role("button", name="Selesaikan tanda")
    await expect(dialog).to_contain_text("salah TPS")
    await expect(send).to_be_disabled()
    await dialog.get_by_label("Mengapa sudah jelas").fill("sudah ditanyakan ke KPPS")
    await expect(send).to_be_disabled()
    await dialog.get_by_label("Saya sudah memeriksa laporannya.").check()
    await send.click()

    await expect(page.locator("[data-cleared]")).to_contain_text("Diselesaikan: mengoreksi laporan tempat lain")
    await expect(page.locator(f"main [data-code='{served.tps[1]}']")).to_have_count(0)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("(0)")
    await page.get_by_role("link", name="Kembali").or_(page.locator("main p.small a")).first.click()
    await expect(page.locator("[data-counter=flag]").first).to_have_attribute("data-value", "0")
    await page.goto(f"/konsol/#/{served.operation}/{served.tps[1]}")
    flag = page.locator(TIMELINE).locator("[data-flag=misdirected]")
    await expect(flag).to_have_text(
        re.compile(r"mengoreksi laporan tempat lain\s+· diselesaikan supervisor, .*: sudah ditanyakan ke KPPS")
    )

    # What takes it back ends the flag: it stays in the history, and leads there.
    withdrawal = {"kind": "correction", "of": astray, "reason": "salah TPS"}
    right, _ = await _file(desk, served, served.tps[1], withdrawal)
    await expect(flag).to_have_text(re.compile(r"sudah ditanyakan ke KPPS\s+· gugur .* karena laporan\s+Ditarik"))
    await expect(flag.get_by_role("link")).to_have_attribute("href", f"#laporan-{right}")


async def test_who_has_settled_many_flags_asks_a_second_person(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    flagged = await _misdirected(desk, served)
    page = await visits.sign_in(running, served, may_fail=True)
    await page.locator("a[data-counter=flag]").first.click()

    async def refuse(route: Route) -> None:
        problem = {"type": "", "title": "terlalu sering", "status": 429, "code": "too-many"}
        await route.fulfill(status=429, body=json.dumps(problem), headers={"Retry-After": "180"})

    await page.route("**/v1/flags/**", refuse)
    dialog = await _settling(page)
    await dialog.get_by_label("Mengapa sudah jelas").fill("sudah ditanyakan ke KPPS")
    await dialog.get_by_label("Saya sudah memeriksa laporannya.").check()
    await dialog.get_by_role("button", name="Selesaikan tanda").click()
    await dialog.get_by_role("button", name="Minta persetujuan").click()
    await expect(dialog).to_contain_text("Permintaan terkirim")
    asked = await desk.get("/v1/approvals")
    mine = [one for one in asked if flagged in json.dumps(one["details"])]
    assert [(one["kind"], one["region"], one["reason"]) for one in mine] == [
        ("clear_flags", served.root, "sudah ditanyakan ke KPPS")
    ]


async def _settling(page: Page) -> Any:
    await page.get_by_role("button", name="Periksa dan selesaikan").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    return dialog


async def test_a_new_report_leaves_what_was_read_of_a_timeline_where_it_is(
    running: Running, served: Small, desk: Client, visits: Visits
) -> None:
    items = [
        {"id": str(uuid7()), **report(served.operation, served.tps[0], {"kind": "nihil", "note": f"kabar {n}"})}
        for n in range(60)
    ]
    status, body, _ = await desk.post(items)
    assert {item["status"] for item in body} == {201}, status
    page = await visits.sign_in(running, served)
    await page.evaluate("hash => { location.hash = hash }", f"#/{served.operation}/{served.tps[0]}")
    await expect(page.locator(TIMELINE)).to_have_count(50)
    await page.get_by_role("button", name="Muat lagi").click()
    await expect(page.locator(TIMELINE)).to_have_count(60)
    await page.locator(TIMELINE).last.evaluate("row => { row.dataset.stays = 'yes' }")

    made, _ = await _file(desk, served, served.tps[0], milestone("voting_open"))

    await expect(page.locator(f"#laporan-{made}")).to_be_visible()
    await expect(page.locator(TIMELINE)).to_have_count(61)
    await expect(page.locator("[data-stays=yes]")).to_have_count(1)
