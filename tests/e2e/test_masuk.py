"""Signing in with a real browser: password and code, passkey, an enrolled device, what a role must enrol, and where one goes.

The server here asks for second factors, and is at http://localhost: passkeys belong to a name, never to an address.
"""

from __future__ import annotations

import asyncio
import datetime
import re
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pyotp
import pytest
from playwright.async_api import Page, expect

from posko import db
from posko.accounts import factor_store
from posko.embedded import Embedded
from tests.client import Client
from tests.e2e.conftest import Visits, fill_in
from tests.factories import PASSWORD, Small, make_account, make_small
from tests.running import Running, apart

PIN = "482719"
KEPT_KEY = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open('posko')
    request.onerror = reject
    request.onsuccess = () => {
        const got = request.result.transaction('devices').objectStore('devices').getAll()
        got.onsuccess = async () => resolve(await Promise.all(got.result.map(async (device) => ({
            id: device.id,
            owner: device.owner,
            extractable: device.key.extractable,
            usages: device.key.usages,
            exported: await crypto.subtle.exportKey('jwk', device.key).then(() => true, () => false),
        }))))
    }
})"""


@pytest.fixture(scope="module")
async def strict(services: Embedded, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A server that asks for second factors."""
    admin = await db.connect(services.database_url)
    await admin.execute(f"create database strict template {template}")
    await admin.close()
    url = services.database_url.replace("/posko?", "/strict?")
    found = Running(url, services.redis_url, tmp_path_factory.mktemp("strict"), POSKO_SECOND_FACTOR="required")
    found.url = found.environ["POSKO_PUBLIC_URL"] = found.url.replace("127.0.0.1", "localhost")
    found.small = await _furnish(url)
    with found:
        yield found


async def _furnish(url: str) -> Small:
    connection = await db.connect(url)
    small = await make_small(connection)
    await connection.close()
    return small


@pytest.fixture(scope="module")
async def people(strict: Running) -> AsyncIterator[db.Pool]:
    """A pool on the strict server's database."""
    found = await db.open_pool(strict.environ["POSKO_DATABASE_URL"], size=2, statement_timeout_s=20)
    yield found
    found.terminate()


async def _person(people: db.Pool, role: str, *scope: str) -> str:
    """Somebody new with the test password and one seat."""
    username = f"{role}-{secrets.token_hex(3)}"
    async with people.acquire() as connection:
        await make_account(connection, username, role, *(scope or ("31.72",)))
    return username


async def _with_totp(strict: Running, username: str) -> pyotp.TOTP:
    """Sets up an authenticator app, with the code before this one: the codes from now on are unused."""
    async with aiohttp.ClientSession() as http:
        client = await Client(http, strict.url).sign_in(username)
        status, made, _ = await client.ask("POST", "/v1/factors/totp", {})
        assert status == 201, made
        app = pyotp.TOTP(made["secret"])
        if (left := 30 - time.time() % 30) < 8:
            await asyncio.sleep(left)  # on its way into the next step it would be too old
        status, body, _ = await client.ask("PUT", "/v1/factors/totp", {"code": app.at(time.time() - 30)})
        assert status == 200, body
    return app


async def _offer(people: db.Pool, username: str) -> str:
    """The code of an enrolment card."""
    code = secrets.token_urlsafe(16)
    async with people.acquire() as connection:
        row = await connection.fetchrow(
            "select a.id, g.id as seat from posko.account a join posko.assignment g on g.account_id = a.id where a.username = $1",
            username,
        )
        assert row is not None
        await factor_store.insert_enrolment(
            connection, code, row["id"], row["seat"], row["id"], datetime.timedelta(minutes=10)
        )
    return code


async def _authenticator(page: Page) -> Any:
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return cdp


async def _enrol(page: Page, code: str, pin: str = PIN) -> None:
    await page.goto(f"/masuk/?ke=/akun/#daftar={code}")
    await page.get_by_label("PIN baru", exact=True).fill(pin)
    await page.get_by_label("PIN baru sekali lagi").fill(pin)
    await page.get_by_role("button", name="Daftarkan dan masuk").click()


