"""Who may open a live socket, and what it may say."""

from __future__ import annotations

import asyncio
import datetime
import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from posko import db
from posko.accounts.account import Session, Viewer
from posko.config import Settings
from posko.embedded import Embedded
from posko.live import wire
from posko.live.ticket import Signer
from tests.live.consoles import SECRET, Desk, console, running_hub, sign_in


async def refused(settings: Settings, **options: Any) -> tuple[int, dict[str, Any], Any]:
    """Status, problem and headers of a handshake that must be refused."""
    with pytest.raises(InvalidStatus) as caught:
        async with console(settings, **options):
            pass
    response = caught.value.response
    return response.status_code, json.loads(response.body), response.headers


async def ticket(pool: db.Pool, *, secret: str = SECRET, lasts_s: float = 30.0, **more: Any) -> str:
    """A ticket of a fresh session of the supervisor."""
    session: Session = await sign_in(pool)
    session_id = await pool.fetchval("select max(id) from posko.session")
    assert session.seat is not None
    viewer = Viewer(
        session.account.id, "supervisor", session_id, session.seat.id, "supervisor", session.seat.regions, None, False
    )
    at = datetime.datetime.now(datetime.UTC)
    return Signer(secret).issue(viewer, at=at, lasts_s=lasts_s, **more)


async def test_a_ticket_opens_the_socket_exactly_once(live: Settings, desk: Desk, pool: db.Pool) -> None:
    query = f"?ticket={await ticket(pool)}"
    async with console(live, query=query) as found:
        assert isinstance(await found.subscribe(f"{desk.small.operation}:31.72"), wire.Snapshot)
    status, problem, _ = await refused(live, query=query)
    assert (status, problem["code"], problem["detail"]) == (401, "not-signed-in", "this ticket was used")


async def test_two_hubs_agree_that_a_ticket_was_used(
    live: Settings, database: str, services: Embedded, pool: db.Pool
) -> None:
    query = f"?ticket={await ticket(pool)}"
    async with running_hub(database, services.redis_url) as other:
        async with console(live, query=query):
            status, problem, _ = await refused(other, query=query)
        assert (status, problem["detail"]) == (401, "this ticket was used")


async def test_forged_expired_and_missing_tickets_are_refused(live: Settings, pool: db.Pool) -> None:
    good = await ticket(pool)
    forged = ("A" if good[0] != "A" else "B") + good[1:]
    foreign = await ticket(pool, secret="another secret, of another installation")
    expired = await ticket(pool, lasts_s=-1)
    for text in (forged, foreign, expired, good[:-4], "", "x" * 5000, "%00", "ä"):
        status, problem, headers = await refused(live, query=f"?ticket={text}".encode().decode("latin-1"))
        assert (status, problem["code"], headers["WWW-Authenticate"]) == (401, "not-signed-in", "Bearer"), text
    assert (await refused(live))[0] == 401
    assert (await refused(live, token="not a token"))[0] == 401
    async with console(live, query=f"?ticket={good}"):
        pass


async def test_a_ticket_for_one_operation_opens_no_other(live: Settings, desk: Desk, pool: db.Pool) -> None:
    operation = desk.small.operation
    query = f"?ticket={await ticket(pool, operation=operation + 1)}"
    async with console(live, query=query) as found:
        answer = await found.subscribe(f"{operation}:31.72")
        assert answer.code == "place-unknown"


async def test_only_our_own_pages_may_open_the_socket(live: Settings, token: str) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:8080.evil.example", "https://127.0.0.1:8080"):
        status, problem, _ = await refused(live, token=token, headers={"Origin": origin})
        assert (status, problem["code"]) == (403, "origin-refused"), origin
    async with console(live, token, headers={"Origin": live.public_url}):
        pass


async def test_a_session_that_ends_takes_its_sockets_with_it(live: Settings, desk: Desk, pool: db.Pool) -> None:
    first, second = await sign_in(pool), await sign_in(pool)
    async with console(live, first.token) as found, console(live, second.token) as other:
        await pool.execute("update posko.session set revoked_at = posko.now() where id = 1")
        bye = await found.until(lambda m: isinstance(m, wire.Bye))
        assert bye.code == "revoked"
        with pytest.raises(ConnectionClosed) as closed:
            await found.next()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
        assert isinstance(await other.subscribe(f"{desk.small.operation}:31.72"), wire.Snapshot)


async def test_a_session_that_ran_out_is_noticed_without_any_revocation(
    database: str, desk: Desk, services: Embedded, pool: db.Pool
) -> None:
    query = f"?ticket={await ticket(pool)}"
    async with running_hub(database, services.redis_url, recheck_s=1.0) as live, console(live, query=query) as found:
        await pool.execute("update posko.session set created_at = '2024-01-01', expires_at = '2024-01-02'")
        assert (await found.until(lambda m: isinstance(m, wire.Bye))).code == "revoked"


