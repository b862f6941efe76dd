"""Sealed secrets open only as they were, where they were, with the key they were sealed with."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from posko.accounts.sealed import SealBroken, Sealer
from posko.errors import PoskoError

KEY = "k" * 32
SEALER = Sealer(KEY)


@given(st.binary(max_size=300), st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_what_is_sealed_comes_back(plain: bytes, context: str) -> None:
    sealed = SEALER.seal(plain, context)

    assert Sealer(KEY).open(sealed, context) == plain
    assert len(sealed) == len(plain) + 29


def test_it_is_not_readable_and_never_the_same() -> None:
    made = {SEALER.seal(b"JBSWY3DPEHPK3PXP", "totp 1") for _ in range(50)}

    assert len(made) == 50
    assert len({sealed[1:13] for sealed in made}) == 50
    assert not any(b"JBSWY" in sealed for sealed in made)


def test_another_place_does_not_open_it() -> None:
    sealed = SEALER.seal(b"secret", "totp 1")

    for context in ("totp 2", "totp 11", "totp ", ""):
        with pytest.raises(SealBroken):
            SEALER.open(sealed, context)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        Sealer("K" + KEY[1:]).open(SEALER.seal(b"secret", "totp 1"), "totp 1")


def test_no_byte_may_change() -> None:
    sealed = SEALER.seal(b"secret", "totp 1")

    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(SealBroken):
            SEALER.open(bytes(changed), "totp 1")
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            SEALER.open(sealed[:length], "totp 1")


@given(st.binary(max_size=100))
def test_no_bytes_are_another_exception(junk: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(b"\x01" + junk, "totp 1")


def test_the_form_that_is_stored() -> None:
    """Whoever changes the derivation or the layout makes every stored secret unreadable."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"posko sealed secrets 1").derive(KEY.encode())
    nonce = bytes(range(12))
    sealed = b"\x01" + nonce + AESGCM(key).encrypt(nonce, b"secret", b"\x01totp 1")

    assert SEALER.open(sealed, "totp 1") == b"secret"


def test_it_is_our_side_that_is_wrong() -> None:
    assert issubclass(SealBroken, PoskoError)
    assert (SealBroken.status, SealBroken.code) == (500, "seal-broken")