async def test_password_and_code_lead_to_the_konsol(strict: Running, people: db.Pool, visits: Visits) -> None:
    username = await _person(people, "operator")
    app = await _with_totp(strict, username)
    page = await visits.open(strict, may_fail=True)

    await fill_in(page, PASSWORD, username)
    code = page.get_by_label("Kode enam angka")
    await expect(code).to_be_focused()
    assert await code.get_attribute("autocomplete") == "one-time-code"
    assert await code.get_attribute("inputmode") == "numeric"
    await code.fill("000000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Kode salah atau sudah dipakai")
    now = app.now()
    await code.fill(f"{now[:3]} {now[3:]}")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_contain_text("KOTA KECIL")
    kept = await page.evaluate("({...localStorage, ...sessionStorage})")
    assert re.fullmatch(r"akun \d+", kept.pop("posko.session"))  # whose it is, and nothing that opens it
    assert kept == {
        "posko.language": "id",
        "posko.theme": "auto",
        "posko.konsol.guide": "1",
    }
    assert await page.evaluate("document.cookie") == ""
    cookies = {c["name"]: c for c in await page.context.cookies()}
    assert (cookies["__Host-posko"]["httpOnly"], cookies["__Host-posko"]["sameSite"]) == (True, "Strict")


async def test_who_must_enrols_an_authenticator_first(strict: Running, people: db.Pool, visits: Visits) -> None:
    username = await _person(people, "operator")
    page = await visits.open(strict, "/konsol/")

    await fill_in(page, PASSWORD, username)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Satu langkah lagi")
    await expect(page.get_by_role("img", name="Kode QR untuk aplikasi autentikator")).to_be_visible()
    secret = (await page.locator("code").inner_text()).replace(" ", "")
    await page.goto("/konsol/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Satu langkah lagi")
    secret = (await page.locator("code").inner_text()).replace(" ", "")
    await page.get_by_label("Kode enam angka").fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="Aktifkan").click()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("KOTA KECIL")


async def test_a_passkey_is_made_and_signs_in(strict: Running, people: db.Pool, visits: Visits) -> None:
    username = await _person(people, "supervisor")
    page = await visits.open(strict, may_fail=True)
    await _authenticator(page)

    await fill_in(page, PASSWORD, username)
    await page.get_by_label("Nama passkey").fill("Laptop meja 3")
    await page.get_by_role("button", name="Buat passkey").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("KOTA KECIL")
    await page.get_by_role("button", name="Keluar").click()

    await fill_in(page, PASSWORD, username)
    await expect(page.get_by_role("alert")).to_contain_text("Akun ini masuk dengan passkey")
    passkey = page.get_by_role("button", name="Masuk dengan passkey")
    await expect(passkey).to_be_focused()
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_contain_text("KOTA KECIL")
    await page.goto("/akun/")
    await expect(page.get_by_role("region", name="Passkey (1)")).to_contain_text("Laptop meja 3")
    await page.get_by_role("button", name="Hapus Laptop meja 3").click()
    await page.get_by_role("button", name="Ya, hapus").click()
    await expect(page.get_by_role("region", name="Passkey (0)")).to_be_visible()


async def test_a_passkey_that_is_not_used_is_said(strict: Running, visits: Visits) -> None:
    page = await visits.open(strict, "/masuk/", may_fail=True)
    cdp = await _authenticator(page)  # it holds no passkey

    await page.get_by_role("button", name="Masuk dengan passkey").click()

    await expect(page.get_by_role("alert")).to_contain_text("Passkey tidak jadi dipakai")
    await cdp.detach()


