"""The fast lane: PUT and POST of reports, answered before the framework wakes.

A framework's typed route costs more than the whole transaction. Whatever is not such a request passes on.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Final

import msgspec

from posko import errors, problems
from posko.accounts.account import Viewer
from posko.accounts.sessions import SessionCache
from posko.config import Settings
from posko.errors import PoskoError
from posko.reports.intake import Intake, decode_many, decode_one

PATH: Final = "/v1/reports"

_encode = msgspec.json.Encoder().encode
_JSON: Final = (b"content-type", b"application/json")


class FastLane:
    """ASGI: takes `PUT /v1/reports/{id}` and `POST /v1/reports`, leaves the rest to `app`."""

    def __init__(self, app: Any, settings: Settings, sessions: SessionCache, intake: Intake) -> None:
        self._app = app
        self._settings = settings
        self._sessions = sessions
        self._intake = intake

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            path, method = scope["path"], scope["method"]
            if (method == "PUT" and path.startswith(PATH + "/")) or (method == "POST" and path == PATH):
                await self._answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        extra: list[tuple[bytes, bytes]] = []
        try:
            viewer = await self._viewer(scope["headers"])
            try:
                async with asyncio.timeout(self._settings.body_s):
                    body = await self._body(receive)
            except TimeoutError:
                raise errors.BodyTooSlow(f"within {self._settings.body_s:g} s") from None
            if scope["method"] == "PUT":
                report_id = _id(scope["path"][len(PATH) + 1 :])
                receipt = await self._intake.file_one(viewer, report_id, decode_one(body))
                status, answer = receipt.status, _encode(receipt)
            else:
                items = decode_many(body, limit=self._settings.batch_items_limit)
                status, answer = 200, _encode(await self._intake.file_many(viewer, items))
            content_type = _JSON
        except PoskoError as error:
            status, answer = error.status, problems.encode(error)
            content_type = (b"content-type", problems.PROBLEM_JSON.encode())
            extra = [(k.lower().encode(), v.encode()) for k, v in problems.headers(error).items()]
        length = (b"content-length", b"%d" % len(answer))
        await send({"type": "http.response.start", "status": status, "headers": [content_type, length, *extra]})
        await send({"type": "http.response.body", "body": answer})

    async def _viewer(self, headers: list[tuple[bytes, bytes]]) -> Viewer:
        for name, value in headers:
            if name == b"authorization":
                kind, _, token = value.decode("latin-1").partition(" ")
                if kind.lower() == "bearer" and token:
                    return self._sessions.cached(token) or await self._sessions.viewer(token)
        raise errors.NotSignedIn

    async def _body(self, receive: Any) -> bytes:
        limit = self._settings.body_limit_bytes
        message = await receive()
        body: bytes = message.get("body", b"")
        while message.get("more_body") and len(body) <= limit:
            message = await receive()
            body += message.get("body", b"")
        if len(body) > limit:
            raise errors.BodyTooLarge(f"at most {limit} bytes")
        return body


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise errors.Invalid(
            "the id must be a UUID", errors=[errors.FieldError("$.id", "uuid-v7", "the id must be a UUID of version 7")]
        ) from None
