"""Setting up operations over HTTP: what the commands make, by whom, all or nothing."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import secrets
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from posko import db
from posko.regions import create, preset, recount
from posko.regions.draft import WAITING_LIMIT
from posko.regions.operation import NewOperation
from tests.client import Client
from tests.factories import VOTING_DAY, Small, make_account, milestone, report
from tests.running import Running

KUPANG = "53.71"
HEADER = "code,number,voters_l,voters_p"
KELURAHAN = "53.71.01.1001"


@pytest.fixture
async def admin(running: Running, server_pool: db.Pool) -> AsyncIterator[Client]:
    """An admin of the whole nation, in every operation; another one a test, since an account has 20 drafts at most."""
    name = f"admin-nasional-{secrets.token_hex(4)}"
    async with server_pool.acquire() as connection:
        await make_account(connection, name, "admin", "ID")
    async with aiohttp.ClientSession() as http:
        yield await Client(http, running.url).sign_in(name)


async def _admin_of(client: Client, pool: db.Pool, *scope: str, operation: int | None = None) -> Client:
    name = f"admin-{secrets.token_hex(4)}"
    async with pool.acquire() as connection:
        await make_account(connection, name, "admin", *scope, operation=operation)
    return await Client(client.http, client.url).sign_in(name)


def _new(**said: Any) -> dict[str, Any]:
    return {"name": f"uji {secrets.token_hex(6)}", "mode": "drill", "voting_day": "2024-11-27", **said}


async def _draft(admin: Client, **said: Any) -> int:
    status, made, _ = await admin.ask("POST", "/v1/operations", _new(**(said or {"root": KUPANG})))
    assert status == 201, made
    return int(made["operation"]["id"])


async def _load(admin: Client, operation: int, *rows: str) -> tuple[int, Any, Any]:
    return await admin.ask("PUT", f"/v1/operations/{operation}/roster", data="\n".join((HEADER, *rows, "")).encode())


async def _ready(admin: Client) -> int:
    """A draft with one TPS."""
    made = await _draft(admin)
    assert (await _load(admin, made, f"{KELURAHAN}.001,1,100,110"))[0] == 200
    return made


async def _whole(connection: Any, operation: int) -> list[list[tuple[Any, ...]]]:
    """Everything that an operation is made of, without the numbers that differ from one to the next."""
    asked = (
        "select n.code, p.code, n.level, n.name, n.utc_offset, r.counters, r.own, cardinality(n.path) from posko.node n"
        " left join posko.node p on p.id = n.parent_id join posko.rollup r on r.node_id = n.id where n.operation_id = $1 order by 1",
        "select t.number, t.voters_l, t.voters_p, t.indicators, t.police_grade from posko.tps t join posko.node n on n.id = t.node_id"
        " where n.operation_id = $1 order by n.code",
        "select code, position, day, planned, grace, label_id, label_en, subject_id from posko.milestone where operation_id = $1 order by 1",
        "select c.kind, c.region_code, p.number, p.name, p.is_empty_box from posko.contest c join posko.paslon p on p.contest_id = c.id"
        " where c.operation_id = $1 order by 1, 2, 3",
        "select slot, name, top_level from posko.counter where operation_id = $1 order by 1",
        "select mode, state, root_code, root_level, starts_on, voting_day, tps_estimated, layout, version from posko.operation where id = $1",
    )
    return [[tuple(row) for row in await connection.fetch(sql, operation)] for sql in asked]


async def _is_proved(connection: Any, operation: int) -> bool:
    """Whether every number is what the reports say."""
    return await recount.verify(connection, operation) == ([], [])


@pytest.mark.parametrize("dusun", [None, "perkiraan"])
async def test_a_preset_makes_what_the_command_makes(admin: Client, server_pool: db.Pool, dusun: str | None) -> None:
    made = await _draft(admin, preset="jeneponto", mode="live", dusun=dusun)

    async with server_pool.acquire() as connection:
        places = preset.estimated_dusun(preset.regions_of("73.04")) if dusun else []
        day = datetime.timedelta(days=7)
        new = NewOperation(f"cli {secrets.token_hex(6)}", "live", "73.04", VOTING_DAY - day, VOTING_DAY, True)
        by_command = await create.create(connection, new, create.blueprint_of("jeneponto", places))
        assert await _whole(connection, made) == await _whole(connection, by_command)
        assert await _is_proved(connection, made)


async def test_a_root_waits_for_its_roster_and_is_then_activated(admin: Client, server_pool: db.Pool) -> None:
    made = await _draft(admin)
    too_early, why, _ = await admin.ask("PUT", f"/v1/operations/{made}/activation")
    [before] = [s for s in await admin.get("/v1/set-ups") if s["operation"]["id"] == made]
    _, sample, _ = await admin.ask("GET", f"/v1/operations/{made}/roster.csv")

    status, loaded, _ = await _load(admin, made, f"{KELURAHAN}.001,1,100,110", f"{KELURAHAN}.002,2,90,95")
    _, exported, headers = await admin.ask("GET", f"/v1/operations/{made}/roster.csv")
    again = await admin.ask("PUT", f"/v1/operations/{made}/roster", data=exported)
    _, book, book_headers = await admin.ask("GET", f"/v1/operations/{made}/roster.xlsx")
    once_more = await admin.ask("PUT", f"/v1/operations/{made}/roster", data=book)
    _, same, _ = await admin.ask("GET", f"/v1/operations/{made}/roster.csv")
    activated, opened, _ = await admin.ask("PUT", f"/v1/operations/{made}/activation")

    assert (too_early, why["code"]) == (409, "conflict")
    assert (before["tps"], before["operation"]["state"], before["root_name"]) == (0, "draft", "KOTA KUPANG")
    assert before["regions"] == 1 + 6 + 51
    assert [line.split(",")[:4] for line in sample.decode().splitlines()] == [
        HEADER.split(","),
        *([f"{KELURAHAN[:-1]}{n}.001", "1", "0", "0"] for n in range(1, 4)),
    ]
    assert (status, loaded["tps"], loaded["voters_l"], loaded["voters_p"]) == (200, 2, 190, 205)
    assert not loaded["operation"]["tps_estimated"]
    assert exported.decode().splitlines()[1:] == [
        f"{KELURAHAN}.001,1,100,110,,,,,,,",
        f"{KELURAHAN}.002,2,90,95,,,,,,,",
    ]
    assert f'filename="daftar-tps-{made}.csv"' in headers["Content-Disposition"]
    assert (again[0], once_more[0], same) == (200, 200, exported)
    assert f'filename="daftar-tps-{made}.xlsx"' in book_headers["Content-Disposition"]
    assert {**again[1], "operation": None} == {**loaded, "operation": None}
    assert (activated, opened["operation"]["state"]) == (200, "active")
    filed, _, _ = await admin.put(report(made, f"{KELURAHAN}.001", milestone("voting_open")))
    assert filed == 201
    async with server_pool.acquire() as connection:
        assert await _is_proved(connection, made)
        assert await connection.fetchval("select count(*) from posko.operation where restricts = $1", made) == 1


async def test_another_roster_leaves_nothing_of_the_one_before(admin: Client, server_pool: db.Pool) -> None:
    """What stays, what goes, what comes and what has other voters: as if the second had been the first."""
    rows = (f"{KELURAHAN}.001,1,7,8", f"{KELURAHAN}.003,3,90,95", "53.71.02.1001.001,1,5,6")
    twice, once = await _draft(admin), await _draft(admin)
    await _load(admin, twice, *(f"{KELURAHAN}.00{n},{n},100,110" for n in range(1, 4)), "53.71.01.1002.001,1,9,9")
    await _load(admin, once, *rows)

    status, after, _ = await _load(admin, twice, *rows)

    assert (status, after["tps"], after["voters_l"], after["voters_p"]) == (200, 3, 102, 109)
    async with server_pool.acquire() as connection:
        assert (await _whole(connection, twice))[:5] == (await _whole(connection, once))[:5]
        assert await _is_proved(connection, twice)
        odd = "select count(*) from posko.node where operation_id = $1 and path[cardinality(path)] <> id"
        assert await connection.fetchval(odd, twice) == 0


async def test_every_bad_line_is_named_and_nothing_is_loaded(admin: Client) -> None:
    made = await _ready(admin)

    status, problem, _ = await _load(
        admin, made,
        f"{KELURAHAN}.001,1,100,110", f"{KELURAHAN}.002,3,100,110", "53.71.09.1001.001,1,1,1", f"{KELURAHAN}.001,1,100,110", f"{KELURAHAN}.004,4,-1,9999",
    )  # fmt: skip
    empty, _, _ = await _load(admin, made)
    [after] = [s for s in await admin.get("/v1/set-ups") if s["operation"]["id"] == made]

    assert (status, problem["code"], empty) == (422, "invalid", 422)
    assert [(e["path"], e["rule"]) for e in problem["errors"]] == [
        ("$.rows[3].number", "nomor-berbeda"),
        ("$.rows[4].code", "kelurahan-tidak-dikenal"),
        ("$.rows[5].code", "ganda"),
        ("$.rows[6].voters_l", "batas"),
        ("$.rows[6].voters_p", "batas"),
    ]
    assert problem["detail"].startswith("5 kesalahan di 4 baris")
    bad = [f"{KELURAHAN}.{n % 1000:03},x,x,x" for n in range(1_200)]
    _, problem, _ = await _load(admin, made, *bad)
    # All of them are counted, of which the first thousand are named.
    assert (len(problem["errors"]), problem["detail"].partition(" di ")[2][:10]) == (1_000, "1200 baris")
    assert (after["tps"], after["voters_l"]) == (1, 100)


async def test_a_roster_is_loaded_whole_or_not_at_all_when_the_database_refuses(
    admin: Client, server_pool: db.Pool
) -> None:
    made = await _ready(admin)
    async with server_pool.acquire() as connection:
        before = await _whole(connection, made)
        await connection.execute(
            "create function public.refuse_last() returns trigger language plpgsql as"
            " $$ begin if new.number = 2 then raise 'disk full' using errcode = '53100'; end if; return new; end $$;"
            " create trigger refuse_last before insert on posko.tps for each row execute function public.refuse_last()"
        )
        try:
            status, _, _ = await _load(admin, made, f"{KELURAHAN}.001,1,7,7", f"{KELURAHAN}.002,2,7,7")
        finally:
            await connection.execute("drop trigger refuse_last on posko.tps; drop function public.refuse_last()")

        assert status == 503
        assert await _whole(connection, made) == before
        assert (await _load(admin, made, f"{KELURAHAN}.002,2,7,7"))[0] == 200


async def test_a_roster_over_the_limit_is_refused_with_the_command_that_takes_it(admin: Client) -> None:
    made = await _draft(admin)
    path = f"/v1/operations/{made}/roster"
    too_many = "\n".join((HEADER, *(f"{KELURAHAN}.001,1,1,1" for _ in range(200_001)))).encode()

    rows, problem, _ = await admin.ask("PUT", path, data=too_many)

    assert (rows, problem["errors"][0]["rule"]) == (422, "jumlah-baris")
    assert "posko roster load" in problem["errors"][0]["message"]
    long, problem, _ = await admin.ask("PUT", path, data=b"x" * (12 * 1024 * 1024 + 1))
    assert (long, problem["code"]) == (413, "body-too-large")


async def test_no_more_rosters_are_on_their_way_than_may_wait(admin: Client) -> None:
    made = await _ready(admin)
    whole = "\n".join((HEADER, f"{KELURAHAN}.001,1,100,110", "")).encode()
    go_on = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        rest = whole
        while rest and not go_on.is_set():  # a letter at a time: who sends nothing for two seconds is sent away
            yield rest[:1]
            rest = rest[1:]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(go_on.wait(), 0.5)
        yield rest

    async def send() -> int:
        headers = {"authorization": f"Bearer {admin.token}"}
        path = f"{admin.url}/v1/operations/{made}/roster"
        async with admin.http.put(path, headers=headers, data=slowly()) as answer:
            return answer.status

    sending = [asyncio.create_task(send()) for _ in range(WAITING_LIMIT + 3)]
    async with asyncio.timeout(20):
        while sum(one.done() for one in sending) < 3:
            await asyncio.sleep(0.02)
    refused = [one.result() for one in sending if one.done()]
    go_on.set()

    assert refused == [503] * 3
    assert sorted(await asyncio.gather(*sending)) == [200] * WAITING_LIMIT + [503] * 3


async def test_two_admins_at_once_make_one_operation_of_a_name_and_one_roster(
    admin: Client, server_pool: db.Pool
) -> None:
    other = await _admin_of(admin, server_pool, KUPANG)
    said = _new(root=KUPANG)
    answers = await asyncio.gather(*(who.ask("POST", "/v1/operations", said) for who in (admin, other)))

    assert sorted(status for status, _, _ in answers) == [201, 409]
    [refused] = [body for status, body, _ in answers if status == 409]
    assert refused["errors"][0]["rule"] == "name-taken"
    [made] = [body["operation"]["id"] for status, body, _ in answers if status == 201]
    loads = await asyncio.gather(
        _load(admin, made, *(f"{KELURAHAN}.{n:03},{n},100,100" for n in range(1, 200))),
        _load(other, made, *(f"{KELURAHAN}.{n:03},{n},50,50" for n in range(1, 100))),
    )
    [after] = [s for s in await other.get("/v1/set-ups") if s["operation"]["id"] == made]

    assert [status for status, _, _ in loads] == [200, 200]
    assert (after["tps"], after["voters_l"]) in [(199, 19_900), (99, 4_950)]
    async with server_pool.acquire() as connection:
        assert await _is_proved(connection, made)


async def test_outside_of_the_seat_there_is_nothing(admin: Client, server_pool: db.Pool, served: Small) -> None:
    made = await _ready(admin)
    async with server_pool.acquire() as connection:
        lane = await connection.fetchval("select id from posko.operation where restricts = $1", served.operation)
    seats = {
        "beside": await _admin_of(admin, server_pool, "31.72"),
        "below": await _admin_of(admin, server_pool, f"{KUPANG}.01"),
        "other operation": await _admin_of(admin, server_pool, "ID", operation=served.operation),
    }

    for who, client in seats.items():
        one = f"/v1/operations/{made}"
        answers = [
            await _load(client, made, f"{KELURAHAN}.002,2,1,1"),
            await client.ask("GET", f"{one}/roster.csv"),
            await client.ask("GET", f"{one}/roster.xlsx"),
            await client.ask("PUT", f"{one}/milestones/voting_open", {"planned": "08:00"}),
            await client.ask("DELETE", f"{one}/milestones/voting_open"),
            await client.ask("PUT", f"{one}/contests", {"contests": []}),
            await client.ask("PUT", f"{one}/activation"),
            await client.ask("PUT", f"{one}/closing"),
            await client.ask("PUT", f"/v1/operations/{lane}/closing"),
        ]
        assert {(status, body["code"]) for status, body, _ in answers} == {(404, "operation-unknown")}, who
        assert made not in [s["operation"]["id"] for s in await client.get("/v1/set-ups")], who
    making = {who: await c.ask("POST", "/v1/operations", _new(root=KUPANG)) for who, c in seats.items()}
    nowhere = await admin.ask("POST", "/v1/operations", _new(root="53.99"))
    assert {who: answer[0] for who, answer in making.items()} == {"beside": 404, "below": 404, "other operation": 403}
    assert (nowhere[0], nowhere[1]["code"]) == (404, making["beside"][1]["code"])


async def test_the_database_looks_the_seat_up_by_itself(admin: Client, server_pool: db.Pool, served: Small) -> None:
    made = await _ready(admin)
    async with server_pool.acquire() as connection:
        operator = await make_account(connection, "operator-set-up", "operator", "ID")
        bound = await make_account(connection, "admin-bound", "admin", "ID", operation=served.operation)
        seats = {
            account: await connection.fetchval(
                "select id from posko.assignment where account_id = $1 and revoked_at is null", account
            )
            for account in (operator, bound)
        }
    calls = (
        ("select api.replace_roster($1, $2, $3, '[]')", made, "PK404"),
        ("select api.plan_milestone($1, $2, $3, 'voting_open', null, null, '08:00', null, null, null)", made, "PK404"),
        ("select api.unplan_milestone($1, $2, $3, 'voting_open')", made, "PK404"),
        ("select api.plan_contests($1, $2, $3, '[]')", made, "PK404"),
        ("select api.open_operation($1, $2, $3)", made, "PK404"),
        ("select api.end_operation($1, $2, $3)", made, "PK404"),
        ("select api.make_draft($1, $2, 'x', 'drill', '53.71', 2, '2024-11-20', '2024-11-27', '[]', '[]', $3::int::text::json, null)", made, "PK405"),
    )  # fmt: skip
    for account, seat in seats.items():
        for sql, operation, code in calls:
            async with server_pool.acquire() as connection, connection.transaction() as _:
                await connection.execute("set local role posko_app")
                with pytest.raises(Exception) as refused:  # noqa: PT011 - of the driver, by its code
                    async with connection.transaction():
                        await connection.execute(sql, account, seat, operation)
            assert getattr(refused.value, "sqlstate", None) == code, sql
    async with server_pool.acquire() as connection, connection.transaction():
        await connection.execute("set local role posko_app")
        for inner in ("activate", "close"):
            with pytest.raises(Exception, match="permission denied"):
                async with connection.transaction():
                    await connection.execute(f"select api.{inner}($1)", made)


def _ballot(kind: str, region: str, *names: str, **box: bool) -> dict[str, Any]:
    pairs = [{"number": n, "name": name} for n, name in enumerate(names, 1)]
    return {"kind": kind, "region_code": region, "paslon": [*pairs[:-1], {**pairs[-1], **box}]}


async def test_an_admin_says_who_stands_and_votes_are_taken_for_them(admin: Client, server_pool: db.Pool) -> None:
    made = await _ready(admin)
    one = f"/v1/operations/{made}"
    before = await admin.get(one)
    wali = _ballot("bupati_walikota", KUPANG, "Ani - Budi", "Kotak kosong", is_empty_box=True)
    gubernur = _ballot("gubernur", "53", *(f"Pasangan {n}" for n in range(1, 6)))

    said = await admin.ask("PUT", f"{one}/contests", {"contests": [wali, gubernur]})
    refused = [
        await admin.ask("PUT", f"{one}/contests", {"contests": contests})
        for contests in (
            [_ballot("gubernur", KUPANG, "A")], [_ballot("bupati_walikota", "53.01", "A")], [_ballot("gubernur", "31", "A")],
            [wali, wali], [{**wali, "paslon": []}], [{**wali, "paslon": [*wali["paslon"], wali["paslon"][0]]}],
            [_ballot("presiden", "53", "A")], [_ballot("gubernur", "53", " ")],
        )
    ]  # fmt: skip
    after = await admin.get(one)
    await admin.ask("PUT", f"{one}/activation")
    late = await admin.ask("PUT", f"{one}/contests", {"contests": []})
    votes = {"kind": "count", "contest": "gubernur", "votes": {str(n): 10 * n for n in range(1, 6)}, "valid": 150, "invalid": 1}  # fmt: skip
    counted, _, _ = await admin.put(report(made, f"{KELURAHAN}.001", votes, at="2024-11-27T15:00:00+08:00"))
    row = (await admin.get(f"/v1/regions/{KUPANG}?operation={made}"))["rows"][0]["counters"]

    assert before["contests_published"]
    assert {c["kind"] for c in before["contests"]} == {"gubernur", "bupati_walikota"}
    assert said[0] == 200, said
    assert [(status, body["errors"][0]["rule"]) for status, body, _ in refused] == [
        (422, rule)
        for rule in (
            "region-of-kind", "region-of-operation", "region-of-operation", "contest-twice", "schema", "number-twice", "schema", "unseen",
        )
    ]  # fmt: skip
    assert not after["contests_published"]
    assert after["layout"] > before["layout"]
    assert {c["region_code"]: [(p["number"], p["name"], p["is_empty_box"]) for p in c["paslon"]] for c in after["contests"]} == {
        "53": [(n, f"Pasangan {n}", False) for n in range(1, 6)],
        KUPANG: [(1, "Ani - Budi", False), (2, "Kotak kosong", True)],
    }  # fmt: skip
    assert {int(name.rpartition(".")[2]) for name in after["counters"] if ".gubernur.paslon." in name} == set(
        range(1, 6)
    )
    assert late[0] == 409
    assert counted == 201
    assert row[after["counters"].index("count.gubernur.paslon.5")] == 50
    async with server_pool.acquire() as connection:
        assert await _is_proved(connection, made)


async def test_a_draft_changes_and_an_active_one_moves_its_hours_alone(admin: Client, server_pool: db.Pool) -> None:
    made = await _ready(admin)
    one = f"/v1/operations/{made}"
    plan = await admin.ask("PUT", f"{one}/milestones/voting_open", {"planned": "08:30", "grace_minutes": 20})
    new = await admin.ask(
        "PUT", f"{one}/milestones/apel_pagi", {"position": 1, "planned": "05:15", "label_id": "Apel pagi"}
    )
    bare = await admin.ask("PUT", f"{one}/milestones/tanpa_jam", {"label_id": "Tanpa jam"})
    gone = await admin.ask("DELETE", f"{one}/milestones/oath")
    await admin.ask("PUT", f"{one}/activation")
    await admin.put(
        report(
            made,
            f"{KELURAHAN}.001",
            milestone("voting_open"),
            at="2024-11-27T08:40:00+08:00",
        )
    )

    moved = await admin.ask(
        "PUT", f"{one}/milestones/voting_open", {"planned": "07:00", "day": 0, "label_en": "Opening"}
    )
    counters = (await admin.get(one))["counters"]
    row = (await admin.get(f"/v1/regions/{KUPANG}?operation={made}"))["rows"][0]["counters"]
    refused = [
        await admin.ask("PUT", f"{one}/milestones/voting_open", {"position": 30}),
        await admin.ask("PUT", f"{one}/milestones/baru", {"position": 30, "planned": "05:15", "label_id": "Baru"}),
        await admin.ask("DELETE", f"{one}/milestones/voting_open"),
        await _load(admin, made, f"{KELURAHAN}.002,2,1,1"),
        await admin.ask("PUT", f"{one}/activation"),
    ]

    assert [status for status, _, _ in (plan, new, bare, gone, moved)] == [200, 200, 409, 200, 200]
    assert [(m["planned"], m["grace_minutes"]) for m in plan[1] if m["code"] == "voting_open"] == [("08:30", 20)]
    assert {"apel_pagi"} == {m["code"] for m in new[1]} - {m["code"] for m in plan[1]}
    assert "oath" not in [m["code"] for m in gone[1]]
    assert [m["label_en"] for m in moved[1] if m["code"] == "voting_open"] == ["Opening"]
    assert row[counters.index("milestone.voting_open.late")] == 1  # in time by the first plan, late by the second
    assert [(status, body["code"]) for status, body, _ in refused] == [(409, "conflict")] * 5
    async with server_pool.acquire() as connection:
        assert await _is_proved(connection, made)


async def test_what_is_closed_refuses(admin: Client) -> None:
    made = await _ready(admin)
    one = f"/v1/operations/{made}"
    too_early = await admin.ask("PUT", f"{one}/closing")
    await admin.ask("PUT", f"{one}/activation")
    status, closed, _ = await admin.ask("PUT", f"{one}/closing")

    refused = [
        await admin.ask("PUT", f"{one}/closing"),
        await admin.ask("PUT", f"{one}/activation"),
        await admin.ask("PUT", f"{one}/milestones/voting_open", {"planned": "08:00"}),
        await admin.ask("DELETE", f"{one}/milestones/voting_open"),
        await _load(admin, made, f"{KELURAHAN}.002,2,1,1"),
    ]
    filed, problem, _ = await admin.put(report(made, f"{KELURAHAN}.001", milestone("voting_open")))

    assert (too_early[0], status, closed["operation"]["state"]) == (409, 200, "closed")
    assert [(s, body["code"]) for s, body, _ in refused] == [(409, "conflict")] * 5
    assert (filed, problem["code"]) == (409, "operation-not-active")
    assert (await admin.ask("GET", f"{one}/roster.csv"))[0] == 200


async def test_opening_ending_deleting_and_moving_its_hours_want_the_proof_of_a_moment_ago(
    running: Running, admin: Client, server_pool: db.Pool
) -> None:
    made = await _ready(admin)
    late = await _admin_of(admin, server_pool, "ID")
    async with server_pool.acquire() as connection:  # before anybody has seen this session
        await connection.execute(
            "update posko.session set stepped_up_at = stepped_up_at - interval '6 minutes'"
            " where id = (select max(id) from posko.session)"
        )
    one, later = f"/v1/operations/{made}", {"grace_minutes": 45}
    in_draft = await late.ask("PUT", f"{one}/milestones/voting_open", later)
    answers = [await late.ask("PUT", f"{one}/{noun}") for noun in ("activation", "closing")]
    answers.append(await late.ask("DELETE", one))
    assert (await admin.ask("PUT", f"{one}/activation"))[0] == 200
    answers.append(await late.ask("PUT", f"{one}/milestones/voting_open", later))

    assert in_draft[0] == 200
    assert [(status, body["code"]) for status, body, _ in answers] == [(403, "step-up-needed")] * 4


async def test_who_set_up_what_is_in_the_log(admin: Client) -> None:
    made = await _ready(admin)
    await admin.ask("GET", f"/v1/operations/{made}/roster.csv")
    await admin.ask("PUT", f"/v1/operations/{made}/milestones/oath", {"planned": "06:45"})
    await admin.ask("DELETE", f"/v1/operations/{made}/milestones/oath")
    await admin.ask("PUT", f"/v1/operations/{made}/activation")
    await admin.ask("PUT", f"/v1/operations/{made}/closing")

    rows = (await admin.get(f"/v1/log?region={KUPANG}&limit=100"))["rows"]
    said = [(r["action"], r["detail"]) for r in reversed(rows) if r["operation"] == made and r["outcome"] == "done"]
    assert said == [
        ("operation.create", "0 TPS"),
        ("operation.roster", "1 TPS"),
        ("operation.roster_export", "1 TPS"),
        ("operation.milestone", "oath: planned 06:45"),
        ("operation.milestone_remove", "oath"),
        ("operation.activate", None),
        ("operation.close", None),
    ]


async def test_what_cannot_be_written_into_the_log_is_not_done(admin: Client, server_pool: db.Pool) -> None:
    made = await _ready(admin)
    one = f"/v1/operations/{made}"
    async with server_pool.acquire() as connection:
        await connection.execute(
            "create function public.refuse_act() returns trigger language plpgsql as"
            " $$ begin if new.action like 'operation.%' then raise 'disk full' using errcode = '53100'; end if; return new; end $$;"
            " create trigger refuse_act before insert on posko.log_entry for each row execute function public.refuse_act()"
        )
        try:
            answers = [
                await admin.ask("PUT", f"{one}/milestones/oath", {"planned": "06:11"}),
                await _load(admin, made, f"{KELURAHAN}.002,2,1,1"),
                await admin.ask("PUT", f"{one}/activation"),
            ]
            [after] = [s for s in await admin.get("/v1/set-ups") if s["operation"]["id"] == made]
        finally:
            await connection.execute("drop trigger refuse_act on posko.log_entry; drop function public.refuse_act()")
        oath = "select to_char(planned, 'HH24:MI') from posko.milestone where operation_id = $1 and code = 'oath'"
        planned = await connection.fetchval(oath, made)

    assert [status for status, _, _ in answers] == [503] * 3
    assert (after["operation"]["state"], after["voters_l"]) == ("draft", 100)
    assert planned != "06:11"


async def test_what_can_be_made_is_what_is_published_within_the_seat(admin: Client, server_pool: db.Pool) -> None:
    kupang = await _admin_of(admin, server_pool, KUPANG)
    offers = {o["key"]: o for o in await admin.get("/v1/presets")}
    kota = await admin.get(f"/v1/published-regions/{KUPANG}")
    province = await kupang.get("/v1/published-regions/53")
    refused = [
        await admin.ask("POST", "/v1/operations", _new(**said))
        for said in (
            {"preset": "nasional"}, {"root": "ID"}, {}, {"preset": "kupang", "root": KUPANG}, {"preset": "x"}, {"root": f"{KELURAHAN}.001"},
            {"root": KUPANG, "voting_day": "0001-01-01"}, {"root": KUPANG, "starts_on": "2024-11-28"}, {"root": KUPANG, "name": " "},
        )
    ]  # fmt: skip

    assert (offers["jakarta-utara"]["tps"], offers["jakarta-utara"]["voters"]) == (2_386, 1_345_815)
    assert (offers["kupang"]["tps"], offers["kupang"]["voters"], offers["kupang"]["too_large"]) == (552, None, False)
    assert offers["nasional"]["too_large"]
    assert [o["key"] for o in await kupang.get("/v1/presets")] == ["kupang"]
    assert (kota["name"], kota["level"], kota["regions"], kota["tps"]) == ("KOTA KUPANG", 2, 58, 552)
    assert [b["code"] for b in kota["below"]] == [f"{KUPANG}.{n:02}" for n in range(1, 7)]
    assert [b["code"] for b in province["below"]] == [KUPANG]
    assert (await kupang.ask("GET", "/v1/published-regions/31"))[0] == 404
    assert (await admin.ask("GET", "/v1/published-regions/53.99"))[0] == 404
    assert [(status, body["errors"][0]["rule"]) for status, body, _ in refused] == [
        (422, rule)
        for rule in (
            "nation-by-command", "nation-by-command", "preset-or-root", "preset-or-root", "preset-known", "root-region", "years",
            "starts-before-voting", "unseen",
        )
    ]  # fmt: skip


async def test_a_draft_beside_an_active_operation_is_not_asked_for(admin: Client, server_pool: db.Pool) -> None:
    """Who names no operation gets the one that is active, as before."""
    root, kelurahan = "62.71", "62.71.01.1001"  # no other test's
    made, _ = await _draft(admin, root=root), await _draft(admin, root=root)
    await _load(admin, made, f"{kelurahan}.001,1,100,110")
    await admin.ask("PUT", f"/v1/operations/{made}/activation")
    async with server_pool.acquire() as connection:
        await make_account(connection, "petugas-draf", "petugas", f"{kelurahan}.001")
    client = await Client(admin.http, admin.url).sign_in("petugas-draf")

    status, body, _ = await client.ask("GET", f"/v1/tps/{kelurahan}.001")

    assert (status, body["operation"]) == (200, made)
