"""The restricted lane: whoever is not cleared learns nothing, by any way, not even that something was filed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from posko import db
from tests.client import Client
from tests.factories import Small, incident, make_account, report, uuid7
from tests.live.consoles import console
from tests.running import Running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def cleared(running: Running, http: aiohttp.ClientSession, served: Small, server_pool: db.Pool) -> Client:
    """A supervisor who is cleared."""
    async with server_pool.acquire() as connection:
        await make_account(connection, "kapolres", "supervisor", served.root, cleared=True)
    client = await Client(http, running.url).sign_in("kapolres")
    client.operation = served.operation
    return client


@pytest.fixture
async def curious(running: Running, http: aiohttp.ClientSession, served: Small) -> Client:
    """A supervisor of the same kota who is not."""
    client = await Client(http, running.url).sign_in("supervisor")
    client.operation = served.operation
    return client


@pytest.fixture
async def petugas(running: Running, http: aiohttp.ClientSession, served: Small) -> Client:
    """Who files; not cleared either."""
    return await Client(http, running.url).sign_in("petugas")


def secret(small: Small, **extra: Any) -> dict[str, Any]:
    said = incident("kritis", text="ancaman bom di gudang KPU", category="benda_mencurigakan", **extra)
    return report(small.operation, small.tps[0], said, restricted=True)


async def _lane(cleared: Client, small: Small) -> int:
    status, found, _ = await cleared.ask("GET", f"/v1/operations/{small.operation}")
    assert status == 200
    lane: int = found["restricted_lane"]
    return lane


async def _everything(client: Client, small: Small) -> list[Any]:
    """All that a viewer can read of the operation, without the clock."""
    found = []
    for path in (
        f"/v1/operations/{small.operation}",
        "/v1/operations",
        *(f"/v1/regions/{code}" for code in (small.root, small.kecamatan[0], small.kelurahan[0])),
        f"/v1/regions/{small.root}/changes?since=0",
        f"/v1/regions/{small.root}/incident-reports",
        f"/v1/regions/{small.root}/flags",
        f"/v1/regions/{small.root}/tps?counter=reports",
        f"/v1/regions/{small.root}/tps?counter=incident.kritis",
        f"/v1/tps/{small.tps[0]}",
        f"/v1/tps/{small.tps[0]}/timeline",
    ):
        body = await client.get(path) if "operations" not in path else (await client.ask("GET", path))[1]
        found.append({k: v for k, v in body.items() if k != "at"} if isinstance(body, dict) else body)
    return found


async def test_nothing_that_the_uncleared_can_read_changes(
    petugas: Client, curious: Client, cleared: Client, served: Small
) -> None:
    await petugas.put(report(served.operation, served.tps[1], incident("rendah")))
    before = await _everything(curious, served)

    one = uuid7()
    status, receipt, _ = await petugas.put(secret(served), one)

    assert (status, receipt["outcome"]) == (201, "accepted")
    assert "version" not in receipt  # how many restricted reports there are is told to the cleared only
    assert await _everything(curious, served) == before
    for asker in (curious, petugas):
        assert (await asker.ask("GET", f"/v1/reports/{one}"))[0] == 404
    assert (await cleared.ask("GET", f"/v1/reports/{one}"))[1]["content"]["text"] == "ancaman bom di gudang KPU"


async def test_the_cleared_see_count_and_open_it(petugas: Client, cleared: Client, served: Small) -> None:
    one = uuid7()
    await petugas.put(secret(served), one)
    lane = await _lane(cleared, served)
    cleared.operation = lane

    snapshot = await cleared.get(f"/v1/regions/{served.root}")
    slot = snapshot["counters"].index("incident.kritis")
    values = {row["code"]: (row["counters"] + [0] * 50)[slot] for row in snapshot["rows"]}
    behind = await cleared.get(f"/v1/regions/{served.root}/tps?counter=incident.kritis")
    listed = await cleared.get(f"/v1/regions/{served.root}/incident-reports")

    assert values == {served.root: 1, served.kecamatan[0]: 1, served.kecamatan[1]: 0}
    assert [(p["code"], p["value"]) for p in behind["places"]] == [(served.tps[0], 1)]
    assert [row["id"] for row in listed["rows"]] == [str(one)]
    assert (await cleared.get(f"/v1/regions/{served.kelurahan[1]}/incident-reports"))["rows"] == []


async def test_the_lane_is_to_the_uncleared_as_if_it_did_not_exist(
    curious: Client, petugas: Client, cleared: Client, served: Small
) -> None:
    lane = await _lane(cleared, served)
    for path in ("/v1/operations/", f"/v1/regions/{served.root}?operation=", f"/v1/tps/{served.tps[0]}?operation="):
        real, invented = [await curious.ask("GET", f"{path}{number}") for number in (lane, 999_999)]
        assert real[0] == invented[0] == 404
        assert {**real[1], "detail": ""} == {**invented[1], "detail": ""}
        assert real[1]["detail"].replace(f"operation {lane}", "operation 999999") == invented[1]["detail"]
    # Nor may anybody file to it by its number, cleared or not: there is one way in.
    for who in (petugas, cleared):
        status, problem, _ = await who.put(report(lane, served.tps[0], incident("rendah")))
        assert (status, problem["code"]) == (404, "operation-unknown")


async def test_sockets_neither_show_nor_move(
    running: Running, petugas: Client, curious: Client, cleared: Client, served: Small
) -> None:
    class Settings:
        live_host, live_port = "127.0.0.1", running.live_port

    lane = await _lane(cleared, served)
    topic, hidden = f"{served.operation}:{served.root}", f"{lane}:{served.root}"
    async with console(Settings(), cleared.token) as knows, console(Settings(), curious.token) as asks:  # type: ignore[arg-type]
        await knows.subscribe(hidden)
        first = await asks.subscribe(topic)
        refused = await asks.subscribe(hidden)
        await petugas.put(secret(served))
        await knows.until_value(hidden, served.root, "incident.kritis", 1)
        await petugas.put(report(served.operation, served.tps[3], incident("rendah")))
        after = await asks.until(lambda m: getattr(m, "topic", "") == topic)

    assert refused.code == "place-unknown"
    assert after.from_ == first.version
    assert after.to == first.version + 1  # the version did not count what is restricted


async def test_an_array_may_mix_lanes_and_a_correction_stays_in_its_lane(
    petugas: Client, cleared: Client, served: Small
) -> None:
    one = uuid7()
    status, receipts, _ = await petugas.post(
        [
            {"id": str(one), **secret(served)},
            {"id": str(uuid7()), **report(served.operation, served.tps[0], incident("rendah"))},
        ]
    )
    fixed = {"kind": "correction", "of": str(one), "reason": "salah tingkat", "replacement": incident("sedang")}
    second = await petugas.put({**secret(served), "content": fixed})
    cleared.operation = await _lane(cleared, served)
    rows = (await cleared.get(f"/v1/regions/{served.root}/incident-reports"))["rows"]

    assert status == 200
    assert [r["status"] for r in receipts] == [201, 201]
    assert second[0] == 201
    assert [r["content"]["replacement"]["severity"] for r in rows] == ["sedang"]


async def test_only_incidents_may_be_restricted(petugas: Client, served: Small) -> None:
    said = {**secret(served), "content": {"kind": "nihil"}}

    status, problem, _ = await petugas.put(said)

    assert (status, problem["errors"][0]["rule"]) == (422, "restricted-incident")


async def test_opening_a_restricted_record_is_logged_before_it_is_shown(
    petugas: Client, cleared: Client, curious: Client, served: Small
) -> None:
    one = uuid7()
    await petugas.put(secret(served), one)
    await cleared.ask("GET", f"/v1/reports/{one}")

    seen = (await cleared.ask("GET", "/v1/log?action=restricted.read"))[1]["rows"]
    hidden = (await curious.ask("GET", "/v1/log?action=restricted.read"))[1]["rows"]

    assert (seen[0]["username"], seen[0]["subject"]) == ("kapolres", f"report {one}")
    assert hidden == []


async def test_who_goes_on_reading_the_same_is_logged_once_an_hour(
    petugas: Client, cleared: Client, served: Small, server_pool: db.Pool
) -> None:
    one = uuid7()
    await petugas.put(secret(served), one)
    about = (f"report {one}", f"log of incident {one}")

    async def reads() -> list[int]:
        for path in (f"/v1/reports/{one}", f"/v1/incidents/{one}/entries") * 2:
            assert (await cleared.ask("GET", path))[0] == 200
        rows = "select count(*) from posko.log_entry where action = 'restricted.read' and subject = $1"
        return [await server_pool.fetchval(rows, subject) for subject in about]

    assert await reads() == [1, 1]
    assert await reads() == [1, 1]
    await server_pool.execute("update posko.log_entry set at = at - interval '61 minutes' where subject = $1", about[0])
    assert await reads() == [2, 1]
    await cleared.sign_in("kapolres")
    assert await reads() == [3, 2]


async def test_a_party_is_never_cleared(server_pool: db.Pool) -> None:
    async with server_pool.acquire() as connection:
        account = await connection.fetchval(
            "insert into posko.account (username, institution, is_party, party, created_at, changed_at)"
            " values ('partai-' || gen_random_uuid(), 'partai', true, 'Partai X', posko.now(), posko.now()) returning id"
        )
        for is_party in (True, False):
            with pytest.raises(Exception, match=r"party_is_never_cleared|foreign key"):
                await connection.execute(
                    "insert into posko.assignment (account_id, is_party, role, regions, cleared, starts_at, granted_at, changed_at)"
                    " values ($1, $2, 'supervisor', '{31}', true, posko.now(), posko.now(), posko.now())",
                    account, is_party,
                )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"text": "pelaku NIK 3172011708450001 diamankan"}, "no-nik"),
        ({"text": "pelaku", "persons": [{"part": "terlapor", "name": "3172011708450001"}]}, "no-nik"),
        ({"text": "nomor laporan 31720117084500012"}, None),
    ],
)
async def test_a_nik_is_kept_nowhere(petugas: Client, served: Small, said: dict[str, Any], rule: str | None) -> None:
    status, answer, _ = await petugas.put(report(served.operation, served.tps[0], incident(**said)))

    assert status == (201 if rule is None else 422)
    assert [e["rule"] for e in answer.get("errors", [])] == ([] if rule is None else [rule])
