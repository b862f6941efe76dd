"""What a report means for its place: its subject, its counters, its weight; the hard rules of the domain."""

from __future__ import annotations

import datetime
import uuid
from typing import Final

import msgspec

from posko import terms
from posko.accounts.account import Viewer
from posko.errors import NotAllowed, OperationUnknown, PlaceUnknown, broken
from posko.regions.catalogue import Catalogue
from posko.reports import names
from posko.reports import report as r

EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
NOT_POSSIBLE_WEIGHT: Final = 1 << 61
"""A milestone that was reached outweighs every word that it would not be."""

_MICROSECOND: Final = datetime.timedelta(microseconds=1)
_OF_REGIONS_TOO: Final = (r.Incident, r.Nihil, r.Unreachable, r.Correction)
_body_of = msgspec.json.Encoder()


class Planned(msgspec.Struct, frozen=True):
    """One report as the database takes it; of a subject's live reports the least (weight, id) counts."""

    id: uuid.UUID
    account_id: int
    seat_id: int | None
    on_behalf_of: str | None
    """A keyed digest; the name itself is among `persons`."""
    persons: str | None
    """Names to be kept apart: a JSON array of {position, part, name}."""
    place: str
    subject_id: int | None
    weight: int
    observed_at: datetime.datetime
    corrects: uuid.UUID | None
    vals: str
    body: str


def plan(viewer: Viewer, report_id: uuid.UUID, report: r.ReportIn, catalogue: Catalogue) -> Planned:
    """The report as the database takes it, or the rule that it breaks."""
    content = report.content
    said: r.Said | None
    corrects: uuid.UUID | None = None
    path = "$.content"
    if isinstance(content, r.Correction):
        said, corrects, path = content.replacement, content.of, "$.content.replacement"
        if corrects == report_id:
            raise broken("$.content.of", "correction-of-another", "a report cannot correct itself")
    else:
        said = content
    _check_envelope(viewer, report_id, report, catalogue)
    # Asked for by name: four in five reports cannot promise any, and need not be told apart for it.
    promises = getattr(said, "photos", None) or getattr(said, "voice", None)
    _check_words(_without_promises(report, said, path) if promises else report)
    if isinstance(said, r.Incident):
        _check_category(said.category, catalogue, path)
    subject, counters, is_late_word = (None, [], True) if said is None else _read(said, report.place, catalogue, path)
    moment = (report.observed_at - EPOCH) // _MICROSECOND
    kept, persons = names.kept_apart(report, catalogue.name_key)
    return Planned(
        id=report_id,
        account_id=viewer.account_id,
        seat_id=viewer.seat_id,
        on_behalf_of=kept.on_behalf_of,
        persons=persons,
        place=report.place,
        subject_id=None if subject is None else catalogue.subjects[subject].id,
        weight=-moment if is_late_word else moment + (0 if counters[0] else NOT_POSSIBLE_WEIGHT),
        observed_at=report.observed_at,
        corrects=corrects,
        vals="{" + ",".join(map(str, counters)) + "}",
        body=_body_of.encode(
            r.ReportIn(
                report.operation,
                report.place,
                report.observed_at,
                kept.content,
                report.channel,
                kept.on_behalf_of,
                report.restricted,
                report.clock_skew_s,
            )
        ).decode(),
    )


def _check_envelope(viewer: Viewer, report_id: uuid.UUID, report: r.ReportIn, catalogue: Catalogue) -> None:
    if report_id.version != 7:
        raise broken("$.id", "uuid-v7", "the id must be a UUID of version 7, made by the client")
    viewer.require_operation(report.operation, None)
    if not viewer.overlaps(catalogue.root_code):
        raise OperationUnknown(f"there is no operation {report.operation}")
    if report.restricted and not _may_be_restricted(report.content):
        raise broken("$.restricted", "restricted-incident", "only an incident and its correction may be terbatas")
    if not terms.contains(catalogue.root_code, report.place):
        raise broken("$.place", "place-of-operation", f"{report.place} is not in operation {report.operation}")
    if not viewer.can_see(report.place):
        # Out of scope answers as what does not exist.
        raise PlaceUnknown(f"there is no {report.place} in operation {report.operation}")
    terms.require_years("$.observed_at", report.observed_at)
    if terms.level_of(report.place) is not terms.Level.tps and not isinstance(report.content, _OF_REGIONS_TOO):
        raise broken("$.place", "place-is-tps", f"this kind of report is about a TPS; {report.place} is a region")
    if report.on_behalf_of is not None and viewer.role == "petugas":
        raise NotAllowed("only a desk files on behalf of another")


