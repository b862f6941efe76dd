"""A desk over HTTP, for tests."""

from __future__ import annotations

import re
import uuid
from typing import Any

import aiohttp

from tests.factories import PASSWORD, uuid7

_OF_OPERATION = re.compile(
    r"/v1/(regions|tps|desks|requests|outages|alarms|directive-templates)\b|/v1/(incidents|directives)($|[?]|/changes)"
)


class Client:
    """Signs in and asks; answers are (status, decoded body, headers)."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url = http, url
        self.token: str | None = None
        self.operation: int | None = None
        """Asked for in every `get` of what is an operation's."""

    async def sign_in(self, username: str, password: str = PASSWORD) -> Client:
        status, body, _ = await self.ask("POST", "/v1/sessions", {"username": username, "password": password})
        assert status == 201, body
        self.token = body["token"]
        return self

    async def ask(self, method: str, path: str, body: Any = None, *, data: bytes | None = None) -> tuple[int, Any, Any]:
        headers = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        sent: dict[str, Any] = {"json": body} if data is None and body is not None else {"data": data}
        async with self.http.request(method, self.url + path, headers=headers, **sent) as answer:
            raw = await answer.read()
            decoded = await answer.json(content_type=None) if "json" in answer.content_type and raw else raw
            return answer.status, decoded, answer.headers

    async def get(self, path: str) -> Any:
        if self.operation is not None and "operation=" not in path and _OF_OPERATION.match(path):
            path += f"{'&' if '?' in path else '?'}operation={self.operation}"
        status, body, _ = await self.ask("GET", path)
        assert status == 200, body
        return body

    async def put(self, said: dict[str, Any], report_id: uuid.UUID | None = None) -> tuple[int, Any, Any]:
        return await self.ask("PUT", f"/v1/reports/{report_id or uuid7()}", said)

    async def post(self, items: list[dict[str, Any]]) -> tuple[int, Any, Any]:
        return await self.ask("POST", "/v1/reports", items)
