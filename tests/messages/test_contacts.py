"""Who is told: over HTTP, at the command line, and what the database keeps apart by itself."""

from __future__ import annotations

import re
from typing import Any

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner

from posko import db
from posko.db import DatabaseRole
from posko.errors import NotAllowed
from posko.messages.commands import contact, message
from posko.messages.contact import REGION_PATTERN, ContactIn
from tests.accounts.conftest import Sign
from tests.factories import Small, make_account, viewer_of
from tests.messages.desks import Desk

PATH = "/v1/contacts"


def _said(served: Small, **more: Any) -> dict[str, Any]:
    return {
        "region": served.kecamatan[0],
        "channel": "email",
        "address": "kapolsek@x.example",
        "label": "Kapolsek",
        **more,
    }


async def test_an_admin_says_who_is_told_within_their_seat(sign: Sign, served: Small, server_pool: db.Pool) -> None:
    admin, beside = await sign("admin-kota", "admin"), await sign("admin-lain", "admin", served.kecamatan[1])
    operation = served.operation
    status, made, _ = await admin.ask("POST", PATH, _said(served, operation=operation))
    twice = await admin.ask("POST", PATH, _said(served, operation=operation, address="KAPOLSEK@x.example"))
    elsewhere = await beside.ask("POST", PATH, _said(served, operation=operation))
    unknown = await admin.ask("POST", PATH, _said(served, region=served.root + ".99", operation=operation))
    listed = (await admin.ask("GET", f"{PATH}?region={served.kecamatan[0]}"))[1]["rows"]
    theirs = (await beside.ask("GET", PATH))[1]["rows"]
    not_theirs = await beside.ask("DELETE", f"{PATH}/{made['id']}")
    gone = await admin.ask("DELETE", f"{PATH}/{made['id']}")
    again = await admin.ask("DELETE", f"{PATH}/{made['id']}")

    assert (status, made["added_by"], made["cleared"]) == (201, "admin-kota", False)
    assert (twice[0], elsewhere[0], unknown[0], not_theirs[0], gone[0], again[0]) == (409, 404, 404, 404, 204, 404)
    assert [c["id"] for c in listed if c["operation"] == operation] == [made["id"]]
    assert all(c["region"].startswith(served.kecamatan[1]) for c in theirs)
    rows = await server_pool.fetch(
        "select action, subject, detail from posko.log_entry where subject = $1 and outcome = 'done' order by id",
        f"contact {made['id']}",
    )
    assert [r["action"] for r in rows] == ["contact.add", "contact.remove"]
    assert "kapolsek" not in str(rows)


async def test_only_the_cleared_make_and_unmake_the_cleared(sign: Sign, served: Small) -> None:
    plain = await sign("admin-biasa", "admin")
    cleared = await sign("admin-tahu", "admin", cleared=True)
    refused = await plain.ask("POST", PATH, _said(served, operation=served.operation, cleared=True))
    _, made, _ = await cleared.ask("POST", PATH, _said(served, operation=served.operation, cleared=True))
    kept = await plain.ask("DELETE", f"{PATH}/{made['id']}")

    assert (refused[0], made["cleared"], kept[0]) == (403, True, 403)


async def test_taking_a_contact_away_wants_proof_as_adding_does(
    sign: Sign, served: Small, server_pool: db.Pool
) -> None:
    made = await server_pool.fetchval(
        "select api.add_contact(null, null, $1, $2, 'email', 'lama@x.example', 'Lurah', false)",
        served.operation, served.root,
    )  # fmt: skip
    admin = await sign("admin-kota", "admin")
    # Before the server has seen the session: what it knows of one it keeps for a while.
    await server_pool.execute("update posko.session set stepped_up_at = posko.now() - interval '6 minutes'")
    answer = await admin.ask("DELETE", f"{PATH}/{made}")
    assert (answer[0], answer[1]["code"]) == (403, "step-up-needed")


async def test_a_seat_in_one_operation_speaks_for_that_one_alone(sign: Sign, served: Small) -> None:
    admin = await sign("admin-kota", "admin")
    one = await sign("admin-satu", "admin", operation=served.operation)
    _, everywhere, _ = await admin.ask("POST", PATH, _said(served, address="semua@x.example"))
    every = await one.ask("POST", PATH, _said(served))
    other = await one.ask("POST", PATH, _said(served, operation=served.operation + 100_000))
    own = await one.ask("POST", PATH, _said(served, operation=served.operation))
    seen = [c["id"] for c in (await one.ask("GET", PATH))[1]["rows"]]
    not_theirs = await one.ask("DELETE", f"{PATH}/{everywhere['id']}")
    await admin.ask("DELETE", f"{PATH}/{everywhere['id']}")

    assert (every[0], other[0], own[0]) == (403, 404, 201)
    assert {everywhere["id"], own[1]["id"]} <= set(seen)
    assert not_theirs[0] == 404


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"address": "x"}, "$.address"),
        ({"address": "x@y.example\r\nBcc: a@b.example"}, "$.address"),
        ({"channel": "sms", "address": "08123456789"}, "$.address"),
        ({"channel": "SMS"}, "$.channel"),
        ({"channel": "x\n"}, "$.channel"),
        ({"label": "   "}, "$.label"),
        ({"label": "a\nb"}, "$.label"),
        ({"label": "3172010101900001"}, "$.label"),
        ({"region": "31.72.01.1001.001"}, "$.region"),
        ({"operation": 0}, "$.operation"),
        ({"telepon": "x"}, "$.telepon"),
    ],
)
async def test_what_breaks_a_rule_is_named(sign: Sign, served: Small, more: dict[str, Any], path: str) -> None:
    admin = await sign("admin-kota", "admin")
    status, problem, _ = await admin.ask("POST", PATH, _said(served, **{"operation": served.operation, **more}))

    assert (status, problem["errors"][0]["path"]) == (422, path)


