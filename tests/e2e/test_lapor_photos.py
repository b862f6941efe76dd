"""A photo is made small on the phone, follows its report, and never stands in the way of another."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from PIL import Image
from playwright.async_api import Route, expect

from posko import db
from tests.e2e.conftest import Visits
from tests.e2e.phones import Phone, phone_of, reports_of, until
from tests.factories import Small
from tests.photos.pictures import GPS, file_of, photo, picture
from tests.running import Running

PHOTOS = "**/v1/reports/*/photos/*"


def _large(orientation: int = 1) -> dict[str, Any]:
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": photo(orientation, (3200, 2400))}


async def test_a_photo_is_sent_after_its_report_small_upright_and_without_what_the_camera_wrote(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    sent: list[tuple[str, bytes]] = []
    phone.page.on(
        "request", lambda r: sent.append((r.method, r.post_data_buffer or b"")) if r.method in ("POST", "PUT") else None
    )

    await phone.incident("segel kotak robek", photos=[_large(orientation=6)])
    await phone.stands("segel kotak robek", "diterima")
    await expect(phone.card("segel kotak robek")).to_contain_text("1 dari 1 foto terkirim", timeout=40_000)

    assert [method for method, _ in sent] == ["POST", "PUT"]
    data = sent[1][1]
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.format, shown.size, len(shown.getexif())) == ("JPEG", (1200, 1600), 0)
    assert GPS.encode() not in data
    [report] = await reports_of(server_pool, phone.username)
    kept = await server_pool.fetch("select sha256, bytes from posko.photo where report_id = $1::uuid", report["id"])
    assert [tuple(row) for row in kept] == [(hashlib.sha256(data).hexdigest(), len(data))]


async def test_a_report_does_not_wait_for_the_photo_of_another(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    tries: list[Route] = []

    async def hold_the_first(route: Route) -> None:
        tries.append(route)
        if len(tries) > 1:
            await route.continue_()

    await phone.page.route(PHOTOS, hold_the_first)
    await phone.incident("dengan foto besar", photos=[_large()])
    await phone.stands("dengan foto besar", "diterima")
    await until(lambda: _any(tries))
    await phone.nihil("sesudah foto")

    await phone.stands("sesudah foto", "diterima")
    await expect(phone.card("dengan foto besar")).to_contain_text("1 dari 1 foto terkirim", timeout=40_000)
    assert len(tries) == 2


async def _any(found: list[Route]) -> bool:
    return bool(found)


async def test_photos_wait_offline_with_their_report_and_are_tried_again_when_the_line_breaks(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    await phone.context.set_offline(True)
    await phone.incident(
        "foto tanpa sinyal", photos=[_large(), _large(), {**_large(), "buffer": file_of(picture(90, 60))}]
    )
    await phone.page.reload()
    await phone.stands("foto tanpa sinyal", "antre")
    await expect(phone.card("foto tanpa sinyal")).to_contain_text("0 dari 2 foto")  # the same twice is one
    broken = 0

    async def break_the_first(route: Route) -> None:
        nonlocal broken
        broken += 1
        await (route.abort() if broken == 1 else route.continue_())

    await phone.page.route(PHOTOS, break_the_first)
    await phone.context.set_offline(False)

    await phone.stands("foto tanpa sinyal", "diterima")
    await expect(phone.card("foto tanpa sinyal")).to_contain_text("2 dari 2 foto terkirim", timeout=40_000)
    assert broken == 3


async def test_a_photo_that_is_refused_for_good_is_given_up_and_said_so(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    tries = 0

    async def send_another(route: Route) -> None:
        nonlocal tries
        tries += 1
        await route.continue_(post_data=b"\xff\xd8 not what was promised")

    await phone.page.route(PHOTOS, send_another)
    await phone.incident("foto rusak di jalan", photos=[_large()])

    await expect(phone.card("foto rusak di jalan")).to_contain_text("1 ditolak", timeout=40_000)
    await phone.card("foto rusak di jalan").get_by_role("link").click()
    await expect(phone.page.get_by_role("main")).to_contain_text("ditolak (foto rusak di jalan)")
    assert tries == 1


async def _begin(phone: Phone, text: str) -> None:
    """The form of an incident, but for its photos."""
    await phone.at("#/lapor/kejadian")
    await phone.page.locator("[data-category=logistik]").click()
    await phone.page.locator("[data-severity=sedang]").click()
    await phone.page.get_by_label("Yang terjadi").fill(text)


async def test_what_is_no_picture_is_told_when_it_is_picked_and_does_not_hold_the_report(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    await _begin(phone, "bukan foto")
    text = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"tidak ada gambar"}
    await phone.page.locator("input[type=file]").set_input_files([text])

    await expect(phone.page.get_by_role("alert").first).to_contain_text("Foto 1 tidak dapat dibaca", timeout=40_000)
    await phone.page.get_by_role("button", name="Hapus Foto 1").click()
    await expect(phone.page.get_by_role("alert")).to_have_count(0)
    await phone.page.locator("input[type=file]").set_input_files([text])
    await expect(phone.page.locator("[data-making=tidak_terbaca]")).to_be_visible(timeout=40_000)
    await phone.page.get_by_role("button", name="Kirim", exact=True).click()

    await expect(phone.card("bukan foto")).to_contain_text("1 foto tidak ikut terkirim")
    await phone.stands("bukan foto", "diterima")
    assert len(await reports_of(server_pool, phone.username)) == 1


async def test_a_photo_that_is_not_small_yet_does_not_hold_the_report_and_follows_whole(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    # A phone so slow that no picture is drawn before the report is sent.
    await phone.page.evaluate("() => { window.Worker = class { postMessage() {} terminate() {} } }")
    await _begin(phone, "ponsel lambat")
    taken = _large()
    await phone.page.locator("input[type=file]").set_input_files([taken])  # type: ignore[list-item]
    await expect(phone.page.locator("[data-making=dikecilkan]")).to_be_visible()
    await phone.page.get_by_role("button", name="Kirim", exact=True).click()

    await expect(phone.card("ponsel lambat")).to_be_visible()
    await expect(phone.card("ponsel lambat")).to_contain_text("1 dari 1 foto terkirim", timeout=40_000)
    [report] = await reports_of(server_pool, phone.username)
    [kept] = await server_pool.fetch("select sha256 from posko.photo where report_id = $1::uuid", report["id"])
    assert kept["sha256"] == hashlib.sha256(taken["buffer"]).hexdigest()


async def test_a_fifth_photo_is_not_taken_and_that_is_said(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    await _begin(phone, "banyak foto")
    await phone.page.locator("input[type=file]").set_input_files(
        [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photo()} for n in range(6)]
    )

    await expect(phone.page.get_by_role("alert")).to_have_text("2 foto tidak ikut: paling banyak empat.")
    await expect(phone.page.locator("[data-making]")).to_have_count(4)


async def test_a_photo_alone_is_shown_as_waiting_and_is_sent_now_when_one_asks(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    tries: list[Route] = []

    async def cut(route: Route) -> None:
        tries.append(route)
        await route.abort()

    await phone.page.route(PHOTOS, cut)
    # From its second try on it waits by itself for minutes.
    await phone.page.evaluate("() => { Math.random = () => 60 }")
    await phone.incident("foto tertahan", photos=[_large()])
    await phone.stands("foto tertahan", "diterima")
    await until(lambda: _any(tries))

    await expect(phone.page.get_by_role("banner")).to_contain_text("1 foto/suara antre")
    await expect(phone.page.get_by_text("1 foto/suara menunggu percobaan berikutnya.")).to_be_visible()
    await phone.page.unroute(PHOTOS)
    await phone.page.get_by_role("button", name="Coba kirim sekarang").click()

    await expect(phone.card("foto tertahan")).to_contain_text("1 dari 1 foto terkirim", timeout=40_000)
