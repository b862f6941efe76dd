"""`posko simulate`: a simulated election day on any running server, with the counts as it goes."""

from __future__ import annotations

import asyncio
import datetime
import signal
import sys
from collections.abc import Callable
from typing import Final, get_args

import rich_click as click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from posko import terms
from posko.console import http_url, number, wide_console
from posko.simulation.drive import play
from posko.simulation.player import NORMAL_SPEED, Order
from posko.simulation.progress import Progress
from posko.simulation.roster import moment
from posko.simulation.scenario import ScenarioName

CONCURRENCY_LIMIT: Final = 1024
LINES_EVERY_S: Final = 10.0
"""How often the counts are printed where there is no terminal to redraw."""


def parse_speed(text: str) -> float | None:
    """Simulated seconds per second; `max` is None."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        raise click.BadParameter(f"{text} bukan angka dan bukan 'max'") from None
    if not 0.01 <= speed <= 1e6:
        raise click.BadParameter("0.01 sampai 1000000 detik simulasi per detik")
    return speed


def _clock(text: str) -> datetime.time:
    try:
        return datetime.datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a clock time has no zone yet
    except ValueError:
        raise click.BadParameter(f"{text} bukan jam HH:MM") from None


def _region(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not terms.is_code(value):
        raise click.BadParameter(f"{value} bukan kode wilayah", ctx, param)
    return value


@click.command()
@click.option("--url", callback=http_url, default="http://127.0.0.1:8080", show_default=True, help="The server.")
@click.option("--username", required=True, help="An operator, supervisor or admin of the operation.")
@click.option("--password", envvar="SIMULATE_PASSWORD", prompt=True, hide_input=True, help="Or SIMULATE_PASSWORD.")
@click.option("--operation", type=click.IntRange(1), help="Its id; not needed while one is active.")
@click.option("--region", callback=_region, help="Only this region and what lies below it.")
@click.option(
    "--speed",
    type=parse_speed,
    metavar="SPEED",
    default=str(NORMAL_SPEED),
    show_default=True,
    help="Simulated seconds per second, or 'max': as fast as the server takes.",
)
@click.option("--seed", type=int, default=2024, show_default=True, help="The same seed is the same day.")
@click.option("--scenario", type=click.Choice(get_args(ScenarioName)), default="biasa", show_default=True)
@click.option(
    "--from",
    "start",
    type=_clock,
    metavar="HH:MM",
    default="05:00",
    show_default=True,
    help="Earlier reports go at once.",
)
@click.option("--until", type=_clock, metavar="HH:MM", help="Stop at this clock time of the voting day.")
@click.option("--limit-reports", type=click.IntRange(1), help="Stop after so many reports.")
@click.option(
    "--desks/--no-desks", default=True, show_default=True, help="In a drill: work on incidents and alarms too."
)
@click.option("--concurrency", type=click.IntRange(1, CONCURRENCY_LIMIT), default=64, show_default=True)
def simulate(**given: object) -> None:
    """Play a simulated election day on a running server, through its public API."""
    order = Order(**given)  # type: ignore[arg-type]
    if order.until is not None and order.until <= order.start:
        raise click.UsageError("--until harus sesudah --from")
    if sys.platform == "win32":
        final = asyncio.run(_until_interrupted(order))
    else:
        import uvloop

        final = uvloop.run(_until_interrupted(order))
    if final.unsent or final.refused:
        sys.exit(1)


async def _until_interrupted(order: Order) -> Progress:
    stop = asyncio.Event()
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    return await perform(order, console=wide_console(), stop=stop)


async def perform(order: Order, *, console: Console, stop: asyncio.Event) -> Progress:
    """Plays a day in front of somebody: a display that redraws on a terminal, a line now and then elsewhere."""
    if not console.is_terminal:
        final = await play(order, on_progress=_lines(console), on_note=console.print, stop=stop)
    else:
        with Live(console=console, refresh_per_second=4) as live:
            final = await play(
                order, on_progress=lambda p: live.update(table(p)), on_note=live.console.print, stop=stop
            )
    for said in filter(None, (summary(final), outcome(final))):
        console.print(said, highlight=False, soft_wrap=True)
    return final


def _lines(console: Console) -> Callable[[Progress], None]:
    """A line now and then, for logs."""
    due = 0.0

    def tell(progress: Progress) -> None:
        nonlocal due
        if progress.elapsed_s >= due:
            due = progress.elapsed_s + LINES_EVERY_S
            console.print(summary(progress), highlight=False, soft_wrap=True)

    return tell


def clock_text(progress: Progress) -> str:
    """The simulated clock, with its zone."""
    if not progress.clock_ms:
        return "-"
    shown = moment(progress.clock_ms, progress.utc_offset)
    return f"{shown:%d-%m %H:%M:%S} {terms.ZONE_NAMES[progress.utc_offset]}"


def table(progress: Progress) -> Table:
    """The counts as they stand, for a terminal."""
    found, work = Table.grid(padding=(0, 2)), progress.work
    found.add_row("Jam simulasi", f"[bold]{clock_text(progress)}[/]", _behind(progress))
    found.add_row("Terkirim", number(progress.sent), f"{_per_s(progress)} per detik")
    found.add_row(
        "Diterima", f"[green]{number(progress.accepted)}[/]", f"{number(progress.under_way)} menunggu jawaban"
    )
    found.add_row("Sudah ada", number(progress.duplicate), f"{number(progress.again)} sengaja dikirim dua kali")
    found.add_row("Ditolak", f"[red]{number(progress.refused)}[/]" if progress.refused else "0", _refusals(progress))
    found.add_row("Diulang", number(progress.retried), "")
    found.add_row("Meja", f"{number(work.acted)} tindakan", f"{number(work.refused)} tidak perlu lagi")
    ended = f"{number(work.closed)} ditutup, {number(work.climbed)} naik ke tingkat atas"
    found.add_row("Kejadian", number(work.incidents), ended)
    found.add_row("Alarm senyap", number(work.alarms), f"{number(work.alarms_closed)} sudah berakhir")
    found.add_row("Jawaban", f"p50 {_ms(progress.p50_s)}", f"p99 {_ms(progress.p99_s)}")
    return found


def summary(progress: Progress) -> str:
    """The counts as one line."""
    unsent = f", BELUM TERKIRIM {number(progress.unsent)}" if progress.unsent else ""
    refused = f" ({_refusals(progress)})" if progress.refused else ""
    return (
        f"{clock_text(progress)}: terkirim {number(progress.sent)}, diterima {number(progress.accepted)}, "
        f"sudah ada {number(progress.duplicate)}, "
        f"ditolak {number(progress.refused)}{refused}, diulang {number(progress.retried)}{unsent}; "
        f"{_per_s(progress)} laporan/detik, p50 {_ms(progress.p50_s)}, p99 {_ms(progress.p99_s)}, "
        f"{number(progress.elapsed_s, 1)} detik"
    )


def outcome(progress: Progress) -> str:
    """What became of the day's incidents and silences, as one line; empty where no desks were played."""
    work = progress.work
    if not (work.incidents or work.alarms):
        return ""
    return (
        f"kejadian {number(work.incidents)}: ditutup {number(work.closed)}, "
        f"naik ke tingkat atas {number(work.climbed)}; "
        f"alarm senyap {number(work.alarms)}: berakhir {number(work.alarms_closed)}; tindakan meja {number(work.acted)}"
    )


def _per_s(progress: Progress) -> str:
    return number(progress.sent / max(progress.elapsed_s, 0.001))


def _ms(seconds: float) -> str:
    return f"{number(seconds * 1000, 1)} ms"


def _behind(progress: Progress) -> str:
    return f"[yellow]tertinggal {number(progress.behind_s / 60)} menit simulasi[/]" if progress.behind_s > 60 else ""


def _refusals(progress: Progress) -> str:
    return ", ".join(f"{code} {number(count)}" for code, count in sorted(progress.refusals.items()))
