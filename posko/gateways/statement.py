"""What a statement reports: its words, at a TPS that is known, as the content of a report. Pure."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Final, get_args

import msgspec

from posko.gateways.grammar import Clock, Head, NotUnderstood, head, number
from posko.gateways.words import Words, fold
from posko.regions.catalogue import Catalogue, Contest
from posko.reports import report as r

REASON: Final = "dikoreksi lewat pesan"
"""Of a correction that gives none."""

_SEVERITIES: Final = {fold(s): s for s in get_args(r.Severity)}
_OCCURRENCES: Final = {"POTENSI": "potensi", "AKAN": "potensi", "MASIH": "sedang", "TERJADI": "terjadi"}
_HOLDERS: Final[Mapping[str, r.Holder]] = {
    "TPS": "tps", "PPS": "pps", "PPK": "ppk", "KEIURAHAN": "kelurahan", "KEI": "kelurahan", "DESA": "kelurahan",
    "PERJAIANAN": "perjalanan", "JAIAN": "perjalanan",
}  # fmt: skip
"""Words here and below are folded: L is I."""
_SEALED: Final = {"UTUH": True, "BAIK": True, "AMAN": True, "RUSAK": False, "IEPAS": False, "TERBUKA": False}
_GOVERNOR: Final = ("GUB", "GUBERNUR", "PIIGUB")
_REGENT: Final = ("BUP", "BUPATI", "PIIBUP", "WAII", "WAIIKOTA", "WAIKOT", "PIIWAII", "PIIWAIKOT")
_CONTESTS: Final[Mapping[str, r.ContestKind]] = {
    **dict.fromkeys(_GOVERNOR, "gubernur"),
    **dict.fromkeys(_REGENT, "bupati_walikota"),
}
_LISTS: Final = ("DPT", "DPTB", "DPK", "DIS")
_HOWS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("TEIEPON", "TEIP", "TEIPON"), "telepon"),
    **dict.fromkeys(("RADIO", "HT"), "radio"),
    **dict.fromkeys(("WHATSAPP", "WA"), "whatsapp"),
    "SMS": "sms",
    "KURIR": "kurir",
    "IAIN": "lain",
}

_content = msgspec.json.Decoder(r.Said)


class Day(msgspec.Struct, frozen=True):
    """An operation as texts are read in it."""

    words: Words
    catalogue: Catalogue


class Understood(msgspec.Struct, frozen=True):
    """What a statement reports. `corrects`: instead of the sender's last word; without content that is withdrawn."""

    said: str
    """As it is said back: `BUKA 07.05`."""
    observed_at: datetime.datetime
    content: r.Said | None = None
    corrects: bool = False
    reason: str = REASON


def understand(words: tuple[str, ...], day: Day, place: str, clock: Clock) -> Understood:
    """What a statement about a TPS reports. Raises NotUnderstood, naming the part."""
    found = head(words, day.words)
    if found.meaning.kind == "cancel":
        reason = " ".join(found.rest)
        return Understood("BATAL", clock.sent_at, None, True, _bounded(reason, 500) if len(reason) >= 3 else REASON)
    if found.meaning.kind == "correct":
        inner = head(found.rest, day.words)
        said = _read(inner, day, place, clock)
        return msgspec.structs.replace(said, said=f"RALAT {said.said}", corrects=True)
    return _read(found, day, place, clock)


def is_help(words: tuple[str, ...], day: Day) -> bool:
    """Whether a statement asks how to write one."""
    try:
        return head(words, day.words).meaning.kind == "help"
    except NotUnderstood:
        return False


def subject_of(content: r.Said) -> str:
    """The name of what a report is about, as the operation's catalogue calls it."""
    match content:
        case r.Milestone(milestone=name):
            return f"milestone.{name}"
        case r.Count(contest=kind) | r.Ballots(contest=kind):
            return f"{content.__struct_config__.tag}.{kind}"
        case _:
            return str(content.__struct_config__.tag)


def _read(found: Head, day: Day, place: str, clock: Clock) -> Understood:
    match found.meaning.kind:
        case "not":
            return _not_possible(found, day, clock)
        case "count":
            return _count(found, day.catalogue, place, clock)
        case "milestone" | "turnout" | "custody" | "incident" | "nihil" | "unreachable":
            return _READERS[found.meaning.kind](found, clock)
        case _:
            raise NotUnderstood(" ".join((found.said, *found.rest)))


def _milestone(found: Head, clock: Clock) -> Understood:
    at, rest = clock.read(found.rest)
    _nothing_left(rest)
    return _made({"kind": "milestone", "milestone": found.meaning.about}, at, found.said.upper(), clock)


