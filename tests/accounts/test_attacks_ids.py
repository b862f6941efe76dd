"""Attacks on ids, codes and privileges: what is out of reach is as if it did not exist, and nobody gives what they lack."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
import uuid
from typing import Any

import aiohttp
import pytest

from posko import db
from posko.live import wire
from posko.regions import roster
from posko.regions.tps import TpsIn
from tests.accounts.conftest import Sign
from tests.accounts.test_factors import Phone
from tests.accounts.test_matrix import RESTRICTED, SEES_REGION, THINGS, Thing, _call, _seat, ground, policies  # noqa: F401
from tests.client import Client
from tests.factories import Small, incident, make_account, make_small, report, uuid7
from tests.live.consoles import console, sign_in
from tests.running import Running

ROLES = ("petugas", "operator", "supervisor", "admin", "auditor", "system")
BEYOND = ("beside", "outside", "other_operation")
NOWHERE = {
    "kelurahan": "31.72.01.1099", "tps": "31.72.01.1099.001", "report": "01a201e4-e06a-7001-8453-e919cedd4d4b", "username": "tidak-ada-orang",
    "flagged": "01a201e4-e06a-7001-8453-e919cedd4d4c", "hidden": "01a201e4-e06a-7001-8453-e919cedd4d4d", "robot": "tidak-ada-robot", "seat": 2_000_001,
    "spare_seat": 2_000_002, "shift": 2_000_003, "session": 2_000_004, "approval": 2_000_005, "lane": 2_000_006, "device": 2_000_008,
    "team": 2_000_009, "guard": 2_000_010, "contact": 2_000_011,
    "alarm": "01a201e4-e06a-7001-8453-e919cedd4d4e", "outage": "01a201e4-e06a-7001-8453-e919cedd4d4f", "directive": "01a201e4-e06a-7001-8453-e919cedd4d50",
    "withdrawn": "01a201e4-e06a-7001-8453-e919cedd4d51", "hidden_directive": "01a201e4-e06a-7001-8453-e919cedd4d52",
    "hidden_withdrawn": "01a201e4-e06a-7001-8453-e919cedd4d53",
    "endpoint": 2_000_012, "spare_endpoint": 2_000_013, "hidden_endpoint": 2_000_014, "hidden_spare_endpoint": 2_000_015,
    "gateway": 2_000_016, "sender": 2_000_017,
    "event": "01a201e4-e06a-7001-8453-e919cedd4d54", "hidden_event": "01a201e4-e06a-7001-8453-e919cedd4d55",
}  # fmt: skip
DEVICE = Thing(lambda g: f"/v1/devices/{g['device']}", seen=SEES_REGION)
HIDDEN = {name: thing for name, thing in THINGS.items() if set(BEYOND) - thing.seen} | {
    "DELETE /v1/devices/{device_id:int}": DEVICE
}
ABOUT_ACCOUNTS = re.compile("accounts/{username|enrolments|devices|seats")


@pytest.fixture(scope="module")
async def strangers(server_pool: db.Pool, ground: dict[str, Any]) -> dict[tuple[str, str], str]:  # noqa: F811
    """(role, relation) -> a token: everybody whose seat does not reach the ground, and who is not cleared."""
    found = {}
    wanted = [(role, relation) for role in ROLES for relation in (*BEYOND, "inside", "above")]
    for role, relation in wanted:
        region, operation = _seat(ground, relation)
        name = f"i-{role}-{relation.replace('_', '-')}"
        async with server_pool.acquire() as connection:
            await make_account(connection, name, role, region, operation=operation)
        session = await sign_in(server_pool, name)
        assert session.token is not None
        found[role, relation] = session.token
    return found


@pytest.fixture(scope="module")
async def owned(server_pool: db.Pool, ground: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    """The ground with a device that belongs to its account."""
    device = await server_pool.fetchval(
        "insert into posko.device (account_id, public_key, pin_hash, name, enrolled_at)"
        " select id, '\\x00', 'x', 'HP', posko.now() from posko.account where username = $1 returning id",
        ground["username"],
    )
    return ground | {"device": device}


@pytest.fixture
def asker(running: Running, http: aiohttp.ClientSession) -> Client:
    """Nobody yet: whoever asks is in the token."""
    return Client(http, running.url)


def _anonymous(answer: Any, thing: Thing, ground: dict[str, Any]) -> str:  # noqa: F811
    """What was said, without the names that were asked for."""
    said = answer.decode() if isinstance(answer, bytes) else json.dumps(answer)
    asked = thing.path(ground) + (str(thing.body(ground)) if thing.body else "")
    for key in sorted(NOWHERE.keys() | {"operation"}, key=lambda k: -len(str(ground[k]))):
        name = rf"(?<![\w.-]){re.escape(str(ground[key]))}(?![\w-]|[.]\d)"
        said = re.sub(name, "<asked>", said) if re.search(name, asked) else said
    return said


async def _told_apart(
    client: Client, tokens: dict[str, str], name: str, thing: Thing, real: dict[str, Any], nowhere: dict[str, Any]
) -> list[str]:
    """Who can tell what is hidden from what does not exist."""
    roles = policies()[name].roles or frozenset()
    wrong = []
    for who, token in tokens.items():
        if roles and who.split()[0] not in roles:
            continue
        asked = nowhere | ({} if who.endswith("beside") else {"operation": 2_000_007})
        hidden = await _call(client, token, name, thing, real)
        absent = await _call(client, token, name, thing, asked)
        shown = (hidden[0], _anonymous(hidden[1], thing, real)), (absent[0], _anonymous(absent[1], thing, asked))
        if hidden[0] < 400 or shown[0] != shown[1]:
            wrong.append(f"{name} as {who}: {shown[0]}, and of nothing {shown[1]}")
    return wrong


TOLD_TO_NO_ADMIN = frozenset({"DELETE /v1/devices/{device_id:int}", "DELETE /v1/seats/{seat_id:int}"})
"""What an admin of another operation learns nothing of either; other accounts of their regions they may know."""


@pytest.mark.parametrize("name", list(HIDDEN), ids=str)
async def test_what_lies_beyond_a_seat_answers_as_what_does_not_exist(
    name: str, asker: Client, strangers: dict[tuple[str, str], str], owned: dict[str, Any]
) -> None:
    thing = HIDDEN[name]
    tokens = {
        f"{role} {relation}": token
        for (role, relation), token in strangers.items()
        if relation in BEYOND
        and relation not in thing.seen
        # An account is seen in every operation: only its seat is somewhere else.
        and not (relation == "other_operation" and ABOUT_ACCOUNTS.search(name) and name not in TOLD_TO_NO_ADMIN)
    }
    if name.startswith("DELETE /v1/devices"):
        tokens = {who: token for who, token in tokens.items() if who.split()[0] == "admin"}

    assert tokens
    assert await _told_apart(asker, tokens, name, thing, owned, owned | NOWHERE) == []


@pytest.mark.parametrize("name", RESTRICTED, ids=str)
async def test_what_is_terbatas_answers_the_uncleared_as_what_does_not_exist(
    name: str, asker: Client, strangers: dict[tuple[str, str], str], owned: dict[str, Any]
) -> None:
    tokens = {f"{k[0]} beside": t for k, t in strangers.items() if k[1] in ("inside", "above")}
    nowhere = owned | {k: NOWHERE[k] for k in NOWHERE if k == "lane" or k.startswith("hidden")}

    assert await _told_apart(asker, tokens, name, RESTRICTED[name], owned, nowhere) == []


async def test_a_disabled_account_gets_401_from_every_route(
    sign: Sign, server_pool: db.Pool, owned: dict[str, Any]
) -> None:
    client = await sign("mantan", "admin", "ID", cleared=True)
    token = client.token
    await server_pool.execute("update posko.account set disabled_at = posko.now() where username = 'mantan'")

    answers = {name: (await _call(client, token, name, thing, owned))[0] for name, thing in THINGS.items()}

    assert {name: status for name, status in answers.items() if status != 401} == {}


# live topics


async def test_tricks_with_topics_open_nothing(
    running: Running, sign: Sign, served: Small, server_pool: db.Pool
) -> None:
    class Address:
        live_host, live_port = "127.0.0.1", running.live_port

    async with server_pool.acquire() as connection:
        other = (await make_small(connection)).operation
    client = await sign("penyadap", "supervisor", "31.72.01", operation=served.operation)
    topics = (
        f"{served.operation}:31.72", f"{served.operation}:31.72.0", f"{served.operation}:31.72.011", f"{served.operation}:31.72.01.", f"{served.operation}:ID",
        f"0{served.operation}:31.72.02", f"{served.operation}:３１.72.01", f"{other}:31.72.01", f"-{served.operation}:31.72.01", f"{served.operation}:31.72.01\n",
    )  # fmt: skip
    async with console(Address(), client.token) as found:  # type: ignore[arg-type]
        for topic in topics:
            await found.say(wire.Subscribe(topic))
            answer = await found.until(lambda m: not isinstance(m, wire.Heartbeat))
            assert isinstance(answer, wire.ProblemMessage), (topic, answer)
        assert isinstance(await found.subscribe(f"{served.operation}:31.72.01"), wire.Snapshot)


# the ladder


@pytest.mark.parametrize(
    ("seat", "status"),
    [
        ({"role": "petugas", "regions": ["31.72.01"]}, 201),
        ({"role": "petugas", "regions": ["31.72"]}, 404),
        ({"role": "petugas", "regions": ["31.72.01", "31.72.02"]}, 404),
        ({"role": "petugas", "regions": ["ID"]}, 404),
        ({"role": "petugas", "regions": ["31.72.01"], "cleared": True}, 403),
        ({"role": "petugas", "regions": ["31.72.01"], "operation": None}, 404),
        ({"role": "system", "regions": ["31.72.01"]}, 422),
        ({"role": "petugas", "regions": ["31.72.01"], "granted_by": 1}, 422),
        ({"role": "petugas", "regions": ["31.72.01"], "account_id": 1}, 422),
    ],
    ids=str,
)
async def test_an_admin_gives_only_what_lies_within_their_own_seat(
    sign: Sign, served: Small, seat: dict[str, Any], status: int
) -> None:
    admin = await sign("admin-camat", "admin", "31.72.01", operation=served.operation)
    await sign("bawahan", "petugas", "31.72.01", operation=served.operation)
    said = {"operation": served.operation, **seat}

    given = await admin.ask("POST", "/v1/accounts/bawahan/seats", said)
    person = {"username": f"n-{secrets.token_hex(4)}", "full_name": "Baru", "institution": "lain", "seats": [said]}
    made = await admin.ask("POST", "/v1/accounts", person)

    assert (given[0], made[0]) == (status, status)


@pytest.mark.parametrize(
    ("role", "region", "more"),
    [("operator", "31.72", {}), ("admin", "ID", {}), ("operator", "31.72.01", {"cleared": True}), ("operator", "31.72.02", {})],
    ids=str,
)  # fmt: skip
async def test_an_admin_takes_over_nobody_who_has_more(
    sign: Sign, role: str, region: str, more: dict[str, Any]
) -> None:
    admin = await sign("admin-camat", "admin", "31.72.01")
    victim = await sign("atasan", role, region, **more)

    for method, path, body in (
        ("PUT", "/v1/accounts/atasan/factor-reset", {"reason": "lupa sandi"}),
        ("PUT", "/v1/accounts/atasan/disabling", {"reason": "iseng saja"}),
        ("POST", "/v1/accounts/atasan/seats", {"role": "petugas", "regions": ["31.72.01"]}),
        ("POST", "/v1/enrolments", {"usernames": ["atasan"]}),
        ("DELETE", "/v1/accounts/atasan/sessions", None),
        ("POST", "/v1/accounts/atasan/keys", {"name": "x"}),
    ):
        assert (await admin.ask(method, path, body))[0] in (403, 404), path
    assert (await victim.ask("GET", "/v1/operations"))[0] == 200


# two persons


async def _void(asker: Client, served: Small, desk: Client) -> tuple[uuid.UUID, int]:
    one = uuid7()
    assert (await desk.put(report(served.operation, served.tps[0], incident("kritis")), one))[0] == 201
    said = {"kind": "void_report", "operation": served.operation, "report": str(one), "reason": "laporan palsu"}
    status, made, _ = await asker.ask("POST", "/v1/approvals", said)
    assert status == 201, made
    return one, made["id"]


async def _decide(client: Client, approval: int) -> int:
    said = {"approve": True, "reason": "sudah diperiksa"}
    return (await client.ask("PUT", f"/v1/approvals/{approval}/decision", said))[0]


async def _puppet(admin: Client, how: str, role: str, root: str, url: str, sign: Sign) -> Client:
    """An account that the admin holds in their hand."""
    name = f"boneka-{secrets.token_hex(4)}"
    client = Client(admin.http, url)
    if how == "made":
        person = {"username": name, "full_name": "Boneka", "institution": "lain", "seats": [{"role": role, "regions": [root]}]}  # fmt: skip
        password = (await admin.ask("POST", "/v1/accounts", person))[1]["password"]
        return await client.sign_in(name, password)
    await sign(name, role)
    if how == "reset":
        password = (await admin.ask("PUT", f"/v1/accounts/{name}/factor-reset", {"reason": "lupa sandi"}))[1]["password"]  # fmt: skip
        return await client.sign_in(name, password)
    phone = Phone(client)
    _, sheets, _ = await admin.ask("POST", "/v1/enrolments", {"usernames": [name]})
    _, body = await phone.enrol(sheets[0]["code"])
    client.token = body["session"]["token"]
    return client


@pytest.mark.parametrize(
    ("how", "asks"),
    [
        ("made", "admin"),
        ("reset", "admin"),
        pytest.param("device", "admin"),
        pytest.param("made", "puppet"),
        pytest.param("reset", "puppet"),
        pytest.param("device", "puppet"),
    ],
)
async def test_an_admin_is_not_two_persons_by_an_account_in_their_hand(
    sign: Sign, served: Small, running: Running, how: str, asks: str
) -> None:
    admin, desk = await sign("admin-kota", "admin"), await sign("meja-lain", "operator")
    puppet = await _puppet(admin, how, "supervisor", served.root, running.url, sign)
    asker, decider = (admin, puppet) if asks == "admin" else (puppet, admin)
    one, approval = await _void(asker, served, desk)

    assert await _decide(decider, approval) == 403
    assert (await desk.ask("GET", f"/v1/reports/{one}"))[1]["corrected_by"] is None


async def test_an_approval_is_for_one_report_of_one_asker_and_nobody_decides_their_own(
    sign: Sign, served: Small
) -> None:
    asker, second, desk = await sign("kabag", "supervisor"), await sign("wakil", "supervisor"), await sign("meja", "operator")  # fmt: skip
    one, approval = await _void(asker, served, desk)
    other, another = await _void(asker, served, desk)

    own = await _decide(asker, approval)
    given = await _decide(second, approval)
    withdrawals = [
        await who.put(report(served.operation, served.tps[0], {"kind": "correction", "of": str(of), "reason": "palsu"}))
        for who, of in ((asker, other), (second, one), (second, other))
    ]

    assert (own, given) == (403, 200)
    assert [(w[0], w[1]["code"]) for w in withdrawals] == [(403, "second-person-needed")] * 3
    assert (await desk.ask("GET", f"/v1/reports/{other}"))[1]["corrected_by"] is None
    assert await _decide(second, another) == 200


# files and values


FORMULAS = ("=HYPERLINK(1)", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1")


@pytest.mark.parametrize(
    "said",
    [
        *FORMULAS,
        pytest.param("\r=1"),
        pytest.param("baik\r=1"),
        pytest.param("\n=1"),
        pytest.param("x;=1"),
    ],
    ids=repr,
)
async def test_no_spreadsheet_runs_a_cell_of_an_exported_log_or_roster(sign: Sign, served: Small, said: str) -> None:
    asker, second, mark = await sign("kabag", "supervisor"), await sign("wakil", "supervisor"), secrets.token_hex(6)
    admin = await sign("admin-kota", "admin")
    await sign("korban", "operator")
    reason = f"{said} {mark}"
    _, made, _ = await asker.ask(
        "POST", "/v1/approvals", {"kind": "export_log", "operation": served.operation, "reason": "permintaan"}
    )
    await second.ask("PUT", f"/v1/approvals/{made['id']}/decision", {"approve": True, "reason": "setuju, tercatat"})
    assert (await admin.ask("PUT", "/v1/accounts/korban/disabling", {"reason": reason}))[0] == 200

    log = (await asker.ask("GET", "/v1/log.csv"))[1].decode()
    tps = TpsIn(code=served.tps[0], number=1, voters_l=1, voters_p=1, address=reason, polsek=reason)
    cells = [cell for text in (log, "".join(roster.write([tps]))) for row in csv.reader(io.StringIO(text, newline="")) for cell in row]  # fmt: skip
    ours = [cell for cell in cells if mark in cell]

    assert len(ours) >= 3
    assert [part for cell in ours for part in cell.split(";") if part.strip()[:1] in ("=", "+", "-", "@")] == []


HOSTILE = [
    ("GET", "/v1/log?since=0001-01-01T00:00:00%2B14:00", None),
    ("GET", "/v1/log?until=9999-12-31T23:59:59-14:00", None),
    ("POST", "/v1/accounts", {"institution": "a\0"}),
    ("POST", "/v1/accounts", {"institution": "partai", "party": "a\0"}),
    ("POST", "/v1/accounts", {"phone": "081234567\n"}),
    ("POST", "/v1/accounts", {"starts_at": "0001-01-01T00:00:00+14:00"}),
    ("POST", "/v1/accounts", {"ends_at": "9999-12-31T23:59:59-14:00"}),
]


@pytest.mark.parametrize(("method", "path", "said"), HOSTILE, ids=str)
async def test_a_hostile_value_is_refused_and_is_no_defect(sign: Sign, method: str, path: str, said: Any) -> None:
    admin = await sign("admin-pusat", "admin", "ID")
    body = None
    if said is not None:
        seat = {"role": "operator", "regions": ["31"]} | {k: v for k, v in said.items() if k.endswith("_at")}
        body = {"username": f"n-{secrets.token_hex(4)}", "full_name": "Baru", "institution": "lain", "seats": [seat]}
        body |= {k: v for k, v in said.items() if not k.endswith("_at")}

    assert (await admin.ask(method, path, body))[0] == 422


async def test_a_code_with_a_newline_is_no_code(sign: Sign, served: Small) -> None:
    admin = await sign("admin-pusat", "admin", "ID")
    said = {"kind": "export_log", "operation": served.operation, "reason": "uji coba", "region": "31.72\n"}

    assert (await admin.ask("POST", "/v1/approvals", said))[0] in (404, 422)
