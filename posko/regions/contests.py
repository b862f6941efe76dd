"""Who stands: a draft's contests as its owner says them, over HTTP and from a file. Nothing here knows a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import terms
from posko.errors import broken
from posko.regions.catalogue import Contest, Paslon
from posko.terms import Level

CONTESTS_LIMIT: Final = 600
"""The whole nation voted in 545 at once."""
ContestKind: TypeAlias = Literal["gubernur", "bupati_walikota"]
TOLD_LIMIT: Final = 500
_ELECTS_FOR: Final[dict[str, Level]] = {"gubernur": Level.provinsi, "bupati_walikota": Level.kabkota}


class PaslonIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A choice on the ballot: its number and what it is called; a kotak kosong is one like any."""

    number: Annotated[int, Meta(ge=1, le=20)]
    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=terms.LINE_PATTERN)]
    is_empty_box: bool = False


class ContestIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ballot paper: of a provinsi for `gubernur`, of a kabupaten or kota for `bupati_walikota`."""

    kind: ContestKind
    region_code: Annotated[str, Meta(pattern=terms.CODE_PATTERN)]
    paslon: Annotated[list[PaslonIn], Meta(min_length=1, max_length=20)]


class ContestsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All contests of a draft, instead of those it had. None at all: no votes and no ballot papers are reported."""

    contests: Annotated[list[ContestIn], Meta(max_length=CONTESTS_LIMIT)]


def contests_of(said: ContestsIn) -> list[Contest]:
    """The same as it is kept; Invalid where a kind, a region or a number cannot be so. The database knows the tree."""
    seen: set[tuple[str, str]] = set()
    found = []
    for at, contest in enumerate(said.contests):
        path, level = f"$.contests[{at}]", terms.level_of(contest.region_code)
        if level is not _ELECTS_FOR[contest.kind]:
            where = _ELECTS_FOR[contest.kind].name
            raise broken(f"{path}.region_code", "region-of-kind", f"{contest.kind} is voted on in a {where}")
        if (contest.kind, contest.region_code) in seen:
            raise broken(path, "contest-twice", f"{contest.kind} of {contest.region_code} is there already")
        seen.add((contest.kind, contest.region_code))
        numbers = [one.number for one in contest.paslon]
        if len(set(numbers)) < len(numbers):
            raise broken(f"{path}.paslon", "number-twice", "each number is of one paslon")
        if sum(one.is_empty_box for one in contest.paslon) > 1:
            raise broken(f"{path}.paslon", "empty-box-twice", "there is one kotak kosong at most")
        pairs = sorted(contest.paslon, key=lambda one: one.number)
        paslon = tuple(Paslon(one.number, one.name.strip(), one.is_empty_box) for one in pairs)
        found.append(Contest(0, contest.kind, contest.region_code, int(level), paslon))
    return found


def said_of(contests: Sequence[Contest]) -> ContestsIn:
    """What would set these contests: a file that is written out, changed and read in again."""
    return msgspec.convert(
        {
            "contests": [
                {"kind": c.kind, "region_code": c.region_code, "paslon": msgspec.to_builtins(c.paslon)}
                for c in contests
            ]
        },
        ContestsIn,
    )


def told(contests: Sequence[Contest]) -> str:
    """What the log of who did what says of them, as far as its line goes; names of persons it never says."""
    named = [f"{c.kind} {c.region_code} ({', '.join(map(str, c.numbers))})" for c in contests]
    return ("; ".join(named) or "none")[:TOLD_LIMIT]
