"""ack_*, push_*: from when a report was due to its 201 and to the consoles, idle and at 70 % of what the machine takes.

The consoles are attached in every run, and the maximum is measured with them. Open loops: a server that stalls does not
hide it. What has a number of consoles in its name is for the record; ack_p99_ms is at the most consoles, push_idle_p50_ms
at the fewest: with ten thousand, the consoles in the middle of a sweep wait for half a sweep.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from tests.bench import consoles
from tests.bench.ground import Ground
from tests.bench.plan import Plan
from tests.bench.record import Result, spread
from tests.bench.watched import Desk, Watched, percentile, watching

IDLE_PER_S = 2.0
SHARE = 0.7
CONNECTIONS = 256
SAMPLE = 16
SETTLE_S = 1.0
"""What holds at 70 % is asked, not how the first second goes after the machine has slept."""


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Every number of consoles on the same roles, the fewest first."""
    results: list[Result] = []
    desk = Desk(ground, plan.ground)
    try:
        for many in plan.consoles:
            with consoles.swarm(watching(desk.place, desk.live, many)) as swarm:
                results += _with(ground, plan, desk, swarm, many)
    finally:
        desk.close()
    named = {r.name: r for r in results}
    fewest, most = min(plan.consoles), max(plan.consoles)
    return [
        _renamed(named[f"ack_{most}_p99_ms"], "ack_p99_ms"),
        _renamed(named[f"push_idle_{fewest}_p50_ms"], "push_idle_p50_ms"),
        *results,
    ]


def _with(ground: Ground, plan: Plan, desk: Desk, swarm: consoles.Swarm, many: int) -> list[Result]:
    def run(what: str, rate: float, seconds: float, sample: int = SAMPLE, settle_s: float = 0.0) -> Watched:
        found = desk.run(rate, seconds, swarm=swarm, connections=CONNECTIONS, sample=sample, settle_s=settle_s)
        cores = ", ".join(f"{n} {s / found.spent.wall_s:.2f}" for n, s in found.spent.by_process.items())
        acks, late = found.done.latencies_ms, found.late_ms
        ground.say(
            f"{many:,} consoles, {what}: {found.done.per_s:,.0f}/s; 201 p50 {acks['50']:.1f} p99 {acks['99']:.1f} ms;"
            f" console p50 {percentile(late, 50):.0f} p99 {percentile(late, 99):.0f} ms; cores {cores}"
        )
        return found

    run("warm", 0.0, 1.0)
    most = statistics.median(run("closed", 0.0, plan.seconds).done.per_s for _ in range(plan.others))
    idle = [run("idle", IDLE_PER_S, plan.seconds * 2, sample=1) for _ in range(plan.others)]
    busy = [run("70 %", SHARE * most, plan.seconds * 2 + SETTLE_S, settle_s=SETTLE_S) for _ in range(plan.others)]
    at_idle = f"{many:,} consoles, {IDLE_PER_S:g}/s"
    at_busy = f"{many:,} consoles, {SHARE * most:,.0f}/s, 70 % of {most:,.0f}/s, open loop"
    return [
        *_results(f"ack_idle_{many}", [r.done.latencies_ms for r in idle], at_idle),
        *_results(f"ack_{many}", [r.done.latencies_ms for r in busy], at_busy),
        *_results(f"push_idle_{many}", [_percentiles(r) for r in idle], at_idle),
        *_results(f"push_{many}", [_percentiles(r) for r in busy], at_busy),
    ]


def _percentiles(run: Watched) -> dict[str, float]:
    return {"50": percentile(run.late_ms, 50), "99": percentile(run.late_ms, 99)}


def _results(name: str, runs: Sequence[dict[str, float]], at: str) -> list[Result]:
    found = []
    for percent in ("50", "99"):
        values = [r[percent] for r in runs]
        found.append(
            Result(
                name=f"{name}_p{percent}_ms",
                value=statistics.median(values),
                unit="ms",
                runs=len(values),
                note=f"{at}; {spread(values)}",
            )
        )
    return found


def _renamed(result: Result, name: str) -> Result:
    return Result(name=name, value=result.value, unit=result.unit, runs=result.runs, note=result.note)
