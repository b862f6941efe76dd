"""The voice note: what is kept of the one that a report may promise. It is never decoded."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

VoiceKind: TypeAlias = Literal["webm", "mp4"]
MEDIA_TYPES: Final[Mapping[VoiceKind, str]] = {"webm": "audio/webm", "mp4": "audio/mp4"}


class KeptVoice(msgspec.Struct, frozen=True):
    """A voice note that is in the store."""

    sha256: str
    bytes: int
    kept_at: datetime.datetime


class Voice(msgspec.Struct, frozen=True):
    """The voice note that a report promises: `promised` until it has come, then `kept`, one day `forgotten`.

    `seconds` is what its recorder said.
    """

    sha256: str
    bytes: int
    seconds: int
    state: Literal["promised", "kept", "forgotten"]
    kind: VoiceKind | None
    kept_at: datetime.datetime | None
    by: str | None
