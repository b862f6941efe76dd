"""Loading an operation: the tree, its sums, and what each state allows."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from posko import db, errors, terms
from posko.regions import catalogue, create, preset, store
from posko.regions.operation import Milestone, MilestoneEdit, NewOperation
from posko.regions.region import RegionIn
from posko.regions.tps import TpsIn
from tests.factories import VOTING_DAY


def _new(root: str) -> NewOperation:
    return NewOperation("uji", "drill", root, datetime.date(2024, 11, 20), VOTING_DAY, True)


@pytest.fixture
async def connection(database: str) -> Any:
    found = await db.connect(database)
    yield found
    await found.close()


async def _tree(connection: Any, operation: int) -> dict[str, tuple[int, list[int]]]:
    rows = await connection.fetch(
        "select n.code, n.level, r.counters from posko.node n join posko.rollup r on r.node_id = n.id"
        " where n.operation_id = $1",
        operation,
    )
    return {r["code"]: (r["level"], r["counters"]) for r in rows}


async def test_jakarta_utara_loads_and_its_children_sum_to_the_parent(connection: Any) -> None:
    operation = await create.create(connection, _new("31.72"), create.blueprint_of("jakarta-utara"), activate=True)

    found = await _tree(connection, operation)
    assert found["31.72"][1][0] == 2_386
    assert sum(found["31.72"][1][1:]) == 1_345_815
    for parent, (level, counters) in found.items():
        if level < 6:
            below = [c for code, (_, c) in found.items() if code.rpartition(".")[0] == parent]
            assert [sum(slot) for slot in zip(*below, strict=True)] == counters
    assert (await store.operation(connection, operation)).tps_estimated
    assert (
        await connection.fetchval(
            "select count(*) from posko.node where path[cardinality(path)] <> id or utc_offset <> 7"
        )
        == 0
    )


async def test_a_tree_with_dusun_has_tps_below_them_on_its_own_time(connection: Any) -> None:
    dusun = preset.estimated_dusun(preset.regions_of("73.04"))

    operation = await create.create(connection, _new("73.04"), create.blueprint_of("jeneponto", dusun))

    parents = await connection.fetch(
        "select p.level, t.utc_offset, count(*)::int as tps from posko.node t join posko.node p on p.id = t.parent_id"
        " where t.level = 6 group by 1, 2"
    )
    assert {r["utc_offset"] for r in parents} == {8}
    assert sum(r["tps"] for r in parents) == 567
    assert {r["level"] for r in parents} == {4, 5}
    known = await catalogue.load(connection, operation)
    assert known is not None
    contest = known.contest_of("bupati_walikota", "73.04.01.2001.01.001")
    assert contest is not None
    assert contest.numbers == (1, 2, 3, 4)
    assert known.contest_of("bupati_walikota", "73.05.01.2001") is None


async def test_a_roster_replaces_the_one_before_and_only_in_a_draft(connection: Any) -> None:
    operation = await create.create(connection, _new("53.71"), create.blueprint_of("kupang"))
    rows = [
        TpsIn("53.71.01.1001.001", 1, 100, 120),
        TpsIn("53.71.01.1001.009", 9, 10, 12, "Jl. A", indicators=("lokasi",)),
    ]

    async with connection.transaction():
        await store.load_roster(connection, operation, rows, estimated=False)

    assert (await _tree(connection, operation))["53.71"][1] == [2, 110, 132]
    assert (await _tree(connection, operation))["53.71.06"][1] == []
    assert not (await store.operation(connection, operation)).tps_estimated
    assert await store.roster_page(connection, operation, "", 10) == rows
    await store.activate(connection, operation)
    with pytest.raises(errors.Conflict), db.translated():
        async with connection.transaction():
            await store.load_roster(connection, operation, rows[:1], estimated=False)


async def test_a_region_without_its_parent_leaves_nothing_behind(connection: Any) -> None:
    blueprint = create.Blueprint([RegionIn("31.72", "KOTA"), RegionIn("31.72.01.1001", "Kelurahan")], [], [], [])

    with pytest.raises(errors.Invalid, match=r"31\.72\.01\.1001"):
        await create.create(connection, _new("31.72"), blueprint)

    assert await store.operations(connection) == []


async def test_an_operation_goes_from_draft_to_active_to_closed_only(connection: Any) -> None:
    regions = preset.regions_of("31.72")
    operation = await create.create(connection, _new("31.72"), create.Blueprint(regions, [], preset.milestones(), []))

    with db.translated():
        with pytest.raises(errors.Conflict), db.translated():
            await store.activate(connection, operation)  # no TPS yet
        async with connection.transaction():
            await store.load_roster(connection, operation, preset.tps_of(regions), estimated=True)
        await store.activate(connection, operation)
        await store.close(connection, operation)
    for step in (store.activate, store.close):
        with pytest.raises(errors.Conflict), db.translated():
            await step(connection, operation)
    with pytest.raises(errors.OperationUnknown), db.translated():
        await store.close(connection, 99)


async def test_milestones_come_and_go_in_a_draft_only(connection: Any) -> None:
    operation = await create.create(connection, _new("53.71"), create.blueprint_of("kupang"))
    added = MilestoneEdit(position=5, planned=datetime.time(10), grace_minutes=20, label_id="Laporan pukul 10")
    before = await store.operation(connection, operation)

    await store.set_milestone(connection, operation, "ten", added)
    version = await store.drop_milestone(connection, operation, "oath")

    plan = await store.milestones(connection, operation)
    known = await catalogue.load(connection, operation)
    assert known is not None
    assert Milestone("ten", 5, 0, "10:00", 20, "Laporan pukul 10", "Laporan pukul 10") in plan
    assert known.milestones == {m.code for m in plan}
    assert "milestone.oath.reached" not in known.counters
    assert (version, known.layout) == (before.version + 2, before.layout + 2)
    await store.activate(connection, operation)
    for change in (
        store.drop_milestone(connection, operation, "ten"),
        store.set_milestone(connection, operation, "eleven", added),
    ):
        with pytest.raises(errors.Conflict), db.translated():
            await change


def test_the_seed_has_every_level_of_the_nation() -> None:
    assert {terms.level_of(r.code).name for r in preset.regions_of(terms.NATION)} == {
        "nasional", "provinsi", "kabkota", "kecamatan", "kelurahan",
    }  # fmt: skip


async def test_whatever_speaks_of_a_place_is_found_by_it(connection: Any) -> None:
    """Else each TPS that goes reads the whole of a table: 66 ms each with the day of a province in it, not 0.3."""
    unfound = await connection.fetch(
        "select c.conrelid::regclass::text, a.attname from pg_constraint c"
        " join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.contype = 'f' and c.confrelid = 'posko.node'::regclass and not exists (select from pg_index i"
        " where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1] and i.indpred is null and i.indisvalid)"
    )

    assert [tuple(row) for row in unfound] == []
