"""Reading a grid as a client does, and what a cell must say."""

from __future__ import annotations

import time

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.regions import store
from posko.regions.boards import Boards, Since
from posko.regions.cells import CellChanges, Cells
from tests.factories import Small, make_account, milestone, report, viewer_of
from tests.regions.filing import file_reports

PARTS = ("reached", "late", "not_possible", "unreachable", "overdue", "excused")
SEVERITIES = ("rendah", "sedang", "tinggi", "kritis")
OPEN = ("baru", "diterima", "ditangani", "dibuka_kembali")


def codes_of(cells: Cells) -> list[str]:
    """The TPS of a snapshot, in the order of its cells, read as a client would."""
    found = []
    for parent, ranges in cells.tps.items():
        for run in ranges.split(","):
            first, _, last = run.partition("-")
            found += [f"{parent}.{n:03}" for n in range(int(first), int(last or first) + 1)]
    return found


def cell_of(counters: dict[str, int], milestones: list[str]) -> str:
    """What a TPS' cell must be, worked out from its named counters."""
    digits = ""
    for code in milestones:
        said = {part for part in PARTS if counters.get(f"milestone.{code}.{part}")}
        digits += str(max((PARTS.index(part) + 1 for part in said), default=0))
    open_cases = [sum(counters.get(f"case.{s}.{v}", 0) for s in OPEN) for v in SEVERITIES]
    worst = max((i + 1 for i, n in enumerate(open_cases) if n), default=0)
    flags = sum(n for name, n in counters.items() if name.startswith("flag."))
    marks = counters.get("covered", 0) + 2 * counters.get("unreachable", 0) + 4 * counters.get("custody.seal_broken", 0)
    return f"{digits}{worst}{_letter(sum(open_cases))}{_letter(flags)}{marks}"


def _letter(n: int) -> str:
    return "0123456789abcdefghijklmnopqrstuvwxyz"[min(n, 35)]


def merged(cells: Cells, changes: CellChanges) -> Cells:
    """A snapshot brought on by changes, as a client does it."""
    assert (changes.since, changes.layout, changes.count) == (cells.version, cells.layout, cells.count)
    width = cells.width
    rows = [cells.cells[i * width : (i + 1) * width] for i in range(cells.count)]
    last = list(cells.last)
    for at, i in enumerate(changes.index):
        rows[i], last[i] = changes.cells[at * width : (at + 1) * width], changes.last[at]
    return msgspec.structs.replace(cells, version=changes.to, at=changes.at, cells="".join(rows), last=last)


class Grid:
    """The boards of one process as one viewer asks them."""

    def __init__(self, pool: db.Pool, small: Small, viewer: Viewer) -> None:
        self.pool, self.small, self.viewer = pool, small, viewer
        self.boards = Boards(pool, time.monotonic)

    @classmethod
    async def open(cls, pool: db.Pool, small: Small, role: str = "supervisor") -> Grid:
        async with pool.acquire() as connection:
            account = await make_account(connection, f"mata-{role}", role, small.root)
            return cls(pool, small, await viewer_of(connection, account))

    async def ask(self, code: str, since: Since | None = None) -> bytes:
        async with db.snapshot(self.pool, self.viewer.reach) as connection:
            operation = await store.operation(connection, self.small.operation)
        return (await self.boards.answer(self.viewer, operation, code, since)).plain

    async def cells(self, code: str) -> Cells:
        return msgspec.json.decode(await self.ask(code), type=Cells)

    async def changes(self, code: str, have: Cells) -> CellChanges:
        return msgspec.json.decode(await self.ask(code, Since(have.version, have.layout)), type=CellChanges)


async def file_openings(pool: db.Pool, small: Small, *tps: str) -> None:
    """The opening of each of these TPS."""
    async with pool.acquire() as connection:
        said = [report(small.operation, code, milestone("voting_open")) for code in tps]
        await file_reports(connection, small.operation, said)
