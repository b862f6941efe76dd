"""Over HTTP, as a posko uses it: Jeneponto's 156 teams, lists with rubbish, checking in, the ranking."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from posko import db
from posko.regions import create
from posko.regions.operation import NewOperation
from posko.sheet import MEDIA_TYPE
from tests.client import Client
from tests.factories import Small, counters, incident, make_account, report
from tests.running import Running
from tests.workbooks import workbook

DAY = datetime.date(2024, 11, 27)
JENEPONTO = "73.04"


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def desk(running: Running, http: aiohttp.ClientSession, served: Small) -> Client:
    """The supervisor of the small kota."""
    return await Client(http, running.url).sign_in("supervisor")


async def _csv(client: Client, path: str, text: str) -> tuple[int, Any]:
    return await _table(client, path, text.encode(), "text/csv")


async def _table(client: Client, path: str, data: bytes, kind: str) -> tuple[int, Any]:
    headers = {"authorization": f"Bearer {client.token}", "content-type": kind}
    async with client.http.put(client.url + path, data=data, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


def _of(snapshot: Any, code: str, *names: str) -> list[int]:
    row = next(r["counters"] for r in snapshot["rows"] if r["code"] == code)
    slots = [snapshot["counters"].index(name) for name in names]
    return [row[s] if s < len(row) else 0 for s in slots]


async def test_jenepontos_156_teams_from_the_list_to_the_morning(
    running: Running, http: aiohttp.ClientSession, server_pool: db.Pool
) -> None:
    name = f"jeneponto-{secrets.token_hex(3)}"
    async with server_pool.acquire() as connection:
        new = NewOperation(name, "drill", JENEPONTO, DAY, DAY, True)
        made = await create.create(connection, new, create.blueprint_of("jeneponto"), activate=True)
        regions = await connection.fetch(
            "select code, level from posko.node where operation_id = $1 and level in (3, 4) order by code", made
        )
        desa = [r["code"] for r in regions if r["level"] == 4]
        kecamatan = [r["code"] for r in regions if r["level"] == 3]
        assert (len(desa), len(kecamatan)) == (113, 11)
        await make_account(connection, name, "supervisor", JENEPONTO)
        await make_account(connection, f"{name}-kec", "operator", kecamatan[0])
    kesbang = await Client(http, running.url).sign_in(name)
    camat = await Client(http, running.url).sign_in(f"{name}-kec")

    # One team per desa, and 43 more: of the kecamatan and of the first 32 desa.
    teams = (
        [(code, "Tim 1") for code in desa]
        + [(c, "Tim kecamatan") for c in kecamatan]
        + [(c, "Tim 2") for c in desa[:32]]
    )
    assert len(teams) == 156
    text = "place,name,members,institution\n" + "".join(f"{c},{n},4,linmas\n" for c, n in teams)
    status, answer = await _csv(kesbang, f"/v1/regions/{JENEPONTO}/teams?operation={made}", text)
    assert (status, answer["standing"], answer["withdrawn"]) == (200, 156, 0)
    # The same list as a workbook is the same list.
    book = workbook(["place", "name", "members", "institution"], *([c, n, 4, "linmas"] for c, n in teams))
    status, answer = await _table(kesbang, f"/v1/regions/{JENEPONTO}/teams?operation={made}", book, MEDIA_TYPE)
    assert (status, answer["standing"], answer["withdrawn"]) == (200, 156, 0)

    shown = await kesbang.get(f"/v1/regions/{JENEPONTO}?operation={made}")
    assert _of(shown, JENEPONTO, "team.total", "team.briefed", "team.present") == [156, 0, 0]
    below = [_of(shown, code, "team.total")[0] for code in kecamatan]
    assert sum(below) == 156
    assert all(n > 1 for n in below)

    # The camat sees the kecamatan's own, briefs them all, page by page.
    page: str | None = ""
    waiting: list[int] = []
    while page is not None:
        path = f"/v1/regions/{kecamatan[0]}/teams?operation={made}&state=not_briefed&limit=5" + (
            f"&after={page}" if page else ""
        )
        found = await camat.get(path)
        waiting += [t["id"] for t in found["rows"]]
        page = found["next"]
    assert len(waiting) == len(set(waiting)) == below[0]
    for team in waiting:
        assert (await camat.ask("PUT", f"/v1/teams/{team}/briefing"))[0] == 200
    assert (await camat.get(f"/v1/regions/{kecamatan[0]}/teams?operation={made}&state=not_briefed"))["rows"] == []
    assert (await camat.ask("GET", f"/v1/regions/{JENEPONTO}/teams?operation={made}"))[0] == 404
    left = await kesbang.get(f"/v1/regions/{JENEPONTO}/teams?operation={made}&state=not_briefed&limit=500")
    assert len(left["rows"]) == 156 - below[0]
    assert (await camat.ask("PUT", f"/v1/teams/{left['rows'][0]['id']}/briefing"))[0] == 404

    # On the day two are there; one was a mistake.
    for team in waiting[:2]:
        await camat.ask("PUT", f"/v1/teams/{team}/presence")
    status, answer, _ = await camat.ask("DELETE", f"/v1/teams/{waiting[1]}/presence")
    assert (status, answer["version"] is not None) == (200, True)
    assert (await camat.ask("DELETE", f"/v1/teams/{waiting[1]}/presence"))[1] == {"version": None}
    shown = await kesbang.get(f"/v1/regions/{JENEPONTO}?operation={made}")
    assert _of(shown, JENEPONTO, "team.total", "team.briefed", "team.present") == [156, below[0], 1]
    assert _of(shown, kecamatan[0], "team.briefed", "team.present") == [below[0], 1]
    behind = await kesbang.get(f"/v1/regions/{JENEPONTO}/tps?operation={made}&counter=team.present")
    assert (behind["total"], [p["value"] for p in behind["places"]]) == (1, [1])
    async with server_pool.acquire() as connection:
        wrong = "select * from api.recount($1, array(select id from posko.node where operation_id = $1))"
        assert await connection.fetch(wrong, made) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("{k},Tim 1,4,linmas\n31.72.09.1001,Tim,4,linmas\n", [("$.rows[3].place", "wilayah-tidak-dikenal")]),
        ("{k},Tim 1,0,linmas\n{k},,x,LINMAS\n", [("$.rows[2].members", "batas"), ("$.rows[3].members", "batas"), ("$.rows[3].institution", "lembaga"), ("$.rows[3].name", "wajib")]),
        ("{k},Tim 1,4,hansip\n", [("$.rows[2].institution", "lembaga-tidak-dikenal")]),
        ("{k},Tim 1,4,linmas\n{k},tim 1,4,linmas\n", [("$.rows[3].name", "ganda")]),
        ("{k},Tim 3172011234567890,4,linmas\n", [("$.rows[2].name", "no-nik")]),
        ("{t},Tim,4,linmas\n31.72.1,x,1,linmas\n", [("$.rows[3].place", "bentuk-kode"), ("$.rows[2].place", "wilayah-tidak-dikenal")]),
        ("{k},Tim 1,4\n", [("$.rows[2]", "jumlah-kolom")]),
    ],
)  # fmt: skip
async def test_a_list_with_rubbish_is_refused_whole(
    desk: Client, served: Small, rows: str, expected: list[tuple[str, str]]
) -> None:
    text = "place,name,members,institution\n" + rows.format(k=served.kelurahan[0], t=served.tps[0])
    path = f"/v1/regions/{served.root}/teams?operation={served.operation}"
    status, answer = await _csv(desk, path, text)
    assert status == 422
    assert [(e["path"], e["rule"]) for e in answer["errors"]] == expected
    assert (await desk.get(path))["rows"] == []


async def test_guards_as_json_and_as_csv(desk: Client, served: Small, server_pool: db.Pool) -> None:
    tps = served.tps
    path = f"/v1/regions/{served.root}/guards?operation={served.operation}"
    bad = [
        {"name": "A", "institution": "polri", "members": 1, "tps": []},
        {"name": "B", "institution": "polri", "members": 1, "tps": [tps[0]] * 61},
        {"name": "C", "institution": "polri", "members": 1, "tps": [tps[0], "31.72.01.1001.099"], "username": "siapa-ini"},
        {"name": "c", "institution": "polri", "members": 1, "tps": [tps[0]], "phone": "telepon"},
        {"name": "D", "institution": "polri", "members": 201, "tps": [tps[0]], "nik": "1"},
        {"name": "c", "institution": "polri", "members": 1, "tps": [tps[0]]},
        7,
    ]  # fmt: skip
    status, answer, _ = await desk.ask("PUT", path, bad)
    assert status == 422
    assert {(e["path"], e["rule"]) for e in answer["errors"]} == {
        ("$[0].tps", "bentuk-kode"), ("$[1].tps", "bentuk-kode"), ("$[2].tps", "tps-tidak-dikenal"), ("$[2].username", "akun-tidak-dikenal"),
        ("$[3].phone", "telepon"), ("$[4].members", "batas"), ("$[4].nik", "kolom-tidak-dikenal"), ("$[5].name", "ganda"), ("$[6]", "schema"),
    }  # fmt: skip
    for body, status in ((b"{", 400), (b'{"a": 1}', 422), (b"", 400)):
        assert (await desk.ask("PUT", path, data=body))[0] == status
    async with server_pool.acquire() as connection:
        await make_account(connection, "bripka-http", "petugas", tps[0])
    text = "name,institution,members,tps,username,phone\n" + (
        f"Bripka A,polri,1,{';'.join(tps[:8])},bripka-http,+628112233445\nLinmas,linmas,2,{tps[0]},,\n"
    )
    status, made = await _csv(desk, path, text)
    assert (status, made["standing"]) == (200, 2)
    status, made, _ = await desk.ask(
        "PUT",
        path,
        [
            {
                "name": "Bripka A",
                "institution": "polri",
                "members": 1,
                "tps": tps[:8],
                "username": "bripka-http",
                "phone": "+628112233445",
            }
        ],
    )
    assert (status, made["standing"], made["withdrawn"]) == (200, 1, 1)

    rows = (await desk.get(path))["rows"]
    assert (rows[0]["username"], rows[0]["phone"], [p["place"] for p in rows[0]["posts"]]) == (
        "bripka-http",
        "+628112233445",
        tps[:8],
    )
    petugas = await Client(desk.http, desk.url).sign_in("petugas")
    assert (await petugas.get(path))["rows"][0]["phone"] is None
    # Of a region, its posts alone are told.
    part = await desk.get(f"/v1/regions/{served.kelurahan[0]}/guards?operation={served.operation}")
    assert [p["place"] for p in part["rows"][0]["posts"]] == tps[:3]
    # Of some TPS, those that guard there, with these alone; what lies beyond the region is not told.
    some = await desk.get(f"{path}&tps={tps[1]}&tps={tps[7]}&tps={tps[9]}")
    assert [[p["place"] for p in row["posts"]] for row in some["rows"]] == [[tps[1], tps[7]]]
    below = f"/v1/regions/{served.kelurahan[0]}/guards?operation={served.operation}"
    assert (await desk.get(f"{below}&tps={tps[7]}"))["rows"] == (await desk.get(f"{path}&tps={tps[9]}"))["rows"] == []
    assert (await desk.ask("GET", path + f"&tps={tps[1]}" * 100))[0] == 200
    for wrong in (f"&tps={tps[1]}" * 101, "&tps=", "&tps=x"):
        assert (await desk.ask("GET", path + wrong))[0] == 422

    bripka = await Client(desk.http, desk.url).sign_in("bripka-http")
    one = rows[0]["id"]
    status, answer, _ = await bripka.ask("PUT", f"/v1/guards/{one}/check-in", {"places": [tps[7]]})
    assert (status, answer["version"] is not None) == (200, True)
    waiting = f"/v1/regions/{served.root}/guards?operation={served.operation}&state=not_checked_in"
    assert len((await desk.get(waiting))["rows"]) == 1
    assert (await bripka.ask("PUT", f"/v1/guards/{one}/check-in", {}))[0] == 200
    assert (await bripka.ask("PUT", f"/v1/guards/{one}/check-in", {}))[1] == {"version": None}
    assert (await desk.get(waiting))["rows"] == []
    assert (await bripka.ask("PUT", f"/v1/guards/{one}/departure", {"places": [tps[0]]}))[0] == 200
    assert (await bripka.ask("PUT", f"/v1/guards/{one}/departure", {"places": [tps[9]]}))[0] == 404
    async with server_pool.acquire() as connection:
        found = await counters(connection, served.operation, served.root)
    assert (found["guard.polri.planned"], found["guard.polri.present"]) == (8, 7)


async def test_patterns_and_weights_are_set_and_shown(desk: Client, served: Small) -> None:
    path = f"/v1/operations/{served.operation}/guard-patterns"
    before = await desk.get(path)
    assert (before["version"], len(before["patterns"])) == (0, 4)
    new = [{"grade": "rawan", "polri": 2, "tps": 4, "linmas": 6}]
    assert (await desk.ask("PUT", path, {"patterns": new}))[1] == {"version": 1, "patterns": new}
    assert (await desk.get(path)) == {"version": 1, "patterns": new}
    for bad, at in (
        ([*new, *new], "$.patterns[1].grade"),
        ([], "$.patterns"),
        ([{**new[0], "tps": 0}], "$.patterns[0].tps"),
    ):
        status, answer, _ = await desk.ask("PUT", path, {"patterns": bad})
        assert status == 422
        assert answer["errors"][0]["path"] == at, answer["errors"]
    path = f"/v1/operations/{served.operation}/priority-weights"
    status, answer, _ = await desk.ask("PUT", path, {"weights": [{"code": "indicator", "points": 9, "most": 9}]})
    assert (status, answer["version"], len(answer["weights"])) == (200, 1, 18)
    assert next(w for w in answer["weights"] if w["code"] == "indicator")["points"] == 9
    assert (await desk.ask("PUT", path, {"weights": [{"code": "indicator", "points": 9, "most": 8}]}))[1]["errors"][0][
        "path"
    ] == "$.weights[0].most"


async def test_where_to_go_first_and_who_read_of_what_is_terbatas(
    desk: Client, served: Small, server_pool: db.Pool
) -> None:
    async with server_pool.acquire() as connection:
        await make_account(connection, "kapolres-http", "supervisor", served.root, cleared=True)
        await make_account(connection, "nasional-http", "supervisor", "ID")
    kapolres = await Client(desk.http, desk.url).sign_in("kapolres-http")
    nation = await Client(desk.http, desk.url).sign_in("nasional-http")
    await desk.put(report(served.operation, served.tps[1], incident("tinggi")))
    await desk.put({**report(served.operation, served.tps[2], incident("kritis")), "restricted": True})
    path = f"/v1/regions/{served.root}/priorities?operation={served.operation}"
    log = "select count(*) from posko.log_entry where action = 'restricted.read' and subject = 'priorities' and operation_id = $1 and restricted"

    plain = await desk.get(path)
    assert ([r["code"] for r in plain["rows"]], plain["total"]) == ([served.tps[1]], 1)
    assert plain["rows"][0]["reasons"][0]["id"] == "1 insiden (1 tinggi), tertua 0 menit"
    assert await server_pool.fetchval(log, served.operation) == 0
    cleared = await kapolres.get(path)
    assert [r["code"] for r in cleared["rows"]] == [served.tps[2], served.tps[1]]
    assert cleared["rows"][0]["reasons"][0]["code"] == "restricted_incidents"
    assert await server_pool.fetchval(log, served.operation) == 1
    assert (await kapolres.get(f"/v1/regions/{served.kelurahan[1]}/priorities?operation={served.operation}"))[
        "rows"
    ] == []
    assert await server_pool.fetchval(log, served.operation) == 1

    lane = await server_pool.fetchval("select id from posko.operation where restricts = $1", served.operation)
    assert (await kapolres.get(path.replace(f"={served.operation}", f"={lane}")))["operation"] == served.operation
    assert (await desk.ask("GET", path.replace(f"={served.operation}", f"={lane}")))[0] == 404
    for code, status in (("31", 404), ("ID", 404), ("31.73", 404)):
        assert (await nation.ask("GET", f"/v1/regions/{code}/priorities?operation={served.operation}"))[0] == status
    assert (await desk.ask("GET", path + "&limit=201"))[0] == 422


async def test_over_a_kota_nothing_is_ranked(
    running: Running, http: aiohttp.ClientSession, server_pool: db.Pool
) -> None:
    async with server_pool.acquire() as connection:
        made = await connection.fetchval(
            "insert into posko.operation (name, mode, root_code, root_level, starts_on, voting_day, tps_estimated, created_at, names_until, state, activated_at)"
            " values ($1, 'drill', '31', 1, $2, $2, false, posko.now(), '2100-01-01', 'active', posko.now()) returning id",
            f"provinsi {secrets.token_hex(4)}", DAY,
        )  # fmt: skip
        await connection.execute(
            "insert into posko.node (operation_id, code, level, name, utc_offset, path) values ($1, '31', 1, 'DKI', 7, '{}')",
            made,
        )
        await make_account(connection, "dki-http", "supervisor", "31")
    client = await Client(http, running.url).sign_in("dki-http")
    status, answer, _ = await client.ask("GET", f"/v1/regions/31/priorities?operation={made}")
    assert (status, answer["errors"][0]["rule"]) == (422, "level")
