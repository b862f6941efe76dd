"""What a TPS owes, as those read it who may: an officer's seat reaches its TPS alone, whose hours are kept for the kelurahan."""

from __future__ import annotations

from posko import db
from posko.silence import store
from tests.factories import MILESTONES, Small, make_account, viewer_of


async def test_an_officer_sees_what_their_own_tps_owes_and_nobody_elses(
    database: str, pool: db.Pool, small: Small
) -> None:
    async with pool.acquire() as connection:
        await connection.execute("select api.lay_obligations($1)", small.operation)
        officer = await viewer_of(connection, await make_account(connection, "di-tps", "petugas", small.tps[0]))
        desk = await viewer_of(connection, await make_account(connection, "di-meja", "operator", small.kelurahan[0]))
    read = {}
    served = await db.open_pool(database, size=1, statement_timeout_s=20, role=db.DatabaseRole.app)
    for viewer in (officer, desk):
        async with db.snapshot(served, viewer.reach) as connection:
            read[viewer.username] = [await store.obligations(connection, small.operation, tps) for tps in small.tps[:4]]
    await served.close()

    own, neighbour, _, elsewhere = read["di-tps"]
    assert [owed.milestone for owed in own] == [code for code, _, _ in MILESTONES]
    assert (neighbour, elsewhere) == ([], [])
    assert read["di-meja"][0] == own
    assert len(read["di-meja"][1]) == len(own)
    assert read["di-meja"][3] == []
