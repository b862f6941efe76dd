"""PROTOCOL.md has a body for every route of incidents that takes one, and the product's own Structs take it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler

from posko.incidents import acts, settings

TEXT = (Path(__file__).parents[2] / "PROTOCOL.md").read_text(encoding="utf-8")
(EXAMPLES,) = [
    json.loads(said) for said in re.findall(r"^```json incidents\n(.+?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
]


def _bodies() -> dict[str, Any]:
    """What routes take, by the last word of their paths."""
    handlers: list[HTTPRouteHandler] = [*acts.routes, *settings.routes]
    found = {}
    for handler in handlers:
        data = handler.parsed_fn_signature.parameters.get("data")
        if data is not None:
            (path,) = handler.paths
            found[path.rpartition("/")[2]] = data.annotation
    return found


BODIES = _bodies()


def test_every_body_is_told() -> None:
    assert EXAMPLES.keys() == BODIES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_body_is_taken(name: str) -> None:
    assert msgspec.convert(EXAMPLES[name], BODIES[name]) is not None
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            [{"odd": 1}] if isinstance(EXAMPLES[name], list) else {**EXAMPLES[name], "odd": 1}, BODIES[name]
        )
