"""Where to go first: the order, and every reason spelled out."""

from __future__ import annotations

import uuid

from posko import db
from posko.db import DatabaseRole, Reach
from posko.readiness import store
from posko.readiness.ranking import Priority
from tests.factories import incident, milestone, turnout
from tests.incidents.ground import Day, clock
from tests.readiness.lists import check, grade, guard, ids, ranked, set_guards, set_patterns


def _said(priority: Priority) -> dict[str, str]:
    return {r.code: r.id for r in priority.reasons}


async def test_the_issues_own_sentence(day: Day) -> None:
    """ "Sangat rawan, 2 insiden, belum lapor buka 40 menit"."""
    tps = day.small.tps
    await grade(day, t4="sangat_rawan", t5="kurang_rawan")
    await set_patterns(day, khusus=(2, 1, 2))
    await day.at(clock(7, 20))
    await day.file(tps[4], incident("sedang"))
    await day.file(tps[4], incident("kritis"))
    for place in tps[:4] + tps[5:]:
        await day.file(place, milestone("kpps_present"), at=clock(6, 1))
        await day.file(place, milestone("voting_open"), at=clock(7, 1))
    await day.at(clock(7, 55))
    await day.turn()
    first, *others = await ranked(day)
    assert (first.code, first.name, others) == (tps[4], "TPS 002", [])
    said = _said(first)
    assert said["grade"] == "sangat rawan"
    assert said["incidents"] == "2 insiden (1 kritis, 1 sedang), tertua 35 menit"
    # The longest first: 06:00 and a quarter of an hour, 07:00 and a quarter of an hour.
    assert said["overdue"] == "belum lapor: kpps_present 1 jam 40 menit, voting_open 40 menit"
    english = {r.code: r.en for r in first.reasons}
    assert english["incidents"] == "2 incidents (1 critical, 1 medium), oldest 35 min".replace(
        "incidents", "open incidents"
    )
    assert english["overdue"].endswith("voting_open 40 min")
    assert sum(r.points for r in first.reasons) == first.score
    # 20 (grade) + 8 + 40 + 3 (of age) + 24 (two milestones) + 10 (of age)
    assert first.score == 105
    assert next(r for r in first.reasons if r.code == "overdue").params["milestones"][0] == {
        "milestone": "kpps_present", "minutes": 100,
    }  # fmt: skip


async def test_every_kind_of_reason_and_the_order_of_the_scores(day: Day) -> None:
    tps = day.small.tps
    await day.pool.execute(
        "update posko.tps t set indicators = '{keamanan,riwayat_psu}' from posko.node n where n.id = t.node_id and n.code = $1",
        tps[1],
    )
    await grade(day, t0="khusus")
    await day.at(clock(5, 30))
    await set_guards(day, day.small.root, guard("A", tps[3], tps[6]), guard("B", tps[7]))
    await day.file(
        tps[2],
        {"kind": "unreachable", "attempts": [{"at": clock(5, 15).isoformat(), "how": "telepon"}]},
        at=clock(5, 20),
    )
    await day.file(tps[4], {"kind": "custody", "holder": "tps", "sealed": False}, at=clock(5, 20))
    await day.file(tps[5], turnout(300, 200), at=clock(5, 25))
    flood = await day.file(day.small.kelurahan[2], incident("tinggi", category="bencana.banjir"))
    child = await day.file(tps[8], incident("rendah", category="bencana.banjir"))
    await day.act(child, "parent", parent=str(flood))
    done = await day.file(tps[9], incident("kritis"))
    await day.act(done, "acknowledgement")
    await day.act(done, "resolution", "selesai")
    await day.at(clock(6, 10))
    await check(day, (await ids(day, "guard"))["B"], by="petugas")
    found = {p.code: p for p in await ranked(day)}
    assert _said(found[tps[0]]) == {
        "grade": "khusus",
        "guard_short": "pengamanan kurang: Polri 0/2, Linmas 0/2 per TPS",
    }
    assert _said(found[tps[1]]) == {"indicators": "indikator Bawaslu: keamanan, riwayat PSU"}
    assert _said(found[tps[2]]) == {"unreachable": "tidak terjangkau"}
    assert _said(found[tps[3]]) == {"guard_absent": "1 petugas pengamanan belum hadir 10 menit"}
    assert _said(found[tps[4]]) == {"seal_broken": "segel kotak suara rusak"}
    assert _said(found[tps[5]])["flags"].endswith("tanda terbuka")
    assert _said(found[tps[8]])["disaster"] == "bagian dari Banjir (kejadian 1)"
    assert not {tps[7], tps[9], tps[10]} & set(found)
    rows = await ranked(day)
    assert [(-p.score, p.code) for p in rows] == sorted((-p.score, p.code) for p in rows)
    assert all(sum(r.points for r in p.reasons) == p.score > 0 for p in rows)
    assert [p.code for p in await ranked(day, limit=2)] == [p.code for p in rows[:2]]
    assert {p.code for p in await ranked(day, day.small.kelurahan[0])} == set(tps[:3])
    # Leaving is no absence: who was there and went home is not awaited.
    known = (await ids(day, "guard"))["A"]
    await check(day, known)
    await check(day, known, is_in=False)
    assert tps[3] not in {p.code for p in await ranked(day)}


