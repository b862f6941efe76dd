"""Gateways, senders, texts: what they are, and what may be said of them."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import uuid
from collections.abc import Iterable
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko import ids, terms
from posko.errors import Conflict, NotAllowed, NotFound, broken
from posko.gateways.grammar import TEXT_LIMIT
from posko.reports.report import Receipt
from posko.signature import Key

Channel: TypeAlias = Literal["sms", "whatsapp", "telegram"]
GATEWAYS_LIMIT: Final = 16
"""Open gateways of one channel: a signature is tried against the keys of all of them."""
KEYS_LIMIT: Final = 3
"""Keys of one gateway that are valid at a time."""
OVERLAP: Final = datetime.timedelta(hours=24)
"""How long a key goes on after another has taken its place."""
SENDERS_LIMIT: Final = 8
"""Numbers and chats of one account."""
BODY_LIMIT_BYTES: Final = 16_384
SENT_BEFORE: Final = datetime.timedelta(days=3)
SENT_AFTER: Final = datetime.timedelta(minutes=5)
"""How far before and after now a gateway may say that a text was sent."""

_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_CHAT: Final = re.compile(r"-?[0-9]{3,20}", re.ASCII)


class GatewayUnknown(NotFound):
    """There is no such gateway or sender here"""


class SenderUnknown(NotAllowed):
    """This sender is nobody's here"""


class MessageChanged(Conflict):
    """A message with this webhook-id has come and said something else"""


class GatewayIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gateway to be. `key` is the public key (`whpk_`) that it signs for; without one a secret is made for both."""

    operation: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    channel: Channel
    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=terms.LINE_PATTERN)]
    key: Annotated[str, Meta(max_length=120)] | None = None


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What takes the place of a gateway's key: its public key, or nothing for a secret that is made."""

    key: Annotated[str, Meta(max_length=120)] | None = None


class Gateway(msgspec.Struct, frozen=True):
    """A program that hands texts on into one operation; `keys` is how many are valid now."""

    id: int
    operation: int
    channel: Channel
    name: str
    added_by: str | None
    added_at: datetime.datetime
    keys: int


class Keyed(msgspec.Struct, frozen=True):
    """A gateway with its new key: the secret is shown this once; null where the gateway gave its public key."""

    gateway: Gateway
    key: str | None


class SenderIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number (sms, whatsapp) or chat (telegram) that is to speak for an account."""

    channel: Channel
    sender: Annotated[str, Meta(min_length=3, max_length=40)]


class Sender(msgspec.Struct, frozen=True):
    """One of an account's numbers or chats. Of the number only its last digits (`hint`) can be read."""

    id: int
    channel: Channel
    hint: str
    added_by: str | None
    added_at: datetime.datetime


class SpokenFor(msgspec.Struct, frozen=True):
    """The account that a sender speaks for, in seats within what whoever added the sender held: else who gave a number
    to an account of one TPS would speak for every seat that the account is granted later."""

    id: int
    username: str
    regions: tuple[str, ...]
    operation: int | None

    def speaks_for(self, regions: Iterable[str], operation: int | None) -> bool:
        """Whether a seat of these regions and this operation is one of them."""
        is_within = all(any(terms.contains(own, region) for own in self.regions) for region in regions)
        return is_within and self.operation in (None, operation)


class TextIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text as a gateway hands it on: who sent it, what it says, when (the network's clock; else when it comes)."""

    sender: Annotated[str, Meta(min_length=1, max_length=64)]
    text: Annotated[str, Meta(max_length=TEXT_LIMIT)]
    sent_at: Annotated[datetime.datetime, Meta(tz=True)] | None = None


Outcome: TypeAlias = Literal["accepted", "partly", "not-understood", "help"]


class Answered(msgspec.Struct, frozen=True):
    """What became of a text: `answer` is for the sender (at most 160 characters of GSM-7), the rest for the gateway.

    `not_understood` names each part by its own words; `receipts` are those of its reports, in order.
    """

    answer: str
    outcome: Outcome
    not_understood: list[str]
    receipts: list[Receipt]


class Opened(msgspec.Struct, frozen=True):
    """An open gateway with the keys that are valid."""

    id: int
    operation: int
    keys: tuple[Key, ...]


class Received(msgspec.Struct, frozen=True):
    """A message that has come: the digest of its body, when it first came, when it counts as sent."""

    digest: bytes
    received_at: datetime.datetime
    sent_at: datetime.datetime


def checking_key(given: str | None) -> tuple[Key, str | None]:
    """The key that checks a gateway's signatures, and the secret to be shown: the given public key, or a new secret."""
    if given is None:
        made = Key.shared()
        return made, made.text
    key = Key.parse(given)
    if key.kind != "whpk":
        raise broken("$.key", "public-key", "give the public key (whpk_), or none: secrets are made here")
    return key, None


def address_of(channel: Channel, sender: str) -> str | None:
    """A sender in the one form that is compared: `+6281...` or a chat's number; None when it is neither."""
    plain = re.sub(r"[ ().-]", "", sender.removeprefix("whatsapp:"))
    if channel == "telegram":
        return sender.strip() if _CHAT.fullmatch(sender.strip()) else None
    if plain.startswith("0"):
        plain = "+62" + plain[1:]
    plain = plain if plain.startswith("+") else "+" + plain
    return plain if _PHONE.fullmatch(plain) else None


def require_address(said: SenderIn) -> str:
    """The sender in its one form. Raises Invalid."""
    found = address_of(said.channel, said.sender)
    if found is None:
        wanted = "a chat's number" if said.channel == "telegram" else "a number such as +6281234567890"
        raise broken("$.sender", "sender", f"by {said.channel} a sender is {wanted}")
    return found


class Digests:
    """Digests of senders under a key of their own: numbers are few enough to be guessed from any other digest."""

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.digest(secret_key.encode(), b"posko senders 1", "sha256")

    def of(self, channel: Channel, address: str) -> bytes:
        return hmac.digest(self._key, f"{channel} {address}".encode(), "sha256")


def report_id(gateway: int, message_id: str, number: int, received: Received) -> uuid.UUID:
    """The id of a text's report: the same each time the same message comes."""
    digest = hashlib.sha256(f"{gateway} {message_id} {number}".encode()).digest()
    bits = int.from_bytes(digest, "big") >> (8 * len(digest) - ids.RANDOM_BITS)
    return ids.uuid7(int(received.received_at.timestamp() * 1000), bits)
