"""Attacks on sessions: fixed, stolen, resurrected, taken along; each would succeed without its defence."""

from __future__ import annotations

import asyncio
import datetime
import secrets
from typing import Any

import aiohttp
import pytest
import websockets
from websockets.asyncio.client import connect

from posko import db
from posko.accounts.gate import COOKIE
from posko.accounts.passwords import hash_password
from tests.accounts.conftest import Sign
from tests.accounts.test_attacks import _cookie, _page, _until_closed, _until_refused
from tests.accounts.test_factors import Phone
from tests.client import Client
from tests.factories import PASSWORD, Small, make_account, milestone, report
from tests.live.consoles import console
from tests.running import Running

NEW_PASSWORD = "burung-camar-7x-laut"
REVOKED = 4401


class Address:
    """Where the live socket of the shared server is."""

    def __init__(self, running: Running) -> None:
        self.live_host, self.live_port = "127.0.0.1", running.live_port


async def _seat(client: Client) -> int:
    seat: int = (await client.ask("GET", "/v1/sessions/current"))[1]["seat"]["id"]
    return seat


async def _require_out(client: Client, socket: Any, said: dict[str, Any]) -> None:
    """Out of the routes, the fast lane and the socket, within two seconds."""
    await _until_refused(lambda: client.ask("GET", "/v1/operations"))
    await _until_refused(lambda: client.put(said))
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await _until_closed(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == REVOKED


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/sessions/current/seat", None),
        ("POST", "/v1/sessions/current/step-up", {"password": PASSWORD}),
        ("PUT", "/v1/factors/password", {"current": PASSWORD, "new": NEW_PASSWORD}),
        ("DELETE", "/v1/sessions/current", None),
    ],
)
async def test_at_every_change_of_privilege_the_old_token_dies_everywhere(
    sign: Sign, running: Running, served: Small, method: str, path: str, body: Any
) -> None:
    name = f"ganti-{secrets.token_hex(4)}"
    old = await sign(name, "supervisor")
    said = report(served.operation, served.tps[0], milestone("voting_open"))
    assert (await old.put(said))[0] == 201
    if path.endswith("seat"):
        body = {"seat": await _seat(old)}
    async with console(Address(running), old.token) as socket:  # type: ignore[arg-type]
        await socket.subscribe(f"{served.operation}:{served.root}")

        status, session, _ = await old.ask(method, path, body)

        assert status in (200, 204), session
        await _require_out(old, socket, said)
    if method != "DELETE":
        fresh = Client(old.http, running.url)
        fresh.token = session["token"]
        assert session["token"] != old.token
        assert (await fresh.put(said))[0] == 201


async def test_a_new_password_ends_every_other_session_of_the_account(
    sign: Sign, running: Running, http: aiohttp.ClientSession
) -> None:
    name = f"ganti-{secrets.token_hex(4)}"
    owner = await sign(name, "operator")
    thief = await Client(http, running.url).sign_in(name)
    assert (await thief.ask("GET", "/v1/operations"))[0] == 200

    assert (await owner.ask("PUT", "/v1/factors/password", {"current": PASSWORD, "new": NEW_PASSWORD}))[0] == 200

    await _until_refused(lambda: thief.ask("GET", "/v1/operations"))


@pytest.mark.parametrize("end", ["sessions", "disabling", "seat", "session"])
async def test_an_api_key_ends_like_any_session(
    sign: Sign, running: Running, http: aiohttp.ClientSession, served: Small, server_pool: db.Pool, end: str
) -> None:
    admin, name = await sign("admin-kota", "admin"), f"robot-{secrets.token_hex(4)}"
    async with server_pool.acquire() as connection:
        await make_account(connection, name, "system", served.root)
    _, key, _ = await admin.ask("POST", f"/v1/accounts/{name}/keys", {"name": "dasbor"})
    robot = Client(http, running.url)
    robot.token = key["token"]
    said = report(served.operation, served.tps[0], milestone("voting_open"))
    assert (await robot.put(said))[0] == 201
    paths = {
        "sessions": ("DELETE", f"/v1/accounts/{name}/sessions", None),
        "disabling": ("PUT", f"/v1/accounts/{name}/disabling", {"reason": "bocor"}),
        "seat": ("DELETE", f"/v1/seats/{await _seat(robot)}", None),
    }
    async with console(Address(running), robot.token) as socket:  # type: ignore[arg-type]
        if end == "session":
            status, _, _ = await robot.ask("DELETE", f"/v1/sessions/{key['id']}")
        else:
            status, _, _ = await admin.ask(*paths[end])

        assert status in (200, 204)
        await _require_out(robot, socket, said)