async def test_a_device_is_enrolled_with_a_key_that_nobody_reads_out(
    strict: Running, people: db.Pool, visits: Visits
) -> None:
    username = await _person(people, "petugas")
    code = await _offer(people, username)
    page = await visits.open(strict, f"/masuk/#daftar={code}", may_fail=True)

    await expect(page.get_by_role("heading", level=1)).to_have_text("Daftarkan perangkat ini")
    assert code not in page.url
    await page.get_by_label("PIN baru", exact=True).fill("123456")
    await page.get_by_label("PIN baru sekali lagi").fill("123456")
    await page.get_by_role("button", name="Daftarkan dan masuk").click()
    await expect(page.get_by_text("PIN ini terlalu mudah ditebak")).to_be_visible()
    await page.get_by_label("PIN baru", exact=True).fill(PIN)
    await page.get_by_role("button", name="Daftarkan dan masuk").click()
    await expect(page.get_by_text("Kedua PIN tidak sama")).to_be_visible()
    await page.get_by_label("PIN baru sekali lagi").fill(PIN)
    await page.get_by_role("button", name="Daftarkan dan masuk").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Pilih TPS")
    assert page.url.startswith(f"{strict.url}/lapor/")
    kept = await page.evaluate(KEPT_KEY)
    assert [(k["owner"], k["extractable"], k["usages"], k["exported"]) for k in kept] == [
        (username, False, ["sign"], False)
    ]
    await page.go_back()
    assert code not in page.url


async def test_a_code_that_was_scanned_outlives_a_step_that_could_not_be_fetched(
    strict: Running, people: db.Pool, visits: Visits
) -> None:
    code = await _offer(people, await _person(people, "petugas"))
    page = await visits.open(strict, None, may_fail=True)
    await page.route("**/assets/further-*.js", lambda route: route.abort())
    await page.goto(f"/masuk/#daftar={code}")
    await expect(page.get_by_role("alert")).to_contain_text("Server tidak terjangkau")
    assert code not in page.url
    await page.unroute("**/assets/further-*.js")

    await page.get_by_role("button", name="Coba lagi").click()

    await expect(page.get_by_label("PIN baru", exact=True)).to_be_visible()
    assert code not in page.url


async def test_six_digits_sign_in_where_a_device_is_enrolled(strict: Running, people: db.Pool, visits: Visits) -> None:
    username = await _person(people, "petugas")
    page = await visits.open(strict, "/masuk/", may_fail=True)
    await _enrol(page, await _offer(people, username))
    await page.get_by_role("button", name="Keluar").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text(username)
    pin = page.get_by_label("PIN", exact=True)
    await expect(pin).to_be_focused()
    await pin.fill("914273")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("PIN salah")
    await pin.fill(PIN)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_have_text("Pilih TPS")
    assert page.url.startswith(f"{strict.url}/lapor/")


async def test_a_locked_device_says_what_to_do(strict: Running, people: db.Pool, visits: Visits) -> None:
    username = await _person(people, "petugas")
    page = await visits.open(strict, "/masuk/", may_fail=True)
    await _enrol(page, await _offer(people, username))
    await page.get_by_role("button", name="Keluar").click()

    pin = page.get_by_label("PIN", exact=True)
    for _ in range(5):
        await pin.fill("914273")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(pin).to_have_value("")
    await pin.fill(PIN)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("alert")).to_contain_text("terkunci setelah lima PIN salah")
    await expect(pin).to_have_count(0)
    await page.get_by_role("button", name="Lupakan perangkat ini").click()
    await expect(page.get_by_label("Kata sandi")).to_be_visible()
    assert await page.evaluate(KEPT_KEY) == []


async def test_a_card_is_good_once_and_may_be_typed(strict: Running, people: db.Pool, visits: Visits) -> None:
    code = await _offer(people, await _person(people, "petugas"))
    page = await visits.open(strict, "/masuk/", may_fail=True)
    await _enrol(page, code)
    await expect(page).to_have_url(f"{strict.url}/akun/")

    other = await visits.open(strict, "/masuk/", may_fail=True)
    await other.get_by_role("button", name="Daftarkan perangkat dengan kode").click()
    typed = other.get_by_label("Kode pendaftaran")
    await typed.fill(code[1:])
    await other.get_by_role("button", name="Lanjut").click()
    await expect(other.get_by_text("Kode pada kartu terdiri atas 22 huruf")).to_be_visible()
    await typed.fill(code)
    await expect(typed).to_have_value(" ".join(code[at : at + 4] for at in range(0, len(code), 4)))
    await other.get_by_role("button", name="Lanjut").click()
    await other.get_by_label("PIN baru", exact=True).fill(PIN)
    await other.get_by_label("PIN baru sekali lagi").fill(PIN)
    await other.get_by_role("button", name="Daftarkan dan masuk").click()

    await expect(other.get_by_role("alert")).to_contain_text("Kode ini tidak dikenal, sudah dipakai")
    await other.get_by_role("button", name="Ketik kodenya lagi").click()
    await expect(other.get_by_label("Kode pendaftaran")).to_be_focused()


