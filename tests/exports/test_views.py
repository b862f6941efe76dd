"""Files of the other views: the board, alarms, a directive's places, desks, the grid, curves - with the rights of each."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from posko import db
from posko.curves.sampler import Sampler
from posko.exports.grid import COVERED, OLD_S, OLDER_S, UNREACHABLE, Tps, silence_of
from tests.client import Client
from tests.exports.taking import as_csv, as_xlsx, ask
from tests.factories import Small, count, incident, local, make_account, milestone, report, turnout, uuid7
from tests.incidents.ground import Day, clock
from tests.running import Running

NOTE = "hitung internal, bukan hasil resmi"


@pytest.fixture
async def people(running: Running, served: Small, server_pool: db.Pool) -> AsyncIterator[dict[str, Client]]:
    """One account of each role, and a supervisor who is cleared."""
    async with aiohttp.ClientSession() as http:
        found = {}
        for role in ("petugas", "operator", "supervisor", "auditor", "wall", "cleared"):
            name = f"{role}-{served.operation}"
            async with server_pool.acquire() as connection:
                real = "supervisor" if role == "cleared" else role
                await make_account(connection, name, real, served.root, cleared=role == "cleared")
            found[role] = await Client(http, running.url).sign_in(name)
            found[role].operation = served.operation
        yield found


async def file(client: Client, small: Small, place: str, content: dict[str, Any], **extra: Any) -> str:
    made = uuid7()
    status, answer, _ = await client.put(report(small.operation, place, content, **extra), made)
    assert status == 201, answer
    return str(made)


async def test_the_board_is_taken_along_as_it_is_filtered_and_sorted(
    people: dict[str, Client], served: Small, server_pool: db.Pool
) -> None:
    desk = people["supervisor"]
    grave = await file(desk, served, served.tps[0], incident("kritis", text="=1+1"))
    await file(desk, served, served.tps[7], incident("sedang"))
    await file(desk, served, served.tps[8], incident("rendah"))
    assert (await desk.ask("PUT", f"/v1/incidents/{grave}/acknowledgement", {}))[0] == 200

    rows = await as_csv(desk, served.root, what="incidents", sort="severity")
    latest = await as_csv(desk, served.root, what="incidents")
    open_now = await as_csv(
        desk, served.root, what="incidents", status=["baru", "dibuka_kembali"], severity=["kritis", "rendah"]
    )
    mine = await as_csv(desk, served.root, what="incidents", owner=f"supervisor-{served.operation}")

    assert [r["Tingkat"] for r in rows] == ["kritis", "sedang", "rendah"]
    assert [r["Tingkat"] for r in latest] == ["rendah", "sedang", "kritis"]
    assert (rows[0]["Nomor kejadian (UUID)"], rows[0]["Status"], rows[0]["Uraian"]) == (grave, "diterima", "'=1+1")
    assert [r["Tingkat"] for r in open_now] == ["rendah"]
    assert open_now[0]["Saringan"] == "baru, dibuka kembali, kritis, rendah"
    assert [r["Nomor kejadian (UUID)"] for r in mine] == [grave]
    assert await as_csv(desk, served.kecamatan[1], what="incidents", severity="kritis") == []
    assert any("=1+1" in row for row in await as_xlsx(desk, served.root, what="incidents"))
    said = await server_pool.fetchval(
        "select detail from posko.log_entry where action = 'table.export' and subject = 'incidents' and operation_id = $1 and detail like 'baru%'",
        served.operation,
    )
    assert said == "baru dibuka_kembali kritis rendah"
    for overdue, words in (("true", "lewat waktu"), ("false", "tidak lewat waktu")):
        rows = await as_csv(desk, served.root, what="incidents", overdue=overdue)
        assert {r["Saringan"] for r in rows} <= {words}
    assert len(rows) == 3
    await as_csv(desk, served.root, what="incidents", watched="true")
    logged = await server_pool.fetch(
        "select detail from posko.log_entry where action = 'table.export' and operation_id = $1 order by id desc limit 3",
        served.operation,
    )
    assert [row["detail"] for row in logged] == ["watched", "not-overdue", "overdue"]


async def test_what_was_looked_for_stays_out_of_the_log(
    people: dict[str, Client], served: Small, server_pool: db.Pool
) -> None:
    desk = people["supervisor"]
    await file(desk, served, served.tps[0], incident("kritis", text="intimidasi oleh Fulan"))

    rows = await as_csv(desk, served.root, what="incidents", q="Fulan", severity="kritis")
    odd = await ask(desk, served.root, "csv", what="incidents", category="Fulan, NIK 3172")
    short = await ask(desk, served.root, "csv", what="incidents", q="x")

    assert [r["Saringan"] for r in rows] == ["kritis, kata: Fulan"]
    logged = await server_pool.fetch(
        "select detail from posko.log_entry where action = 'table.export' and operation_id = $1", served.operation
    )
    assert [r["detail"] for r in logged] == ["kritis"]
    assert (odd[0], odd[1]["errors"][0]["path"]) == (422, "$.category")
    assert (short[0], short[1]["errors"][0]["path"]) == (422, "$.q")


async def test_what_is_terbatas_is_taken_along_by_the_cleared_alone(
    people: dict[str, Client], served: Small, server_pool: db.Pool
) -> None:
    await file(people["cleared"], served, served.tps[0], incident("kritis", text="ancaman"), restricted=True)
    lane = await server_pool.fetchval("select id from posko.operation where restricts = $1", served.operation)

    rows = await as_csv(people["cleared"], served.root, what="incidents", operation=str(lane))

    assert [r["Uraian"] for r in rows] == ["ancaman"]
    assert await as_csv(people["cleared"], served.root, what="incidents") == []
    assert (await ask(people["supervisor"], served.root, "csv", what="incidents", operation=str(lane)))[0] == 404
    logged = await server_pool.fetch(
        "select restricted from posko.log_entry where action = 'table.export' and operation_id = $1 order by id",
        served.operation,
    )
    assert [r["restricted"] for r in logged] == [True, False]


async def test_of_the_lane_a_place_is_read_where_the_table_has_it(
    people: dict[str, Client], served: Small, server_pool: db.Pool
) -> None:
    """Numbers from the lane's own node, whatever else is in the address; a list from a place it does not hold yet."""
    desk, before = people["cleared"], await as_csv(people["cleared"], served.root, what="rekap")
    lane = str(await server_pool.fetchval("select id from posko.operation where restricts = $1", served.operation))
    await file(desk, served, served.tps[0], milestone("voting_open"))

    shown = await as_csv(desk, served.root, what="rekap", operation=lane)
    same = await as_csv(desk, served.root, what="rekap", operation=lane, directive=str(uuid7()))
    empty = await as_csv(desk, served.tps[0], what="incidents", operation=lane)

    assert before[0]["TPS"] == "12"
    for row in (*before, *shown, *same):
        del row["Data per"]  # each is as old as its own question
    assert same == shown != before
    assert (empty, (await desk.get(f"/v1/incidents?operation={lane}&region={served.tps[0]}"))["rows"]) == ([], [])
    assert (await ask(desk, served.tps[0], "csv", what="rekap", operation=lane))[0] == 404


