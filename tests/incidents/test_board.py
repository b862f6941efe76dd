"""What a wall reads of incidents: the gravest open ones first, and nothing that opens one or says anybody's words."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from posko import db
from tests.client import Client
from tests.factories import Small, incident, make_account, report, uuid7
from tests.running import Running

SHOWN = {"category", "severity", "status", "place", "place_name", "region_name", "opened_at"}


@pytest.fixture
async def wall(running: Running, served: Small, server_pool: db.Pool) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as http:
        async with server_pool.acquire() as connection:
            await make_account(connection, f"layar-{served.operation}", "wall", served.root, operation=served.operation)
        yield await Client(http, running.url).sign_in(f"layar-{served.operation}")


async def _open(desk: Client, small: Small, place: str, severity: str, **extra: object) -> str:
    made = uuid7()
    status, answer, _ = await desk.put(
        report(small.operation, place, incident(severity, text="kata orang"), **extra), made
    )
    assert status == 201, answer
    return str(made)


async def test_a_wall_reads_the_gravest_first_and_of_these_the_last_opened(
    wall: Client, filing: Client, served: Small
) -> None:
    for tps, severity in zip(served.tps, ("rendah", "kritis", "tinggi", "kritis"), strict=False):
        await _open(filing, served, tps, severity)
    await _open(filing, served, served.tps[5], "kritis", restricted=True)

    board = await wall.get(f"/v1/regions/{served.root}/board?operation={served.operation}")

    assert [(r["severity"], r["place"]) for r in board["rows"]] == [
        ("kritis", served.tps[3]), ("kritis", served.tps[1]), ("tinggi", served.tps[2]), ("rendah", served.tps[0]),
    ]  # fmt: skip
    assert all(set(row) == SHOWN for row in board["rows"])
    assert (board["rows"][0]["place_name"], board["rows"][0]["region_name"]) == ("TPS 001", "Kelurahan 1-2")
    assert "kata orang" not in str(board)
    few = await wall.get(f"/v1/regions/{served.kelurahan[0]}/board?operation={served.operation}&limit=2")
    assert [r["severity"] for r in few["rows"]] == ["kritis", "tinggi"]


async def test_what_is_over_leaves_the_board(wall: Client, filing: Client, served: Small) -> None:
    case = await _open(filing, served, served.tps[0], "kritis")
    path = f"/v1/regions/{served.root}/board?operation={served.operation}"
    assert [r["status"] for r in (await wall.get(path))["rows"]] == ["baru"]

    assert (await filing.ask("PUT", f"/v1/incidents/{case}/acknowledgement", {}))[0] == 200
    assert [r["status"] for r in (await wall.get(path))["rows"]] == ["diterima"]
    assert (await filing.ask("PUT", f"/v1/incidents/{case}/resolution", {"said": "sudah beres"}))[0] == 200

    assert (await wall.get(path))["rows"] == []
    status, _, _ = await wall.ask("GET", f"/v1/regions/{served.root}.09/board?operation={served.operation}")
    assert status == 404


async def test_a_wall_reads_the_clock_of_a_drill(wall: Client, served: Small, server_pool: db.Pool) -> None:
    async with server_pool.acquire() as connection:
        await connection.execute(
            "update posko.operation set clock_at = '2024-11-27T00:05:00Z', clock_set_at = posko.now(), clock_speed = 60 where id = $1",
            served.operation,
        )

    board = await wall.get(f"/v1/regions/{served.root}/board?operation={served.operation}")

    assert board["at"].startswith("2024-11-27T00:")
    assert board["speed"] == 60.0


@pytest.fixture
async def filing(running: Running, served: Small, server_pool: db.Pool) -> AsyncIterator[Client]:
    """An operator of this operation."""
    async with aiohttp.ClientSession() as http:
        async with server_pool.acquire() as connection:
            await make_account(
                connection, f"meja-{served.operation}", "operator", served.root, operation=served.operation
            )
        yield await Client(http, running.url).sign_in(f"meja-{served.operation}")
