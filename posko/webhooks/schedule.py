"""When a delivery is tried again, and when no more: what an answer means."""

from __future__ import annotations

import random
from typing import Final, Literal, TypeAlias

import msgspec

from posko.webhooks.answer import Answer

Outcome: TypeAlias = Literal["delivered", "retry", "again", "parked", "dead", "gone"]

FIRST_S: Final = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
THEN_S: Final = 600.0
"""Every ten minutes until a day has passed."""
THEN_UNTIL_S: Final = 86_400.0
LAST_S: Final = 3_600.0
"""Hourly after that; what has waited for 72 hours is dead (api.due_deliveries)."""
JITTER: Final = 0.2
REFUSALS: Final = 3
"""So often may an endpoint refuse one delivery (4xx) before it is parked, and its key with it."""
PAUSE_LIMIT_S: Final = 3_600.0
"""So long at most is an endpoint left alone because it asked for it."""

_PERHAPS_LATER: Final = frozenset({408, 425, 429})
_BUSY: Final = frozenset({429, 503})


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of a delivery: `delay_s` until it is tried again, `pause_s` until anything is sent there again.

    `again` is like `retry`, but nobody's failure.
    """

    outcome: Outcome
    delay_s: float = 0.0
    pause_s: float = 0.0


def judge(answer: Answer, *, failures: int, waited_s: float, jitter: random.Random) -> Verdict:
    """What an attempt means, after `failures` before it, `waited_s` after the delivery was made (or replayed)."""
    if answer.is_taken:
        return Verdict("delivered")
    if answer.error == "exhausted":  # our own want of descriptors or memory: no fault of theirs
        return Verdict("again", delay_s=FIRST_S[0])
    status = answer.status if answer.error is None else None
    if status == 410:
        return Verdict("gone", delay_s=FIRST_S[-1])
    refuses = status is not None and 400 <= status < 500 and status not in _PERHAPS_LATER
    if refuses and failures + 1 >= REFUSALS:
        return Verdict("parked")
    asked_s = min(answer.retry_after_s or 0.0, PAUSE_LIMIT_S)
    delay_s = max(delay(failures, waited_s) * jitter.uniform(1 - JITTER, 1 + JITTER), asked_s)
    return Verdict("retry", delay_s=delay_s, pause_s=asked_s if status in _BUSY else 0.0)


def delay(failures: int, waited_s: float) -> float:
    """Seconds until the next attempt, after `failures` before this one."""
    if failures < len(FIRST_S):
        return FIRST_S[failures]
    return THEN_S if waited_s < THEN_UNTIL_S else LAST_S
