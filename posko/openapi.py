"""The OpenAPI 3.1 document and its page, served from here alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag

from posko import __version__, policy
from posko.config import Settings

ASYNCAPI: Final = Path(__file__).parent / "live" / "asyncapi.yaml"


def config(settings: Settings) -> OpenAPIConfig:
    """The document at /openapi.json; the page at /docs is built with the other pages."""
    return OpenAPIConfig(
        title="posko",
        version=__version__,
        summary="Command post of an Indonesian election day",
        description="Reports in, rollups up, pushes out. PROTOCOL.md and asyncapi.yaml describe the live socket.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        openapi_router=Router(path="/openapi", route_handlers=[], opt=policy.opened(), include_in_schema=False),
        render_plugins=[JsonRenderPlugin(path="/document.json")],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer"),
                "cookie": SecurityScheme(type="apiKey", name="__Host-posko", security_scheme_in="cookie"),
                "webhook": SecurityScheme(type="apiKey", name="webhook-signature", security_scheme_in="header"),
            }
        ),
        security=[{"bearer": []}, {"cookie": []}],
        tags=[
            Tag(name="sign-in", description="Signing in and out"),
            Tag(name="own account", description="One's own session and factors"),
            Tag(name="accounts", description="People, their seats and devices"),
            Tag(name="desk", description="Piket: who is on duty, what is handed over"),
            Tag(name="approvals", description="The two-person rule"),
            Tag(name="log", description="Who did what"),
            Tag(name="operations", description="Operations, milestones, contests"),
            Tag(name="set-up", description="Making operations: roster, plan of the day, opening and ending"),
            Tag(name="regions", description="The tree, its rollups, the TPS behind each number"),
            Tag(name="reports", description="What was seen"),
            Tag(name="gateways", description="Texts of SMS, WhatsApp and Telegram that become reports"),
            Tag(name="photos", description="Photos and voice notes that reports promise"),
            Tag(name="field", description="All that the officer's page asks for, at once"),
            Tag(name="directives", description="Orders down, and how far they have come"),
            Tag(name="webhooks", description="Other systems that are told"),
            Tag(name="live", description="Tickets for the live socket"),
            Tag(name="operating", description="Health and metrics"),
        ],
        use_handler_docstrings=True,
    )


@get("/openapi.json", tags=["operating"], opt=policy.opened(), security=[{}], include_in_schema=False)
async def document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The document itself."""
    return Response(msgspec.json.encode(request.app.openapi_schema.to_schema()), media_type="application/json")


@get("/asyncapi.yaml", tags=["operating"], opt=policy.opened(), security=[{}], include_in_schema=False)
async def live_document() -> Response[bytes]:
    """What goes over the live socket."""
    return Response(ASYNCAPI.read_bytes(), media_type="application/yaml")


routes = [document, live_document]
