"""The public API as an officer's phone sees it: sign in, read the operation and the roster, send reports."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, TypeVar

import aiohttp
import msgspec

from posko import terms
from posko.errors import PoskoError
from posko.reports.report import ContestKind, ReportIn, ReportItem
from posko.simulation.roster import Contest, Ground, Tps

T = TypeVar("T")

ROSTER_PAGE: Final = 500
"""Places in one page of the roster: the most that the server gives."""
TIMEOUT_S: Final = 30.0

UNREACHED: Final = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, OSError)
"""The answer did not come: nothing is known of what became of the request."""


class ServerRefused(PoskoError):
    """The server refused what the simulation needs"""


class TryAgain(Exception):
    """The server cannot answer now; `after_s` where it says when to come again."""

    def __init__(self, status: int, after_s: float | None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.after_s = after_s


class _Problem(msgspec.Struct):
    code: str = "unknown"
    detail: str = ""
    retry_after_s: float | None = None


class Answer(msgspec.Struct):
    """What became of one report: its status, the outcome, and the problem of a refusal."""

    status: int
    outcome: str = "refused"
    problem: _Problem | None = None


class SeatSeen(msgspec.Struct, frozen=True):
    """What an account may do, and where."""

    role: str
    regions: tuple[str, ...]


class _Session(msgspec.Struct):
    token: str
    seat: SeatSeen | None = None


class _Operation(msgspec.Struct):
    id: int
    state: str


class _Paslon(msgspec.Struct):
    number: int


class _Contest(msgspec.Struct):
    kind: ContestKind
    region_code: str
    paslon: list[_Paslon]


class _Milestone(msgspec.Struct):
    code: str


class OperationSeen(msgspec.Struct):
    """What the simulation reads of an operation."""

    id: int
    name: str
    state: str
    root_code: str
    voting_day: datetime.date
    milestones: list[_Milestone]
    contests: list[_Contest]
    mode: str = "live"

    def ground(self) -> Ground:
        """The operation as the day is written for it."""
        contests = tuple(Contest(c.kind, c.region_code, tuple(p.number for p in c.paslon)) for c in self.contests)
        return Ground(self.id, self.voting_day, frozenset(m.code for m in self.milestones), contests)


class _Place(msgspec.Struct):
    code: str
    voters_l: int
    voters_p: int
    utc_offset: int


class _Page(msgspec.Struct):
    places: list[_Place]
    next: str | None


class Api:
    """One account's door to one server; signs in again by itself when its session has ended."""

    def __init__(self, http: aiohttp.ClientSession, url: str, username: str, password: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self.username = username
        self.seat: SeatSeen | None = None
        """Known once it has signed in."""
        self._credentials = msgspec.json.encode({"username": username, "password": password})
        self._token = ""
        self._signing_in = asyncio.Lock()
        self._report = msgspec.json.Encoder()
        self._answer = msgspec.json.Decoder(Answer)
        self._answers = msgspec.json.Decoder(list[Answer])

    async def sign_in(self, stale: str = "") -> None:
        """A new token, unless somebody else has fetched one since `stale` was refused."""
        async with self._signing_in:
            if self._token != stale:
                return
            status, headers, body = await self._request("POST", "/v1/sessions", self._credentials, signed=False)
            if status == 201:
                session = msgspec.json.decode(body, type=_Session)
                self._token, self.seat = session.token, session.seat
            elif _passes(status):
                raise TryAgain(status, _retry_after(headers))
            else:
                raise ServerRefused(f"sign in: {_problem(status, body).detail or status}")

    def level_over(self, code: str) -> int | None:
        """The level of the highest region of this account's seat that covers a code; None where it may do nothing."""
        regions = self.seat.regions if self.seat is not None else ()
        return min((terms.level_of(r) for r in regions if terms.contains(r, code)), default=None)

    async def operation(self, wanted: int | None) -> OperationSeen:
        """The wanted operation, or the only active one."""
        if wanted is None:
            active = [o for o in await self.get("/v1/operations", list[_Operation]) if o.state == "active"]
            if len(active) != 1:
                raise ServerRefused(f"{len(active)} operations are active: say which with --operation")
            wanted = active[0].id
        return await self.get(f"/v1/operations/{wanted}", OperationSeen)

    async def roster(self, operation: int, region: str) -> list[Tps]:
        """The TPS of a region by code, with their voters: about 200 bytes each, a nation's 435,296 in 90 MB."""
        places = self._behind(operation, region, "tps")
        return [Tps(p.code, p.voters_l, p.voters_p, p.utc_offset) async for p in places]

    async def behind(self, operation: int, region: str, counter: str) -> list[str]:
        """The codes of the places behind a number."""
        return [p.code async for p in self._behind(operation, region, counter)]

    async def _behind(self, operation: int, region: str, counter: str) -> AsyncIterator[_Place]:
        after = ""
        while True:
            path = f"/v1/regions/{region}/tps?operation={operation}&counter={counter}&limit={ROSTER_PAGE}{after}"
            page = await self.get(path, _Page)
            for place in page.places:
                yield place
            if page.next is None:
                return
            after = f"&after={page.next}"

    async def send(self, items: Sequence[ReportItem]) -> list[Answer]:
        """Files reports, one by PUT and several by POST: an answer for each, in order; else TryAgain or UNREACHED."""
        token = self._token
        if len(items) == 1:
            item = items[0]
            said = ReportIn(item.operation, item.place, item.observed_at, item.content, item.channel, item.on_behalf_of)
            status, headers, body = await self._request("PUT", f"/v1/reports/{item.id}", self._report.encode(said))
        else:
            status, headers, body = await self._request("POST", "/v1/reports", self._report.encode(list(items)))
        if status == 401:
            await self.sign_in(stale=token)
            raise TryAgain(status, 0.0)
        if _passes(status):
            raise TryAgain(status, _retry_after(headers))
        if status not in (200, 201):
            return [Answer(status, problem=_problem(status, body)) for _ in items]
        try:
            answers = [self._answer.decode(body)] if len(items) == 1 else self._answers.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            answers = []
        if len(answers) != len(items):
            raise TryAgain(status, None)  # not the server's own words: some door on the way answered
        return answers

    async def set_clock(self, operation: int, at_ms: int, speed: float) -> int:
        """What time it is in a drill, and how fast it goes on; the status of the answer."""
        at = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC).isoformat()
        status, _ = await self.change("PUT", f"/v1/operations/{operation}/clock", {"at": at, "speed": speed})
        return status

    async def change(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """Changes something: status and body, of what the server refuses too, but TryAgain where that passes."""
        token = self._token
        status, headers, answer = await self._request(method, path, msgspec.json.encode(body))
        if status == 401:
            await self.sign_in(stale=token)
            raise TryAgain(status, 0.0)
        if _passes(status):
            raise TryAgain(status, _retry_after(headers))
        return status, answer

    async def get(self, path: str, kind: type[T]) -> T:
        """Reads something; ServerRefused for what it will not give, TryAgain where that passes."""
        token = self._token
        status, headers, body = await self._request("GET", path)
        if status == 401:
            await self.sign_in(stale=token)
            raise TryAgain(status, 0.0)
        if _passes(status):
            raise TryAgain(status, _retry_after(headers))
        if status != 200:
            raise ServerRefused(f"{path}: {_problem(status, body).detail or status}")
        return msgspec.json.decode(body, type=kind)

    async def _request(
        self, method: str, path: str, body: bytes | None = None, *, signed: bool = True
    ) -> tuple[int, Any, bytes]:
        headers = {"Content-Type": "application/json"}
        if signed:
            headers["Authorization"] = f"Bearer {self._token}"
        async with self._http.request(
            method, self._url + path, data=body, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers, await answer.read()


def _passes(status: int) -> bool:
    """Whether this kind of refusal passes by itself."""
    return status >= 500 or status in (408, 429)


def _retry_after(headers: Any) -> float | None:
    """Seconds of a Retry-After; a date, or none at all, is left to the backoff."""
    text = headers.get("Retry-After", "")
    return float(text) if text.replace(".", "", 1).isdigit() else None


def _problem(status: int, body: bytes) -> _Problem:
    try:
        return msgspec.json.decode(body, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Problem(code=f"http-{status}")
