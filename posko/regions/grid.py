"""The grid: every TPS of a region in a few characters, and what changed. Its answers are encoded once for all."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from posko import db, policy
from posko.accounts.account import EVERYONE, Viewer
from posko.problems import responses
from posko.regions.boards import Boards, Since
from posko.regions.cells import CellChanges, Cells, Encoded
from posko.regions.operation import Operation
from posko.regions.routes import Code, OperationId, choose_operation


def _of(struct: type[Cells] | type[CellChanges], summary: str) -> dict[int, ResponseSpec]:
    said = ResponseSpec(data_container=struct, description=summary, generate_examples=False)
    return {200: said, **responses(401, 403, 404, 409, 422, 429, 503)}


@get(
    "/v1/regions/{code:str}/cells",
    tags=["regions"],
    summary="Every TPS in a few characters",
    opt=policy.read(EVERYONE),
    responses=_of(Cells, "The cells, at one version"),
)
async def show_cells(
    request: Request[Viewer, Any, Any],
    viewer: Viewer,
    pool: db.Pool,
    boards: Boards,
    code: Code,
    operation: OperationId = None,
) -> Response[bytes]:
    """How every TPS below a region stands, in code order, at one version; 422 `tps-limit`: there are too many."""
    chosen = await _choose(viewer, pool, boards, code, operation)
    return _sent(request, await boards.answer(viewer, chosen, code, None))


@get(
    "/v1/regions/{code:str}/cells/changes",
    tags=["regions"],
    summary="Cells that changed since a version",
    opt=policy.read(EVERYONE),
    responses=_of(CellChanges, "The cells that changed"),
)
async def list_cell_changes(
    request: Request[Viewer, Any, Any],
    viewer: Viewer,
    pool: db.Pool,
    boards: Boards,
    code: Code,
    since: Annotated[int, Parameter(ge=0, le=2**63 - 1, description="The version that you have")],
    layout: Annotated[int | None, Parameter(ge=1, le=2**31 - 1, description="The layout that you have")] = None,
    operation: OperationId = None,
) -> Response[bytes]:
    """The cells that changed after `since`, as they are once this was asked; 409 `layout-changed`: take all cells."""
    chosen = await _choose(viewer, pool, boards, code, operation)
    return _sent(request, await boards.answer(viewer, chosen, code, Since(since, layout)))


async def _choose(viewer: Viewer, pool: db.Pool, boards: Boards, code: str, wanted: int | None) -> Operation:
    viewer.require_scope(code)
    known = None if wanted is None else boards.operation_of(wanted, code)
    if known is not None and viewer.can_enter(known.id, known.restricts):
        return known
    async with db.snapshot(pool, viewer.reach) as conn:
        return await choose_operation(conn, viewer, wanted)


def _sent(request: Request[Viewer, Any, Any], answer: Encoded) -> Response[bytes]:
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if answer.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(answer.zipped, media_type="application/json", headers={**headers, "Content-Encoding": "gzip"})
    return Response(answer.plain, media_type="application/json", headers=headers)


routes = [show_cells, list_cell_changes]
