"""The baseline: a good Litestar application that files each report in a transaction of its own.

It does what posko does for a report of a milestone - the same Structs and rules, the same cached sessions, insert once by
id, fold the TPS, add to every region above - on the same tables, with prepared statements, a pool of 10 and the same
durability. It judges no flags and takes no corrections; that is in its favour. Locks are taken leaf first, root last, so
that the hottest row is held shortest and no two requests wait for each other in a ring.

`statements`: one statement a step, as such applications are written. `function`: one round trip, posko's own SQL function
called with a single report - what remains is only that requests do not share a commit.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import sys
import uuid
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import uvicorn
from litestar import Litestar, Request, Response, get, put
from litestar.datastructures import State

from posko import config, db
from posko.accounts.account import FILES_REPORTS, Viewer
from posko.accounts.sessions import SessionCache
from posko.errors import NotSignedIn, PlaceUnknown, ReportChanged
from posko.regions.catalogue import Catalogue
from posko.reports.catalogues import Catalogues
from posko.reports.plan import Planned, plan
from posko.reports.report import Milestone, Receipt, ReportIn
from posko.reports.store import arrays

POOL_SIZE: Final = 10

LOCK_TPS: Final = """
select n.id, n.path, n.utc_offset, r.counters
from posko.node n join posko.rollup r on r.node_id = n.id
where n.operation_id = $1 and n.code = $2 for update of r"""
INSERT: Final = """
insert into posko.report (id, operation_id, node_id, account_id, on_behalf_of, version, subject_id, weight, observed_at, received_at, vals, body)
values ($1, $2, $3, $4, $5, 0, $6, $7, $8, posko.now(), $9::text::int[], $10) on conflict (id) do nothing returning received_at"""
SAME: Final = "select received_at, body::text = $2 as same from posko.report where id = $1"
WINNER: Final = """
select vals, observed_at from posko.report where node_id = $1 and subject_id = $2 order by weight, id limit 1"""
ADD: Final = """
update posko.rollup set counters = api.add_at(counters, $2, $3), version = version + 1, last_at = greatest(last_at, $4)
where node_id = $1 returning version"""
LATE: Final = """
select subject_id, (o.voting_day + m.day + m.planned + m.grace)::timestamp
from posko.milestone m join posko.operation o on o.id = m.operation_id where o.id = $1"""


class Rules:
    """When each milestone of the operation is late, by subject, local to the TPS."""

    def __init__(self, late: dict[int, datetime.datetime]) -> None:
        self._late = late

    def is_late(self, subject: int, observed_at: datetime.datetime, utc_offset: int) -> bool:
        local = observed_at.astimezone(datetime.timezone(datetime.timedelta(hours=utc_offset))).replace(tzinfo=None)
        return subject in self._late and local > self._late[subject]


async def file_with_statements(
    pool: db.Pool, catalogue: Catalogue, planned: Planned, report: ReportIn, rules: Rules
) -> Receipt:
    """One transaction, a statement a step."""
    async with pool.acquire() as connection, connection.transaction():
        tps = await connection.fetchrow(LOCK_TPS, catalogue.operation, planned.place)
        if tps is None:
            raise PlaceUnknown(f"there is no {planned.place} in this operation")
        received_at = await connection.fetchval(
            INSERT, planned.id, catalogue.operation, tps["id"], planned.account_id, planned.on_behalf_of,
            planned.subject_id, planned.weight, planned.observed_at, planned.vals, planned.body,
        )  # fmt: skip
        if received_at is None:
            return await _again(connection, planned)
        winner = await connection.fetchrow(WINNER, tps["id"], planned.subject_id)
        assert winner is not None
        assert isinstance(report.content, Milestone)
        subject = catalogue.subjects[f"milestone.{report.content.milestone}"]
        says = [*winner["vals"], 0, 0, 0, 0][: subject.width]
        if says[0] and rules.is_late(subject.id, winner["observed_at"], tps["utc_offset"]):
            says[1] = 1
        slots, deltas = _changes(catalogue, tps["counters"], subject.base, says)
        version = 0
        for node in reversed(tps["path"]):
            version = await connection.fetchval(ADD, node, slots, deltas, received_at)
    return Receipt(planned.id, 201, "accepted", version, received_at)


async def _again(connection: Any, planned: Planned) -> Receipt:
    row = await connection.fetchrow(SAME, planned.id, planned.body)
    if not row["same"]:
        raise ReportChanged(f"report {planned.id} exists and says something else")
    return Receipt(planned.id, 200, "duplicate", 0, row["received_at"])


def _changes(catalogue: Catalogue, counters: list[int], base: int, says: list[int]) -> tuple[list[int], list[int]]:
    """Slots, ascending, and what is added to them: presence, then the subject."""
    presence = catalogue.subjects["presence"].base
    changes = {presence + 4: 1}
    if len(counters) < presence + 5 or not counters[presence + 4]:
        changes[presence + 5] = 1
    for i, value in enumerate(says):
        was = counters[base + i] if len(counters) > base + i else 0
        if value != was:
            changes[base + i + 1] = value - was
    return list(changes), list(changes.values())


async def file_with_function(
    pool: db.Pool, catalogue: Catalogue, planned: Planned, report: ReportIn, rules: Rules
) -> Receipt:
    """One round trip, one transaction: the product's function with arrays of one."""
    p = planned
    async with pool.acquire() as connection:
        row = await connection.fetchrow(
            db.queries("reports")["file"].sql, catalogue.operation, catalogue.layout, 2000,
            *arrays([p]),
        )  # fmt: skip
    assert row is not None
    assert row["outcome"] in ("accepted", "duplicate"), row
    return Receipt(
        p.id, 201 if row["outcome"] == "accepted" else 200, row["outcome"], row["version"], row["received_at"]
    )


