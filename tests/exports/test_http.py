"""Files of what is shown: whole, of one version, saying what they are of, and harmless to whoever opens them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from posko import db
from posko.exports.routes import WAITING_LIMIT
from tests.client import Client
from tests.exports.taking import as_csv, as_xlsx, ask
from tests.factories import Small, count, incident, local, make_account, milestone, report, turnout
from tests.running import Running

UNREPORTED = "milestone.voting_open.unreported"
NOTE = "hitung internal, bukan hasil resmi"


@pytest.fixture
async def desk(running: Running, served: Small) -> AsyncIterator[Client]:
    """A supervisor who files some reports: what a spreadsheet would take for a formula among them."""
    async with aiohttp.ClientSession() as http:
        client = await Client(http, running.url).sign_in("supervisor")
        client.operation = served.operation
        for place, content in (
            (served.tps[0], milestone("voting_open")),
            (served.tps[0], turnout(61, 70)),
            (served.tps[1], turnout(300, 300)),
            (served.tps[2], count("gubernur", [10, 20, 30])),
            (served.tps[7], incident("kritis", text='=HYPERLINK("http://x";"a")\n;+1')),
            (served.kelurahan[3], incident("tinggi", text="@SUM(1)")),
        ):
            status, body, _ = await client.put(report(served.operation, place, content))
            assert status == 201, body
        yield client


async def test_the_table_of_a_region_has_every_child_and_adds_up(desk: Client, served: Small) -> None:
    rows = await as_csv(desk, served.root, what="rekap")

    assert [r["Kode"] for r in rows] == [served.root, *served.kecamatan]
    total, *children = rows
    for column in (
        "TPS",
        "TPS sudah melapor",
        "Laporan kejadian: kritis",
        "Pengguna hak pilih",
        "voting_open: tercapai",
    ):
        assert int(total[column]) == sum(int(c[column]) for c in children), column
    assert total["TPS sudah melapor"] == "4"
    assert total["voting_open: belum lapor"] == "11"
    said = ("tercapai", "tidak terlaksana", "tidak terjangkau", "belum lapor")
    assert all(sum(int(r[f"voting_open: {part}"]) for part in said) == int(r["TPS"]) for r in rows)
    region = await desk.get(f"/v1/regions/{served.root}")
    assert {r["Versi"] for r in rows} == {str(region["version"])}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d WIB", r["Data per"]) for r in rows)
    assert "LATIHAN" in total["Operasi"]


async def test_the_table_is_sorted_as_it_was_shown(desk: Client, served: Small) -> None:
    rows = await as_csv(desk, served.root, what="rekap", sort="incidents", descending="true")

    assert [r["Kode"] for r in rows] == [served.root, served.kecamatan[1], served.kecamatan[0]]
    assert rows[0]["Saringan"] == "urut menurut kejadian, turun"
    rows = await as_csv(desk, served.root, what="rekap", sort="voting_open", language="en")
    assert [r["Code"] for r in rows] == [served.root, served.kecamatan[1], served.kecamatan[0]]
    rows = await as_csv(desk, served.root, what="rekap", sort="voting_open.unreported", descending="true")
    assert [r["Kode"] for r in rows] == [served.root, served.kecamatan[1], served.kecamatan[0]]
    assert rows[0]["Saringan"].endswith(": belum lapor, turun")
    assert {r["Alarm"] for r in rows} == {"0"}


async def test_the_list_behind_a_number_is_whole_and_says_of_what(desk: Client, served: Small) -> None:
    rows = await as_csv(desk, served.root, what="tps", counter=UNREPORTED)

    behind = await desk.get(f"/v1/regions/{served.root}/tps?counter={UNREPORTED}")
    assert [r["Kode"] for r in rows] == [p["code"] for p in behind["places"]]
    assert sum(int(r["Nilai"]) for r in rows) == behind["total"] == 11
    assert {r["Saringan"] for r in rows} == {f"voting_open: belum lapor ({UNREPORTED})"}
    assert {r["Wilayah"] for r in rows} == {f"KOTA KECIL ({served.root})"}
    status, _, headers = await ask(desk, served.root, "csv", what="tps", counter=UNREPORTED)
    assert status == 200
    assert headers["content-disposition"] == (
        f'attachment; filename="posko-latihan-{served.operation}-tps-31-72-v{behind["version"]}.csv"'
    )


async def test_votes_say_in_every_row_that_they_are_not_official(desk: Client, served: Small) -> None:
    counter = "count.gubernur.paslon.3"

    rows = await as_csv(desk, served.root, what="tps", counter=counter)
    cells = await as_xlsx(desk, served.root, what="tps", counter=counter)

    assert [(r["Nilai"], r["Catatan"]) for r in rows] == [("30", NOTE)]
    assert ["Catatan", NOTE] in cells
    assert all("Catatan" not in r for r in await as_csv(desk, served.root, what="tps", counter="covered"))


async def test_what_a_reporter_wrote_is_never_a_formula(desk: Client, served: Small) -> None:
    rows = await as_csv(desk, served.root, what="incident-reports")
    cells = await as_xlsx(desk, served.root, what="incident-reports")

    assert [r["Uraian"][0] for r in rows] == ["'", "'"]
    assert "\n" not in rows[0]["Uraian"]
    assert [r["Tingkat"] for r in rows] == ["kritis", "tinggi"]
    assert any(row[5:6] == ['=HYPERLINK("http://x";"a")\n;+1'] for row in cells)
    assert [r["Kode"] for r in await as_csv(desk, served.root, what="incident-reports", severity="tinggi")] == [
        served.kelurahan[3]
    ]


async def test_flags_are_listed_as_on_the_screen(desk: Client, served: Small) -> None:
    rows = await as_csv(desk, served.root, what="flags")

    shown = await desk.get(f"/v1/regions/{served.root}/flags")
    assert [(r["Kode"], r["Nomor laporan"]) for r in rows] == [(f["place"], f["report_id"]) for f in shown["rows"]]
    assert "pemilih melebihi DPT + 2,5 %" in {r["Yang janggal"] for r in rows}
    assert await as_csv(desk, served.root, what="flags", kind="berbeda") == []


async def test_the_history_of_flags_has_those_that_were_settled_and_those_that_fell_away(
    desk: Client, served: Small
) -> None:
    over, gone = [(await desk.put(report(served.operation, served.tps[n], turnout(350, 300))))[1] for n in (3, 4)]
    await desk.ask("PUT", f"/v1/flags/turnout_over/{over['id']}/clearing", {"reason": "daftar pindahan"})
    _, right, _ = await desk.put(report(served.operation, served.tps[4], turnout(355, 310), at=local(15)))

    rows = await as_csv(desk, served.root, what="flag-history", kind="turnout_over")

    told = {r["Nomor laporan"]: r for r in rows}
    assert [r["Keadaan"] for r in rows] == ["masih berdiri", "diselesaikan", "gugur", "masih berdiri"]
    assert (told[over["id"]]["Diselesaikan oleh"], told[over["id"]]["Alasan"]) == ("supervisor", "daftar pindahan")
    assert told[gone["id"]]["Digantikan laporan nomor"] == right["id"]
    assert told[gone["id"]]["Sejak"] <= told[gone["id"]]["Gugur pada"] == told[right["id"]]["Sejak"]
    assert await as_csv(desk, served.kecamatan[1], what="flag-history") == []


async def test_a_workbook_has_numbers_that_can_be_added_and_what_it_is_of(desk: Client, served: Small) -> None:
    cells = await as_xlsx(desk, served.root, what="rekap")

    head = next(i for i, row in enumerate(cells) if row[:2] == ["Kode", "Nama"])
    assert cells[0] == ["Rekap KOTA KECIL"]
    assert [row[0] for row in cells[head + 1 :]] == [served.root, *served.kecamatan]
    assert [row[3] for row in cells[head + 1 :]] == ["12", "6", "6"]
    assert {"Versi", "Data per", "Wilayah", "Saringan"} <= {row[0] for row in cells[:head] if row}


async def test_nobody_takes_along_what_they_do_not_see(desk: Client, served: Small, server_pool: db.Pool) -> None:
    async with server_pool.acquire() as connection:
        await make_account(connection, "unduh1", "operator", served.kecamatan[0])
    one = await Client(desk.http, desk.url).sign_in("unduh1")
    wall = await Client(desk.http, desk.url).sign_in("wall")
    for who in (one, wall):
        who.operation = served.operation

    assert (await ask(one, served.root, "csv", what="rekap"))[0] == 404
    assert (await ask(wall, served.root, "csv", what="rekap"))[0] == 403
    assert [r["Kode"] for r in await as_csv(one, served.kecamatan[0], what="incident-reports")] == []
    assert (await ask(desk, served.root, "xlsx", what="tps"))[0] == 422
    assert (await ask(desk, served.root, "csv", what="tps", counter="nothing.here"))[0] == 404
    assert (await ask(desk, served.root, "csv", what="semua"))[0] == 422


async def test_who_took_what_along_is_in_the_log(desk: Client, served: Small, server_pool: db.Pool) -> None:
    await as_csv(desk, served.kecamatan[1], what="tps", counter="covered")

    row = await server_pool.fetchrow(
        "select l.subject, l.detail, l.region_code, a.username from posko.log_entry l join posko.account a on a.id = l.account_id"
        " where l.action = 'table.export' and l.operation_id = $1 order by l.id desc limit 1",
        served.operation,
    )
    assert tuple(row) == ("tps", "covered", served.kecamatan[1], "supervisor")


async def test_files_are_read_one_at_a_time_and_a_crowd_is_told_to_wait(
    desk: Client, served: Small, server_pool: db.Pool
) -> None:
    """Whoever exports holds one connection of the pool, however many they are."""
    held = (
        "select count(*) from pg_stat_activity where datname = current_database() and state = 'active'"
        " and wait_event_type = 'Lock' and query like '%api.flags_behind(%'"
    )
    async with server_pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute("lock table posko.flag in access exclusive mode")
            asked = [asyncio.create_task(ask(desk, served.root, "csv", what="flags")) for _ in range(WAITING_LIMIT + 3)]
            refused: set[asyncio.Task[tuple[int, bytes, Any]]] = set()
            async with asyncio.timeout(30):
                while len(refused) < 3 or not await server_pool.fetchval(held):
                    refused = {one for one in asked if one.done()}
                    await asyncio.sleep(0.02)
            reading = await server_pool.fetchval(held)
        answers = await asyncio.gather(*asked)

    assert reading == 1
    assert {one.result()[0] for one in refused} == {503}
    assert sorted(status for status, _, _ in answers) == [200] * WAITING_LIMIT + [503] * 3
