"""Photos over HTTP, on a real server with a real directory: the report first, the photo after."""

from __future__ import annotations

import asyncio
import datetime
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from posko import db
from posko.photos.decoder import CHILD
from tests.client import Client
from tests.factories import Small, count, incident, make_small, milestone, report, turnout, uuid7
from tests.photos.conftest import SignIn, filed, sent
from tests.photos.pictures import GPS, file_of, noise, opened, photo, picture, promise, sha
from tests.running import Running


def directory(running: Running) -> Path:
    return Path(urlsplit(running.environ["POSKO_PHOTOS_URL"]).path)


def stored(running: Running) -> set[Path]:
    return {p for p in directory(running).rglob("*") if p.is_file()}


async def test_the_report_is_acknowledged_first_and_the_photo_kept_after(
    petugas: Client, sign_in: SignIn, served: Small, running: Running
) -> None:
    data, desk = photo(6), await sign_in("operator")
    one = await filed(petugas, served, data)
    assert (await desk.ask("GET", f"/v1/reports/{one}/photos"))[1] == [
        {"report": str(one), "sha256": sha(data), "bytes": len(data), "state": "promised", "kind": None, "width": None, "height": None, "kept_at": None, "by": None}
    ]  # fmt: skip

    first, again = await sent(petugas, one, data), await sent(petugas, one, data)

    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    assert (first[1]["width"], first[1]["height"]) == (480, 640)
    found = (await desk.ask("GET", f"/v1/reports/{one}/photos"))[1]
    assert [(p["state"], p["kind"], p["kept_at"]) for p in found] == [("kept", "jpeg", first[1]["kept_at"])]
    assert found[0]["by"].startswith("foto-petugas-")
    # The report itself is as it was filed.
    assert (await desk.ask("GET", f"/v1/reports/{one}"))[1]["content"]["photos"] == promise(data)


async def test_what_is_shown_has_no_place_no_device_and_nothing_behind_it(
    petugas: Client, sign_in: SignIn, served: Small
) -> None:
    data, desk = photo(), await sign_in("auditor")
    one = await filed(petugas, served, data)
    await sent(petugas, one, data)

    for size, longest in (("shown", 640), ("thumbnail", 320)):
        status, copy, headers = await desk.ask("GET", f"/v1/reports/{one}/photos/{sha(data)}/{size}")
        assert (status, headers["content-type"]) == (200, "image/jpeg")
        assert headers["cache-control"] == "private, max-age=86400, immutable"
        assert headers.getall("x-content-type-options") == ["nosniff"]
        assert any("sandbox" in said for said in headers.getall("content-security-policy"))
        assert max(opened(copy).size) == longest
        assert GPS.encode() not in copy
        assert b"Exif" not in copy
        assert b"<script>" not in copy
    for size in ("large", "original.jpg"):
        assert (await desk.ask("GET", f"/v1/reports/{one}/photos/{sha(data)}/{size}"))[0] == 422


async def test_the_original_is_unreadable_on_disk_and_comes_back_whole_for_a_few(
    petugas: Client, sign_in: SignIn, served: Small, running: Running, server_pool: db.Pool
) -> None:
    data, before = photo(), stored(running)
    one = await filed(petugas, served, data)
    await sent(petugas, one, data)
    path = f"/v1/reports/{one}/photos/{sha(data)}/original"

    files = stored(running) - before
    assert sorted(f.suffix for f in files) == [".original", ".shown", ".thumbnail"]
    for file in files:
        sealed = file.read_bytes()
        assert GPS.encode() not in sealed
        assert b"JFIF" not in sealed
        assert not sealed.startswith(b"\xff\xd8")
        assert one not in str(file)
        assert sha(data) not in str(file)
    assert directory(running).stat().st_mode & 0o077 == 0

    for role in ("supervisor", "auditor", "admin"):
        status, body, headers = await (await sign_in(role)).ask("GET", path)
        assert (status, body) == (200, data)
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"] == f'attachment; filename="posko-{sha(data)[:16]}.jpeg"'
        assert headers["cache-control"] == "no-store"
        assert any("sandbox" in said for said in headers.getall("content-security-policy"))
    rows = await server_pool.fetch(
        "select region_code, role from posko.log_entry where action = 'photo.original' and subject like $1", f"%{one}"
    )
    assert {(r["region_code"], r["role"]) for r in rows} == {
        (served.tps[0], r) for r in ("supervisor", "auditor", "admin")
    }
    for client in (petugas, await sign_in("operator")):
        assert (await client.ask("GET", path))[0] == 403


