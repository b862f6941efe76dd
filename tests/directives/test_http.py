"""Directives over HTTP, on a running server: down, answered, opened, taken back; nobody sees beyond their reach."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from posko import db
from tests.client import Client
from tests.factories import Small, incident, make_account, report, uuid7
from tests.running import Running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def desk(running: Running, http: aiohttp.ClientSession, served: Small) -> Client:
    """The kota's operator."""
    client = await Client(http, running.url).sign_in("operator")
    client.operation = served.operation
    return client


async def someone(
    client: Client, server_pool: db.Pool, role: str, region: str, name: str | None = None, *, cleared: bool = False
) -> Client:
    """Another account in one seat."""
    name = name or f"d-{role}-{uuid.uuid4().hex[:8]}"
    async with server_pool.acquire() as connection:
        await make_account(connection, name, role, region, cleared=cleared)
    found = await Client(client.http, client.url).sign_in(name)
    found.operation = client.operation
    return found


def order(small: Small, to: dict[str, Any], **extra: Any) -> dict[str, Any]:
    said = {
        "operation": small.operation,
        "from": small.root,
        "kind": "perintah",
        "requires": "laksanakan",
        "text": "Periksa segel di {place}",
        "deadline": (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)).isoformat(),
        "to": to,
    }
    return {**said, **extra}


async def issue(client: Client, said: dict[str, Any], status: int = 201) -> Any:
    path = f"/v1/directives/{uuid7()}"
    found, body, _ = await client.ask("PUT", path, said)
    assert found == status, body
    return body


async def test_an_order_goes_down_is_answered_and_opens(desk: Client, served: Small, server_pool: db.Pool) -> None:
    said = order(served, {"kind": "tps", "region": served.kecamatan[0]})
    path = f"/v1/directives/{uuid7()}"
    first = await desk.ask("PUT", path, said)
    again = await desk.ask("PUT", path, said)
    other = await desk.ask("PUT", path, {**said, "text": "lain"})
    assert (first[0], again[0], other[0]) == (201, 200, 409)
    assert first[1] == again[1]
    assert first[1]["counts"] == {
        "targets": 6,
        "sent": 6,
        "unanswered": 6,
        "read": 0,
        "accepted": 0,
        "refused": 0,
        "done": 0,
        "overdue": 0,
    }

    petugas = await someone(desk, server_pool, "petugas", served.tps[0])
    inbox = await petugas.get(f"/v1/desks/{served.tps[0]}/directives?open=true")
    assert [(r["text"], r["state"], r["from"]) for r in inbox["rows"]] == [
        ("Periksa segel di TPS 001", "terkirim", served.root)
    ]
    target = f"{path}/targets/{served.tps[0]}"
    for action, body, state in (
        ("receipt", None, "dibaca"), ("receipt", None, "dibaca"), ("acceptance", None, "diterima"),
        ("completion", {"proof": "segel utuh"}, "dilaksanakan"), ("completion", {"proof": "segel utuh"}, "dilaksanakan"),
    ):  # fmt: skip
        status, answered, _ = await petugas.ask("PUT", f"{target}/{action}", body)
        assert (status, answered["state"]) == (200, state), answered
    status, problem, _ = await petugas.ask("PUT", f"{target}/refusal", {"reason": "tidak bisa"})
    assert (status, problem["code"]) == (409, "conflict")
    assert "is dilaksanakan" in problem["detail"]
    assert (await petugas.ask("PUT", f"{path}/targets/{served.tps[1]}/receipt"))[0] == 404
    status, _, _ = await desk.ask("PUT", f"{path}/targets/{served.tps[1]}/refusal", {"reason": "banjir"})
    assert status == 200

    detail = await desk.get(path)
    assert detail["region"] == served.root
    assert [(c["code"], c["counts"]["done"], c["counts"]["unanswered"]) for c in detail["compliance"]] == [
        (served.kecamatan[0], 1, 4)
    ]
    below = await desk.get(f"{path}?region={served.kecamatan[0]}")
    assert [c["code"] for c in below["compliance"]] == served.kelurahan[:2]
    behind = await desk.get(f"/v1/regions/{served.root}/tps?counter=directive.unanswered")
    unanswered = await desk.get(f"{path}/targets?state=unanswered&limit=3")
    rest = await desk.get(f"{path}/targets?state=unanswered&limit=3&after={unanswered['next']}")
    assert behind["total"] == 4
    assert [p["code"] for p in behind["places"]] == [t["place"] for t in unanswered["rows"] + rest["rows"]]
    done = await desk.get(f"{path}/targets?state=dilaksanakan")
    assert [(m["action"], m["proof"]) for m in done["rows"][0]["moves"]] == [
        ("receipt", None),
        ("acceptance", None),
        ("completion", "segel utuh"),
    ]


