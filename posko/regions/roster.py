"""The roster as its owner sends it: one CSV or XLSX, taken whole or refused whole, and every bad line is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final, get_args

import msgspec

from posko import sheet, terms
from posko.regions.tps import VOTERS_LIMIT, Grade, Indicator, TpsIn
from posko.sheet import Column
from posko.tables import BadCell, Problems, csv_line, read_table
from posko.terms import Level

_COLUMNS: Final = (
    Column("code", "kode kelurahan, desa atau dusun, titik, nomor TPS: 31.72.01.1001.007", is_required=True),
    Column("number", "nomor TPS, 1 sampai 999, sama dengan akhir kode", is_text=False, is_required=True),
    Column("voters_l", f"pemilih laki-laki dalam DPT, 0 sampai {VOTERS_LIMIT}", is_text=False, is_required=True),
    Column("voters_p", f"pemilih perempuan dalam DPT, 0 sampai {VOTERS_LIMIT}", is_text=False, is_required=True),
    Column("address", "alamat, paling panjang 300 huruf"),
    Column("latitude", "lintang dalam derajat desimal: -6.1234", is_text=False),
    Column("longitude", "bujur dalam derajat desimal: 106.8765; keduanya, atau tidak keduanya", is_text=False),
    Column("indicators", f"indikator rawan, dipisah titik koma: {', '.join(get_args(Indicator))}"),
    Column("police_grade", f"tingkat menurut polisi: {', '.join(get_args(Grade))}"),
    Column("polsek", "nama polsek, paling panjang 120 huruf"),
    Column("koramil", "nama koramil, paling panjang 120 huruf"),
)
COLUMNS: Final = tuple(column.name for column in _COLUMNS)
REQUIRED: Final = tuple(column.name for column in _COLUMNS if column.is_required)

_WHOLE = re.compile(r"[0-9]{1,6}")
_DECIMAL = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")


def parse(data: bytes, places: Collection[str], *, each: Callable[[], None] = lambda: None) -> list[TpsIn]:
    """The TPS of a roster in file order; `places` are the kelurahan, desa and dusun that a TPS may lie in.

    Raises TableRefused with everything that is wrong. `each` is called once per line.
    """
    problems = Problems()
    found: list[TpsIn] = []
    lines: dict[tuple[str, int], int] = {}
    for line, row in read_table(data, COLUMNS, REQUIRED, problems):
        each()
        if (tps := _tps(line, row, problems)) is None:
            continue
        if tps.parent_code not in places:
            problems.add(
                line,
                "code",
                "kelurahan-tidak-dikenal",
                f"{tps.parent_code} bukan kelurahan, desa atau dusun operasi ini",
            )
        # A TPS has its number within its kelurahan, whichever dusun it lies in.
        first = lines.setdefault((tps.code[:13], tps.number), line)
        if first != line:
            problems.add(
                line, "code", "ganda", f"TPS {tps.number:03d} kelurahan {tps.code[:13]} sudah ada di baris {first}"
            )
        found.append(tps)
    if not found and not problems.total:
        problems.add(1, "", "kosong", "tidak ada satu TPS pun")
    if problems.total:
        problems.refuse()
    return found


def _tps(line: int, row: dict[str, str], problems: Problems) -> TpsIn | None:
    values: dict[str, Any] = {}
    before = problems.total
    for column, text in row.items():
        try:
            values[column] = _READERS[column](text)
        except BadCell as broken:
            problems.add(line, column, broken.rule, str(broken))
    if problems.total > before:
        return None
    tps = TpsIn(**values)
    if tps.number != int(tps.code[-3:]):
        problems.add(line, "number", "nomor-berbeda", f"kode {tps.code} menyebut nomor {int(tps.code[-3:])}")
        return None
    if (tps.latitude is None) != (tps.longitude is None):
        problems.add(line, "latitude", "koordinat-sepasang", "lintang dan bujur harus ada keduanya")
        return None
    return tps


def _code(text: str) -> str:
    if not terms.is_code(text) or terms.level_of(text) is not Level.tps or text[-3:] == "000":
        raise BadCell("bentuk-kode", f"{text[:40]!r} bukan kode TPS seperti 31.72.01.1001.007")
    return text


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            raise BadCell("batas", f"{text[:40]!r} bukan bilangan bulat {low} sampai {high}")
        return int(text)

    return read


def _degrees(low: int, high: int) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if not text:
            return None
        degrees = text.replace(",", ".")  # a cell is read by itself: here a comma parts nothing else
        if not _DECIMAL.fullmatch(degrees) or not low <= float(degrees) <= high:
            raise BadCell("koordinat", f"{text[:40]!r} bukan derajat desimal {low} sampai {high}")
        return float(degrees)

    return read


def _text(limit: int) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if len(text) > limit or not terms.is_of_one_line(text):
            raise BadCell("teks", f"lebih dari {limit} huruf, atau berisi huruf kendali")
        return text or None

    return read


def _indicators(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(word for part in text.split(";") if (word := part.strip())))
    for word in found:
        if word not in get_args(Indicator):
            raise BadCell("indikator", f"{word[:40]!r} bukan salah satu dari {', '.join(get_args(Indicator))}")
    return found


def _grade(text: str) -> str | None:
    if text and text not in get_args(Grade):
        raise BadCell("tingkat-polisi", f"{text[:40]!r} bukan salah satu dari {', '.join(get_args(Grade))}")
    return text or None


# Degrees that hold all of Indonesia: a swapped pair falls outside.
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "code": _code,
    "number": _whole(1, 999),
    "voters_l": _whole(0, VOTERS_LIMIT),
    "voters_p": _whole(0, VOTERS_LIMIT),
    "address": _text(300),
    "latitude": _degrees(-12, 7),
    "longitude": _degrees(94, 142),
    "indicators": _indicators,
    "police_grade": _grade,
    "polsek": _text(120),
    "koramil": _text(120),
}


def write(rows: Iterable[TpsIn]) -> Iterator[str]:
    """The lines of a roster CSV that `parse` takes back, without the header."""
    return map(csv_line, _cells(rows))


def as_csv(rows: Iterable[TpsIn]) -> bytes:
    """A roster that `parse` takes back."""
    return "".join([csv_line(COLUMNS), *write(rows)]).encode()


def as_workbook(rows: Iterable[TpsIn]) -> bytes:
    """The same as XLSX, with what belongs into each column."""
    return sheet.workbook_of(_COLUMNS, _cells(rows))


def _cells(rows: Iterable[TpsIn]) -> Iterator[list[Any]]:
    for tps in rows:
        fields = msgspec.structs.asdict(tps) | {"indicators": ";".join(tps.indicators)}
        yield [fields[c] for c in COLUMNS]