async def test_the_original_needs_a_step_up(
    petugas: Client, sign_in: SignIn, served: Small, server_pool: db.Pool
) -> None:
    data, auditor = photo(), await sign_in("auditor")
    one = await filed(petugas, served, data)
    await sent(petugas, one, data)
    # Before the server has seen the session: what it knows of one it keeps for a while.
    await server_pool.execute(
        "update posko.session set stepped_up_at = posko.now() - interval '6 minutes'"
        " where id = (select max(s.id) from posko.session s join posko.account a on a.id = s.account_id where a.username like 'foto-auditor-%')"
    )

    answer = await auditor.ask("GET", f"/v1/reports/{one}/photos/{sha(data)}/original")

    assert (answer[0], answer[1]["code"]) == (403, "step-up-needed")


async def test_every_kind_that_may_promise_does_and_a_correction_too(
    petugas: Client, sign_in: SignIn, served: Small
) -> None:
    desk = await sign_in("operator")
    for content in (
        milestone("voting_open"), count("gubernur", [1, 2, 3]), {"kind": "custody", "holder": "pps", "sealed": True}, incident(),
    ):  # fmt: skip
        data, one = photo(size=(320, 200)), uuid7()
        assert (await desk.put(report(served.operation, served.tps[1], {**content, "photos": promise(data)}), one))[
            0
        ] == 201
        assert (await sent(desk, str(one), data))[0] == 201

    again = uuid7()
    right = {"kind": "correction", "of": str(one), "reason": "foto lain", "replacement": incident(photos=promise(data))}
    assert (await desk.put(report(served.operation, served.tps[1], right), again))[0] == 201
    assert (await sent(desk, str(again), data))[0] == 201
    withdrawn = {"kind": "correction", "of": str(again), "reason": "keliru"}
    last = uuid7()
    assert (await desk.put(report(served.operation, served.tps[1], withdrawn), last))[0] == 201
    assert (await desk.ask("GET", f"/v1/reports/{last}/photos"))[1] == []


async def test_what_replaces_a_report_has_its_photos_too_each_once_and_what_is_elsewhere_has_none(
    petugas: Client, sign_in: SignIn, served: Small
) -> None:
    first, second, desk = photo(7), photo(8), await sign_in("operator")
    one = await filed(petugas, served, first)
    await sent(petugas, one, first)

    async def replaced(of: str, tps: int = 0, **more: Any) -> str:
        id, right = (
            uuid7(),
            {"kind": "correction", "of": of, "reason": "salah tingkat", "replacement": incident(**more)},
        )
        assert (await desk.put(report(served.operation, served.tps[tps], right), id))[0] == 201
        return str(id)

    async def album(of: str) -> list[tuple[str, str, str]]:
        found = (await desk.ask("GET", f"/v1/reports/{of}/photos"))[1]
        return [(p["report"], p["sha256"], p["state"]) for p in found]

    better = await replaced(one)
    best = await replaced(better, photos=promise(first, second))

    assert await album(better) == [(one, sha(first), "kept")]
    # One that is promised anew, as older phones do, is shown as it was kept before it comes again.
    assert await album(best) == [(best, sha(second), "promised"), (one, sha(first), "kept")]
    shown = (await desk.ask("GET", f"/v1/reports/{best}/photos/{sha(first)}/thumbnail"))[0]
    assert (shown, await album(one)) == (200, [(one, sha(first), "kept")])
    # The photo is the report's that promised it: nobody sends it for another.
    assert (await sent(desk, better, first))[0] == 404
    astray = await replaced(one, tps=1)
    assert await album(astray) == []


A, B = sha(b"a"), sha(b"b")
BAD_PROMISES: list[tuple[str, Any, str]] = [
    ("upper-case", [{"sha256": A.upper(), "bytes": 1}], "$.content.photos[0].sha256"),
    ("newline", [{"sha256": A + "\n", "bytes": 1}], "$.content.photos[0].sha256"),
    ("no-length", [{"sha256": A}], "$.content.photos[0]"),
    ("empty", [{"sha256": A, "bytes": 0}], "$.content.photos[0].bytes"),
    ("too-long", [{"sha256": A, "bytes": 8 * 1024 * 1024 + 1}], "$.content.photos[0].bytes"),
    ("five", [{"sha256": sha(bytes([n])), "bytes": 1} for n in range(5)], "$.content.photos"),
    ("twice", [{"sha256": A, "bytes": 1}, {"sha256": A, "bytes": 1}], "$.content.photos"),
    ("named", [{"sha256": A, "bytes": 1, "name": "x.jpg"}], "$.content.photos[0].name"),
]


