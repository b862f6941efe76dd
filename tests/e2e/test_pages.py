"""The built pages themselves: where they are served, what they are allowed, what they weigh."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import aiohttp
import msgspec
import pytest
from playwright.async_api import expect

from posko import pages
from posko.live.view import View
from posko.live.wire import Delta, Snapshot, decode_server
from tests.e2e.conftest import Visits
from tests.running import Running

ROOT = Path(__file__).parents[2]
SCRIPT_LIMIT_BYTES = 80_000
"""All the JavaScript that the konsol loads, gzipped."""


async def test_documents_are_asked_for_afresh_and_assets_never_again(running: Running) -> None:
    asset = next(f for f in (pages.STATIC / "assets").glob("konsol-*.js") if len(f.suffixes) == 1).name
    async with aiohttp.ClientSession() as http:
        for path in ("/", "/konsol/", "/docs/"):
            async with http.get(running.url + path) as answer:
                assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache"), path
                assert "script-src 'self'" in answer.headers.get("content-security-policy", ""), path
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert "<script>" not in await answer.text()
                assert answer.headers["content-encoding"] in ("br", "gzip")
            async with http.head(running.url + path) as head:
                assert (head.status, head.headers["content-length"], await head.read()) == (
                    200,
                    answer.headers["content-length"],
                    b"",
                ), path
        async with http.get(f"{running.url}/assets/{asset}") as answer:
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["content-security-policy"] == "default-src 'self'; frame-ancestors 'none'"
            assert not {"content-disposition", "last-modified", "permissions-policy"} & set(
                map(str.lower, answer.headers)
            )
        async with http.head(f"{running.url}/v1/operations") as answer:
            assert answer.status == 405


async def test_what_programs_read_answers_head_too_and_is_never_a_page(running: Running) -> None:
    """Uptime monitors ask by HEAD."""
    async with aiohttp.ClientSession(headers={"accept": "text/html"}) as http:
        for path in ("/health/live", "/health/ready", "/metrics", "/.well-known/posko-webhook-keys.json"):
            async with http.head(running.url + path) as head:
                assert (head.status, await head.read()) == (200, b""), path
            async with http.get(running.url + path) as answer:
                assert (answer.status, answer.content_type) == (200, head.content_type), path
        for path in ("/health/none", "/.well-known/none"):
            async with http.get(running.url + path) as answer:
                assert (answer.status, answer.content_type) == (404, "application/problem+json"), path
            async with http.head(running.url + path) as head:
                assert (head.status, head.content_type) == (404, "application/problem+json"), path


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate, br;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("identity", None),
        ("gzip;q=0.0, br; q=0", None),
        ("", None),
    ],
)
async def test_a_file_comes_as_small_as_the_client_takes_it(running: Running, asked: str, answered: str | None) -> None:
    file = next(f for f in (pages.STATIC / "assets").glob("konsol-*.js") if len(f.suffixes) == 1)
    url = f"{running.url}/assets/{file.name}"
    async with (
        aiohttp.ClientSession(auto_decompress=False) as http,
        http.get(url, headers={"accept-encoding": asked}) as answer,
    ):
        body = await answer.read()

    assert (answer.status, answer.headers.get("content-encoding"), answer.headers["vary"]) == (
        200,
        answered,
        "accept-encoding",
    )
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    # What brotli makes of it is read by the browser of every other test.
    assert (gzip.decompress(body) if answered == "gzip" else body) == file.read_bytes() or answered == "br"
    assert answered is None or len(body) < file.stat().st_size / 2


async def test_the_landing_page_leads_to_the_konsol_and_the_api(running: Running, visits: Visits) -> None:
    async with aiohttp.ClientSession() as http:
        for path, accept, kind, held in (
            ("/konsole/", "text/html,*/*", "text/html; charset=utf-8", "script-src 'self'"),
            ("/konsole/", "*/*", "application/problem+json", "default-src 'self'; frame-ancestors 'none'"),
            ("/v1/konsole", "text/html", "application/problem+json", "default-src 'self'; frame-ancestors 'none'"),
        ):
            async with http.get(running.url + path, headers={"accept": accept}) as answer:
                assert (answer.status, answer.headers["content-type"]) == (404, kind)
                assert held in answer.headers["content-security-policy"]
    lost = await visits.open(running, "/konsole/", may_fail=True)
    await expect(lost.get_by_role("alert")).to_contain_text("Halaman /konsole/ tidak ada.")
    page = await visits.open(running, "/")

    await expect(page.get_by_role("link", name="Buka konsol")).to_have_attribute("href", "/konsol/")
    await page.get_by_role("link", name="Dokumentasi API").click()

    tag = page.locator("#operations-tag-incidents")
    await expect(tag).to_be_visible(timeout=60_000)
    await tag.click(timeout=60_000)
    await expect(page.get_by_text("/v1/incidents", exact=True).first).to_be_visible()


async def test_a_page_says_that_it_opens_until_its_scripts_are_there(running: Running, visits: Visits) -> None:
    page = await visits.open(running, "/masuk/", may_fail=True)
    opening = page.get_by_text("membuka…")
    await expect(page.get_by_role("heading").first).to_be_visible()
    await expect(opening).to_be_hidden()
    await page.route("**/*.js", lambda route: route.abort())
    for path in ("/", "/masuk/", "/akun/", "/kelola/", "/konsol/", "/lapor/", "/dinding/"):
        await page.goto(running.url + path)
        await expect(opening, path).to_be_visible()


def test_the_konsol_is_light() -> None:
    document = (pages.STATIC / "konsol" / "index.html").read_text(encoding="utf-8")
    loaded = [file for file in (pages.STATIC / "assets").glob("*.js") if file.name in document]

    assert len(loaded) == 2
    assert sum(len(gzip.compress(file.read_bytes())) for file in loaded) < SCRIPT_LIMIT_BYTES


@pytest.mark.parametrize(("page", "limit_bytes"), [("masuk", 33_000), ("lapor", 39_000)])
def test_what_is_opened_on_one_bar_of_signal_is_light_and_comes_in_two_files(page: str, limit_bytes: int) -> None:
    document = (pages.STATIC / page / "index.html").read_text(encoding="utf-8")
    first = re.findall(r'"(/assets/[^"]+)"', document)

    assert len(first) == 2, first
    assert sum(len(gzip.compress((pages.STATIC / name[1:]).read_bytes())) for name in first) < limit_bytes


def test_python_and_the_pages_apply_frames_alike() -> None:
    class Case(msgspec.Struct, forbid_unknown_fields=True):
        name: str
        frames: list[msgspec.Raw]
        taken: list[str]
        version: int | None
        rows: dict[str, list[int]]

    cases = msgspec.json.decode((ROOT / "tests" / "cases" / "view.json").read_bytes(), type=list[Case])
    assert len(cases) > 10
    for case in cases:
        view = View("1:31.72")
        taken = []
        for raw in case.frames:
            frame = decode_server(bytes(raw))
            assert isinstance(frame, Snapshot | Delta)
            taken.append(view.take(frame))

        assert (taken, view.version, view.rows) == (case.taken, case.version, case.rows), case.name


@pytest.mark.parametrize(
    "path", ["/" + "x" * 300, "/index.html/x", "/assets/x.js/y", "/" + "%C3%A9" * 200, "/lapor/sw.js/"]
)
async def test_an_address_that_no_page_can_have_is_not_found(running: Running, path: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(running.url + path, allow_redirects=False) as answer:
        assert answer.status == 404
