"""The reading routes, over HTTP."""

from __future__ import annotations

import aiohttp

from posko import db
from tests.client import Client
from tests.factories import Small, incident, make_small, milestone, report
from tests.running import Running


async def _client(http: aiohttp.ClientSession, running: Running, served: Small, username: str) -> Client:
    client = await Client(http, running.url).sign_in(username)
    client.operation = served.operation
    return client


async def test_a_snapshot_is_one_version_and_its_changes_lead_to_the_next(running: Running, served: Small) -> None:
    of = f"operation={served.operation}"
    async with aiohttp.ClientSession() as http:
        desk = await _client(http, running, served, "operator")
        await desk.put(report(served.operation, served.tps[0], milestone("voting_open")))
        first = await desk.get(f"/v1/regions/{served.root}")
        await desk.put(report(served.operation, served.kelurahan[0], incident("tinggi")))

        changes = await desk.get(f"/v1/regions/{served.root}/changes?since={first['version']}&layout={first['layout']}")
        second = await desk.get(f"/v1/regions/{served.root}")
        kelurahan = await desk.get(f"/v1/regions/{served.kelurahan[0]}")
        stale, problem, _ = await desk.ask("GET", f"/v1/regions/{served.root}/changes?since=0&layout=999&{of}")
        ahead, _, _ = await desk.ask("GET", f"/v1/regions/{served.root}/changes?since=99999&{of}")

    assert [r["code"] for r in first["rows"]] == [served.root, *served.kecamatan]
    assert first["names"][served.root] == "KOTA KECIL"
    assert (changes["from"], changes["to"]) == (first["version"], second["version"])
    merged = {r["code"]: r for r in first["rows"]} | {r["code"]: r for r in changes["rows"]}
    assert list(merged.values()) == second["rows"]
    assert [r["code"] for r in changes["rows"]] == [served.root, served.kecamatan[0]]
    assert [r["code"] for r in kelurahan["rows"]] == [served.kelurahan[0], *served.tps[:3]]
    assert sum(kelurahan["rows"][0]["own"]) == 3  # the report, the incident in it, the case that it opened
    assert (stale, problem["code"], ahead) == (409, "layout-changed", 422)


async def test_a_number_opens_to_its_tps_page_by_page(running: Running, served: Small) -> None:
    of = f"operation={served.operation}"
    async with aiohttp.ClientSession() as http:
        desk = await _client(http, running, served, "supervisor")
        for tps in served.tps[:5]:
            await desk.put(report(served.operation, tps, milestone("voting_open")))
        path = f"/v1/regions/{served.root}/tps?counter=milestone.voting_open.unreported&limit=4"
        first = await desk.get(path)
        second = await desk.get(f"{path}&after={first['next']}")
        one = await desk.get(f"/v1/tps/{served.tps[0]}")
        unknown, problem, _ = await desk.ask("GET", f"/v1/regions/{served.root}/tps?counter=nope&{of}")
        form, _, _ = await desk.ask("GET", f"/v1/regions/31.7?{of}")
        wall = await _client(http, running, served, "wall")
        opened, _, _ = await wall.ask("GET", f"{path}&{of}")
        seen, _, _ = await wall.ask("GET", f"/v1/regions/{served.root}?{of}")

    assert [p["code"] for p in first["places"] + second["places"]] == served.tps[5:]
    assert (first["total"], second["next"]) == (7, None)
    assert (one["number"], one["voters_l"], one["flags"]) == (1, 140, [])
    assert (unknown, problem["code"], form) == (404, "counter-unknown", 422)
    assert (opened, seen) == (403, 200)


async def test_what_is_out_of_scope_does_not_exist(running: Running, served: Small) -> None:
    of = f"operation={served.operation}"
    async with aiohttp.ClientSession() as http:
        desk = await _client(http, running, served, "operator")
        listed = await desk.get("/v1/operations")
        detail = await desk.get(f"/v1/operations/{served.operation}")
        answers = [
            (await desk.ask("GET", path))[:2]
            for path in (
                f"/v1/regions/{served.root[:2]}?{of}",
                f"/v1/regions/ID?{of}",
                f"/v1/regions/31.73/tps?counter=tps&{of}",
                f"/v1/tps/31.73.01.1001.001?{of}",
                f"/v1/regions/{served.root}.09?{of}",
                "/v1/operations/999999",
            )
        ]
        stranger, _, _ = await Client(http, running.url).ask("GET", "/v1/operations")

    assert served.operation in [o["id"] for o in listed]
    assert [c["kind"] for c in detail["contests"]] == ["gubernur", "bupati_walikota"]
    assert detail["milestones"][1] == {
        "code": "voting_open", "position": 1, "day": 0, "planned": "07:00", "grace_minutes": 15,
        "label_id": "voting_open", "label_en": "voting_open",
    }  # fmt: skip
    assert detail["counters"][:3] == ["tps", "voters_l", "voters_p"]
    assert {status for status, _ in answers} == {404}
    assert {body["code"] for _, body in answers} == {"place-unknown", "operation-unknown"}
    assert stranger == 401


async def test_among_several_active_operations_one_must_be_named(
    running: Running, served: Small, server_pool: db.Pool
) -> None:
    async with server_pool.acquire() as connection:
        other = await make_small(connection)
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, running.url).sign_in("operator")
        status, problem, _ = await desk.ask("GET", f"/v1/regions/{served.root}")
        unknown, _, _ = await desk.ask("GET", f"/v1/regions/{served.root}?operation=999999")

    assert (status, problem["errors"][0]["rule"], unknown) == (422, "which-operation", 404)
    assert f"{served.operation} (" in problem["detail"]
    assert f"{other.operation} (" in problem["detail"]
