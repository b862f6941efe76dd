"""Boards of cells that everybody who looks at the same region shares: however many look, the database is asked once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.errors import LayoutChanged, PlaceUnknown, PoskoError, Unavailable, broken
from posko.regions import store
from posko.regions.cells import TPS_LIMIT, Board, Encoded, Frame
from posko.regions.operation import Operation

REST_S: Final = 0.05
"""Between the beginnings of two readings of one board, at least; and twice as long as the last one took."""
IDLE_S: Final = 60.0
"""How long a board that nobody asks for is kept."""
CELLS_LIMIT: Final = 600_000
"""Cells that one process keeps, all boards together."""


class Since(msgspec.Struct, frozen=True):
    """What a client has."""

    version: int
    layout: int | None


class _Shared:
    """One board, and how its last reading went."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.board: Board | None = None
        self.refusal: PoskoError | None = None
        self.reading = asyncio.Lock()
        self.begun_at = self.next_at = float("-inf")
        self.asked_at = 0.0


class Boards:
    """The boards of one process; the clock is monotonic, in seconds.

    Every question has passed the first wall, for the board's place; the second is asked at every reading.
    """

    def __init__(self, pool: db.Pool, clock: Callable[[], float]) -> None:
        self._pool = pool
        self._clock = clock
        self._shared: dict[tuple[int, str], _Shared] = {}

    def operation_of(self, operation: int, code: str) -> Operation | None:
        """The operation of a board that is kept: whoever asks again costs no query for it."""
        shared = self._shared.get((operation, code))
        return None if shared is None else shared.operation

    async def answer(self, viewer: Viewer, operation: Operation, code: str, since: Since | None) -> Encoded:
        """The cells, or what changed of them, as they are after this was asked.

        PlaceUnknown when there is no such region, Invalid over TPS_LIMIT or for a version that is not reached yet,
        LayoutChanged for another layout, Unavailable when this process keeps as many cells as it can.
        """
        asked_at = self._clock()
        shared = self._shared.get((operation.id, code))
        if shared is None:
            self._make_room()
            shared = self._shared[operation.id, code] = _Shared(operation)
        shared.asked_at = asked_at
        async with shared.reading:
            # A reading that began after the question has its answer, whoever read.
            if shared.begun_at < asked_at:
                await self._read(shared, viewer, code)
            if shared.refusal is not None or shared.board is None:
                raise shared.refusal or PlaceUnknown(f"there is no {code} here")
            return await _answer(shared.board, since)

    async def _read(self, shared: _Shared, viewer: Viewer, code: str) -> None:
        if (rest := shared.next_at - self._clock()) > 0:
            await asyncio.sleep(rest)
        begun_at = self._clock()
        try:
            shared.board, shared.refusal = await self._bring_on(shared, viewer, code), None
        except PoskoError as refusal:
            shared.refusal = refusal
            if shared.board is None:
                self._shared.pop((shared.operation.id, code), None)
        shared.begun_at = begun_at
        shared.next_at = begun_at + max(REST_S, 2 * (self._clock() - begun_at))

    async def _bring_on(self, shared: _Shared, viewer: Viewer, code: str) -> Board:
        """The board brought on by what changed, or read whole where that does not carry on from it."""
        async with db.snapshot(self._pool, viewer.reach) as conn:
            now = await store.operation(conn, shared.operation.id)
            board = shared.board
            if board is not None and now.layout == board.layout and now.version >= board.version:
                if now.version == board.version:
                    return board
                changed = await store.grid_states(conn, now, code, since=board.version)
                if board.continues(changed):
                    board.apply(changed)
                    return board
            places = await store.grid_places(conn, now.id, code, TPS_LIMIT)
            states = await store.grid_states(conn, now, code)
            milestones = store.milestones_among(await store.slots(conn, now.id))
        frame = Frame(now.id, code, now.tps_estimated, now.voting_day, milestones)
        return await asyncio.to_thread(Board, frame, places, states)

    def _make_room(self) -> None:
        before = self._clock() - IDLE_S
        for key in [k for k, s in self._shared.items() if s.asked_at < before and not s.reading.locked()]:
            del self._shared[key]
        if sum(s.board.count for s in self._shared.values() if s.board is not None) > CELLS_LIMIT:
            raise Unavailable("this server keeps as many grids as it can", retry_after_s=10.0)


async def _answer(board: Board, since: Since | None) -> Encoded:
    if since is None:
        # Nobody changes the board meanwhile: its lock is held.
        return await asyncio.to_thread(board.snapshot)
    if since.layout is not None and since.layout != board.layout:
        raise LayoutChanged(f"operation {board.frame.operation} has layout {board.layout}")
    if since.version > board.version:
        raise broken("$.since", "version-reached", f"operation {board.frame.operation} is at version {board.version}")
    return board.changes(since.version)
