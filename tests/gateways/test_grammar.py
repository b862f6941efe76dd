"""The grammar of texts: what is understood, what is refused by its own words, and never a TPS that was not named."""

from __future__ import annotations

import datetime
import re
import string
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from posko.gateways import answer, grammar, statement
from posko.gateways.answer import Refusal, Taken
from posko.gateways.grammar import Clock, NotUnderstood
from posko.gateways.statement import Day, Understood
from posko.gateways.words import Named, words_of
from posko.regions.catalogue import Catalogue, Contest, Paslon
from posko.regions.preset import milestones
from tests.factories import WIB

TPS = "31.72.01.1001.014"
SENT = datetime.datetime(2024, 11, 27, 13, 30, tzinfo=WIB)
CATEGORIES = [
    ("bencana", "Bencana"),
    ("bencana.banjir", "Banjir"),
    ("logistik.kurang", "Logistik kurang"),
    ("kotak_segel", "Kotak/segel"),
    ("saksi", "Saksi"),
]


def contest(kind: str, region: str, count: int, *, empty: bool = False) -> Contest:
    paslon = tuple(Paslon(n, f"Paslon {n}", empty and n == count) for n in range(1, count + 1))
    return Contest(1, kind, region, 1, paslon)


def day(*contests: Contest, more: tuple[Named, ...] = ()) -> Day:
    today = SENT.date()
    held = {(c.kind, c.region_code): c for c in contests}
    catalogue = Catalogue(1, "x", "live", "active", 1, 1, "31.72", today, today, {}, frozenset(), held, ())
    stages = [Named(m.code, m.label_id) for m in milestones()]
    return Day(words_of([*stages, *more], [Named(*c) for c in CATEGORIES]), catalogue)


PROTOCOL = (Path(__file__).parents[2] / "PROTOCOL.md").read_text(encoding="utf-8")
ONE = day(contest("gubernur", "31", 3))
TWO = day(contest("gubernur", "31", 3), contest("bupati_walikota", "31.72", 2, empty=True))


def read(text: str, today: Day = ONE, *, offset: int = 7) -> Understood:
    (line,) = grammar.lines(text)
    return statement.understand(line.words, today, TPS, Clock(SENT, offset))


def content(text: str, today: Day = ONE) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(read(text, today).content)
    return {k: v for k, v in said.items() if k != "kind"}


def refused(text: str, today: Day = ONE) -> tuple[str, str]:
    with pytest.raises(NotUnderstood) as error:
        read(text, today)
    return error.value.part, error.value.hint


@pytest.mark.parametrize(
    "named",
    [
        "TPS 31.72.01.1001/014", "tps 31.72.01.1001.014", "31.72.01.1001/14", "TPS: 31.72.01.1001/14", "TPS31.72.01.1001/014",
        "3172011001014", "TPS 3I.72.O1.l00l/Ol4", "31 72 01 1001 014", "31.72.01.1001 / 14", "31.72.01.1001-014", "Tps 31.72.01.1001.014:",
        "31-72-01-1001/014", "  tps\t31.72.01.1001 /014  ",
    ],
)  # fmt: skip
def test_a_tps_in_all_its_forms(named: str) -> None:
    (line,) = grammar.lines(f"{named} BUKA 0705")

    assert line.where is not None and line.where.code == TPS
    assert line.words == ("BUKA", "0705")


@pytest.mark.parametrize(
    "named",
    [
        "31.72.01.1001 7.05", "31.72.01.1001 07.05", "31.72.01.1001.07.05", "31.72.01.1001 0705", "31.72.01.1001/7.05", "31.72.01.1001 07 05",
        "31.72.01.1001", "31.72.01.1001/014 0705", "31.72.01.1001/1 4", "31.72.01.1001/1 4.00", "31.72.01.100/014", "31.72.01.10011/014",
        "31.72.01.1001/0014", "31.72.01.1001/014.0705", "317201100101", "TPS 31.72", "TPS 0705", "31.72.01.1001 14", "31.72.01.1001.14",
    ],
)  # fmt: skip
def test_what_is_not_quite_a_tps_names_none(named: str) -> None:
    (line,) = grammar.lines(f"{named} BUKA")

    assert line.where is not None and (line.where.code, line.where.number) == (None, None)
    assert line.where.said == " ".join(named.split())


