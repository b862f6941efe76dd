"""Webhooks over HTTP as an admin uses them, through a real server and a real `posko work`."""

from __future__ import annotations

import asyncio
import datetime
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import jsonschema
import pytest

from posko import db, signature
from posko.embedded import Embedded
from posko.signature import Key
from tests.client import Client
from tests.factories import Small, close_since, incident, make_account, make_small, milestone, report, turnout, uuid7
from tests.running import Running
from tests.webhooks.ground import Received, Receiver

HOOKS = "/v1/webhooks"


@pytest.fixture(scope="module")
async def place(services: Embedded, template: str) -> str:
    """The address of the database of this module's server."""
    admin = await db.connect(services.database_url)
    await admin.execute(f"create database webhooks_served template {template}")
    await admin.close()
    return services.database_url.replace("/posko?", "/webhooks_served?")


@pytest.fixture(scope="module")
def posko(place: str, services: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`serve` and `work`, that may speak to loopback."""
    folder = tmp_path_factory.mktemp("webhooks")
    with Running(
        place, services.redis_url, folder, roles=("serve", "work"), POSKO_WEBHOOK_INSECURE_LOOPBACK="true"
    ) as found:
        yield found
        assert found._processes["work"].poll() is None, found.log("work")


class Office:
    """An operation, an admin of it, and a receiver."""

    def __init__(self, posko: Running, pool: db.Pool, http: aiohttp.ClientSession, small: Small, to: Receiver) -> None:
        self.posko, self.pool, self.http, self.small, self.receiver = posko, pool, http, small, to
        self.here = f"{HOOKS}?operation={small.operation}"

    async def sign(self, role: str = "admin", *regions: str, **more: Any) -> Client:
        name = f"{role}-{secrets.token_hex(4)}"
        async with self.pool.acquire() as connection:
            await make_account(connection, name, role, *(regions or (self.small.root,)), **more)
        client = await Client(self.http, self.posko.url).sign_in(name)
        client.name = name  # type: ignore[attr-defined]
        return client

    def said(self, **more: Any) -> dict[str, Any]:
        about = {"operation": self.small.operation, "region": self.small.root, "url": self.receiver.url()}
        return {**about, "description": "dasbor pemkot", "types": ["incident.*", "endpoint.*"], **more}

    async def add(self, admin: Client, **more: Any) -> tuple[int, str]:
        """An endpoint that has answered its challenge, and its secret."""
        status, made, _ = await admin.ask("POST", HOOKS, self.said(**more))
        assert (status, made["endpoint"]["state"]) == (201, "unverified"), made
        one = made["endpoint"]["id"]
        assert (await admin.ask("POST", f"{HOOKS}/{one}/challenges"))[0] == 202
        await self.until(admin, one, lambda e: e["state"] == "active")
        return one, made["secret"]

    async def until(self, admin: Client, one: int, condition: Callable[[Any], bool]) -> Any:
        async with asyncio.timeout(60):
            while not condition(found := await admin.get(f"{HOOKS}/{one}")):
                await asyncio.sleep(0.05)
        return found

    async def file(self, desk: Client, **more: Any) -> str:
        one = uuid7()
        said = report(self.small.operation, self.small.tps[0], incident("tinggi"), **more)
        assert (await desk.put(said, one))[0] == 201
        return str(one)


@pytest.fixture
async def office(posko: Running, place: str) -> AsyncIterator[Office]:
    pool = await db.open_pool(place, size=2, statement_timeout_s=20)
    async with aiohttp.ClientSession() as http, Receiver().serving() as receiver:
        async with pool.acquire() as connection:
            small = await make_small(connection)
        yield Office(posko, pool, http, small, receiver)
    # Who does not answer any more is of no use to the tests that follow, and what stays active is swept beside them.
    await pool.execute("update posko.endpoint set state = 'paused' where state = 'active'")
    async with pool.acquire() as connection:
        await close_since(connection, small.operation)
    pool.terminate()


def _fits(secret: str, got: Received) -> bool:
    try:
        signature.verify([Key.parse(secret)], got.headers, got.raw, datetime.datetime.now(datetime.UTC))
    except signature.SignatureRefused:
        return False
    return True


async def test_from_adding_an_endpoint_to_removing_it(office: Office) -> None:
    admin, desk = await office.sign(), await office.sign("operator")
    to = office.receiver
    told = ["incident.opened", "incident.acknowledged", "incident.handled"]
    one, secret = await office.add(admin, types=told)
    path = f"{HOOKS}/{one}"

    status, sent, _ = await admin.ask("POST", f"{path}/tests")
    await to.until(lambda: len(to.received) == 1)
    assert (status, to.received[0].headers["webhook-id"]) == (202, sent["event"])
    assert to.received[0].what["message"] and _fits(secret, to.received[0])

    case = await office.file(desk)
    await to.until(lambda: len(to.received) == 2)
    assert (to.received[1].body["type"], to.received[1].body["data"]["href"]) == (
        "incident.opened",
        f"{office.posko.url}/v1/incidents/{case}",
    )
    assert (await desk.ask("GET", to.received[1].body["data"]["href"].removeprefix(office.posko.url)))[0] == 200
    opened = to.received[1].headers["webhook-id"]
    await office.until(admin, one, lambda e: e["waiting"] == 0)
    rows = (await admin.get(f"{path}/deliveries?type=incident.*"))["rows"]
    assert [(r["id"], r["state"], r["attempts"]) for r in rows] == [(opened, "delivered", 1)]
    attempts = (await admin.get(f"{path}/attempts?event={opened}"))["rows"]
    assert [(a["status"], a["address"], a["answer"]) for a in attempts] == [(200, "127.0.0.1", "said " * 10)]

    status, paused, _ = await admin.ask("PUT", f"{path}/pause", {"reason": "pindah mesin"})
    assert (status, paused["state"], paused["state_why"]) == (200, "paused", "pindah mesin")
    assert (await desk.ask("PUT", f"/v1/incidents/{case}/acknowledgement", {}))[0] == 200
    await asyncio.sleep(0.5)
    assert len(to.received) == 2 and (await admin.get(path))["waiting"] == 1
    assert (await admin.ask("DELETE", f"{path}/pause"))[1]["state"] == "active"
    await to.until(lambda: len(to.received) == 3)

    status, rotated, headers = await admin.ask("POST", f"{path}/secrets")
    assert (status, headers["cache-control"]) == (201, "no-store")
    await admin.ask("POST", f"{path}/tests")
    await to.until(lambda: len(to.received) == 4)
    both = to.received[-1]
    assert _fits(secret, both) and _fits(rotated["secret"], both) and not _fits(Key.shared().text, both)

    assert (await admin.ask("POST", f"{path}/replays", {"events": [opened]}))[:2] == (202, {"deliveries": 1})
    await to.until(lambda: len(to.received) == 5)
    assert (to.received[-1].headers["webhook-id"], to.received[-1].raw) == (opened, to.received[1].raw)
    nothing = await admin.ask("POST", f"{path}/replays", {"since": "2026-01-01T00:00:00Z"})
    assert nothing[:2] == (202, {"deliveries": 0})

    assert (await admin.ask("DELETE", path))[0] == 204
    assert (await admin.get(path))["removed_at"] is not None
    assert (await desk.ask("PUT", f"/v1/incidents/{case}/handling", {}))[0] == 200
    await asyncio.sleep(0.4)
    assert len(to.received) == 5
    log = await office.pool.fetch("select action from posko.log_entry where subject = $1 order by id", f"webhook {one}")
    assert [r["action"].removeprefix("webhook.") for r in log] == [
        "add", "challenge", "test", "pause", "resume", "rotate", "test", "replay", "replay", "remove",
    ]  # fmt: skip


async def test_what_is_refused_is_parked_and_given_up_by_hand(office: Office) -> None:
    admin, desk = await office.sign(), await office.sign("operator")
    one, _ = await office.add(admin, types=["incident.opened", "incident.acknowledged"])
    office.receiver.answers = lambda r: 422 if r.body["type"] == "incident.opened" else 200
    case = await office.file(desk)
    await desk.ask("PUT", f"/v1/incidents/{case}/acknowledgement", {})
    async with asyncio.timeout(90):
        while not (await admin.get(f"{HOOKS}/{one}"))["parked"]:
            await office.pool.execute(
                "update posko.delivery_key set next_at = least(next_at, posko.now()) where next_at <> 'infinity'"
            )
            await asyncio.sleep(0.3)
    (parked,) = (await admin.get(f"{HOOKS}/{one}/deliveries?state=parked&state=dead"))["rows"]
    assert (parked["type"], parked["attempts"], parked["next_at"]) == ("incident.opened", 3, None)
    failed = (await admin.get(f"{HOOKS}/{one}/attempts?failed=true"))["rows"]
    assert [a["status"] for a in failed] == [422, 422, 422]
    skipped = await admin.ask("DELETE", f"{HOOKS}/{one}/deliveries/{parked['id']}")
    again = await admin.ask("DELETE", f"{HOOKS}/{one}/deliveries/{parked['id']}")
    unknown = await admin.ask("DELETE", f"{HOOKS}/{one}/deliveries/{uuid7()}")
    assert (skipped[0], again[0], unknown[0]) == (204, 409, 404)
    await office.receiver.until(lambda: office.receiver.types()[-1] == "incident.acknowledged")
    (row,) = (await admin.get(f"{HOOKS}/{one}/deliveries?state=skipped"))["rows"]
    assert row["why"] == "given up by hand"


@pytest.mark.parametrize(
    ("more", "path", "rule"),
    [
        ({"url": "http://hook.example/x"}, "$.url", "url-scheme"),
        ({"url": "https://u:p@hook.example/x"}, "$.url", "url-userinfo"),
        ({"url": "https://hook.example/x#y"}, "$.url", "url-fragment"),
        ({"url": "https://hook.example:22/"}, "$.url", "url-port"),
        ({"url": "https://169.254.169.254/latest"}, "$.url", None),
        ({"url": "https://hook.example/" + "x" * 2000}, "$.url", None),
        ({"url": ""}, "$.url", None),
        ({"url": "https://hook.example/3172011234567890"}, "$.url", "no-nik"),
        ({"description": "warga 3172011234567890"}, "$.description", "no-nik"),
        ({"description": ""}, "$.description", None),
        ({"description": "x" * 201}, "$.description", None),
        ({"description": "a\u0000b"}, "$.description", None),
        ({"types": []}, "$.types", None),
        ({"types": ["incident.opened", "incident.exploded"]}, "$.types[1]", "event-type"),
        ({"types": ["incident*"]}, "$.types[0]", "event-type"),
        ({"types": ["incident.*"] * 33}, "$.types", None),
        ({"rate": 0}, "$.rate", None),
        ({"rate": 1001}, "$.rate", None),
        ({"payload": "fat"}, "$.payload", None),
        ({"region": "jakarta"}, "$.region", None),
        ({"secret": "whsec_x"}, "$.secret", None),
    ],
    ids=str,
)  # fmt: skip
async def test_bad_input_is_told_by_field_and_rule(office: Office, more: dict[str, Any], path: str, rule: str) -> None:
    admin = await office.sign()
    status, said, _ = await admin.ask("POST", HOOKS, office.said(**more))
    assert status == 422, said
    assert said["errors"][0]["path"] == path and (rule is None or said["errors"][0]["rule"] == rule), said
    assert "3172011234567890" not in json.dumps(said)
    assert (await admin.get(office.here))["rows"] == []


async def test_a_seat_keeps_the_endpoints_of_its_own_region_and_operation(office: Office) -> None:
    async with office.pool.acquire() as connection:
        other = (await make_small(connection)).operation
    admin, beside = await office.sign(), await office.sign("admin", office.small.kecamatan[1])
    cleared = await office.sign(cleared=True)
    elsewhere = await office.sign("admin", operation=other)
    one, _ = await office.add(admin, region=office.small.kecamatan[0])
    (status, made, _) = await cleared.ask("POST", HOOKS, office.said(cleared=True))
    assert status == 201
    hidden = made["endpoint"]["id"]

    for who, theirs in ((beside, one), (elsewhere, one), (admin, hidden)):
        for method, ending, body in (
            ("GET", "", None), ("PUT", "", office.said()), ("DELETE", "", None), ("GET", "/deliveries", None), ("GET", "/attempts", None),
            ("POST", "/tests", None), ("POST", "/challenges", None), ("PUT", "/pause", {"reason": "iseng saja"}), ("DELETE", "/pause", None),
            ("POST", "/secrets", None), ("POST", "/replays", {"since": "2026-01-01T00:00:00Z"}), ("DELETE", f"/deliveries/{uuid7()}", None),
        ):  # fmt: skip
            assert (await who.ask(method, f"{HOOKS}/{theirs}{ending}", body))[0] == 404, (method, ending)
        assert theirs not in [e["id"] for e in (await who.get(HOOKS))["rows"]]
    ask = [
        await admin.ask("POST", HOOKS, office.said(cleared=True)),
        await admin.ask("PUT", f"{HOOKS}/{one}", office.said(cleared=True)),
        await admin.ask("PUT", f"{HOOKS}/{one}", office.said(operation=other)),
        await admin.ask("POST", HOOKS, office.said(region="32")),
        await admin.ask("POST", HOOKS, office.said(region=office.small.root + ".99")),
        await admin.ask("POST", HOOKS, office.said(region=office.small.tps[0])),
        await admin.ask("POST", HOOKS, office.said(operation=2_000_000)),
        await beside.ask("POST", HOOKS, office.said()),
        await elsewhere.ask("POST", HOOKS, office.said()),
    ]
    assert [a[0] for a in ask] == [403, 403, 403, 404, 404, 422, 404, 404, 404]
    lane = await office.pool.fetchval("select id from posko.operation where restricts = $1", office.small.operation)
    assert (await cleared.ask("POST", HOOKS, office.said(operation=lane)))[0] == 404
    for role in ("petugas", "operator", "supervisor", "auditor"):
        who = await office.sign(role)
        assert (await who.ask("GET", HOOKS))[0] == (await who.ask("GET", f"{HOOKS}/{one}/attempts"))[0] == 403
    # An admin of a part sees what lies in it; whoever is above sees it too.
    part = await office.sign("admin", office.small.kecamatan[0])
    assert [e["id"] for e in (await part.get(office.here))["rows"]] == [one]
    assert [e["id"] for e in (await cleared.get(office.here))["rows"]] == [one, hidden]


async def test_another_url_must_answer_first_whatever_the_one_before_says(office: Office) -> None:
    admin = await office.sign()
    one, _ = await office.add(admin)
    changed = await admin.ask("PUT", f"{HOOKS}/{one}", office.said(url=office.receiver.url("lain")))
    assert (changed[0], changed[1]["state"], changed[1]["verified_at"]) == (200, "unverified", None)
    assert [(await admin.ask("POST", f"{HOOKS}/{one}/{x}"))[0] for x in ("tests",)] == [409]
    assert (await admin.ask("DELETE", f"{HOOKS}/{one}/pause"))[0] == 409
    # A challenge is under way to an address that answers late; meanwhile the endpoint becomes another one's.
    office.receiver.challenge_slow_s = 1.5
    assert (await admin.ask("POST", f"{HOOKS}/{one}/challenges"))[0] == 202
    await office.receiver.until(lambda: office.receiver.challenged[-1:] == ["/lain"])
    assert (await admin.ask("PUT", f"{HOOKS}/{one}", office.said(url="http://127.0.0.1:9/korban")))[0] == 200
    await asyncio.sleep(2.5)
    found = await admin.get(f"{HOOKS}/{one}")
    assert (found["state"], found["url"]) == ("unverified", "http://127.0.0.1:9/korban")
    # The next challenge goes to the new address, though nothing of the old turn has ended.
    office.receiver.challenge_slow_s = 0
    assert (await admin.ask("PUT", f"{HOOKS}/{one}", office.said(url=office.receiver.url("baru"))))[0] == 200
    assert (await admin.ask("POST", f"{HOOKS}/{one}/challenges"))[0] == 202
    await office.until(admin, one, lambda e: e["state"] == "active")
    assert office.receiver.challenged[-1] == "/baru"


async def test_a_secret_is_shown_once_and_stands_nowhere(office: Office) -> None:
    admin = await office.sign()
    status, made, headers = await admin.ask("POST", HOOKS, office.said())
    assert (status, headers["cache-control"]) == (201, "no-store")
    one, shown = made["endpoint"]["id"], [made["secret"]]
    await admin.ask("POST", f"{HOOKS}/{one}/challenges")
    await office.until(admin, one, lambda e: e["state"] == "active")
    for _ in range(4):
        status, said, _ = await admin.ask("POST", f"{HOOKS}/{one}/secrets")
        if status == 201:
            shown.append(said["secret"])
    assert status == 409 and len(shown) == 4  # the first, and three rotations
    answers = [
        await admin.get(office.here), await admin.get(f"{HOOKS}/{one}"), await admin.get(f"{HOOKS}/{one}/deliveries"),
        await admin.get(f"{HOOKS}/{one}/attempts"), await admin.get("/v1/log?limit=500"), said,
    ]  # fmt: skip
    everything = json.dumps(answers) + office.posko.log("serve") + office.posko.log("work")
    dump = await office.pool.fetch(
        "select k::text from posko.endpoint_key k union all select e::text from posko.endpoint e union all select l::text from posko.log_entry l"
        " union all select a::text from posko.attempt a union all select v::text from posko.event v"
    )
    everything += " ".join(r[0] for r in dump)
    for secret in shown:
        raw = Key.parse(secret).raw
        assert secret.removeprefix("whsec_") not in everything and raw.hex() not in everything
    assert "whsec_" not in everything
    # The challenge was for the endpoint's own eyes: the list of deliveries tells nobody what to answer.
    assert 'challenge":' not in json.dumps(answers[2])


async def test_pages_go_on_where_the_last_one_ended(office: Office) -> None:
    admin, desk = await office.sign(), await office.sign("operator")
    one, _ = await office.add(admin, types=["incident.opened"])
    other, _ = await office.add(admin, types=["report.*"])
    cases = [await office.file(desk) for _ in range(5)]
    await office.receiver.until(lambda: len(office.receiver.received) == 5)
    await office.until(admin, one, lambda e: e["waiting"] == 0)
    # Sixteen deliveries are under way at a time: several attempts begin in the same moment.
    await office.pool.execute("update posko.attempt set at = date_trunc('day', at) where endpoint_id = $1", one)
    for what, cursor in (("deliveries", "after"), ("attempts", "before")):
        path, seen = f"{HOOKS}/{one}/{what}?limit=2", []
        page = await admin.get(path)
        while True:
            seen += page["rows"]
            if page["next"] is None:
                break
            page = await admin.get(f"{path}&{cursor}={page['next']}")
        assert len(seen) == len(cases) + 1 == len({json.dumps(r) for r in seen}), what  # and the challenge
        assert seen == (await admin.get(f"{HOOKS}/{one}/{what}"))["rows"]
        if what == "deliveries":
            assert [r["sequence"] for r in seen] == list(range(len(seen), 0, -1))
    first = await admin.get(f"{office.here}&limit=1")
    then = await admin.get(f"{office.here}&limit=1&after={first['next']}")
    assert [first["rows"][0]["id"], then["rows"][0]["id"], then["next"]] == [one, other, None]


async def test_what_was_sent_to_a_removed_endpoint_is_read_by_who_kept_it_and_nothing_is_done_to_it(
    office: Office,
) -> None:
    admin, desk = await office.sign(), await office.sign("operator")
    beside, cleared = await office.sign("admin", office.small.kecamatan[1]), await office.sign(cleared=True)
    one, _ = await office.add(admin, region=office.small.kecamatan[0], types=["incident.opened"])
    kept, _ = await office.add(admin, types=["report.*"])
    await office.file(desk)
    await office.until(admin, one, lambda e: e["sequence"] == 2 and e["waiting"] == 0)
    path = f"{HOOKS}/{one}"
    before = [await admin.get(f"{path}/{what}") for what in ("deliveries", "attempts")]
    assert [len(page["rows"]) for page in before] == [2, 2]  # and the challenge

    assert (await admin.ask("DELETE", path))[0] == 204

    assert [await admin.get(f"{path}/{what}") for what in ("deliveries", "attempts")] == before
    found = await admin.get(path)
    assert (found["removed_by"], found["keys"], found["waiting"]) == (admin.name, 0, 0)  # type: ignore[attr-defined]
    assert datetime.datetime.fromisoformat(found["removed_at"]).tzinfo is not None
    assert [e["id"] for e in (await admin.get(office.here))["rows"]] == [kept]
    assert [e["id"] for e in (await admin.get(f"{office.here}&removed=true"))["rows"]] == [one]
    for method, ending, body in (
        ("PUT", "", office.said()), ("DELETE", "", None), ("POST", "/tests", None), ("POST", "/challenges", None),
        ("PUT", "/pause", {"reason": "iseng saja"}), ("DELETE", "/pause", None), ("POST", "/secrets", None),
        ("POST", "/replays", {"since": "2026-01-01T00:00:00Z"}), ("DELETE", f"/deliveries/{before[0]['rows'][0]['id']}", None),
    ):  # fmt: skip
        status, why, _ = await admin.ask(method, path + ending, body)
        assert (status, why["code"]) == (404, "endpoint-unknown"), (method, ending)
    assert [(await beside.ask("GET", path + ending))[0] for ending in ("", "/deliveries", "/attempts")] == [404] * 3
    assert (await beside.get(f"{office.here}&removed=true"))["rows"] == []
    assert (await cleared.get(f"{path}/attempts"))["rows"] == before[1]["rows"]
    assert (await desk.ask("GET", f"{path}/attempts"))[0] == 403


@pytest.mark.parametrize(
    "before",
    [
        "2026-01-01T00:00:00Z",
        "x~1~1",
        "2026-01-01T00:00:00~1~1",
        "2026-01-01T00:00:00Z~-1~1",
        f"2026-01-01T00:00:00Z~{1 << 63}~1",
    ],
)
async def test_what_is_no_end_of_a_page_is_refused(office: Office, before: str) -> None:
    admin = await office.sign()
    one, _ = await office.add(admin)

    status, why, _ = await admin.ask("GET", f"{HOOKS}/{one}/attempts?before={before}")

    assert (status, [(e["path"], e["rule"]) for e in why["errors"]]) == (422, [("$.before", "cursor")])


async def test_what_was_never_for_an_endpoint_is_not_sent_again(office: Office) -> None:
    admin, desk = await office.sign(), await office.sign("operator")
    one, _ = await office.add(admin, types=["incident.opened"])
    other, _ = await office.add(admin, url=office.receiver.url("lain"), types=["report.*"])
    await office.file(desk)
    await office.receiver.until(lambda: len(office.receiver.received) == 1)
    told = office.receiver.received[0].headers["webhook-id"]
    await office.until(admin, one, lambda e: e["waiting"] == 0)
    for endpoint, events in ((one, [str(uuid7())]), (one, [told, str(uuid7())]), (other, [told])):
        status, said, _ = await admin.ask("POST", f"{HOOKS}/{endpoint}/replays", {"events": events})
        assert (status, said["code"]) == (404, "not-found"), said
        assert [(e["path"], e["rule"]) for e in said["errors"]] == [("$.events", "delivery")]
    (row,) = (await admin.get(f"{HOOKS}/{one}/deliveries?event={told}"))["rows"]
    assert (row["state"], row["is_replayed"], len(office.receiver.received)) == ("delivered", False, 1)


async def test_a_pause_says_why_anew(office: Office) -> None:
    admin = await office.sign()
    one, _ = await office.add(admin)
    for reason in ("pindah mesin", "mesin baru belum siap"):
        assert (await admin.ask("PUT", f"{HOOKS}/{one}/pause", {"reason": reason}))[0] == 200
        found = await admin.get(f"{HOOKS}/{one}")
        assert (found["state"], found["state_why"]) == ("paused", reason)
    assert (await admin.ask("DELETE", f"{HOOKS}/{one}/pause"))[1]["state_why"] is None


async def test_an_endpoint_that_fails_is_an_alarm_at_its_desk_until_it_answers_again(office: Office) -> None:
    admin, desk = await office.sign(), await office.sign("operator")
    office.receiver.answers = lambda _: 503
    one, _ = await office.add(admin, types=["incident.opened"])
    for _ in range(5):
        await office.file(desk)
    failing = await office.until(admin, one, lambda e: e["failing_since"])
    assert failing["state"] == "active"
    alarms = f"/v1/alarms?operation={office.small.operation}&region={office.small.root}"
    (alarm,) = (await desk.get(f"{alarms}&kind=webhook"))["rows"]
    assert (alarm["kind"], alarm["place"], alarm["missing"], alarm["expected"]) == ("webhook", office.small.root, 1, 1)
    assert alarm in (await desk.get(alarms))["rows"]
    assert (await desk.ask("PUT", f"/v1/alarms/{alarm['id']}/acknowledgement", {}))[0] == 200
    office.receiver.answers = lambda _: 200
    await office.until(admin, one, lambda e: e["failing_since"] is None)
    assert (await desk.get(f"{alarms}&kind=webhook"))["rows"] == []


async def test_no_nik_gets_into_what_is_told(office: Office) -> None:
    text = "NIK 3172011234567890"
    desk = await office.sign("operator")
    case, order = await office.file(desk), uuid7()
    op, tps = office.small.operation, office.small.tps[0]
    deadline = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=2)).isoformat()
    directive = {
        "operation": op, "from": office.small.root, "kind": "perintah", "requires": "terima", "text": text,
        "deadline": deadline, "to": {"kind": "places", "places": [tps]},
    }  # fmt: skip
    asked = {
        "report": await desk.put(report(op, tps, incident("tinggi", text=text))),
        "comment": await desk.ask("POST", f"/v1/incidents/{case}/comments", {"said": text}),
        "resolution": await desk.ask("PUT", f"/v1/incidents/{case}/resolution", {"said": text}),
        "escalation": await desk.ask("PUT", f"/v1/incidents/{case}/escalation", {"said": text}),
        "request": await desk.ask("POST", f"/v1/incidents/{case}/requests", {"kind": "advice", "addressee": "kpu", "said": text}),
        "directive": await desk.ask("PUT", f"/v1/directives/{order}", directive),
    }  # fmt: skip
    for what, (status, said, _) in asked.items():
        assert status == 422 and said["errors"][0]["rule"] == "no-nik", (what, said)


async def test_where_a_receiver_is_told_to_ask_there_is_an_answer(office: Office) -> None:
    admin, desk = await office.sign(cleared=True), await office.sign("operator", cleared=True)
    await office.add(admin, types=["*"], payload="thin", cleared=True)
    op, tps = office.small.operation, office.small.tps
    case = await office.file(desk)
    await office.file(desk, restricted=True)
    assert (await desk.put(report(op, tps[0], turnout(300, 100))))[0] == 201
    deadline = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=2)).isoformat()
    order = {
        "operation": op,
        "from": office.small.root,
        "kind": "perintah",
        "requires": "terima",
        "text": "Cek segel",
        "deadline": deadline,
    }
    order |= {"to": {"kind": "places", "places": [tps[0]]}, "incident": case}
    assert (await desk.ask("PUT", f"/v1/directives/{uuid7()}", order))[0] == 201
    for place in tps:
        assert (await desk.put(report(op, place, milestone("voting_open"))))[0] == 201
    failing, _ = await office.add(admin, url=office.receiver.url("gagal"), types=["endpoint.test"])
    async with office.pool.acquire() as connection:
        await connection.fetch("select * from api.turn_endpoint($1, true)", failing)
    wanted = {
        "incident.opened",
        "report.flagged",
        "directive.issued",
        "rollup.threshold",
        "alarm.raised",
        "endpoint.failing",
    }
    await office.receiver.until(lambda: wanted <= set(office.receiver.types()))
    assert any(r.body["data"]["restricted"] for r in office.receiver.received)
    for got in office.receiver.received:
        assert "what" not in got.body["data"] or got.body["type"].startswith("endpoint.t")
        where = got.body["data"]["href"].removeprefix(office.posko.url)
        status, said, _ = await admin.ask("GET", where)
        assert status == 200, (got.body["type"], where, said)


async def test_what_there_is_to_be_told_of_is_open_to_all(office: Office) -> None:
    nobody = Client(office.http, office.posko.url)
    types = await nobody.get("/v1/webhook-events")
    keys = await nobody.get("/.well-known/posko-webhook-keys.json")
    assert {"incident.opened", "alarm.raised", "directive.issued", "rollup.threshold"} <= {t["type"] for t in types}
    for one in types:
        jsonschema.Draft202012Validator.check_schema(one["schema"])
        assert one["description"] and one["schema"]["title"] == one["type"]
    assert [k["kind"] for k in keys["keys"]] == ["v1a"] and keys["keys"][0]["key"].startswith("whpk_")
    assert (await nobody.ask("GET", HOOKS))[0] == 401


async def test_what_a_receiver_answers_is_for_admins_alone(office: Office) -> None:
    admin = await office.sign()
    one, _ = await office.add(admin)
    await admin.ask("POST", f"{HOOKS}/{one}/tests")
    await office.receiver.until(lambda: len(office.receiver.received) == 1)
    await office.until(admin, one, lambda e: e["waiting"] == 0)
    assert "said said" in json.dumps(await admin.get(f"{HOOKS}/{one}/attempts"))
    for role in ("operator", "supervisor", "auditor"):
        who = await office.sign(role, cleared=True)
        for path in (f"{HOOKS}/{one}/attempts", f"{HOOKS}/{one}/deliveries", f"{HOOKS}/{one}", HOOKS):
            status, said, _ = await who.ask("GET", path)
            assert status == 403 and "said said" not in json.dumps(said)
        assert "said said" not in json.dumps((await who.ask("GET", "/v1/log?limit=500"))[1])
    assert "said said" not in office.posko.log("work") + office.posko.log("serve")
