"""Guards: one officer with many TPS, who came, who left, and where there are fewer than the grade asks."""

from __future__ import annotations

import asyncpg
import pytest

from tests.factories import make_account
from tests.incidents.ground import Day
from tests.readiness.lists import check, grade, guard, ids, set_guards, set_patterns


def _guards(counters: dict[str, int]) -> dict[str, int]:
    return {k.removeprefix("guard."): v for k, v in counters.items() if k.startswith("guard.")}


async def test_one_officer_is_at_many_tps_and_counted_at_each(day: Day) -> None:
    tps = day.small.tps
    await set_guards(
        day, day.small.root, guard("Bripka A", *tps[:4]), guard("Linmas 1", tps[0], institution="linmas", members=2),
        guard("Satpol", tps[0], institution="satpol_pp"),
    )  # fmt: skip
    known = await ids(day, "guard")
    assert _guards(await day.counters(day.small.root)) == {"polri.planned": 4, "linmas.planned": 2, "other.planned": 1}
    done = await check(day, known["Bripka A"], tps[0], tps[3])
    assert sorted(done["places"]) == [tps[0], tps[3]]
    assert _guards(await day.counters(tps[0])) == {
        "polri.planned": 1,
        "polri.present": 1,
        "linmas.planned": 2,
        "other.planned": 1,
    }
    await check(day, known["Linmas 1"])
    assert (await check(day, known["Linmas 1"]))["version"] is None
    assert (await check(day, known["Bripka A"]))["places"] == [tps[1], tps[2]]
    await check(day, known["Bripka A"], tps[1], is_in=False)
    assert _guards(await day.counters(day.small.root)) == {
        "polri.planned": 4, "polri.present": 3, "linmas.planned": 2, "linmas.present": 2, "other.planned": 1,
    }  # fmt: skip
    await check(day, known["Bripka A"], tps[1])
    assert _guards(await day.counters(day.small.root))["polri.present"] == 4
    assert await day.differences() == []


async def test_a_new_list_moves_guards_and_keeps_check_ins(day: Day) -> None:
    tps = day.small.tps
    await set_guards(day, day.small.root, guard("A", *tps[:2]), guard("B", tps[5]))
    known = await ids(day, "guard")
    await check(day, known["A"])
    made = await set_guards(day, day.small.kecamatan[0], guard("A", tps[1], tps[2]), guard("C", tps[3]))
    assert (made["standing"], made["withdrawn"]) == (2, 1)
    counted = _guards(await day.counters(day.small.root))
    assert counted == {"polri.planned": 3, "polri.present": 1}
    assert (await ids(day, "guard"))["A"] == known["A"]
    await set_guards(day, day.small.kecamatan[0])
    assert _guards(await day.counters(day.small.root)) == {}
    assert await day.differences() == []


async def test_who_guards_beyond_a_region_is_changed_from_above(day: Day) -> None:
    tps = day.small.tps
    await set_guards(day, day.small.root, guard("A", tps[0], tps[11]))
    assert (await set_guards(day, day.small.kecamatan[0], guard("B", tps[0])))["withdrawn"] == 0
    with pytest.raises(asyncpg.PostgresError, match="guards TPS beyond") as refused:
        await set_guards(day, day.small.kecamatan[0], guard("a", tps[0]))
    assert refused.value.sqlstate == "PK411"
    assert set(await ids(day, "guard")) == {"A", "B"}
    assert await day.differences() == []


async def test_two_units_may_have_an_officer_of_the_same_name(day: Day) -> None:
    tps = day.small.tps
    east, west = day.small.kecamatan
    await set_guards(day, east, guard("Aiptu Budi", tps[0]))
    first = (await ids(day, "guard"))["Aiptu Budi"]
    await check(day, first)
    # Of somebody called so elsewhere nothing is said, and he keeps his TPS.
    assert (await set_guards(day, west, guard("aiptu budi", tps[11])))["withdrawn"] == 0
    assert _guards(await day.counters(day.small.root)) == {"polri.planned": 2, "polri.present": 1}
    # From above both are on one list, and each is himself: also the one who moves.
    made = await set_guards(day, day.small.root, guard("Aiptu Budi", tps[10], tps[0]), guard("Aiptu Budi", tps[0]))
    assert (made["standing"], made["withdrawn"]) == (2, 0)
    posts = await day.pool.fetch(
        "select guard_id, checked_in_at is not null as is_in from posko.guard_post where withdrawn_at is null order by guard_id, node_id"
    )
    assert tuple(posts[0]) == (first, True)
    assert len({r["guard_id"] for r in posts}) == 2
    with pytest.raises(asyncpg.PostgresError, match="guards TPS beyond"):
        await set_guards(day, east, guard("Aiptu Budi", tps[0]))
    assert await day.differences() == []


async def test_short_is_where_fewer_are_planned_than_the_grade_asks(day: Day) -> None:
    tps = day.small.tps
    await grade(day, t0="sangat_rawan", t1="sangat_rawan", t2="rawan", t3="kurang_rawan")
    assert _guards(await day.counters(day.small.root)) == {"short": 4}
    await set_patterns(day, sangat_rawan=(2, 2, 4), rawan=(2, 4, 8))
    assert _guards(await day.counters(day.small.root)) == {"short": 3}
    # Two officers over two TPS, two linmas at each; a third of three officers is one, in shares that are no round numbers.
    await set_guards(
        day, day.small.root, guard("A", tps[0], tps[1], members=2), guard("L0", tps[0], institution="linmas", members=2),
        guard("L1", tps[1], institution="linmas"), guard("B", tps[2], tps[4], tps[5]),
        guard("L2", tps[2], institution="linmas", members=2),
    )  # fmt: skip
    short = [t for t in tps if "guard.short" in await day.counters(t)]
    assert short == [tps[1], tps[2]]
    await set_patterns(day, sangat_rawan=(2, 2, 2), rawan=(1, 3, 6))
    assert [t for t in tps if "guard.short" in await day.counters(t)] == []
    assert await day.differences() == []


