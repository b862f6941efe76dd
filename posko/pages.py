"""The built pages: hashed assets for ever, documents afresh, nothing from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from litestar import Response, get
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

from posko import policy
from posko.errors import BodyTooSlow

STATIC: Final = Path(__file__).parent / "static"

_INFIXES: Final = {"br": ".br", "gzip": ".gz"}
"""Encodings, the smallest first, and how the build names what it wrote beside a file: `x.br.js` beside `x.js`."""
_UNASKED: Final = {b"content-disposition", b"last-modified"}
"""The name of the smaller file is nobody's; the ETag says more than an hour."""

PAGES_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "font-src 'self'; connect-src 'self' {live}; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    # blob: a photo or voice note that is still on the phone is shown, or heard, before it is sent.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()",
}
"""What a browser heeds in documents alone: half a kilobyte that no other file need bring along on one bar of signal."""
OTHERS_HEADERS: Final = {"Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'"}
"""The workers' scripts are held to it; what is opened by itself comes to nothing."""
SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_PROGRAMS: Final = ("/.well-known/", "/health", "/metrics")
"""Outside the API, and yet no pages."""
NAME_LIMIT: Final = 255
"""Bytes of a file's name."""
HSTS: Final = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
"""Sent where browsers come by TLS."""


class Compressed:
    """ASGI: in the place of a file of the pages, the smaller one that the build wrote beside it, where it is taken."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._beside = {
            "/" + whole.relative_to(STATIC).as_posix(): {
                encoding: "/" + small.relative_to(STATIC).as_posix()
                for encoding, infix in _INFIXES.items()
                if (small := whole.with_name(f"{whole.stem}{infix}{whole.suffix}")).is_file()
            }
            for whole in STATIC.rglob("*.*")
        }
        index = "index.html"
        self._beside |= {
            path.removesuffix(index): small for path, small in self._beside.items() if path.endswith(f"/{index}")
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        beside = self._beside.get(scope.get("path", ""))
        if not beside:
            await self._app(scope, receive, send)
            return
        taken = _taken(scope["headers"])
        encoding = next((encoding for encoding in beside if encoding in taken), None)
        more = [(b"vary", b"accept-encoding")]
        if encoding is not None:
            scope = {**scope, "path": beside[encoding], "raw_path": beside[encoding].encode()}
            more.append((b"content-encoding", encoding.encode()))

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in _UNASKED]
                message["headers"] = [*kept, *(more if message["status"] == 200 else [])]
            await send(message)

        await self._app(scope, receive, sending)


def _taken(headers: Iterable[tuple[bytes, bytes]]) -> set[str]:
    """The encodings that a client takes (RFC 9110, 12.5.3); what it weighs with nothing it does not take."""
    said = ",".join(value.decode("latin-1").lower() for name, value in headers if name == b"accept-encoding")
    asked = (part.replace(" ", "").partition(";q=") for part in said.split(","))
    return {name for name, _, weight in asked if not weight or weight.strip("0.")}


class Lost:
    """ASGI: outside the API HEAD is GET without a body, and who looks for a page that is not there is shown one.

    Programs get the problem as JSON, as everywhere: only who asks for HTML, and not for what programs read, sees the
    page.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        landing = STATIC / "index.html"
        self._page = landing.read_bytes() if landing.is_file() else None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        is_head, for_people = scope["method"] == "HEAD", not scope["path"].startswith(FOR_PROGRAMS)
        is_shown = for_people and self._page is not None and _takes_html(scope["headers"])
        is_lost = False

        async def sending(message: Any) -> None:
            nonlocal is_lost
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.NOT_FOUND and is_shown:
                is_lost = True
                length = str(len(self._page or b"")).encode()
                message["headers"] = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", length)]
            elif message["type"] == "http.response.body" and (is_lost or is_head):
                if message.get("more_body"):
                    return
                message = {"type": "http.response.body", "body": b"" if is_head else self._page}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, sending)


def _takes_html(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"accept" and b"text/html" in value.lower() for name, value in headers)


class Guarded:
    """ASGI: security headers on every answer, files and errors included; bodies in time; no NUL in a path."""

    def __init__(self, app: Any, *, body_s: float, is_tls: bool, live_origin: str) -> None:
        self._app = app
        self._body_s = body_s
        always = {**SECURITY_HEADERS, **(HSTS if is_tls else {})}
        self._pages, self._others = (
            [(k.lower().encode(), v.replace("{live}", live_origin).encode()) for k, v in {**own, **always}.items()]
            for own in (PAGES_HEADERS, OTHERS_HEADERS)
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *(self._pages if _is_page(message["headers"]) else self._others),
                ]
                if scope["path"].startswith("/v1/") and not any(n == b"cache-control" for n, _ in message["headers"]):
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        async def receiving() -> Any:
            try:
                async with asyncio.timeout(self._body_s):
                    return await receive()
            except TimeoutError:
                raise BodyTooSlow(f"within {self._body_s:g} s") from None

        if scope["type"] == "http" and _is_nowhere(scope["path"]):
            # The file system below would fall over it; of the API whatever the method, for there is no such thing.
            nowhere = "/v1/no/such/thing" if scope["path"].startswith("/v1/") else "/not-found"
            scope = {**scope, "path": nowhere, "raw_path": nowhere.encode()}
        await self._app(scope, receiving if scope.get("method") in ("POST", "PUT", "DELETE") else receive, sending)


def _is_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)


def _is_nowhere(path: str) -> bool:
    """Whether no page can have this address: it has a NUL, a name that is too long, or goes on behind a file."""
    names = path.split("/")[1:]
    is_behind = any("." in name for name in names[:-1]) and not path.startswith(("/v1/", "/.well-known/"))
    return "\0" in path or is_behind or any(len(name.encode()) > NAME_LIMIT for name in names)


def routes() -> list[Any]:
    """The pages, or one that says how to build them."""
    if not (STATIC / "index.html").is_file():
        return [not_built]
    return [
        create_static_files_router(
            path="/assets",
            directories=[STATIC / "assets"],
            cache_control=CacheControlHeader(max_age=31_536_000, immutable=True, public=True),
            include_in_schema=False,
            opt=policy.opened(),
        ),
        create_static_files_router(
            path="/",
            directories=[STATIC],
            html_mode=True,
            cache_control=CacheControlHeader(no_cache=True),
            include_in_schema=False,
            opt=policy.opened(),
        ),
    ]


@get("/", include_in_schema=False, opt=policy.opened(), media_type="text/plain")
async def not_built() -> Response[str]:
    """Says how to build the pages."""
    return Response(
        "The pages are not built: run `make web` (they were left out with POSKO_WEB=skip).\n", status_code=503
    )
