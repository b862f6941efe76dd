"""`python -m tests.shots`: every screen in three sizes and two themes, as PNG, into build/shots/."""

from __future__ import annotations

import argparse
import asyncio
import datetime
import itertools
import shutil
import sys
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Page, async_playwright

from posko.regions.preset import PRESETS
from tests.e2e.conftest import ARGUMENTS, CHROMIUM
from tests.shots.camera import Camera, NotThere, Size, Theme
from tests.shots.ground import NOON, day
from tests.shots.screens import SCREENS, Screen

SIZES: Final[tuple[Size, ...]] = ((360, 780), (1920, 1080), (3840, 2160))
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
BEST: Final = (
    "konsol-rekap-1920-light",
    "konsol-kejadian-satu-1920-dark",
    "lapor-tugas-360-light",
    "dinding-1920-dark",
)
"""What the README shows."""
BEST_FOLDER: Final = Path(__file__).parent / "best"
BEST_PIXELS: Final = (1280, 780)
AT_ONCE: Final = 3
"""Looks of one screen side by side: most of the time each waits until its page is quiet."""
SCREENS_HIGH: Final = 4
"""Of a page that is longer than the screen, so many screens are in its picture on a telephone; elsewhere one."""


async def main(given: argparse.Namespace) -> int:
    """Takes them all; answers how many failed. A screen that is not there counts only when `strict`."""
    looks = [look for look in itertools.product(SCREENS, THEMES, SIZES) if _is_wanted(given, *look)]
    if not looks:
        sys.exit(f"no screen has {' or '.join(given.only)} in its name (tests/shots/screens.py)")
    out: Path = given.out
    if not given.only:
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    missing, faults = set[str](), list[str]()
    async with day(given.preset, given.until, print) as scene, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        camera = Camera(browser, scene)
        few = asyncio.Semaphore(AT_ONCE)

        async def take(screen: Screen, theme: Theme, size: Size) -> None:
            async with few:
                try:
                    faults.extend(await _take(camera, screen, theme, size, out))
                except NotThere as why:
                    missing.add(screen.name)
                    if screen.is_built:
                        faults.append(f"{_named(screen, theme, size)} does not become whole: {why}")
            print(f"{'missing' if screen.name in missing else 'taken':<8} {_named(screen, theme, size)}")

        # In the order of the table: what one screen does there, a later one may show.
        for _, same in itertools.groupby(looks, key=lambda look: look[0].name):
            await asyncio.gather(*(take(*look) for look in same))
        await browser.close()
    faults += camera.complaints
    if given.best:
        _keep_best(out)
    for fault in sorted(set(faults)):
        print(f"fault    {fault}")
    print(
        f"{len(list(out.glob('*.png')))} pictures in {out}, {len(missing)} screens missing, {len(set(faults))} faults"
    )
    return len(set(faults)) + len(missing) if given.strict else 0


def _named(screen: Screen, theme: Theme, size: Size) -> str:
    return f"{screen.name}-{size[0]}-{theme}"


def _is_wanted(given: argparse.Namespace, screen: Screen, theme: Theme, size: Size) -> bool:
    if given.best:
        return _named(screen, theme, size) in BEST
    return not given.only or any(word in screen.name for word in given.only)


async def _take(camera: Camera, screen: Screen, theme: Theme, size: Size, out: Path) -> list[str]:
    """One picture; answers what is wrong with it."""
    async with camera.at(screen, theme, size) as page:
        width, height = size
        wide, high = await page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        name = _named(screen, theme, size)
        clip_height = min(high, SCREENS_HIGH * height) if width < height else height
        await _shoot(page, out / f"{name}.png", width, clip_height)
    return [f"{name}: {wide} pixels wide"] if wide > width else []


async def _shoot(page: Page, file: Path, width: int, height: int) -> None:
    await page.evaluate("scrollTo(0, 0)")
    clip = {"x": 0.0, "y": 0.0, "width": float(width), "height": float(height)}
    await page.screenshot(path=file, full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]


def _keep_best(out: Path) -> None:
    """Small copies for the README: what is seen without scrolling."""
    BEST_FOLDER.mkdir(exist_ok=True)
    for name in BEST:
        with Image.open(out / f"{name}.png") as taken:
            width, height = next(size for size in SIZES if taken.width == size[0])
            seen = taken.crop((0, 0, width, min(height, taken.height)))
            seen.thumbnail(BEST_PIXELS)
            seen.convert("RGB").save(BEST_FOLDER / f"{name}.webp", quality=82, method=6)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="a screen that is missing or faulty fails")
    parser.add_argument(
        "--only", action="append", metavar="WORD", help="screens with this in their name; may be repeated"
    )
    parser.add_argument("--preset", choices=sorted(PRESETS), default="jakarta-utara")
    parser.add_argument(
        "--until", type=datetime.time.fromisoformat, default=NOON, metavar="HH:MM", help="of the voting day"
    )
    parser.add_argument(
        "--best", action="store_true", help="only those that the README shows, into tests/shots/best, too"
    )
    parser.add_argument("--out", type=Path, default=Path("build/shots"))
    return parser.parse_args()


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("no chromium on PATH (Debian: apt install chromium)")
    sys.exit(min(1, asyncio.run(main(_arguments()))))
