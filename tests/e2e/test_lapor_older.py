"""The officer's page on a phone of 2021: scripts find fewer names there, and styles fewer forms."""

from __future__ import annotations

import re

from playwright.async_api import expect

from posko import db, pages
from tests.e2e.conftest import Visits, fill_in
from tests.e2e.phones import OLDER, PATIENCE_MS, SCREEN, Phone, new_account, reports_of
from tests.factories import PASSWORD, Small
from tests.photos.pictures import photo
from tests.running import Running


async def test_an_older_phone_signs_in_chooses_a_tps_and_files_with_a_photo(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    username = await new_account(server_pool, served, *served.tps[:2])
    page = await visits.open(running, "/icon.svg", may_fail=True)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.context.add_init_script(OLDER)
    await page.set_viewport_size(SCREEN)
    await page.goto("/lapor/")
    await fill_in(page, PASSWORD, username)
    await page.locator(f"[data-code='{served.tps[1]}']").click()
    await expect(page.get_by_role("banner")).to_contain_text(served.tps[1])
    phone = Phone(page, username, served)

    await phone.incident("kotak basah", photos=[{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}])

    await phone.stands("kotak basah", "diterima")
    await expect(phone.card("kotak basah")).to_contain_text("1 dari 1 foto terkirim", timeout=PATIENCE_MS)
    assert (len(await reports_of(server_pool, username)), errors) == (1, [])


def test_styles_ask_for_the_size_of_the_screen_as_older_browsers_read_it() -> None:
    styles = [path for path in (pages.STATIC / "assets").glob("*.css") if path.stem.count(".") == 0]
    queries = {query for path in styles for query in re.findall(r"@media[^{]*", path.read_text(encoding="utf-8"))}

    assert any("max-width:39.99rem" in query for query in queries)
    assert [query for query in queries if re.search(r"not \(|[<>]| or |aspect-ratio", query)] == []


def test_scripts_hold_nothing_that_an_older_phone_cannot_parse() -> None:
    assets = pages.STATIC / "assets"
    scripts = [path for path in assets.glob("*.js") if path.stem.count(".") == 0 and not path.name.startswith("docs")]
    newer = re.compile(r"[{;}]static ?\{|\(\?<[=!]")

    assert len(scripts) > 50
    for path in [*scripts, pages.STATIC / "lapor" / "sw.js"]:
        assert newer.search(path.read_text(encoding="utf-8")) is None, path.name
