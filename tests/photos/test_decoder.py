"""The decoder: whatever comes in, what goes out are pixels, or a refusal; in a process that can do nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from PIL import Image

from posko.errors import PoskoError
from posko.photos.decoder import CHILD, MEMORY_BYTES, Decoder
from posko.photos.errors import PhotoPixels, PhotosBusy, PhotoUnreadable
from posko.photos.photo import PIXELS_LIMIT, Decoded, kind_of
from tests.photos import pictures
from tests.photos.pictures import GPS, file_of, noise, opened, photo, picture


async def decode(data: bytes, **limits: Any) -> Decoded:
    kind = kind_of(data)
    assert kind is not None
    return await Decoder(**{"at_once": 2, "decode_s": 90, **limits}).decode(data, kind)


def near(pixel: Any, wanted: tuple[int, int, int], by: int = 40) -> bool:
    return all(abs(a - b) <= by for a, b in zip(pixel, wanted, strict=True))


async def test_nothing_but_pixels_survives() -> None:
    data = photo()
    assert GPS.encode() in data

    made = await decode(data)

    for copy, longest in ((made.shown, 640), (made.thumbnail, 320)):
        assert GPS.encode() not in copy
        assert copy.endswith(b"\xff\xd9")
        for marker in (b"Exif", b"xmp", b"ICC_PROFILE", b"PK\x03\x04", b"<script>"):
            assert marker not in copy
        image = opened(copy)
        assert (image.format, image.mode, max(image.size)) == ("JPEG", "RGB", longest)
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert len(image.getexif()) == 0


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_every_orientation_is_held_upright(orientation: int) -> None:
    upright = picture(640, 480)
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # what was done to the picture before it was stored
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))

    made = await decode(file_of(stored, "JPEG", exif=pictures.exif(orientation), quality=90))

    image = opened(made.shown)
    assert (made.width, made.height, image.size) == (640, 480, (640, 480))
    assert near(image.getpixel((100, 10)), (255, 255, 255))
    assert near(image.getpixel((100, 300)), (255, 0, 0))
    assert near(image.getpixel((600, 300)), (0, 0, 255))


MODES: dict[str, Callable[[], bytes]] = {
    "grey": lambda: file_of(picture(mode="L"), "JPEG"),
    "cmyk": lambda: file_of(picture(mode="CMYK"), "JPEG"),
    "progressive": lambda: file_of(picture(), "JPEG", progressive=True),
    "palette": lambda: file_of(picture(mode="P"), "PNG"),
    "palette-transparent": lambda: file_of(picture(mode="P"), "PNG", transparency=3),
    "one-bit": lambda: file_of(picture(mode="1"), "PNG"),
    "grey-alpha": lambda: file_of(picture(mode="LA"), "PNG"),
    "alpha": lambda: file_of(picture(mode="RGBA"), "PNG"),
    "sixteen-bit": lambda: file_of(Image.new("I;16", (640, 480), 40_000), "PNG"),
    "webp": lambda: file_of(picture(), "WEBP"),
    "webp-alpha": lambda: file_of(picture(mode="RGBA"), "WEBP", lossless=True),
    "webp-animated": lambda: file_of(picture(), "WEBP", save_all=True, append_images=[Image.new("RGB", (640, 480), "green")] * 3),
    "apng": lambda: file_of(picture(), "PNG", save_all=True, append_images=[Image.new("RGB", (640, 480), "green")] * 3),
    "mpo": lambda: file_of(picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (640, 480), "green")]),
}  # fmt: skip


@pytest.mark.parametrize("name", MODES)
async def test_every_kind_of_picture_is_shown_by_its_first_frame(name: str) -> None:
    made = await decode(MODES[name]())

    image = opened(made.shown)
    assert (made.width, made.height) == (640, 480)
    assert getattr(image, "n_frames", 1) == 1
    if name == "sixteen-bit":
        assert near(image.getpixel((9, 9)), (156, 156, 156), 4)
    elif name not in ("grey", "grey-alpha", "one-bit", "palette-transparent"):
        assert near(image.getpixel((100, 300)), (255, 0, 0), 60)
        assert near(image.getpixel((600, 300)), (0, 0, 255), 60)


async def test_what_is_transparent_is_white() -> None:
    made = await decode(file_of(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))
    assert near(opened(made.shown).getpixel((9, 9)), (255, 255, 255), 2)


async def test_heic_is_decoded_where_its_decoder_is_installed() -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    data = file_of(picture(), "HEIF", quality=80, exif=pictures.exif())

    made = await decode(data)

    assert GPS.encode() in data
    assert GPS.encode() not in made.shown + made.thumbnail
    assert near(opened(made.shown).getpixel((100, 300)), (255, 0, 0), 60)


async def test_the_largest_photos_are_made_small() -> None:
    for data in (  # packed in the least time: what comes out of them is the same
        file_of(noise(7300, 5475), "JPEG", quality=40),
        _clear(8000, 5000),
        file_of(Image.new("P", (8000, 5000)), "PNG"),
        file_of(Image.new("L", (16_383, 2_440)), "WEBP", method=0),
    ):
        made = await decode(data)
        assert made.width * made.height > 39_000_000
        assert max(opened(made.shown).size) == 1600
        assert max(opened(made.thumbnail).size) == 320


async def test_a_line_of_pixels_is_a_picture_too() -> None:
    made = await decode(file_of(Image.new("L", (60_000, 1)), "PNG"))
    assert (made.width, made.height, opened(made.shown).size) == (60_000, 1, (1600, 1))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _chunk(b"IEND", b"")


def _zeros(count: int) -> bytes:
    """A zlib stream of so many zeros, made of one packed MiB over and over: packing them all takes a second of a core."""
    packer = zlib.compressobj(1, wbits=-15)
    whole = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(count % (1 << 20))) + packer.flush()
    return b"\x78\x01" + whole * (count >> 20) + rest + struct.pack(">HH", count % 65_521, 1)


def _blank(width: int, height: int, *, depth: int, colour: int, bits: int) -> bytes:
    """A picture of zeros, whole and right, `bits` to a pixel; each row begins with how it is filtered."""
    return _png(width, height, _chunk(b"IDAT", _zeros((1 + width * bits // 8) * height)), depth=depth, colour=colour)


def _clear(width: int, height: int) -> bytes:
    return _blank(width, height, depth=8, colour=6, bits=32)


@cache
def good() -> bytes:
    return file_of(picture(), "JPEG")


BAD: dict[str, tuple[Callable[[], bytes], type[PoskoError]]] = {
    "over-40-megapixels": (lambda: file_of(Image.new("1", (8001, 5000)), "PNG"), PhotoPixels),
    "bomb": (lambda: _blank(40_000, 30_000, depth=1, colour=0, bits=1), PhotoPixels),
    "says-4-billion": (lambda: _png(65_535, 65_535, _chunk(b"IDAT", zlib.compress(b"\0"))), PhotoPixels),
    "truncated-jpeg": (lambda: good()[: len(good()) // 2], PhotoUnreadable),
    "truncated-png": (lambda: file_of(noise(640, 480), "PNG")[:9000], PhotoUnreadable),
    "truncated-webp": (lambda: file_of(noise(640, 480), "WEBP")[:900], PhotoUnreadable),
    "head-alone": (lambda: good()[:3], PhotoUnreadable),
    "rubbish": (lambda: b"\xff\xd8\xff" + os.urandom(5000), PhotoUnreadable),
    "rubbish-png": (lambda: b"\x89PNG\r\n\x1a\n" + os.urandom(5000), PhotoUnreadable),
    "rubbish-webp": (lambda: b"RIFF\x10\x20\x00\x00WEBP" + os.urandom(5000), PhotoUnreadable),
    "rubbish-heic": (lambda: b"\x00\x00\x00\x18ftypheic" + os.urandom(5000), PhotoUnreadable),
    "no-pixels": (lambda: _png(0, 0), PhotoUnreadable),
    "no-data": (lambda: _png(100, 100), PhotoUnreadable),
    "text-bomb": (lambda: _png(10, 10, _chunk(b"zTXt", b"a\0\0" + _zeros(200_000_000))), PhotoUnreadable),
    "another-kind-inside": (lambda: b"\xff\xd8\xff" + file_of(picture(), "PNG"), PhotoUnreadable),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_photo_is_refused_soon(name: str) -> None:
    make, error = BAD[name]
    data = make()
    began = time.monotonic()
    with pytest.raises(error):
        await decode(data)
    assert time.monotonic() - began < 45


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"<svg>",
        b"BM" + bytes(100),
        b"II*\0" + bytes(99),
        b"MZ",
        b"\0\0\0\x18ftypavif",
    ],
)
async def test_other_kinds_do_not_reach_a_decoder(data: bytes) -> None:
    assert kind_of(data) is None


async def test_damage_anywhere_gives_pixels_or_a_refusal() -> None:
    whole = photo()

    async def damaged(at: int) -> None:
        data = bytearray(whole)
        data[at : at + 8] = os.urandom(8)
        try:
            made = await decode(b"\xff\xd8\xff" + bytes(data[3:]))
        except (PhotoUnreadable, PhotoPixels):
            return
        assert GPS.encode() not in made.shown

    for start in range(3, len(whole) - 8, len(whole) // 40):
        await damaged(start)


async def test_a_decoder_that_takes_too_long_is_killed_and_the_next_works() -> None:
    decoder = Decoder(at_once=1, decode_s=0.02)
    with pytest.raises(PhotosBusy):
        await decoder.decode(good(), "jpeg")
    assert _children() == []
    assert (await decode(good())).width == 640


def _children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        found = [int(pid) for pid in file.read().split()]
    return [pid for pid in found if str(CHILD).encode() in _command(pid)]


def _command(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


async def test_no_more_decode_at_once_than_are_allowed() -> None:
    decoder, data, most = Decoder(at_once=2, decode_s=60), file_of(noise(1600, 1200), "WEBP", method=0), 0
    work = [asyncio.create_task(decoder.decode(data, "webp")) for _ in range(6)]
    while not all(w.done() for w in work):
        most = max(most, len(_children()))
        await asyncio.sleep(0.01)

    assert [w.result().width for w in work] == [1600] * 6
    assert most == 2


def test_the_child_has_no_files_no_sockets_no_secrets_and_little_memory(tmp_path: Any) -> None:
    """The limits are the child's own: whatever runs after them, as a decoder taken over would, can open nothing."""
    attempt = f"""
import json, os, resource, runpy, socket, sys
child = runpy.run_path({str(CHILD)!r})
child['load_decoders']('jpeg')
child['confine'](1 << 30, 2)
def tried(what):
    try: what()
    except (OSError, MemoryError, ValueError) as error: return type(error).__name__
    return 'could'
os.close(0)
print(json.dumps([
    tried(lambda: open('/etc/passwd')), tried(lambda: open({str(tmp_path / "x")!r}, 'w')), tried(socket.socket), tried(os.pipe),
    tried(lambda: bytearray(1 << 30)), tried(lambda: os.kill(os.getppid(), 0)), tried(lambda: os.execv('/bin/true', ['true'])),
    tried(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE)), dict(os.environ).get('POSKO_SECRET_KEY')]))
"""
    done = subprocess.run([sys.executable, "-I", "-c", attempt], capture_output=True, text=True, env={})

    said = json.loads(done.stdout or "[]")
    assert said == [
        "OSError",
        "OSError",
        "PermissionError",
        "OSError",
        "MemoryError",
        *["PermissionError"] * 3,
        None,
    ], done.stderr


def test_a_child_that_computes_for_ever_is_ended_by_its_limit() -> None:
    endless = f"import runpy; c = runpy.run_path({str(CHILD)!r}); c['confine'](1 << 30, 1)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-I", "-c", endless], env={}, timeout=120)
    assert done.returncode in (-9, -24)


def test_the_child_keeps_its_limit_of_memory_for_the_largest_photo() -> None:
    command = [sys.executable, "-I", str(CHILD), "png", str(MEMORY_BYTES), "10", str(PIXELS_LIMIT), "1600", "320"]
    done = subprocess.run(command, input=_clear(8000, 5000), capture_output=True, env={})
    assert done.stdout.startswith(b'ready\n{"width": 8000')
