"""The screens: one line each. A new one is added here, and is then photographed and looked at by axe."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import msgspec
from playwright.async_api import Page

Step: TypeAlias = Callable[[Page], Awaitable[object]]

GUIDED: Final = (("posko.lapor.guide", "1"), ("posko.konsol.guide", "1"))
"""Whoever has been here before."""
ENGLISH: Final = (*GUIDED, ("posko.language", "en"))


class Screen(msgspec.Struct, frozen=True):
    """A page in one state: where it is, who looks, when it is there, and what is done before."""

    name: str
    path: str
    role: str | None = None
    """Who is signed in; None: nobody."""
    ready: str | None = None
    """A selector that shows that it is whole; None: its main part says something besides its title, and loads no more."""
    steps: tuple[Step, ...] = ()
    stored: tuple[tuple[str, str], ...] = GUIDED
    """What the browser remembers from before."""
    may_complain: bool = False
    """The browser's console will say something: a refusal or a lost server is what the screen is about."""
    is_built: bool = True
    """While it is not, it may be missing."""
    is_light: bool = True
    """Whether axe goes through it in reasonable time; thousands of cells it does not."""


def _press(name: str) -> Step:
    async def step(page: Page) -> None:
        await page.get_by_role("button", name=name).first.click()

    return step


def _touch(selector: str) -> Step:
    async def step(page: Page) -> None:
        await page.locator(selector).click()

    return step


async def _lose_the_server(page: Page) -> None:
    await page.context.set_offline(True)
    await page.locator("[data-stale=terputus], [data-standing=terputus]").first.wait_for(timeout=60_000)


async def _load_a_broken_roster(page: Page) -> None:
    rows = "".join(f"31.72.01.1001.{n:03},{n + n % 2},240,{250 if n % 3 else 2500}\n" for n in range(1, 13))
    file = f"code,number,voters_l,voters_p\n{rows}31.73.01.1001.001,1,240,250\n".encode()
    await page.locator("input[type=file]").set_input_files({"name": "tps-kota.csv", "mimeType": "text/csv", "buffer": file})  # fmt: skip
    await page.locator("[data-rule]").first.wait_for()


KONSOL: Final = "/konsol/#/{operation}/{root}"
TABLE: Final = "tr[data-kind=total]"

