"""Attacks on second factors, and on the limits that keep guessing slow; on servers of their own."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from posko import db
from posko.embedded import Embedded
from tests.accounts.test_factors import (  # noqa: F401
    Phone,
    admin,
    enrol_totp,
    ground,
    http,
    person,
    sign_in,
    strict_pool,
)
from tests.accounts.test_passkeys import Software
from tests.client import Client
from tests.factories import PASSWORD, Small, make_account, milestone, report
from tests.running import Running, apart

PIN = "294817"


@pytest.fixture(scope="module")
async def strict_database(services: Embedded, template: str) -> str:
    connection = await db.connect(services.database_url)
    await connection.execute(f"create database strict_attacks template {template}")
    await connection.close()
    return services.database_url.replace("/posko?", "/strict_attacks?")


@pytest.fixture(scope="module")
def strict(strict_database: str, services: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that requires second factors and believes the proxy on this host."""
    settings = {"POSKO_SECOND_FACTOR": "required", "POSKO_TRUSTED_PROXIES": "127.0.0.1"}
    folder = tmp_path_factory.mktemp("strict-attacks")
    with Running(strict_database, services.redis_url, folder, roles=("serve",), **settings) as found:
        yield found


@pytest.fixture
async def client(strict: Running, http: aiohttp.ClientSession) -> Client:  # noqa: F811
    return Client(http, strict.url)


async def _passkey(client: Client, url: str) -> Software:
    """Enrols a passkey, whose session the client has from now on."""
    key = Software()
    key.origin = url
    status, options, _ = await client.ask("POST", "/v1/factors/passkeys/options")
    assert status == 200, options
    credential = key.create(json.dumps(options["options"]))
    said = {"challenge": options["challenge"], "credential": credential, "name": "kunci"}
    status, made, _ = await client.ask("POST", "/v1/factors/passkeys", said)
    assert status == 201, made
    client.token = made["token"]
    return key


async def _seat(pool: db.Pool, name: str, role: str, region: str, **more: Any) -> int:
    """One more seat."""
    seat: int = await pool.fetchval(
        "insert into posko.assignment (account_id, is_party, role, regions, cleared, starts_at, granted_at, changed_at)"
        " select a.id, false, $2, $3, $4, now, now, now from posko.account a, posko.now() as now where a.username = $1 returning id",
        name, role, [region], more.get("cleared", False),
    )  # fmt: skip
    return seat


async def _enrolled(admin: Client, pool: db.Pool, role: str, region: str) -> Phone:  # noqa: F811
    name = await person(pool, role, region)
    _, sheets, _ = await admin.ask("POST", "/v1/enrolments", {"usernames": [name]})
    phone = Phone(Client(admin.http, admin.url))
    status, body = await phone.enrol(sheets[0]["code"])
    assert status == 201, body
    phone.client.token = body["session"]["token"]
    return phone


async def test_a_code_that_comes_eight_times_at_once_counts_once(
    client: Client,
    strict_pool: db.Pool,  # noqa: F811
) -> None:
    name = await person(strict_pool, "operator")
    await sign_in(client, name)
    app = await enrol_totp(client)
    code = app.at(int(time.time()) + 30)  # the next step's is good already, and the app's own was spent

    answers = await asyncio.gather(
        *(sign_in(Client(client.http, client.url), name, totp=code) for _ in range(8)),
    )

    assert sorted(a[0] for a in answers) == [201] + [401] * 7


async def test_a_code_of_another_account_or_step_opens_nothing(client: Client, strict_pool: db.Pool) -> None:  # noqa: F811
    mine, theirs = await person(strict_pool, "operator"), await person(strict_pool, "operator")
    await sign_in(client, mine)
    app = await enrol_totp(client)
    await sign_in(client, theirs)
    await enrol_totp(client)
    now = int(time.time())

    codes = (app.at(now + 30), "", "000000000", "１２３４５６", " " + app.at(now + 30))
    others = [await sign_in(Client(client.http, client.url), theirs, totp=code) for code in codes if code]
    far = [await sign_in(Client(client.http, client.url), mine, totp=app.at(now + s)) for s in (-300, -90, 120, 300)]

    assert [o[0] for o in (*others, *far)] == [401] * 8


