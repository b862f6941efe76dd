"""Composition root of `posko serve`: the HTTP role. A table of contents of what it is made of."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gc
import time
from collections.abc import Callable
from typing import Any

import structlog
from litestar import Litestar, Request
from litestar.di import Provide
from litestar.routes import HTTPRoute
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from posko import db, health, http_server, metrics, openapi, pages, problems
from posko.accounts import routes as accounts
from posko.accounts.account import Viewer
from posko.accounts.gate import Gate, require_policies
from posko.accounts.known_browser import KnownBrowser
from posko.accounts.log import Refusals
from posko.accounts.opening import Caller
from posko.accounts.passkeys import RelyingParty
from posko.accounts.passwords import Verifier
from posko.accounts.proving import Prover
from posko.accounts.sealed import Sealer
from posko.accounts.sessions import SessionCache
from posko.condition import routes as condition
from posko.config import Settings
from posko.curves import routes as curves
from posko.directives import routes as directives
from posko.exports import routes as exports
from posko.field import routes as field
from posko.gateways import routes as gateways
from posko.gateways.texts import Texts
from posko.incidents import acts, approvals, board
from posko.incidents import routes as incidents
from posko.incidents import settings as incident_settings
from posko.limits import Limits
from posko.live import routes as live
from posko.live.bell import Bell
from posko.live.ticket import live_origin
from posko.messages import routes as messages
from posko.photos import routes as photos
from posko.photos import voice_routes as voices
from posko.photos.keeper import Keeper
from posko.photos.vault import Objects, Vault
from posko.readiness import routes as readiness
from posko.regions import grid, roster_routes, search, set_up
from posko.regions import routes as regions
from posko.regions.boards import Boards
from posko.regions.draft import Workshop
from posko.regions.published import Published
from posko.reports import routes as reports
from posko.reports.catalogues import Catalogues
from posko.reports.committer import Metrics
from posko.reports.fast_lane import FastLane
from posko.reports.intake import Intake
from posko.silence import reasons
from posko.silence import routes as silence
from posko.webhooks import history
from posko.webhooks import routes as webhooks
from posko.webhooks.guard import Guard
from posko.webhooks.keys import Keys

_log = structlog.get_logger("serve")


def utc_now() -> datetime.datetime:
    """The clock of the composition roots; what happened when is the database's word."""
    return datetime.datetime.now(datetime.UTC)


class Rooms:
    """Everything that the HTTP role is made of, wired once."""

    def __init__(self, settings: Settings, pool: db.Pool, redis: Redis) -> None:
        self.settings = settings
        self.registry = CollectorRegistry()
        self.pool = pool
        self.redis = redis
        self.bell = Bell(redis)
        self.limits = Limits(redis)
        self.refusals = Refusals(pool)
        self.sessions = SessionCache(pool, clock=utc_now)
        self.catalogues = Catalogues(pool, settings.secret_key)
        self.intake = Intake(settings, self.catalogues, Metrics(self.registry), self.bell.ring_soon)
        self.gate = Gate(
            settings,
            self.sessions,
            self.limits,
            self.refusals,
            clock=utc_now,
            is_pressed=lambda: self.intake.is_pressed,
        )
        self.photos = Keeper(pool, self.limits, settings, _vault(settings), is_pressed=lambda: self.intake.is_pressed)
        self.texts = Texts(
            pool, self.intake, self.catalogues, self.gate, self.limits, settings.secret_key, self.registry
        )
        self.health = health.Health(pool, redis)
        self.observer = condition.Observer(settings, pool, redis, self.intake, self.photos)
        metrics.observe_process(self.registry, pool)
        self.litestar = self._litestar()
        requests = metrics.Requests(self.registry)
        guarded = pages.Guarded(
            pages.Lost(pages.Compressed(self.litestar)),
            body_s=settings.body_s,
            is_tls=settings.public_url.startswith("https:"),
            live_origin=live_origin(settings),
        )
        self.lane = FastLane(guarded, settings, self.gate, self.intake, requests.observe)
        self.asgi = metrics.Timed(self.lane, requests.observe)

    def _litestar(self) -> Litestar:
        settings = self.settings
        sealer = Sealer(settings.secret_key)
        party = RelyingParty(settings.public_url, sorted(settings.origins))
        provided = {
            "pool": self.pool,
            "settings": settings,
            "prover": Prover(
                self.pool, Verifier(), sealer, party, self.limits, burst=settings.sign_ins_burst, clock=utc_now
            ),
            "known": KnownBrowser(settings.secret_key),
            "gate": self.gate,
            "limits": self.limits,
            "sessions": self.sessions,
            "intake": self.intake,
            "photos": self.photos,
            "texts": self.texts,
            "catalogues": self.catalogues,
            "boards": Boards(self.pool, time.monotonic),
            "desk": acts.Desk(self.pool, self.bell.ring_soon),
            "committed": self.bell.ring_soon,
            "press": exports.Press(),
            "published": Published(),
            "workshop": Workshop(),
            "observer": self.observer,
            "webhook_keys": Keys(settings.secret_key),
            "webhook_guard": Guard.of(settings),
        }
        app = Litestar(
            route_handlers=_routes(),
            dependencies={
                **{name: Provide(_giving(thing), sync_to_thread=False) for name, thing in provided.items()},
                "viewer": Provide(_viewer_of, sync_to_thread=False),
                "caller": Provide(_caller_of, sync_to_thread=False),
                "health_check": Provide(_giving(self.health), sync_to_thread=False),
                # A name that no body has: a bad field of a dependency's name would be taken for a defect of ours.
                "utc_now": Provide(utc_now, sync_to_thread=False),
                "registry": Provide(_giving(self.registry), sync_to_thread=False),
            },
            guards=[self.gate.check, problems.require_known_parameters],
            after_exception=[self.gate.after_exception],
            exception_handlers=problems.handlers,
            openapi_config=openapi.config(settings),
            request_max_body_size=settings.body_limit_bytes,
            logging_config=None,
            debug=False,
        )
        require_policies(app)
        problems.learn_parameters(app)
        _provide_in_turn(app)
        return app

    async def watch_over(self) -> None:
        """Ends with the error of a group commit that ended, so that the process does."""
        while True:
            self.intake.check()
            await asyncio.sleep(1)