async def test_alarms_are_taken_along_with_who_looks_into_them(
    people: dict[str, Client], served: Small, server_pool: db.Pool
) -> None:
    day = await Day.begin(server_pool, served)
    await day.at(clock(7, 20))
    await day.turn()
    desk = people["supervisor"]
    shown = (await desk.get("/v1/alarms"))["rows"]
    assert shown
    assert (await desk.ask("PUT", f"/v1/alarms/{shown[0]['id']}/acknowledgement", {"said": "@ditelepon"}))[0] == 200

    rows = await as_csv(desk, served.root, what="alarms")

    assert [r["Nomor alarm (UUID)"] for r in rows] == [a["id"] for a in shown]
    assert [int(r["Sekarang diam"]) for r in rows] == [a["missing"] for a in shown]
    assert (rows[0]["Tindakan"], rows[0]["Ditangani oleh"]) == ("'@ditelepon", f"supervisor-{served.operation}")
    assert {r["Saringan"] for r in rows} == {"Berlaku"}
    assert {r["Jam latihan"] for r in rows} == {"2024-11-27 07:20:00 WIB"}
    assert ["Jam latihan", "2024-11-27 07:20:00 WIB"] in await as_xlsx(desk, served.root, what="alarms")
    assert await as_csv(desk, served.root, what="alarms", alarm="nihil") == []
    assert await as_csv(desk, served.root, what="alarms", standing="false") == []


