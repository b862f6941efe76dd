"""auth_us, rls_*, sign_in_*: what it costs to know who asks, to keep them in their place, and to let 500 desks in.

auth_us is the very lines that stand between a request and the group commit, against the same loop without them.
"""

from __future__ import annotations

import asyncio
import datetime
import statistics
import time
from typing import Any

import aiohttp
import msgspec
from prometheus_client import CollectorRegistry

from posko import db
from posko.accounts.account import Viewer
from posko.accounts.gate import Gate
from posko.accounts.log import Refusals
from posko.accounts.passwords import hash_password
from posko.accounts.sessions import SessionCache
from posko.config import Settings
from posko.db import DatabaseRole, Reach
from posko.limits import Limits
from posko.regions import store as regions
from posko.reports.catalogues import Catalogues
from posko.reports.committer import Metrics
from posko.reports.intake import Intake
from tests.bench import load
from tests.bench.ground import Ground, Place, Role
from tests.bench.plan import Plan
from tests.bench.record import Result, spread
from tests.bench.watched import percentile
from tests.bench.workload import Reports

REQUESTS = 100_000
READS = 300
PAGE = 100
DESKS, WITHIN_S = 500, 60.0
RATE = 1000.0
"""Reports per second while desks sign in: twice what a whole nation's day is planned for."""
PASSWORD = "kata-sandi-meja-1"


def measure(ground: Ground, plan: Plan) -> list[Result]:
    """Authentication in one process, a scoped read with and without the wall, then the morning's sign-ins."""
    place = ground.place(plan.ground)
    try:
        return [
            asyncio.run(_authentication(ground, place, plan)),
            *asyncio.run(_wall(ground, place, plan)),
            *_morning(ground, place, plan),
        ]
    finally:
        ground.drop(place)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


async def _authentication(ground: Ground, place: Place, plan: Plan) -> Result:
    settings = Settings(database_url=place.database_url, redis_url="", secret_key="x" * 32)
    pool = await db.open_pool(place.database_url, size=1, statement_timeout_s=30, role=DatabaseRole.app)
    await pool.execute("select 1")
    sessions, limits = SessionCache(pool, clock=_now), Limits(None)
    gate = Gate(settings, sessions, limits, Refusals(pool), clock=_now, is_pressed=lambda: False)
    registry = CollectorRegistry()
    intake = Intake(settings, Catalogues(pool, settings.secret_key), Metrics(registry), lambda *_: None)
    authorization = f"Bearer {place.token}".encode()
    await sessions.viewer(place.token)
    # As an operator: a system's reports are not counted against a limit.
    sessions._by_token[place.token].viewer = _as_operator(sessions._by_token[place.token].viewer)
    limits._clock = iter(range(10**9)).__next__  # a second a request: never over the limit

    def asked() -> None:
        viewer = gate.known(authorization)
        assert viewer is not None
        gate.admit_reports(viewer)
        intake.require_share(viewer)

    def nothing() -> None:
        return None

    costs = []
    for _ in range(plan.runs):
        with_it, without = _timed(asked), _timed(nothing)
        costs.append((with_it - without) / REQUESTS * 1e6)
    pool.terminate()
    ground.say(f"authentication {statistics.median(costs):.2f} us a request")
    return Result(
        name="auth_us",
        value=statistics.median(costs),
        unit="us",
        runs=plan.runs,
        note=f"cached session, limit and share of the queue; {spread(costs)}",
    )


def _as_operator(viewer: Viewer) -> Viewer:
    return msgspec.structs.replace(viewer, role="operator")


def _timed(call: Any) -> float:
    began = time.perf_counter()
    for _ in range(REQUESTS):
        call()
    return time.perf_counter() - began


