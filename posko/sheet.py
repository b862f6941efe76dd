"""Lists as XLSX workbooks: the first sheet's rows read as the texts that a CSV would hold, and written so."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import xlsxwriter

INFLATED_LIMIT_BYTES: Final = 128 * 1024 * 1024
"""What all parts of a workbook may be together once they are unpacked; each ends where it says that it does."""
WIDTH_LIMIT: Final = 256
"""Columns; one cell far to the right makes every row as wide."""
CELLS_LIMIT: Final = 2_000_000
"""A roster of 100,000 TPS has 1,100,000."""
COLUMN_LETTERS: Final = 20
NOTE_LETTERS: Final = 90
"""How wide columns are made."""
MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class SheetUnreadable(ValueError):
    """A workbook that cannot be read"""


def is_workbook(data: bytes) -> bool:
    """Whether these bytes begin as those of a workbook, old or new; no text does."""
    return data.startswith((_ZIP, _COMPOUND))


def rows_of(data: bytes, most: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet that hold anything, by number from 1, without the empty cells at their ends.

    Raises SheetUnreadable, also after `most` rows. A formula is what it came to when the workbook was saved.
    """
    if data.startswith(_COMPOUND):
        raise SheetUnreadable("buku kerja Excel lama (.xls) atau berkata sandi: simpan sebagai .xlsx tanpa kata sandi")
    total = 0
    try:
        for line, cells in enumerate(_cells_of(data), 1):
            total += len(cells)
            if total > CELLS_LIMIT:
                raise SheetUnreadable(f"lebih dari {CELLS_LIMIT} sel: simpan sebagai CSV")
            if line > most:
                raise SheetUnreadable(f"lebih dari {most} baris")
            if len(cells) > WIDTH_LIMIT:
                raise SheetUnreadable(f"baris {line} lebih dari {WIDTH_LIMIT} kolom")
            texts = [_text_of(cell) for cell in cells]
            while texts and not texts[-1].strip():
                texts.pop()
            if texts:
                yield line, texts
    except SheetUnreadable:
        raise
    # What is no workbook fails in its reader in any way: as a zip, as XML, by a part or a value that is not there.
    except Exception as error:
        raise SheetUnreadable("bukan buku kerja .xlsx yang dapat dibaca: simpan lagi dari Excel") from error


def _cells_of(data: bytes) -> Iterator[tuple[Any, ...]]:
    from openpyxl import load_workbook  # a third of a second that only a workbook is worth

    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > INFLATED_LIMIT_BYTES:
            raise SheetUnreadable(f"lebih dari {INFLATED_LIMIT_BYTES} byte setelah dibuka: simpan sebagai CSV")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a size that is not the sheet's
        yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()


class Column(NamedTuple):
    """A column of a list: its name, what stands in it in words, whether what is typed into it stays a text."""

    name: str
    meaning: str
    is_text: bool = True
    is_required: bool = False


def workbook_of(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook of which `rows_of` reads back the first sheet: the columns' names, which stay in sight, then the rows.

    A second sheet says what belongs into each column. Nothing in it is a formula or a link.
    """
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page, notes = book.add_worksheet("Daftar"), book.add_worksheet("Keterangan")
        head, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        notes.set_column(0, 0, COLUMN_LETTERS)
        notes.set_column(1, 1, NOTE_LETTERS)
        notes.write_row(0, 0, ("kolom", "isi", "wajib"), head)
        for at, column in enumerate(columns):
            page.set_column(at, at, COLUMN_LETTERS, text if column.is_text else None)
            page.write_string(0, at, column.name, head)
            notes.write_row(at + 1, 0, (column.name, column.meaning, "wajib" if column.is_required else "boleh kosong"))
        for number, cells in enumerate(rows, 1):
            for at, cell in enumerate(cells):
                if isinstance(cell, str):
                    page.write_string(number, at, cell, text)
                elif cell is not None:
                    page.write_number(number, at, cell)
        page.freeze_panes(1, 0)
    return made.getvalue()


def _text_of(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "ya" if cell else "tidak"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime.datetime():
            return cell.isoformat()
        case _:
            return str(cell)
