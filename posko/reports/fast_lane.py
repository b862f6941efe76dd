"""The fast lane: PUT and POST of reports, answered before the framework wakes.

A framework's typed route costs more than the whole transaction, and so do a task and a scope per request. So a single
report of a known session goes from the bytes of its request straight into the group commit, and the commit writes its
answer. What cannot be answered without waiting for something else is answered by a task, what HTTP makes unusual comes
in by ASGI: the same rules, the same words.
"""

from __future__ import annotations

import asyncio
import collections
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog

from posko import errors, problems
from posko.accounts.account import Viewer
from posko.accounts.gate import Gate
from posko.config import Settings
from posko.errors import LayoutChanged, PoskoError, QueueFull
from posko.http11 import Exchange, Headers
from posko.reports.decoding import decode_many, decode_one
from posko.reports.intake import Intake
from posko.reports.report import Receipt

PATH: Final = "/v1/reports"
Observe = Callable[[str, int, float], None]
"""Told of every answer: route, status, seconds."""

HOLD_S: Final = 1.0
"""How long a report that finds the queue full waits for its 503."""
HOLD_TURN_S: Final = 0.02

_ONE: Final = PATH.encode() + b"/"
_ONE_LENGTH: Final = len(_ONE) + 36
_MANY: Final = PATH.encode()
_PUT: Final = "PUT reports"
_POST: Final = "POST reports"
_SAFE: Final = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
_JSON: Final = [(b"content-type", b"application/json"), *_SAFE]
_PROBLEM: Final = [(b"content-type", problems.PROBLEM_JSON.encode()), *_SAFE]

_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("http")


