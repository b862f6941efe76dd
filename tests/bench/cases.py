"""Incidents by the thousand, made as a set: what measures of the running day stand on."""

from __future__ import annotations

from typing import Any, Final

from tests.bench.ground import Ground, Place

CLIMBING: Final = """
with o as (
    update posko.operation set incidents = incidents + $2, version = version + 1 where id = $1 returning *
), made as materialized (
    select uuidv7() as id, n.id as node_id, n.code, row_number() over () as i, posko.now() as at
    from (select id, code from posko.node where operation_id = $1 and level = 6 order by id % 9973, id limit $2) n
), kept as (
    insert into posko.incident (id, operation_id, node_id, place, number, category, severity, occurrence, summary, status, stage, tier, opened_at, acknowledge_by,
                                resolve_by, version, changed_at, entries)
    select m.id, o.id, m.node_id, m.code, o.incidents - $2 + m.i, (array['logistik', 'bencana.banjir', 'intimidasi', 'listrik_internet'])[1 + m.i % 4], 4, 'terjadi',
           (array['surat suara belum datang', 'air masuk ke ruang tunggu', 'pemilih dihadang di jalan', 'listrik padam sejak subuh'])[1 + m.i % 4] || ' kasus ' || m.i,
           'baru', 'pemungutan', 4, m.at, m.at + interval '1 day', m.at + interval '2 days', o.version, m.at, 1
    from o, made m
    returning id, node_id, place, version
), logged as (
    insert into posko.incident_entry (incident_id, seq, at, account_id, channel, action, to_status) select id, 1, posko.now(), null, 'posko', 'open', 'baru' from kept
), climbing as (
    insert into posko.escalation (subject_id, operation_id, node_id, about, rule, steps, repeats, repeat_after, quiet_after, acknowledge_within, resolve_within, state, next_at)
    select k.id, $1, k.node_id, 'incident', r.name, r.steps, r.repeats, r.repeat_after, r.quiet_after, r.acknowledge_within, r.resolve_within, 'climbing', posko.now() + interval '1 day'
    from kept k join posko.rule r on r.operation_id is null and r.position = 1
)
select api.roll_up($1, min(k.version), null, array_agg(k.node_id), array_agg(api.case_slot(s.base, 'baru', 4)), array_agg(1))
from kept k join posko.subject s on s.operation_id = $1 and s.kind = 'case'"""
CALM: Final = "delete from posko.obligation"
"""Else all that was owed on the voting day falls due when a worker starts: it is in the past."""


def open_incidents(ground: Ground, place: Place, count: int) -> None:
    """Opens so many critical incidents, one per TPS; nothing of theirs is due for a day."""

    async def work(connection: Any) -> None:
        await connection.fetchval(CLIMBING, place.operation, count, timeout=300)
        await connection.execute("analyze posko.incident; analyze posko.escalation", timeout=300)

    ground.on(place, work)
