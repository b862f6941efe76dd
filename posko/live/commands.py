"""`posko watch`: a region, live, in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

import rich_click as click

from posko import terms
from posko.console import http_url
from posko.errors import PoskoError
from posko.live.watch import server_at
from posko.live.watch import watch as watch_region

PASSWORD_VARIABLE = "WATCH_PASSWORD"


@click.command()
@click.option(
    "--url", callback=http_url, default="http://127.0.0.1:8080", show_default=True, help="The posko's HTTP address."
)
@click.option("--operation", type=int, default=None, help="Number of the operation (default: the active one).")
@click.option("--region", default=None, help="Region code, as 31.72 (default: the whole operation).")
@click.option(
    "--username", default=None, help=f"Sign in with this name; the password from {PASSWORD_VARIABLE} or asked."
)
@click.option(
    "--password", default=None, help=f"Better left out: {PASSWORD_VARIABLE} or the question keep it off screen."
)
@click.option("--token", default=None, help="A session's token instead of name and password.")
@click.option("--once", is_flag=True, help="Print what there is now, and end.")
def watch(
    url: str,
    operation: int | None,
    region: str | None,
    username: str | None,
    password: str | None,
    token: str | None,
    once: bool,
) -> None:
    """Watch a region live: who has reported, what is late, what is wrong."""
    if region is not None and not terms.is_code(region):
        raise click.UsageError(f"--region {region!r} is not a region code such as 31.72 (or ID)")
    if token is None:
        username = username or click.prompt("Nama pengguna", err=True)
        password = password or os.environ.get(PASSWORD_VARIABLE) or click.prompt("Sandi", hide_input=True, err=True)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_watch(url, (username or "", password or ""), token, operation, region, once=once))
    except PoskoError as error:
        click.echo(f"posko watch: {error.detail or error.title()}", err=True)
        sys.exit(1)


async def _watch(
    url: str, account: tuple[str, str], token: str | None, operation: int | None, region: str | None, *, once: bool
) -> None:
    async with server_at(url, token) as server:
        if token is None:
            await server.sign_in(*account)
        found = await server.operation(operation)
        live_url = await server.live_url()
    assert server.token is not None
    await watch_region(live_url, server.token, found, region or found.root_code, once=once)
