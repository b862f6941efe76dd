"""The day of one TPS, from the logistics of H-1 to the box at the kecamatan: ordinary, or under water."""

from __future__ import annotations

from typing import Final

import msgspec

from posko.reports.report import Incident, Milestone, Severity
from posko.simulation import incidents, numbers, phone
from posko.simulation.phone import Outgoing
from posko.simulation.roster import MINUTE_MS, Tps, draw, region_of
from posko.simulation.script import PRESSED_TOO_SOON, Script, World

LATE: Final = incidents.counted(incidents.LATE_OPENINGS)
EARLY: Final = incidents.counted(incidents.EARLY_COUNTS)
MISMATCH: Final = incidents.counted(incidents.TOTALS_MISMATCHES)

NOT_BEFORE_LATE_MIN: Final = 35
"""An opening counts as late from 07:35; the others open within ten minutes of 07:00."""

AFTER_OPENING: Final = (
    "voting_open", "dpk_voting", "voting_closed", "count_started", "count_finished", "c_hasil_signed", "c_hasil_posted",
    "box_sent", "box_pps", "box_ppk",
)  # fmt: skip


class Timetable(msgspec.Struct, frozen=True):
    """When this TPS really opens, closes and counts (milliseconds), and what is out of order about it."""

    opens_ms: int
    closes_ms: int
    count_starts_ms: int
    is_late: bool
    is_early: bool


def plan_tps(world: World, tps: Tps) -> list[Outgoing]:
    """Everything that is sent about one TPS, in the order in which it is sent; the same for the same world."""
    script = Script(world, tps)
    silence = phone.draw_silence(script.rng, script.midnight_ms) if script.flood is None else None
    _deliver(script)
    if script.flood == "soaked":
        _soaked(script)
    else:
        _vote(script, _timetable(script))
        script.happen()
        if script.flood is not None:
            _wet(script)
    if silence is not None and silence.whole_day:
        script.seek(silence)
    drafts, script.drafts = script.drafts, []  # else each script would be a cycle, and wait for the garbage collector
    return phone.send_out(script.rng, drafts, silence)


def _timetable(s: Script) -> Timetable:
    is_late, is_early = s.rng.random() < LATE, s.rng.random() < EARLY
    opens = s.at(7) + min(int(s.rng.expovariate(1 / 110_000)), 9 * MINUTE_MS)
    if is_late:
        opens = s.at(7) + (NOT_BEFORE_LATE_MIN + min(int(s.rng.expovariate(1 / 35)), 200)) * MINUTE_MS
    if s.flood == "closed":
        opens = s.between(10.95, 12.2)
    elif s.flood == "wet":
        opens = s.between(7.6, 9.6)
    closes = s.at(13) + min(int(s.rng.expovariate(1 / (4 * MINUTE_MS))), 40 * MINUTE_MS)
    starts = s.later(closes, 10, 40)
    if is_early:
        closes = s.between(12.35, 12.7)
        starts = s.later(closes, 3, 15)
    return Timetable(opens, closes, starts, is_late, is_early)


def _deliver(s: Script) -> None:
    """H-1: the logistics are at the TPS, and so is the box."""
    s.reach("logistics_ready", s.first_ms)
    s.hand_over("tps", s.later(s.first_ms, 1, 10))


def _vote(s: Script, t: Timetable) -> None:
    """The morning and the vote."""
    s.reach("kpps_present", s.between(5.55, 6.05))
    s.reach("oath", s.later(t.opens_ms, -30, -12) if t.opens_ms > s.at(7.3) else s.between(6.3, 6.7))
    if s.rng.random() < PRESSED_TOO_SOON and "voting_open" in s.world.ground.milestones:
        wrong = s.write("milestone.voting_open", s.between(6.1, 6.5), _open)
        s.correct(wrong, "Salah tekan, TPS belum dibuka", None)
    s.reach("voting_open", t.opens_ms)
    if t.is_late and s.flood is None:
        case = incidents.BY_CONSEQUENCE["late"]
        if s.rng.random() < case.rate:
            s.tell(s.later(s.at(7), 12, 34), incidents.told(s.rng, case, s.label))
    s.reach("dpk_voting", max(s.later(s.at(12), 0, 4), t.opens_ms))
    mood = (draw(s.world.name, "mood", region_of(s.tps.code)) - 0.5) * 0.2
    hours = (t.opens_ms, t.closes_ms, s.at(12))
    voters = numbers.draw_voters(s.rng, s.tps, mood=mood, hours=hours, users=s.real_users())
    s.turnout(voters)
    s.reach("voting_closed", t.closes_ms)
    _close(s, t, voters.users)


