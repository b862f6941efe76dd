"""PROTOCOL.md's webhooks: its examples fit their schemas and what is really sent, and its receiver works."""

from __future__ import annotations

import datetime
import re
import threading
import time
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import msgspec
import pytest

from posko import signature
from posko.webhooks import store
from posko.webhooks.endpoint import Replay
from posko.webhooks.event import schema
from posko.webhooks.told import CATALOGUE, ChallengeEvent, TestEvent
from tests.directives.orders import issue, say
from tests.factories import incident, turnout
from tests.incidents.ground import clock
from tests.webhooks.ground import Webhooks, all_settled

TEXT = (Path(__file__).parents[2] / "PROTOCOL.md").read_text(encoding="utf-8")
WHOLE = re.search(r"^```json webhook\n(.+?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
EXAMPLES = dict(re.findall(r"^```json what ([\w.]+)\n(.+?)\n```$", TEXT, re.MULTILINE | re.DOTALL))


def _body(kind: str) -> dict[str, Any]:
    """The whole body of the protocol, with another type's `what` in it."""
    assert WHOLE is not None
    found: dict[str, Any] = msgspec.json.decode(WHOLE[1])
    what = found["data"]["what"] if kind == "incident.opened" else msgspec.json.decode(EXAMPLES[kind])
    return {**found, "type": kind, "data": {**found["data"], "what": what}}


def test_every_type_has_an_example_and_a_line() -> None:
    assert {"incident.opened", *EXAMPLES} == set(CATALOGUE)
    for kind, (_, said) in CATALOGUE.items():
        assert f"| `{kind}` | {said} |" in TEXT, kind


@pytest.mark.parametrize("kind", CATALOGUE)
def test_an_example_fits_its_schema(kind: str) -> None:
    body = _body(kind)
    jsonschema.validate(body, schema(kind), cls=jsonschema.Draft202012Validator)
    msgspec.convert(body["data"]["what"], CATALOGUE[kind][0])
    broken = {**body, "data": {**body["data"], "what": {**body["data"]["what"], "nama": "x"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema(kind), cls=jsonschema.Draft202012Validator)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**body, "type": "x.y"}, schema(kind), cls=jsonschema.Draft202012Validator)


def _shape(thing: Any) -> Any:
    """Names, in order, and kinds of what they hold; nothing (null) fits any."""
    if isinstance(thing, dict):
        return {key: _shape(value) for key, value in sorted(thing.items())}
    if isinstance(thing, list):
        return [_shape(thing[0])] if thing else []
    return "number" if isinstance(thing, int | float) and not isinstance(thing, bool) else type(thing).__name__


def _fits(one: Any, other: Any) -> bool:
    if "NoneType" in (one, other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_fits(one[k], other[k]) for k in one)
    return bool(one == other)


async def _everything(hooks: Webhooks) -> dict[str, list[dict[str, Any]]]:
    """A day on which everything happens that systems are told of: bodies by type."""
    day, small = hooks.day, hooks.day.small
    one = await hooks.add(name="semua")
    new = await hooks.add(name="baru", verified=False)
    async with day.pool.acquire() as connection, connection.transaction():
        await store.call(connection, None, new, "endpoint.challenge", ChallengeEvent("hanya-untukmu"))
        await store.call(connection, None, one, "endpoint.test", TestEvent("Uji coba."))
    for failing in (True, False):
        async with day.pool.acquire() as connection:
            await connection.fetch("select * from api.turn_endpoint($1, $2)", one, failing)
    await day.at(clock(7, 45))
    await day.turn()
    alarm = await day.pool.fetchval("select id from posko.alarm where kind = 'belum_lapor' limit 1")
    await day.pool.execute("select * from api.acknowledge_alarm($1, $2, $3)", alarm, *day.people["supervisor"])
    for tps in small.tps:
        await day.file(tps, {"kind": "milestone", "milestone": "voting_open"})
    await day.turn()
    await day.at(clock(8))
    cases = [await day.file(tps, incident("tinggi", point={"latitude": -6.12, "longitude": 106.88})) for tps in small.tps[:4]]  # fmt: skip
    report = await day.file(small.tps[5], turnout(300, 100))
    places = {"kind": "places", "places": small.tps[:2]}
    late, done = (
        await issue(day, places, due=clock(8, 30), incident=cases[0]),
        await issue(day, places, requires="baca"),
    )
    for tps in small.tps[:2]:
        await say(day, done, tps, "receipt")
    back = await issue(day, places)
    await day.pool.execute(
        "select * from api.withdraw_directive($1, $2, $3, 'keliru', 200)", back, *day.people["operator"]
    )
    await day.at(clock(9))
    await day.turn()
    first, second, third, _ = cases
    for action in ("acknowledgement", "handling", "comment", "resolution", "closure", "reopening"):
        await day.act(first, action, "sudah dicek")
    await day.act(second, "merge", "sama", into=str(first))
    await day.file(small.tps[2], {"kind": "correction", "of": str(third), "reason": "salah TPS"})
    await day.turn()
    async with hooks.delivering():
        await all_settled(day.pool)
    assert late and report
    found: dict[str, list[dict[str, Any]]] = {}
    for got in [*hooks.receiver.received, *hooks.receiver.challenges]:
        found.setdefault(got.body["type"], []).append(got.body)
    return found


async def test_what_is_really_sent_has_the_shape_of_the_examples(hooks: Webhooks) -> None:
    found = await _everything(hooks)
    assert set(found) == set(CATALOGUE)
    for kind, bodies in found.items():
        for body in bodies:
            jsonschema.validate(body, schema(kind), cls=jsonschema.Draft202012Validator)
            wanted = _shape(_body(kind))
            assert _fits(_shape(body), wanted), (kind, _shape(body), wanted)


async def test_the_receiver_of_the_protocol_works(hooks: Webhooks) -> None:
    code = re.search(r"^```python webhook\n(.+?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
    assert code is not None and code[1].count("\n") < 30
    namespace: dict[str, Any] = {}
    exec(code[1], namespace)  # our own documentation
    taken: list[tuple[str, str, bool]] = []
    namespace["take"] = lambda event, is_news: taken.append((event["type"], event["data"]["place"], is_news))
    namespace["Receiver"].log_message = lambda *_: None
    listens = re.search(r"^It listens after `(.+)[.]serve_forever\(\)`", TEXT, re.MULTILINE)
    assert listens is not None
    server = eval(listens[1].replace("9000", "0"), namespace)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        await _use(hooks, f"http://127.0.0.1:{server.server_port}/", namespace, taken)
    finally:
        server.shutdown()
        server.server_close()


async def _use(hooks: Webhooks, url: str, receiver: dict[str, Any], taken: list[tuple[str, str, bool]]) -> None:
    day, small = hooks.day, hooks.day.small
    one = await hooks.add(url=url, verified=False, types=("incident.*",))

    async def run() -> dict[str, int]:
        async with hooks.delivering():
            await all_settled(day.pool)
        return await hooks.states(one)

    async def challenge() -> str:
        async with day.pool.acquire() as connection, connection.transaction():
            await store.call(connection, None, one, "endpoint.challenge", ChallengeEvent("hanya-untukmu"))
        await run()
        return str(await day.pool.fetchval("select state from posko.endpoint where id = $1", one))

    assert await challenge() == "unverified"  # it does not know the secret yet
    receiver["SECRETS"][:] = [hooks.secrets[one].text]
    assert (await challenge(), taken) == ("active", [])
    case = await day.file(small.tps[0], incident("tinggi"))
    await day.act(case, "acknowledgement")
    assert (await run())["delivered"] == 3
    assert taken == [("incident.opened", small.tps[0], True), ("incident.acknowledged", small.tps[0], True)]
    # Twice the same is taken once; what was lost and is sent again is known as old.
    events = await day.pool.fetch("select uid from posko.event where type like 'incident.%' order by id")
    for seen in (True, False):
        async with day.pool.acquire() as connection, connection.transaction():
            await store.replay(connection, None, one, Replay(events=(events[0]["uid"],)))
        if not seen:
            receiver["seen"].clear()
        await run()
    assert taken[2:] == [("incident.opened", small.tps[0], False)]
    # While keys are changed it takes the old and the new; a stranger's signature never.
    key, uid, sealed = hooks.keys.new()
    async with day.pool.acquire() as connection, connection.transaction():
        await store.rotate(connection, None, one, uid, sealed)
    for secrets_now in ([hooks.secrets[one].text], [key.text]):
        receiver["SECRETS"][:] = secrets_now
        await day.act(case, "comment", f"catatan {len(taken)}")
        await run()
    assert [t[0] for t in taken[3:]] == ["incident.updated", "incident.updated"]
    forged = signature.headers([key], "x", datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), b"{}")
    async with aiohttp.ClientSession() as http_client:
        for headers in (forged, {**forged, "webhook-timestamp": str(int(time.time()))}):
            async with http_client.post(url, data=b"{}", headers=headers) as answer:
                assert answer.status == 401