async def test_who_has_not_answered_a_directive_is_taken_along(
    people: dict[str, Client], served: Small, server_pool: db.Pool
) -> None:
    desk, path = people["supervisor"], f"/v1/directives/{uuid7()}"
    said = {
        "operation": served.operation, "from": served.root, "kind": "perintah", "requires": "terima", "text": "Periksa {place}",
        "deadline": (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)).isoformat(),
        "to": {"kind": "tps", "region": served.kecamatan[0]},
    }  # fmt: skip
    assert (await desk.ask("PUT", path, said))[0] == 201
    assert (await desk.ask("PUT", f"{path}/targets/{served.tps[0]}/refusal", {"reason": "=banjir"}))[0] == 200
    about = {"directive": path.rpartition("/")[2]}

    await file(desk, served, served.tps[2], {"kind": "nihil"})

    unanswered = await as_csv(desk, served.root, what="directive-targets", state="unanswered", **about)
    refused = await as_csv(desk, served.root, what="directive-targets", state="ditolak", **about)
    counted = await as_csv(desk, served.root, what="directive-compliance", **about)

    assert [r["Kode"] for r in unanswered] == served.tps[1:6]
    assert {r["Masih ditunggu"] for r in unanswered} == {"ya"}
    assert [r["Kode"] for r in unanswered if r["Melapor sesudah arahan"]] == [served.tps[2]]
    assert unanswered[0]["Saringan"] == "Arahan nomor 1: Periksa [nama tempat]; belum menjawab"
    assert [(r["Kode"], r["Jawaban atau alasan"]) for r in refused] == [(served.tps[0], "'=banjir")]
    assert [(r["Kode"], r["Terkirim"], r["Ditolak"]) for r in counted] == [
        (served.root, "6", "1"),
        (served.kecamatan[0], "6", "1"),
    ]
    for code, query, status in (
        (served.root, {}, 422),
        (served.root, {"directive": str(uuid7())}, 404),
        (served.kecamatan[1], about, 404),
    ):
        assert (await ask(desk, code, "csv", what="directive-targets", **query))[0] == status
    async with server_pool.acquire() as connection:
        await make_account(connection, "unduh2", "supervisor", served.kecamatan[1])
    beside = await Client(desk.http, desk.url).sign_in("unduh2")
    beside.operation = served.operation
    assert (await ask(beside, served.kecamatan[1], "csv", what="directive-targets", **about))[0] == 404


async def test_piket_is_taken_along_by_who_sees_it(people: dict[str, Client], served: Small) -> None:
    desk = people["operator"]
    assert (await desk.ask("POST", f"/v1/desks/{served.kecamatan[0]}/shifts", {"operation": served.operation}))[
        0
    ] == 201

    rows = await as_csv(desk, served.root, what="desks")
    kept = await as_csv(desk, served.root, what="desks", desk="staffed", level="3")

    assert [r["Kode"] for r in rows] == sorted([served.root, *served.kecamatan, *served.kelurahan])
    assert [(r["Kode"], r["Bertugas"], r["Keadaan"]) for r in kept] == [
        (served.kecamatan[0], f"operator-{served.operation}", "dijaga")
    ]
    assert kept[0]["Saringan"] == "dijaga, Kecamatan"
    assert (await ask(people["petugas"], served.root, "csv", what="desks"))[0] == 403
    assert (await ask(people["auditor"], served.root, "csv", what="desks"))[0] == 200


@pytest.mark.parametrize("what", ["incidents", "alarms", "desks", "cells", "curves"])
async def test_nobody_takes_along_beyond_their_reach(
    people: dict[str, Client], served: Small, server_pool: db.Pool, what: str
) -> None:
    async with server_pool.acquire() as connection:
        await make_account(connection, "unduh3", "operator", served.kecamatan[1])
    beside = await Client(people["operator"].http, people["operator"].url).sign_in("unduh3")
    beside.operation = served.operation
    query = {"what": what} | ({"colour": "diam"} if what == "cells" else {})

    assert (await ask(people["operator"], served.root, "csv", **query))[0] == 200
    assert (await ask(beside, served.kecamatan[1], "csv", **query))[0] == 200
    assert (await ask(beside, served.root, "csv", **query))[0] == 404
    assert (await ask(people["wall"], served.root, "csv", **query))[0] == 403


