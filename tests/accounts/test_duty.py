"""Piket and the two-person rule over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from posko import db
from posko.regions import store
from tests.accounts.conftest import Sign
from tests.client import Client
from tests.factories import Small, counters, incident, local, milestone, report, turnout, uuid7
from tests.live.consoles import console
from tests.running import Running


async def test_a_shift_is_handed_over_with_a_note_and_acknowledged_by_the_next(sign: Sign, served: Small) -> None:
    first, second, third = [await sign(f"piket-{n}", "operator") for n in (1, 2, 3)]
    desk = f"/v1/desks/{served.root}"
    _, shift, _ = await first.ask("POST", f"{desk}/shifts", {"operation": served.operation})
    twice = await first.ask("POST", f"{desk}/shifts", {"operation": served.operation})
    _, _, _ = await first.ask("PUT", f"/v1/shifts/{shift['id']}/handover", {"note": "TPS 012 banjir", "to": "piket-2"})
    not_theirs = await third.ask("PUT", f"/v1/shifts/{shift['id']}/acknowledgement")
    during = (await first.ask("GET", f"{desk}?operation={served.operation}"))[1]
    status, mine, _ = await second.ask("PUT", f"/v1/shifts/{shift['id']}/acknowledgement")
    after = (await first.ask("GET", f"{desk}?operation={served.operation}"))[1]

    assert twice[0] == 409
    assert not_theirs[0] == 403
    assert [(s["username"], s["note"], s["to"]) for s in during["handovers"]] == [
        ("piket-1", "TPS 012 banjir", "piket-2")
    ]
    assert [s["username"] for s in during["on_duty"]] == ["piket-1"]
    assert (status, mine["username"]) == (200, "piket-2")
    assert [s["username"] for s in after["on_duty"]] == ["piket-2"]
    assert [(s["username"], s["ended_at"] == s["acknowledged_at"]) for s in after["recent"]] == [("piket-1", True)]


async def test_a_desk_is_handed_only_to_who_may_sit_there(sign: Sign, served: Small) -> None:
    first = await sign("piket-1", "operator")
    await sign("jauh", "operator", "31.72.02")
    await sign("lapangan", "petugas")
    _, shift, _ = await first.ask("POST", f"/v1/desks/{served.kecamatan[0]}/shifts", {"operation": served.operation})

    for to in ("jauh", "lapangan", "piket-1", "tidak-ada"):
        status, problem, _ = await first.ask("PUT", f"/v1/shifts/{shift['id']}/handover", {"note": "x", "to": to})
        assert (status, problem["errors"][0]["rule"]) == (422, "next-at-desk"), to


@pytest.fixture
async def asker(sign: Sign) -> Client:
    return await sign("kabag-ops", "supervisor")


@pytest.fixture
async def second(sign: Sign) -> Client:
    return await sign("wakapolres", "supervisor")


async def test_somebody_elses_report_is_voided_by_two(
    asker: Client, second: Client, sign: Sign, served: Small, server_pool: db.Pool
) -> None:
    desk = await sign("meja-lain", "operator")
    one = uuid7()
    await desk.put(report(served.operation, served.tps[0], incident("kritis")), one)
    withdrawal = {"kind": "correction", "of": str(one), "reason": "laporan palsu"}

    alone = await asker.put(report(served.operation, served.tps[0], withdrawal))
    status, request, _ = await asker.ask(
        "POST",
        "/v1/approvals",
        {"kind": "void_report", "operation": served.operation, "report": str(one), "reason": "laporan palsu"},
    )
    own = await asker.ask("PUT", f"/v1/approvals/{request['id']}/decision", {"approve": True, "reason": "ya"})
    own = (
        own
        if own[0] != 422
        else await asker.ask("PUT", f"/v1/approvals/{request['id']}/decision", {"approve": True, "reason": "ya, benar"})
    )
    decided = await second.ask(
        "PUT", f"/v1/approvals/{request['id']}/decision", {"approve": True, "reason": "sudah diperiksa"}
    )
    again = await second.ask(
        "PUT", f"/v1/approvals/{request['id']}/decision", {"approve": True, "reason": "sudah diperiksa"}
    )

    assert (alone[0], alone[1]["code"]) == (403, "second-person-needed")
    assert (status, own[0]) == (201, 403)
    assert (decided[0], decided[1]["decision"], again[0]) == (200, "approved", 200)
    assert decided[1]["used_at"] is not None
    async with server_pool.acquire() as connection:
        assert "incident.kritis" not in await counters(connection, served.operation, served.root)
    assert (await desk.ask("GET", f"/v1/reports/{one}"))[1]["corrected_by"] == request["details"]["withdrawal"]


async def test_ones_own_report_is_withdrawn_alone(sign: Sign, served: Small) -> None:
    desk = await sign("meja-lain", "operator")
    one = uuid7()
    await desk.put(report(served.operation, served.tps[0], incident("kritis")), one)

    status, _, _ = await desk.put(
        report(served.operation, served.tps[0], {"kind": "correction", "of": str(one), "reason": "salah TPS"})
    )

    assert status == 201


async def test_a_closed_operation_is_opened_again_by_two(
    asker: Client, second: Client, served: Small, server_pool: db.Pool
) -> None:
    said = {"kind": "reopen_operation", "operation": served.operation, "reason": "ada PSU"}
    too_early = await asker.ask("POST", "/v1/approvals", said)
    async with server_pool.acquire() as connection, connection.transaction():
        await store.close(connection, served.operation)
    _, request, _ = await asker.ask("POST", "/v1/approvals", said)
    with pytest.raises(Exception, match="second person"):
        await server_pool.fetchval("select api.reopen($1)", request["id"])
    await second.ask(
        "PUT", f"/v1/approvals/{request['id']}/decision", {"approve": True, "reason": "sesuai rekomendasi"}
    )
    states = await server_pool.fetch(
        "select state from posko.operation where id = $1 or restricts = $1", served.operation
    )
    async with asyncio.timeout(30):
        while (await asker.put(report(served.operation, served.tps[0], milestone("voting_open"))))[0] != 201:
            await asyncio.sleep(0.1)

    assert too_early[0] == 409
    assert [s["state"] for s in states] == ["active", "active"]


async def test_many_flags_are_cleared_by_two_and_few_by_one(
    asker: Client, second: Client, sign: Sign, served: Small
) -> None:
    desk = await sign("meja-lain", "operator")
    ids = [uuid7() for _ in served.tps]
    for one, tps in zip(ids, served.tps, strict=True):
        await desk.put(report(served.operation, tps, turnout(300, 100), at=local(12)), one)
    single = await asker.ask("PUT", f"/v1/flags/turnout_over/{ids[0]}/clearing", {"reason": "daftar pindahan"})
    said = {
        "kind": "clear_flags",
        "operation": served.operation,
        "reason": "daftar pindahan",
        "flags": [{"kind": "turnout_over", "report": str(i)} for i in ids[1:]],
    }
    _, request, _ = await asker.ask("POST", "/v1/approvals", said)
    before = (await desk.ask("GET", f"/v1/regions/{served.root}/flags?operation={served.operation}"))[1]["rows"]
    await second.ask("PUT", f"/v1/approvals/{request['id']}/decision", {"approve": True, "reason": "sudah dicek"})
    after = (await desk.ask("GET", f"/v1/regions/{served.root}/flags?operation={served.operation}"))[1]["rows"]

    assert single[0] == 200
    assert (len(before), len(after)) == (len(ids) - 1, 0)


async def test_the_log_leaves_once_for_who_asked_after_another_has_approved(
    asker: Client, second: Client, served: Small
) -> None:
    without = await asker.ask("GET", "/v1/log.csv")
    _, request, _ = await asker.ask(
        "POST", "/v1/approvals", {"kind": "export_log", "operation": served.operation, "reason": "permintaan Bawaslu"}
    )
    await second.ask("PUT", f"/v1/approvals/{request['id']}/decision", {"approve": True, "reason": "setuju, tercatat"})
    stranger = await second.ask("GET", "/v1/log.csv")
    taken = await asker.ask("GET", "/v1/log.csv")
    again = await asker.ask("GET", "/v1/log.csv")

    assert [a[0] for a in (without, stranger, taken, again)] == [403, 403, 200, 403]
    assert taken[1].decode().splitlines()[0].startswith("id,at,username,role,action")
    assert "approval.approved" in taken[1].decode()


async def test_a_refused_request_changes_nothing(asker: Client, second: Client, served: Small) -> None:
    _, request, _ = await asker.ask(
        "POST", "/v1/approvals", {"kind": "export_log", "operation": served.operation, "reason": "iseng saja"}
    )
    status, decided, _ = await second.ask(
        "PUT", f"/v1/approvals/{request['id']}/decision", {"approve": False, "reason": "tidak perlu"}
    )

    assert (status, decided["decision"]) == (200, "refused")
    assert (await asker.ask("GET", "/v1/log.csv"))[0] == 403
    assert (
        await second.ask(
            "PUT", f"/v1/approvals/{request['id']}/decision", {"approve": True, "reason": "berubah pikiran"}
        )
    )[0] == 409


async def test_a_console_shows_what_two_have_cleared(
    asker: Client, second: Client, sign: Sign, served: Small, running: Running
) -> None:
    class Address:
        live_host, live_port = "127.0.0.1", running.live_port

    desk = await sign("meja-lain", "operator")
    ids = [uuid7() for _ in range(6)]
    topic = f"{served.operation}:{served.root}"
    async with console(Address(), asker.token) as seen:  # type: ignore[arg-type]
        await seen.subscribe(topic)
        for one, tps in zip(ids, served.tps[:6], strict=True):
            await desk.put(report(served.operation, tps, turnout(300, 100), at=local(12)), one)
        await seen.until_value(topic, served.root, "flag.turnout_over", 6)
        flags = [{"kind": "turnout_over", "report": str(i)} for i in ids]
        said = {"kind": "clear_flags", "operation": served.operation, "reason": "daftar pindahan", "flags": flags}
        _, request, _ = await asker.ask("POST", "/v1/approvals", said)

        yes = {"approve": True, "reason": "sudah dicek"}
        assert (await second.ask("PUT", f"/v1/approvals/{request['id']}/decision", yes))[0] == 200

        await seen.until_value(topic, served.root, "flag.turnout_over", 0)


async def test_a_roster_says_which_desks_are_kept_left_and_empty(
    sign: Sign, served: Small, server_pool: db.Pool
) -> None:
    first, second = await sign("piket-1", "operator"), await sign("piket-2", "operator")
    path = f"/v1/regions/{served.root}/desks?operation={served.operation}"
    for client, desk in ((first, served.root), (second, served.kecamatan[0]), (first, served.kecamatan[0])):
        assert (await client.ask("POST", f"/v1/desks/{desk}/shifts", {"operation": served.operation}))[0] == 201
    await server_pool.execute(
        "update posko.shift set began_at = began_at - interval '2 hours' where operation_id = $1 and region_code = $2",
        served.operation,
        served.root,
    )

    _, found, _ = await first.ask("GET", path)

    assert [(row["code"], row["state"]) for row in found["rows"]] == [
        (served.root, "absent"),
        (served.kecamatan[0], "staffed"),
        *((code, "vacant") for code in (*served.kelurahan[:2], served.kecamatan[1], *served.kelurahan[2:])),
    ]
    assert [shift["username"] for shift in found["rows"][1]["on_duty"]] == ["piket-1", "piket-2"]
    assert found["counts"] == [
        {"level": 2, "desks": 1, "staffed": 0, "absent": 1, "vacant": 0},
        {"level": 3, "desks": 2, "staffed": 1, "absent": 0, "vacant": 1},
        {"level": 4, "desks": 4, "staffed": 0, "absent": 0, "vacant": 4},
    ]
    _, vacant, _ = await first.ask("GET", f"{path}&state=vacant&level=4&limit=3")
    assert [row["code"] for row in vacant["rows"]] == served.kelurahan[:3]
    assert vacant["next"] == served.kelurahan[2]
    _, rest, _ = await first.ask("GET", f"{path}&state=vacant&level=4&limit=3&after={vacant['next']}")
    assert [row["code"] for row in rest["rows"]] == served.kelurahan[3:]
    shift = found["rows"][0]["on_duty"][0]
    assert shift["present_at"] is None
    assert (await first.ask("PUT", f"/v1/shifts/{shift['id']}/presence"))[0] == 204
    _, tapped, _ = await first.ask("GET", f"{path}&level=2")
    assert tapped["rows"][0]["state"] == "staffed"
    assert tapped["rows"][0]["on_duty"][0]["present_at"] is not None