async def test_a_part_is_seen_as_a_part(desk: Client, served: Small, server_pool: db.Pool) -> None:
    whole = await issue(
        desk, order(served, {"kind": "places", "places": [served.tps[0], served.tps[5], served.kelurahan[0]]})
    )
    lower = await someone(desk, server_pool, "operator", served.kelurahan[0])
    beside = await someone(desk, server_pool, "supervisor", served.kecamatan[1])
    path = f"/v1/directives/{whole['id']}"

    seen = (await lower.get(path))["directive"]
    listed = (await lower.get("/v1/directives"))["rows"]
    targets = (await lower.get(f"{path}/targets"))["rows"]

    assert (seen["to"], seen["counts"]["targets"], whole["counts"]["targets"]) == (None, 2, 3)
    assert [r["id"] for r in listed] == [whole["id"]]
    assert [t["place"] for t in targets] == [served.kelurahan[0], served.tps[0]]
    assert (await lower.ask("GET", f"{path}?region={served.root}"))[0] == 404
    for way in (path, f"{path}/targets"):
        assert (await beside.ask("GET", way))[0] == 404
    assert (await beside.get("/v1/directives"))["rows"] == []
    assert (await beside.ask("PUT", f"{path}/withdrawal", {"reason": "keliru"}))[0] == 404
    status, answer, _ = await lower.ask("PUT", f"{path}/withdrawal", {"reason": "keliru"})
    assert (status, served.root in answer["detail"]) == (403, True)  # it sees the directive


async def test_filters_and_pages(desk: Client, served: Small) -> None:
    made = [
        await issue(
            desk, order(served, {"kind": "desks", "region": served.root, "level": 4}, kind=kind, requires=requires)
        )
        for kind, requires in (("perintah", "terima"), ("saran", "baca"), ("informasi", "baca"))
    ]
    for place in served.kelurahan:
        assert (await desk.ask("PUT", f"/v1/directives/{made[1]['id']}/targets/{place}/receipt"))[0] == 200

    async def numbers(query: str) -> list[int]:
        return [r["number"] for r in (await desk.get(f"/v1/directives?{query}"))["rows"]]

    first = await desk.get("/v1/directives?limit=2")
    assert [r["number"] for r in first["rows"]] == [3, 2]
    assert await numbers(f"limit=2&after={first['next']}") == [1]
    assert await numbers("open=true") == [3, 1]
    assert await numbers("open=false") == [2]
    assert await numbers("kind=informasi") == [3]
    assert await numbers(f"from={served.kecamatan[0]}") == []
    assert await numbers("overdue=true") == []
    assert len(await desk.get("/v1/directive-templates")) >= 12


async def test_taking_back_is_logged_and_stops_answers(desk: Client, served: Small, server_pool: db.Pool) -> None:
    given = await issue(desk, order(served, {"kind": "tps", "region": served.root}))
    path = f"/v1/directives/{given['id']}"
    first = await desk.ask("PUT", f"{path}/withdrawal", {"reason": "salah sasaran"})
    again = await desk.ask("PUT", f"{path}/withdrawal", {"reason": "salah sasaran"})
    other = await desk.ask("PUT", f"{path}/withdrawal", {"reason": "alasan lain"})

    assert (first[0], again[0], other[0]) == (200, 200, 409)
    assert (first[1]["state"], first[1]["counts"]["sent"]) == ("withdrawn", 0)
    status, problem, _ = await desk.ask("PUT", f"{path}/targets/{served.tps[0]}/receipt")
    assert (status, problem["detail"]) == (409, f"directive {given['number']} was withdrawn")
    rows = await server_pool.fetch(
        "select action, region_code from posko.log_entry where operation_id = $1 and action like 'directive%' order by id",
        served.operation,
    )
    assert [tuple(r) for r in rows] == [("directive.issue", served.root), ("directive.withdraw", served.root)]


@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [
        ({"text": "KTP 3172010101900001"}, "$.text", "no-nik"),
        ({"text": "Halo {nama}"}, "$.text", "placeholder"),
        ({"text": ""}, "$.text", "schema"),
        ({"deadline": "2024-11-27T10:00:00+07:00"}, "$.deadline", "deadline"),
        ({"deadline": "0001-01-01T00:00:00+14:00"}, "$.deadline", "deadline"),
        ({"deadline": "2024-11-27T10:00:00"}, "$.deadline", "schema"),
        ({"to": {"kind": "tps", "region": "31.73"}}, "$.to.region", "place-below"),
        ({"to": {"kind": "desks", "region": "31.72", "level": 2}}, "$.to.level", "level-below"),
        ({"to": {"kind": "places", "places": []}}, "$.to.places", "schema"),
        ({"to": {"kind": "places", "places": ["31.72.01.1001.001"] * 5001}}, "$.to.places", "schema"),
        ({"to": {"kind": "semua"}}, "$.to.kind", "schema"),
        ({"request": 1}, "$.request", "with-incident"),
        ({"template": "tidak_ada"}, "$.template", "template"),
        ({"siapa": 1}, "$.siapa", "unknown"),
    ],
)
async def test_what_is_wrong_is_named(
    desk: Client, served: Small, change: dict[str, Any], path: str, rule: str
) -> None:
    said = {**order(served, {"kind": "tps", "region": served.root}), **change}
    body = await issue(desk, said, 422)

    assert [(e["path"], e["rule"]) for e in body["errors"]] == [(path, rule)]


