"""An endpoint is told what a seat of its region and clearance would see, and nothing else; scope that is taken away stops what waits."""

from __future__ import annotations

import asyncio
import datetime
import re
import uuid
from typing import Any

import msgspec
import pytest

from posko import db, errors
from posko.webhooks import store
from posko.webhooks.endpoint import EndpointIn, Replay
from posko.webhooks.told import ChallengeEvent, TestEvent
from tests.directives.orders import issue
from tests.factories import incident, make_account, turnout, viewer_of
from tests.incidents.ground import Day, clock
from tests.webhooks.ground import Received, Webhooks, all_settled

HIDDEN = "rahasia-terbatas"


async def _lane(day: Day) -> int:
    found: int = await day.pool.fetchval("select id from posko.operation where restricts = $1", day.operation)
    return found


async def _seat(day: Day, name: str, role: str, *regions: str, cleared: bool = False) -> Any:
    async with day.pool.acquire() as connection:
        account = await make_account(connection, name, role, *(regions or (day.small.root,)), cleared=cleared)
        found = await viewer_of(connection, account)
    day.people[name] = (found.account_id, found.seat_id)
    return found


async def _secret_day(day: Day) -> uuid.UUID:
    """Everything that can happen to something that is terbatas."""
    lane, tps = await _lane(day), day.small.tps[0]
    await _seat(day, "terbatas", "operator", cleared=True)
    await day.at(clock(8))
    case = await day.file(tps, incident("kritis", text=HIDDEN), by="terbatas", operation=lane)
    await day.turn()
    for minutes in (3, 8, 20):
        await day.at(clock(8, minutes))
        await day.turn()
    text = f"{HIDDEN}: kirim regu"
    await issue(day, {"kind": "places", "places": [tps]}, text=text, by="terbatas", incident=case, due=clock(8, 30))
    await day.act(case, "comment", HIDDEN, by="terbatas")
    await day.act(case, "acknowledgement", by="terbatas")
    await day.at(clock(9))
    await day.turn()
    await day.act(case, "resolution", HIDDEN, by="terbatas")
    return case


def _about(got: list[Received]) -> set[str]:
    return {r.body["type"] for r in got}


async def test_what_is_terbatas_reaches_the_cleared_alone(hooks: Webhooks) -> None:
    day = hooks.day
    open_one = await hooks.add(name="umum")
    cleared = await hooks.add(name="terbatas", cleared=True)
    flagged = await _flag_in_the_lane(day)
    case = await _secret_day(day)
    async with hooks.delivering():
        await all_settled(day.pool)
    got = {path: [r for r in hooks.receiver.received if r.path == path] for path in ("/umum", "/terbatas")}
    hidden = [r for r in got["/terbatas"] if r.body["data"]["restricted"]]
    assert {
        "incident.opened", "incident.escalated", "incident.updated", "incident.acknowledged", "incident.resolved", "incident.overdue",
        "directive.issued", "directive.overdue", "directive.escalated", "report.flagged",
    } <= _about(hidden)  # fmt: skip
    assert any(HIDDEN in r.raw.decode() for r in hidden) and any(str(case) in r.raw.decode() for r in hidden)
    assert {r.body["data"]["operation"] for r in hidden} == {day.operation}  # whose lane it is, not the lane's own id
    told = b"".join(r.raw for r in got["/umum"])
    assert got["/umum"] and not any(r.body["data"]["restricted"] for r in got["/umum"])
    assert HIDDEN.encode() not in told and str(case).encode() not in told and str(flagged).encode() not in told
    # Nor does a gap or a number tell that there was something.
    for endpoint, path in ((open_one, "/umum"), (cleared, "/terbatas")):
        numbers = sorted(int(r.body["sequence"]) for r in got[path])
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) == await day.pool.fetchval("select sequence from posko.endpoint where id = $1", endpoint)
    assert not await day.pool.fetchval(
        "select exists (select from posko.delivery d join posko.event v on v.id = d.event_id where d.endpoint_id = $1 and v.operation_id = $2)",
        open_one, await _lane(day),
    )  # fmt: skip


async def _flag_in_the_lane(day: Day) -> uuid.UUID:
    """A report of the lane that is doubtful: of an hour that has not come."""
    await _seat(day, "terbatas", "operator", cleared=True)
    lane = await _lane(day)
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=3)
    return await day.file(day.small.tps[1], incident("rendah", text=HIDDEN), at=soon, by="terbatas", operation=lane)