@pytest.mark.parametrize(("photos", "path"), [b[1:] for b in BAD_PROMISES], ids=[b[0] for b in BAD_PROMISES])
async def test_a_promise_outside_its_rule_is_422(petugas: Client, served: Small, photos: Any, path: str) -> None:
    status, body, _ = await petugas.put(report(served.operation, served.tps[0], incident(photos=photos)))
    assert status == 422, body
    assert body["errors"][0]["path"] == path


async def test_a_hash_that_holds_sixteen_digits_is_no_nik_and_turnout_promises_nothing(
    petugas: Client, served: Small
) -> None:
    digits = "1234567890123456" + "a" * 48
    said = incident(photos=[{"sha256": digits, "bytes": 9}])
    assert (await petugas.put(report(served.operation, served.tps[0], said)))[0] == 201
    assert (await petugas.put(report(served.operation, served.tps[0], {**said, "text": "NIK 1234567890123456"})))[
        0
    ] == 422
    refused = await petugas.put(report(served.operation, served.tps[0], {**turnout(1, 1), "photos": []}))
    assert refused[0] == 422


async def test_other_bytes_than_promised_are_refused_and_logged(
    petugas: Client, served: Small, server_pool: db.Pool, running: Running
) -> None:
    data = photo()
    one, before = await filed(petugas, served, data), stored(running)
    for wrong in (data[:-1], data + b"x", data[:-1] + b"x", b"", b"x" * len(data)):
        status, body, headers = await sent(petugas, one, wrong, name=sha(data))
        assert (status, body["code"], headers["content-type"]) == (422, "photo-hash", "application/problem+json")

    rows = await server_pool.fetch(
        "select outcome, region_code from posko.log_entry where action = 'photo.hash' and subject like $1", f"%{one}"
    )
    assert [tuple(r) for r in rows] == [("refused", served.tps[0])] * 5
    assert stored(running) == before
    assert (await sent(petugas, one, data))[0] == 201
    assert (await sent(petugas, one, data[:-1], name=sha(data)))[0] == 422


async def test_what_was_not_promised_or_is_nowhere_is_404(petugas: Client, served: Small) -> None:
    data, other = photo(), photo(3)
    one = await filed(petugas, served, data)
    plain = uuid7()
    await petugas.put(report(served.operation, served.tps[0], incident()), plain)
    for report_id, file in ((one, other), (str(plain), data), (str(uuid7()), data)):
        status, body, _ = await sent(petugas, report_id, file)
        assert (status, body["code"]) == (404, "photo-unknown")
    for name in ("x", sha(data).upper(), sha(data)[:-1]):
        assert (await sent(petugas, one, data, name=name))[0] == 422


async def test_only_who_filed_it_or_a_desk_of_the_place_sends(petugas: Client, sign_in: SignIn, served: Small) -> None:
    data = photo()
    expected = [
        (("petugas", served.root), 403, "not-allowed"), (("system", served.root), 403, "not-allowed"),
        (("auditor", served.root), 403, "not-allowed"), (("wall", served.root), 403, "not-allowed"),
        (("operator", served.kecamatan[1]), 404, "photo-unknown"), (("operator", "32"), 404, "photo-unknown"),
        (("operator", served.tps[0]), 201, None), (("supervisor", "ID"), 201, None), (("admin", served.root), 201, None),
    ]  # fmt: skip
    for (role, scope), status, code in expected:
        one = await filed(petugas, served, data)
        answer = await sent(await sign_in(role, scope), one, data)
        assert (answer[0], answer[1].get("code")) == (status, code), (role, scope)


async def test_a_seat_of_another_operation_sees_and_sends_nothing(
    petugas: Client, sign_in: SignIn, served: Small, server_pool: db.Pool
) -> None:
    data = photo()
    one = await filed(petugas, served, data)
    await sent(petugas, one, data)
    async with server_pool.acquire() as connection:
        other = await make_small(connection)
    for client in (
        await sign_in("supervisor", operation=other.operation),
        await sign_in("supervisor", served.kecamatan[1]),
    ):
        assert (await sent(client, one, data))[0] == 404
        for tail in ("", f"/{sha(data)}/shown", f"/{sha(data)}/thumbnail", f"/{sha(data)}/original"):
            assert (await client.ask("GET", f"/v1/reports/{one}/photos{tail}"))[0] == 404


