"""Setting lists and asking for the ranking straight in the database."""

from __future__ import annotations

import json
from typing import Any

from posko.readiness import store
from posko.readiness.ranking import Priority
from tests.incidents.ground import Day


def team(place: str, name: str = "Tim 1", members: int = 4, institution: str = "linmas") -> dict[str, Any]:
    return {"place": place, "name": name, "members": members, "institution": institution}


def guard(name: str, *tps: str, institution: str = "polri", members: int = 1, **more: Any) -> dict[str, Any]:
    return {"name": name, "institution": institution, "members": members, "tps": list(tps), **more}


async def set_teams(day: Day, code: str, *teams: dict[str, Any], by: str = "supervisor") -> Any:
    sql = "select * from api.set_teams($1, $2, $3, $4, $5)"
    return await day.pool.fetchrow(sql, day.operation, *day.people[by], code, json.dumps(teams))


async def set_guards(day: Day, code: str, *guards: dict[str, Any], by: str = "supervisor") -> Any:
    sql = "select * from api.set_guards($1, $2, $3, $4, $5)"
    return await day.pool.fetchrow(sql, day.operation, *day.people[by], code, json.dumps(guards))


async def set_patterns(day: Day, **patterns: tuple[int, int, int]) -> Any:
    said = [{"grade": g, "polri": p, "tps": t, "linmas": n} for g, (p, t, n) in patterns.items()]
    sql = "select * from api.set_guard_patterns($1, $2, $3, $4)"
    return await day.pool.fetchrow(sql, day.operation, *day.people["supervisor"], json.dumps(said))


async def grade(day: Day, **grades: str) -> None:
    """Gives TPS (by their place in the list, t0, t1 ...) the police's grade, as a roster would have."""
    for place, said in grades.items():
        await day.pool.execute(
            "update posko.tps t set police_grade = $3 from posko.node n where n.id = t.node_id and n.operation_id = $1 and n.code = $2",
            day.operation, day.small.tps[int(place[1:])], said,
        )  # fmt: skip
    await day.pool.execute("update posko.operation set version = version + 1 where id = $1", day.operation)
    await day.pool.execute(
        "select api.roll_up_ready($1, (select version from posko.operation where id = $1), array(select id from posko.node where operation_id = $1 and level = 6))",
        day.operation,
    )


async def ids(day: Day, table: str) -> dict[str, int]:
    """Standing teams or guards by name."""
    rows = await day.pool.fetch(
        f"select name, id from posko.{table} where operation_id = $1 and withdrawn_at is null", day.operation
    )
    return {row["name"]: row["id"] for row in rows}


async def check(day: Day, guard_id: int, *codes: str, by: str = "petugas", is_in: bool = True) -> Any:
    sql = "select * from api.check_guard($1, $2, $3, $4, $5)"
    return await day.pool.fetchrow(sql, guard_id, *day.people[by], list(codes) or None, is_in)


async def mark(day: Day, team_id: int, what: str, is_so: bool = True, by: str = "operator") -> Any:
    return await day.pool.fetchrow(
        "select * from api.mark_team($1, $2, $3, $4, $5)", team_id, *day.people[by], what, is_so
    )


async def ranked(day: Day, code: str | None = None, limit: int = 20) -> list[Priority]:
    async with day.pool.acquire() as connection:
        return (await store.priorities(connection, day.operation, code or day.small.root, limit))[0]
