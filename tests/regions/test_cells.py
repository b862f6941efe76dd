"""The grid's cells: what a TPS' counters say, in a few characters; snapshot + changes == a fresh snapshot; asked once for all."""

from __future__ import annotations

import datetime
import gzip
import random
from typing import Any

import aiohttp
import msgspec
import pytest

from posko import db
from posko.errors import Invalid, LayoutChanged, PlaceUnknown
from posko.regions.boards import Since
from posko.regions.cells import Cells
from tests.client import Client
from tests.factories import (
    Small,
    all_rollups,
    count,
    incident,
    local,
    make_account,
    make_small,
    milestone,
    report,
    turnout,
)
from tests.regions.filing import file_reports, random_reports
from tests.regions.grids import Grid, cell_of, codes_of, merged
from tests.running import Running


async def test_a_cell_says_what_the_counters_of_its_tps_say(pool: db.Pool, small: Small) -> None:
    rng = random.Random(7)
    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.tps set police_grade = 'sangat_rawan', indicators = '{hak_pilih,lokasi}' where node_id ="
            " (select id from posko.node where operation_id = $1 and code = $2)",
            small.operation, small.tps[4],
        )  # fmt: skip
        said = [
            *random_reports(rng, small, 120),
            report(small.operation, small.tps[0], milestone("voting_open"), at=local(9)),
        ]
        said += [
            report(small.operation, small.tps[1], milestone("voting_open", possible=False, reason="banjir")),
            report(small.operation, small.tps[2], {"kind": "custody", "holder": "pps", "sealed": False}),
            report(small.operation, small.tps[3], turnout(400, 400)),
            report(small.operation, small.tps[5], count("gubernur", [1, 2, 3], valid=7)),
            *(report(small.operation, small.tps[6], incident("tinggi")) for _ in range(40)),
            report(
                small.operation,
                small.tps[8],
                {"kind": "unreachable", "attempts": [{"at": local(23), "how": "radio"}]},
                at=local(23),
            ),
        ]
        await file_reports(connection, small.operation, said)
        await connection.execute(
            "with o as (update posko.operation set version = version + 1 where id = $1 returning version)"
            " select api.roll_up($1, o.version, null, array[n.id, n.id], array[c.slot, d.slot], array[1, 1]) from o, posko.node n, posko.counter c, posko.counter d"
            " where n.operation_id = $1 and n.code = $2 and c.operation_id = $1 and c.name = 'milestone.voting_closed.overdue'"
            " and d.operation_id = $1 and d.name = 'milestone.count_started.excused'",
            small.operation, small.tps[11],
        )  # fmt: skip
        expected = await all_rollups(connection, small.operation)
        last: dict[str, Any] = dict(
            (r["code"], r["last_at"])
            for r in await connection.fetch(
                "select n.code, r.last_at from posko.node n join posko.rollup r on r.node_id = n.id"
            )
        )
    grid = await Grid.open(pool, small)
    for region in (small.root, small.kecamatan[1], small.kelurahan[0]):
        found = await grid.cells(region)
        codes = codes_of(found)
        assert codes == [tps for tps in small.tps if tps.startswith(region)]
        cells = {code: found.cells[i * found.width : (i + 1) * found.width] for i, code in enumerate(codes)}
        assert cells == {code: cell_of(expected[code], found.milestones) for code in codes}
        seconds = {code: found.last[i] for i, code in enumerate(codes)}
        assert seconds == {c: None if last[c] is None else int((last[c] - found.epoch).total_seconds()) for c in codes}
        assert set(found.names) == {c for c in expected if c.startswith(region) and c not in small.tps}
    whole = await grid.cells(small.root)
    assert (whole.grades[4], whole.indicators[8:10], whole.count) == ("3", "21", 12)
    states = {whole.cells[i * whole.width + j] for i in range(whole.count) for j in range(len(whole.milestones))}
    assert states >= set("012356"), "the story tells of every state but unreachable"


