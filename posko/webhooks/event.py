"""The body of an event that is signed and sent: a CloudEvents 1.0 event in structured JSON, under 20 KB.

`data.what` is whole, or (a thin endpoint) absent: then `data` only names what changed and where to ask.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Final, Literal

import msgspec

from posko.webhooks.told import CATALOGUE, ChallengeEvent, FlaggedEvent

BODY_LIMIT_BYTES: Final = 20_000
CONTENT_TYPE: Final = "application/cloudevents+json"


class Due(msgspec.Struct, frozen=True):
    """A delivery whose time has come, as the database hands it out."""

    event: int
    id: uuid.UUID
    type: str
    key: str
    at: datetime.datetime
    version: int
    operation: int
    is_drill: bool
    is_restricted: bool
    place: str
    place_name: str
    sequence: int
    attempts: int
    failures: int
    since: datetime.datetime
    data: str


class Data(msgspec.Struct, frozen=True, omit_defaults=True):
    """`data` of a body: where and in which version it happened; `what` by the type of event, absent if thin."""

    operation: int
    drill: bool
    restricted: bool
    version: int
    place: str
    place_name: str
    href: str
    what: msgspec.Raw | None = None


class Body(msgspec.Struct, frozen=True):
    """CloudEvents 1.0. `sequence` counts what was for this endpoint, without gaps; `partitionkey` is what order holds
    within."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: datetime.datetime
    datacontenttype: Literal["application/json"]
    sequence: str
    partitionkey: str
    data: Data


def body(due: Due, public_url: str, *, is_thin: bool) -> bytes:
    """The bytes to sign and send; the same for every attempt."""
    source = f"{public_url}/v1/operations/{due.operation}"
    is_own = due.type in ("endpoint.challenge", "endpoint.test")
    data = Data(
        operation=due.operation,
        drill=due.is_drill,
        restricted=due.is_restricted,
        version=due.version,
        place=due.place,
        place_name=due.place_name,
        href=_href(due, public_url),
        what=None if is_thin and not is_own else msgspec.Raw(due.data.encode()),
    )
    return msgspec.json.encode(
        Body(
            "1.0",
            str(due.id),
            source,
            due.type,
            due.key,
            due.at.astimezone(datetime.UTC),
            "application/json",
            f"{due.sequence:019d}",
            due.key,
            data,
        )
    )


def _href(due: Due, public_url: str) -> str:
    kind, _, name = due.key.partition(":")
    if kind in ("incident", "directive"):
        return f"{public_url}/v1/{kind}s/{name}"
    if kind == "alarm":
        return f"{public_url}/v1/alarms?operation={due.operation}&region={due.place}"
    if kind == "endpoint":
        return f"{public_url}/v1/webhooks/{name}"
    if due.type == "report.flagged":
        return f"{public_url}/v1/reports/{msgspec.json.decode(due.data, type=FlaggedEvent).report}"
    return f"{public_url}/v1/regions/{due.place}?operation={due.operation}"


def challenge_of(text: str) -> str | None:
    """The challenge that an answer gives back; None when it is no such JSON."""
    try:
        return msgspec.json.decode(text, type=ChallengeEvent).challenge
    except msgspec.MsgspecError:
        return None


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of the body of one type of event."""
    struct, said = CATALOGUE[kind]
    (envelope, what), definitions = msgspec.json.schema_components([Body, struct], ref_template="#/$defs/{name}")
    found = dict(definitions)
    found["Data"]["properties"]["what"] = {"anyOf": [what, {"type": "null"}]}
    found["Body"]["properties"]["type"] = {"const": kind}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind,
        "description": said,
        **envelope,
        "$defs": found,
    }
