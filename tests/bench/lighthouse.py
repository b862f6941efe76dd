"""What Lighthouse says of a page that wants somebody signed in. It comes from the package registry when it is asked for."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from typing import Any, Final

import msgspec
from playwright.async_api import async_playwright

from tests.bench.record import Result
from tests.bench.visitor import signed_in
from tests.e2e.conftest import ARGUMENTS, CHROMIUM
from tests.running import free_port

PACKAGE: Final = "lighthouse@13.5.0"
CATEGORIES: Final = ("performance", "accessibility", "best-practices")
LIMIT_S: Final = 240


async def scores(page: str, username: str, address: str, ready: str) -> list[Result]:
    """One result a category, 0 to 100; none where npx is missing. Phones for /lapor, desks for the others."""
    npx = shutil.which("npx")
    if npx is None:
        return []
    port = free_port()
    with tempfile.TemporaryDirectory() as profile:
        async with async_playwright() as playwright:
            context = await playwright.chromium.launch_persistent_context(
                profile,
                executable_path=CHROMIUM,
                args=[*ARGUMENTS, f"--remote-debugging-port={port}"],
                locale="id-ID",
            )
            await signed_in(context, address, username, ready)
            report = await _run(npx, address, port, is_phone=page == "lapor")
            await context.close()
    return [_result(page, name, report) for name in CATEGORIES]


async def _run(npx: str, address: str, port: int, *, is_phone: bool) -> dict[str, Any]:
    words = [npx, "--yes", PACKAGE, address, f"--port={port}", "--disable-storage-reset", "--output=json", "--quiet"]
    words += [f"--only-categories={','.join(CATEGORIES)}", *([] if is_phone else ["--preset=desktop"])]
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(LIMIT_S):
        said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()[-2000:]
    found: dict[str, Any] = msgspec.json.decode(said)
    return found


def _result(page: str, category: str, report: dict[str, Any]) -> Result:
    found = report["categories"][category]
    weighed = {ref["id"] for ref in found["auditRefs"] if ref["weight"]}
    short = [a for a in report["audits"].values() if a["id"] in weighed and a["score"] is not None and a["score"] < 1]
    said = "; ".join(f"{a['id']} {a.get('displayValue', a['score'])}" for a in short) or "nothing short"
    return Result(name=f"lighthouse_{page}_{category.replace('-', '_')}", value=found["score"] * 100, unit="of 100", note=f"{PACKAGE}; {said}"[:300])  # fmt: skip