async def test_in_a_drill_the_last_report_is_as_old_as_its_clock_says_wherever_that_is_set(
    pool: db.Pool, small: Small
) -> None:
    heard = []
    async with pool.acquire() as connection:
        for tps, hour in ((0, 7), (1, 9), (0, 8)):  # set forward, and back
            at = datetime.datetime.fromisoformat(local(hour))
            await connection.execute(
                "update posko.operation set clock_at = $2, clock_set_at = posko.now(), clock_speed = 0 where id = $1",
                small.operation, at,
            )  # fmt: skip
            await file_reports(
                connection, small.operation, [report(small.operation, small.tps[tps], milestone("voting_open"))]
            )
            heard.append(
                (
                    await connection.fetchval(
                        "select last_at from posko.rollup r join posko.node n on n.id = r.node_id where n.code = $1 and n.operation_id = $2",
                        small.root,
                        small.operation,
                    )
                )
                == at
            )
    found = await (await Grid.open(pool, small)).cells(small.root)
    said = [None if at is None else found.epoch + datetime.timedelta(seconds=at) for at in found.last[:3]]
    assert said == [datetime.datetime.fromisoformat(local(8)), datetime.datetime.fromisoformat(local(9)), None]
    assert heard == [True, True, True]


async def test_a_snapshot_and_its_changes_are_a_fresh_snapshot_whoever_asks_when(pool: db.Pool, small: Small) -> None:
    rng = random.Random(11)
    grid, other = await Grid.open(pool, small), await Grid.open(pool, small)
    regions = [small.root, small.kecamatan[0], small.kelurahan[3]]
    have = {region: await grid.cells(region) for region in regions}
    ancient = dict(have)
    for _ in range(12):
        async with pool.acquire() as connection:
            await file_reports(connection, small.operation, random_reports(rng, small, rng.randrange(1, 6)))
        for region in rng.sample(regions, 2):
            have[region] = merged(have[region], await grid.changes(region, have[region]))
            fresh = await other.cells(region)
            assert _same(have[region], fresh)
    for region in regions:
        # Long ago, and of another process: its board was read later than that.
        assert _same(merged(ancient[region], await other.changes(region, ancient[region])), await grid.cells(region))
    nothing = await grid.changes(small.root, await grid.cells(small.root))
    assert (nothing.index, nothing.cells, nothing.last) == ([], "", [])


def _same(one: Cells, other: Cells) -> bool:
    return msgspec.structs.replace(one, at=other.at) == other


async def test_only_what_changed_is_told_and_what_was_filed_for_a_region_changes_no_cell(
    pool: db.Pool, small: Small
) -> None:
    grid = await Grid.open(pool, small)
    have = await grid.cells(small.root)
    async with pool.acquire() as connection:
        await file_reports(
            connection,
            small.operation,
            [
                report(small.operation, small.tps[10], milestone("voting_open")),
                report(small.operation, small.kelurahan[0], incident("kritis")),
            ],
        )
    changes = await grid.changes(small.root, have)
    assert changes.index == [10]
    assert len(changes.cells) == have.width


async def test_another_layout_an_older_database_and_a_place_that_is_not_there(pool: db.Pool, small: Small) -> None:
    grid = await Grid.open(pool, small)
    have = await grid.cells(small.root)
    with pytest.raises(LayoutChanged):
        await grid.ask(small.root, Since(have.version, have.layout + 1))
    with pytest.raises(Invalid, match="is at version"):
        await grid.ask(small.root, Since(have.version + 1, have.layout))
    with pytest.raises(PlaceUnknown):
        await grid.ask(f"{small.root}.77")
    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.operation set version = version - 1, layout = layout + 1 where id = $1", small.operation
        )
    again = await grid.cells(small.root)
    assert (again.version, again.layout) == (have.version - 1, have.layout + 1)


async def test_over_the_limit_there_is_a_clear_refusal(pool: db.Pool, small: Small) -> None:
    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.rollup set counters[1] = 80001 where node_id = (select id from posko.node where code = $1 and operation_id = $2)",
            small.root, small.operation,
        )  # fmt: skip
    grid = await Grid.open(pool, small)
    with pytest.raises(Invalid) as refused:
        await grid.ask(small.root)
    assert [(e.path, e.rule) for e in refused.value.errors] == [("$.code", "tps-limit")]
    assert (await grid.cells(small.kecamatan[0])).count == 6


