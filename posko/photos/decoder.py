"""Decoding in processes of their own: at most so many at once, none for long, and none believed more than need be."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec
import structlog

from posko.errors import PoskoError
from posko.photos.errors import PhotoPixels, PhotosBusy, PhotoType, PhotoUnreadable
from posko.photos.photo import PIXELS_LIMIT, SHOWN_PIXELS, THUMBNAIL_PIXELS, Decoded, Kind

CHILD: Final = Path(__file__).with_name("child.py")
MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Address space of one decoder: 40 million pixels of RGBA three times, and the program itself."""
COPIES_LIMIT_BYTES: Final = 4 * 1024 * 1024
"""Of both copies together: what a decoder that was taken over can make us hold."""
READY: Final = b"ready\n"
_JPEG: Final = b"\xff\xd8\xff"
_TOO_MUCH: Final = (signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
"""How a decoder ends by what the photo made it do."""

_log = structlog.get_logger("photos")


class DecoderBroken(PoskoError):
    """The decoder of photos does not start"""


class _Said(msgspec.Struct, frozen=True):
    """The line of JSON: a refusal, or the size and the lengths of the copies that follow."""

    refused: str | None = None
    detail: str = ""
    width: int = 0
    height: int = 0
    lengths: tuple[int, int] = (0, 0)


class Decoder:
    """Decodes at most `at_once` photos at a time; who comes then waits, so callers bound how many come."""

    def __init__(self, *, at_once: int, decode_s: float) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._decode_s = decode_s

    async def decode(self, data: bytes, kind: Kind) -> Decoded:
        """The copies that are shown. PhotoType, PhotoPixels, PhotoUnreadable: the photo; PhotosBusy: try again."""
        async with self._room:
            code, out = await self._run(data, kind)
        if not out.startswith(READY):
            _log.error("decoder_broken", code=code)
            raise DecoderBroken if code >= 0 else PhotosBusy("the decoder was ended", retry_after_s=5.0)
        if code == 0:
            return _read(out.removeprefix(READY))
        _log.warning("decoder_ended", code=code, kind=kind, bytes=len(data))
        if code > 0 or -code in _TOO_MUCH:
            raise PhotoUnreadable("this is no photo that can be decoded")
        raise PhotosBusy("the decoder was ended", retry_after_s=5.0)

    async def _run(self, data: bytes, kind: Kind) -> tuple[int, bytes]:
        cpu_s = max(1, round(self._decode_s / 2))
        numbers = (MEMORY_BYTES, cpu_s, PIXELS_LIMIT, SHOWN_PIXELS, THUMBNAIL_PIXELS)
        try:
            # An empty environment: the service's key and addresses are not for whoever takes a decoder over.
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(CHILD),
                kind,
                *map(str, numbers),
                env={},
                cwd="/",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise PhotosBusy(f"no decoder can be started: {error.strerror}", retry_after_s=5.0) from error
        try:
            async with asyncio.timeout(self._decode_s):
                _, out = await asyncio.gather(_feed(process, data), _answer_of(process))
                return await process.wait(), out
        except TimeoutError:
            raise PhotosBusy(f"not decoded within {self._decode_s:g} s", retry_after_s=10.0) from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    assert process.stdin is not None
    # It has refused, or ended, before it read all; uvloop says so by a RuntimeError when the pipe is closed already.
    with contextlib.suppress(ConnectionError, RuntimeError):
        process.stdin.write(data)
        await process.stdin.drain()
    with contextlib.suppress(ConnectionError, RuntimeError):
        process.stdin.close()
        await process.stdin.wait_closed()


async def _answer_of(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    found = bytearray()
    while piece := await process.stdout.read(65_536):
        found += piece
        if len(found) > COPIES_LIMIT_BYTES:
            raise PhotoUnreadable("its copies are longer than any photo's")
    return bytes(found)


def _read(answer: bytes) -> Decoded:
    line, _, copies = answer.partition(b"\n")
    try:
        said = msgspec.json.decode(line, type=_Said)
    except msgspec.DecodeError:
        raise PhotoUnreadable("the decoder gave no answer") from None
    match said.refused:
        case "photo-pixels":
            raise PhotoPixels(said.detail)
        case "photo-type":
            raise PhotoType(said.detail)
        case str():
            raise PhotoUnreadable(said.detail)
    shown, thumbnail = copies[: said.lengths[0]], copies[said.lengths[0] :]
    is_whole = len(shown) == said.lengths[0] and len(thumbnail) == said.lengths[1]
    if not (is_whole and shown.startswith(_JPEG) and thumbnail.startswith(_JPEG)):
        raise PhotoUnreadable("the decoder gave no answer")
    if said.width < 1 or said.height < 1 or said.width * said.height > PIXELS_LIMIT:
        raise PhotoUnreadable("the decoder gave no answer")
    return Decoded(said.width, said.height, shown, thumbnail)
