"""The cells of a region's grid: every TPS in a few characters, and what became of them. Pure: no I/O, no clock.

A board is kept by a process for everybody who looks at the same region: it is read once and brought on by what changed.
"""

from __future__ import annotations

import datetime
import gzip
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, takewhile
from operator import itemgetter
from typing import Any, Final

import msgspec

TPS_LIMIT: Final = 80_000
"""Most TPS in one grid: every provinsi has fewer (Jawa Barat 73,862), the nation has 435,296."""
ZIPPED_FROM_BYTES: Final = 1024
_REST: Final = 4
"""Characters of a cell behind those of its milestones."""
_PARTS: Final = 6
"""Counters of a milestone: reached, late, not_possible, unreachable, overdue, excused."""
_WEIGHTS: Final = (1, 1, 3, 4, 5, 6)
"""Who is late has reached it, too: 1 + 1. Of the others a TPS has at most one."""
_WEIGH: Final = tuple(bytes.maketrans(b"01", bytes((0, weight))) for weight in _WEIGHTS)
_DIGITS: Final = bytes.maketrans(bytes(range(10)), b"0123456789")


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """Every TPS at and below a region in code order, at one version.

    `names` are the regions by code; `tps` the numbers of the TPS in each of the lowest, as ranges (`1-14,16`), in code
    order. Each TPS has `width` characters of `cells`: a digit for each of `milestones` (0 nothing said, 1 reached,
    2 late, 3 not possible, 4 unreachable, 5 overdue, 6 excused), the gravest open incident (0, 1 rendah to 4 kritis),
    open incidents, flags (0 to z; z is 35 or more), and a digit that adds up 1 covered, 2 unreachable, 4 seal broken.
    `at` is when this version was read, `last` when a TPS' last report was received, by the operation's clock, in
    seconds after `epoch`.
    `grades` is a digit each: 0 none, 1 kurang_rawan, 2 rawan, 3 sangat_rawan, 4 khusus; `indicators` two hexadecimal
    digits each, a bit for each of hak_pilih, keamanan, kampanye, netralitas, logistik, lokasi, listrik_internet,
    riwayat_psu, the lowest first.
    """

    operation: int
    code: str
    version: int
    layout: int
    at: datetime.datetime
    tps_estimated: bool
    milestones: list[str]
    width: int
    count: int
    epoch: datetime.datetime
    names: dict[str, str]
    tps: dict[str, str]
    grades: str
    indicators: str
    cells: str
    last: list[int | None]


class CellChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The whole cells that changed after version `from`, up to `to`; `index` counts TPS from 0 in their order.

    Another `count` than yours: there are other TPS, take the cells anew.
    """

    operation: int
    since: int = msgspec.field(name="from")
    to: int
    layout: int
    at: datetime.datetime
    count: int
    index: list[int]
    cells: str
    last: list[int | None]


class Places(msgspec.Struct, frozen=True):
    """What stands still in a grid: regions by code, TPS in code order with their grades and indicators as in Cells."""

    names: dict[str, str]
    tps: list[str]
    grades: str
    indicators: str


class States(msgspec.Struct, frozen=True):
    """How TPS stood at `version`, in columns; `milestones` as counters, a digit each, without the last zeros."""

    version: int
    layout: int
    at: datetime.datetime
    codes: Sequence[str]
    versions: Sequence[int]
    milestones: Sequence[str]
    rests: Sequence[str]
    last_at: Sequence[int | None]


class Frame(msgspec.Struct, frozen=True):
    """What a board is of, and does not change while its layout stands."""

    operation: int
    code: str
    tps_estimated: bool
    voting_day: datetime.date
    milestones: list[str]


class Encoded(msgspec.Struct, frozen=True):
    """One answer, ready to be sent; `zipped` None: too short to be worth it."""

    plain: bytes
    zipped: bytes | None


class Board:
    """The cells of one region of one operation, as of the last reading."""

    def __init__(self, frame: Frame, places: Places, states: States) -> None:
        self.frame = frame
        self._places = places
        self.width = len(frame.milestones) + _REST
        self._epoch = datetime.datetime.combine(frame.voting_day, datetime.time(), datetime.UTC)
        self._epoch_s = int(self._epoch.timestamp())
        self._index = {code: i for i, code in enumerate(places.tps)}
        self._cells = ["0" * self.width] * len(places.tps)
        self._last: list[int | None] = [None] * len(places.tps)
        self._changed: dict[int, int] = {}
        """Version of each cell by its index, the oldest first."""
        self.layout, self.version, self.at = states.layout, states.version, states.at
        self._take(states)

    @property
    def count(self) -> int:
        """TPS in it."""
        return len(self._places.tps)

    def continues(self, states: States) -> bool:
        """Whether states carry on from this board; else it is read whole: another layout or TPS, an older database."""
        return (
            states.layout == self.layout
            and states.version >= self.version
            and all(code in self._index for code in states.codes)
        )

    def apply(self, states: States) -> None:
        """Takes what changed after this board's version."""
        self.version, self.at = states.version, states.at
        self._take(states)

    def _take(self, states: States) -> None:
        digits = _digits(states.milestones, len(self.frame.milestones))
        size = len(self.frame.milestones)
        for at in sorted(range(len(states.codes)), key=states.versions.__getitem__):
            i, last = self._index[states.codes[at]], states.last_at[at]
            self._cells[i] = digits[at * size : (at + 1) * size] + states.rests[at]
            self._last[i] = None if last is None else last - self._epoch_s
            self._changed.pop(i, None)
            self._changed[i] = states.versions[at]

    def is_long(self, since: int, cells: int) -> bool:
        """Whether more cells than this changed after a version."""
        return next(islice(reversed(self._changed.values()), cells, None), -1) > since

    def lines(self) -> Iterator[tuple[str, str, int | None]]:
        """The TPS one by one: code, cell, when it was heard of last in seconds since 1970."""
        for code, cell, last in zip(self._places.tps, self._cells, self._last, strict=True):
            yield code, cell, None if last is None else last + self._epoch_s

    def snapshot(self) -> Encoded:
        """All cells."""
        return _encoded(
            Cells(
                operation=self.frame.operation,
                code=self.frame.code,
                version=self.version,
                layout=self.layout,
                at=self.at,
                tps_estimated=self.frame.tps_estimated,
                milestones=self.frame.milestones,
                width=self.width,
                count=self.count,
                epoch=self._epoch,
                names=self._places.names,
                tps={parent: _ranges(numbers) for parent, numbers in _by_parent(self._places.tps)},
                grades=self._places.grades,
                indicators=self._places.indicators,
                cells="".join(self._cells),
                last=self._last,
            )
        )

    def changes(self, since: int) -> Encoded:
        """The cells that changed after a version that is not past the board's own."""
        newer = takewhile(lambda pair: pair[1] > since, reversed(self._changed.items()))
        index = sorted(i for i, _ in newer)
        return _encoded(
            CellChanges(
                operation=self.frame.operation,
                since=since,
                to=self.version,
                layout=self.layout,
                at=self.at,
                count=self.count,
                index=index,
                cells="".join(self._cells[i] for i in index),
                last=[self._last[i] for i in index],
            )
        )


def _digits(counters: Sequence[str], milestones: int) -> str:
    """The digits of all milestones of all TPS in a row, out of their counters as the database strings them together."""
    width = milestones * _PARTS
    columns = "".join(c.ljust(width, "0") for c in counters).encode()
    # All cells in one addition, a byte each: none goes over 9, so nothing is carried into its neighbour.
    total = sum(int.from_bytes(columns[part::_PARTS].translate(_WEIGH[part])) for part in range(_PARTS))
    return total.to_bytes(len(counters) * milestones).translate(_DIGITS).decode()


def _by_parent(codes: Iterable[str]) -> Iterable[tuple[str, list[int]]]:
    for parent, group in groupby((code.rpartition(".") for code in codes), key=itemgetter(0)):
        yield parent, [int(number) for _, _, number in group]


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as ranges: `1-14,16`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)


def _encoded(said: Any) -> Encoded:
    plain = msgspec.json.encode(said)
    return Encoded(plain, gzip.compress(plain, 1, mtime=0) if len(plain) >= ZIPPED_FROM_BYTES else None)
