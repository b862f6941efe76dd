"""serve and live on one operation, with consoles attached: what is sent, what comes out, how late, at what cost."""

from __future__ import annotations

import bisect
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.bench import consoles, load
from tests.bench.ground import Ground, Place, Role
from tests.bench.machine import Spent
from tests.bench.workload import Reports

KOTA = "31.72"
LAST_TICK_S = 1.0


class Watched(NamedTuple):
    """One run: what the load got, what the consoles got, how late in ms (ascending), and CPU."""

    done: load.Outcome
    seen: consoles.Outcome
    late_ms: list[float]
    spent: Spent

    @property
    def live_us(self) -> float:
        return self.spent.by_process["live"] * 1e6


class Desk:
    """The two roles on an operation of their own."""

    def __init__(self, ground: Ground, root: str, **live_settings: str) -> None:
        self.ground = ground
        self.place = ground.place(root)
        self.serve = ground.serve(self.place)
        self.live = ground.live(self.place, **live_settings)
        self._used = 0

    def close(self) -> None:
        self.ground.stop(self.serve, self.live)
        self.ground.drop(self.place)

    def run(
        self,
        rate: float,
        seconds: float,
        *,
        swarm: consoles.Swarm,
        connections: int,
        sample: int = 1,
        settle_s: float = 0.0,
    ) -> Watched:
        """A load (`rate` 0: closed) and what the consoles make of it; every acknowledged report counts."""
        self.ground.assert_durable()
        count = int((rate or load.AT_MOST_PER_S) * seconds)
        reports = Reports(self.place.operation, self.place.codes, self._used, count)
        spare_s = 5.0 if rate else 0.0
        spec = load.Spec(
            (self.serve.port,),
            self.place.token,
            reports,
            connections,
            seconds + spare_s,
            rate=rate,
            sample=sample,
            settle_s=settle_s,
        )
        with load.prepared(spec) as process:
            clock = self.ground.clock(serve=self.serve.pid, live=self.live.pid, load=process.pid, consoles=swarm.pid)
            swarm.go()
            load.begin(process)
            done = load.result(process)
            time.sleep(LAST_TICK_S)
            seen = swarm.stop()
            spent = clock.stop()
        self._used += done.acknowledged
        assert not done.refused, done.refused
        assert not seen.lost, f"{seen.lost} consoles were lost"
        return Watched(done, seen, pushed_ms(done.samples, seen.samples), spent)


def watching(place: Place, role: Role, count: int) -> consoles.Spec:
    """Consoles on the operation's root."""
    subscribe = f'{{"type":"subscribe","topic":"{place.operation}:{place.root}"}}'
    return consoles.Spec(role.port, "/v1/live", place.token, count, subscribe, '{"type":"snapshot"')


def pushed_ms(samples: Sequence[tuple[float, int]], seen: Sequence[Sequence[tuple[float, int]]]) -> list[float]:
    """Milliseconds, ascending, from when each sampled report was due until each sampled console had its version."""
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
