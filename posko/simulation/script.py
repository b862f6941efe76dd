"""The script of one TPS: everything that its officers and the desk will write about it on the day."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import msgspec

from posko.reports.report import (
    Attempt,
    Ballots,
    Content,
    Correction,
    Count,
    Custody,
    Holder,
    Incident,
    Milestone,
    Said,
    Sexes,
    Turnout,
    Unreachable,
)
from posko.simulation import incidents, numbers
from posko.simulation.phone import Draft, Silence, draw_bits, draw_lag
from posko.simulation.roster import HOUR_MS, MINUTE_MS, Contest, Ground, Tps, draw, moment, region_of
from posko.simulation.scenario import FloodKind, Scenario

UNREPORTED: Final = 0.015
"""Share of the milestones that are reached and never reported (an assumption: belum lapor must occur)."""
UNASKED: Final = 0.30
"""Share of the hourly turnouts that nobody sends."""
MISTYPED_TURNOUT: Final = 0.010
MISTYPED_COUNT: Final = 0.008
PRESSED_TOO_SOON: Final = 0.003
"""Honest mistakes per TPS, each corrected within half an hour."""

TRUCKS_LEAVE_MS: Final = -16 * HOUR_MS
TRUCKS_TAKE_MS: Final = 11 * HOUR_MS
"""Logistics reach the kelurahan between 08:00 and 19:00 of H-1, local time, and its TPS within the hour."""


class World(msgspec.Struct, frozen=True):
    """What every TPS of one simulated day shares; `name` makes two days differ, `votes` are real ones, if any."""

    name: str
    ground: Ground
    scenario: Scenario
    votes: numbers.VotesOf = {}


def first_ms(world: World, tps: Tps) -> int:
    """Before this moment a TPS sends nothing: cheap to know, and independent of the other TPS."""
    truck = draw(world.name, "truck", region_of(tps.code)) * TRUCKS_TAKE_MS
    return (
        world.ground.midnight_ms(tps.utc_offset)
        + TRUCKS_LEAVE_MS
        + int(truck + draw(world.name, "cart", tps.code) * HOUR_MS)
    )


class Script:
    """Collects the drafts of one TPS; the random draws come in a fixed order, so that a script can be written again."""

    def __init__(self, world: World, tps: Tps) -> None:
        self.world = world
        self.tps = tps
        self.rng = random.Random(f"{world.name}/{tps.code}")
        self.midnight_ms = world.ground.midnight_ms(tps.utc_offset)
        self.first_ms = first_ms(world, tps)
        self.flood: FloodKind | None = world.scenario.floods.get(tps.code)
        self.contests = world.ground.contests_of(tps.code)
        self.label = f"{tps.number:03d}"
        self.drafts: list[Draft] = []

    def at(self, hour: float) -> int:
        """A local hour of the voting day, in milliseconds since 1970."""
        return self.midnight_ms + int(hour * HOUR_MS)

    def between(self, first: float, last: float) -> int:
        """Some moment between two local hours."""
        return self.at(self.rng.uniform(first, last))

    def later(self, at_ms: int, least: float, most: float) -> int:
        """Some moment that many minutes after another."""
        return at_ms + int(self.rng.uniform(least, most) * MINUTE_MS)

    def write(self, what: str, at_ms: int, say: Callable[[], Content], *, by_desk: bool = False) -> Draft:
        """One report about what was seen at a moment."""
        sent = max(self.first_ms, at_ms) + draw_lag(self.rng)
        draft = Draft(what, at_ms, sent, draw_bits(self.rng), say, by_desk)
        self.drafts.append(draft)
        return draft

    def reach(self, code: str, at_ms: int) -> None:
        """A milestone, where the operation awaits it; now and then nobody reports it."""
        if self.rng.random() >= UNREPORTED and code in self.world.ground.milestones:
            self.write(f"milestone.{code}", at_ms, lambda: Milestone(code))

    def give_up(self, code: str, at_ms: int, reason: str) -> None:
        """A milestone that will not be."""
        if code in self.world.ground.milestones:
            self.write(f"milestone.{code}", at_ms, lambda: Milestone(code, possible=False, reason=reason))

    def hand_over(self, holder: Holder, at_ms: int, *, sealed: bool = True, note: str | None = None) -> None:
        """Who has the box from now on."""
        self.write("custody", at_ms, lambda: Custody(holder, sealed, note))

    def tell(self, at_ms: int, incident: Incident) -> None:
        """An incident in somebody's words."""
        self.write(f"incident.{incident.category}", at_ms, lambda: incident)

    def correct(self, wrong: Draft, reason: str, right: Callable[[], Said] | None) -> None:
        """A word taken back within half an hour; the replacement is of the moment that the wrong one was of."""
        sent = self.later(wrong.sent_ms, 4, 26)
        told = wrong.id

        def say() -> Content:
            return Correction(told, reason, None if right is None else right())

        self.drafts.append(Draft("correction", wrong.observed_ms, sent, draw_bits(self.rng), say))

    def seek(self, silence: Silence) -> None:
        """The desk cannot reach the TPS and says so, with its attempts."""
        at_ms = self.between(9.2, 10.6)
        ways = (("telepon", 42), ("whatsapp", 25), ("radio", 4))
        tries = [Attempt(moment(at_ms - m * MINUTE_MS, self.tps.utc_offset), how) for how, m in ways]  # type: ignore[arg-type]
        self.write("unreachable", at_ms, lambda: Unreachable(tries, "Nomor ketua KPPS tidak aktif"), by_desk=True)

    def mistype(self, what: str, at_ms: int, right: Callable[[], Turnout | Count]) -> None:
        """The right numbers with one slip of the finger, corrected afterwards."""

        def slipped() -> Content:
            return slip(right())

        self.correct(self.write(what, at_ms, slipped), "Salah ketik, angka sudah dicocokkan dengan catatan KPPS", right)

    def turnout(self, voters: numbers.Voters) -> None:
        """The turnout at the full hours while the TPS is open, and the final one."""
        hours = numbers.turnout_hours(voters.opens_ms, voters.closes_ms, self.midnight_ms)
        asked = [self.later(at, -2, 6) for at in hours if self.rng.random() >= UNASKED]
        asked.append(self.later(voters.closes_ms, 1, 8))
        wrong = self.rng.randrange(len(asked)) if self.rng.random() < MISTYPED_TURNOUT else -1
        for place, at_ms in enumerate(asked):
            say = _turnout_at(voters, at_ms)
            if place == wrong:
                self.mistype("turnout", at_ms, say)
            else:
                self.write("turnout", at_ms, say)

    def ballots(self, contest: Contest, at_ms: int, users: int) -> None:
        """The ballots of one contest at closing."""
        bits = draw_bits(self.rng)

        def say() -> Ballots:
            return numbers.closing_ballots(random.Random(bits), contest.kind, self.tps, users)

        self.write(f"ballots.{contest.kind}", at_ms, say)

    def count(self, contest: Contest, at_ms: int, users: int, *, lost: int) -> None:
        """The count of one contest; `lost` votes are missing where the totals do not match."""
        right = self._count_of(contest, users - lost)
        if self.rng.random() < MISTYPED_COUNT:
            self.mistype(f"count.{contest.kind}", at_ms, right)
        else:
            self.write(f"count.{contest.kind}", at_ms, right)

    def _count_of(self, contest: Contest, users: int) -> Callable[[], Count]:
        bits = draw_bits(self.rng)
        real = self.world.votes.get((self.tps.code, contest.kind))

        def say() -> Count:
            if real is not None:
                valid = sum(real.values())
                return Count(contest.kind, dict(real), valid, max(0, users - valid))
            shares = numbers.shares_of(self.world.name, contest, region_of(self.tps.code))
            return numbers.final_count(random.Random(bits), contest, shares, users)

        return say

    def real_users(self) -> int | None:
        """The users that the real votes of this TPS need, where there are such."""
        real = [self.world.votes.get((self.tps.code, contest.kind)) for contest in self.contests]
        return max((sum(votes.values()) for votes in real if votes is not None), default=None)

    def happen(self) -> None:
        """The incidents of an ordinary TPS; the end of a broken seal is in its custody too."""
        for at_ms, incident, case in incidents.happen(self.rng, self.label, self.midnight_ms):
            self.tell(at_ms, incident)
            if case.name == "seal":
                self.hand_over("tps", at_ms, sealed=False, note="Segel diganti di hadapan saksi dan pengawas")


def _turnout_at(voters: numbers.Voters, at_ms: int) -> Callable[[], Turnout]:
    return lambda: voters.at(at_ms)


def slip(right: Turnout | Count) -> Turnout | Count:
    """The same with one number wrong: a ten too many."""
    if isinstance(right, Turnout):
        dpt = Sexes(min(2000, right.dpt.l * 10 + 10), right.dpt.p)
        return Turnout(dpt, right.dptb, right.dpk, right.disabled)
    first = min(right.votes)
    return Count(right.contest, right.votes | {first: right.votes[first] + 10}, right.valid, right.invalid)
