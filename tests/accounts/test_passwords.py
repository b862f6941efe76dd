"""Which passwords and PINs are taken, and what checking them costs."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
import unicodedata
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from posko.accounts import passwords
from posko.accounts.passwords import Verifier, check_new, check_pin, hash_password, needs_rehash
from posko.errors import Invalid, Unavailable

GOOD = "tujuh kambing lompat pagar"
SIMPLE_PINS = """
    000000 111111 123456 654321 012345 890123 987654 112233 445566 121212 123123 123321 101010 000001 246802 123890
    170845 171945 194508 140224 202401 012024 271124 159753 147258 102030 321654 520131 481184 481481
"""


def rule(password: str, *, username: str = "budi.s", full_name: str = "Budi Santoso") -> str | None:
    """The rule that a new password breaks, or None."""
    try:
        check_new(password, username=username, full_name=full_name)
    except Invalid as error:
        (found,) = error.errors
        assert found.path == "$.new"
        return found.rule
    return None


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "bukittinggi-mawar-72",
        "V7#kd9fk2mxz",
        "merah putih tujuh gajah",
        "correct horse battery staple",
        "пароль-для-поско",
        "sêbelas durian jatuh",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    assert rule(password) is None


def test_what_posko_makes_itself_is_taken() -> None:
    assert [
        p for p in (secrets.token_urlsafe(12) for _ in range(300)) if rule(p, username="x", full_name="x") is not None
    ] == []


@pytest.mark.parametrize(
    "password",
    [
        "rahasia12345",
        "indonesia2024",
        "password1234",
        "P@ssw0rd1234",
        "r4h4s14n3g4r4",
        "pemilu2024!!!",
        "pemilu-damai-2024",
        "Bandung_2024",
        "Merdeka170845",
        "bismillah786786",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "a" * 256,
        "abababababab",
        "makanmakanmakan",
        "abcd1234abcd1234",
        "............",
        "081311427756",  # a telephone number
        "3172011708450001",  # an NIK
        "ｒａｈａｓｉａ１２３４５",
    ],
)
def test_a_common_password_is_refused(password: str) -> None:
    assert rule(password) == "password-common"


def test_own_words_count_as_known() -> None:
    """Without the list of Indonesian words this one would pass."""
    assert rule("pilwalkot coblos") == "password-common"
    assert rule("pxlwxlkxt cxblxs") is None


@pytest.mark.parametrize(
    "password",
    ["", "V7#kd9fk2mx", "é" * 11, unicodedata.normalize("NFD", "é" * 11), "x" * 257, "ﷺ" * 20, "\u0301" * 5000],
)
def test_length_is_counted_after_nfkc(password: str) -> None:
    assert rule(password) == "password-length"


@pytest.mark.parametrize(
    "password",
    ["V7#kd9-budi.s-x", "V7#kd9-SANTOSO-x", "V7#kd9-s4nt0s0-x", "xq7 budi kf92 mzp", "Ｓａｎｔｏｓｏ-V7#kd9fk"],
)
def test_a_name_is_refused(password: str) -> None:
    assert rule(password) == "password-name"


def test_a_short_name_is_no_rule() -> None:
    assert rule("V7#kd9-ani-fk2mxz", username="an", full_name="Ani Ari") is None


def test_the_path_is_the_callers() -> None:
    with pytest.raises(Invalid) as refused:
        check_new("short", username="budi", full_name="Budi", path="$.password")

    assert [(e.path, e.rule) for e in refused.value.errors] == [("$.password", "password-length")]


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_is_weighed(password: str) -> None:
    assert rule(password) in {None, "password-length", "password-common", "password-name"}


def test_the_longest_password_is_weighed_soon() -> None:
    """Weighing is on the event loop: some 20 ms here, against 2 s allowed."""
    password = secrets.token_urlsafe(300)[:256]
    began = time.perf_counter()
    check_new(password, username="x", full_name="y")

    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("pin", SIMPLE_PINS.split())
def test_a_simple_pin_is_refused(pin: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_pin(pin)

    assert [(e.path, e.rule) for e in refused.value.errors] == [("$.pin", "pin-too-simple")]


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "48 159", "48159a", "４８１５９２", "481592\n", "-81592"])
def test_a_pin_is_six_ascii_digits(pin: str) -> None:
    with pytest.raises(Invalid):
        check_pin(pin)


def test_nearly_every_other_pin_is_taken() -> None:
    def taken(pin: str) -> bool:
        try:
            check_pin(pin)
        except Invalid:
            return False
        return True

    assert taken("481592")
    assert sum(taken(f"{number:06d}") for number in range(0, 1_000_000, 7)) > 0.98 * 1_000_000 / 7


def test_the_same_password_however_it_was_typed() -> None:
    composed = "rumah café biru tua"
    encoded = hash_password(composed)

    assert passwords.verify_password(encoded, unicodedata.normalize("NFD", composed))
    assert not passwords.verify_password(encoded, "rumah cafe biru tua")


def test_old_parameters_are_hashed_again() -> None:
    assert not needs_rehash(hash_password(GOOD))
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD))
    assert needs_rehash("no hash at all")


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The encoded hashes that were computed against, one for each time."""
    seen: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, encoded: str | bytes, password: str | bytes) -> Any:
        seen.append(str(encoded))
        return verify(self, encoded, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    return seen


async def test_right_wrong_and_unknown(verified: list[str]) -> None:
    """An unknown user costs one computation of the same parameters, as a wrong password does."""
    verifier, encoded = Verifier(), hash_password(GOOD)

    assert await verifier.verify(encoded, GOOD)
    assert not await verifier.verify(encoded, GOOD + "x")
    assert not await verifier.verify(None, GOOD)
    assert not await verifier.verify("", GOOD)
    assert len(verified) == 4
    assert [extract_parameters(used) for used in verified] == [extract_parameters(encoded)] * 4


@pytest.mark.parametrize("password", ["\ud800" * 12, "x" * 100_000, "\u0301\u0316" * 50_000, "\0"])
async def test_no_password_is_an_exception(password: str) -> None:
    verifier = Verifier()

    assert not await verifier.verify(None, password)
    assert await verifier.verify(await verifier.hash(password), password)


async def test_the_decoy_is_never_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "verify_password", lambda encoded, password: True)

    assert not await Verifier().verify(None, "whatever it is")


