"""HTTP/1.1 of the serve role: uvicorn's protocol, with an express lane past ASGI and answers that leave in one write.

A request that the express lane takes costs no task, no scope and no messages: its body goes to the lane as bytes, and
the lane answers with bytes when it has committed. Anything unusual about a request (chunked, long, pipelined, waiting
for a 100) leaves it to ASGI, which knows the same routes.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final, Protocol, cast

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

Headers = list[tuple[bytes, bytes]]

BODY_LIMIT_BYTES: Final = HIGH_WATER_LIMIT
"""Longest body that the express lane takes; a longer one goes through ASGI, up to its own limit."""


class Express(Protocol):
    """What the composition root puts into the express lane."""

    body_s: float
    """How long a body may take to come."""

    def takes(self, method: bytes, url: bytes) -> bool:
        """Whether it answers such a request."""

    def answer(self, exchange: Exchange) -> None:
        """Answers now or later, always exactly once; never raises."""

    def too_slow(self, exchange: Exchange) -> None:
        """Answers a request whose body did not come in time; the connection is closed after it."""


class Exchange:
    """One request in the express lane, and its answer. Where uvicorn expects its own cycle, this takes its place."""

    __slots__ = (
        "authorization",
        "began",
        "body",
        "disconnected",
        "forwarded",
        "keep_alive",
        "message_event",
        "method",
        "more_body",
        "protocol",
        "response_complete",
        "url",
    )

    def __init__(
        self,
        protocol: Http11,
        method: bytes,
        url: bytes,
        *,
        authorization: bytes,
        forwarded: tuple[bytes, ...],
        keep_alive: bool,
    ) -> None:
        self.protocol, self.method, self.url = protocol, method, url
        self.authorization = authorization
        self.forwarded = forwarded
        """The values of X-Forwarded-For: a claim, until a trusted proxy made it."""
        self.body = b""
        self.more_body = True
        self.disconnected = self.response_complete = False
        self.keep_alive = keep_alive
        self.message_event = _UNHEARD
        self.began = time.perf_counter()

    def respond(self, status: int, payload: bytes, headers: Headers) -> None:
        """Writes the answer; whoever hung up meanwhile gets none. Whether the connection goes on, `keep_alive` says."""
        if self.disconnected or self.response_complete or self.protocol.transport.is_closing():
            return
        sent = (*self.protocol.server_state.default_headers, *headers)
        lines = [STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in sent if header[0] != b"connection")]
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        lines.append(b"content-length: %d\r\n\r\n" % len(payload))
        lines.append(payload)
        self.protocol.complete(self, b"".join(lines))


class _Unheard:
    def set(self) -> None:
        """Nobody waits: the lane looks at the exchange itself."""


_UNHEARD: Final = _Unheard()


class Http11(HttpToolsProtocol):
    """uvicorn's own protocol, with an express lane."""

    def __init__(self, express: Express, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self._express = express
        self._body_timer: asyncio.TimerHandle | None = None
        self._idle_since: float | None = None

    def connection_made(self, transport: Any) -> None:
        self._joining = _Joining(transport)
        super().connection_made(cast(asyncio.Transport, self._joining))
        # uvicorn reads on after every answer, however many pipelined requests still wait: without an end, into memory.
        resume = self.flow.resume_reading
        cast(Any, self.flow).resume_reading = lambda: None if self.pipeline else resume()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._body_timer, self.timeout_keep_alive_task):
            if timer is not None:
                timer.cancel()
        self._body_timer = self.timeout_keep_alive_task = None

    # a request comes

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        cycle: Any = self.cycle
        if type(cycle) is Exchange and cycle.more_body and self._body_timer is None and not cycle.response_complete:
            self._body_timer = self.loop.call_later(self._express.body_s, self._cut_off, cycle)

    def on_message_begin(self) -> None:
        # What ASGI needs of a request is made when it is known to go there.
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        exchange = self._exchange()
        if exchange is not None:
            self.cycle = cast(Any, exchange)
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    def _exchange(self) -> Exchange | None:
        """The request as one for the express lane, if it is."""
        method, busy = self.parser.get_method(), self.cycle
        if not self._express.takes(method, self.url) or (busy is not None and not busy.response_complete):
            return None
        if self.flow.write_paused:
            return None  # it does not read its answers: ASGI waits until it does
        length, authorization = -1, None
        forwarded: tuple[bytes, ...] = ()
        for name, value in self.headers:
            if name == b"authorization":
                if authorization is not None:
                    return None
                authorization = value
            elif name == b"content-length":
                length = int(value) if value.isdigit() else -1
            elif name == b"x-forwarded-for":
                forwarded = (*forwarded, value)
            elif name in (b"transfer-encoding", b"expect", b"upgrade"):
                return None
        if authorization is None or not 0 <= length <= BODY_LIMIT_BYTES or self.parser.get_http_version() != "1.1":
            return None
        return Exchange(
            self,
            method,
            self.url,
            authorization=authorization,
            forwarded=forwarded,
            keep_alive=self.parser.should_keep_alive(),
        )

    def on_body(self, body: bytes) -> None:
        cycle: Any = self.cycle
        if type(cycle) is not Exchange:
            super().on_body(body)
        elif not cycle.response_complete:
            cycle.body = cycle.body + body if cycle.body else body

    def on_message_complete(self) -> None:
        cycle: Any = self.cycle
        if type(cycle) is not Exchange:
            super().on_message_complete()
            return
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
        if not cycle.response_complete:
            cycle.more_body = False
            self._express.answer(cycle)

    def _cut_off(self, exchange: Exchange) -> None:
        self._body_timer = None
        exchange.keep_alive = False
        self._express.too_slow(exchange)

    # an answer goes

    def complete(self, exchange: Exchange, answer: bytes) -> None:
        """Writes a whole answer; the connection is free for the next request, or closes."""
        exchange.response_complete = True
        self._joining.write_whole(answer)
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        # One timer a connection that looks when it is due, instead of one made and cancelled for every request.
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self._look_at_idleness)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def _look_at_idleness(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is not None:
            left = self._idle_since + self.timeout_keep_alive - self.loop.time()
            if left <= 0:
                self.timeout_keep_alive_handler()
            else:
                self.timeout_keep_alive_task = self.loop.call_later(left, self._look_at_idleness)


class _Joining:
    """A transport that holds an answer's head until its body comes, at most until the loop's next turn."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._held = b""
        self._soon = asyncio.get_running_loop().call_soon
        # Looked up once: they are asked for every request.
        self.get_extra_info = transport.get_extra_info
        self.is_closing = transport.is_closing
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def write(self, data: bytes) -> None:
        if self._held:
            data, self._held = self._held + data, b""
            self._transport.write(data)
        else:
            self._held = data
            self._soon(self._flush)

    def write_whole(self, data: bytes) -> None:
        """Writes an answer that is whole, after whatever is held."""
        self._flush()
        self._transport.write(data)

    def _flush(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            self._transport.write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
