"""One day on its way: a clock that sets the pace, and senders that try until every report has its answer."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import datetime
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Final, TypeAlias

import msgspec

from posko.reports.report import ReportItem
from posko.simulation.api import UNREACHED, Answer, Api, TryAgain
from posko.simulation.day import Sending
from posko.simulation.progress import Progress, Tally
from posko.simulation.roster import DAY_MS, Ground
from posko.simulation.scenario import ScenarioName

NORMAL_SPEED: Final = 102.0
"""Simulated seconds per second: 05:00 to 22:00 in ten minutes."""
FIRST_BACKOFF_S: Final = 0.25
LAST_BACKOFF_S: Final = 10.0
PROGRESS_EVERY_S: Final = 0.25
LATE_S: Final = 60.0
"""Simulated seconds by which a day may be late before its clock stands still."""

OnProgress: TypeAlias = Callable[[Progress], None]
OnNote: TypeAlias = Callable[[str], None]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to play, where and how fast; `speed` None: as fast as the server takes; hours are of the first zone."""

    url: str
    username: str
    password: str
    operation: int | None = None
    region: str | None = None
    speed: float | None = NORMAL_SPEED
    seed: int = 2024
    scenario: ScenarioName = "biasa"
    start: datetime.time = datetime.time(5, 0)
    """Whatever is sent before this moment is sent at once."""
    until: datetime.time | None = None
    limit_reports: int | None = None
    concurrency: int = 64
    desks: bool = True
    """Whether desks work on the incidents and alarms of a drill."""
    desk_accounts: tuple[tuple[str, str], ...] = ()
    """Who sits at them (name, password), the one that sees the whole region first; without any the same account."""


def backoff(rng: random.Random, attempt: int, after_s: float | None) -> float:
    """Seconds to wait: what the server says and up to half more; else doubling from 0.25 to 10, with jitter."""
    if after_s is not None:
        return after_s * rng.uniform(1, 1.5)
    return float(min(LAST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** min(attempt, 10)) * rng.uniform(0.5, 1))


class Player:
    """One day being played: a clock that sets the pace, and `concurrency` senders behind one short queue."""

    def __init__(self, api: Api, order: Order, ground: Ground, utc_offset: int, stop: asyncio.Event) -> None:
        self._api = api
        self._order = order
        self._stop = stop
        self.tally = Tally(utc_offset)
        self._rng = random.Random(order.seed)
        midnight = ground.midnight_ms(utc_offset)
        self.start_ms = midnight + _since_midnight_ms(order.start)
        self._under_way: collections.Counter[int] = collections.Counter()
        """By the moment at which they leave: requests without an answer, at most twice `concurrency`."""
        self._paced_from: float | None = None
        self._is_over = False
        self._until_ms = midnight + (2 * DAY_MS if order.until is None else _since_midnight_ms(order.until))
        self._queue: asyncio.Queue[Sending | None] = asyncio.Queue(order.concurrency)

    def hour(self) -> tuple[int, float]:
        """What the drill's clock is to show: what the server has been told; it runs while the senders keep up."""
        told_ms = min(self._under_way, default=self.tally.clock_ms or self.start_ms)
        speed, behind = self._order.speed, self.tally.behind_s > LATE_S
        if speed is None or self._paced_from is None or behind or self._is_over:
            return told_ms, 0.0
        passed_s = asyncio.get_running_loop().time() - self._paced_from
        return self.start_ms + int(passed_s * speed * 1000), speed

    async def run(self, stream: Iterator[Sending], on_progress: OnProgress | None) -> Progress:
        loop = asyncio.get_running_loop()
        began = loop.time()

        def tell() -> None:
            if on_progress:
                on_progress(self.tally.progress(loop.time() - began))

        try:
            async with _ticking(tell), asyncio.TaskGroup() as group:
                for _ in range(self._order.concurrency):
                    group.create_task(self._send_from_queue())
                await self._feed(stream)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return self.tally.progress(loop.time() - began)

    async def _feed(self, stream: Iterator[Sending]) -> None:
        """Puts each request into the queue at its time; a full queue holds the clock back, and it catches up later."""
        left = self._order.limit_reports
        for sending in stream:
            if sending.at_ms >= self._until_ms or self._stop.is_set() or (left is not None and left <= 0):
                break
            if self._order.speed is not None and sending.at_ms > self.start_ms:
                if self._paced_from is None:
                    self._paced_from = asyncio.get_running_loop().time()
                if not await self._wait_for(sending.at_ms, self._paced_from, self._order.speed):
                    break
            if left is not None:
                left -= len(sending.items)
            self.tally.clock_ms = sending.at_ms
            self._under_way[sending.at_ms] += 1
            await self._queue.put(sending)
        self._is_over = True
        for _ in range(self._order.concurrency):
            await self._queue.put(None)

    async def _wait_for(self, at_ms: int, paced_from: float, speed: float) -> bool:
        """Waits until the simulated clock reaches a moment; False when the day was stopped meanwhile."""
        loop = asyncio.get_running_loop()
        ahead = paced_from + (at_ms - self.start_ms) / 1000 / speed - loop.time()
        self.tally.behind_s = max(0.0, -ahead * speed)
        if ahead <= 0:
            return True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), ahead)
        return not self._stop.is_set()

    async def _send_from_queue(self) -> None:
        while (sending := await self._queue.get()) is not None:
            if self._stop.is_set():
                continue
            self.tally.sent += len(sending.items)
            self.tally.again += len(sending.items) * sending.again
            await self._deliver(sending.items)
            self._under_way[sending.at_ms] -= 1
            if not self._under_way[sending.at_ms]:
                del self._under_way[sending.at_ms]

    async def _deliver(self, items: Sequence[ReportItem]) -> None:
        """Sends until every report has its answer, always under the same ids."""
        attempt = 0
        while items:
            after_s: float | None = None
            asked = asyncio.get_running_loop().time()
            try:
                answers = await self._api.send(items)
            except TryAgain as later:
                after_s = later.after_s
            except UNREACHED:
                pass
            else:
                self.tally.latencies.add(asyncio.get_running_loop().time() - asked)
                items = self._count(items, answers)
            if not items:
                return
            if self._stop.is_set() or not await self._pause(backoff(self._rng, attempt, after_s)):
                self.tally.unsent += len(items)
                return
            attempt += 1
            self.tally.retried += len(items)

    async def _pause(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
        return not self._stop.is_set()

    def _count(self, items: Sequence[ReportItem], answers: Sequence[Answer]) -> list[ReportItem]:
        """Counts the answers; returns the reports that the server could not take just now."""
        again = []
        for item, answer in zip(items, answers, strict=True):
            if answer.outcome == "accepted":
                self.tally.accepted += 1
            elif answer.outcome == "duplicate":
                self.tally.duplicate += 1
            elif answer.status >= 500:
                again.append(item)
            else:
                self.tally.refuse(answer.problem.code if answer.problem else f"http-{answer.status}")
        return again


@contextlib.asynccontextmanager
async def _ticking(tell: Callable[[], None]) -> AsyncIterator[None]:
    """Calls `tell` every `PROGRESS_EVERY_S` inside, and once at the end."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY_S)
            tell()

    ticker = asyncio.create_task(tick())
    try:
        yield
    finally:
        ticker.cancel()
        tell()


def _since_midnight_ms(clock: datetime.time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1000
