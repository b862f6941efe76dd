"""serve_2_vs_1*: what a second web process on the same machine adds; the versions stay without gaps.

Desks that file and look keep a web process busy: a second one takes its share of the other core. Desks that only file keep
PostgreSQL busy: there one process and PostgreSQL fill two cores already, and a second one is for machines with more.
"""

from __future__ import annotations

import statistics

from tests.bench import load
from tests.bench.ground import Ground
from tests.bench.plan import Plan
from tests.bench.record import Result, paired, spread
from tests.bench.workload import Reports

CONNECTIONS = 256
GAPLESS = """
select max(r.version) - min(r.version) + 1 = count(distinct r.version) and max(r.version) = (select max(version) from posko.operation)
from posko.report r"""


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Full only. Closed loops over as many connections, to one process and to two, in turn."""
    if not plan.full:
        ground.say("only with --full")
        return []
    return [
        _compared(ground, plan, "serve_2_vs_1", looks=True),
        _compared(ground, plan, "serve_2_vs_1_filing", looks=False),
    ]


def _compared(ground: Ground, plan: Plan, name: str, *, looks: bool) -> Result:
    place = ground.place(plan.ground)
    roles = [ground.serve(place), ground.serve(place)]
    per_s: dict[int, list[float]] = {1: [], 2: []}
    used = 0

    def run(processes: int, seconds: float) -> float:
        nonlocal used
        ground.assert_durable()
        reports = Reports(place.operation, place.codes, used, int(seconds * load.AT_MOST_PER_S))
        ports = tuple(role.port for role in roles[:processes])
        spec = load.Spec(ports, place.token, reports, CONNECTIONS, seconds, looks=looks)
        done = load.run(spec, lambda load: ground.clock(load=load, first=roles[0].pid, second=roles[1].pid))
        assert not done.outcome.refused, done.outcome.refused
        used += done.outcome.acknowledged
        us = ", ".join(f"{n} {done.us(n):.0f}" for n in ("first", "second", "postgres"))
        ground.say(
            f"{processes} serve, {'filing and looking' if looks else 'filing'}: {done.outcome.per_s:,.0f}/s,"
            f" p99 {done.outcome.latencies_ms['99']:.0f} ms; us/request: {us}"
        )
        return done.outcome.per_s

    try:
        run(2, 1.0)
        for _ in range(plan.others):
            for processes, found in per_s.items():
                found.append(run(processes, plan.seconds))
        assert ground.ask(GAPLESS, place), "a version is missing"
    finally:
        ground.stop(*roles)
        ground.drop(place)
    return Result(
        name=name,
        value=statistics.median(per_s[2]),
        unit="requests/s",
        baseline=statistics.median(per_s[1]),
        ratio=paired(per_s[2], per_s[1]),
        runs=plan.others,
        note=f"{'PUT and GET in turn' if looks else 'PUT'}; two {spread(per_s[2])}, one {spread(per_s[1])}; versions without gaps",
    )
