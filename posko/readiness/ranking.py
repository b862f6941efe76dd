"""Where to go first: a TPS with its score, and the reasons for it spelled out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

Signal: TypeAlias = Literal[
    "grade.kurang_rawan", "grade.rawan", "grade.sangat_rawan", "grade.khusus", "indicator", "incident.rendah",
    "incident.sedang", "incident.tinggi", "incident.kritis", "incident.age", "disaster", "overdue", "overdue.age",
    "unreachable", "seal_broken", "flag", "guard_short", "guard_absent",
]  # fmt: skip
Labels: TypeAlias = Mapping[str, tuple[str, str]]
"""Code -> Indonesian, English."""

GRADES: Final[Labels] = {
    "kurang_rawan": ("kurang rawan", "less vulnerable"), "rawan": ("rawan", "vulnerable"),
    "sangat_rawan": ("sangat rawan", "very vulnerable"), "khusus": ("khusus", "special"),
}  # fmt: skip
INDICATORS: Final[Labels] = {
    "hak_pilih": ("hak pilih", "right to vote"), "keamanan": ("keamanan", "security"),
    "kampanye": ("kampanye", "campaigning"), "netralitas": ("netralitas", "neutrality"),
    "logistik": ("logistik", "logistics"), "lokasi": ("lokasi", "location"),
    "listrik_internet": ("listrik & internet", "power and network"), "riwayat_psu": ("riwayat PSU", "earlier revotes"),
}  # fmt: skip
SEVERITIES: Final = (("rendah", "low"), ("sedang", "medium"), ("tinggi", "high"), ("kritis", "critical"))


class Weight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points for each of a signal (of an age: for every ten minutes), and the most that it adds to a score."""

    code: Signal
    points: Annotated[int, Meta(ge=0, le=1000)]
    most: Annotated[int, Meta(ge=0, le=10_000)]


class NewWeights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weights to be, one of a signal; a signal that is not among them counts as by default."""

    weights: Annotated[list[Weight], Meta(min_length=1, max_length=18)]


class Weights(msgspec.Struct, frozen=True):
    """What holds now; version 0: only the defaults."""

    version: int
    weights: list[Weight]


class Reason(msgspec.Struct, frozen=True):
    """Why to go there: `code` and `params` for programs, `id` and `en` for people; `points` of the score."""

    code: str
    points: int
    params: dict[str, Any]
    id: str
    en: str


class Priority(msgspec.Struct, frozen=True):
    """One TPS; `reasons` with the most points first, their points add up to `score`."""

    code: str
    name: str
    place_name: str | None
    score: int
    reasons: list[Reason]


class Priorities(msgspec.Struct, frozen=True):
    """The first of `total` TPS for which anything speaks, as of a version of the operation."""

    operation: int
    version: int
    code: str
    total: int
    rows: list[Priority]


class Open(msgspec.Struct, frozen=True):
    """Open incidents by severity from rendah to kritis."""

    severities: list[int]
    oldest_minutes: int


class Disaster(msgspec.Struct, frozen=True):
    """What an incident there is a part of; `number` null where that lies beyond the reader's reach."""

    number: int | None
    category: str
    hidden: bool


class Late(msgspec.Struct, frozen=True):
    milestone: str
    label_id: str
    label_en: str
    minutes: int


class Shortage(msgspec.Struct, frozen=True):
    """People per TPS: planned, and asked for."""

    polri: float
    linmas: float
    polri_asked: float
    linmas_asked: float


class Facts(msgspec.Struct, frozen=True):
    """What the database says of one TPS; `points` by signal, of hidden incidents as `restricted.` and severity."""

    points: dict[str, int]
    grade: str | None
    indicators: list[str]
    open: Open | None
    hidden: Open | None
    disasters: list[Disaster] | None
    overdue: list[Late] | None
    flags: int
    guards_planned: int
    guards_minutes: int
    shortage: Shortage | None


def minutes(count: int) -> tuple[str, str]:
    """A stretch of time as people say it."""
    hours, rest = divmod(max(0, count), 60)
    if not hours:
        return f"{rest} menit", f"{rest} min"
    return f"{hours} jam {rest} menit", f"{hours} h {rest} min"


def reasons(facts: Facts, categories: Labels) -> list[Reason]:
    """Everything that speaks for going there, what counts most first."""
    found = [*_of_place(facts), *_of_incidents(facts, categories), *_of_silence(facts), *_of_guards(facts)]
    return sorted(found, key=lambda r: -r.points)


