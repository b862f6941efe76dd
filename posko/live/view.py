"""A topic as a client has it: snapshots and deltas in, rows out. Pure; the rule of PROTOCOL.md section 2."""

from __future__ import annotations

import datetime
from typing import Literal, TypeAlias

from posko.live.wire import Delta, RowChange, Snapshot

Taken: TypeAlias = Literal["applied", "dropped", "gap"]
"""`gap`: the delta begins after what the view has; subscribe again with `since`."""


class View:
    """What a client knows of one topic; `version` None until the first snapshot."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.version: int | None = None
        self.layout: int | None = None
        self.at: datetime.datetime | None = None
        self.names: dict[str, str] = {}
        self.counters: list[str] = []
        self.rows: dict[str, list[int]] = {}
        """Code -> all its counters, in the order of `counters`; the region itself first."""
        self.last_at: dict[str, datetime.datetime | None] = {}

    def take(self, message: Snapshot | Delta) -> Taken:
        """Applies a frame of this topic, exactly as far as the protocol says."""
        if isinstance(message, Snapshot):
            self._replace(message)
            return "applied"
        if self.version is None or message.layout != self.layout or message.from_ > self.version:
            return "gap"
        if message.to <= self.version:
            return "dropped"
        for change in message.rows:
            if change.code not in self.rows:
                return "gap"
        for change in message.rows:
            self._apply(change)
        self.version, self.at = message.to, message.at
        return "applied"

    def value(self, code: str, counter: str) -> int:
        """One counter of one row; 0 for a counter that this operation does not have."""
        try:
            return self.rows[code][self.counters.index(counter)]
        except ValueError:
            return 0

    def _replace(self, snapshot: Snapshot) -> None:
        self.version, self.layout, self.at = snapshot.version, snapshot.layout, snapshot.at
        self.names, self.counters = snapshot.names, snapshot.counters
        self.rows = {r.code: self._padded(r.counters) for r in snapshot.rows}
        self.last_at = {r.code: r.last_at for r in snapshot.rows}

    def _apply(self, change: RowChange) -> None:
        if change.counters is not None:
            self.rows[change.code] = self._padded(change.counters)
        for slot, value in (change.set or {}).items():
            self.rows[change.code][slot - 1] = value
        self.last_at[change.code] = change.last_at

    def _padded(self, values: list[int]) -> list[int]:
        return values + [0] * (len(self.counters) - len(values))
