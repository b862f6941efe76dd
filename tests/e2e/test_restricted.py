"""What is terbatas, on the board: a cleared supervisor hears of it and works it; for anybody else it does not exist, not even as a number."""

from __future__ import annotations

import contextlib
import secrets

import aiohttp
from playwright.async_api import Error, Page, Response, WebSocket, expect

from posko import db
from tests.client import Client
from tests.e2e.boards import ROWS, board_address, file_incident, number_on, open_board, press, row_of
from tests.e2e.conftest import Visits, fill_in
from tests.factories import Small, incident, make_account, report, uuid7
from tests.running import Running

SECRET = "ancaman terhadap ketua KPPS"
ASKED_MS = 40_000
"""The lane is asked about every ten seconds: the numbers of a region do not tell of it."""


class Overheard:
    """All that a browser is told: answers and frames."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        page.on("response", self._answer)
        page.on("websocket", self._listen)

    async def _answer(self, response: Response) -> None:
        if "/v1/" in response.url and response.status != 204:
            with contextlib.suppress(Error):  # the page went elsewhere before it was read
                self.texts.append(f"{response.status} {response.url}: {await response.text()}")

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: self.texts.append(str(payload)))


async def _cleared(pool: db.Pool, small: Small) -> str:
    username = f"kapolres-{secrets.token_hex(3)}"
    async with pool.acquire() as connection:
        await make_account(connection, username, "supervisor", small.root, operation=small.operation, cleared=True)
    return username


async def _file_restricted(desk: Client, small: Small) -> str:
    made = uuid7()
    said = report(small.operation, small.tps[0], incident("kritis", text=SECRET), restricted=True)
    status, body, _ = await desk.put(said, made)
    assert status == 201, body
    return str(made)


async def test_a_cleared_supervisor_hears_of_it_and_works_it_to_its_end(
    running: Running, served: Small, server_pool: db.Pool, desk: Client, visits: Visits
) -> None:
    username = await _cleared(server_pool, served)
    board = await open_board(visits, running, served, username=username)
    await board.keyboard.press("Shift")
    opened = await file_incident(desk, served, served.tps[1], "rendah", text="kursi kurang")
    await expect(row_of(board, opened)).to_be_visible()

    case = await _file_restricted(desk, served)

    await expect(board.locator("[data-played]")).to_have_attribute("data-last", "kritis", timeout=ASKED_MS)
    await expect(board.locator("[data-assertive]")).to_contain_text("Kejadian baru, kritis")
    await expect(board.locator(ROWS)).to_have_count(1)
    await board.get_by_role("link", name="Terbatas", exact=True).click()
    row = row_of(board, case)
    await expect(row).to_contain_text(SECRET)
    await expect(row).to_contain_text("terbatas")
    await expect(board.locator(ROWS)).to_have_count(1)
    await board.keyboard.press("j")
    await expect(row.get_by_role("link")).to_be_focused()
    await board.keyboard.press("a")
    await board.keyboard.press("Enter")
    await expect(row).to_have_attribute("data-status", "diterima")
    await expect(board.locator("[data-entry=acknowledgement]")).to_contain_text(username)
    dialog = await press(board, "r")
    await dialog.get_by_label("Bagaimana diselesaikan").fill("dikawal dua anggota")
    await dialog.get_by_role("button", name="Selesai").click()
    await expect(board.locator("[data-entry=resolution]")).to_contain_text("dikawal dua anggota")
    rows = await server_pool.fetch("select status from posko.incident where id::text = $1", case)
    assert [row["status"] for row in rows] == ["selesai"]


async def test_nobody_else_sees_it_counts_it_or_finds_it_by_its_address(
    running: Running, served: Small, server_pool: db.Pool, desk: Client, visits: Visits
) -> None:
    username = await _cleared(server_pool, served)
    page = await visits.open(running, board_address(served), may_fail=True)
    heard = Overheard(page)
    await fill_in(page, served.password)
    await expect(page.locator("[data-standing=langsung]")).to_be_visible()
    await page.locator("[data-list] .empty").wait_for()
    case = await _file_restricted(desk, served)
    async with aiohttp.ClientSession() as http:
        chief = await Client(http, running.url).sign_in(username)
        lane = (await chief.get(f"/v1/operations/{served.operation}"))["restricted_lane"]
        assert (await chief.ask("PUT", f"/v1/incidents/{case}/acknowledgement", {}))[0] == 200

    # What is open and comes later is there: so would be what came before it.
    opened = await file_incident(desk, served, served.tps[1], "rendah", text="kursi kurang")
    await expect(row_of(page, opened)).to_be_visible()
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(page.locator("[data-played]")).not_to_have_attribute("data-last", "kritis")
    await expect(number_on(page, "perlu")).to_have_attribute("data-value", "1")
    await expect(number_on(page, "ditangani")).to_have_attribute("data-value", "0")
    await expect(page.get_by_role("link", name="Terbatas", exact=True)).to_have_count(0)
    for rest in ("?lajur=terbatas", "?tab=semua&lajur=terbatas", f"?tab=semua&cari={SECRET.split()[0]}"):
        await page.goto(board_address(served, rest))
        await page.locator("[data-list] li, [data-list] .empty").first.wait_for()
        await expect(row_of(page, case)).to_have_count(0)
    await page.goto(board_address(served, f"/{case}"))
    await expect(page.get_by_role("article")).to_contain_text("Kejadian ini tidak ada")
    await page.goto(f"/konsol/#/{served.operation}/{served.root}")
    await expect(page.locator("[data-counter='case.open']")).to_have_attribute("data-value", "1")
    await expect(page.locator("tr[data-kind=total] [data-counter='incident.kritis']")).to_have_attribute(
        "data-value", "0"
    )
    await page.goto(f"/konsol/#/{lane}/{served.root}")
    await expect(page.get_by_role("main")).not_to_contain_text("KOTA KECIL")

    told = "\n".join(
        text for text in heard.texts if f"/incidents/{case}" not in text and f"operation={lane}" not in text
    )
    assert len(heard.texts) > 10
    assert [what for what in (SECRET, case, f'"restricted_lane":{lane}', f'"{lane}:') if what in told] == []
