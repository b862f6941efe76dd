"""Presets: operations made of the seed data. Pure: the same preset is the same rows every time."""

from __future__ import annotations

import csv
import itertools
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from posko import db, terms
from posko.regions.catalogue import Contest, Paslon
from posko.regions.operation import Milestone
from posko.regions.region import RegionIn
from posko.regions.tps import TpsIn
from posko.terms import Level

VOTERS_PER_TPS: Final = 466
"""The national mean of the Pilkada 2024: some 203 million voters at 435,296 TPS."""
EMPTY_BOX: Final = "Kotak kosong"


class Preset(msgspec.Struct, frozen=True):
    """A ready operation: the root of its tree and, where published, the sum of its voters."""

    key: str
    root: str
    name: str
    voters: int | None = None


PRESETS: Final[Mapping[str, Preset]] = {
    p.key: p
    for p in (
        Preset("jakarta-utara", "31.72", "Posko Kota Jakarta Utara", 1_345_815),
        Preset("kupang", "53.71", "Posko Kota Kupang"),
        Preset("bekasi", "32.16", "Posko Kabupaten Bekasi"),
        Preset("kaltim", "64", "Posko Kalimantan Timur"),
        Preset("jeneponto", "73.04", "Posko Kabupaten Jeneponto"),
        Preset("nasional", terms.NATION, "Posko Nasional"),
    )
}


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Divides a whole number by weights (alike when all are 0); the rest goes to the largest remainders, ties first."""
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    shares = [total * w // whole for w in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares


def regions_of(root: str) -> list[RegionIn]:
    """The tree at and below a root, in code order, the nation first: from the seed."""
    nation = [RegionIn(terms.NATION, "INDONESIA")] if root == terms.NATION else []
    return nation + [RegionIn(r["code"], r["name"]) for r in _seed("regions", root)]


def estimated_dusun(regions: Sequence[RegionIn]) -> list[RegionIn]:
    """Two or three dusun for every desa, named an estimate: no list of dusun is published."""
    return [
        RegionIn(f"{desa.code}.{n:02d}", f"Dusun {n} (perkiraan)")
        for desa in regions
        if terms.level_of(desa.code) is Level.kelurahan and desa.code[9] == "2"
        for n in range(1, 3 + zlib.crc32(desa.code.encode()) % 2)
    ]


def tps_of(regions: Sequence[RegionIn], *, voters: int | None = None) -> Iterator[TpsIn]:
    """The TPS of a tree: KPU's number of each kecamatan divided over its kelurahan, and theirs over their dusun.

    A TPS is numbered within its kelurahan. `voters` is the sum over the tree where it is published; else every TPS
    has an estimate around the national mean, the same each time.
    """
    codes = list(_tps_codes(regions))
    if voters is None:
        sizes = [VOTERS_PER_TPS * _spread(code, 200) // 1000 for code in codes]
    else:
        sizes = largest_remainder(voters, [_spread(code, 50) for code in codes])
    for code, size in zip(codes, sizes, strict=True):
        men = size * (480 + zlib.crc32(code[::-1].encode()) % 31) // 1000
        yield TpsIn(code, int(code[-3:]), men, size - men)


def _spread(code: str, per_mille: int) -> int:
    """A number around 1000 that belongs to the code."""
    return 1000 - per_mille + zlib.crc32(code.encode()) % (2 * per_mille + 1)


def _tps_codes(regions: Sequence[RegionIn]) -> Iterator[str]:
    below: dict[str, list[str]] = {}
    for region in regions:
        if terms.level_of(region.code) >= Level.kelurahan and region.parent_code is not None:
            below.setdefault(region.parent_code, []).append(region.code)
    for kecamatan, whole in tps_per_kecamatan():
        kelurahan = below.get(kecamatan, [])
        if not kelurahan:
            continue
        for code, tps in zip(kelurahan, largest_remainder(whole, [1] * len(kelurahan)), strict=True):
            places = below.get(code, [code])
            number = 0
            for place, share in zip(places, largest_remainder(tps, [1] * len(places)), strict=True):
                for _ in range(share):
                    number += 1
                    yield f"{place}.{number:03d}"


def tps_per_kecamatan() -> Iterator[tuple[str, int]]:
    """The code of each kecamatan, and how many TPS it had at the last election."""
    return ((row["kecamatan_code"], int(row["tps"])) for row in _seed("tps_per_kecamatan"))


def contests_of(root: str) -> list[Contest]:
    """The contests that are voted on in a tree, from the seed; their ids are given by the database."""
    return contests_from(_seed("paslon"), root)


@cache
def _published_contests(root: str) -> frozenset[Contest]:
    return frozenset(contests_of(root))


def is_published(root: str, contests: Sequence[Contest]) -> bool:
    """Whether the contests of a tree are those of the seed: the pairs of the Pilkada 2024, which nobody changed."""
    return bool(contests) and frozenset(msgspec.structs.replace(c, id=0) for c in contests) == _published_contests(root)


def contests_from(rows: Iterator[dict[str, Any]], root: str) -> list[Contest]:
    """Contests out of rows of region_code, contest, number, name; a lone pair runs against the kotak kosong."""
    found: dict[tuple[str, str], list[Paslon]] = {}
    for row in rows:
        region = row["region_code"]
        if terms.contains(root, region) or terms.contains(region, root):
            is_empty = row["name"].upper().startswith(("KOLOM KOSONG", "KOTAK KOSONG"))
            paslon = Paslon(int(row["number"]), EMPTY_BOX if is_empty else row["name"], is_empty)
            found.setdefault((row["contest"], region), []).append(paslon)
    for pairs in found.values():
        if len(pairs) == 1:
            pairs.append(Paslon(pairs[0].number + 1, EMPTY_BOX, True))
    return [
        Contest(0, kind, region, int(terms.level_of(region)), tuple(sorted(pairs, key=lambda p: p.number)))
        for (kind, region), pairs in found.items()
    ]


def milestones() -> list[Milestone]:
    """The day of a TPS as the seed plans it."""
    return [msgspec.convert(row, Milestone, strict=False) for row in _seed("milestones")]


def counts(regions: Sequence[RegionIn]) -> Counter[Level]:
    """How many regions a tree has per level."""
    return Counter(terms.level_of(r.code) for r in regions)


def _seed(name: str, root: str = terms.NATION) -> Iterator[dict[str, str]]:
    """Rows of a file; at and below a root, where each line begins with a region's code: only those are taken apart."""
    wanted = ("",) if root == terms.NATION else (f"{root},", f"{root}.")
    with (db.sql_root() / "seed" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        names = next(file)
        below = (line for line in file if line.startswith(wanted))
        yield from csv.DictReader(itertools.chain([names], below))
