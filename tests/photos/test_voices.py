"""Voice notes over HTTP, on a real server with a real directory: the report first, the sound after."""

from __future__ import annotations

import asyncio
import datetime
import os
import time
import uuid
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from posko import db
from posko.accounts import privacy
from posko.photos.vault import Objects
from posko.worker import Worker
from tests.client import Client
from tests.factories import Small, count, incident, milestone, report, turnout, uuid7
from tests.photos.conftest import SignIn
from tests.photos.pictures import photo, promise, sha
from tests.photos.sounds import kept_of, mp4, promise_voice, track, webm
from tests.photos.test_http import stored
from tests.photos.test_retention import command
from tests.running import Running


async def filed(client: Client, small: Small, data: bytes, **more: Any) -> str:
    """An incident that promises this voice note; answers its id."""
    one = uuid7()
    status, body, _ = await client.put(
        report(small.operation, small.tps[0], incident(voice=promise_voice(data)), **more), one
    )
    assert status == 201, body
    return str(one)


async def sent(client: Client, report_id: str, data: bytes) -> tuple[int, Any, Any]:
    return await client.ask("PUT", f"/v1/reports/{report_id}/voice", data=data)


async def kept(client: Client, small: Small, data: bytes, **more: Any) -> str:
    one = await filed(client, small, data, **more)
    assert (await sent(client, one, data))[0] == 201
    return one


@pytest.mark.parametrize(("make", "kind"), [(webm, "webm"), (mp4, "mp4")])
async def test_the_report_is_acknowledged_first_and_the_sound_kept_after(
    petugas: Client, sign_in: SignIn, served: Small, make: Any, kind: str
) -> None:
    data, desk = make(), await sign_in("operator")
    one = await filed(petugas, served, data)
    promised = {"sha256": sha(data), "bytes": len(data), "seconds": 2}
    assert (await desk.ask("GET", f"/v1/reports/{one}/voice"))[1] == {
        **promised, "state": "promised", "kind": None, "kept_at": None, "by": None
    }  # fmt: skip
    status, body, _ = await desk.ask("GET", f"/v1/reports/{one}/voice/sound")
    assert (status, body["code"]) == (404, "voice-unknown")

    first, again = await sent(petugas, one, data), await sent(petugas, one, data)

    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1] == {"sha256": sha(data), "bytes": len(data), "kept_at": first[1]["kept_at"]}
    found = (await desk.ask("GET", f"/v1/reports/{one}/voice"))[1]
    assert (found["state"], found["kind"], found["kept_at"]) == ("kept", kind, first[1]["kept_at"])
    assert found["by"].startswith("foto-petugas-")
    # The report itself is as it was filed.
    assert (await desk.ask("GET", f"/v1/reports/{one}"))[1]["content"]["voice"] == promised


async def test_it_is_heard_by_who_opens_the_report_and_each_time_it_is_logged(
    petugas: Client, sign_in: SignIn, served: Small, server_pool: db.Pool
) -> None:
    for data, media_type in ((webm(), "audio/webm"), (mp4(), "audio/mp4")):
        one = await kept(petugas, served, data)
        path = f"/v1/reports/{one}/voice/sound"
        for role in ("operator", "supervisor", "auditor"):
            status, body, headers = await (await sign_in(role)).ask("GET", path)
            assert (status, body) == (200, kept_of(data))
            assert headers["content-type"] == media_type
            assert headers["content-disposition"].startswith(f'attachment; filename="posko-{sha(data)[:16]}.')
            assert headers["cache-control"] == "private, max-age=86400, immutable"
            assert headers.getall("x-content-type-options") == ["nosniff"]
            assert any("sandbox" in said for said in headers.getall("content-security-policy"))
        rows = await server_pool.fetch(
            "select region_code, role from posko.log_entry where action = 'voice.original' and subject like $1",
            f"%{one}",
        )
        assert {(r["region_code"], r["role"]) for r in rows} == {
            (served.tps[0], r) for r in ("operator", "supervisor", "auditor")
        }
        assert (await (await sign_in("operator", "31.72.02")).ask("GET", path))[0] == 404


async def test_what_is_terbatas_is_heard_by_the_cleared_alone_and_kept_by_no_browser(
    petugas: Client, sign_in: SignIn, served: Small
) -> None:
    data = webm()
    one = await kept(petugas, served, data, restricted=True)
    path = f"/v1/reports/{one}/voice"

    assert (await (await sign_in("supervisor")).ask("GET", path))[0] == 404
    assert (await (await sign_in("supervisor")).ask("GET", f"{path}/sound"))[0] == 404
    status, body, headers = await (await sign_in("supervisor", cleared=True)).ask("GET", f"{path}/sound")

    assert (status, body, headers["cache-control"]) == (200, kept_of(data), "no-store")


