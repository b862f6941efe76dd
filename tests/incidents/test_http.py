"""The life of an incident over HTTP: filed, listed, accepted, advised on, merged, voided by two; and what is refused."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from posko import db
from tests.client import Client
from tests.factories import Small, counters, incident, make_account, report, uuid7
from tests.running import Running


@pytest.fixture
async def desks(running: Running, served: Small, server_pool: db.Pool) -> AsyncIterator[dict[str, Client]]:
    """An operator, a supervisor and a second one, a petugas, and a cleared supervisor, all of this operation."""
    async with aiohttp.ClientSession() as http:
        found = {}
        async with server_pool.acquire() as connection:
            for name, role, cleared in (
                ("op", "operator", False), ("sup", "supervisor", False), ("sup2", "supervisor", False), ("tps", "petugas", False), ("tahu", "supervisor", True),
            ):  # fmt: skip
                unique = f"{name}-{served.operation}"
                await make_account(connection, unique, role, served.root, operation=served.operation, cleared=cleared)
                found[name] = await Client(http, running.url).sign_in(unique)
                found[name].operation = served.operation
        yield found


async def _file(desk: Client, small: Small, place: str, said: dict[str, Any], **extra: Any) -> uuid.UUID:
    made = uuid7()
    status, answer, _ = await desk.put(report(small.operation, place, said, **extra), made)
    assert status == 201, answer
    return made


async def test_a_comment_moves_the_version_of_where_it_is_and_no_number(
    desks: dict[str, Client], served: Small
) -> None:
    case = await _file(desks["tps"], served, served.tps[0], incident("sedang"))
    before = {row["code"]: row for row in (await desks["sup"].get(f"/v1/regions/{served.root}"))["rows"]}

    _, said, _ = await desks["op"].ask("POST", f"/v1/incidents/{case}/comments", {"said": "tim berangkat"})

    after = {row["code"]: row for row in (await desks["sup"].get(f"/v1/regions/{served.root}"))["rows"]}
    moved = {code for code, row in after.items() if row["version"] != before[code]["version"]}
    assert moved == {served.root, served.kecamatan[0]}
    assert {after[code]["version"] for code in moved} == {said["version"]}
    assert all(row["counters"] == before[code]["counters"] for code, row in after.items())


async def test_the_life_of_an_incident(desks: dict[str, Client], served: Small) -> None:
    op, sup = desks["op"], desks["sup"]
    tps = served.tps[0]
    case = await _file(
        desks["tps"],
        served,
        tps,
        incident("tinggi", text="Surat suara kurang 50 lembar", point={"latitude": -6.1, "longitude": 106.9}),
    )
    page = await op.get("/v1/incidents")
    (row,) = page["rows"]
    assert (row["id"], row["number"], row["status"], row["severity"], row["tier"], row["place"], row["latitude"]) == (
        str(case), 1, "baru", "tinggi", "kelurahan", tps, -6.1,
    )  # fmt: skip
    assert (await op.get("/v1/regions/31.72"))["rows"][0]["counters"][
        (await op.get("/v1/regions/31.72"))["counters"].index("case.baru.tinggi")
    ] == 1
    path = f"/v1/incidents/{case}"
    steps = await op.get(path + "/preview")
    assert [s["tier"] for s in steps] == ["kelurahan", "kecamatan", "kabkota"] * 2
    assert steps[0]["at"] <= steps[1]["at"] <= steps[-1]["at"]
    status, answer, _ = await op.ask("PUT", path + "/handling", {})
    assert (status, answer["code"]) == (409, "conflict"), answer
    assert "baru" in answer["detail"]
    status, acted, _ = await op.ask("PUT", path + "/acknowledgement", {})
    assert (status, acted["incident"]["status"], acted["incident"]["escalation"]) == (200, "diterima", "accepted")
    status, again, _ = await op.ask("PUT", path + "/acknowledgement", {})
    assert (status, again["entry"], again["version"]) == (200, acted["entry"], acted["version"])
    assert (await op.ask("PUT", path + "/verification", {"state": "terverifikasi"}))[1]["errors"][0]["rule"] == "proof"
    assert (await op.ask("PUT", path + "/verification", {"state": "terverifikasi", "said": "foto dari lokasi"}))[
        0
    ] == 200
    assert (await op.ask("POST", path + "/comments", {"said": "NIK 3172010101010001 ikut"}))[1]["errors"][0][
        "rule"
    ] == "no-nik"
    assert (await op.ask("POST", path + "/comments", {"said": "tim KPU berangkat"}))[0] == 201
    assert (
        await op.ask(
            "POST",
            path + "/requests",
            {"kind": "advice", "addressee": "31.72", "said": "Boleh pakai sisa TPS sebelah?"},
        )
    )[0] == 201
    assert (
        await op.ask("POST", path + "/requests", {"kind": "referral", "addressee": "kpu", "said": "Mohon tambahan"})
    )[0] == 201
    inbox = await sup.get(f"/v1/requests?operation={served.operation}&limit=1")
    assert [(r["incident"], r["number"], r["question"]) for r in inbox["rows"]] == [
        (str(case), 1, "Boleh pakai sisa TPS sebelah?")
    ]
    assert (await sup.get(f"/v1/requests?operation={served.operation}&after={inbox['next']}"))["rows"] == []
    assert (await sup.ask("PUT", path + "/requests/1/answer", {"said": "Tidak, tunggu KPU"}))[0] == 200
    assert (await sup.get(f"/v1/requests?operation={served.operation}"))["rows"] == []
    assert len((await sup.get(f"/v1/requests?operation={served.operation}&waiting=false"))["rows"]) == 1
    assert (await sup.ask("PUT", path + "/requests/1/answer", {"said": "lain"}))[0] == 409
    assert (await sup.ask("PUT", path + "/requests/2/answer", {"said": "50 lembar sudah diantar"}))[0] == 200
    assert (await op.ask("PUT", path + "/handling", {"said": "diantar"}))[0] == 200
    assert (await op.ask("PUT", path + "/watch"))[0] == 204
    assert [r["id"] for r in (await op.get("/v1/incidents?watched=true"))["rows"]] == [str(case)]
    assert (await op.ask("PUT", path + "/resolution", {}))[0] == 422
    assert (await op.ask("PUT", path + "/resolution", {"said": "surat suara lengkap 06.58"}))[0] == 200
    assert (await sup.ask("PUT", path + "/closure", {}))[1]["incident"]["status"] == "ditutup"
    assert (await op.get(path + "/preview")) == []
    detail = await op.get(path)
    assert ([r["answer"] for r in detail["requests"]], detail["reports"]) == (
        ["Tidak, tunggu KPU", "50 lembar sudah diantar"],
        [str(case)],
    )
    log = (await op.get(path + "/entries"))["rows"]
    assert [e["action"] for e in log] == [
        "open", "acknowledgement", "verification", "comment", "advice", "referral", "advice_given", "referral_done", "handling", "resolution", "closure",
    ]  # fmt: skip
    assert [e["to_status"] for e in log][-3:] == ["ditangani", "selesai", "ditutup"]
    assert log[0]["by"] == f"tps-{served.operation}"
    assert (await op.ask("PUT", path + "/reopening", {"said": "ternyata masih kurang"}))[1]["incident"][
        "status"
    ] == "dibuka_kembali"


async def test_lists_filter_by_what_is_shown_and_page(desks: dict[str, Client], served: Small) -> None:
    op = desks["op"]
    texts = ("Banjir setinggi lutut di depan TPS", "Listrik padam", "Air menggenangi kotak suara")
    cases = [
        await _file(
            op,
            served,
            served.tps[i],
            incident("tinggi" if i else "rendah", text=t, category="bencana.banjir" if i != 1 else "listrik_internet"),
        )
        for i, t in enumerate(texts)
    ]
    await op.ask("PUT", f"/v1/incidents/{cases[1]}/acknowledgement", {})

    async def found(query: str) -> list[int]:
        return [cases.index(uuid.UUID(r["id"])) for r in (await op.get(f"/v1/incidents?{query}"))["rows"]]

    assert await found("") == [2, 1, 0]
    assert await found("severity=tinggi") == [2, 1]
    assert await found("severity=tinggi&severity=rendah&status=baru") == [2, 0]
    assert await found("category=bencana") == [2, 0]
    assert await found("category=bencana.banjir&severity=rendah") == [0]
    assert await found("q=genang") == [2]
    assert await found("q=banjir%20-lutut") == [2]
    assert await found(f"owner=op-{served.operation}") == [1]
    assert await found(f"region={served.tps[0]}") == [0]
    assert await found("overdue=false&tier=kelurahan") == [2, 1, 0]
    assert await found("since=2000-01-01T00:00:00&until=2000-01-02T00:00:00") == []
    first = await op.get("/v1/incidents?limit=2")
    second = await op.get(f"/v1/incidents?limit=2&after={first['next']}")
    assert [len(first["rows"]), len(second["rows"]), second["next"]] == [2, 1, None]
    assert (await op.ask("GET", "/v1/incidents?status=apa"))[0] in (400, 422)
    changes = await op.get("/v1/incidents/changes?since=0&limit=1")
    assert (changes["is_more"], [r["id"] for r in changes["rows"]]) == (True, [str(cases[0])])
    rest = await op.get(f"/v1/incidents/changes?since={changes['to']}")
    assert ({r["id"] for r in rest["rows"]}, rest["is_more"]) == ({str(cases[1]), str(cases[2])}, False)


async def test_a_flood_is_one_parent_with_its_parts_and_duplicates_merge(
    desks: dict[str, Client], served: Small
) -> None:
    op = desks["op"]
    parts = [
        await _file(op, served, t, incident("tinggi", category="bencana.banjir", text="tergenang"))
        for t in served.tps[:3]
    ]
    flood = await _file(
        op, served, served.kelurahan[0], incident("kritis", category="bencana.banjir", text="banjir RW 08")
    )
    for part in parts:
        status, answer, _ = await op.ask("PUT", f"/v1/incidents/{part}/parent", {"parent": str(flood)})
        assert status == 200, answer
    assert (await op.get(f"/v1/incidents/{flood}"))["incident"]["children"] == 3
    assert [r["id"] for r in (await op.get(f"/v1/incidents?parent={flood}"))["rows"]] == [
        str(p) for p in reversed(parts)
    ]
    assert (await op.ask("PUT", f"/v1/incidents/{flood}/parent", {"parent": str(parts[0])}))[0] == 409
    twice = await _file(op, served, served.tps[0], incident("tinggi", category="bencana", text="TPS banjir"))
    suggested = await op.get(f"/v1/incidents/{twice}/duplicates")
    assert [r["id"] for r in suggested] == [str(parts[0]), str(flood)]
    assert (await op.ask("PUT", f"/v1/incidents/{twice}/merge", {"into": str(twice), "said": "sama"}))[0] == 409
    assert (await op.ask("PUT", f"/v1/incidents/{twice}/merge", {"into": str(parts[0]), "said": "sama"}))[0] == 200
    assert sorted((await op.get(f"/v1/incidents/{parts[0]}"))["reports"]) == sorted([str(parts[0]), str(twice)])
    more = await _file(
        op, served, served.tps[0], incident("tinggi", category="bencana.banjir", text="air naik", joins=str(parts[0]))
    )
    assert str(more) in (await op.get(f"/v1/incidents/{parts[0]}"))["reports"]
    assert len((await op.get("/v1/incidents"))["rows"]) == 5


async def test_what_lies_beyond_is_not_named(desks: dict[str, Client], served: Small, server_pool: db.Pool) -> None:
    op, name = desks["op"], f"kel-{served.operation}"
    async with server_pool.acquire() as connection:
        await make_account(connection, name, "operator", served.kelurahan[0], operation=served.operation)
    kel = await Client(op.http, op.url).sign_in(name)
    flood = await _file(op, served, served.kecamatan[1], incident("kritis", category="bencana.banjir"))
    part = await _file(kel, served, served.tps[0], incident("kritis", category="bencana.banjir"))
    there = await _file(op, served, served.tps[-1], incident("rendah"))
    here = await _file(kel, served, served.tps[1], incident("rendah"))
    more = await _file(op, served, served.tps[-1], incident("rendah", joins=str(part)))
    assert (await op.ask("PUT", f"/v1/incidents/{part}/parent", {"parent": str(flood)}))[0] == 200
    assert (await op.ask("PUT", f"/v1/incidents/{here}/merge", {"into": str(there), "said": "sama"}))[0] == 200
    for case, key in ((part, "parent"), (here, "merged_into")):
        assert (await op.get(f"/v1/incidents/{case}"))["incident"][key] in (str(flood), str(there))
        assert (await kel.get(f"/v1/incidents/{case}"))["incident"][key] is None
        said = [json.dumps(await c.get(f"/v1/incidents/{case}{p}")) for c in (op, kel) for p in ("", "/entries")]
        for beyond in (flood, there, more):
            assert str(beyond) not in "".join(said[2:])
    assert str(more) in "".join(said) or str(there) in "".join(said)
    path = f"/v1/regions/{served.kelurahan[0]}/priorities?operation={served.operation}"
    found = {
        c: {r["code"]: r for p in (await c.get(path))["rows"] for r in p["reasons"]}["disaster"] for c in (op, kel)
    }
    assert [found[c]["id"] for c in (op, kel)] == ["bagian dari Banjir (kejadian 1)", "bagian dari Banjir"]
    assert [found[c]["params"]["incidents"][0]["number"] for c in (op, kel)] == [1, None]
    assert found[op]["points"] == found[kel]["points"]


async def test_voiding_takes_two(desks: dict[str, Client], served: Small) -> None:
    op, sup, sup2 = desks["op"], desks["sup"], desks["sup2"]
    case = await _file(op, served, served.tps[0], incident())
    asked = {"kind": "void_incident", "operation": served.operation, "incident": str(case), "reason": "laporan iseng"}
    status, approval, _ = await sup.ask("POST", "/v1/approvals", asked)
    assert status == 201, approval
    decision = {"approve": True, "reason": "benar iseng"}
    assert (await sup.ask("PUT", f"/v1/approvals/{approval['id']}/decision", decision))[0] in (403, 409)
    status, decided, _ = await sup2.ask("PUT", f"/v1/approvals/{approval['id']}/decision", decision)
    assert (status, decided["used_at"] is not None) == (200, True), decided
    assert (await op.get(f"/v1/incidents/{case}"))["incident"]["status"] == "batal"
    assert (await op.ask("PUT", f"/v1/incidents/{case}/acknowledgement", {}))[0] == 409


async def test_what_was_approved_and_cannot_be_done_any_more_says_so(desks: dict[str, Client], served: Small) -> None:
    op, sup, sup2 = desks["op"], desks["sup"], desks["sup2"]
    case = await _file(op, served, served.tps[0], incident())
    asked = {"kind": "void_incident", "operation": served.operation, "incident": str(case), "reason": "laporan iseng"}
    approval = (await sup.ask("POST", "/v1/approvals", asked))[1]["id"]
    for action in ("acknowledgement", "resolution", "closure"):
        assert (await op.ask("PUT", f"/v1/incidents/{case}/{action}", {"said": "sudah beres"}))[0] == 200
    yes = {"approve": True, "reason": "benar iseng"}
    status, refused, _ = await sup2.ask("PUT", f"/v1/approvals/{approval}/decision", yes)
    assert (status, "void is not possible" in refused["detail"]) == (409, True)
    (found,) = [a for a in await sup.get("/v1/approvals?state=all") if a["id"] == approval]
    assert (found["decision"], found["used_at"], found["failed_at"] is not None) == ("approved", None, True)
    assert found["failed_why"] == refused["detail"]
    assert (await sup2.ask("PUT", f"/v1/approvals/{approval}/decision", yes))[1] == found


async def test_an_area_is_excused_by_two(desks: dict[str, Client], served: Small, server_pool: db.Pool) -> None:
    sup, sup2 = desks["sup"], desks["sup2"]
    path, said = f"/v1/places/{served.root}/excuses/voting_open", {"operation": served.operation, "reason": "banjir"}
    status, refused, _ = await sup.ask("PUT", path, said)
    assert (status, refused["code"]) == (403, "second-person-needed")
    ask = {"kind": "excuse", **said}
    assert (await sup.ask("POST", "/v1/approvals", ask))[0] == 422
    ask |= {"region": served.root, "milestone": "voting_open"}
    assert (await desks["op"].ask("POST", "/v1/approvals", ask))[0] == 403
    approval = (await sup.ask("POST", "/v1/approvals", ask))[1]["id"]
    decision = f"/v1/approvals/{approval}/decision"
    status, done, _ = await sup2.ask("PUT", decision, {"approve": True, "reason": "sudah dicek"})
    assert (status, done["used_at"] is not None) == (200, True), done
    async with server_pool.acquire() as connection:
        found = await counters(connection, served.operation, served.root)
    assert found["milestone.voting_open.excused"] == len(served.tps)


async def test_what_is_terbatas_is_a_case_of_its_own_lane(desks: dict[str, Client], served: Small) -> None:
    knows, op = desks["tahu"], desks["op"]
    before = (await op.get("/v1/incidents"))["version"]
    case = await _file(knows, served, served.tps[0], incident("kritis", text="sasaran rahasia"), restricted=True)
    lane = (await knows.get(f"/v1/operations/{served.operation}"))["restricted_lane"]
    page = await op.get("/v1/incidents")
    assert (page["rows"], page["version"]) == ([], before)
    for path in ("", "/entries", "/preview", "/duplicates"):
        assert (await op.ask("GET", f"/v1/incidents/{case}{path}"))[0] == 404
    assert (await op.ask("PUT", f"/v1/incidents/{case}/acknowledgement", {}))[0] == 404
    assert (await op.ask("GET", f"/v1/incidents?operation={lane}"))[0] == 404
    status, rows, _ = await knows.ask("GET", f"/v1/incidents?operation={lane}")
    assert (status, rows["rows"][0]["id"], rows["rows"][0]["number"]) == (200, str(case), 1)
    assert (await knows.ask("PUT", f"/v1/incidents/{case}/acknowledgement", {}))[0] == 200


async def test_rules_and_categories_are_an_operations_own(desks: dict[str, Client], served: Small) -> None:
    op, sup = desks["op"], desks["sup"]
    path = f"/v1/operations/{served.operation}"
    rules = await op.get(path + "/rules")
    assert (rules["operation"], rules["rules"][0]["name"], rules["rules"][0]["steps"][0]["tier"]) == (
        0,
        "kritis",
        "kelurahan",
    )
    mine = json.loads(json.dumps(rules["rules"]))
    mine[0]["steps"] = [{"tier": "kabkota", "after_s": 0}]
    status, made, _ = await sup.ask("PUT", path + "/rules", mine)
    assert (status, made["operation"], made["version"]) == (200, served.operation, 1), made
    assert (await op.ask("PUT", path + "/rules", mine))[0] == 403
    status, refused, _ = await sup.ask("PUT", path + "/rules", mine[:1])
    assert (status, refused["errors"][0]["rule"]) == (422, "rule-for-everything")
    case = await _file(op, served, served.tps[0], incident("kritis"))
    assert [s["tier"] for s in await op.get(f"/v1/incidents/{case}/preview")] == ["kabkota"] * 3
    assert (await sup.ask("PUT", path + "/rules?version=0", mine))[0] == 409
    assert (await sup.ask("PUT", path + "/rules?version=1", mine))[1]["version"] == 2
    wrong = [*mine[:2], {**mine[2], "acknowledge_within_min": 99_999}, *mine[3:]]
    status, refused, _ = await sup.ask("PUT", path + "/rules", wrong)
    assert (status, refused["errors"][0]["path"]) == (422, "$[2].acknowledge_within_min")
    taxonomy = await op.get(path + "/categories")
    assert {"logistik.tertukar", "bencana.banjir"} < {c["code"] for c in taxonomy["categories"]}
    own = [*taxonomy["categories"], {"code": "kapal", "label_id": "Kapal", "label_en": "Boat"}]
    assert (await sup.ask("PUT", path + "/categories", own))[0] == 200
    assert (await sup.ask("PUT", path + "/categories", [{"code": "x.y", "label_id": "x", "label_en": "x"}]))[0] == 422
    await _file(op, served, served.tps[1], incident(category="kapal"))
    status, refused, _ = await op.put(report(served.operation, served.tps[1], incident(category="tidak_ada")))
    assert (status, refused["errors"][0]["rule"]) == (422, "category-of-operation")


async def test_the_clock_of_a_drill_only(desks: dict[str, Client], served: Small, server_pool: db.Pool) -> None:
    sup = desks["sup"]
    path = f"/v1/operations/{served.operation}/clock"
    status, now, _ = await sup.ask("PUT", path, {"at": "2024-11-27T06:40:00+07:00", "speed": 0})
    assert (status, now["at"]) == (200, "2024-11-26T23:40:00Z")
    assert await desks["op"].get(path) == {"at": "2024-11-26T23:40:00Z", "speed": 0.0}
    await server_pool.execute(
        "update posko.operation set clock_at = null, clock_set_at = null, clock_speed = null, mode = 'live' where id = $1",
        served.operation,
    )
    assert (await sup.ask("PUT", path, {"at": "2024-11-27T06:40:00+07:00"}))[0] == 409


async def test_moments_stay_within_what_every_program_can_read(desks: dict[str, Client], served: Small) -> None:
    op, sup = desks["op"], desks["sup"]
    path = f"/v1/operations/{served.operation}/clock"
    for at in ("9999-12-31T23:59:58Z", "0001-01-01T00:00:00+07:00", "2024-11-27T21:40:00", "1999-12-31T00:00:00Z"):
        status, answer, _ = await sup.ask("PUT", path, {"at": at})
        assert (status, answer["errors"][0]["path"]) == (422, "$.at"), (at, answer)
    for odd in ("since=0001-01-01T00:00:00%2B14:00", "until=9999-12-31T23:59:59-14:00"):
        assert (await op.ask("GET", f"/v1/incidents?operation={served.operation}&{odd}"))[0] == 422
    assert (await sup.ask("PUT", path, {"at": "2099-12-31T23:59:00Z", "speed": 100000}))[0] == 200
    assert (await op.get(path))["at"] <= "2100-01-01T00:00:00Z"


async def test_a_parameter_that_is_none_is_refused_by_name(desks: dict[str, Client], served: Small) -> None:
    op, one = desks["op"], uuid7()
    asked = {
        ("GET", "/v1/incidents?sevirity=kritis"): None,
        ("GET", "/v1/incidents?viewer=1"): None,  # nor what is only called so inside
        ("POST", "/v1/approvals?operation=1"): {},
    }
    found = [(await op.ask(*which, body))[:2] for which, body in asked.items()]
    names = [("$.sevirity", "unknown"), ("$.viewer", "unknown"), ("$.operation", "unknown")]
    for (status, answer), name in zip(found, names, strict=True):
        assert (status, answer["code"]) == (400, "unknown-parameter"), answer
        assert (answer["errors"][0]["path"], answer["errors"][0]["rule"]) == name
    filed = report(served.operation, served.tps[0], incident())
    assert (await op.ask("PUT", f"/v1/reports/{one}?utm=1", filed))[0] == 201  # a report is not lost for it


async def test_incidents_are_found_by_number_by_words_and_by_where_they_are(
    desks: dict[str, Client], served: Small, server_pool: db.Pool
) -> None:
    op = desks["op"]
    async with server_pool.acquire() as connection:
        renamed = "update posko.node set name = $3 where operation_id = $1 and code = $2"
        await connection.execute(renamed, served.operation, served.kecamatan[0], "Penjaringan")
        await connection.execute(renamed, served.operation, served.kelurahan[1], "Kapuk Muara")
    at = [f"{served.kelurahan[0]}.001", f"{served.kelurahan[1]}.002", served.kelurahan[1], f"{served.kelurahan[2]}.002"]
    for place in at:
        await _file(desks["sup"], served, place, incident("sedang", text=f"Lampu mati, {at.index(place)} orang"))

    async def found(text: str, **more: str) -> list[int]:
        asked = urlencode({"region": served.root, "q": text, **more})
        return sorted(row["number"] for row in (await op.get(f"/v1/incidents?{asked}"))["rows"])

    assert [await found(text) for text in ("#3", "3", " #03 ", "9")] == [[3], [3], [3], []]
    assert await found("lampu") == [1, 2, 3, 4]
    assert [await found(text) for text in ("penjaringan", "kapuk mua", "Kel. Kapuk Muara")] == [
        [1, 2, 3],
        [2, 3],
        [2, 3],
    ]
    assert [await found(text) for text in ("TPS 002", "TPS 2, Kapuk Muara", "TPS 2 muara lampu")] == [[2, 4], [2], []]
    assert [await found(text) for text in (at[1], served.kelurahan[1], at[1].replace(".", ""), served.kecamatan[0] + ".1")] == [
        [2], [2, 3], [2], [1, 2, 3]
    ]  # fmt: skip
    assert await found("penjaringan", severity="kritis") == []
    assert await found("penjaringan", region=served.kecamatan[1]) == []


async def test_a_parameter_is_named_as_the_client_knows_it(desks: dict[str, Client], served: Small) -> None:
    for path, name in (("/v1/incidents?q=x", "$.q"), ("/v1/approvals?state=pending", "$.state")):
        status, answer, _ = await desks["sup"].ask("GET", path)
        assert (status, answer["errors"][0]["path"]) == (422, name), answer
