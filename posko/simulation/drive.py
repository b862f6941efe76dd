"""Plays a simulated day against a running server through its public API, at a chosen speed, and loses nothing.

Limits: `concurrency` requests under way and as many waiting. A request that finds no answer is tried again under the
same ids until it has one; when the day is stopped before, its reports are counted as unsent.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Final, TypeAlias, TypeVar

import aiohttp
import msgspec

from posko import terms
from posko.reports.report import ReportItem
from posko.simulation import scenario, votes
from posko.simulation.api import TIMEOUT_S, UNREACHED, Answer, Api, OperationSeen, ServerRefused, TryAgain
from posko.simulation.day import Day, Sending
from posko.simulation.desks import Desks
from posko.simulation.progress import Progress, Tally
from posko.simulation.rehearsal import Rehearsal
from posko.simulation.roster import DAY_MS, Ground, Tps
from posko.simulation.scenario import ScenarioName

T = TypeVar("T")

NORMAL_SPEED: Final = 102.0
"""Simulated seconds per second: 05:00 to 22:00 in ten minutes."""
FIRST_BACKOFF_S: Final = 0.25
LAST_BACKOFF_S: Final = 10.0
PROGRESS_EVERY_S: Final = 0.25
START_ATTEMPTS: Final = 6
"""How often signing in and reading the operation are tried before the day is given up."""

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
    """Whether desks work on the incidents of a drill, as the same account."""


async def play(
    order: Order,
    *,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
    stop: asyncio.Event | None = None,
) -> Progress:
    """Plays one day to its end, its `until`, its limit, or until `stop` is set; returns the final counts."""
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    # Beside the senders: who sets the clock and works at the desks must not wait for a connection.
    connector = aiohttp.TCPConnector(limit=order.concurrency + 2)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        api = Api(http, order.url, order.username, order.password)
        stop = stop or asyncio.Event()
        looked = await _unless_stopped(stop, _look(api, order))
        if looked is None:
            return Tally(7).progress(0)
        seen, ground, roster = looked
        stream, notes = _stream(order, ground, roster)
        facts = f"{len(roster)} TPS, {len(ground.contests)} pemilihan, hari pemungutan suara {ground.voting_day}"
        for note in (facts, *notes):
            if on_note:
                on_note(note)
        player = _Player(api, order, ground, min(tps.utc_offset for tps in roster), stop)
        if seen.mode != "drill":
            return await player.run(stream, on_progress)
        desks = Desks(api, seen.id, order.region or seen.root_code, order.seed) if order.desks else None
        async with Rehearsal(api, seen.id, desks).beside(player.tally, player.start_ms, order.speed or 0):
            return await player.run(stream, on_progress)


async def _unless_stopped(stop: asyncio.Event, work: Coroutine[None, None, T]) -> T | None:
    """What the work returns, or None when the day is stopped before."""
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if task.done():
        return task.result()
    task.cancel()
    await asyncio.wait({task})
    return None


async def _look(api: Api, order: Order) -> tuple[OperationSeen, Ground, list[Tps]]:
    """Signs in and reads what is played on."""
    rng = random.Random(order.seed)
    await _patiently(rng, api.sign_in)
    seen = await _patiently(rng, lambda: api.operation(order.operation))
    if seen.state != "active":
        raise ServerRefused(f"operation {seen.id} is {seen.state}, it takes no reports")
    region = order.region or seen.root_code
    roster = await _patiently(rng, lambda: api.roster(seen.id, region))
    if not roster:
        raise ServerRefused(f"operation {seen.id} has no TPS in {region}")
    return seen, seen.ground(), roster


async def _patiently(rng: random.Random, ask: Callable[[], Awaitable[T]]) -> T:
    """Asks until there is an answer, at most `START_ATTEMPTS` times."""
    for attempt in range(START_ATTEMPTS):
        try:
            return await ask()
        except TryAgain as later:
            await asyncio.sleep(_backoff(rng, attempt, later.after_s))
        except UNREACHED:
            await asyncio.sleep(_backoff(rng, attempt, None))
    try:
        return await ask()
    except (TryAgain, *UNREACHED) as error:
        raise ServerRefused(f"the server does not answer: {error}") from error


def _stream(order: Order, ground: Ground, roster: Sequence[Tps]) -> tuple[Iterator[Sending], tuple[str, ...]]:
    """The requests of the day in the order in which they leave, and what the reader must know of them."""
    if order.scenario == "suara-2024":
        if order.region is not None and terms.level_of(order.region) > terms.Level.kecamatan:
            raise ServerRefused("published votes are per kecamatan: choose a region no smaller than that")
        real = votes.divide(votes.read_seed(), roster)
        note = f"{len(real)} C.Hasil dari hitungan berjalan KPU; pembagian per TPS perkiraan, bukan hasil resmi."
        return votes.sendings(ground, roster, real, seed=order.seed), (note,)
    chosen = scenario.flood_2024(roster, order.seed) if order.scenario == "banjir-2024" else scenario.ordinary()
    day = Day(ground, roster, seed=order.seed, scenario=chosen)
    # The posko of a kelurahan speaks only where the whole kelurahan is played, and may be spoken for.
    scope = order.region or terms.NATION
    return (s for s in day.sendings() if terms.contains(scope, s.items[0].place)), chosen.notes


def _backoff(rng: random.Random, attempt: int, after_s: float | None) -> float:
    """Seconds to wait: what the server says and up to half more; else doubling from 0.25 to 10, with jitter."""
    if after_s is not None:
        return after_s * rng.uniform(1, 1.5)
    return float(min(LAST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** min(attempt, 10)) * rng.uniform(0.5, 1))


class _Player:
    """One day being played: a clock that sets the pace, and `concurrency` senders behind one short queue."""

    def __init__(self, api: Api, order: Order, ground: Ground, utc_offset: int, stop: asyncio.Event) -> None:
        self._api = api
        self._order = order
        self._stop = stop
        self.tally = Tally(utc_offset)
        self._rng = random.Random(order.seed)
        midnight = ground.midnight_ms(utc_offset)
        self.start_ms = midnight + _since_midnight_ms(order.start)
        self._until_ms = midnight + (2 * DAY_MS if order.until is None else _since_midnight_ms(order.until))
        self._queue: asyncio.Queue[Sending | None] = asyncio.Queue(order.concurrency)

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
        paced_from: float | None = None
        for sending in stream:
            if sending.at_ms >= self._until_ms or self._stop.is_set() or (left is not None and left <= 0):
                break
            if self._order.speed is not None and sending.at_ms > self.start_ms:
                if paced_from is None:
                    paced_from = asyncio.get_running_loop().time()
                if not await self._wait_for(sending.at_ms, paced_from, self._order.speed):
                    break
            if left is not None:
                left -= len(sending.items)
            self.tally.clock_ms = sending.at_ms
            await self._queue.put(sending)
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
            if self._stop.is_set() or not await self._pause(_backoff(self._rng, attempt, after_s)):
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
