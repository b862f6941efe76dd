"""reconnect_*: every console is cut off at the same instant and returns at once; until the last has its snapshot."""

from __future__ import annotations

import statistics

from tests.bench import consoles
from tests.bench.ground import Ground
from tests.bench.plan import Plan
from tests.bench.record import Result, spread
from tests.bench.watched import KOTA, Desk, watching


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """The worst case: nobody waits before the first retry, as a well-behaved client would."""
    many = max(plan.consoles)
    desk = Desk(ground, KOTA)
    try:
        with consoles.swarm(watching(desk.place, desk.live, many)) as swarm:
            ground.say(f"{many:,} consoles live in {swarm.live_s:.1f} s")
            storms: list[float] = []
            us: list[float] = []
            for _ in range(plan.others):
                clock = ground.clock(live=desk.live.pid)
                storms.append(swarm.storm())
                us.append(clock.stop().us_per(many)["live"])
                ground.say(f"again in {storms[-1]:.1f} s, {us[-1]:.0f} us each")
    finally:
        desk.close()
    note = f"{spread(storms)}; CPU of the live role {statistics.median(us):.0f} us per console"
    return [Result(name=f"reconnect_{many // 1000}k_s", value=statistics.median(storms), unit="s", runs=len(storms), note=note)]  # fmt: skip
