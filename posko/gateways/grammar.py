"""What a text says: statements, each about a TPS, in the words of an operation. Pure.

    [TPS] 31.72.01.1001/014 BUKA 0705; HADIR 60/62

A TPS is forgiven O for 0, I and l for 1, and spaces between its parts, never a digit. What is not understood is refused
whole, by its own words: nothing is guessed by closeness.
"""

from __future__ import annotations

import datetime
import re
from typing import Final

import msgspec

from posko.gateways.words import Meaning, Phrase, Words, fold

TEXT_LIMIT: Final = 1600
"""Characters of one text: ten joined SMS."""
STATEMENTS_LIMIT: Final = 10

_DIGITS: Final = str.maketrans("OoIil|", "001111")
_SEPARATED: Final = re.compile(r"[;\r\n\u2028\u2029]+")
_CODE_LIKE: Final = re.compile(r"[OoIil|./-]*[0-9][0-9OoIil|./-]*[.,:]?")
_GAP: Final = r"[. -]{0,2}"
# Only a stroke may stand before less than three digits: `1001.07.05` and `1001 7.05` are a kelurahan and a time.
_CODE: Final = re.compile(
    rf"(\d\d){_GAP}(\d\d){_GAP}(\d\d){_GAP}(\d{{4}})(?:{_GAP}(\d\d))?(?:[. -]?(\d{{3}})|/(\d{{1,3}}))", re.ASCII
)
_TIME: Final = re.compile(r"([0-9]{2})([0-9]{2})|([0-9]{1,2})[:.]([0-9]{2})")
_ZONES: Final = {"WIB": 7, "WITA": 8, "WIT": 9}
_SAYS_TIME: Final = frozenset({"JAM", "PUKUI", "PKI"})
"""`JAM`, `PUKUL`, `PKL`, folded."""
_YESTERDAY_AFTER: Final = datetime.timedelta(hours=12)


class NotUnderstood(Exception):
    """A part of a text that says nothing here: the words as they were written, and what to write instead."""

    def __init__(self, part: str, hint: str = "") -> None:
        super().__init__(part)
        self.part = part
        self.hint = hint


class Where(msgspec.Struct, frozen=True):
    """A TPS as a text names it: by its code, by its number alone, or by what is neither."""

    said: str
    code: str | None = None
    number: int | None = None


class Line(msgspec.Struct, frozen=True):
    """One statement of a text; `where` None: it names no TPS, and neither did one before it."""

    said: str
    where: Where | None
    words: tuple[str, ...]


def lines(text: str) -> list[Line]:
    """The statements of a text, apart by `;` or lines; one without a TPS is about the TPS of the one before it."""
    found: list[Line] = []
    where = None
    for said in filter(None, (" ".join(part.split()) for part in _SEPARATED.split(text))):
        named, words = _where(said)
        where = named or where
        found.append(Line(said, where, words))
    return found


def _where(said: str) -> tuple[Where | None, tuple[str, ...]]:
    words = tuple(re.sub(r"^(tps)[.:]?(?=[0-9/])", r"\1 ", re.sub(r" */ *", "/", said), flags=re.IGNORECASE).split())
    says_tps = fold(words[0]) == "TPS"
    start = end = int(says_tps)
    while end < len(words) and _CODE_LIKE.fullmatch(words[end]):
        end += 1
    if start == end:
        return None, words[start:] or words
    named = " ".join(words[:end])
    digits = " ".join(words[start:end]).rstrip(".,:").translate(_DIGITS)
    if code := _CODE.fullmatch(digits):
        *region, dotted, stroked = code.groups()
        return Where(named, ".".join([*filter(None, region), (dotted or stroked).zfill(3)])), words[end:]
    if says_tps and re.fullmatch(r"[0-9]{1,3}", digits):
        return Where(named, number=int(digits)), words[end:]
    return Where(named), words[end:]


class Head(msgspec.Struct, frozen=True):
    """What a statement begins with, and the words that follow it."""

    meaning: Meaning
    said: str
    rest: tuple[str, ...]


def head(words: tuple[str, ...], known: Words) -> Head:
    """The phrase that words begin with. Raises NotUnderstood."""
    text = " ".join(words)
    if not words:
        raise NotUnderstood(text, "isi laporan?")
    if not fold(words[0]) and "?" in words[0]:
        return Head(Meaning("help"), words[0], words[1:])
    found = known.read(_folds(words))
    if found is None:
        raise NotUnderstood(text)
    meaning, length = found
    if meaning.kind == "ask":
        raise NotUnderstood(text, meaning.about)
    return Head(meaning, " ".join(words[:length]), words[length:])


def _folds(words: tuple[str, ...]) -> Phrase:
    return tuple(map(fold, words))


def number(word: str) -> int | None:
    """A whole number of at most four digits, O for 0 and I for 1 forgiven where a digit stands beside."""
    digits = word.strip(".,:")
    if len(digits) > 4 or not re.fullmatch(r"[0-9OoIil|]*[0-9][0-9OoIil|]*", digits):
        return None
    return int(digits.translate(_DIGITS))


class Clock(msgspec.Struct, frozen=True):
    """When a text was sent, and how many hours east of UTC the TPS is."""

    sent_at: datetime.datetime
    utc_offset: int

    def read(self, words: tuple[str, ...]) -> tuple[datetime.datetime, tuple[str, ...]]:
        """The moment that words begin with and what follows; when they begin with none, when the text was sent.

        Of the day on which it was sent, at the TPS; of the day before if it would lie over twelve hours ahead.
        """
        rest = words[1:] if words and fold(words[0]) in _SAYS_TIME else words
        time = _time(rest[0]) if rest else None
        if time is None:
            return self.sent_at, words
        rest = rest[1:]
        zone = datetime.timezone(datetime.timedelta(hours=self.utc_offset))
        if rest and rest[0].upper() in _ZONES:
            if _ZONES[rest[0].upper()] != self.utc_offset:
                raise NotUnderstood(rest[0], "tulis jam setempat")
            rest = rest[1:]
        moment = datetime.datetime.combine(self.sent_at.astimezone(zone).date(), time, zone)
        if moment > self.sent_at + _YESTERDAY_AFTER:
            moment -= datetime.timedelta(days=1)
        return moment, rest


def _time(word: str) -> datetime.time | None:
    found = _TIME.fullmatch(word.strip(",").rstrip(".").translate(_DIGITS))
    if found is None:
        return None
    hour, minute = (int(part) for part in found.groups() if part is not None)
    return datetime.time(hour, minute) if hour < 24 and minute < 60 else None
