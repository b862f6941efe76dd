"""The photo: what is kept of one, which files are photos, and which sizes there are of it."""

from __future__ import annotations

import datetime
import uuid
from typing import Final, Generic, Literal, TypeAlias, TypeVar

import msgspec

from posko.accounts.account import EVERYONE

PIXELS_LIMIT: Final = 40_000_000
SHOWN_PIXELS: Final = 1600
"""Longest side of the copy that is shown."""
THUMBNAIL_PIXELS: Final = 320

OPENS_ORIGINALS: Final = EVERYONE & {"supervisor", "admin", "auditor"}

Kind: TypeAlias = Literal["jpeg", "png", "webp", "heic"]
Size: TypeAlias = Literal["shown", "thumbnail"]
Copy: TypeAlias = Literal["original", "shown", "thumbnail"]
COPIES: Final[tuple[Copy, ...]] = ("original", "shown", "thumbnail")
MEDIA_TYPE: Final = "image/jpeg"
"""Of what is shown, whatever was sent."""

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})


class Kept(msgspec.Struct, frozen=True):
    """A photo that is in the store; width and height in pixels, as it is held upright."""

    sha256: str
    bytes: int
    width: int
    height: int
    kept_at: datetime.datetime


class Photo(msgspec.Struct, frozen=True):
    """A photo that a report promises: `promised` until it has come, then `kept`, one day `forgotten`.

    `report` promised it: the report itself, or one that it corrects.
    """

    report: uuid.UUID
    sha256: str
    bytes: int
    state: Literal["promised", "kept", "forgotten"]
    kind: Kind | None
    width: int | None
    height: int | None
    kept_at: datetime.datetime | None
    by: str | None


class Decoded(msgspec.Struct, frozen=True):
    """What the decoder made: the size of the photo held upright, and two JPEGs that hold nothing but pixels."""

    width: int
    height: int
    shown: bytes
    thumbnail: bytes


KeptT = TypeVar("KeptT")


class Promise(msgspec.Struct, Generic[KeptT], frozen=True):
    """A promise as whoever sends the photo (or voice note) finds it; `restricts` as in a report."""

    report_id: uuid.UUID
    sha256: str
    operation: int
    place: str
    restricts: int | None
    bytes: int
    may_send: bool
    is_open: bool
    is_gone: bool
    kept: KeptT | None


def kind_of(data: bytes) -> Kind | None:
    """What the first bytes say that a file is; None: no photo that is taken here."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "heic"
    return None


def seal_context(object_key: str, copy: Copy) -> str:
    """What a sealed copy is sealed for: under another name in the store it does not open."""
    return f"photo {object_key} {copy}"
