"""People and seats over HTTP: what an admin does, what a CSV does, and what is forgotten on request."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

import pytest

from posko import db
from posko.accounts import privacy
from tests.accounts.conftest import Sign
from tests.client import Client
from tests.factories import Small, incident, report, uuid7
from tests.running import Running


def person(**said: object) -> dict[str, object]:
    name = f"orang-{secrets.token_hex(4)}"
    seat = {"role": "operator", "regions": ["31.72.01"]}
    return {"username": name, "full_name": "Siti Aminah", "institution": "kesbangpol", "seats": [seat], **said}


@pytest.fixture
async def admin(sign: Sign) -> Client:
    return await sign("admin-kota", "admin")


async def test_a_person_gets_an_account_a_seat_and_a_password_that_works_once_shown(
    admin: Client, running: Running
) -> None:
    said = person()

    status, made, headers = await admin.ask("POST", "/v1/accounts", said)
    client = await Client(admin.http, running.url).sign_in(str(said["username"]), made["password"])
    _, session, _ = await client.ask("GET", "/v1/sessions/current")

    assert (status, headers["cache-control"]) == (201, "no-store")
    assert session["account"]["full_name"] == "Siti Aminah"
    assert (session["seat"]["role"], session["seat"]["regions"]) == ("operator", ["31.72.01"])
    assert session["token"] is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"username": "Siti!"}, (422, "schema")),
        ({"institution": "nasa"}, (422, "institution-known")),
        ({"party": "Partai X"}, (422, "party-of-party")),
        ({"seats": [{"role": "raja", "regions": ["31.72"]}]}, (422, "schema")),
        ({"seats": [{"role": "operator", "regions": ["31.73"]}]}, (404, "")),
        ({"seats": [{"role": "operator", "regions": ["31.72"], "cleared": True}]}, (403, "")),
        ({"seats": []}, (422, "schema")),
        ({"role": "admin"}, (422, "unknown")),
        ({"full_name": "Budi 3172011708450001"}, (422, "no-nik")),
    ],
)
async def test_a_person_outside_the_rules_or_the_admins_seat_is_refused_whole(
    admin: Client, changes: dict[str, object], expected: tuple[int, str]
) -> None:
    said = person(**changes)

    status, problem, _ = await admin.ask("POST", "/v1/accounts", said)

    assert status == expected[0], problem
    assert [e["rule"] for e in problem.get("errors", [])][:1] == [r for r in expected[1:] if r]
    assert (await admin.ask("GET", f"/v1/accounts/{str(said['username']).lower().strip('!')}"))[0] == 404


async def test_a_csv_is_taken_whole_or_refused_whole_with_every_bad_row_named(admin: Client) -> None:
    prefix = secrets.token_hex(3)
    head = "username,full_name,institution,role,regions,cleared\n"
    good = (
        f"{prefix}-a,Ani,polri,petugas,31.72.01.1001.001 31.72.01.1001.002,\n{prefix}-b,Budi,tni,operator,31.72,tidak\n"
    )
    bad = f"{prefix}-c,,polri,raja,31.9x,mungkin\n{prefix}-d,Dedi,nasa,petugas,31.72,\n{prefix}-e,Euis,polri,petugas,33.01,\n"

    refused = await admin.ask("POST", "/v1/accounts/import", data=(head + good + bad).encode())
    only_syntax = {(e["path"], e["rule"]) for e in refused[1]["errors"]}
    refused_later = await admin.ask("POST", "/v1/accounts/import", data=(head + good + bad.split("\n", 1)[1]).encode())
    later = {(e["path"], e["rule"]) for e in refused_later[1]["errors"]}
    taken = await admin.ask("POST", "/v1/accounts/import", data=(head + good).encode())

    assert (refused[0], refused_later[0]) == (422, 422)
    assert only_syntax == {
        ("$.rows[4].full_name", "nama"),
        ("$.rows[4].role", "peran"),
        ("$.rows[4].regions", "bentuk-kode"),
        ("$.rows[4].cleared", "ya-tidak"),
    }
    assert later == {("$.rows[4].institution", "institution-known"), ("$.rows[5].regions", "place-unknown")}
    assert (taken[0], taken[1]) == (201, {"accounts": 2})
    _, found, _ = await admin.ask("GET", f"/v1/accounts?q={prefix}")
    assert [(r["username"], r["seats"][0]["regions"]) for r in found["rows"]] == [
        (f"{prefix}-a", ["31.72.01.1001.001", "31.72.01.1001.002"]),
        (f"{prefix}-b", ["31.72"]),
    ]


async def test_an_admin_sees_and_touches_no_account_beyond_their_seat(admin: Client, sign: Sign) -> None:
    await sign("pusat", "admin", "ID")
    await sign("tetangga", "operator", "32.01")
    await sign("camat-dua", "operator", "31.72.02")
    below = await sign("admin-camat", "admin", "31.72.01")

    for name in ("pusat", "tetangga"):
        assert (await admin.ask("GET", f"/v1/accounts/{name}"))[0] == 404
        assert (await admin.ask("PUT", f"/v1/accounts/{name}/disabling", {"reason": "iseng"}))[0] == 404
    assert (await below.ask("GET", "/v1/accounts/camat-dua"))[0] == 404
    assert (await admin.ask("GET", "/v1/accounts/camat-dua"))[0] == 200


async def test_an_account_with_a_seat_beyond_cannot_be_taken_over(
    admin: Client, sign: Sign, server_pool: db.Pool
) -> None:
    await sign("dua-kursi", "operator", "31.72.01")
    await server_pool.execute(
        "insert into posko.assignment (account_id, is_party, role, regions, starts_at, granted_at, changed_at)"
        " select id, false, 'admin', '{ID}', posko.now(), posko.now(), posko.now() from posko.account where username = 'dua-kursi'"
    )

    for method, path, body in (
        ("PUT", "/v1/accounts/dua-kursi/factor-reset", {"reason": "lupa sandi"}),
        ("PUT", "/v1/accounts/dua-kursi/disabling", {"reason": "iseng"}),
        ("POST", "/v1/enrolments", {"usernames": ["dua-kursi"]}),
        ("DELETE", "/v1/accounts/dua-kursi/sessions", None),
    ):
        assert (await admin.ask(method, path, body))[0] == 403, path


async def test_a_key_of_a_system_is_scoped_like_its_seat_and_ended_like_a_session(
    admin: Client, running: Running
) -> None:
    said = person(system=True, seats=[{"role": "system", "regions": ["31.72.01"]}])
    _, made, _ = await admin.ask("POST", "/v1/accounts", said)
    _, key, _ = await admin.ask("POST", f"/v1/accounts/{said['username']}/keys", {"name": "dasbor kota", "days": 30})
    robot = Client(admin.http, running.url)
    robot.token = key["token"]

    assert made["password"] is None
    assert (await robot.ask("GET", "/v1/sessions/current"))[1]["seat"]["regions"] == ["31.72.01"]
    assert (await admin.ask("DELETE", f"/v1/accounts/{said['username']}/sessions"))[0] == 204
    assert (await robot.ask("GET", "/v1/sessions/current"))[0] == 401


async def test_what_was_done_is_in_the_log_of_those_who_answer_for_the_place(admin: Client, sign: Sign) -> None:
    said = person()
    await admin.ask("POST", "/v1/accounts", said)
    await admin.ask("PUT", f"/v1/accounts/{said['username']}/disabling", {"reason": "pindah tugas"})
    auditor, elsewhere = await sign("auditor-kota", "auditor"), await sign("auditor-lain", "auditor", "32")

    _, log, _ = await auditor.ask("GET", "/v1/log?username=admin-kota&limit=20")
    other = await elsewhere.ask("GET", "/v1/log?username=admin-kota")
    far = await auditor.ask("GET", "/v1/log?until=2100-01-01T00:00:00")

    mine = [(r["action"], r["subject"], r["detail"]) for r in log["rows"] if r["subject"] == said["username"]]
    assert mine == [("account.disable", said["username"], "pindah tugas"), ("account.add", said["username"], None)]
    assert other[1]["rows"] == []
    assert (far[0], far[1]["errors"][0]["path"]) == (422, "$.until")
    assert (await (await sign("operator-x", "operator")).ask("GET", "/v1/log"))[0] == 403


async def test_a_person_is_given_out_and_forgotten_and_the_facts_stay(
    admin: Client, sign: Sign, served: Small, server_pool: db.Pool
) -> None:
    name = f"Ibu {secrets.token_hex(4)}"
    desk = await sign("operator-y", "operator")
    one = uuid7()
    said = incident("sedang", text="pemilih pingsan", persons=[{"part": "korban", "name": name}])
    said_by = report(served.operation, served.tps[0], said, on_behalf_of=name)
    first = await desk.put(said_by, one)
    before = (await desk.ask("GET", f"/v1/reports/{one}"))[1]
    stored = await server_pool.fetchval(
        "select body::text || coalesce(on_behalf_of, '') from posko.report where id = $1", one
    )

    async with server_pool.acquire() as connection:
        known = await privacy.export(connection, name=name)
        told = await privacy.erase(connection, name=name.upper())
    after = (await desk.ask("GET", f"/v1/reports/{one}"))[1]
    again = await desk.put(said_by, one)

    assert (before["on_behalf_of"], before["content"]["persons"]) == (name, [{"part": "korban", "name": name}])
    assert name not in stored
    assert [n["part"] for n in known["named_in_reports"]] == ["pelapor", "korban"]
    assert told == "2 names in reports forgotten"
    assert (after["on_behalf_of"], after["content"].get("persons", []), after["content"]["text"]) == (
        None,
        [],
        "pemilih pingsan",
    )
    assert (first[0], again[0], again[1]["outcome"]) == (201, 200, "duplicate")


async def test_an_account_is_forgotten_but_stands_for_what_it_did(
    sign: Sign, served: Small, server_pool: db.Pool
) -> None:
    username = f"pelapor-{secrets.token_hex(4)}"
    desk = await sign(username, "operator")
    one = uuid7()
    await desk.put(report(served.operation, served.tps[0], incident()), one)

    async with server_pool.acquire() as connection, connection.transaction():
        known = await privacy.export(connection, username=username)
        await privacy.erase(connection, username=username)
    left = await server_pool.fetch(
        "select a.username, (select count(*) from posko.person p where p.account_id = a.id) as persons from posko.account a"
        " join posko.report r on r.account_id = a.id where r.id = $1",
        one,
    )

    assert json.dumps(known["reports"][0]["id"]) == f'"{one}"'
    assert [(r["username"].startswith("dihapus-"), r["persons"]) for r in left] == [(True, 0)]


async def test_a_failed_sign_in_is_seen_by_those_who_answer_for_the_account(sign: Sign, running: Running) -> None:
    name = f"korban-{secrets.token_hex(3)}"
    await sign(name, "operator", "31.72.01")
    here, beside = await sign("auditor-satu", "auditor", "31.72.01"), await sign("auditor-dua", "auditor", "31.72.02")
    for _ in range(3):
        status, _, _ = await here.ask("POST", "/v1/sessions", {"username": name, "password": "bukan-sandinya-ini"})
        assert status == 401
    failed: list[Any] = []
    async with asyncio.timeout(30):  # refusals are written twice a second
        while sum(r["times"] for r in failed) < 3:
            rows = (await here.ask("GET", f"/v1/log?username={name}&action=session.open"))[1]["rows"]
            failed = [r for r in rows if r["outcome"] == "refused"]
            await asyncio.sleep(0.05)

    assert sum(r["times"] for r in failed) == 3
    assert [
        r for r in (await beside.ask("GET", f"/v1/log?username={name}"))[1]["rows"] if r["outcome"] == "refused"
    ] == []
