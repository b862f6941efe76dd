"""Sends webhooks: one POST, no redirects, no cookies, no proxies, to addresses that the guard lets through.

What the other side does is in the Answer, never an exception. Connections are kept open for the next delivery to the
same host and port: a kept one was made through the guard too, and its address cannot change.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import aiohttp
import msgspec
import structlog
from aiohttp.abc import AbstractResolver
from yarl import URL

import posko
from posko.config import BadSetting
from posko.errors import Invalid
from posko.webhooks.answer import Answer, retry_after_s, safe_text
from posko.webhooks.failure import DETAIL_LIMIT, Failure, why
from posko.webhooks.guard import Attempt, Guard, attempt, current
from posko.webhooks.resolver import GuardedResolver, SystemNames

DEADLINE_S: Final = 15.0
ANSWER_LIMIT_BYTES: Final = 16_384
"""Of an answer, what is read; what is longer costs the connection."""
CONNECTIONS_PER_HOST: Final = 16
CONNECTIONS: Final = 1024
"""Connections in use at a time; over either, a delivery waits, and its deadline runs."""
KEEP_S: Final = 4.0
"""How long a connection waits for the next delivery: less than the 5 s after which node and uvicorn close theirs."""
HEADER_BYTES: Final = 8190
"""Longest line, name or value of an answer's head."""
HEADERS: Final = 64

_log = structlog.get_logger("webhooks")


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """The system's certificate authorities and, if a file is named, those in it. Raises BadSetting."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:
            raise BadSetting(f"the CA file {ca_file} cannot be used: {error}") from None
    return context


class Sender:
    """Sends for as long as its context lasts; any number of `send` at a time."""

    def __init__(
        self,
        guard: Guard,
        *,
        deadline_s: float = DEADLINE_S,
        tls: ssl.SSLContext | None = None,
        names: AbstractResolver | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._guard = guard
        self._deadline_s = deadline_s
        self._tls = tls or tls_context()
        self._names = names
        self._clock = clock

    async def __aenter__(self) -> Sender:
        self._resolver = GuardedResolver(self._guard, self._names or SystemNames())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                socket_factory=self._guard.socket,
                resolver=self._resolver,
                use_dns_cache=False,
                keepalive_timeout=KEEP_S,
                limit=CONNECTIONS,
                limit_per_host=CONNECTIONS_PER_HOST,
                ssl=self._tls,
            ),
            response_class=_Response,
            headers={"User-Agent": f"posko/{posko.__version__}", "Accept": "*/*", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=ANSWER_LIMIT_BYTES,
            max_line_size=HEADER_BYTES,
            max_field_size=HEADER_BYTES,
            max_headers=HEADERS,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._resolver.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Posts the body; at most twice, when they closed a kept connection just then. Raises nothing for what the
        other side, the URL or a header is like."""
        began = time.monotonic()
        try:
            target = self._guard.check_url(url)
        except Invalid as error:
            return Answer(error="blocked", detail=error.errors[0].rule)
        with attempt(target.raw_host or "") as under_way:
            answer = await self._bounded(target, headers, body, under_way)
        took_ms = round((time.monotonic() - began) * 1000)
        return msgspec.structs.replace(answer, milliseconds=took_ms, address=under_way.address)

    async def _bounded(self, target: URL, headers: Mapping[str, str], body: bytes, under_way: Attempt) -> Answer:
        failure: Failure
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._post_anew(target, headers, body, under_way)
        except TimeoutError:
            failure, detail = "timeout", f"no whole answer within {self._deadline_s:g} s"
        except (aiohttp.ClientError, OSError) as error:
            failure, detail = why(error)
        except Exception as error:
            # What somebody else's server sends must not end the worker, whatever it finds to break in a library.
            if self._session.closed:
                raise
            failure, detail = "protocol", type(error).__name__
            _log.error("delivery_broken", host=target.raw_host, cause=repr(error))
        return Answer(
            status=under_way.status, error=failure, detail=safe_text(detail.encode("utf-8", "replace"))[:DETAIL_LIMIT]
        )

    async def _post_anew(self, target: URL, headers: Mapping[str, str], body: bytes, under_way: Attempt) -> Answer:
        try:
            return await self._post(target, headers, body)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if under_way.opened:
                raise
        # They closed a kept connection in the moment that it was taken up: no fault of theirs.
        return await self._post(target, headers, body)

    async def _post(self, target: URL, headers: Mapping[str, str], body: bytes) -> Answer:
        async with self._session.post(target, headers=headers, data=body, allow_redirects=False) as response:
            read = await _read(response)
        said = response.headers
        is_plain = said.get("Content-Encoding", "").strip().lower() in ("", "identity")
        asked = said.get("Retry-After")
        return Answer(
            status=response.status,
            head=safe_text(read) if is_plain else "",
            retry_after_s=retry_after_s(asked, said.get("Date"), self._clock()) if asked else None,
        )


class _Response(aiohttp.ClientResponse):
    """Knows its transport, and leaves none behind that waits for the other side to take what it never will."""

    transport: asyncio.Transport | None = None

    async def start(self, connection: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        self.transport, under_way = connection.transport, current()
        peer = self.transport.get_extra_info("peername") if self.transport is not None else None
        if peer and under_way is not None:
            under_way.address = peer[0]
        has_begun = False
        try:
            is_kept = under_way is not None and not under_way.opened
            if is_kept and connection.protocol is not None and connection.protocol.should_close:
                # Something came on a kept connection before it was asked: it is no answer to this.
                raise aiohttp.ServerDisconnectedError
            await super().start(connection)
            has_begun = True
        finally:
            if not has_begun:
                self.abort()
        if under_way is not None:
            under_way.status = self.status
        return self

    def abort(self) -> None:
        """Closes the connection without another word."""
        if self.transport is not None:
            self.transport.abort()


async def _read(response: aiohttp.ClientResponse) -> bytes:
    assert isinstance(response, _Response)
    read = bytearray()
    try:
        while len(read) < ANSWER_LIMIT_BYTES and (piece := await response.content.readany()):
            read += piece
    finally:
        # Too long, broken off, or given up: whatever it was, more of it may come.
        if not response.content.at_eof():
            response.abort()
    return bytes(read[:ANSWER_LIMIT_BYTES])
