"""Tables read from CSV or XLSX, whole or not at all, every bad line named; written so that nothing runs a cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NoReturn

import msgspec

from posko import sheet
from posko.errors import Invalid

SIZE_LIMIT_BYTES: Final = 256 * 1024 * 1024
ROWS_LIMIT: Final = 1_000_000
"""The largest election yet had 823,220 TPS."""
TABLE_TYPES: Final = frozenset({"text/csv", sheet.MEDIA_TYPE})
"""Media types of what `read_table` reads; which of the two it is, its bytes say."""
PROBLEMS_LIMIT: Final = 1_000
"""Problems that are named; the rest are counted."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BREAK: Final = re.compile(r"[\r\n]+")
_AFTER_SEMICOLON: Final = re.compile(r";(\s*)(?=[=+@-])")
_GUARDED_AFTER_SEMICOLON: Final = re.compile(r";(\s*)'(?=[=+@-])")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}([.][0-9]{1,15})?")


class LineProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field of one line (lines from 1, the header is one)."""

    line: int
    column: str
    rule: str
    message: str


class TableRefused(Invalid):
    """The table was refused whole"""

    def __init__(self, found: Problems) -> None:
        super().__init__(f"{found.total} kesalahan di {len(found.lines)} baris; tidak ada yang dimuat")
        self.problems: Sequence[LineProblem] = found.named
        self.total = found.total


class BadCell(ValueError):
    """A cell outside its rule."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Problems:
    """The problems found so far, at most `PROBLEMS_LIMIT` of them by name."""

    def __init__(self) -> None:
        self.named: list[LineProblem] = []
        self.total = 0
        self.lines: set[int] = set()
        """All that have one; so many of a refused file are wrong, whatever is named."""

    def add(self, line: int, column: str, rule: str, message: str) -> None:
        self.total += 1
        self.lines.add(line)
        if len(self.named) < PROBLEMS_LIMIT:
            self.named.append(LineProblem(line, column, rule, message))

    def refuse(self) -> NoReturn:
        raise TableRefused(self)


def read_table(
    data: bytes, columns: Sequence[str], required: Sequence[str], problems: Problems
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV or XLSX with a header, each with its line; a file that cannot be read is one problem."""
    if len(data) > SIZE_LIMIT_BYTES:
        return problems.add(1, "", "ukuran", f"lebih dari {SIZE_LIMIT_BYTES} byte")
    rows = _rows_of_workbook(data, problems) if sheet.is_workbook(data) else _rows_of_csv(data, problems)
    header = next(rows, None)
    if header is None:
        if not problems.total:
            problems.add(1, "", "kosong", "berkas kosong")
        return None
    line, names = header[0], [name.strip() for name in header[1]]
    if _check_header(line, names, columns, required, problems):
        yield from _named(rows, names, problems)


def _rows_of_csv(data: bytes, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return problems.add(data.count(b"\n", 0, error.start) + 1, "", "utf-8", "bukan UTF-8")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter_of(text))
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        problems.add(reader.line_num, "", "csv", str(error))


def _rows_of_workbook(data: bytes, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    try:
        width = 0
        for line, texts in sheet.rows_of(data, ROWS_LIMIT):
            width = width or len(texts)
            yield line, texts + [""] * (width - len(texts))
    except sheet.SheetUnreadable as error:
        problems.add(1, "", "buku-kerja", str(error))


def _delimiter_of(text: str) -> str:
    """What parts the columns: a semicolon where the header has some and no comma, as an Indonesian Excel saves it."""
    header = text.partition("\n")[0]
    return ";" if ";" in header and "," not in header else ","


def _named(
    rows: Iterator[tuple[int, list[str]]], names: Sequence[str], problems: Problems
) -> Iterator[tuple[int, dict[str, str]]]:
    count = 0
    for line, fields in rows:
        if not fields:
            continue
        count += 1
        if count > ROWS_LIMIT:
            problems.add(line, "", "jumlah-baris", f"lebih dari {ROWS_LIMIT} baris")
            return
        if len(fields) != len(names):
            problems.add(line, "", "jumlah-kolom", f"{len(fields)} kolom, seharusnya {len(names)}")
            continue
        yield line, dict(zip(names, map(_unguarded, fields), strict=True))


def _check_header(
    line: int, names: Sequence[str], columns: Sequence[str], required: Sequence[str], problems: Problems
) -> bool:
    before = problems.total
    for name in dict.fromkeys(names):
        if name not in columns:
            problems.add(line, name, "kolom-tidak-dikenal", f"kolom yang dikenal: {', '.join(columns)}")
        elif names.count(name) > 1:
            problems.add(line, name, "kolom-ganda", "kolom ini ada lebih dari sekali")
    for name in required:
        if name not in names:
            problems.add(line, name, "kolom-wajib", "kolom ini wajib ada")
    return problems.total == before


def csv_line(fields: Iterable[object]) -> str:
    """One line; a text that a spreadsheet would take for a formula gets an apostrophe, as `read_table` knows."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(_guarded(field) for field in fields)
    return buffer.getvalue()


def _guarded(field: object) -> str:
    text = "" if field is None else _BREAK.sub(" ", str(field))
    # Where commas are decimal signs, a spreadsheet splits at semicolons as well.
    text = _AFTER_SEMICOLON.sub(r";\1'", text)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _unguarded(text: str) -> str:
    text = _GUARDED_AFTER_SEMICOLON.sub(r";\1", text.strip())
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def write_problems(problems: Sequence[LineProblem]) -> Iterator[str]:
    """The problems as the lines of a CSV with a header."""
    for fields in (("line", "column", "rule", "message"), *map(msgspec.structs.astuple, problems)):
        yield csv_line(fields)
