"""PROTOCOL.md and the AsyncAPI document say what the code does: their examples are decoded by the product's own Structs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import yaml

from posko.live import wire
from posko.live.bell import Ring, decode, encode
from posko.live.view import View

ROOT = Path(__file__).parents[2]
EXAMPLES = dict(
    re.findall(r"^```json (\w+)\n(.+?)\n```$", (ROOT / "PROTOCOL.md").read_text(), re.MULTILINE | re.DOTALL)
)
FROM_SERVER: tuple[Any, ...] = get_args(wire.ServerMessage)
FROM_CLIENT: tuple[Any, ...] = get_args(wire.ClientMessage)


def tag(struct: Any) -> str:
    return str(struct.__struct_config__.tag)


def test_every_message_of_the_wire_has_an_example() -> None:
    assert {tag(s) for s in (*FROM_SERVER, *FROM_CLIENT)} <= set(EXAMPLES)


@pytest.mark.parametrize("struct", FROM_SERVER, ids=tag)
def test_an_example_of_the_server_is_what_the_server_would_say(struct: Any) -> None:
    message = wire.decode_server(EXAMPLES[tag(struct)])
    assert type(message) is struct
    assert json.loads(wire.encode(message)) == _same_times(json.loads(EXAMPLES[tag(struct)]))


def _same_times(example: Any) -> Any:
    return json.loads(re.sub(r"\.(\d)Z", r".\g<1>00000Z", json.dumps(example)))


@pytest.mark.parametrize("struct", FROM_CLIENT, ids=tag)
def test_an_example_of_the_client_is_taken_and_nothing_more(struct: Any) -> None:
    message = wire.decode_client(EXAMPLES[tag(struct)])
    assert type(message) is struct
    assert json.loads(wire.encode(message)) == json.loads(EXAMPLES[tag(struct)])


def test_the_examples_tell_one_true_story() -> None:
    snapshot, delta = wire.decode_server(EXAMPLES["snapshot"]), wire.decode_server(EXAMPLES["delta"])
    subscribe, heartbeat = wire.decode_client(EXAMPLES["subscribe"]), wire.decode_server(EXAMPLES["heartbeat"])
    assert isinstance(snapshot, wire.Snapshot)
    assert isinstance(delta, wire.Delta)
    assert isinstance(subscribe, wire.Subscribe)
    assert isinstance(heartbeat, wire.Heartbeat)
    view = View(snapshot.topic)
    for message in (snapshot, delta):
        assert view.take(message) == "applied"
        region, *children = view.rows.values()
        assert region == [sum(values) for values in zip(*children, strict=True)]
    assert view.take(delta) == "dropped"
    assert (subscribe.since, subscribe.layout) == (snapshot.version, snapshot.layout)
    assert heartbeat.versions == {1: view.version}


def test_a_client_ignores_what_it_does_not_know_and_the_server_refuses_it() -> None:
    for name, example in EXAMPLES.items():
        more = json.dumps({**json.loads(example), "unheard_of": 1})
        if name in {tag(s) for s in FROM_CLIENT}:
            with pytest.raises(wire.Invalid) as caught:
                wire.decode_client(more)
            assert caught.value.errors[0].path == "$.unheard_of"
        elif name in {tag(s) for s in FROM_SERVER}:
            assert wire.decode_server(more) == wire.decode_server(example)


def test_the_bell_is_the_msgpack_that_the_protocol_says() -> None:
    payload = encode(Ring(1, [814, 815], ["31.72.01.1001.002"]))
    assert msgspec.msgpack.decode(payload) == [1, [814, 815], ["31.72.01.1001.002"]]
    assert decode(payload) == Ring(1, [814, 815], ["31.72.01.1001.002"])


def test_the_asyncapi_document_has_the_messages_and_fields_of_the_wire() -> None:
    document = yaml.safe_load((ROOT / "posko/live/asyncapi.yaml").read_text())
    messages = document["components"]["messages"]
    assert set(messages) == {tag(s) for s in (*FROM_SERVER, *FROM_CLIENT)}
    for struct in (*FROM_SERVER, *FROM_CLIENT):
        schema = messages[tag(struct)]["payload"]
        fields = {f.encode_name: f.required for f in msgspec.structs.fields(struct)}
        assert set(schema["properties"]) == {"type", *fields}, tag(struct)
        assert set(schema["required"]) == {"type", *(n for n, required in fields.items() if required)}, tag(struct)
        assert schema["properties"]["type"]["const"] == tag(struct)
    sent = {r["$ref"].rpartition("/")[2] for r in document["operations"]["tell"]["messages"]}
    taken = {r["$ref"].rpartition("/")[2] for r in document["operations"]["ask"]["messages"]}
    assert (sent, taken) == ({tag(s) for s in FROM_SERVER}, {tag(s) for s in FROM_CLIENT})


def test_the_examples_are_valid_by_the_asyncapi_document() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = yaml.safe_load((ROOT / "posko/live/asyncapi.yaml").read_text())
    for name, message in document["components"]["messages"].items():
        schema = {**message["payload"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(json.loads(EXAMPLES[name]))
