"""A realistic day on Jakarta Utara through the public API, with `serve`, `live` and `work`, a drill's clock and desks.

What the engine finds is held against an account of our own of who had said what by when (tests/silence/model.py): at
the hour of each milestone there is exactly one alarm for each kelurahan with TPS that have not spoken, with the right
number missing; it closes when the last of them has; what nobody touches climbs; on the screen of a console the children
sum to the parent in every frame, and at the end every counter is what is counted anew.
"""

from __future__ import annotations

import asyncio
import collections
import datetime
import io
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rich.console import Console

from posko import db
from posko.demo import below
from posko.embedded import Embedded
from posko.live.client import Live, connect
from posko.live.view import View
from posko.regions import create, preset
from posko.regions.operation import NewOperation
from posko.reports.report import Correction, Milestone, ReportItem, Unreachable
from posko.simulation.api import Answer, Api
from posko.simulation.casework import UNTOUCHED
from posko.simulation.day import Day, Sending
from posko.simulation.desks import Desks, Where
from posko.simulation.piket import Piket, desks_of
from posko.simulation.progress import Tally, Work
from posko.simulation.roster import HOUR_MS, MINUTE_MS, Tps, draw
from posko.simulation.scenario import ordinary
from tests.client import Client
from tests.factories import PASSWORD, VOTING_DAY, make_account
from tests.running import Running
from tests.silence.model import Said, Silence

KOTA, SEED = "31.72", 2024
AT_ONCE, POSTS = 128, 4
CLOSES_WITHIN_S = 16.0
"""Alarms are looked at every two seconds."""
OF_THE_KOTA = ("alarm.kota_diam", "alarm.hadir")
"""Counters of what stands at the kota itself: no kecamatan has a part of them."""
RAISED = """
select not exists (select from posko.obligation b where b.operation_id = o.id and (b.overdue_at is null and b.due_at <= api.clock(o)
                                                                                   or b.overdue_at is not null and b.alarmed_at is null))
from posko.operation o where o.id = $1
"""
CHECKED = (
    "select not exists (select from api.alarms_moved(o.id, api.clock(o), null)) from posko.operation o where o.id = $1"
)

Key = tuple[str, str]
"""Kelurahan and milestone."""


class Account(Silence):
    """Our own account of the day, in milliseconds: fed with what the server acknowledged, in that order."""

    def __init__(self, roster: Sequence[Tps], plan: dict[str, int]) -> None:
        super().__init__({t.code: t.code[:13] for t in roster}, plan)
        self.reports: dict[Any, Said] = {}
        self.missing: collections.Counter[Key] = collections.Counter()
        self.openings: collections.Counter[Key] = collections.Counter()
        """How often somebody was missing where nobody was just before."""
        self.most: dict[Key, int] = {}
        self.ended: dict[Key, tuple[int, float]] = {}
        """When the last one had spoken: on the drill's clock, and on the wall's."""
        self.now_ms = 0

    def hear(self, item: ReportItem) -> None:
        if item.id in self.reports or item.place not in self.tps:
            return
        tps = self.tps[item.place]
        content: Any = item.content
        if isinstance(content, Correction):
            content = content.replacement
        what = content.milestone if isinstance(content, Milestone) else "unreachable" if isinstance(content, Unreachable) else "other"  # fmt: skip
        possible = content.possible if isinstance(content, Milestone) else True
        said = Said(item.id, what, int(item.observed_at.timestamp() * 1000), possible)
        # Whatever comes from a TPS that is not out of reach changes at most what it is about.
        is_plain = not isinstance(item.content, Correction) and what != "unreachable" and not tps.is_unreachable()
        about = [m for m in self.plan if not is_plain or m == what]
        before = self._overdue(item.place, about)
        if isinstance(item.content, Correction) and item.content.of in self.reports:
            self.reports[item.content.of].is_corrected = True
        self.reports[item.id] = said
        tps.said.append(said)
        self._count(tps.kelurahan, before, self._overdue(item.place, about))

    def strike(self, due_ms: int) -> set[Key]:
        """The hour of some milestones has come; where somebody is missing."""
        found = {m for m, due in self.plan.items() if due == due_ms}
        before = {code: self._overdue(code, found) for code in self.tps}
        for (_, milestone), owed in self.owed.items():
            owed.is_found = owed.is_found or milestone in found
        for code, tps in self.tps.items():
            self._count(tps.kelurahan, before[code], self._overdue(code, found))
        return {key for key, n in self.missing.items() if n and key[1] in found}

    def _overdue(self, code: str, about: Iterable[str]) -> set[str]:
        tps = self.tps[code]
        found = [(m, owed) for m in about if (owed := self.owed[tps.kelurahan, m]).is_found]
        return {m for m, owed in found if tps.cell(m, owed, 0) == "overdue"}

    def _count(self, kelurahan: str, before: set[str], after: set[str]) -> None:
        for milestone in after - before:
            key = (kelurahan, milestone)
            self.openings[key] += self.missing[key] == 0
            self.missing[key] += 1
            self.most[key] = max(self.most.get(key, 0), self.missing[key])
        for milestone in before - after:
            key = (kelurahan, milestone)
            self.missing[key] -= 1
            if not self.missing[key]:
                self.ended[key] = (self.now_ms, time.monotonic())


