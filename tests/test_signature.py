"""Signatures: as Standard Webhooks has them, by any key that is valid, near our clock, and nothing else."""

from __future__ import annotations

import base64
import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from posko import signature
from posko.errors import Invalid
from posko.signature import Key, SignatureRefused

AT = datetime.datetime(2024, 11, 27, 0, 5, tzinfo=datetime.UTC)
BODY = b'{"id":"1","text":"BUKA"}'
IDS = st.text(st.sampled_from("abcXYZ019_-:/"), min_size=1, max_size=128)


def _refused(keys: list[Key], headers: dict[str, str], body: bytes = BODY, at: datetime.datetime = AT) -> Any:
    with pytest.raises(SignatureRefused) as refused:
        signature.verify(keys, headers, body, at)
    assert refused.value.status == 401
    (error,) = refused.value.errors
    return error.path, error.rule


@given(st.binary(min_size=24, max_size=64), IDS, st.text(max_size=200), st.datetimes(timezones=st.just(datetime.UTC)))
def test_signs_as_the_reference_does(raw: bytes, message_id: str, body: str, at: datetime.datetime) -> None:
    at = at.replace(year=2024, microsecond=0)
    theirs = Webhook(raw).sign(message_id, at, body)

    assert signature.sign([Key("whsec", raw)], message_id, at, body.encode()) == theirs


def test_the_reference_takes_ours_and_ours_takes_theirs() -> None:
    key, now = Key.shared(), datetime.datetime.now(datetime.UTC)
    ours = signature.headers([key], "msg_1", now, BODY)
    theirs = {**ours, "webhook-signature": Webhook(key.text).sign("msg_1", now, BODY.decode())}

    assert Webhook(key.text).verify(BODY, ours) == {"id": "1", "text": "BUKA"}
    signature.verify([key], theirs, BODY, now)
    with pytest.raises(WebhookVerificationError):
        Webhook(Key.shared().text).verify(BODY, ours)


def test_the_moment_counts_and_not_its_zone() -> None:
    key, wit = Key.shared(), datetime.timezone(datetime.timedelta(hours=9))

    assert signature.headers([key], "1", AT.astimezone(wit), BODY) == signature.headers([key], "1", AT, BODY)


@pytest.mark.parametrize("key", [Key.shared(), Key.private()], ids=["v1", "v1a"])
@given(data=st.data())
def test_whatever_is_changed_does_not_fit(key: Key, data: st.DataObject) -> None:
    headers = signature.headers([key], "msg_1", AT, BODY)
    signature.verify([key.public], headers, BODY, AT)
    position = data.draw(st.integers(0, len(BODY) - 1))
    forged = BODY[:position] + bytes([BODY[position] ^ data.draw(st.integers(1, 255))]) + BODY[position + 1 :]

    assert _refused([key.public], headers, forged)[1] == "signed-by-known-key"
    assert _refused([key.public], {**headers, "webhook-id": "msg_2"})[1] == "signed-by-known-key"
    later = {**headers, "webhook-timestamp": str(int(AT.timestamp()) + 1)}
    assert _refused([key.public], later)[1] == "signed-by-known-key"


def test_one_of_several_keys_is_enough_on_either_side() -> None:
    old, new, pair = Key.shared(), Key.shared(), Key.private()
    headers = signature.headers([old, pair], "1", AT, BODY)

    for keys in ([new, old], [pair.public], [new, pair.public], [old]):
        signature.verify(keys, headers, BODY, AT)
    assert _refused([new], headers) == ("$.headers.webhook-signature", "signed-by-known-key")
    assert _refused([], headers)[1] == "signed-by-known-key"


def test_a_public_key_is_no_secret() -> None:
    pair = Key.private()
    # Whoever knows the public key signs with its bytes as if they were a secret.
    confused = signature.headers([Key("whsec", pair.public.raw)], "1", AT, BODY)

    assert _refused([pair.public], confused)[1] == "signed-by-known-key"
    relabelled = {**confused, "webhook-signature": confused["webhook-signature"].replace("v1,", "v1a,")}
    assert _refused([pair.public], relabelled)[1] == "signed-by-known-key"
    with pytest.raises(ValueError, match="signs nothing"):
        signature.sign([pair.public], "1", AT, BODY)


def test_the_clocks_may_be_five_minutes_apart() -> None:
    key = Key.shared()
    headers = signature.headers([key], "1", AT, BODY)
    five, second = datetime.timedelta(minutes=5), datetime.timedelta(seconds=1)

    signature.verify([key], headers, BODY, AT + five)
    signature.verify([key], headers, BODY, AT - five)
    for at in (AT + five + second, AT - five - second):
        assert _refused([key], headers, at=at) == ("$.headers.webhook-timestamp", "in-time")


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("webhook-id", None, "signed"),
        ("webhook-timestamp", None, "signed"),
        ("webhook-signature", None, "signed"),
        ("webhook-id", "", "webhook-id"),
        ("webhook-id", "a.1", "webhook-id"),
        ("webhook-id", "a b", "webhook-id"),
        ("webhook-id", "x" * 129, "webhook-id"),
        ("webhook-id", "é", "webhook-id"),
        ("webhook-timestamp", "1e9", "webhook-timestamp"),
        ("webhook-timestamp", "-1", "webhook-timestamp"),
        ("webhook-timestamp", "٣", "webhook-timestamp"),
        ("webhook-timestamp", "9" * 5000, "webhook-timestamp"),
        ("webhook-timestamp", "0", "in-time"),
        ("webhook-signature", "v1,!", "webhook-signature"),
        ("webhook-signature", "v1,é", "webhook-signature"),
        ("webhook-signature", " ".join(["v1,AAAA"] * 9), "webhook-signature"),
        ("webhook-signature", "", "signed-by-known-key"),
        ("webhook-signature", "v1,", "signed-by-known-key"),
        ("webhook-signature", "v2,!", "signed-by-known-key"),
        ("webhook-signature", "v1a,AAAA", "signed-by-known-key"),
    ],
)
def test_what_is_not_a_signature_is_refused_by_its_rule(name: str, value: str | None, rule: str) -> None:
    key = Key.shared()
    headers = signature.headers([key], "1", AT, BODY)
    headers = {k: v for k, v in {**headers, name: value}.items() if v is not None}

    assert _refused([key, Key.private().public], headers) == (f"$.headers.{name}", rule)


def test_keys_come_back_from_their_text_and_stay_out_of_logs() -> None:
    pair = Key.private()
    for key in (Key.shared(), pair, pair.public):
        assert Key.parse(key.text) == key
        assert base64.b64encode(key.raw).decode() not in repr([key])
    assert pair.public.kind == "whpk" and pair.public.public == pair.public


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec",
        "whsec_",
        "whsec_!!!!",
        "whsec_" + "A" * 28,
        "whsk_" + "A" * 44,
        "x_" + "A" * 44,
        "whpk_é",
        "whsec_" + "A" * 88,
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Key.parse(text, path="$.key")
    assert [(e.path, e.rule) for e in refused.value.errors] == [("$.key", "webhook-key")]
