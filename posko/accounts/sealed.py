"""Secrets that must come back as they were, sealed before they are stored: AES-256-GCM under a key for this alone.

A sealed value is one version byte, a random nonce of 96 bits, then the ciphertext with its tag.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from posko.errors import PoskoError

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
SECRETS: Final = b"posko sealed secrets 1"
"""Label of the key for TOTP secrets. Tells this key from every other that is derived from the service's secret key."""


class SealBroken(PoskoError):
    """A stored secret cannot be opened"""


class Sealer:
    """Seals and opens; `context` (such as "totp 4711") says what and whose the secret is, and must be the same again.

    A sealed value that is moved to another row has another context there, and does not open. `label` names the key:
    what is sealed under one label does not open under another.
    """

    def __init__(self, secret_key: str, label: bytes = SECRETS) -> None:
        derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=label).derive(secret_key.encode())
        self._cipher = AESGCM(derived)

    def seal(self, plain: bytes, context: str) -> bytes:
        """29 bytes longer than `plain`, and different each time."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, _VERSION + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed. Raises SealBroken: another context, another key, changed, cut short, or a later version."""
        if sealed[:1] != _VERSION or len(sealed) < len(_VERSION) + _NONCE_BYTES + _TAG_BYTES:
            raise SealBroken("not something sealed here")
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _VERSION + context.encode())
        except InvalidTag:
            raise SealBroken("sealed with another key, or for something else, or changed since") from None