async def test_answers_that_say_too_little(desk: Client, served: Small) -> None:
    given = await issue(desk, order(served, {"kind": "tps", "region": served.tps[0]}))
    target = f"/v1/directives/{given['id']}/targets/{served.tps[0]}"
    for action, body, path, rule in (
        ("completion", {}, "$.proof", "proof"),
        ("completion", {"report": str(uuid7())}, "$.report", "report-of-place"),
        ("refusal", {"reason": "ya"}, "$.reason", "schema"),
        ("refusal", {"reason": "NIK 3172010101900001"}, "$.reason", "no-nik"),
        ("answer", {"text": " "}, "$.text", "unseen"),
    ):
        status, problem, _ = await desk.ask("PUT", f"{target}/{action}", body)
        assert (status, [(e["path"], e["rule"]) for e in problem["errors"]]) == (422, [(path, rule)])


async def test_what_is_about_something_restricted_is_seen_by_the_cleared_alone(
    desk: Client, served: Small, server_pool: db.Pool
) -> None:
    chief = await someone(desk, server_pool, "supervisor", served.root, cleared=True)
    case = uuid7()
    secret = report(served.operation, served.tps[0], incident("kritis", text="ancaman bom"), restricted=True)
    assert (await chief.ask("PUT", f"/v1/reports/{case}", secret))[0] == 201
    before = (await desk.get(f"/v1/regions/{served.root}"))["version"]

    about = order(served, {"kind": "incident"}, incident=str(case))
    assert (await desk.ask("PUT", f"/v1/directives/{uuid7()}", about))[0] == 404
    given = await issue(chief, about)

    lane = await server_pool.fetchval("select id from posko.operation where restricts = $1", served.operation)
    assert given["operation"] == lane
    path = f"/v1/directives/{given['id']}"
    for way in (
        path,
        f"{path}/targets",
        f"/v1/directives?operation={lane}",
        f"/v1/desks/{served.kelurahan[0]}/directives?operation={lane}",
    ):
        assert (await desk.ask("GET", way))[0] == 404, way
        assert (await chief.ask("GET", way))[0] == 200, way
    assert (await desk.ask("PUT", f"{path}/targets/{served.kelurahan[0]}/receipt"))[0] == 404
    assert (await chief.ask("PUT", f"{path}/targets/{served.kelurahan[0]}/receipt"))[0] == 200
    assert (await desk.get("/v1/directives"))["rows"] == []
    assert (await desk.get(f"/v1/regions/{served.root}"))["version"] == before
    reads = await server_pool.fetchval(
        "select count(*) from posko.log_entry where action = 'restricted.read' and subject like '%directive%' and operation_id = $1",
        served.operation,
    )
    assert reads == 4


async def test_an_audience_is_counted_before_anything_is_sent(
    desk: Client, served: Small, server_pool: db.Pool
) -> None:
    async def size(to: dict[str, Any], at: str | None = None) -> tuple[int, Any]:
        said = {"operation": served.operation, "from": at or served.root, "to": to}
        status, body, _ = await desk.ask("POST", "/v1/directive-audiences", said)
        return status, body

    status, every_tps = await size({"kind": "tps", "region": served.kecamatan[0]})
    assert (status, every_tps["targets"], every_tps["limit"]) == (200, 6, 20_000)
    assert [found["place"] for found in every_tps["first"]] == served.tps[:3]
    assert (await size({"kind": "desks", "region": served.root, "level": 4}))[1]["targets"] == 4
    _, named = await size({"kind": "places", "places": [served.tps[5], served.kelurahan[0], served.tps[5]]})
    assert named == {
        "targets": 2,
        "limit": 20_000,
        "first": [
            {"place": served.kelurahan[0], "name": "Kelurahan 1-1"},
            {"place": served.tps[5], "name": "TPS 003"},
        ],
    }
    status, refused = await size({"kind": "places", "places": [served.root]})
    assert (status, refused["errors"][0]["rule"], refused["errors"][0]["codes"]) == (422, "place-below", [served.root])
    _, refused = await size({"kind": "tps", "region": "31.73"})
    assert refused["errors"][0]["codes"] == ["31.73"]
    beyond = [f"{served.kelurahan[0]}.99{n}" for n in range(7)]
    _, refused = await size({"kind": "places", "places": [served.tps[0], *beyond]})
    assert refused["errors"][0]["codes"] == beyond[:5]
    status, refused = await size({"kind": "desks", "region": served.kecamatan[0], "level": 3}, served.kecamatan[0])
    assert (status, refused["errors"][0]["rule"], "codes" in refused["errors"][0]) == (422, "level-below", False)
    beside = await someone(desk, server_pool, "operator", served.kecamatan[1])
    said = {
        "operation": served.operation,
        "from": served.kecamatan[0],
        "to": {"kind": "tps", "region": served.kecamatan[0]},
    }
    assert (await beside.ask("POST", "/v1/directive-audiences", said))[0] == 404
    assert await desk.get("/v1/directives") == {"rows": [], "next": None}
