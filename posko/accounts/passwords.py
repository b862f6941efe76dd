"""Passwords and PINs: which are taken, and argon2id (t=2, m=19 MiB, p=1) off the event loop, a few at a time.

A new password is weighed by the cheapest way of putting it together from words, runs, years, repeats and single
characters; a PIN, which five wrong guesses lock, only has to avoid what everyone tries first.
"""

from __future__ import annotations

import asyncio
import math
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NoReturn, ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from posko.errors import FieldError, Invalid, Unavailable

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
"""Characters after NFKC."""
PARALLEL_LIMIT: Final = 2
WAITING_LIMIT: Final = 200
"""Passwords that wait to be checked in one process; over it: 503."""

_RAW_LIMIT: Final = 4 * MAX_LENGTH
"""Longer text is not normalised at all: normalising may take time in the square of a length chosen by a stranger."""
_NAME_PART_LENGTH: Final = 4
_ENOUGH_BITS: Final = 32.0
"""A random password of twelve small letters has 56; four words of a list of thousands about 48."""
_NEVER: Final = math.inf
_WORD_LENGTHS: Final = range(3, 25)
_OWN_WORD_BITS: Final = 7.0
_RUN_BITS, _YEAR_BITS, _REPEAT_BITS, _SWAP_BITS = 5.0, 6.0, 4.0, 1.0
_LETTER_BITS, _DIGIT_BITS, _OTHER_BITS = 4.7, 3.3, 5.0
_OWN_WORDS: Final = """
    aceh admin agama ahlan akses akun alam allah aman anak anggota angin anies arjuna asalamualaikum assalamualaikum
    awan ayah ayam baik bali balikpapan bandung bangsa banjarmasin banten bapak barat baru batak batam baubau bawaslu
    bekasi bendera bengkulu berkah bersama bersatu bhinneka bintang bismillah bogor bola borobudur buah budaya bulan
    bunda bunga burung caleg calon camat cantik ceria cianjur cinta cirebon coblos dalam damai data demokrasi demokrat
    denpasar depok desa dewan dewi diponegoro doa dosen dpr dprd dpt dua dunia emas empat enam gajah gajahmada ganjar
    ganteng garuda garut gerindra gibran golkar gorontalo gunung guru habibie hanura hari harimau hasil hebat hidup
    hitam hutan ikan indah indonesia islam jakarta jambi januari jawa jaya jayapura jember jokowi juara jujur juli
    jumat juni kabupaten kalimantan kamis kampung kamu kantor karawang kartini kasih kawan keadilan kecamatan kediri
    keluarga kelurahan kemerdekaan kendari kepala kerja ketua komando korsa kosong kota kotak kpps kpu kpud kuat
    kucing kuda kunci kupang lampung langit laut lima lombok luber macan mahfud majapahit makan makassar malang maluku
    mama mamuju manado mandiri manis mantap manusia maret masuk masyarakat matahari mataram maumere mawar medan
    megawati melati menang merah merdeka minggu monas muda muhaimin naga nasdem nasional negara nusantara oktober
    operator padang pagi pahlawan palembang palu panas pancasila panglima papa papua partai paslon password pdip
    pekanbaru pemilih pemilihan pemilu pemimpin perindo perintah persib persija petugas pilbup pilgub pilkada pilpres
    pilwalkot pintu polisi polri pontianak posko prabowo presiden proklamasi purwokerto putih putra putri rabu rahasia
    rahmat raja rakyat rekapitulasi rezeki riau rindu rukun rumah sabtu saksi sakti salam samarinda sampit sandi satu
    sayang sehat sejahtera selamat selasa selatan semangat semarang senin serang setia siap siliwangi sinar singkawang
    sinta soeharto soekarno solo sorong sriwijaya suara sudirman suharto sukabumi sukarno sukses sulawesi sumatera
    sumatra surabaya surga tanah tangerang tarakan tasikmalaya teman tentara terima ternate tiga timur tinta tni tuhan
    tujuh tungsura ujang umum utara wali warga yogyakarta zulkifli
"""
"""Words that Indonesians at an election are the first to think of."""