class Heard(Api):
    """A door that tells the account what was acknowledged."""

    account: Account

    async def send(self, items: Sequence[ReportItem]) -> list[Answer]:
        answers = await super().send(items)
        assert {a.outcome for a in answers} <= {"accepted", "duplicate"}, answers
        for item in items:
            self.account.hear(item)
        return answers


class Screen:
    """A console of the kota: in every frame the children sum to the parent."""

    def __init__(self, live: Live, view: View) -> None:
        self.live, self.view, self.frames = live, view, 0
        self.wrong: list[tuple[int | None, str]] = []

    async def look(self) -> None:
        async for change in self.live:
            if change.kind != "view" or self.view.version is None:
                continue
            self.frames += 1
            parent, *children = self.view.rows.values()
            sums = (sum(column) for column in zip(*children, strict=True))
            named = zip(self.view.counters, parent, sums, strict=True)
            self.wrong += [(self.view.version, n) for n, a, b in named if a != b and n not in OF_THE_KOTA]


class Played:
    """One kota, its clock, its desks, and our account of it."""

    def __init__(self, running: Running, pool: db.Pool, operation: int) -> None:
        self.running, self.pool, self.operation = running, pool, operation
        self.settings: list[tuple[int, float]] = []
        """Every moment that the clock was set to, and when."""

    async def begin(self, http: aiohttp.ClientSession) -> None:
        self.clock = Heard(http, self.running.url, "simulasi", PASSWORD)
        names = ["pusat", *(f"meja{n}" for n in range(1, 7))]
        apis = [Heard(http, self.running.url, name, PASSWORD) for name in names]
        await asyncio.gather(*(api.sign_in() for api in (self.clock, *apis)))
        seen = await self.clock.operation(self.operation)
        self.roster = await self.clock.roster(self.operation, KOTA)
        self.midnight = seen.ground().midnight_ms(7)
        plan = {m.code: self.midnight + _due_ms(m) for m in preset.milestones()}
        self.account = Heard.account = Account(self.roster, plan)
        self.day = Day(seen.ground(), self.roster, seed=SEED, scenario=ordinary())
        self.desks = Desks(apis, Where(self.operation, KOTA, SEED, 7), self.day.call)
        self.piket = Piket(apis, self.operation, desks_of(self.roster, KOTA, SEED))
        sitting = asyncio.create_task(self.piket.keep())
        while len(self.piket.shifts) < len(desks_of(self.roster, KOTA, SEED)):
            await asyncio.sleep(0.05)
        sitting.cancel()

    async def set_clock(self, at_ms: int) -> None:
        assert await self.clock.set_clock(self.operation, at_ms, 0) == 200
        self.account.now_ms = at_ms
        self.settings.append((at_ms, time.monotonic()))

    async def until(self, what: str) -> None:
        async with asyncio.timeout(90):
            while not await self.pool.fetchval(what, self.operation):
                await asyncio.sleep(0.03)

    async def send(self, sendings: Iterable[Sending]) -> int:
        """What leaves until the next stop, in arrays; answers how many reports."""
        items = [i for s in sendings if not s.again for i in s.items]
        arrays = [items[i : i + AT_ONCE] for i in range(0, len(items), AT_ONCE)]
        for some in _batched(arrays, POSTS):
            await asyncio.gather(*(self.clock.send(array) for array in some))
        return len(items)

    async def alarms(self) -> list[Any]:
        rows = await self.pool.fetch(
            "select n.code, n.level, m.code as milestone, a.missing, a.peak, a.opened_at, a.closed_at, a.acknowledged_at from posko.alarm a"
            " join posko.node n on n.id = a.node_id left join posko.milestone m on m.operation_id = a.operation_id and m.subject_id = a.subject_id"
            " where a.operation_id = $1 and a.kind = 'belum_lapor' order by a.opened_at, n.code",
            self.operation,
        )
        return list(rows)


