"""Contacts: who is told at the desk of a region, by which channel. A function with an address, no person by name."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms
from posko.errors import FieldError, Invalid

EMAIL: Final = "email"
REGION_PATTERN: Final = terms.CODE_PATTERN.replace("([.][0-9]{3})?", "")
"""A region's code; a TPS has no desk."""

_EMAIL = re.compile(
    r"(?=.{6,254}\Z)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_ANY = re.compile(r"[!-~]{3,254}")
_OTHER: Final = (_ANY, "3 to 254 printable characters without a space")
_RULES: Final = {
    EMAIL: (_EMAIL, "an address such as posko@pemkot.example.id"),
    "sms": (_PHONE, "a number such as +6281234567890"),
    "whatsapp": (_PHONE, "a number such as +6281234567890"),
}

Channel: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,30}$(?!\n)")]
Region: TypeAlias = Annotated[str, Meta(pattern=REGION_PATTERN)]


def is_address(channel: str, address: str) -> bool:
    """Whether somebody can be told there, as far as its form says."""
    pattern, _ = _RULES.get(channel, _OTHER)
    return pattern.fullmatch(address) is not None and (channel != EMAIL or ".." not in address)


class ContactIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to be told: at which desk, by `channel` (email, sms, whatsapp, or what a plugged gateway is called)."""

    region: Region
    channel: Channel
    address: Annotated[str, Meta(min_length=3, max_length=254)]
    label: Annotated[
        str,
        Meta(min_length=1, max_length=120, pattern=terms.LINE_PATTERN),
    ]
    """Which function it is, such as `Kabag Ops`."""
    operation: Annotated[int, Meta(ge=1, le=2_147_483_647)] | None = None
    cleared: bool = False
    """May be told what a restricted incident is about; others are told only that there is one."""

    def check(self) -> None:
        """Invalid when the address is none of its channel, or something holds a NIK."""
        errors = []
        if not is_address(self.channel, self.address):
            wanted = _RULES.get(self.channel, _OTHER)[1]
            errors.append(FieldError("$.address", "address", f"by {self.channel} one is told at {wanted}"))
        for name in ("address", "label"):
            if terms.holds_nik(getattr(self, name)):
                errors.append(FieldError(f"$.{name}", "no-nik", terms.NO_NIK))
        if errors:
            raise Invalid(errors[0].message, errors=errors)


class Contact(msgspec.Struct, frozen=True):
    """Who is told; `operation` null is every one, `added_by` null the owner at the command line."""

    id: int
    operation: int | None
    region: str
    channel: str
    address: str
    label: str
    cleared: bool
    added_by: str | None
    added_at: datetime.datetime
