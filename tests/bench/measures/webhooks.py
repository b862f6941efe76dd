"""webhook_first_ms, webhook_per_s, webhook_healthy_p99_ratio, publish_*_us: what telling other systems takes, and what it costs whoever is not told."""

from __future__ import annotations

import statistics
import time
from typing import Any, Final

from tests.bench import cases, telling
from tests.bench.ground import Ground, Place
from tests.bench.plan import Plan
from tests.bench.record import Result
from tests.bench.watched import percentile
from tests.running import free_port
from tests.webhooks.system import Manner, Spec, told

ENDPOINTS: Final = 200
AT_ONCE: Final = 20
"""Endpoints that the most is measured with."""
HEALTHY: Final = 50
SICK: Final = 50
SLOW_S: Final = 10.0
PER_S: Final = 2.0
ACT: Final = "select from api.act_on_incident($1, $2, $3, 'comment', 'desk', $4, null)"
NOTHING: Final = "create or replace function api.publish_incidents(o posko.operation, p_version bigint) returns void language sql as 'select'"
SEAT: Final = "select array[a.id, g.id] from posko.account a join posko.assignment g on g.account_id = a.id where a.username = 'bench'"
SOURCE: Final = "select pg_get_functiondef('api.publish_incidents'::regproc)"


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Each part on a fresh kota; nothing but webhooks is due there."""
    found = []
    for part in (_publish, _first, _most, _healthy):
        place = ground.place("31.72")
        ground.ask(f"with gone as ({cases.CALM} returning 1) select count(*) from gone", place)
        try:
            found += part(ground, plan, place)
        finally:
            ground.drop(place)
    return found


def _first(ground: Ground, plan: Plan, place: Place) -> list[Result]:
    with told(Spec([Manner()] * ENDPOINTS)) as systems:
        telling.add(ground, place, [systems.url(port) for port in range(ENDPOINTS)])
        work = telling.working(ground, place)
        try:
            telling.publish_steadily(ground, place, PER_S, 3, "warm")
            telling.settle(ground, place, 20)
            systems.forget()
            clock = ground.clock(work=work.pid, systems=systems.pid)
            committed = telling.publish_steadily(ground, place, PER_S, plan.seconds * 8, "event")
            telling.settle(ground, place, 20)
            spent = clock.stop()
            late = telling.first_ms(systems.arrivals(), committed, ENDPOINTS)
        finally:
            ground.stop(work)
    cores = ", ".join(f"{n} {s / spent.wall_s:.2f}" for n, s in spent.by_process.items())
    note = f"{ENDPOINTS} endpoints, {PER_S:g} events/s for all of them; p50 {percentile(late, 50):.0f} max {late[-1]:.0f}; cores {cores}, others {spent.foreign_s / spent.wall_s:.2f}"
    ground.say(f"first attempt: p99 {percentile(late, 99):.0f} ms; {note}")
    return [Result(name="webhook_first_ms", value=percentile(late, 99), unit="ms", note=note)]


def _most(ground: Ground, plan: Plan, place: Place) -> list[Result]:
    many = int(plan.seconds * 400)
    with told(Spec([Manner()] * AT_ONCE)) as systems:
        telling.add(ground, place, [systems.url(port) for port in range(AT_ONCE)])
        work = telling.working(ground, place)
        runs, costs = [], []
        try:
            for number in range(plan.others + 1):
                ground.stop(work)
                telling.publish(ground, place, [f"incident:{number}-{n}" for n in range(many if number else 50)])
                systems.forget()
                work = telling.working(ground, place)
                telling.until(systems, AT_ONCE * 40, 30)  # the roles have begun
                clock, first = ground.clock(work=work.pid, systems=systems.pid), systems.count()
                telling.until(systems, AT_ONCE * (many if number else 50) - AT_ONCE * 4, 120)
                last, spent = systems.count(), clock.stop()
                if number:  # the first warms up
                    runs.append((last - first) / spent.wall_s)
                    costs.append(spent.us_per(last - first) | {"others": spent.foreign_s / (last - first) * 1e6})
                    by = ", ".join(f"{n} {us:.0f}" for n, us in costs[-1].items())
                    ground.say(f"{AT_ONCE} endpoints: {runs[-1]:,.0f} deliveries/s; CPU us each: {by}")
        finally:
            ground.stop(work)
    by = ", ".join(f"{n} {statistics.median(c[n] for c in costs):.0f}" for n in costs[0])
    note = f"{AT_ONCE} endpoints with {many} waiting each, a key each; CPU us per delivery: {by}"
    return [Result(name="webhook_per_s", value=statistics.median(runs), unit="/s", runs=len(runs), note=note)]


def _healthy(ground: Ground, plan: Plan, place: Place) -> list[Result]:
    sick = [Manner(slow_s=SLOW_S)] * (SICK // 2)
    with told(Spec([Manner()] * HEALTHY + sick)) as systems:
        telling.add(ground, place, [systems.url(port) for port in range(HEALTHY)])
        work = telling.working(ground, place)
        nowhere = f"http://127.0.0.1:{free_port()}/hook"
        try:
            telling.publish_steadily(ground, place, PER_S, 3, "warm")
            calm = _late(ground, plan, place, systems, "calm")
            slow = [systems.url(HEALTHY + port) for port in range(SICK // 2)]
            telling.add(ground, place, slow + [nowhere] * (SICK - SICK // 2), "sick")
            telling.publish_steadily(ground, place, PER_S * 8, SLOW_S, "ill")  # until the slow are as slow as they get
            telling.settle(ground, place, 30)
            busy = _late(ground, plan, place, systems, "busy")
        finally:
            ground.stop(work)
    with_p99, without_p99 = percentile(busy, 99), percentile(calm, 99)
    note = f"{HEALTHY} healthy: p99 {without_p99:.0f} ms alone, {with_p99:.0f} ms (p50 {percentile(busy, 50):.0f}) beside {SICK // 2} that take {SLOW_S:g} s and {SICK - SICK // 2} that refuse"
    ground.say(note)
    ratio = with_p99 / without_p99
    return [Result(name="webhook_healthy_p99_ratio", value=ratio, unit="x", baseline=without_p99, note=note)]


def _late(ground: Ground, plan: Plan, place: Place, systems: Any, name: str) -> list[float]:
    committed = telling.publish_steadily(ground, place, PER_S, plan.seconds * 8, name)
    telling.settle(ground, place, 20)
    return telling.first_ms(systems.arrivals(), committed, HEALTHY)


def _publish(ground: Ground, plan: Plan, place: Place) -> list[Result]:
    """Comments on incidents, one transaction each, with nothing else on the machine; `none`: publishing taken out of the function."""
    cases.open_incidents(ground, place, 2000)
    source, seat = ground.ask(SOURCE, place), ground.ask(SEAT, place)
    spent: dict[str, float] = {}
    added = 0
    for name, endpoints in (("none", 0), ("0", 0), ("1", 1), (str(ENDPOINTS), ENDPOINTS)):
        if endpoints > added:
            telling.add(ground, place, [f"https://10.0.0.1/{n}" for n in range(endpoints - added)])
            added = endpoints
        if name == "0":
            spent |= _alternating(ground, place, seat, source)
        elif name != "none":
            spent[name] = ground.on(place, lambda c: _acts(c, seat, 300))
    said = ", ".join(f"{name} {us:,.0f}" for name, us in spent.items())
    ground.say(f"an action on an incident, us: {said}")
    note = f"an action on an incident in us, by endpoints that want it (none: publishing taken out): {said}"
    return [
        Result(name=f"publish_{n}_us", value=us - spent["none"], unit="us", note=note)
        for n, us in spent.items()
        if n != "none"
    ]


def _alternating(ground: Ground, place: Place, seat: list[int], source: str) -> dict[str, float]:
    """With and without publishing in turn, where nobody is told: the difference is of the size of the noise."""
    runs: dict[str, list[float]] = {"none": [], "0": []}
    for _ in range(4):
        for name, statement in (("none", NOTHING), ("0", source)):
            ground.on(place, lambda c, s=statement: c.execute(s))
            runs[name].append(ground.on(place, lambda c: _acts(c, seat, 300)))
    return {name: statistics.median(found) for name, found in runs.items()}


async def _acts(connection: Any, seat: list[int], many: int) -> float:
    """Microseconds of one, the median. Not waiting for the disk, whose noise is larger than what is measured."""
    await connection.execute("set synchronous_commit = off")
    incidents = await connection.fetch("select id from posko.incident order by number limit $1", many)
    act, times = await connection.prepare(ACT), []
    for row in incidents:
        said = f"pompa datang {time.monotonic_ns()}"  # the same again would be answered, not done
        began = time.perf_counter()
        await act.fetch(row["id"], *seat, said)
        times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times[20:])
