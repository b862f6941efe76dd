"""console_kib, push_*, fanout_vs_*, reconnect_*: what consoles cost, and how fast they are told."""

from __future__ import annotations

import bisect
import itertools
import statistics
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.bench import consoles, load
from tests.bench.ground import Ground, Place, Role
from tests.bench.machine import memory_kib
from tests.bench.plan import Plan
from tests.bench.record import Result, spread
from tests.bench.workload import Reports

KOTA = "31.72"
RATE_PER_S = 100.0
"""Enough that every tick has something to tell."""
FEW = 10
IDLE_PER_S = 4.0


def watching(place: Place, role: Role, count: int) -> consoles.Spec:
    """Consoles on the operation's root."""
    root = place.root
    subscribe = f'{{"type":"subscribe","topic":"{place.operation}:{root}"}}'
    return consoles.Spec(role.port, "/v1/live", place.token, count, subscribe, '{"type":"snapshot"')


def pushed_ms(samples: Sequence[tuple[float, int]], seen: Sequence[Sequence[tuple[float, int]]]) -> list[float]:
    """Milliseconds from when each sampled report was due until each sampled console had its version."""
    found = []
    for frames in seen:
        versions = [version for _, version in frames]
        for due_at, version in samples:
            at = bisect.bisect_left(versions, version)
            if at < len(frames):
                found.append((frames[at][0] - due_at) * 1000)
    return sorted(found)


def percentile(ordered: Sequence[float], percent: float) -> float:
    return ordered[round((len(ordered) - 1) * percent / 100)]


class Pushed(NamedTuple):
    """One run: what came, how late in ms (ascending), and CPU microseconds of the live role."""

    seen: consoles.Outcome
    late_ms: list[float]
    live_us: float


class Bench:
    """serve and live on one operation."""

    def __init__(self, ground: Ground, root: str = KOTA) -> None:
        self.ground = ground
        self.place = ground.place(root)
        self.serve = ground.serve(self.place)
        self.live = ground.live(self.place)
        self._used = 0

    def close(self) -> None:
        self.ground.stop(self.serve, self.live)
        self.ground.drop(self.place)

    def load(self, rate: float, seconds: float, connections: int = 8) -> load.Spec:
        """The next stretch of reports."""
        count = int(rate * seconds)
        self._used += count
        reports = Reports(self.place.operation, self.place.codes, self._used - count, count)
        return load.Spec(
            self.serve.port, self.place.token, reports, connections, seconds + 5, rate=rate, sample=1
        )  # fmt: skip

    def push(self, swarm: consoles.Swarm, rate: float, seconds: float) -> Pushed:
        """What the consoles got of a load, how late, and what the live role spent."""
        self.ground.assert_durable()
        with load.prepared(self.load(rate, seconds)) as process:
            clock = self.ground.clock(live=self.live.pid)
            swarm.go()
            load.begin(process)
            done = load.result(process)
            time.sleep(1.0)  # the last tick
            seen = swarm.stop()
            spent = clock.stop()
        assert not done.refused, done.refused
        assert not seen.lost, f"{seen.lost} consoles were lost"
        return Pushed(seen, pushed_ms(done.samples, seen.samples), spent.by_process["live"] * 1e6)


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Few consoles for the latency, many for cost and memory."""
    bench = Bench(ground)
    many = max(plan.consoles)
    try:
        with consoles.swarm(watching(bench.place, bench.live, FEW)) as swarm:
            late = [bench.push(swarm, IDLE_PER_S, plan.seconds * 2).late_ms for _ in range(plan.others)]
            # What the role does for its first console: hear, read, apply. The others cost a frame each.
            alone = [bench.push(swarm, RATE_PER_S, plan.seconds * 2) for _ in range(plan.others)]
        alone_us_per_s = statistics.median(run.live_us / run.seen.seconds for run in alone)
        p50s = [percentile(run, 50) for run in late]
        results = [
            Result(
                name="push_idle_p50_ms",
                value=statistics.median(p50s),
                unit="ms",
                runs=plan.others,
                note=f"{FEW} consoles, {IDLE_PER_S:g} reports/s; {spread(p50s)}; p99 {percentile(sorted(itertools.chain.from_iterable(late)), 99):.1f}",
            )
        ]
        before = memory_kib(bench.live.pid)
        with consoles.swarm(watching(bench.place, bench.live, many)) as swarm:
            ground.say(f"{many:,} consoles live in {swarm.live_s:.1f} s")
            per_console = (memory_kib(bench.live.pid) - before) / many
            results.append(Result(name="console_kib", value=per_console, unit="KiB", note=f"{many:,} consoles"))
            results += _fanout(ground, plan, bench, swarm, (many, alone_us_per_s))
            storms = [swarm.storm() for _ in range(plan.others)]
            results.append(
                Result(
                    name=f"reconnect_{many // 1000}k_s",
                    value=statistics.median(storms),
                    unit="s",
                    runs=plan.others,
                    note=f"all cut off, until the last has its snapshot; {spread(storms)}",
                )
            )
        return results
    finally:
        bench.close()


def _fanout(ground: Ground, plan: Plan, bench: Bench, swarm: consoles.Swarm, about: tuple[int, float]) -> list[Result]:
    many, alone_us_per_s = about
    seconds = plan.seconds * 2
    ours, whole, late, sizes = [], [], [], []
    for _ in range(plan.others):
        seen, delays, live_us = bench.push(swarm, RATE_PER_S, seconds)
        whole.append(live_us / max(1, seen.frames))
        ours.append((live_us - alone_us_per_s * seen.seconds) / max(1, seen.frames))
        late += delays
        sizes.append(seen.bytes / max(1, seen.frames))
        ground.say(
            f"posko: {seen.frames:,} frames of {sizes[-1]:.0f} bytes, {ours[-1]:.1f} us each ({whole[-1]:.1f} with hearing and"
            f" reading), p99 {percentile(delays, 99):.0f} ms"
        )
    size = round(statistics.median(sizes))
    late.sort()
    results = [
        Result(name="push_p50_ms", value=percentile(late, 50), unit="ms", runs=plan.others, note=f"{many:,} consoles, {RATE_PER_S:g} reports/s"),
        Result(name="push_p99_ms", value=percentile(late, 99), unit="ms", runs=plan.others, note=f"{many:,} consoles, {RATE_PER_S:g} reports/s"),
    ]  # fmt: skip
    for name in ("broadcast", "channels"):
        theirs = [_other(ground, bench.place, name, many, size, plan.seconds) for _ in range(plan.others)]
        ground.say(f"{name}: {spread(theirs)} us per frame")
        value, baseline = statistics.median(ours), statistics.median(theirs)
        results.append(
            Result(
                name=f"fanout_vs_{name}",
                value=value,
                unit="CPU us/frame",
                baseline=baseline,
                ratio=baseline / value,
                runs=plan.others,
                note=f"{many:,} consoles, {size} bytes; posko {spread(ours)}, with hearing and reading {spread(whole)}, {name} {spread(theirs)}",
            )
        )
    return results


def _other(ground: Ground, place: Place, name: str, many: int, size: int, seconds: float) -> float:
    role = ground.program(
        name, ["-m", "tests.bench.fanouts", name], place, BENCH_FRAME_BYTES=str(size)
    )  # fmt: skip
    try:
        with consoles.swarm(consoles.Spec(role.port, "/v1/live", place.token, many, "", "")) as swarm:
            clock = ground.clock(other=role.pid)
            swarm.go()
            time.sleep(seconds)
            seen = swarm.stop()
            return clock.stop().us_per(seen.frames)["other"]
    finally:
        ground.stop(role)
