"""PROTOCOL.md's field is decoded by the product's own Struct, and its marks are what may be sent back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec

from posko.field.field import HAVE_PATTERN, Field, Part

TEXT = (Path(__file__).parents[2] / "PROTOCOL.md").read_text(encoding="utf-8")


def test_the_example_is_an_answer_of_which_all_is_had() -> None:
    [example] = re.findall(r"^```json field\n(.+?)\n```$", TEXT, re.MULTILINE | re.DOTALL)

    said = msgspec.json.decode(example, type=Field)

    assert set(said.marks) == set(get_args(Part))
    assert re.fullmatch(HAVE_PATTERN, ",".join(said.marks.values()))
    assert (said.session, said.owed, said.clock is None) == (None, None, False)
