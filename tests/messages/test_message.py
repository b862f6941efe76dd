"""What a message says."""

from __future__ import annotations

import datetime
import json
import uuid

import msgspec

from posko.messages.message import TITLE_LIMIT, About, Member, Order, compose
from tests.factories import WIB
from tests.messages.desks import Desk

AT = datetime.datetime(2024, 11, 27, 7, 31, tzinfo=WIB).astimezone(datetime.UTC)
ABOUT = About(
    operation=3, operation_name="Pilkada 2024", is_drill=False, is_restricted=False, place="31.72.01", place_name="Penjaringan", utc_offset=7,
    firing=1, resolved=0, severity="kritis", since=AT, members=[Member("3 dari 12 TPS belum lapor buka", "3 of 12 TPS have not reported opening", "kritis", "firing", AT)],
)  # fmt: skip
ORDER = Order(uuid.UUID(int=7), 1, 1, 9, "a@x.example", "new", AT, None, 3, "31.72.01", False)


def order(about: About = ABOUT, why: str = "new") -> Order:
    return msgspec.structs.replace(ORDER, about=msgspec.json.encode(about).decode(), why=why)


def _said(**more: object) -> tuple[str, str]:
    why = more.pop("why", "new")
    about = msgspec.structs.replace(ABOUT, **more)
    message = compose(order(about, why), "https://posko.example.id/")
    return message.title, message.text


def test_what_where_since_when_how_bad_how_many_and_a_link_indonesian_first() -> None:
    title, text = _said()

    assert title == "KRITIS · Penjaringan (31.72.01) · 3 dari 12 TPS belum lapor buka"
    assert text.splitlines() == [
        "Penjaringan (31.72.01): 1 berlangsung; terparah kritis; sejak 27/11 07.31 WIB.",
        "- 27/11 07.31 kritis: 3 dari 12 TPS belum lapor buka",
        "",
        "Penjaringan (31.72.01): 1 ongoing; worst critical; since 27/11 07.31 WIB.",
        "- 27/11 07.31 critical: 3 of 12 TPS have not reported opening",
        "",
        "Operasi / operation: Pilkada 2024",
        "https://posko.example.id/konsol/#/3/31.72.01",
    ]


def test_a_drill_says_so_first_in_title_and_text() -> None:
    for why in ("new", "changed", "repeat", "resolved"):
        title, text = _said(is_drill=True, why=why)
        assert title.startswith("LATIHAN · ")
        assert text.startswith("LATIHAN, bukan kejadian sungguhan")
    hidden = compose(msgspec.structs.replace(ORDER, is_drill=True), "https://posko.example.id")
    assert hidden.title == "LATIHAN · Kejadian terbatas: buka posko"
    assert hidden.text.startswith("LATIHAN, ")


def test_the_end_and_the_repetition_are_told_as_such_and_the_rest_is_counted() -> None:
    assert _said(why="repeat")[0].endswith("masih: 3 dari 12 TPS belum lapor buka")
    title, text = _said(why="resolved", firing=0, resolved=3, members=ABOUT.members * 2)
    assert title == "Selesai · Penjaringan (31.72.01)"
    assert text.startswith("SELESAI: Penjaringan (31.72.01), 3 hal")
    assert "- dan 1 lagi" in text
    assert "- and 1 more" in text


def test_a_title_is_bounded() -> None:
    long = msgspec.structs.replace(ABOUT.members[0], text_id="x" * 300)
    title, _ = _said(members=[long], place_name="Kelurahan " * 12)

    assert len(title) == TITLE_LIMIT


async def test_who_is_not_cleared_is_told_that_there_is_something_and_no_more(desk: Desk) -> None:
    await desk.contact("lurah@x.example")
    await desk.notify(
        "penyusupan-7", group="rahasia", node=desk.lane_node, wait=0, text="ancaman bom", severity="kritis"
    )
    await desk.told()
    rows = await desk.claim()
    whole = json.dumps(msgspec.to_builtins(compose(Order(**dict(rows[0])), "https://posko.example.id")))

    assert rows[0]["about"] is None
    assert "Kejadian terbatas: buka posko" in whole
    for secret in ("bom", "kritis", "KRITIS", "rahasia", "penyusupan", "thing", "TERBATAS ·"):
        assert secret not in whole
    assert f"#/{desk.small.operation}/" in whole, "the link names the open operation, not its lane"
