"""Finding places over HTTP."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from posko import db, policy, terms
from posko.accounts.account import OPENS_RECORDS, Viewer
from posko.problems import responses
from posko.regions import store
from posko.regions.finding import HITS_LIMIT, QUERY_LIMIT, Hit, Hits, Parent, understand
from posko.regions.routes import OperationId, choose_operation


@get(
    "/v1/places",
    tags=["regions"],
    summary="Find a place",
    opt=policy.read(OPENS_RECORDS),
    responses=responses(401, 403, 404, 422, 429, 503),
)
async def find_places(
    viewer: Viewer,
    pool: db.Pool,
    q: Annotated[
        str, Parameter(min_length=1, max_length=QUERY_LIMIT, description="Words of a name, a code, a TPS number")
    ],
    operation: OperationId = None,
    limit: Annotated[int, Parameter(ge=1, le=HITS_LIMIT)] = HITS_LIMIT,
) -> Hits:
    """Regions and TPS within your reach: `penjaringan 14` is TPS 14 of each kelurahan in whatever is called so."""
    asked = understand(q)
    async with db.snapshot(pool, viewer.reach) as conn:
        chosen = await choose_operation(conn, viewer, operation)
        rows = [] if asked.is_nothing else await store.find_places(conn, chosen.id, asked, limit)
    return Hits(chosen.id, [_hit(*row) for row in rows])


def _hit(code: str, level: int, name: str, parents: list[str], names: list[str]) -> Hit:
    return Hit(code, terms.Level(level).name, name, [Parent(*pair) for pair in zip(parents, names, strict=True)])


routes = [find_places]
