"""One morning of a TPS from the QR sheet to an incident that is over: a phone, a console that is open all the while, a board."""

from __future__ import annotations

import datetime
import json

import aiohttp
from playwright.async_api import Locator, Page, expect

from posko import db
from tests.client import Client
from tests.e2e.boards import open_board, press, row_of
from tests.e2e.conftest import Visits
from tests.e2e.phones import PATIENCE_MS, Phone, new_account, reports_of, scan
from tests.factories import WIB, Small
from tests.running import Running

OPENED = "milestone.voting_open.reached"
SOON_MS = 30_000
LISTEN = """() => {
    window.tones = []
    const start = OscillatorNode.prototype.start
    OscillatorNode.prototype.start = function (...given) {
        window.tones.push(this.context)
        return start.apply(this, given)
    }
}"""
SOUNDS = "() => window.tones.length > 0 && window.tones.every((context) => context.state === 'running')"


async def test_from_the_qr_sheet_to_an_incident_that_is_over(
    staffed: Running, small: Small, pool: db.Pool, visits: Visits
) -> None:
    sheet, username = await _sheet(staffed, small, pool)
    console = await visits.sign_in(staffed, small)
    await console.evaluate("window.isSame = true")
    await expect(console.locator("[data-standing=langsung]")).to_be_visible()
    await expect(_number(console, OPENED)).to_have_attribute("data-value", "0")

    phone = await scan(visits, staffed, small, username, sheet)
    await _opens_without_a_network(phone, pool)
    await expect(_number(console, OPENED)).to_have_attribute("data-value", "1", timeout=SOON_MS)

    board = await open_board(visits, staffed, small)
    await board.evaluate(LISTEN)
    await board.keyboard.press("Shift")  # browsers sound for nobody who has touched nothing
    case = await _incident(phone, board, pool)
    for window in (console.locator("[data-counter='case.open']"), _number(console, "incident.sedang")):
        await expect(window).to_have_attribute("data-value", "1", timeout=SOON_MS)

    await _accept_and_order(board, small, case)
    await _answer(phone)
    await expect(board.locator("[data-directive]")).to_contain_text("1 dari 1 selesai", timeout=SOON_MS)

    dialog = await press(board, "r")
    await dialog.get_by_label("Bagaimana diselesaikan").fill("cadangan dari PPK sudah dibagikan")
    await dialog.get_by_role("button", name="Selesai").click()
    await expect(board.locator("article .mark").first).to_have_text("selesai")
    await expect(console.locator("[data-counter='case.open']")).to_have_attribute("data-value", "0", timeout=SOON_MS)
    await expect(_number(console, "incident.sedang")).to_have_attribute("data-value", "1")
    assert await console.evaluate("window.isSame"), "never loaded again"
    found = await pool.fetchrow(
        "select i.status, d.done, d.refused from posko.incident i join posko.directive d on d.incident_id = i.id"
    )
    assert found is not None
    assert tuple(found) == ("selesai", 1, 0)


async def _sheet(server: Running, small: Small, pool: db.Pool) -> tuple[str, str]:
    """Lays out the day, sets the drill's clock to 07:03; the address in the QR of a new petugas, and whose it is."""
    await pool.execute("select api.lay_obligations($1)", small.operation)
    username = await new_account(pool, small)
    async with aiohttp.ClientSession() as http:
        admin = await Client(http, server.url).sign_in("admin")
        at = datetime.datetime(2024, 11, 27, 7, 3, tzinfo=WIB).isoformat()
        path = f"/v1/operations/{small.operation}/clock"
        assert (await admin.ask("PUT", path, {"at": at, "speed": 1}))[0] == 200
        status, sheets, _ = await admin.ask("POST", "/v1/enrolments", {"usernames": [username]})
    assert status == 201, sheets
    return sheets[0]["url"], username


async def _opens_without_a_network(phone: Phone, pool: db.Pool) -> None:
    """Files "buka" offline, loads the page again offline, and is back: the report is there once, and its receipt is shown."""
    page = phone.page
    button = page.get_by_role("button", name="Buka 07.0")
    await button.wait_for()
    await phone.context.set_offline(True)
    await button.click()
    await expect(page.locator("[data-standing=antre]")).to_be_visible()
    opened = await page.reload()
    assert opened is not None
    assert opened.from_service_worker
    await phone.at("#/terkirim")
    card = phone.cards
    await expect(card).to_have_count(1)
    await expect(card).to_have_attribute("data-standing", "antre")
    assert await reports_of(pool, phone.username) == []

    await phone.context.set_offline(False)

    await expect(card).to_have_attribute("data-standing", "diterima", timeout=PATIENCE_MS)
    [report] = await reports_of(pool, phone.username)
    assert json.loads(report["content"]) == {"kind": "milestone", "milestone": "voting_open"}
    await expect(card).to_contain_text(f"tanda terima {report['version']}-{report['id'][-4:].upper()}")


async def _incident(phone: Phone, board: Page, pool: db.Pool) -> str:
    """Files one on the phone; on the board it sounds, and is a row. Its id."""
    await phone.incident("surat suara kurang 40 lembar")
    await phone.stands("surat suara kurang", "diterima")
    [_, report] = await reports_of(pool, phone.username)
    case = str(report["id"])
    await expect(row_of(board, case)).to_contain_text("TPS 001, Kelurahan 1-1", timeout=SOON_MS)
    await expect(row_of(board, case)).to_contain_text("surat suara kurang 40 lembar")
    await expect(board.locator("[data-played]")).to_have_attribute("data-last", "sedang")
    await board.wait_for_function(SOUNDS)
    return case


async def _accept_and_order(board: Page, small: Small, case: str) -> None:
    """By keyboard: down to it, accepted, opened, an order written from it to the TPS itself."""
    row = row_of(board, case)
    await board.keyboard.press("j")
    await expect(row.get_by_role("link")).to_be_focused()
    await board.keyboard.press("a")
    await board.keyboard.press("Enter")
    await expect(row).to_have_attribute("data-status", "diterima")
    await expect(board.get_by_role("heading", name="#1 Logistik")).to_be_visible()
    dialog = await press(board, "d")
    await dialog.get_by_label("Isi arahan").fill("Berapa pemilih menunggu di {place}?")
    await dialog.get_by_label("Yang diminta").select_option("jawab")
    await dialog.get_by_label("Dari meja").select_option(small.kelurahan[0])
    await dialog.get_by_role("button", name="Kirim arahan").click()
    await expect(dialog).to_have_count(0)
    await expect(board.locator("[data-directive]")).to_contain_text("0 dari 1 selesai, 1 belum")


async def _answer(phone: Phone) -> None:
    """The order arrives at the TPS, is read and answered there."""
    page = phone.page
    await phone.at("#/")
    await phone.taken_up()
    await page.get_by_role("link", name="1 arahan belum dibaca").click()
    await page.locator("a[data-directive]").click()
    await expect(page.get_by_text("Berapa pemilih menunggu di TPS 001?", exact=True)).to_be_visible()
    await expect(page.locator("[data-state=dibaca]")).to_be_visible()
    await page.get_by_role("button", name="Jawab").click()
    await page.get_by_label("Jawaban").fill("Sekitar tiga puluh orang.")
    await page.get_by_role("button", name="Jawab").click()
    await expect(page.locator("[data-state=dijawab]")).to_be_visible()


def _number(page: Page, counter: str) -> Locator:
    """A number of the whole region."""
    return page.locator(f"tr[data-kind=total] [data-counter='{counter}']").first