class Slow:
    """Work that waits for a signal and counts how much of it runs at once."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.running = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, *_: str) -> bool:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.go.wait(60)
        with self._lock:
            self.running -= 1
        return True


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_threads_are_bounded_even_when_clients_hang_up(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    verifier = Verifier()
    monkeypatch.setattr(passwords, "verify_password", slow)
    gone = [asyncio.create_task(verifier.verify("x", "y")) for _ in range(6)]
    await until(lambda: slow.running == passwords.PARALLEL_LIMIT)

    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    staying = [asyncio.create_task(verifier.verify("x", "y")) for _ in range(4)]
    await asyncio.sleep(0.05)

    assert slow.most == passwords.PARALLEL_LIMIT
    slow.go.set()
    assert await asyncio.gather(*staying) == [True] * 4
    assert slow.most == passwords.PARALLEL_LIMIT


async def test_too_many_waiting_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    verifier = Verifier()
    monkeypatch.setattr(passwords, "verify_password", slow)
    monkeypatch.setattr(passwords, "WAITING_LIMIT", 3)
    waiting = [asyncio.create_task(verifier.verify("x", "y")) for _ in range(3)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable):
        await verifier.verify("x", "y")
    with pytest.raises(Unavailable):
        await verifier.hash("y")
    slow.go.set()
    await asyncio.gather(*waiting)
    assert await verifier.verify("x", "y")


async def test_the_loop_goes_on_while_a_password_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    verifier = Verifier()
    monkeypatch.setattr(passwords, "hash_password", slow)
    hashing = asyncio.create_task(verifier.hash("y"))
    await until(lambda: slow.running == 1)  # the loop turns: else this would never be reached

    assert not hashing.done()
    slow.go.set()
    await hashing