def _not_possible(found: Head, day: Day, clock: Clock) -> Understood:
    whole = " ".join((found.said, *found.rest))
    inner = head(found.rest, day.words)
    if inner.meaning.kind != "milestone":
        raise NotUnderstood(whole)
    at, rest = clock.read(inner.rest)
    reason = " ".join(rest)
    if sum(map(str.isalpha, reason)) < 3:
        raise NotUnderstood(whole, "sebabnya?")
    said = {"kind": "milestone", "milestone": inner.meaning.about, "possible": False, "reason": _bounded(reason, 500)}
    return _made(said, at, f"TIDAK {inner.said.upper()}", clock)


def _turnout(found: Head, clock: Clock) -> Understood:
    rest, lists, name = found.rest, dict[str, dict[str, int]](), "DPT"
    while rest:
        if fold(rest[0]) in _LISTS:
            name, rest = fold(rest[0]), rest[1:]
        pair, after = _pair(rest)
        if pair is None or name in lists:
            break
        lists[name], rest, name = pair, after, ""
    at, rest = clock.read(rest)
    if "DPT" not in lists or rest:
        raise NotUnderstood(" ".join((found.said, *found.rest)), "tulis L/P: HADIR 60/62 DPTB 0/1 DPK 2/0")
    none = {"l": 0, "p": 0}
    dpt, dptb, dpk = lists["DPT"], lists.get("DPTB", none), lists.get("DPK", none)
    disabled = {"disabled": lists["DIS"]} if "DIS" in lists else {}
    said = {"kind": "turnout", "dpt": dpt, "dptb": dptb, "dpk": dpk, **disabled}
    label = " ".join(
        [f"HADIR {dpt['l']}/{dpt['p']}", *(f"{n} {v['l']}/{v['p']}" for n, v in lists.items() if n != "DPT")]
    )
    return _made(said, at, label, clock)


def _pair(words: tuple[str, ...]) -> tuple[dict[str, int] | None, tuple[str, ...]]:
    """Men and women: `60/62`, or `L 60 P 62`."""
    match words:
        case [pair, *rest] if pair.count("/") == 1:
            numbers = [number(part) for part in pair.split("/")]
        case [men, first, women, second, *rest] if fold(men) == "I" and fold(women) == "P":
            numbers = [number(first), number(second)]
        case _:
            return None, words
    if None in numbers:
        return None, words
    return {"l": numbers[0] or 0, "p": numbers[1] or 0}, tuple(rest)


def _count(found: Head, catalogue: Catalogue, place: str, clock: Clock) -> Understood:
    whole = " ".join((found.said, *found.rest))
    contest, rest = _contest(found, catalogue, place)
    numbers: list[int | None] = []
    while rest and any(c.isdigit() for c in rest[0]):
        numbers += [number(part) for part in re.split(r"[/,-]", rest[0].strip(","))]
        rest = rest[1:]
    if rest and fold(rest[0]) == "KOSONG":
        empty = [p.number for p in contest.paslon if p.is_empty_box]
        if len(rest) < 2 or empty != [contest.numbers[-1]]:
            raise NotUnderstood(whole, "tidak ada kotak kosong" if not empty else _shape(contest))
        numbers, rest = [*numbers, number(rest[1])], rest[2:]
    rest = (
        rest[2:]
        if [fold(w) for w in rest[:2]] == ["TIDAK", "SAH"]
        else rest[1:]
        if rest and fold(rest[0]) == "TS"
        else ()
    )
    invalid = number(rest[0]) if rest else None
    if len(numbers) != len(contest.numbers) or None in numbers or invalid is None:
        raise NotUnderstood(whole, _shape(contest))
    at, rest = clock.read(rest[1:])
    _nothing_left(rest)
    votes = [n or 0 for n in numbers]
    said = {
        "kind": "count",
        "contest": contest.kind,
        "votes": {str(n): v for n, v in zip(contest.numbers, votes, strict=True)},
        "valid": sum(votes),
        "invalid": invalid,
    }
    name = "GUB" if contest.kind == "gubernur" else "BUP/WALI"
    return _made(said, at, f"SUARA {name} {'/'.join(map(str, votes))} TS {invalid}", clock)


