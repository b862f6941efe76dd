"""What a simulated day is played on: the TPS, the contests, and the clock of their places."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterable
from typing import Final

import msgspec

from posko.reports.report import NUMBER_LIMIT, ContestKind

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

_ZONES: Final = {hours: datetime.timezone(datetime.timedelta(hours=hours)) for hours in range(7, 10)}


class Tps(msgspec.Struct, frozen=True, gc=False):
    """One TPS of the roster: its code, its DPT by sex, its hours east of UTC (7 WIB, 8 WITA, 9 WIT)."""

    code: str
    voters_l: int
    voters_p: int
    utc_offset: int

    @property
    def number(self) -> int:
        """The last three digits of the code."""
        return int(self.code[-3:])

    @property
    def ballots(self) -> int:
        """Ballots received per contest: DPT + 2.5 %, rounded up, within what a report may say."""
        return min(NUMBER_LIMIT, -(-(self.voters_l + self.voters_p) * 41 // 40))


class Contest(msgspec.Struct, frozen=True):
    """One ballot paper: its kind, the provinsi or kabkota that it elects for, its paslon numbers ascending."""

    kind: ContestKind
    region_code: str
    paslon: tuple[int, ...]


class Ground(msgspec.Struct, frozen=True):
    """One operation as the simulation sees it: what day, what is awaited, what is voted on."""

    operation: int
    voting_day: datetime.date
    milestones: frozenset[str]
    contests: tuple[Contest, ...]

    def contests_of(self, code: str) -> tuple[Contest, ...]:
        """The contests that are voted on at a place."""
        return tuple(c for c in self.contests if c.region_code in (code[:2], code[:5]))

    def midnight_ms(self, utc_offset: int) -> int:
        """When the voting day begins at a place, in milliseconds since 1970."""
        day = self.voting_day - datetime.date(1970, 1, 1)
        return day.days * DAY_MS - utc_offset * HOUR_MS


def moment(at_ms: int, utc_offset: int) -> datetime.datetime:
    """A moment as the clock of a place shows it."""
    return datetime.datetime.fromtimestamp(at_ms / 1000, tz=_ZONES[utc_offset])


def region_of(tps_code: str) -> str:
    """The kelurahan or desa of a TPS, also where a dusun lies between."""
    return tps_code[:13]


def draw(*parts: object) -> float:
    """A number in [0, 1) that depends on its parts only: what must not change with the rest of the roster."""
    return zlib.crc32("/".join(map(str, parts)).encode()) / 2**32


def by_region(roster: Iterable[Tps]) -> dict[str, list[int]]:
    """Positions in the roster by kelurahan."""
    found: dict[str, list[int]] = {}
    for position, tps in enumerate(roster):
        found.setdefault(region_of(tps.code), []).append(position)
    return found
