"""A voice note is recorded in the form of an incident, follows its report, and is heard on the konsol."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from posko import db, pages
from posko.photos.sound import kind_of
from tests.e2e.conftest import ARGUMENTS, CHROMIUM, FEWER_PROCESSES, Visits
from tests.e2e.phones import Phone, phone_of, reports_of, until_begun
from tests.factories import Small
from tests.running import Running

MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
PLAYED = "(audio) => { audio.muted = true; return audio.play() }"
LONG_MS = 60_000


@pytest.fixture(scope="module")
async def talking(browser: Browser) -> AsyncIterator[Browser]:
    """A Chromium with a microphone that beeps, and a person who allows it. (`browser` says so where there is none.)"""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *FEWER_PROCESSES, *MICROPHONE]
        )
        yield found
        await found.close()


@pytest.fixture
async def talkers(talking: Browser) -> AsyncIterator[Visits]:
    assert (pages.STATIC / "lapor" / "index.html").is_file(), "the pages are not built: make web"
    found = Visits(talking)
    yield found
    await found.close()
    assert (found.complaints, found.foreign) == ([], [])


def voice_in(page: Page) -> Locator:
    return page.get_by_role("group", name="Catatan suara")


async def at_form(phone: Phone) -> Locator:
    """The third step of an incident; answers where the voice note is."""
    await phone.at("#/lapor/kejadian")
    await phone.page.locator("[data-category=logistik]").click()
    await phone.page.locator("[data-severity=sedang]").click()
    return voice_in(phone.page)


async def recording(phone: Phone, seconds: int = 1) -> Locator:
    """Records for so long at least: who looks once a second may not see each of them."""
    voice = await at_form(phone)
    await voice.get_by_role("button", name="Rekam suara").click()
    at = re.compile(rf"^\s*0:(0[{seconds}-9]|[1-5]\d) ")
    await expect(voice.get_by_role("timer")).to_have_text(at, timeout=LONG_MS)
    return voice


async def send(phone: Phone) -> None:
    await phone.page.get_by_role("button", name="Kirim", exact=True).click()


async def heard(audio: Locator) -> float:
    """Plays it to its end; answers the seconds that the player shows."""
    await audio.evaluate(PLAYED)
    await expect(audio).to_have_js_property("ended", True, timeout=LONG_MS)
    seconds: float = await audio.evaluate("(audio) => audio.duration")
    return seconds


async def test_recorded_offline_it_follows_its_report_and_is_heard_on_the_konsol(
    running: Running, served: Small, server_pool: db.Pool, talkers: Visits, visits: Visits
) -> None:
    phone = await phone_of(talkers, running, server_pool, served)
    await phone.context.set_offline(True)
    voice = await recording(phone, 2)
    await voice.get_by_role("button", name="Selesai").click()
    audio = voice.locator("audio")
    await expect(audio).to_be_focused()
    said = re.search(r"Rekaman (0:\d\d)", await voice.get_by_role("status").inner_text())
    assert said is not None
    length = said[1]
    assert 1.5 < await heard(audio) < 60
    await phone.page.get_by_label("Yang terjadi").fill("terdengar ribut")
    await until_begun(phone.page, "terdengar ribut")
    await phone.page.reload()
    await expect(audio).to_be_visible()  # what is half made is back, the recording too
    await send(phone)
    await phone.card("terdengar ribut").wait_for()
    await phone.page.reload()
    await phone.stands("terdengar ribut", "antre")
    await expect(phone.card("terdengar ribut")).to_contain_text(f"Suara {length}: antre.")

    sent: list[tuple[str, bytes]] = []
    phone.page.on(
        "request", lambda r: sent.append((r.method, r.post_data_buffer or b"")) if r.method in ("POST", "PUT") else None
    )
    await phone.context.set_offline(False)

    await phone.stands("terdengar ribut", "diterima")
    await expect(phone.card("terdengar ribut")).to_contain_text(f"Suara {length}: terkirim.", timeout=LONG_MS)
    assert [method for method, _ in sent] == ["POST", "PUT"]
    data = sent[1][1]
    assert kind_of(data) == "webm"
    [report] = await reports_of(server_pool, phone.username)
    [kept] = await server_pool.fetch(
        "select sha256, bytes, kind from posko.voice where report_id = $1::uuid", report["id"]
    )
    assert tuple(kept) == (hashlib.sha256(data).hexdigest(), len(data), "webm")

    konsol = await visits.sign_in(running, served)
    await konsol.evaluate("(hash) => { location.hash = hash }", f"#/{served.operation}/{served.tps[0]}")
    audio = konsol.locator(f"#laporan-{report['id']} audio")
    await expect(audio).to_have_attribute("aria-label", f"Catatan suara dari {phone.username}, {length}")
    assert await audio.get_attribute("preload") == "none"
    assert 1 < await heard(audio) < 60
    await konsol.evaluate(
        "(hash) => { location.hash = hash }", f"#/{served.operation}/{served.root}/kejadian/{report['id']}"
    )
    audio = konsol.locator(f"[data-report='{report['id']}'] audio")
    assert 1 < await heard(audio) < 60


async def test_spoken_it_need_not_be_written_and_sending_ends_the_recording(
    running: Running, served: Small, server_pool: db.Pool, talkers: Visits
) -> None:
    phone = await phone_of(talkers, running, server_pool, served)
    await recording(phone)

    await send(phone)

    said = "Keterangan ada dalam catatan suara."
    await phone.stands(said, "diterima")
    await expect(phone.card(said)).to_contain_text("terkirim.", timeout=LONG_MS)
    [report] = await reports_of(server_pool, phone.username)
    assert report["content"] and said in str(report["content"])


async def test_a_deleted_recording_is_not_sent_and_the_words_are_wanted_again(
    running: Running, served: Small, server_pool: db.Pool, talkers: Visits
) -> None:
    phone = await phone_of(talkers, running, server_pool, served)
    voice = await recording(phone)
    await voice.get_by_role("button", name="Selesai").click()
    await voice.get_by_role("button", name="Hapus rekaman").click()
    await expect(voice.get_by_role("button", name="Rekam suara")).to_be_focused()
    await send(phone)
    await expect(phone.page.get_by_role("alert")).to_contain_text("Belum diisi")
    await phone.page.get_by_label("Yang terjadi").fill("tanpa suara")
    await send(phone)

    await phone.stands("tanpa suara", "diterima")
    [report] = await reports_of(server_pool, phone.username)
    assert "voice" not in str(report["content"])


async def test_another_severity_ends_the_recording_and_keeps_it(
    running: Running, served: Small, server_pool: db.Pool, talkers: Visits
) -> None:
    phone = await phone_of(talkers, running, server_pool, served)
    voice = await recording(phone)

    await phone.page.get_by_role("button", name="Ganti Tingkat").click()
    await expect(voice).to_be_hidden()
    await expect(phone.page.locator("audio")).to_be_attached()
    await phone.page.locator("[data-severity=tinggi]").click()

    await expect(voice.locator("audio")).to_be_visible()
    await send(phone)
    await phone.stands("Keterangan ada dalam catatan suara.", "diterima")


async def test_spoken_anew_it_is_what_was_refused_and_a_correction_without_it_wants_words(
    running: Running, served: Small, server_pool: db.Pool, talkers: Visits
) -> None:
    phone = await phone_of(talkers, running, server_pool, served)
    state = "update posko.operation set state = $2, closed_at = case when $2 = 'closed' then posko.now() end, version = version + 1 where id = $1"
    await recording(phone)
    await server_pool.execute(state, served.operation, "closed")
    await send(phone)
    said = "Keterangan ada dalam catatan suara."
    await phone.stands(said, "ditolak")
    await server_pool.execute(state, served.operation, "active")
    await phone.card(said).get_by_role("link").click()

    await phone.page.get_by_role("link", name="Perbaiki dan kirim sebagai laporan baru").click()

    await expect(voice_in(phone.page).locator("audio")).to_be_visible()
    await expect(phone.page.get_by_label("Yang terjadi")).to_have_value("")
    await send(phone)
    sent = phone.page.locator("[data-standing=diterima]")
    await expect(sent).to_contain_text("terkirim.", timeout=LONG_MS)
    await expect(sent).to_contain_text(said)
    [report] = await reports_of(server_pool, phone.username)
    assert await server_pool.fetchval("select count(*) from posko.voice where report_id = $1::uuid", report["id"]) == 1

    await sent.get_by_role("link").click()
    await phone.page.get_by_role("link", name="Koreksi", exact=True).click()
    await expect(phone.page.get_by_role("note")).to_contain_text("rekam lagi")
    await expect(phone.page.get_by_label("Yang terjadi")).to_have_value("")
    await phone.page.get_by_label("Alasan koreksi").fill("salah tingkat")
    await phone.page.get_by_role("button", name="Kirim koreksi").click()
    await expect(phone.page.get_by_role("alert")).to_contain_text("Belum diisi")


async def test_the_clock_ends_it_after_a_minute(
    running: Running, served: Small, server_pool: db.Pool, talkers: Visits
) -> None:
    phone = await phone_of(talkers, running, server_pool, served)
    # A minute passes in two seconds, for the recorder's clock alone.
    await phone.page.evaluate(
        "() => { const now = performance.now.bind(performance); performance.now = () => now() * 30 }"
    )
    voice = await at_form(phone)
    await voice.get_by_role("button", name="Rekam suara").click()

    await expect(voice).to_contain_text("Rekaman 1:00", timeout=LONG_MS)
    await expect(voice.locator("audio")).to_be_visible()


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))", "Mikrofon tidak diizinkan"),
        ("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))", "Mikrofon tidak ada"),
        ("delete globalThis.MediaRecorder", "Perekam suara tidak tersedia"),
    ],
    ids=["refused", "no microphone", "no recorder"],
)  # fmt: skip
async def test_without_a_microphone_it_is_said_so_and_nothing_is_lost(
    running: Running, served: Small, server_pool: db.Pool, visits: Visits, broken: str, told: str
) -> None:
    phone = await phone_of(visits, running, server_pool, served)
    await phone.page.evaluate(f"() => {{ {broken} }}")
    voice = await at_form(phone)
    await phone.page.get_by_label("Yang terjadi").fill("sudah ditulis")

    await voice.get_by_role("button", name="Rekam suara").click()

    await expect(voice.get_by_role("alert")).to_contain_text(told)
    await expect(phone.page.get_by_label("Yang terjadi")).to_have_value("sudah ditulis")
    await send(phone)
    await phone.stands("sudah ditulis", "diterima")
