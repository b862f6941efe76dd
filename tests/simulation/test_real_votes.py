"""Real results as input: KPU's published votes, filed through the API, come out as exactly those totals."""

from __future__ import annotations

import collections
import datetime

import aiohttp
import pytest

from posko import db
from posko.regions import create, preset, recount
from posko.regions.operation import NewOperation
from posko.simulation.drive import play
from posko.simulation.player import Order
from posko.simulation.votes import read_seed
from tests.client import Client
from tests.factories import PASSWORD, VOTING_DAY, make_account
from tests.running import Running


@pytest.mark.parametrize("key", ["jakarta-utara", "kupang", "jeneponto", "bekasi", "kaltim"])
async def test_the_published_votes_add_up_at_kecamatan_kabkota_and_provinsi(
    key: str, running: Running, server_database: str, server_pool: db.Pool
) -> None:
    root = preset.PRESETS[key].root
    connection = await db.connect(server_database)
    new = NewOperation(f"suara {key}", "drill", root, VOTING_DAY - datetime.timedelta(days=55), VOTING_DAY, True)
    operation = await create.create(connection, new, create.blueprint_of(key), activate=True)
    await make_account(connection, f"penghitung-{key}", "operator", root)

    order = Order(
        url=running.url,
        username=f"penghitung-{key}",
        password=PASSWORD,
        operation=operation,
        speed=None,
        scenario="suara-2024",
    )
    played = await play(order)

    assert (played.refused, played.unsent) == (0, 0)
    async with aiohttp.ClientSession() as http:
        client = await Client(http, running.url).sign_in(f"penghitung-{key}")
        client.operation = operation
        for code, contests in _published(root).items():
            snapshot = await client.get(f"/v1/regions/{code}")
            names, row = snapshot["counters"], snapshot["rows"][0]["counters"]
            counted = {name: value for name, value in zip(names, row, strict=False) if value}
            for (contest, number), votes in contests.items():
                assert counted.get(f"count.{contest}.paslon.{number}", 0) == votes, (code, contest, number)
    differences, _ = await recount.verify(connection, operation)
    assert differences == []
    await connection.close()


def _published(root: str) -> dict[str, dict[tuple[str, int], int]]:
    """Votes by (contest, paslon number) of each kecamatan below a root and of every region above it where the contest counts."""
    found: dict[str, dict[tuple[str, int], int]] = collections.defaultdict(lambda: collections.defaultdict(int))
    for row in read_seed():
        if row.kecamatan_code == root or row.kecamatan_code.startswith(root + "."):
            for length in (2, 5, 8):
                code = row.kecamatan_code[:length]
                above_contest = length == 2 and row.contest == "bupati_walikota"
                if len(code) >= len(root) and not above_contest:
                    found[code][(row.contest, row.paslon_number)] += row.votes
    return found
