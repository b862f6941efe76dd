"""Codes of an authenticator app, against RFC 6238's own."""

from __future__ import annotations

import base64
import datetime
import hmac
import inspect
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.accounts import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = 1_800_000_000
STEP = NOW // 30


def at(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def code(step: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(step)


def match(said: str, *, seconds: float = NOW, last_step: int | None = None) -> int | None:
    return totp.match(SECRET, said, at=at(seconds), last_step=last_step)


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, eight_digits: str) -> None:
    """Appendix B, SHA-1; six digits are the last six of eight."""
    assert match(eight_digits[2:], seconds=seconds) == seconds // 30


@pytest.mark.parametrize(("early", "found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_a_step_off(early: int, found: bool) -> None:
    assert match(code(STEP + early)) == (STEP + early if found else None)


def test_a_code_is_good_once() -> None:
    assert match(code(STEP), last_step=STEP - 1) == STEP
    assert match(code(STEP), last_step=STEP) is None
    assert match(code(STEP - 1), last_step=STEP) is None
    assert match(code(STEP + 1), last_step=STEP) == STEP + 1


def test_the_time_zone_does_not_matter() -> None:
    wib = datetime.timezone(datetime.timedelta(hours=7))

    assert totp.match(SECRET, code(STEP), at=at(NOW).astimezone(wib), last_step=None) == STEP


def test_every_step_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def comparing(a: str, b: str) -> bool:
        compared.append((a, b))
        return a == b

    monkeypatch.setattr(hmac, "compare_digest", comparing)
    for said in (code(STEP - 1), code(STEP + 1), "000000"):
        compared.clear()
        match(said)
        assert compared == [(code(step), said) for step in (STEP - 1, STEP, STEP + 1)]
    assert "==" not in inspect.getsource(totp.match)


def test_the_latest_of_equal_codes_is_burnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyotp.TOTP, "generate_otp", lambda self, step: "424242")

    assert match("424242") == STEP + 1
    assert match("424242", last_step=STEP + 1) is None


def test_a_code_is_six_ascii_digits() -> None:
    right = code(STEP)
    wide = right.translate({ord(str(d)): 0xFF10 + d for d in range(10)})

    for said in ("", right[:5], right + "0", f"{right}\n", f" {right}", f"{right[:3]} {right[3:]}", wide):
        assert match(said) is None


@given(st.text(max_size=12))
def test_no_text_is_an_exception(said: str) -> None:
    assert match(said) in {None, STEP - 1, STEP, STEP + 1}


def test_a_new_secret_has_160_bits() -> None:
    made = {totp.new_secret() for _ in range(50)}

    assert len(made) == 50
    assert {len(base64.b32decode(secret)) for secret in made} == {20}


def test_the_address_of_an_app() -> None:
    address = urlsplit(totp.uri(SECRET, "budi.s"))

    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == "/posko:budi.s"
    assert parse_qs(address.query) == {"secret": [SECRET], "issuer": ["posko"]}
    parsed = pyotp.parse_uri(address.geturl())
    assert isinstance(parsed, pyotp.TOTP)
    assert parsed.at(NOW) == code(STEP)
