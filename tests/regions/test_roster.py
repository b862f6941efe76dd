"""A roster is taken whole or refused whole, and every bad line is named."""

from __future__ import annotations

import pytest

from posko import tables
from posko.regions import roster, tree
from posko.regions.region import RegionIn
from posko.regions.tps import TpsIn
from posko.tables import TableRefused

PLACES = frozenset({"31.72.01.1001", "73.04.01.2001", "73.04.01.2001.01", "73.04.01.2001.02"})
HEADER = "code,number,voters_l,voters_p"


def _refused(data: bytes) -> TableRefused:
    with pytest.raises(TableRefused) as caught:
        roster.parse(data, PLACES)
    return caught.value


def test_a_file_as_an_indonesian_excel_saves_it_is_the_same_roster() -> None:
    columns = "code;number;voters_l;voters_p;address;latitude;longitude;indicators"
    row = '31.72.01.1001.001;1;2;3;Jalan Mawar, RT 3;-6,1234;106,9;"lokasi;logistik"'
    by_comma = '31.72.01.1001.001,1,2,3,"Jalan Mawar, RT 3",-6.1234,106.9,lokasi;logistik'

    saved = roster.parse(f"\ufeff{columns}\r\n{row}\r\n".encode(), PLACES)

    assert saved == roster.parse(f"{columns.replace(';', ',')}\n{by_comma}\n".encode(), PLACES)
    assert (saved[0].latitude, saved[0].address, len(saved[0].indicators)) == (-6.1234, "Jalan Mawar, RT 3", 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "", "kosong")]),
        (f"{HEADER}\n", [(1, "", "kosong")]),
        ("code;number;voters_l;voters_p\n", [(1, "", "kosong")]),
        ("code,number,voters_l\n", [(1, "voters_p", "kolom-wajib")]),
        (f"{HEADER},umur\n", [(1, "umur", "kolom-tidak-dikenal")]),
        (f"{HEADER},number\n", [(1, "number", "kolom-ganda")]),
        (f"{HEADER}\n31.72.01.1001.1,1,2,3\n", [(2, "code", "bentuk-kode")]),
        (f"{HEADER}\n31.72.01.1001,1,2,3\n", [(2, "code", "bentuk-kode")]),
        (f"{HEADER}\n31.72.01.1001.000,0,2,3\n", [(2, "code", "bentuk-kode"), (2, "number", "batas")]),
        (f"{HEADER}\n31.72.01.1099.001,1,2,3\n", [(2, "code", "kelurahan-tidak-dikenal")]),
        (f"{HEADER}\n31.72.01.1001.001,2,2,3\n", [(2, "number", "nomor-berbeda")]),
        (f"{HEADER}\n31.72.01.1001.001,1,2001,-3\n", [(2, "voters_l", "batas"), (2, "voters_p", "batas")]),
        (f"{HEADER}\n31.72.01.1001.001,1,2,3.5\n", [(2, "voters_p", "batas")]),
        (f"{HEADER}\n31.72.01.1001.001,1,٣,3\n", [(2, "voters_l", "batas")]),
        (f"{HEADER}\n31.72.01.1001.001,1,2\n", [(2, "", "jumlah-kolom")]),
        (f"{HEADER}\n31.72.01.1001.001,1,2,3\n\n31.72.01.1001.001,1,2,3\n", [(4, "code", "ganda")]),
        (
            f"{HEADER}\n73.04.01.2001.01.001,1,2,3\n73.04.01.2001.02.001,1,2,3\n",
            [(3, "code", "ganda")],
        ),
        (f"{HEADER},latitude\n31.72.01.1001.001,1,2,3,-6.1\n", [(2, "latitude", "koordinat-sepasang")]),
        (
            f"{HEADER},latitude,longitude\n31.72.01.1001.001,1,2,3,106.8,-6.1\n",
            [(2, "latitude", "koordinat"), (2, "longitude", "koordinat")],
        ),
        (f"{HEADER},indicators\n31.72.01.1001.001,1,2,3,lokasi;banjir\n", [(2, "indicators", "indikator")]),
        (f"{HEADER},police_grade\n31.72.01.1001.001,1,2,3,gawat\n", [(2, "police_grade", "tingkat-polisi")]),
        (f"{HEADER},address\n31.72.01.1001.001,1,2,3,{'x' * 301}\n", [(2, "address", "teks")]),
        (f"{HEADER},address\n31.72.01.1001.001,1,2,3,a\0b\n", [(2, "address", "teks")]),
        (f'{HEADER}\n31.72.01.1001.001,1,2,"3\n', [(2, "", "csv")]),
        (
            f'{HEADER},address\n31.72.01.1001.001,1,2,3,"a\nb"\nx,1,2,3,\n',
            [(2, "address", "teks"), (4, "code", "bentuk-kode")],
        ),
    ],
)
def test_a_bad_roster_is_refused_by_line_column_and_rule(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert [(p.line, p.column, p.rule) for p in _refused(text.encode()).problems] == expected


def test_bytes_that_are_not_utf8_are_named_by_line() -> None:
    refused = _refused(f"{HEADER},address\n31.72.01.1001.001,1,2,3,Jl. Caf".encode() + b"\xe9\n")

    assert [(p.line, p.rule) for p in refused.problems] == [(2, "utf-8")]


def test_a_file_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "SIZE_LIMIT_BYTES", 10)

    assert [p.rule for p in _refused(HEADER.encode()).problems] == ["ukuran"]


