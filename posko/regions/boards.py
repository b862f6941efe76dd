"""Boards of cells that everybody who looks at the same region shares: however many look, the database is asked once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.errors import LayoutChanged, PlaceUnknown, PoskoError, Unavailable, broken
from posko.regions import answers, store
from posko.regions.answers import Answers
from posko.regions.cells import TPS_LIMIT, Board, Encoded, Frame, States
from posko.regions.operation import Operation

P = ParamSpec("P")
T = TypeVar("T")

REST_S: Final = 0.05
"""Between the beginnings of two readings of one board, at least; and twice as long as the last one took."""
IDLE_S: Final = 60.0
"""How long a board that nobody asks for is kept."""
CELLS_LIMIT: Final = 600_000
"""Cells that one process keeps, all boards together."""
LONG_CELLS: Final = 1_000
"""More of them are worked on beside the event loop: as many take it 2 ms, a whole province 50 to 400."""


class Since(msgspec.Struct, frozen=True):
    """What a client has."""

    version: int
    layout: int | None


class _Shared:
    """One board, and how its last reading went. Whoever holds the lock may change or read it."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.board: Board | None = None
        self.refusal: PoskoError | None = None
        self.lock = asyncio.Lock()
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
        self._turns: set[asyncio.Task[Encoded]] = set()
        self._first = asyncio.Lock()
        self.answers = Answers(answers.LIMIT_BYTES)

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
            shared = self._shared[operation.id, code] = _Shared(operation)
        shared.asked_at = asked_at
        await shared.lock.acquire()
        # Whoever asked may go away: others wait for what is under way, and none may touch the board until it is done.
        turn = asyncio.create_task(self._turn(shared, viewer, code, since, asked_at))
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)
        return await asyncio.shield(turn)

    async def _turn(self, shared: _Shared, viewer: Viewer, code: str, since: Since | None, asked_at: float) -> Encoded:
        try:
            # A reading that began after the question has its answer, whoever read.
            if shared.begun_at < asked_at:
                await self._read(shared, viewer, code)
            if shared.refusal is not None or shared.board is None:
                raise shared.refusal or PlaceUnknown(f"there is no {code} here")
            _require_reached(shared.board, since)
            asked = None if since is None else since.version
            found = self.answers.find(shared, asked)
            if found is None:
                found = await _encoded(shared.board, asked)
                self.answers.keep(shared, asked, found)
            return found
        finally:
            shared.lock.release()

    async def _read(self, shared: _Shared, viewer: Viewer, code: str) -> None:
        if (rest := shared.next_at - self._clock()) > 0:
            await asyncio.sleep(rest)
        begun_at = self._clock()
        try:
            if shared.board is None:
                await self._begin(shared, viewer, code)
            else:
                await self._bring_on(shared, viewer, code)
            shared.refusal = None
        except PoskoError as refusal:
            shared.refusal = refusal
            if shared.board is None and self._shared.get((shared.operation.id, code)) is shared:
                del self._shared[shared.operation.id, code]
        shared.begun_at = begun_at
        shared.next_at = begun_at + max(REST_S, 2 * (self._clock() - begun_at))

    async def _begin(self, shared: _Shared, viewer: Viewer, code: str) -> None:
        # One after the other: a burst of first questions would all find the room that there is for one.
        async with self._first:
            self._make_room()
            await self._bring_on(shared, viewer, code)

    async def _bring_on(self, shared: _Shared, viewer: Viewer, code: str) -> None:
        """Brings the board on by what changed, or reads it whole where that does not carry on from it."""
        async with db.snapshot(self._pool, viewer.reach) as conn:
            now = await store.operation(conn, shared.operation.id)
            board = shared.board
            if board is not None and now.layout == board.layout and now.version >= board.version:
                if now.version == board.version:
                    return
                changed = await store.grid_states(conn, now, code, since=board.version)
                self.answers.forget(shared)
                if await _beside(len(changed.codes) > LONG_CELLS, _applied, board, changed):
                    return
            places = await store.grid_places(conn, now.id, code, TPS_LIMIT)
            states = await store.grid_states(conn, now, code)
            milestones = store.milestones_among(await store.slots(conn, now.id))
        frame = Frame(now.id, code, now.tps_estimated, now.voting_day, milestones)
        self.answers.forget(shared)
        shared.board = await asyncio.to_thread(Board, frame, places, states)

    def _make_room(self) -> None:
        before = self._clock() - IDLE_S
        for key in [k for k, s in self._shared.items() if s.asked_at < before and not s.lock.locked()]:
            self.answers.forget(self._shared.pop(key))
        if sum(s.board.count for s in self._shared.values() if s.board is not None) > CELLS_LIMIT:
            raise Unavailable("this server keeps as many grids as it can", retry_after_s=10.0)


def _applied(board: Board, changed: States) -> bool:
    """Whether what changed carries on from the board; then the board has it."""
    is_next = board.continues(changed)
    if is_next:
        board.apply(changed)
    return is_next


def _require_reached(board: Board, since: Since | None) -> None:
    if since is None:
        return
    if since.layout is not None and since.layout != board.layout:
        raise LayoutChanged(f"operation {board.frame.operation} has layout {board.layout}")
    if since.version > board.version:
        raise broken("$.since", "version-reached", f"operation {board.frame.operation} is at version {board.version}")


async def _encoded(board: Board, asked: int | None) -> Encoded:
    if asked is None:
        return await _beside(board.count > LONG_CELLS, board.snapshot)
    return await _beside(board.is_long(asked, LONG_CELLS), board.changes, asked)


async def _beside(is_long: bool, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """Does what takes long beside the event loop; another thread costs more than what does not."""
    return await asyncio.to_thread(work, *given, **named) if is_long else work(*given, **named)
