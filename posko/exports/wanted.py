"""What somebody wants to take along: which table, and what of it, as the address of its view says it."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

import msgspec
from litestar.params import Parameter

from posko import terms
from posko.accounts.account import USERNAME_PATTERN, Viewer
from posko.accounts.staffing import DeskState
from posko.directives.directive import TargetFilter
from posko.errors import broken
from posko.exports.table import What
from posko.exports.words import Language
from posko.incidents.incident import LOOKED_FOR_PATTERN, Filter, Status, Tier
from posko.regions.routes import COUNTER_PATTERN
from posko.reports.report import CATEGORY_PATTERN, FlagKind, Severity
from posko.silence.silence import AlarmKind

COLOUR_PATTERN = r"^[a-z][a-z_]{1,40}$(?!\n)"
ONLY_PATTERN = r"^[a-z0-9_]{1,20}(,[a-z0-9_]{1,20}){0,9}$(?!\n)"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One table. What another one asks for is not looked at."""

    what: What
    language: Language
    sort: str
    descending: bool
    counter: str | None
    severities: list[Severity] | None
    kind: FlagKind | None
    cases: Filter
    alarm: AlarmKind | None
    standing: bool
    directive: uuid.UUID | None
    target: TargetFilter | None
    level: int | None
    desk: DeskState | None
    colour: str | None
    only: frozenset[str]
    since: datetime.datetime | None
    until: datetime.datetime | None

    @property
    def severity(self) -> Severity | None:
        """The one severity of a list that is of one, or of all."""
        if self.severities is None:
            return None
        if len(self.severities) > 1:
            raise broken("$.severity", "one", "one severity, or none")
        return self.severities[0]

    @property
    def detail(self) -> str | None:
        """What the log says of it; words that were looked for are nobody's business."""
        cases, directive = self.cases, None if self.directive is None else str(self.directive)
        which = [None if cases.overdue is None else "overdue" if cases.overdue else "not-overdue"]
        which += ["watched" if cases.watched_by is not None else None]
        said: dict[str, list[str | None]] = {
            "tps": [self.counter],
            "flags": [self.kind],
            "flag-history": [self.kind],
            "incidents": [
                *(cases.status or []),
                *(self.severities or []),
                cases.category,
                cases.tier,
                cases.owner,
                *which,
            ],
            "alarms": [self.alarm, "standing" if self.standing else "closed"],
            "directive-targets": [directive, self.target],
            "directive-compliance": [directive],
            "desks": [self.desk, None if self.level is None else f"level {self.level}"],
            "cells": [self.colour, *sorted(self.only)],
        }
        return " ".join(each for each in said.get(self.what, [*(self.severities or [])]) if each) or None


async def which_incidents(
    viewer: Viewer,
    severity: Annotated[
        list[Severity] | None, Parameter(max_items=4, description="Of `incident-reports` (one) and `incidents`")
    ] = None,
    status: Annotated[
        list[Status] | None, Parameter(max_items=8, description="Of `incidents`, as all down to `q`")
    ] = None,
    category: Annotated[str | None, Parameter(pattern=CATEGORY_PATTERN)] = None,
    tier: Tier | None = None,
    overdue: bool | None = None,
    owner: Annotated[str | None, Parameter(pattern=USERNAME_PATTERN)] = None,
    watched: bool = False,
    words: Annotated[str | None, Parameter(query="q", pattern=LOOKED_FOR_PATTERN, max_length=200)] = None,
) -> Filter:
    """Which incidents, as their list is asked."""
    return Filter(
        severity=severity,
        status=status,
        category=category,
        tier=tier,
        overdue=overdue,
        owner=owner,
        watched_by=viewer.account_id if watched else None,
        words=terms.without_nul(words),
    )


async def wanted(
    what: Annotated[What, Parameter(description="The table of the region, or a list that is shown of it")],
    cases: Filter,
    counter: Annotated[str | None, Parameter(pattern=COUNTER_PATTERN, description="Of `tps`: the number")] = None,
    kind: Annotated[FlagKind | None, Parameter(description="Of `flags`, `flag-history`")] = None,
    alarm: Annotated[AlarmKind | None, Parameter(description="Of `alarms`: of one kind")] = None,
    standing: Annotated[bool, Parameter(description="Of `alarms`: those that stand, or those that have ended")] = True,
    directive: Annotated[
        uuid.UUID | None, Parameter(description="Of `directive-targets`, `directive-compliance`")
    ] = None,
    target: Annotated[TargetFilter | None, Parameter(query="state", description="Of `directive-targets`")] = None,
    level: Annotated[int | None, Parameter(ge=0, le=5, description="Of `desks`")] = None,
    desk_state: Annotated[DeskState | None, Parameter(query="desk", description="Of `desks`: in one state")] = None,
    colour: Annotated[
        str | None,
        Parameter(
            pattern=COLOUR_PATTERN, description="Of `cells`: a milestone, or diam, kejadian, tanda, polri, bawaslu"
        ),
    ] = None,
    only: Annotated[
        str | None, Parameter(pattern=ONLY_PATTERN, description="Of `cells`: TPS in these classes, apart by commas")
    ] = None,
    since: Annotated[datetime.datetime | None, Parameter(description="Of `curves`, as `until`")] = None,
    until: datetime.datetime | None = None,
    sort: Annotated[
        str,
        Parameter(
            pattern=r"^[a-z][a-z_]{1,40}(\.(late|unreported))?$(?!\n)",
            description="Of `rekap`: code, coverage, incidents, flags, alarms, turnout, a milestone or its `.late`;"
            " of `incidents`: severity, else the last opened first",
        ),
    ] = "code",
    descending: Annotated[bool, Parameter(description="Of `rekap`")] = False,
    language: Annotated[Language, Parameter(description="Of the words")] = "id",
) -> Wanted:
    """One table, out of the parameters of the address."""
    return Wanted(
        what=what,
        language=language,
        sort=sort,
        descending=descending,
        counter=counter,
        severities=cases.severity,
        kind=kind,
        cases=cases,
        alarm=alarm,
        standing=standing,
        directive=directive,
        target=target,
        level=level,
        desk=desk_state,
        colour=colour,
        only=frozenset(only.split(",") if only else ()),
        since=terms.aware("$.since", since),
        until=terms.aware("$.until", until),
    )