async def test_the_grid_is_taken_along_in_the_classes_of_its_colours(
    people: dict[str, Client], served: Small, server_pool: db.Pool
) -> None:
    desk = people["supervisor"]
    day = await Day.begin(server_pool, served)
    await file(desk, served, served.tps[0], milestone("voting_open"), at=local(7, 1))
    await file(desk, served, served.tps[1], milestone("voting_open"), at=local(7, 40))
    await file(desk, served, served.tps[2], incident("tinggi"))
    await server_pool.execute(
        "update posko.tps set police_grade = 'rawan', indicators = '{keamanan,lokasi}' where node_id = (select id from posko.node where operation_id = $1 and code = $2)",
        served.operation, served.tps[3],
    )  # fmt: skip

    async def states(colour: str, **query: str) -> list[str]:
        rows = await as_csv(desk, served.kelurahan[0], what="cells", colour=colour, **query)
        assert [list(r)[:3] for r in rows] == [["Kode", "TPS", "Tempat"]] * len(rows)
        return [list(r.values())[3] for r in rows]

    assert await states("voting_open") == ["tepat waktu", "terlambat", "belum lapor"]
    assert await states("voting_open", only="late,unreported") == ["terlambat", "belum lapor"]
    assert await states("kejadian") == ["tanpa kejadian terbuka", "tanpa kejadian terbuka", "tinggi"]
    assert await states("diam") == ["kabar kurang dari 30 menit lalu"] * 3
    await day.at(clock(5, 31))
    assert await states("diam") == ["kabar 30–60 menit lalu"] * 3
    assert await states("tanda") == ["tidak ada tanda"] * 3
    rows = await as_csv(desk, served.root, what="cells", colour="polri")
    assert len(rows) == 12
    assert rows[3]["Kerawanan (Polri)"] == "rawan"
    assert rows[3]["Tempat"] == "Kelurahan 1-2, Kecamatan 1, KOTA KECIL"
    rows = await as_csv(desk, served.root, what="cells", colour="bawaslu", only="2")
    assert [(r["Kode"], r["Indikator rawan (Bawaslu)"]) for r in rows] == [(served.tps[3], "2 indikator")]
    assert rows[0]["Saringan"] == "Indikator rawan (Bawaslu): 2 indikator"
    for query in ({}, {"colour": "merah"}):
        assert (await ask(desk, served.root, "csv", what="cells", **query))[0] == 422
    for colour, only in (("voting_open", "fresh"), ("diam", "old,late"), ("tanda", "4")):
        status, answer, _ = await ask(desk, served.root, "csv", what="cells", colour=colour, only=only)
        assert (status, answer["errors"][0]["path"]) == (422, "$.only")
    await server_pool.execute(
        "update posko.operation set mode = 'live', clock_at = null, clock_set_at = null, clock_speed = null where id = $1", served.operation
    )  # fmt: skip
    assert "Jam latihan" not in (await as_csv(desk, served.root, what="cells", colour="diam"))[0]


@pytest.mark.parametrize(
    ("said", "marks", "last", "state"),
    [
        ("unreported", COVERED | UNREACHABLE, 0, "unreachable"),
        ("overdue", COVERED, 0, "overdue"),
        ("reached", 0, 0, "never"),
        ("reached", COVERED, None, "never"),
        ("reached", COVERED, -OLD_S - 1, "old"),
        ("reached", COVERED, -OLD_S, "older"),
        ("reached", COVERED, -OLDER_S - 1, "older"),
        ("reached", COVERED, -OLDER_S, "fresh"),
    ],
)
def test_how_long_a_tps_has_been_silent(said: str, marks: int, last: int | None, state: str) -> None:
    """As web/konsol/grid/colours.ts has it; `last` in seconds from now."""
    now = 1_000_000
    at = None if last is None else now + last

    assert silence_of(Tps("31.72.01.1001.001", [said, "unreported"], 0, 0, 0, marks, at, 0, 0), now) == state


async def test_curves_are_taken_along_sample_by_sample(
    people: dict[str, Client], served: Small, server_pool: db.Pool
) -> None:
    desk, day = people["supervisor"], await Day.begin(server_pool, served)
    for minute, said in ((0, milestone("voting_open")), (1, turnout(61, 70)), (2, count("gubernur", [10, 20, 30]))):
        await day.at(clock(7, minute))
        await server_pool.execute("update posko.curve set looked_at = looked_at - interval '2 seconds'")
        await Sampler(server_pool, CollectorRegistry()).look()
        await file(desk, served, served.tps[0], said)
    await day.at(clock(7, 3))
    await server_pool.execute("update posko.curve set looked_at = looked_at - interval '2 seconds'")
    await Sampler(server_pool, CollectorRegistry()).look()

    rows = await as_csv(desk, served.root, what="curves")
    part = await as_csv(desk, served.root, what="curves", since=local(7, 1), until=local(7, 2))

    assert [r["Waktu catatan"] for r in rows] == [f"2024-11-27 07:0{n}:00 WIB" for n in range(4)]
    assert [r["voting_open: tercapai"] for r in rows] == ["0", "1", "1", "1"]
    assert [r["Pengguna hak pilih"] for r in rows] == ["0", "0", "131", "131"]
    assert [r["hasil masuk: Gubernur dan wakil gubernur"] for r in rows] == ["0", "0", "0", "1"]
    assert {r["Catatan"] for r in rows} == {NOTE}
    assert [r["Waktu catatan"] for r in part] == ["2024-11-27 07:01:00 WIB", "2024-11-27 07:02:00 WIB"]
    assert await as_csv(desk, served.tps[0], what="curves") == []
    # Nobody sampled for an hour in which something was filed.
    await file(desk, served, served.tps[1], milestone("voting_open"))
    await day.at(clock(8, 3))
    await server_pool.execute("update posko.curve set looked_at = looked_at - interval '1 hour'")
    await Sampler(server_pool, CollectorRegistry()).look()

    rows = await as_csv(desk, served.root, what="curves", since=local(7, 2))

    assert [(r["Waktu catatan"][11:16], r["Keterangan"]) for r in rows] == [
        ("07:02", ""),
        ("07:03", ""),
        ("08:03", "tidak tercatat"),
    ]
