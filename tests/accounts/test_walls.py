"""The second wall: what the database itself keeps apart, whatever the program asks."""

from __future__ import annotations

import asyncpg
import pytest

from posko import db
from posko.db import DatabaseRole, Reach
from tests.factories import Small, incident, make_account, milestone, report, uuid7, viewer_of
from tests.regions.filing import FILE, file_reports

HERE, BESIDE = "31.72.01", "31.72.02"
COUNT_NODES = "select count(*) from posko.node"
TABLES = (
    "node",
    "tps",
    "rollup",
    "report",
    "report_person",
    "flag",
    "flag_clearing",
    "flag_past",
    "operation",
    "photo",
    "voice",
)
TABLES += ("contact", "notice", "notice_member", "telling", "message")


@pytest.fixture
async def one(database: str) -> db.Pool:
    """A pool of one connection, as the web process opens it: every transaction inherits what the last one left."""
    pool = await db.open_pool(database, size=1, statement_timeout_s=20, role=DatabaseRole.app)
    yield pool
    pool.terminate()


def reach(*regions: str, operation: int | None = None, cleared: bool = False) -> Reach:
    return Reach(regions, operation, cleared)


async def test_a_transaction_sees_its_reach_and_the_next_one_does_not_inherit_it(one: db.Pool, small: Small) -> None:
    async with db.snapshot(one, reach("ID", cleared=True)) as connection:
        everything = await connection.fetchval(COUNT_NODES)
    async with db.snapshot(one, reach(HERE)) as connection:
        here = await connection.fetchval(COUNT_NODES)
    async with db.snapshot(one) as connection:
        nothing = await connection.fetchval(COUNT_NODES)
    async with one.acquire() as connection:
        outside = await connection.fetchval(COUNT_NODES)

    assert everything == 19 + 7  # the operation, and the regions of its restricted lane
    assert here == 1 + 2 + 6
    assert (nothing, outside) == (0, 0)


async def test_nothing_is_seen_after_a_failed_transaction(one: db.Pool, small: Small) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with db.snapshot(one, reach("ID")) as connection:
            await connection.fetchval("select 1 / 0")
    async with one.acquire() as connection:
        assert await connection.fetchval(COUNT_NODES) == 0


async def test_a_connection_comes_back_clean_without_being_asked_to(one: db.Pool, pool: db.Pool, small: Small) -> None:
    async with db.transaction(one, Reach((small.root,), None, True)) as connection:
        here = await connection.fetchval("select pg_backend_pid()")
    assert await pool.fetchval("select query from pg_stat_activity where pid = $1", here) == "commit"
    async with one.acquire() as connection:
        await connection.execute("begin; set local posko.scope = '{\"\"}'")
    async with one.acquire() as connection:
        assert await connection.fetchval("select pg_backend_pid()") == here
        assert not connection.is_in_transaction()
        assert not await connection.fetchval("select current_setting('posko.scope', true)")


async def test_a_prefix_of_a_code_is_not_an_ancestor(one: db.Pool, pool: db.Pool, small: Small) -> None:
    for regions in (("31.7",), ("3",), ("31.72.0",), ("31.72.01.100",)):
        with pytest.raises(ValueError, match="region codes"):
            reach(*regions).settings()
    # Not well-formed, so the program never says it; the policy holds even if it did.
    async with one.acquire() as connection, connection.transaction():
        await connection.execute("set local posko.scope = '{31.7.}'; set local posko.cleared = 'off'")
        assert await connection.fetchval(COUNT_NODES) == 0


@pytest.mark.parametrize("table", TABLES)
async def test_row_security_is_forced_on_every_table_of_places_and_reports(pool: db.Pool, table: str) -> None:
    row = await pool.fetchrow(
        "select relrowsecurity, relforcerowsecurity from pg_class where oid = $1::regclass", f"posko.{table}"
    )

    assert tuple(row) == (True, True)


async def test_no_table_of_places_is_without_row_security(pool: db.Pool) -> None:
    """A new table that belongs to a place or report must be behind the wall too."""
    rows = await pool.fetch(
        "select distinct c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped"
        " where c.relnamespace = 'posko'::regnamespace and c.relkind = 'r' and a.attname in ('node_id', 'report_id') and not c.relforcerowsecurity"
    )

    assert [r["relname"] for r in rows] == []


