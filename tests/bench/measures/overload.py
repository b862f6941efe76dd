"""overload_*: three times what the machine takes, for a while; what is refused, what is lost, how soon it is well again."""

from __future__ import annotations

import statistics

from tests.bench import load
from tests.bench.ground import Ground, Place, Role
from tests.bench.plan import Plan
from tests.bench.record import Result
from tests.bench.workload import Reports

CONNECTIONS = 256
CROWD = 15_000
"""Connections of the overload: many more than reports may wait in one process. Nobody waits as Retry-After asks."""
TIMES = 3.0
SHARE = 0.7


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Full only. Before, during and after; every acknowledged report is counted in PostgreSQL."""
    if not plan.full:
        ground.say("only with --full")
        return []
    place = ground.place(plan.ground)
    role = ground.serve(place)
    used = 0

    def run(what: str, rate: float, seconds: float, connections: int) -> load.Run:
        nonlocal used
        ground.assert_durable()
        count = int(seconds * (rate or load.AT_MOST_PER_S))
        done = load.run(_spec(place, role, Reports(place.operation, place.codes, used, count), rate, seconds, connections),
                        lambda load: ground.clock(web=role.pid, load=load))  # fmt: skip
        used += count if rate else done.outcome.acknowledged
        o = done.outcome
        ground.say(
            f"{what}: {o.per_s:,.0f}/s accepted, 201 p50 {o.latencies_ms['50']:.0f} p99 {o.latencies_ms['99']:.0f} ms,"
            f" refused {o.refused or 'none'}, unsent {o.unsent:,};"
            f" cores {', '.join(f'{n} {s / done.spent.wall_s:.2f}' for n, s in done.spent.by_process.items())}"
        )
        return done

    try:
        run("warm", 0.0, 1.0, CONNECTIONS)
        most = statistics.median(
            run("closed", 0.0, plan.seconds, CONNECTIONS).outcome.per_s for _ in range(plan.others)
        )
        calm = run("70 %", SHARE * most, plan.seconds * 2, CONNECTIONS).outcome
        before = ground.ask("select count(*) from posko.report", place)
        over = run(f"{TIMES:g} x", TIMES * most, plan.seconds * 2, CROWD).outcome
        stored = ground.ask("select count(*) from posko.report", place) - before
        after = run("70 % again", SHARE * most, plan.seconds * 2, CONNECTIONS).outcome
    finally:
        ground.stop(role)
        ground.drop(place)
    assert set(over.refused) <= {"503"}, f"refused otherwise than with 503 and Retry-After: {over.refused}"
    assert over.refused, "this was no overload"
    assert over.acknowledged == stored, f"{over.acknowledged} acknowledged, {stored} stored"
    assert not after.refused, after.refused
    offered = over.acknowledged + over.refused["503"]
    note = (
        f"{offered:,} offered ({over.unsent:,} more found no connection) at {TIMES * most:,.0f}/s over {CROWD:,} connections, {over.refused['503']:,} answered 503 with Retry-After;"
        f" {stored:,} acknowledged and stored"
    )
    return [
        Result(name="overload_accepted", value=over.per_s, unit="reports/s", baseline=most, ratio=over.per_s / most, note=note),
        Result(name="overload_ack_p99_ms", value=over.latencies_ms["99"], unit="ms", note=f"of the accepted; p50 {over.latencies_ms['50']:.0f}"),
        Result(
            name="overload_after_p99_ms", value=after.latencies_ms["99"], unit="ms", baseline=calm.latencies_ms["99"],
            ratio=after.latencies_ms["99"] / calm.latencies_ms["99"], note="at 70 % right after it, against before it",
        ),
    ]  # fmt: skip


def _spec(place: Place, role: Role, reports: Reports, rate: float, seconds: float, connections: int) -> load.Spec:
    patient = connections < CROWD
    return load.Spec((role.port,), place.token, reports, connections, seconds, rate=rate, patient=patient)
