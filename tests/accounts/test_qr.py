"""QR codes that a page may hold under a policy without inline style or script."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import segno
from hypothesis import given
from hypothesis import strategies as st

from posko.accounts import qr

TEXT = "https://posko.example.id/daftar#Zm9vYmFyYmF6cXV4Zm9v"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str) -> list[list[bool]]:
    """The modules that are dark, quiet zone included, read from the path itself."""
    root = ET.fromstring(svg)
    side = int(root.attrib["viewBox"].split()[2])
    dark = [[False] * side for _ in range(side)]
    (path,) = [p for p in root.iter(f"{SVG}path") if p.attrib.get("stroke") == "#000"]
    x, y = 0.0, 0.0
    for command, dx, dy, run in re.findall(r"([Mm])(-?[\d.]+) (-?[\d.]+)h(\d+)", path.attrib["d"]):
        x, y = (float(dx), float(dy)) if command == "M" else (x + float(dx), y + float(dy))
        for column in range(int(x), int(x) + int(run)):
            dark[int(y)][column] = True
        x += int(run)
    return dark


def test_it_says_the_text() -> None:
    expected = segno.make_qr(TEXT, error="m")
    modules = [[bool(cell) for cell in row] for row in expected.matrix_iter(border=4)]

    assert drawn(qr.svg(TEXT, title="Kode")) == modules
    assert expected.error in {"M", "Q", "H"}


def test_it_needs_no_style_no_script_and_no_declaration() -> None:
    svg = qr.svg(TEXT, title="Kode")
    root = ET.fromstring(svg)

    assert svg.startswith("<svg ")
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "path"}
    assert {name for element in root.iter() for name in element.attrib} == {"role", "viewBox", "d", "stroke", "fill"}


def test_it_is_dark_on_light() -> None:
    root = ET.fromstring(qr.svg(TEXT, title="Kode"))

    assert [p.attrib.get("fill") or p.attrib.get("stroke") for p in root.iter(f"{SVG}path")] == ["#fff", "#000"]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="￾￿"), max_size=60))
def test_the_title_is_text(title: str) -> None:
    root = ET.fromstring(qr.svg("x", title=title))

    assert (root[0].tag, root[0].text or "", root.attrib["role"]) == (f"{SVG}title", title, "img")
    assert len(root[0]) == 0