def _open() -> Milestone:
    return Milestone("voting_open")


def _close(s: Script, t: Timetable, users: int) -> None:
    """The count, its papers, and the box on its way."""
    for contest in s.contests:
        s.ballots(contest, s.later(t.closes_ms, 4, 20), users)
    if t.is_early:
        s.tell(s.later(t.count_starts_ms, 2, 8), incidents.told(s.rng, incidents.BY_CONSEQUENCE["early"], s.label))
    s.reach("count_started", t.count_starts_ms)
    lost = s.rng.randrange(1, 9) if s.rng.random() < MISMATCH and not s.world.votes else 0
    lost = min(lost, users)
    at = t.count_starts_ms
    for contest in s.contests:
        at = s.later(at, 12 + users * 0.12, 15 + users * 0.24)
        s.count(contest, at, users, lost=lost)
        if lost:
            s.tell(s.later(at, 5, 30), incidents.told(s.rng, incidents.BY_CONSEQUENCE["mismatch"], s.label, lost))
            lost = 0
    _send_box(s, at)


def _send_box(s: Script, counted_ms: int) -> None:
    at = s.later(counted_ms, 1, 6)
    s.reach("count_finished", at)
    s.reach("c_hasil_signed", at := s.later(at, 10, 40))
    s.reach("c_hasil_posted", at := s.later(at, 5, 20))
    s.reach("box_sent", at := s.later(at, 10, 50))
    s.hand_over("perjalanan", s.later(at, 0, 2))
    s.reach("box_pps", at := s.later(at, 10, 50))
    s.hand_over("pps", s.later(at, 0, 3))
    s.reach("box_ppk", at := s.later(at, 25, 120))
    s.hand_over("ppk", s.later(at, 0, 3))


def _soaked(s: Script) -> None:
    """No vote today: the boxes are wet, the TPS is under water, the follow-up vote is proposed."""
    people = s.tps.voters_l + s.tps.voters_p
    found = s.between(4.4, 5.4)
    text = f"Kotak suara TPS {s.label} terendam, surat suara basah"
    s.tell(found, Incident("bencana.banjir", "kritis", "sedang", text, people))
    is_sealed = s.rng.random() < 0.5
    s.hand_over("tps", s.later(found, 5, 40), sealed=is_sealed, note="Kotak suara diamankan di tempat tinggi")
    s.reach("kpps_present", s.between(5.8, 6.8))
    s.give_up("oath", s.between(6.6, 7.4), "TPS tergenang, kotak dan surat suara basah")
    decided = s.between(8.5, 10.5)
    for code in AFTER_OPENING:
        decided = s.later(decided, 0.2, 1)
        s.give_up(code, decided, "Logistik rusak terendam banjir, diusulkan pemungutan suara susulan")
    text = f"TPS {s.label} diusulkan pemungutan suara susulan, menunggu penetapan KPU"
    s.tell(s.between(12, 15), Incident("rawan_psu", "tinggi", "potensi", text, people))


WET_TEXTS: Final = {
    "closed": (
        "TPS {tps} masih tutup, air setinggi {n} cm di jalan masuk",
        "TPS {tps} belum dibuka, KPPS terjebak banjir",
    ),
    "wet": (
        "TPS {tps} tergenang {n} cm, dipindah ke TPS {other}",
        "TPS {tps} tergenang, kotak suara diamankan di tempat tinggi",
    ),
    "wet_later": (
        "Air mulai masuk TPS {tps}, meja dinaikkan, pemungutan berlanjut",
        "TPS {tps} pindah ke lantai dua, air {n} cm",
    ),
}


def _wet(s: Script) -> None:
    """Water at a TPS that still votes: later than planned, or elsewhere."""
    kind = s.flood or "wet"
    first, last = (8.5, 11.5) if kind == "wet_later" else (5.0, 7.2)
    other = f"{max(1, s.tps.number - s.rng.randrange(1, 6)):03d}"
    text = s.rng.choice(WET_TEXTS[kind]).format(tps=s.label, n=s.rng.randrange(10, 60, 5), other=other)
    severity: Severity = "tinggi" if kind == "closed" else "sedang"
    s.tell(
        s.between(first, last), Incident("bencana.banjir", severity, "sedang", text, s.tps.voters_l + s.tps.voters_p)
    )
