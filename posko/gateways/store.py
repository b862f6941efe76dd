"""The typed face of sql/queries/gateways.sql; as posko_identity, but where places and reports are read."""

from __future__ import annotations

import datetime
import uuid

import asyncpg

from posko import db, terms
from posko.accounts.account import Viewer
from posko.accounts.sealed import Sealer
from posko.errors import Conflict, OperationUnknown
from posko.gateways.gateway import (
    GATEWAYS_LIMIT,
    KEYS_LIMIT,
    OVERLAP,
    SENDERS_LIMIT,
    Channel,
    Gateway,
    GatewayIn,
    GatewayUnknown,
    Opened,
    Received,
    Sender,
    SpokenFor,
)
from posko.gateways.words import Named
from posko.signature import Key

LABEL = b"posko gateway keys 1"
"""Of the key that gateways' keys are sealed with."""

_queries = db.queries("gateways")
_OWNER = Viewer(0, "", 0, None, "admin", (terms.NATION,), None, False)
"""Whoever is at the command line."""


async def gateways(connection: db.Connection, viewer: Viewer | None, wanted: int | None = None) -> list[Gateway]:
    """Open gateways of the operations that the viewer's seat holds whole; `viewer` None is the owner."""
    who = viewer or _OWNER
    rows = await connection.fetch(_queries["gateways"].sql, list(who.regions), who.operation, wanted)
    return [db.to_struct(row, Gateway) for row in rows]


async def gateway(connection: db.Connection, viewer: Viewer | None, wanted: int) -> Gateway:
    """One of them; GatewayUnknown when it is none or lies beyond."""
    found = await gateways(connection, viewer, wanted)
    if not found:
        raise GatewayUnknown(f"there is no gateway {wanted} here")
    return found[0]


async def add(connection: db.Connection, viewer: Viewer | None, new: GatewayIn, key: Key, sealer: Sealer) -> int:
    """Opens a gateway into an operation that the viewer's seat holds whole; answers its id."""
    root = await connection.fetchval(_queries["operation_root"].sql, new.operation)
    who = viewer or _OWNER
    if root is None or not who.can_see(root) or not who.can_enter(new.operation, None):
        raise OperationUnknown(f"there is no operation {new.operation}")
    account = None if viewer is None else viewer.account_id
    arguments = (new.operation, new.channel, new.name, account, GATEWAYS_LIMIT)
    try:
        made: int | None = await connection.fetchval(_queries["add_gateway"].sql, *arguments)
    except asyncpg.UniqueViolationError:
        raise Conflict(f"operation {new.operation} has a gateway {new.name!r} for {new.channel}") from None
    if made is None:
        raise Conflict(f"{GATEWAYS_LIMIT} gateways for {new.channel} are open; close one first")
    await _seal(connection, made, key, sealer)
    return made


async def rotate(connection: db.Connection, gateway_id: int, key: Key, sealer: Sealer) -> None:
    """A new key; the one before goes on for a day."""
    await _hold(connection, gateway_id)
    if await connection.fetchval(_queries["count_keys"].sql, gateway_id) >= KEYS_LIMIT:
        raise Conflict(f"{KEYS_LIMIT} keys are valid; wait until one ends, or close the gateway and open another")
    await _seal(connection, gateway_id, key, sealer)


async def close(connection: db.Connection, viewer: Viewer | None, gateway_id: int) -> None:
    """Ends a gateway at once, and forgets its keys."""
    await _hold(connection, gateway_id)
    account = None if viewer is None else viewer.account_id
    await connection.execute(_queries["close_gateway"].sql, gateway_id, account)
    await connection.execute(_queries["forget_keys"].sql, gateway_id)


async def _hold(connection: db.Connection, gateway_id: int) -> None:
    if await connection.fetchval(_queries["hold_gateway"].sql, gateway_id) is None:
        raise GatewayUnknown(f"there is no gateway {gateway_id} here")


async def _seal(connection: db.Connection, gateway_id: int, key: Key, sealer: Sealer) -> None:
    if key.kind == "whpk":
        await _require_new(connection, key, sealer)
    sealed = sealer.seal(key.text.encode(), f"gateway {gateway_id}")
    await connection.execute(_queries["end_key"].sql, gateway_id, OVERLAP)
    await connection.execute(_queries["add_key"].sql, gateway_id, sealed)