async def test_over_http_with_gzip_and_by_whom(running: Running, served: Small, server_pool: db.Pool) -> None:
    of = f"operation={served.operation}"
    async with server_pool.acquire() as connection:
        other = await make_small(connection, root="33.74")
        await make_account(connection, "operator", "operator", served.root)
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        desk = await Client(http, running.url).sign_in("operator")
        headers = {"authorization": f"Bearer {desk.token}"}
        path = f"{running.url}/v1/regions/{served.root}/cells?{of}"
        async with http.get(path, headers={**headers, "accept-encoding": "gzip"}) as answer:
            body = await answer.read()
            assert answer.status == 200, body
            assert answer.headers.get("content-encoding") == ("gzip" if body[:2] == b"\x1f\x8b" else None)
            zipped = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        async with http.get(path, headers={**headers, "accept-encoding": "identity"}) as answer:
            plain = await answer.read()
            assert "content-encoding" not in answer.headers
        assert msgspec.json.decode(zipped, type=Cells) == msgspec.json.decode(plain, type=Cells)
        have = msgspec.json.decode(plain, type=Cells)
        await desk.put(report(served.operation, served.tps[2], milestone("voting_open")))
        status, changes, _ = await desk.ask(
            "GET", f"/v1/regions/{served.root}/cells/changes?{of}&since={have.version}&layout={have.layout}"
        )
        assert (status, changes["index"]) == (200, [2])
        stale, problem, _ = await desk.ask("GET", f"/v1/regions/{served.root}/cells/changes?{of}&since=0&layout=999")
        assert (stale, problem["code"]) == (409, "layout-changed")
        # A board that is kept is no way around the wall.
        for outside in (f"/v1/regions/{other.root}/cells?operation={other.operation}", f"/v1/regions/ID/cells?{of}"):
            assert (await desk.ask("GET", outside))[0] == 404
        async with server_pool.acquire() as connection:
            below = served.kelurahan[0]
            await make_account(connection, "lurah-petak", "operator", below, operation=served.operation)
        lurah = await Client(http, running.url).sign_in("lurah-petak")
        assert (await lurah.ask("GET", f"/v1/regions/{served.root}/cells?{of}"))[0] == 404
        assert (await lurah.ask("GET", f"/v1/regions/{below}/cells?{of}"))[0] == 200


async def test_what_is_restricted_is_in_the_cells_of_its_lane_alone(
    running: Running, served: Small, server_pool: db.Pool
) -> None:
    of = f"operation={served.operation}"
    async with server_pool.acquire() as connection:
        await make_account(connection, "jelas-petak", "supervisor", served.root, cleared=True)
    async with aiohttp.ClientSession() as http:
        petugas = await Client(http, running.url).sign_in("petugas")
        cleared = await Client(http, running.url).sign_in("jelas-petak")
        curious = await Client(http, running.url).sign_in("supervisor")
        before = await curious.get(f"/v1/regions/{served.root}/cells?{of}")
        status, body, _ = await petugas.put(
            report(served.operation, served.tps[0], incident("kritis"), restricted=True)
        )
        assert status == 201, body
        lane = (await cleared.get(f"/v1/operations/{served.operation}"))["restricted_lane"]
        found = msgspec.convert(await cleared.get(f"/v1/regions/{served.root}/cells?operation={lane}"), Cells)
        path = f"/v1/regions/{served.root}/cells?operation="
        refused = [await curious.ask("GET", f"{path}{number}") for number in (lane, 999_999)]
        after = await curious.get(f"/v1/regions/{served.root}/cells?{of}")
        # The lane gets TPS as something is filed about them: who has fewer sees it by the count.
        await petugas.put(report(served.operation, served.tps[5], incident("rendah"), restricted=True))
        changes = await cleared.get(f"/v1/regions/{served.root}/cells/changes?operation={lane}&since={found.version}")
    assert codes_of(found) == [served.tps[0]]
    assert found.cells[len(found.milestones) :][:2] == "41"
    assert {status for status, _, _ in refused} == {404}
    assert refused[0][1]["detail"].replace(str(lane), "999999") == refused[1][1]["detail"]
    assert before == after
    assert changes["count"] == 2
