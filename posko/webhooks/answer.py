"""What became of one attempt to deliver: safe to store, whatever the other side sent."""

from __future__ import annotations

import codecs
import datetime
import re
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from posko import terms
from posko.webhooks.failure import Failure

HEAD_BYTES: Final = 2048
"""Of an answer, what is kept."""
RETRY_AFTER_LIMIT_S: Final = 86_400.0

_HIDDEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_SECONDS: Final = re.compile(r"[0-9]+")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is null when none came; `error` is null when the answer is whole (or cut by us at its limit)."""

    status: int | None = None
    error: Failure | None = None
    detail: str = ""
    """The error in words, at most 200 characters, for whoever keeps the endpoint."""
    milliseconds: int = 0
    address: str | None = None
    """The last address that was spoken to, or tried."""
    head: str = ""
    """The first 2 KiB of the answer; empty if it was compressed."""
    retry_after_s: float | None = None
    """What Retry-After asks for: 0 to a day."""

    @property
    def is_taken(self) -> bool:
        """Whether the other side has it: 2xx, and the answer came whole."""
        return self.error is None and self.status is not None and 200 <= self.status < 300


def safe_text(body: bytes) -> str:
    """The first 2 KiB as text that a database and a screen can take: no controls, no bidi, no NIK."""
    # Incremental: what is cut in the middle of a letter is not there, instead of garbled.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(body[:HEAD_BYTES])
    return terms.without_nik(_HIDDEN.sub("\N{REPLACEMENT CHARACTER}", text))


def retry_after_s(asked: str | None, date: str | None, now_s: float) -> float | None:
    """Seconds that a Retry-After asks for; a moment is measured from their own Date if they say one, else from
    `now_s` (Unix seconds). None for what is neither seconds nor a date."""
    text = (asked or "").strip()
    if _SECONDS.fullmatch(text):
        # Beyond six digits it is over the limit anyway, and int() refuses thousands of them.
        return min(float(text[-6:]) if not text[:-6].strip("0") else RETRY_AFTER_LIMIT_S, RETRY_AFTER_LIMIT_S)
    until = _moment(text)
    if until is None:
        return None
    base = _moment(date or "")
    return min(max(until - (now_s if base is None else base), 0.0), RETRY_AFTER_LIMIT_S)


def _moment(text: str) -> float | None:
    if not text or len(text) > 64 or not text.isascii():
        return None
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=found.tzinfo or datetime.UTC).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        # The parser of the standard library raises all four on what is no date.
        return None
