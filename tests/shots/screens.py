"""The screens: one line each. A new one is added here, and is then photographed and looked at by axe."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tests.shots import steps
from tests.shots.steps import Step, press, touch, wait, write

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
    """Whether axe goes through it: not where it takes too long (thousands of cells), nor where it has seen the same elsewhere."""

    @property
    def is_apart(self) -> bool:
        """Whether it wants a browser of its own: what is done there would be seen at the next screen."""
        keeps = self.role is None or self.path.startswith("/lapor/")
        return bool(self.steps) and (keeps or any(step in steps.LASTING for step in self.steps))


KONSOL: Final = "/konsol/#/{operation}/{root}"
TABLE: Final = "tr[data-kind=total]"
CASE: Final = KONSOL + "/kejadian/{incident}"
AT_WORK: Final = "nav [aria-current=page][href='#/tugas']"
"""A TPS has been chosen."""
DONE: Final = "article [data-action]"
"""What can be done about the incident that is open."""
BUSY: Final[dict[str, Any]] = {
    "type": "about:blank",
    "code": "database-down",
    "title": "Database down",
    "status": 503,
    "detail": "it cannot be reached",
}
SEAT: Final[dict[str, Any]] = {
    "id": 1,
    "role": "operator",
    "regions": ["31.72.01"],
    "operation": None,
    "cleared": False,
    "starts_at": "2024-11-26T00:00:00Z",
    "ends_at": None,
}
ACCOUNT: Final[dict[str, Any]] = {
    "id": 0,
    "username": "siti.rahmawati",
    "full_name": "Siti Rahmawati",
    "institution": "polri",
    "party": None,
    "kind": "person",
    "disabled_at": None,
}
SESSION: Final[dict[str, Any]] = {
    "token": None,
    "id": 1,
    "expires_at": "2024-11-28T00:00:00Z",
    "idle_minutes": None,
    "account": ACCOUNT,
    "seat": SEAT,
    "seats": [SEAT, SEAT | {"id": 2, "role": "supervisor", "regions": ["31.72"], "cleared": True}],
    "factors": ["password"],
    "must_enrol": None,
    "stepped_up_until": None,
}
"""Of somebody with two seats."""

SCREENS: Final[tuple[Screen, ...]] = (
    Screen("beranda", "/"),
    Screen("halaman-tak-ada", "/rekap/jakarta/", ready="main a", may_complain=True),
    Screen("masuk", "/masuk/", ready="input[type=password]"),
    Screen("masuk-daftar", "/masuk/#daftar=contoh-kode-QR-0123", ready="form"),
    Screen("masuk-daftar-lewat", "/masuk/#daftar=contoh-kode-QR-0123", ready="form", steps=(write("[name=pin]", "482719"), write("[name=pin-again]", "482719"), touch("form button.primary"), wait("[role=alert] strong")), may_complain=True),
    Screen("masuk-salah", "/masuk/", ready="input[type=password]", steps=(steps.sign_in, wait("[role=alert] strong")), may_complain=True),
    Screen("masuk-kode", "/masuk/", ready="input[type=password]", steps=(steps.answer("**/v1/sessions", 401, BUSY | {"code": "second-factor-needed", "status": 401}), steps.sign_in, wait("[autocomplete=one-time-code]")), may_complain=True),
    Screen("masuk-penugasan", "/masuk/", ready="input[type=password]", steps=(steps.answer("**/v1/sessions", 201, SESSION), steps.sign_in, wait("main li button"))),
    Screen("masuk-faktor", "/masuk/", ready="input[type=password]", steps=(steps.answer("**/v1/sessions", 201, SESSION | {"seats": [SEAT], "must_enrol": "passkey"}), steps.sign_in, wait("main h1"))),
    Screen("masuk-pin", "/masuk/", ready="input[type=password]", steps=(steps.own_a_device,)),
    Screen("masuk-kode-qr", "/masuk/", ready="input[type=password]", steps=(press("Daftarkan perangkat dengan kode"), wait("[name=enrolment]"))),
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
    Screen("kelola-operasi-salah", "/kelola/#/operasi/{draft}", "admin", ready="[data-milestone]", steps=(steps.load_a_broken_roster,), may_complain=True),
    Screen("kelola-operasi-aktif", "/kelola/#/operasi/{operation}", "admin", ready="[data-milestone]"),
    Screen("kelola-operasi-tutup", "/kelola/#/operasi/{operation}", "admin", ready="[data-milestone]", steps=(press("Tutup operasi …"),)),
    # the konsol
    Screen("konsol-rekap", KONSOL, "supervisor", ready=TABLE),
    Screen("konsol-panduan", KONSOL, "supervisor", ready="main .primary", stored=()),
    Screen("konsol-cari", KONSOL, "supervisor", ready=TABLE, steps=(write("search input", "TPS 001"), wait("[role=option]"))),
    Screen("konsol-memuat", KONSOL, "supervisor", ready="main tr[data-kind=total]", steps=(steps.keep_waiting("**/v1/operations/*"), steps.reload, wait("main p"))),
    Screen("konsol-gagal", KONSOL, "supervisor", ready=TABLE, steps=(steps.answer("**/v1/operations/*", 503, BUSY), steps.reload, wait("main [role=alert]")), may_complain=True),
    Screen("konsol-rekap-kelurahan", "/konsol/#/{operation}/{kelurahan}", "supervisor", ready=TABLE),
    Screen("konsol-tps", "/konsol/#/{operation}/{tps}", "supervisor", ready="[aria-labelledby=directives-here] :is(li, p:not([role]))"),
    Screen("konsol-daftar-tps", KONSOL + "/tps/milestone.voting_open.unreported", "supervisor", ready="[data-now]"),
    Screen("konsol-daftar-kosong", KONSOL + "/tps/custody.seal_broken", "supervisor", ready="[data-now]"),
    Screen("konsol-laporan-kejadian", KONSOL + "/laporan-kejadian/semua", "supervisor", ready="[data-code]"),
    Screen("konsol-tanda", KONSOL + "/tanda/semua", "supervisor", ready="main h1"),
    Screen("konsol-tanda-satu", KONSOL + "/tanda/semua", "supervisor", ready="main li[data-code]", steps=(touch("main li[data-code] button"), wait("dialog[open] form"))),
    Screen("konsol-tak-ada", "/konsol/#/{operation}/{kelurahan}.999", "supervisor", ready="[role=alert]", may_complain=True),
    Screen("konsol-luar-wilayah", "/konsol/#/{operation}/31.71", "supervisor", ready="main [role=alert]"),
    Screen("konsol-operasi-tak-ada", "/konsol/#/999999/{root}", "supervisor", ready="main [role=alert]", may_complain=True),
    Screen("konsol-terputus", KONSOL, "supervisor", ready=TABLE, steps=(steps.lose_the_server,), may_complain=True),
    Screen("konsol-petak", KONSOL + "/petak?warna=voting_open", "supervisor", ready="[data-cells]"),
    Screen("konsol-petak-tabel", KONSOL + "/petak?warna=kejadian&bentuk=tabel", "supervisor", ready="main tbody tr[data-code]"),
    Screen("konsol-kurva", KONSOL + "/kurva", "supervisor"),
    Screen("konsol-kejadian", KONSOL + "/kejadian", "supervisor", ready="[data-status]"),
    Screen("konsol-kejadian-selesai", KONSOL + "/kejadian?tab=selesai", "supervisor", ready="main ul [data-status], main .empty"),
    Screen("konsol-kejadian-kosong", KONSOL + "/kejadian?cari=tsunami", "supervisor", ready="main .empty"),
    Screen("konsol-kejadian-tombol", KONSOL + "/kejadian", "supervisor", ready="[data-status]", steps=(press("Bantuan"), wait("dialog[open] dl"))),
    Screen("konsol-kejadian-satu", CASE, "supervisor", ready=DONE),
    Screen("konsol-kejadian-lain", CASE, "supervisor", ready=DONE, steps=(touch("article .actions summary"),), is_light=False),
    Screen("konsol-kejadian-naik", CASE, "supervisor", ready=DONE, steps=(touch("[data-action=escalation]"), wait("dialog[open] textarea"))),
    Screen("konsol-kejadian-arahan", CASE, "supervisor", ready=DONE, steps=(touch("[data-action=directive]"), wait("dialog[open] textarea"))),
    Screen("konsol-kejadian-gabung", CASE, "supervisor", ready=DONE, steps=(touch("[data-action=merge]"), wait("dialog[open] textarea"))),
    Screen("konsol-kejadian-tutup", KONSOL + "/kejadian?tab=selesai&status=selesai", "supervisor", ready="main ul [data-status]", steps=(touch("main ul [data-status] a"), touch("[data-action=closure]"), wait("dialog[open] textarea")), is_light=False),
    Screen("konsol-kejadian-minta", CASE, "supervisor", ready=DONE, steps=(touch("article .actions summary"), touch("[data-action=request]"), wait("dialog[open] textarea")), is_light=False),
    Screen("konsol-kejadian-ditahan", CASE, "supervisor", ready=DONE, steps=(steps.hold_an_acceptance,), may_complain=True),
    Screen("konsol-alarm", KONSOL + "/alarm", "supervisor"),
    Screen("konsol-alarm-lewat", KONSOL + "/alarm", "supervisor", ready="[data-alarm]", steps=(touch("[data-alarm] .tools button:not(.primary)"), wait("dialog[open]")), is_light=False),
    Screen("konsol-alarm-terima", KONSOL + "/alarm", "supervisor", ready="[data-alarm]", steps=(touch("[data-alarm] .tools button.primary"), wait("dialog[open]")), is_light=False),
    Screen("konsol-arahan", KONSOL + "/arahan", "supervisor", ready="main [data-directive]"),
    Screen("konsol-arahan-satu", KONSOL + "/arahan/{directive}", "supervisor"),
    Screen("konsol-arahan-tulis", KONSOL + "/arahan/tulis", "supervisor", ready="main form"),
    Screen("konsol-arahan-masuk", "/konsol/#/{operation}/{kecamatan}/arahan/masuk", "supervisor", ready="[data-directive]"),
    Screen("konsol-piket", KONSOL + "/piket", "supervisor", ready="main [data-level]"),
    Screen("konsol-rekap-inggris", KONSOL, "supervisor", ready=TABLE, stored=ENGLISH, is_light=False),
    Screen("konsol-kejadian-satu-inggris", CASE, "supervisor", ready=DONE, stored=ENGLISH, is_light=False),
    # the officer
    Screen("lapor-panduan", "/lapor/", "petugas", stored=()),
    Screen("lapor-tugas", "/lapor/", "petugas"),
    Screen("lapor-pilih", "/lapor/#/lapor", "petugas", ready="[aria-labelledby=milestones]"),
    Screen("lapor-pemilih", "/lapor/#/lapor/pemilih", "petugas", ready="main input"),
    Screen("lapor-hitung", "/lapor/#/lapor/hitung/gubernur", "petugas", ready="main input"),
    Screen("lapor-kejadian", "/lapor/#/lapor/kejadian", "petugas", ready="[data-category]"),
    Screen("lapor-kejadian-isi", "/lapor/#/lapor/kejadian", "petugas", ready="[data-category]", steps=(touch("[data-category=logistik]"), touch("[data-severity=sedang]"))),
    Screen("lapor-kejadian-kembali", "/lapor/#/lapor/kejadian", "petugas", ready="[data-category]", steps=(steps.type_half,)),
    Screen("lapor-kejadian-kurang", "/lapor/#/lapor/kejadian", "petugas", ready="[data-category]", steps=(touch("[data-category=logistik]"), touch("[data-severity=sedang]"), touch("main button.big"), wait("main [role=alert]"))),
    Screen("lapor-tonggak", "/lapor/#/lapor/tonggak/voting_open", "petugas", ready="main button.big"),
    Screen("lapor-surat-suara", "/lapor/#/lapor/surat-suara/gubernur", "petugas", ready="main input"),
    Screen("lapor-nihil", "/lapor/#/lapor/nihil", "petugas", ready="main textarea"),
    Screen("lapor-kotak", "/lapor/#/lapor/kotak", "petugas", ready="main input"),
    Screen("lapor-terkirim", "/lapor/#/terkirim", "petugas", ready="main p"),
    Screen("lapor-terkirim-lain", "/lapor/#/terkirim", "petugas", ready="button#others", steps=(touch("button#others"), wait("[data-others]"))),
    Screen("lapor-kotak-keluar", "/lapor/#/terkirim", "petugas", ready="main p", steps=(steps.fill_the_outbox,)),
    Screen("lapor-luring", "/lapor/#/terkirim", "petugas", ready="main p", steps=(steps.file_two_without_a_network,), may_complain=True),
    Screen("lapor-ditolak", "/lapor/#/terkirim", "petugas", ready="main p", steps=(steps.fill_the_outbox, touch("[data-standing=ditolak] a.button"), wait("main dl"))),
    Screen("lapor-koreksi", "/lapor/#/terkirim", "petugas", ready="main p", steps=(steps.file_one, touch("[data-standing=diterima] a.button"), touch(".pair a >> nth=0"), wait("[name=reason]"))),
    Screen("lapor-tarik", "/lapor/#/terkirim", "petugas", ready="main p", steps=(steps.file_one, touch("[data-standing=diterima] a.button"), touch(".pair a >> nth=1"), wait("main form, main button.big"))),
    Screen("lapor-pasang", "/lapor/", "petugas", steps=(steps.file_one, steps.go("#/tugas"), steps.offer_to_install)),
    Screen("lapor-pasang-iphone", "/lapor/#/menu", "petugas", steps=(steps.be_an_iphone,)),
    Screen("lapor-arahan", "/lapor/#/arahan", "petugas", ready="main [data-directive]"),
    Screen("lapor-arahan-satu", "/lapor/#/arahan/{directive}", "petugas", ready="[data-act]"),
    Screen("lapor-arahan-bukti", "/lapor/#/arahan/{directive}", "petugas", ready="[data-act]", steps=(touch("[data-act=completion]"), wait("main form textarea"))),
    Screen("lapor-menu", "/lapor/#/menu", "petugas", ready="main a[href='/akun/']"),
    Screen("lapor-kertas", "/lapor/#/kertas/{tps}", "petugas"),
    Screen("lapor-meja-pilih", "/lapor/#/tps/{kelurahan}", "operator", ready="[data-code]"),
    Screen("lapor-meja", "/lapor/#/tps/{kelurahan}", "operator", ready="[data-code]", steps=(touch("main button[data-code]"), wait(AT_WORK), wait("main .card"))),
    Screen("lapor-meja-tak-terjangkau", "/lapor/#/tps/{kelurahan}", "operator", ready="[data-code]", steps=(touch("main button[data-code]"), wait(AT_WORK), steps.go("#/lapor/tidak-terjangkau"), wait("main button.big"))),
    Screen("lapor-tugas-inggris", "/lapor/", "petugas", stored=ENGLISH, is_light=False),
    # the wall
    Screen("dinding-atur", "/dinding/", "wall", ready="form button.primary:enabled"),
    Screen("dinding", "/dinding/#/{operation}/{root}", "wall", ready="[data-incident]"),
    Screen("dinding-hitung", "/dinding/#/{operation}/{kecamatan}?putar=300&hitung=1", "wall", ready="[data-paslon]"),
    Screen("dinding-kelurahan", "/dinding/#/{operation}/{kelurahan}", "wall", ready="[data-child]"),
    Screen("dinding-kendali", "/dinding/#/{operation}/{root}?putar=300", "wall", ready="[data-incident]", steps=(steps.move,)),
    Screen("dinding-inggris", "/dinding/#/{operation}/{root}", "wall", ready="[data-incident]", stored=ENGLISH, is_light=False),
    Screen("dinding-terputus", "/dinding/#/{operation}/{root}", "wall", ready="[data-incident]", steps=(steps.lose_the_server,), may_complain=True),
    Screen("dinding-berakhir", "/dinding/#/{operation}/{root}", "wall", ready="[data-incident]", steps=(steps.sign_out_elsewhere,), may_complain=True),
    Screen("dinding-gagal", "/dinding/#/{operation}/{root}", "wall", ready="[data-incident]", steps=(steps.answer("**/v1/operations/*", 503, BUSY), steps.reload, wait("main [role=alert]")), may_complain=True),
    # the admin
    Screen("kelola-aturan", "/kelola/#/aturan/{operation}", "admin", ready="[data-rule]"),
    Screen("kelola-aturan-ubah", "/kelola/#/aturan/{operation}", "admin", ready="[data-rule]", steps=(press("Ubah"),)),
    Screen("kelola-aturan-kategori", "/kelola/#/aturan/{operation}/kategori", "admin", ready="[data-category]"),
    Screen("kelola-aturan-piket", "/kelola/#/aturan/{operation}/piket", "admin", ready="[data-level]"),
    Screen("kelola-aturan-pengamanan", "/kelola/#/aturan/{operation}/pengamanan", "admin", ready="[data-version]"),
    Screen("kelola-aturan-prioritas", "/kelola/#/aturan/{operation}/prioritas", "admin", ready="[data-version]"),
    Screen("kelola-webhook", "/kelola/#/webhook", "admin", ready="[data-endpoint]"),
    Screen("kelola-webhook-baru", "/kelola/#/webhook/baru", "admin", ready="form"),
    Screen("kelola-webhook-satu", "/kelola/#/webhook/{endpoint}", "admin", ready="[data-delivery]", steps=(press("Percobaan"), wait("[data-attempt], [data-delivery] p.small:text-is('belum dicoba')"))),
    Screen("kelola-kesehatan", "/kelola/#/kesehatan", "admin", ready="[data-part]"),
    # the admin who reads English
    Screen("kelola-operasi-inggris", "/kelola/#/operasi", "admin", ready="[data-operation]", stored=ENGLISH),
    Screen("kelola-operasi-draf-inggris", "/kelola/#/operasi/{draft}", "admin", ready="[data-milestone]", stored=ENGLISH),
    Screen("kelola-aturan-inggris", "/kelola/#/aturan/{operation}", "admin", ready="[data-rule]", stored=ENGLISH),
    Screen("kelola-webhook-satu-inggris", "/kelola/#/webhook/{endpoint}", "admin", ready="[data-delivery]", stored=ENGLISH),
    Screen("kelola-kesehatan-inggris", "/kelola/#/kesehatan", "admin", ready="[data-part]", stored=ENGLISH),
    # what files something comes last
    Screen("konsol-pengawas", "/konsol/#/{operation}/{kelurahan}", "operator", ready=TABLE, steps=(steps.hear_of_an_incident,)),
    # set-up, and every component there is
    Screen("gaya", "/gaya/", ready="#warna"),
    Screen("gaya-dialog", "/gaya/", ready="#warna", steps=(press("Buka dialog"),)),
)  # fmt: skip
