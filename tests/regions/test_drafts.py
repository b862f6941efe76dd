"""Drafts: how many one account may have, and deleting one that nobody ever reported to."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from posko import db
from tests.client import Client
from tests.factories import Small, make_account
from tests.running import Running

KOTA = "53.71"
TPS = f"{KOTA}.01.1001.001"
LIMIT = 20


@pytest.fixture
async def admin(running: Running, server_pool: db.Pool) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as http:
        yield await _admin(Client(http, running.url), server_pool, "ID")


async def _admin(client: Client, pool: db.Pool, *scope: str, operation: int | None = None) -> Client:
    name = f"admin-draf-{secrets.token_hex(4)}"
    async with pool.acquire() as connection:
        await make_account(connection, name, "admin", *scope, operation=operation)
    return await Client(client.http, client.url).sign_in(name)


async def _make(admin: Client, root: str = KOTA) -> tuple[int, Any]:
    new = {"name": f"draf {secrets.token_hex(6)}", "mode": "drill", "voting_day": "2024-11-27", "root": root}
    status, made, _ = await admin.ask("POST", "/v1/operations", new)
    return status, made


async def _draft(admin: Client, *, has_tps: bool = True) -> int:
    status, made = await _make(admin)
    assert status == 201, made
    operation = int(made["operation"]["id"])
    if has_tps:
        data = f"code,number,voters_l,voters_p\n{TPS},1,100,110\n".encode()
        assert (await admin.ask("PUT", f"/v1/operations/{operation}/roster", data=data))[0] == 200
    return operation


async def _tables_of(connection: Any, of: str) -> list[tuple[str, str]]:
    """Tables with a foreign key to this one, and the column that it is in."""
    rows = await connection.fetch(
        "select 'posko.' || t.relname as name, a.attname from pg_constraint c"
        " join pg_class t on t.oid = c.conrelid"
        " join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.contype = 'f' and c.confrelid = $1::text::regclass order by name",
        of,
    )
    return [(r["name"], r["attname"]) for r in rows]


async def _rows(connection: Any, operation: int) -> dict[str, int]:
    """How many rows of each table speak of an operation, or of a place of it."""
    found = {}
    for table, column in await _tables_of(connection, "posko.operation"):
        found[table] = await connection.fetchval(f"select count(*) from {table} where {column} = $1", operation)
    for table, column in await _tables_of(connection, "posko.node"):
        asked = f"select count(*) from {table} t join posko.node n on n.id = t.{column} where n.operation_id = $1"
        found[f"{table} of a place"] = await connection.fetchval(asked, operation)
    return {table: n for table, n in found.items() if n}


async def test_a_draft_goes_with_all_that_was_set_of_it_and_nothing_else(
    admin: Client, server_pool: db.Pool, served: Small
) -> None:
    made, other = await _draft(admin), await _draft(admin)
    one = f"/v1/operations/{made}"
    categories = [{"code": code, "label_id": code, "label_en": code} for code in ("logistik", "lain")]
    limits = {"acknowledge_within_min": 5, "resolve_within_min": 60}
    rules = [
        {"name": "semua", "about": about, "steps": [{"tier": "kelurahan", "after_s": 0}], **limits}
        for about in ("incident", "alarm", "directive")
    ]
    said = [
        await admin.ask("PUT", f"{one}/categories", categories),
        await admin.ask("PUT", f"{one}/rules", rules),
        await admin.ask("PUT", f"{one}/priority-weights", {"weights": [{"code": "indicator", "points": 3, "most": 15}]}),
        await admin.ask("PUT", f"{one}/duties/4", {"first_at": "2024-11-27T06:00:00+07:00", "every_minutes": 120}),
    ]  # fmt: skip
    assert [status for status, _, _ in said] == [200] * 4, said
    async with server_pool.acquire() as connection:
        before = await _rows(connection, made)
        beside = [await _rows(connection, o) for o in (other, served.operation)]

        status, body, _ = await admin.ask("DELETE", one)

        assert (status, body) == (204, b"")
        assert set(before) >= {"posko.category", "posko.rule", "posko.priority_weight", "posko.contest"}
        assert set(before) >= {"posko.duty of a place", "posko.rollup of a place", "posko.tps of a place"}
        assert await _rows(connection, made) == {}
        assert [await _rows(connection, o) for o in (other, served.operation)] == beside
    assert (await admin.ask("GET", one))[0] == 404
    assert (await admin.ask("DELETE", one))[0] == 404
    assert made not in {s["operation"]["id"] for s in await admin.get("/v1/set-ups")}
    rows = (await admin.get(f"/v1/log?region={KOTA}&limit=50"))["rows"]
    [gone] = [r for r in rows if r["action"] == "operation.delete" and r["operation"] == made]
    assert (gone["outcome"], gone["region"], gone["detail"]) == ("done", KOTA, "1 TPS")
    assert gone["subject"].startswith("draf ")


async def test_everything_that_may_speak_of_a_draft_is_thought_of(server_pool: db.Pool) -> None:
    """A table that is added later either goes with a draft, keeps it, or has rows of active operations alone."""
    async with server_pool.acquire() as connection:
        source = await connection.fetchval("select prosrc from pg_proc where proname = 'drop_draft'")
        tables = {table for table, _ in await _tables_of(connection, "posko.operation")}
        tables |= {table for table, _ in await _tables_of(connection, "posko.node")}
    of_the_day = "alarm curve_gap curve_point directive directive_late directive_target escalation event excuse firing flag flag_clearing guard guard_post"
    of_the_day += " flag_past incident notice obligation outage photo revote team threshold voice"

    thought_of = {f"posko.{table}" for table in of_the_day.split()}
    assert {t for t in tables if f" {t} " not in source.replace("\n", " ")} - {"posko.operation"} == thought_of


@pytest.mark.parametrize("ends", [False, True])
async def test_what_was_ever_activated_stays(admin: Client, ends: bool) -> None:
    made = await _draft(admin)
    assert (await admin.ask("PUT", f"/v1/operations/{made}/activation"))[0] == 200
    if ends:
        assert (await admin.ask("PUT", f"/v1/operations/{made}/closing"))[0] == 200

    status, why, _ = await admin.ask("DELETE", f"/v1/operations/{made}")

    assert (status, why["code"]) == (409, "conflict")
    assert (await admin.ask("GET", f"/v1/operations/{made}"))[0] == 200


async def test_what_somebody_has_a_seat_or_contact_of_stays(admin: Client, server_pool: db.Pool) -> None:
    seat, told = await _draft(admin), await _draft(admin)
    of_it = await _admin(admin, server_pool, KOTA, operation=seat)
    async with server_pool.acquire() as connection:
        await connection.execute(
            "insert into posko.contact (region_code, channel, address, label, operation_id, cleared, added_at)"
            " values ($1, 'email', 'kabag@example.id', 'Kabag Ops', $2, false, posko.now())",
            KOTA, told,
        )  # fmt: skip

    answers = [
        await who.ask("DELETE", f"/v1/operations/{o}") for who, o in ((admin, seat), (of_it, seat), (admin, told))
    ]

    assert [status for status, _, _ in answers] == [409] * 3
    assert [why["errors"][0]["rule"] for _, why, _ in answers] == ["draft-in-use"] * 3
    assert ["has seats:" in answers[0][1]["detail"], "has contacts:" in answers[2][1]["detail"]] == [True, True]
    assert (await admin.get(f"/v1/operations/{seat}"))["state"] == "draft"


async def test_a_draft_is_deleted_by_who_holds_the_whole_of_it(admin: Client, server_pool: db.Pool) -> None:
    made = await _draft(admin)
    others = [await _admin(admin, server_pool, region) for region in (f"{KOTA}.01", "32.16")]

    asked = [(await who.ask("DELETE", f"/v1/operations/{made}"))[:2] for who in others]

    assert [(status, why["code"]) for status, why in asked] == [(404, "operation-unknown")] * 2
    assert (await admin.ask("DELETE", f"/v1/operations/{made}"))[0] == 204


async def test_an_account_has_so_many_drafts_and_no_more(admin: Client, server_pool: db.Pool) -> None:
    other = await _admin(admin, server_pool, KOTA)
    first = await _draft(admin)
    for _ in range(LIMIT - 2):
        await _draft(admin, has_tps=False)
    at_once = await asyncio.gather(*(_make(admin) for _ in range(3)))
    status, why = await _make(admin)

    assert sorted(s for s, _ in at_once) == [201, 409, 409]
    assert (status, why["code"], why["errors"][0]["rule"]) == (409, "conflict", "drafts-limit")
    assert f"{LIMIT} drafts" in why["detail"]
    assert (await _make(other))[0] == 201
    assert (await admin.ask("PUT", f"/v1/operations/{first}/activation"))[0] == 200
    assert [(await _make(admin))[0] for _ in range(2)] == [201, 409]
