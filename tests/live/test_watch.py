"""`posko watch`: what a person reads of a region."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from posko.live import board, wire
from posko.live.board import Heading
from posko.live.view import View
from tests.factories import Small
from tests.live.test_protocol import EXAMPLES
from tests.running import Running

COUNTERS = [
    "tps", "voters_l", "voters_p", "reports", "covered", "incident.rendah", "incident.sedang", "incident.tinggi",
    "incident.kritis", "flag.early", "flag.falling", "milestone.kpps_present.reached", "milestone.kpps_present.late",
    "milestone.kpps_present.not_possible", "milestone.kpps_present.unreachable", "milestone.voting_open.reached",
    "milestone.voting_open.late", "milestone.voting_open.not_possible", "milestone.voting_open.unreachable",
    "turnout.tps", "turnout.dpt_l", "turnout.dpt_p", "turnout.dptb_l", "turnout.dptb_p", "turnout.dpk_l", "turnout.dpk_p",
    "turnout.disabled_l", "turnout.disabled_p",
]  # fmt: skip


def view_of(**values: int) -> View:
    view = View("1:31.72")
    row = [values.get(name.replace(".", "_"), 0) for name in COUNTERS]
    at = wire.datetime.datetime(2024, 11, 27, tzinfo=wire.datetime.UTC)
    view.take(wire.Snapshot("1:31.72", 7, 1, at, {"31.72": "KOTA KECIL"}, COUNTERS, [wire.Row("31.72", 7, row)]))
    return view


def printed(view: View, state: str = "live", age_s: float | None = 1.0, width: int = 160) -> str:
    console = Console(file=io.StringIO(), width=width)
    heading = Heading("Pilkada 2024", True, {"voting_open": "TPS dibuka"})
    console.print(board.board(view, heading, board.status(state, age_s, behind_s=13), width=width))
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_the_board_tells_late_and_belum_lapor_of_the_milestone_that_the_day_has_come_to() -> None:
    view = view_of(
        tps=2386, covered=2000, milestone_kpps_present_reached=2300, milestone_voting_open_reached=1900,
        milestone_voting_open_late=30, milestone_voting_open_not_possible=4, milestone_voting_open_unreachable=6,
        incident_kritis=2, incident_sedang=70, flag_early=3, flag_falling=1, voters_l=600, voters_p=400,
        turnout_tps=3, turnout_dpt_l=200, turnout_dpt_p=100, turnout_dptb_l=5, turnout_dpk_p=7, turnout_disabled_l=9,
    )  # fmt: skip
    found = board.figures(view, "31.72", board.milestone_now(view, "31.72"))
    assert (found.reached, found.late, found.unreported) == (1900, 30, 2386 - 1900 - 4 - 6)
    assert (found.incidents, found.flags) == ((0, 70, 0, 2), 4)
    assert found.turnout == 100 * 312 / 1000
    text = printed(view)
    for part in (
        "Pilkada 2024",
        "LATIHAN",
        "langsung",
        "KOTA KECIL",
        "2.386",
        "TPS dibuka",
        "476",
        "31,2 %",
        "belum",
    ):
        assert part in text


def test_a_late_engine_and_a_closed_operation_are_said() -> None:
    live = board.status("live", 1.0, behind_s=13)
    said = board.troubles(live, late_s=74.6, is_closed=True).plain
    assert said == "langsung  operasi ditutup  mesin tertinggal 75 dtk: alarm dan eskalasi belum jalan"
    assert board.troubles(live, late_s=None, is_closed=False).plain == "langsung"


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 240])
def test_the_board_fits_any_terminal_and_keeps_its_numbers(width: int) -> None:
    names = (
        "incident_kritis",
        "incident_sedang",
        "milestone_voting_open_reached",
        "milestone_voting_open_late",
        "flag_early",
    )
    view = view_of(
        tps=435_296, covered=400_000, voters_l=600, voters_p=400, turnout_dpt_l=200, **dict.fromkeys(names, 12_345)
    )

    text = printed(view, width=width)

    assert max(map(len, text.splitlines())) <= width
    if width >= 80:
        for part in ("435.296", "400.000", "12.345", "KOTA KECIL"):
            assert part in text


def test_the_board_says_how_old_it_is() -> None:
    view = view_of(tps=1)
    assert "tertinggal 18 dtk" in printed(view, age_s=18)
    assert "terputus, data 40 dtk lalu" in printed(view, state="connecting", age_s=40)
    assert "terputus" in printed(view, state="connecting", age_s=None)
    assert "menunggu data" in printed(View("1:31.72"))


def test_a_topic_without_milestones_or_turnout_is_shown_too() -> None:
    view = View("1:31.72.01.1001")
    for name in ("snapshot", "delta"):
        message = wire.decode_server(EXAMPLES[name])
        assert isinstance(message, wire.Snapshot | wire.Delta)
        view.take(message)
    assert "Penjaringan" in printed(view)
    heading = Heading("Pilkada 2024", True, {})
    assert board.line(view, heading, board.status("live", 1.0, behind_s=13)).startswith(
        "31.72.01.1001 Penjaringan | versi 815, langsung"
    )


async def test_posko_watch_once_prints_the_region_and_ends(running: Running, served: Small) -> None:
    account = ["--username", "supervisor", "--operation", str(served.operation)]

    async def run(*arguments: str, **environ: str) -> tuple[int, str]:
        process = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "posko", "watch", "--url", running.url, *account, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "COLUMNS": "170", **environ},
            cwd=Path(__file__).parents[2],
        )
        return process.returncode, process.stdout + process.stderr

    code, text = await run("--once", WATCH_PASSWORD=running.password)
    assert code == 0, text
    for part in ("KOTA KECIL", "Kecamatan 1", "Kecamatan 2", "LATIHAN", "langsung", "12"):
        assert part in text
    code, text = await run("--once", WATCH_PASSWORD="salah-salah-salah")
    assert (code, "name, password or code is wrong" in text) == (1, True)
    code, text = await run("--once", "--region", "32", WATCH_PASSWORD=running.password)
    assert (code, "there is no region 32 here" in text) == (1, True)
