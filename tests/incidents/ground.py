"""What tests of the running day stand on: filing without the web process, a clock that is moved, the engine's turns."""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry

from posko import db
from posko.incidents.timers import Timers
from posko.regions import catalogue
from posko.reports import report as r
from posko.reports import store
from posko.reports.plan import plan
from tests.factories import WIB, Small, uuid7, viewer_of

DAY = datetime.datetime(2024, 11, 27, tzinfo=WIB)


def clock(hour: int, minute: int = 0, second: float = 0) -> datetime.datetime:
    """A moment of the voting day, WIB."""
    return DAY + datetime.timedelta(hours=hour, minutes=minute, seconds=second)


@dataclasses.dataclass
class Day:
    """A small operation on its voting day, at an hour that the test sets."""

    pool: db.Pool
    small: Small
    operation: int
    people: dict[str, tuple[int, int]]
    """Account and seat by username."""

    @classmethod
    async def begin(cls, pool: db.Pool, small: Small) -> Day:
        async with pool.acquire() as connection:
            await connection.execute("select api.lay_obligations($1)", small.operation)
            rows = await connection.fetch(
                "select a.username, a.id, g.id as seat from posko.account a join posko.assignment g on g.account_id = a.id and g.revoked_at is null"
            )
        day = cls(pool, small, small.operation, {r["username"]: (r["id"], r["seat"]) for r in rows})
        await day.at(clock(5))
        return day

    async def at(self, moment: datetime.datetime) -> None:
        """Stops the drill's clock at a moment."""
        await self.pool.execute(
            "update posko.operation set clock_at = $2, clock_set_at = posko.now(), clock_speed = 0 where id = $1 or restricts = $1",
            self.operation, moment,
        )  # fmt: skip

    async def turn(self) -> None:
        """Lets the engine do all that is due."""
        timers = Timers(self.pool, lambda *_: None, CollectorRegistry())
        while await timers.turn():
            timers._next_check = 0

    async def file(
        self,
        place: str,
        content: dict[str, Any],
        *,
        by: str = "operator",
        at: datetime.datetime | None = None,
        operation: int | None = None,
    ) -> uuid.UUID:
        """Files one report as somebody; answers its id."""
        made = uuid7()
        async with self.pool.acquire() as connection:
            laid_out = await catalogue.load(connection, operation or self.operation)
            assert laid_out is not None
            said = msgspec.convert(
                {
                    "operation": self.operation,
                    "place": place,
                    "observed_at": (at or clock(7, 3)).isoformat(),
                    "content": content,
                    "restricted": operation is not None,
                },
                r.ReportIn,
            )
            planned = plan(await viewer_of(connection, self.people[by][0]), made, said, laid_out)
            rows = await connection.fetch(
                db.queries("reports")["file"].sql,
                laid_out.operation,
                laid_out.layout,
                100_000,
                *store.arrays([planned]),
            )
        assert rows[0]["outcome"] == "accepted", rows[0]
        return made

    async def act(
        self, incident: uuid.UUID, action: str, said: str | None = None, *, by: str = "operator", **details: Any
    ) -> Any:
        """One action on an incident."""
        text = json.dumps(details) if details else None
        return await self.pool.fetchrow(
            "select * from api.act_on_incident($1, $2, $3, $4, 'desk', $5, $6)",
            incident,
            *self.people[by],
            action,
            said,
            text,
        )

    async def incident(self, incident: uuid.UUID) -> Any:
        return await self.pool.fetchrow(
            "select i.*, e.state, e.round, e.step, e.next_at from posko.incident i join posko.escalation e on e.subject_id = i.id where i.id = $1",
            incident,
        )

    async def firings(self, subject: uuid.UUID) -> list[tuple[int, int, str, str]]:
        """(loop, step, desk, outcome) in the order taken."""
        rows = await self.pool.fetch(
            "select f.round, f.step, n.code, f.outcome from posko.firing f join posko.node n on n.id = f.node_id where subject_id = $1 order by round, step",
            subject,
        )
        return [tuple(row) for row in rows]

    async def log(self, incident: uuid.UUID) -> list[str]:
        rows = await self.pool.fetch(
            "select action from posko.incident_entry where incident_id = $1 order by seq", incident
        )
        return [row["action"] for row in rows]

    async def alarms(self) -> list[tuple[str, str, int, bool]]:
        """(kind, place, missing, is closed) of all alarms."""
        rows = await self.pool.fetch(
            "select a.kind, n.code, a.missing, a.closed_at is not null from posko.alarm a join posko.node n on n.id = a.node_id where a.operation_id = $1 order by a.kind, n.code, a.opened_at",
            self.operation,
        )
        return [tuple(row) for row in rows]

    async def counters(self, code: str, operation: int | None = None) -> dict[str, int]:
        from tests.factories import counters

        async with self.pool.acquire() as connection:
            return await counters(connection, operation or self.operation, code)

    async def differences(self) -> list[Any]:
        """Where counters differ from what they are counted from: nothing, ever."""
        return list(
            await self.pool.fetch(
                "select o.id, r.* from posko.operation o cross join lateral api.recount(o.id, array(select id from posko.node where operation_id = o.id)) r"
            )
        )
