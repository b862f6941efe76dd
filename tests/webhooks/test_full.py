"""An endpoint for which too much waits can still be moved, verified and tested."""

from __future__ import annotations

import msgspec
import pytest

from posko import db
from posko.accounts.account import Viewer
from posko.errors import PoskoError
from posko.webhooks import store
from posko.webhooks.endpoint import EndpointIn
from posko.webhooks.told import ChallengeEvent
from tests.factories import incident, make_account, viewer_of
from tests.webhooks.ground import Webhooks, all_settled


async def test_a_full_endpoint_that_moved_is_verified_and_gets_what_waits(hooks: Webhooks) -> None:
    day = hooks.day
    endpoint = await hooks.add(name="lama", types=("incident.opened",))
    await day.file(day.small.tps[0], incident("tinggi"))
    await day.pool.execute("select api.check_endpoints(0)")
    async with day.pool.acquire() as connection:
        chief = await viewer_of(connection, await make_account(connection, "kepala", "admin", day.small.root))
    said = {"operation": day.operation, "region": day.small.root, "url": hooks.receiver.url("baru"), "description": "hook", "types": ("*",)}  # fmt: skip
    async with db.transaction(day.pool, chief.reach) as connection:
        await store.change(connection, chief, endpoint, msgspec.convert(said, EndpointIn))
        assert (await store.endpoint(connection, chief, endpoint)).is_full
        await store.call(connection, chief, endpoint, "endpoint.challenge", ChallengeEvent("sekali"))
    async with hooks.delivering():
        await hooks.receiver.until(lambda: hooks.receiver.challenged == ["/baru"])
        await all_settled(day.pool)
    assert [(r.path, r.body["type"]) for r in hooks.receiver.received] == [("/baru", "incident.opened")]


async def test_one_account_owns_no_more_endpoints_than_leave_room_for_the_others(hooks: Webhooks) -> None:
    day = hooks.day
    async with day.pool.acquire() as connection:
        seats = [await viewer_of(connection, await make_account(connection, name, "admin", day.small.root)) for name in ("serakah", "lain")]  # fmt: skip
    said = {"operation": day.operation, "region": day.small.root, "url": hooks.receiver.url(), "description": "hook", "types": ("*",)}  # fmt: skip

    async def add(by: Viewer) -> int:
        _, uid, sealed = hooks.keys.new()
        async with db.transaction(day.pool, by.reach) as connection:
            return await store.add(connection, by, msgspec.convert(said, EndpointIn), uid, sealed)

    made = [await add(seats[0]) for _ in range(50)]
    with pytest.raises(PoskoError, match="owns 50 endpoints"):
        await add(seats[0])
    await add(seats[1])
    async with db.transaction(day.pool, seats[0].reach) as connection:
        await store.remove(connection, seats[0], made[0])
    await add(seats[0])