async def test_nothing_outside_its_region_is_told(hooks: Webhooks) -> None:
    day, small = hooks.day, hooks.day.small
    for name, region in (("kota", small.root), ("camat", small.kecamatan[0]), ("sebelah", small.kecamatan[1])):
        await hooks.add(name=name, region=region)
    await day.at(clock(8))
    near, far = await day.file(small.tps[0], incident("kritis")), await day.file(small.tps[-1], incident("kritis"))
    await day.file(small.tps[-1], turnout(300, 100))  # more than there are voters: doubtful
    await day.turn()
    await day.act(far, "acknowledgement")
    await issue(day, {"kind": "places", "places": [small.tps[-1]]}, at=small.kelurahan[-1], due=clock(8, 30))
    await day.at(clock(9))
    await day.turn()
    async with hooks.delivering():
        await all_settled(day.pool)
    got = {name: [r for r in hooks.receiver.received if r.path == f"/{name}"] for name in ("kota", "camat", "sebelah")}
    for name, region in (("camat", small.kecamatan[0]), ("sebelah", small.kecamatan[1])):
        assert got[name] and all(r.body["data"]["place"].startswith(region) for r in got[name])
    assert {str(near), str(far)} <= {r.body["partitionkey"].partition(":")[2] for r in got["kota"]}
    assert str(far) not in str([r.body for r in got["camat"]])
    assert "report.flagged" in _about(got["sebelah"]) and "report.flagged" not in _about(got["camat"])
    assert {"directive.issued", "directive.overdue"} <= _about(got["sebelah"])
    assert not any(t.startswith("directive") for t in _about(got["camat"]))


async def test_what_lies_beyond_is_not_named_within_what_is_told(hooks: Webhooks) -> None:
    day, small = hooks.day, hooks.day.small
    await hooks.add(name="kota", types=("incident.*", "directive.*"))
    await hooks.add(name="camat", region=small.kecamatan[0], types=("incident.*", "directive.*"))
    await day.at(clock(8))
    part, whole = await day.file(small.tps[0], incident("tinggi")), await day.file(small.tps[-1], incident("tinggi"))
    await day.act(part, "parent", parent=str(whole))
    merged = await day.file(small.tps[1], incident("tinggi", joins=None))
    await day.act(merged, "merge", "sama", into=str(whole))
    places = [small.tps[0], small.tps[-1]]
    order = await issue(day, {"kind": "places", "places": places}, incident=whole, due=clock(8, 30))
    await day.at(clock(9))
    await day.turn()
    async with hooks.delivering():
        await all_settled(day.pool)
    got = {name: [r for r in hooks.receiver.received if r.path == f"/{name}"] for name in ("kota", "camat")}
    assert str(whole) not in str([r.raw for r in got["camat"]])
    parents = {n: [r.what["incident"]["parent"] for r in rs if r.body["partitionkey"] == f"incident:{part}"][-1] for n, rs in got.items()}  # fmt: skip
    assert parents == {"kota": str(whole), "camat": None}
    into = {n: [r.what["incident"]["merged_into"] for r in rs if r.body["type"] == "incident.merged"][-1] for n, rs in got.items()}  # fmt: skip
    assert into == {"kota": str(whole), "camat": None}
    # A directive from above is told where it is overdue, without how far it is elsewhere.
    late = {n: [r.what for r in rs if r.body["type"] == "directive.overdue" and r.body["data"]["place"].startswith(small.kecamatan[0])][-1] for n, rs in got.items()}  # fmt: skip
    assert late["camat"]["late"] == late["kota"]["late"] and late["camat"]["late"]["missing"] == 1
    assert (late["kota"]["directive"]["targets"], late["kota"]["directive"]["incident"]) == (2, str(whole))
    for name in ("targets", "unanswered", "refused", "done", "overdue", "incident"):
        assert late["camat"]["directive"][name] is None, name
    assert late["camat"]["directive"]["id"] == str(order)


async def _queue(hooks: Webhooks, endpoint: int) -> int:
    """What waits for an endpoint."""
    found: int = await hooks.day.pool.fetchval(
        "select count(*) from posko.delivery where endpoint_id = $1 and state = 'pending'", endpoint
    )
    return found


async def _run(hooks: Webhooks, seconds: float = 0.6) -> int:
    """Lets the lanes run for a while; how many requests came."""
    before = len(hooks.receiver.received)
    async with hooks.delivering():
        await asyncio.sleep(seconds)
    return len(hooks.receiver.received) - before


def _like(hooks: Webhooks, **more: Any) -> EndpointIn:
    said = {"operation": hooks.day.operation, "region": hooks.day.small.root, "url": hooks.receiver.url(), "description": "hook", "types": ("*",)}  # fmt: skip
    return msgspec.convert({**said, **more}, EndpointIn)


async def _change(hooks: Webhooks, by: Any, endpoint: int) -> None:
    async with db.transaction(hooks.day.pool, by.reach) as connection:
        await store.change(connection, by, endpoint, _like(hooks, cleared=True, types=("incident.*",)))


