"""Promises 3 and 5 under fire: a console that was cut off, again and again, ends up with exactly what there is."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from posko.live.client import RETRY_LIMIT_S, Live, connect
from posko.live.view import View
from tests.client import Client
from tests.faults.storm import Ground, Storm

CAUGHT_UP_S = 60.0
CONNECTED_S = 60.0


class Console:
    """A client that checks every frame: whatever is shown, the children sum to the parent."""

    def __init__(self, live: Live, view: View) -> None:
        self.live, self.view = live, view
        self.frames = 0
        self.wrong: list[tuple[int | None, str]] = []

    async def look(self) -> None:
        async for change in self.live:
            if change.kind == "view" and self.view.version is not None:
                self.frames += 1
                parent, *children = self.view.rows.values()
                summed = [sum(column) for column in zip(*children, strict=True)]
                self.wrong += [
                    (self.view.version, name)
                    for name, a, b in zip(self.view.counters, parent, summed, strict=True)
                    if a != b
                ]


async def test_5_a_console_survives_every_kill_and_ends_with_a_fresh_snapshot(ground: Ground) -> None:
    storm, small = Storm(ground, 5), ground.small

    async def havoc() -> None:
        for strike in (
            lambda: ground.running.restart("live"),
            lambda: (ground.embedded.kill_redis(), ground.embedded.start_redis()),
            lambda: (ground.embedded.kill_postgres(), ground.embedded.start_postgres()),
            lambda: ground.running.restart("serve"),
            lambda: ground.running.restart("live"),
        ):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(strike)

    async with aiohttp.ClientSession() as http:
        client = await Client(http, ground.running.url).sign_in("supervisor")
        assert client.token is not None
        async with connect(ground.running.live_url, client.token) as live:
            consoles = [
                Console(live, await live.subscribe(small.operation, code)) for code in (small.root, small.kelurahan[0])
            ]
            looking = asyncio.create_task(consoles[0].look())

            await storm.rage(havoc)

            # Its own pause after many failed tries may be longer than it takes to catch up once it is connected.
            async with asyncio.timeout(RETRY_LIMIT_S + CONNECTED_S):
                while live.state != "live":
                    await asyncio.sleep(0.05)
            for console in consoles:
                await _assert_fresh(client, console.view)
            looking.cancel()

    assert consoles[0].frames > 10
    assert consoles[0].wrong == []
    await storm.assert_nothing_lost()


async def _assert_fresh(client: Client, view: View) -> None:
    operation, _, code = view.topic.partition(":")
    fresh: Any = await client.get(f"/v1/regions/{code}?operation={operation}")
    width = len(fresh["counters"])
    expected = {row["code"]: row["counters"] + [0] * (width - len(row["counters"])) for row in fresh["rows"]}
    # A topic that the last reports did not touch keeps an older version: its rows are what must be equal.
    deadline = asyncio.get_running_loop().time() + CAUGHT_UP_S
    while view.rows != expected and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.05)
    assert view.rows == expected