def test_a_code_with_a_dusun_and_a_number_alone() -> None:
    found = [line.where for line in grammar.lines("53.71.01.2001.02/7 BUKA; TPS 7 BUKA; TPS O7 BUKA; 7 BUKA")]

    assert [(w.code, w.number) for w in found if w] == [
        ("53.71.01.2001.02.007", None),
        (None, 7),
        (None, 7),
        (None, None),
    ]


def test_statements_go_on_about_the_tps_that_was_named_last() -> None:
    text = f"NIHIL\n{TPS} BUKA 0705; HADIR 10/12;;\r\n TPS 31.72 TUTUP; NIHIL"
    found = [
        (line.where.code if line.where else None, line.where is None, line.words[0]) for line in grammar.lines(text)
    ]

    # Whoever named no right TPS means that one in what follows too.
    assert found == [
        (None, True, "NIHIL"),
        (TPS, False, "BUKA"),
        (TPS, False, "HADIR"),
        (None, False, "TUTUP"),
        (None, False, "NIHIL"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("LOGISTIK LENGKAP", "logistics_ready"), ("kpps hadir", "kpps_present"), ("Sumpah", "oath"), ("BUKA", "voting_open"), ("DIBUKA.", "voting_open"),
        ("TPS BUKA", "voting_open"), ("DPK", "dpk_voting"), ("TUTUP", "voting_closed"), ("HITUNG MULAI", "count_started"), ("mulai hitung", "count_started"),
        ("Hitung  Selesai!", "count_finished"), ("H1TUNG SE1ESA1", "count_finished"), ("C HASIL TTD", "c_hasil_signed"), ("tempel", "c_hasil_posted"),
        ("KOTAK BERANGKAT", "box_sent"), ("KOTAK TIBA PPS", "box_pps"), ("KOTAK TIBA PPK", "box_ppk"), ("Pemungutan suara dibuka", "voting_open"),
        ("count finished", "count_finished"),
    ],
)  # fmt: skip
def test_every_milestone_of_the_seed_has_a_word(text: str, code: str) -> None:
    assert content(f"{text} 0705") == {"milestone": code}


def test_an_operations_own_milestone_is_written_as_its_label_or_code() -> None:
    own = day(more=(Named("makan_siang", "Istirahat KPPS"),))

    assert content("istirahat kpps 12.00", own) == content("makan siang", own) == {"milestone": "makan_siang"}
    assert refused("istirahat kpps")[0] == "istirahat kpps"


@pytest.mark.parametrize("time", ["0705", "07:05", "07.05", "7.05", "O7O5", "jam 7.05", "pukul 07.05 WIB", "PKL 7:05"])
def test_a_time_in_all_its_forms(time: str) -> None:
    assert read(f"BUKA {time}").observed_at == SENT.replace(hour=7, minute=5)
    assert read(f"BUKA {time}").said == "BUKA 07.05"