async def test_a_seat_that_has_ended_sends_nothing(petugas: Client, served: Small, server_pool: db.Pool) -> None:
    data = photo()
    one = await filed(petugas, served, data)
    account = (await petugas.ask("GET", "/v1/sessions/current"))[1]["account"]["id"]
    await server_pool.execute("update posko.assignment set revoked_at = posko.now() where account_id = $1", account)
    assert (await sent(petugas, one, data))[0] == 404


async def test_what_is_terbatas_is_sent_by_who_filed_it_and_seen_by_the_cleared_alone(
    petugas: Client, sign_in: SignIn, served: Small, server_pool: db.Pool
) -> None:
    data = photo()
    one = await filed(petugas, served, data, restricted=True)
    curious, cleared = await sign_in("supervisor"), await sign_in("supervisor", cleared=True)
    assert (await sent(curious, one, data))[0] == 404

    assert (await sent(petugas, one, data))[0] == 201

    tails = ("", f"/{sha(data)}/shown", f"/{sha(data)}/thumbnail")
    for client in (petugas, curious, await sign_in("auditor")):
        for tail in (*tails, f"/{sha(data)}/original"):
            assert (await client.ask("GET", f"/v1/reports/{one}/photos{tail}"))[0] in (
                (403, 404) if client is petugas else (404,)
            )
    for tail in tails:
        status, _, headers = await cleared.ask("GET", f"/v1/reports/{one}/photos{tail}")
        assert (status, headers["cache-control"]) == (200, "no-store")
    assert (await cleared.ask("GET", f"/v1/reports/{one}/photos/{sha(data)}/original"))[1] == data
    rows = await server_pool.fetch(
        "select action, restricted, operation_id from posko.log_entry where subject like $1 and outcome = 'done' order by id",
        f"%{one}",
    )
    assert [tuple(r) for r in rows] == [("restricted.read", True, served.operation)] * 2 + [
        ("photo.original", True, served.operation)
    ]


async def test_what_is_no_photo_has_too_many_pixels_or_breaks_is_422(
    petugas: Client, served: Small, running: Running
) -> None:
    before = stored(running)
    for data, code in (
        (b"GIF89a" + os.urandom(500), "photo-type"), (b"<svg onload=alert(1)>", "photo-type"), (b"%PDF-1.7 " + os.urandom(99), "photo-type"),
        (b"\xff\xd8\xff" + os.urandom(999), "photo-unreadable"), (photo()[:4000], "photo-unreadable"),
        (file_of(picture(100, 100).resize((8001, 5000)), "PNG"), "photo-pixels"),
    ):  # fmt: skip
        one = await filed(petugas, served, data)
        status, body, _ = await sent(petugas, one, data)
        assert (status, body["code"]) == (422, code)
        assert (await petugas.ask("GET", f"/v1/reports/{one}/photos"))[1][0]["state"] == "promised"
    assert stored(running) == before


async def test_eight_mebibytes_are_taken_and_more_are_413(petugas: Client, served: Small) -> None:
    jpeg = file_of(noise(4000, 3000), "JPEG", quality=90)
    whole = jpeg + bytes(8 * 1024 * 1024 - len(jpeg))
    one = await filed(petugas, served, whole)
    assert (await sent(petugas, one, whole))[0] == 201
    status, body, _ = await sent(petugas, one, whole + b"x", name=sha(whole))
    assert (status, body["code"]) == (413, "body-too-large")


async def test_other_routes_keep_their_limit(petugas: Client, served: Small) -> None:
    said = b'{"a":"' + b"x" * 300_000 + b'"}'
    assert (await petugas.ask("PUT", f"/v1/reports/{uuid7()}", data=said))[0] == 413
    assert (await petugas.ask("PUT", f"/v1/reports/{uuid7()}/photos", data=b"{}"))[0] == 405


def raw(running: Running, client: Client, path: str, length: int) -> socket.socket:
    """A request of which only the head is sent."""
    connection = socket.create_connection(("127.0.0.1", running.port), timeout=90)
    head = f"PUT {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {client.token}\r\ncontent-length: {length}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


async def test_a_body_that_does_not_come_is_408(petugas: Client, served: Small, running: Running) -> None:
    data = photo()
    one = await filed(petugas, served, data)
    with raw(running, petugas, f"/v1/reports/{one}/photos/{sha(data)}", len(data)) as connection:
        connection.sendall(data[:1000])
        answer = await asyncio.to_thread(connection.recv, 4096)
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert (await sent(petugas, one, data))[0] == 201


