"""The sender, with a real SMTP server and a real plugged gateway beside it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from posko import db
from posko.config import BadSetting
from posko.db import DatabaseRole
from posko.messages import smtp
from posko.messages.channel import plugged
from posko.messages.sender import Sender
from tests.factories import Small
from tests.messages.desks import Desk, MailServer, settings
from tests.running import free_port


@pytest.fixture
async def live(pool: db.Pool, small: Small) -> AsyncIterator[Desk]:
    """A desk on the real clock."""
    async with pool.acquire() as connection:
        yield await Desk.opened(connection, small)


@pytest.fixture
async def engine(database: str) -> AsyncIterator[db.Pool]:
    """A pool as the work role has it."""
    found = await db.open_pool(database, size=4, statement_timeout_s=20, role=DatabaseRole.engine)
    yield found
    found.terminate()


@contextlib.asynccontextmanager
async def sending(engine: db.Pool, url: str, *channels: Any, **more: Any) -> AsyncIterator[CollectorRegistry]:
    registry, said = CollectorRegistry(), settings(smtp_url=url, **more)
    sender = Sender(engine, [*smtp.configured(said), *channels], said, registry)
    task = asyncio.create_task(sender.run())
    try:
        yield registry
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(claim: Callable[[], bool], *, within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not claim():
            await asyncio.sleep(0.02)


async def states(live: Desk) -> dict[str, int]:
    rows = await live.connection.fetch("select state, count(*) from posko.message group by state")
    return {r["state"]: r["count"] for r in rows}


@pytest.mark.alone
async def test_what_fires_arrives_within_two_seconds_and_once(live: Desk, engine: db.Pool, mail: MailServer) -> None:
    for n in range(3):
        await live.contact(f"k{n}@x.example")
    async with sending(engine, mail.url) as registry:
        started = time.perf_counter()
        await live.notify("a", wait=0)
        await until(lambda: len(mail.mails) == 3)
        took = time.perf_counter() - started
        await asyncio.sleep(1.2)
        sent = registry.get_sample_value("posko_messages_sent_total", {"channel": "email"})

    assert sorted(to for to, _ in mail.mails) == ["k0@x.example", "k1@x.example", "k2@x.example"]
    assert (await states(live), sent) == ({"sent": 3}, 3)
    assert took < 2, took
    print(f"\nfrom notify to the last of three mails: {took:.2f} s")


async def test_smtp_down_and_back_loses_nothing_and_burns_no_attempts(
    live: Desk, engine: db.Pool, mail: MailServer
) -> None:
    mail.stop()
    for n in range(40):
        await live.contact(f"k{n}@x.example")
    await live.notify("a", wait=0)
    async with sending(engine, mail.url) as registry:
        await until(lambda: registry.get_sample_value("posko_messages_channel_up", {"channel": "email"}) == 0)
        await asyncio.sleep(3)
        attempts = await live.connection.fetchval("select sum(attempts)::int from posko.message")
        mail.start()
        started = time.perf_counter()
        await until(lambda: len(mail.mails) == 40, within_s=90)
        back = time.perf_counter() - started

    assert attempts < 12, "a gateway that is down is asked with one message at a time"
    assert {to for to, _ in mail.mails} == {f"k{n}@x.example" for n in range(40)}
    assert await states(live) == {"sent": 40}
    print(f"\n{attempts} attempts while down; all 40 out {back:.1f} s after it came back")


async def test_the_database_away_and_back(live: Desk, engine: db.Pool, mail: MailServer, pool: db.Pool) -> None:
    await live.contact()
    async with sending(engine, mail.url):
        await asyncio.sleep(0.3)
        for _ in range(5):
            await live.connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'posko'"
            )
            await asyncio.sleep(0.2)
        await live.notify("a", wait=0)
        await until(lambda: len(mail.mails) == 1)


async def test_a_poison_address_parks_itself_and_nobody_else(live: Desk, engine: db.Pool, mail: MailServer) -> None:
    for name in ("baik-1", "racun", "lambat", "tunda", "baik-2"):
        await live.contact(f"{name}@x.example")
    # Kept before there was a rule against it.
    await live.connection.execute(
        "update posko.contact set address = 'a@x.example,b@x.example' where address like 'tunda%'"
    )
    mail.codes["racun@x.example"] = "550 no such user"
    mail.hangs.add("lambat@x.example")
    async with sending(engine, mail.url, message_deadline_s=5.0) as registry:
        for n in range(6):
            await live.notify("a", group=f"g{n}", wait=0)
        await until(lambda: len(mail.mails) == 12, within_s=90)
        await until(lambda: registry.get_sample_value("posko_messages_failed_total", {"channel": "email"}) == 12)

    assert {to for to, _ in mail.mails} == {"baik-1@x.example", "baik-2@x.example"}
    found = await states(live)
    assert (found["sent"], found["failed"], found["pending"]) == (12, 12, 6)


async def test_a_telling_that_cannot_be_read_parks_its_own_messages_alone(
    live: Desk, engine: db.Pool, mail: MailServer
) -> None:
    await live.contact()
    await live.notify("a", group="rusak", wait=0)
    await live.connection.execute("select api.tell_due('5 minutes', '4 hours', 9)")
    await live.connection.execute("update posko.telling set about = '{}'")
    await live.notify("a", group="baik", wait=0)
    async with sending(engine, mail.url) as registry:
        await until(lambda: len(mail.mails) == 1)
        await until(lambda: registry.get_sample_value("posko_messages_retried_total", {"channel": "email"}) == 1)

    assert await states(live) == {"sent": 1, "pending": 1}


GATEWAY = '''
"""A gateway for WhatsApp, as somebody else would write it."""
import aiohttp
from posko.messages.channel import Refused, Unreachable

class WhatsApp:
    name = "whatsapp"
    def __init__(self, url):
        self.url = url
    async def send(self, message):
        said = {"id": str(message.id), "to": message.address, "text": message.title + " " + message.link}
        try:
            async with aiohttp.ClientSession() as http, http.post(self.url, json=said) as answer:
                if answer.status == 422:
                    raise Refused(await answer.text())
                answer.raise_for_status()
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(str(error)) from error

def make(environ):
    return WhatsApp(environ["WA_GATEWAY_URL"])

def broken(environ):
    return object()
'''


@pytest.fixture
def gateway_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with an entry point, as pip leaves it."""
    name = f"wa_gateway_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(GATEWAY)
    info = tmp_path / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        textwrap.dedent(f"""\
            [posko.channels]
            whatsapp = {name}:make
            telegram = {name}:broken
        """)
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    importlib.invalidate_caches()
    return tmp_path


