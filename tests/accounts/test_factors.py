"""Second factors over HTTP, on a server that requires them: what is enrolled, what is shown, what is spent."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from posko import db
from posko.accounts.account import SeatIn
from posko.accounts.commands import add_account
from posko.accounts.store import NewAccount
from posko.embedded import Embedded
from tests.accounts.test_passkeys import Software, base64url
from tests.client import Client
from tests.factories import PASSWORD, Small, make_account, make_small, milestone, report
from tests.running import Running

REPORT_URL = "/v1/reports"


@pytest.fixture(scope="module")
async def strict_database(services: Embedded, template: str) -> str:
    admin = await db.connect(services.database_url)
    await admin.execute(f"create database factors template {template}")
    await admin.close()
    return services.database_url.replace("/posko?", "/factors?")


@pytest.fixture(scope="module")
def strict(strict_database: str, services: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("strict")
    settings = {"POSKO_SECOND_FACTOR": "required", "POSKO_TRUSTED_PROXIES": "127.0.0.1"}
    with Running(strict_database, services.redis_url, folder, **settings) as found:
        yield found


@pytest.fixture
async def strict_pool(strict_database: str) -> AsyncIterator[db.Pool]:
    pool = await db.open_pool(strict_database, size=2, statement_timeout_s=20)
    yield pool
    pool.terminate()


@pytest.fixture
async def ground(strict_pool: db.Pool) -> Small:
    async with strict_pool.acquire() as connection:
        return await make_small(connection)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def person(pool: db.Pool, role: str, *regions: str, **more: Any) -> str:
    name = f"{role}-{secrets.token_hex(4)}"
    async with pool.acquire() as connection:
        await make_account(connection, name, role, *(regions or ("31.72",)), **more)
    return name


async def sign_in(client: Client, name: str, **more: Any) -> tuple[int, Any]:
    status, body, _ = await client.ask("POST", "/v1/sessions", {"username": name, "password": PASSWORD, **more})
    client.token = body.get("token")
    return status, body


async def enrol_totp(client: Client) -> pyotp.TOTP:
    status, new, _ = await client.ask("POST", "/v1/factors/totp")
    assert status == 201, new
    app = pyotp.TOTP(new["secret"])
    status, session, _ = await client.ask("PUT", "/v1/factors/totp", {"code": app.now()})
    assert status == 200, session
    client.token = session["token"]
    assert session["must_enrol"] is None
    return app


async def test_until_the_factor_is_enrolled_a_session_looks_after_itself_alone(
    strict: Running, strict_pool: db.Pool, ground: Small, http: aiohttp.ClientSession
) -> None:
    name = await person(strict_pool, "operator")
    client = Client(http, strict.url)

    status, session = await sign_in(client, name)
    closed = [
        await client.ask("GET", "/v1/operations"),
        await client.put(report(ground.operation, ground.tps[0], milestone("voting_open"))),
        await client.post(
            [
                {
                    "id": "01a201e4-e06a-7001-8453-e919cedd4d4b",
                    **report(ground.operation, ground.tps[0], milestone("voting_open")),
                }
            ]
        ),
        await client.ask("POST", "/v1/live/tickets"),
    ]
    own = await client.ask("GET", "/v1/factors")
    old = client.token
    await enrol_totp(client)
    opened = await client.put(report(ground.operation, ground.tps[0], milestone("voting_open")))
    before = Client(http, strict.url)
    before.token = old

    assert (status, session["must_enrol"], session["seat"]) == (201, "totp", None)
    assert [c[0] for c in closed] == [403] * 4
    assert own[0] == 200
    assert opened[0] == 201
    assert (await before.ask("GET", "/v1/sessions/current"))[0] == 401  # the old token died with the enrolment


async def test_a_code_is_asked_for_counts_once_and_is_told_from_nothing_when_wrong(
    strict: Running, strict_pool: db.Pool, http: aiohttp.ClientSession
) -> None:
    name = await person(strict_pool, "operator")
    client = Client(http, strict.url)
    await sign_in(client, name)
    begun = time.time()
    app = await enrol_totp(client)
    fresh = Client(http, strict.url)

    without = await sign_in(fresh, name)
    replayed = await sign_in(
        fresh, name, totp=app.at(begun)
    )  # the code that confirmed the app, not one of a step that has begun since
    wrong = await sign_in(fresh, name, totp="000000")
    unknown = await fresh.ask("POST", "/v1/sessions", {"username": "tidak-ada", "password": PASSWORD, "totp": "000000"})
    # The next step's code is good half a minute early: clocks differ.
    at_next = app.at(int(time.time()) + 30)
    taken, twice = await sign_in(fresh, name, totp=at_next), await sign_in(Client(http, strict.url), name, totp=at_next)

    assert (without[0], without[1]["code"]) == (401, "second-factor-needed")
    assert [replayed[0], wrong[0], taken[0], twice[0]] == [401, 401, 201, 401]
    assert replayed[1] == wrong[1] == unknown[1]
    assert taken[1]["factors"] == ["password", "totp"]


async def test_a_passkey_signs_in_alone_and_guards_every_other_factor(
    strict: Running, strict_pool: db.Pool, ground: Small, http: aiohttp.ClientSession
) -> None:
    name = await person(strict_pool, "supervisor", ground.root)
    client, key = Client(http, strict.url), Software()
    key.origin = strict.url
    _, session = await sign_in(client, name)
    _, options, _ = await client.ask("POST", "/v1/factors/passkeys/options")
    said = {
        "challenge": options["challenge"],
        "credential": key.create(json.dumps(options["options"])),
        "name": "laptop",
    }
    status, enrolled, _ = await client.ask("POST", "/v1/factors/passkeys", said)
    replay = await client.ask("POST", "/v1/factors/passkeys", said)
    client.token = enrolled["token"]

    by_password = await sign_in(Client(http, strict.url), name)
    fresh = Client(http, strict.url)
    _, asked, _ = await fresh.ask("POST", "/v1/sessions/passkey/options")
    shown = {"challenge": asked["challenge"], "credential": key.get(json.dumps(asked["options"]))}
    signed, signed_twice = (
        await fresh.ask("POST", "/v1/sessions/passkey", shown),
        await fresh.ask("POST", "/v1/sessions/passkey", shown),
    )
    fresh.token = signed[1]["token"]

    assert (session["must_enrol"], status, enrolled["must_enrol"]) == ("passkey", 201, None)
    assert replay[0] in (401, 403)
    assert (by_password[0], by_password[1]["code"]) == (401, "passkey-needed")
    assert (signed[0], signed[1]["factors"], signed_twice[0]) == (201, ["passkey"], 401)
    assert (await fresh.ask("GET", "/v1/operations"))[0] == 200


class Phone:
    """A browser's key for one device, as WebCrypto signs with it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.device = 0

    @property
    def public_key(self) -> str:
        return base64url(self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def sign(self, message: str) -> str:
        r, s = decode_dss_signature(self.key.sign(message.encode(), ec.ECDSA(SHA256())))
        return base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    async def enrol(self, code: str, pin: str = "294817") -> tuple[int, Any]:
        said = {
            "code": code,
            "public_key": self.public_key,
            "signature": self.sign(f"posko enrol {code}"),
            "pin": pin,
            "name": "HP petugas",
        }
        status, body, _ = await self.client.ask("POST", "/v1/devices", said)
        self.device = body.get("device", 0)
        return status, body

    async def sign_in(self, pin: str = "294817") -> tuple[int, Any]:
        _, asked, _ = await self.client.ask("POST", f"/v1/devices/{self.device}/challenges")
        challenge = asked["challenge"]
        said = {
            "device": self.device,
            "challenge": challenge,
            "signature": self.sign(f"posko sign-in {challenge}"),
            "pin": pin,
        }
        status, body, _ = await self.client.ask("POST", "/v1/sessions/device", said)
        return status, body


@pytest.fixture
async def admin(strict: Running, strict_pool: db.Pool, ground: Small, http: aiohttp.ClientSession) -> Client:
    """An admin who has shown a passkey."""
    name = await person(strict_pool, "admin", ground.root)
    client, key = Client(http, strict.url), Software()
    key.origin = strict.url
    await sign_in(client, name)
    _, options, _ = await client.ask("POST", "/v1/factors/passkeys/options")
    said = {
        "challenge": options["challenge"],
        "credential": key.create(json.dumps(options["options"])),
        "name": "kunci",
    }
    status, made, _ = await client.ask("POST", "/v1/factors/passkeys", said)
    assert status == 201, made
    client.token = made["token"]
    return client


async def test_a_device_is_enrolled_once_and_signs_in_all_day_with_its_pin(
    strict: Running, strict_pool: db.Pool, ground: Small, admin: Client, http: aiohttp.ClientSession
) -> None:
    name = await person(strict_pool, "operator", ground.root)
    _, first, _ = await admin.ask("POST", "/v1/enrolments", {"usernames": [name]})
    _, sheets, _ = await admin.ask("POST", "/v1/enrolments", {"usernames": [name]})
    code = sheets[0]["code"]
    phones = [Phone(Client(http, strict.url)) for _ in range(4)]

    superseded = await phones[3].enrol(first[0]["code"])
    simple = await phones[0].enrol(code, pin="123456")
    enrolled = await asyncio.gather(*(p.enrol(code) for p in phones[:3]))
    winner = phones[[e[0] for e in enrolled].index(201)]
    again = await winner.sign_in()
    winner.client.token = again[1]["token"]
    filed = await winner.client.put(report(ground.operation, ground.tps[0], milestone("voting_open")))

    assert (superseded[0], simple[0], simple[1]["errors"][0]["rule"]) == (404, 422, "pin-too-simple")
    assert sorted(e[0] for e in enrolled) == [201, 404, 404]
    assert sheets[0]["url"].endswith(f"/masuk/#daftar={code}")
    assert sheets[0]["svg"].startswith("<svg")
    assert (again[0], again[1]["factors"], again[1]["must_enrol"]) == (201, ["device"], None)
    assert filed[0] == 201


async def test_five_wrong_pins_lock_a_device_even_at_once_and_a_stranger_cannot(
    strict: Running, strict_pool: db.Pool, ground: Small, admin: Client, http: aiohttp.ClientSession
) -> None:
    name = await person(strict_pool, "petugas", ground.tps[0])
    _, sheets, _ = await admin.ask("POST", "/v1/enrolments", {"usernames": [name]})
    phone, thief = Phone(Client(http, strict.url)), Phone(Client(http, strict.url))
    await phone.enrol(sheets[0]["code"])
    thief.device = phone.device

    strangers = await asyncio.gather(*(thief.sign_in("294817") for _ in range(8)))
    still = await phone.sign_in()
    guesses = await asyncio.gather(*(phone.sign_in(f"83{n}156") for n in range(8)))
    locked = await phone.sign_in()

    assert {s[0] for s in strangers} == {401}
    assert still[0] == 201
    codes = sorted(g[1]["code"] for g in guesses)
    assert codes == ["device-locked"] * 3 + ["not-signed-in"] * 5
    assert (locked[0], locked[1]["code"]) == (401, "device-locked")


async def test_a_lost_device_ends_with_its_sessions_within_two_seconds(
    strict: Running, strict_pool: db.Pool, ground: Small, admin: Client, http: aiohttp.ClientSession
) -> None:
    name = await person(strict_pool, "petugas", ground.tps[0])
    _, sheets, _ = await admin.ask("POST", "/v1/enrolments", {"usernames": [name]})
    phone = Phone(Client(http, strict.url))
    _, body = await phone.enrol(sheets[0]["code"])
    phone.client.token = body["session"]["token"]
    assert (await phone.client.ask("GET", "/v1/operations"))[0] == 200

    assert (await admin.ask("DELETE", f"/v1/devices/{phone.device}"))[0] == 204
    async with asyncio.timeout(6):  # as OUT_S in test_attacks
        while (await phone.client.ask("GET", "/v1/operations"))[0] != 401:
            await asyncio.sleep(0.05)
    assert (await phone.sign_in())[0] == 401


async def test_a_password_that_an_admin_made_ends_after_three_days_unless_it_is_changed(
    strict: Running, strict_pool: db.Pool, ground: Small, admin: Client, http: aiohttp.ClientSession
) -> None:
    names = [f"baru-{secrets.token_hex(3)}" for _ in range(2)]
    passwords = []
    for name in names:
        seat = {"role": "petugas", "regions": [ground.tps[0]]}
        said = {"username": name, "full_name": "Orang Baru", "institution": "linmas", "seats": [seat]}
        passwords.append((await admin.ask("POST", "/v1/accounts", said))[1]["password"])
    changer = await Client(http, strict.url).sign_in(names[0], passwords[0])
    new = "burung-camar-terbang-7"
    for weak, rule in (
        ("pendek", "password-length"),
        ("indonesia2024", "password-common"),
        (f"{names[0]}-xyzw", "password-name"),
    ):
        status, problem, _ = await changer.ask("PUT", "/v1/factors/password", {"current": passwords[0], "new": weak})
        assert (status, problem["errors"][0]["rule"]) == (422, rule)
    changed = await changer.ask("PUT", "/v1/factors/password", {"current": passwords[0], "new": new})

    await strict_pool.execute(
        "update posko.account set password_until = posko.now() - interval '1 second' where password_until is not null"
    )
    client = Client(http, strict.url)
    late = await client.ask("POST", "/v1/sessions", {"username": names[1], "password": passwords[1]})
    fine = await client.ask("POST", "/v1/sessions", {"username": names[0], "password": new})

    assert changed[0] == 200
    assert (late[0], fine[0]) == (401, 201)


async def test_the_sealed_account_opens_once_and_is_in_the_log(
    strict: Running, strict_database: str, strict_pool: db.Pool, http: aiohttp.ClientSession
) -> None:
    name, password = f"darurat-{secrets.token_hex(3)}", secrets.token_urlsafe(24)
    sealed = NewAccount(username=name, full_name="Akun darurat", kind="break_glass")
    await add_account(strict_database, sealed, [SeatIn("admin", ("ID",), cleared=True)], password)
    clients = [Client(http, strict.url) for _ in range(3)]

    answers = await asyncio.gather(
        *(c.ask("POST", "/v1/sessions", {"username": name, "password": password}) for c in clients)
    )
    winner = clients[[a[0] for a in answers].index(201)]
    winner.token = next(a[1]["token"] for a in answers if a[0] == 201)
    factors = [await winner.ask("POST", "/v1/factors/totp"), await winner.ask("POST", "/v1/factors/passkeys/options")]
    logged = await strict_pool.fetchval(
        "select count(*) from posko.log_entry l join posko.account a on a.id = l.account_id where a.username = $1 and action = 'break_glass.used'",
        name,
    )

    assert sorted(a[0] for a in answers) == [201, 401, 401]
    assert [f[0] for f in factors] == [403, 403]
    assert (await winner.ask("GET", "/v1/accounts"))[0] == 200
    assert logged == 1