async def test_one_sealed_object_lies_in_the_store_and_tells_nothing(
    petugas: Client, served: Small, running: Running
) -> None:
    data, before = webm(), stored(running)
    one = await kept(petugas, served, data)

    [file] = stored(running) - before
    sealed = file.read_bytes()
    assert file.suffix == ".original"
    assert b"Opus" not in sealed
    assert not sealed.startswith(data[:4])
    assert one not in str(file)
    assert sha(data) not in str(file)


async def test_it_is_sent_by_who_filed_it_or_a_desk_of_the_place(
    petugas: Client, sign_in: SignIn, served: Small
) -> None:
    data = webm()
    one = await filed(petugas, served, data)

    assert (await sent(await sign_in("petugas"), one, data))[0] == 403
    assert (await sent(await sign_in("operator", "31.72.02"), one, data))[0] == 404
    assert (await sent(await sign_in("operator"), one, data))[0] == 201
    assert (await sent(petugas, str(uuid7()), data))[1]["code"] == "voice-unknown"
    bare = uuid7()
    await petugas.put(report(served.operation, served.tps[0], incident(photos=promise(photo()))), bare)
    desk = await sign_in("operator")
    for answer in (await sent(petugas, str(bare), data), await desk.ask("GET", f"/v1/reports/{bare}/voice")):
        assert (answer[0], answer[1]["code"]) == (404, "voice-unknown")


@pytest.mark.parametrize(
    "data", [b"no sound", webm(tracks=track(b"V_VP8", kind=1)), webm() + b"more", photo(size=(64, 64)), mp4()[:-3]]
)  # fmt: skip
async def test_what_is_no_voice_note_is_refused_and_nothing_of_it_stays(
    petugas: Client, served: Small, running: Running, data: bytes
) -> None:
    before = stored(running)
    one = await filed(petugas, served, data)

    status, body, _ = await sent(petugas, one, data)

    assert (status, body["code"]) == (422, "voice-type")
    assert body["title"] == "Voice notes are WebM with Opus or MP4 with AAC"
    assert stored(running) == before


async def test_other_bytes_than_were_promised_are_refused_and_written_down(
    petugas: Client, served: Small, server_pool: db.Pool
) -> None:
    data = webm()
    one = await filed(petugas, served, data)
    for other in (webm(), data[:-1], data + b"\0", b""):
        status, body, _ = await sent(petugas, one, other)
        assert (status, body["code"]) == (422, "voice-hash")
    rows = await server_pool.fetch(
        "select outcome from posko.log_entry where action = 'voice.hash' and subject like $1", f"%{one}"
    )
    assert [row["outcome"] for row in rows] == ["refused"] * 4
    assert (await sent(petugas, one, b"\0" * (1024 * 1024 + 1)))[0] == 413
    assert (await sent(petugas, one, data))[0] == 201


async def test_every_kind_that_promises_photos_may_promise_one_and_what_replaces_it_anew(
    sign_in: SignIn, served: Small
) -> None:
    desk = await sign_in("operator")
    one = uuid7()
    for content in (
        milestone("voting_open"), count("gubernur", [1, 2, 3]), {"kind": "custody", "holder": "pps", "sealed": True}, incident(),
    ):  # fmt: skip
        data, one = webm(), uuid7()
        said = {**content, "voice": promise_voice(data), "photos": promise(photo(size=(64, 64)))}
        assert (await desk.put(report(served.operation, served.tps[1], said), one))[0] == 201
        assert (await sent(desk, str(one), data))[0] == 201
    again, corrected = webm(), uuid7()
    replacement = {**incident(), "voice": promise_voice(again)}
    correction = {"kind": "correction", "of": str(one), "reason": "suara lain", "replacement": replacement}
    assert (await desk.put(report(served.operation, served.tps[1], correction), corrected))[0] == 201
    assert (await sent(desk, str(corrected), again))[0] == 201


@pytest.mark.parametrize(
    "more",
    [
        {"seconds": 0}, {"seconds": 61}, {"bytes": 1024 * 1024 + 1}, {"bytes": 0}, {"sha256": "0" * 63}, {"kind": "webm"},
    ],
)  # fmt: skip
async def test_a_promise_outside_its_rules_is_refused_with_the_report(
    petugas: Client, served: Small, more: dict[str, Any]
) -> None:
    said = incident(voice={**promise_voice(webm()), **more})
    assert (await petugas.put(report(served.operation, served.tps[0], said), uuid7()))[0] == 422


