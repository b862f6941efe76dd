"""`posko doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import rich_click as click
from redis.asyncio import Redis
from redis.exceptions import RedisError

from posko import config, db, migrate
from posko.config import Settings
from posko.errors import PoskoError
from posko.messages import channel, smtp
from posko.photos.vault import Objects

CLOCK_SKEW_LIMIT_S = 2.0


async def examine(environ: Mapping[str, str]) -> int:
    """Prints one line per check; answers 0 when all is well, 1 when something is not."""
    try:
        settings = config.from_env(environ)
    except PoskoError as error:
        _say(False, "settings", str(error))
        return 1
    _say(True, "settings", _shown(settings))
    results = [
        _address(settings),
        _channels(settings, environ),
        await _postgres(settings),
        await _redis(settings),
        await _photos(settings),
    ]
    return 0 if all(results) else 1


def _say(is_well: bool, what: str, detail: str) -> bool:
    click.echo(("  ok   " if is_well else "  BAD  ") + f"{what}: {detail}")
    return is_well


def _shown(settings: Settings) -> str:
    address = urlsplit(settings.database_url)
    serve, live = f"{settings.host}:{settings.port}", f"{settings.live_host}:{settings.live_port}"
    host = address.hostname or parse_qs(address.query).get("host", ["(local)"])[0]
    return f"database {host}, HTTP {serve}, live {live}"


def _address(settings: Settings) -> bool:
    """Whether browsers can sign in as they should, and limits tell one address from another."""
    public = urlsplit(settings.public_url)
    if (public.hostname and public.hostname.replace(".", "").isdigit()) or ":" in (public.hostname or ""):
        return _say(False, "public address", f"{settings.public_url} is a number: passkeys need a name")
    if public.scheme != "https" and public.hostname != "localhost":
        return _say(False, "public address", f"{settings.public_url} has no TLS: browsers keep no session by it")
    if public.scheme == "https" and not settings.trusted_proxies:
        return _say(False, "proxies", "set POSKO_TRUSTED_PROXIES: else all who come by the proxy share one limit")
    return _say(True, "public address", settings.public_url)


def _channels(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Whether messages to people can go out, as far as settings say."""
    try:
        found = [*smtp.configured(settings), *channel.plugged(settings, environ)]
    except PoskoError as error:
        return _say(False, "messages", str(error))
    names = ", ".join(c.name for c in found)
    return _say(True, "messages", f"go out by {names}" if found else "none go out: set POSKO_SMTP_URL")


async def _postgres(settings: Settings) -> bool:
    statements = db.queries("doctor")
    try:
        connection = await db.connect(settings.database_url, timeout_s=5)
    except PoskoError as error:
        return _say(False, "PostgreSQL", f"cannot be reached ({error.__cause__!r}): check POSKO_DATABASE_URL")
    try:
        began = time.time()
        row = await connection.fetchrow(statements["server"].sql)
        assert row is not None
        skew = abs(row["at"].timestamp() - (began + time.time()) / 2)
        missing = await migrate.pending(connection)
        durable = ("fsync", "synchronous_commit", "full_page_writes")
        results = [
            _say(
                row["major"] >= migrate.POSTGRES_MAJOR,
                "PostgreSQL",
                f"{row['version']}; {migrate.POSTGRES_MAJOR} or newer",
            ),
            _say(not missing, "schema", f"run `posko migrate`: {', '.join(missing)}" if missing else "current"),
            _say(
                all(row[name] == "on" for name in durable),
                "durability",
                ", ".join(f"{name} {row[name]}" for name in durable) + "; all must be on",
            ),
            _say(
                not row["moved"], "clock setting", "posko.now is set: for tests only" if row["moved"] else "not moved"
            ),
            _say(
                not row["passes_walls"],
                "login",
                "is a superuser or passes row-level security: use one that does not"
                if row["passes_walls"]
                else "does not pass row-level security",
            ),
            _say(skew < CLOCK_SKEW_LIMIT_S, "clocks", f"this machine and the database differ by {skew:.3f} s"),
        ]
        return all(results)
    finally:
        await connection.close()


async def _redis(settings: Settings) -> bool:
    try:
        redis = Redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5)
    except ValueError as error:
        return _say(False, "Redis", f"POSKO_REDIS_URL: {error}")
    try:
        version = (await redis.info("server"))["redis_version"]
    except (RedisError, OSError) as error:
        return _say(
            False,
            "Redis",
            f"cannot be reached ({error!r}): check POSKO_REDIS_URL; reports go on, screens are up to 2 s behind",
        )
    finally:
        await redis.aclose()
    return _say(True, "Redis", f"version {version}")


async def _photos(settings: Settings) -> bool:
    if not settings.photos_url:
        return _say(True, "photos", "POSKO_PHOTOS_URL is not set: none are taken")
    probe = "0/doctor.probe"
    try:
        objects = Objects(settings.photos_url)
        await objects.put({probe: b"posko"})
        await objects.delete([probe])
    except PoskoError as error:
        return _say(False, "photos", f"their store does not keep an object ({error.__cause__!r}): see POSKO_PHOTOS_URL")
    return _say(True, "photos", "their store keeps and forgets")
