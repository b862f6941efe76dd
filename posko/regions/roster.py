"""The roster as its owner sends it: one CSV, taken whole or refused whole, and every bad line is named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, NoReturn, get_args

import msgspec

from posko import terms
from posko.errors import Invalid
from posko.regions.tps import VOTERS_LIMIT, Grade, Indicator, TpsIn
from posko.terms import Level

SIZE_LIMIT_BYTES: Final = 256 * 1024 * 1024
ROWS_LIMIT: Final = 1_000_000
"""The largest election yet had 823,220 TPS."""
PROBLEMS_LIMIT: Final = 1_000
"""Problems that are named; the rest are counted."""
COLUMNS: Final = (
    "code", "number", "voters_l", "voters_p", "address", "latitude", "longitude", "indicators",
    "police_grade", "polsek", "koramil",
)  # fmt: skip
REQUIRED: Final = ("code", "number", "voters_l", "voters_p")

_WHOLE = re.compile(r"[0-9]{1,6}")
_DECIMAL = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class RosterProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field of one line (lines from 1, the header is one)."""

    line: int
    column: str
    rule: str
    message: str


class RosterRefused(Invalid):
    """The CSV was refused whole"""

    def __init__(self, problems: Sequence[RosterProblem], total: int) -> None:
        super().__init__(f"{total} kesalahan; tidak ada yang dimuat")
        self.problems = problems
        self.total = total


class _Broken(ValueError):
    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Problems:
    """The problems found so far, at most `PROBLEMS_LIMIT` of them by name."""

    def __init__(self) -> None:
        self.named: list[RosterProblem] = []
        self.total = 0

    def add(self, line: int, column: str, rule: str, message: str) -> None:
        self.total += 1
        if len(self.named) < PROBLEMS_LIMIT:
            self.named.append(RosterProblem(line, column, rule, message))

    def refuse(self) -> NoReturn:
        raise RosterRefused(self.named, self.total)


def parse(data: bytes, places: Collection[str], *, each: Callable[[], None] = lambda: None) -> list[TpsIn]:
    """The TPS of a roster in file order; `places` are the kelurahan, desa and dusun that a TPS may lie in.

    Raises RosterRefused with everything that is wrong. `each` is called once per line.
    """
    problems = Problems()
    found: list[TpsIn] = []
    lines: dict[tuple[str, int], int] = {}
    for line, row in read_csv(data, COLUMNS, REQUIRED, problems):
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


def read_csv(
    data: bytes, columns: Sequence[str], required: Sequence[str], problems: Problems
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV with a header, each with its first line; a file that cannot be read at all is one problem."""
    if len(data) > SIZE_LIMIT_BYTES:
        return problems.add(1, "", "ukuran", f"lebih dari {SIZE_LIMIT_BYTES} byte")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return problems.add(data.count(b"\n", 0, error.start) + 1, "", "utf-8", "bukan UTF-8")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if header is None or not _check_header([h.strip() for h in header], columns, required, problems):
            if header is None:
                problems.add(1, "", "kosong", "berkas kosong")
            return None
        names = [h.strip() for h in header]
        yield from _rows(reader, names, problems)
    except csv.Error as error:
        problems.add(reader.line_num, "", "csv", str(error))


def _rows(reader: Any, names: Sequence[str], problems: Problems) -> Iterator[tuple[int, dict[str, str]]]:
    line = reader.line_num + 1
    rows = 0
    for fields in reader:
        begun, line = line, reader.line_num + 1
        if not fields:
            continue
        rows += 1
        if rows > ROWS_LIMIT:
            problems.add(begun, "", "jumlah-baris", f"lebih dari {ROWS_LIMIT} baris")
            return
        if len(fields) != len(names):
            problems.add(begun, "", "jumlah-kolom", f"{len(fields)} kolom, seharusnya {len(names)}")
            continue
        yield begun, dict(zip(names, map(str.strip, fields), strict=True))


def _check_header(names: Sequence[str], columns: Sequence[str], required: Sequence[str], problems: Problems) -> bool:
    before = problems.total
    if len(names) == 1 and ";" in names[0]:
        problems.add(1, "", "pemisah", "kolom harus dipisah koma, bukan titik koma")
        return False
    for name in dict.fromkeys(names):
        if name not in columns:
            problems.add(1, name, "kolom-tidak-dikenal", f"kolom yang dikenal: {', '.join(columns)}")
        elif names.count(name) > 1:
            problems.add(1, name, "kolom-ganda", "kolom ini ada lebih dari sekali")
    for name in required:
        if name not in names:
            problems.add(1, name, "kolom-wajib", "kolom ini wajib ada")
    return problems.total == before


def _tps(line: int, row: dict[str, str], problems: Problems) -> TpsIn | None:
    values: dict[str, Any] = {}
    before = problems.total
    for column, text in row.items():
        try:
            values[column] = _READERS[column](text)
        except _Broken as broken:
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
        raise _Broken("bentuk-kode", f"{text[:40]!r} bukan kode TPS seperti 31.72.01.1001.007")
    return text


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            raise _Broken("batas", f"{text[:40]!r} bukan bilangan bulat {low} sampai {high}")
        return int(text)

    return read


def _degrees(low: int, high: int) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if not text:
            return None
        if not _DECIMAL.fullmatch(text) or not low <= float(text) <= high:
            raise _Broken("koordinat", f"{text[:40]!r} bukan derajat desimal {low} sampai {high}, dengan titik")
        return float(text)

    return read


def _text(limit: int) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if len(text) > limit or _CONTROL.search(text):
            raise _Broken("teks", f"lebih dari {limit} huruf, atau berisi huruf kendali")
        return text or None

    return read


def _indicators(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(word for part in text.split(";") if (word := part.strip())))
    for word in found:
        if word not in get_args(Indicator):
            raise _Broken("indikator", f"{word[:40]!r} bukan salah satu dari {', '.join(get_args(Indicator))}")
    return found


def _grade(text: str) -> str | None:
    if text and text not in get_args(Grade):
        raise _Broken("tingkat-polisi", f"{text[:40]!r} bukan salah satu dari {', '.join(get_args(Grade))}")
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


def write(rows: Sequence[TpsIn]) -> Iterator[str]:
    """The lines of a roster CSV that `parse` takes back, without the header."""
    for tps in rows:
        buffer = io.StringIO()
        fields = msgspec.structs.asdict(tps) | {"indicators": ";".join(tps.indicators)}
        csv.writer(buffer, lineterminator="\n").writerow("" if fields[c] is None else fields[c] for c in COLUMNS)
        yield buffer.getvalue()


def write_problems(problems: Sequence[RosterProblem]) -> Iterator[str]:
    """The problems as the lines of a CSV with a header."""
    for fields in (("line", "column", "rule", "message"), *map(msgspec.structs.astuple, problems)):
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerow(fields)
        yield buffer.getvalue()
