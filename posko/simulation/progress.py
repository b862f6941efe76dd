"""How far a simulated day has come: counts that add up, and latencies in constant memory."""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

import msgspec

_GROWTH: Final = math.log(1.05)
_SLOTS: Final = 400
"""Latency slots, each 5 % wider than the one before, from 10 us: the last begins past an hour."""


class Latencies:
    """Latencies of any number of requests in `_SLOTS` counters; a percentile is at most 5 % off."""

    def __init__(self) -> None:
        self._slots = [0] * _SLOTS
        self._count = 0

    def add(self, seconds: float) -> None:
        """One answered request."""
        slot = int(math.log(max(seconds, 1e-5) / 1e-5) / _GROWTH)
        self._slots[min(slot, _SLOTS - 1)] += 1
        self._count += 1

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the requests was answered; 0 before the first."""
        wanted = math.ceil(self._count * share)
        seen = 0
        for slot, count in enumerate(self._slots):
            seen += count
            if count and seen >= wanted:
                return float(1e-5 * math.exp(_GROWTH * (slot + 1)))
        return 0.0


class Work(msgspec.Struct, frozen=True):
    """What desks have seen and done so far."""

    acted: int = 0
    refused: int = 0
    """What could not be done any more: somebody was faster, or it had climbed."""
    incidents: int = 0
    climbed: int = 0
    closed: int = 0
    alarms: int = 0
    alarms_closed: int = 0


class Progress(msgspec.Struct, frozen=True):
    """Reports so far: `sent` = accepted + duplicate + refused + unsent + under way; `again` repeat on purpose."""

    clock_ms: int
    utc_offset: int
    sent: int
    accepted: int
    duplicate: int
    refused: int
    unsent: int
    retried: int
    again: int
    refusals: dict[str, int]
    p50_s: float
    p99_s: float
    behind_s: float
    """Simulated seconds by which the sender is later than its clock wants."""
    elapsed_s: float
    work: Work = Work()

    @property
    def under_way(self) -> int:
        """Reports whose answer is not there yet."""
        return self.sent - self.accepted - self.duplicate - self.refused - self.unsent


class Tally:
    """The counts of a day that is being played."""

    def __init__(self, utc_offset: int) -> None:
        self.utc_offset = utc_offset
        self.clock_ms = 0
        self.behind_s = 0.0
        self.work = Work()
        self.sent = self.accepted = self.duplicate = self.refused = self.unsent = self.retried = self.again = 0
        self.refusals: Counter[str] = Counter()
        self.latencies = Latencies()

    def refuse(self, code: str) -> None:
        """One report that the server will not have, by the code of its problem."""
        self.refused += 1
        self.refusals[code] += 1

    def progress(self, elapsed_s: float) -> Progress:
        """The counts at this moment."""
        return Progress(
            clock_ms=self.clock_ms,
            utc_offset=self.utc_offset,
            sent=self.sent,
            accepted=self.accepted,
            duplicate=self.duplicate,
            refused=self.refused,
            unsent=self.unsent,
            retried=self.retried,
            again=self.again,
            refusals=dict(self.refusals),
            p50_s=self.latencies.percentile(0.5),
            p99_s=self.latencies.percentile(0.99),
            behind_s=self.behind_s,
            elapsed_s=elapsed_s,
            work=self.work,
        )
