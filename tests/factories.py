"""Plain functions that make what tests need."""

from __future__ import annotations

import dataclasses
import datetime
import json
import random
import secrets
import uuid
from typing import Any

from posko.accounts.account import Viewer
from posko.accounts.passwords import hash_password

VOTING_DAY = datetime.date(2024, 11, 27)
WIB = datetime.timezone(datetime.timedelta(hours=7))
PASSWORD = "rahasia-sekali-2024"
_HASH = hash_password(PASSWORD)

MILESTONES = [
    ("kpps_present", "06:00", 15),
    ("voting_open", "07:00", 15),
    ("voting_closed", "13:00", 15),
    ("count_started", "13:00", 60),
]


@dataclasses.dataclass
class Small:
    """The small operation."""

    operation: int
    tps: list[str]
    kelurahan: list[str]
    kecamatan: list[str]
    root: str
    password: str = PASSWORD


async def make_small(connection: Any, *, root: str = "31.72", mode: str = "drill") -> Small:
    """One kota, two kecamatan, four kelurahan, twelve TPS of 300 voters, gubernur (3 paslon) and bupati_walikota (1 and kotak kosong)."""
    operation = await connection.fetchval(
        "insert into posko.operation (name, mode, root_code, root_level, starts_on, voting_day, tps_estimated, created_at, names_until)"
        " values ($1, $2, $3, 2, '2024-10-01', $4, false, posko.now(), '2100-01-01') returning id",
        f"kecil {secrets.token_hex(8)}", mode, root, VOTING_DAY,
    )  # fmt: skip
    await _plan(connection, operation, root)
    found = Small(operation, [], [], [], root)
    tree = [[(root, None, "KOTA KECIL")], [], [], []]
    for c in (1, 2):
        kecamatan = f"{root}.{c:02}"
        found.kecamatan.append(kecamatan)
        tree[1].append((kecamatan, root, f"Kecamatan {c}"))
        for k in (1, 2):
            kelurahan = f"{kecamatan}.100{k}"
            found.kelurahan.append(kelurahan)
            tree[2].append((kelurahan, kecamatan, f"Kelurahan {c}-{k}"))
            for n in (1, 2, 3):
                found.tps.append(f"{kelurahan}.{n:03}")
                tree[3].append((found.tps[-1], kelurahan, f"TPS {n:03}"))
    for level, nodes in zip((2, 3, 4, 6), tree, strict=True):
        await connection.execute(_PLANT, operation, level, *map(list, zip(*nodes, strict=True)))
    await connection.execute(_PATHS, operation)
    await connection.execute(_FILL, operation)
    await connection.execute(
        "update posko.operation set state = 'active', activated_at = posko.now(), version = version + 1 where id = $1",
        operation,
    )
    await connection.execute("select api.open_lane($1)", operation)
    for role in ("petugas", "operator", "supervisor", "admin", "auditor", "wall"):
        await make_account(connection, role, role, root)
    return found


async def close_since(connection: Any, operation: int) -> None:
    """Closes an operation and those made after it: what stays active is swept by the engines of later tests, years late."""
    await connection.execute(
        "update posko.operation set state = 'closed', closed_at = posko.now(), version = version + 1"
        " where state = 'active' and id >= $1",
        operation,
    )


async def make_account(
    connection: Any, username: str, role: str, *scope: str, operation: int | None = None, cleared: bool = False
) -> int:
    """An account with the test password and one seat in place of all it had; answers its id."""
    found: int = await connection.fetchval(
        "insert into posko.account (username, kind, institution, password_hash, created_at, changed_at)"
        " values ($1, case when $2 = 'system' then 'system' else 'person' end, 'lain', $3, posko.now(), posko.now())"
        " on conflict (username) do update set disabled_at = null returning id",
        username, role, _HASH,
    )  # fmt: skip
    await connection.execute(
        "insert into posko.person (account_id, full_name) values ($1, $2) on conflict do nothing", found, username
    )
    same = "account_id = $1 and role = $2 and regions = $3 and operation_id is not distinct from $4 and cleared = $5"
    seat = (found, role, list(scope), operation, cleared)
    if await connection.fetchval(
        f"select exists (select from posko.assignment where {same} and revoked_at is null)", *seat
    ):
        return found
    await connection.execute(
        "update posko.assignment set revoked_at = posko.now(), changed_at = posko.now() where account_id = $1 and revoked_at is null",
        found,
    )
    await connection.execute(
        "insert into posko.assignment (account_id, is_party, role, regions, operation_id, cleared, starts_at, granted_at, changed_at)"
        " select $1, false, $2, $3, $4, $5, at, at, at from posko.now() as at",
        *seat,
    )  # fmt: skip
    return found


async def viewer_of(connection: Any, account: int) -> Viewer:
    """Whoever has the account, in its seat, as a session would say."""
    row = await connection.fetchrow(
        "select a.id as account_id, a.username, 1 as session_id, g.id as seat_id, g.role, g.regions, g.operation_id as operation, g.cleared"
        " from posko.account a join posko.assignment g on g.account_id = a.id and g.revoked_at is null where a.id = $1",
        account,
    )
    return Viewer(**dict(row) | {"regions": tuple(row["regions"])})


def viewer(role: str = "operator", *regions: str, account_id: int = 1, cleared: bool = False) -> Viewer:
    """A viewer that no database knows, for what asks none."""
    return Viewer(account_id, "x", 1, 1, role, regions or ("ID",), None, cleared)


