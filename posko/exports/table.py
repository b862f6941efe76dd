"""A table to be taken along: what it is of, when and in which version it was so, its columns and rows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from posko import terms
from posko.exports.words import Words
from posko.tables import csv_line

ROWS_LIMIT: Final = 50_000
"""Rows of one file; the TPS of the largest provinsi are more, and are taken by its regions."""
CELL_LIMIT: Final = 32_767
"""Letters that a cell of a workbook holds."""

What: TypeAlias = Literal[
    "rekap",
    "tps",
    "incident-reports",
    "flags",
    "flag-history",
    "incidents",
    "alarms",
    "directive-targets",
    "directive-compliance",
    "desks",
    "cells",
    "curves",
]
Cell: TypeAlias = str | int | float | None


class Column(msgspec.Struct, frozen=True):
    """`share` is a part of one, written as percent; a text is never taken for a number or a formula."""

    label: str
    kind: Literal["text", "number", "share"] = "text"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`title` and `about` say what it is of; `note` what must not be forgotten: that votes are not official."""

    what: What
    operation: int
    operation_name: str
    is_drill: bool
    code: str
    place_name: str
    version: int
    at: datetime.datetime
    title: str
    about: str
    note: str
    clock: datetime.datetime | None
    """Of a drill where ages are shown: the hour that they hold at."""
    columns: list[Column]
    rows: Sequence[Sequence[Cell]]

    def file_name(self, words: Words) -> str:
        """In the language of who takes it along, without its ending; letters that every file system takes."""
        drill = "latihan-" if self.is_drill else ""
        subject = re.sub(r"[^0-9A-Za-z]+", "-", f"{words.say(f'export.file.{self.what}')}-{self.code}").strip("-")
        return f"posko-{drill}{self.operation}-{subject}-v{self.version}"


def written(moment: datetime.datetime | None, code: str) -> str:
    """A moment by the clock of a place, with the name of its zone: `2024-11-27 07:03:00 WIB`."""
    if moment is None:
        return ""
    offset = terms.utc_offset_of(code)
    there = moment.astimezone(datetime.timezone(datetime.timedelta(hours=offset)))
    return f"{there:%Y-%m-%d %H:%M:%S} {terms.ZONE_NAMES[offset]}"


def facts(table: Table, words: Words) -> list[tuple[str, str]]:
    """What the file says of itself, label by label."""
    drill = f" ({words.say('operation.drill')})" if table.is_drill else ""
    found = [
        (words.say("operation.label"), f"{table.operation_name}{drill}"),
        (words.say("export.region"), f"{table.place_name} ({table.code})"),
        (words.say("export.about"), table.about),
        (words.say("export.version"), str(table.version)),
        (words.say("export.at"), written(table.at, table.code)),
        (words.say("export.rows"), str(len(table.rows))),
    ]
    found += [(words.say("export.clock"), written(table.clock, table.code))] if table.clock else []
    return [*found, (words.say("export.note"), table.note)] if table.note else found


def csv_lines(table: Table, words: Words) -> Iterator[str]:
    """The table as CSV. A row goes nowhere without what it is of: that stands at the end of each."""
    said = dict(facts(table, words))
    said.pop(words.say("export.rows"))
    yield csv_line([*(column.label for column in table.columns), *said])
    tail = list(said.values())
    for row in table.rows:
        yield csv_line([*map(_plain, row), *tail])


def _plain(cell: Cell) -> Cell:
    return round(cell, 4) if isinstance(cell, float) else cell
