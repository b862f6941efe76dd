"""Attacks over HTTP and the socket; each would succeed without its defence."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import websockets
from websockets.asyncio.client import connect

from posko import db
from posko.accounts.gate import COOKIE
from posko.embedded import Embedded
from tests.accounts.conftest import Sign
from tests.client import Client
from tests.factories import PASSWORD, Small, incident, make_account, milestone, report, uuid7
from tests.live.consoles import console
from tests.running import Running, apart

OUT_S = 6.0
"""Out means out, everywhere, within two seconds; this is what a process takes to look that shares two cores with thirty others."""


async def _until_refused(ask: Any, status: int = 401) -> None:
    async with asyncio.timeout(OUT_S):
        while (await ask())[0] != status:
            await asyncio.sleep(0.02)


async def _until_closed(socket: Any) -> None:
    async with asyncio.timeout(OUT_S):
        while True:
            await socket.next()


async def _page(http: aiohttp.ClientSession, method: str, url: str, cookie: str, **headers: str) -> int:
    sent = {"Cookie": f"{COOKIE}={cookie}", "Content-Type": "application/json", **headers}
    async with http.request(method, url, headers=sent, data=None if method == "GET" else b"{}") as answer:
        return answer.status


async def _cookie(http: aiohttp.ClientSession, running: Running, username: str, **headers: str) -> str:
    body = {"username": username, "password": PASSWORD, "cookie": True}
    async with http.post(f"{running.url}/v1/sessions", json=body, headers={"Origin": running.url, **headers}) as answer:
        assert answer.status == 201, await answer.text()
        assert (await answer.json())["token"] is None
        return answer.cookies[COOKIE].value


async def test_a_token_that_was_chosen_before_signing_in_is_worth_nothing_after(
    sign: Sign, running: Running, http: aiohttp.ClientSession
) -> None:
    await sign("korban", "operator")
    planted = secrets.token_urlsafe(32)

    given = await _cookie(http, running, "korban", Cookie=f"{COOKIE}={planted}")

    assert given != planted
    assert await _page(http, "GET", f"{running.url}/v1/sessions/current", planted) == 401
    assert await _page(http, "GET", f"{running.url}/v1/sessions/current", given) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "{own}.evil.example"},
        {"Origin": "{own}0"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
async def test_another_page_changes_nothing_by_the_cookie_that_comes_along(
    sign: Sign, running: Running, http: aiohttp.ClientSession, served: Small, headers: dict[str, str]
) -> None:
    await sign("korban", "operator")
    cookie = await _cookie(http, running, "korban")
    said = {k: v.replace("{own}", running.url) for k, v in headers.items()}

    for method, path in (
        ("DELETE", "/v1/sessions/current"),
        ("PUT", f"/v1/reports/{uuid7()}"),
        ("POST", "/v1/reports"),
        ("POST", "/v1/live/tickets"),
    ):
        assert await _page(http, method, running.url + path, cookie, **said) == 403, path
    assert await _page(http, "POST", f"{running.url}/v1/live/tickets", cookie, Origin=running.url) == 201


async def test_what_one_account_has_queued_is_not_taken_by_the_cookie_of_another(
    sign: Sign, running: Running, http: aiohttp.ClientSession, served: Small
) -> None:
    korban = await sign("korban", "operator")
    account = (await korban.ask("GET", "/v1/sessions/current"))[1]["account"]["id"]
    cookie = await _cookie(http, running, "korban")
    said = {"Origin": running.url, "Posko-Account": str(account + 1)}

    for method, path in (("POST", "/v1/reports"), ("PUT", f"/v1/reports/{uuid7()}"), ("POST", "/v1/live/tickets")):
        assert await _page(http, method, running.url + path, cookie, **said) == 401, path
        assert await _page(http, method, running.url + path, cookie, **said | {"Posko-Account": "0x1"}) == 401, path
    said["Posko-Account"] = str(account)
    assert await _page(http, "POST", f"{running.url}/v1/reports", cookie, **said) == 422  # the body is no array
    assert await _page(http, "POST", f"{running.url}/v1/live/tickets", cookie, **said) == 201


async def test_whoever_is_out_is_out_on_routes_sockets_and_the_fast_lane_within_two_seconds(
    sign: Sign, running: Running, served: Small, server_pool: db.Pool
) -> None:
    class Address:
        live_host, live_port = "127.0.0.1", running.live_port

    admin = await sign("admin-kota", "admin")
    for n, (method, path) in enumerate(
        (
            ("PUT", "/v1/accounts/{name}/disabling"),
            ("DELETE", "/v1/accounts/{name}/sessions"),
            ("DELETE", "/v1/seats/{seat}"),
        )
    ):
        name = f"dipecat-{n}"
        gone = await sign(name, "supervisor")
        seat = (await gone.ask("GET", "/v1/sessions/current"))[1]["seat"]["id"]
        said = report(served.operation, served.tps[0], milestone("voting_open"))
        assert (await gone.put(said))[0] == 201
        async with console(Address(), gone.token) as socket:  # type: ignore[arg-type]
            await socket.subscribe(f"{served.operation}:{served.root}")

            body = {"reason": "diberhentikan"} if method == "PUT" else None
            status, _, _ = await admin.ask(method, path.format(name=name, seat=seat), body)

            assert status in (200, 204)
            await _until_refused(lambda: gone.ask("GET", "/v1/sessions/current"))  # noqa: B023
            await _until_refused(lambda: gone.put(said))  # noqa: B023
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await _until_closed(socket)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401


async def test_a_session_that_ends_while_it_asks_does_not_come_back(sign: Sign, running: Running) -> None:
    client = await sign("sibuk", "operator")
    other = Client(client.http, running.url)
    other.token = client.token

    asking = [asyncio.create_task(client.ask("GET", "/v1/operations")) for _ in range(40)]
    assert (await other.ask("DELETE", "/v1/sessions/current"))[0] == 204
    await asyncio.gather(*asking)
    await asyncio.sleep(1.2)  # a look at what was used comes by meanwhile

    assert (await client.ask("GET", "/v1/operations"))[0] == 401


@pytest.mark.parametrize(
    "code",
    [
        "31.7",
        "31.720",
        "31.72.",
        "31.72%2E01",
        "31.72.01%00",
        "31.72/../ID",
        "３１.７２",
        "31.72.01 ",
        "ID.31",
        "%",
        "31.72.01.1001.0011",
    ],
)
async def test_tricks_with_codes_open_nothing(sign: Sign, served: Small, code: str) -> None:
    client = await sign("sempit", "supervisor", "31.72.01")

    for path in (f"/v1/regions/{code}", f"/v1/regions/{code}/incident-reports", f"/v1/tps/{code}", f"/v1/desks/{code}"):
        status, body, _ = await client.ask("GET", f"{path}?operation={served.operation}")
        if code == "31.72%2E01" and status == 200:
            assert body.get("code", "31.72.01") == "31.72.01"  # only another spelling of what is theirs
            continue
        assert status in (400, 403, 404, 422), (path, status)
        assert "KOTA KECIL" not in str(body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account_id", 1),
        ("role", "admin"),
        ("received_at", "2024-11-27T07:00:00Z"),
        ("version", 7),
        ("regions", ["ID"]),
        ("id", "x"),
        ("seat_id", 1),
    ],
)
async def test_a_client_says_nothing_that_is_the_servers_to_say(
    sign: Sign, served: Small, field: str, value: Any
) -> None:
    client = await sign("jujur", "operator")

    filed = await client.put({**report(served.operation, served.tps[0], incident()), field: value})
    signed = await client.ask("POST", "/v1/sessions", {"username": "jujur", "password": PASSWORD, field: value})
    handed = await client.ask("POST", f"/v1/desks/{served.root}/shifts", {"operation": served.operation, field: value})

    for status, problem, _ in (filed, signed, handed):
        assert status == 422
        assert field in str(problem["errors"])


async def test_a_ticket_of_another_secret_or_seat_opens_nothing(sign: Sign, running: Running, served: Small) -> None:
    client = await sign("tiket", "supervisor", "31.72.01")
    ticket = (await client.ask("POST", "/v1/live/tickets"))[1]["ticket"]
    for at in range(0, len(ticket), 9):
        forged = ticket[:at] + ("A" if ticket[at] != "A" else "B") + ticket[at + 1 :]
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(f"{running.live_url}?ticket={forged}", proxy=None)
        assert refused.value.response.status_code == 401


async def test_others_sessions_seats_shifts_and_requests_are_not_there(sign: Sign, served: Small) -> None:
    victim, thief = await sign("punya", "supervisor"), await sign("pencuri", "supervisor", "31.72.02")
    session = (await victim.ask("GET", "/v1/sessions/current"))[1]
    shift = (await victim.ask("POST", f"/v1/desks/{served.root}/shifts", {"operation": served.operation}))[1]["id"]
    asked = {"kind": "export_log", "operation": served.operation, "reason": "uji coba"}
    approval = (await victim.ask("POST", "/v1/approvals", asked))[1]["id"]

    for method, path, body, status in (
        ("DELETE", f"/v1/sessions/{session['id']}", None, 404),
        ("PUT", "/v1/sessions/current/seat", {"seat": session["seat"]["id"]}, 422),
        ("PUT", f"/v1/shifts/{shift}/handover", {"note": "x", "to": "pencuri"}, 404),
        ("PUT", f"/v1/shifts/{shift}/acknowledgement", None, 404),
        ("PUT", f"/v1/approvals/{approval}/decision", {"approve": True, "reason": "iseng"}, 404),
    ):
        assert (await thief.ask(method, path, body))[0] == status, path
    assert (await victim.ask("GET", "/v1/sessions/current"))[0] == 200


@pytest.fixture
async def guarded(database: str, small: Small, services: Embedded, tmp_path: Path) -> AsyncIterator[Running]:
    """A server with the real limits that believes the proxy on this host."""
    settings = {"POSKO_SIGN_INS_BURST": "3", "POSKO_REPORTS_PER_S": "2", "POSKO_TRUSTED_PROXIES": "127.0.0.1"}
    with Running(database, apart(services.redis_url), tmp_path, roles=("serve",), **settings) as found:
        yield found


async def _try(http: aiohttp.ClientSession, url: str, name: str, password: str, *, said: str, cookie: str = "") -> int:
    headers = {"X-Forwarded-For": said, "Origin": url} | ({"Cookie": cookie} if cookie else {})
    body = {"username": name, "password": password, "cookie": True}
    async with http.post(f"{url}/v1/sessions", json=body, headers=headers) as answer:
        return answer.status


async def test_who_attacks_a_name_from_everywhere_does_not_lock_out_its_own_browser(
    guarded: Running, pool: db.Pool, http: aiohttp.ClientSession
) -> None:
    name = f"sasaran-{secrets.token_hex(4)}"
    async with pool.acquire() as connection:
        await make_account(connection, name, "operator", "31.72")
    headers = {"Origin": guarded.url, "X-Forwarded-For": "198.51.100.9"}
    async with http.post(
        f"{guarded.url}/v1/sessions", json={"username": name, "password": PASSWORD, "cookie": True}, headers=headers
    ) as answer:
        known = f"__Host-posko-known={answer.cookies['__Host-posko-known'].value}"

    one_address = [await _try(http, guarded.url, name, "salah-salah-salah", said="203.0.113.7") for _ in range(5)]
    is_over = asyncio.Event()

    async def guess(net: int) -> None:
        for host in range(1, 60):
            if is_over.is_set():
                return
            if await _try(http, guarded.url, name, "salah-salah-salah", said=f"203.0.{net}.{host}") == 429:
                is_over.set()

    # Several at a time: each is a password that is hashed, and on a busy machine one alone would not outrun the limit.
    guessing = [asyncio.create_task(guess(net)) for net in range(6)]
    async with asyncio.timeout(300):
        await is_over.wait()
    elsewhere = await _try(http, guarded.url, name, PASSWORD, said="198.51.100.77")
    await asyncio.gather(*guessing)
    owner = await _try(http, guarded.url, name, PASSWORD, said="198.51.100.9", cookie=known)

    assert one_address == [401, 401, 401, 429, 429]
    assert (owner, elsewhere) == (201, 429)


async def test_an_invented_address_before_the_proxys_changes_nothing(
    guarded: Running, pool: db.Pool, http: aiohttp.ClientSession
) -> None:
    name = f"sasaran-{secrets.token_hex(4)}"
    async with pool.acquire() as connection:
        await make_account(connection, name, "operator", "31.72")

    tries = [
        await _try(http, guarded.url, name, "salah-salah-salah", said=f"10.0.0.{n}, 203.0.113.5") for n in range(6)
    ]
    logged = None
    async with asyncio.timeout(30):
        while logged is None:
            logged = await pool.fetchval("select address from posko.log_entry where username = $1 limit 1", name)
            await asyncio.sleep(0.1)

    assert tries == [401, 401, 401, 429, 429, 429]
    assert logged == "203.0.113.5"


async def test_one_account_files_no_more_than_its_share_and_is_told_when_to_come_again(
    guarded: Running, small: Small, http: aiohttp.ClientSession
) -> None:
    desk = await Client(http, guarded.url).sign_in("operator")
    said = report(small.operation, small.tps[0], milestone("voting_open"))

    answers = [await desk.put(said) for _ in range(40)]
    while answers[-1][0] != 429 and len(answers) < 400:  # two a second are let in anew
        answers.append(await desk.put(said))
    array = await desk.post([{"id": str(uuid7()), **said} for _ in range(41)])

    refused = [a for a in answers if a[0] == 429]
    assert {a[0] for a in answers} == {201, 429}
    assert answers[:40] == [a for a in answers if a[0] == 201][:40]
    assert int(refused[0][2]["Retry-After"]) >= 1
    assert array[0] == 429
