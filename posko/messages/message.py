"""The text of a message: Indonesian first, English second, short and plain.

What there is to say was written down when it was decided to tell it (`About`); a message that goes out twice says the
same twice. Nothing of it was typed by a reporter, and no person is named.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Final, Literal, TypeAlias

import msgspec

from posko import terms

Why: TypeAlias = Literal["new", "changed", "repeat", "resolved"]
Severity: TypeAlias = Literal["rendah", "sedang", "tinggi", "kritis"]

TITLE_LIMIT: Final = 140
"""Letters of a title: with the link it fits into two SMS."""
RESTRICTED_TITLE: Final = "Kejadian terbatas: buka posko"
_RESTRICTED: Final = (RESTRICTED_TITLE + ".", "Restricted incident: open posko.")
_DRILL_TITLE: Final = "LATIHAN · "
_DRILL: Final = (
    "LATIHAN, bukan kejadian sungguhan; jamnya jam latihan / DRILL, not a real event; the hours are the drill's"
)
_SEVERITY_EN: Final[dict[Severity, str]] = {
    "rendah": "low", "sedang": "medium", "tinggi": "high", "kritis": "critical",
}  # fmt: skip


class Member(msgspec.Struct, frozen=True):
    """One thing of a group; `at` is since when it fires, or when it was resolved."""

    text_id: str
    text_en: str
    severity: Severity
    state: Literal["firing", "resolved"]
    at: datetime.datetime


class About(msgspec.Struct, frozen=True):
    """What there was to say of a group; `members` are the worst ten, `firing` and `resolved` count them all."""

    operation: int
    operation_name: str
    is_drill: bool
    is_restricted: bool
    place: str
    place_name: str
    utc_offset: int
    firing: int
    resolved: int
    severity: Severity
    since: datetime.datetime
    members: list[Member]


_about = msgspec.json.Decoder(About)


class Order(msgspec.Struct, frozen=True):
    """A claimed message; `about` (JSON, About) is None for whoever may not know what it is about."""

    id: uuid.UUID
    fence: int
    attempts: int
    notice: int
    address: str
    why: Why
    at: datetime.datetime
    about: str | None
    operation: int
    place: str
    is_drill: bool


class Message(msgspec.Struct, frozen=True):
    """What a channel sends. `title` is one line that says it all with `link`; `text` is the whole, link included."""

    id: uuid.UUID
    """The same however often it is tried: give it to the gateway, so that it can tell a repetition."""
    address: str
    title: str
    text: str
    link: str
    at: datetime.datetime
    """When it was decided to tell it."""
    thread: str
    """The same for all messages about one group."""


def compose(order: Order, public_url: str) -> Message:
    """The message for one contact."""
    link = f"{public_url.rstrip('/')}/konsol/#/{order.operation}/{order.place}"
    if order.about is None:
        title, lines = RESTRICTED_TITLE, list(_RESTRICTED)
        if order.is_drill:
            title, lines = _DRILL_TITLE + title, [_DRILL, *lines]
    else:
        about = _about.decode(order.about)
        title, lines = _title(about, order.why), _lines(about, order.why)
    return Message(
        id=order.id,
        address=order.address,
        title=_short(title, TITLE_LIMIT),
        text="\n".join([*lines, link, ""]),
        link=link,
        at=order.at,
        thread=f"notice-{order.operation}-{order.notice}",
    )


def _title(about: About, why: Why) -> str:
    drill = _DRILL_TITLE if about.is_drill else ""
    restricted = "TERBATAS · " if about.is_restricted else ""
    where = f"{_short(about.place_name, 60)} ({about.place})"
    if why == "resolved":
        return f"{drill}{restricted}Selesai · {where}"
    what = about.members[0].text_id if about.firing == 1 else f"{about.firing} hal"
    again = "masih: " if why == "repeat" else ""
    return f"{drill}{restricted}{about.severity.upper()} · {where} · {again}{what}"


def _lines(about: About, why: Why) -> list[str]:
    drill = [_DRILL] if about.is_drill else []
    since, zone = _clock(about.since, about), terms.ZONE_NAMES[about.utc_offset]
    where = f"{about.place_name} ({about.place})"
    rest = about.firing + about.resolved - len(about.members)
    if why == "resolved":
        head_id = f"SELESAI: {where}, {about.resolved} hal, sejak {since} {zone}."
        head_en = f"RESOLVED: {where}, {about.resolved} in all, since {since} {zone}."
    else:
        done_id, done_en = (
            (f", {about.resolved} selesai", f", {about.resolved} resolved") if about.resolved else ("", "")
        )
        head_id = f"{where}: {about.firing} berlangsung{done_id}; terparah {about.severity}; sejak {since} {zone}."
        worst = _SEVERITY_EN[about.severity]
        head_en = f"{where}: {about.firing} ongoing{done_en}; worst {worst}; since {since} {zone}."
    indonesian = [_member(m, about, m.text_id, m.severity, "selesai") for m in about.members]
    english = [_member(m, about, m.text_en, _SEVERITY_EN[m.severity], "resolved") for m in about.members]
    if rest > 0:
        indonesian.append(f"- dan {rest} lagi")
        english.append(f"- and {rest} more")
    return [*drill, head_id, *indonesian, "", head_en, *english, "", f"Operasi / operation: {about.operation_name}"]


def _member(member: Member, about: About, text: str, severity: str, done: str) -> str:
    state = severity if member.state == "firing" else done
    return f"- {_clock(member.at, about)} {state}: {text}"


def _clock(at: datetime.datetime, about: About) -> str:
    zone = datetime.timezone(datetime.timedelta(hours=about.utc_offset))
    return at.astimezone(zone).strftime("%d/%m %H.%M")


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