async def test_two_at_a_time_of_one_account_and_the_third_is_told_to_wait(
    petugas: Client, sign_in: SignIn, served: Small, running: Running
) -> None:
    data = photo()
    one = await filed(petugas, served, data)
    path = f"/v1/reports/{one}/photos/{sha(data)}"
    admin = await sign_in("admin")
    with raw(running, petugas, path, len(data)), raw(running, petugas, path, len(data)):
        async with asyncio.timeout(30):
            while (await admin.get("/v1/health"))["photos"]["sending"] < 2:
                await asyncio.sleep(0.05)
        status, body, headers = await sent(petugas, one, data)
        assert (status, body["code"], headers["retry-after"]) == (503, "photos-busy", "5")
        assert (await sent(await sign_in("operator"), one, data))[0] == 201


async def test_many_at_once_are_each_kept_once(
    petugas: Client, sign_in: SignIn, served: Small, running: Running
) -> None:
    data, desks, before = photo(), [await sign_in("operator") for _ in range(4)], stored(running)
    one = await filed(petugas, served, data)

    answers = await asyncio.gather(*(sent(d, one, data) for d in desks * 2))

    assert sorted(a[0] for a in answers) == [200] * 7 + [201]
    assert len({a[1]["kept_at"] for a in answers}) == 1
    assert len(stored(running) - before) == 3


async def test_a_decoder_that_is_killed_leaves_nothing_and_the_next_try_works(
    petugas: Client, served: Small, running: Running
) -> None:
    data, before = file_of(noise(7000, 5000), "WEBP", quality=1), stored(running)
    one = await filed(petugas, served, data)

    async def kill() -> int:
        while True:
            for pid in _decoders(running.pid("serve")):
                os.kill(pid, signal.SIGKILL)
                return pid
            await asyncio.sleep(0.005)

    killed = asyncio.create_task(kill())
    status, body, headers = await sent(petugas, one, data)
    await killed

    assert (status, body["code"]) == (503, "photos-busy"), running.log("serve")
    assert int(headers["retry-after"]) >= 1
    assert stored(running) == before
    assert (await sent(petugas, one, data))[0] == 201


def _decoders(serve: int) -> list[int]:
    found = []
    for pid in Path(f"/proc/{serve}/task/{serve}/children").read_text().split():
        try:
            if str(CHILD).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(int(pid))
        except OSError:
            continue
    return found


async def test_photos_come_until_a_week_after_the_end(petugas: Client, served: Small, server_pool: db.Pool) -> None:
    early, late, names = photo(size=(300, 200)), photo(size=(301, 200)), photo(size=(302, 200))
    one = await filed(petugas, served, early, late, names)
    close = "update posko.operation set state = 'closed', closed_at = posko.now() - $2::interval where id = $1"
    await server_pool.execute(close, served.operation, datetime.timedelta(days=6))
    assert (await sent(petugas, one, early))[0] == 201
    await server_pool.execute(close, served.operation, datetime.timedelta(days=8))
    status, body, _ = await sent(petugas, one, late)
    assert (status, body["code"]) == (409, "operation-not-active")
    assert (await sent(petugas, one, early))[0] == 200
    await server_pool.execute(
        "update posko.operation set state = 'active', closed_at = null, names_until = '2020-01-01' where id = $1",
        served.operation,
    )
    assert (await sent(petugas, one, names))[0] == 409


async def test_a_sender_who_hangs_up_leaves_nothing_and_no_error(
    petugas: Client, served: Small, running: Running
) -> None:
    data, before = photo(), stored(running)
    one = await filed(petugas, served, data)
    with raw(running, petugas, f"/v1/reports/{one}/photos/{sha(data)}", len(data)) as connection:
        connection.sendall(data[:1000])
    await asyncio.sleep(0.3)
    assert stored(running) == before
    assert '"unexpected"' not in running.log("serve")
    assert (await sent(petugas, one, data))[0] == 201


async def test_originals_are_not_downloaded_by_the_hundred(petugas: Client, sign_in: SignIn, served: Small) -> None:
    data, auditor = photo(size=(64, 48)), await sign_in("auditor")
    one = await filed(petugas, served, data)
    await sent(petugas, one, data)
    path = f"/v1/reports/{one}/photos/{sha(data)}/original"
    answers = [(await auditor.ask("GET", path))[0] for _ in range(20)]
    while answers[-1] != 429 and len(answers) < 100:  # one in five seconds is let out anew
        answers.append((await auditor.ask("GET", path))[0])
    assert answers[:20] == [200] * 20
    assert answers[-1] == 429


async def test_doctor_tries_the_store_of_photos(running: Running) -> None:
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "posko", "doctor", env=running.environ, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await done.communicate()
    assert b"ok   photos: their store keeps and forgets" in out
