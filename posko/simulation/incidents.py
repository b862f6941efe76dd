"""What goes wrong at the TPS, and how often.

Cases with a count are those of Bawaslu's report to the DPR (3 Feb 2025) over the 435,296 TPS of the Pilkada of 27 Nov
2024; the others have no printed source and are assumptions, marked so. A rate is per TPS, which meets each
case at most once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec

from posko.reports.report import Category, Incident, Severity
from posko.simulation.roster import HOUR_MS

PILKADA_TPS: Final = 435_296
LATE_OPENINGS: Final = 5_438
EARLY_COUNTS: Final = 462
TOTALS_MISMATCHES: Final = 273

Occurrence: TypeAlias = Literal["terjadi", "sedang", "potensi"]


class Case(msgspec.Struct, frozen=True):
    """A kind of incident: how often, when (hours after the local midnight of the voting day), in which words.

    Words may be of a finer category than the case: `(category, words)`.
    """

    name: str
    rate: float
    category: Category
    severity: Severity
    occurrence: Occurrence
    between: tuple[float, float]
    texts: tuple[str | tuple[Category, str], ...]


def counted(reports: int) -> float:
    """A published count as a rate per TPS."""
    return reports / PILKADA_TPS


BY_THE_DAY: Final = (
    Case("wrong_quantity", counted(12_696), "logistik", "sedang", "terjadi", (5.8, 6.9), (
        ("logistik.kurang", "Surat suara di TPS {tps} kurang {n} lembar, sudah diminta ke PPS"),
        ("logistik.lebih", "Surat suara TPS {tps} lebih {n} lembar dari DPT + 2,5%, dicatat di berita acara"),
        ("logistik.kurang", "Formulir C.Hasil di TPS {tps} kurang {n} lembar"),
        ("logistik.kurang", "Tinta dan segel TPS {tps} kurang, PPS sedang mengantar tambahan"),
    )),
    Case("swapped", counted(1_073), "logistik.tertukar", "tinggi", "terjadi", (6.3, 9.0), (
        "Surat suara TPS {tps} tertukar dengan kecamatan sebelah, {n} lembar sudah dipisahkan",
        "Kotak suara TPS {tps} berisi logistik TPS lain, menunggu penggantian dari PPS",
    )),
    Case("intimidation", counted(87), "intimidasi", "kritis", "sedang", (7.2, 14.0), (
        "Sekelompok orang mendatangi TPS {tps} dan menekan pemilih di depan pintu masuk",
        "Anggota KPPS TPS {tps} diancam oleh orang tak dikenal, Linmas berjaga",
    )),
    Case("no_copy", counted(71), "hasil.salinan", "sedang", "terjadi", (15.0, 20.0), (
        "Saksi di TPS {tps} belum menerima salinan C.Hasil",
    )),
    Case("disaster", counted(119), "bencana", "tinggi", "sedang", (5.0, 11.0), (
        ("bencana.banjir", "TPS {tps} tergenang air setinggi {n} cm, pemilih dialihkan ke sisi yang kering"),
        ("bencana.angin", "Tenda TPS {tps} roboh diterpa angin, KPPS mendirikan kembali"),
        ("bencana.longsor", "Akses ke TPS {tps} tertutup longsor, warga menunggu alat berat"),
    )),
    # Assumed from here on.
    Case("ill_officer", 0.003, "kpps", "sedang", "terjadi", (6.0, 16.0), (
        ("kpps.sakit", "Seorang anggota KPPS TPS {tps} sakit dan dibawa ke puskesmas"),
        ("kpps.kurang", "KPPS TPS {tps} hanya hadir 5 orang, 2 orang menyusul"),
    )),
    Case("voter_refused", 0.006, "pemilih", "rendah", "terjadi", (7.5, 12.9), (
        (
            "pemilih.tidak_terdaftar",
            "{n} warga ber-KTP setempat belum terdaftar di DPT TPS {tps}, diarahkan sebagai DPK pukul 12.00",
        ),
        ("pemilih.ganda", "Pemilih di TPS {tps} terdaftar ganda, KPPS mencoret salah satunya"),
        ("pemilih.disabilitas", "Pemilih disabilitas kesulitan masuk TPS {tps}, dibantu petugas"),
    )),
    Case("money", 0.001, "politik_uang", "tinggi", "potensi", (-6.0, 7.0), (
        "Warga sekitar TPS {tps} mengabarkan rencana pembagian amplop menjelang fajar",
    )),
    Case("power", 0.006, "listrik_internet", "rendah", "sedang", (6.0, 19.0), (
        "Listrik padam di TPS {tps}, penghitungan memakai lampu darurat",
        "Tidak ada sinyal di TPS {tps}, laporan dikirim dari luar lokasi",
    )),
    Case("witness", 0.003, "saksi", "rendah", "terjadi", (6.3, 15.0), (
        "Saksi di TPS {tps} datang tanpa surat mandat",
        "Saksi di TPS {tps} berkeberatan atas surat suara yang dinyatakan tidak sah",
    )),
    Case("campaign", 0.001, "kampanye", "rendah", "terjadi", (-8.0, 12.0), (
        "Alat peraga kampanye masih terpasang di dekat TPS {tps}",
    )),
    Case("neutrality", 0.0002, "netralitas", "sedang", "terjadi", (7.0, 13.0), (
        "Seorang aparatur terlihat mengarahkan pemilih di sekitar TPS {tps}",
    )),
    Case("seal", 0.0005, "kotak_segel", "tinggi", "terjadi", (6.0, 19.0), (
        "Segel kotak suara TPS {tps} ditemukan rusak, disaksikan saksi dan pengawas",
    )),
    Case("hoax", 0.0003, "hoaks", "sedang", "sedang", (7.0, 18.0), (
        "Beredar kabar bohong bahwa TPS {tps} dipindahkan",
    )),
    Case("crowd", 0.0001, "kerusuhan", "kritis", "sedang", (13.0, 19.0), (
        "Massa berkumpul di depan TPS {tps} menolak hasil penghitungan",
    )),
    Case("revote", 0.0004, "rawan_psu", "tinggi", "potensi", (14.0, 20.0), (
        "Pengawas TPS {tps} mengkaji pemungutan suara ulang: ada pemilih dari luar daerah",
    )),
    Case("other", 0.002, "lain", "rendah", "terjadi", (6.0, 18.0), (
        "Antrean di TPS {tps} panjang, sekitar {n} orang menunggu",
        "TPS {tps} berpindah ke bangunan sebelah karena terik",
    )),
)  # fmt: skip

BY_CONSEQUENCE: Final = {
    "late": Case("late", 0.4, "kpps", "sedang", "sedang", (0, 0), (
        ("logistik.terlambat", "TPS {tps} belum dibuka, logistik masih dilengkapi"),
        "TPS {tps} terlambat dibuka, KPPS masih menghitung surat suara",
        "TPS {tps} terlambat dibuka, menunggu saksi lengkap",
    )),
    "early": Case("early", 1, "hasil.hitung_dini", "sedang", "terjadi", (0, 0), (
        "Penghitungan di TPS {tps} dimulai sebelum pukul 13.00, dihentikan pengawas",
    )),
    "mismatch": Case("mismatch", 1, "hasil.tidak_cocok", "tinggi", "terjadi", (0, 0), (
        "Jumlah suara di TPS {tps} tidak sama dengan jumlah pengguna hak pilih, selisih {n}",
    )),
}  # fmt: skip
"""Cases that follow from what else happens at the TPS; `rate` is the share that is told in words too."""


RESTRICTED: Final = frozenset({"politik_uang", "netralitas", "kerusuhan", "benda_mencurigakan"})
"""Categories that officers mark as terbatas: whoever is accused, and what a crowd must not hear of."""


def happen(rng: random.Random, tps: str, midnight_ms: int) -> Iterator[tuple[int, Incident, Case]]:
    """The incidents of one TPS with their moments, independent of one another."""
    for case in BY_THE_DAY:
        if rng.random() < case.rate:
            first, last = case.between
            yield midnight_ms + int(rng.uniform(first, last) * HOUR_MS), told(rng, case, tps), case


def told(rng: random.Random, case: Case, tps: str, n: int | None = None) -> Incident:
    """The case in the words of whoever reports it."""
    words = rng.choice(case.texts)
    category, text = (case.category, words) if isinstance(words, str) else words
    text = text.format(tps=tps, n=rng.randrange(2, 25) if n is None else n)
    return Incident(category, case.severity, case.occurrence, text)
