"""The client that others use: its views are right after everything that happens between."""

from __future__ import annotations

import asyncio
import time

import pytest

from posko import db
from posko.config import Settings
from posko.embedded import Embedded
from posko.errors import NotSignedIn
from posko.live import wire
from posko.live.client import Live, connect
from posko.live.view import View
from tests.live.consoles import Desk, fresh_rows, running_hub, shown, url_of

REACHED = "milestone.voting_open.reached"


async def until_value(live: Live, view: View, code: str, value: int, limit_s: float = 30.0) -> None:
    """Follows the changes until the view shows the value."""
    async with asyncio.timeout(limit_s):
        while code not in view.rows or view.value(code, REACHED) != value:
            async for _ in live:
                break


async def test_a_view_follows_its_topic(live: Settings, desk: Desk, token: str, pool: db.Pool) -> None:
    small = desk.small
    async with connect(url_of(live), token) as client:
        view = await client.subscribe(small.operation, "31.72")
        await until_value(client, view, "31.72", 0)
        assert (view.names["31.72"], client.state) == ("KOTA KECIL", "live")
        await desk.file(small.tps[:5])
        await until_value(client, view, "31.72", 5)
        assert shown(view) == await fresh_rows(pool, small.operation, "31.72")
        assert client.age_s is not None
        assert client.age_s < 5


async def test_a_restarted_hub_is_found_again_and_only_what_changed_is_sent(
    database: str, desk: Desk, services: Embedded, token: str, pool: db.Pool
) -> None:
    small = desk.small
    async with running_hub(database, services.redis_url) as first:
        client = connect(url_of(first), token)
        live = await client.__aenter__()
        view = await live.subscribe(small.operation, "31.72")
        await until_value(live, view, "31.72", 0)
    await desk.file(small.tps[:3])
    taken: list[str] = []
    view.take, take = lambda m: taken.append(type(m).__name__) or take(m), view.take  # type: ignore[method-assign]
    async with running_hub(database, services.redis_url, live_port=first.live_port):
        await until_value(live, view, "31.72", 3)
        assert "Snapshot" not in taken
        assert shown(view) == await fresh_rows(pool, small.operation, "31.72")
        await client.__aexit__(None, None, None)


async def test_the_first_retry_is_jittered_and_waits_as_long_as_the_server_said() -> None:
    live = Live("ws://127.0.0.1:1/v1/live")
    first = [Live("ws://x")._delay() for _ in range(200)]
    assert min(first) < 0.2
    assert 0.8 < max(first) <= 1.0
    live._retry_after_s = 5.0
    assert 5.0 <= live._delay() <= 6.0
    later = [live._delay() for _ in range(40)]
    assert max(later) <= 30.0
    assert max(later) > 15.0


async def test_a_refused_token_ends_the_iteration_with_the_reason(live: Settings) -> None:
    async with connect(url_of(live), "no such token") as client:
        with pytest.raises(NotSignedIn):
            async for _ in client:
                pass


async def test_a_refused_topic_is_told_and_forgotten(live: Settings, desk: Desk, token: str) -> None:
    async with connect(url_of(live), token) as client:
        await client.subscribe(desk.small.operation, "32")
        async for change in client:
            if change.kind == "problem":
                assert change.problem is not None
                assert change.problem.code == "place-unknown"
                break
        assert client.views == {}


async def test_age_grows_when_nothing_is_heard() -> None:
    client = Live("ws://127.0.0.1:1/v1/live")
    assert client.age_s is None
    before = time.monotonic()
    client._note_age(*_ages(3.0))
    after = time.monotonic()
    await asyncio.sleep(0.05)
    least = 3.0 + time.monotonic() - after
    age_s = client.age_s
    assert age_s is not None
    assert least <= age_s <= 3.01 + time.monotonic() - before


def _ages(age_s: float) -> tuple[wire.datetime.datetime, wire.datetime.datetime]:
    at = wire.datetime.datetime(2024, 11, 27, tzinfo=wire.datetime.UTC)
    return at, at - wire.datetime.timedelta(seconds=age_s)
