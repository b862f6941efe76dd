"""Finding a place by what people call it: its name, its code, the number of a TPS."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from posko import terms

HITS_LIMIT: Final = 20
QUERY_LIMIT: Final = 80
WORDS_LIMIT: Final = 6

_PART: Final = re.compile(r"[^\W\d_]+|[0-9]+")
_NUMBERS: Final = re.compile(r"[0-9][0-9 ./,-]*")
_NOISE: Final = frozenset({"tps", "no", "nomor", "kel", "kelurahan", "desa", "kec", "kecamatan"})
"""What people write before a name or number; in none of the names."""
_WIDTHS: Final = (2, 2, 2, 4)


class Asked(msgspec.Struct, frozen=True):
    """What somebody looks for: words of names, the number of a TPS, a code or how one begins below `within`."""

    words: tuple[str, ...] = ()
    number: int | None = None
    code: str | None = None
    within: str | None = None

    @property
    def is_nothing(self) -> bool:
        return not self.words and self.number is None and self.code is None


class Parent(msgspec.Struct, frozen=True):
    """A region that a place lies in."""

    code: str
    name: str


class Hit(msgspec.Struct, frozen=True):
    """A place that was found; parents from near to far, as far as the seat reaches."""

    code: str
    level: str
    name: str
    parents: list[Parent]


class Hits(msgspec.Struct, frozen=True):
    """At most 20 places, the best first; regions before TPS, higher ones first."""

    operation: int
    hits: list[Hit]


def understand(text: str) -> Asked:
    """`penjaringan 14`, `TPS 14 penjaringan`, `31.72.01.1001.014`, `3172011001014`, `31.72.01.1001/14`, `14`."""
    said = text.strip().lower()
    above, stroke, last = said.rpartition("/")
    if stroke and last.strip().isdecimal() and _NUMBERS.fullmatch(said) and 0 < int(last) <= 999:
        return msgspec.structs.replace(_of_numbers(re.findall(r"[0-9]+", above)), number=int(last))
    if _NUMBERS.fullmatch(said):
        return _of_numbers(re.findall(r"[0-9]+", said))
    words, number = [], None
    for part in _PART.findall(said):
        if part.isdecimal():
            number = int(part) if len(part) <= 3 and int(part) > 0 else number
        elif part not in _NOISE and len(part) > 1:
            words.append(part)
    return Asked(words=tuple(words[:WORDS_LIMIT]), number=number)


def _of_numbers(groups: list[str]) -> Asked:
    if len(groups) == 1 and len(groups[0]) <= 3 and int(groups[0]) > 0:
        # Two digits are a provinsi as well; nobody looks for that by its code.
        return Asked(number=int(groups[0]))
    if len(groups) == 1:
        groups = _split(groups[0])
    path, rest = [], list(groups)
    for width in _WIDTHS:
        if not rest or len(rest[0]) != width:
            break
        path.append(rest.pop(0))
    if len(path) == len(_WIDTHS) and len(rest) > 1 and len(rest[0]) == 2:
        path.append(rest.pop(0))  # a dusun
    if not path:
        return Asked()
    within = ".".join(path)
    if not rest:
        return Asked(code=within, within=".".join(path[:-1]) or terms.NATION)
    if len(path) >= len(_WIDTHS) and len(rest[0]) <= 3:
        return Asked(code=f"{within}.{int(rest[0]):03}", within=within)
    return Asked(code=f"{within}.{rest[0]}", within=within)


def _split(digits: str) -> list[str]:
    """A code that was written in one: by its widths, then a dusun's two where five digits are left, then a TPS'."""
    groups = []
    for width in _WIDTHS:
        groups.append(digits[:width])
        digits = digits[width:]
    if len(digits) == 5:
        groups.append(digits[:2])
        digits = digits[2:]
    return [group for group in [*groups, digits] if group]
