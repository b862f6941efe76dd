"""Small parts of the gate by themselves; what it lets through is the matrix's to show."""

from __future__ import annotations

import pytest
from litestar import Litestar, get

from posko import policy
from posko.accounts.gate import NoPolicy, program_of, require_policies, token_of
from posko.accounts.known_browser import NAMES_LIMIT, KnownBrowser
from posko.errors import NotSignedIn


def test_an_application_with_a_route_without_a_policy_does_not_start() -> None:
    @get("/open", opt=policy.opened(), sync_to_thread=False)
    def declared() -> str:
        return ""

    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return ""

    require_policies(Litestar([declared], openapi_config=None))
    with pytest.raises(NoPolicy, match="/forgotten"):
        require_policies(Litestar([declared, forgotten], openapi_config=None))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17 Safari/604",
            "Safari, iPhone",
        ),
        ("dasbor-kota/1.2\n" + "x" * 200, "dasbor-kota/1.2" + "x" * 45),
        ("", "-"),
    ],
)
def test_a_session_is_named_as_people_name_their_browser(said: str, shown: str) -> None:
    assert program_of(said) == shown


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic abc", "token"])
def test_a_header_that_is_no_token_is_not_replaced_by_a_cookie(header: str) -> None:
    with pytest.raises(NotSignedIn):
        token_of(header, "cookie")


def test_a_browser_knows_the_last_names_and_no_forged_ones() -> None:
    known, other = KnownBrowser("a" * 32), KnownBrowser("b" * 32)
    cookie = None
    for number in range(NAMES_LIMIT + 1):
        cookie = known.with_name(cookie, f"orang-{number}")

    assert [known.knows(cookie, f"orang-{n}") for n in (0, 1, NAMES_LIMIT)] == [False, True, True]
    assert not known.knows(other.with_name(None, "orang-1"), "orang-1")
    assert not known.knows("x" * 10_000, "orang-1")
    assert not known.knows("é.é", "orang-1")
