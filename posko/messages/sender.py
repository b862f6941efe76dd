"""Sends what is due. Any number of senders may run and be killed at any instant: what is due, and who has it, are rows.

A message goes out at least once: a sender that dies between the gateway's answer and its own commit leaves a lease
behind, and when that has ended the message is sent again under the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from posko import db
from posko.config import Settings
from posko.errors import Unavailable
from posko.messages import store
from posko.messages.channel import Channel, Refused, Unreachable
from posko.messages.message import Order, compose

TICK_S: Final = 0.5
"""How often an idle sender looks, so how late a message may be."""
GROUPS_LIMIT: Final = 500
"""Groups in one transaction of telling."""
COUNT_EVERY_S: Final = 5.0
SETTLE_S: Final = 10.0
"""What a lease lasts longer than an attempt may: time to say how it went."""
REST_LIMIT_S: Final = 10.0
"""A gateway that takes nothing is tried this often at least, with one message."""
DRAIN_S: Final = 5.0

_log = structlog.get_logger("messages")


class Metrics:
    """What the role shows of its messages."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.sent = Counter("posko_messages_sent_total", "Messages that a gateway took", ["channel"], registry=registry)
        self.given_up = Counter(
            "posko_messages_failed_total", "Messages refused for good or given up", ["channel"], registry=registry
        )
        self.retried = Counter(
            "posko_messages_retried_total", "Attempts that failed for now", ["channel"], registry=registry
        )
        self.lost = Counter(
            "posko_messages_lease_lost_total", "Attempts that took longer than their lease", registry=registry
        )
        self.pending = Gauge("posko_messages_pending", "Messages waiting", ["channel"], registry=registry)
        self.failed = Gauge(
            "posko_messages_failed_last_day", "Messages that failed within a day", ["channel"], registry=registry
        )
        self.lag = Gauge(
            "posko_messages_lag_seconds", "How long the oldest message has waited", ["channel"], registry=registry
        )
        self.up = Gauge(
            "posko_messages_channel_up", "1: the last attempt reached the gateway", ["channel"], registry=registry
        )

    def count(self, backlog: list[store.Backlog]) -> None:
        """Shows the backlog; a channel with none goes to zero."""
        for gauge in (self.pending, self.failed, self.lag):
            gauge.clear()
        for row in backlog:
            self.pending.labels(row.channel).set(row.pending)
            self.failed.labels(row.channel).set(row.failed)
            self.lag.labels(row.channel).set(row.lag_s)


class Sender:
    """Tells what is due and sends it, each channel by itself: a slow or dead one holds up no other."""

    def __init__(
        self, pool: db.Pool, channels: Sequence[Channel], settings: Settings, registry: CollectorRegistry
    ) -> None:
        self._pool = pool
        self._channels = channels
        self._settings = settings
        self.metrics = Metrics(registry)

    async def run(self) -> None:
        """For as long as the process lives; a database or gateway that is down is waited for."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell())
            for channel in self._channels:
                group.create_task(_Way(channel, self._pool, self._settings, self.metrics).run())

    async def tell(self) -> int:
        """Makes the messages that are due now; answers how many groups were looked at."""
        quiet_s, repeat_s = self._settings.notice_quiet_s, self._settings.notice_repeat_s
        async with db.transaction(self._pool) as connection:
            return await store.tell_due(connection, quiet_s=quiet_s, repeat_s=repeat_s, limit=GROUPS_LIMIT)

    async def count(self) -> None:
        """Gives up what is stale, and shows what waits."""
        async with db.transaction(self._pool) as connection:
            await store.drop_stale(connection)
            self.metrics.count(await store.backlog(connection))

    async def _tell(self) -> None:
        loop = asyncio.get_running_loop()
        next_count = loop.time()
        while True:
            try:
                looked_at = await self.tell()
                if loop.time() >= next_count:
                    await self.count()
                    next_count = loop.time() + COUNT_EVERY_S
            except Unavailable:
                looked_at = 0
                _log.warning("not_told", reason="database down")
            if looked_at < GROUPS_LIMIT:
                await asyncio.sleep(TICK_S)


class _Way:
    """One channel: claims as much as it has hands free, rests while its gateway takes nothing."""

    def __init__(self, channel: Channel, pool: db.Pool, settings: Settings, metrics: Metrics) -> None:
        self._channel = channel
        self._pool = pool
        self._settings = settings
        self._metrics = metrics
        self._running: set[asyncio.Task[None]] = set()
        self._failures = 0

    async def run(self) -> None:
        try:
            while True:
                await self._turn()
        finally:
            # What a gateway is taking just now would be sent a second time if it were cut off.
            if self._running:
                await asyncio.wait(self._running, timeout=DRAIN_S)
            for task in self._running:
                task.cancel()

    async def _turn(self) -> None:
        hands = 1 if self._failures else self._settings.messages_at_once_limit
        free = hands - len(self._running)
        if free <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return
        lease_s = self._settings.message_deadline_s + SETTLE_S
        orders: list[Order] = []
        with contextlib.suppress(Unavailable):
            async with db.transaction(self._pool) as connection:
                orders = await store.claim(connection, self._channel.name, limit=free, lease_s=lease_s)
        for order in orders:
            task = asyncio.create_task(self._deliver(order))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        if self._failures and self._running:
            await asyncio.wait(self._running)
        if self._failures:
            await asyncio.sleep(min(REST_LIMIT_S, 2.0 ** min(self._failures, 10) / 2))
        elif len(orders) < free:
            await asyncio.sleep(TICK_S)

    async def _deliver(self, order: Order) -> None:
        outcome, error = await self._attempt(order)
        channel, state = self._channel.name, None
        try:
            async with db.transaction(self._pool) as connection:
                state = await store.settle(connection, order, outcome, error)
        except Unavailable:
            # The lease ends by itself, and the message is sent again: twice rather than never.
            _log.warning("not_settled", message=str(order.id), outcome=outcome)
            return
        if state is None:
            self._metrics.lost.inc()
        elif outcome == "sent":
            self._metrics.sent.labels(channel).inc()
        elif state == "failed":
            self._metrics.given_up.labels(channel).inc()
        else:
            self._metrics.retried.labels(channel).inc()
        if outcome != "sent":
            level = _log.error if state == "failed" else _log.warning
            level(
                "message_" + (state or "lost"),
                message=str(order.id),
                channel=channel,
                attempt=order.attempts,
                error=error,
            )

    async def _attempt(self, order: Order) -> tuple[store.Outcome, str | None]:
        try:
            async with asyncio.timeout(self._settings.message_deadline_s):
                await self._channel.send(compose(order, self._settings.public_url))
        except Refused as error:
            self._reached()
            return "refused", str(error)
        except Unreachable as error:
            self._failures += 1
            self._metrics.up.labels(self._channel.name).set(0)
            return "later", str(error)
        except TimeoutError:
            # It may be this address alone that hangs: the channel goes on with the hands that it has left.
            return "later", "it took too long"
        except Exception as error:
            # A gateway is somebody else's code; one message that it cannot bear is no reason to stop the others.
            self._reached()
            return "later", f"{type(error).__name__}: {error}"
        self._reached()
        return "sent", None

    def _reached(self) -> None:
        self._failures = 0
        self._metrics.up.labels(self._channel.name).set(1)
