"""The reading routes, over HTTP."""

from __future__ import annotations

import aiohttp

from tests.client import Client
from tests.factories import Small, incident, milestone, report
from tests.running import Running


async def test_a_snapshot_is_one_version_and_its_changes_lead_to_the_next(running: Running, small: Small) -> None:
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, running.url).sign_in("operator")
        await desk.put(report(small.operation, small.tps[0], milestone("voting_open")))
        first = await desk.get(f"/v1/regions/{small.root}")
        await desk.put(report(small.operation, small.kelurahan[0], incident("tinggi")))

        changes = await desk.get(
            f"/v1/regions/{small.root}/changes?since={first['version']}&layout={first['layout']}&operation={small.operation}"
        )
        second = await desk.get(f"/v1/regions/{small.root}?operation={small.operation}")
        kelurahan = await desk.get(f"/v1/regions/{small.kelurahan[0]}")
        stale, problem, _ = await desk.ask("GET", f"/v1/regions/{small.root}/changes?since=0&layout=999")
        ahead, _, _ = await desk.ask("GET", f"/v1/regions/{small.root}/changes?since=99999")

    assert [r["code"] for r in first["rows"]] == [small.root, *small.kecamatan]
    assert first["names"][small.root] == "KOTA KECIL"
    assert (changes["from"], changes["to"]) == (first["version"], second["version"])
    merged = {r["code"]: r for r in first["rows"]} | {r["code"]: r for r in changes["rows"]}
    assert list(merged.values()) == second["rows"]
    assert [r["code"] for r in changes["rows"]] == [small.root, small.kecamatan[0]]
    assert [r["code"] for r in kelurahan["rows"]] == [small.kelurahan[0], *small.tps[:3]]
    assert sum(kelurahan["rows"][0]["own"]) == 2  # the report and the incident
    assert (stale, problem["code"], ahead) == (409, "layout-changed", 422)


async def test_a_number_opens_to_its_tps_page_by_page(running: Running, small: Small) -> None:
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, running.url).sign_in("supervisor")
        for tps in small.tps[:5]:
            await desk.put(report(small.operation, tps, milestone("voting_open")))
        path = f"/v1/regions/{small.root}/tps?counter=milestone.voting_open.unreported&limit=4"
        first = await desk.get(path)
        second = await desk.get(f"{path}&after={first['next']}")
        one = await desk.get(f"/v1/tps/{small.tps[0]}")
        unknown, problem, _ = await desk.ask("GET", f"/v1/regions/{small.root}/tps?counter=nope")
        form, _, _ = await desk.ask("GET", "/v1/regions/31.7")
        wall = await Client(http, running.url).sign_in("wall")
        opened, _, _ = await wall.ask("GET", path)
        seen, _, _ = await wall.ask("GET", f"/v1/regions/{small.root}")

    assert [p["code"] for p in first["places"] + second["places"]] == small.tps[5:]
    assert (first["total"], second["next"]) == (7, None)
    assert (one["number"], one["voters_l"], one["flags"]) == (1, 140, [])
    assert (unknown, problem["code"], form) == (404, "counter-unknown", 422)
    assert (opened, seen) == (403, 200)


async def test_what_is_out_of_scope_does_not_exist(running: Running, small: Small) -> None:
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, running.url).sign_in("operator")
        listed = await desk.get("/v1/operations")
        detail = await desk.get(f"/v1/operations/{small.operation}")
        answers = [
            (await desk.ask("GET", path))[:2]
            for path in (
                f"/v1/regions/{small.root[:2]}",
                "/v1/regions/ID",
                "/v1/regions/31.73/tps?counter=tps",
                "/v1/tps/31.73.01.1001.001",
                f"/v1/regions/{small.root}.09",
                "/v1/operations/999",
                f"/v1/regions/{small.root}?operation=999",
            )
        ]
        stranger, _, _ = await Client(http, running.url).ask("GET", "/v1/operations")

    assert [o["id"] for o in listed] == [small.operation]
    assert [c["kind"] for c in detail["contests"]] == ["gubernur", "bupati_walikota"]
    assert detail["milestones"][1] == {
        "code": "voting_open", "position": 1, "day": 0, "planned": "07:00:00", "grace_minutes": 15,
        "label_id": "voting_open", "label_en": "voting_open",
    }  # fmt: skip
    assert detail["counters"][:3] == ["tps", "voters_l", "voters_p"]
    assert {status for status, _ in answers} == {404}
    assert {body["code"] for _, body in answers} == {"place-unknown", "operation-unknown"}
    assert stranger == 401
