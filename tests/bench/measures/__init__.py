"""One file per measure: `measure(ground, plan)` answers with its results. A new one is added to ALL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.bench.ground import Ground
from tests.bench.measures import ack, bulk, cost, intake, live, nation
from tests.bench.plan import Plan
from tests.bench.record import Result

Measure = Callable[[Ground, Plan], Sequence[Result]]

ALL: dict[str, Measure] = {
    "intake": intake.measure,
    "bulk": bulk.measure,
    "ack": ack.measure,
    "cost": cost.measure,
    "live": live.measure,
    "nation": nation.measure,
}
