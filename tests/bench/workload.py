"""What is sent: reports of an operation's TPS as HTTP/1.1 requests, encoded before the clock starts."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence

import msgspec

from posko.terms import utc_offset_of

MILESTONES = (
    ("voting_open", 6, 58), ("kpps_present", 5, 57), ("oath", 6, 27), ("dpk_voting", 11, 58), ("voting_closed", 12, 58),
    ("count_finished", 16, 0), ("c_hasil_signed", 17, 0), ("c_hasil_posted", 18, 0), ("box_sent", 19, 0), ("box_pps", 20, 0),
    ("box_ppk", 21, 0),
)  # fmt: skip
"""In the order in which they are used up: every TPS says the first, then every TPS the second."""


class Reports(msgspec.Struct, frozen=True):
    """A stretch of an endless list of reports, the same list for the same codes: `first` and `count` cut it."""

    operation: int
    codes: tuple[str, ...]
    first: int
    count: int


def reports(chosen: Reports) -> Iterator[tuple[str, str]]:
    """(id, body without its id and braces) of each; every TPS says each milestone once before anything repeats."""
    order = list(range(len(chosen.codes)))
    random.Random(7).shuffle(order)
    moment = int(time.time() * 1000)
    for i in range(chosen.first, chosen.first + chosen.count):
        said, at = divmod(i, len(order))
        code, hour, minute = MILESTONES[said % len(MILESTONES)]
        place = chosen.codes[order[at]]
        yield (
            uuid7_text(moment),
            f'"operation":{chosen.operation},"place":"{place}",'
            f'"observed_at":"2024-11-27T{hour:02}:{minute + (i & 1):02}:{i % 60:02}+0{utc_offset_of(place)}:00",'
            f'"content":{{"kind":"milestone","milestone":"{code}"}},"channel":"app"',
        )


def uuid7_text(moment_ms: int) -> str:
    """A UUIDv7 as text, of a moment in milliseconds."""
    r = os.urandom(10).hex()
    m = f"{moment_ms:012x}"
    return f"{m[:8]}-{m[8:]}-7{r[:3]}-{'89ab'[int(r[3], 16) & 3]}{r[4:7]}-{r[7:19]}"


def puts(chosen: Reports, token: str) -> list[bytes]:
    """One PUT per report."""
    return [_request(f"PUT /v1/reports/{i}", token, f"{{{body}}}") for i, body in reports(chosen)]


def desks(chosen: Reports, token: str) -> list[bytes]:
    """Each report followed by a look at its kelurahan: what a desk does."""
    found: list[bytes] = []
    for request, (_, body) in zip(puts(chosen, token), reports(chosen), strict=True):
        kelurahan = body.partition('"place":"')[2][:13]
        found += (request, _request(f"GET /v1/regions/{kelurahan}?operation={chosen.operation}", token, ""))
    return found


def posts(chosen: Reports, token: str, size: int) -> list[bytes]:
    """POSTs of `size` reports each."""
    found: list[bytes] = []
    items: list[str] = []
    for report_id, body in reports(chosen):
        items.append(f'{{"id":"{report_id}",{body}}}')
        if len(items) == size:
            found.append(_request("POST /v1/reports", token, f"[{','.join(items)}]"))
            items.clear()
    return found


def _request(what: str, token: str, body: str) -> bytes:
    # The headers of a phone's HTTP library: none that a server could do without is left out.
    return (
        f"{what} HTTP/1.1\r\nhost: posko.example\r\nauthorization: Bearer {token}\r\nuser-agent: posko-app/1 okhttp/4\r\n"
        f"accept: application/json\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    ).encode()


def spread(codes: Sequence[str], count: int) -> list[str]:
    """Some TPS from all over an operation."""
    return random.Random(11).sample(list(codes), min(count, len(codes)))
