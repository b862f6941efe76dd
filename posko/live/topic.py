"""The state of one topic: rows in, frames out. Pure: no I/O, no clock, no sockets.

A topic is at `version`: the `to` of the last frame that was made of it. Frames are made in order, each from the one
before, so whoever got the snapshot or a delta up to `version` gets everything by the frames that follow.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from posko.live.wire import Delta, Row, RowChange, Snapshot, frame

RESUMES_LIMIT: Final = 64
"""Encoded answers to `since` that a topic keeps until it changes."""


class Found(msgspec.Struct, frozen=True):
    """A topic as read whole, in one snapshot of the database."""

    node_id: int
    version: int
    layout: int
    at: datetime.datetime
    names: dict[str, str]
    counters: list[str]
    rows: list[Row]
    restricts: int | None = None
    """The operation whose restricted lane this is of."""


class Changes(msgspec.Struct, frozen=True):
    """What a topic's rows became after the version that was asked for, in one snapshot of the database."""

    version: int
    layout: int
    at: datetime.datetime
    rows: list[Row]


class Topic:
    """One region and its children of one operation, as of the last read."""

    def __init__(self, name: str, found: Found) -> None:
        self.name = name
        self._resumes: dict[int, bytes] = {}
        self._replace(found)

    def _replace(self, found: Found) -> None:
        self.node_id, self.layout, self.at = found.node_id, found.layout, found.at
        self.restricts = found.restricts
        self.version = self.read_version = found.version
        self.names: Mapping[str, str] = found.names
        self.counters = found.counters
        self.rows = {r.code: r for r in found.rows}
        self._forget()

    def _forget(self) -> None:
        self._snapshot: bytes | None = None
        self._resumes.clear()

    def continues(self, changes: Changes) -> bool:
        """Whether changes carry on from this state; else read it whole: another layout, or an older database."""
        return (
            changes.layout == self.layout
            and changes.version >= self.read_version
            and all(r.code in self.rows for r in changes.rows)
        )

    def reopen(self, found: Found) -> bytes | None:
        """Takes a whole reading: the frame that brings everybody there, or None if they are there already."""
        changes = Changes(found.version, found.layout, found.at, found.rows)
        if self.continues(changes) and len(found.rows) == len(self.rows) and found.names == self.names:
            return self.apply(changes)
        self._replace(found)
        return self.snapshot()

    def apply(self, changes: Changes) -> bytes | None:
        """Takes changed rows: the delta frame from `version`, or None if nothing differs."""
        rows = [c for r in changes.rows if (c := self._change(r)) is not None]
        self.read_version, self.at = changes.version, changes.at
        if not rows:
            return None
        made = frame(Delta(self.name, self.version, changes.version, self.layout, changes.at, rows))
        self.version = changes.version
        self._forget()
        return made

    def _change(self, row: Row) -> RowChange | None:
        was = self.rows[row.code]
        if row == was:
            return None
        self.rows[row.code] = row
        values = patch(was.counters, row.counters)
        # A slot and its value take twice the room of a value.
        if 2 * len(values) < len(row.counters):
            return RowChange(row.code, row.version, row.last_at, set=values)
        return RowChange(row.code, row.version, row.last_at, counters=row.counters)

    def snapshot(self) -> bytes:
        """The frame of the whole topic; encoded once until it changes."""
        if self._snapshot is None:
            rows = list(self.rows.values())
            message = Snapshot(self.name, self.version, self.layout, self.at, dict(self.names), self.counters, rows)
            self._snapshot = frame(message)
        return self._snapshot

    def resume(self, since: int | None, layout: int | None) -> bytes | None:
        """The frame that brings a client from `since` to `version`; None if it has seen more than was read here."""
        if since is None or layout != self.layout:
            return self.snapshot()
        if since > self.read_version:
            return None
        made = self._resumes.get(since)
        if made is None:
            made = frame(self._since(since))
            if len(self._resumes) < RESUMES_LIMIT:
                self._resumes[since] = made
        return made

    def _since(self, since: int) -> Delta:
        # Between version and read_version nothing changed here: who is there has everything.
        rows: Iterable[Row] = (r for r in self.rows.values() if r.version > since)
        changed = [RowChange(r.code, r.version, r.last_at, counters=r.counters) for r in rows]
        return Delta(self.name, since, max(since, self.version), self.layout, self.at, changed)


def patch(was: list[int], now: list[int]) -> dict[int, int]:
    """Slot (1-based) -> value of the slots that differ; the shorter vector ends in zeros."""
    found = {i: b for i, (a, b) in enumerate(zip(was, now, strict=False), 1) if a != b}
    for i in range(len(was), len(now)):
        if now[i]:
            found[i + 1] = now[i]
    for i in range(len(now), len(was)):
        if was[i]:
            found[i + 1] = 0
    return found