def _routes() -> list[Any]:
    return [
        *accounts.routes,
        *regions.routes,
        *grid.routes,
        *search.routes,
        *set_up.routes,
        *roster_routes.routes,
        *curves.routes,
        *exports.routes,
        *messages.routes,
        *reports.routes,
        *approvals.routes,
        *photos.routes,
        *voices.routes,
        *silence.routes,
        *reasons.routes,
        *incidents.routes,
        *board.routes,
        *acts.routes,
        *incident_settings.routes,
        *directives.routes,
        *readiness.routes,
        *field.routes,
        *webhooks.routes,
        *history.routes,
        *gateways.routes,
        *live.routes,
        *condition.routes,
        *health.routes,
        *metrics.routes,
        *openapi.routes,
        *pages.routes(),
    ]


def _provide_in_turn(app: Litestar) -> None:
    """What a handler wants is given one thing after another: none is waited for, and Litestar makes a task of each."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, model in route.route_handler_map.values():
                model.dependency_batches = [{one} for batch in model.dependency_batches for one in batch]


def _vault(settings: Settings) -> Vault | None:
    return Vault(Objects(settings.photos_url), settings.secret_key) if settings.photos_url else None


def _viewer_of(request: Request[Viewer, Any, Any]) -> Viewer:
    return request.user


def _caller_of(request: Request[Any, Any, Any]) -> Caller:
    caller: Caller = request.state.caller
    return caller


def _giving(thing: Any) -> Callable[[], Any]:
    return lambda: thing


async def run(settings: Settings, *, ready: Callable[[], None] | None = None) -> None:
    """Serves HTTP until SIGTERM or SIGINT; requests under way are answered first."""
    with http_server.bind(settings.host, settings.port, "POSKO_PORT") as listener:
        pool = await db.open_pool(
            settings.database_url,
            size=settings.pool_size,
            statement_timeout_s=settings.statement_timeout_s,
            role=db.DatabaseRole.app,
        )
        redis = Redis.from_url(settings.redis_url, socket_timeout=2.0, socket_connect_timeout=1.0)
        rooms = Rooms(settings, pool, redis)
        server = http_server.Server(rooms.asgi, rooms.lane, ready)
        gc.freeze()  # what lives as long as the process need not be looked at again and again
        try:
            async with asyncio.TaskGroup() as group:
                lasting = (rooms.sessions, rooms.catalogues, rooms.limits, rooms.refusals)
                background = [group.create_task(thing.run()) for thing in lasting]
                background.append(group.create_task(rooms.watch_over()))
                _log.info("serving", host=settings.host, port=listener.getsockname()[1])
                await server.serve(sockets=[listener])
                for task in background:
                    task.cancel()
        finally:
            await rooms.intake.stop()
            await rooms.refusals.flush()
            await rooms.bell.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(redis.aclose(), 2)
            pool.terminate()