def test_without_a_time_it_was_when_it_was_sent_and_times_are_the_places_own() -> None:
    wit = datetime.timezone(datetime.timedelta(hours=9))

    assert read("BUKA").observed_at == SENT
    assert read("BUKA 0705", offset=9).observed_at == datetime.datetime(2024, 11, 27, 7, 5, tzinfo=wit)
    late = Clock(datetime.datetime(2024, 11, 28, 0, 10, tzinfo=WIB), 7)
    assert late.read(("2350",))[0] == datetime.datetime(2024, 11, 27, 23, 50, tzinfo=WIB)
    assert late.read(("0015",))[0] == datetime.datetime(2024, 11, 28, 0, 15, tzinfo=WIB)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("BUKA 705", "705"), ("BUKA 25.00", "25.00"), ("BUKA 07.60", "07.60"), ("BUKA 0705 WIT", "WIT"), ("BUKA 0705 0805", "0805"),
        ("BUKAA 0705", "BUKAA 0705"), ("BUK 0705", "BUK 0705"), ("TUTUP lagi", "lagi"), ("MULAI 1300", "MULAI 1300"), ("HITUNG", "HITUNG"),
        ("HADIR", "HADIR"), ("HADIR 122", "HADIR 122"), ("HADIR 60/62/63", "HADIR 60/62/63"), ("HADIR 60/x", "HADIR 60/x"), ("HADIR 2001/1", "HADIR 2001/1"),
        ("HADIR 60/62 DPT 1/1", "HADIR 60/62 DPT 1/1"), ("DPTB 1/2", "DPTB 1/2"),
        ("SUARA 1/2/3", "SUARA 1/2/3"), ("SUARA 1/2 TS 0", "SUARA 1/2 TS 0"), ("SUARA 1/2/3 TS", "SUARA 1/2/3 TS"), ("SUARA BUPATI 1/2 TS 3", "SUARA BUPATI 1/2 TS 3"),
        ("SUARA 1/2 KOSONG 3 TS 0", "SUARA 1/2 KOSONG 3 TS 0"), ("SUARA 1/2/3 TS 4 5", "5"), ("SUARA 1/2/3 TS 4 x", "x"),
        # A sign is nothing that may be passed over: -1 is no 1.
        ("SUARA -1/2/3 TS 4", "SUARA -1/2/3 TS 4"), ("SUARA 1/2/-3 TS 4", "SUARA 1/2/-3 TS 4"), ("SUARA 1--2/3 TS 4", "SUARA 1--2/3 TS 4"),
        ("BANJIR", "BANJIR"), ("BANJIR di jalan", "BANJIR di jalan"), ("KOTAK PPS", "KOTAK PPS"), ("KOTAK DI LURAH SEGEL UTUH", "KOTAK DI LURAH SEGEL UTUH"),
        ("TIDAK", ""), ("TIDAK BUKA", "TIDAK BUKA"), ("TIDAK BUKA 0705", "TIDAK BUKA 0705"), ("TIDAK tahu", "tahu"), ("TIDAK TERJANGKAU", "TIDAK TERJANGKAU"), ("TIDAK TERJANGKAU TELEPON kemarin", "TIDAK TERJANGKAU TELEPON kemarin"),
        ("RALAT", ""), ("RALAT BATAL", "BATAL"), ("RALAT RALAT BUKA", "RALAT BUKA"), ("halo posko", "halo posko"), ("aman pak", "aman pak"), ("😀", "😀"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named_by_its_own_words(text: str, part: str) -> None:
    assert refused(text)[0] == part


def test_refusals_ask_back() -> None:
    assert refused("MULAI")[1] == "BUKA atau HITUNG MULAI?"
    assert refused("BANJIR di jalan")[1] == "BANJIR rendah, sedang, tinggi atau kritis?"
    assert refused("SUARA 1/2 TS 0")[1] == "tulis SUARA a/b/c TS n"
    assert refused("SUARA 1/2/3 TS 0", TWO)[1] == "SUARA GUB atau SUARA BUP/WALI?"
    assert refused("HADIR 122")[1].startswith("tulis L/P")
    # An hour is no reason.
    assert refused("TIDAK BUKA 0705")[1] == refused("TIDAK BUKA")[1] == refused("TIDAK BUKA 0705 --")[1] == "sebabnya?"
    assert refused("SUARA -1/2/3 TS 0")[1] == refused("SUARA 1/2/-3 TS 0")[1] == "tulis SUARA a/b/c TS n"


def test_turnout() -> None:
    nobody, sixty = {"l": 0, "p": 0}, {"l": 60, "p": 62}
    assert (
        content("HADIR 60/62")
        == content("pemilih 6O / 62")
        == content("HADIR L 60 P 62")
        == content("HADIR DPT 60/62 1100")
    )
    assert content("HADIR 60/62") == {"dpt": sixty, "dptb": nobody, "dpk": nobody}
    all_lists = content("HADIR 60/62 DPTB 1/2 DPK 3/0 DIS 1/1 12.00")
    assert all_lists == {"dpt": sixty, "dptb": {"l": 1, "p": 2}, "dpk": {"l": 3, "p": 0}, "disabled": {"l": 1, "p": 1}}


def test_counts() -> None:
    votes = {"contest": "gubernur", "votes": {"1": 120, "2": 88, "3": 95}, "valid": 303, "invalid": 7}
    for text in (
        "SUARA 120/88/95 TS 7",
        "suara gub 12O-88-95 tidak sah 7",
        "SUARA 120, 88, 95 TS 7 17.30",
        "SUARA PILGUB 120 88 95 TS 7",
    ):
        said = content(text)
        assert {**said, "votes": {str(k): v for k, v in said["votes"].items()}} == votes
    lone = content("SUARA WALIKOTA 200 KOSONG 45 TS 3", TWO)
    assert lone == content("SUARA BUP 200/45 TS 3", TWO)
    assert (lone["contest"], lone["valid"], lone["invalid"]) == ("bupati_walikota", 245, 3)


def test_incidents_custody_nihil_and_silence() -> None:
    flood = content("BANJIR tinggi kotak aman")
    assert flood == {"category": "bencana.banjir", "severity": "tinggi", "occurrence": "terjadi", "text": "kotak aman"}
    assert content("logistik kurang KRITIS potensi 0600 Surat suara 20 lembar")["text"] == "Surat suara 20 lembar"
    assert content("logistik kurang KRITIS potensi 0600 x")["occurrence"] == "potensi"
    assert content("BANJIR sedang") == {**flood, "severity": "sedang", "text": "BANJIR sedang"}
    assert content("KOTAK DI PPS SEGEL UTUH 2000") == {"holder": "pps", "sealed": True}
    assert content("kotak desa segel lepas") == {"holder": "kelurahan", "sealed": False}
    assert content("NIHIL 0900 aman terkendali") == {"note": "aman terkendali"}
    assert content("TIDAK BUKA logistik belum datang") == {
        "milestone": "voting_open",
        "possible": False,
        "reason": "logistik belum datang",
    }
    late = read("TIDAK BUKA 0705 logistik belum datang")
    assert (late.said, late.observed_at) == ("TIDAK BUKA 07.05", SENT.replace(hour=7, minute=5))
    assert late.content == read("TIDAK BUKA logistik belum datang").content
    tried = content("TIDAK TERJANGKAU telp 0700 WA 7.10")["attempts"]
    assert [(a["how"], a["at"]) for a in tried] == [
        ("telepon", "2024-11-27T07:00:00+07:00"),
        ("whatsapp", "2024-11-27T07:10:00+07:00"),
    ]


def test_corrections() -> None:
    back, again = read("BATAL salah TPS"), read("RALAT SUARA 1/2/3 TS 4")

    assert (back.corrects, back.content, back.reason) == (True, None, "salah TPS")
    assert (again.corrects, again.content) == (True, read("SUARA 1/2/3 TS 4").content)
    assert statement.subject_of(again.content) == "count.gubernur"  # type: ignore[arg-type]
    assert statement.subject_of(read("BUKA").content) == "milestone.voting_open"  # type: ignore[arg-type]


def test_no_phrase_means_two_things() -> None:
    both = words_of([Named("a_b", "Sama"), Named("c_d", "Sama")], [Named("lain", "A b"), Named("x.y", "Beda")])

    assert ("SAMA",) not in both.meanings
    assert both.meanings[("A", "B")].kind == "milestone"
    assert both.meanings[("BEDA",)].about == "x.y"


def test_the_cheat_sheet_of_the_protocol_is_true() -> None:
    section = PROTOCOL[PROTOCOL.index("### Texts") : PROTOCOL.index("A gateway in Python")]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    codes, times, *statements = [re.findall(r"`([^`]+)`", row) for row in rows]

    assert all(
        line.where is not None and line.where.code == TPS for code in codes for line in grammar.lines(f"{code} BUKA")
    )
    assert {read(f"BUKA {time}").observed_at for time in times} == {SENT.replace(hour=7, minute=5)}
    words = {"TPS", "KELURAHAN", "JALAN", "PPK", "RUSAK", "?", "BANTUAN"}
    tried = [s for row in statements for s in row if s not in words]
    assert len(tried) > 20
    for text in tried:
        read(text, TWO if "WALIKOTA" in text else ONE)
    assert all(statement.is_help((word,), ONE) for word in ("?", "BANTUAN"))


# answers

HINTS = st.sampled_from(["", "TPS mana? tulis kodenya", "tulis L/P: HADIR 60/62 DPTB 0/1 DPK 2/0"])
PARTS = st.text(min_size=1, max_size=200).map(str.strip).filter(bool)


@given(
    st.lists(st.builds(Taken, st.just(TPS), st.sampled_from(["BUKA 07.05", "NIHIL", "SUARA GUB 120/88/95 TS 7"]), st.booleans()), max_size=10),
    st.lists(st.builds(Refusal, PARTS, HINTS), max_size=10),
)  # fmt: skip
def test_an_answer_is_one_sms_and_names_what_was_not_taken(taken: list[Taken], refused: list[Refusal]) -> None:
    said = answer.compose(taken, refused)

    assert 0 < len(said) <= answer.LIMIT and set(said) <= answer._GSM7
    if refused:
        assert answer.shown(refused[0].part)[: answer.PART_LIMIT] in said
        # Who is told no more than that it was not understood is told where to ask, if there is room.
        asks = not all(r.hint for r in refused)
        assert said.endswith(answer.ASK) == asks or (asks and len(said) + 1 + len(answer.ASK) > answer.LIMIT)
    if taken:
        assert "OK" in said
    assert ("TIDAK DITERIMA" in said) == bool(refused)


def test_answers_in_their_own_words() -> None:
    taken = [Taken(TPS, "BUKA 07.05"), Taken(TPS, "HADIR 300/10", True), Taken(TPS[:-1] + "5", "NIHIL")]

    assert (
        answer.compose(taken, [])
        == f"OK TPS {TPS}: BUKA 07.05, HADIR 300/10 (periksa angka), TPS 31.72.01.1001.015: NIHIL."
    )
    refused = answer.compose(taken[:1], [Refusal("BUKAA")])
    assert refused == f'TIDAK DITERIMA: "BUKAA". OK TPS {TPS}: BUKA 07.05. Kirim ? untuk bantuan.'
    assert answer.compose([], [Refusal("BUKAA")]) == 'TIDAK DITERIMA: "BUKAA". Kirim ? untuk bantuan.'
    assert answer.compose([], [Refusal("HADIR 1", "tulis L/P")]) == 'TIDAK DITERIMA: "HADIR 1" (tulis L/P).'
    assert "3172011234567890" not in answer.compose([], [Refusal("NIK 3172011234567890")])
    assert len(answer.HELP) <= answer.LIMIT and set(answer.HELP) <= answer._GSM7


# fuzz

WORDS = st.sampled_from(
    [
        "TPS",
        "BUKA",
        "TUTUP",
        "HITUNG",
        "MULAI",
        "SELESAI",
        "HADIR",
        "SUARA",
        "TS",
        "NIHIL",
        "BANJIR",
        "tinggi",
        "BATAL",
        "RALAT",
        "KOTAK",
        "PPS",
        "SEGEL",
        "UTUH",
        "TIDAK",
        "TERJANGKAU",
        "telepon",
        "GUB",
        "KOSONG",
        "L",
        "P",
        "DPTB",
        "0705",
        "7.05",
        "07:05",
        "60/62",
        "120/88/95",
        ";",
        "\n",
        "/",
        ".",
        "-",
        "?",
        "014",
        "14",
        "1001",
        "31.72.01.1001",
        "31.72.01.1001/014",
        "31.72.01.1001.014",
        "3172011001014",
        "3I.72.O1.1001/O14",
        "31",
        "72",
        "01",
        "31.72.01.1002/003",
        "53.71.01.2001.02.007",
        "5371012001",
        "02",
        "007",
        "WIB",
        "JAM",
        "é",
        "😀",
        "٣",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=grammar.TEXT_LIMIT),
    st.lists(WORDS, max_size=25).map(" ".join),
    st.lists(WORDS, max_size=25).map("".join),
    st.text(st.sampled_from("0123456789OoIl./- \n;TPSBUKA"), max_size=80),
)
_FORGIVEN = str.maketrans("OoIil|", "001111")


def _is_named(text: str, code: str) -> bool:
    """Whether a text has the parts of a code in order, with nothing but separators between them; said another way than the grammar."""
    *region, number = code.split(".")
    plain = text.translate(_FORGIVEN)
    between = r"[\s.\-]*"
    start = between.join(map(re.escape, region))
    return re.search(rf"(?<!\d){start}({between}{number}|\s*/\s*0{{0,2}}{int(number)})(?!\d)", plain) is not None


@settings(max_examples=600)
@given(TEXTS)
@example("TPS 31.72.01.1001 7.05 BUKA")
@example("TPS\x0031.72.01.1001/014 BUKA")
@example("/;./;-;TPS /;TPS")
def test_whatever_is_written_nothing_breaks_and_no_other_tps_is_meant(text: str) -> None:
    for line in grammar.lines(text):
        where = line.where
        if where is not None and where.code is not None:
            assert _is_named(text, where.code), (text, where)
            assert where.said.translate(_FORGIVEN).replace(" ", "")[-1] in string.digits + ".,:"
        for today in (ONE, TWO):
            try:
                said = statement.understand(line.words, today, TPS, Clock(SENT, 7))
            except NotUnderstood as error:
                # by its own words, or by the numbers that are beyond the rules
                own = " ".join(re.sub(r" */ *", "/", line.said).split())
                assert error.part in own or error.hint.startswith("angka"), (text, error.part)
            else:
                assert abs(said.observed_at - SENT) <= datetime.timedelta(hours=24)
                assert said.content is not None or said.corrects
