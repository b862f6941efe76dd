"""XLSX workbooks as their owners save them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter


def workbook(*rows: Sequence[Any], fill: Callable[[Any], None] = lambda page: None, sheets: int = 1) -> bytes:
    """A workbook whose first sheet has these rows, and what `fill` writes; the other sheets say something else."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        first, *others = (book.add_worksheet() for _ in range(sheets))
        for number, row in enumerate(rows):
            first.write_row(number, 0, row)
        fill(first)
        for other in others:
            other.write(0, 0, "lain")
    return made.getvalue()
