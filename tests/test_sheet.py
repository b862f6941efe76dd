"""Lists as workbooks: the same rows as the CSV beside them, or one clear refusal; nothing in a file stops the process."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from posko import sheet
from posko.tables import Problems, read_table
from tests.workbooks import workbook

COLUMNS = ("code", "number", "degrees", "cleared")


def repacked(data: bytes, **parts: bytes) -> bytes:
    """The workbook with some of its parts replaced: `sheet1` is the first sheet."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            stem = name.rpartition("/")[2].partition(".")[0]
            new.writestr(name, parts.get(stem, old.read(name)))
    return made.getvalue()


def read(data: bytes) -> tuple[list[tuple[int, dict[str, str]]], list[tuple[int, str, str]]]:
    problems = Problems()
    found = list(read_table(data, COLUMNS, ("code",), problems))
    return found, [(p.line, p.column, p.rule) for p in problems.named]


def test_a_workbook_is_read_as_the_csv_that_says_the_same() -> None:
    data = workbook(
        [" code ", "number", "degrees", "cleared"],
        ["31.72.01.1001.007", 7, -6.125, True],
        [31.72, 240.0, "", False],
    )

    assert read(data) == read(
        b"code,number,degrees,cleared\n31.72.01.1001.007,7,-6.125,ya\n31.72,240,,tidak\n",
    )


def test_rows_have_the_numbers_that_the_sheet_shows_and_empty_ends_are_nothing() -> None:
    def fill(page: Any) -> None:
        page.write_row(0, 0, ["code", "number"])
        page.write_row(4, 0, ["a", 1, "  "])
        page.write_row(5, 0, ["b"])
        page.write_row(6, 0, ["c", 1, "more"])
        page.set_row(900, 30)
        page.write_blank(899, 50, None, None)

    assert read(workbook(fill=fill)) == (
        [(5, {"code": "a", "number": "1"}), (6, {"code": "b", "number": ""})],
        [(7, "", "jumlah-kolom")],
    )


def test_the_first_sheet_is_read_and_a_formula_is_what_it_came_to() -> None:
    def fill(page: Any) -> None:
        page.write_row(0, 0, ["code", "number"])
        page.write(1, 0, "a")
        page.write_formula(1, 1, "=3+4", None, 7)

    assert read(workbook(fill=fill))[0] == [(2, {"code": "a", "number": "7"})]
    other = workbook(["code"], ["a"], sheets=2)
    assert read(other) == ([(2, {"code": "a"})], [])


def test_a_sheet_that_tells_a_wrong_size_of_itself_is_read_whole() -> None:
    data = workbook(["code", "number"], ["a", 1])
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        text = parts.read("xl/worksheets/sheet1.xml")
    assert b'<dimension ref="A1:B2"/>' in text

    assert read(repacked(data, sheet1=text.replace(b"A1:B2", b"A1"))) == ([(2, {"code": "a", "number": "1"})], [])


def test_what_is_written_is_read_back_and_a_code_that_is_typed_beside_it_stays_a_text() -> None:
    cells = [["=1+1", None, -6.5, "http://a"], ["31.7200", 7, None, ""]]
    data = sheet.workbook_of([sheet.Column(name, f"apa {name}", is_text=name == "code") for name in COLUMNS], cells)

    assert [tuple(row.values()) for _, row in read(data)[0]] == [
        ("=1+1", "", "-6.5", "http://a"),
        ("31.7200", "7", "", ""),
    ]
    page, notes = load_workbook(io.BytesIO(data)).worksheets
    assert (page.column_dimensions["A"].number_format, page.column_dimensions["B"].number_format) == ("@", "General")
    assert page.freeze_panes == "A2"
    assert [row[:2] for row in notes.iter_rows(min_row=2, values_only=True)] == [
        (name, f"apa {name}") for name in COLUMNS
    ]


def test_what_no_workbook_is_is_one_problem() -> None:
    good = workbook(["code"], ["a"])
    bare = io.BytesIO()
    with zipfile.ZipFile(bare, "w") as other:
        other.writestr("a.txt", "code")
    bad = [
        b"PK\x03\x04",
        good[: len(good) // 2],
        good[:200] + bytes(200) + good[400:],
        bare.getvalue(),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        repacked(good, sheet1=b"<worksheet><sheetData><row r='1'><c r='A1'><v>"),
        repacked(good, workbook=b"<a/>"),
        workbook(),
    ]

    assert [read(data) for data in bad] == [([], [(1, "", "buku-kerja")])] * 7 + [([], [(1, "", "kosong")])]


def test_what_comes_before_a_fault_in_a_workbook_is_not_taken_for_the_whole() -> None:
    data = repacked(
        workbook(["code"], ["a"]),
        sheet1=b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
        b"<row r='1'><c r='A1' t='inlineStr'><is><t>code</t></is></c></row><row r='2'><c r='A2'><v>1</v></c></row><oops",
    )

    assert read(data)[1] == [(1, "", "buku-kerja")]


def test_a_cell_far_to_the_right_is_refused_not_padded() -> None:
    def fill(page: Any) -> None:
        page.write_row(0, 0, ["code"])
        page.write(1, 16_000, "x")

    assert read(workbook(fill=fill)) == ([], [(1, "", "buku-kerja")])


def test_the_header_is_named_where_it_stands_and_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(workbook([], [], ["number"], [1]))[1] == [(3, "code", "kolom-wajib")]

    monkeypatch.setattr(sheet, "CELLS_LIMIT", 5)
    assert read(workbook(["code", "number"], ["a", 1], ["b", 2])) == (
        [(2, {"code": "a", "number": "1"})],
        [(1, "", "buku-kerja")],
    )


def test_a_small_file_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    good = workbook(["code"], ["a"])
    ha = b"".join(b'<!ENTITY h%d "%s">' % (n, b"&h%d;" % (n - 1) * 10) for n in range(1, 12))
    laughs = repacked(good, sheet1=b'<!DOCTYPE w [<!ENTITY h0 "ha">' + ha + b"]><w>&h11;</w>")
    far = repacked(
        good,
        sheet1=b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
        b"<row r='1'><c r='A1'><v>1</v></c></row><row r='900000000'><c r='A900000000'><v>1</v></c></row></sheetData></worksheet>",
    )
    assert read(laughs)[1] == [(1, "", "buku-kerja")]
    monkeypatch.setattr("posko.tables.ROWS_LIMIT", 1_000)
    problems = Problems()
    assert list(read_table(far, ("1",), (), problems)) == []
    assert [p.message for p in problems.named] == ["lebih dari 1000 baris"]

    monkeypatch.setattr(sheet, "INFLATED_LIMIT_BYTES", 10_000)
    bomb = repacked(good, styles=bytes(20_000))
    assert len(bomb) < 10_000
    assert read(bomb)[1] == [(1, "", "buku-kerja")]
