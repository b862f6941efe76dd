"""day_*: a whole simulated day of a kota through the public API: do the roles keep their size, and the hot rows theirs?"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tests.bench import consoles
from tests.bench.ground import PASSWORD, Ground, Place, Role
from tests.bench.machine import ROOT, memory_kib
from tests.bench.plan import Plan
from tests.bench.record import Result
from tests.bench.watched import KOTA, watching

CONSOLES = 200
LOOK_S = 0.5
LIMIT_S = 600.0
FILES = """
select format('%s kB, %s dead of %s rows, %s %% of updates HOT, %s autovacuums', pg_table_size(relid) / 1024, n_dead_tup, n_live_tup,
              round(100.0 * n_tup_hot_upd / greatest(1, n_tup_upd), 1), autovacuum_count)
from pg_stat_user_tables where relid = '{}'::regclass"""
SIZE = "select pg_table_size('posko.rollup')"


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Full only: it takes most of a minute."""
    if not plan.full:
        ground.say("only with --full")
        return []
    place = ground.place(KOTA)
    roles = [ground.serve(place), ground.live(place), ground.work(place)]
    try:
        with consoles.swarm(watching(place, roles[1], CONSOLES)):
            before = ground.ask(SIZE, place)
            sizes = _play(ground, place, roles)
            filed = ground.ask("select count(*) from posko.report", place)
            after = ground.ask(SIZE, place)
            tables = {t: ground.ask(FILES.format(f"posko.{t}"), place) for t in ("rollup", "operation", "report")}
    finally:
        ground.stop(*roles)
        ground.drop(place)
    for table, said in tables.items():
        ground.say(f"{table}: {said}")
    found = []
    for role, seen in zip(roles, sizes, strict=True):
        quarter, end = seen[len(seen) // 4], max(seen[-3:])
        found.append(
            Result(
                name=f"day_{role.name}_growth", value=end / 1024, unit="MiB", baseline=quarter / 1024, ratio=end / quarter,
                note=f"resident at the end against after a quarter of the day; {filed:,} reports, {CONSOLES} consoles",
            )
        )  # fmt: skip
    found.append(
        Result(name="day_rollup_growth", value=after / 2**20, unit="MiB", baseline=before / 2**20, ratio=after / before, note=tables["rollup"])
    )  # fmt: skip
    return found


def _play(ground: Ground, place: Place, roles: list[Role]) -> list[list[int]]:
    """Plays the day as fast as it goes; the resident KiB of each role, every half second."""
    words = [
        sys.executable, "-m", "posko", "simulate", "--url", f"http://127.0.0.1:{roles[0].port}", "--username", "bench",
        "--operation", str(place.operation), "--speed", "max",
    ]  # fmt: skip
    sizes: list[list[int]] = [[] for _ in roles]
    with subprocess.Popen(
        words, cwd=ROOT, env={**os.environ, "SIMULATE_PASSWORD": PASSWORD}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:  # fmt: skip
        deadline = time.monotonic() + LIMIT_S
        while process.poll() is None:
            assert time.monotonic() < deadline, "the day does not end"
            for role, seen in zip(roles, sizes, strict=True):
                seen.append(memory_kib(role.pid))
            time.sleep(LOOK_S)
        assert process.stdout is not None
        said = process.stdout.read().decode()
        assert process.returncode == 0, said
    ground.say(said.strip().splitlines()[-1])
    return sizes
