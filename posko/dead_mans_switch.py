"""A sign of life to somebody outside: while what falls due is done in time. When it stays away, they ring the alarm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import aiohttp
import structlog

EVERY_S: Final = 60.0
TIMEOUT_S: Final = 10.0

_log = structlog.get_logger("dead_mans_switch")


async def keep_pressed(url: str, is_well: Callable[[], bool], *, every_s: float = EVERY_S) -> None:
    """GETs `url` every so often for as long as all is well; what it answers does not matter. Without a url: nothing."""
    if not url:
        return
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        while True:
            if is_well():
                try:
                    async with session.get(url, allow_redirects=False):
                        pass
                except (aiohttp.ClientError, TimeoutError) as error:
                    _log.warning("sign_not_given", cause=type(error).__name__)
            await asyncio.sleep(every_s)