async def test_a_report_without_one_is_stored_as_before_and_others_have_none(
    petugas: Client, served: Small, server_pool: db.Pool
) -> None:
    plain = uuid7()
    assert (await petugas.put(report(served.operation, served.tps[0], incident()), plain))[0] == 201
    assert "voice" not in await server_pool.fetchval("select body::text from posko.report where id = $1", plain)
    said = {**turnout(1, 1), "voice": promise_voice(webm())}
    assert (await petugas.put(report(served.operation, served.tps[0], said), uuid7()))[0] == 422
    # A hash may hold sixteen digits in a row by chance.
    digits = {**promise_voice(webm()), "sha256": "3172011505900001" + "a" * 48}
    assert (await petugas.put(report(served.operation, served.tps[0], incident(voice=digits)), uuid7()))[0] == 201


async def test_two_phones_that_send_the_same_at_once_keep_one(
    petugas: Client, sign_in: SignIn, served: Small, running: Running
) -> None:
    data, desk, before = webm(), await sign_in("operator"), stored(running)
    one = await filed(petugas, served, data)

    answers = await asyncio.gather(sent(petugas, one, data), sent(desk, one, data))

    assert sorted(status for status, *_ in answers) in ([200, 201], [201, 201])
    assert len({body["kept_at"] for _, body, _ in answers}) == 1
    assert len(stored(running) - before) == 1


async def test_it_goes_with_the_names_and_its_hash_stays(
    petugas: Client, sign_in: SignIn, served: Small, server_pool: db.Pool, running: Running, server_database: str
) -> None:
    data, before = webm(), stored(running)
    one = await kept(petugas, served, data)
    worker_pool = await db.open_pool(server_database, size=1, statement_timeout_s=20, role=db.DatabaseRole.engine)
    worker = Worker(worker_pool, CollectorRegistry(), Objects(running.environ["POSKO_PHOTOS_URL"]))
    await worker.purge()
    assert len(stored(running) - before) == 1

    await server_pool.execute("update posko.operation set names_until = '2020-01-01' where id = $1", served.operation)
    await worker.purge()
    worker_pool.terminate()

    assert stored(running) - before == set()
    supervisor = await sign_in("supervisor")
    found = (await supervisor.ask("GET", f"/v1/reports/{one}/voice"))[1]
    assert (found["state"], found["sha256"], found["bytes"]) == ("forgotten", sha(data), len(data))
    assert (await supervisor.ask("GET", f"/v1/reports/{one}/voice/sound"))[1]["code"] == "voice-unknown"
    status, body, _ = await sent(petugas, one, data)
    assert (status, body["code"]) == (409, "voice-forgotten")


async def test_the_owner_forgets_it_with_the_photos_of_its_report_and_sweeps_none_that_is_spoken_for(
    petugas: Client, served: Small, server_pool: db.Pool, running: Running
) -> None:
    data = webm()
    one = await kept(petugas, served, data)
    key = await server_pool.fetchval("select object_key from posko.voice where report_id = $1", uuid.UUID(one))
    own = {path for path in stored(running) if key.split("/")[1] in path.name}
    assert len(own) == 1

    for file in own:
        os.utime(file, (time.time() - 7200, time.time() - 7200))
    await asyncio.to_thread(command, running, "sweep", "--yes")
    assert own <= stored(running)
    assert "1 photos and voice notes forgotten" in await asyncio.to_thread(command, running, "forget", one, "--yes")

    assert not own & stored(running)
    assert (await sent(petugas, one, data))[1]["code"] == "voice-forgotten"


async def test_a_week_after_the_end_none_is_taken(petugas: Client, served: Small, server_pool: db.Pool) -> None:
    data = webm()
    one = await filed(petugas, served, data)
    await server_pool.execute(
        "update posko.operation set state = 'closed', closed_at = posko.now() - interval '8 days' where id = $1",
        served.operation,
    )
    status, body, _ = await sent(petugas, one, data)
    assert (status, body["code"]) == (409, "operation-not-active")


async def test_what_is_known_of_somebody_names_their_voice_notes(
    petugas: Client, served: Small, server_pool: db.Pool
) -> None:
    data = webm()
    one = await kept(petugas, served, data)
    name = await server_pool.fetchval(
        "select a.username from posko.voice v join posko.account a on a.id = v.account_id where v.report_id = $1",
        uuid.UUID(one),
    )
    async with server_pool.acquire() as connection:
        known = await privacy.export(connection, username=name)
    assert [(v["report"], v["sha256"]) for v in known["voices"]] == [(one, sha(data))]
    assert datetime.datetime.fromisoformat(known["voices"][0]["kept_at"])
