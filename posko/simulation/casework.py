"""What desks do about incidents, thought out beforehand. Pure: the same seed and incident, the same work."""

from __future__ import annotations

import datetime
import random
import uuid
from typing import Any, Final

import msgspec

from posko import terms
from posko.simulation.roster import MINUTE_MS, draw

UNTOUCHED: Final = 0.12
"""Share of incidents that nobody accepts: they climb to the top."""
FORGOTTEN: Final = 0.08
"""Share that is accepted and then forgotten: they climb again."""
WORD_EVERY_MINUTES: Final = 11
"""How often a desk that works on something says how it goes: silence lets it climb again."""
WORDS: Final = (
    "KPPS sudah dihubungi, menunggu kabar dari lokasi",
    "petugas masih di lokasi, pemungutan tetap berjalan",
    "menunggu tambahan dari kecamatan",
    "saksi dan pengawas sudah diberi tahu",
)
VERIFIED: Final = 0.6
TOLD_TWICE: Final = 0.06
"""Share that a second desk hears of and files too: they are merged."""
FLOODED_TOGETHER: Final = 3
"""TPS under water in one kelurahan that are made parts of one incident."""

TIERS: Final = ("nasional", "provinsi", "kabkota", "kecamatan", "kelurahan", "dusun")


class Move(msgspec.Struct, frozen=True):
    """What a desk does about an incident or alarm at a moment of the simulated day; `noun` ends its path."""

    at_ms: int
    subject: uuid.UUID
    place: str
    noun: str
    body: dict[str, Any] = {}
    turn: int = 0


class Seen(msgspec.Struct):
    """What a desk reads of an incident."""

    id: uuid.UUID
    place: str
    status: str
    severity: str
    category: str
    tier: str
    opened_at: datetime.datetime
    acknowledge_by: datetime.datetime

    @property
    def has_climbed(self) -> bool:
        """Whether it is with a tier above that of its place."""
        return TIERS.index(self.tier) < min(terms.level_of(self.place), terms.Level.kelurahan)


def bits_of(*parts: object) -> int:
    """The random part of the id of what a desk files: the same when it is filed again."""
    return random.Random("/".join(map(str, parts))).getrandbits(74)


def plan(seed: int, incident: Seen, now_ms: int) -> list[Move]:
    """What will be done about an incident that was just seen."""

    def luck(what: str) -> float:
        return draw(seed, incident.id, what)

    def move(at_ms: int, noun: str, **body: Any) -> Move:
        return Move(at_ms, incident.id, incident.place, noun, body)

    def later(at_ms: int, what: str, least: float, most: float) -> int:
        return at_ms + int((least + (most - least) * luck(what)) * MINUTE_MS)

    moves = []
    if luck("twice") < TOLD_TWICE and terms.level_of(incident.place) is terms.Level.tps:
        moves.append(move(later(now_ms, "second", 2, 8), "again"))
    if luck("fate") < UNTOUCHED:
        return moves
    # Some are late for what the rule allows.
    allowed_minutes = (incident.acknowledge_by - incident.opened_at).total_seconds() / 60
    at = later(now_ms, "accept", 0.15 * allowed_minutes, 1.15 * allowed_minutes)
    moves.append(move(at, "acknowledgement", said="diterima, tim diberi tahu"))
    if luck("fate") < UNTOUCHED + FORGOTTEN:
        return moves
    if luck("verify") < VERIFIED:
        verified = later(at, "proof", 2, 8)
        moves.append(move(verified, "verification", state="terverifikasi", said="dilihat petugas di lokasi"))
    handled = later(at, "handle", 3, 10)
    resolved = later(handled, "resolve", 6, 45)
    moves.append(move(handled, "handling", said="petugas di lokasi"))
    words = range(handled + WORD_EVERY_MINUTES * MINUTE_MS, resolved, WORD_EVERY_MINUTES * MINUTE_MS)
    moves.extend(move(word, "comments", said=WORDS[n % len(WORDS)]) for n, word in enumerate(words))
    moves.append(move(resolved, "resolution", said="sudah diselesaikan di lokasi"))
    moves.append(move(later(resolved, "close", 3, 9), "closure", said="diperiksa pengawas"))
    return moves


class Floods:
    """TPS under water by kelurahan: from the third on they are parts of one incident of the kelurahan."""

    def __init__(self) -> None:
        self._flooded: dict[str, list[Seen]] = {}
        self._parents: dict[str, uuid.UUID] = {}
        self._gathering: set[str] = set()

    def see(self, incident: Seen, now_ms: int) -> list[Move]:
        """What follows from another flooded TPS."""
        if incident.category != "bencana.banjir" or terms.level_of(incident.place) is not terms.Level.tps:
            return []
        kelurahan = incident.place[:13]
        flooded = self._flooded.setdefault(kelurahan, [])
        flooded.append(incident)
        if kelurahan in self._parents:
            return [self._join(incident, kelurahan, now_ms + 2 * MINUTE_MS)]
        if len(flooded) < FLOODED_TOGETHER or kelurahan in self._gathering:
            return []
        self._gathering.add(kelurahan)
        return [Move(now_ms + 4 * MINUTE_MS, incident.id, kelurahan, "gathering")]

    def gather(self, kelurahan: str, parent: uuid.UUID, now_ms: int) -> list[Move]:
        """The incident of the kelurahan is filed: all that is flooded so far becomes part of it."""
        self._parents[kelurahan] = parent
        return [self._join(incident, kelurahan, now_ms) for incident in self._flooded[kelurahan]]

    def _join(self, incident: Seen, kelurahan: str, at_ms: int) -> Move:
        body = {"parent": str(self._parents[kelurahan]), "said": "bagian dari banjir di kelurahan ini"}
        return Move(at_ms, incident.id, incident.place, "parent", body)
