"""The answer to a text: at most one SMS, what was not understood first, by its own words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import msgspec

from posko import terms
from posko.errors import Problem
from posko.reports.report import Receipt

LIMIT: Final = 160
PART_LIMIT: Final = 40
"""Characters of a part that is said back."""
HELP: Final = (
    "Tulis TPS kode/nomor lalu: BUKA 0705; TUTUP; HADIR 60/62; SUARA a/b/c TS n; NIHIL; BANJIR tinggi ...; "
    "BATAL; RALAT ... Beberapa: pisah ;"
)
ASK: Final = "Kirim ? untuk bantuan."
BEYOND: Final = "TPS itu tidak ada di wilayah Anda"
EMPTY: Final = f"Pesan kosong. {ASK}"

_GSM7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_REASONS: Final = {
    "operation-not-active": "posko sedang tidak menerima laporan",
    "place-unknown": BEYOND,
    "second-person-needed": "laporan orang lain; hubungi posko",
    "report-changed": "pesan ini sudah diterima dengan isi lain",
    "no-nik": "jangan tulis NIK",
    "place-reports-limit": "terlalu banyak laporan dari TPS ini",
}


class Refusal(msgspec.Struct, frozen=True):
    """A part that was not taken, and why or what to write instead."""

    part: str
    hint: str = ""


class Taken(msgspec.Struct, frozen=True):
    """A statement that was: the TPS, and how it is said back."""

    place: str
    said: str
    is_doubtful: bool = False


def compose(taken: Sequence[Taken], refused: Sequence[Refusal]) -> str:
    """What the sender reads."""
    if not taken and not refused:
        return EMPTY
    answer = _fitting([_refusal(r) for r in refused], taken)
    has_room = len(answer) + 1 + len(ASK) <= LIMIT
    return f"{answer} {ASK}" if has_room and not all(r.hint for r in refused) else answer


def _fitting(parts: Sequence[str], taken: Sequence[Taken]) -> str:
    """Everything, or as many refusals as fit and how many more there are; at least the beginning of the first."""
    answer = " ".join([*parts, *([_accepted(taken)] if taken else [])])
    if len(answer) <= LIMIT:
        return answer
    counted = f"OK {len(taken)} laporan." if taken else ""
    for shown in range(len(parts), 0, -1):
        left = len(parts) - shown
        answer = " ".join(filter(None, [*parts[:shown], f"+{left} lagi." if left else "", counted]))
        if len(answer) <= LIMIT:
            return answer
    tail = " ".join(filter(None, [f"+{len(parts) - 1} lagi." if len(parts) > 1 else "", counted]))
    return f"{parts[0][: LIMIT - len(tail) - 1]} {tail}".strip() if parts else counted


def reason_of(problem: Problem) -> str:
    """Why a report was refused, in a few words."""
    known = [_REASONS[name] for name in (*(e.rule for e in problem.errors), problem.code) if name in _REASONS]
    return known[0] if known else "ditolak"


def reason_of_receipt(receipt: Receipt) -> str | None:
    """None when it was taken."""
    return None if receipt.problem is None else reason_of(receipt.problem)


def shown(part: str) -> str:
    """A part as it is said back: in the letters of an SMS, no NIK, not too long."""
    plain = "".join(c if c in _GSM7 else _plain(c) for c in part)
    if terms.holds_nik(plain):
        plain = re.sub(r"[0-9]", "x", plain)
    return plain if len(plain) <= PART_LIMIT else plain[: PART_LIMIT - 2] + ".."


def _plain(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[:1]
    return base if base in _GSM7 and base.isprintable() else "?"


def _refusal(refused: Refusal) -> str:
    hint = f" ({refused.hint})" if refused.hint else ""
    return f'TIDAK DITERIMA: "{shown(refused.part)}"{hint}.'


def _accepted(taken: Sequence[Taken]) -> str:
    """`OK TPS 31.72.01.1001.014: BUKA 07.05, NIHIL.`"""
    found, place = [], ""
    for one in taken:
        doubt = " (periksa angka)" if one.is_doubtful else ""
        found.append(f"{'' if one.place == place else f'TPS {one.place}: '}{shown(one.said)}{doubt}")
        place = one.place
    return f"OK {', '.join(found)}."
