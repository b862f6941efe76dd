"""Shared words: region codes, levels, time zones. Codes are paths, so ancestry and scope are prefixes."""

from __future__ import annotations

import datetime
import enum
import re
from collections.abc import Iterator
from typing import Final

from posko.errors import broken

NATION: Final = "ID"
"""Code of the whole nation: the one code that is not a dotted path."""

CODE_PATTERN: Final = (
    r"^(ID|[0-9]{2}([.][0-9]{2}){0,2}|[0-9]{2}[.][0-9]{2}[.][0-9]{2}[.][0-9]{4}([.][0-9]{2})?([.][0-9]{3})?)$(?!\n)"
)
"""Kemendagri code `PP.KK.CC.DDDD`, then optionally a dusun of two digits, then optionally a TPS of three.

`$` alone would let a newline pass."""

_CODE = re.compile(CODE_PATTERN)

_SPACES: Final = r" \u00a0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_TURNING: Final = r"\u202a-\u202e\u2066-\u2069"
"""Marks that nobody sees and that turn the direction of writing: with them `abc` is shown as `cba`."""
_UNSEEN: Final = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f" + _TURNING
_NOT_OF_LINES: Final = r"\u0000-\u001f\u007f-\u009f" + _TURNING

TEXT_PATTERN: Final = rf"^[\t\n\r\u0085{_SPACES}]*[^\t\n\r\u0085{_SPACES}{_UNSEEN}][^{_UNSEEN}]*$"
"""Says something, and has no character that nobody sees; errors.field_error says so to people.

Lines and tabs may be in it, and what joins emoji."""
LINE_PATTERN: Final = rf"^[{_SPACES}]*[^{_SPACES}{_NOT_OF_LINES}][^{_NOT_OF_LINES}]*$(?!\n)"
"""The same in one line, without tabs."""

_unseen = re.compile(f"[{_UNSEEN}]")


class Level(enum.IntEnum):
    """Depth in the tree; `kelurahan` covers desa, `kabkota` both kabupaten and kota."""

    nasional = 0
    provinsi = 1
    kabkota = 2
    kecamatan = 3
    kelurahan = 4
    dusun = 5
    tps = 6


_BY_COMPONENTS: Final = {1: Level.provinsi, 2: Level.kabkota, 3: Level.kecamatan, 4: Level.kelurahan}


def is_code(code: str) -> bool:
    """Whether the text has the form of a region or TPS code."""
    return _CODE.match(code) is not None


def level_of(code: str) -> Level:
    """The level that a well-formed code stands for."""
    if code == NATION:
        return Level.nasional
    components = code.split(".")
    if len(components) > 4:
        return Level.tps if len(components[-1]) == 3 else Level.dusun
    return _BY_COMPONENTS[len(components)]


def contains(scope: str, code: str) -> bool:
    """Whether `code` is `scope` itself or lies below it: `31.7` is no ancestor of `31.72`."""
    return scope == NATION or code == scope or code.startswith(scope + ".")


def ancestors(code: str) -> Iterator[str]:
    """The codes from `code` itself up to the nation, leaf first."""
    if code != NATION:
        while True:
            yield code
            code, dot, _ = code.rpartition(".")
            if not dot:
                break
    yield NATION


NO_NIK: Final = "write no NIK (sixteen digits): it is kept nowhere"
_NIK = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")


def holds_nik(text: str) -> bool:
    """Whether a text has sixteen digits in a row: a NIK, which is kept nowhere."""
    return _NIK.search(text) is not None


def refuse_nik(path: str, text: str) -> None:
    """Invalid when a text holds a NIK."""
    if holds_nik(text):
        raise broken(path, "no-nik", NO_NIK)


EARLIEST: Final = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
LATEST: Final = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)


def require_years(path: str, moment: datetime.datetime) -> None:
    """Invalid for a moment outside 2000 to 2100: far ones overflow in one program or another."""
    if not EARLIEST <= moment < LATEST:
        raise broken(path, "year-range", "must lie between 2000 and 2100")


def aware(path: str, moment: datetime.datetime | None) -> datetime.datetime | None:
    """A moment that was asked for, within the years that there are; one without an offset is of UTC."""
    if moment is None:
        return None
    known = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    require_years(path, known)
    return known


def without_nul(text: str | None) -> str | None:
    """Words that are looked for: the database holds no NUL, so nothing is found by one."""
    return None if text is None else text.replace("\x00", " ")


def without_unseen(text: str) -> str:
    """A text without what TEXT_PATTERN refuses: who wrote it cannot be asked again."""
    return _unseen.sub("", text)


def is_of_one_line(text: str) -> bool:
    """Whether a cell of a list has no character that LINE_PATTERN refuses."""
    return _not_of_lines.search(text) is None


_not_of_lines = re.compile(f"[{_NOT_OF_LINES}]")

_WITA: Final = frozenset({"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"})
_WIT: Final = frozenset({"81", "82", "91", "92", "93", "94", "95", "96"})
ZONE_NAMES: Final = {7: "WIB", 8: "WITA", 9: "WIT"}


def utc_offset_of(code: str) -> int:
    """Hours east of UTC at a region, by its provinsi: 7 WIB, 8 WITA, 9 WIT (Keppres 41/1987)."""
    provinsi = code[:2]
    return 8 if provinsi in _WITA else 9 if provinsi in _WIT else 7


def without_nik(text: str) -> str:
    """A text that others wrote, with a `#` for each digit of what holds_nik looks for."""
    return _NIK.sub("#" * 16, text)
