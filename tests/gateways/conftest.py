"""Fixtures: a gateway of the running server, and officers whose numbers are enrolled."""

from __future__ import annotations

import datetime
import itertools
import json
import secrets
from typing import Any

import aiohttp
import pytest

from posko import db, signature
from posko.signature import Key
from tests.accounts.conftest import Sign, http, sign
from tests.client import Client
from tests.factories import Small, make_account
from tests.running import Running

__all__ = ["http", "sign"]

_numbers = itertools.count(1)


class Modem:
    """A gateway as its operator runs it: signs and posts; answers are (status, body)."""

    def __init__(self, http: aiohttp.ClientSession, url: str, gateway: dict[str, Any], key: Key, channel: str) -> None:
        self.http, self.url, self.gateway, self.key, self.channel = http, url, gateway, key, channel
        self.messages = (f"m{secrets.token_hex(6)}-{n}" for n in itertools.count(1))

    async def text(
        self,
        sender: str,
        text: str,
        *,
        message_id: str | None = None,
        keys: list[Key] | None = None,
        at: datetime.datetime | None = None,
        headers: dict[str, str | None] | None = None,
        **more: Any,
    ) -> tuple[int, Any]:
        body = json.dumps({"sender": sender, "text": text, **more}).encode()
        return await self.raw(body, message_id=message_id, keys=keys, at=at, headers=headers)

    async def raw(
        self,
        body: bytes,
        *,
        message_id: str | None = None,
        keys: list[Key] | None = None,
        at: datetime.datetime | None = None,
        headers: dict[str, str | None] | None = None,
    ) -> tuple[int, Any]:
        moment = at or datetime.datetime.now(datetime.UTC)
        signed = signature.headers(keys or [self.key], message_id or next(self.messages), moment, body)
        sent = {k: v for k, v in {**signed, **(headers or {})}.items() if v is not None}
        async with self.http.post(f"{self.url}/v1/intake/{self.channel}", data=body, headers=sent) as answer:
            return answer.status, await answer.json(content_type=None)


class Field:
    """The small operation with a modem and its admin."""

    def __init__(self, small: Small, modem: Modem, admin: Client, pool: db.Pool) -> None:
        self.small, self.modem, self.admin, self.pool = small, modem, admin, pool
        self.operation = small.operation
        self.names: dict[str, str] = {}

    async def officer(self, *regions: str, role: str = "petugas", operation: int | None = -1) -> str:
        """A number that speaks for an account with a seat there; the username is in `names`."""
        username, number = f"sms-{secrets.token_hex(5)}", f"+62811{secrets.randbelow(10**8):08}"
        async with self.pool.acquire() as connection:
            seat = self.operation if operation == -1 else operation
            await make_account(connection, username, role, *regions, operation=seat)
        status, made, _ = await self.admin.ask(
            "POST", f"/v1/accounts/{username}/senders", {"channel": self.modem.channel, "sender": number}
        )
        assert status == 201, made
        self.names[number] = username
        return number

    async def reports(self, place: str) -> list[dict[str, Any]]:
        """The timeline of a TPS, the last first."""
        rows: list[dict[str, Any]] = (await self.admin.get(f"/v1/tps/{place}/timeline?operation={self.operation}"))[
            "rows"
        ]
        return rows


@pytest.fixture
async def field(running: Running, http: aiohttp.ClientSession, served: Small, server_pool: db.Pool, sign: Sign) -> Any:
    """An open SMS gateway; closed at the end, or else the session's server would have too many."""
    admin = await sign(f"admin-sms-{next(_numbers)}", "admin")
    said = {"operation": served.operation, "channel": "sms", "name": "modem"}
    status, made, _ = await admin.ask("POST", "/v1/gateways", said)
    assert status == 201, made
    modem = Modem(http, running.url, made["gateway"], Key.parse(made["key"]), "sms")
    yield Field(served, modem, admin, server_pool)
    await admin.ask("DELETE", f"/v1/gateways/{made['gateway']['id']}")
