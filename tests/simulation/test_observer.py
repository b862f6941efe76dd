"""A whole simulated day on real roles, with somebody beside it who has no business there and must see nothing of it."""

from __future__ import annotations

from posko import db
from posko.simulation.drive import play
from posko.simulation.player import Order
from tests.factories import Small, make_account
from tests.observer import Observer
from tests.running import Running


async def test_9_an_outsider_ends_the_day_having_seen_nothing(
    running: Running, served: Small, server_pool: db.Pool
) -> None:
    observer = Observer(running, served)
    async with server_pool.acquire() as connection:
        await make_account(connection, "simulasi", "system", served.root)
        await observer.prepare(connection)
    order = Order(
        url=running.url,
        username="simulasi",
        password=served.password,
        operation=served.operation,
        speed=None,
        seed=2024,
        scenario="biasa",
    )

    async with observer.watching():
        done = await play(order)

    assert done.accepted > 100
    assert done.refused == 0
