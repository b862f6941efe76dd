"""A port for health and metrics, for roles that serve nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from posko.config import Settings


@asynccontextmanager
async def serving(settings: Settings, registry: CollectorRegistry, is_ready: Callable[[], bool]) -> AsyncIterator[None]:
    """Serves /health/live, /health/ready and /metrics on `work_metrics_port`; on port 0 nothing."""

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def ready(_: web.Request) -> web.Response:
        return web.json_response({"ready": is_ready()}, status=200 if is_ready() else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    if settings.work_metrics_port == 0:
        yield
        return
    app = web.Application()
    app.add_routes([web.get("/health/live", live), web.get("/health/ready", ready), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.work_metrics_port).start()
        yield
    finally:
        await runner.cleanup()
