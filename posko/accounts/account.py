"""The account: who someone is, what their role may do, and where."""

from __future__ import annotations

import datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms
from posko.errors import NotAllowed, PlaceUnknown

Role: TypeAlias = Literal["petugas", "operator", "supervisor", "admin", "auditor", "wall", "system"]

FILES_REPORTS: Final = frozenset({"petugas", "operator", "supervisor", "admin", "system"})
CLEARS_FLAGS: Final = frozenset({"supervisor", "admin"})
OPENS_RECORDS: Final = frozenset({"petugas", "operator", "supervisor", "admin", "auditor", "system"})
"""A wall shows rollups and opens nothing."""

USERNAME_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{1,62}$"
Password: TypeAlias = Annotated[str, Meta(min_length=1, max_length=256)]


class Account(msgspec.Struct, frozen=True):
    """One person's account; `scope` is the region code at and below which it may see and act."""

    id: int
    username: str
    full_name: str
    role: Role
    scope: str
    disabled_at: datetime.datetime | None = None


class Viewer(msgspec.Struct, frozen=True):
    """Whoever asks: a signed-in account in one session."""

    account_id: int
    username: str
    role: str
    scope: str
    session_id: int

    def can_see(self, code: str) -> bool:
        return terms.contains(self.scope, code)

    def require_scope(self, code: str) -> None:
        """What is out of scope answers as what does not exist."""
        if not terms.is_code(code) or not self.can_see(code):
            raise PlaceUnknown(f"there is no {code} here")

    def require_role(self, allowed: frozenset[str]) -> None:
        if self.role not in allowed:
            raise NotAllowed(f"the role {self.role} may not do this")


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name and password."""

    username: Annotated[str, Meta(min_length=1, max_length=63)]
    password: Password


class Session(msgspec.Struct, frozen=True):
    """A fresh session: the token is shown this once and stored only as its hash."""

    token: str
    expires_at: datetime.datetime
    account: Account
