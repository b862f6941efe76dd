"""A table as an XLSX workbook: what it is of, a header that stays in sight, numbers as numbers, texts as texts."""

from __future__ import annotations

import io
from typing import Any, Final

import xlsxwriter

from posko.exports.table import CELL_LIMIT, Table, facts
from posko.exports.words import Words

WIDTHS: Final = (8, 60)
"""Of a column, in letters: the narrowest and the widest."""
SAMPLED: Final = 200
"""Rows whose texts a column's width is made for."""


def workbook(table: Table, words: Words) -> bytes:
    """The whole file. Nothing in it is a formula or a link, whatever a reporter wrote."""
    made = io.BytesIO()
    options = {"constant_memory": False, "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": table.title, "comments": table.note, "created": table.at.replace(tzinfo=None)})
        _sheet(book, table, words)
    return made.getvalue()


def _sheet(book: Any, table: Table, words: Words) -> None:
    sheet = book.add_worksheet(words.say("export.sheet"))
    bold, warning = book.add_format({"bold": True}), book.add_format({"bold": True, "font_color": "#A80F3A"})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {"share": book.add_format({"num_format": "0.0%"}), "number": book.add_format({"num_format": "#,##0"})}
    sheet.write_string(0, 0, table.title, bold)
    said = facts(table, words)
    for row, (label, value) in enumerate(said, 1):
        sheet.write_string(row, 0, label)
        sheet.write_string(row, 1, value, warning if value == table.note else None)
    first = len(said) + 2
    for column, known in enumerate(table.columns):
        sheet.write_string(first, column, known.label, head)
    for number, cells in enumerate(table.rows, first + 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell[:CELL_LIMIT])
            elif cell is not None:
                sheet.write_number(number, column, cell, formats.get(table.columns[column].kind))
    for column, known in enumerate(table.columns):
        texts = [known.label.split(" ")[0], *(str(row[column] or "") for row in table.rows[:SAMPLED])]
        sheet.set_column(column, column, min(max(WIDTHS[0], *map(len, texts)) + 1, WIDTHS[1]))
    sheet.freeze_panes(first + 1, 2)
    if table.rows:
        sheet.autofilter(first, 0, first + len(table.rows), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(first)
    sheet.set_footer(f"&L{table.note.replace('&', '&&')}&R&P / &N")
