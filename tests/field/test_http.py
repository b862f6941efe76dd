"""The field over HTTP: the same as its parts one by one, what is not sent again, who is told what."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from posko import db
from posko.accounts import opening, store
from posko.accounts.opening import Caller, Proof
from posko.config import Settings
from posko.field.field import choice_of, tops_of, worked_on
from posko.regions.operation import Operation
from tests.client import Client
from tests.factories import Small, make_account, make_small, milestone, report, turnout, uuid7
from tests.running import Running

SECOND_FACTOR = Settings(database_url="", redis_url="", secret_key="x" * 32, second_factor="required")
PARTS = {"session", "operations", "detail", "choices", "tps", "owed", "directives"}


@pytest.fixture
async def ground(served: Small, server_pool: db.Pool) -> Small:
    """The small operation, whose TPS owe what they owe."""
    async with server_pool.acquire() as connection:
        await connection.execute("select api.lay_obligations($1)", served.operation)
    return served


class Somebody:
    """Signs in as somebody new and asks for their field."""

    def __init__(self, http: aiohttp.ClientSession, running: Running, pool: db.Pool) -> None:
        self._http, self._running, self._pool = http, running, pool

    async def sign_in(self, role: str, *regions: str, operation: int | None = None) -> Client:
        name = f"{role}-{secrets.token_hex(4)}"
        async with self._pool.acquire() as connection:
            await make_account(connection, name, role, *regions, operation=operation)
        return await Client(self._http, self._running.url).sign_in(name)


@pytest.fixture
async def desk(running: Running, ground: Small) -> AsyncIterator[Client]:
    """An operator of all of it."""
    async with aiohttp.ClientSession() as http:
        yield await Client(http, running.url).sign_in("operator")


@pytest.fixture
async def somebody(running: Running, server_pool: db.Pool) -> AsyncIterator[Somebody]:
    async with aiohttp.ClientSession() as http:
        yield Somebody(http, running, server_pool)


async def _order(desk: Client, small: Small) -> None:
    """A directive to the TPS of the first kelurahan."""
    deadline = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=2)
    said = {"operation": small.operation, "from": small.root, "kind": "perintah", "requires": "terima"}
    said |= {"text": "Amankan kotak", "deadline": deadline.isoformat(), "to": {"kind": "tps", "region": small.kelurahan[0]}}  # fmt: skip
    status, body, _ = await desk.ask("PUT", f"/v1/directives/{uuid7()}", said)
    assert status == 201, body


def _timeless(said: Any) -> Any:
    """Without the clock beside it."""
    return {k: v for k, v in said.items() if k != "at"}


def _have(field: dict[str, Any]) -> str:
    return ",".join(field["marks"].values())


async def test_it_is_what_the_routes_of_its_parts_answer(somebody: Somebody, desk: Client, ground: Small) -> None:
    tps = ground.tps[0]
    await desk.put(report(ground.operation, tps, milestone("voting_open")))
    await desk.put(report(ground.operation, tps, turnout(300, 100)))  # over the DPT: a flag
    await _order(desk, ground)
    phone = await somebody.sign_in("petugas", tps, operation=ground.operation)
    phone.operation = ground.operation

    field = await phone.get("/v1/field")

    assert set(field["marks"]) == PARTS
    assert (field["operation"], field["place"]) == (ground.operation, tps)
    assert field["session"] == await phone.get("/v1/sessions/current")
    assert field["operations"] == await phone.get("/v1/operations")
    assert field["detail"] == await phone.get(f"/v1/operations/{ground.operation}")
    clock = await phone.get(f"/v1/operations/{ground.operation}/clock")
    assert field["clock"]["speed"] == clock["speed"] and field["clock"]["at"] < clock["at"]
    assert _timeless(field["tps"]) == _timeless(await phone.get(f"/v1/tps/{tps}"))
    assert [flag["kind"] for flag in field["tps"]["flags"]] == ["turnout_over"]
    assert _timeless(field["owed"]) == _timeless(await phone.get(f"/v1/tps/{tps}/obligations"))
    assert field["directives"] == (await phone.get(f"/v1/desks/{tps}/directives"))["rows"]
    assert len(field["directives"]) == 1
    assert field["choices"] == [{"code": tps, "name": "TPS 001", "parent_name": None}]
    metrics = (await phone.ask("GET", "/metrics"))[1].decode()
    assert 'posko_http_responses_total{route="GET field",status="200"}' in metrics


async def test_a_phones_first_answer_is_zipped_and_a_short_one_is_not(somebody: Somebody, ground: Small) -> None:
    phone = await somebody.sign_in("petugas", ground.tps[0], operation=ground.operation)
    have = _have(await phone.get("/v1/field"))
    asked: dict[str, int] = {}
    async with aiohttp.ClientSession(auto_decompress=False) as line:
        for query in ("", f"?have={have}"):
            for encoding in ("gzip", "identity"):
                said = {"authorization": f"Bearer {phone.token}", "accept-encoding": encoding}
                async with line.get(f"{phone.url}/v1/field{query}", headers=said) as answer:
                    is_zipped = answer.headers.get("content-encoding") == "gzip"
                    assert is_zipped == (encoding == "gzip" and not query)
                    asked[encoding + query] = len(await answer.read())

    assert asked["gzip"] * 3 < asked["identity"]


async def test_who_has_more_than_one_tps_chooses_and_is_told_of_that_one(somebody: Somebody, ground: Small) -> None:
    kelurahan, apart = ground.kelurahan[0], ground.tps[-1]
    phone = await somebody.sign_in("operator", apart, kelurahan, f"{kelurahan}.001", operation=ground.operation)
    phone.operation = ground.operation
    behind = (await phone.get(f"/v1/regions/{kelurahan}/tps?counter=tps&limit=500"))["places"]

    field = await phone.get("/v1/field")
    chosen = await phone.get(f"/v1/field?operation={ground.operation}&place={ground.tps[1]}")

    assert field["choices"] == [{"code": apart, "name": "TPS 003", "parent_name": None}] + [
        {k: place.get(k) for k in ("code", "name", "parent_name")} for place in behind
    ]
    assert "place" not in field and not PARTS & {"tps", "owed", "directives"} & set(field["marks"])
    assert (chosen["place"], chosen["tps"]["code"], chosen["owed"]["place"]) == (ground.tps[1],) * 3


async def test_what_one_has_and_is_so_still_is_not_sent_again(somebody: Somebody, desk: Client, ground: Small) -> None:
    phone = await somebody.sign_in("petugas", ground.tps[0], operation=ground.operation)
    first = await phone.get("/v1/field")
    asked = f"/v1/field?operation={ground.operation}&place={ground.tps[0]}&have="
    await desk.put(report(ground.operation, ground.tps[1], milestone("voting_open")))  # the version moves

    same = await phone.get(asked + _have(first))
    await desk.put(report(ground.operation, ground.tps[0], milestone("voting_open")))
    reported = await phone.get(asked + _have(same))
    await _order(desk, ground)
    told = await phone.get(asked + _have(reported))
    other = await phone.get(f"/v1/field?have={'x' * 12},{first['marks']['owed']}")

    assert set(same) == {"marks", "operation", "place", "clock"} and same["marks"] == first["marks"]
    assert set(reported) - set(same) == {"tps", "owed"}
    assert set(told) - set(same) == {"directives", "tps"}  # which counts its directives
    assert set(other) - set(same) == PARTS


async def test_a_changed_plan_another_seat_and_another_tps_are_sent(
    somebody: Somebody, ground: Small, server_pool: db.Pool
) -> None:
    chief = await somebody.sign_in("supervisor", ground.kelurahan[0], operation=ground.operation)
    asked = f"/v1/field?operation={ground.operation}&place="
    first = await chief.get(asked + ground.tps[0])
    other = await chief.get(f"{asked}{ground.tps[1]}&have={_have(first)}")
    async with server_pool.acquire() as connection:
        await connection.execute(
            "select api.set_milestone($1, 'voting_open', null, null, '07:30', null, null, null)", ground.operation
        )
    planned = await chief.get(f"{asked}{ground.tps[1]}&have={_have(other)}")
    narrower = await somebody.sign_in("supervisor", ground.tps[1], operation=ground.operation)
    seated = await narrower.get(f"{asked}{ground.tps[1]}&have={_have(planned)}")

    # No directive here nor there, and yet each has a mark of its own: what one has is of one TPS.
    assert set(other) & PARTS == {"tps", "owed", "directives"}
    assert set(planned) & PARTS >= {"detail"}
    assert planned["detail"]["milestones"] != first["detail"]["milestones"]
    assert set(seated) & PARTS == {"session", "choices"}


async def test_what_may_not_be_worked_on_is_as_what_does_not_exist(
    somebody: Somebody, ground: Small, server_pool: db.Pool
) -> None:
    async with server_pool.acquire() as connection:
        other = await make_small(connection)
        lane = await connection.fetchval("select id from posko.operation where restricts = $1", ground.operation)
    phone = await somebody.sign_in("operator", ground.tps[0], ground.tps[1], operation=ground.operation)
    path = "/v1/field?operation="
    asked = [
        f"{path}{ground.operation}&place={ground.tps[2]}",  # beside the seat
        f"{path}{ground.operation}&place={ground.kelurahan[0]}.999",  # nowhere
        f"{path}{ground.operation}&place={ground.kelurahan[0]}",  # no TPS, and above the seat
        f"{path}{other.operation}",
        f"{path}{lane}",
        f"{path}999999",
    ]

    answers = [_clockless(await phone.get(one)) for one in asked]

    assert all(answer == answers[0] for answer in answers)
    assert (answers[0]["operation"], "place" in answers[0]) == (ground.operation, False)
    assert (await phone.ask("GET", "/v1/field?place=31.7"))[0] == 422
    assert (await phone.ask("GET", "/v1/field?have=x"))[0] == 422


def _clockless(field: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in field.items() if k != "clock"}


async def test_a_closed_operation_gives_way_to_one_that_is_under_way(
    somebody: Somebody, ground: Small, server_pool: db.Pool
) -> None:
    async with server_pool.acquire() as connection:
        newer = await make_small(connection)
        await connection.execute("update posko.operation set mode = 'live' where id = $1", ground.operation)
        # Nearer to today than what other tests have under way here.
        await connection.execute(
            "update posko.operation set mode = 'live', voting_day = (posko.now() at time zone 'Asia/Jakarta')::date where id = $1",
            newer.operation,
        )
    phone = await somebody.sign_in("petugas", ground.tps[0])

    kept = await phone.get(f"/v1/field?operation={ground.operation}")
    async with server_pool.acquire() as connection:
        await connection.execute("select api.close($1)", ground.operation)
    given_way = await phone.get(f"/v1/field?operation={ground.operation}&place={ground.tps[0]}&have={_have(kept)}")
    async with server_pool.acquire() as connection:
        await connection.execute("select api.close($1)", newer.operation)

    assert (kept["operation"], "clock" in kept) == (ground.operation, False)
    assert (given_way["operation"], given_way["place"]) == (newer.operation, ground.tps[0])
    assert given_way["detail"]["id"] == given_way["tps"]["operation"] == given_way["owed"]["operation"] == newer.operation  # fmt: skip
    assert "directives" in given_way and "session" not in given_way


async def test_without_a_choice_it_is_the_operation_that_votes_today_by_its_clock_and_in_its_zone(
    somebody: Somebody, ground: Small, server_pool: db.Pool
) -> None:
    """At half past midnight of the voting day it is the day before in UTC, still."""
    async with server_pool.acquire() as connection:
        later = await make_small(connection)
        await connection.execute(
            "update posko.operation set mode = 'live', voting_day = (posko.now() at time zone 'Asia/Jakarta')::date + 1 where id = $1",
            later.operation,
        )
        await connection.execute(
            "update posko.operation set clock_at = '2024-11-26T17:30:00Z', clock_set_at = posko.now(), clock_speed = 1 where id = $1",
            ground.operation,
        )
    phone = await somebody.sign_in("petugas", ground.tps[0])

    assert (await phone.get("/v1/field"))["operation"] == ground.operation
    assert (await phone.get(f"/v1/field?operation={later.operation}"))["operation"] == later.operation


async def test_who_may_open_no_record_is_told_of_the_session_alone(
    somebody: Somebody, ground: Small, server_pool: db.Pool
) -> None:
    wall = await somebody.sign_in("wall", ground.root)
    new = await somebody.sign_in("supervisor", ground.root)
    async with server_pool.acquire() as connection, connection.transaction():
        account, _ = await store.by_username(connection, await _name_of(new)) or (None, None)
        assert account is not None
        proof, caller = Proof(account, ("password",)), Caller("local", "tests")
        session = await opening.open_session(connection, proof, caller, SECOND_FACTOR)
    new.token = session.token

    for page in (wall, new):
        field = await page.get(f"/v1/field?operation={ground.operation}&place={ground.tps[0]}")

        assert set(field) == {"marks", "session"} and set(field["marks"]) == {"session"}
    assert (session.must_enrol, field["session"]["must_enrol"]) == ("passkey", "passkey")


async def _name_of(client: Client) -> str:
    name: str = (await client.get("/v1/sessions/current"))["account"]["username"]
    return name


DAY = datetime.date(2024, 11, 27)


def _operation(number: int, state: Any, day: datetime.date = DAY, mode: Any = "live") -> Operation:
    at = datetime.datetime(2024, 11, 1, tzinfo=datetime.UTC)
    return Operation(number, "x", mode, state, 1, 1, "31.72", 2, day, day, False, at)


def test_which_operation_is_worked_on() -> None:
    def of(wanted: int | None, *states: str) -> int | None:
        found = choice_of([_operation(n, state) for n, state in enumerate(states, 1)])
        chosen = worked_on(found, wanted, {o.id: DAY for o in found})
        return None if chosen is None else chosen.id

    states = ("closed", "active", "draft", "closed", "active")
    assert [o.id for o in choice_of([_operation(n, s) for n, s in enumerate(states, 1)])] == [5, 2, 4, 1]
    assert of(None, "active", "closed", "active") == 3
    assert of(1, "active", "closed", "active") == 1
    assert of(2, "active", "closed", "active") == 3
    assert of(1, "closed", "closed") == 1
    assert of(None, "closed", "closed") == 2
    assert of(1, "draft") is None


def test_of_several_under_way_the_one_that_votes_nearest_to_its_today_is_worked_on() -> None:
    today, later = DAY + datetime.timedelta(days=2), datetime.date(2027, 11, 28)

    def of(*voting: tuple[datetime.date, str], wanted: int | None = None, **clocks: datetime.date) -> int | None:
        found = choice_of([_operation(n, "active", day, mode) for n, (day, mode) in enumerate(voting, 1)])
        chosen = worked_on(found, wanted, {o.id: clocks.get(f"of_{o.id}", today) for o in found})
        return None if chosen is None else chosen.id

    assert of((today, "live"), (later, "live")) == 1
    assert of((DAY, "live"), (later, "live")) == 1, "the count goes on after the day"
    assert of((later, "live"), (DAY, "live")) == 2
    assert of((DAY, "live"), (DAY, "live")) == 2
    assert of((DAY, "live"), (DAY, "drill")) == 1
    assert of((today, "live"), (DAY, "drill"), of_2=DAY) == 1, "both vote today, one by a clock of its own"
    assert of((DAY, "live"), (later, "drill"), of_2=later) == 2
    assert of((today, "live"), (later, "live"), wanted=2) == 2


def test_what_a_seat_and_a_tree_have_in_common() -> None:
    assert tops_of(["ID"], "31.72") == ["31.72"]
    assert tops_of(["31.72.02", "31.72.01.1001", "31.72.01", "33"], "31.72") == ["31.72.02", "31.72.01"]
    assert tops_of(["31.7"], "31.72") == []