@pytest.mark.parametrize("end", ["device", "seat", "disabling", "reset"])
async def test_a_device_ends_with_its_sessions_and_does_not_come_back(
    sign: Sign, running: Running, http: aiohttp.ClientSession, served: Small, end: str
) -> None:
    admin, name = await sign("admin-kota", "admin"), f"hp-{secrets.token_hex(4)}"
    await sign(name, "petugas")
    phone = Phone(Client(http, running.url))
    _, sheets, _ = await admin.ask("POST", "/v1/enrolments", {"usernames": [name]})
    _, body = await phone.enrol(sheets[0]["code"])
    phone.client.token = body["session"]["token"]
    said = report(served.operation, served.tps[0], milestone("voting_open"))
    assert (await phone.client.put(said))[0] == 201
    paths = {
        "device": ("DELETE", f"/v1/devices/{phone.device}", None),
        "seat": ("DELETE", f"/v1/seats/{await _seat(phone.client)}", None),
        "disabling": ("PUT", f"/v1/accounts/{name}/disabling", {"reason": "hilang"}),
        "reset": ("PUT", f"/v1/accounts/{name}/factor-reset", {"reason": "hilang"}),
    }
    async with console(Address(running), phone.client.token) as socket:  # type: ignore[arg-type]
        assert (await admin.ask(*paths[end]))[0] in (200, 204)
        await _require_out(phone.client, socket, said)

    status, again = await phone.sign_in()

    assert status == 401 or again["seat"] is None  # without a seat a session looks after its own account alone


# what is under way while somebody is thrown out


async def test_a_sign_in_that_is_under_way_while_the_password_is_reset_opens_nothing(
    sign: Sign, running: Running, http: aiohttp.ClientSession, server_pool: db.Pool
) -> None:
    name, thief = f"bocor-{secrets.token_hex(4)}", Client(http, running.url)
    await sign(name, "operator")
    stolen = {"username": name, "password": PASSWORD}
    async with server_pool.acquire() as connection, connection.transaction():
        # Holds the sign-in where the old password has been found right: on a busy morning it waits in front of that.
        await connection.execute("lock table posko.totp in access exclusive mode")
        signing = asyncio.create_task(thief.ask("POST", "/v1/sessions", stolen))
        await _until_waiting(server_pool, 1)
        # As set_password in sql/queries/accounts.sql.
        reset = "update posko.account set password_hash = $2, changed_at = posko.now() where username = $1"
        await connection.execute(reset, name, hash_password(NEW_PASSWORD))
    status, session, _ = await signing
    assert (await thief.ask("POST", "/v1/sessions", stolen))[0] == 401

    if status == 201:
        thief.token = session["token"]
        await _until_refused(lambda: thief.ask("GET", "/v1/operations"))


async def test_a_session_that_changes_its_token_while_all_are_ended_does_not_live_on(
    sign: Sign, running: Running, server_pool: db.Pool
) -> None:
    admin, name = await sign("admin-kota", "admin"), f"licin-{secrets.token_hex(4)}"
    thief = await sign(name, "operator")
    seat = {"seat": await _seat(thief)}
    async with server_pool.acquire() as connection, connection.transaction():
        # Holds the change of token where it has ended the old session and not made the new one yet.
        await connection.execute("select from posko.account where username = $1 for update", name)
        changing = asyncio.create_task(thief.ask("PUT", "/v1/sessions/current/seat", seat))
        await _until_waiting(server_pool, 1)
        ending = asyncio.create_task(admin.ask("DELETE", f"/v1/accounts/{name}/sessions"))
        await _until_waiting(server_pool, 2)
    changed, ended = await changing, await ending
    assert ended[0] == 204

    thief.token = (changed[1] or {}).get("token", thief.token)
    await _until_refused(lambda: thief.ask("GET", "/v1/operations"))


async def _until_waiting(pool: db.Pool, count: int) -> None:
    """Until so many transactions of the server wait for a lock."""
    sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with asyncio.timeout(30):
        while await pool.fetchval(sql) < count:
            await asyncio.sleep(0.02)


# cookies and other people's pages


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "{own}.evil.example", "{own}0", "https://sub.127.0.0.1"]
)
async def test_another_page_opens_no_socket_and_signs_nobody_in(
    sign: Sign, running: Running, http: aiohttp.ClientSession, origin: str
) -> None:
    client = await sign("korban", "operator")
    said = origin.replace("{own}", running.url)
    ticket = (await client.ask("POST", "/v1/live/tickets"))[1]["ticket"]

    with pytest.raises(websockets.InvalidStatus) as refused:
        await connect(f"{running.live_url}?ticket={ticket}", proxy=None, additional_headers={"Origin": said})
    body = {"username": "korban", "password": PASSWORD, "cookie": True}
    async with http.post(f"{running.url}/v1/sessions", json=body, headers={"Origin": said}) as answer:
        assert (answer.status, answer.cookies.get(COOKIE)) == (403, None)
    assert refused.value.response.status_code == 403
    async with connect(f"{running.live_url}?ticket={ticket}", proxy=None, additional_headers={"Origin": running.url}):
        pass  # the refusal did not use the ticket up


