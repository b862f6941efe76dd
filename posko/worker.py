"""Composition root of `posko work`: what must happen without anybody asking."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import signal
from collections.abc import Callable
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge
from redis.asyncio import Redis

from posko import db, health_port, open_files
from posko.condition import sign
from posko.config import Settings
from posko.curves.sampler import Sampler
from posko.dead_mans_switch import keep_pressed
from posko.errors import Unavailable
from posko.gateways import store as gateways
from posko.incidents.timers import Timers
from posko.live.bell import Bell
from posko.messages import channel, smtp
from posko.messages import store as messages
from posko.messages.sender import Sender
from posko.photos import retention
from posko.photos.errors import PhotoStoreDown
from posko.photos.vault import Objects
from posko.webhooks.deliverer import Deliverer
from posko.webhooks.guard import Guard
from posko.webhooks.keys import Keys
from posko.webhooks.sender import CONNECTIONS, tls_context
from posko.webhooks.sender import Sender as Poster
from posko.webhooks.service import Service
from posko.webhooks.store import LANES, Lane

TICK_S = 1.0
PROOF_EVERY_S = 5.0
"""One kelurahan of each active operation is recounted this often."""
PURGE_EVERY_S = 60.0
SPARE_FILES = 200

_log = structlog.get_logger("work")


def utc_now() -> datetime.datetime:
    """The clock of the composition root: it dates signatures."""
    return datetime.datetime.now(datetime.UTC)


class Worker:
    """Proves the rollups branch by branch against the reports, and forgets sessions, names and photos in time."""

    def __init__(self, pool: db.Pool, registry: CollectorRegistry, photos: Objects | None = None) -> None:
        self._pool = pool
        self._photos = photos
        self._queries = db.queries("worker")
        self._proven = Counter(
            "posko_work_branches_proven_total", "Branches recounted and found equal", registry=registry
        )
        self._wrong = Counter(
            "posko_work_branches_wrong_total", "Branches whose rollup differs from its reports", registry=registry
        )
        self._lag = Gauge("posko_work_last_turn_timestamp_seconds", "When the last turn ended", registry=registry)
        self._turned_at: float | None = None
        self.proven = self.wrong = 0
        """Branches, since this worker began."""
        self.is_ready = False

    @property
    def turn_s(self) -> float | None:
        """Seconds since the last turn ended; None before the first."""
        return None if self._turned_at is None else round(asyncio.get_running_loop().time() - self._turned_at, 1)

    async def run(self) -> None:
        """Turns once a second, for as long as the process lives; a database that is down is waited for."""
        loop = asyncio.get_running_loop()
        next_proof = next_purge = loop.time()
        while True:
            try:
                if loop.time() >= next_purge:
                    await self.purge()
                    next_purge = loop.time() + PURGE_EVERY_S
                if loop.time() >= next_proof:
                    await self.prove(int(loop.time() / PROOF_EVERY_S))
                    next_proof = loop.time() + PROOF_EVERY_S
                self.is_ready = True
                self._turned_at = loop.time()
                self._lag.set_to_current_time()
            except Unavailable:
                self.is_ready = False
                _log.warning("turn_missed", reason="database down")
            await asyncio.sleep(TICK_S)

    async def prove(self, turn: int) -> int:
        """Recounts the kelurahan of each active operation whose turn it is; answers how many differ."""
        async with db.snapshot(self._pool) as connection:
            rows = await connection.fetch(self._queries["prove_next"].sql, turn)
        wrong = [r for r in rows if r["differences"]]
        for row in wrong:
            _log.error("rollup_differs", operation=row["operation"], region=row["code"], counters=row["differences"])
        self.wrong += len(wrong)
        self.proven += len(rows) - len(wrong)
        self._wrong.inc(len(wrong))
        self._proven.inc(len(rows) - len(wrong))
        return len(wrong)

    async def purge(self) -> None:
        """Forgets sessions that ended over a month ago; names, addresses and photos whose time is over."""
        async with db.identity(self._pool) as connection:
            for name in ("purge", "purge_challenges", "forget_names"):
                await connection.execute(db.queries("sessions" if name != "forget_names" else "privacy")[name].sql)
            await messages.forget_contacts(connection)
            await gateways.forget_texts(connection)
        if self._photos is not None:
            try:
                await retention.forget_due(self._pool, self._photos)
            except PhotoStoreDown:  # the rest goes on; it is tried again with the next purge
                _log.warning("photos_not_forgotten", reason="store down")


async def run(settings: Settings, *, ready: Callable[[], None] | None = None) -> None:
    """Works until SIGTERM or SIGINT; any number of workers may run, and be killed at any instant."""
    stop = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wanted, stop.set)
    registry = CollectorRegistry()
    open_files.allow(len(LANES) * CONNECTIONS + SPARE_FILES)
    guard, tls = Guard.of(settings), tls_context(Path(settings.webhook_ca_file) if settings.webhook_ca_file else None)
    posters: list[tuple[Lane, Poster]] = [(lane, Poster(guard, tls=tls)) for lane in LANES]
    channels = [*smtp.configured(settings), *channel.plugged(settings, os.environ)]
    pool = await db.open_pool(
        settings.database_url, size=4, statement_timeout_s=settings.statement_timeout_s, role=db.DatabaseRole.engine
    )
    worker = Worker(pool, registry, Objects(settings.photos_url) if settings.photos_url else None)
    redis = Redis.from_url(settings.redis_url, socket_timeout=2.0, socket_connect_timeout=1.0)
    bell = Bell(redis)
    timers = Timers(pool, bell.ring_soon, registry)
    sampler = Sampler(pool, registry)
    sender = Sender(pool, channels, settings, registry)
    # A pool of their own: a thousand deliveries never keep a timer waiting for a connection.
    deliveries = await db.open_pool(
        settings.database_url, size=6, statement_timeout_s=settings.statement_timeout_s, role=db.DatabaseRole.engine
    )
    service = Service(
        deliveries, Keys(settings.secret_key), settings.public_url, bell.ring_soon, clock=utc_now, registry=registry
    )
    try:
        async with (
            health_port.serving(settings, registry, lambda: worker.is_ready),
            contextlib.AsyncExitStack() as posting,
            asyncio.TaskGroup() as group,
        ):
            signs = keep_pressed(settings.dead_mans_switch_url, lambda: worker.is_ready and timers.is_well)
            names = [c.name for c in channels]
            signs_of_life = sign.give(
                redis, lambda: sign.Working(worker.turn_s, timers.is_well, worker.proven, worker.wrong, names)
            )
            lanes = [Deliverer(service, await posting.enter_async_context(poster), lane) for lane, poster in posters]
            tasks = (
                worker.run(),
                timers.run(),
                sampler.run(),
                sender.run(),
                service.watch(),
                *(d.run() for d in lanes),
                signs,
                signs_of_life,
            )
            background = [group.create_task(task) for task in tasks]
            _log.info("working", channels=[c.name for c in channels])
            if ready is not None:
                ready()
            await stop.wait()
            for task in background:
                task.cancel()
    finally:
        await bell.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(redis.aclose(), 2)
        with contextlib.suppress(Unavailable):
            pool.terminate()
            deliveries.terminate()
