"""The command line: the roles, and the commands of each room."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import rich_click as click

from posko import __version__, config, db, logs
from posko.config import Settings
from posko.embedded import EmbeddedError
from posko.errors import PoskoError

Role = Callable[[Settings], Coroutine[Any, Any, None]]
COMMANDS: Final = MappingProxyType(
    {
        "account": "posko.accounts.commands:account",
        "contact": "posko.messages.commands:contact",
        "demo": "posko.demo:demo",
        "gateway": "posko.gateways.commands:gateway",
        "message": "posko.messages.commands:message",
        "operation": "posko.regions.commands:operation",
        "photos": "posko.photos.commands:photos_group",
        "privacy": "posko.accounts.commands:privacy_group",
        "readiness": "posko.readiness.commands:readiness",
        "recount": "posko.regions.commands:recount",
        "roster": "posko.regions.commands:roster",
        "simulate": "posko.simulation.commands:simulate",
        "watch": "posko.live.commands:watch",
        "webhook": "posko.webhooks.commands:webhook",
    }
)
"""Where each room's is."""


class Commands(click.RichGroup):
    """Imports the command that is asked for: all of them take more than a second of a core at each start of a role."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if where := COMMANDS.get(cmd_name):
            module, _, name = where.partition(":")
            found: click.Command = getattr(import_module(module), name)
            return found
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
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
    from posko import app

    _run(app.run)


@posko.command()
def live() -> None:
    """The live role: tells the consoles."""
    from posko import hub

    _run(hub.run)


@posko.command()
def work() -> None:
    """The work role: what must happen without anybody asking."""
    from posko import worker

    _run(worker.run)


@posko.command(name="migrate")
def migrate_command() -> None:
    """Bring the database to this version's schema; safe to run twice, from anywhere, at any time."""
    applied = asyncio.run(_migrate(config.from_env(os.environ).database_url))
    click.echo("applied: " + ", ".join(applied) if applied else "nothing to do")


async def _migrate(database_url: str) -> list[str]:
    from posko import migrate

    connection = await db.connect(database_url)
    try:
        with db.translated():
            return await migrate.migrate(connection, say=lambda name: click.echo(f"applying {name}"))
    finally:
        await connection.close()


@posko.command(name="doctor")
def doctor_command() -> None:
    """Check settings, PostgreSQL, schema, Redis and clocks; say what to do about what is wrong."""
    from posko import doctor

    sys.exit(asyncio.run(doctor.examine(os.environ)))


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
