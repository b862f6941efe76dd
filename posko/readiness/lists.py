"""Lists as their owners send them, JSON or a table: whole or not at all, every bad row named by line, column, rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from posko import terms
from posko.errors import FieldError, Invalid, MalformedBody
from posko.tables import Problems, TableRefused, read_table

ROWS_LIMIT: Final = 20_000
"""Rows of one list."""
BODY_LIMIT_BYTES: Final = 4 * 1024 * 1024

T = TypeVar("T", bound=msgspec.Struct)
Row = tuple[int, Mapping[str, Any]]

_RULES: Final = {
    "place": "bentuk-kode", "name": "teks", "members": "batas", "institution": "lembaga", "tps": "bentuk-kode",
    "username": "nama-pengguna", "phone": "telepon",
}  # fmt: skip


def rows_of_table(data: bytes, struct: type[msgspec.Struct], problems: Problems) -> Iterator[Row]:
    """The rows of a CSV or XLSX by line; empty cells are left out, several codes are parted by semicolons."""
    fields = msgspec.structs.fields(struct)
    columns = [f.name for f in fields]
    required = [f.name for f in fields if f.required]
    for line, row in read_table(data, columns, required, problems):
        cells: dict[str, Any] = {name: text for name, text in row.items() if text}
        if "tps" in cells:
            cells["tps"] = [code for part in cells["tps"].split(";") if (code := part.strip())]
        yield line, cells


def rows_of_json(data: bytes, problems: Problems) -> Iterator[Row]:
    """The rows of a JSON array, by their place in it from 0."""
    try:
        found = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise MalformedBody(str(error)) from None
    if not isinstance(found, list):
        raise Invalid("a list is needed", errors=[FieldError("$", "schema", "an array of rows, or text/csv, or XLSX")])
    for line, row in enumerate(found):
        if isinstance(row, dict):
            yield line, row
        else:
            problems.add(line, "", "schema", "bukan objek")


def read(rows: Iterator[Row], struct: type[T], problems: Problems) -> list[tuple[int, T]]:
    """The rows that are in order, with their lines; what is wrong with the others is added to the problems."""
    found: list[tuple[int, T]] = []
    fields = {f.name: f for f in msgspec.structs.fields(struct)}
    for count, (line, row) in enumerate(rows, 1):
        if count > ROWS_LIMIT:
            problems.add(line, "", "jumlah-baris", f"lebih dari {ROWS_LIMIT} baris")
            break
        before = problems.total
        values = {}
        for name, value in row.items():
            if name not in fields:
                problems.add(line, str(name)[:40], "kolom-tidak-dikenal", f"yang dikenal: {', '.join(fields)}")
            elif (kept := _cell(line, name, value, fields[name].type, problems)) is not None:
                values[name] = kept
        for name, field in fields.items():
            if field.required and name not in row:
                problems.add(line, name, "wajib", "harus diisi")
        if problems.total == before:
            found.append((line, struct(**values)))
    return found


def _cell(line: int, name: str, value: Any, kind: Any, problems: Problems) -> Any:
    try:
        found = msgspec.convert(value, kind, strict=not isinstance(value, str))
    except msgspec.ValidationError as error:
        problems.add(line, name, _RULES.get(name, "schema"), str(error))
        return None
    if isinstance(found, str) and terms.holds_nik(found):
        problems.add(line, name, "no-nik", "jangan menulis NIK (enam belas angka): tidak disimpan di mana pun")
    return found


def require_known(
    items: list[tuple[int, T]], column: str, of: Callable[[T], list[str]], known: Collection[str], problems: Problems
) -> None:
    """Names every row with a value that is none of the known."""
    rules = {"place": "wilayah-tidak-dikenal", "tps": "tps-tidak-dikenal", "institution": "lembaga-tidak-dikenal"}
    for line, item in items:
        for value in of(item):
            if value not in known:
                problems.add(line, column, rules.get(column, "akun-tidak-dikenal"), f"{value} tidak dikenal di sini")


def require_single(items: list[tuple[int, T]], key: Callable[[T], object], problems: Problems) -> None:
    """Names every row that says again what an earlier one said."""
    first: dict[object, int] = {}
    for line, item in items:
        earlier = first.setdefault(key(item), line)
        if earlier != line:
            problems.add(line, "name", "ganda", f"sudah ada di baris {earlier}")


def as_invalid(refused: TableRefused, *, table: bool) -> NoReturn:
    """The refusal of a list as the answer of a request."""
    root = "$.rows" if table else "$"
    errors = [
        FieldError(f"{root}[{p.line}]{'.' if p.column else ''}{p.column}", p.rule, p.message) for p in refused.problems
    ]
    raise Invalid(refused.detail, errors=errors) from None
