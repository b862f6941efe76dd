"""What an incident does, said again in plain Python: the oracle of test_machine. Times are minutes of the day."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

SEVERITIES: Final = ("rendah", "sedang", "tinggi", "kritis")
OPEN: Final = ("baru", "diterima", "ditangani", "dibuka_kembali")
OVER: Final = ("selesai", "ditutup")
COUNTED: Final = OPEN + OVER
ROOT_LEVEL: Final = 2
TOP_REST: Final = {"kritis": 30}
MOVES: Final[Mapping[str, Mapping[str, str]]] = {
    "acknowledgement": {s: "ditangani" if s == "ditangani" else "diterima" for s in OPEN},
    "handling": {"diterima": "ditangani"},
    "resolution": {"diterima": "selesai", "ditangani": "selesai"},
    "closure": {"selesai": "ditutup"},
    "reopening": dict.fromkeys(OVER, "dibuka_kembali"),
    "merge": dict.fromkeys((*OPEN, "selesai"), "digabung"),
    "void": dict.fromkeys((*OPEN, "selesai"), "batal"),
    "comment": {s: s for s in (*COUNTED, "digabung", "batal")},
    **{a: {s: s for s in OPEN} for a in ("owner", "snooze", "escalation", "delegation", "referral", "advice")},
    **{
        a: {s: s for s in COUNTED}
        for a in ("verification", "classification", "parent", "referral_done", "advice_given", "location")
    },
}


@dataclasses.dataclass(frozen=True)
class Rule:
    """Steps are (tier, minutes after the step before); `quiet` None: what was accepted never climbs again."""

    steps: tuple[tuple[int, int], ...]
    repeats: int
    repeat_after: int
    quiet: int | None
    acknowledge: int
    resolve: int


class Illegal(Exception):
    """PK411: the reason is the database's to word."""


class Unknown(Exception):
    """PK406."""


