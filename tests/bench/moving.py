"""TPS that change by the thousand, as the commits of reports change them: what measures of the grid stand on."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import Iterator
from typing import Final

import redis

from posko import db
from posko.live import bell
from tests.bench.ground import Ground, Place

MILESTONE: Final = "voting_open"
BATCH_S: Final = 0.1
SLOT: Final = "select slot from posko.counter where operation_id = $1 and name = $2"
LEAVES: Final = """
select n.id, n.code, coalesce(r.counters[$2], 0) = 1 as is_reached
from posko.node n join posko.rollup r on r.node_id = n.id where n.operation_id = $1 and n.level = 6"""
MOVE: Final = """
with o as (update posko.operation set version = version + 1 where id = $1 returning version)
select o.version from o cross join lateral api.roll_up($1, o.version, posko.now(), $2::int[], $3::int[], $4::int[])"""


class Mover(threading.Thread):
    """Turns a milestone of TPS at random to reached and back, so many a second, in ten versions a second; rings the bell."""

    def __init__(self, ground: Ground, place: Place, per_s: float) -> None:
        super().__init__(daemon=True)
        self._ground, self._place, self._size = ground, place, round(per_s * BATCH_S)
        self._ending = threading.Event()
        self.moved = 0
        self.committed_at: dict[int, float] = {}
        """When each version was committed, in seconds since 1970."""
        self.seconds = 0.0

    def run(self) -> None:
        asyncio.run(self._run())

    def end(self) -> None:
        """Stops, and waits for the last batch."""
        self._ending.set()
        self.join()

    async def _run(self) -> None:
        connection = await db.connect(self._place.database_url)
        operation, rng = self._place.operation, random.Random(1)
        with contextlib.closing(redis.Redis.from_url(self._ground.embedded.redis_url)) as client:
            slot = await connection.fetchval(SLOT, operation, f"milestone.{MILESTONE}.reached")
            leaves = await connection.fetch(LEAVES, operation, slot)
            code_of: dict[int, str] = {r["id"]: r["code"] for r in leaves}
            reached, nodes = {r["id"] for r in leaves if r["is_reached"]}, list(code_of)
            began = time.perf_counter()
            for number in range(10**9):
                if self._ending.is_set():
                    break
                chosen = rng.sample(nodes, min(self._size, len(nodes)))
                deltas = [-1 if node in reached else 1 for node in chosen]
                version = await connection.fetchval(MOVE, operation, chosen, [slot] * len(chosen), deltas, timeout=60)
                self.committed_at[version] = time.time()
                reached.symmetric_difference_update(chosen)
                client.publish(bell.CHANNEL, bell.encode(bell.Ring(operation, [version], [code_of[n] for n in chosen])))
                self.moved += len(chosen)
                # Where the machine does not keep up, batches follow each other without a pause.
                await asyncio.sleep(max(0.0, began + (number + 1) * BATCH_S - time.perf_counter()))
            self.seconds = time.perf_counter() - began
        await connection.close()


@contextlib.contextmanager
def moving(ground: Ground, place: Place, per_s: float) -> Iterator[Mover]:
    """So many changes a second for as long as the block lasts."""
    mover = Mover(ground, place, per_s)
    mover.start()
    try:
        yield mover
    finally:
        mover.end()