async def test_a_seat_that_needs_more_is_not_reached_by_changing_seats(
    client: Client,
    strict_pool: db.Pool,  # noqa: F811
    ground: Small,  # noqa: F811
) -> None:
    name = await person(strict_pool, "petugas", ground.root)
    more = [
        await _seat(strict_pool, name, role, ground.root, cleared=cleared)
        for role, cleared in (("supervisor", False), ("petugas", True), ("auditor", False))
    ]
    _, first = await sign_in(client, name)
    assert (first["seat"]["role"], first["seat"]["cleared"]) == ("petugas", False)

    for seat, missing in zip(more, ("passkey", "totp", "totp"), strict=True):
        status, session, _ = await client.ask("PUT", "/v1/sessions/current/seat", {"seat": seat})
        client.token = session["token"]
        assert (status, session["must_enrol"], session["seat"]) == (200, missing, None)
        assert (await client.ask("GET", "/v1/operations"))[0] == 403
        assert (await client.ask("POST", "/v1/live/tickets"))[0] == 403
        assert (await client.put(report(ground.operation, ground.tps[0], milestone("voting_open"))))[0] == 403


async def test_whoever_has_only_the_password_neither_enters_nor_replaces_a_passkey(
    client: Client,
    strict: Running,
    strict_pool: db.Pool,  # noqa: F811
) -> None:
    name = await person(strict_pool, "supervisor")
    await sign_in(client, name)
    before = Client(client.http, client.url)
    before.token = client.token
    await _passkey(client, strict.url)
    thief = Client(client.http, client.url)

    by_password = await sign_in(thief, name)
    old = await before.ask("POST", "/v1/factors/passkeys/options")
    stepped = await client.ask("POST", "/v1/sessions/current/step-up", {"password": PASSWORD})

    assert (by_password[0], by_password[1]["code"], old[0]) == (401, "passkey-needed", 401)
    assert (stepped[0], stepped[1]["code"]) == (401, "passkey-needed")


async def test_a_challenge_serves_its_own_purpose_account_and_moment(
    client: Client,
    strict: Running,
    strict_pool: db.Pool,  # noqa: F811
) -> None:
    keys, clients = [], [Client(client.http, client.url) for _ in range(2)]
    for one in clients:
        await sign_in(one, await person(strict_pool, "supervisor"))
        keys.append(await _passkey(one, strict.url))
    mine, theirs = clients
    _, made, _ = await theirs.ask("POST", "/v1/factors/passkeys/options")
    _, asked, _ = await client.ask("POST", "/v1/sessions/passkey/options")
    shown = keys[1].get(json.dumps(asked["options"]))
    new = Software()
    new.origin = strict.url
    of_theirs = {"challenge": made["challenge"], "credential": new.create(json.dumps(made["options"])), "name": "x"}

    answers = [
        # A challenge that another account was given to register with.
        await mine.ask("POST", "/v1/factors/passkeys", of_theirs),
        # A challenge of another purpose, an invented one, and an answer to another challenge.
        await client.ask("POST", "/v1/sessions/passkey", {"challenge": made["challenge"], "credential": shown}),
        await client.ask("POST", "/v1/sessions/passkey", {"challenge": str(uuid.uuid4()), "credential": shown}),
        # Somebody else's passkey steps nobody up.
        await mine.ask("POST", "/v1/sessions/current/step-up", {"challenge": asked["challenge"], "credential": shown}),
        # It was used by that.
        await client.ask("POST", "/v1/sessions/passkey", {"challenge": asked["challenge"], "credential": shown}),
    ]

    assert [a[0] for a in answers] == [401] * 5
    assert len((await mine.ask("GET", "/v1/factors"))[1]["passkeys"]) == 1


async def test_an_assertion_that_comes_eight_times_at_once_opens_one_session(
    client: Client,
    strict: Running,
    strict_pool: db.Pool,  # noqa: F811
) -> None:
    await sign_in(client, await person(strict_pool, "supervisor"))
    key = await _passkey(client, strict.url)
    _, asked, _ = await client.ask("POST", "/v1/sessions/passkey/options")
    said = {"challenge": asked["challenge"], "credential": key.get(json.dumps(asked["options"]))}

    answers = await asyncio.gather(*(client.ask("POST", "/v1/sessions/passkey", said) for _ in range(8)))

    assert sorted(a[0] for a in answers) == [201] + [401] * 7