_ROWS: Final = "01234567890 abcdefghijklmnopqrstuvwxyz qwertyuiop asdfghjkl zxcvbnm !@#$%^&*()"
_COLUMNS: Final = (
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p qazwsxedcrfvtgbyhnujmikolp 1q2w3e4r5t6y7u8i9o0p a1b2c3d4e5f6g7h8"
)
_RUNS: Final = " ".join([_ROWS, _ROWS[::-1], _COLUMNS, _COLUMNS[::-1]])
_SWAPS: Final = str.maketrans("4@8361!|05$72", "aabegiiiosstz")

_PIN: Final = re.compile(r"[0-9]{6}")
_PIN_HABITS: Final = (
    "159753 159357 147258 258369 147369 147852 258456 456852 741852 852963 963852 369258 102030 100200 100500 142536"
    " 112358 314159 271828 520131 143143 246810 135790 135791 024680 112112 170817"
)
"""Keypad lines and counting that the rules of `_is_simple` do not catch."""
_PIN_YEARS: Final = ("45", "24")
"""Independence and the election: as ddmmyy, and in full anywhere in the PIN."""

_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_P = ParamSpec("_P")
_R = TypeVar("_R")


def _refuse(path: str, rule: str, message: str) -> NoReturn:
    raise Invalid(message, errors=[FieldError(path, rule, message)])


def _prepared(password: str) -> bytes:
    """What is hashed: the same bytes however a keyboard composed the letters, whatever JSON let through."""
    text = unicodedata.normalize("NFKC", password) if len(password) <= _RAW_LIMIT else password
    return text.encode("utf-8", "surrogatepass")


def hash_password(password: str) -> str:
    """The encoded argon2id hash; takes some 20 ms of a core."""
    return _hasher.hash(_prepared(password))


def needs_rehash(encoded: str) -> bool:
    """Whether a hash was made with parameters other than today's; hash again at the next right password."""
    try:
        return _hasher.check_needs_rehash(encoded)
    except InvalidHashError:
        return True


def verify_password(encoded: str, password: str) -> bool:
    """Whether a hash is of this password; takes as long as a hash does."""
    try:
        return _hasher.verify(encoded, _prepared(password))
    except (VerificationError, InvalidHashError):
        return False