async def test_too_many_consoles_and_too_many_at_once_are_told_when_to_come_again(
    database: str, desk: Desk, services: Embedded, token: str
) -> None:
    async with running_hub(database, services.redis_url, console_limit=1) as live, console(live, token):
        status, problem, headers = await refused(live, token=token)
        assert (status, problem["code"]) == (503, "unavailable")
        assert int(headers["Retry-After"]) >= 1
    async with running_hub(database, services.redis_url, accepts_per_s=1) as live:
        tries = await asyncio.gather(*(_try(live, token) for _ in range(20)))
        assert set(tries) == {101, 503}


async def _try(live: Settings, token: str) -> int:
    try:
        async with console(live, token):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


async def test_what_a_client_says_wrong_is_named_by_path_and_rule(live: Settings, token: str) -> None:
    async with console(live, token) as found:
        for said, path, rule in (
            ("{", "$", "json"),
            ("[]", "$", "schema"),
            ('{"type":"shout"}', "$.type", "schema"),
            ('{"type":"subscribe"}', "$", "missing"),
            ('{"type":"subscribe","topic":"1:31.72","sincee":1}', "$.sincee", "unknown"),
            ('{"type":"subscribe","topic":"1:31.7"}', "$.topic", "schema"),
            ('{"type":"subscribe","topic":"1:31.72\\n"}', "$.topic", "schema"),
            ('{"type":"subscribe","topic":"0:31.72"}', "$.topic", "schema"),
            ('{"type":"subscribe","topic":"1:31.72","since":-1}', "$.since", "schema"),
            ('{"type":"subscribe","topic":"1:31.72","since":99999999999999999999}', "$.since", "schema"),
        ):
            await found.socket.send(said)
            problem: Any = await found.until(lambda m: isinstance(m, wire.ProblemMessage))
            assert (problem.code, problem.errors[0].path, problem.errors[0].rule) == ("invalid", path, rule), said


async def test_frames_that_are_too_long_or_not_text_close_the_socket(live: Settings, token: str) -> None:
    for said, code in (("x" * (live.frame_limit_bytes + 1), 1009), (b"\x00\x01", 1003)):
        async with console(live, token) as found:
            await found.socket.send(said)
            with pytest.raises(ConnectionClosed) as closed:
                await found.until(lambda m: False)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code


async def test_whoever_talks_without_end_is_sent_away(live: Settings, token: str) -> None:
    async with console(live, token) as found:
        for _ in range(70):
            await found.socket.send('{"type":"unsubscribe","topic":"1:31.72"}')
        assert (await found.until(lambda m: isinstance(m, wire.Bye))).code == "busy"


async def test_a_socket_watches_only_so_many_topics(database: str, desk: Desk, services: Embedded, token: str) -> None:
    small = desk.small
    hub = running_hub(database, services.redis_url, topics_per_socket_limit=2)
    async with hub as live, console(live, token) as found:
        topics = [f"{small.operation}:{c}" for c in (small.root, *small.kecamatan)]
        for topic in topics[:2]:
            assert isinstance(await found.subscribe(topic), wire.Snapshot)
        assert (await found.subscribe(topics[2])).code == "too-many"
        assert isinstance(await found.subscribe(topics[0]), wire.Snapshot)
        await found.say(wire.Unsubscribe(topics[0]))
        assert isinstance(await found.subscribe(topics[2]), wire.Snapshot)


async def test_bytes_that_are_no_handshake_harm_nobody(live: Settings, token: str) -> None:
    for said in (
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET " + b"a" * 100_000,
        b"POST /v1/live HTTP/1.1\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(live.live_host, live.live_port)
        writer.write(said)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 30)
        writer.close()
    async with console(live, token):
        pass


async def test_the_port_answers_health_and_metrics_and_nothing_else(live: Settings, token: str) -> None:
    base = f"http://{live.live_host}:{live.live_port}"

    def get(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(base + path, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    async with console(live, token):
        assert (await asyncio.to_thread(get, "/health/live"))[0] == 200
        deadline = time.monotonic() + 30
        while (await asyncio.to_thread(get, "/health/ready"))[0] != 200:
            assert time.monotonic() < deadline
        status, text = await asyncio.to_thread(get, "/metrics")
        assert status == 200
        assert "posko_live_consoles 1.0" in text
        assert "posko_live_db_up 1.0" in text
        assert "posko_live_redis_up 1.0" in text
        assert (await asyncio.to_thread(get, "/"))[0] == 404
        assert (await asyncio.to_thread(get, "/v1/live"))[0] == 401


async def test_a_silent_peer_is_let_go(database: str, desk: Desk, services: Embedded, token: str) -> None:
    async with running_hub(database, services.redis_url, heartbeat_s=0.2) as live, console(live, token) as found:
        found.socket.protocol.send_frame = lambda frame: None  # type: ignore[method-assign]
        with pytest.raises(ConnectionClosed):
            await found.until(lambda m: False)
        assert 1 < len(found.seen) < 8
