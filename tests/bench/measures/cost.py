"""cost_*: CPU per report at a fixed rate, by size of the operation; cost_flatness compares the nation with one kota."""

from __future__ import annotations

import statistics

from tests.bench import load
from tests.bench.ground import Ground
from tests.bench.plan import Plan
from tests.bench.record import Result
from tests.bench.workload import Reports

RATE_PER_S = 6000.0
"""Half of what the nation's tree takes: batches as they are in a surge, and time left over at every size."""
CONNECTIONS = 128
PROCESSES = ("web", "postgres", "redis")


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Alternating runs over the sizes; the same rate, so that the group commit has the same batches to gather."""
    places = {size: ground.place(size) for size in plan.sizes}
    roles = {size: ground.serve(place) for size, place in places.items()}
    spent: dict[str, list[dict[str, float]]] = {size: [] for size in places}
    used = dict.fromkeys(places, 0)
    try:
        for number in range(plan.others + 1):
            for size, place in places.items():
                ground.assert_durable()
                reports = Reports(place.operation, place.codes, used[size], int(plan.seconds * RATE_PER_S))
                spec = load.Spec(
                    (roles[size].port,), place.token, reports, CONNECTIONS, plan.seconds * 1.5, rate=RATE_PER_S
                )
                done = load.run(spec, lambda load, web=roles[size].pid: ground.clock(load=load, web=web))
                assert not done.outcome.refused, done.outcome.refused
                used[size] += done.outcome.acknowledged
                if number:  # the first warms up
                    spent[size].append({name: done.us(name) for name in PROCESSES})
                    ground.say(
                        f"{len(place.codes):,} TPS: "
                        + ", ".join(f"{n} {done.us(n):.0f}" for n in PROCESSES)
                        + " us/report"
                    )
    finally:
        ground.stop(*roles.values())
        for place in places.values():
            ground.drop(place)
    totals = {size: statistics.median(sum(run.values()) for run in runs) for size, runs in spent.items()}
    results = []
    for size, runs in spent.items():
        by = ", ".join(f"{n} {statistics.median(r[n] for r in runs):.0f}" for n in PROCESSES)
        results.append(
            Result(
                name=f"cost_{len(places[size].codes)}_us",
                value=totals[size],
                unit="CPU us/report",
                runs=len(runs),
                note=f"{by}; {RATE_PER_S:,.0f} reports/s",
            )
        )
    if len(totals) > 1:
        first, last = plan.sizes[0], plan.sizes[-1]
        ratio = totals[last] / totals[first]
        results.append(
            Result(
                name="cost_flatness",
                value=ratio,
                unit="times",
                baseline=1.0,
                ratio=ratio,
                runs=plan.others,
                note=f"{totals[last]:.0f} us at {len(places[last].codes):,} TPS, {totals[first]:.0f} us at {len(places[first].codes):,}",
            )
        )
    return results