def _due_ms(m: Any) -> int:
    hour, minute = map(int, m.planned.split(":"))
    return int(m.day * 24 * HOUR_MS + (hour * 60 + minute + m.grace_minutes) * MINUTE_MS)


def _batched(rows: list[Any], size: int) -> Iterable[list[Any]]:
    return (rows[i : i + size] for i in range(0, len(rows), size))


def _ms(moment: datetime.datetime) -> int:
    return round(moment.timestamp() * 1000)


@pytest.fixture
async def played(database: str, services: Embedded, tmp_path: Path, pool: db.Pool) -> AsyncIterator[Played]:
    connection = await db.connect(database)
    new = NewOperation("hari", "drill", KOTA, VOTING_DAY - datetime.timedelta(days=7), VOTING_DAY, True)
    operation = await create.create(connection, new, create.blueprint_of("jakarta-utara"), activate=True)
    before = datetime.datetime(2024, 11, 25, 22, tzinfo=datetime.UTC)
    await connection.execute(db.queries("demo")["set_clock"].sql, operation, before, 0.0)
    await make_account(connection, "simulasi", "system", KOTA, cleared=True)
    await make_account(connection, "pusat", "operator", KOTA)
    for n in range(1, 7):
        await make_account(connection, f"meja{n}", "operator", f"{KOTA}.{n:02}")
    await connection.close()
    roles = ("serve", "live", "work")
    with Running(database, services.redis_url, tmp_path, roles=roles) as running:
        yield Played(running, pool, operation)


async def test_a_running_day(played: Played) -> None:
    async with aiohttp.ClientSession() as http:
        await played.begin(http)
        token = (await Client(http, played.running.url).sign_in("pusat")).token
        assert token is not None
        async with connect(played.running.live_url, token) as live:
            screen = Screen(live, await live.subscribe(played.operation, KOTA))
            looking = asyncio.create_task(screen.look())
            struck = await _play(played)
            looking.cancel()
    assert screen.frames > 100
    assert screen.wrong == []
    await _alarms(played, struck)
    await _incidents(played)
    wrong = "select r.* from api.recount($1, array(select id from posko.node where operation_id = $1)) r"
    assert await played.pool.fetch(wrong, played.operation) == []


def _stops(played: Played) -> list[int]:
    """When the clock is set: every half hour from 05:00 to 24:00, every two hours else, and at each due hour."""
    hours = [*range(-16, 5, 2), *(5 + h / 2 for h in range(38)), *range(25, 32, 2)]
    return sorted({played.midnight + int(h * HOUR_MS) for h in hours} | set(played.account.plan.values()))


async def _play(played: Played) -> dict[Key, int]:
    """The whole day; where somebody was missing at its hour, and how many."""
    struck: dict[Key, int] = {}
    stream = played.day.sendings()
    ahead = next(stream, None)
    sent = 0
    for stop in _stops(played):
        now: list[Sending] = []
        while ahead is not None and ahead.at_ms < stop:
            now.append(ahead)
            ahead = next(stream, None)
        sent += await played.send(now)
        await played.set_clock(stop)
        if stop in played.account.plan.values():
            missing = played.account.strike(stop)
            struck |= {key: played.account.missing[key] for key in missing}
            await played.until(RAISED)
            opened = {(a["code"], a["milestone"]): a for a in await played.alarms() if _ms(a["opened_at"]) == stop and played.account.plan[a["milestone"]] == stop}  # fmt: skip
            assert opened.keys() == missing
            assert {k: a["missing"] for k, a in opened.items()} == {k: struck[k] for k in missing}
        await played.desks.work(stop)
    assert ahead is None
    assert sent > 50_000
    await played.until(CHECKED)
    return struck


