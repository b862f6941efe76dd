"""`posko operation`: making operations, and the plan of their day."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import rich_click as click
from rich.progress import Progress
from rich.table import Table

from posko import db, terms
from posko.console import connected, on_database, progress_bar, wide_console
from posko.errors import Invalid, OperationUnknown
from posko.regions import catalogue, contests, preset, store, tree
from posko.regions import create as creation
from posko.regions.commands.roster import checked, read_roster
from posko.regions.operation import STARTS_BEFORE_VOTING_DAYS, Milestone, MilestoneEdit, NewOperation, Operation
from posko.regions.region import RegionIn
from posko.terms import Level

ESTIMATED: Final = "perkiraan pembagian"


@click.group()
def operation() -> None:
    """Operations: one activation of a posko network each."""


@operation.command()
@click.option(
    "--preset", "preset_key", type=click.Choice(sorted(preset.PRESETS)), help="Made of the published figures."
)
@click.option("--root", help="Instead of a preset: code of the region at the top, such as 31.72 (or ID).")
@click.option(
    "--regions",
    "regions_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --root: CSV or XLSX code,name (default: the seed).",
)
@click.option(
    "--roster",
    "roster_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --root: the owner's TPS as CSV or XLSX.",
)
@click.option(
    "--dusun", help="CSV or XLSX code,name of dusun below desa; 'perkiraan' makes an estimate, named as such."
)
@click.option("--name", help="Default: the preset's name, mode and voting day.")
@click.option("--mode", type=click.Choice(["live", "drill"]), default="live", show_default=True)
@click.option("--voting-day", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option(
    "--starts-on", type=click.DateTime(["%Y-%m-%d"]), help=f"Default: {STARTS_BEFORE_VOTING_DAYS} days before."
)
@click.option("--activate", is_flag=True, help="Open it for reports at once.")
@on_database
def create(database_url: str, **options: Any) -> None:
    """Make an operation from a preset, or from a root region and its roster."""
    if (options["preset_key"] is None) == (options["root"] is None):
        raise click.UsageError("name either --preset or --root")
    if options["preset_key"] and (options["regions_file"] or options["roster_file"]):
        raise click.UsageError("--regions and --roster go with --root")
    with progress_bar() as progress:
        blueprint, estimated = _blueprint(options, progress)
        new = _new_operation(options, estimated)
        made = asyncio.run(_create(database_url, new, blueprint, options["activate"], progress))
    voters = sum(t.voters_l + t.voters_p for t in blueprint.tps)
    size = f"{len(blueprint.regions):,} regions, {len(blueprint.tps):,} TPS, {voters:,} voters"
    click.echo(
        f"operation {made}: {new.name} - {size}"
        + (f" ({ESTIMATED})" if estimated else "")
        + (", active" if options["activate"] else ", draft")
    )


def _new_operation(options: dict[str, Any], estimated: bool) -> NewOperation:
    voting_day: datetime.date = options["voting_day"].date()
    starts_on = (
        options["starts_on"].date()
        if options["starts_on"]
        else voting_day - datetime.timedelta(days=STARTS_BEFORE_VOTING_DAYS)
    )
    if starts_on > voting_day:
        raise click.UsageError("--starts-on lies after the voting day")
    chosen = preset.PRESETS.get(options["preset_key"] or "")
    name = options["name"] or f"{chosen.name if chosen else options['root']} {options['mode']} {voting_day}"
    if not 1 <= len(name) <= 120:
        raise click.UsageError("--name has 1 to 120 letters")
    root = chosen.root if chosen else options["root"]
    return NewOperation(name, options["mode"], root, starts_on, voting_day, estimated)


def _blueprint(options: dict[str, Any], progress: Progress) -> tuple[creation.Blueprint, bool]:
    """What the options ask for, and whether its TPS are an estimate."""
    if options["preset_key"]:
        regions = preset.regions_of(preset.PRESETS[options["preset_key"]].root)
        return creation.blueprint_of(options["preset_key"], _dusun(options["dusun"], regions)), True
    root = options["root"]
    if not terms.is_code(root) or terms.level_of(root) > Level.kelurahan:
        raise click.UsageError(f"--root {root!r} is not a region code such as 31.72 (or ID)")
    file = options["regions_file"]
    regions = checked(lambda: tree.parse_regions(file.read_bytes(), root)) if file else preset.regions_of(root)
    if not regions:
        raise click.UsageError(f"there is no region {root}")
    regions += _dusun(options["dusun"], regions)
    tps = (
        read_roster(options["roster_file"], frozenset(r.code for r in regions), progress)
        if options["roster_file"]
        else []
    )
    return creation.Blueprint(regions, tps, preset.milestones(), preset.contests_of(root)), False


def _dusun(asked: str | None, regions: list[RegionIn]) -> list[RegionIn]:
    if asked is None:
        return []
    if asked == "perkiraan":
        return preset.estimated_dusun(regions)
    if not Path(asked).is_file():
        raise click.UsageError(f"--dusun: there is no file {asked}")
    kelurahan = frozenset(r.code for r in regions if terms.level_of(r.code) is Level.kelurahan)
    return checked(lambda: tree.parse_dusun(Path(asked).read_bytes(), kelurahan))


async def _create(
    url: str, new: NewOperation, blueprint: creation.Blueprint, activate: bool, progress: Progress
) -> int:
    task = progress.add_task("regions and TPS", total=len(blueprint.regions) + len(blueprint.tps))
    async with connected(url) as conn:
        return await creation.create(conn, new, blueprint, activate=activate, each=lambda: progress.advance(task))


@operation.command(name="list")
@on_database
def list_operations(database_url: str) -> None:
    """List all operations."""
    table = Table("id", "name", "mode", "state", "root", "voting day", "version", "TPS")
    found = asyncio.run(_list(database_url))
    for o in found:
        tps = ESTIMATED if o.tps_estimated else "roster"
        table.add_row(str(o.id), o.name, o.mode, o.state, o.root_code, str(o.voting_day), str(o.version), tps)
    console = wide_console()
    console.print(table)
    if any(o.restricts is not None for o in found):
        console.print(
            "terbatas N: where what is terbatas of operation N is kept; it opens, closes and is shown with that one."
        )


async def _list(url: str) -> list[Operation]:
    async with connected(url) as conn:
        return await store.operations(conn)


@operation.command()
@click.argument("operation_id", type=int)
@on_database
def show(database_url: str, operation_id: int) -> None:
    """Show an operation and the plan of its day."""
    found, plan = asyncio.run(_show(database_url, operation_id))
    console = wide_console()
    console.print(
        f"{found.id}  {found.name}  {found.mode}  {found.state}  root {found.root_code}  version {found.version}"
    )
    console.print(
        f"from {found.starts_on}, voting day {found.voting_day}"
        + (f", TPS: {ESTIMATED}" if found.tps_estimated else "")
    )
    table = Table("milestone", "position", "day", "planned", "grace", "label")
    for m in plan:
        table.add_row(
            m.code,
            str(m.position),
            f"H{m.day:+d}" if m.day else "H",
            m.planned,
            f"{m.grace_minutes} min",
            m.label_id,
        )
    console.print(table)


async def _show(url: str, operation_id: int) -> tuple[Operation, list[Milestone]]:
    async with connected(url) as conn:
        return await store.operation(conn, operation_id), await store.milestones(conn, operation_id)


@operation.command()
@click.argument("operation_id", type=int)
@on_database
def activate(database_url: str, operation_id: int) -> None:
    """Open a draft for reports; from here its regions, TPS and contests are fixed."""
    version = asyncio.run(_changed(database_url, lambda conn: store.activate(conn, operation_id)))
    click.echo(f"operation {operation_id} is active at version {version}")


@operation.command()
@click.argument("operation_id", type=int)
@on_database
def close(database_url: str, operation_id: int) -> None:
    """End an operation: no more reports; it stays readable."""
    version = asyncio.run(_changed(database_url, lambda conn: store.close(conn, operation_id)))
    click.echo(f"operation {operation_id} is closed at version {version}")


@operation.command()
@click.argument("operation_id", type=int)
@click.argument("code")
@click.option("--planned", help="HH:MM, local to the TPS.")
@click.option("--grace", "grace_minutes", type=click.IntRange(0, 10_080), help="Minutes after which it is late.")
@click.option("--day", type=click.IntRange(-7, 30), help="0 is the voting day.")
@click.option("--label", "label_id", help="What people read, in Indonesian.")
@click.option("--label-en", help="The same in English.")
@click.option("--position", type=click.IntRange(0, 32_767), help="Order in the day; draft only.")
@click.option("--remove", is_flag=True, help="Take it out; draft only.")
@on_database
def milestone(
    database_url: str, operation_id: int, code: str, remove: bool, planned: str | None, **options: Any
) -> None:
    """Edit a milestone, or add one to a draft. In an active operation, who is late by it is counted again at once."""
    if remove:
        version = asyncio.run(_changed(database_url, lambda conn: store.drop_milestone(conn, operation_id, code)))
    else:
        try:
            hour = datetime.time.fromisoformat(planned) if planned else None
        except ValueError:
            raise click.UsageError(f"--planned {planned!r} is not an hour such as 07:00") from None
        edit = MilestoneEdit(planned=hour, **options)
        version = asyncio.run(_changed(database_url, lambda conn: store.set_milestone(conn, operation_id, code, edit)))
    click.echo(f"operation {operation_id} is at version {version}")


@operation.command(name="contests")
@click.argument("operation_id", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@on_database
def say_contests(database_url: str, operation_id: int, file: Path | None) -> None:
    """Print who stands, as JSON; with FILE, of that form, replace all contests of a draft by what it says."""
    if file is None:
        click.echo(asyncio.run(_contests(database_url, operation_id)))
        return
    try:
        found = contests.contests_of(msgspec.json.decode(file.read_bytes(), type=contests.ContestsIn))
    except (msgspec.MsgspecError, Invalid) as refused:
        named = refused.errors[0].path + ": " if isinstance(refused, Invalid) else ""
        raise click.ClickException(f"{file}: {named}{refused}") from None
    version = asyncio.run(_changed(database_url, lambda conn: store.set_contests(conn, operation_id, found)))
    click.echo(f"operation {operation_id} has {contests.told(found)}, at version {version}")


async def _contests(url: str, operation_id: int) -> str:
    async with connected(url) as conn:
        laid_out = await catalogue.load(conn, operation_id)
        if laid_out is None:
            raise OperationUnknown(f"there is no operation {operation_id}")
    said = contests.said_of(list(laid_out.contests.values()))
    return msgspec.json.format(msgspec.json.encode(said)).decode()


async def _changed(url: str, change: Callable[[db.Connection], Any]) -> int:
    async with connected(url) as conn, conn.transaction():
        version: int = await change(conn)
        return version
