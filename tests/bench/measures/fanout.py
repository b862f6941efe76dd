"""console_kib, fanout_vs_*: what a console costs, and what a frame to it costs, against others and against the bare write."""

from __future__ import annotations

import statistics
import time

from tests.bench import consoles
from tests.bench.ground import Ground, Place
from tests.bench.machine import memory_kib
from tests.bench.plan import Plan
from tests.bench.record import Result, paired, spread
from tests.bench.watched import KOTA, Desk, watching

CONSOLES = 1000
"""More than the slowest of the others can be told of 20 times a second is no comparison any more."""
ALONE = 10
RATE_PER_S = 100.0
"""Enough that every tick has something to tell."""
CONNECTIONS = 8
OTHERS = ("broadcast", "channels", "raw")


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Round by round, posko and each of the others with as many consoles and frames of the same length."""
    desk = Desk(ground, KOTA, POSKO_HEARTBEAT_S="60")  # the others send no pings at all
    ours: list[float] = []
    whole: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in OTHERS}
    kib: list[float] = []
    size = 0
    try:
        for _ in range(plan.others):
            own, with_reading, size, per_console = _posko(ground, desk, plan.seconds)
            ours.append(own)
            whole.append(with_reading)
            kib.append(per_console)
            for name in OTHERS:
                theirs[name].append(_other(ground, desk.place, name, size, plan.seconds))
            ground.say(
                f"us per frame of {size} bytes: posko {own:.1f} ({with_reading:.1f} with hearing and reading), "
                + ", ".join(f"{n} {v[-1]:.1f}" for n, v in theirs.items())
            )
    finally:
        desk.close()
    note = f"{CONSOLES:,} consoles, {size} bytes; posko {spread(ours)}, with hearing and reading {spread(whole)}"
    return [
        Result(name="console_kib", value=max(kib), unit="KiB", runs=len(kib), note=f"{CONSOLES:,} consoles, the most of all rounds: later ones get what earlier ones left"),
        *(
            Result(
                name=f"fanout_vs_{name}", value=statistics.median(ours), unit="CPU us/frame", baseline=statistics.median(values),
                ratio=paired(values, ours), runs=len(values), note=f"{note}; {name} {spread(values)}",
            )
            for name, values in theirs.items()
        ),
    ]  # fmt: skip


def _posko(ground: Ground, desk: Desk, seconds: float) -> tuple[float, float, int, float]:
    """CPU us per frame without and with what the role does for a single console, the frames' bytes, KiB per console."""
    with consoles.swarm(watching(desk.place, desk.live, ALONE)) as swarm:
        # Hear, read, apply: done once, however many watch. The others are handed their frame.
        run = desk.run(RATE_PER_S, seconds * 2, swarm=swarm, connections=CONNECTIONS)
        alone_us_per_s = run.live_us / run.spent.wall_s
    before = memory_kib(desk.live.pid)
    with consoles.swarm(watching(desk.place, desk.live, CONSOLES)) as swarm:
        per_console = (memory_kib(desk.live.pid) - before) / CONSOLES
        run = desk.run(RATE_PER_S, seconds * 2, swarm=swarm, connections=CONNECTIONS)
    frames = max(1, run.seen.frames)
    own = (run.live_us - alone_us_per_s * run.spent.wall_s) / frames
    return own, run.live_us / frames, round(run.seen.bytes / frames), per_console


def _other(ground: Ground, place: Place, name: str, size: int, seconds: float) -> float:
    role = ground.program(name, ["-m", "tests.bench.fanouts", name], place, BENCH_FRAME_BYTES=str(size))
    try:
        with consoles.swarm(consoles.Spec(role.port, "/v1/live", place.token, CONSOLES, "", "")) as swarm:
            clock = ground.clock(other=role.pid)
            swarm.go()
            time.sleep(seconds)
            seen = swarm.stop()
            return clock.stop().us_per(seen.frames)["other"]
    finally:
        ground.stop(role)
