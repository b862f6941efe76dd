"""Raw connections to a server, and every way in which HTTP/1.1 lets a client say the same."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from tests.factories import uuid7
from tests.running import Running

ANSWER_LIMIT_S = 30
PACKET_S = 0.002
"""Between two packets, so that they are not read as one."""


class Answer(NamedTuple):
    status: int
    headers: list[str]
    """Sorted lines, but for those that say `connection: close`."""
    body: Any
    says_close: int
    """How many lines do."""


@dataclasses.dataclass(frozen=True)
class Ask:
    """One request, in no form yet; without a path it is a PUT of a report with a new id."""

    token: str | None
    said: Any = None
    path: str = dataclasses.field(default_factory=lambda: f"/v1/reports/{uuid7()}")
    method: str = "PUT"
    raw: bytes | None = None
    """Sent instead of what is said."""

    @property
    def body(self) -> bytes:
        return json.dumps(self.said).encode() if self.raw is None else self.raw

    @property
    def id(self) -> uuid.UUID:
        return uuid.UUID(self.path[-36:])

    def head(self, *lines: str, path: str = "", version: str = "1.1", sized: bool = True) -> bytes:
        found = [f"{self.method} {path or self.path} HTTP/{version}", "host: x"]
        found += [] if self.token is None else [f"authorization: Bearer {self.token}"]
        found += [f"content-length: {len(self.body)}"] if sized else []
        return "\r\n".join([*found, *lines, "", ""]).encode()

    def whole(self, *lines: str, path: str = "", version: str = "1.1") -> bytes:
        return self.head(*lines, path=path, version=version) + self.body


LIVE = Ask(None, path="/health/live", method="GET", raw=b"")


class Line:
    """One raw connection to the server."""

    def __init__(self, running: Running) -> None:
        self.running = running

    async def __aenter__(self) -> Line:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.running.port)
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.writer.close()

    async def send(self, *packets: bytes) -> None:
        for packet in packets:
            self.writer.write(packet)
            if len(packets) > 1:
                await asyncio.sleep(PACKET_S)

    async def answer(self) -> Answer:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower().strip().split("\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
            raw = await self.reader.readexactly(length)
        # The date's second may pass between two answers that are alike otherwise.
        kept = sorted("date" if line.startswith("date: ") else line for line in lines if line != "connection: close")
        body = json.loads(raw) if raw[:1] in (b"{", b"[") else raw
        return Answer(int(first.split()[1]), kept, body, len(lines) - len(kept))

    async def rest(self) -> bytes:
        """What comes until the server closes."""
        async with asyncio.timeout(ANSWER_LIMIT_S):
            return await self.reader.read()


Way = Callable[[Line, Ask], Awaitable[Answer]]


async def by(way: Way, running: Running, ask: Ask) -> Answer:
    """The answer on a connection of its own."""
    async with Line(running) as line:
        return await way(line, ask)


async def _answer(line: Line, *packets: bytes) -> Answer:
    await line.send(*packets)
    return await line.answer()


async def ordinary(line: Line, ask: Ask) -> Answer:
    return await _answer(line, ask.whole())


async def chunked(line: Line, ask: Ask) -> Answer:
    parts = [p for p in (ask.body[:9], ask.body[9:90], ask.body[90:]) if p]
    chunks = [b"%x\r\n%b\r\n" % (len(p), p) for p in parts]
    return await _answer(line, ask.head("transfer-encoding: chunked", sized=False), *chunks, b"0\r\n\r\n")


async def expecting(line: Line, ask: Ask) -> Answer:
    answer = await _answer(line, ask.head("expect: 100-continue"))
    return await _answer(line, ask.body) if answer.status == 100 else answer


async def old(line: Line, ask: Ask) -> Answer:
    answer = await _answer(line, ask.whole(version="1.0"))
    assert (answer.says_close, await line.rest()) == (1, b"")
    return answer


async def closing(line: Line, ask: Ask) -> Answer:
    answer = await _answer(line, ask.whole("connection: close"))
    assert (answer.says_close, await line.rest()) == (1, b"")
    return answer


async def bytewise(line: Line, ask: Ask) -> Answer:
    return await _answer(line, *(bytes([b]) for b in ask.head()), ask.body)


async def in_packets(line: Line, ask: Ask) -> Answer:
    return await _answer(line, ask.head(), ask.body[:1], ask.body[1:90], ask.body[90:])


async def with_query(line: Line, ask: Ask) -> Answer:
    return await _answer(line, ask.whole(path=f"{ask.path}?phone=7"))


async def percent_encoded(line: Line, ask: Ask) -> Answer:
    return await _answer(line, ask.whole(path=ask.path.replace("reports", "%72eports")))


async def twice_authorized(line: Line, ask: Ask) -> Answer:
    return await _answer(line, ask.whole("authorization: Bearer nobody"))


async def long(line: Line, ask: Ask) -> Answer:
    return await _answer(line, dataclasses.replace(ask, raw=ask.body + b" " * 70_000).whole())


UNUSUAL: tuple[Way, ...] = (chunked, expecting, old, closing, bytewise, in_packets)
UNUSUAL += (with_query, percent_encoded, twice_authorized, long)