@contextlib.asynccontextmanager
async def provider(got: list[dict[str, Any]]) -> AsyncIterator[str]:
    """The gateway's other end: an HTTP service that refuses one number and hangs on another."""

    async def take(request: web.Request) -> web.Response:
        said = await request.json()
        if said["to"] == "+620000000":
            return web.Response(status=422, text="not on WhatsApp")
        if said["to"] == "+629999999":
            await asyncio.sleep(30)
        got.append(said)
        return web.Response(status=503 if said["to"] == "+625030503" and len(got) < 3 else 200)

    app = web.Application()
    app.add_routes([web.post("/send", take)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/send"
    finally:
        await runner.cleanup()


@pytest.mark.alone
async def test_a_gateway_is_plugged_in_and_neither_channel_holds_up_the_other(
    live: Desk, engine: db.Pool, mail: MailServer, gateway_package: Path
) -> None:
    got: list[dict[str, Any]] = []
    await live.contact("kabagops@x.example")
    for number in ("+628111111111", "+620000000", "+629999999"):
        await live.contact(number, channel="whatsapp")
    async with provider(got) as url:
        gateways = plugged(settings(channels="whatsapp"), {"WA_GATEWAY_URL": url})
        async with sending(engine, mail.url, *gateways, message_deadline_s=1.5) as registry:
            for n in range(10):
                await live.notify("a", group=f"g{n}", wait=0)
            started = time.perf_counter()
            await until(lambda: len(mail.mails) == 10)
            mails_s = time.perf_counter() - started
            await until(lambda: sum(s["to"] == "+628111111111" for s in got) == 10, within_s=90)
            refused = registry.get_sample_value("posko_messages_failed_total", {"channel": "whatsapp"})

    rows = await live.connection.fetch("select id from posko.message where channel = 'whatsapp' and state = 'sent'")
    assert {str(r["id"]) for r in rows} <= {s["id"] for s in got}
    assert mails_s < 4, "a channel that hangs holds up e-mail"
    assert refused
    assert got[0]["text"].endswith(f"/konsol/#/{live.small.operation}/{live.small.root}")


async def test_a_dead_gateway_leaves_email_alone(
    live: Desk, engine: db.Pool, mail: MailServer, gateway_package: Path
) -> None:
    await live.contact("kabagops@x.example")
    await live.contact("+628111111111", channel="whatsapp")
    gateways = plugged(settings(channels="whatsapp"), {"WA_GATEWAY_URL": f"http://127.0.0.1:{free_port()}/send"})
    async with sending(engine, mail.url, *gateways) as registry:
        await live.notify("a", wait=0)
        await until(lambda: len(mail.mails) == 1)
        await until(lambda: registry.get_sample_value("posko_messages_channel_up", {"channel": "whatsapp"}) == 0)
        await until(lambda: registry.get_sample_value("posko_messages_pending", {"channel": "whatsapp"}) == 1)

    assert await states(live) == {"sent": 1, "pending": 1}


def test_a_gateway_that_is_not_there_or_is_none_is_named(gateway_package: Path) -> None:
    with pytest.raises(BadSetting, match=r"no gateway 'signal' is installed here \(installed: telegram, whatsapp\)"):
        plugged(settings(channels="signal"), {})
    with pytest.raises(BadSetting, match="'telegram' gives no channel of that name"):
        plugged(settings(channels="telegram"), {})
    with pytest.raises(BadSetting, match="built in"):
        plugged(settings(channels="email"), {})
    assert plugged(settings(channels=" "), {}) == []
