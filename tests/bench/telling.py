"""Endpoints on an operation, events for them, and the systems that are told: what measures of webhooks stand on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

from posko.webhooks import store
from posko.webhooks.endpoint import EndpointIn
from posko.webhooks.keys import Keys
from tests.bench.ground import Ground, Place, Role
from tests.webhooks.system import Arrival, Systems

SECRET: Final = "only-for-the-bench-only-for-the-bench-only"
SAID: Final = '{"said": "' + "air naik di ruang tunggu " * 30 + '"}'
PUBLISH: Final = """
with o as (update posko.operation set version = version + 1 where id = $1 returning *)
select api.publish(o, o.version, array(
    select row('incident.updated', t.id, k.key, 'escalation', posko.now(), $3::jsonb)::posko.news from unnest($2::text[]) with ordinality as k(key, i) order by k.i))
from o cross join lateral (select min(id) as id from posko.node where operation_id = o.id and level = 6) t"""
LEFT: Final = """
select count(*) from posko.delivery d join posko.endpoint e on e.id = d.endpoint_id where d.state = 'pending' and e.description <> 'sick'"""
LAST: Final = "select max(sequence) from posko.endpoint"


def add(ground: Ground, place: Place, urls: Sequence[str], description: str = "well") -> list[int]:
    """An endpoint of each URL, verified, of the whole operation."""

    async def work(connection: Any) -> list[int]:
        keys, made = Keys(SECRET), []
        for url in urls:
            new = EndpointIn(operation=place.operation, region=place.root, url=url, description=description,
                             types=("incident.*",), rate=1000)  # fmt: skip
            _, uid, sealed = keys.new()
            made.append(await store.add(connection, None, new, uid, sealed))
        await connection.execute(
            "update posko.endpoint set state = 'active', verified_at = posko.now() where id = any($1)", made
        )
        return made

    return ground.on(place, work)


def publish(ground: Ground, place: Place, keys: Sequence[str], at_once: int = 100) -> None:
    """An event of each key for every endpoint, so many in one transaction."""

    async def work(connection: Any) -> None:
        for first in range(0, len(keys), at_once):
            await connection.execute(PUBLISH, place.operation, list(keys[first : first + at_once]), SAID, timeout=120)

    ground.on(place, work)


def publish_steadily(ground: Ground, place: Place, per_s: float, seconds: float, name: str) -> dict[int, float]:
    """Single events, each of a key of its own; when each was committed, by the sequence that every endpoint has it under."""

    async def work(connection: Any) -> dict[int, float]:
        committed, began = {}, time.monotonic()
        for n in range(int(per_s * seconds)):
            await asyncio.sleep(max(0.0, began + n / per_s - time.monotonic()))
            await connection.execute(PUBLISH, place.operation, [f"incident:{name}-{n}"], SAID)
            committed[n] = time.monotonic()
        last = await connection.fetchval(LAST)
        return {last - len(committed) + 1 + n: at for n, at in committed.items()}

    return ground.on(place, work)


def first_ms(arrivals: Sequence[Arrival], committed: dict[int, float], ports: int) -> list[float]:
    """Milliseconds, ascending, from the commit of each event to its first attempt at each of the first so many ports."""
    first: dict[tuple[int, int], float] = {}
    for a in arrivals:
        if a.port < ports and a.sequence in committed:
            first.setdefault((a.port, a.sequence), a.at)
    assert len(first) == ports * len(committed), f"{len(first)} of {ports * len(committed)} arrived"
    return sorted((at - committed[sequence]) * 1000 for (_, sequence), at in first.items())


def working(ground: Ground, place: Place) -> Role:
    """A worker that may tell systems on loopback."""
    return ground.work(place, POSKO_WEBHOOK_INSECURE_LOOPBACK="true")


def settle(ground: Ground, place: Place, limit_s: float) -> None:
    """Until nothing waits for those that are well."""
    limit = time.monotonic() + limit_s
    while left := ground.ask(LEFT, place):
        assert time.monotonic() < limit, f"{left} still wait after {limit_s:.0f} s"
        time.sleep(0.2)


def until(systems: Systems, count: int, limit_s: float) -> None:
    """Until so many attempts arrived."""
    limit = time.monotonic() + limit_s
    while systems.count() < count:
        assert time.monotonic() < limit, f"{systems.count()} of {count} arrived in {limit_s:.0f} s"
        time.sleep(0.05)