async def test_reports_of_elsewhere_and_the_restricted_lane_are_not_there(
    one: db.Pool, pool: db.Pool, small: Small
) -> None:
    async with pool.acquire() as connection:
        said = [report(small.operation, p, milestone("voting_open")) for p in (small.tps[0], small.tps[-1])]
        assert await file_reports(connection, small.operation, said) == ["accepted", "accepted"]
        lane = await connection.fetchval("select id from posko.operation where restricts = $1", small.operation)
        assert await file_reports(connection, lane, [report(lane, small.tps[0], incident("kritis"))]) == ["accepted"]

    counts = []
    for seen in (
        reach(HERE),
        reach(BESIDE),
        reach("31.72"),
        reach("31.72", cleared=True),
        reach("31.72", operation=lane),
    ):
        async with db.snapshot(one, seen) as connection:
            counts.append(await connection.fetchval("select count(*) from posko.report"))

    assert counts == [1, 1, 2, 3, 0]


async def test_the_app_writes_nothing_but_through_the_functions(one: db.Pool, small: Small) -> None:
    async with one.acquire() as connection:
        for statement in (
            "insert into posko.node (operation_id, code, level, name, utc_offset, path) values (1, '31', 1, 'x', 7, '{}')",
            "update posko.operation set version = 0",
            "delete from posko.report",
            "update posko.rollup set counters = '{}'",
            "select password_hash from posko.account",
            "select token_hash from posko.session",
            "select * from posko.person",
            "select * from posko.totp",
            "select * from posko.sender",
            "select * from posko.gateway_key",
            "select * from posko.text_received",
            "select * from posko.log_entry",
            "select * from posko.endpoint",
            "select * from posko.endpoint_key",
            "select * from posko.event",
            "select * from posko.delivery",
            "select * from posko.attempt",
            "select * from api.lease_endpoints('rest', 1, interval '1 second')",
            "select * from api.due_deliveries(1, 'rest', 1, 1, interval '1 second')",
            "select api.close(1)",
            "select api.roll_up(1, 1, null, '{}', '{}', '{}')",
            "select api.forget_photos(1)",
            "insert into posko.photo select * from posko.photo",
            "update posko.photo set gone_at = posko.now()",
            "delete from posko.photo",
            "insert into posko.voice select * from posko.voice",
            "update posko.voice set gone_at = posko.now()",
            "delete from posko.voice",
            "create table posko.mine (id int)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_the_keeper_of_accounts_reads_no_report_and_changes_no_log(one: db.Pool) -> None:
    for statement in (
        "select count(*) from posko.report",
        "select counters from posko.rollup",
        "update posko.log_entry set action = 'x'",
        "delete from posko.log_entry",
        "truncate posko.log_entry",
        "update posko.operation set state = 'closed'",
        "update posko.photo set sha256 = ''",
        "delete from posko.photo",
        "update posko.voice set sha256 = ''",
        "delete from posko.voice",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.identity(one) as connection:
                await connection.execute(statement)


async def test_the_hub_reads_no_secret(database: str, small: Small) -> None:
    pool = await db.open_pool(database, size=1, statement_timeout_s=20, role=DatabaseRole.engine)
    async with pool.acquire() as connection:
        assert await connection.fetchval(COUNT_NODES) == 26
        for statement in (
            "select token_hash from posko.session",
            "select password_hash from posko.account",
            "select * from posko.person",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    pool.terminate()


async def test_the_group_commit_looks_at_each_seat_itself(pool: db.Pool, small: Small) -> None:
    import msgspec

    from posko.regions import catalogue
    from posko.reports.plan import plan
    from posko.reports.report import ReportIn
    from posko.reports.store import arrays

    async with pool.acquire() as connection:
        known = await catalogue.load(connection, small.operation)
        assert known is not None
        within = await viewer_of(connection, await make_account(connection, "sini", "petugas", HERE))
        beyond = msgspec.structs.replace(within, regions=("ID",))  # a program that believes too much
        ended = await viewer_of(connection, await make_account(connection, "usai", "petugas", "31.72"))
        await connection.execute(
            "update posko.assignment set ends_at = posko.now(), starts_at = starts_at - interval '1 day' where id = $1",
            ended.seat_id,
        )
        disabled = await viewer_of(connection, await make_account(connection, "mati", "petugas", "31.72"))
        await connection.execute(
            "update posko.account set disabled_at = posko.now() where id = $1", disabled.account_id
        )
        borrowed = msgspec.structs.replace(within, account_id=ended.account_id)
        looker = await viewer_of(connection, await make_account(connection, "lihat", "auditor", "31.72"))
        elsewhere = await viewer_of(
            connection, await make_account(connection, "lain", "petugas", "31.72", operation=small.operation + 1)
        )

        def planned(viewer, place):  # type: ignore[no-untyped-def]
            said = msgspec.convert(report(small.operation, place, milestone("voting_open")), ReportIn, strict=False)
            return plan(msgspec.structs.replace(viewer, operation=None), uuid7(), said, known)

        here, there = small.tps[0], small.tps[-1]
        batch = [
            planned(within, here), planned(beyond, there), planned(ended, here), planned(disabled, here),
            planned(borrowed, here), planned(looker, here), planned(elsewhere, here),
        ]  # fmt: skip
        rows = await connection.fetch(FILE, small.operation, known.layout, 2000, *arrays(batch))

    assert [r["outcome"] for r in rows] == ["accepted", *["unknown_place"] * 6]


async def test_the_walk_behind_a_number_asks_the_wall_itself(one: db.Pool, pool: db.Pool, small: Small) -> None:
    counted = []
    for seen in (reach("31.72"), reach(HERE), reach(BESIDE), reach("31.72", operation=small.operation + 7)):
        async with db.snapshot(one, seen) as connection:
            rows = await connection.fetch(
                "select * from api.tps_behind($1, $2, 1, '{}', '', 100)", small.operation, HERE
            )
            counted.append(len(rows))
    async with one.acquire() as connection:
        counted.append(
            len(await connection.fetch("select * from api.tps_behind($1, $2, 1, '{}', '', 100)", small.operation, HERE))
        )
        above = await connection.fetch("select * from api.tps_behind($1, 'ID', 1, '{}', '', 100)", small.operation)

    assert counted == [6, 6, 0, 0, 0]
    assert above == []


async def test_webhooks_are_kept_by_a_seat_alone(one: db.Pool, pool: db.Pool, small: Small) -> None:
    async with pool.acquire() as connection:
        account = await make_account(connection, "admin-sini", "admin", HERE)
        keeper = await viewer_of(connection, account)
        made = [
            await connection.fetchval(
                "select api.add_endpoint(null, null, $1, $2, $3, 'https://x.example/h', 'x', '{*}', false, 1, gen_random_uuid(), decode(repeat('00', 61), 'hex'))",
                small.operation, region, cleared,
            )
            for region, cleared in ((HERE, False), (HERE, True), (BESIDE, False))
        ]  # fmt: skip
    page = "select id from api.endpoints_page($1, $2, null, null, false, 0, 9)"
    async with one.acquire() as connection:
        theirs = [r["id"] for r in await connection.fetch(page, keeper.account_id, keeper.seat_id)]
        # No seat is the owner at the command line, and the program is not the owner.
        nobodys = await connection.fetch(page, None, None)
        borrowed = await connection.fetch(page, keeper.account_id + 1, keeper.seat_id)
        for endpoint in made[1:]:
            for act in (
                "api.pause_endpoint($1, $2, $3, true, 'x')", "api.remove_endpoint($1, $2, $3)", "api.replay_deliveries($1, $2, $3, null, '-infinity', null, false, 9)",
                "api.call_endpoint($1, $2, $3, 'endpoint.test', '{}')", "api.rotate_endpoint_key($1, $2, $3, gen_random_uuid(), '', '1 day')",
                "api.change_endpoint($1, $2, $3, '31.72.01', false, 'https://y.example/h', 'x', '{*}', false, 1)",
            ):  # fmt: skip
                for seat in ((keeper.account_id, keeper.seat_id), (None, None)):
                    with pytest.raises(asyncpg.PostgresError) as refused:
                        await connection.fetch(f"select {act}", *seat, endpoint)
                    assert refused.value.sqlstate == "PK406", act
        with pytest.raises(asyncpg.PostgresError) as refused:
            await connection.fetch(
                "select api.change_endpoint($1, $2, $3, $4, true, 'https://x.example/h', 'x', '{*}', false, 1)",
                keeper.account_id, keeper.seat_id, made[0], HERE,
            )  # fmt: skip

    assert (theirs, nobodys, borrowed, refused.value.sqlstate) == (made[:1], [], [], "PK403")
