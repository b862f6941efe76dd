"""Boards that all who look share: asked once for all, worked on beside the event loop, kept within a budget."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

from posko import db
from posko.regions import boards, store
from posko.regions.answers import Answers
from posko.regions.boards import Since
from posko.regions.cells import Board, Encoded
from tests.factories import Small, milestone, report
from tests.regions.filing import file_reports
from tests.regions.grids import Grid, file_openings, merged


async def test_many_who_ask_at_once_cost_two_readings_at_most(
    pool: db.Pool, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = await Grid.open(pool, small)
    have = await grid.cells(small.root)
    readings = 0
    read = store.grid_states

    async def counted(*args: Any, **more: Any) -> Any:
        nonlocal readings
        readings += 1
        return await read(*args, **more)

    monkeypatch.setattr(store, "grid_states", counted)
    async with pool.acquire() as connection:
        await file_reports(
            connection, small.operation, [report(small.operation, small.tps[0], milestone("voting_open"))]
        )
    answers = await asyncio.gather(*(grid.changes(small.root, have) for _ in range(40)))
    assert {tuple(a.index) for a in answers} == {(0,)}
    assert 1 <= readings <= 2


async def test_a_reading_that_is_given_up_leaves_nothing_stale(pool: db.Pool, small: Small) -> None:
    grid = await Grid.open(pool, small)
    have = await grid.cells(small.root)
    async with pool.acquire() as connection:
        await file_reports(
            connection, small.operation, [report(small.operation, small.tps[0], milestone("voting_open"))]
        )
    given_up = asyncio.create_task(grid.changes(small.root, have))
    waiting = asyncio.create_task(grid.changes(small.root, have))
    await asyncio.sleep(0.01)
    given_up.cancel()
    assert (await waiting).index == [0]


async def test_whoever_goes_away_leaves_the_board_to_nobody_while_it_is_worked_on(
    pool: db.Pool, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot is being made in a thread, and whoever asked for it is gone: what is filed now waits for its end."""
    monkeypatch.setattr(boards, "LONG_CELLS", 0)
    grid, begun, may_end = await Grid.open(pool, small), threading.Event(), threading.Event()
    have = await grid.cells(small.root)
    grid.boards.answers.forget(grid.boards._shared[small.operation, small.root])
    made = Board.snapshot

    def slowly(board: Board) -> Encoded:
        begun.set()
        found = made(board)
        assert may_end.wait(60)
        return found

    monkeypatch.setattr(Board, "snapshot", slowly)
    given_up = asyncio.create_task(grid.cells(small.root))
    assert await asyncio.to_thread(begun.wait, 60)
    given_up.cancel()
    await file_openings(pool, small, small.tps[0])
    waiting = asyncio.create_task(grid.changes(small.root, have))
    done, _ = await asyncio.wait({waiting}, timeout=0.3)
    assert not done, "the board was changed under the hands of who reads it"
    may_end.set()

    assert (await waiting).index == [0]
    assert (await grid.cells(small.root)).version > have.version


async def test_a_whole_province_is_worked_on_beside_the_event_loop(
    pool: db.Pool, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """46,000 cells take 180 ms to bring on and 50 to encode: nobody else would be answered meanwhile."""
    monkeypatch.setattr(boards, "LONG_CELLS", 1)
    where: list[tuple[str, bool]] = []

    def watched(name: str) -> None:
        work = getattr(Board, name)

        def noted(*given: Any) -> Any:
            where.append((name, threading.current_thread() is threading.main_thread()))
            return work(*given)

        monkeypatch.setattr(Board, name, noted)

    for name in ("apply", "changes", "snapshot"):
        watched(name)
    grid = await Grid.open(pool, small)
    have = await grid.cells(small.root)
    for filed in (small.tps[:1], small.tps[1:4]):
        await file_openings(pool, small, *filed)
        have = merged(have, await grid.changes(small.root, have))

    on_loop = [("apply", True), ("changes", True)]
    assert where == [("snapshot", False), *on_loop, ("apply", False), ("changes", False)]


async def test_the_answers_of_all_boards_are_kept_within_one_budget_of_bytes(pool: db.Pool, small: Small) -> None:
    limit = 4_000
    grid = await Grid.open(pool, small)
    grid.boards.answers = Answers(limit)
    have = {code: await grid.cells(code) for code in (small.root, *small.kecamatan, *small.kelurahan)}
    sizes = []
    for n in range(6):
        await file_openings(pool, small, small.tps[n])
        for region, cells in have.items():
            for version in range(cells.version + 1):
                answer = await grid.ask(region, Since(version, cells.layout))
                sizes.append(len(answer))
                assert grid.boards.answers.bytes <= limit
                assert answer == await grid.ask(region, Since(version, cells.layout))
    assert sum(sizes) > 4 * limit
    assert grid.boards.answers.bytes > limit / 2


@hypothesis.given(
    st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(0, 4), st.integers(0, 90)), max_size=60)
)
def test_answers_are_counted_by_their_bytes_and_the_oldest_go(asked: list[tuple[int, int | None, int]]) -> None:
    kept, model = Answers(200), {}
    for owner, version, size in asked:
        if size > 80:
            kept.forget(owner)
            model = {key: value for key, value in model.items() if key[0] != owner}
            continue
        answer = kept.find(owner, version)
        assert answer is model.get((owner, version))
        if answer is None:
            answer = Encoded(bytes(size), bytes(size // 2) if size % 2 else None)
            kept.keep(owner, version, answer)
        model.pop((owner, version), None)
        model[owner, version] = answer
        while sum(len(a.plain) + len(a.zipped or b"") for a in model.values()) > 200:
            del model[next(iter(model))]
        assert kept.bytes == sum(len(a.plain) + len(a.zipped or b"") for a in model.values())
    kept.keep(9, None, Encoded(bytes(201), None))
    assert kept.find(9, None) is None
