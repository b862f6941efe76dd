"""The limit of the SQL: the product's own statement with arrays made beforehand, and nothing else in the way."""

from __future__ import annotations

import asyncio
import datetime
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import uvloop

from posko import db
from posko.accounts.account import Viewer
from posko.regions import catalogue as catalogues
from posko.regions.catalogue import Catalogue
from posko.reports import report as r
from posko.reports import store
from posko.reports.decoding import decode_one
from posko.reports.plan import Planned, plan
from tests.bench import workload
from tests.bench.load import Outcome, percentiles

PLACE_REPORTS_LIMIT: Final = 2000
WIB: Final = datetime.timezone(datetime.timedelta(hours=7))


class Spec(msgspec.Struct, frozen=True):
    """One run: batches of so many reports over so many connections, for so many seconds or until they are used up."""

    database_url: str
    reports: workload.Reports
    connections: int
    batch: int
    seconds: float
    said: str = "milestone"
    """milestone, turnout or count."""


def planned(spec: Spec, catalogue: Catalogue) -> Iterator[Planned]:
    """The reports as the database takes them."""
    # The ground makes one account with one seat.
    viewer = Viewer(1, "bench", 1, 1, "system", (catalogue.root_code,), None, False)
    for report_id, body in workload.reports(spec.reports):
        said = decode_one(f"{{{body}}}".encode())
        if spec.said != "milestone":
            said = _numbers(said, spec.said, catalogue)
        yield plan(viewer, uuid.UUID(report_id), said, catalogue)


def _numbers(said: r.ReportIn, kind: str, catalogue: Catalogue) -> r.ReportIn:
    content: r.Content = r.Turnout(r.Sexes(101, 102), r.Sexes(1, 2), r.Sexes(3, 4), r.Sexes(1, 1))
    hour = 12
    if kind == "count":
        contest = catalogue.contest_of("gubernur", said.place) or catalogue.contest_of("bupati_walikota", said.place)
        assert contest is not None
        votes = {n: 40 + n for n in contest.numbers}
        content = r.Count(
            "gubernur" if contest.kind == "gubernur" else "bupati_walikota", votes, sum(votes.values()), 5
        )
        hour = 17
    at = datetime.datetime(2024, 11, 27, hour, 5, tzinfo=WIB)
    return msgspec.structs.replace(said, content=content, observed_at=at)


def arrays(catalogue: Catalogue, batch: Sequence[Planned]) -> list[Any]:
    """The arguments of api.file_reports."""
    return [catalogue.operation, catalogue.layout, PLACE_REPORTS_LIMIT, *store.arrays(batch)]


async def _run(spec: Spec) -> Outcome:
    connections = [await db.connect(spec.database_url) for _ in range(spec.connections)]
    catalogue = await catalogues.load(connections[0], spec.reports.operation)
    assert catalogue is not None
    made = list(planned(spec, catalogue))
    batches = [arrays(catalogue, made[i : i + spec.batch]) for i in range(0, len(made), spec.batch)]
    statements = [await c.prepare(db.queries("reports")["file"].sql) for c in connections]
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    began = time.perf_counter()
    ends_at = began + spec.seconds
    left, latencies = iter(batches), []
    acknowledged = in_time = 0

    async def drive(statement: Any) -> None:
        nonlocal acknowledged, in_time
        for batch in left:
            sent = time.perf_counter()
            rows = await statement.fetch(*batch, timeout=60)
            now = time.perf_counter()
            latencies.append(now - sent)
            assert all(row["outcome"] == "accepted" for row in rows), rows
            acknowledged += len(rows)
            in_time += len(rows) if now <= ends_at else 0
            if now >= ends_at:
                return

    await asyncio.gather(*map(drive, statements))
    last_s = time.perf_counter() - began
    for connection in connections:
        connection.terminate()
    return Outcome(acknowledged, in_time, min(spec.seconds, last_s), last_s, {}, percentiles(latencies))


def main() -> None:
    """Reads a Spec from standard input, says `ready`, waits for a line, prints the Outcome."""
    spec = msgspec.json.decode(sys.stdin.readline(), type=Spec)
    print(msgspec.json.encode(uvloop.run(_run(spec))).decode(), flush=True)


if __name__ == "__main__":
    main()
