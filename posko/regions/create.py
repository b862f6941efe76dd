"""Making an operation: the plan, the tree and the TPS in one transaction, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import asyncpg
import msgspec

from posko import db
from posko.regions import preset, store
from posko.regions.catalogue import Contest
from posko.regions.operation import Milestone, NewOperation
from posko.regions.region import RegionIn
from posko.regions.tps import TpsIn

T = TypeVar("T")


class Blueprint(msgspec.Struct, frozen=True):
    """What an operation is made of; without TPS it stays a draft that waits for its roster."""

    regions: Sequence[RegionIn]
    tps: Sequence[TpsIn]
    milestones: Sequence[Milestone]
    contests: Sequence[Contest]


def blueprint_of(key: str, dusun: Sequence[RegionIn] = ()) -> Blueprint:
    """A preset's blueprint, its TPS divided over the given dusun where there are any."""
    chosen = preset.PRESETS[key]
    regions = [*preset.regions_of(chosen.root), *dusun]
    tps = list(preset.tps_of(regions, voters=chosen.voters))
    return Blueprint(regions, tps, preset.milestones(), preset.contests_of(chosen.root))


async def create(
    conn: asyncpg.Connection[asyncpg.Record],
    new: NewOperation,
    blueprint: Blueprint,
    *,
    activate: bool = False,
    each: Callable[[], None] = lambda: None,
) -> int:
    """Makes the operation and returns its id; `each` is called once per region and TPS on its way to the database."""
    with db.translated():
        async with conn.transaction():
            made = await store.create_operation(conn, new, blueprint.milestones, blueprint.contests)
            await store.load_regions(conn, made, _told(blueprint.regions, each))
            if blueprint.tps:
                await store.load_roster(conn, made, _told(blueprint.tps, each), estimated=new.tps_estimated)
            if activate:
                await store.activate(conn, made)
        await store.analyze(conn)
    return made


def _told(rows: Iterable[T], each: Callable[[], None]) -> Iterator[T]:
    for row in rows:
        each()
        yield row
