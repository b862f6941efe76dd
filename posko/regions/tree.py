"""Regions as an owner sends them: a tree of codes and names, or the dusun below an existing one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from posko import terms
from posko.regions.region import RegionIn
from posko.tables import Problems, read_table
from posko.terms import Level

COLUMNS: Final = ("code", "name", "level")
REQUIRED: Final = ("code", "name")
NAME_LIMIT: Final = 120


def parse_regions(data: bytes, root: str) -> list[RegionIn]:
    """The regions at and below a root; raises TableRefused with everything that is wrong."""
    problems = Problems()
    found: dict[str, tuple[int, RegionIn]] = {}
    for line, row in read_table(data, COLUMNS, REQUIRED, problems):
        code = row["code"]
        if not terms.is_code(code) or terms.level_of(code) is Level.tps:
            problems.add(line, "code", "bentuk-kode", f"{code[:40]!r} bukan kode wilayah")
        elif terms.contains(root, code):
            _add(line, RegionIn(code, row["name"]), found, problems)
    for line, region in found.values():
        if region.code != root and region.parent_code not in found:
            problems.add(line, "code", "tanpa-induk", f"induknya {region.parent_code} tidak ada")
    if root not in found and not problems.total:
        problems.add(1, "code", "tanpa-akar", f"wilayah akar {root} tidak ada")
    return _taken(found, problems)


def parse_dusun(data: bytes, kelurahan: Collection[str]) -> list[RegionIn]:
    """The dusun of a tree, as code and name; raises TableRefused with everything that is wrong."""
    problems = Problems()
    found: dict[str, tuple[int, RegionIn]] = {}
    for line, row in read_table(data, COLUMNS, REQUIRED, problems):
        code = row["code"]
        if not terms.is_code(code) or terms.level_of(code) is not Level.dusun:
            problems.add(line, "code", "bentuk-kode", f"{code[:40]!r} bukan kode dusun seperti 73.04.01.2001.01")
        elif code.rpartition(".")[0] not in kelurahan:
            problems.add(
                line,
                "code",
                "kelurahan-tidak-dikenal",
                f"{code.rpartition('.')[0]} bukan desa atau kelurahan operasi ini",
            )
        else:
            _add(line, RegionIn(code, row["name"]), found, problems)
    if not found and not problems.total:
        problems.add(1, "", "kosong", "tidak ada satu dusun pun")
    return _taken(found, problems)


def _add(line: int, region: RegionIn, found: dict[str, tuple[int, RegionIn]], problems: Problems) -> None:
    if not 1 <= len(region.name) <= NAME_LIMIT or not region.name.isprintable():
        problems.add(line, "name", "nama", f"nama harus 1 sampai {NAME_LIMIT} huruf")
    elif region.code in found:
        problems.add(line, "code", "ganda", f"{region.code} sudah ada di baris {found[region.code][0]}")
    else:
        found[region.code] = (line, region)


def _taken(found: dict[str, tuple[int, RegionIn]], problems: Problems) -> list[RegionIn]:
    if problems.total:
        problems.refuse()
    return [region for _, region in sorted(found.values(), key=lambda pair: pair[1].code)]
