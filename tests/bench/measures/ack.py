"""ack_*: how long one report waits for its 201, idle and at 70 % of the maximum."""

from __future__ import annotations

import statistics

from tests.bench import load
from tests.bench.ground import Ground
from tests.bench.plan import Plan
from tests.bench.record import Result, spread
from tests.bench.workload import Reports

IDLE_PER_S = 20.0
CONNECTIONS = 128
SHARE = 0.7
AT_MOST_PER_S = 20_000


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """The maximum is measured first; then open loops: latency counts from the moment a report was due."""
    place = ground.place(plan.ground)
    role = ground.serve(place)
    used = 0

    def run(rate: float, seconds: float) -> load.Run:
        nonlocal used
        ground.assert_durable()
        reports = Reports(place.operation, place.codes, used, int(seconds * (rate or AT_MOST_PER_S)))
        spec = load.Spec(role.port, place.token, reports, CONNECTIONS, seconds, rate=rate)
        done = load.run(spec, lambda load: ground.clock(web=role.pid, load=load))
        assert not done.outcome.refused, done.outcome.refused
        used += done.outcome.acknowledged
        o = done.outcome
        ground.say(
            f"{'closed' if not rate else f'{rate:,.0f}/s'}: {o.per_s:,.0f}/s, p50 {o.latencies_ms['50']:.1f}, p99 {o.latencies_ms['99']:.1f} ms"
        )
        return done

    try:
        run(0.0, 1.0)
        most = statistics.median(run(0.0, plan.seconds).outcome.per_s for _ in range(plan.others))
        idle = [run(IDLE_PER_S, plan.seconds * 2) for _ in range(plan.others)]
        busy = [run(SHARE * most, plan.seconds * 2) for _ in range(plan.others)]
    finally:
        ground.stop(role)
        ground.drop(place)

    def result(name: str, runs: list[load.Run], percentile: str, at: str) -> Result:
        values = [r.outcome.latencies_ms[percentile] for r in runs]
        return Result(
            name=name, value=statistics.median(values), unit="ms", runs=len(runs), note=f"{at}; {spread(values)}"
        )  # fmt: skip

    at = f"at {SHARE * most:,.0f}/s, 70 % of {most:,.0f}/s, open loop, no consoles"
    return [
        result("ack_idle_p50_ms", idle, "50", f"{IDLE_PER_S:.0f}/s"),
        result("ack_idle_p99_ms", idle, "99", f"{IDLE_PER_S:.0f}/s"),
        result("ack_p50_ms", busy, "50", at),
        result("ack_p99_ms", busy, "99", at),
    ]