class FastLane:
    """`PUT /v1/reports/{id}` and `POST /v1/reports`: in the express lane of Http11, and as ASGI in front of `app`."""

    def __init__(self, app: Any, settings: Settings, gate: Gate, intake: Intake, observe: Observe) -> None:
        self._app = app
        self._settings = settings
        self._gate = gate
        self._intake = intake
        self._observe = observe
        self._held: collections.deque[tuple[Exchange, QueueFull]] = collections.deque()
        """Refused for want of room and not told yet; at most one for each connection."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.body_s = settings.body_s

    # the express lane

    def takes(self, method: bytes, url: bytes) -> bool:
        """The two requests, as phones and desks send them."""
        if method == b"PUT":
            return url.startswith(_ONE) and len(url) == _ONE_LENGTH and b"?" not in url and b"%" not in url
        return method == b"POST" and url == _MANY

    def answer(self, exchange: Exchange) -> None:
        """Files what the exchange says and answers when it is committed."""
        try:
            self._intake.require_room()
            if exchange.method != b"PUT" or not self._file_soon(exchange):
                self._answer_by_task(exchange)
        except QueueFull as error:
            self._hold(exchange, error)
        except PoskoError as error:
            self._refuse(exchange, error)
        except Exception as error:  # the edge of the HTTP answer: a defect is a 500, and the connection lives on
            self._defect(exchange, error)

    def too_slow(self, exchange: Exchange) -> None:
        """408."""
        self._refuse(exchange, self._too_slow())

    def _file_soon(self, exchange: Exchange) -> bool:
        viewer = self._gate.known(exchange.authorization)
        if viewer is None:
            return False
        self._gate.admit_reports(viewer)
        self._intake.require_share(viewer)

        def filed(result: Receipt | PoskoError) -> None:
            try:
                self._tell(exchange, result)
            except Exception as error:  # as above; the others of the batch are still to be told
                _log.error("unexpected", path=exchange.url.decode("latin-1"), exc_info=error)

        report_id = _id(exchange.url[len(_ONE) :].decode("latin-1"))
        return self._intake.file_soon(viewer, report_id, decode_one(exchange.body), filed)

    def _tell(self, exchange: Exchange, result: Receipt | PoskoError) -> None:
        if isinstance(result, Receipt):
            exchange.respond(result.status, _encode(result), _JSON)
            self._observe(_PUT, result.status, time.perf_counter() - exchange.began)
        elif isinstance(result, LayoutChanged):
            self._answer_by_task(exchange)
        else:
            self._refuse(exchange, result)

    def _hold(self, exchange: Exchange, error: QueueFull) -> None:
        """Refuses a little later: who tries again at once would take the time of those who were taken."""
        if not self._held:
            asyncio.get_running_loop().call_later(HOLD_S, self._let_go)
        self._held.append((exchange, error))

    def _let_go(self) -> None:
        now = time.perf_counter()
        while self._held and self._held[0][0].began <= now - HOLD_S:
            self._refuse(*self._held.popleft())
        if self._held:
            asyncio.get_running_loop().call_later(HOLD_TURN_S, self._let_go)

    def _answer_by_task(self, exchange: Exchange) -> None:
        task = asyncio.get_running_loop().create_task(self._answer_slowly(exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer_slowly(self, exchange: Exchange) -> None:
        try:
            tail = exchange.url[len(_ONE) :].decode("latin-1") if exchange.method == b"PUT" else None
            viewer = await self._gate.reporter(exchange)
            status, payload = await self._file(tail, viewer, exchange.body)
        except QueueFull as error:
            self._hold(exchange, error)
        except PoskoError as error:
            self._refuse(exchange, error)
        except Exception as error:  # as above
            self._defect(exchange, error)
        else:
            exchange.respond(status, payload, _JSON)
            self._observed(exchange, status)

    def _refuse(self, exchange: Exchange, error: PoskoError) -> None:
        self._gate.note_report(exchange.authorization, error)
        exchange.respond(error.status, *_refusal(error))
        self._observed(exchange, error.status)

    def _defect(self, exchange: Exchange, error: Exception) -> None:
        _log.error("unexpected", path=exchange.url.decode("latin-1"), exc_info=error)
        self._refuse(exchange, PoskoError())

    def _observed(self, exchange: Exchange, status: int) -> None:
        self._observe(_PUT if exchange.method == b"PUT" else _POST, status, time.perf_counter() - exchange.began)

    # by ASGI

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            path, method = scope["path"], scope["method"]
            # What lies below a report (its photos) is not the lane's.
            is_one = method == "PUT" and path.startswith(PATH + "/") and "/" not in path[len(PATH) + 1 :]
            if is_one or (method == "POST" and path == PATH):
                await self._answer_asgi(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _answer_asgi(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            viewer = await self._gate.reporter_of(scope)  # before the body is looked at
            try:
                async with asyncio.timeout(self.body_s):
                    body = await self._body(receive)
            except TimeoutError:
                raise self._too_slow() from None
            tail = scope["path"][len(PATH) + 1 :] if scope["method"] == "PUT" else None
            status, payload = await self._file(tail, viewer, body)
            headers: Headers = _JSON
        except PoskoError as error:
            status, (payload, headers) = error.status, _refusal(error)
        length = (b"content-length", b"%d" % len(payload))
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": payload})

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

    # both

    async def _file(self, tail: str | None, viewer: Viewer, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to a PUT of one (`tail` is its id) or a POST of many (None)."""
        self._intake.require_share(viewer)
        if tail is not None:
            self._gate.admit_reports(viewer)
            receipt = await self._intake.file_one(viewer, _id(tail), decode_one(body))
            return receipt.status, _encode(receipt)
        items = decode_many(body, limit=self._settings.batch_items_limit)
        self._gate.admit_reports(viewer, len(items))
        return 200, _encode(await self._intake.file_many(viewer, items))

    def _too_slow(self) -> errors.BodyTooSlow:
        return errors.BodyTooSlow(f"within {self.body_s:g} s")


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise errors.Invalid(
            "the id must be a UUID", errors=[errors.FieldError("$.id", "uuid-v7", "the id must be a UUID of version 7")]
        ) from None


def _refusal(error: PoskoError) -> tuple[bytes, Headers]:
    headers = [(k.lower().encode(), v.encode()) for k, v in problems.headers(error).items()]
    return problems.encode(error), [*_PROBLEM, *headers]
