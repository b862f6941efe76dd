"""Rosters and grounds that simulations are tried on."""

from __future__ import annotations

import datetime

from posko.simulation.day import Day, Sending
from posko.simulation.roster import Contest, Ground, Tps
from posko.simulation.scenario import ordinary

MILESTONES = frozenset(
    (
        *("logistics_ready", "kpps_present", "oath", "voting_open", "dpk_voting", "voting_closed", "count_started"),
        *("count_finished", "c_hasil_signed", "c_hasil_posted", "box_sent", "box_pps", "box_ppk"),
    )
)
CONTESTS = (Contest("gubernur", "31", (1, 2, 3)), Contest("bupati_walikota", "31.72", (1, 2)))
GROUND = Ground(7, datetime.date(2024, 11, 27), MILESTONES, CONTESTS)


def city(kelurahan: int, each: int, *, root: str = "31.72", utc_offset: int = 7) -> list[Tps]:
    """TPS of about 564 voters in kelurahan of one city."""
    return [
        Tps(f"{root}.{1 + k // 7:02d}.{1001 + k % 7:04d}.{n:03d}", 270 + n % 20, 280 + k % 15, utc_offset)
        for k in range(kelurahan)
        for n in range(1, each + 1)
    ]


def sendings(roster: list[Tps], *, seed: int = 1) -> list[Sending]:
    """An ordinary day, whole."""
    return list(Day(GROUND, roster, seed=seed, scenario=ordinary()).sendings())
