"""The field: all that a phone at a TPS asks for, in one answer, without what it has already. Pure: no I/O, no clock."""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec

from posko import __version__, terms
from posko.accounts.account import Session
from posko.directives.directive import Received
from posko.regions.operation import Operation, OperationDetail
from posko.regions.tps import PAGE_LIMIT, Tps
from posko.silence.silence import ClockNow, Owed

Part: TypeAlias = Literal["session", "operations", "detail", "choices", "tps", "owed", "directives"]
OPERATIONS_LIMIT: Final = 100
"""Operations to choose from; over it, closed ones of long ago are left out."""
CHOICES_LIMIT: Final = PAGE_LIMIT
"""TPS to choose from; whoever has more looks for them."""
HAVE_PATTERN: Final = r"^[A-Za-z0-9_-]{12}(,[A-Za-z0-9_-]{12}){0,15}$(?!\n)"


class Choice(msgspec.Struct, frozen=True):
    """A TPS to choose from; `parent_name` is the region that it lies in, null of a TPS that the seat names itself."""

    code: str
    name: str
    parent_name: str | None


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The operation and the TPS that are worked on, and what is known of them.

    A part that has a mark and is not here is as you have it.
    """

    marks: dict[Part, str]
    """Of every part that there is: it moves with what the part says, not with the version and the clock beside it."""
    operation: int | None = None
    place: str | None = None
    clock: ClockNow | None = None
    """Of a drill; a live operation's is the wall clock."""
    session: Session | None = None
    operations: list[Operation] | None = None
    """To choose from: those under way first, then the closed ones, each the newest first; no drafts."""
    detail: OperationDetail | None = None
    choices: list[Choice] | None = None
    """The TPS of the seat, in the order of its regions and by code."""
    tps: Tps | None = None
    owed: Owed | None = None
    directives: list[Received] | None = None
    """The last hundred, the last first."""


class Telling:
    """An answer that is being put together for somebody who has something of it."""

    def __init__(self, have: Collection[str]) -> None:
        self._have = have
        self._marks: dict[Part, str] = {}
        self._said: dict[str, Any] = {}

    def wants(self, part: Part, *same: Any) -> bool:
        """Marks a part by what it says, or by what that follows from; whether it is to be sent."""
        mark = self._marks[part] = _mark(part, *same)
        return mark not in self._have

    def say(self, **said: Any) -> None:
        """Sends these."""
        self._said |= said

    def field(self) -> Field:
        """The answer."""
        return Field(marks=self._marks, **self._said)


def _mark(*of: Any) -> str:
    # Of this build of ours: another may say more of the same.
    digest = hashlib.blake2b(msgspec.json.encode((__version__, *of)), digest_size=9).digest()
    return base64.urlsafe_b64encode(digest).decode()


def choice_of(operations: Sequence[Operation]) -> list[Operation]:
    """The operations to choose from: those under way first, then the closed ones, each the newest first; no drafts."""
    found = [o for o in operations if o.state != "draft"]
    return sorted(found, key=lambda o: (o.state == "closed", -o.id))


def worked_on(choice: Sequence[Operation], wanted: int | None, today: Mapping[int, datetime.date]) -> Operation | None:
    """Of `choice_of`, the one that is wanted while it is under way, else the one that is and votes nearest to `today`.

    Of equally near ones a live one, then the newest. Where none is under way: what was wanted, else the newest.
    `today`: what day it is in each, needed where there are several to choose from.
    """
    kept = next((o for o in choice if o.id == wanted), None)
    if kept is not None and kept.state == "active":
        return kept
    under_way = [o for o in choice if o.state == "active"]
    if len(under_way) < 2:
        return next(iter(under_way), kept or next(iter(choice), None))
    return min(under_way, key=lambda o: (abs(o.voting_day - today[o.id]), o.mode == "drill", -o.id))


def tops_of(regions: Sequence[str], root: str) -> list[str]:
    """What a tree and the regions of a seat have in common: its topmost codes, none inside another."""
    common = dict.fromkeys(
        root if terms.contains(region, root) else region
        for region in regions
        if terms.contains(region, root) or terms.contains(root, region)
    )
    return [code for code in common if not any(o != code and terms.contains(o, code) for o in common)]
