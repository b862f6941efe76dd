"""Texts: what nobody sees is refused by name, what people write is not."""

from __future__ import annotations

import msgspec
import pytest

from posko import terms
from posko.errors import Invalid, field_error
from posko.gateways.gateway import GatewayIn
from posko.reports import decoding
from tests.factories import report


def _said(text: str) -> str:
    """What a report with this comment is answered: its text, or the rule that it breaks."""
    content = {
        "kind": "incident",
        "category": "bencana",
        "severity": "rendah",
        "occurrence": "terjadi",
        "text": text,
    }
    try:
        found = decoding.decode_one(msgspec.json.encode(report(1, "31.72.01.1001.001", content)))
    except Invalid as refused:
        [error] = refused.errors
        assert "tanda yang tidak terlihat" in error.message
        return error.rule
    return str(getattr(found.content, "text", ""))


@pytest.mark.parametrize(
    "text",
    [
        "abc\u202edef", "\u202aabc", "\u2066abc\u2069", "a\x07b", "\x0babc", "abc\x1f", "abc\x7f", "a\x00b", "\x1cabc", "\u200b", " \u200b\n", "\u2060\ufeff", " \n",
    ],
)  # fmt: skip
def test_what_nobody_sees_is_refused_by_name(text: str) -> None:
    assert _said(text) == "unseen"


@pytest.mark.parametrize(
    "text",
    [
        "dua baris\nini\tyang kedua\r\n", "keluarga \U0001f468\u200d\U0001f469\u200d\U0001f467", "\u200bdisalin dari halaman", "العربية", "  menjorok", "na\u200cme",
    ],
)  # fmt: skip
def test_what_people_write_is_taken_as_it_is(text: str) -> None:
    assert _said(text) == text


def test_names_of_one_line_are_held_to_the_same_rule() -> None:
    for odd in ("a\u202eb", "a\nb", "a\tb", "\u200b", "a\n"):
        with pytest.raises(msgspec.ValidationError) as refused:
            msgspec.convert({"name": odd, "channel": "sms", "key": "x"}, GatewayIn)
        assert field_error(str(refused.value)).rule == "unseen", odd
    assert not terms.is_of_one_line("Jalan \u202eMawar")
    assert terms.is_of_one_line("Jalan Mawar 3")


def test_a_text_that_came_by_a_gateway_loses_what_nobody_sees() -> None:
    assert terms.without_unseen("\u202aBUKA 07:05\u202c\x00\n\u200d") == "BUKA 07:05\n\u200d"
