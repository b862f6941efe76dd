"""The numbers of one TPS: who votes by when, what becomes of the ballots, how the votes divide."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from posko.regions.preset import largest_remainder
from posko.reports.report import Ballots, ContestKind, Count, Sexes, Turnout
from posko.simulation.roster import HOUR_MS, MINUTE_MS, Contest, Tps

TURNOUT_MEAN: Final = 0.68
"""Mean share of the DPT that votes (about 68 % in the Pilkada of 27 Nov 2024, KPU)."""

Votes: TypeAlias = Mapping[int, int]
"""Votes by paslon number."""
VotesOf: TypeAlias = Mapping[tuple[str, ContestKind], Votes]
"""Votes by (TPS code, contest)."""


class Voters(msgspec.Struct, frozen=True):
    """Who will have voted when the TPS closes, and between which moments (milliseconds) they do."""

    dpt: Sexes
    dptb: Sexes
    dpk: Sexes
    disabled: Sexes
    opens_ms: int
    closes_ms: int
    noon_ms: int

    @property
    def users(self) -> int:
        """Everyone who votes."""
        return sum(s.l + s.p for s in (self.dpt, self.dptb, self.dpk))

    def at(self, at_ms: int) -> Turnout:
        """Those who have voted by a moment: never fewer than at an earlier one; DPK only from 12:00."""
        share = _progress(at_ms, self.opens_ms, self.closes_ms)
        so_far = 1 - (1 - share) ** 1.5
        late = _progress(at_ms, self.noon_ms, max(self.closes_ms, self.noon_ms + 1))
        return Turnout(
            dpt=_part(self.dpt, so_far),
            dptb=_part(self.dptb, so_far),
            dpk=_part(self.dpk, late),
            disabled=_part(self.disabled, so_far),
        )


def _progress(at_ms: int, begins_ms: int, ends_ms: int) -> float:
    return min(1.0, max(0.0, (at_ms - begins_ms) / (ends_ms - begins_ms)))


def _part(whole: Sexes, share: float) -> Sexes:
    return Sexes(int(whole.l * share + 1e-9), int(whole.p * share + 1e-9))


def draw_voters(rng: random.Random, tps: Tps, *, mood: float, hours: tuple[int, int, int], users: int | None) -> Voters:
    """Who votes at a TPS: `mood` shifts the turnout of its kelurahan, `users` fixes the sum for real votes."""
    opens_ms, closes_ms, noon_ms = hours
    share = min(0.97, max(0.15, rng.gauss(TURNOUT_MEAN + mood, 0.05)))
    dpt_l, dpt_p = round(tps.voters_l * max(0.0, share - 0.012)), round(tps.voters_p * min(1.0, share + 0.012))
    dptb = Sexes(rng.randrange(3), rng.randrange(3))
    dpk = Sexes(rng.randrange(5), rng.randrange(6))
    if users is not None:
        extra = max(0, users - tps.voters_l - tps.voters_p)
        dptb, dpk = Sexes(0, 0), Sexes(extra // 2, extra - extra // 2)
        dpt_l, dpt_p = largest_remainder(users - extra, [tps.voters_l, tps.voters_p])
    elif dpt_l + dpt_p + dptb.l + dptb.p + dpk.l + dpk.p > tps.ballots:
        dptb, dpk = Sexes(0, 0), Sexes(0, 0)
        dpt_l, dpt_p = largest_remainder(min(tps.ballots, dpt_l + dpt_p), [dpt_l, dpt_p])
    disabled = Sexes(min(dpt_l, rng.choice((0, 0, 0, 1, 2))), min(dpt_p, rng.choice((0, 0, 0, 1, 2))))
    return Voters(Sexes(dpt_l, dpt_p), dptb, dpk, disabled, opens_ms, closes_ms, noon_ms)


def closing_ballots(rng: random.Random, contest: ContestKind, tps: Tps, users: int) -> Ballots:
    """The ballots at closing: used + spoilt + unused = received, which is DPT + 2.5 % (or the users, if more)."""
    received = max(tps.ballots, users)
    spoilt = min(received - users, rng.choice((0, 0, 0, 1, 1, 2, 3)))
    return Ballots(contest, received, users, spoilt, received - users - spoilt)


def final_count(rng: random.Random, contest: Contest, shares: Sequence[float], users: int) -> Count:
    """The count of one contest: valid + invalid = users, the paslon sum to valid."""
    invalid = round(users * rng.uniform(0.01, 0.06))
    weights = [1 + round(1e6 * rng.gammavariate(60 * share, 1)) for share in shares]
    votes = largest_remainder(users - invalid, weights)
    return Count(contest.kind, dict(zip(contest.paslon, votes, strict=True)), users - invalid, invalid)


@lru_cache(maxsize=4096)
def region_shares(world: str, contest: Contest, region: str) -> tuple[float, ...]:
    """How a kabkota or kelurahan leans: drawn from one symmetric distribution, so that no paslon number is favoured."""
    rng = random.Random(f"{world}/{contest.kind}/{region}")
    drawn = [0.2 + rng.gammavariate(4, 1) for _ in contest.paslon]
    return tuple(d / sum(drawn) for d in drawn)


def shares_of(world: str, contest: Contest, kelurahan: str) -> list[float]:
    """Three parts of the kabkota's lean and one of the kelurahan's own."""
    wide, near = region_shares(world, contest, kelurahan[:5]), region_shares(world, contest, kelurahan)
    return [0.75 * a + 0.25 * b for a, b in zip(wide, near, strict=True)]


def turnout_hours(opens_ms: int, closes_ms: int, midnight_ms: int) -> list[int]:
    """The full hours at which a TPS is asked for its turnout: 08:00 to 12:00 while it is open."""
    return [at for hour in range(8, 13) if opens_ms + 20 * MINUTE_MS < (at := midnight_ms + hour * HOUR_MS) < closes_ms]
