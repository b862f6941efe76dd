"""intake_vs_naive: durable single-report PUTs per second, against an application with one transaction per request."""

from __future__ import annotations

import statistics

from tests.bench import load
from tests.bench.ground import Ground, Place, Role
from tests.bench.plan import Plan
from tests.bench.record import Result, paired, spread
from tests.bench.workload import Reports


class Side:
    """One server under test on a database of its own."""

    def __init__(self, ground: Ground, name: str, role: Role, place: Place, connections: int) -> None:
        self.name, self.role, self.place, self.connections = name, role, place, connections
        self.runs: list[load.Run] = []
        self._ground = ground
        self._used = 0

    def run(self, seconds: float, *, warm: bool = False) -> None:
        """One closed-loop run; every report that was acknowledged is in the database after it."""
        self._ground.assert_durable()
        before = self._stored()
        stretch = Reports(self.place.operation, self.place.codes, self._used, int(seconds * load.AT_MOST_PER_S))
        spec = load.Spec((self.role.port,), self.place.token, stretch, self.connections, seconds)
        done = load.run(spec, lambda load: self._ground.clock(web=self.role.pid, load=load))
        self._used += done.outcome.acknowledged
        assert not done.outcome.refused, done.outcome.refused
        assert self._stored() - before == done.outcome.acknowledged, "acknowledged is not what is stored"
        if not warm:
            self.runs.append(done)
            o = done.outcome
            self._ground.say(
                f"{self.name}, {self.connections} connections: {o.per_s:,.0f}/s, p50 {o.latencies_ms['50']:.1f} ms,"
                f" p99 {o.latencies_ms['99']:.1f} ms; us/report: web {done.us('web'):.0f}, postgres {done.us('postgres'):.0f},"
                f" load {done.us('load'):.0f}; foreign {done.spent.foreign_s / done.spent.wall_s:.2f} cores"
            )

    def _stored(self) -> int:
        found: int = self._ground.ask("select count(*) from posko.report", self.place)
        return found

    @property
    def per_s(self) -> float:
        return statistics.median(r.outcome.per_s for r in self.runs)

    @property
    def us(self) -> float:
        """CPU microseconds per report, web and PostgreSQL."""
        return statistics.median(r.us("web") + r.us("postgres") for r in self.runs)

    def told(self) -> str:
        us = {n: statistics.median(r.us(n) for r in self.runs) for n in ("web", "postgres")}
        return (
            f"{self.name} {spread([r.outcome.per_s for r in self.runs])}/s at {self.connections} connections,"
            f" CPU us web {us['web']:.0f} postgres {us['postgres']:.0f}"
        )


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Alternating runs; each side at the number of connections that suits it best."""
    places = {name: ground.place(plan.ground) for name in ("posko", "statements", "function")}
    roles = {"posko": ground.serve(places["posko"])}
    for how in ("statements", "function"):
        roles[how] = ground.naive(places[how], how)
    connections = {"posko": (256, 512), "statements": (64, 256), "function": (64, 256)}
    sides = [
        Side(ground, "posko" if name == "posko" else f"naive ({name})", roles[name], places[name], c)
        for name in roles
        for c in (connections[name] if plan.full else connections[name][:1])
    ]
    try:
        for role in roles:
            next(s for s in sides if s.role is roles[role]).run(1.0, warm=True)
        for _ in range(plan.runs):
            for side in sides:
                side.run(plan.seconds)
    finally:
        ground.stop(*roles.values())
        for place in places.values():
            ground.drop(place)
    best = {n: max((s for s in sides if s.role is roles[n]), key=lambda s: s.per_s) for n in roles}
    posko = best["posko"]
    return [
        _result("intake_vs_naive", posko, best["statements"], plan),
        _result("intake_vs_function", posko, best["function"], plan),
    ]


def _result(name: str, posko: Side, other: Side, plan: Plan) -> Result:
    return Result(
        name=name, value=posko.per_s, unit="reports/s", baseline=other.per_s, ratio=paired([r.outcome.per_s for r in posko.runs], [r.outcome.per_s for r in other.runs]),
        runs=plan.runs, note=f"{posko.told()}; {other.told()}; CPU ratio {other.us / posko.us:.1f}",
    )  # fmt: skip