async def _wall(ground: Ground, place: Place, plan: Plan) -> list[Result]:
    """Two reads as their routes do them: for who sees what a kabkota's seat sees, against for who sees everything."""
    walled = await db.open_pool(place.database_url, size=1, statement_timeout_s=30, role=DatabaseRole.app)
    unwalled = await db.open_pool(place.database_url, size=1, statement_timeout_s=30)
    codes = sorted({c[:8] for c in place.codes})
    reach = Reach((codes[len(codes) // 2][:5],), None, False)
    within = [c for c in codes if c.startswith(reach.regions[0] + ".")] * READS

    async def snapshot(connection: Any, code: str) -> None:
        found = await regions.place(connection, place.operation, code)
        await regions.rows(connection, found.id)
        await regions.slots(connection, place.operation)
        await regions.clock(connection)

    async def behind(connection: Any, code: str) -> None:
        slots = await regions.slots(connection, place.operation)
        assert await regions.behind(connection, place.operation, code, (slots["tps"], []), ("", PAGE))

    async def timed(read: Any, pool: db.Pool, seen: Reach | None) -> float:
        times = []
        for code in within[:READS]:
            began = time.perf_counter()
            async with db.snapshot(pool, seen) as connection:
                await regions.operations(connection)
                await read(connection, code)
            times.append(time.perf_counter() - began)
        return statistics.median(times) * 1e3

    results = []
    for name, what, read in (
        ("rls_ratio", "the snapshot of a kecamatan", snapshot),
        ("rls_behind_ratio", f"{PAGE} TPS behind a number", behind),
    ):
        await timed(read, walled, reach), await timed(read, unwalled, None)
        pairs = [(await timed(read, walled, reach), await timed(read, unwalled, None)) for _ in range(plan.runs)]
        ratios = [w / o for w, o in pairs]
        value, baseline = (statistics.median(p[i] for p in pairs) for i in (0, 1))
        note = f"{what}: {value:.2f} ms against {baseline:.2f} ms, medians of {READS} reads; {spread(ratios)}"
        ground.say(f"{name}: {statistics.median(ratios):.2f}x; {note}")
        results.append(Result(name=name, value=statistics.median(ratios), unit="x", runs=plan.runs, note=note))
    walled.terminate()
    unwalled.terminate()
    return results


def _morning(ground: Ground, place: Place, plan: Plan) -> list[Result]:
    seconds = WITHIN_S if plan.full else WITHIN_S / 4
    desks = int(DESKS * seconds / WITHIN_S)
    ground.on(place, _make_desks)
    role = ground.serve(place, POSKO_SIGN_INS_BURST="1000")
    used = 0

    def run(what: str, *, signing_in: int) -> tuple[load.Outcome, list[float]]:
        nonlocal used
        count = int(seconds * RATE)
        spec = load.Spec(
            (role.port,),
            place.token,
            Reports(place.operation, place.codes, used, count),
            64,
            seconds,
            rate=RATE,
            settle_s=1.0,
        )
        used += count
        with load.prepared(spec) as process:
            load.begin(process)
            times = sorted(asyncio.run(_sign_in(role, signing_in, seconds))) if signing_in else []
            outcome = load.result(process)
        p99 = outcome.latencies_ms["99"]
        ground.say(
            f"{what}: 201 p50 {outcome.latencies_ms['50']:.1f} p99 {p99:.1f} ms"
            + (f"; sign-in p50 {percentile(times, 50):.0f} p99 {percentile(times, 99):.0f} ms" if times else "")
        )
        return outcome, times

    try:
        run("warm", signing_in=0)
        pairs = [
            (run("calm", signing_in=0)[0], *run(f"{desks} desks sign in", signing_in=desks)) for _ in range(plan.others)
        ]
    finally:
        ground.stop(role)
    ratios = [busy.latencies_ms["99"] / calm.latencies_ms["99"] for calm, busy, _ in pairs]
    times = sorted(t for _, _, ts in pairs for t in ts)
    at = f"{desks} desks by password in {seconds:.0f} s, {RATE:,.0f} reports/s"
    return [
        Result(
            name="sign_in_intake_p99_ratio",
            value=statistics.median(ratios),
            unit="x",
            runs=len(pairs),
            note=f"intake's p99 while they do against before; {at}; {spread(ratios)}",
        ),
        Result(
            name="sign_in_p99_ms",
            value=percentile(times, 99),
            unit="ms",
            runs=len(pairs),
            note=f"p50 {percentile(times, 50):.0f}; {at}",
        ),
    ]


async def _make_desks(connection: Any) -> None:
    encoded = hash_password(PASSWORD)
    await connection.execute(
        "with a as (insert into posko.account (username, institution, password_hash, created_at, changed_at)"
        " select 'meja-' || n, 'kesbangpol', $1, posko.now(), posko.now() from generate_series(1, $2) n returning id)"
        " insert into posko.assignment (account_id, is_party, role, regions, starts_at, granted_at, changed_at)"
        " select id, false, 'operator', '{ID}', posko.now(), posko.now(), posko.now() from a",
        encoded,
        DESKS,
    )


async def _sign_in(role: Role, desks: int, seconds: float) -> list[float]:
    """Desks at an even rate; milliseconds from when each was due to its session."""
    times: list[float] = []

    async def one(http: aiohttp.ClientSession, number: int, due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        body = {"username": f"meja-{number}", "password": PASSWORD}
        async with http.post(f"http://127.0.0.1:{role.port}/v1/sessions", json=body) as answer:
            assert answer.status == 201, await answer.text()
        times.append((time.perf_counter() - due) * 1e3)

    async with aiohttp.ClientSession() as http:
        began = time.perf_counter() + 0.5
        await asyncio.gather(*(one(http, n, began + (n - 1) * (seconds - 1) / desks) for n in range(1, desks + 1)))
    return times