async def test_who_has_several_seats_chooses_one(strict: Running, people: db.Pool, visits: Visits) -> None:
    username = await _person(people, "petugas", "31.72.01.1001.001")
    async with people.acquire() as connection:
        await connection.execute(
            "insert into posko.assignment (account_id, is_party, role, regions, cleared, starts_at, granted_at, changed_at)"
            " select a.id, false, 'wall', '{31.72.02}', false, at, at, at from posko.account a, posko.now() as at where a.username = $1",
            username,
        )
    page = await visits.open(strict, "/masuk/")
    await fill_in(page, PASSWORD, username)

    await expect(page.get_by_role("heading", level=1)).to_have_text("Pilih tugas")
    await page.get_by_role("button", name="Layar dinding").click()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kecamatan 2")
    assert "/konsol/" in page.url


@pytest.mark.parametrize(
    "ke",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "/.//elsewhere.example",
        "javascript:alert(1)",
    ],
)
async def test_nobody_is_sent_to_another_site(ke: str, strict: Running, people: db.Pool, visits: Visits) -> None:
    username = await _person(people, "petugas")
    page = await visits.open(strict, f"/masuk/?ke={quote(ke, safe='')}")

    await fill_in(page, PASSWORD, username)

    await expect(page.get_by_role("heading", level=1)).to_have_text("Pilih TPS")
    assert page.url == f"{strict.url}/lapor/"


async def test_one_comes_back_to_where_one_was_going(strict: Running, people: db.Pool, visits: Visits) -> None:
    username = await _person(people, "petugas")
    wanted = f"/konsol/#/{strict.small.operation}/{strict.small.tps[0]}"
    page = await visits.open(strict, wanted)

    await expect(page.get_by_label("Nama pengguna")).to_be_focused()
    await fill_in(page, PASSWORD, username)

    await expect(page.get_by_role("heading", level=1)).to_contain_text("TPS 001")
    assert page.url == strict.url + wanted


async def test_signing_in_needs_a_keyboard_only(strict: Running, people: db.Pool, visits: Visits) -> None:
    username = await _person(people, "petugas")
    page = await visits.open(strict, "/masuk/", may_fail=True)
    await expect(page.get_by_label("Nama pengguna")).to_be_focused()

    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Isi nama pengguna dan kata sandi")
    await page.keyboard.type(username)
    await page.keyboard.press("Tab")
    await page.keyboard.type("bukan-kata-sandinya")
    await page.keyboard.press("Tab")  # to what shows the password
    await page.keyboard.press("Space")
    await expect(page.get_by_label("Kata sandi")).to_have_attribute("type", "text")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Masuk", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Nama pengguna atau kata sandi salah")
    await page.get_by_label("Kata sandi").focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_have_text("Pilih TPS")


async def test_too_many_attempts_are_counted_down(
    services: Embedded, strict: Running, people: db.Pool, visits: Visits, tmp_path: Path
) -> None:
    username = await _person(people, "petugas")
    url = strict.environ["POSKO_DATABASE_URL"]
    with Running(url, apart(services.redis_url), tmp_path, roles=("serve",), POSKO_SIGN_INS_BURST="1") as slow:
        page = await visits.open(slow, "/masuk/", may_fail=True)
        await fill_in(page, "salah-salah-salah", username)
        await expect(page.get_by_role("alert")).to_contain_text("kata sandi salah")
        await fill_in(page, PASSWORD, username)

        await expect(page.get_by_role("alert")).to_contain_text("Coba lagi dalam 0:")
        submit = page.get_by_role("button", name="Masuk", exact=True)
        await expect(submit).to_be_disabled()
        first = int(await page.locator("[data-left]").get_attribute("data-left") or 0)
        await page.wait_for_function(
            "(first) => Number(document.querySelector('[data-left]')?.dataset.left ?? 0) < first", arg=first
        )
        await expect(page.get_by_text("Silakan coba lagi.")).to_be_visible(timeout=30_000)
        await expect(submit).to_be_enabled()


