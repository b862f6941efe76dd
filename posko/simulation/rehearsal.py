"""What goes beside a day that is played in a drill: the drill's clock, desks that work, a piket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final, TypeAlias

from posko.simulation.api import UNREACHED, Api, ServerRefused, TryAgain
from posko.simulation.desks import Desks
from posko.simulation.piket import Piket
from posko.simulation.progress import Tally

LOOK_EVERY_S: Final = 0.25
"""How often the clock is held against the day that is played, and desks look."""
APART_MS: Final = 30_000
"""Simulated time by which a running clock may differ from the day's before it is set anew."""

Hour: TypeAlias = Callable[[], tuple[int, float]]
"""What the drill's clock is to show now (milliseconds since 1970), and how many of its seconds pass in one."""


class Rehearsal:
    """Keeps the clock of one drill with a day; without desks nobody works on what goes wrong."""

    def __init__(self, api: Api, operation: int, desks: Desks | None, piket: Piket | None) -> None:
        self._api = api
        self._operation = operation
        self._desks = desks
        self._piket = piket
        self._shows: tuple[float, int, float] | None = None
        """When the clock was last set, to what, and how fast it goes."""
        self.refusal: int | None = None
        """The status with which the server refused to set the clock."""

    @contextlib.asynccontextmanager
    async def beside(self, tally: Tally, hour: Hour) -> AsyncIterator[None]:
        """From the day's start to its end; afterwards the clock goes on from there, as clocks do."""
        await self._keep_clock(hour())
        going = [asyncio.create_task(self._go(tally, hour))]
        if self._piket is not None:
            going.append(asyncio.create_task(self._piket.keep()))
        try:
            yield
        finally:
            for task in going:
                task.cancel()
            await asyncio.gather(*going, return_exceptions=True)
            ended_ms, _ = hour()
            await self._keep_clock((ended_ms, 1.0))
            await self._work(tally, ended_ms)

    async def _go(self, tally: Tally, hour: Hour) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._keep_clock(hour())
            await self._work(tally, hour()[0])

    async def _work(self, tally: Tally, now_ms: int) -> None:
        if self._desks is not None:
            await self._desks.work(now_ms)
            tally.work = self._desks.so_far

    async def _keep_clock(self, wanted: tuple[int, float]) -> None:
        """Sets the clock where it does not show what is wanted, never back; a server that is away hears it later."""
        at_ms, speed = wanted
        now = asyncio.get_running_loop().time()
        if self._shows is not None:
            since, then_ms, went = self._shows
            shown_ms = then_ms + (now - since) * 1000 * went
            at_ms = max(at_ms, int(shown_ms))
            if speed == went and abs(shown_ms - at_ms) < (APART_MS if speed else 1):
                return
        with contextlib.suppress(TryAgain, ServerRefused, *UNREACHED):
            status = await self._api.set_clock(self._operation, at_ms, speed)
            self._shows = (now, at_ms, speed)
            self.refusal = None if status == 200 else status
