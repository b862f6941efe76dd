"""`posko webhook` as the owner uses it at the command line."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from click.testing import CliRunner, Result

from posko.webhooks.commands import webhook
from tests.factories import incident
from tests.webhooks.ground import Webhooks, all_settled


@pytest.fixture
def run(database: str) -> Any:
    async def said(*words: str) -> Result:
        environ = {"POSKO_DATABASE_URL": database, "POSKO_SECRET_KEY": "x" * 32, "COLUMNS": "300"}
        return await asyncio.to_thread(lambda: CliRunner(env=environ).invoke(webhook, list(words)))

    return said


async def test_list_test_log_and_replay(hooks: Webhooks, run: Any) -> None:
    day = hooks.day
    one = await hooks.add(types=("incident.opened",))
    new = await hooks.add(name="baru", verified=False)
    for endpoint in (one, new):
        sent = await run("test", str(endpoint))
        assert sent.exit_code == 0 and re.search(r"sent [0-9a-f-]{36}: see `posko webhook log", sent.output), (
            sent.output
        )
    hooks.receiver.answers = lambda r: 422 if r.body["type"] == "incident.opened" else 200
    await day.file(day.small.tps[0], incident("tinggi"))
    async with hooks.delivering():
        await hooks.hurried(
            "select exists (select from posko.delivery where endpoint_id = $1 and state = 'parked')", one
        )
    listed = await run("list", "--operation", str(day.operation))
    assert listed.exit_code == 0 and "active" in listed.output and hooks.receiver.url("baru") in listed.output
    assert (await run("list", "--operation", "999")).output.count("hook") == 0
    logged = await run("log", str(one))
    assert "endpoint.test" in logged.output and "parked" in logged.output and "422 in" in logged.output
    failed = await run("log", str(one), "--failed")
    assert "endpoint.test" not in failed.output and "parked" in failed.output
    event = re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]{17}", failed.output.split("parked")[1])
    assert event is not None
    hooks.receiver.answers = lambda _: 200
    again = await run("replay", str(one), "--event", event[0])
    assert (again.exit_code, again.output) == (0, "1 sent again\n")
    async with hooks.delivering():
        await all_settled(day.pool)
    assert (await hooks.states(one)) == {"delivered": 2}
    assert (await run("replay", str(one), "--since", "2020-01-01")).output == "0 sent again\n"
    assert (await run("replay", str(one), "--since", "2020-01-01", "--everything")).output == "2 sent again\n"
    logged_acts = await day.pool.fetch("select action, account_id from posko.log_entry where action = 'webhook.replay'")
    assert [a["account_id"] for a in logged_acts] == [None, None, None]
    everything = listed.output + logged.output + failed.output
    assert "whsec_" not in everything


@pytest.mark.parametrize(
    "words",
    [
        ("test", "999"), ("log", "999"), ("replay", "999", "--since", "2024-01-01"), ("replay", "1"), ("test", "0"),
        ("replay", "1", "--since", "2024-01-01", "--event", "01a201e4-e06a-7001-8453-e919cedd4d4b"), ("log", "1", "--limit", "0"),
    ],
    ids=" ".join,
)  # fmt: skip
async def test_what_is_not_there_or_not_meant_is_said(hooks: Webhooks, run: Any, words: tuple[str, ...]) -> None:
    await hooks.add()
    done = await run(*words)
    assert done.exit_code != 0 and "Traceback" not in done.output


async def test_a_paused_endpoint_takes_no_test(hooks: Webhooks, run: Any) -> None:
    one = await hooks.add()
    await hooks.day.pool.execute("update posko.endpoint set state = 'paused' where id = $1", one)
    done = await run("test", str(one))
    assert done.exit_code != 0 and "paused" in str(done.exception)
