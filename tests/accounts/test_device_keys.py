"""Device keys as WebCrypto makes them and signs with them."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from hypothesis import given
from hypothesis import strategies as st

from posko.accounts import device_keys
from posko.errors import Invalid

KEY = ec.generate_private_key(ec.SECP256R1())
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MESSAGE = device_keys.sign_in_message("Zm9v")


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def spki(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def numbers(message: bytes = MESSAGE, hashed: SHA256 | SHA384 | None = None) -> tuple[int, int]:
    return decode_dss_signature(KEY.sign(message, ec.ECDSA(hashed or SHA256())))


def raw(r: int, s: int) -> str:
    return base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


STORED = device_keys.parse_public_key(base64url(spki(KEY.public_key())))


def test_the_messages_are_the_contracts() -> None:
    assert device_keys.enrol_message("AB12") == b"posko enrol AB12"
    assert device_keys.sign_in_message("AB12") == b"posko sign-in AB12"


def test_a_signature_verifies() -> None:
    assert device_keys.verify(STORED, MESSAGE, raw(*numbers()))


def test_a_known_signature_of_another_maker_verifies() -> None:
    """RFC 6979 A.2.5, P-256 with SHA-256, message "sample"."""
    point = ec.EllipticCurvePublicNumbers(
        0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6,
        0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299,
        ec.SECP256R1(),
    ).public_key()
    signature = raw(
        0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
        0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
    )

    assert device_keys.verify(spki(point), b"sample", signature)


def test_another_message_key_or_hash_does_not() -> None:
    other = spki(ec.generate_private_key(ec.SECP256R1()).public_key())

    assert not device_keys.verify(STORED, device_keys.enrol_message("Zm9v"), raw(*numbers()))
    assert not device_keys.verify(other, MESSAGE, raw(*numbers()))
    assert not device_keys.verify(STORED, MESSAGE, raw(*numbers(hashed=SHA384())))


def test_no_byte_of_a_signature_may_change() -> None:
    r, s = numbers()
    right = r.to_bytes(32, "big") + s.to_bytes(32, "big")

    for index in range(64):
        changed = bytearray(right)
        changed[index] ^= 1
        assert not device_keys.verify(STORED, MESSAGE, base64url(bytes(changed)))


@pytest.mark.parametrize(("r", "s"), [(0, 0), (0, 1), (1, 0), (ORDER, ORDER), (2**256 - 1, 2**256 - 1), (ORDER, 0)])
def test_numbers_out_of_range_do_not_verify(r: int, s: int) -> None:
    assert not device_keys.verify(STORED, MESSAGE, raw(r, s))


def test_only_the_raw_form_verifies() -> None:
    r, s = numbers()
    der = KEY.sign(MESSAGE, ec.ECDSA(SHA256()))

    for signature in ("", base64url(der), raw(r, s) + "==", raw(r, s) + "\n", raw(r, s)[:-1], "é" * 86, "A" * 10**6):
        assert not device_keys.verify(STORED, MESSAGE, signature)


@given(st.one_of(st.text(max_size=200), st.binary(min_size=64, max_size=64).map(base64url)))
def test_no_signature_is_an_exception(signature: str) -> None:
    assert not device_keys.verify(STORED, MESSAGE, signature)


@given(st.text(alphabet=st.characters(), max_size=40))
def test_no_code_is_an_exception(code: str) -> None:
    assert device_keys.enrol_message(code).startswith(b"posko enrol ")
    assert device_keys.sign_in_message(code).startswith(b"posko sign-in ")


def refused(text: str) -> bool:
    """Whether it is refused, as the contract says it; any other exception fails the test."""
    found: list[tuple[str, str]] = []
    try:
        device_keys.parse_public_key(text)
    except Invalid as error:
        found = [(e.path, e.rule) for e in error.errors]
    return found == [("$.public_key", "public-key")]


def test_a_key_has_one_stored_form() -> None:
    numbers_ = KEY.public_key().public_numbers()
    prefix = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    compressed = prefix + bytes([2 + numbers_.y % 2]) + numbers_.x.to_bytes(32, "big")

    assert spki(KEY.public_key()) == STORED
    assert len(STORED) == 91
    assert device_keys.parse_public_key(base64url(compressed)) == STORED


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 1024),
        dsa.generate_private_key(1024),
    ],
    ids=lambda key: type(key).__name__,
)
def test_only_p256_is_taken(key: ec.EllipticCurvePrivateKey) -> None:
    assert refused(base64url(spki(key.public_key())))


def test_a_point_off_the_curve_is_refused() -> None:
    changed = bytearray(STORED)
    changed[-1] ^= 1

    assert refused(base64url(bytes(changed)))
    assert refused(base64url(STORED[:27] + bytes(64)))


def test_only_the_public_key_and_nothing_after_it() -> None:
    secret = KEY.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    text = base64url(STORED)
    for wrong in ("", text + "=", text + "\n", " " + text, base64url(STORED + b"\0"), base64url(secret), "A" * 10**6):
        assert refused(wrong)


@given(
    st.one_of(
        st.text(max_size=300),
        st.binary(max_size=190).map(base64url),
        st.tuples(st.integers(0, 90), st.integers(1, 255)).map(
            lambda at: base64url(STORED[: at[0]] + bytes([STORED[at[0]] ^ at[1]]) + STORED[at[0] + 1 :])
        ),
    )
)
def test_any_text_is_a_key_or_refused(text: str) -> None:
    if not refused(text):
        assert len(device_keys.parse_public_key(text)) == 91


def test_the_path_is_the_callers() -> None:
    with pytest.raises(Invalid) as error:
        device_keys.parse_public_key("", path="$.key")

    assert error.value.errors[0].path == "$.key"
