"""PROTOCOL.md says what the intake does: its examples are decoded, planned and answered by the product's own Structs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from posko.regions.catalogue import Catalogue, Contest, Paslon, Subject
from posko.reports.decoding import decode_one
from posko.reports.plan import plan
from posko.reports.report import Content, Receipt
from tests.factories import VOTING_DAY, uuid7, viewer

TEXT = (Path(__file__).parents[2] / "PROTOCOL.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```json (\w+)\n(.+?)\n```$", TEXT, re.MULTILINE | re.DOTALL))
REPORTS = [name for name in EXAMPLES if name.startswith("report_")]
NAMES = (
    "milestone.voting_open",
    "turnout",
    "ballots.gubernur",
    "count.gubernur",
    "custody",
    "incident",
    "nihil",
    "unreachable",
)
CATALOGUE = Catalogue(
    operation=1, name="x", mode="live", state="active", version=1, layout=1, root_code="31.72", voting_day=VOTING_DAY, starts_on=VOTING_DAY,
    subjects={name: Subject(i, name, name.split(".")[0], i * 10, 10) for i, name in enumerate(NAMES, 1)},
    milestones=frozenset({"voting_open"}),
    contests={("gubernur", "31"): Contest(1, "gubernur", "31", 1, tuple(Paslon(n, "x") for n in (1, 2, 3)))},
    counters=(), categories=frozenset({"logistik", "bencana", "lain", "intimidasi", "kotak_segel"}),
)  # fmt: skip


def test_every_kind_of_report_has_an_example() -> None:
    kinds = {struct.__struct_config__.tag for struct in get_args(Content)}

    assert kinds == {json.loads(EXAMPLES[name])["content"]["kind"] for name in REPORTS}


@pytest.mark.parametrize("name", REPORTS)
def test_an_example_is_taken_and_stored_as_it_was_said(name: str) -> None:
    said = decode_one(EXAMPLES[name].encode())

    planned = plan(viewer("operator", "31.72"), uuid7(), said, CATALOGUE)

    stored: Any = json.loads(planned.body)
    wanted: Any = json.loads(EXAMPLES[name])
    if "on_behalf_of" in wanted:  # a digest stands for the name, which is kept apart
        assert json.loads(planned.persons or "") == [{"position": 0, "part": "pelapor", "name": wanted["on_behalf_of"]}]
        assert stored["on_behalf_of"] == planned.on_behalf_of != wanted["on_behalf_of"]
        stored["on_behalf_of"] = wanted["on_behalf_of"]
    assert stored == wanted


@pytest.mark.parametrize("name", ["receipt", "receipt_refused"])
def test_an_example_of_an_answer_is_what_the_server_would_say(name: str) -> None:
    receipt = msgspec.json.decode(EXAMPLES[name], type=Receipt)

    again = json.loads(re.sub(r"(\.\d{3})000Z", r"\1Z", msgspec.json.encode(receipt).decode()))
    assert again == json.loads(EXAMPLES[name])
