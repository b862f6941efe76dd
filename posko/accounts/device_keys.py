"""Keys of enrolled devices: ECDSA on P-256 with SHA-256, made and kept by the browser's WebCrypto."""

from __future__ import annotations

import base64
import re
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from posko.errors import FieldError, Invalid

_PUBLIC_KEY: Final = re.compile(r"[A-Za-z0-9_-]{40,256}")
"""Base64url; a P-256 SPKI has 122 characters, with its point compressed 79."""
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9_-]{86}")
_HALF_BYTES: Final = 32


def enrol_message(code: str) -> bytes:
    """What a device signs to enrol with the one-time code of its QR sheet."""
    return _utf8(f"posko enrol {code}")


def sign_in_message(challenge: str) -> bytes:
    """What a device signs to open a session, or to step up, on a challenge."""
    return _utf8(f"posko sign-in {challenge}")


def _utf8(text: str) -> bytes:
    # A lone surrogate has no UTF-8; it becomes bytes that nobody signs, not an exception.
    return text.encode("utf-8", "surrogatepass")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parse_public_key(text: str, *, path: str = "$.public_key") -> bytes:
    """The key of 91 bytes (DER SPKI, uncompressed) to store, one form a key; `text` is base64url SPKI, unpadded.

    Raises Invalid, naming `path` and `public-key`.
    """
    try:
        key = serialization.load_der_public_key(_decoded(text)) if _PUBLIC_KEY.fullmatch(text) else None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        message = "a public key is the base64url SPKI of an ECDSA P-256 key"
        raise Invalid(message, errors=[FieldError(path, "public-key", message)])
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def verify(public_key: bytes, message: bytes, signature: str) -> bool:
    """Whether the key signed the message; `public_key` as `parse_public_key` gave it, `signature` base64url of r || s.

    A signature has a twin (s negated) that verifies too: what is signed must be one-time, the signature cannot be.
    """
    if not _SIGNATURE.fullmatch(signature):
        return False
    raw = _decoded(signature)
    r, s = int.from_bytes(raw[:_HALF_BYTES], "big"), int.from_bytes(raw[_HALF_BYTES:], "big")
    key = serialization.load_der_public_key(public_key)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
