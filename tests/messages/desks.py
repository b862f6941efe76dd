"""What tests of telling are made of: a desk on a clock that is moved, and an SMTP server that keeps what it gets."""

from __future__ import annotations

import contextlib
import datetime
import email
import email.policy
import json
import threading
import time
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from posko.config import Settings
from tests.factories import WIB, Small
from tests.running import free_port

START = datetime.datetime(2024, 11, 27, 7, 0, tzinfo=WIB)
MINUTE = datetime.timedelta(minutes=1)


class Desk:
    """Says what fires and is resolved, moves the clock, and looks at what is told."""

    def __init__(self, connection: Any, small: Small, node: int, lane: int, lane_node: int) -> None:
        self.connection, self.small, self.node = connection, small, node
        self.lane, self.lane_node = lane, lane_node

    @classmethod
    async def opened(cls, connection: Any, small: Small) -> Desk:
        of = "select id from posko.node where operation_id = $1 and code = $2"
        lane = await connection.fetchval("select id from posko.operation where restricts = $1", small.operation)
        node = await connection.fetchval(of, small.operation, small.root)
        return cls(connection, small, node, lane, await connection.fetchval(of, lane, small.root))

    async def at(self, after: datetime.timedelta) -> None:
        """Moves the clock to so long after 07:00."""
        await self.connection.execute("select set_config('posko.now', $1, false)", (START + after).isoformat())

    async def contact(self, address: str = "kabagops@pemkot.example.id", *, channel: str = "email", **more: Any) -> int:
        said = {"operation": None, "region": self.small.root, "cleared": False, **more}
        found: int = await self.connection.fetchval(
            "select api.add_contact(null, null, $1, $2, $3, $4, 'Kabag Ops', $5)",
            said["operation"], said["region"], channel, address, said["cleared"],
        )  # fmt: skip
        return found

    async def notify(self, member: str, state: str = "firing", **more: Any) -> None:
        said = {"group": "kejadian", "severity": "sedang", "channels": None, "wait": 30, "node": self.node, **more}
        operation = self.lane if said["node"] == self.lane_node else self.small.operation
        await self.connection.execute(
            "select api.notify($1, $2, $3, $4, $5, $6, $7, $8, $9, make_interval(secs => $10))",
            operation, said["node"], said["group"], member, state, said["severity"],
            said.get("text", f"hal {member}"), f"thing {member}", said["channels"], float(said["wait"]),
        )  # fmt: skip

    async def told(self, after: datetime.timedelta | None = None) -> list[str]:
        """Moves the clock, looks at what is due, and answers why the desk was told (why firing/resolved) by it."""
        if after is not None:
            await self.at(after)
        last = await self.connection.fetchval("select coalesce(max(at), '-infinity') from posko.telling")
        count = await self.connection.fetchval("select count(*) from posko.telling")
        await self.connection.fetchval("select api.tell_due('5 minutes', '4 hours', 500)")
        rows = await self.connection.fetch(
            "select why, about from posko.telling where at >= $1 order by at, notice_id offset 0", last
        )
        new = await self.connection.fetchval("select count(*) from posko.telling") - count
        said = [(r["why"], json.loads(r["about"])) for r in rows[len(rows) - new :]]
        return [f"{why} {about['firing']}/{about['resolved']}" for why, about in said]

    async def messages(self) -> list[Any]:
        found: list[Any] = await self.connection.fetch(
            "select * from posko.message order by created_at, contact_id, telling"
        )
        return found

    async def claim(self, channel: str = "email", *, limit: int = 100, lease_s: int = 40) -> list[Any]:
        found: list[Any] = await self.connection.fetch(
            "select * from api.claim_messages($1, $2, make_interval(secs => $3))", channel, limit, lease_s
        )
        return found

    async def settle(self, order: Any, outcome: str, error: str | None = None) -> str | None:
        state: str | None = await self.connection.fetchval(
            "select api.settle_message($1, $2, $3, $4)", order["id"], order["fence"], outcome, error
        )
        return state


class MailServer:
    """A real SMTP server; `codes` says how it answers an address, `slow_s` how long it takes over a mail."""

    def __init__(self, *, slow_s: float = 0.0) -> None:
        self.port = free_port()
        self.codes: dict[str, str] = {}
        self.hangs: set[str] = set()
        self.slow_s = slow_s
        self.mails: list[tuple[str, EmailMessage]] = []
        self.tries: list[tuple[float, str]] = []
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    def start(self, **how: Any) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **how)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        self.tries.append((time.monotonic(), address))
        if address in self.hangs:
            await _sleep(60)
        if address in self.codes:
            return self.codes[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, _class=EmailMessage, policy=email.policy.SMTP)
        await _sleep(self.slow_s)
        with self._lock:
            for to in envelope.rcpt_tos:
                self.mails.append((to, mail))
        return "250 taken"


async def _sleep(seconds: float) -> None:
    import asyncio

    with contextlib.suppress(ConnectionError):
        await asyncio.sleep(seconds)


def settings(**more: Any) -> Settings:
    """Settings of a worker that sends mail."""
    said = {"smtp_from": "posko@pemkot.example.id", "public_url": "https://posko.example.id", **more}
    return Settings(database_url="", redis_url="", secret_key="x" * 32, **said)
