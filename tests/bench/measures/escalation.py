"""escalation_late_p99_s: how late a step is taken while thousands of open incidents fall due and the intake runs at half of what it takes."""

from __future__ import annotations

from tests.bench import cases, load
from tests.bench.ground import Ground, Place, Role
from tests.bench.plan import Plan
from tests.bench.record import Result
from tests.bench.workload import Reports

PER_S = 167
"""10,000 incidents within a minute."""
CONNECTIONS = 256
SPREAD = "update posko.escalation set next_at = posko.now() + make_interval(secs => 2 + $1 * random())"
LATE = """
select array[percentile_cont(0.5) within group (order by w.late), percentile_cont(0.99) within group (order by w.late), max(w.late), count(*)]
from (select extract(epoch from fired_at - due_at)::float8 as late from posko.firing) w"""


class Intake:
    """The intake of one operation, run after run, no report twice."""

    def __init__(self, ground: Ground, place: Place, role: Role) -> None:
        self.ground, self.place, self.role = ground, place, role
        self._used = 0

    def run(self, what: str, rate: float, seconds: float) -> load.Outcome:
        """`rate` 0: as much as it takes."""
        count = int(seconds * (rate or load.AT_MOST_PER_S))
        reports = Reports(self.place.operation, self.place.codes, self._used, count)
        spec = load.Spec((self.role.port,), self.place.token, reports, CONNECTIONS, seconds, rate=rate)
        done = load.run(spec, lambda load: self.ground.clock(web=self.role.pid, load=load))
        self._used += count if rate else done.outcome.acknowledged
        out = done.outcome
        cores = ", ".join(f"{n} {s / done.spent.wall_s:.2f}" for n, s in done.spent.by_process.items())
        self.ground.say(
            f"{what}: {out.per_s:,.0f}/s, 201 p50 {out.latencies_ms['50']:.1f} p99 {out.latencies_ms['99']:.1f} ms; cores {cores}"
        )
        assert not out.refused, out.refused
        return out


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Full: ten thousand within a minute; quick: at the same rate for some seconds."""
    seconds = 60.0 if plan.full else 12.0
    count = int(PER_S * seconds)
    place = ground.place(plan.ground)
    ground.ask(f"with gone as ({cases.CALM} returning 1) select count(*) from gone", place)
    cases.open_incidents(ground, place, count)
    serve = ground.serve(place)
    work = None
    try:
        intake = Intake(ground, place, serve)
        intake.run("warm", 0.0, 1.0)
        most = intake.run("closed", 0.0, plan.seconds).per_s
        work = ground.work(place)
        ground.ask(
            f"with moved as ({SPREAD.replace('$1', str(seconds))} returning 1) select count(*) from moved", place
        )
        half = intake.run("half, while steps fall due", most / 2, seconds + 4)
        middle, late, worst, taken = ground.ask(LATE, place)
    finally:
        ground.stop(*(r for r in (serve, work) if r))
        ground.drop(place)
    assert taken >= count, f"{taken} steps taken of {count}"
    note = f"{taken:,.0f} steps within {seconds:.0f} s, intake {half.per_s:,.0f}/s of {most:,.0f}/s; p50 {middle:.2f} max {worst:.2f} s"
    return [Result(name="escalation_late_p99_s", value=late, unit="s", note=note)]