def test_a_thousand_problems_are_named_and_the_rest_counted() -> None:
    refused = _refused((f"{HEADER}\n" + "x,1,2,3\n" * 1_500).encode())

    assert (len(refused.problems), refused.total) == (1_000, 1_500)


def test_a_roster_from_a_spreadsheet_is_read_and_written_back() -> None:
    text = (
        f"\ufeff{HEADER},address,latitude,longitude,indicators,police_grade,polsek,koramil\r\n"
        '31.72.01.1001.007,7,280,290,"Jl. Raya, RW 08",-6.12,106.8,lokasi; logistik,sangat_rawan,Penjaringan,\r\n'
        "73.04.01.2001.01.002,2,0,0,,,,,,,\r\n"
    )

    rows = roster.parse(text.encode(), PLACES)

    assert rows[0] == TpsIn(
        "31.72.01.1001.007",
        7,
        280,
        290,
        "Jl. Raya, RW 08",
        -6.12,
        106.8,
        ("lokasi", "logistik"),
        "sangat_rawan",
        "Penjaringan",
    )
    assert rows[1].parent_code == "73.04.01.2001.01"
    assert roster.parse((",".join(roster.COLUMNS) + "\n" + "".join(roster.write(rows))).encode(), PLACES) == rows


def test_dusun_are_taken_from_a_list_and_checked() -> None:
    found = tree.parse_dusun(b"code,name\n73.04.01.2001.02,B\n73.04.01.2001.01,A\n", {"73.04.01.2001"})

    assert found == [RegionIn("73.04.01.2001.01", "A"), RegionIn("73.04.01.2001.02", "B")]
    with pytest.raises(TableRefused) as caught:
        tree.parse_dusun(b"code,name\n73.04.01.2001.1,A\n73.04.01.2009.01,B\n73.04.01.2001.03,\n", {"73.04.01.2001"})
    assert [(p.line, p.rule) for p in caught.value.problems] == [
        (2, "bentuk-kode"),
        (3, "kelurahan-tidak-dikenal"),
        (4, "nama"),
    ]


def test_a_tree_without_its_parents_is_refused() -> None:
    with pytest.raises(TableRefused) as caught:
        tree.parse_regions(b"code,name\n31.72,KOTA\n31.72.01.1001,Kelurahan\n", "31.72")

    assert [(p.line, p.rule) for p in caught.value.problems] == [(3, "tanpa-induk")]
