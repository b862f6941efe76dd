"""Photos are forgotten when names are; hashes stay; what a crash left lying is found."""

from __future__ import annotations

import asyncio
import datetime
import os
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from prometheus_client import CollectorRegistry

from posko import db
from posko.accounts import privacy
from posko.cli import posko
from posko.photos.vault import Objects, new_key
from posko.worker import Worker
from tests.client import Client
from tests.factories import Small
from tests.photos.conftest import SignIn, filed, sent
from tests.photos.pictures import photo, sha
from tests.photos.test_http import directory, stored
from tests.running import Running


@pytest.fixture
def objects(running: Running) -> Objects:
    return Objects(running.environ["POSKO_PHOTOS_URL"])


async def test_they_go_with_the_names_and_hashes_stay(
    petugas: Client,
    sign_in: SignIn,
    served: Small,
    server_pool: db.Pool,
    running: Running,
    objects: Objects,
    server_database: str,
) -> None:
    data, secret, before = photo(), photo(2), stored(running)
    one, hidden = await filed(petugas, served, data), await filed(petugas, served, secret, restricted=True)
    assert [(await sent(petugas, r, d))[0] for r, d in ((one, data), (hidden, secret))] == [201, 201]
    await objects.put({f"{new_key(served.operation)}.original": b"left by a crash"})
    worker_pool = await db.open_pool(server_database, size=1, statement_timeout_s=20, role=db.DatabaseRole.engine)
    worker = Worker(worker_pool, CollectorRegistry(), objects)
    await worker.purge()
    assert len(stored(running) - before) == 7

    await server_pool.execute(
        "update posko.operation set names_until = '2020-01-01' where id = $1 or restricts = $1", served.operation
    )
    await worker.purge()
    await worker.purge()
    worker_pool.terminate()

    assert stored(running) - before == set()
    supervisor = await sign_in("supervisor")
    found = (await supervisor.ask("GET", f"/v1/reports/{one}/photos"))[1]
    assert [(p["state"], p["sha256"], p["bytes"]) for p in found] == [("forgotten", sha(data), len(data))]
    for tail in ("shown", "thumbnail", "original"):
        status, body, _ = await supervisor.ask("GET", f"/v1/reports/{one}/photos/{sha(data)}/{tail}")
        assert (status, body["code"]) == (404, "photo-unknown")
    status, body, _ = await sent(petugas, one, data)
    assert (status, body["code"]) == (409, "photo-forgotten")


async def test_the_store_may_be_away_when_they_are_due(
    petugas: Client, served: Small, server_pool: db.Pool, running: Running, server_database: str, tmp_path: Path
) -> None:
    data = photo()
    one = await filed(petugas, served, data)
    await sent(petugas, one, data)
    await server_pool.execute("update posko.operation set names_until = '2020-01-01' where id = $1", served.operation)
    away = Objects((tmp_path / "away").as_uri())
    (tmp_path / "away").rmdir()
    (tmp_path / "away").write_text("no directory")
    worker_pool = await db.open_pool(server_database, size=1, statement_timeout_s=20, role=db.DatabaseRole.engine)
    try:
        await Worker(worker_pool, CollectorRegistry(), away).purge()
        assert (
            await server_pool.fetchval("select gone_at from posko.photo where report_id = $1::text::uuid", one) is None
        )
        await Worker(worker_pool, CollectorRegistry(), Objects(running.environ["POSKO_PHOTOS_URL"])).purge()
        assert (
            await server_pool.fetchval("select gone_at from posko.photo where report_id = $1::text::uuid", one)
            is not None
        )
    finally:
        worker_pool.terminate()


def command(running: Running, *words: str) -> Any:
    done = CliRunner().invoke(posko, ["photos", *words], env=running.environ)
    assert done.exit_code == 0, done.output
    return done.output


async def test_sweeping_counts_first_and_takes_only_old_orphans(
    petugas: Client, served: Small, running: Running, objects: Objects
) -> None:
    data = photo()
    one = await filed(petugas, served, data)
    await sent(petugas, one, data)
    whole = stored(running)
    orphan, fresh = new_key(served.operation), new_key(served.operation)
    await objects.put({f"{orphan}.original": b"x", f"{orphan}.shown": b"x", f"{fresh}.original": b"x"})
    for file in stored(running) - {directory(running) / f"{fresh}.original"}:
        os.utime(file, (time.time() - 7200,) * 2)

    assert "2 objects that no row speaks for" in await asyncio.to_thread(command, running, "sweep")
    assert len(stored(running)) == len(whole) + 3
    assert "2 objects deleted" in await asyncio.to_thread(command, running, "sweep", "--yes")
    assert stored(running) == whole | {directory(running) / f"{fresh}.original"}
    await objects.delete([f"{fresh}.original"])


async def test_the_photos_of_one_report_are_forgotten_by_the_owner(
    petugas: Client, sign_in: SignIn, served: Small, running: Running, server_pool: db.Pool
) -> None:
    data, before = photo(), stored(running)
    one, other = await filed(petugas, served, data), await filed(petugas, served, data)
    await sent(petugas, one, data)
    await sent(petugas, other, data)

    said = await asyncio.to_thread(command, running, "forget", one, "--yes")

    assert said == "1 photos and voice notes forgotten\n"
    assert len(stored(running) - before) == 3
    desk = await sign_in("operator")
    assert (await desk.ask("GET", f"/v1/reports/{one}/photos/{sha(data)}/shown"))[0] == 404
    assert (await desk.ask("GET", f"/v1/reports/{other}/photos/{sha(data)}/shown"))[0] == 200
    assert (
        await server_pool.fetchval(
            "select count(*) from posko.log_entry where action = 'photo.forget' and subject like $1", f"%{one}"
        )
        == 1
    )


async def test_while_the_store_is_down_nothing_is_half_done(
    petugas: Client, sign_in: SignIn, served: Small, running: Running, server_pool: db.Pool
) -> None:
    data, desk = photo(), await sign_in("operator")
    kept, waiting = await filed(petugas, served, data), await filed(petugas, served, data)
    await sent(petugas, kept, data)
    here, away = directory(running), directory(running).with_name("away")
    here.rename(away)
    here.write_text("a file where the directory was")
    try:
        for status, body, headers in (
            await sent(petugas, waiting, data),
            await desk.ask("GET", f"/v1/reports/{kept}/photos/{sha(data)}/shown"),
        ):
            assert (status, body["code"], headers["retry-after"]) == (503, "photo-store-down", "10")
        # Reports go on, promises and all.
        await filed(petugas, served, data)
        assert (
            await server_pool.fetchval("select count(*) from posko.photo where report_id = $1::text::uuid", waiting)
            == 0
        )
    finally:
        here.unlink()
        away.rename(here)
    assert (await sent(petugas, waiting, data))[0] == 201
    assert (await desk.ask("GET", f"/v1/reports/{kept}/photos/{sha(data)}/shown"))[0] == 200


async def test_what_one_account_kept_is_given_out_with_the_rest(
    petugas: Client, served: Small, server_pool: db.Pool
) -> None:
    data = photo()
    one = await filed(petugas, served, data)
    await sent(petugas, one, data)
    name = (await petugas.ask("GET", "/v1/sessions/current"))[1]["account"]["username"]
    async with server_pool.acquire() as connection:
        said = await privacy.export(connection, username=name)
    assert [(p["report"], p["sha256"]) for p in said["photos"]] == [(one, sha(data))]
    assert datetime.datetime.fromisoformat(said["photos"][0]["kept_at"])
