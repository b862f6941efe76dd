"""The catalogues of all operations, kept current by a look once a second."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
import structlog

from posko import db
from posko.errors import OperationUnknown, Unavailable
from posko.regions import catalogue as regions_catalogue
from posko.regions.catalogue import Catalogue
from posko.reports.names import key_of

POLL_S: Final = 1.0

_log = structlog.get_logger("catalogues")


class Catalogues:
    """Knows every operation's milestones and contests without asking per report."""

    def __init__(self, pool: db.Pool, secret_key: str) -> None:
        self._pool = pool
        self._secret_key = secret_key
        self._known: dict[int, Catalogue] = {}

    async def get(self, operation: int) -> Catalogue:
        """The operation's catalogue, loaded at first need; OperationUnknown when there is none."""
        found = self._known.get(operation)
        return found if found is not None else await self.reload(operation)

    def known(self, operation: int) -> Catalogue | None:
        """The catalogue if it is in memory."""
        return self._known.get(operation)

    async def reload(self, operation: int) -> Catalogue:
        """The catalogue as it is in the database now."""
        async with db.acting(self._pool, db.DatabaseRole.engine) as connection:
            found = await regions_catalogue.load(connection, operation)
        if found is None:
            self._known.pop(operation, None)
            raise OperationUnknown(f"there is no operation {operation}")
        found = msgspec.structs.replace(found, name_key=key_of(self._secret_key, found.name_key))
        self._known[operation] = found
        return found

    async def look(self) -> None:
        """Reloads what has another layout or state than what is known."""
        async with db.acting(self._pool, db.DatabaseRole.engine) as connection:
            current = await regions_catalogue.load_all(connection)
        for operation, state, layout, _ in current:
            known = self._known.get(operation)
            if known is not None and (known.layout != layout or known.state != state):
                await self.reload(operation)
        for gone in self._known.keys() - {operation for operation, *_ in current}:
            del self._known[gone]

    async def run(self) -> None:
        """Looks once a second, for as long as the process lives."""
        while True:
            try:
                await self.look()
            except Unavailable:
                _log.warning("catalogues_not_checked", reason="database down")
            await asyncio.sleep(POLL_S)
