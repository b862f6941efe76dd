"""A place whose rollup row is gone is a row of zeros: it is reported, its parents are not blamed, and a repair brings it back."""

from __future__ import annotations

import random
from typing import Any

import pytest

from posko import db
from posko.regions import recount
from tests.factories import Small, incident, report
from tests.regions.filing import file_reports, random_reports

ROOT, KECAMATAN, KELURAHAN = "31.72", "31.72.01", "31.72.01.1001"
TPS, SIBLING, FAR = f"{KELURAHAN}.001", f"{KELURAHAN}.002", "31.72.02.1002.003"
CASES = {
    "kelurahan": [KELURAHAN],
    "tps": [TPS],
    "kelurahan and one of its tps": [KELURAHAN, TPS],
    "root": [ROOT],
    "the whole way up": [ROOT, KECAMATAN, KELURAHAN, TPS],
}


@pytest.fixture
async def connection(database: str, small: Small) -> Any:
    found = await db.connect(database)
    said = [report(small.operation, place, incident("kritis")) for place in (ROOT, KECAMATAN, KELURAHAN, TPS)]
    await file_reports(found, small.operation, [*random_reports(random.Random(7), small, 80), *said])
    yield found
    await found.close()


async def _rows(connection: Any, operation: int) -> dict[str, tuple[list[int], list[int] | None, Any]]:
    """Counters, own counters and last_at as stored, by code; a place without a row is not there."""
    rows = await connection.fetch(
        "select n.code, r.counters, r.own, r.last_at from posko.node n join posko.rollup r on r.node_id = n.id"
        " where n.operation_id = $1", operation,
    )  # fmt: skip
    return {r["code"]: (r["counters"], r["own"], r["last_at"]) for r in rows}


async def _delete(connection: Any, operation: int, codes: list[str]) -> None:
    gone = await connection.execute(
        "delete from posko.rollup r using posko.node n where n.id = r.node_id and n.operation_id = $1 and n.code = any($2)",
        operation, codes,
    )  # fmt: skip
    assert gone == f"DELETE {len(codes)}"


async def _add_region(connection: Any, operation: int, parent: str, code: str, level: int) -> None:
    """A region without a rollup row."""
    await connection.execute(
        "insert into posko.node (operation_id, code, parent_id, level, name, utc_offset, path)"
        " select operation_id, $2, id, $4, 'Kosong', 7, path from posko.node where operation_id = $1 and code = $3",
        operation, code, parent, level,
    )  # fmt: skip
    await connection.execute(
        "update posko.node set path = path || id where operation_id = $1 and code = $2", operation, code
    )


async def _plant(connection: Any, operation: int, code: str, column: str) -> None:
    """Seven too many in the fifth slot."""
    await connection.execute(
        f"update posko.rollup r set {column} = api.add_at(r.{column}, array[5], array[7])"
        " from posko.node n where n.id = r.node_id and n.operation_id = $1 and n.code = $2", operation, code,
    )  # fmt: skip


async def _expected(connection: Any, operation: int, truth: dict[str, Any]) -> set[tuple[str, str, int, int]]:
    """What differs between the rows of now and the true ones, slot by slot: computed without any of posko's own SQL."""
    names = dict(await connection.fetch("select slot::int, name from posko.counter where operation_id = $1", operation))
    stored, found = await _rows(connection, operation), set()
    for code, true in truth.items():
        has = stored.get(code, ([], [], None))
        if code not in stored:
            found.add((code, "rollup row", 0, 1))
        for column, suffix in enumerate(("", " (own)")):
            for slot, name in names.items():
                is_now, shall = ((list(v[column] or []) + [0] * slot)[slot - 1] for v in (has, true))
                if is_now != shall:
                    found.add((code, name + suffix, is_now, shall))
    return found


