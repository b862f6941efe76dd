"""`posko webhook`: systems that are told, what was sent to them, and sending it again."""

from __future__ import annotations

import asyncio
import datetime
import secrets
import uuid
from typing import Any

import rich_click as click
from rich.table import Table

from posko.accounts import log
from posko.console import connected, on_database, wide_console
from posko.webhooks import store
from posko.webhooks.endpoint import Attempt, Delivery, Endpoint, Replay
from posko.webhooks.told import ChallengeEvent, TestEvent

SHOWN = 200
_MARKS = {"delivered": "[green]delivered[/]", "parked": "[red]parked[/]", "dead": "[red]dead[/]"}


@click.group()
def webhook() -> None:
    """Webhooks: other systems that are told."""


@webhook.command(name="list")
@click.option("--operation", type=click.IntRange(1), help="Of this operation only.")
@on_database
def list_endpoints(operation: int | None, database_url: str) -> None:
    """List the endpoints and how it stands with each."""
    table = Table("id", "state", "region", "url", "types", "waiting", "parked", "dead", "failing since")
    for e in asyncio.run(_list(database_url, operation)):
        state = "stopped: its owner's seat has ended" if e.is_stopped else e.state
        since = f"{e.failing_since:%Y-%m-%d %H:%M}" if e.failing_since else ""
        table.add_row(
            str(e.id), state, e.region, e.url, " ".join(e.types), str(e.waiting), str(e.parked), str(e.dead), since
        )
    wide_console().print(table)


async def _list(url: str, operation: int | None) -> list[Endpoint]:
    found: list[Endpoint] = []
    async with connected(url) as connection:
        while True:
            after = found[-1].id if found else 0
            page = await store.endpoints(connection, None, operation=operation, after=after, limit=SHOWN)
            found += page
            if len(page) < SHOWN:
                return found


@webhook.command()
@click.argument("endpoint", type=click.IntRange(1))
@on_database
def test(endpoint: int, database_url: str) -> None:
    """Send ENDPOINT a test event, or the challenge that it has not answered yet."""
    click.echo(f"sent {asyncio.run(_test(database_url, endpoint))}: see `posko webhook log {endpoint}`")


async def _test(url: str, endpoint: int) -> uuid.UUID:
    async with connected(url) as connection, connection.transaction():
        found = await store.endpoint(connection, None, endpoint)
        if found.state == "unverified":
            challenge = ChallengeEvent(secrets.token_urlsafe(24))
            return await store.call(connection, None, endpoint, "endpoint.challenge", challenge)
        return await store.call(connection, None, endpoint, "endpoint.test", TestEvent("posko webhook test"))


@webhook.command(name="log")
@click.argument("endpoint", type=click.IntRange(1))
@click.option("--failed", is_flag=True, help="Only what is parked or was given up; what is tried again is on its way.")
@click.option("--limit", type=click.IntRange(1, SHOWN), default=50, show_default=True)
@on_database
def show_log(endpoint: int, failed: bool, limit: int, database_url: str) -> None:
    """Show the last deliveries to ENDPOINT, and what came of the attempts."""
    table = Table("at", "type", "key", "state", "attempts", "last answer")
    table.add_column("event", no_wrap=True, min_width=36)  # to be copied
    for delivery, last in asyncio.run(_log(database_url, endpoint, failed, limit)):
        said = "" if last is None else f"{last.status or last.error} in {last.ms} ms"
        state = _MARKS.get(delivery.state, delivery.state) + (f": {delivery.why}" if delivery.why else "")
        at = f"{delivery.at:%m-%d %H:%M:%S}"
        table.add_row(at, delivery.type, delivery.key, state, str(delivery.attempts), said, str(delivery.id))
    wide_console().print(table)


async def _log(url: str, endpoint: int, failed: bool, limit: int) -> list[tuple[Delivery, Attempt | None]]:
    states = ("parked", "dead", "skipped", "dropped") if failed else None
    async with connected(url) as connection:
        await store.endpoint(connection, None, endpoint, also_removed=True)
        rows = await store.deliveries(connection, None, endpoint, store.Filter(states=states), limit)
        lasts: dict[uuid.UUID, Attempt] = {}
        for row in rows:
            for _, attempt in await store.attempts(connection, None, endpoint, event=row.id, limit=1):
                lasts[row.id] = attempt
        return [(row, lasts.get(row.id)) for row in rows]


@webhook.command()
@click.argument("endpoint", type=click.IntRange(1))
@click.option("--event", "events", type=click.UUID, multiple=True, help="This event, whatever became of it.")
@click.option("--since", type=click.DateTime(), help="What failed since then: UTC, by the operation's clock.")
@click.option("--everything", is_flag=True, help="With --since: also what was delivered.")
@on_database
def replay(database_url: str, endpoint: int, **said: Any) -> None:
    """Send again, in their order, under the ids that they had."""
    since = said["since"].replace(tzinfo=datetime.UTC) if said["since"] else None
    what = Replay(events=said["events"] or None, since=since, only_failed=not said["everything"])
    if (what.events is None) == (what.since is None):
        raise click.UsageError("say --event or --since")
    what.check()
    click.echo(f"{asyncio.run(_replay(database_url, endpoint, what))} sent again")


async def _replay(url: str, endpoint: int, what: Replay) -> int:
    async with connected(url) as connection, connection.transaction():
        found = await store.endpoint(connection, None, endpoint)
        sent = await store.replay(connection, None, endpoint, what)
        entry = log.Entry(
            action="webhook.replay", subject=f"webhook {endpoint}", region=found.region, operation=found.operation
        )
        await log.write(connection, [entry])
        return sent
