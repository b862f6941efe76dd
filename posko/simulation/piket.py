"""Piket beside a day that is played: who sits at which desk, and that they tap hadir; a few desks nobody sits at."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeVar

import msgspec

from posko import terms
from posko.simulation.api import UNREACHED, Api, ServerRefused, TryAgain
from posko.simulation.roster import Tps, draw, region_of

T = TypeVar("T")

VACANT: Final = 0.1
"""Share of the desks of kelurahan that nobody sits at."""
DESKS_LIMIT: Final = 1_200
"""Of a larger tree the desks of kelurahan keep no piket; of a still larger one none does."""
TAP_EVERY_S: Final = 1_200.0
"""Of the wall clock: a desk counts as left an hour after its last tap."""
KEEPS: Final = frozenset({"operator", "supervisor"})


class _Shift(msgspec.Struct):
    id: int
    username: str = ""


class _Desk(msgspec.Struct):
    on_duty: list[_Shift]


def desks_of(roster: Iterable[Tps], region: str, seed: int) -> list[str]:
    """The desks of a region that somebody sits at, by code."""
    kelurahan = {region_of(tps.code) for tps in roster}
    above = {a for k in kelurahan for a in terms.ancestors(k) if a != k and terms.contains(region, a)}
    manned = {k for k in kelurahan if draw(seed, "vacant", k) >= VACANT}
    for found in (above | manned, above):
        if len(found) <= DESKS_LIMIT:
            return sorted(found)
    return []


class Piket:
    """Sits at desks, each by the nearest of the accounts that may, and taps hadir for as long as the day is played."""

    def __init__(self, apis: Sequence[Api], operation: int, codes: Sequence[str]) -> None:
        self._apis = [api for api in apis if api.seat is not None and api.seat.role in KEEPS]
        self._operation = operation
        self._codes = codes
        self.shifts: dict[int, Api] = {}

    async def keep(self) -> None:
        """Begins every shift, then taps until cancelled."""
        for code in self._codes:
            able = [api for api in self._apis if api.level_over(code) is not None]
            if able:
                await _patiently(self._begin, max(able, key=lambda a: a.level_over(code) or 0), code)
        while True:
            await asyncio.sleep(TAP_EVERY_S)
            for shift, api in self.shifts.items():
                await _patiently(self._tap, api, shift)

    async def _begin(self, api: Api, code: str) -> None:
        status, body = await api.change("POST", f"/v1/desks/{code}/shifts", {"operation": self._operation})
        if status == 201:
            self.shifts[msgspec.json.decode(body, type=_Shift).id] = api
        elif status == 409:  # on duty already, of a day that was stopped
            desk = await api.get(f"/v1/desks/{code}?operation={self._operation}", _Desk)
            self.shifts.update((shift.id, api) for shift in desk.on_duty if shift.username == api.username)

    async def _tap(self, api: Api, shift: int) -> None:
        await api.change("PUT", f"/v1/shifts/{shift}/presence", {})


async def _patiently(act: Callable[[Api, T], Awaitable[None]], api: Api, what: T) -> None:
    while True:
        try:
            return await act(api, what)
        except TryAgain as later:
            await asyncio.sleep(later.after_s or 1.0)
        except UNREACHED:
            await asyncio.sleep(1.0)
        except ServerRefused:
            return None