async def test_weights_are_the_operations_own(day: Day) -> None:
    await grade(day, t0="rawan", t1="sangat_rawan")
    await set_patterns(day, khusus=(0, 1, 0))
    assert [p.score for p in await ranked(day)] == [20, 10]
    sql = "select api.set_priority_weights($1, $2, $3, $4)"
    said = '[{"code": "grade.rawan", "points": 50, "most": 50}]'
    await day.pool.fetchval(sql, day.operation, *day.people["supervisor"], said)
    assert [(p.code, p.score) for p in await ranked(day)] == [(day.small.tps[0], 50), (day.small.tps[1], 20)]


async def test_a_revoted_tps_is_overdue_by_its_own_hour(day: Day) -> None:
    """The obligation of the TPS itself counts, not its kelurahan's."""
    node = await day.pool.fetchval(
        "select id from posko.node where operation_id = $1 and code = $2", day.operation, day.small.tps[0]
    )
    subject = await day.pool.fetchval(
        "select subject_id from posko.milestone where operation_id = $1 and code = 'voting_open'", day.operation
    )
    case = uuid.uuid4()
    await day.pool.execute(
        "insert into posko.revote (node_id, kind, vote_on, counts_from, incident_id, account_id, decided_at) values ($1, 'psl', '2024-11-27', null, $2, $3, posko.now())",
        node, case, day.people["operator"][0],
    )  # fmt: skip
    await day.pool.execute(
        "insert into posko.obligation (operation_id, node_id, subject_id, due_at) values ($1, $2, $3, $4)",
        day.operation,
        node,
        subject,
        clock(9),
    )
    await day.at(clock(9, 30))
    await day.turn()
    late = {p.code: {r.code: r for r in p.reasons} for p in await ranked(day)}
    minutes = {m["milestone"]: m["minutes"] for m in late[day.small.tps[0]]["overdue"].params["milestones"]}
    assert minutes["voting_open"] == 30
    minutes = {m["milestone"]: m["minutes"] for m in late[day.small.tps[1]]["overdue"].params["milestones"]}
    assert minutes["voting_open"] == 135


async def test_what_is_terbatas_counts_for_the_cleared_alone(day: Day, database: str) -> None:
    tps = day.small.tps
    lane = await day.pool.fetchval("select id from posko.operation where restricts = $1", day.operation)
    await day.at(clock(8))
    await day.file(tps[1], incident("sedang"))
    await day.file(tps[0], incident("kritis"), operation=lane)
    await day.at(clock(8, 30))
    pool = await db.open_pool(database, size=1, statement_timeout_s=20, role=DatabaseRole.app)
    seen = {}
    for cleared in (True, False):
        async with db.snapshot(pool, Reach((day.small.root,), None, cleared)) as connection:
            rows, total, is_restricted = await store.priorities(connection, day.operation, day.small.root, 10)
            seen[cleared] = [(p.code, p.score, [r.code for r in p.reasons]) for p in rows], total, is_restricted
    for beyond in (
        Reach(("32",), None, True),
        Reach((day.small.kelurahan[0],), None, True),
        Reach((day.small.root,), day.operation + 50, True),
    ):
        async with db.snapshot(pool, beyond) as connection:
            assert await store.priorities(connection, day.operation, day.small.root, 10) == ([], 0, False)
    pool.terminate()
    open_one = (tps[1], 11, ["incidents"])
    assert seen[False] == ([open_one], 1, False)
    assert seen[True] == ([(tps[0], 43, ["restricted_incidents"]), open_one], 2, True)


async def test_no_report_is_read(day: Day) -> None:
    await day.at(clock(8))
    await day.file(day.small.tps[0], incident("tinggi"))
    await day.turn()
    async with day.pool.acquire() as connection, connection.transaction():
        look = "select relname, seq_scan, idx_scan from pg_stat_xact_user_tables where schemaname = 'posko' and relname in ('report', 'node', 'rollup', 'incident')"
        before = {r["relname"]: tuple(r) for r in await connection.fetch(look)}
        assert await connection.fetch("select * from api.priorities($1, $2, 20)", day.operation, day.small.root)
        after = {r["relname"]: tuple(r) for r in await connection.fetch(look)}
    assert after["report"] == before["report"]
    assert after["rollup"][2] > before["rollup"][2]
    assert [after[t][1] for t in ("node", "rollup", "incident")] == [
        before[t][1] for t in ("node", "rollup", "incident")
    ]
