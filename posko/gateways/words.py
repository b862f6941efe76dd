"""The words of one operation: which phrase means which milestone, which incident, which command. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

import msgspec

Phrase: TypeAlias = tuple[str, ...]
"""Folded words."""
Kind: TypeAlias = Literal[
    "milestone",
    "turnout",
    "count",
    "custody",
    "incident",
    "nihil",
    "unreachable",
    "cancel",
    "correct",
    "not",
    "help",
    "ask",
]


class Meaning(msgspec.Struct, frozen=True):
    """What a phrase says; `about` is the milestone, the category, or the question that it leaves open."""

    kind: Kind
    about: str = ""


class Named(msgspec.Struct, frozen=True):
    """A milestone or category by its code and by its Indonesian label."""

    code: str
    label: str


_FOLDED: Final = str.maketrans("01L|", "OIII")


def fold(word: str) -> str:
    """A word as it is compared: no case, no marks around it, 0 like O, and 1, l, | like I."""
    return word.strip(".,:;!?\"'()").upper().translate(_FOLDED)


def folded(text: str) -> Phrase:
    """The folded words of a text."""
    return tuple(filter(None, (fold(w) for w in re.split(r"[\s_]+", text))))


_COMMANDS: Final[Mapping[str, Meaning]] = {
    "HADIR": Meaning("turnout"),
    "PEMILIH": Meaning("turnout"),
    "PEMILIH HADIR": Meaning("turnout"),
    "SUARA": Meaning("count"),
    "KOTAK": Meaning("custody"),
    "NIHIL": Meaning("nihil"),
    "AMAN NIHIL": Meaning("nihil"),
    "TIDAK": Meaning("not"),
    "TDK": Meaning("not"),
    "BATAL": Meaning("cancel"),
    "RALAT": Meaning("correct"),
    "KOREKSI": Meaning("correct"),
    "BANTUAN": Meaning("help"),
    "HELP": Meaning("help"),
    "MULAI": Meaning("ask", "BUKA atau HITUNG MULAI?"),
    "SELESAI": Meaning("ask", "TUTUP atau HITUNG SELESAI?"),
    "HITUNG": Meaning("ask", "HITUNG MULAI atau HITUNG SELESAI?"),
    **{f"{no} TERJANGKAU": Meaning("unreachable") for no in ("TIDAK", "TDK", "TAK")},
}

_MILESTONES: Final[Mapping[str, tuple[str, ...]]] = {
    "logistics_ready": ("LOGISTIK LENGKAP", "LOGISTIK SIAP"),
    "kpps_present": ("KPPS HADIR", "KPPS LENGKAP"),
    "oath": ("SUMPAH",),
    "voting_open": ("BUKA", "DIBUKA"),
    "dpk_voting": ("DPK", "DPK DILAYANI"),
    "voting_closed": ("TUTUP", "DITUTUP"),
    "count_started": ("HITUNG MULAI", "MULAI HITUNG"),
    "count_finished": ("HITUNG SELESAI", "SELESAI HITUNG"),
    "c_hasil_signed": ("C HASIL TTD", "CHASIL TTD", "C.HASIL TTD", "TTD"),
    "c_hasil_posted": ("C HASIL TEMPEL", "CHASIL TEMPEL", "C.HASIL TEMPEL", "TEMPEL"),
    "box_sent": ("KOTAK BERANGKAT",),
    "box_pps": ("KOTAK TIBA PPS",),
    "box_ppk": ("KOTAK TIBA PPK",),
}
"""How the milestones of the seed are written, beside their labels; an operation's own are written as their label or
code is."""


class Words(msgspec.Struct, frozen=True):
    """All phrases of an operation."""

    meanings: Mapping[Phrase, Meaning]
    longest: int

    def read(self, words: Phrase) -> tuple[Meaning, int] | None:
        """What the words begin with, the longest phrase first, and how many words it takes."""
        for length in range(min(self.longest, len(words)), 0, -1):
            if found := self.meanings.get(words[:length]):
                return found, length
        return None


def words_of(milestones: Iterable[Named], categories: Iterable[Named]) -> Words:
    """The phrases of an operation: commands, then milestones, then categories; what could be two is neither."""
    meanings = {folded(text): meaning for text, meaning in _COMMANDS.items()}
    stages = [(p, Meaning("milestone", m.code)) for m in milestones for p in _milestone_phrases(m)]
    kinds = [(p, Meaning("incident", c.code)) for c in categories for p in _category_phrases(c)]
    for claims in (stages, kinds):
        claimed: dict[Phrase, set[Meaning]] = {}
        for phrase, meaning in claims:
            if phrase and phrase not in meanings:
                claimed.setdefault(phrase, set()).add(meaning)
        meanings |= {phrase: next(iter(found)) for phrase, found in claimed.items() if len(found) == 1}
    return Words(meanings, max(map(len, meanings)))


def _milestone_phrases(said: Named) -> list[Phrase]:
    return [folded(text) for text in (said.label, said.code, *_MILESTONES.get(said.code, ()))]


def _category_phrases(said: Named) -> list[Phrase]:
    return [folded(text) for text in (said.label, said.code.replace(".", " "), *said.label.split("/"))]
