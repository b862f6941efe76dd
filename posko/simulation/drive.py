"""Plays a simulated day against a running server through its public API, at a chosen speed, and loses nothing.

Limits: `concurrency` requests under way and as many waiting. A request that finds no answer is tried again under the
same ids until it has one; when the day is stopped before, its reports are counted as unsent.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Final, TypeVar

import aiohttp
import msgspec

from posko import terms
from posko.console import number
from posko.simulation import scenario, votes
from posko.simulation.api import TIMEOUT_S, UNREACHED, Api, OperationSeen, ServerRefused, TryAgain
from posko.simulation.day import Day, Sending
from posko.simulation.desks import Desks, Where
from posko.simulation.piket import Piket, desks_of
from posko.simulation.player import OnNote, OnProgress, Order, Player, backoff
from posko.simulation.progress import Progress, Tally
from posko.simulation.rehearsal import Rehearsal
from posko.simulation.roster import Ground, Tps

T = TypeVar("T")

START_ATTEMPTS: Final = 6
"""How often signing in and reading the operation are tried before the day is given up."""
CONNECTIONS_BESIDE: Final = 8
"""Beside the senders': who sets the clock and works at the desks must not wait for one."""


async def play(
    order: Order,
    *,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
    stop: asyncio.Event | None = None,
) -> Progress:
    """Plays one day to its end, its `until`, its limit, or until `stop` is set; returns the final counts."""
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    connector = aiohttp.TCPConnector(limit=order.concurrency + CONNECTIONS_BESIDE)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        api = Api(http, order.url, order.username, order.password)
        stop = stop or asyncio.Event()
        looked = await _unless_stopped(stop, _look(api, order))
        if looked is None:
            return Tally(7).progress(0)
        seen, ground, roster = looked
        tell = on_note or _silent
        stream, notes, day = _stream(order, ground, roster)
        facts = (
            f"{number(len(roster))} TPS, {len(ground.contests)} pemilihan, hari pemungutan suara {ground.voting_day}"
        )
        for note in (facts, *notes):
            tell(note)
        player = Player(api, order, ground, min(tps.utc_offset for tps in roster), stop)
        if seen.mode != "drill":
            tell("operasi sungguhan: jamnya jam dinding, dan meja-mejanya milik orang")
            return await player.run(stream, on_progress)
        rehearsal = await _rehearsal(order, seen, roster, (http, api, day))
        first = next(stream, None)
        if first is not None:  # its clock begins with what is sent first: H-1 is played too
            player.tally.clock_ms = first.at_ms
            stream = itertools.chain([first], stream)
        async with rehearsal.beside(player.tally, player.hour):
            if rehearsal.refusal is not None:
                tell(f"{order.username} tidak boleh menyetel jam latihan ({rehearsal.refusal})")
            final = await player.run(stream, on_progress)
        # When the last report is in, desks still do what is due by then.
        return msgspec.structs.replace(final, work=player.tally.work)


def _silent(_: str) -> None:
    return


async def _rehearsal(
    order: Order, seen: OperationSeen, roster: Sequence[Tps], of: tuple[aiohttp.ClientSession, Api, Day | None]
) -> Rehearsal:
    """What goes beside the day: the clock, and desks with their piket if they are wanted."""
    http, api, day = of
    if not order.desks:
        return Rehearsal(api, seen.id, None, None)
    apis = [Api(http, order.url, name, password) for name, password in order.desk_accounts]
    rng = random.Random(order.seed)
    for desk in apis:
        await _patiently(rng, desk.sign_in)
    region = order.region or seen.root_code
    where = Where(seen.id, region, order.seed, min(tps.utc_offset for tps in roster))
    desks = Desks(apis or [api], where, None if day is None else day.call)
    return Rehearsal(api, seen.id, desks, Piket(apis or [api], seen.id, desks_of(roster, region, order.seed)))


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
            await asyncio.sleep(backoff(rng, attempt, later.after_s))
        except UNREACHED:
            await asyncio.sleep(backoff(rng, attempt, None))
    try:
        return await ask()
    except (TryAgain, *UNREACHED) as error:
        raise ServerRefused(f"the server does not answer: {error}") from error


def _stream(
    order: Order, ground: Ground, roster: Sequence[Tps]
) -> tuple[Iterator[Sending], tuple[str, ...], Day | None]:
    """The requests of the day in the order in which they leave, what is to be known of them, and the day itself."""
    if order.scenario == "suara-2024":
        if order.region is not None and terms.level_of(order.region) > terms.Level.kecamatan:
            raise ServerRefused("published votes are per kecamatan: choose a region no smaller than that")
        real = votes.divide(votes.read_seed(), roster)
        note = f"{len(real)} C.Hasil dari hitungan berjalan KPU; pembagian per TPS perkiraan, bukan hasil resmi."
        return votes.sendings(ground, roster, real, seed=order.seed), (note,), None
    chosen = scenario.flood_2024(roster, order.seed) if order.scenario == "banjir-2024" else scenario.ordinary()
    day = Day(ground, roster, seed=order.seed, scenario=chosen)
    # The posko of a kelurahan speaks only where the whole kelurahan is played, and may be spoken for.
    scope = order.region or terms.NATION
    return (s for s in day.sendings() if terms.contains(scope, s.items[0].place)), chosen.notes, day