def _contest(found: Head, catalogue: Catalogue, place: str) -> tuple[Contest, tuple[str, ...]]:
    """The contest that is named, or the only one at the TPS."""
    whole = " ".join((found.said, *found.rest))
    held = [c for kind in get_args(r.ContestKind) if (c := catalogue.contest_of(kind, place))]
    kind = _CONTESTS.get(fold(found.rest[0])) if found.rest else None
    named = [c for c in held if kind in (None, c.kind)]
    if len(named) != 1:
        raise NotUnderstood(whole, "SUARA GUB atau SUARA BUP/WALI?" if named else "pemilihan itu tidak ada di TPS ini")
    return named[0], found.rest if kind is None else found.rest[1:]


def _shape(contest: Contest) -> str:
    return f"tulis SUARA {'/'.join(chr(ord('a') + n) for n in range(len(contest.numbers)))} TS n"


def _custody(found: Head, clock: Clock) -> Understood:
    rest = found.rest[1:] if found.rest and fold(found.rest[0]) == "DI" else found.rest
    folds = [fold(w) for w in rest[:3]]
    if len(folds) < 3 or folds[0] not in _HOLDERS or folds[1] != "SEGEI" or folds[2] not in _SEALED:
        raise NotUnderstood(" ".join((found.said, *found.rest)), "tulis KOTAK DI PPS SEGEL UTUH (atau RUSAK)")
    at, left = clock.read(rest[3:])
    _nothing_left(left)
    holder, sealed = _HOLDERS[folds[0]], _SEALED[folds[2]]
    label = f"KOTAK DI {holder.upper()} SEGEL {'UTUH' if sealed else 'RUSAK'}"
    return _made({"kind": "custody", "holder": holder, "sealed": sealed}, at, label, clock)


def _incident(found: Head, clock: Clock) -> Understood:
    whole = " ".join((found.said, *found.rest))
    rest, severity, occurrence, at = found.rest, None, "terjadi", clock.sent_at
    while rest:
        word = fold(rest[0])
        if severity is None and word in _SEVERITIES:
            severity, rest = _SEVERITIES[word], rest[1:]
        elif word in _OCCURRENCES:
            occurrence, rest = _OCCURRENCES[word], rest[1:]
        elif at is clock.sent_at and (read := clock.read(rest))[1] is not rest:
            at, rest = read
        else:
            break
    if severity is None:
        raise NotUnderstood(whole, f"{found.said.upper()} rendah, sedang, tinggi atau kritis?")
    said = {
        "kind": "incident",
        "category": found.meaning.about,
        "severity": severity,
        "occurrence": occurrence,
        "text": _bounded(" ".join(rest) or whole, 2000),
    }
    return _made(said, at, f"{found.said.upper()} {severity}", clock)


def _nihil(found: Head, clock: Clock) -> Understood:
    at, rest = clock.read(found.rest)
    note = " ".join(rest)
    return _made({"kind": "nihil", **({"note": _bounded(note, 2000)} if note else {})}, at, "NIHIL", clock)


def _unreachable(found: Head, clock: Clock) -> Understood:
    rest, attempts = found.rest, list[dict[str, str]]()
    while rest and (how := _HOWS.get(fold(rest[0]))):
        at, rest = clock.read(rest[1:])
        attempts.append({"at": at.isoformat(), "how": how})
    if not attempts or rest:
        raise NotUnderstood(" ".join((found.said, *found.rest)), "tulis TIDAK TERJANGKAU TELEPON 0705 RADIO 0710")
    last = max(datetime.datetime.fromisoformat(a["at"]) for a in attempts)
    return _made({"kind": "unreachable", "attempts": attempts}, last, "TIDAK TERJANGKAU", clock)


_READERS: Final[Mapping[str, Callable[[Head, Clock], Understood]]] = {
    "milestone": _milestone,
    "turnout": _turnout,
    "custody": _custody,
    "incident": _incident,
    "nihil": _nihil,
    "unreachable": _unreachable,
}


def _made(content: Mapping[str, object], at: datetime.datetime, label: str, clock: Clock) -> Understood:
    """The content within the rules of reports; numbers beyond them are not understood."""
    try:
        said = _content.decode(msgspec.json.encode(content))
    except msgspec.ValidationError:
        raise NotUnderstood(label, f"angka 0 sampai {r.NUMBER_LIMIT}") from None
    if at is not clock.sent_at or content["kind"] == "milestone":  # its hour is what it says
        zone = datetime.timezone(datetime.timedelta(hours=clock.utc_offset))
        label = f"{label} {at.astimezone(zone):%H.%M}"
    return Understood(label, at, said)


def _nothing_left(words: tuple[str, ...]) -> None:
    if words:
        raise NotUnderstood(" ".join(words))


def _bounded(text: str, limit: int) -> str:
    return text.replace("\0", "")[:limit]
