"""The classes of a cell in a file are those that the konsol's grid shows: posko/exports/grid.py beside konsol/grid/*.ts."""

from __future__ import annotations

import re
from pathlib import Path

import posko
from posko.exports import grid
from posko.exports.words import Words

KONSOL = Path(posko.__file__).parent / "web" / "src" / "konsol" / "grid"
COLOURS = (KONSOL / "colours.ts").read_text(encoding="utf-8")
CELLS = (KONSOL / "cells.ts").read_text(encoding="utf-8")
NAMES = {"diam": "SILENCE", "kejadian": "INCIDENT", "tanda": "FLAGS", "polri": "GRADE", "bawaslu": "INDICATORS"}


def _classes(name: str) -> dict[str, str]:
    """The classes of a list of colours.ts, each with the key of its words."""
    (block,) = re.findall(rf"^const {name}: readonly Class\[\] = \[$(.*?)^\]$", COLOURS, re.M | re.S)
    found = dict(re.findall(r"\{ key: '(\w+)', label: '([\w.]+)'", block))
    assert len(found) == len(block.strip().splitlines())
    return found


def _number(name: str) -> int:
    (said,) = re.findall(rf"^(?:export )?const {name} = ([\d_]+(?: \* [\d_]+)?)$", COLOURS + CELLS, re.M)
    first, _, second = said.replace("_", "").partition(" * ")
    return int(first) * int(second or 1)


def test_a_file_knows_the_classes_of_every_colour_and_says_them_as_the_legend_does() -> None:
    (others,) = re.findall(r"^export const OTHERS = \[(.*)\] as const$", COLOURS, re.M)
    keys = Words("id", {})  # which word is said

    assert list(grid.OTHERS) == re.findall(r"'(\w+)'", others) == list(NAMES)
    for colour, shown in {
        **{key: _classes(name) for key, name in NAMES.items()},
        "voting_open": _classes("MILESTONE"),
    }.items():
        assert grid.CLASSES.get(colour, frozenset(grid.SAID)) == shown.keys(), colour
        assert {state: grid._label(colour, state, keys) for state in shown} == shown, colour


def test_a_cell_is_read_as_the_konsol_reads_it() -> None:
    (said,) = re.findall(r"^export const SAID = \{ (.*) \} as const$", CELLS, re.M)

    assert [f"{state}: {digit}" for digit, state in enumerate(grid.SAID)] == said.split(", ")
    assert tuple(map(_number, ("OLD_MS", "OLDER_MS", "MANY"))) == (grid.OLD_S * 1000, grid.OLDER_S * 1000, grid.MANY)
    marks = (grid.COVERED, grid.UNREACHABLE, grid.SEAL_BROKEN)
    assert marks == tuple(map(_number, ("COVERED", "UNREACHABLE", "SEAL_BROKEN")))
