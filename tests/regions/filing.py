"""Reports filed straight through the one SQL function, and random ones of every kind."""

from __future__ import annotations

import datetime
import random
from typing import Any

import msgspec

from posko import db
from posko.regions import catalogue
from posko.reports.plan import plan
from posko.reports.report import ReportIn
from posko.reports.store import arrays
from tests.factories import (
    MILESTONES,
    WIB,
    Small,
    count,
    incident,
    make_account,
    milestone,
    report,
    turnout,
    uuid7,
    viewer_of,
)

FILE = db.queries("reports")["file"].sql


async def file_reports(connection: Any, operation: int, said: list[dict[str, Any]]) -> list[str]:
    """Files a batch and answers the outcomes."""
    account = await make_account(connection, "operator", "operator", "ID")
    known = await catalogue.load(connection, operation)
    assert known is not None
    who = await viewer_of(connection, account)
    planned = [plan(who, uuid7(), msgspec.convert(s, ReportIn, strict=False), known) for s in said]
    rows = await connection.fetch(FILE, operation, known.layout, 2000, *arrays(planned))
    return [r["outcome"] for r in rows]


def random_reports(rng: random.Random, small: Small, size: int) -> list[dict[str, Any]]:
    """Reports of TPS and regions, of every kind that has counters."""
    made = []
    for _ in range(size):
        tps = rng.choice(small.tps)
        kind = rng.randrange(6)
        place, content = tps, milestone(rng.choice(MILESTONES)[0])
        if kind == 1:
            content = turnout(rng.randrange(100), rng.randrange(100))
        elif kind == 2:
            content = count("gubernur", [rng.randrange(90) for _ in range(3)], rng.randrange(9))
        elif kind == 3:
            content = count("bupati_walikota", [rng.randrange(90) for _ in range(2)], rng.randrange(9))
        elif kind == 4:
            place = rng.choice([tps, *small.kelurahan, *small.kecamatan, small.root])
            content = incident(rng.choice(["rendah", "kritis"]))
        elif kind == 5:
            content = {"kind": "nihil"}
        moment = datetime.datetime(2024, 11, 27, 6, tzinfo=WIB) + datetime.timedelta(minutes=rng.randrange(900))
        made.append(report(small.operation, place, content, at=moment.isoformat()))
    return made
