"""People and their seats: who may give what to whom, and a list of many as a table.

An admin gives only what lies within their own seat, and touches only accounts that hold nothing beyond it: or else
the reset of a password would be a ladder.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection
from typing import Annotated, Any, Final, get_args

import msgspec
from msgspec import Meta

from posko import db, sheet, terms
from posko.accounts import log, store
from posko.accounts.account import REGIONS_LIMIT, USERNAME_PATTERN, FullName, Role, Seat, SeatIn, Username, Viewer
from posko.accounts.store import Listed, NewAccount
from posko.errors import AccountUnknown, Conflict, Invalid, NotAllowed, OperationUnknown, PlaceUnknown
from posko.sheet import Column
from posko.tables import BadCell, Problems, read_table

IMPORT_LIMIT: Final = 20_000
"""Accounts in one CSV."""
_COLUMNS: Final = (
    Column("username", "nama pengguna: 2 sampai 63 dari a-z, 0-9, titik, garis - dan _", is_required=True),
    Column("full_name", "nama orangnya, atau nama sistemnya", is_required=True),
    Column("institution", "kode lembaga", is_required=True),
    Column("party", "nama partai, bila lembaganya partai"),
    Column("phone", "telepon, 6 sampai 15 angka, boleh dengan + di depan"),
    Column("role", f"peran: {', '.join(get_args(Role))}", is_required=True),
    Column("regions", f"1 sampai {REGIONS_LIMIT} kode wilayah atau TPS, dipisah spasi", is_required=True),
    Column("operation", "nomor operasi; kosong: semua operasi", is_text=False),
    Column("cleared", "boleh membaca yang terbatas: ya atau tidak"),
    Column("starts_at", "mulai bertugas, dengan zona: 2024-11-27T05:00+07:00"),
    Column("ends_at", "selesai bertugas, dengan zona: 2024-11-28T05:00+07:00"),
)
COLUMNS: Final = tuple(column.name for column in _COLUMNS)
REQUIRED: Final = tuple(column.name for column in _COLUMNS if column.is_required)


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person to be given an account and seats."""

    username: Username
    full_name: FullName
    institution: Annotated[str, Meta(pattern=r"^[a-z][a-z_]{1,30}$(?!\n)")]
    seats: Annotated[list[SeatIn], Meta(min_length=1, max_length=20)]
    party: Annotated[str, Meta(min_length=1, max_length=80, pattern=terms.LINE_PATTERN)] | None = None
    phone: Annotated[str, Meta(pattern=r"^[+]?[0-9]{6,15}$(?!\n)")] | None = None
    system: bool = False
    """An integrator's program: it signs in with API keys."""

    def account(self) -> NewAccount:
        """The account, without its seats."""
        return NewAccount(
            username=self.username,
            full_name=self.full_name,
            institution=self.institution,
            party=self.party,
            phone=self.phone,
            kind="system" if self.system else "person",
        )


def require_grants(viewer: Viewer, seat: SeatIn | Seat) -> None:
    """An admin gives no more than they have."""
    for region in seat.regions:
        viewer.require_scope(region)
    if viewer.operation is not None and seat.operation != viewer.operation:
        raise OperationUnknown(f"there is no operation {seat.operation}")
    if seat.cleared and not viewer.cleared:
        raise NotAllowed("only who is cleared makes others so")


async def managed(connection: db.Connection, viewer: Viewer, username: str) -> Listed:
    """An account that the viewer sees and that holds nothing beyond the viewer's seat."""
    found = await seen(connection, viewer, username)
    for seat in (await store.seats_of(connection, [found.id])).get(found.id, []):
        within = all(map(viewer.can_see, seat.regions))
        if not within or (viewer.operation is not None and seat.operation != viewer.operation):
            raise NotAllowed(f"{username} holds a seat beyond yours")
        if seat.cleared and not viewer.cleared:
            raise NotAllowed(f"{username} holds a seat beyond yours")
    return found


async def seen(connection: db.Connection, viewer: Viewer, username: str) -> Listed:
    """An account that the viewer sees; AccountUnknown for any other."""
    rows = await store.page(connection, viewer, only=username, limit=1)
    if not rows:
        raise AccountUnknown(f"there is no account {username!r} here")
    return rows[0]


async def add(
    connection: db.Connection, viewer: Viewer | None, person: Person, password_hash: str | None
) -> tuple[int, list[Seat]]:
    """Makes an account with its seats; `viewer` None is the owner at the command line."""
    for name in ("username", "full_name"):
        terms.refuse_nik(f"$.{name}", getattr(person, name))
    if viewer is not None:
        for seat in person.seats:
            require_grants(viewer, seat)
    account_id = await store.insert_account(connection, person.account(), password_hash, must_change=True)
    granted_by = None if viewer is None else viewer.account_id
    seats = [await store.insert_seat(connection, account_id, seat, granted_by) for seat in person.seats]
    region = person.seats[0].regions[0]
    if viewer is None:
        entry = log.Entry(action="account.add", subject=person.username, region=region)
    else:
        entry = log.by(viewer, "account.add", subject=person.username, region=region)
    await log.write(connection, [entry])
    return account_id, seats


