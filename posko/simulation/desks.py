"""Desks that work while a day is played: they accept, handle, resolve and close incidents; some they leave alone."""

from __future__ import annotations

import uuid
from typing import Final

import msgspec

from posko.simulation.api import UNREACHED, Api, ServerRefused, TryAgain
from posko.simulation.roster import MINUTE_MS, draw

UNTOUCHED: Final = 0.12
"""Share of incidents that nobody accepts: they climb to the top."""
FORGOTTEN: Final = 0.08
"""Share that is accepted and then forgotten: they climb again."""


class Move(msgspec.Struct, frozen=True):
    """What a desk does at a moment of the simulated day."""

    at_ms: int
    incident: uuid.UUID
    noun: str
    said: str


class Seen(msgspec.Struct):
    """What a desk reads of an incident."""

    id: uuid.UUID
    status: str
    severity: str


class SeenChanges(msgspec.Struct):
    to: int
    is_more: bool
    rows: list[Seen]


def plan(seed: int, incident: Seen, now_ms: int) -> list[Move]:
    """What will be done about an incident that was just seen; the same seed and incident, the same work."""
    fate = draw(seed, incident.id, "fate")
    if fate < UNTOUCHED:
        return []
    # The graver, the sooner.
    minutes = {"kritis": 2, "tinggi": 6, "sedang": 14, "rendah": 30}[incident.severity]
    accepted = now_ms + int(minutes * (0.3 + draw(seed, incident.id, "accept")) * MINUTE_MS)
    moves = [Move(accepted, incident.id, "acknowledgement", "diterima, tim diberi tahu")]
    if fate < UNTOUCHED + FORGOTTEN:
        return moves
    handled = accepted + int((3 + 10 * draw(seed, incident.id, "handle")) * MINUTE_MS)
    resolved = handled + int((10 + 60 * draw(seed, incident.id, "resolve")) * MINUTE_MS)
    moves.append(Move(handled, incident.id, "handling", "petugas di lokasi"))
    moves.append(Move(resolved, incident.id, "resolution", "sudah diselesaikan di lokasi"))
    moves.append(Move(resolved + 5 * MINUTE_MS, incident.id, "closure", "diperiksa pengawas"))
    return moves


class Desks:
    """Every desk of an operation in one: sees what opens, and does what is planned when its minute has come."""

    def __init__(self, api: Api, operation: int, region: str, seed: int) -> None:
        self._api = api
        self._operation = operation
        self._region = region
        self._seed = seed
        self._since = 0
        self._known: set[uuid.UUID] = set()
        self._moves: list[Move] = []
        self.done = self.refused = 0

    async def work(self, now_ms: int) -> None:
        """Looks once, and does what is due."""
        try:
            await self._look(now_ms)
            while self._moves and self._moves[-1].at_ms <= now_ms:
                move = self._moves[-1]
                body = {"said": move.said}
                status = await self._api.put(f"/v1/incidents/{move.incident}/{move.noun}", body)
                self._moves.pop()
                # What somebody else has done meanwhile is no longer to be done.
                self.done += status == 200
                self.refused += status != 200
        except (TryAgain, ServerRefused, *UNREACHED):
            return  # the server is away: what is due stays due

    async def _look(self, now_ms: int) -> None:
        while True:
            path = f"/v1/incidents/changes?operation={self._operation}&region={self._region}&since={self._since}"
            seen = await self._api.get(path, SeenChanges)
            for incident in seen.rows:
                if incident.id not in self._known:
                    self._known.add(incident.id)
                    self._moves += plan(self._seed, incident, now_ms)
            self._moves.sort(key=lambda m: m.at_ms, reverse=True)
            self._since = seen.to
            if not seen.is_more:
                return