SCREENS: Final[tuple[Screen, ...]] = (
    Screen("beranda", "/"),
    Screen("masuk", "/masuk/", ready="input[type=password]"),
    Screen("masuk-daftar", "/masuk/#daftar=contoh-kode-QR-0123", ready="form"),
    # the account page
    Screen("akun-saya", "/akun/", "supervisor", ready="main section"),
    Screen("akun-orang", "/akun/#/orang", "admin", ready="[data-username]"),
    Screen("akun-orang-satu", "/akun/#/orang/{operator}", "admin", ready="main section"),
    Screen("akun-tambah", "/akun/#/tambah", "admin", ready="form"),
    Screen("akun-impor", "/akun/#/impor", "admin", ready="main form"),
    Screen("akun-kartu", "/akun/#/kartu", "admin", ready="main h1"),
    Screen("akun-persetujuan", "/akun/#/persetujuan", "supervisor", ready="main h1"),
    Screen("akun-catatan", "/akun/#/catatan", "admin", ready="[data-action]"),
    Screen("akun-piket", "/akun/#/piket/{operation}/{kecamatan}", "supervisor", ready="main section"),
    # setting up
    Screen("kelola-operasi", "/kelola/#/operasi", "admin", ready="[data-operation]"),
    Screen("kelola-operasi-buat", "/kelola/#/operasi/buat", "admin", ready="main select >> nth=2"),
    Screen("kelola-operasi-draf", "/kelola/#/operasi/{draft}", "admin", ready="[data-milestone]"),
    Screen("kelola-operasi-salah", "/kelola/#/operasi/{draft}", "admin", ready="[data-milestone]", steps=(_load_a_broken_roster,), may_complain=True),
    Screen("kelola-operasi-aktif", "/kelola/#/operasi/{operation}", "admin", ready="[data-milestone]"),
    Screen("kelola-operasi-tutup", "/kelola/#/operasi/{operation}", "admin", ready="[data-milestone]", steps=(_press("Tutup operasi …"),)),
    # the konsol
    Screen("konsol-rekap", KONSOL, "supervisor", ready=TABLE),
    Screen("konsol-panduan", KONSOL, "supervisor", ready="main .primary", stored=()),
    Screen("konsol-rekap-kelurahan", "/konsol/#/{operation}/{kelurahan}", "supervisor", ready=TABLE),
    Screen("konsol-tps", "/konsol/#/{operation}/{tps}", "supervisor", ready="main section"),
    Screen("konsol-daftar-tps", KONSOL + "/tps/milestone.voting_open.unreported", "supervisor", ready="[data-now]"),
    Screen("konsol-daftar-kosong", KONSOL + "/tps/custody.seal_broken", "supervisor", ready="[data-now]"),
    Screen("konsol-laporan-kejadian", KONSOL + "/laporan-kejadian/semua", "supervisor", ready="[data-code]"),
    Screen("konsol-tanda", KONSOL + "/tanda/semua", "supervisor", ready="main h1"),
    Screen("konsol-tak-ada", "/konsol/#/{operation}/{kelurahan}.999", "supervisor", ready="[role=alert]", may_complain=True),
    Screen("konsol-terputus", KONSOL, "supervisor", ready=TABLE, steps=(_lose_the_server,), may_complain=True),
    Screen("konsol-petak", KONSOL + "/petak?warna=voting_open", "supervisor", ready="[data-cells]"),
    Screen("konsol-petak-tabel", KONSOL + "/petak?warna=kejadian&bentuk=tabel", "supervisor", ready="main tbody tr[data-code]"),
    Screen("konsol-kurva", KONSOL + "/kurva", "supervisor"),
    Screen("konsol-kejadian", KONSOL + "/kejadian", "supervisor", ready="[data-status]"),
    Screen("konsol-kejadian-satu", KONSOL + "/kejadian/{incident}", "supervisor", ready="[data-status]"),
    Screen("konsol-alarm", KONSOL + "/alarm", "supervisor"),
    Screen("konsol-arahan", KONSOL + "/arahan", "supervisor"),
    Screen("konsol-arahan-satu", KONSOL + "/arahan/{directive}", "supervisor"),
    Screen("konsol-arahan-tulis", KONSOL + "/arahan/tulis", "supervisor", ready="main form"),
    Screen("konsol-piket", KONSOL + "/piket", "supervisor"),
    # the officer
    Screen("lapor-panduan", "/lapor/", "petugas", stored=()),
    Screen("lapor-tugas", "/lapor/", "petugas"),
    Screen("lapor-pilih", "/lapor/#/lapor", "petugas"),
    Screen("lapor-pemilih", "/lapor/#/lapor/pemilih", "petugas", ready="main input"),
    Screen("lapor-hitung", "/lapor/#/lapor/hitung/gubernur", "petugas", ready="main input"),
    Screen("lapor-kejadian", "/lapor/#/lapor/kejadian", "petugas"),
    Screen("lapor-kejadian-isi", "/lapor/#/lapor/kejadian", "petugas", ready="[data-category]", steps=(_touch("[data-category=logistik]"), _touch("[data-severity=sedang]"))),
    Screen("lapor-kotak", "/lapor/#/lapor/kotak", "petugas", ready="main input"),
    Screen("lapor-terkirim", "/lapor/#/terkirim", "petugas", ready="main p"),
    Screen("lapor-arahan", "/lapor/#/arahan", "petugas"),
    Screen("lapor-menu", "/lapor/#/menu", "petugas"),
    Screen("lapor-kertas", "/lapor/#/kertas/{tps}", "petugas"),
    # the wall
    Screen("dinding-atur", "/dinding/", "wall", ready="form button.primary:enabled"),
    Screen("dinding", "/dinding/#/{operation}/{root}", "wall", ready="[data-incident]"),
    Screen("dinding-hitung", "/dinding/#/{operation}/{kecamatan}?putar=300&hitung=1", "wall", ready="[data-child]"),
    Screen("dinding-terputus", "/dinding/#/{operation}/{root}", "wall", ready="[data-incident]", steps=(_lose_the_server,), may_complain=True),
    # the admin
    Screen("kelola-aturan", "/kelola/#/aturan/{operation}", "admin", ready="[data-rule]"),
    Screen("kelola-aturan-ubah", "/kelola/#/aturan/{operation}", "admin", ready="[data-rule]", steps=(_press("Ubah"),)),
    Screen("kelola-aturan-kategori", "/kelola/#/aturan/{operation}/kategori", "admin", ready="[data-category]"),
    Screen("kelola-aturan-piket", "/kelola/#/aturan/{operation}/piket", "admin", ready="[data-level]"),
    Screen("kelola-aturan-pengamanan", "/kelola/#/aturan/{operation}/pengamanan", "admin", ready="[data-version]"),
    Screen("kelola-aturan-prioritas", "/kelola/#/aturan/{operation}/prioritas", "admin", ready="[data-version]"),
    Screen("kelola-webhook", "/kelola/#/webhook", "admin", ready="[data-endpoint]"),
    Screen("kelola-webhook-baru", "/kelola/#/webhook/baru", "admin", ready="form"),
    Screen("kelola-webhook-satu", "/kelola/#/webhook/{endpoint}", "admin", ready="[data-delivery]", steps=(_press("Percobaan"),)),
    Screen("kelola-kesehatan", "/kelola/#/kesehatan", "admin", ready="[data-part]"),
    # the admin who reads English
    Screen("kelola-operasi-inggris", "/kelola/#/operasi", "admin", ready="[data-operation]", stored=ENGLISH),
    Screen("kelola-operasi-draf-inggris", "/kelola/#/operasi/{draft}", "admin", ready="[data-milestone]", stored=ENGLISH),
    Screen("kelola-aturan-inggris", "/kelola/#/aturan/{operation}", "admin", ready="[data-rule]", stored=ENGLISH),
    Screen("kelola-webhook-satu-inggris", "/kelola/#/webhook/{endpoint}", "admin", ready="[data-delivery]", stored=ENGLISH),
    Screen("kelola-kesehatan-inggris", "/kelola/#/kesehatan", "admin", ready="[data-part]", stored=ENGLISH),
    # set-up, and every component there is
    Screen("gaya", "/gaya/", ready="#warna"),
    Screen("gaya-dialog", "/gaya/", ready="#warna", steps=(_press("Buka dialog"),)),
)  # fmt: skip