async def test_the_guards_own_account_checks_in_and_nobody_elses(day: Day) -> None:
    tps = day.small.tps
    async with day.pool.acquire() as connection:
        await make_account(connection, "bripka", "petugas", tps[0])
        await make_account(connection, "sebelah", "petugas", day.small.kelurahan[0])
        await make_account(connection, "jauh", "operator", "32.01")
    day = await Day.begin(day.pool, day.small)
    await set_guards(day, day.small.root, guard("A", tps[0], tps[11], username="bripka"), guard("B", tps[11]))
    known = await ids(day, "guard")
    # A petugas of the first TPS' kelurahan speaks for that TPS alone; the guard for both.
    assert (await check(day, known["A"], by="sebelah"))["places"] == [tps[0]]
    assert (await check(day, known["A"], by="bripka"))["places"] == [tps[11]]
    with pytest.raises(asyncpg.PostgresError) as refused:
        await check(day, known["A"], tps[11], by="sebelah")
    assert refused.value.sqlstate == "PK405"
    for guard_id, by in (
        (known["B"], "bripka"),
        (known["B"], "sebelah"),
        (known["A"], "jauh"),
        (known["A"], "wall"),
        (10**6, "petugas"),
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await check(day, guard_id, by=by)
        assert refused.value.sqlstate == "PK406"
    with pytest.raises(asyncpg.PostgresError, match="no account jauh"):
        await set_guards(day, day.small.root, guard("C", tps[0], username="jauh"))
    assert await day.differences() == []


async def test_leaving_needs_a_check_in(day: Day) -> None:
    tps = day.small.tps
    await set_guards(day, day.small.root, guard("A", *tps[:2]))
    known = (await ids(day, "guard"))["A"]
    with pytest.raises(asyncpg.PostgresError, match="has not checked in"):
        await check(day, known, is_in=False)
    await check(day, known, tps[0])
    with pytest.raises(asyncpg.PostgresError, match="has not checked in"):
        await check(day, known, tps[1], is_in=False)
    assert (await check(day, known, is_in=False))["places"] == [tps[0]]
    with pytest.raises(asyncpg.PostgresError) as refused:
        await check(day, known, tps[5])
    assert refused.value.sqlstate == "PK405"


async def test_an_activated_roster_with_grades_is_short_from_the_first(pool, database) -> None:  # type: ignore[no-untyped-def]
    import datetime

    import msgspec

    from posko.regions import create
    from posko.regions.operation import NewOperation
    from tests.factories import counters

    plan = create.blueprint_of("kupang")
    plan = msgspec.structs.replace(
        plan, tps=[msgspec.structs.replace(t, police_grade="rawan") if t.number == 1 else t for t in plan.tps]
    )
    async with pool.acquire() as connection:
        day = datetime.date(2024, 11, 27)
        made = await create.create(
            connection, NewOperation("Kupang", "drill", "53.71", day, day, True), plan, activate=True
        )
        found = await counters(connection, made, "53.71")
        assert found["guard.short"] == sum(t.number == 1 for t in plan.tps) > 40
        assert (
            await connection.fetch(
                "select * from api.recount($1, array(select id from posko.node where operation_id = $1))", made
            )
            == []
        )


async def test_a_guard_is_forgotten_by_account_by_name_and_with_the_operations_names(day: Day) -> None:
    from posko import db
    from posko.accounts import privacy

    async with day.pool.acquire() as connection:
        await make_account(connection, "bripka", "petugas", day.small.root)
    await set_guards(
        day, day.small.root, guard("Bripka A", day.small.tps[0], username="bripka", phone="081122334455"),
        guard("Budi", day.small.tps[0], phone="0811223344"), guard("Unit 3", day.small.tps[1], phone="081122334466"),
    )  # fmt: skip
    known = await ids(day, "guard")
    async with day.pool.acquire() as connection:
        told = await privacy.export(connection, username="bripka")  # the owner at the command line
        assert told["guards"] == [{"name": "Bripka A", "phone": "081122334455", "operation": day.operation}]
        await privacy.erase(connection, username="bripka")
        await privacy.erase(connection, name="BUDI")
    left = await day.pool.fetch("select name, phone from posko.guard order by id")
    assert [tuple(r) for r in left] == [
        (f"dihapus {known['Bripka A']}", None), (f"dihapus {known['Budi']}", None), ("Unit 3", "081122334466"),
    ]  # fmt: skip
    await day.pool.execute("update posko.operation set names_until = '2020-01-01' where id = $1", day.operation)
    async with db.identity(day.pool) as connection:
        await connection.execute(db.queries("privacy")["forget_names"].sql)
    assert (
        await day.pool.fetchval("select count(*) from posko.guard where phone is not null or name !~ '^dihapus'") == 0
    )
    assert (await day.counters(day.small.root))["guard.polri.planned"] == 3
    assert await day.differences() == []