async def _require_new(connection: db.Connection, key: Key, sealer: Sealer) -> None:
    """Conflict when a public key is a gateway's already: texts of one would be taken for the other's, in its operation,
    and what was signed for one channel would be taken by another."""
    await connection.execute(_queries["hold_keys"].sql)
    for row in await connection.fetch(_queries["keys"].sql):
        if Key.parse(sealer.open(row["sealed"], f"gateway {row['id']}").decode()) == key:
            raise Conflict("this key is a gateway's already; let each sign with a key of its own")


async def opened(connection: db.Connection, channel: str, sealer: Sealer) -> list[Opened]:
    """The open gateways of a channel with their keys."""
    found: dict[int, Opened] = {}
    for row in await connection.fetch(_queries["keys_of_channel"].sql, channel):
        key = Key.parse(sealer.open(row["sealed"], f"gateway {row['id']}").decode())
        known = found.get(row["id"])
        found[row["id"]] = Opened(row["id"], row["operation"], (key,) if known is None else (*known.keys, key))
    return list(found.values())


async def senders(connection: db.Connection, account: int) -> list[Sender]:
    """The numbers and chats of an account."""
    return [db.to_struct(row, Sender) for row in await connection.fetch(_queries["senders"].sql, account)]


async def add_sender(
    connection: db.Connection, viewer: Viewer | None, account: int, channel: Channel, address: str, digest: bytes
) -> Sender:
    """Gives an account a number or chat, for seats within the viewer's; Conflict when it is somebody's already."""
    who, by = viewer or _OWNER, None if viewer is None else viewer.account_id
    within = (list(who.regions), who.operation)
    arguments = (account, channel, digest, address[-3:], by, SENDERS_LIMIT, *within)
    try:
        row = await connection.fetchrow(_queries["add_sender"].sql, *arguments)
    except asyncpg.UniqueViolationError:
        raise Conflict("this sender speaks for an account already") from None
    if row is None:
        raise Conflict(f"an account has at most {SENDERS_LIMIT} senders")
    return Sender(**dict(row), added_by=None if viewer is None else viewer.username)


async def remove_sender(connection: db.Connection, account: int, sender_id: int) -> None:
    """The number or chat speaks for the account no longer; nothing is kept of it."""
    if await connection.fetchval(_queries["remove_sender"].sql, sender_id, account) is None:
        raise GatewayUnknown(f"there is no sender {sender_id} here")


async def spoken_for(connection: db.Connection, channel: Channel, digest: bytes) -> SpokenFor | None:
    """Whom a sender speaks for; None when it is nobody's."""
    row = await connection.fetchrow(_queries["sender_account"].sql, channel, digest)
    return None if row is None else db.to_struct(row, SpokenFor)


async def receive(
    connection: db.Connection, gateway: Opened, message_id: str, digest: bytes, sent_at: datetime.datetime | None
) -> Received:
    """Notes that a message has come, or says when it first did."""
    arguments = (gateway.id, message_id, digest, sent_at, gateway.operation)
    rows = await connection.fetch(_queries["receive"].sql, *arguments)
    return db.to_struct(rows[0], Received)


async def forget_texts(connection: db.Connection) -> None:
    """Forgets which messages came over a month ago."""
    await connection.execute(_queries["forget_texts"].sql)


async def tps(connection: db.Connection, operation: int, codes: list[str]) -> dict[str, int]:
    """Those of the codes that are TPS within reach (as posko_app), with their hours east of UTC."""
    rows = await connection.fetch(_queries["tps"].sql, operation, codes)
    return {row["code"]: row["utc_offset"] for row in rows}


async def tps_of_scope(connection: db.Connection, operation: int, regions: list[str]) -> dict[str, int]:
    """The TPS in regions (as posko_app), at most 1,000 of each."""
    rows = await connection.fetch(_queries["tps_of_scope"].sql, operation, regions)
    return {row["code"]: row["utc_offset"] for row in rows}


async def last_report(
    connection: db.Connection,
    operation: int,
    place: str,
    account: int,
    *,
    before: datetime.datetime,
    subject: str | None,
) -> uuid.UUID | None:
    """What an account said last of a place (about a subject, or at all) before a moment, if that still stands."""
    arguments = (operation, place, account, before, subject)
    found: uuid.UUID | None = await connection.fetchval(_queries["last_report"].sql, *arguments)
    return found


async def names(connection: db.Connection, operation: int) -> tuple[list[Named], list[Named]]:
    """Milestones and categories of an operation by code and label (as posko_engine)."""
    rows = [await connection.fetch(_queries[name].sql, operation) for name in ("milestones", "categories")]
    milestones, categories = ([db.to_struct(row, Named) for row in found] for found in rows)
    return milestones, categories
