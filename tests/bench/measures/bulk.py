"""bulk_vs_sql_limit: reports that come in arrays of 32, as a share of what the same SQL takes when driven straight."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import msgspec

from tests.bench import direct, load
from tests.bench.ground import Ground, Place
from tests.bench.plan import Plan
from tests.bench.record import Result, paired, spread
from tests.bench.workload import Reports

PER_REQUEST = 32
CONNECTIONS = 32
BATCH = 256
AT_MOST_PER_S = 40_000


class Side:
    """Bulk over HTTP, or the SQL with a number of connections; each on a database of its own."""

    def __init__(self, ground: Ground, name: str, place: Place, spec: Callable[[Reports], msgspec.Struct]) -> None:
        self.ground, self.name, self.place, self._spec = ground, name, place, spec
        self.runs: list[load.Run] = []
        self._used = 0

    def run(self, seconds: float, module: str, **pids: int) -> None:
        """One run."""
        self.ground.assert_durable()
        reports = Reports(self.place.operation, self.place.codes, self._used, int(seconds * AT_MOST_PER_S))
        done = load.run(self._spec(reports), lambda load: self.ground.clock(load=load, **pids), module)
        assert not done.outcome.refused, done.outcome.refused
        self._used += done.outcome.acknowledged
        self.runs.append(done)
        us = ", ".join(f"{name} {done.us(name):.0f}" for name in (*pids, "postgres", "load"))
        self.ground.say(f"{self.name}: {done.outcome.per_s:,.0f}/s; us/report: {us}")

    @property
    def per_s(self) -> float:
        return statistics.median(r.outcome.per_s for r in self.runs)


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Alternating runs; the limit is the better of one and two connections."""
    places = [ground.place(plan.ground) for _ in range(3)]
    role = ground.serve(places[0])
    seconds = plan.seconds
    bulk = Side(
        ground, f"POST of {PER_REQUEST}", places[0],
        lambda r: load.Spec((role.port,), places[0].token, r, CONNECTIONS, seconds, batch=PER_REQUEST),
    )  # fmt: skip
    straight = [
        Side(
            ground, f"SQL, batches of {BATCH}, {n} connections", places[n],
            lambda r, n=n: direct.Spec(places[n].database_url, r, n, BATCH, seconds),
        )
        for n in (1, 2)
    ]  # fmt: skip
    try:
        for _ in range(plan.others):
            bulk.run(seconds, "tests.bench.load", web=role.pid)
            for side in straight:
                side.run(seconds, "tests.bench.direct")
    finally:
        ground.stop(role)
        for place in places:
            ground.drop(place)
    limit = max(straight, key=lambda s: s.per_s)
    note = f"bulk {spread([r.outcome.per_s for r in bulk.runs])}; {limit.name} {spread([r.outcome.per_s for r in limit.runs])}"
    return [
        Result(
            name="bulk_vs_sql_limit",
            value=bulk.per_s,
            unit="reports/s",
            baseline=limit.per_s,
            ratio=paired([r.outcome.per_s for r in bulk.runs], [r.outcome.per_s for r in limit.runs]),
            runs=plan.others,
            note=note,
        )
    ]
