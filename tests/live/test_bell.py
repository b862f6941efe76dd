"""The bell: who rings never waits, and a lost bell is told from one that came early."""

from __future__ import annotations

import asyncio
import time

import pytest
import redis.asyncio as redis
from hypothesis import given
from hypothesis import strategies as st

from posko.embedded import Embedded
from posko.live.bell import CHANNEL, PENDING_LIMIT, Bell, Heard, Ring, decode


@given(st.permutations(range(11, 31)), st.sets(st.integers(11, 30)))
def test_a_lost_bell_is_told_from_one_that_came_early(order: list[int], lost: set[int]) -> None:
    heard = Heard(10)
    for version in order:
        if version not in lost:
            heard.ring(version)
    assert heard.missed(30) == bool(lost)
    assert not heard.missed(30)
    heard.ring(31)
    assert not heard.missed(31)


def test_bells_of_long_ago_and_far_ahead_cost_nothing() -> None:
    heard = Heard(10)
    for version in [*range(1, 11), *range(100, 100_000)]:
        heard.ring(version)
    assert len(heard._ahead) <= 4096
    assert heard.missed(200_000)
    assert not heard._ahead


async def test_the_first_bell_rings_at_once_and_what_follows_is_rung_for_together(services: Embedded) -> None:
    client = redis.from_url(services.redis_url)
    async with client.pubsub() as pubsub:
        await pubsub.subscribe(CHANNEL)
        bell = Bell(client)
        bell.ring_soon(1, 0, ["31.72"])
        await asyncio.sleep(0)  # the flusher has taken it
        for version in range(1, 20):
            bell.ring_soon(1, version, [f"31.{version}"])
        bell.ring_soon(2, 7, ["53"])
        await bell.close()
        heard = []
        async with asyncio.timeout(5):
            while len(heard) < 3:
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=1)
                if message is not None:
                    heard.append(decode(message["data"]))
    assert heard == [
        Ring(1, [0], ["31.72"]),
        Ring(1, list(range(1, 20)), [f"31.{v}" for v in range(1, 20)]),
        Ring(2, [7], ["53"]),
    ]
    assert bell.failures == 0
    await client.aclose()


@pytest.mark.alone
async def test_ringing_without_redis_neither_waits_nor_raises_nor_piles_up() -> None:
    client = redis.from_url("redis://127.0.0.1:1/0")
    bell = Bell(client)
    began = time.monotonic()
    for version in range(PENDING_LIMIT + 50):
        bell.ring_soon(1, version, ["31.72"] * 256)
    assert time.monotonic() - began < 0.5
    await bell.close()
    assert bell.failures == PENDING_LIMIT + 50
    await client.aclose()
