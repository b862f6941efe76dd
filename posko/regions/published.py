"""What is published of the regions above the kelurahan: names, what lies below, TPS at the last election."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Final

import msgspec

from posko import terms
from posko.regions import preset
from posko.terms import Level

DEEPEST: Final = Level.kecamatan
"""Below it a region is a kelurahan, which is counted and not named here."""


class Below(msgspec.Struct, frozen=True):
    """A region one level down."""

    code: str
    name: str


class PublishedRegion(msgspec.Struct, frozen=True):
    """A region as it is published: `regions` at and below it, `tps` at the last election, both to its kelurahan."""

    code: str
    name: str
    level: int
    regions: int
    tps: int
    below: list[Below]


class PresetOffer(msgspec.Struct, frozen=True):
    """A ready operation; `too_large`: made by `posko operation create` alone. `voters` null: not published."""

    key: str
    root: str
    name: str
    tps: int
    voters: int | None
    too_large: bool


class Published:
    """Reads the seed at first need, and keeps what is above the kelurahan. Reading it takes a moment: off the loop."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._names: dict[str, str] = {}
        self._regions: Counter[str] = Counter()
        self._tps: Counter[str] = Counter()
        self._below: dict[str, list[Below]] = {}

    def region(self, code: str) -> PublishedRegion | None:
        """One region down to the kecamatan; None when there is none."""
        self._read()
        if code not in self._names:
            return None
        counts = (int(terms.level_of(code)), self._regions[code], self._tps[code])
        return PublishedRegion(code, self._names[code], *counts, self._below.get(code, []))

    def presets(self) -> list[PresetOffer]:
        """Every ready operation, the smallest first."""
        self._read()
        found = (
            PresetOffer(p.key, p.root, p.name, self._tps[p.root], p.voters, p.root == terms.NATION)
            for p in preset.PRESETS.values()
        )
        return sorted(found, key=lambda offer: offer.tps)

    def _read(self) -> None:
        with self._reading:
            if self._names:
                return
            names: dict[str, str] = {}
            for region in preset.regions_of(terms.NATION):
                self._regions.update(terms.ancestors(region.code))
                if terms.level_of(region.code) <= DEEPEST:
                    names[region.code] = region.name
                    if region.parent_code is not None:
                        self._below.setdefault(region.parent_code, []).append(Below(region.code, region.name))
            for kecamatan, tps in preset.tps_per_kecamatan():
                for code in terms.ancestors(kecamatan):
                    self._tps[code] += tps
            self._names = names
