"""The command line: the roles, and the commands of each room."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import rich_click as click

from posko import __version__, app, config, db, doctor, hub, logs, migrate, worker
from posko.accounts.commands import account, privacy_group
from posko.config import Settings
from posko.demo import demo
from posko.embedded import EmbeddedError
from posko.errors import PoskoError
from posko.gateways.commands import gateway
from posko.live.commands import watch
from posko.messages.commands import contact, message
from posko.photos.commands import photos_group
from posko.readiness.commands import readiness
from posko.regions.commands import operation, recount, roster
from posko.simulation.commands import simulate
from posko.webhooks.commands import webhook

Role = Callable[[Settings], Coroutine[Any, Any, None]]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="posko")
def posko() -> None:
    """The command post of an Indonesian election day: reports in, rollups up, pushes out."""


def _run(role: Role) -> None:
    settings = config.from_env(os.environ)
    logs.configure(settings.log_format)
    if sys.platform == "win32":
        asyncio.run(role(settings))
    else:
        import uvloop

        uvloop.run(role(settings))


@posko.command()
def serve() -> None:
    """The HTTP role: reports in, reads out. Settings: POSKO_*."""
    _run(app.run)


@posko.command()
def live() -> None:
    """The live role: tells the consoles."""
    _run(hub.run)


@posko.command()
def work() -> None:
    """The work role: what must happen without anybody asking."""
    _run(worker.run)


@posko.command(name="migrate")
def migrate_command() -> None:
    """Bring the database to this version's schema; safe to run twice, from anywhere, at any time."""
    applied = asyncio.run(_migrate(config.from_env(os.environ).database_url))
    click.echo("applied: " + ", ".join(applied) if applied else "nothing to do")


async def _migrate(database_url: str) -> list[str]:
    connection = await db.connect(database_url)
    try:
        with db.translated():
            return await migrate.migrate(connection, say=lambda name: click.echo(f"applying {name}"))
    finally:
        await connection.close()


@posko.command(name="doctor")
def doctor_command() -> None:
    """Check settings, PostgreSQL, schema, Redis and clocks; say what to do about what is wrong."""
    sys.exit(asyncio.run(doctor.examine(os.environ)))


for command in (
    account,
    privacy_group,
    contact,
    message,
    gateway,
    photos_group,
    operation,
    roster,
    readiness,
    recount,
    simulate,
    webhook,
    watch,
    demo,
):
    posko.add_command(command)


def main() -> None:
    """Entry point: an error of ours is one sentence, not a traceback."""
    try:
        posko(standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (PoskoError, EmbeddedError, OSError) as error:
        click.echo(f"posko: {error}", err=True)
        sys.exit(1)