async def _plan(connection: Any, operation: int, root: str) -> None:
    codes, planned, graces = zip(*MILESTONES, strict=True)
    await connection.execute(
        "insert into posko.milestone (operation_id, code, position, label_id, label_en, planned, grace)"
        " select $1, code, place - 1, code, code, planned, make_interval(mins => grace)"
        " from unnest($2::text[], $3::time[], $4::int[]) with ordinality as given (code, planned, grace, place)",
        operation, codes, [datetime.time.fromisoformat(hour) for hour in planned], graces,
    )  # fmt: skip
    for kind, code, level, numbers in (("gubernur", root[:2], 1, (1, 2, 3)), ("bupati_walikota", root, 2, (1, 2))):
        contest = await connection.fetchval(
            "insert into posko.contest (operation_id, kind, region_code, region_level) values ($1, $2, $3, $4) returning id",
            operation, kind, code, level,
        )  # fmt: skip
        for number in numbers:
            empty = kind == "bupati_walikota" and number == 2
            await connection.execute(
                "insert into posko.paslon (contest_id, number, name, is_empty_box) values ($1, $2, $3, $4)",
                contest, number, "Kotak kosong" if empty else f"Paslon {number}", empty,
            )  # fmt: skip
    await connection.execute("select api.lay_out($1)", operation)


_PLANT = """
insert into posko.node (operation_id, code, parent_id, level, name, utc_offset, path)
select $1, given.code, above.id, $2, given.name, 7, '{}'
from unnest($3::text[], $4::text[], $5::text[]) with ordinality as given (code, parent, name, place)
left join posko.node above on above.operation_id = $1 and above.code = given.parent
order by given.place
"""
_PATHS = """
with recursive way (id, path) as (
    select id, array[id] from posko.node where operation_id = $1 and parent_id is null
    union all
    select n.id, way.path || n.id from way join posko.node n on n.parent_id = way.id
)
update posko.node n set path = way.path from way where n.id = way.id
"""
_FILL = """
with leaf as (select id, right(code, 3)::smallint as number from posko.node where operation_id = $1 and level = 6),
     tps as (insert into posko.tps (node_id, number, voters_l, voters_p) select id, number, 140, 160 from leaf)
insert into posko.rollup (node_id, version, counters, own)
select n.id, 1, (select array[count(*), count(*) * 140, count(*) * 160]::int[] from posko.node l where l.level = 6 and n.id = any(l.path)),
       case when n.level < 6 then '{}'::int[] end
from posko.node n where n.operation_id = $1
"""


def uuid7(rng: random.Random | None = None, *, at_ms: int | None = None) -> uuid.UUID:
    """A UUIDv7; repeatable with a seeded generator."""
    bits = (rng or random.SystemRandom()).getrandbits(74)
    moment = at_ms if at_ms is not None else int(datetime.datetime.now(datetime.UTC).timestamp() * 1000)
    return uuid.UUID(int=(moment << 80) | (7 << 76) | ((bits >> 62) << 64) | (2 << 62) | (bits & ((1 << 62) - 1)))


def local(hour: int, minute: int = 0, second: int = 0) -> str:
    """A moment of the voting day, WIB, as a client writes it."""
    return datetime.datetime(2024, 11, 27, hour, minute, second, tzinfo=WIB).isoformat()


def milestone(code: str, **extra: Any) -> dict[str, Any]:
    return {"kind": "milestone", "milestone": code, **extra}


def turnout(dpt_l: int, dpt_p: int, **extra: Any) -> dict[str, Any]:
    """Voters of the DPT; nobody else."""
    return {
        "kind": "turnout",
        "dpt": {"l": dpt_l, "p": dpt_p},
        "dptb": {"l": 0, "p": 0},
        "dpk": {"l": 0, "p": 0},
        **extra,
    }


def count(contest: str, votes: list[int], invalid: int = 0, *, valid: int | None = None) -> dict[str, Any]:
    numbered = {str(n): v for n, v in enumerate(votes, 1)}
    return {
        "kind": "count",
        "contest": contest,
        "votes": numbered,
        "valid": sum(votes) if valid is None else valid,
        "invalid": invalid,
    }


def incident(severity: str = "sedang", **extra: Any) -> dict[str, Any]:
    said = {
        "kind": "incident",
        "category": "logistik",
        "severity": severity,
        "occurrence": "terjadi",
        "text": "surat suara kurang",
    }
    return {**said, **extra}


def report(
    operation: int, place: str, content: dict[str, Any], *, at: str | None = None, **extra: Any
) -> dict[str, Any]:
    """A report as a client says it, without its id."""
    return {"operation": operation, "place": place, "observed_at": at or local(7, 3), "content": content, **extra}


async def counters(connection: Any, operation: int, code: str) -> dict[str, int]:
    """The non-zero counters of a region or TPS, by name."""
    rows = await connection.fetch(
        "select c.name, r.counters[c.slot] as value from posko.node n join posko.rollup r on r.node_id = n.id"
        " join posko.counter c on c.operation_id = n.operation_id where n.operation_id = $1 and n.code = $2 and r.counters[c.slot] <> 0",
        operation, code,
    )  # fmt: skip
    return {row["name"]: row["value"] for row in rows}


async def all_rollups(connection: Any, operation: int) -> dict[str, dict[str, int]]:
    """The non-zero counters of every region and TPS."""
    codes = await connection.fetch("select code from posko.node where operation_id = $1 order by code", operation)
    return {row["code"]: await counters(connection, operation, row["code"]) for row in codes}


def as_json(thing: Any) -> bytes:
    return json.dumps(thing).encode()
