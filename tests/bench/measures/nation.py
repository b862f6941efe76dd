"""nation_s, nation_push_p99_ms: every TPS of the country says "buka", single reports, with the consoles attached."""

from __future__ import annotations

import contextlib
import subprocess
import sys

from tests.bench import consoles, load
from tests.bench.ground import Ground
from tests.bench.machine import ROOT
from tests.bench.plan import Plan
from tests.bench.record import Result
from tests.bench.watched import percentile, pushed_ms, watching
from tests.bench.workload import Reports

CONNECTIONS = 512
LIMIT_S = 600.0
SEQUENTIAL = "select coalesce(sum(seq_scan), 0) from pg_stat_user_tables where relname in ('node', 'rollup', 'report')"
ROLLUP = """
select format('rollup %s -> %s MB, %s %% of %s updates HOT, %s autovacuums', {before} >> 20, pg_table_size(relid) >> 20,
              round(100.0 * n_tup_hot_upd / greatest(1, n_tup_upd), 1), n_tup_upd, autovacuum_count)
from pg_stat_user_tables where relid = 'posko.rollup'::regclass"""
SAMPLE = 200


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Full: the whole country and the most consoles; quick: nothing, it would not fit."""
    if not plan.full:
        ground.say("only with --full")
        return []
    place = ground.place("ID")
    serve, live = ground.serve(place), ground.live(place)
    many = max(plan.consoles)
    try:
        with contextlib.ExitStack() as stack:
            swarm = stack.enter_context(consoles.swarm(watching(place, live, many)))
            reports = Reports(place.operation, place.codes, 0, len(place.codes))
            spec = load.Spec((serve.port,), place.token, reports, CONNECTIONS, LIMIT_S, sample=SAMPLE)
            process = stack.enter_context(load.prepared(spec))
            ground.assert_durable()
            scans, size = ground.ask(SEQUENTIAL, place), ground.ask("select pg_table_size('posko.rollup')", place)
            clock = ground.clock(serve=serve.pid, live=live.pid, load=process.pid, consoles=swarm.pid)
            swarm.go()
            load.begin(process)
            done = load.result(process)
            spent = clock.stop()
            seen = swarm.stop()
        late = pushed_ms(done.samples, seen.samples)
        assert ground.ask(SEQUENTIAL, place) == scans, "a table was read from end to end"
        stored = ground.ask("select count(*) from posko.report", place)
        assert not done.refused, done.refused
        assert done.acknowledged == stored == len(place.codes), f"{done.acknowledged} acknowledged, {stored} stored"
        ground.say(
            f"{stored:,} acknowledged in {done.last_s:.1f} s; {ground.ask(ROLLUP.format(before=size), place)}; recounting"
        )
        _recount(place.database_url, place.operation)
    finally:
        ground.stop(serve, live)
        ground.drop(place)
    cores = ", ".join(f"{n} {s / spent.wall_s:.2f}" for n, s in spent.by_process.items())
    at = f"{many:,} consoles, {CONNECTIONS} connections; cores {cores}; others {spent.foreign_s / spent.wall_s:.2f}; recounted equal"
    return [
        Result(name="nation_s", value=done.last_s, unit="s", note=f"{stored:,} single reports; {at}"),
        Result(name="nation_ack_p99_ms", value=done.latencies_ms["99"], unit="ms", note=at),
        Result(name="nation_push_p99_ms", value=percentile(late, 99), unit="ms", note=f"p50 {percentile(late, 50):.0f}; {at}"),
    ]  # fmt: skip


def _recount(database_url: str, operation: int) -> None:
    """`posko recount`: every rollup against every report; it ends with 1 where a number differs."""
    words = [sys.executable, "-m", "posko", "recount", "--operation", str(operation), "--database-url", database_url]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
