"""Texts: from the signed message of a gateway to the reports of its sender's account, and the answer."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec
from prometheus_client import CollectorRegistry, Counter

from posko import db, errors, policy, signature, terms
from posko.accounts import store as accounts
from posko.accounts.account import FILES_REPORTS, Viewer
from posko.accounts.gate import Gate
from posko.accounts.sealed import Sealer
from posko.errors import broken
from posko.gateways import answer, gateway, grammar, statement, store
from posko.gateways.answer import Refusal, Taken
from posko.gateways.gateway import Answered, Channel, Digests, Opened, Outcome, SenderUnknown, TextIn
from posko.gateways.reading import Item, Reading
from posko.gateways.statement import Day
from posko.gateways.words import Named, Words, words_of
from posko.limits import Limits
from posko.reports.catalogues import Catalogues
from posko.reports.intake import Intake
from posko.reports.report import Receipt
from posko.signature import SignatureRefused

_FILES: Final = FILES_REPORTS - {"system"}
_NO_SESSION: Final = 0
_text = msgspec.json.Decoder(TextIn)


class Texts:
    """Takes texts of all gateways."""

    def __init__(
        self,
        pool: db.Pool,
        intake: Intake,
        catalogues: Catalogues,
        gate: Gate,
        limits: Limits,
        secret_key: str,
        registry: CollectorRegistry,
    ) -> None:
        self._pool = pool
        self._intake = intake
        self._catalogues = catalogues
        self._gate = gate
        self._limits = limits
        self.sealer = Sealer(secret_key, store.LABEL)
        self.digests = Digests(secret_key)
        self._words: dict[int, tuple[tuple[list[Named], list[Named]], Words]] = {}
        self._outcomes = Counter("posko_texts_total", "Texts by outcome", ["outcome"], registry=registry)

    async def take(self, channel: str, headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> Answered:
        """Files what a signed text reports and answers it; the same message again gets the same receipts."""
        try:
            answered = await self._take(channel, headers, body, now)
        except SignatureRefused:
            self._count("bad-signature")
            raise
        except SenderUnknown:
            self._count("unknown-sender")
            raise
        except gateway.MessageChanged:
            self._count("changed")
            raise
        self._count(answered.outcome)
        return answered

    def _count(self, outcome: str) -> None:
        self._outcomes.labels(outcome).inc()

    async def _take(self, channel: str, headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> Answered:
        async with db.identity(self._pool) as connection:
            opened = await store.opened(connection, channel, self.sealer)
        found = _signed(opened, headers, body, now)
        said = _decode(body, now)
        known: Channel = msgspec.convert(channel, Channel)
        message_id = headers[signature.ID_HEADER]
        viewers = await self._viewers(found, known, said.sender)
        self._limits.take_soon(policy.TEXTS, str(viewers[0].account_id))
        digest = hashlib.sha256(body).digest()
        async with db.identity(self._pool) as connection:
            received = await store.receive(connection, found, message_id, digest, said.sent_at)
        if received.digest != digest:
            raise gateway.MessageChanged(f"the message {message_id} has come and said something else")
        return await self._answer(Reading(found, known, message_id, received, viewers), terms.without_unseen(said.text))

    async def _answer(self, reading: Reading, text: str) -> Answered:
        lines = grammar.lines(text)
        day = await self._day(reading.operation)
        if lines and all(statement.is_help(line.words, day) for line in lines):
            return Answered(answer.HELP, "help", [], [])
        async with db.snapshot(self._pool, reading.reach) as connection:
            await reading.read(connection, lines, day)
        receipts = await self._file(reading.items)
        taken, refused = [], dict(reading.refused)
        for item, receipt in zip(reading.items, receipts, strict=True):
            reason = answer.reason_of_receipt(receipt)
            if reason is None:
                taken.append(Taken(item.report.place, item.said, bool(receipt.flags)))
            else:
                refused[item.number] = Refusal(item.said, reason)
        refusals = [refused[number] for number in sorted(refused)]
        outcome: Outcome = "not-understood" if not taken else "partly" if refused else "accepted"
        return Answered(answer.compose(taken, refusals), outcome, [r.part for r in refusals], receipts)

    async def _file(self, items: list[Item]) -> list[Receipt]:
        """Files reports as any client's: the same checks, limits and group commit; in order."""
        receipts: dict[int, Receipt] = {}
        for viewer in {item.viewer.seat_id: item.viewer for item in items}.values():
            own = [item for item in items if item.viewer.seat_id == viewer.seat_id]
            self._gate.admit_reports(viewer, len(own))
            self._intake.require_share(viewer)
            filed = await self._intake.file_many(viewer, [item.report for item in own])
            receipts |= {item.number: receipt for item, receipt in zip(own, filed, strict=True)}
        return [receipts[item.number] for item in items]

    async def _viewers(self, found: Opened, channel: Channel, sender: str) -> tuple[Viewer, ...]:
        """Whoever a sender is, once for each seat that files reports in the gateway's operation."""
        address = gateway.address_of(channel, sender)
        async with db.identity(self._pool) as connection:
            who = None
            if address is not None:
                who = await store.spoken_for(connection, channel, self.digests.of(channel, address))
            if who is None:
                raise SenderUnknown("nomor ini belum terdaftar di posko")
            seats = await accounts.current_seats(connection, who.id)
        spoken = (s for s in seats if who.speaks_for(s.regions, s.operation))
        viewers = (
            Viewer(who.id, who.username, _NO_SESSION, s.id, s.role, s.regions, s.operation, False) for s in spoken
        )
        filing = tuple(v for v in viewers if v.role in _FILES and v.can_enter(found.operation, None))
        if not filing:
            raise SenderUnknown("nomor ini tidak bertugas di posko ini sekarang")
        return filing

    async def _day(self, operation: int) -> Day:
        """The operation as texts are read in it."""
        async with db.acting(self._pool, db.DatabaseRole.engine) as connection:
            names = await store.names(connection, operation)
        known = self._words.get(operation)
        if known is None or known[0] != names:
            self._words[operation] = known = names, words_of(*names)
        return Day(known[1], await self._catalogues.get(operation))


def _signed(opened: list[Opened], headers: Mapping[str, str], body: bytes, now: datetime.datetime) -> Opened:
    """The gateway that signed a message. Raises SignatureRefused."""
    refused: SignatureRefused | None = None
    for found in opened or [Opened(0, 0, ())]:
        try:
            signature.verify(found.keys, headers, body, now)
        except SignatureRefused as error:
            refused = error
        else:
            return found
    assert refused is not None
    raise refused


def _decode(body: bytes, now: datetime.datetime) -> TextIn:
    try:
        said = _text.decode(body)
    except msgspec.ValidationError as error:
        found = errors.field_error(str(error))
        raise errors.Invalid(found.message, errors=[found]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.MalformedBody(str(error)) from None
    if said.sent_at is not None and not now - gateway.SENT_BEFORE <= said.sent_at <= now + gateway.SENT_AFTER:
        raise broken("$.sent_at", "sent-at", "at most three days ago, and at most five minutes ahead")
    return said
