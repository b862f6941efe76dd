"""Receivers on loopback: a trap that counts who knocks, and servers that answer as a test says."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from posko.errors import broken
from posko.webhooks.guard import Guard
from posko.webhooks.sender import Sender, tls_context

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

NOW_S = 1_800_000_000.0
"""What the sender takes for now: Fri, 15 Jan 2027 08:00:00 GMT."""

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Receiver:
    """One port on 127.0.0.1 and ::1. `connections` counts knocks, TLS or not; `requests` has the heads that came."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0
        self.requests: list[bytes] = []
        self.bodies: list[bytes] = []
        self.lost = asyncio.Event()
        """Set when the other side has gone."""

    def url(self, path: str = "/hook", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    async def request(self, reader: asyncio.StreamReader) -> bool:
        """Reads one request; False at the end."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return False
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        self.requests.append(head)
        self.bodies.append(await reader.readexactly(int(length.partition(b":")[2])))
        return True


@contextlib.asynccontextmanager
async def receiving(
    talk: Talk | bytes = OK, *, tls: ssl.SSLContext | None = None, once: bool = False
) -> AsyncIterator[Receiver]:
    """Answers each request with the bytes (and closes after the first if `once`), or lets `talk` do as it likes."""
    sockets = _sockets()
    receiver = Receiver(sockets[0].getsockname()[1])
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        receiver.connections += 1
        try:
            if callable(talk):
                if await receiver.request(reader):
                    await talk(reader, writer)
            else:
                while await receiver.request(reader):
                    writer.write(talk)
                    await writer.drain()
                    if once:
                        break
        except (ConnectionError, TimeoutError):
            receiver.lost.set()
        finally:
            tasks.discard(task)
            writer.close()

    servers = [await asyncio.start_server(serve, sock=sock, ssl=tls) for sock in sockets]
    try:
        yield receiver
    finally:
        for server in servers:
            server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _sockets() -> list[socket.socket]:
    """The same free port on both loopbacks."""
    for _ in range(50):
        four = socket.create_server(("127.0.0.1", 0))
        try:
            six = socket.create_server(("::1", four.getsockname()[1]), family=socket.AF_INET6)
        except OSError:
            four.close()
            continue
        return [four, six]
    raise AssertionError("no port is free on both loopbacks")


class Names(AbstractResolver):
    """Answers each lookup with the next of `answers`, the last one for ever; counts how often it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answer = self._answers[min(len(self.asked), len(self._answers)) - 1]
        if not answer:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in answer
        ]

    async def close(self) -> None:
        pass


class Credulous(Guard):
    """Believes every URL that can be read, so that a test sees what stops at the socket."""

    def check_url(self, text: str, path: str = "$.url") -> URL:
        try:
            return URL(text)
        except ValueError:
            raise broken(path, "url-form", "") from None


def open_to(receiver: Receiver) -> Guard:
    """A guard that lets loopback through, in plain HTTP too, on the receiver's port."""
    return Guard(LOOPBACK, frozenset({receiver.port}), insecure_loopback=True)


_TLS = tls_context()  # reading the system's authorities takes 40 ms


def sending(
    guard: Guard, *, names: AbstractResolver | None = None, deadline_s: float = 20.0, tls: ssl.SSLContext | None = None
) -> Sender:
    """The real sender."""
    return Sender(guard, deadline_s=deadline_s, tls=tls or _TLS, names=names, clock=lambda: NOW_S)


@contextlib.contextmanager
def talking(talk: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A port whose every connection is handed, blocking, to `talk` in a thread: it may be ruder than asyncio is."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                raw, _ = listener.accept()
                with contextlib.suppress(OSError):
                    connection = tls.wrap_socket(raw, server_side=True) if tls else raw
                    open_ones.append(connection)
                    threading.Thread(target=run, args=(connection,), daemon=True).start()

    def run(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            talk(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in open_ones:
            connection.close()
