"""The OpenAPI document is complete and true: whatever is sent, no answer is undocumented and none is a 500."""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories import PASSWORD, Small
from tests.running import Running

EXAMPLES = int(os.environ.get("POSKO_FUZZ_EXAMPLES", "10"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="session")
def document(running: Running) -> dict[str, Any]:
    with urllib.request.urlopen(f"{running.url}/openapi.json") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


@pytest.fixture(scope="session")
def openapi(running: Running) -> Any:
    return schemathesis.openapi.from_url(f"{running.url}/openapi.json")


@pytest.fixture
def authorizations(running: Running, served: Small) -> list[dict[str, str]]:
    """Headers, each of a session or of none at all: all send the same cases, making them is the dear part."""
    sessions = [{"Authorization": f"Bearer {_token(running, name)}"} for name in ("supervisor", "admin")]
    return [*sessions, {}]


@pytest.fixture
def connection() -> Iterator[requests.Session]:
    """One connection for all cases; it keeps no cookie, or nobody would become somebody."""
    with requests.Session() as found:
        found.trust_env = False  # or it would look for a proxy and a netrc before each of five thousand
        found.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield found


def _token(running: Running, username: str) -> str:
    body = json.dumps({"username": username, "password": PASSWORD}).encode()
    request = urllib.request.Request(f"{running.url}/v1/sessions", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["token"])


@pytest.mark.timeout(900)
def test_no_input_gets_a_500_or_an_undocumented_answer(
    openapi: Any, authorizations: list[dict[str, str]], connection: requests.Session
) -> None:
    for found in openapi.get_all_operations():
        operation = found.ok()
        if operation.method.upper() == "DELETE":
            continue  # would end the session of the examples that follow

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            for headers in authorizations:
                case.call_and_validate(headers=headers, checks=CHECKS, session=connection)

        ask()


def test_every_route_is_documented_with_its_errors(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if method not in {"get", "put", "post", "delete"}:
                continue
            where = f"{method.upper()} {path}"
            assert described.get("description"), where
            if described.get("security") == [{}]:
                continue
            assert "401" in described["responses"], where
            assert "application/problem+json" in described["responses"]["401"]["content"], where


KNOWN = {"code": "31.72", "kind": "early", "username": "admin"}
A_UUID = "01a201e4-e06a-7001-8453-e919cedd4d4b"


def _filled(path: str, methods: dict[str, Any]) -> str:
    """The path with something right for each of its parameters."""
    named = {p["name"]: p["schema"] for m in methods.values() for p in m.get("parameters", ()) if p["in"] == "path"}

    def fill(found: re.Match[str]) -> str:
        return KNOWN.get(found[1], A_UUID if named.get(found[1], {}).get("format") == "uuid" else "1")

    return re.sub(r"{(\w+)}", fill, path)


def test_without_signing_in_every_other_route_is_401(running: Running, document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        filled = _filled(path, methods)
        for method, described in methods.items():
            if method not in {"get", "put", "post", "delete"} or described.get("security") == [{}]:
                continue
            data = None if method in {"get", "delete"} else b"{}"
            request = urllib.request.Request(
                running.url + filled, data, {"content-type": "application/json"}, method=method.upper()
            )
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request)
            assert refused.value.code == 401, f"{method.upper()} {path}"
