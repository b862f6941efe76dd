"""The wire's vocabulary: every message of `/v1/live`, as PROTOCOL.md section 2 describes it.

Server to client: Hello, Snapshot, Delta, Heartbeat, ProblemMessage, Bye. Client to server: Subscribe, Unsubscribe.
A client ignores fields that it does not know; the server refuses them.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko.errors import FieldError, Invalid, PoskoError, field_error
from posko.terms import CODE_PATTERN

PROTOCOL: Final = 1

TopicName: TypeAlias = Annotated[
    str, Meta(max_length=40, pattern=r"^[1-9][0-9]{0,9}:" + CODE_PATTERN.removeprefix("^"))
]
"""`<operation>:<region code>`."""
Version: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class _FromServer(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class _Sparse(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True):
    pass


class _FromClient(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True, omit_defaults=True):
    pass


class Row(msgspec.Struct, omit_defaults=True):
    """The counters of one place as of `version`; a vector shorter than the names ends in zeros."""

    code: str
    version: int
    counters: list[int]
    last_at: datetime.datetime | None = None
    """When the last report of the place or of what lies below it was received, by the operation's clock."""


class RowChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of a delta: either all its counters or `set`, the slots (1-based) whose value is another one now."""

    code: str
    version: int
    last_at: datetime.datetime | None = None
    counters: list[int] | None = None
    set: dict[int, int] | None = None


class Hello(_Sparse, frozen=True, tag="hello"):
    """The first message: the limits, the server's clock, and when it last read the database."""

    protocol: int
    server_at: datetime.datetime
    heartbeat_s: float
    topics_limit: int
    frame_limit_bytes: int
    read_at: datetime.datetime | None = None


class Snapshot(_FromServer, frozen=True, tag="snapshot"):
    """A topic whole, as of `version`; replaces whatever the client had of it."""

    topic: str
    version: int
    layout: int
    at: datetime.datetime
    """When the rows were read, on the database's clock."""
    names: dict[str, str]
    counters: list[str]
    rows: list[Row]


class Delta(_FromServer, frozen=True, tag="delta"):
    """What changed in a topic after `from`, up to and including `to`."""

    topic: str
    from_: int = msgspec.field(name="from")
    to: int
    layout: int
    at: datetime.datetime
    rows: list[RowChange]


class Heartbeat(_Sparse, frozen=True, tag="heartbeat"):
    """The server lives: its clock, the versions of the operations watched, and when it last read the database."""

    at: datetime.datetime
    versions: dict[int, int]
    read_at: datetime.datetime | None = None
    late_s: float | None = None
    """Only while something is wrong with posko itself: for how long work that has fallen due has not been done."""
    closed: list[int] = []
    """Those of the operations watched that are closed: they take no more reports."""


class ProblemMessage(_Sparse, frozen=True, tag="problem"):
    """A message was refused; with `topic`, that subscription does not exist."""

    code: str
    detail: str
    topic: str | None = None
    errors: list[FieldError] = []
    retry_after_s: float | None = None


ByeCode: TypeAlias = Literal["slow", "busy", "revoked", "shutdown"]


class Bye(_FromServer, frozen=True, tag="bye"):
    """The server closes the socket, why, and when to come again."""

    code: str
    retry_after_s: float


class Subscribe(_FromClient, frozen=True, tag="subscribe"):
    """Watch a topic; with `since` and `layout` the answer is a delta where one is possible, else a snapshot."""

    topic: TopicName
    since: Version | None = None
    layout: Annotated[int, Meta(ge=0, le=2_147_483_647)] | None = None


class Unsubscribe(_FromClient, frozen=True, tag="unsubscribe"):
    """Watch a topic no longer."""

    topic: TopicName


ServerMessage: TypeAlias = Hello | Snapshot | Delta | Heartbeat | ProblemMessage | Bye
ClientMessage: TypeAlias = Subscribe | Unsubscribe

_encoder = msgspec.json.Encoder()
_client_messages: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_server_messages: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)


def encode(message: ServerMessage | ClientMessage) -> bytes:
    """The message as JSON."""
    return _encoder.encode(message)


def frame(message: ServerMessage) -> bytes:
    """The message as one unmasked WebSocket text frame: encoded once, written to every socket."""
    return _header(0x81, body := _encoder.encode(message)) + body


PING: Final = b"\x89\x00"
"""A WebSocket ping frame."""


def _header(first: int, body: bytes) -> bytes:
    size = len(body)
    if size < 126:
        return bytes((first, size))
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big")
    return bytes((first, 127)) + size.to_bytes(8, "big")


def decode_client(text: str | bytes) -> ClientMessage:
    """What a client said, or Invalid naming path and rule."""
    try:
        return _client_messages.decode(text)
    except msgspec.ValidationError as error:
        raise Invalid("a field is outside its rule", errors=[field_error(str(error))]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("this is not JSON", errors=[FieldError("$", "json", str(error))]) from None


def decode_server(text: str | bytes) -> ServerMessage:
    """What the server said."""
    return _server_messages.decode(text)


def refusal(error: PoskoError, topic: str | None = None) -> ProblemMessage:
    """An error as a message."""
    return ProblemMessage(
        code=error.code,
        detail=error.detail or error.title(),
        topic=topic,
        errors=error.errors,
        retry_after_s=error.retry_after_s,
    )


def parse_topic(topic: str) -> tuple[int, str]:
    """Operation and region code of a well-formed topic."""
    operation, _, code = topic.partition(":")
    return int(operation), code
