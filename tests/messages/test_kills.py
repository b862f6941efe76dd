"""Real worker processes, killed at random while messages go out: every one arrives, and who gets one twice can tell."""

from __future__ import annotations

import asyncio
import collections
import os
import random
import signal
import time
from pathlib import Path

from posko import db
from posko.embedded import Embedded
from tests.factories import Small
from tests.messages.desks import Desk, MailServer
from tests.running import Running

WORKERS, GROUPS, CONTACTS = 3, 20, 25
SETTINGS = {
    "POSKO_SMTP_FROM": "posko@pemkot.example.id",
    "POSKO_MESSAGE_DEADLINE_S": "5",
    "POSKO_PUBLIC_URL": "https://posko.example.id",
    "POSKO_WORK_METRICS_PORT": "0",
}


async def test_500_messages_arrive_through_kills_and_duplicates_share_their_message_id(
    database: str, pool: db.Pool, small: Small, services: Embedded, tmp_path: Path
) -> None:
    seed = int(os.environ.get("POSKO_TEST_SEED", random.randrange(10**6)))
    rng = random.Random(seed)
    mail = MailServer(slow_s=0.15)
    mail.start()
    folders = [tmp_path / f"worker-{n}" for n in range(WORKERS)]
    for folder in folders:
        folder.mkdir()
    settings = {**SETTINGS, "POSKO_SMTP_URL": mail.url}
    workers = [Running(database, services.redis_url, f, roles=("work",), **settings) for f in folders]
    kills = 0
    async with pool.acquire() as connection:
        desk = await Desk.opened(connection, small)
        for n in range(CONTACTS):
            await desk.contact(f"k{n}@x.example")
        started = time.monotonic()
        try:
            for worker in workers:
                worker.start("work")
            for n in range(GROUPS):
                await desk.notify("a", group=f"g{n}", wait=0)
            count = GROUPS * CONTACTS
            async with asyncio.timeout(300):
                while await connection.fetchval("select count(*) from posko.message where state = 'sent'") < count:
                    await asyncio.sleep(rng.uniform(0.3, 0.9))
                    if kills < 25:
                        worker = rng.choice(workers)
                        worker.kill("work")
                        worker.start("work")
                        kills += 1
            took = time.monotonic() - started
        finally:
            for worker in workers:
                worker.__exit__()
            mail.stop()
        rows = await connection.fetch("select id, state, attempts from posko.message")

    arrived = collections.Counter(str(m["Message-ID"]) for _, m in mail.mails)
    bodies = collections.defaultdict(set)
    for to, m in mail.mails:
        bodies[str(m["Message-ID"])].add((to, str(m["Subject"]), m.get_content()))
    twice = sum(n - 1 for n in arrived.values())
    print(
        f"\nseed {seed}: {count} messages, {WORKERS} workers, {kills} SIGKILLs, {len(arrived)} arrived, {twice} a second time,"
        f" at most {max(r['attempts'] for r in rows)} attempts, {took:.1f} s"
    )
    assert kills >= 5
    assert {r["state"] for r in rows} == {"sent"}
    assert set(arrived) == {f"<{r['id']}@pemkot.example.id>" for r in rows}
    assert all(len(said) == 1 for said in bodies.values()), "a second copy says something else"
    assert twice < count / 10


async def test_a_worker_that_is_asked_to_end_hands_in_what_it_has_under_way(
    database: str, pool: db.Pool, small: Small, services: Embedded, tmp_path: Path
) -> None:
    mail = MailServer(slow_s=0.8)
    mail.start()
    settings = {**SETTINGS, "POSKO_SMTP_URL": mail.url, "POSKO_MESSAGE_DEADLINE_S": "30"}
    async with pool.acquire() as connection:
        desk = await Desk.opened(connection, small)
        for n in range(4):
            await desk.contact(f"k{n}@x.example")
        await desk.notify("a", wait=0)
        with Running(database, services.redis_url, tmp_path, roles=("work",), **settings) as running:
            async with asyncio.timeout(90):
                while len(mail.tries) < 4:
                    await asyncio.sleep(0.02)
            os.kill(running.pid("work"), signal.SIGTERM)
            assert await asyncio.to_thread(running.wait, "work") == 0
        states = [r["state"] for r in await connection.fetch("select state from posko.message")]
    mail.stop()

    assert len(mail.mails) == 4
    assert states == ["sent"] * 4


async def test_a_worker_says_what_is_wrong_with_its_settings_and_ends(
    database: str, services: Embedded, tmp_path: Path
) -> None:
    settings = {**SETTINGS, "POSKO_CHANNELS": "sinyal"}
    with Running(database, services.redis_url, tmp_path, roles=("work",), **settings) as running:
        assert await asyncio.to_thread(running.wait, "work") == 1
        assert "no gateway 'sinyal' is installed here" in running.log("work")
