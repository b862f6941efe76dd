"""Limits: strict ones are exact over all processes, soon ones in the long run, and none needs Redis to be there."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from structlog.testing import capture_logs

from posko import limits
from posko.embedded import Embedded
from posko.errors import TooMany
from posko.limits import Limits, Rule

FOR_EVER_S = 60.0
"""A timeout that a busy machine does not reach."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Room:
    """Several processes on one Redis, with keys of their own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.tag = uuid.uuid4().hex[:12]
        self.client = Redis.from_url(url)
        self._clients = [self.client]
        self._numbers = itertools.count()

    def rule(self, per_s: float, burst: int) -> Rule:
        return Rule(f"{self.tag}-{next(self._numbers)}", per_s, burst)

    def process(self, **kwargs: Any) -> Limits:
        self._clients.append(Redis.from_url(self.url))
        return Limits(self._clients[-1], **kwargs)

    async def keys(self) -> list[bytes]:
        return [key async for key in self.client.scan_iter(f"posko:limit:{self.tag}*")]

    async def move_clock(self, us: int) -> None:
        await self.client.mset(
            {f"posko:limit:{self.tag}:s": us // 1_000_000, f"posko:limit:{self.tag}:us": us % 1_000_000}
        )

    async def close(self) -> None:
        if found := await self.keys():
            await self.client.delete(*found)
        for client in self._clients:
            await client.aclose()


@pytest.fixture
async def room(services: Embedded, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    monkeypatch.setattr(limits, "REDIS_TIMEOUT_S", FOR_EVER_S)
    found = Room(services.redis_url)
    yield found
    await found.close()


async def took(limits: Limits, rule: Rule, key: str = "k", cost: int = 1) -> bool:
    try:
        await limits.take(rule, key, cost)
    except TooMany:
        return False
    return True


def took_soon(limits: Limits, rule: Rule, key: str = "k", cost: int = 1) -> bool:
    try:
        limits.take_soon(rule, key, cost)
    except TooMany:
        return False
    return True


def unreachable(port: int) -> Redis:
    return Redis(host="127.0.0.1", port=port, retry=Retry(NoBackoff(), 0))


# what one process does by itself


@given(
    now=st.floats(0, 1e7),
    per_s=st.floats(1e-4, 1e3),
    burst=st.integers(1, 300),
    at_once=st.booleans(),
)
def test_a_burst_is_the_whole_burst_and_no_more(now: float, per_s: float, burst: int, at_once: bool) -> None:
    alone, rule = Limits(None, clock=Clock(now)), Rule("r", per_s, burst)
    if at_once:
        alone.take_soon(rule, "k", burst)
    else:
        for _ in range(burst):
            assert alone.would_pass(rule, "k")
            alone.take_soon(rule, "k")
    assert not alone.would_pass(rule, "k")
    assert not took_soon(alone, rule)


@given(
    per_s=st.floats(0.01, 100),
    burst=st.integers(1, 20),
    steps=st.lists(st.tuples(st.floats(0, 5), st.integers(1, 4)), max_size=60),
)
def test_never_more_than_the_burst_and_the_rate(per_s: float, burst: int, steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    alone, rule = Limits(None, clock=clock), Rule("r", per_s, burst)
    granted: list[tuple[float, int]] = []
    for wait_s, cost in steps:
        clock.now += wait_s
        if took_soon(alone, rule, cost=cost):
            granted.append((clock.now, cost))
    for i, (start, _) in enumerate(granted):
        so_far = 0
        for end, cost in granted[i:]:
            so_far += cost
            assert so_far <= burst + per_s * (end - start) + 0.001


def test_who_comes_back_when_told_is_let_in_however_often_he_knocked_meanwhile() -> None:
    clock = Clock()
    alone, rule = Limits(None, clock=clock), Rule("r", 1 / 12.4, 2)
    alone.take_soon(rule, "k", 2)
    with pytest.raises(TooMany) as refused:
        alone.take_soon(rule, "k")
    for _ in range(100):
        clock.now += 0.1
        assert not took_soon(alone, rule)
    clock.now += 3
    alone.take_soon(rule, "k")
    assert refused.value.retry_after_s == 13.0


def test_a_refusal_does_not_say_whose_limit_it_is() -> None:
    alone, rule = Limits(None, clock=Clock()), Rule("r", 1, 1)
    alone.take_soon(rule, "siti@203.0.113.7")
    with pytest.raises(TooMany) as refused:
        alone.take_soon(rule, "siti@203.0.113.7")
    assert refused.value.detail
    assert "siti" not in str(refused.value)
    assert "203" not in str(refused.value)


def test_what_can_never_be_granted_names_no_time_to_come_back() -> None:
    alone, rule = Limits(None, clock=Clock()), Rule("r", 1, 5)
    with pytest.raises(TooMany) as refused:
        alone.take_soon(rule, "k", 6)
    assert refused.value.retry_after_s is None
    alone.take_soon(rule, "k", 5)


def test_keys_and_classes_do_not_share() -> None:
    alone, one, other = Limits(None, clock=Clock()), Rule("one", 1, 1), Rule("other", 1, 1)
    assert [took_soon(alone, r, k) for r, k in ((one, "a"), (one, "b"), (other, "a"), (one, "a"))] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("name", "per_s", "burst"), [("r", 0, 1), ("r", -1, 1), ("r", 1, 0), ("a:b", 1, 1), ("", 1, 1)]
)
def test_a_rule_that_makes_no_sense_is_no_rule(name: str, per_s: float, burst: int) -> None:
    with pytest.raises(ValueError, match="no such limit"):
        Rule(name, per_s, burst)


# memory


def test_full_of_keys_the_oldest_is_forgotten() -> None:
    alone, rule = Limits(None, keys_limit=100, clock=Clock()), Rule("r", 1e-3, 1)
    for n in range(1000):
        alone.take_soon(rule, str(n))
    assert len(alone._spent) == 100
    assert len(alone._untold) <= 100
    assert [n for n in range(1000) if not alone.would_pass(rule, str(n))] == list(range(900, 1000))


def test_expired_keys_make_room_before_live_ones_are_forgotten() -> None:
    clock = Clock()
    alone, slow, fast = Limits(None, keys_limit=4, clock=clock), Rule("slow", 1e-3, 1), Rule("fast", 1, 1)
    alone.take_soon(slow, "oldest")
    for n in range(3):
        alone.take_soon(fast, str(n))
    clock.now += 2
    for n in range(3):
        alone.take_soon(slow, str(n))
    assert not alone.would_pass(slow, "oldest")


async def test_a_flush_sweeps_what_has_expired() -> None:
    clock = Clock()
    alone, rule, slow = Limits(None, clock=clock), Rule("r", 1, 1), Rule("slow", 1e-3, 1)
    for n in range(50):
        alone.take_soon(rule, str(n))
    alone.take_soon(slow, "k")
    clock.now += 2
    await alone.flush()
    assert list(alone._spent) == [("slow", "k")]


async def test_a_flood_of_long_keys_is_kept_short(room: Room) -> None:
    process, rule = room.process(), room.rule(1e-3, 1)
    names = ["x" * 100_000 + str(n) for n in range(3)] + ["y" * 64, "y" * 65]
    for name in names:
        process.take_soon(rule, name)
        assert not process.would_pass(rule, name)
    await process.flush()
    assert max(len(key) for _, key in process._spent) <= 64
    kept = await room.keys()
    assert len(kept) == len(names)
    assert max(map(len, kept)) <= len(f"posko:limit:{rule.name}:") + 64


# over all processes, strictly


async def test_all_processes_together_grant_one_burst(room: Room) -> None:
    processes, rule = [room.process() for _ in range(3)], room.rule(1e-4, 17)
    answers = await asyncio.gather(*(took(p, rule) for _ in range(40) for p in processes))
    assert sum(answers) == 17


async def test_all_processes_together_keep_to_the_rate(room: Room) -> None:
    processes, rule = [room.process() for _ in range(3)], room.rule(100, 5)

    async def now() -> float:
        s, us = await room.client.time()
        return s + us / 1e6

    start, granted, elapsed = await now(), 0, 0.0
    while elapsed < 0.2:
        elapsed = await now() - start
        granted += sum(await asyncio.gather(*(took(p, rule) for _ in range(5) for p in processes)))
    most = 5 + 100 * (await now() - start) + 0.001
    assert 5 < granted <= most


async def test_a_burst_at_an_odd_rate_is_whole_in_redis_too(room: Room) -> None:
    process, rule = room.process(), room.rule(0.7, 450)
    assert sum(await asyncio.gather(*(took(process, rule) for _ in range(470)))) == 450


async def test_a_refused_attempt_costs_nothing_in_redis(room: Room) -> None:
    process, rule = room.process(), room.rule(1e-3, 3)
    await process.take(rule, "k", 2)
    [key] = await room.keys()
    before = await room.client.get(key)
    for _ in range(20):
        assert not await took(process, rule, cost=2)
    assert before == await room.client.get(key)
    assert 0 < await room.client.pttl(key) <= 2_000_000
    await process.take(rule, "k")


async def test_who_asks_at_once_asks_in_one_round_trip(room: Room) -> None:
    process, rule = room.process(), room.rule(1e-3, 1000)
    calls = count_calls(process)
    await asyncio.gather(*(process.take(rule, str(n)) for n in range(100)))
    assert len(calls) == 1
    await asyncio.gather(*(process.take(rule, str(n)) for n in range(2 * limits.BATCH_LIMIT + 1)))
    assert [len(keys) for keys in calls[1:]] == [limits.BATCH_LIMIT, limits.BATCH_LIMIT, 1]


def count_calls(process: Limits) -> list[list[Any]]:
    calls: list[list[Any]] = []
    script = process._script

    async def counted(*, keys: list[Any], args: list[Any]) -> Any:
        calls.append(keys)
        return await script(keys=keys, args=args)

    process._script = counted
    return calls


@pytest.mark.parametrize("key", ["\ud800", "a\0b\r\n", "*", "", "🙂" * 64, "\udfff" * 70])
async def test_a_key_may_be_anything(room: Room, key: str) -> None:
    process, other, rule = room.process(), room.process(), room.rule(1e-3, 2)
    async with asyncio.timeout(10):
        await process.take(rule, key)
        await other.take(rule, key)
        assert not await took(process, rule, key)
        soon = room.rule(1e-3, 1)
        process.take_soon(soon, key)
        await process.flush()
        assert not await took(other, soon, key)


async def test_one_who_leaves_does_not_keep_the_others_waiting(room: Room) -> None:
    process, rule = room.process(), room.rule(1e-3, 10)
    tasks = [asyncio.create_task(process.take(rule, "k")) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    done = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    assert [type(d) for d in done] == [type(None), asyncio.CancelledError, type(None)]


async def test_nobody_waits_for_ever_whatever_breaks(room: Room) -> None:
    process, rule = room.process(), room.rule(1e-3, 2)

    async def broken(**_: Any) -> Any:
        raise LookupError("nobody has thought of this")

    process._script = broken
    async with asyncio.timeout(10):
        assert sorted(await asyncio.gather(*(took(process, rule) for _ in range(3)))) == [False, True, True]
    assert process._asker is not None
    assert isinstance(process._asker.exception(), LookupError)


async def test_a_clock_that_is_set_back_locks_nobody_out(room: Room) -> None:
    process, rule = room.process(), room.rule(1000, 2)
    seconds, _ = await room.client.time()
    await room.client.set(f"posko:limit:{rule.name}:k", f"{(seconds + 3600) * 1_000_000} 2000.000")
    async with asyncio.timeout(30):
        while not await took(process, rule):
            await asyncio.sleep(0.001)


# over all processes, soon


@pytest.fixture
async def virtual(room: Room, monkeypatch: pytest.MonkeyPatch) -> Callable[[Clock], Any]:
    """Gives Redis a clock that the test moves; nothing expires meanwhile."""
    lua = limits._lua()
    keys = f"'posko:limit:{room.tag}:s', 'posko:limit:{room.tag}:us'"
    moved = lua.replace("redis.call('TIME')", f"redis.call('MGET', {keys})").replace("'PX'", "'EX'")
    assert moved.count("MGET") == 1
    monkeypatch.setattr(limits, "_lua", lambda: moved)

    async def move(clock: Clock) -> None:
        await room.move_clock(round(clock.now * 1e6))

    return move


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize(("per_s", "burst"), [(50, 100), (40, 10), (50, 1)])
async def test_all_processes_converge_on_the_one_limit(
    room: Room, virtual: Callable[[Clock], Any], processes: int, per_s: float, burst: int
) -> None:
    clock, rule = Clock(), room.rule(per_s, burst)
    found = [room.process(clock=clock) for _ in range(processes)]
    granted, lasts_s, step_s = 0, 30.0, 0.05
    for step in range(round(lasts_s / step_s)):
        await virtual(clock)
        for i, process in enumerate(found):
            while took_soon(process, rule):
                granted += 1
            if step % 5 == i:
                await process.flush()
        clock.now += step_s
    most = burst + per_s * lasts_s + (processes - 1) * (burst + per_s * 0.25 + 1)
    assert 0.9 * min(per_s, 1 / step_s * burst) * lasts_s <= granted <= most + processes * per_s * 0.25


async def test_what_one_took_another_knows_after_a_flush_of_both(room: Room) -> None:
    one, other, rule = room.process(), room.process(), room.rule(1e-3, 4)
    one.take_soon(rule, "k", 3)
    other.take_soon(rule, "k")
    assert other.would_pass(rule, "k")
    await one.flush()
    await other.flush()
    assert not other.would_pass(rule, "k")
    assert not await took(one, rule)


async def test_strict_ones_know_what_was_taken_soon(room: Room) -> None:
    one, other, rule = room.process(), room.process(), room.rule(1e-3, 4)
    one.take_soon(rule, "k", 3)
    await one.flush()
    assert [await took(other, rule) for _ in range(3)] == [True, False, False]


async def test_more_than_one_batch_is_told(room: Room) -> None:
    one, rule = room.process(), room.rule(1e-3, 1)
    for n in range(limits.BATCH_LIMIT + 1):
        one.take_soon(rule, str(n))
    calls = count_calls(one)
    await one.flush()
    assert [len(keys) for keys in calls] == [limits.BATCH_LIMIT, 1]
    await one.flush()
    assert len(calls) == 2
    assert len(await room.keys()) == limits.BATCH_LIMIT + 1


async def test_redis_is_told_by_itself(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FLUSH_S", 0.001)
    one, rule = room.process(), room.rule(1e-3, 1)
    one.take_soon(rule, "k")
    running = asyncio.create_task(one.run())
    async with asyncio.timeout(30):
        while not await room.keys():
            await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.wait([running])
    assert not await took(room.process(), rule)


async def test_keys_in_redis_end_with_what_they_hold(room: Room) -> None:
    one, rule = room.process(), room.rule(1, 100)
    await one.take(rule, "k", 30)
    [key] = await room.keys()
    assert 0 < await room.client.pttl(key) <= 30_002


# without Redis


async def test_redis_that_cannot_be_reached_is_not_missed_and_is_found_again(room: Room, unused_tcp_port: int) -> None:
    clock, rule = Clock(), room.rule(1e-4, 3)
    client = unreachable(unused_tcp_port)
    gone, reached = client.connection_pool, room.client.connection_pool
    process, other = Limits(client, clock=clock), room.process(clock=clock)
    with capture_logs() as logs:
        assert [await took(process, rule) for _ in range(5)] == [True] * 3 + [False] * 2
        process.take_soon(rule, "soon", 3)
        await process.flush()
    assert [line["event"] for line in logs] == ["limits_kept_here_only"]

    client.connection_pool = reached
    assert await took(process, rule, "second")
    await process.flush()
    assert not await room.keys()  # paused: nobody asks
    clock.now += limits.REDIS_PAUSE_S
    await process.flush()
    assert not await took(other, rule, "k")  # told now
    assert not await took(other, rule, "soon")
    assert [await took(other, rule, "second") for _ in range(3)] == [True, True, False]
    client.connection_pool = gone
    await client.aclose()


async def test_every_pause_is_logged_once(room: Room, unused_tcp_port: int) -> None:
    clock, rule = Clock(), room.rule(1, 100)
    client = unreachable(unused_tcp_port)
    process = Limits(client, clock=clock)
    with capture_logs() as logs:
        for _ in range(3):
            process.take_soon(rule, "k")
            await asyncio.gather(process.flush(), *(took(process, rule) for _ in range(5)))
            clock.now += limits.REDIS_PAUSE_S
    assert [line["event"] for line in logs] == ["limits_kept_here_only"] * 3
    await client.aclose()


async def test_redis_that_is_slow_is_not_waited_for(services: Embedded) -> None:
    connections = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.read(-1)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    client = Redis(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    process, rule = Limits(client, clock=Clock()), Rule("slow", 1e-3, 3)
    async with asyncio.timeout(20):
        assert [await took(process, rule) for _ in range(5)] == [True] * 3 + [False] * 2
    assert connections == 1
    await client.aclose()
    server.close()


async def test_a_lost_answer_is_not_counted_again_and_again(room: Room) -> None:
    """Redis counts, its answers are late: when it is well again nobody is locked out for the retries."""
    clock, rule = Clock(), room.rule(1e-3, 100)
    process, other = room.process(clock=clock), room.process()
    script = process._script

    async def late(*, keys: list[Any], args: list[Any]) -> Any:
        await script(keys=keys, args=args)
        raise TimeoutError

    process._script = late
    process.take_soon(rule, "k", 10)
    for _ in range(20):
        await process.flush()
        clock.now += limits.REDIS_PAUSE_S
    process._script = script
    await process.flush()
    assert [await took(other, rule, cost=89), await took(other, rule, cost=5)] == [True, False]


async def test_redis_that_lost_its_memory_learns_what_was_taken_meanwhile(room: Room) -> None:
    one, other, rule = room.process(), room.process(), room.rule(1e-3, 10)
    one.take_soon(rule, "k", 9)
    await one.flush()
    await room.client.delete(*await room.keys())
    one.take_soon(rule, "k", 1)
    await one.flush()
    assert not await took(other, rule)


async def test_no_redis_at_all_is_a_limit_of_this_process() -> None:
    alone, rule = Limits(None, clock=Clock()), Rule("r", 1, 2)
    assert [await took(alone, rule) for _ in range(3)] == [True, True, False]
    await alone.flush()
