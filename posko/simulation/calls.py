"""What desks do about silence: look into an alarm, call the TPS that have not reported, file what they say."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from posko.ids import uuid7
from posko.reports.report import Attempt, Content, ReportItem, Unreachable
from posko.simulation.casework import Move, bits_of
from posko.simulation.roster import MINUTE_MS, draw, moment

ACKNOWLEDGED: Final = 0.7
"""Share of alarms that somebody says to look into."""
CALLED: Final = 0.9
"""Share whose TPS are called; the others stand, and climb."""
ROUNDS: Final = 4
"""How often the TPS behind one alarm are called."""
ROUND_MS: Final = 30 * MINUTE_MS
TRIES: Final[tuple[tuple[int, Literal["telepon", "whatsapp"]], ...]] = (
    (21, "telepon"),
    (12, "whatsapp"),
    (3, "telepon"),
)
"""Minutes before a desk gives up, and how it tried."""


class SeenAlarm(msgspec.Struct):
    """What a desk reads of an alarm."""

    id: uuid.UUID
    kind: str
    place: str
    milestone: str | None
    tier: str
    closed_at: datetime.datetime | None


class Call(NamedTuple):
    """What a call to a TPS led to: nobody answers; it answers and has nothing to say yet; what it saw, and when."""

    answered: bool
    content: Content | None = None
    observed_ms: int = 0


Phone: TypeAlias = Callable[[str, str, int], Call]
"""Calls a TPS about a milestone at a moment."""


def plan_alarm(seed: int, alarm: SeenAlarm, now_ms: int) -> Iterator[Move]:
    """What will be done about an alarm that was just seen."""
    if draw(seed, alarm.id, "look") < ACKNOWLEDGED:
        at_ms = now_ms + int((3 + 12 * draw(seed, alarm.id, "accept")) * MINUTE_MS)
        yield Move(at_ms, alarm.id, alarm.place, "acknowledgement")
    if alarm.kind == "belum_lapor" and draw(seed, alarm.id, "call") < CALLED:
        at_ms = now_ms + int((15 + 30 * draw(seed, alarm.id, "when")) * MINUTE_MS)
        yield Move(at_ms, alarm.id, alarm.place, "calls", {"milestone": alarm.milestone})


def next_round(move: Move) -> Move | None:
    """The same calls once more, later; None after the last."""
    if move.turn + 1 >= ROUNDS:
        return None
    return msgspec.structs.replace(move, at_ms=move.at_ms + ROUND_MS, turn=move.turn + 1)


def told(move: Move, tps: str, call: Call, how: tuple[int, int, int]) -> ReportItem | None:
    """What the desk files after a call; `how` is (seed, operation, hours east of UTC). None: nothing yet."""
    seed, operation, utc_offset = how
    kind: Literal["telepon", "desk"] = "telepon"
    content, at_ms, voice = call.content, call.observed_ms, f"Ketua KPPS TPS {tps[-3:]}"
    if not call.answered:
        tries = [Attempt(moment(move.at_ms - m * MINUTE_MS, utc_offset), by) for m, by in TRIES]
        content, at_ms, kind = Unreachable(tries, "Tidak ada yang mengangkat"), move.at_ms, "desk"
    if content is None:
        return None
    bits = bits_of(seed, operation, tps, move.body["milestone"], move.subject, move.turn)
    return ReportItem(
        id=uuid7(move.at_ms, bits),
        operation=operation,
        place=tps,
        observed_at=moment(at_ms, utc_offset),
        content=content,
        channel=kind,
        on_behalf_of=voice if call.answered else None,
    )
