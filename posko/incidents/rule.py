"""The rules of an operation: who is told when; and what its incidents can be about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from posko.errors import FieldError, Invalid
from posko.incidents.incident import TIERS, Tier
from posko.reports.report import SEVERITIES, Category, Severity
from posko.silence.silence import ALARM_KINDS

RULES_LIMIT: Final = 100
CATEGORIES_LIMIT: Final = 200

Minutes: TypeAlias = Annotated[int, Meta(ge=1, le=10_080)]
Label: TypeAlias = Annotated[str, Meta(min_length=1, max_length=80)]


class StepIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rung: which tier is told, how long after the rung before, how; an alarm's at once at `share` per cent."""

    tier: Tier
    after_s: Annotated[int, Meta(ge=0, le=604_800)]
    channels: Annotated[list[Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,30}$")]], Meta(max_length=8)] = []
    share: Annotated[int, Meta(ge=1, le=100)] | None = None


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of an operation's rules the first that fits is taken: null fits anything.

    `kinds` are categories of incidents (a main one covers its own), or kinds of alarms. What is accepted climbs again
    when nothing was heard for `quiet_after_min`; after the last step everything is repeated `repeats` times.
    """

    name: Label
    about: Literal["incident", "alarm", "directive"]
    kinds: Annotated[list[Annotated[str, Meta(max_length=62)]], Meta(min_length=1, max_length=60)] | None = None
    severities: Annotated[list[Severity], Meta(min_length=1, max_length=4)] | None = None
    stages: Annotated[list[Annotated[str, Meta(max_length=31)]], Meta(min_length=1, max_length=20)] | None = None
    steps: Annotated[list[StepIn], Meta(min_length=1, max_length=12)]
    repeats: Annotated[int, Meta(ge=0, le=9)] = 0
    repeat_after_min: Minutes = 30
    quiet_after_min: Minutes | None = None
    acknowledge_within_min: Minutes
    resolve_within_min: Minutes


class Rules(msgspec.Struct, frozen=True):
    """What holds now: of `operation`, or (0) what holds for all that have no rules of their own."""

    operation: int
    version: int
    rules: list[Rule]


class CategoryIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an incident can be about; `logistik.kurang` is one of `logistik`."""

    code: Category
    label_id: Label
    label_en: Label


class Stage(msgspec.Struct, frozen=True):
    """A stretch of the election, from an hour of a day counted from the voting day, local to the place."""

    code: str
    label_id: str
    label_en: str
    day: int
    begins: str


class Taxonomy(msgspec.Struct, frozen=True):
    """What incidents can be about, in which version, and the stages that rules speak of."""

    version: int
    categories: list[CategoryIn]
    stages: list[Stage]


def as_rows(rules: list[Rule]) -> str:
    """The rules as the database takes them; a set that leaves something without a rule is Invalid."""
    for about, what in _uncovered(rules):
        message = f"no rule fits every {about} {what}: one must, whatever its stage"
        raise Invalid(message, errors=[FieldError("$", "rule-for-everything", message)])
    rows = []
    for rule in rules:
        row = msgspec.to_builtins(rule)
        row["severities"] = None if rule.severities is None else [SEVERITIES.index(s) + 1 for s in rule.severities]
        row["steps"] = [{**msgspec.to_builtins(s), "tier": TIERS.index(s.tier)} for s in rule.steps]
        rows.append(row)
    return msgspec.json.encode(rows).decode()


def _uncovered(rules: list[Rule]) -> Iterator[tuple[str, str]]:
    """What could happen and no rule would speak of."""
    always = [r for r in rules if not r.stages]
    for severity in SEVERITIES:
        if not any(r.about == "incident" and not r.kinds and severity in (r.severities or SEVERITIES) for r in always):
            yield "incident", severity
    for kind in ALARM_KINDS:
        if kind == "webhook":  # posko's own rule stands in: rules are older than webhooks
            continue
        if not any(r.about == "alarm" and not r.severities and kind in (r.kinds or ALARM_KINDS) for r in always):
            yield "alarm", kind
    if not any(r.about == "directive" and not r.kinds and not r.severities for r in always):
        yield "directive", "past its deadline"


def from_row(row: dict[str, object]) -> Rule:
    """A rule as the database has it."""
    steps = msgspec.json.decode(str(row["steps"]))
    severities = row["severities"]
    return msgspec.convert(
        {
            **{k: row[k] for k in Rule.__struct_fields__ if k not in ("steps", "severities")},
            "severities": [SEVERITIES[i - 1] for i in severities] if isinstance(severities, list) else None,
            "steps": [{**s, "tier": TIERS[s["tier"]]} for s in steps],
        },
        Rule,
    )
