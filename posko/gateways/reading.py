"""Reading one text: which TPS each of its statements is about, and which report it makes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from posko import db
from posko.accounts.account import Viewer
from posko.gateways import answer, gateway, grammar, statement, store
from posko.gateways.answer import Refusal
from posko.gateways.gateway import Channel, Opened, Received
from posko.gateways.grammar import Clock, Line, NotUnderstood, Where
from posko.gateways.statement import Day, Understood
from posko.reports.report import Content, Correction, ReportItem
from posko.terms import Level, level_of

WHICH = "TPS mana? tulis kodenya"


class Item(msgspec.Struct, frozen=True):
    """A statement that was understood: its number, the seat that files it, the report, what is said back."""

    number: int
    viewer: Viewer
    report: ReportItem
    said: str


class Reading:
    """One message of a gateway from an account, in each of its seats that file reports there."""

    def __init__(
        self, found: Opened, channel: Channel, message_id: str, received: Received, viewers: tuple[Viewer, ...]
    ) -> None:
        self.operation = found.operation
        self.items: list[Item] = []
        self.refused: dict[int, Refusal] = {}
        """By the number of the statement."""
        self._gateway = found
        self._channel: Channel = channel
        self._message_id = message_id
        self._received = received
        self._viewers = viewers
        self._regions = tuple(dict.fromkeys(region for v in viewers for region in v.regions))
        self._own: Mapping[str, int] = {}
        """The sender's TPS with their hours east of UTC; empty for seats above a kelurahan."""
        self._offsets: Mapping[str, int] = {}

    @property
    def reach(self) -> db.Reach:
        """What the seats see together, of what is open."""
        return db.Reach(self._regions, self.operation, False)

    async def read(self, connection: db.Connection, lines: list[Line], day: Day) -> None:
        """Reads the statements of a text, within `reach`."""
        if all(level_of(region) >= Level.kelurahan for region in self._regions):
            self._own = await store.tps_of_scope(connection, self.operation, list(self._regions))
        named = [line.where.code for line in lines if line.where is not None and line.where.code is not None]
        self._offsets = {**self._own, **await store.tps(connection, self.operation, named)}
        for number, line in enumerate(lines):
            try:
                if number >= grammar.STATEMENTS_LIMIT:
                    raise NotUnderstood(line.said, f"paling banyak {grammar.STATEMENTS_LIMIT} laporan")
                self.items.append(await self._item(connection, number, line, day))
            except NotUnderstood as error:
                self.refused[number] = Refusal(error.part or line.said, error.hint)

    async def _item(self, connection: db.Connection, number: int, line: Line, day: Day) -> Item:
        place = self._place(line)
        clock = Clock(self._received.sent_at, self._offsets[place])
        understood = statement.understand(line.words, day, place, clock)
        report = ReportItem(
            id=gateway.report_id(self._gateway.id, self._message_id, number, self._received),
            operation=self.operation,
            place=place,
            observed_at=understood.observed_at,
            content=await self._content(connection, understood, place, line),
            channel=self._channel,
        )
        viewer = next(v for v in self._viewers if v.can_see(place))
        return Item(number, viewer, report, understood.said)

    def _place(self, line: Line) -> str:
        """The one TPS that a statement is about. Raises NotUnderstood."""
        where = line.where
        if where is None:
            if len(self._own) != 1:
                raise NotUnderstood(line.said, WHICH)
            return next(iter(self._own))
        if where.code is None:
            return self._numbered(where)
        if where.code not in self._offsets:
            raise NotUnderstood(where.said, answer.BEYOND)
        return where.code

    def _numbered(self, where: Where) -> str:
        """A TPS by its number alone: only of a sender whose TPS all lie in one kelurahan."""
        if where.number is None:
            raise NotUnderstood(where.said, "kode TPS: 31.72.01.1001/014")
        kelurahan = {code[:13] for code in self._own}
        found = [code for code in self._own if int(code[-3:]) == where.number]
        if len(kelurahan) != 1 or len(found) != 1:
            raise NotUnderstood(where.said, WHICH)
        return found[0]

    async def _content(self, connection: db.Connection, understood: Understood, place: str, line: Line) -> Content:
        if not understood.corrects:
            assert understood.content is not None
            return understood.content
        subject = None if understood.content is None else statement.subject_of(understood.content)
        account, before = self._viewers[0].account_id, self._received.received_at
        of = await store.last_report(connection, self.operation, place, account, before=before, subject=subject)
        if of is None:
            raise NotUnderstood(line.said, "belum ada laporan Anda untuk itu")
        return Correction(of, understood.reason, understood.content)
