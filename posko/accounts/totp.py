"""Codes of an authenticator app: RFC 6238 with SHA-1, six digits and steps of 30 s, which is what every app knows."""

from __future__ import annotations

import datetime
import hmac
import re
from typing import Final

import pyotp

ISSUER: Final = "posko"
STEP_S: Final = 30
WINDOW_STEPS: Final = 1
"""Steps that a phone's clock may be early or late."""

_SECRET_CHARACTERS: Final = 32
"""Base32: 160 bits, the length of a SHA-1 key in RFC 4226."""
_CODE: Final = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """160 random bits as 32 base32 characters; store them sealed."""
    return pyotp.random_base32(_SECRET_CHARACTERS)


def uri(secret: str, username: str) -> str:
    """The `otpauth://` address that an app reads from a QR code."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=username, issuer_name=ISSUER)


def match(secret: str, code: str, *, at: datetime.datetime, last_step: int | None) -> int | None:
    """The step that the code belongs to, or None if it is wrong, too old, or not after `last_step`.

    `at` has a time zone. Store the answer as the next `last_step`, in one statement that refuses a smaller or equal
    one: two requests may bring the same code at the same time.
    """
    if not _CODE.fullmatch(code):
        return None
    generator = pyotp.TOTP(secret, interval=STEP_S)
    now = int(at.timestamp()) // STEP_S
    # Every step is compared, so that the time taken does not say which matched; the latest burns the most codes.
    matching = [
        step
        for step in range(max(0, now - WINDOW_STEPS), now + WINDOW_STEPS + 1)
        if hmac.compare_digest(generator.generate_otp(step), code)
    ]
    if not matching or (last_step is not None and matching[-1] <= last_step):
        return None
    return matching[-1]