async def test_a_region_that_was_narrowed_and_clearance_taken_away_drop_what_waits(hooks: Webhooks) -> None:
    day, small = hooks.day, hooks.day.small
    chief = await _seat(day, "kepala", "admin", cleared=True)
    endpoint = await hooks.add(cleared=True, types=("incident.opened",))
    await _seat(day, "terbatas", "operator", cleared=True)
    await day.file(small.tps[0], incident("kritis", text=HIDDEN), by="terbatas", operation=await _lane(day))
    near, _ = await day.file(small.tps[0], incident("tinggi")), await day.file(small.tps[-1], incident("tinggi"))
    assert await _queue(hooks, endpoint) == 3
    async with day.pool.acquire() as connection, connection.transaction():
        to = _like(hooks, region=small.kecamatan[0], types=("incident.opened",))
        await store.change(connection, chief, endpoint, to)
    async with hooks.delivering():
        await all_settled(day.pool)
    assert [r.body["partitionkey"] for r in hooks.receiver.received] == [f"incident:{near}"]
    assert await hooks.states(endpoint) == {"delivered": 1, "dropped": 2}
    # Nor does sending again bring it back.
    async with day.pool.acquire() as connection, connection.transaction():
        events = await day.pool.fetch("select uid from posko.event order by id")
        assert await store.replay(connection, chief, endpoint, Replay(events=tuple(e["uid"] for e in events))) == 3
    async with hooks.delivering():
        await all_settled(day.pool)
    assert {r.body["partitionkey"] for r in hooks.receiver.received} == {f"incident:{near}"}
    assert await hooks.states(endpoint) == {"delivered": 1, "dropped": 2}


async def test_types_that_are_not_wanted_any_more_are_dropped(hooks: Webhooks) -> None:
    day = hooks.day
    chief = await _seat(day, "kepala", "admin")
    endpoint = await hooks.add(types=("incident.*",))
    await day.file(day.small.tps[0], incident("tinggi"))
    async with day.pool.acquire() as connection, connection.transaction():
        await store.change(connection, chief, endpoint, _like(hooks, types=("alarm.*",)))
        await store.call(connection, chief, endpoint, "endpoint.test", TestEvent("x"))
    async with hooks.delivering():
        await all_settled(day.pool)
    assert hooks.receiver.types() == ["endpoint.test"]


@pytest.mark.parametrize(
    "ending",
    [
        "update posko.assignment set revoked_at = posko.now(), changed_at = posko.now() where account_id = $1 and revoked_at is null",
        "update posko.assignment set ends_at = posko.now() where account_id = $1 and revoked_at is null",
        "update posko.account set disabled_at = posko.now() where id = $1",
        "update posko.assignment set regions = '{31.72.01}' where account_id = $1 and revoked_at is null",
        "update posko.assignment set cleared = false where account_id = $1 and revoked_at is null",
        "update posko.assignment set role = 'supervisor' where account_id = $1 and revoked_at is null",
        "update posko.assignment set operation_id = (select min(id) from posko.operation where restricts is not null) where account_id = $1 and revoked_at is null",
    ],
    ids=["revoked", "ended", "disabled", "narrowed", "uncleared", "demoted", "elsewhere"],
)
async def test_what_waits_stays_when_its_owner_may_see_it_no_more_until_another_takes_it_over(
    hooks: Webhooks, ending: str
) -> None:
    day = hooks.day
    owner, other = (
        await _seat(day, "pemilik", "admin", cleared=True),
        await _seat(day, "pengganti", "admin", cleared=True),
    )
    endpoint = await hooks.add(cleared=True, types=("incident.*",))
    await day.pool.execute("update posko.endpoint set owner_id = $2 where id = $1", endpoint, owner.account_id)
    await day.file(day.small.tps[0], incident("tinggi"))
    await day.pool.execute(ending.replace("ends_at = posko.now()", "starts_at = posko.now() - interval '2 hours', ends_at = posko.now()"), owner.account_id)  # fmt: skip
    await day.file(day.small.tps[1], incident("tinggi"))
    assert (await _run(hooks), await _queue(hooks, endpoint)) == (0, 2)
    async with day.pool.acquire() as connection, connection.transaction():
        assert (await store.endpoint(connection, other, endpoint)).is_stopped
    with pytest.raises(errors.PoskoError):
        await _change(hooks, owner, endpoint)
    async with day.pool.acquire() as connection, connection.transaction():
        await store.change(connection, other, endpoint, _like(hooks, cleared=True, types=("incident.*",)))
        found = await store.endpoint(connection, other, endpoint)
    assert (found.is_stopped, found.owner) == (False, "pengganti")
    async with hooks.delivering():
        await all_settled(day.pool)
    assert hooks.receiver.types() == ["incident.opened", "incident.opened"]