async def test_a_session_that_ended_elsewhere_leads_to_the_door(
    strict: Running, people: db.Pool, visits: Visits
) -> None:
    username = await _person(people, "petugas")
    page = await visits.open(strict, "/akun/", may_fail=True)
    await fill_in(page, PASSWORD, username)
    await expect(page.get_by_text("sesi ini")).to_be_visible()

    async with people.acquire() as connection:
        await connection.execute(
            "update posko.account set disabled_at = posko.now(), changed_at = posko.now() where username = $1", username
        )
    await asyncio.sleep(2.2)
    await page.reload()

    await expect(page.get_by_text("Sesi Anda telah berakhir")).to_be_visible()
    assert page.url.startswith(f"{strict.url}/masuk/?ke=%2Fakun%2F")
    # Whoever comes another way is told, too.
    await page.goto("/konsol/")
    await expect(page.get_by_text("Sesi Anda telah berakhir")).to_be_visible()
    await page.evaluate("localStorage.setItem('posko.session', 'akun 1')")
    await page.goto("/masuk/")
    await expect(page.get_by_text("Sesi Anda telah berakhir")).to_be_visible()


@pytest.mark.parametrize("size", [(360, 740), (1280, 800), (3840, 2160)])
async def test_no_step_scrolls_sideways(
    size: tuple[int, int], strict: Running, people: db.Pool, visits: Visits
) -> None:
    code = await _offer(people, await _person(people, "petugas"))
    page = await visits.open(strict, "/masuk/", may_fail=True)
    await page.set_viewport_size({"width": size[0], "height": size[1]})

    async def look() -> None:
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]

    await expect(page.get_by_label("Kata sandi")).to_be_visible()
    await look()
    await page.get_by_role("button", name="Daftarkan perangkat dengan kode").click()
    await look()
    await page.goto(f"/masuk/#daftar={code}")
    await expect(page.get_by_label("PIN baru", exact=True)).to_be_visible()
    await look()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_label("New PIN", exact=True)).to_be_visible()
    await look()


async def test_one_proves_oneself_again_by_passkey_or_by_device_and_pin(
    strict: Running, people: db.Pool, visits: Visits
) -> None:
    supervisor, officer = await _person(people, "supervisor"), await _person(people, "petugas")
    desk = await visits.open(strict, "/masuk/?ke=/akun/", may_fail=True)
    await _authenticator(desk)
    await fill_in(desk, PASSWORD, supervisor)
    await desk.get_by_role("button", name="Buat passkey").click()
    await expect(desk.get_by_role("region", name="Passkey (1)")).to_be_visible()
    phone = await visits.open(strict, "/masuk/", may_fail=True)
    await _enrol(phone, await _offer(people, officer))
    await expect(phone.get_by_text("sesi ini")).to_be_visible()
    async with people.acquire() as connection:
        await connection.execute("update posko.session set stepped_up_at = stepped_up_at - interval '10 minutes'")
    strict.restart("serve")  # it would trust what it remembers

    await desk.get_by_role("button", name="Hapus").click()
    await desk.get_by_role("button", name="Ya, hapus").click()
    await expect(desk.get_by_role("dialog").get_by_label("Kata sandi")).to_have_count(0)
    await desk.get_by_role("dialog").get_by_role("button", name="Pakai passkey").click()
    await expect(desk.get_by_role("region", name="Passkey (0)")).to_be_visible()

    await phone.get_by_role("button", name="Pasang").click()
    question = phone.get_by_role("dialog", name="Buktikan bahwa ini Anda")
    await question.get_by_label("PIN", exact=True).fill(PIN)
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_role("img", name="Kode QR untuk aplikasi autentikator")).to_be_visible()
