"""Reports over HTTP, on a real server: what good input does, and what bad input gets."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.client import Client
from tests.factories import Small, count, incident, local, milestone, report, turnout, uuid7
from tests.running import Running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def small(served: Small) -> Small:
    return served


@pytest.fixture
def pool(server_pool: Any) -> Any:
    return server_pool


@pytest.fixture
async def desk(running: Running, http: aiohttp.ClientSession, small: Small) -> Client:
    client = await Client(http, running.url).sign_in("operator")
    client.operation = small.operation
    return client


def opened(small: Small, **extra: Any) -> dict[str, Any]:
    return report(small.operation, small.tps[0], milestone("voting_open"), **extra)


async def test_a_report_is_created_once_and_answered_alike_ever_after(desk: Client, small: Small) -> None:
    one = uuid7()

    first, again = await desk.put(opened(small), one), await desk.put(opened(small), one)

    assert (first[0], again[0]) == (201, 200)
    assert (first[1]["outcome"], again[1]["outcome"]) == ("accepted", "duplicate")
    for field in ("id", "version", "received_at"):
        assert first[1][field] == again[1][field]


async def test_by_how_much_a_clock_was_put_right_is_kept_with_the_report(desk: Client, small: Small) -> None:
    right, wrong = uuid7(), uuid7()
    assert (await desk.put(opened(small), right))[0] == 201
    assert (await desk.put(opened(small, clock_skew_s=-5400), wrong))[0] == 201

    kept = [(await desk.get(f"/v1/reports/{one}"))["clock_skew_s"] for one in (right, wrong)]

    assert kept == [None, -5400]
    assert (await desk.put(opened(small, clock_skew_s="lambat"), uuid7()))[0] in (400, 422)


async def test_the_same_id_with_other_content_is_a_conflict(desk: Client, small: Small) -> None:
    one = uuid7()
    await desk.put(opened(small), one)

    status, body, headers = await desk.put(opened(small, at=local(7, 4)), one)

    assert (status, body["code"], headers["content-type"]) == (409, "report-changed", "application/problem+json")


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("operation-type", {"operation": "1"}, "$.operation"),
    ("place-form", {"place": "31.7"}, "$.place"),
    ("no-offset", {"observed_at": "2024-11-27T07:03:00"}, "$.observed_at"),
    ("year", {"observed_at": "1999-11-27T07:03:00Z"}, "$.observed_at"),
    ("unknown-field", {"received_at": local(7)}, "$.received_at"),
    ("unknown-kind", {"content": {"kind": "rumour"}}, "$.content.kind"),
    ("unknown-milestone", {"content": milestone("lunch")}, "$.content.milestone"),
    ("no-reason", {"content": milestone("voting_open", possible=False)}, "$.content.reason"),
    ("reason-without-need", {"content": milestone("voting_open", reason="tidak perlu")}, "$.content.reason"),
    ("negative", {"content": turnout(-1, 5)}, "$.content.dpt.l"),
    ("over-limit", {"content": turnout(2001, 5)}, "$.content.dpt.l"),
    ("float", {"content": turnout(1.5, 5)}, "$.content.dpt.l"),  # type: ignore[arg-type]
    ("paslon-missing", {"content": count("gubernur", [1, 2])}, "$.content.votes"),
    ("paslon-too-many", {"content": count("gubernur", [1, 2, 3, 4])}, "$.content.votes"),
    ("paslon-no-number", {"content": {**count("gubernur", []), "votes": {"satu": 1}}}, "$.content.votes"),
    ("no-such-contest", {"content": count("presiden", [1, 2])}, "$.content.contest"),
    ("severity", {"content": incident("gawat")}, "$.content.severity"),
    ("empty-text", {"content": incident(text="  ")}, "$.content.text"),
    ("nul", {"content": incident(text="a\u0000b")}, "$.content.text"),
    ("long-text", {"content": incident(text="a" * 2001)}, "$.content.text"),
    ("channel", {"channel": "pigeon"}, "$.channel"),
    ("other-region", {"place": "31.73.01.1001.001"}, "$.place"),
    ("number-for-a-region", {"place": "31.72.01.1001"}, "$.place"),
    ("no-attempts", {"content": {"kind": "unreachable", "attempts": []}}, "$.content.attempts"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "path"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
async def test_a_field_outside_its_rule_is_422_with_path_and_rule(
    desk: Client, small: Small, change: dict[str, Any], path: str
) -> None:
    status, body, headers = await desk.put({**opened(small), **change})

    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert [e["path"] for e in body["errors"]] == [path]
    assert body["errors"][0]["rule"]
    assert body["errors"][0]["message"]


async def test_an_id_that_is_not_a_uuid_of_version_7_is_refused(desk: Client, small: Small) -> None:
    for bad in (uuid.uuid4(), "abc"):
        status, body, _ = await desk.ask("PUT", f"/v1/reports/{bad}", opened(small))
        assert (status, body["errors"][0]["path"], body["errors"][0]["rule"]) == (422, "$.id", "uuid-v7")


async def test_what_is_not_json_is_400_and_what_is_too_long_is_413(desk: Client, small: Small) -> None:
    for data, expected in ((b"{", 400), (b"\xff\xfe", 400), (b"", 400), (b'{"a":"' + b"x" * 300_000 + b'"}', 413)):
        status, body, _ = await desk.ask("PUT", f"/v1/reports/{uuid7()}", data=data)
        assert (status, body["status"]) == (expected, expected)


async def test_an_unknown_operation_is_404(desk: Client, small: Small) -> None:
    status, body, _ = await desk.put({**opened(small), "operation": 999_999})

    assert (status, body["code"]) == (404, "operation-unknown")


async def test_a_bad_item_of_a_batch_is_answered_for_itself_and_the_others_commit(desk: Client, small: Small) -> None:
    ids = [uuid7() for _ in range(5)]
    good = report(small.operation, small.tps[1], milestone("voting_open"))
    items = [
        {**good, "id": str(ids[0])},
        {**good, "id": str(ids[1]), "content": turnout(-1, 0)},
        {**good, "id": str(ids[2]), "place": small.tps[0][:-3] + "999"},
        {**good, "id": str(ids[3]), "operation": 999_999},
        {**good, "id": "nonsense"},
        {**good, "id": str(ids[4]), "place": small.tps[2]},
    ]

    status, body, _ = await desk.post(items)

    assert status == 200
    assert [r["status"] for r in body] == [201, 422, 404, 404, 422, 201]
    assert body[1]["problem"]["errors"][0]["path"] == "$[1].content.dpt.l"
    assert [r["id"] for r in body] == [*map(str, ids[:4]), None, str(ids[4])]
    snapshot = await desk.get("/v1/regions/31.72")
    assert snapshot["rows"][0]["counters"][snapshot["counters"].index("reports")] == 2


async def test_a_batch_has_1_to_256_items(desk: Client, small: Small) -> None:
    for items in ([], [{**opened(small), "id": str(uuid7())}] * 257, {"not": "an array"}):
        status, body, _ = await desk.post(items)  # type: ignore[arg-type]
        assert (status, body["errors"][0]["path"]) == (422, "$")


async def test_nobody_files_without_signing_in_nor_outside_their_role_or_scope(
    running: Running, http: aiohttp.ClientSession, small: Small
) -> None:
    assert (await Client(http, running.url).put(opened(small)))[0] == 401
    wall = await Client(http, running.url).sign_in("wall")
    assert (await wall.put(opened(small)))[0] == 403
    assert (await wall.ask("GET", f"/v1/tps/{small.tps[0]}/timeline?operation={small.operation}"))[0] == 403
    assert (await wall.ask("GET", f"/v1/regions/31.72?operation={small.operation}"))[0] == 200


async def test_what_is_out_of_scope_answers_as_what_does_not_exist(
    running: Running, http: aiohttp.ClientSession, small: Small, pool: Any
) -> None:
    from tests.factories import make_account

    async with pool.acquire() as connection:
        await make_account(connection, "lurah", "operator", small.kelurahan[0])
    desk = await Client(http, running.url).sign_in("lurah")
    elsewhere, nowhere = small.tps[-1], small.tps[-1][:-3] + "998"

    answers = [
        await desk.put(report(small.operation, place, milestone("voting_open"))) for place in (elsewhere, nowhere)
    ]
    assert [a[0] for a in answers] == [404, 404]
    assert answers[0][1]["detail"].replace(elsewhere, "X") == answers[1][1]["detail"].replace(nowhere, "X")
    for path in ("/v1/regions/31.72", "/v1/regions/31.72.02", f"/v1/tps/{elsewhere}/timeline", f"/v1/tps/{elsewhere}"):
        assert (await desk.ask("GET", f"{path}?operation={small.operation}"))[0] == 404
    assert (await desk.ask("GET", f"/v1/regions/{small.kelurahan[0]}?operation={small.operation}"))[0] == 200


async def test_the_timeline_pages_through_all_reports_of_a_tps(desk: Client, small: Small) -> None:
    for minute in range(5):
        await desk.put(report(small.operation, small.tps[0], turnout(minute, minute), at=local(8, minute)))

    seen, after = [], ""
    while True:
        page = await desk.get(f"/v1/tps/{small.tps[0]}/timeline?limit=2{after}")
        seen += [row["observed_at"] for row in page["rows"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert len(seen) == len(set(seen)) == 5
    assert (await desk.ask("GET", f"/v1/tps/{small.tps[0]}/timeline?after=abc"))[0] == 422


async def test_each_number_of_incidents_and_flags_opens(desk: Client, small: Small) -> None:
    for tps, severity in zip(small.tps, ("kritis", "rendah", "kritis"), strict=False):
        await desk.put(report(small.operation, tps, incident(severity)))
    await desk.put(report(small.operation, small.kelurahan[0], incident("kritis")))
    await desk.put(report(small.operation, small.tps[0], turnout(300, 100)))

    critical, after = [], ""
    while True:
        page = await desk.get(f"/v1/regions/31.72/incident-reports?severity=kritis&limit=2{after}")
        critical += [row["place"] for row in page["rows"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    flags = await desk.get("/v1/regions/31.72/flags")

    assert critical == [small.kelurahan[0], small.tps[0], small.tps[2]]
    assert [(f["kind"], f["place"], f["subject"]) for f in flags["rows"]] == [("turnout_over", small.tps[0], "turnout")]


async def test_a_supervisor_clears_a_flag_with_a_reason_and_nobody_else_does(
    desk: Client, running: Running, http: aiohttp.ClientSession, small: Small, pool: Any
) -> None:
    one = uuid7()
    _, receipt, _ = await desk.put(report(small.operation, small.tps[0], turnout(300, 100)), one)
    assert receipt["flags"] == ["turnout_over"]
    path = f"/v1/flags/turnout_over/{one}/clearing"
    supervisor = await Client(http, running.url).sign_in("supervisor")

    assert (await desk.ask("PUT", path, {"reason": "daftar pindahan"}))[0] == 403
    assert (await supervisor.ask("PUT", path, {"reason": ""}))[0] == 422
    assert (await supervisor.ask("PUT", f"/v1/flags/falling/{one}/clearing", {"reason": "daftar pindahan"}))[0] == 404
    status, body, _ = await supervisor.ask("PUT", path, {"reason": "daftar pindahan"})

    assert (status, body["version"] is not None) == (200, True)
    assert (await supervisor.get(f"/v1/regions/31.72/flags?operation={small.operation}"))["rows"] == []

    # Another report counts: the flag is over, and is not forgotten.
    _, next_one, _ = await desk.put(
        report(small.operation, small.tps[0], turnout(140, 100), at=local(15)), right := uuid7()
    )
    tps = await supervisor.get(f"/v1/tps/{small.tps[0]}?operation={small.operation}")
    assert [flag["kind"] for flag in tps["flags"]] == ["falling"]
    (past,) = tps["past_flags"]
    assert (past["kind"], past["report_id"], past["ended_by"]) == ("turnout_over", str(one), str(right))
    assert (past["raised_at"], past["ended_at"]) == (receipt["received_at"], next_one["received_at"])
    assert (past["cleared_by"], past["reason"]) == ("supervisor", "daftar pindahan")
    assert past["raised_at"] < past["cleared_at"] < past["ended_at"]

    # Of more than an answer names, those that stand are named first, then the last to end.
    async with pool.acquire() as connection:
        place = await connection.fetchval(
            "select id from posko.node where operation_id = $1 and code = $2", small.operation, small.tps[0]
        )
        await connection.execute(
            "insert into posko.flag_past select node_id, kind, subject_id, gen_random_uuid(), raised_at, ended_at + make_interval(secs => n)"
            " from posko.flag_past, generate_series(1, 1200) n where node_id = $1",
            place,
        )
    tps = await supervisor.get(f"/v1/tps/{small.tps[0]}?operation={small.operation}")
    assert ([flag["kind"] for flag in tps["flags"]], len(tps["past_flags"])) == (["falling"], 999)
    ends = [flag["ended_at"] for flag in tps["past_flags"]]
    assert ends == sorted(ends, reverse=True)
    assert str(one) not in {flag["report_id"] for flag in tps["past_flags"]}


async def test_a_closed_operation_takes_no_reports_and_says_so(desk: Client, small: Small, pool: Any) -> None:
    await desk.put(opened(small))
    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.operation set state = 'closed', closed_at = posko.now() where id = $1", small.operation
        )

    status, body, _ = await desk.put(opened(small))

    assert (status, body["code"]) == (409, "operation-not-active")


async def test_an_edited_layout_is_noticed_by_a_running_server(desk: Client, small: Small, pool: Any) -> None:
    """A server that knows the old slots must not file under them."""
    await desk.put(opened(small))
    async with pool.acquire() as connection:
        await connection.execute("update posko.operation set layout = layout + 1 where id = $1", small.operation)

    assert (await desk.put(report(small.operation, small.tps[1], milestone("voting_open"))))[0] == 201


async def test_a_signed_out_or_disabled_account_is_out_within_two_seconds(
    running: Running, http: aiohttp.ClientSession, small: Small, pool: Any
) -> None:
    first, second = (
        await Client(http, running.url).sign_in("operator"),
        await Client(http, running.url).sign_in("admin"),
    )
    assert {(await c.put(opened(small)))[0] for c in (first, second)} == {201}

    await first.ask("DELETE", "/v1/sessions/current")
    async with pool.acquire() as connection:
        await connection.execute(
            "update posko.account set disabled_at = posko.now(), changed_at = posko.now() where username = 'admin'"
        )

    async with asyncio.timeout(6):  # as OUT_S in accounts/test_attacks.py
        while {(await c.put(opened(small)))[0] for c in (first, second)} != {401}:
            await asyncio.sleep(0.05)


async def test_a_wrong_password_and_an_unknown_name_answer_alike(
    running: Running, http: aiohttp.ClientSession, small: Small
) -> None:
    client = Client(http, running.url)

    answers = [
        await client.ask("POST", "/v1/sessions", {"username": name, "password": "salah-sekali"})
        for name in ("operator", "siapa", "a\u0000b")
    ]

    assert [a[0] for a in answers] == [401, 401, 401]
    assert answers[0][1] == answers[1][1]


async def test_pipelined_requests_and_expectations_are_answered_in_order_on_one_connection(
    desk: Client, running: Running, small: Small
) -> None:
    ids = [uuid7() for _ in range(3)]
    bodies = [json.dumps(report(small.operation, tps, milestone("voting_open"))).encode() for tps in small.tps[:3]]
    requests = [
        f"PUT /v1/reports/{i} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {desk.token}\r\ncontent-length: {len(b)}\r\n".encode()
        for i, b in zip(ids, bodies, strict=True)
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)

    writer.write(requests[0] + b"\r\n" + bodies[0] + requests[1] + b"\r\n" + bodies[1])
    writer.write(requests[2] + b"expect: 100-continue\r\nconnection: close\r\n\r\n")
    async with asyncio.timeout(60):
        seen = b""
        while b"100 Continue" not in seen:
            seen += await reader.read(65_536)
        writer.write(bodies[2])
        seen += await reader.read()
    writer.close()

    assert seen.count(b"HTTP/1.1 201 Created") == 3
    places = [seen.index(str(i).encode()) for i in ids]
    assert places == sorted(places)


NESTED, NOT_UTF8 = b"[" * 100_000, b'{"username":"\xff","password":"x"}'


@pytest.mark.parametrize("data", [NESTED, NOT_UTF8, b'{"a":' * 50_000], ids=["arrays", "not-utf8", "objects"])
async def test_what_cannot_be_read_is_refused_by_every_route_that_takes_a_body(desk: Client, data: bytes) -> None:
    one = uuid7()
    for method, path in (
        ("POST", "/v1/sessions"),
        ("POST", "/v1/reports"),
        ("PUT", f"/v1/reports/{one}"),
        ("PUT", "/v1/factors/password"),
    ):
        status, _, headers = await desk.ask(method, path, data=data)
        assert headers["content-type"] == "application/problem+json", path
        # The wrong thing may be refused before its end is reached.
        assert status in (400, 422), path


async def test_a_nul_in_a_path_is_404(desk: Client, running: Running) -> None:
    for path in ("/konsol/x%00", "/docs/%00", "/%00", "/v1/regions/31%00"):
        async with desk.http.get(running.url + path, headers={"authorization": f"Bearer {desk.token}"}) as answer:
            assert answer.status in (404, 422), path
    # Whatever the method: of the API there is no such thing, and not another way to ask for it.
    async with desk.http.post(running.url + "/v1/intake/sms%00", data=b"{}") as answer:
        assert answer.status == 404


async def test_a_body_that_does_not_come_in_time_is_408_and_the_connection_is_closed(
    desk: Client, running: Running
) -> None:
    for target in (f"PUT /v1/reports/{uuid7()}", "POST /v1/sessions"):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        head = f"{target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {desk.token}\r\n"
        writer.write(f"{head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{{".encode())

        async with asyncio.timeout(40):
            answer = await reader.read()

        writer.close()
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"body-too-slow" in answer


async def test_a_place_that_is_not_in_the_tree_has_no_lists(desk: Client, small: Small) -> None:
    for path in (
        "/v1/regions/31.72.09/incident-reports",
        "/v1/regions/31.72.09/flags",
        f"/v1/tps/{small.tps[0][:-3]}998/timeline",
    ):
        status, body, _ = await desk.ask("GET", f"{path}?operation={small.operation}")
        assert (status, body["code"]) == (404, "place-unknown"), path
