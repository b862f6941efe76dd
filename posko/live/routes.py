"""Tickets for the live socket."""

from __future__ import annotations

import datetime

from litestar import post
from litestar.status_codes import HTTP_201_CREATED

from posko import policy
from posko.accounts.account import EVERYONE, Viewer
from posko.config import Settings
from posko.live.ticket import Signer, Ticket, live_url
from posko.problems import responses


@post(
    "/v1/live/tickets",
    status_code=HTTP_201_CREATED,
    tags=["live"],
    opt=policy.read(EVERYONE),
    responses=responses(401, 403, 429, 503),
)
async def issue_ticket(viewer: Viewer, settings: Settings, utc_now: datetime.datetime) -> Ticket:
    """A ticket that opens the live socket once; ask for a fresh one before every connection."""
    return Ticket(
        ticket=Signer(settings.secret_key).issue(viewer, at=utc_now, lasts_s=settings.ticket_s),
        url=live_url(settings),
        expires_at=utc_now + datetime.timedelta(seconds=settings.ticket_s),
    )


routes = [issue_ticket]