async def test_scope_that_ends_between_two_attempts_ends_the_attempts(hooks: Webhooks) -> None:
    day = hooks.day
    owner = await _seat(day, "pemilik", "admin")
    endpoint = await hooks.add(types=("incident.*",))
    await day.pool.execute("update posko.endpoint set owner_id = $2 where id = $1", endpoint, owner.account_id)
    hooks.receiver.answers = lambda _: 503
    await day.file(day.small.tps[0], incident("tinggi"))
    async with hooks.delivering():
        await hooks.receiver.until(lambda: len(hooks.receiver.received) == 1)
        await day.pool.execute("update posko.account set disabled_at = posko.now() where id = $1", owner.account_id)
        # The turn that is under way looks again before anything leaves.
        for _ in range(5):
            await hooks.hurry()
            await asyncio.sleep(0.1)
        assert len(hooks.receiver.received) <= 2
        seen = len(hooks.receiver.received)
        await hooks.hurry()
        await asyncio.sleep(0.4)
        assert len(hooks.receiver.received) == seen
    assert await hooks.states(endpoint) == {"pending": 1}


async def test_an_endpoint_that_was_removed_is_told_nothing_and_its_keys_are_gone(hooks: Webhooks) -> None:
    day = hooks.day
    chief = await _seat(day, "kepala", "admin")
    endpoint = await hooks.add(types=("incident.*",))
    await day.file(day.small.tps[0], incident("tinggi"))
    async with day.pool.acquire() as connection, connection.transaction():
        await store.remove(connection, chief, endpoint)
        with pytest.raises(errors.EndpointUnknown):
            await store.endpoint(connection, chief, endpoint)
    await day.file(day.small.tps[1], incident("tinggi"))
    assert await _run(hooks) == 0
    assert await hooks.states(endpoint) == {"dropped": 1}
    assert await day.pool.fetchval("select count(*) from posko.endpoint_key where endpoint_id = $1", endpoint) == 0


async def test_the_failing_of_an_endpoint_tells_the_uncleared_nothing_of_what_it_is_for(hooks: Webhooks) -> None:
    day = hooks.day
    await hooks.add(name="umum", types=("endpoint.*",))
    hidden = await hooks.add(name="bin", description=HIDDEN, cleared=True, types=("incident.*",))
    plain = await hooks.add(name="biasa", description="dasbor biasa", types=("incident.*",))
    for endpoint in (hidden, plain):
        async with day.pool.acquire() as connection:
            await connection.fetch("select * from api.turn_endpoint($1, true)", endpoint)
    async with hooks.delivering():
        await all_settled(day.pool)
    whats = [r.what for r in hooks.receiver.received if r.path == "/umum"]
    assert whats == [{"endpoint": hidden, "description": None}, {"endpoint": plain, "description": "dasbor biasa"}]


async def test_no_person_is_named_in_what_is_told(hooks: Webhooks) -> None:
    day, small = hooks.day, hooks.day.small
    await hooks.add(name="terbatas", cleared=True)
    names = {"operator": ("Sri Wahyuni Nama", "081122334455"), "supervisor": ("Bambang Nama", "081199887766")}
    for username, (full_name, phone) in names.items():
        await day.pool.execute(
            "update posko.person set full_name = $2, phone = $3 where account_id = (select id from posko.account where username = $1)",
            username, full_name, phone,
        )  # fmt: skip
    await _secret_day(day)
    case = await day.file(small.tps[1], incident("tinggi", text="genangan"))
    await day.act(case, "owner", username="supervisor")
    await day.act(case, "acknowledgement", by="supervisor")
    await day.act(case, "handling", by="supervisor")
    order = await issue(day, {"kind": "tps", "region": small.root}, by="supervisor")
    await day.pool.execute(
        "select * from api.withdraw_directive($1, $2, $3, 'keliru', 200)", order, *day.people["supervisor"]
    )
    await day.file(small.tps[2], turnout(300, 100))
    async with hooks.delivering():
        await all_settled(day.pool)
    everything = "\n".join(r.raw.decode() for r in hooks.receiver.received)
    assert {"incident.handled", "incident.updated", "directive.withdrawn", "report.flagged"} <= _about(hooks.receiver.received)  # fmt: skip
    for username, said in names.items():
        assert username not in everything.replace("by_hand", "") and not any(word in everything for word in said)
    assert not re.search(r"(?<![0-9.])[0-9]{16}(?![0-9])", everything)
    assert "account" not in everything and "username" not in everything


async def test_the_challenge_goes_to_one_endpoint_alone(hooks: Webhooks) -> None:
    day = hooks.day
    await hooks.add(name="semua")
    new = await hooks.add(name="baru", verified=False)
    async with day.pool.acquire() as connection, connection.transaction():
        await store.call(connection, None, new, "endpoint.challenge", ChallengeEvent("hanya-untukmu"))
    async with hooks.delivering():
        await all_settled(day.pool)
    assert hooks.receiver.challenged == ["/baru"] and hooks.receiver.received == []
