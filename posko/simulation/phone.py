"""What becomes of what an officer writes: sent live, or held without signal and flushed, now and then twice."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from posko.ids import RANDOM_BITS, uuid7
from posko.reports.report import Content
from posko.simulation.roster import HOUR_MS, MINUTE_MS

FLUSH_LIMIT: Final = 32
"""Reports that a phone sends in one request after it was offline."""

SILENT_ALL_DAY: Final = 0.004
NO_SIGNAL_FROM_NOON: Final = 0.06
NO_SIGNAL_FOR_A_WHILE: Final = 0.10
REPEATED_LIVE: Final = 0.008
REPEATED_FLUSH: Final = 0.15
"""Shares of the TPS, and of the sendings: assumptions; 14 Feb 2024 showed that the network fails from noon."""


class Draft(NamedTuple):
    """A report before it is sent: what about, when seen, when sent if there is signal, its random bits."""

    what: str
    observed_ms: int
    sent_ms: int
    bits: int
    say: Callable[[], Content]
    by_desk: bool = False

    @property
    def id(self) -> uuid.UUID:
        """The report's id, made by the phone when the report was written."""
        return uuid7(self.observed_ms, self.bits)


class Outgoing(NamedTuple):
    """One request: drafts that leave together at a moment; `again` when its first answer was lost."""

    at_ms: int
    drafts: tuple[Draft, ...]
    again: bool = False


class Silence(NamedTuple):
    """A stretch without signal, in milliseconds; `whole_day` is long enough for the desk to go looking."""

    from_ms: int
    until_ms: int
    whole_day: bool = False


def draw_silence(rng: random.Random, midnight_ms: int) -> Silence | None:
    """When the phone of a TPS has no signal: most never, some from noon, a few all day."""
    lot = rng.random()
    if lot < SILENT_ALL_DAY:
        return Silence(midnight_ms + 4 * HOUR_MS, midnight_ms + int(rng.uniform(13.5, 21) * HOUR_MS), whole_day=True)
    if lot < SILENT_ALL_DAY + NO_SIGNAL_FROM_NOON:
        return Silence(
            midnight_ms + int(rng.uniform(11.8, 13.5) * HOUR_MS), midnight_ms + int(rng.uniform(15, 21.5) * HOUR_MS)
        )
    if lot < SILENT_ALL_DAY + NO_SIGNAL_FROM_NOON + NO_SIGNAL_FOR_A_WHILE:
        begins = midnight_ms + int(rng.uniform(6.3, 17) * HOUR_MS)
        return Silence(begins, begins + int(rng.uniform(20, 90) * MINUTE_MS))
    return None


def draw_lag(rng: random.Random) -> int:
    """Milliseconds between seeing and sending: seconds as a rule, minutes for who writes it down first."""
    if rng.random() < 0.05:
        return 60_000 + int(rng.expovariate(1 / (8 * MINUTE_MS)))
    return 3_000 + int(rng.expovariate(1 / 20_000))


def draw_bits(rng: random.Random) -> int:
    """The random part of an id."""
    return rng.getrandbits(RANDOM_BITS)


def send_out(rng: random.Random, drafts: Iterable[Draft], silence: Silence | None) -> list[Outgoing]:
    """The requests of one TPS in the order in which they leave; every draft is in at least one."""
    found: list[Outgoing] = []
    held: list[Draft] = []
    for draft in drafts:
        if silence is not None and not draft.by_desk and silence.from_ms <= draft.sent_ms < silence.until_ms:
            held.append(draft)
        else:
            _put(rng, found, Outgoing(draft.sent_ms, (draft,)), REPEATED_LIVE)
    if held and silence is not None:
        held.sort(key=lambda d: (d.observed_ms, d.bits))
        at = silence.until_ms + int(rng.expovariate(1 / MINUTE_MS))
        for i in range(0, len(held), FLUSH_LIMIT):
            _put(rng, found, Outgoing(at + 2_000 * i, tuple(held[i : i + FLUSH_LIMIT])), REPEATED_FLUSH)
    found.sort(key=lambda o: o.at_ms)
    return found


def _put(rng: random.Random, found: list[Outgoing], outgoing: Outgoing, repeated: float) -> None:
    found.append(outgoing)
    if rng.random() < repeated:
        found.append(Outgoing(outgoing.at_ms + rng.randrange(4_000, 40_000), outgoing.drafts, again=True))
