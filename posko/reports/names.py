"""Names in reports: kept apart from what a report says, which bears keyed digests in their place.

Whoever sends the same report again sends the same digests; whoever reads the stored report learns no name from it; and
when the names (and at last the operation's salt) are erased, the facts stand as they were.
"""

from __future__ import annotations

import hmac
from typing import Final

import msgspec

from posko.reports.report import Correction, Incident, Named, ReportIn

DIGEST_DIGITS: Final = 24

_json = msgspec.json.Encoder()


class Kept(msgspec.Struct, frozen=True):
    """One name, apart: `position` 0 is on whose behalf the report was filed, others count from 1."""

    position: int
    part: str
    name: str


def key_of(secret_key: str, salt: bytes) -> bytes:
    """The key of one operation's digests: neither the database nor the service alone has it."""
    return hmac.digest(hmac.digest(secret_key.encode(), b"posko names 1", "sha256"), salt, "sha256")


def digest(name: str, key: bytes) -> str:
    """The same for the same name in one operation, however it is spaced or capitalised."""
    return hmac.new(key, " ".join(name.split()).casefold().encode(), "sha256").hexdigest()[:DIGEST_DIGITS]


def kept_apart(report: ReportIn, key: bytes) -> tuple[ReportIn, str | None]:
    """The report with digests for names, and the names as JSON; the report itself and None when it names nobody."""
    content = report.content
    said = content.replacement if isinstance(content, Correction) else content
    named = said.persons if isinstance(said, Incident) else []
    if report.on_behalf_of is None and not named:
        return report, None
    kept = [Kept(i, n.part, n.name) for i, n in enumerate(named, 1)]
    behalf = None
    if report.on_behalf_of is not None:
        kept.insert(0, Kept(0, "pelapor", report.on_behalf_of))
        behalf = digest(report.on_behalf_of, key)
    if isinstance(said, Incident) and named:
        hidden = msgspec.structs.replace(said, persons=[Named(n.part, digest(n.name, key)) for n in named])
        content = msgspec.structs.replace(content, replacement=hidden) if isinstance(content, Correction) else hidden
    return msgspec.structs.replace(report, content=content, on_behalf_of=behalf), _json.encode(kept).decode()
