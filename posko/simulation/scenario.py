"""Scenarios: what kind of day it is, and at which TPS something out of the ordinary happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from posko.simulation.roster import Tps, by_region, draw

ScenarioName: TypeAlias = Literal["biasa", "banjir-2024", "suara-2024"]
SCENARIOS: Final[tuple[ScenarioName, ...]] = ("biasa", "banjir-2024", "suara-2024")

FloodKind: TypeAlias = Literal["soaked", "closed", "wet", "wet_later"]
"""soaked: boxes lost, no vote; closed: not open before 10:55; wet: opened late or moved; wet_later: after opening."""

SUNTER_JAYA: Final = "31.72.02.1002"
PEGANGSAAN_DUA: Final = "31.72.06.1002"
KELAPA_GADING_BARAT: Final = "31.72.06.1003"

CITY_TPS: Final = 2_386
"""TPS of Kota Jakarta Utara (KPU, 3 Oct 2024): what the share of flooded TPS elsewhere is taken of."""
FIRST_WAVE: Final = 34
ALL_FLOODED: Final = 70
SOAKED: Final = range(141, 153)


class Scenario(msgspec.Struct, frozen=True):
    """A day's name, the flooded TPS by code, and what the reader must know of how they were chosen (Indonesian)."""

    name: ScenarioName
    floods: Mapping[str, FloodKind] = {}
    notes: tuple[str, ...] = ()


def ordinary() -> Scenario:
    """A normal day."""
    return Scenario("biasa")


def flood_2024(roster: Sequence[Tps], seed: int) -> Scenario:
    """14 February 2024 in Jakarta Utara: 12 TPS soaked, 34 then 70 flooded; elsewhere the same share."""
    regions = by_region(roster)
    if not roster:
        return Scenario("banjir-2024")
    notes: list[str] = []
    names, share = [SUNTER_JAYA, PEGANGSAAN_DUA, KELAPA_GADING_BARAT], 1.0
    if SUNTER_JAYA not in regions:
        by_size = sorted(regions, key=lambda code: (-len(regions[code]), code))
        names, share = [*by_size, "", "", ""][:3], min(1.0, len(roster) / CITY_TPS)
        notes.append(
            "Sunter Jaya tidak ada di operasi ini: banjir dimainkan di kelurahan dengan TPS terbanyak, "
            f"dengan bagian TPS yang sama seperti Jakarta Utara ({ALL_FLOODED} dari {CITY_TPS})."
        )
    floods: dict[str, FloodKind] = {}
    _soak([roster[i] for i in regions[names[0]]], share, floods, notes)
    first: tuple[tuple[FloodKind, str, int], ...] = (("wet", names[1], 6), ("closed", names[2], FIRST_WAVE - 12 - 6))
    for kind, region, wanted in first:
        floods.update((roster[i].code, kind) for i in regions.get(region, [])[: _scaled(wanted, share)])
    _spread(roster, floods, (names[0][:5], seed, _scaled(ALL_FLOODED, share)))
    lost = sum(kind == "soaked" for kind in floods.values())
    notes.append(f"{len(floods)} TPS tergenang, {lost} di antaranya tidak dapat memungut suara.")
    return Scenario("banjir-2024", floods, tuple(notes))


def _scaled(wanted: int, share: float) -> int:
    return max(1, round(wanted * share))


def _soak(within: list[Tps], share: float, floods: dict[str, FloodKind], notes: list[str]) -> None:
    """TPS 141-152 where the roster has them; else as many of the last ones of the kelurahan."""
    chosen = [tps for tps in within if tps.number in SOAKED]
    if share < 1 or len(chosen) < len(SOAKED):
        chosen = sorted(within, key=lambda tps: tps.code)[-_scaled(len(SOAKED), share) :]
        used = f"{chosen[0].number:03d}-{chosen[-1].number:03d}"
        notes.append(f"TPS 141-152 tidak ada di {chosen[0].code[:13]}: dipakai TPS {used}.")
    floods.update((tps.code, "soaked") for tps in chosen)


def _spread(roster: Sequence[Tps], floods: dict[str, FloodKind], where: tuple[str, int, int]) -> None:
    """The second wave: further TPS of the same kabkota, chosen by their codes, until all are flooded."""
    kabkota, seed, wanted = where
    others = [t.code for t in roster if t.code.startswith(kabkota) and t.code not in floods]
    others.sort(key=lambda code: (draw(seed, "flood", code), code))
    floods.update((code, "wet_later") for code in others[: max(0, wanted - len(floods))])