async def test_a_device_signs_for_itself_only_and_a_guess_without_its_key_costs_it_nothing(
    strict_pool: db.Pool,  # noqa: F811
    ground: Small,  # noqa: F811
    admin: Client,  # noqa: F811
) -> None:
    one, two = [await _enrolled(admin, strict_pool, "petugas", ground.tps[0]) for _ in range(2)]

    async def said(asks: Phone, signs: Phone, names: Phone, pin: str = PIN) -> int:
        _, asked, _ = await asks.client.ask("POST", f"/v1/devices/{asks.device}/challenges")
        challenge = asked["challenge"]
        body = {"device": names.device, "challenge": challenge, "signature": signs.sign(f"posko sign-in {challenge}"), "pin": pin}  # fmt: skip
        answers = [(await signs.client.ask("POST", "/v1/sessions/device", body))[0] for _ in range(2)]
        assert answers[1] == 401  # a challenge counts once
        return answers[0]

    stolen = [
        await said(two, one, two),
        await said(one, two, one),
        await said(one, one, two),
        await said(two, one, one),
    ]
    for _ in range(6):
        stolen.append(await said(one, two, one, "000001"))
    still = await said(one, one, one)
    failures = await strict_pool.fetchval("select pin_failures from posko.device where id = $1", one.device)

    assert set(stolen) == {401}
    assert (still, failures) == (201, 0)


async def test_a_locked_device_neither_signs_in_nor_steps_up_and_a_right_pin_does_not_unlock_it(
    strict_pool: db.Pool,  # noqa: F811
    ground: Small,  # noqa: F811
    admin: Client,  # noqa: F811
) -> None:
    phone = await _enrolled(admin, strict_pool, "petugas", ground.tps[0])

    async def step_up(pin: str) -> dict[str, Any]:
        _, asked, _ = await phone.client.ask("POST", f"/v1/devices/{phone.device}/challenges")
        signature = phone.sign(f"posko sign-in {asked['challenge']}")
        body = {"challenge": asked["challenge"], "signature": signature, "pin": pin}
        return (await phone.client.ask("POST", "/v1/sessions/current/step-up", body))[1]  # type: ignore[no-any-return]

    wrong = [await step_up(f"73{n}914") for n in range(5)]
    right, again = await step_up(PIN), await phone.sign_in()

    assert {w["code"] for w in wrong} == {"not-signed-in"}
    assert (right["code"], again[1]["code"]) == ("device-locked", "device-locked")


async def test_a_device_acts_in_the_seat_that_it_was_enrolled_for_and_in_no_other(
    strict_pool: db.Pool,  # noqa: F811
    ground: Small,  # noqa: F811
    admin: Client,  # noqa: F811
) -> None:
    phone = await _enrolled(admin, strict_pool, "petugas", ground.tps[0])
    name = (await phone.client.ask("GET", "/v1/sessions/current"))[1]["account"]["username"]
    other = await _seat(strict_pool, name, "petugas", "ID")

    status, session = await phone.sign_in()
    phone.client.token = session["token"]

    assert (status, session["seat"]["regions"], len(session["seats"])) == (201, [ground.tps[0]], 1)
    assert (await phone.client.ask("PUT", "/v1/sessions/current/seat", {"seat": other}))[0] == 422


# guessing


@pytest.fixture
async def guarded(database: str, small: Small, services: Embedded, tmp_path: Path) -> AsyncIterator[Running]:
    """A server with small limits that believes the proxy on this host."""
    settings = {"POSKO_SIGN_INS_BURST": "3", "POSKO_TRUSTED_PROXIES": "127.0.0.1"}
    with Running(database, apart(services.redis_url), tmp_path, roles=("serve",), **settings) as found:
        yield found


@pytest.mark.parametrize(
    "step_up",
    [False, pytest.param(True)],
    ids=["sign-in", "step-up"],
)
async def test_who_guesses_from_everywhere_is_slowed_down_by_the_account(
    guarded: Running,
    pool: db.Pool,
    http: aiohttp.ClientSession,  # noqa: F811
    step_up: bool,
) -> None:
    name = f"sasaran-{secrets.token_hex(4)}"
    async with pool.acquire() as connection:
        await make_account(connection, name, "operator", "31.72")
    stolen = await Client(http, guarded.url).sign_in(name)  # a thief of the session does not know the password
    url = f"{guarded.url}/v1/sessions" + ("/current/step-up" if step_up else "")

    async def guess(n: int) -> int:
        headers = {"X-Forwarded-For": f"203.0.113.{n}", "Authorization": f"Bearer {stolen.token}"}
        body = {"password": f"tebakan-{n}"} | ({} if step_up else {"username": name})
        async with http.post(url, json=body, headers=headers) as answer:
            return answer.status

    answers = [await guess(n) for n in range(1, 41)]

    assert answers[0] == 401
    assert answers[-1] == 429
