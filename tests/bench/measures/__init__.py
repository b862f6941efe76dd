"""One file per measure: `measure(ground, plan)` answers with its results. A new one is added to ALL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.bench.ground import Ground
from tests.bench.measures import (
    access,
    bulk,
    cost,
    day,
    escalation,
    fanout,
    grid,
    incidents,
    intake,
    latency,
    nation,
    night,
    overload,
    pages,
    reconnect,
    scale,
    sweep,
    webhooks,
)
from tests.bench.plan import Plan
from tests.bench.record import Result

Measure = Callable[[Ground, Plan], Sequence[Result]]

ALL: dict[str, Measure] = {
    "intake": intake.measure,
    "bulk": bulk.measure,
    "scale": scale.measure,
    "latency": latency.measure,
    "overload": overload.measure,
    "access": access.measure,
    "cost": cost.measure,
    "fanout": fanout.measure,
    "reconnect": reconnect.measure,
    "day": day.measure,
    "escalation": escalation.measure,
    "sweep": sweep.measure,
    "incidents": incidents.measure,
    "webhooks": webhooks.measure,
    "grid": grid.measure,
    "pages": pages.measure,
    "night": night.measure,
    "nation": nation.measure,
}
