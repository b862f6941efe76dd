"""No screen breaks a rule of WCAG 2.2 AA that a machine can check."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
import pytest
from playwright.async_api import Browser, Page

from posko import db
from tests.client import Client
from tests.e2e.accessible import AXE, bring
from tests.factories import close_since, count, incident, make_account, make_small, milestone, report, turnout, uuid7
from tests.photos.sounds import promise_voice, webm
from tests.running import Running
from tests.shots.camera import Camera, NotThere, Size, Theme
from tests.shots.scene import ROLES, Scene, make_scene
from tests.shots.screens import SCREENS, Screen

TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ALL_LOOKS: Final[tuple[tuple[Theme, Size], ...]] = (
    ("light", (1920, 1080)),
    ("dark", (1920, 1080)),
    ("light", (360, 780)),
    ("dark", (360, 780)),
)
"""With POSKO_AXE=all; else a screen is looked at once: the officer's dark on a telephone, the others light on a desk."""


def _looks(screen: Screen) -> tuple[tuple[Theme, Size], ...]:
    if os.environ.get("POSKO_AXE") == "all":
        return ALL_LOOKS
    return (ALL_LOOKS[3],) if screen.name.startswith("lapor") else (ALL_LOOKS[0],)


RUN: Final = """async tags => {
  const found = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })
  return found.violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 5).map(({ target, failureSummary }) => `${target}: ${failureSummary}`) }))
}"""


@pytest.fixture(scope="module")
async def scene(running: Running, server_pool: db.Pool) -> AsyncIterator[Scene]:
    """The small operation at midday: some have opened, some have not, votes and incidents are in, one number is doubtful."""
    async with server_pool.acquire() as connection:
        small = await make_small(connection)
        suffix = f"-axe{small.operation}"
        for role in ROLES:
            place = small.tps[0] if role == "petugas" else small.root
            # who sets operations up does so for all of them
            bound = None if role == "admin" else small.operation
            await make_account(connection, role + suffix, role, place, operation=bound)
    case, sound = uuid7(), webm()
    told = incident("tinggi", voice=promise_voice(sound))
    async with aiohttp.ClientSession() as http:
        desk = await Client(http, running.url).sign_in(f"operator{suffix}")
        for tps in small.tps[:7]:
            for content in (milestone("voting_open"), turnout(60, 80), count("gubernur", [30, 20, 10])):
                assert (await desk.put(report(small.operation, tps, content)))[0] == 201
        assert (await desk.put(report(small.operation, small.tps[8], turnout(300, 300))))[0] == 201
        assert (await desk.put(report(small.operation, small.tps[0], told), case))[0] == 201
        assert (await desk.ask("PUT", f"/v1/reports/{case}/voice", data=sound))[0] == 201
        for severity in ("kritis", "sedang", "rendah"):
            assert (await desk.put(report(small.operation, small.tps[3], incident(severity))))[0] == 201
    yield await make_scene(running.url, small.operation, small.root, {"id": str(case), "place": small.tps[0]}, suffix)
    async with server_pool.acquire() as connection:
        await close_since(connection, small.operation)


@pytest.fixture(scope="module")
def axe() -> None:
    """The rules themselves; they come with what the pages are built from."""
    if not AXE.is_file():
        reason = "no axe-core: npm --prefix posko/web ci --ignore-scripts"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)


@pytest.fixture(scope="module")
async def its_camera(browser: Browser, scene: Scene) -> AsyncIterator[Camera]:
    found = Camera(browser, scene)
    yield found
    await found.close()


@pytest.fixture
async def camera(its_camera: Camera) -> AsyncIterator[Camera]:
    its_camera.complaints = []
    yield its_camera
    assert its_camera.complaints == []


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize("screen", [pytest.param(s, id=s.name) for s in SCREENS if s.is_light])
async def test_a_screen_breaks_no_rule(screen: Screen, camera: Camera) -> None:
    broken: dict[str, Any] = {}
    for theme, size in _looks(screen):
        try:
            async with camera.at(screen, theme, size) as page:
                if found := await _run(page):
                    broken[f"{theme} {size[0]}"] = found
        except NotThere as why:
            assert not screen.is_built, f"does not become whole: {why}"
            pytest.skip(f"{screen.name} is not built yet")
    assert broken == {}, json.dumps(broken, indent=1)


async def _run(page: Page) -> list[dict[str, Any]]:
    """What axe has against a page."""
    await bring(page)
    found: list[dict[str, Any]] = await page.evaluate(RUN, TAGS)
    return found
