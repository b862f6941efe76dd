"""What goes beside a day that is played in a drill: the drill's clock, and desks that work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from posko.simulation.api import UNREACHED, Api, ServerRefused, TryAgain
from posko.simulation.desks import Desks
from posko.simulation.progress import Tally

CLOCK_EVERY_S: Final = 0.5
"""How often the clock is brought to the day that is played."""
LATE_S: Final = 60.0
"""Simulated seconds."""


class Rehearsal:
    """Keeps the clock of one drill with a day; without desks nobody works on what goes wrong."""

    def __init__(self, api: Api, operation: int, desks: Desks | None) -> None:
        self._api = api
        self._operation = operation
        self._desks = desks

    @contextlib.asynccontextmanager
    async def beside(self, tally: Tally, start_ms: int, speed: float) -> AsyncIterator[None]:
        """From the day's start to its end; afterwards the clock goes on from there, as clocks do."""
        await self._set_clock(start_ms, speed)
        going = asyncio.create_task(self._go(tally, start_ms, speed))
        try:
            yield
        finally:
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)
            ended_ms = max(tally.clock_ms, start_ms)
            await self._set_clock(ended_ms, 1)
            await self._work(tally, ended_ms)

    async def _go(self, tally: Tally, start_ms: int, speed: float) -> None:
        while True:
            await asyncio.sleep(CLOCK_EVERY_S)
            now_ms = max(tally.clock_ms, start_ms)
            # A day that is late stands still until it has caught up: its clock must not run ahead of what was sent.
            await self._set_clock(now_ms, speed if tally.behind_s < LATE_S else 0)
            await self._work(tally, now_ms)

    async def _work(self, tally: Tally, now_ms: int) -> None:
        if self._desks is not None:
            await self._desks.work(now_ms)
            tally.acted = self._desks.done

    async def _set_clock(self, at_ms: int, speed: float) -> None:
        """Only what comes of it is late when the server is away: the next one brings it along."""
        with contextlib.suppress(TryAgain, ServerRefused, *UNREACHED):
            await self._api.set_clock(self._operation, at_ms, speed)