def _of_place(facts: Facts) -> Iterator[Reason]:
    if facts.grade is not None:
        points = facts.points.get(f"grade.{facts.grade}", 0)
        yield Reason("grade", points, {"grade": facts.grade}, *GRADES[facts.grade])
    if facts.indicators:
        said = [INDICATORS.get(i, (i, i)) for i in facts.indicators]
        id_, en = (", ".join(words) for words in zip(*said, strict=True))
        params = {"indicators": facts.indicators}
        yield Reason(
            "indicators", facts.points.get("indicator", 0), params, f"indikator Bawaslu: {id_}", f"Bawaslu: {en}"
        )
    for code, id_, en in (
        ("unreachable", "tidak terjangkau", "unreachable"),
        ("seal_broken", "segel kotak suara rusak", "box seal broken"),
    ):
        if code in facts.points:
            yield Reason(code, facts.points[code], {}, id_, en)
    if facts.flags:
        points, said_en = facts.points.get("flag", 0), f"{facts.flags} open flag{'s' * (facts.flags > 1)}"
        yield Reason("flags", points, {"open": facts.flags}, f"{facts.flags} tanda terbuka", said_en)


def _of_incidents(facts: Facts, categories: Labels) -> Iterator[Reason]:
    for code, prefix, these in (
        ("incidents", "incident", facts.open),
        ("restricted_incidents", "restricted", facts.hidden),
    ):
        if these is not None:
            yield _incidents(code, sum(p for c, p in facts.points.items() if c.startswith(f"{prefix}.")), these)
    points = facts.points
    if facts.disasters:
        named = [categories.get(d.category, (d.category, d.category)) for d in facts.disasters]
        numbers = [d.number for d in facts.disasters]
        params = {"incidents": [{"number": d.number, "category": d.category} for d in facts.disasters]}
        id_ = ", ".join(words[0] + (f" (kejadian {n})" if n else "") for words, n in zip(named, numbers, strict=True))
        en = ", ".join(words[1] + (f" (incident {n})" if n else "") for words, n in zip(named, numbers, strict=True))
        yield Reason("disaster", points.get("disaster", 0), params, f"bagian dari {id_}", f"part of {en}")


def _incidents(code: str, points: int, these: Open) -> Reason:
    total = sum(these.severities)
    by = {name: n for (name, _), n in zip(SEVERITIES, these.severities, strict=True) if n}
    pairs = [(n, words) for words, n in zip(SEVERITIES, these.severities, strict=True) if n][::-1]
    ago_id, ago_en = minutes(these.oldest_minutes)
    hidden_id, hidden_en = (" terbatas", "restricted ") if code == "restricted_incidents" else ("", "open ")
    by_id, by_en = (", ".join(f"{n} {words[i]}" for n, words in pairs) for i in (0, 1))
    id_ = f"{total} insiden{hidden_id} ({by_id}), tertua {ago_id}"
    en = f"{total} {hidden_en}incident{'s' * (total > 1)} ({by_en}), oldest {ago_en}"
    return Reason(code, points, {"open": total, "severities": by, "oldest_minutes": these.oldest_minutes}, id_, en)


def _of_silence(facts: Facts) -> Iterator[Reason]:
    if not facts.overdue:
        return
    points = facts.points.get("overdue", 0) + facts.points.get("overdue.age", 0)
    params = {"milestones": [{"milestone": m.milestone, "minutes": m.minutes} for m in facts.overdue]}
    id_ = ", ".join(f"{m.label_id} {minutes(m.minutes)[0]}" for m in facts.overdue)
    en = ", ".join(f"{m.label_en} {minutes(m.minutes)[1]}" for m in facts.overdue)
    yield Reason("overdue", points, params, f"belum lapor: {id_}", f"not reported: {en}")


def _of_guards(facts: Facts) -> Iterator[Reason]:
    if (short := facts.shortage) is not None:
        pairs = (("Polri", short.polri, short.polri_asked), ("Linmas", short.linmas, short.linmas_asked))
        said = [f"{who} {has:.3g}/{asked:.3g}" for who, has, asked in pairs if has + 1e-6 < asked]
        id_, en = f"pengamanan kurang: {', '.join(said)} per TPS", f"short of guards: {', '.join(said)} per TPS"
        yield Reason("guard_short", facts.points.get("guard_short", 0), msgspec.structs.asdict(short), id_, en)
    if "guard_absent" in facts.points:
        ago_id, ago_en = minutes(facts.guards_minutes)
        params = {"planned": facts.guards_planned, "minutes": facts.guards_minutes}
        id_ = f"{facts.guards_planned} petugas pengamanan belum hadir {ago_id}"
        en = f"{facts.guards_planned} guard{'s' * (facts.guards_planned > 1)} not there for {ago_en}"
        yield Reason("guard_absent", facts.points["guard_absent"], params, id_, en)
