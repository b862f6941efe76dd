"""What deliveries are signed with: each endpoint's secrets, and one Ed25519 key of the whole service."""

from __future__ import annotations

import uuid
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from posko.accounts.sealed import Sealer
from posko.signature import Key

_SEALED: Final = b"posko webhook secrets 1"
_SIGNS: Final = b"posko webhook signing key 1"


class Keys:
    """Made of the service's secret key: who has that, and the database, can sign; who has the database alone cannot."""

    def __init__(self, secret_key: str) -> None:
        self._sealer = Sealer(secret_key, _SEALED)
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_SIGNS).derive(secret_key.encode())
        self.service = Key("whsk", derived)
        """Signs every delivery (v1a); its public half is at /.well-known/posko-webhook-keys.json."""

    def new(self) -> tuple[Key, uuid.UUID, bytes]:
        """A new secret, the uid that it is sealed for, and how it is stored."""
        key, uid = Key.shared(), uuid.uuid4()
        return key, uid, self._sealer.seal(key.raw, f"webhook {uid}")

    def opened(self, uid: uuid.UUID, sealed: bytes) -> Key:
        """A stored secret. Raises SealBroken."""
        return Key("whsec", self._sealer.open(sealed, f"webhook {uid}"))
