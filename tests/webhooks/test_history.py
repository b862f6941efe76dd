"""What was sent to an endpoint stays with those who could see it: whoever keeps the endpoint later sees what is theirs."""

from __future__ import annotations

import msgspec
from prometheus_client import CollectorRegistry, generate_latest

from posko import db
from posko.accounts.account import Viewer
from posko.webhooks import store
from posko.webhooks.endpoint import EndpointIn
from posko.webhooks.service import Metrics
from posko.webhooks.store import Backlog, Filter
from tests.factories import incident, make_account, viewer_of
from tests.webhooks.ground import Webhooks, all_settled


async def _admin(hooks: Webhooks, name: str, *regions: str, cleared: bool = False) -> Viewer:
    async with hooks.day.pool.acquire() as connection:
        account = await make_account(connection, name, "admin", *regions, cleared=cleared)
        return await viewer_of(connection, account)


async def _seen(hooks: Webhooks, by: Viewer, endpoint: int) -> tuple[set[str], set[str]]:
    """Keys of deliveries, and of the events of attempts, as a seat is shown them."""
    async with db.transaction(hooks.day.pool, by.reach) as connection:
        deliveries = await store.deliveries(connection, by, endpoint, Filter(), 100)
        attempts = await store.attempts(connection, by, endpoint, limit=100)
    keys = {d.id: d.key for d in deliveries}
    return set(keys.values()), {keys.get(a.event, "of what is not shown") for _, a in attempts}


async def test_whoever_keeps_a_narrowed_endpoint_sees_nothing_of_what_it_was_told_before(hooks: Webhooks) -> None:
    day, small = hooks.day, hooks.day.small
    chief = await _admin(hooks, "kepala", small.root, cleared=True)
    camat = await _admin(hooks, "camat", small.kecamatan[0])
    endpoint = await hooks.add(cleared=True, types=("incident.opened",))
    lane = await day.pool.fetchval("select id from posko.operation where restricts = $1", day.operation)
    async with day.pool.acquire() as connection:
        account = await make_account(connection, "terbatas", "operator", small.root, cleared=True)
        filer = await viewer_of(connection, account)
    day.people["terbatas"] = (filer.account_id, filer.seat_id)
    hidden = await day.file(small.tps[0], incident("kritis", text="rahasia"), by="terbatas", operation=lane)
    near, far = await day.file(small.tps[0], incident("tinggi")), await day.file(small.tps[-1], incident("tinggi"))
    async with hooks.delivering():
        await all_settled(day.pool)
    said = {"operation": day.operation, "region": small.kecamatan[0], "url": hooks.receiver.url(), "description": "hook", "types": ("*",)}  # fmt: skip
    async with db.transaction(day.pool, chief.reach) as connection:
        await store.change(connection, chief, endpoint, msgspec.convert(said, EndpointIn))

    mine, everything = {f"incident:{near}"}, {f"incident:{case}" for case in (hidden, near, far)}
    assert await _seen(hooks, camat, endpoint) == (mine, mine)
    assert await _seen(hooks, chief, endpoint) == (everything, everything)


async def test_endpoints_that_are_no_more_leave_nothing_in_the_metrics() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for endpoint in range(1, 101):
        metrics.attempted(endpoint, "rest", "delivered")
        metrics.attempted(endpoint, "escalation", "retry")
    metrics.attempted(100, "rest", "delivered")
    metrics.count([Backlog(100, is_failing=False, waiting=0, lag_s=0.0)])
    shown = [line for line in generate_latest(registry).decode().splitlines() if line.startswith("posko_webhook_attempts_total{")]  # fmt: skip
    assert sorted(shown) == [
        'posko_webhook_attempts_total{endpoint="100",lane="escalation",outcome="retry"} 1.0',
        'posko_webhook_attempts_total{endpoint="100",lane="rest",outcome="delivered"} 2.0',
    ]