def _check_words(report: r.ReportIn) -> None:
    """No NIK in what people write; numbers alone need no look."""
    said = report.content
    terms.refuse_nik("$.on_behalf_of", report.on_behalf_of or "")
    if isinstance(said, r.Turnout | r.Ballots | r.Count) or (isinstance(said, r.Milestone) and said.reason is None):
        return
    terms.refuse_nik("$.content", _body_of.encode(said).decode())


def _without_promises(report: r.ReportIn, said: r.Said | None, path: str) -> r.ReportIn:
    """The report without what it promises, each photo once: a hash may hold sixteen digits by chance."""
    assert isinstance(said, r.Photographed)
    if len({p.sha256 for p in said.photos}) < len(said.photos):
        raise broken(f"{path}.photos", "photo-once", "each photo is promised once")
    bare: r.Said = msgspec.structs.replace(said, photos=[], voice=None)
    if isinstance(report.content, r.Correction):
        return msgspec.structs.replace(report, content=msgspec.structs.replace(report.content, replacement=bare))
    return msgspec.structs.replace(report, content=bare)


def _may_be_restricted(content: r.Content) -> bool:
    said = content.replacement if isinstance(content, r.Correction) else content
    return said is None or isinstance(said, r.Incident)


def _read(said: r.Said, place: str, catalogue: Catalogue, path: str) -> tuple[str, list[int], bool]:
    """Subject name, the subject's counters, and whether the latest word counts (else the first)."""
    match said:
        case r.Milestone():
            return _read_milestone(said, catalogue, path)
        case r.Turnout(dpt=dpt, dptb=dptb, dpk=dpk, disabled=disabled):
            return "turnout", [1, dpt.l, dpt.p, dptb.l, dptb.p, dpk.l, dpk.p, disabled.l, disabled.p], True
        case r.Ballots(contest=kind):
            _contest_numbers(kind, place, catalogue, path)
            return f"ballots.{kind}", [1, said.received, said.used, said.spoilt, said.unused], True
        case r.Count(contest=kind, votes=votes):
            numbers = _contest_numbers(kind, place, catalogue, path)
            if votes.keys() != set(numbers):
                raise broken(
                    f"{path}.votes", "every-paslon", f"must name each paslon once: {', '.join(map(str, numbers))}"
                )
            row = [votes.get(n, 0) for n in range(1, max(numbers) + 1)]
            return f"count.{kind}", [1, said.valid, said.invalid, *row], True
        case r.Custody(holder=holder, sealed=sealed):
            return "custody", [int(holder == h) for h in r.HOLDERS] + [int(not sealed)], True
        case r.Incident(severity=severity):
            return "incident", [int(severity == s) for s in r.SEVERITIES], True
        case r.Nihil():
            return "nihil", [1], True
        case r.Unreachable():
            return "unreachable", [1], True


def _check_category(category: str, catalogue: Catalogue, path: str) -> None:
    if category not in catalogue.categories:
        raise broken(f"{path}.category", "category-of-operation", f"this operation has no category {category!r}")


def _read_milestone(said: r.Milestone, catalogue: Catalogue, path: str) -> tuple[str, list[int], bool]:
    if said.milestone not in catalogue.milestones:
        raise broken(
            f"{path}.milestone", "milestone-of-operation", f"this operation has no milestone {said.milestone!r}"
        )
    if said.possible and said.reason is not None:
        raise broken(f"{path}.reason", "reason-when-not-possible", "a reason belongs to possible = false")
    if not said.possible and said.reason is None:
        raise broken(f"{path}.reason", "reason-when-not-possible", "say why it is not possible")
    return f"milestone.{said.milestone}", [1] if said.possible else [0, 0, 1], False


def _contest_numbers(kind: str, place: str, catalogue: Catalogue, path: str) -> tuple[int, ...]:
    contest = catalogue.contest_of(kind, place)
    if contest is None:
        raise broken(f"{path}.contest", "contest-of-place", f"there is no contest {kind} at {place}")
    return contest.numbers