@dataclasses.dataclass
class Case:
    """One incident and its climbing."""

    level: int
    severity: str
    category: str
    now: int
    rules: dataclasses.InitVar[Mapping[str, Rule]]
    status: str = "baru"
    reports: int = 1
    entries: int = 1
    is_acknowledged: bool = False
    is_overdue: bool = False
    parent: Case | None = None
    merged_into: Case | None = None
    round: int = 1
    held: int | None = None
    fired: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    requests: list[str | None] = dataclasses.field(default_factory=list)
    """Of each question and referral its kind while it is open."""
    last: Any = None
    """Who did what, how, when: said again within ten minutes it is the same."""
    was_lowered: bool = False
    alleged: str | None = None
    delegations: int = 0
    classifications: int = 0
    live: dict[Any, tuple[str, str]] = dataclasses.field(default_factory=dict)
    """Severity and category of its reports that nobody has corrected, by their ids."""
    was_touched: bool = False
    """Accepted, classified or voided by people: it follows its reports no longer."""

    def __post_init__(self, rules: Mapping[str, Rule]) -> None:
        self.peak = self.severity
        self.climb_by(rules[self.severity], self.now)
        self.repeats = self.rule.repeats
        self.tier = self.steps[0][0]
        self.acknowledge_by, self.resolve_by = self.now + self.rule.acknowledge, self.now + self.rule.resolve

    def climb_by(self, rule: Rule, now: int) -> None:
        self.rule = rule
        self.steps = [s for s in rule.steps if ROOT_LEVEL <= s[0] <= min(self.level, 5)]
        self.state, self.step = "climbing", 1
        self.next_at: int | None = now + self.steps[0][1]

    @property
    def grave(self) -> str:
        """What it climbs as."""
        return self.alleged or self.severity

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def takes_reports(self) -> bool:
        return self.is_open or (self.status == "batal" and not self.was_touched)

    @property
    def is_inhibited(self) -> bool:
        return (
            self.parent is not None
            and self.parent.is_open
            and SEVERITIES.index(self.parent.severity) >= SEVERITIES.index(self.grave)
        )

    def enter(self) -> None:
        self.entries += 1
        self.last = None

    def take(self, now: int) -> None:
        """The next step: told, and what comes after."""
        assert (self.round, self.step) not in self.fired
        self.fired.append((self.round, self.step))
        self.tier = min(self.tier, self.steps[self.step - 1][0])
        if self.step < len(self.steps):
            self.step, self.state, self.next_at = self.step + 1, "climbing", now + self.steps[self.step][1]
        elif self.round <= self.repeats:
            self.round, self.step, self.state, self.next_at = (
                self.round + 1,
                1,
                "climbing",
                now + self.rule.repeat_after,
            )
        else:
            self.state, self.next_at = "exhausted", None

    def turn(self, now: int) -> bool:
        """What the engine does with it at a moment; whether there was anything."""
        was_due = False
        while self.next_at is not None and self.next_at <= now:
            was_due = True
            if self.is_inhibited:
                self.next_at = now + 1
            else:
                self.take(now)
                self.enter()
        if self.is_open and not self.is_overdue and self.due <= now:
            self.is_overdue = was_due = True
            self.enter()
        return was_due

    @property
    def due(self) -> int:
        return self.resolve_by if self.is_acknowledged else self.acknowledge_by

    def refold(self, rules: Mapping[str, Rule], now: int) -> None:
        """What nobody has touched is as its reports say."""
        if self.was_touched or self.status not in ("baru", "batal"):
            return
        gravest = min(self.live.items(), key=lambda r: (-SEVERITIES.index(r[1][0]), r[0]), default=None)
        if gravest is None and self.status == "baru":
            self.enter()
            self.status, self.is_overdue, self.state, self.next_at = "batal", False, "stopped", None
        elif gravest is not None and (self.status == "batal" or gravest[1] != (self.severity, self.category)):
            self.enter()
            was_void, self.status = self.status == "batal", "baru"
            was, (self.severity, self.category) = self.severity, gravest[1]
            self.climb_anew(rules, now, was, was_void=was_void)
            self.is_overdue = self.is_overdue and now >= self.acknowledge_by

    def act(
        self, cases: list[Case], rules: Mapping[str, Rule], level: int, action: str, now: int, said: Mapping[str, Any]
    ) -> None:
        """One action of a desk of a level, or why not; nothing has changed where it raises."""
        to = MOVES[action].get(self.status)
        if to is None:
            raise Illegal
        before = self.status
        getattr(self, f"_{action}", lambda *_: None)(cases, rules, level, now, said)
        self.status = to
        self.was_touched |= action in ("acknowledgement", "classification", "void", "reopening")
        self.enter()
        if before == "digabung" or before == "batal":
            return
        if self.is_overdue and (not self.is_open or now < self.due):
            self.is_overdue = False
        if (
            self.state == "accepted"
            and action != "classification"
            and (action == "acknowledgement" or now < self.resolve_by)
        ):
            quiet = self.rule.quiet
            self.next_at = None if quiet is None else max(now + quiet, self.held or 0)
        elif self.state == "stopped":
            self.next_at = None

    def _acknowledgement(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        if level > self.tier or (self.status in ("diterima", "ditangani") and self.state == "accepted"):
            raise Illegal
        self.is_acknowledged = True
        self.round += (self.round, self.step) in self.fired
        self.state = "accepted"

    def _resolution(self, *_: Any) -> None:
        self.state = "stopped"

    _void = _resolution

    def _reopening(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        self.is_acknowledged = False
        self.acknowledge_by, self.resolve_by = now + self.rule.acknowledge, now + self.rule.resolve
        self.repeats += self.round
        self.state, self.round, self.step, self.held = "climbing", self.round + 1, 1, None
        self.next_at = now + self.steps[0][1]

    def _merge(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        into = said["into"]
        if into is None:
            raise Unknown
        if into is self or into.status in ("digabung", "batal", "ditutup"):
            raise Illegal
        if SEVERITIES.index(self.grave) > SEVERITIES.index(into.severity):
            raise Illegal
        into.reports, self.reports = into.reports + self.reports, 0
        into.live, self.live = into.live | self.live, {}
        for other in cases:
            if other.merged_into is self:
                other.merged_into = into
        whole = into.parent if into.parent not in (None, self) else into
        for other in [c for c in cases if c.parent is self]:
            other.parent = None if other is whole else whole
        into.enter()
        self.merged_into = into
        self.state = "stopped"

    def _classification(self, cases: list[Case], rules: Mapping[str, Rule], level: int, now: int, said: Any) -> None:
        if self.classifications == 20:
            raise Illegal
        self.classifications += 1
        was, before = self.grave, self.category
        self.category, self.severity, self.alleged = said["category"], said["severity"], None
        if (before, was) != (self.category, self.severity) and self.is_open:
            self.climb_anew(rules, now, was)
        self.peak = max(self.peak, self.severity, key=SEVERITIES.index)

    def allege(self, rules: Mapping[str, Rule], now: int, severity: str) -> None:
        """A report of it, which people have in hand, says that it is graver than they think."""
        was = self.grave
        if self.was_touched and self.is_open and SEVERITIES.index(severity) > SEVERITIES.index(was):
            self.alleged = severity
            self.climb_anew(rules, now, was, is_alleged=True)
            self.enter()

    def climb_anew(  # noqa: C901 - one rule after the other, as they are said
        self, rules: Mapping[str, Rule], now: int, was: str, *, was_void: bool = False, is_alleged: bool = False
    ) -> None:
        grave, before = SEVERITIES.index(self.grave), SEVERITIES.index(was)
        is_peak = grave > SEVERITIES.index(self.peak)
        if grave > before:
            self.held = None
        state, next_at, tier, rule = self.state, self.next_at, self.steps[self.step - 1][0], self.rule
        self.round += 1
        self.climb_by(rules[self.grave], now)
        self.repeats = self.round - 1 + self.rule.repeats
        is_again = grave > before and not is_peak
        if is_again or (not is_peak and state in ("climbing", "accepted")):
            on = next((i for i, s in enumerate(self.steps, 1) if s[0] <= tier), len(self.steps))
            above = next((i for i, s in enumerate(self.steps, 1) if s[0] < self.tier), on)
            self.step = above if is_again else on
        self.next_at = max(now + self.steps[self.step - 1][1], self.held or 0)
        if is_again:
            self.next_at = now
        elif not is_peak and state in ("climbing", "accepted") and next_at is not None:
            self.next_at = min(self.next_at, next_at)
        if state == "accepted" and not is_alleged:
            quiet = None if self.rule.quiet is None else max(now + self.rule.quiet, self.held or 0)
            self.state = "accepted"
            self.next_at = min((t for t in (next_at, quiet) if t is not None), default=None)
        for hours in ("acknowledge", "resolve"):
            by, within = getattr(self, f"{hours}_by"), getattr(self.rule, hours)
            if hours == "acknowledge" and self.is_acknowledged:
                continue
            if was_void:
                by = now + within
            elif is_peak or grave == before:
                by = min(by, now + within)
            else:
                by += within - getattr(rule, hours)
            setattr(self, f"{hours}_by", by)
        if is_peak:
            self.peak = self.grave

    def _parent(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        whole = said["parent"]
        if whole is not None and (
            whole is self or any(c.parent is self for c in cases) or whole.parent is not None or not whole.is_open
        ):
            raise Illegal
        self.parent = whole

    def _snooze(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        if self.state == "exhausted" or said["minutes"] > TOP_REST.get(self.grave, 240):
            raise Illegal
        if self.held is not None and self.next_at is not None and self.next_at <= self.held:
            raise Illegal
        self.held = now + said["minutes"]
        self.next_at = max(self.next_at or 0, self.held)

    def _delegation(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        if level > self.tier or not self.tier < said["tier"] <= min(self.level, 5):
            raise Illegal
        if self.delegations == 3:
            raise Illegal
        self.delegations += 1
        self.tier, self.was_lowered = said["tier"], True
        self.state, self.round, self.held = "climbing", self.round + 1, None
        self.step = next((i for i, s in enumerate(self.steps, 1) if s[0] <= self.tier), 1)
        self.next_at = min(now + self.steps[self.step - 1][1], self.next_at or 10**9)

    def _escalation(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        step = next((i for i, s in enumerate(self.steps, 1) if s[0] < self.tier), None)
        if step is None:
            raise Illegal
        self.round += any(r == self.round and s >= step for r, s in self.fired)
        self.step, self.state, self.held = step, "climbing", None
        self.take(now)

    def _referral(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        self.requests.append("referral")

    def _advice(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        self.requests.append("advice")

    def _answer(self, kind: str, number: int) -> None:
        if not 1 <= number <= len(self.requests) or self.requests[number - 1] != kind:
            raise Illegal
        self.requests[number - 1] = None

    def _referral_done(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        self._answer("referral", said["number"])

    def _advice_given(self, cases: list[Case], rules: Any, level: int, now: int, said: Any) -> None:
        self._answer("advice", said["number"])