async def _alarms(played: Played, struck: dict[Key, int]) -> None:
    """One alarm per kelurahan and milestone with somebody missing; its peak; closed when the last one had spoken."""
    account, alarms = played.account, await played.alarms()
    assert {a["level"] for a in alarms} == {4}
    by_key: dict[Key, list[Any]] = collections.defaultdict(list)
    for alarm in alarms:
        by_key[alarm["code"], alarm["milestone"]].append(alarm)
    assert by_key.keys() >= struck.keys()
    assert by_key.keys() <= account.openings.keys(), "where nobody was missing nothing is alarmed"
    exact = 0
    for key, found in by_key.items():
        assert 1 <= len(found) <= account.openings[key], (key, found)
        exact += account.openings[key] == 1
        assert sum(a["closed_at"] is None for a in found) == (account.missing[key] > 0), key
        assert struck.get(key, 1) <= max(a["peak"] for a in found) <= account.most[key]
        if found[-1]["closed_at"] is None:
            assert found[-1]["missing"] == account.missing[key]
        elif len(found) == account.openings[key]:
            ended_ms, ended = account.ended[key]
            latest_ms = max(at_ms for at_ms, set_at in played.settings if set_at <= ended + CLOSES_WITHIN_S)
            assert ended_ms <= _ms(found[-1]["closed_at"]) <= latest_ms, key
    assert exact > 0.8 * len(by_key), "mostly nobody falls silent again"
    closed = sum(a["closed_at"] is not None for a in alarms)
    print(
        f"alarms {len(alarms)} for {len(by_key)} kelurahan and milestones, {closed} closed, {sum(struck.values())} TPS late; "
    )
    assert closed > len(alarms) / 2
    assert sum(a["acknowledged_at"] is not None for a in alarms) > len(alarms) / 4


async def _incidents(played: Played) -> None:
    rows = await played.pool.fetch("select id, place, status, tier, overdue_at, merged_into from posko.incident where operation_id = $1", played.operation)  # fmt: skip
    lonely = [r for r in rows if draw(SEED, r["id"], "fate") < UNTOUCHED and r["merged_into"] is None]
    assert len(lonely) >= 5
    assert all(r["status"] == "baru" and r["tier"] < 4 and r["overdue_at"] for r in lonely), "what nobody takes climbs"
    taken = [r for r in rows if r not in lonely and r["status"] != "baru"]
    print(f"incidents {len(rows)}: untouched {len(lonely)}, taken {len(taken)}; desks {played.desks.so_far}")
    assert len(taken) > 0.9 * (len(rows) - len(lonely))
    assert sum(r["merged_into"] is not None for r in rows) >= 1
    # A desk that nobody sits at is passed at once: the first step above it is of the same moment.
    vacant = await played.pool.fetchval("select count(*) from posko.firing f join posko.escalation e using (subject_id) where e.operation_id = $1 and f.outcome = 'vacant'", played.operation)  # fmt: skip
    assert vacant > 0


def test_a_demo_that_goes_on_serving_says_how_its_day_went() -> None:
    tally = Tally(7)
    tally.sent = tally.accepted = 12
    tally.work = Work(incidents=5, climbed=2, closed=4, alarms=3, alarms_closed=1)
    progress = [tally.progress(1.0)]

    def shown(*, is_over: bool) -> str:
        console = Console(width=200, file=io.StringIO(), record=True)
        console.print(below(progress, "", is_over=is_over))
        return console.export_text()

    how = "kejadian 5: ditutup 4, naik ke tingkat atas 2; alarm senyap 3: berakhir 1"
    assert how in shown(is_over=True)
    assert "hari selesai; Ctrl-C mengakhiri" in shown(is_over=True)
    assert how not in shown(is_over=False)