def check_new(password: str, *, username: str, full_name: str, path: str = "$.new") -> None:
    """Raises Invalid, naming `path` and `password-length`, `password-name` or `password-common`."""
    text = unicodedata.normalize("NFKC", password) if len(password) <= _RAW_LIMIT else password
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        _refuse(path, "password-length", f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters")
    plain = text.casefold()
    if any(part in said for part in _name_parts(username, full_name) for said in (plain, plain.translate(_SWAPS))):
        _refuse(path, "password-name", "a password does not contain the person's name or username")
    if plain.isdecimal() or _guess_bits(plain) < _ENOUGH_BITS:
        _refuse(path, "password-common", "this password is among the first that are guessed; take three or four words")


def _name_parts(username: str, full_name: str) -> set[str]:
    """What of a name must not be in a password; shorter parts are in too many good ones."""
    names = unicodedata.normalize("NFKC", f"{username} {full_name}").casefold()
    parts = {username.casefold(), *re.findall(r"[^\W\d_]+", names)}
    return {part for part in parts if len(part) >= _NAME_PART_LENGTH}


@cache
def _words() -> Mapping[str, float]:
    """Bits of each known word: the logarithm of its rank in the list where it stands highest."""
    bits: dict[str, float] = {}
    for ranked in FREQUENCY_LISTS.values():
        for rank, word in enumerate(ranked, 1):
            bits[word] = min(1.0 + math.log2(rank), bits.get(word, _NEVER))
    for word in _OWN_WORDS.split():
        bits[word] = min(_OWN_WORD_BITS, bits.get(word, _NEVER))
    return MappingProxyType(bits)


def _guess_bits(plain: str) -> float:
    """About the logarithm of the guesses that someone needs who tries words, runs, years and repeats first."""
    swapped = plain.translate(_SWAPS)
    best = [0.0]
    for end in range(1, len(plain) + 1):
        best.append(min(best[start] + _piece_bits(plain, swapped, start, end) for start in range(end)))
    return best[-1]


def _piece_bits(plain: str, swapped: str, start: int, end: int) -> float:
    """Bits of `plain[start:end]` as one piece; infinite if it is none."""
    piece = plain[start:end]
    if len(piece) == 1:
        return _DIGIT_BITS if piece.isdecimal() else _LETTER_BITS if piece.isalpha() else _OTHER_BITS
    if len(piece) not in _WORD_LENGTHS:
        return _REPEAT_BITS if len(piece) > 2 and plain.find(piece, 0, end - 1) >= 0 else _NEVER
    found = min(_words().get(piece, _NEVER), _words().get(swapped[start:end], _NEVER) + _SWAP_BITS)
    if piece in _RUNS:
        found = min(found, _RUN_BITS)
    if plain.find(piece, 0, end - 1) >= 0:
        found = min(found, _REPEAT_BITS)
    if len(piece) == 4 and piece.isdecimal() and piece[:2] in ("19", "20"):
        found = min(found, _YEAR_BITS)
    return found


def check_pin(pin: str, *, path: str = "$.pin") -> None:
    """Raises Invalid, naming `path` and `pin-too-simple`, unless the PIN is six digits that are not tried first."""
    if not _PIN.fullmatch(pin):
        _refuse(path, "pin-too-simple", "a PIN is exactly six digits")
    if _is_simple(pin):
        _refuse(path, "pin-too-simple", "this PIN is among the first that are guessed")


def _is_simple(pin: str) -> bool:
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    day, month, year = int(pin[:2]), int(pin[2:4]), pin[4:]
    return (
        len(steps) == 1  # 111111, 345678, 987654, 890123, 246802
        or len(set(pin)) <= 2  # 121212, 000001
        or pin[:3] == pin[3:]  # 123123
        or pin == pin[::-1]  # 123321
        or (pin[0::2] == pin[1::2] and pin[0::2] in _RUNS)  # 112233
        or (pin[:3] in _RUNS and pin[3:] in _RUNS)  # 123456, 123890, 321654
        or "1945" in pin
        or "2024" in pin
        or (1 <= day <= 31 and 1 <= month <= 12 and year in _PIN_YEARS)
        or pin in _PIN_HABITS
    )


class Verifier:
    """Checks and hashes in `PARALLEL_LIMIT` threads of its own; an unknown user costs what a wrong password costs."""

    def __init__(self) -> None:
        self._waiting = 0
        # Not the loop's threads behind a semaphore: whoever hangs up would free the slot while the hash still runs.
        self._threads = ThreadPoolExecutor(PARALLEL_LIMIT, thread_name_prefix="password")
        self._decoy = hash_password(secrets.token_hex(16))

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Whether the password (or PIN) is the account's; `encoded` None stands for an unknown user: always False.

        Raises Unavailable if too many wait.
        """
        matches = await self._in_turn(verify_password, encoded or self._decoy, password)
        return matches and bool(encoded)

    async def hash(self, password: str) -> str:
        """The encoded hash, made in the same turn as the checks. Raises Unavailable if too many wait."""
        return await self._in_turn(hash_password, password)

    async def _in_turn(self, work: Callable[_P, _R], *args: _P.args, **_: _P.kwargs) -> _R:
        if self._waiting >= WAITING_LIMIT:
            raise Unavailable("too many are signing in", retry_after_s=5.0)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)
        finally:
            self._waiting -= 1
