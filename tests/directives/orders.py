"""Giving and answering directives without the web process."""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Any

from tests.factories import uuid7
from tests.incidents.ground import Day, clock

COUNTS = ("sent", "unanswered", "read", "accepted", "refused", "done", "overdue")


async def issue(
    day: Day,
    to: dict[str, Any],
    *,
    requires: str = "laksanakan",
    kind: str = "perintah",
    text: str = "Periksa segel di {place}",
    due: datetime.datetime | None = None,
    by: str = "operator",
    at: str | None = None,
    made: uuid.UUID | None = None,
    operation: int | None = None,
    incident: uuid.UUID | None = None,
    request: int | None = None,
    template: str | None = None,
    limit: int = 250,
) -> uuid.UUID:
    """Issues a directive from a desk (the root's) as somebody; answers its id."""
    made = made or uuid7()
    await day.pool.fetchrow(
        "select * from api.issue_directive($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14)",
        made,
        operation or day.operation,
        *day.people[by],
        at or day.small.root,
        kind,
        requires,
        text,
        due or clock(10),
        json.dumps(to),
        incident,
        request,
        template,
        limit,
    )
    return made


async def say(
    day: Day,
    directive: uuid.UUID,
    place: str,
    action: str,
    said: str | None = None,
    *,
    by: str = "operator",
    proof: str | None = None,
    report: uuid.UUID | None = None,
) -> Any:
    """One answer of one place."""
    if action == "completion" and proof is None and report is None:
        proof = "sudah, foto menyusul"
    return await day.pool.fetchrow(
        "select * from api.answer_directive($1, $2, $3, $4, $5, $6, $7, $8)",
        directive,
        *day.people[by],
        place,
        action,
        said,
        proof,
        report,
    )


async def withdraw(
    day: Day, directive: uuid.UUID, why: str = "keliru", *, by: str = "operator", limit: int = 250
) -> Any:
    return await day.pool.fetchrow(
        "select * from api.withdraw_directive($1, $2, $3, $4, $5)", directive, *day.people[by], why, limit
    )


async def row(day: Day, directive: uuid.UUID) -> Any:
    return await day.pool.fetchrow("select * from posko.directive where id = $1", directive)


async def counts(day: Day, directive: uuid.UUID) -> dict[str, int]:
    """The directive's own non-zero counts."""
    found = await row(day, directive)
    return {name: found[name] for name in COUNTS if found[name]}


async def region_counts(day: Day, code: str, operation: int | None = None) -> dict[str, int]:
    """The non-zero counters of directives of a region or TPS, without their prefix."""
    found = await day.counters(code, operation)
    return {name[10:]: value for name, value in found.items() if name.startswith("directive.")}


async def states(day: Day, directive: uuid.UUID) -> dict[str, str]:
    rows = await day.pool.fetch(
        "select place, state from posko.directive_target where directive_id = $1 order by place", directive
    )
    return {r["place"]: r["state"] for r in rows}


async def late(day: Day, directive: uuid.UUID) -> list[Any]:
    """What climbs for a directive, by desk."""
    return list(
        await day.pool.fetch(
            "select l.id, n.code, l.missing, l.peak, l.closed_at is not null as is_closed, e.state, e.round, e.step from posko.directive_late l"
            " join posko.node n on n.id = l.node_id left join posko.escalation e on e.subject_id = l.id where l.directive_id = $1 order by n.code",
            directive,
        )
    )


async def more_tps(day: Day, number: int) -> str:
    """Adds TPS to the first kelurahan, in dusun of 600; answers its code."""
    above = await day.pool.fetchrow(
        "select * from posko.node where code = $1 and operation_id = $2", day.small.kelurahan[0], day.operation
    )
    await day.pool.execute(
        "with dusun as (insert into posko.node (id, operation_id, code, parent_id, level, name, utc_offset, path) overriding system value"
        "   select 1000000 + d, $1, $2 || '.' || (10 + d), $3, 5, 'DUSUN', 7, $4::int[] || (1000000 + d) from generate_series(0, ($5 - 1) / 600) d returning id),"
        " made as (insert into posko.node (id, operation_id, code, parent_id, level, name, utc_offset, path) overriding system value"
        "   select 1001000 + i, $1, $2 || '.' || (10 + i / 600) || '.' || lpad((i % 600 + 1)::text, 3, '0'), 1000000 + i / 600, 6, 'TPS', 7,"
        "          $4::int[] || array[1000000 + i / 600, 1001000 + i] from generate_series(0, $5 - 1) i returning id)"
        " insert into posko.rollup (node_id, version, counters, own) select id, 1, '{}'::int[], null::int[] from made union all select id, 1, '{}'::int[], '{}'::int[] from dusun",
        day.operation,
        above["code"],
        above["id"],
        above["path"],
        number,
    )
    return str(above["code"])