async def test_a_desk_has_fifty_contacts_at_most(desk: Desk) -> None:
    for n in range(50):
        await desk.contact(f"k{n}@x.example")
    with pytest.raises(asyncpg.PostgresError, match="50 contacts"):
        await desk.contact("satu-lagi@x.example")


def test_a_region_is_no_tps() -> None:
    for code, good in {"ID": True, "31": True, "31.72.01.1001": True, "31.72.01.1001.01": True, "31.72.01.1001.001": False, "31.72\n": False}.items():  # fmt: skip
        assert bool(re.search(REGION_PATTERN, code)) is good, code


async def test_the_database_looks_the_seat_up_itself(database: str, pool: db.Pool, small: Small) -> None:
    async with pool.acquire() as connection:
        admin = await viewer_of(connection, await make_account(connection, "admin-1", "admin", small.kecamatan[0]))
        operator = await viewer_of(connection, await make_account(connection, "operator-1", "operator", small.root))
    add = "select api.add_contact($1, $2, null, $3, 'email', 'a@x.example', 'x', $4)"
    identity = await db.open_pool(database, size=1, statement_timeout_s=20, role=DatabaseRole.identity)
    here, beside = small.kecamatan
    for who, region, cleared in (
        ((None, None), here, False),
        ((admin.account_id, admin.seat_id), beside, False),
        ((admin.account_id, admin.seat_id), here, True),
        ((operator.account_id, operator.seat_id), here, False),
        ((operator.account_id, admin.seat_id), here, False),
    ):
        with pytest.raises(NotAllowed), db.translated():
            await identity.fetchval(add, *who, region, cleared)
    made = await identity.fetchval(add, admin.account_id, admin.seat_id, here, False)
    with pytest.raises(NotAllowed), db.translated():
        await identity.execute("select api.remove_contact($1, $2, $3)", operator.account_id, operator.seat_id, made)
    await identity.execute("select api.remove_contact($1, $2, $3)", admin.account_id, admin.seat_id, made)
    identity.terminate()


@pytest.mark.parametrize("role", list(DatabaseRole))
async def test_nobody_reads_or_writes_more_of_this_than_they_need(database: str, role: DatabaseRole) -> None:
    speaker = await db.open_pool(database, size=1, statement_timeout_s=20, role=role)
    reads = {
        "posko_engine": {"contact", "notice", "notice_member", "telling", "message"},
        "posko_identity": {"contact"},
    }
    for table in ("contact", "notice", "notice_member", "telling", "message"):
        may = table in reads.get(role.value, set())
        for statement, allowed in (
            (f"select * from posko.{table}", may),
            (f"delete from posko.{table}", False),
            (f"truncate posko.{table}", False),
        ):
            try:
                await speaker.execute(statement)
                done = True
            except asyncpg.InsufficientPrivilegeError:
                done = False
            assert done == allowed, statement
    for call, roles in {
        "api.tell_due('1 s', '1 s', 1)": {"posko_engine"},
        "api.claim_messages('email', 1, '1 s')": {"posko_engine"},
        "api.retry_failed(posko.now(), null)": {"posko_engine"},
        "api.about_notice(1)": set(),
        "api.contacts_of(1)": set(),
    }.items():
        try:
            await speaker.execute(f"select {call}")
            done = True
        except asyncpg.InsufficientPrivilegeError:
            done = False
        assert done == (role.value in roles), call
    speaker.terminate()


def test_who_is_told_at_the_command_line(database: str, small: Small) -> None:
    cli = CliRunner(env={"POSKO_DATABASE_URL": database, "COLUMNS": "220"})
    made = cli.invoke(
        contact, ["add", "kapolres@x.example", "--region", small.root, "--label", "Kapolres", "--cleared"]
    )
    wrong = cli.invoke(contact, ["add", "kapolres", "--region", small.root, "--label", "Kapolres"])
    nowhere = cli.invoke(contact, ["add", "a@x.example", "--region", "99", "--label", "x"])
    no_code = cli.invoke(contact, ["add", "a@x.example", "--region", "99..", "--label", "x"])
    listed = cli.invoke(contact, ["list"])
    failed = cli.invoke(message, ["list"])
    retried = cli.invoke(message, ["retry", "--since", "2024-11-27T00:00"])
    gone = cli.invoke(contact, ["remove", "1"])
    again = cli.invoke(contact, ["remove", "1"])

    for result in (made, listed, failed, retried, gone):
        assert result.exit_code == 0, result.output
    assert made.output == "contact 1\n"
    assert "kapolres@x.example" in listed.output
    assert "0 messages wait again" in retried.output
    for result in (wrong, nowhere, no_code, again):
        assert result.exit_code != 0


def test_an_unknown_field_of_a_contact_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"region": "ID", "channel": "email", "address": "a@x.example", "label": "x", "y": 1}, ContactIn)
