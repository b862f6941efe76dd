"""Signatures of what programs tell each other: Standard Webhooks, both ways.

Headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature`; what is signed is
`id.timestamp.body`. A signature is `v1,` with an HMAC-SHA256 or `v1a,` with an Ed25519 signature, in base64; several,
apart by spaces, while a key is being replaced. One that fits one key is enough.
"""

from __future__ import annotations

import base64
import datetime
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from posko.errors import FieldError, NotSignedIn, broken

TOLERANCE: Final = datetime.timedelta(minutes=5)
"""How far the signer's clock may be from ours, either way."""
SIGNATURES_LIMIT: Final = 8
"""Signatures that are looked at in one header."""
ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"

KeyKind: TypeAlias = Literal["whsec", "whsk", "whpk"]
"""A shared secret; the private key that signs; the public key that checks."""

# No full stop: `a.1` + `2` and `a` + `1.2` would be the same signed bytes.
_ID: Final = re.compile(r"[!-\-/-~]{1,128}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_ED25519_BYTES: Final = 32
_SECRET_BYTES: Final = 32
_SECRET_LENGTHS: Final = range(24, 65)


class SignatureRefused(NotSignedIn):
    """The signature does not let this in"""


class Key(msgspec.Struct, frozen=True):
    """One key. `text` is how it is handed over: its kind, `_`, its bytes in base64."""

    kind: KeyKind
    raw: bytes

    def __repr__(self) -> str:
        return f"Key({self.kind})"  # never its bytes: a repr ends up in logs

    @classmethod
    def parse(cls, text: str, *, path: str = "$.key") -> Key:
        """The key that a text stands for. Raises Invalid, naming `path` and the rule `webhook-key`."""
        kind, _, encoded = text.partition("_")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raw = b""
        if kind == "whsec" and len(raw) in _SECRET_LENGTHS:
            return cls("whsec", raw)
        if kind in ("whsk", "whpk") and len(raw) == _ED25519_BYTES:
            return cls("whsk" if kind == "whsk" else "whpk", raw)
        raise broken(path, "webhook-key", "whsec_, whsk_ or whpk_ and base64: 24 to 64 bytes of a secret, 32 of a key")

    @classmethod
    def shared(cls) -> Key:
        """A new secret for both sides."""
        return cls("whsec", secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def private(cls) -> Key:
        """A new private key; who checks gets its `public`."""
        return cls("whsk", Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> Key:
        """What checks the signatures of a private key; any other key is its own."""
        if self.kind != "whsk":
            return self
        return Key("whpk", Ed25519PrivateKey.from_private_bytes(self.raw).public_key().public_bytes_raw())

    @property
    def text(self) -> str:
        return f"{self.kind}_{base64.b64encode(self.raw).decode()}"


def sign(keys: Iterable[Key], message_id: str, at: datetime.datetime, body: bytes) -> str:
    """The value of `webhook-signature`: one signature per key, which are secrets and private keys."""
    said = _said(message_id, str(_seconds(at)), body)
    return " ".join(_sign(key, said) for key in keys)


def headers(keys: Iterable[Key], message_id: str, at: datetime.datetime, body: bytes) -> dict[str, str]:
    """The three headers of a signed message."""
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(_seconds(at)),
        SIGNATURE_HEADER: sign(keys, message_id, at, body),
    }


def verify(keys: Iterable[Key], headers: Mapping[str, str], body: bytes, at: datetime.datetime) -> None:
    """Whether one of the keys signed this, at most five minutes from `at`; names of headers in lower case.

    Raises SignatureRefused, naming the header and the rule: `signed`, `webhook-id`, `webhook-timestamp`, `in-time`,
    `webhook-signature`, `signed-by-known-key`.
    """
    for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER):
        if name not in headers:
            raise _refused(name, "signed", f"the header {name} is missing")
    message_id, timestamp = headers[ID_HEADER], headers[TIMESTAMP_HEADER]
    if not _ID.fullmatch(message_id):
        raise _refused(ID_HEADER, ID_HEADER, "1 to 128 visible ASCII characters, without a full stop")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise _refused(TIMESTAMP_HEADER, TIMESTAMP_HEADER, "whole seconds since 1970")
    if abs(int(timestamp) - at.timestamp()) > TOLERANCE.total_seconds():
        raise _refused(TIMESTAMP_HEADER, "in-time", "this was signed over five minutes away from our clock")
    given = _given(headers[SIGNATURE_HEADER])
    said = _said(message_id, timestamp, body)
    # All of them, whichever fits: how long it takes says nothing about the keys.
    if not any([_fits(key, version, signature, said) for key in keys for version, signature in given]):
        raise _refused(SIGNATURE_HEADER, "signed-by-known-key", "no signature is by a key that is valid here")


def _given(header: str) -> list[tuple[str, bytes]]:
    """Versions and signatures of a header; versions that are not ours are passed over."""
    parts = header.split()
    if len(parts) > SIGNATURES_LIMIT:
        raise _refused(SIGNATURE_HEADER, SIGNATURE_HEADER, f"at most {SIGNATURES_LIMIT} signatures")
    found = []
    for part in parts:
        version, _, encoded = part.partition(",")
        if version not in ("v1", "v1a"):
            continue
        try:
            found.append((version, base64.b64decode(encoded, validate=True)))
        except ValueError:
            raise _refused(SIGNATURE_HEADER, SIGNATURE_HEADER, "v1, or v1a, and base64, apart by spaces") from None
    return found


def _fits(key: Key, version: str, signature: bytes, said: bytes) -> bool:
    if key.kind == "whsec":
        return version == "v1" and hmac.compare_digest(hmac.digest(key.raw, said, "sha256"), signature)
    if version != "v1a":
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public.raw).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def _sign(key: Key, said: bytes) -> str:
    if key.kind == "whpk":
        raise ValueError("a public key signs nothing")
    if key.kind == "whsec":
        return "v1," + base64.b64encode(hmac.digest(key.raw, said, "sha256")).decode()
    return "v1a," + base64.b64encode(Ed25519PrivateKey.from_private_bytes(key.raw).sign(said)).decode()


def _said(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body


def _seconds(at: datetime.datetime) -> int:
    return int(at.timestamp())


def _refused(header: str, rule: str, message: str) -> SignatureRefused:
    return SignatureRefused(message, errors=[FieldError(f"$.headers.{header}", rule, message)])
