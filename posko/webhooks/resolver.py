"""Names to addresses for webhooks: few, permitted; one endpoint's slow name server holds up no other."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

from posko.webhooks.guard import Blocked, Guard

ADDRESSES_LIMIT: Final = 8
"""Addresses of one name that are looked at. aiohttp tries n addresses n²/2 times, and an answer may hold thousands."""
LOOKUPS_LIMIT: Final = 16
"""Names looked up at a time; one that is asked for twice meanwhile is looked up once."""


class GuardedResolver(AbstractResolver):
    """What another resolver says, less the addresses that the guard is against; Blocked when none is left."""

    def __init__(self, guard: Guard, names: AbstractResolver) -> None:
        self._guard = guard
        self._names = names
        self._under_way: dict[tuple[str, int, int], asyncio.Task[list[ResolveResult]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        key = (host, port, family)
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._names.resolve(host, port, family))
            task.add_done_callback(lambda done: self._forget(key, done))
        # Whoever gives up leaves the lookup to the others that wait for it.
        found = (await asyncio.shield(task))[:ADDRESSES_LIMIT]
        against = [self._guard.reason_against(host, entry["host"]) for entry in found]
        kept = [entry for entry, reason in zip(found, against, strict=True) if reason is None]
        for entry, reason in zip(found, against, strict=True):
            if reason is not None and not kept:
                raise Blocked(entry["host"], reason)
        if not kept:
            raise OSError(f"{host} has no address")
        return kept

    async def close(self) -> None:
        for task in self._under_way.values():
            task.cancel()
        await self._names.close()

    def _forget(self, key: tuple[str, int, int], done: asyncio.Task[list[ResolveResult]]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # nobody may be waiting any more


class SystemNames(AbstractResolver):
    """The system's resolver, in threads of its own: the loop's are few (uvloop has four) and everybody's."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS_LIMIT, thread_name_prefix="webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port, family)
        return [
            ResolveResult(hostname=host, host=str(to[0]), port=port, family=kind, proto=protocol, flags=0)
            for kind, _, protocol, _, to in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(
    host: str, port: int, family: socket.AddressFamily
) -> list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[object, ...]]]:
    found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [(kind, how, protocol, name, tuple(to)) for kind, how, protocol, name, to in found]
