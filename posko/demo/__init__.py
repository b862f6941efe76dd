"""`posko demo`: everything on one bare machine, and a simulated election day played over it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import secrets
import shlex
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import rich_click as click
from rich.console import Console, Group, RenderableType
from rich.text import Text

from posko import db, migrate, terms
from posko.accounts.account import Role, SeatIn
from posko.accounts.commands import keep_account
from posko.accounts.store import NewAccount
from posko.console import number, wide_console
from posko.demo.roles import Roles, environ_of, write_environ
from posko.embedded import Embedded
from posko.live.watch import server_at, watch
from posko.regions import create, store
from posko.regions.operation import STARTS_BEFORE_VOTING_DAYS, NewOperation
from posko.regions.preset import PRESETS, regions_of
from posko.simulation.commands import outcome, parse_speed, summary, table
from posko.simulation.drive import play
from posko.simulation.player import NORMAL_SPEED, Order
from posko.simulation.progress import Progress
from posko.simulation.scenario import SCENARIOS

SETTLE_S: Final = 2.0
"""Screens are at most this far behind."""
VOTING_DAY: Final = datetime.date(2024, 11, 27)
MORNING_BEFORE: Final = datetime.datetime(2024, 11, 25, 22, tzinfo=datetime.UTC)
"""H-1, 05:00 in Jakarta and 07:00 in Papua: no logistics have left, and nothing is due."""
ACCOUNTS: Final[tuple[tuple[str, Role, str], ...]] = (
    ("admin", "admin", "Administrator posko"),
    ("supervisor", "supervisor", "Pengawas (Forkopimko)"),
    ("operator", "operator", "Operator piket"),
    ("petugas", "petugas", "Petugas lapangan"),
    ("dinding", "wall", "Layar dinding"),
    ("simulasi", "system", "Hari yang disimulasikan"),
    ("terminal", "wall", "Tampilan di terminal ini"),
)
DESKS: Final = 8
"""Simulated operators below the one of the whole region; each has a share of the regions below it."""
CLEARED: Final = frozenset({"admin", "supervisor"})
"""Whose seats see what is terbatas."""


class Keys(msgspec.Struct):
    """What a demo keeps between runs, in its data directory."""

    secret_key: str
    passwords: dict[str, str]


class Watched(msgspec.Struct, frozen=True):
    """What the terminal shows, and as whom."""

    url: str
    live_url: str
    password: str
    operation: int


@click.command()
@click.option("--preset", type=click.Choice(sorted(PRESETS)), default="jakarta-utara", show_default=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".posko"),
    show_default=True,
    help="Where it keeps its database.",
)
@click.option("--speed", help="Simulated seconds per second, or max (default: 05:00 to 22:00 in ten minutes).")
@click.option("--no-simulation", is_flag=True, help="Only start the server.")
@click.option("--scenario", type=click.Choice(SCENARIOS), default="biasa", show_default=True)
@click.option("--seed", default=2024, show_default=True, help="The same seed is the same day.")
@click.option(
    "--port",
    type=click.IntRange(1, 65_000),
    default=8080,
    show_default=True,
    help="Of the console and API; the next free one if taken.",
)
@click.option("--stay/--no-stay", default=None, help="Go on serving when the day is over (default: in a terminal).")
def demo(preset: str, data: Path, port: int, no_simulation: bool, stay: bool | None, **day: Any) -> None:
    """Start everything here - PostgreSQL, Redis, the roles - and play a simulated election day over it."""
    say = _Say()
    speed = NORMAL_SPEED if day["speed"] is None else parse_speed(day["speed"])
    # SIGTERM ends it like Ctrl-C does: roles, then Redis, then PostgreSQL.
    signal.signal(signal.SIGTERM, _interrupt)
    with contextlib.suppress(KeyboardInterrupt), Embedded(data, progress=say) as embedded:
        say("PostgreSQL 18 dan Redis berjalan")
        keys = _keys(embedded.data_dir / "keys.json", [name for name, _ in desks_of(preset)])
        operation = asyncio.run(_prepare(embedded.database_url, preset, keys, fresh=not no_simulation, say=say))
        environ, url = environ_of(embedded, keys.secret_key, port)
        if not url.endswith(f":{port}"):
            say(f"porta {port} terpakai; konsol ada di {url}")
        write_environ(embedded.data_dir / "env", environ)
        roles = Roles(embedded, environ, say)
        roles.start()
        _introduce(say.console, url, environ, keys, f"{operation} ({PRESETS[preset].name}, latihan)")
        if no_simulation:
            speed_now = asyncio.run(_speed_of(embedded.database_url, operation))
            stands = "berhenti" if speed_now == 0 else f"berjalan {number(speed_now)} kali"
            say(f"jam latihan {stands}; PUT /v1/operations/{operation}/clock mengaturnya")
        say(f"perintah lain di terminal lain: . {shlex.quote(str(data / 'env'))}; .venv/bin/posko recount")
        order = Order(
            url=url,
            username="simulasi",
            password=keys.passwords["simulasi"],
            operation=operation,
            speed=speed,
            seed=day["seed"],
            scenario=day["scenario"],
            desk_accounts=tuple((name, keys.passwords[name]) for name, _ in desks_of(preset)),
        )
        watched = Watched(url, environ["POSKO_LIVE_URL"], keys.passwords["terminal"], operation)
        stays = say.console.is_terminal if stay is None else stay
        asyncio.run(_play(None if no_simulation else order, watched, roles, stays))
    say("peran, Redis dan PostgreSQL sudah ditutup")


def desks_of(preset: str) -> list[tuple[str, tuple[str, ...]]]:
    """The accounts of simulated operators with their regions: one of the whole, the rest share what lies below."""
    root = PRESETS[preset].root
    level = terms.level_of(root) + 1
    below = [r.code for r in regions_of(root) if terms.level_of(r.code) == level]
    shares = (tuple(below[n::DESKS]) for n in range(DESKS))
    return [("meja-pusat", (root,)), *((f"meja-{n}", share) for n, share in enumerate(shares, 1) if share)]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


class _Say:
    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def __call__(self, text: str) -> None:
        self.console.print(f"[dim]posko[/dim] {text}", soft_wrap=True)


def _keys(file: Path, desks: list[str]) -> Keys:
    known = file.is_file()
    keys = msgspec.json.decode(file.read_bytes(), type=Keys) if known else Keys(secrets.token_urlsafe(48), {})
    for name in (*(name for name, *_ in ACCOUNTS), *desks):
        keys.passwords.setdefault(name, secrets.token_urlsafe(9))
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(msgspec.json.encode(keys))
    return keys


async def _prepare(database_url: str, preset: str, keys: Keys, *, fresh: bool, say: Callable[[str], None]) -> int:
    """Migrates, makes the accounts, and answers the operation to play on: one without reports if a day is played."""
    connection = await db.connect(database_url)
    try:
        await migrate.migrate(connection, say=lambda name: say(f"migrasi {name}"))
        statements = db.queries("demo")
        name = f"Demo {preset}"
        found: int | None = await connection.fetchval(statements["usable_operation"].sql, name, fresh)
        if found is None:
            for row in await connection.fetch(statements["active_demos"].sql):
                await store.close(connection, row["id"])
            number = await connection.fetchval(statements["next_number"].sql, name)
            found = await _create(connection, preset, f"{name} #{number}", say)
    finally:
        await connection.close()
    for username, role, full_name in ACCOUNTS:
        seat = SeatIn(role, (PRESETS[preset].root,), cleared=role in CLEARED)
        kind = "system" if role == "system" else "person"
        new = NewAccount(username=username, full_name=full_name, institution="pemkot", kind=kind)
        await keep_account(database_url, new, [seat], keys.passwords[username])
    for username, share in desks_of(preset):
        new = NewAccount(
            username=username, full_name=f"Operator simulasi {username}", institution="pemkot", kind="person"
        )
        await keep_account(database_url, new, [SeatIn("operator", share)], keys.passwords[username])
    return found


async def _speed_of(database_url: str, operation: int) -> float:
    """Simulated seconds per second: 0 until a day has been played on it."""
    connection = await db.connect(database_url)
    try:
        return float(await connection.fetchval(db.queries("demo")["clock_speed"].sql, operation))
    finally:
        await connection.close()


async def _create(connection: Any, preset: str, name: str, say: Callable[[str], None]) -> int:
    blueprint = create.blueprint_of(preset)
    regions, tps = len(blueprint.regions), len(blueprint.tps)
    say(f"memuat {number(regions)} wilayah dan {number(tps)} TPS (pembagian TPS per kelurahan: perkiraan)")
    starts_on = VOTING_DAY - datetime.timedelta(days=STARTS_BEFORE_VOTING_DAYS)
    new = NewOperation(name, "drill", PRESETS[preset].root, starts_on, VOTING_DAY, True)
    made = await create.create(connection, new, blueprint, activate=True)
    # It stands still until a day is played, or somebody sets it: nothing is overdue before there is a day.
    await connection.execute(db.queries("demo")["set_clock"].sql, made, MORNING_BEFORE, 0.0)
    return made


def _introduce(console: Console, url: str, environ: dict[str, str], keys: Keys, operation: str) -> None:
    rows = [
        ("Konsol", f"{url}/konsol/"),
        ("API", f"{url}/docs/  ·  {url}/openapi.json"),
        ("Langsung", environ["POSKO_LIVE_URL"]),
        ("Operasi", operation),
        *(("Akun", f"{name:<11} {keys.passwords[name]:<14} ({role})") for name, role, _ in ACCOUNTS),
    ]
    console.print()
    for what, text in rows:
        console.print(f"  [bold]{what:<9}[/bold] {text}", soft_wrap=True)
    console.print()


async def _play(order: Order | None, watched: Watched, roles: Roles, stay: bool) -> None:
    """Shows the rollup live while a day is played; afterwards goes on serving, or ends."""
    console, progress, ended = wide_console(), list[Progress](), False

    def footer() -> RenderableType:
        return below(progress, roles.deaths, is_over=ended or order is None)

    def note(played: Progress) -> None:
        progress[:] = [played]

    async with server_at(watched.url) as server:
        await server.sign_in("terminal", watched.password)
        operation = await server.operation(watched.operation)
        assert server.token is not None
        shown = (watched.live_url, server.token, operation, operation.root_code)
        keeping = asyncio.create_task(roles.keep())
        showing = asyncio.create_task(watch(*shown, console=console, footer=footer))
        try:
            if order is not None:
                note(await play(order, on_progress=note))
                ended = True
            if stay or order is None:
                await showing
            await asyncio.sleep(SETTLE_S)
        finally:
            keeping.cancel()
            showing.cancel()
            await asyncio.gather(keeping, showing, return_exceptions=True)
        await watch(*shown, console=console, once=True)
        for said in _said_of(progress):
            console.print(said, highlight=False, soft_wrap=True)


def below(progress: list[Progress], deaths: str, *, is_over: bool) -> RenderableType:
    """What stands below the rollup: the counts; when the day is over and it goes on serving, how the day went."""
    hint = "hari selesai; Ctrl-C mengakhiri" if is_over else "Ctrl-C mengakhiri"
    shown: list[RenderableType] = [table(progress[-1])] if progress else []
    if is_over:
        shown += [Text(said) for said in _said_of(progress)]
    return Group(*shown, Text(f"{deaths}  {hint}".strip(), style="dim"))


def _said_of(progress: list[Progress]) -> list[str]:
    """How the day went, and what became of its incidents and silences: a line each."""
    return [said for said in (summary(progress[-1]), outcome(progress[-1])) if said] if progress else []
