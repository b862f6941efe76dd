"""Every number opens to what is behind it, the plan's edits are folded again, and a recount finds what was planted."""

from __future__ import annotations

import datetime
import random
from typing import Any

import pytest

from posko import db, errors
from posko.regions import recount, store
from posko.regions.operation import MilestoneEdit
from tests.factories import Small, all_rollups, counters, incident, local, milestone, report
from tests.regions.filing import file_reports, random_reports


@pytest.fixture
async def connection(database: str, small: Small) -> Any:
    found = await db.connect(database)
    yield found
    await found.close()


async def _behind(connection: Any, operation: int, code: str, counter: tuple[int, list[int]], limit: int) -> list[Any]:
    found: list[Any] = []
    while page := await store.behind(connection, operation, code, counter, (found[-1].code if found else "", limit)):
        found += page
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_behind_a_number_adds_up_to_it_at_every_level(connection: Any, small: Small, seed: int) -> None:
    rng = random.Random(seed)
    await file_reports(connection, small.operation, random_reports(rng, small, 60))
    slot_of = await store.slots(connection, small.operation)
    names = [*slot_of, "uncovered", "milestone.voting_open.unreported"]
    places = [small.root, *small.kecamatan, *small.kelurahan, small.tps[0]]

    for code in places:
        row = (await store.rows(connection, (await store.place(connection, small.operation, code)).id))[1][0]
        for name in names:
            slot, less = store.derivation(name, slot_of)
            at = {n: row.counters[n - 1] if n <= len(row.counters) else 0 for n in [slot, *less]}
            found = await _behind(connection, small.operation, code, (slot, less), rng.choice([1, 3, 100]))
            assert sum(p.value for p in found) == at[slot] - sum(at[n] for n in less), (code, name)
            assert [p.code for p in found] == sorted({p.code for p in found})
            assert all(p.code == code or p.code.startswith(code + ".") for p in found)


async def test_an_incident_of_a_region_stands_behind_the_number_by_itself(connection: Any, small: Small) -> None:
    said = [
        report(small.operation, place, incident("kritis")) for place in (small.kelurahan[1], small.tps[0], small.root)
    ]
    await file_reports(connection, small.operation, said)
    counter = store.derivation("incident.kritis", await store.slots(connection, small.operation))

    found = await _behind(connection, small.operation, small.root, counter, 100)

    assert [(p.code, p.level, p.value) for p in found] == [
        (small.root, 2, 1),
        (small.tps[0], 6, 1),
        (small.kelurahan[1], 4, 1),
    ]


async def test_a_counter_that_is_not_of_this_operation_is_refused(connection: Any, small: Small) -> None:
    slot_of = await store.slots(connection, small.operation)
    for name in ("tpsx", "milestone.nope.unreported", "incident.unreported"):
        with pytest.raises(errors.CounterUnknown):
            store.derivation(name, slot_of)


async def test_an_edited_plan_makes_late_whoever_is_late_by_it(connection: Any, small: Small) -> None:
    said = [
        report(small.operation, tps, milestone("voting_open"), at=local(7, 2 * n)) for n, tps in enumerate(small.tps)
    ]
    await file_reports(connection, small.operation, said)
    assert (await counters(connection, small.operation, small.root))["milestone.voting_open.late"] == 4

    version = await store.set_milestone(connection, small.operation, "voting_open", MilestoneEdit(grace_minutes=5))

    found = await counters(connection, small.operation, small.root)
    assert (found["milestone.voting_open.late"], found["milestone.voting_open.reached"]) == (9, 12)
    assert (await store.operation(connection, small.operation)).version == version
    assert (await recount.verify(connection, small.operation))[1] == []
    await store.set_milestone(connection, small.operation, "voting_open", MilestoneEdit(planned=datetime.time(9)))
    assert "milestone.voting_open.late" not in await counters(connection, small.operation, small.root)
    with pytest.raises(errors.Conflict), db.translated():
        await store.set_milestone(connection, small.operation, "voting_open", MilestoneEdit(position=9))


@pytest.mark.parametrize("seed", range(3))
async def test_a_recount_of_honest_numbers_finds_nothing(connection: Any, small: Small, seed: int) -> None:
    silent = {"kind": "unreachable", "attempts": [{"at": local(9), "how": "telepon"}]}
    said = random_reports(random.Random(seed), small, 80)
    await file_reports(
        connection, small.operation, [*said, report(small.operation, small.tps[3], silent, at=local(23))]
    )

    assert await recount.verify(connection, small.operation) == ([], [])


@pytest.mark.parametrize(
    ("level", "column"), [(6, "counters"), (4, "counters"), (2, "counters"), (3, "own"), (4, "own")]
)
async def test_a_recount_finds_and_repairs_what_was_planted(
    connection: Any, small: Small, level: int, column: str
) -> None:
    await file_reports(connection, small.operation, random_reports(random.Random(level), small, 60))
    truth = await all_rollups(connection, small.operation)
    slot = (await store.slots(connection, small.operation))["incident.kritis"]
    node = await connection.fetchval(
        "select id from posko.node where operation_id = $1 and level = $2 order by code limit 1", small.operation, level
    )
    added = f"update posko.rollup set {column} = api.add_at({column}, array[{slot}], array[7]) where node_id = $1"
    await connection.execute(added, node)

    differences, nodes = await recount.verify(connection, small.operation)
    version = await recount.repair(connection, small.operation, nodes)

    assert node in nodes
    assert [d.stored - d.recounted for d in differences] == [7]
    assert differences[0].counter.startswith("incident.kritis")
    assert await recount.verify(connection, small.operation) == ([], [])
    assert await all_rollups(connection, small.operation) == truth
    assert (await store.operation(connection, small.operation)).version == version
    assert await connection.fetchval("select version from posko.rollup where node_id = $1", node) == version
