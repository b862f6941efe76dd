"""The curve of a region over HTTP: what is asked for, by whom, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from posko import db
from posko.curves.sampler import Sampler
from tests.client import Client
from tests.factories import Small, incident, local, make_account, milestone, report
from tests.running import Running

OPENED = "milestone.voting_open.reached"


@pytest.fixture
async def desk(running: Running, served: Small) -> AsyncIterator[Client]:
    """A supervisor of the operation's own kota."""
    async with aiohttp.ClientSession() as http:
        client = await Client(http, running.url).sign_in("supervisor")
        client.operation = served.operation
        yield client


async def at(pool: db.Pool, small: Small, moment: str) -> None:
    """Puts the drill's clock at a moment, and looks as a worker does."""
    await pool.execute(
        "update posko.operation set clock_at = $2::text::timestamptz, clock_set_at = posko.now(), clock_speed = 0 where id = $1 or restricts = $1",
        small.operation, moment,
    )  # fmt: skip
    await pool.execute("update posko.curve set looked_at = looked_at - interval '2 seconds'")
    await Sampler(pool, CollectorRegistry()).look()


async def test_a_curve_is_told_in_columns_and_ends_at_the_rollup(
    desk: Client, served: Small, server_pool: db.Pool
) -> None:
    for minute, tps in enumerate(served.tps[:3]):
        await at(server_pool, served, local(7, minute))
        await desk.put(report(served.operation, tps, milestone("voting_open")))
    await at(server_pool, served, local(7, 3))

    found = await desk.get(f"/v1/regions/{served.root}/curve?counters={OPENED},reports")

    assert found["counters"] == [OPENED, "reports"]
    assert found["values"] == [[0, 1, 2, 3], [0, 1, 2, 3]]
    assert found["at"][-1] == found["sampled_at"] == found["now"] == "2024-11-27T00:03:00Z"
    assert found["versions"] == sorted(found["versions"])
    assert (found["kept"], found["gaps"], found["next"]) == (True, [], None)
    region = await desk.get(f"/v1/regions/{served.root}")
    assert region["rows"][0]["counters"][region["counters"].index(OPENED)] == 3
    assert found["version"] == region["version"]


async def test_what_came_since_is_asked_for_with_the_point_that_held(
    desk: Client, served: Small, server_pool: db.Pool
) -> None:
    for minute, tps in enumerate(served.tps[:6]):
        await at(server_pool, served, local(7, minute))
        await desk.put(report(served.operation, tps, milestone("voting_open")))
    path = f"/v1/regions/{served.root}/curve?counters={OPENED}"

    whole = await desk.get(path)
    between = await desk.get(f"{path}&since={quote(local(7, 2, 30))}")
    pages, since = [], None
    for _ in range(20):
        page = await desk.get(f"{path}&limit=2" + (f"&since={quote(since)}" if since else ""))
        pages += list(zip(page["at"], page["values"][0], strict=True))
        if (since := page["next"]) is None:
            break

    assert between["at"] == whole["at"][2:]
    assert sorted(set(pages)) == list(zip(whole["at"], whole["values"][0], strict=True))


async def test_below_a_kelurahan_no_curve_is_kept_and_of_votes_never(
    desk: Client, served: Small, server_pool: db.Pool
) -> None:
    await at(server_pool, served, local(7))

    assert (await desk.get(f"/v1/regions/{served.tps[0]}/curve"))["kept"] is False
    assert (await desk.get(f"/v1/regions/{served.kelurahan[0]}/curve"))["kept"] is True
    names = (await desk.get(f"/v1/regions/{served.root}/curve"))["counters"]
    assert not [name for name in names if "paslon" in name or "valid" in name]
    path = f"/v1/regions/{served.root}/curve?operation={served.operation}&counters="
    assert (await desk.ask("GET", f"{path}count.gubernur.paslon.1"))[0] == 404
    assert (await desk.ask("GET", f"{path}a,,b"))[0] == 422
    assert (await desk.ask("GET", f"{path}reports&since=1900-01-01T00:00:00Z"))[0] == 422


async def test_an_operation_that_nobody_sampled_yet_says_so(desk: Client, served: Small) -> None:
    found = await desk.get(f"/v1/regions/{served.root}/curve?counters=reports")

    assert (found["sampled_at"], found["at"], found["values"]) == (None, [], [])


async def test_who_sees_one_kecamatan_sees_its_curve_and_no_other(
    desk: Client, served: Small, server_pool: db.Pool
) -> None:
    await at(server_pool, served, local(7))
    async with server_pool.acquire() as connection:
        await make_account(connection, "kurva1", "operator", served.kecamatan[0])
        await make_account(connection, "kurva2", "supervisor", served.root, cleared=True)
        lane = await connection.fetchval("select id from posko.operation where restricts = $1", served.operation)
    one = await Client(desk.http, desk.url).sign_in("kurva1")
    cleared = await Client(desk.http, desk.url).sign_in("kurva2")

    async def status(who: Client, code: str, operation: int) -> int:
        return (await who.ask("GET", f"/v1/regions/{code}/curve?operation={operation}"))[0]

    assert await status(one, served.kecamatan[0], served.operation) == 200
    assert await status(one, served.kecamatan[1], served.operation) == 404
    assert await status(one, served.root, served.operation) == 404
    assert (await status(desk, served.root, lane), await status(cleared, served.root, lane)) == (404, 200)
    assert await status(Client(desk.http, desk.url), served.root, served.operation) == 401


async def test_restricted_incidents_move_the_curve_of_their_lane_alone(
    desk: Client, served: Small, server_pool: db.Pool
) -> None:
    async with server_pool.acquire() as connection:
        await make_account(connection, "kurva3", "operator", served.root, cleared=True)
        lane = await connection.fetchval("select id from posko.operation where restricts = $1", served.operation)
    cleared = await Client(desk.http, desk.url).sign_in("kurva3")
    await at(server_pool, served, local(7))
    said = report(served.operation, served.tps[0], incident("kritis"), restricted=True)
    assert (await cleared.put(said))[0] == 201
    await at(server_pool, served, local(7, 1))

    path = f"/v1/regions/{served.root}/curve?counters=reports,incident.kritis&operation="
    assert (await cleared.get(f"{path}{lane}"))["values"] == [[0, 1], [0, 1]]
    assert (await desk.get(f"{path}{served.operation}"))["values"] == [[0], [0]]