async def test_the_cookie_opens_no_socket_and_a_bad_header_does_not_fall_back_on_it(
    sign: Sign, running: Running, http: aiohttp.ClientSession
) -> None:
    await sign("korban", "operator")
    cookie = await _cookie(http, running, "korban")

    with pytest.raises(websockets.InvalidStatus) as refused:
        await connect(running.live_url, proxy=None, additional_headers={"Cookie": f"{COOKIE}={cookie}"})

    assert refused.value.response.status_code == 401
    url = f"{running.url}/v1/sessions/current"
    assert await _page(http, "GET", url, cookie) == 200
    assert await _page(http, "DELETE", url, cookie, Authorization="Bearer x") == 401
    assert await _page(http, "GET", url, cookie) == 200


async def test_the_cookie_is_hidden_from_scripts_and_from_other_sites(
    sign: Sign, running: Running, http: aiohttp.ClientSession
) -> None:
    await sign("korban", "operator")
    body = {"username": "korban", "password": PASSWORD, "cookie": True}
    async with http.post(f"{running.url}/v1/sessions", json=body, headers={"Origin": running.url}) as answer:
        session = answer.cookies[COOKIE]

    assert (session["secure"], session["httponly"], session["samesite"].lower()) == (True, True, "strict")
    assert (session["path"], session["domain"], session["max-age"]) == ("/", "", "")


async def test_a_ticket_dies_with_its_session_and_its_seat(sign: Sign, running: Running, served: Small) -> None:
    admin, name = await sign("admin-kota", "admin"), f"tiket-{secrets.token_hex(4)}"
    client = await sign(name, "supervisor")
    seat = await _seat(client)
    tickets = [(await client.ask("POST", "/v1/live/tickets"))[1]["ticket"] for _ in range(2)]
    assert (await admin.ask("DELETE", f"/v1/seats/{seat}"))[0] == 204
    await _until_refused(lambda: client.ask("GET", "/v1/operations"))

    for ticket in tickets:
        async with console(Address(running), query=f"?ticket={ticket}") as socket:  # type: ignore[arg-type]
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await _until_closed(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == REVOKED


# who is there


async def test_unknown_wrong_disabled_and_sealed_names_are_answered_alike(
    sign: Sign, running: Running, http: aiohttp.ClientSession, server_pool: db.Pool
) -> None:
    for name in ("ada", "nonaktif", "tanpa-sandi"):
        await sign(name, "operator")
    await server_pool.execute("update posko.account set disabled_at = posko.now() where username = 'nonaktif'")
    await server_pool.execute("update posko.account set password_hash = null where username = 'tanpa-sandi'")
    client = Client(http, running.url)

    answers = [
        await client.ask("POST", "/v1/sessions", {"username": name, "password": password})
        for name, password in (
            ("tidak-ada-sama-sekali", PASSWORD), ("ada", "salah-salah-salah"), ("nonaktif", PASSWORD), ("nonaktif", "salah-salah-salah"),
            ("tanpa-sandi", PASSWORD), ("ADA", PASSWORD), ("ada ", PASSWORD), ("ada", PASSWORD + " "),
        )
    ]  # fmt: skip

    assert {(a[0], str(a[1]), a[2]["Content-Length"]) for a in answers} == {(401, str(answers[0][1]), answers[0][2]["Content-Length"])}  # fmt: skip


async def test_a_walls_long_session_ends_soon_once_it_turns_to_another_seat(
    sign: Sign, server_pool: db.Pool, served: Small
) -> None:
    name = f"layar-{secrets.token_hex(4)}"
    wall = await sign(name, "wall")
    before = (await wall.ask("GET", "/v1/sessions/current"))[1]
    async with server_pool.acquire() as connection:
        other = await connection.fetchval(
            "insert into posko.assignment (account_id, is_party, role, regions, cleared, starts_at, granted_at, changed_at)"
            " select id, false, 'petugas', $2, false, at, at, at from posko.account, posko.now() as at where username = $1 returning id",
            name, [served.root],
        )  # fmt: skip

    status, after, _ = await wall.ask("PUT", "/v1/sessions/current/seat", {"seat": other})

    assert (status, after["seat"]["role"]) == (200, "petugas")
    assert _days_left(before) > 13.9
    assert _days_left(after) < 16 / 24
    wall.token = after["token"]
    back = (await wall.ask("PUT", "/v1/sessions/current/seat", {"seat": before["seat"]["id"]}))[1]
    assert _days_left(back) < 16 / 24


def _days_left(session: dict[str, Any]) -> float:
    ends = datetime.datetime.fromisoformat(session["expires_at"])
    return (ends - datetime.datetime.now(datetime.UTC)).total_seconds() / 86_400
