"""Errors as answers: the house's error tree as problem+json, in the responses and in the OpenAPI document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import structlog
from litestar import Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.routes import HTTPRoute

from posko import errors
from posko.errors import FieldError, PoskoError, Problem

PROBLEM_JSON = "application/problem+json"

_log = structlog.get_logger("http")
_encoder = msgspec.json.Encoder()


def encode(error: PoskoError) -> bytes:
    """The body of an error's answer."""
    return _encoder.encode(error.problem())


def headers(error: PoskoError) -> dict[str, str]:
    """`Retry-After` where it applies, `WWW-Authenticate` with 401."""
    found: dict[str, str] = {}
    if error.retry_after_s is not None:
        found["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if error.status == HTTPStatus.REQUEST_TIMEOUT:
        found["Connection"] = "close"
    if error.status == HTTPStatus.UNAUTHORIZED:
        found["WWW-Authenticate"] = "Bearer"
    return found


def responses(*statuses: int) -> dict[int, ResponseSpec]:
    """Documents the errors that a route may answer with."""
    return {
        status: ResponseSpec(
            data_container=Problem,
            description=HTTPStatus(status).phrase,
            media_type=PROBLEM_JSON,
            generate_examples=False,
        )
        for status in statuses
    }


def _answer(error: PoskoError) -> Response[bytes]:
    return Response(encode(error), status_code=error.status, media_type=PROBLEM_JSON, headers=headers(error))


def on_posko_error(_: Request[Any, Any, Any], error: PoskoError) -> Response[bytes]:
    """The house's own errors."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("refused", code=error.code, status=error.status, cause=repr(error.__cause__))
    return _answer(error)


def on_validation(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Litestar's validation of bodies and parameters, as 422 naming path and rule."""
    return _answer(errors.Invalid("a field is outside its rule", errors=list(_field_errors(request, error))))


def _asked_as(request: Request[Any, Any, Any], name: str) -> str:
    """The name that a client knows a parameter by, the handler's or a dependency's: `state` cannot be its own there."""
    handler = request.route_handler
    provided = (dependency.parsed_fn_signature for dependency in handler.resolve_dependencies().values())
    for signature in (handler.parsed_fn_signature, *provided):
        known = getattr(signature.parameters.get(name), "kwarg_definition", None)
        if asked := getattr(known, "query", None):
            return str(asked)
    return name


def _field_errors(request: Request[Any, Any, Any], error: ValidationException) -> list[FieldError]:
    extra = error.extra if isinstance(error.extra, list) else []
    found = []
    for entry in extra:
        message = str(entry.get("message", "")) if isinstance(entry, dict) else str(entry)
        key = entry.get("key", "") if isinstance(entry, dict) else ""
        named = errors.field_error(message)
        if named.path == "$" and key not in ("", "data"):
            named = FieldError(f"$.{_asked_as(request, key)}", named.rule, named.message)
        elif named.path == "$":
            named = _in_list(error.__cause__) or named
        found.append(FieldError("$", "schema", "a body is needed") if message == "'data'" else named)
    return found or [FieldError("$", "schema", error.detail)]


def _in_list(cause: BaseException | None) -> FieldError | None:
    """Where in a body that is a list the rule was broken: of that Litestar keeps the message alone."""
    if not isinstance(cause, msgspec.ValidationError):
        return None
    whole = errors.field_error(str(cause))
    if not whole.path.startswith("$.data["):
        return None
    return FieldError("$" + whole.path.removeprefix("$.data"), whole.rule, whole.message)


async def require_known_parameters(request: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
    """A guard: each parameter of the query is one that the route has. What is misspelt would else be left out without
    a word. Reports are filed past it: one is not lost for what somebody's proxy wrote behind its address."""
    known = route.opt.get("parameters")
    query = request.scope["query_string"].decode("latin-1")
    if known is None or not query:
        return
    odd = [name[:80] for name, _ in parse_qsl(query, keep_blank_values=True) if name not in known]
    if odd:
        said = f"there is no parameter {odd[0]!r} here; there are: {', '.join(sorted(known)) or 'none'}"
        raise errors.UnknownParameter(said, errors=[FieldError(f"$.{odd[0]}", "unknown", said)])


def learn_parameters(app: Litestar) -> None:
    """Writes down which query parameters each route under /v1 has, for the guard; and that it answers 400."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/v1/"):
            for handler, model in route.route_handler_map.values():
                handler.opt["parameters"] = frozenset(p.field_alias for p in model.expected_query_params)
                handler.responses = responses(400) | dict(handler.responses or {})


_BY_STATUS: dict[int, type[PoskoError]] = {
    400: errors.MalformedBody,
    401: errors.NotSignedIn,
    403: errors.NotAllowed,
    404: errors.NotFound,
    413: errors.BodyTooLarge,
    429: errors.TooMany,
    503: errors.Unavailable,
}


def on_http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Litestar's own errors: no such route, wrong method, too long."""
    kind = _BY_STATUS.get(error.status_code)
    if kind is not None:
        return _answer(kind(error.detail))
    status = HTTPStatus(error.status_code)
    problem = Problem(
        f"urn:posko:problem:http-{status.value}", status.phrase, status.value, f"http-{status.value}", error.detail
    )
    return Response(
        _encoder.encode(problem), status_code=status.value, media_type=PROBLEM_JSON, headers=error.headers or {}
    )


def on_unreadable(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A body that is not UTF-8, or nested beyond reason."""
    return _answer(errors.MalformedBody(str(error)))


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A defect: logged whole, answered with a bare 500."""
    _log.error("unexpected", path=request.url.path, method=request.method, exc_info=error)
    return _answer(PoskoError())


handlers: Any = {
    PoskoError: on_posko_error,
    ValidationException: on_validation,
    HTTPException: on_http_error,
    UnicodeDecodeError: on_unreadable,
    RecursionError: on_unreadable,
    Exception: on_unexpected,
}
