"""What is kept of an answer is safe to keep, and Retry-After is read in all its forms, bounded."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko import terms
from posko.webhooks.answer import RETRY_AFTER_LIMIT_S, Answer, retry_after_s, safe_text
from tests.webhooks.receivers import NOW_S


@pytest.mark.parametrize(
    ("asked", "date", "seconds"),
    [
        ("120", None, 120.0),
        (" 0 ", None, 0.0),
        ("000000000000000000000000000000060", None, 60.0),
        ("86401", None, RETRY_AFTER_LIMIT_S),
        ("9" * 5000, None, RETRY_AFTER_LIMIT_S),
        ("Fri, 15 Jan 2027 08:02:00 GMT", None, 120.0),
        ("Friday, 15-Jan-27 08:02:00 GMT", None, 120.0),
        ("Fri Jan 15 08:02:00 2027", None, 120.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", None, 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, RETRY_AFTER_LIMIT_S),
        # Their clock is an hour slow: what counts is how much later it is than they say it is now.
        ("Fri, 15 Jan 2027 07:00:30 GMT", "Fri, 15 Jan 2027 07:00:00 GMT", 30.0),
        ("Fri, 15 Jan 2027 08:02:00 GMT", "yesterday", 120.0),
        ("", None, None),
        ("-1", None, None),
        ("+5", None, None),
        ("1.5", None, None),
        ("1e3", None, None),
        ("٣", None, None),
        ("soon", None, None),
        ("Fri, 99 Jan 2027 08:02:00 GMT", None, None),
        ("Fri, 15 Jan 99999 08:02:00 GMT", None, None),
        ("15", "nonsense", 15.0),
    ],
)
def test_retry_after(asked: str, date: str | None, seconds: float | None) -> None:
    assert retry_after_s(asked, date, NOW_S) == seconds


@given(st.integers(0, 10**30))
def test_seconds_are_read_and_bounded(seconds: int) -> None:
    assert retry_after_s(str(seconds), None, NOW_S) == min(seconds, RETRY_AFTER_LIMIT_S)


@given(st.integers(0, 4_102_444_800), st.none() | st.integers(0, 4_102_444_800))
def test_moments_are_measured_from_their_own_clock_or_ours(at: int, now: int | None) -> None:
    seconds = retry_after_s(formatdate(at, usegmt=True), None if now is None else formatdate(now, usegmt=True), NOW_S)

    assert seconds == min(max(at - (NOW_S if now is None else now), 0), RETRY_AFTER_LIMIT_S)


_PIECES = st.sampled_from(
    ["Fri,", "Jan", "15", "2027", "0000", "-", ":", "08:00:00", "GMT", "+9999", "99999999999", " ", "\x00"]
)


@given(st.text() | st.lists(_PIECES, max_size=9).map(" ".join), st.none() | st.text())
def test_whatever_is_asked_is_none_or_within_a_day(asked: str, date: str | None) -> None:
    seconds = retry_after_s(asked, date, NOW_S)

    assert seconds is None or 0 <= seconds <= RETRY_AFTER_LIMIT_S


@given(st.binary(max_size=4096) | st.text(max_size=3000).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_whatever_they_send_is_text_that_can_be_stored(body: bytes) -> None:
    text = safe_text(body)

    assert len(text) <= 2048
    text.encode()  # no surrogates
    assert not any(ord(c) < 32 and c not in "\t\n" for c in text) and "\x7f" not in text
    assert not set(text) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
    assert not terms.holds_nik(text)


def test_a_letter_that_was_cut_is_left_out() -> None:
    assert safe_text(b"a" * 2047 + "é".encode()) == "a" * 2047
    assert safe_text("héllo ✓\n".encode()) == "héllo ✓\n"
    assert safe_text(b"nik 3171234567890123.") == "nik ################."


def test_taken_is_2xx_and_whole() -> None:
    assert Answer(status=200).is_taken and Answer(status=299).is_taken
    for no in (
        Answer(status=301),
        Answer(status=410),
        Answer(status=200, error="timeout"),
        Answer(error="dns"),
        Answer(status=199),
    ):
        assert not no.is_taken
