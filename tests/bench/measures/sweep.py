"""sweep_nation_s, sweep_intake_ratio: every TPS of the country falls silent at once. How soon all are counted, and what filing feels of it."""

from __future__ import annotations

import threading
import time

from tests.bench.ground import Ground, Place
from tests.bench.measures.escalation import Intake
from tests.bench.plan import Plan
from tests.bench.record import Result

SILENT = "count_started"
"""None of the reports of the load say it."""
DUE = "timestamptz '2024-11-26 05:00+07'"
STOP = "with o as (update posko.operation set clock_at = {} - interval '1 hour', clock_set_at = posko.now(), clock_speed = 0 where mode = 'drill' returning 1) select count(*) from o"
ONLY = """
with gone as (
    delete from posko.obligation b where b.subject_id <> (select m.subject_id from posko.milestone m where m.operation_id = b.operation_id and m.code = '{}')
), due as (
    update posko.obligation b set due_at = {} where b.subject_id = (select m.subject_id from posko.milestone m where m.operation_id = b.operation_id and m.code = '{}') returning 1
) select count(*) from due"""
START = "with o as (update posko.operation set clock_at = {} where mode = 'drill' returning 1) select count(*) from o"
LEFT = "select exists (select from posko.obligation where overdue_at is null and due_at <= {})"
COUNTED = """
select array[r.counters[c.slot], (select count(*) from posko.alarm)::int] from posko.node n join posko.rollup r on r.node_id = n.id
join posko.counter c on c.operation_id = n.operation_id and c.name = 'milestone.{}.overdue'
where n.parent_id is null and n.operation_id = {}"""
LIMIT_S = 300.0


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """One sweep, with the intake at half of what it takes from its beginning; the same intake without it is measured first."""
    place = ground.place(plan.ground)
    ground.ask(STOP.format(DUE), place)
    kelurahan = ground.ask(ONLY.format(SILENT, DUE, SILENT), place)
    ground.ask("select count(*) from posko.obligation", place)
    serve = ground.serve(place)
    work = None
    try:
        intake = Intake(ground, place, serve)
        intake.run("warm", 0.0, 1.0)
        most = intake.run("closed", 0.0, plan.seconds).per_s
        work = ground.work(place)
        calm = intake.run("half", most / 2, plan.seconds * 4)
        sweep = Sweep(ground, place)
        sweep.start()
        busy = intake.run("half, in the sweep", most / 2, 24.0 if plan.full else 12.0)
        sweep.join()
        counted, alarms = ground.ask(COUNTED.format(SILENT, place.operation), place)
    finally:
        ground.stop(*(r for r in (serve, work) if r))
        ground.drop(place)
    assert sweep.seconds > 0, "the sweep does not end"
    assert counted == len(place.codes), f"{counted} counted of {len(place.codes)}"
    note = f"{counted:,} TPS in {kelurahan:,} kelurahan, {alarms:,} alarms by then; intake {most / 2:,.0f}/s of {most:,.0f}/s"
    with_p99, without_p99 = busy.latencies_ms["99"], calm.latencies_ms["99"]
    return [
        Result(name="sweep_nation_s", value=sweep.seconds, unit="s", note=note),
        Result(
            name="sweep_intake_ratio", value=with_p99, unit="ms", baseline=without_p99, ratio=with_p99 / without_p99,
            note=f"201 p99 in the sweep against without; the sweep took {sweep.seconds:.0f} s, the intake ran {busy.seconds:.0f} s of it",
        ),
    ]  # fmt: skip


class Sweep(threading.Thread):
    """Lets it fall due, and looks until nothing is left."""

    def __init__(self, ground: Ground, place: Place) -> None:
        super().__init__(daemon=True)
        self._ground, self._place = ground, place
        self.seconds = 0.0

    def run(self) -> None:
        time.sleep(0.5)
        began = time.perf_counter()
        self._ground.ask(START.format(DUE), self._place)
        while time.perf_counter() < began + LIMIT_S:
            if not self._ground.ask(LEFT.format(DUE), self._place):
                self.seconds = time.perf_counter() - began
                return
            time.sleep(0.25)