FILE: Final = {"statements": file_with_statements, "function": file_with_function}


@put("/v1/reports/{report_id:uuid}")
async def put_report(
    report_id: uuid.UUID, data: ReportIn, request: Request[Any, Any, Any], state: State
) -> Response[Receipt]:
    """Files one report."""
    viewer = await _viewer(request, state.sessions)
    viewer.require_role(FILES_REPORTS)
    catalogue = state.catalogues.known(data.operation) or await state.catalogues.get(data.operation)
    planned = plan(viewer, report_id, data, catalogue)
    receipt = await state.file(state.pool, catalogue, planned, data, state.rules)
    return Response(receipt, status_code=receipt.status)


async def _viewer(request: Request[Any, Any, Any], sessions: SessionCache) -> Viewer:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise NotSignedIn
    return sessions.cached(token) or await sessions.viewer(token)


@get("/health/ready")
async def ready() -> str:
    """Ready."""
    return "ready"


@asynccontextmanager
async def lifespan(app: Litestar) -> Any:
    settings = config.from_env(os.environ)
    pool = await asyncpg.create_pool(
        settings.database_url, min_size=POOL_SIZE, max_size=POOL_SIZE, init=db._prepare_connection,
        server_settings={"application_name": "naive", "jit": "off"},
    )  # fmt: skip
    operation = await pool.fetchval("select min(id) from posko.operation")
    app.state.pool = pool
    app.state.sessions = SessionCache(pool, clock=lambda: datetime.datetime.now(datetime.UTC))
    app.state.catalogues = Catalogues(pool, settings.secret_key)
    app.state.rules = Rules(dict(map(tuple, await pool.fetch(LATE, operation))))
    tasks = [asyncio.create_task(app.state.sessions.run()), asyncio.create_task(app.state.catalogues.run())]
    yield
    for task in tasks:
        task.cancel()
    await pool.close()


def main() -> None:
    """`python -m tests.bench.naive statements|function`; settings as the roles take them."""
    app = Litestar([put_report, ready], lifespan=[lifespan], logging_config=None, openapi_config=None, debug=False)
    app.state.file = FILE[sys.argv[1]]
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ["POSKO_PORT"]), loop="uvloop", http="httptools", ws="none",
        log_level="warning", access_log=False, server_header=False, date_header=False, backlog=4096,
    )  # fmt: skip


if __name__ == "__main__":
    main()
