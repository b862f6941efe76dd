"""The policy of a route: who may come in, how often, and whether they must prove themselves once more.

Every route declares one (`opt=policy.read(OPENS_RECORDS)`); the service does not start with a route that has none.
What the objects behind a route let through is not said here: that is the reach of the viewer, in every query.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import msgspec

from posko.limits import Rule

RouteClass: TypeAlias = Literal["open", "watch", "sign_in", "read", "write"]

RULES: Final[Mapping[RouteClass, Rule]] = {
    "open": Rule("open", 200, 10_000),
    "watch": Rule("watch", 100, 10_000),
    "sign_in": Rule("sign-in", 10, 600),
    "read": Rule("read", 40, 400),
    "write": Rule("write", 10, 200),
}
"""Of one address for what is open to all (an office of 500 desks has one), else of one account."""
REPORTS_BURST_S: Final = 20
"""Seconds' worth of reports that one account may file at once: a phone that was offline all morning."""
SIGN_IN_PAIR_S: Final = 12.0
"""One account from one address: seconds between sign-ins, once the burst is used up."""
SIGN_IN_ACCOUNT_S: Final = 2.0
"""One account from browsers that it has not signed in from before: others cannot lock its own browsers out."""
SIGN_IN_ACCOUNT_BURSTS: Final = 6
BAD_TOKEN: Final = Rule("bad-token", 20, 2000)
"""Tokens that no process knows, of one address: each costs a query; after a restart every phone comes once."""
CLEAR_ALONE: Final = Rule("clear-alone", 20 / 3600, 20)
"""Flags that one person may clear without a second."""

TEXTS: Final = Rule("texts", 1 / 2, 60)
"""Texts of one account, by whatever gateways: each is answered, and an answer costs."""

PHOTOS: Final = Rule("photos", 1 / 10, 60)
PHOTO_BYTES: Final = Rule("photo-bytes", 256 * 1024, 256 * 1024 * 1024)
"""Photos and voice notes, and their bytes, that one account sends; systems too."""
PHOTO_ORIGINALS: Final = Rule("photo-originals", 1 / 5, 20)
"""Originals that one account downloads: each is up to 8 MiB in memory, and nobody needs them all."""
VOICES_HEARD: Final = Rule("voices-heard", 1, 60)
"""Voice notes that one account is given to hear, each written into the log."""


class Policy(msgspec.Struct, frozen=True):
    """What the gate asks before a handler runs; `roles` None lets everybody in, signed in or not."""

    route_class: RouteClass
    roles: frozenset[str] | None = None
    own: bool = False
    """About the caller's own account: any session may, also one that must enrol a factor first."""
    step_up: bool = False
    """Only within five minutes of having proven oneself."""


def opened(route_class: RouteClass = "open") -> dict[str, Any]:
    """Open to all."""
    return {"policy": Policy(route_class)}


def own(*, write: bool = False, step_up: bool = False) -> dict[str, Any]:
    """For whoever is signed in, about their own account."""
    return {"policy": Policy("write" if write else "read", frozenset(), own=True, step_up=step_up)}


def read(roles: frozenset[str], *, step_up: bool = False) -> dict[str, Any]:
    """Reading, for these roles."""
    return {"policy": Policy("read", roles, step_up=step_up)}


def watch(roles: frozenset[str]) -> dict[str, Any]:
    """Looking at the service itself, for these roles: answered also when reading has to wait."""
    return {"policy": Policy("watch", roles)}


def write(roles: frozenset[str], *, step_up: bool = False) -> dict[str, Any]:
    """Changing something, for these roles."""
    return {"policy": Policy("write", roles, step_up=step_up)}