@pytest.mark.parametrize(
    "planted", [None, (FAR, "counters"), (SIBLING, "counters"), (KECAMATAN, "counters"), (KECAMATAN, "own")]
)
@pytest.mark.parametrize("case", CASES)
async def test_a_missing_row_is_reported_as_zeros_and_brought_back(
    connection: Any, small: Small, case: str, planted: tuple[str, str] | None
) -> None:
    truth = await _rows(connection, small.operation)
    assert await recount.verify(connection, small.operation) == ([], [])
    if planted is not None:
        await _plant(connection, small.operation, *planted)
    await _delete(connection, small.operation, CASES[case])
    expected = await _expected(connection, small.operation, truth)

    differences, nodes = await recount.verify(connection, small.operation)
    version = await recount.repair(connection, small.operation, nodes)

    blamed = {*CASES[case], *([] if planted is None or planted[0] in CASES[case] else [planted[0]])}
    assert {(d.code, d.counter, d.stored, d.recounted) for d in differences} == expected
    assert {d.code for d in differences} == blamed
    assert {d.total for d in differences} == {len(expected)}
    assert _trimmed(await _rows(connection, small.operation)) == _trimmed(truth)
    assert await recount.verify(connection, small.operation) == ([], [])
    stamped = await connection.fetch(
        "select r.version from posko.node n join posko.rollup r on r.node_id = n.id where n.operation_id = $1 and n.code = any($2)",
        small.operation, CASES[case],
    )  # fmt: skip
    assert {r["version"] for r in stamped} == {version}


async def test_every_row_may_be_missing_and_more_than_once(connection: Any, small: Small) -> None:
    truth = await _rows(connection, small.operation)
    for _ in range(2):
        await _delete(connection, small.operation, list(truth))

        differences, nodes = await recount.verify(connection, small.operation)
        await recount.repair(connection, small.operation, nodes)

        assert {d.code for d in differences} == set(truth)
        assert await _rows(connection, small.operation) == truth
        assert await recount.verify(connection, small.operation) == ([], [])


async def test_a_missing_row_of_a_region_without_anything_is_found_too(connection: Any, small: Small) -> None:
    empty = f"{KECAMATAN}.1009"
    await _add_region(connection, small.operation, KECAMATAN, empty, 4)

    differences, nodes = await recount.verify(connection, small.operation)
    await recount.repair(connection, small.operation, nodes)

    assert [(d.code, d.counter, d.stored, d.recounted) for d in differences] == [(empty, "rollup row", 0, 1)]
    assert (await _rows(connection, small.operation))[empty] == ([], [], None)
    assert await recount.verify(connection, small.operation) == ([], [])
    assert await file_reports(connection, small.operation, [report(small.operation, empty, incident())]) == ["accepted"]


async def test_a_report_that_passes_the_gap_before_the_repair_is_counted(connection: Any, small: Small) -> None:
    empty, below = f"{ROOT}.09", f"{ROOT}.09.1001"
    for parent, code, level in ((ROOT, empty, 3), (empty, below, 4)):
        await _add_region(connection, small.operation, parent, code, level)
    await connection.execute(
        "insert into posko.rollup (node_id, version, counters, own) select id, 1, '{}', '{}' from posko.node where code = $1",
        below,
    )
    _, nodes = await recount.verify(connection, small.operation)
    said = [report(small.operation, below, incident("kritis"))]
    assert await file_reports(connection, small.operation, said) == ["accepted"]

    await recount.repair(connection, small.operation, nodes)

    assert await recount.verify(connection, small.operation) == ([], [])
    rows = await _rows(connection, small.operation)
    assert (rows[empty][0], rows[empty][2]) == (rows[below][0], rows[below][2])


async def test_reports_between_the_count_and_the_repair_are_counted_once(connection: Any, small: Small) -> None:
    await _delete(connection, small.operation, [KECAMATAN, KELURAHAN])
    _, nodes = await recount.verify(connection, small.operation)
    said = [report(small.operation, place, incident("kritis")) for place in (SIBLING, f"{KECAMATAN}.1002", FAR, ROOT)]
    assert await file_reports(connection, small.operation, said) == ["accepted"] * 4

    await recount.repair(connection, small.operation, nodes)

    assert await recount.verify(connection, small.operation) == ([], [])
    slot = await connection.fetchval(
        "select slot::int from posko.counter where operation_id = $1 and name = 'incident.kritis'", small.operation
    )
    filed = await connection.fetchval(
        "select count(*) from posko.report where operation_id = $1 and body ->> 'content' like '%kritis%'",
        small.operation,
    )
    assert (await _rows(connection, small.operation))[ROOT][0][slot - 1] == filed


def _trimmed(rows: dict[str, Any]) -> dict[str, Any]:
    """Without trailing zeros, which a planted number may leave behind."""

    def trim(values: list[int] | None) -> list[int] | None:
        kept = list(values or [])
        while kept and kept[-1] == 0:
            kept.pop()
        return None if values is None else kept

    return {code: (trim(counters), trim(own), last_at) for code, (counters, own, last_at) in rows.items()}