def parse(data: bytes) -> list[tuple[int, Person]]:
    """The people of a table with their lines; several lines of one username are its seats. Raises TableRefused."""
    problems = Problems()
    found: dict[str, tuple[int, Person]] = {}
    for line, row in read_table(data, COLUMNS, REQUIRED, problems):
        if len(found) > IMPORT_LIMIT:
            problems.add(line, "", "jumlah-akun", f"lebih dari {IMPORT_LIMIT} akun")
            break
        if (person := _person(line, row, problems)) is None:
            continue
        first = found.get(person.username)
        if first is None:
            found[person.username] = line, person
        elif msgspec.structs.replace(first[1], seats=person.seats) != person:
            problems.add(line, "username", "berbeda", f"baris {first[0]} menulis orang lain untuk {person.username}")
        else:
            seats = [*first[1].seats, *person.seats]
            found[person.username] = first[0], msgspec.structs.replace(first[1], seats=seats)
    if not found and not problems.total:
        problems.add(1, "", "kosong", "tidak ada satu akun pun")
    if problems.total:
        problems.refuse()
    return list(found.values())


def form(institutions: Collection[str]) -> bytes:
    """A workbook to fill in, which `parse` reads, with what belongs into each column."""
    codes = f"kode lembaga: {', '.join(institutions)}"
    columns = [c._replace(meaning=codes) if c.name == "institution" else c for c in _COLUMNS]
    return sheet.workbook_of(columns, [])


def _person(line: int, row: dict[str, str], problems: Problems) -> Person | None:
    values: dict[str, Any] = {}
    before = problems.total
    for column, text in row.items():
        try:
            values[column] = _READERS[column](text)
        except BadCell as broken:
            problems.add(line, column, broken.rule, str(broken))
    if problems.total > before:
        return None
    names = ("role", "regions", "operation", "cleared", "starts_at", "ends_at")
    seat = SeatIn(**{name: values.pop(name) for name in names if name in values})
    return Person(**values, seats=[seat])


async def load(connection: db.Connection, viewer: Viewer | None, people: list[tuple[int, Person]]) -> int:
    """Makes all the accounts or none: what the database or the viewer's seat refuses is named by line too."""
    problems = Problems()
    for line, person in people:
        try:
            async with db.savepoint(connection):
                await add(connection, viewer, person, None)
        except Invalid as error:
            for e in error.errors:
                problems.add(line, e.path.removeprefix("$."), e.rule, e.message)
        except (Conflict, NotAllowed, AccountUnknown) as error:
            problems.add(line, "username", error.code, error.detail)
        except (PlaceUnknown, OperationUnknown) as error:
            problems.add(line, "regions", error.code, error.detail)
    if problems.total:
        problems.refuse()
    return len(people)


def _matching(pattern: str, rule: str, message: str, *, limit: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text) or len(text) > limit:
            raise BadCell(rule, f"{text[:40]!r}: {message}")
        return text

    return read


def _optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text else None


def _regions(text: str) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(text.split()))
    for code in codes:
        if not terms.is_code(code):
            raise BadCell("bentuk-kode", f"{code[:40]!r} bukan kode wilayah atau TPS")
    if not 1 <= len(codes) <= REGIONS_LIMIT:
        raise BadCell("jumlah-wilayah", f"1 sampai {REGIONS_LIMIT} kode, dipisah spasi")
    return codes


def _role(text: str) -> str:
    if text not in get_args(Role):
        raise BadCell("peran", f"{text[:40]!r} bukan salah satu dari {', '.join(get_args(Role))}")
    return text


def _yes(text: str) -> bool:
    if text.lower() not in ("", "ya", "tidak"):
        raise BadCell("ya-tidak", f"{text[:40]!r} bukan ya atau tidak")
    return text.lower() == "ya"


def _operation(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        raise BadCell("operasi", f"{text[:40]!r} bukan nomor operasi")
    return int(text)


def _moment(text: str) -> datetime.datetime:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadCell("waktu", f"{text[:40]!r} bukan waktu dengan zona seperti 2024-11-27T05:00+07:00")
    return found


_NAME: Final = terms.LINE_PATTERN
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "username": _matching(USERNAME_PATTERN, "nama-pengguna", "2 sampai 63 dari a-z 0-9 . _ -", limit=63),
    "full_name": _matching(_NAME, "nama", "1 sampai 120 huruf", limit=120),
    "institution": _matching("[a-z][a-z_]{1,30}", "lembaga", "kode lembaga seperti polri", limit=31),
    "party": _optional(_matching(_NAME, "partai", "1 sampai 80 huruf", limit=80)),
    "phone": _optional(_matching("[+]?[0-9]{6,15}", "telepon", "6 sampai 15 angka", limit=16)),
    "role": _role,
    "regions": _regions,
    "operation": _optional(_operation),
    "cleared": _yes,
    "starts_at": _optional(_moment),
    "ends_at": _optional(_moment),
}
