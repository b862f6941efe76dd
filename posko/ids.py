"""UUIDv7 of a clock and random bits that are handed in: a simulated day repeats, byte by byte."""

from __future__ import annotations

import uuid
from typing import Final

RANDOM_BITS: Final = 74
"""What a UUIDv7 has beside its clock, version and variant (RFC 9562, 5.7)."""


def uuid7(at_ms: int, random: int) -> uuid.UUID:
    """The UUIDv7 of a moment (milliseconds since 1970) and `RANDOM_BITS` random bits."""
    return uuid.UUID(
        int=(at_ms & (1 << 48) - 1) << 80 | 7 << 76 | (random >> 62 & 0xFFF) << 64 | 2 << 62 | random & (1 << 62) - 1
    )
