"""Accounts, seats and viewers: who someone is, and what they may do where."""

from __future__ import annotations

import datetime
import functools
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms
from posko.db import Reach
from posko.errors import NotAllowed, OperationUnknown, PlaceUnknown

Role: TypeAlias = Literal["petugas", "operator", "supervisor", "admin", "auditor", "wall", "system"]
Factor: TypeAlias = Literal["password", "totp", "passkey", "device", "key"]
AccountKind: TypeAlias = Literal["person", "system", "break_glass"]

EVERYONE: Final = frozenset({"petugas", "operator", "supervisor", "admin", "auditor", "wall", "system"})
FILES_REPORTS: Final = frozenset({"petugas", "operator", "supervisor", "admin", "system"})
FILES_ON_BEHALF: Final = FILES_REPORTS - {"petugas"}
CLEARS_FLAGS: Final = frozenset({"supervisor", "admin"})
OPENS_RECORDS: Final = EVERYONE - {"wall"}
"""A wall shows rollups and opens nothing."""
ACTS: Final = FILES_ON_BEHALF
"""Does something about incidents and alarms."""
SUPERVISES: Final = frozenset({"supervisor", "admin"})
SETS_CLOCK: Final = SUPERVISES | {"system"}
KEEPS_ACCOUNTS: Final = frozenset({"admin"})
SEES_ACCOUNTS: Final = frozenset({"admin", "supervisor", "auditor"})
ASKS_APPROVAL: Final = frozenset({"operator", "supervisor", "admin", "auditor"})
APPROVES: Final = frozenset({"supervisor", "admin"})
KEEPS_DESK: Final = frozenset({"operator", "supervisor"})
SEES_DESK: Final = KEEPS_DESK | {"admin", "auditor"}

SECOND_FACTOR: Final[dict[str, Literal["totp", "passkey"]]] = {
    "operator": "totp",
    "auditor": "totp",
    "supervisor": "passkey",
    "admin": "passkey",
}
"""What a role needs beside its password; a passkey is more than a code and does for both."""

USERNAME_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{1,62}$(?!\n)"
REGIONS_LIMIT: Final = 64
"""Regions of one seat."""

Username: TypeAlias = Annotated[str, Meta(pattern=USERNAME_PATTERN)]
Password: TypeAlias = Annotated[str, Meta(min_length=1, max_length=256)]
FullName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=120, pattern=terms.TEXT_PATTERN)]
Reason: TypeAlias = Annotated[str, Meta(min_length=3, max_length=500, pattern=terms.TEXT_PATTERN)]


class SeatIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seat to be: `regions` are codes at and below which it acts; `operation` None is every operation."""

    role: Role
    regions: Annotated[
        tuple[Annotated[str, Meta(pattern=terms.CODE_PATTERN)], ...], Meta(min_length=1, max_length=REGIONS_LIMIT)
    ]
    operation: Annotated[int, Meta(ge=1, le=2_147_483_647)] | None = None
    cleared: bool = False
    """May see what is terbatas; never a party's seat, never a wall."""
    starts_at: Annotated[datetime.datetime, Meta(tz=True)] | None = None
    ends_at: Annotated[datetime.datetime, Meta(tz=True)] | None = None


class Seat(msgspec.Struct, frozen=True):
    """What an account may do: a role, in regions, in one operation or all, cleared or not, for a time."""

    id: int
    role: Role
    regions: tuple[str, ...]
    operation: int | None
    cleared: bool
    starts_at: datetime.datetime
    ends_at: datetime.datetime | None = None


class Account(msgspec.Struct, frozen=True):
    """One person's account (or a system's, or the sealed one); what it may do is said by its seats."""

    id: int
    username: str
    full_name: str
    institution: str
    party: str | None
    kind: AccountKind
    disabled_at: datetime.datetime | None = None
    changed_at: datetime.datetime | None = None
    """When somebody last changed its password or state, or made it what it is."""


class Viewer(msgspec.Struct, frozen=True, dict=True):
    """Whoever asks: an account in one session, in one seat. Without a seat it has no role and sees no place."""

    account_id: int
    username: str
    session_id: int
    seat_id: int | None
    role: str
    regions: tuple[str, ...]
    operation: int | None
    cleared: bool
    must_enrol: str | None = None
    stepped_up_at: datetime.datetime | None = None
    device_id: int | None = None
    by_cookie: bool = False

    @functools.cached_property
    def reach(self) -> Reach:
        """What the database lets this viewer's transactions see."""
        return Reach(self.regions, self.operation, self.cleared)

    def can_see(self, code: str) -> bool:
        """Whether a place lies in the seat's regions."""
        return any(terms.contains(region, code) for region in self.regions)

    def overlaps(self, root: str) -> bool:
        """Whether a tree with this root and the seat's regions have places in common."""
        return self.can_see(root) or any(terms.contains(root, region) for region in self.regions)

    def can_enter(self, operation: int, restricts: int | None) -> bool:
        """Whether the seat is one of this operation; `restricts` names the operation whose restricted lane it is."""
        if restricts is not None and not self.cleared:
            return False
        return self.operation is None or self.operation in (operation, restricts)

    def require_operation(self, operation: int, restricts: int | None) -> None:
        """What is out of scope answers as what does not exist."""
        if not self.can_enter(operation, restricts):
            raise OperationUnknown(f"there is no operation {operation}")

    def require_scope(self, code: str) -> None:
        """What is out of scope answers as what does not exist."""
        if not terms.is_code(code) or not self.can_see(code):
            raise PlaceUnknown(f"there is no {code} here")

    def require_role(self, allowed: frozenset[str]) -> None:
        """NotAllowed when the seat's role is none of these."""
        if self.role not in allowed:
            raise NotAllowed(f"the role {self.role} may not do this" if self.role else "this session has no seat")


class Session(msgspec.Struct, frozen=True):
    """A session as its owner sees it; `token` is shown once, and stored only as its hash."""

    token: str | None
    id: int
    expires_at: datetime.datetime
    idle_minutes: int | None
    account: Account
    seat: Seat | None
    seats: list[Seat]
    factors: list[Factor]
    must_enrol: Literal["totp", "passkey"] | None
    """Until this factor is enrolled the session looks after its own account and nothing else."""
    stepped_up_until: datetime.datetime | None
