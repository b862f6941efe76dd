"""Decodes one photo and ends: a program of its own, which knows nothing of posko.

It is started with `python -I`, an empty environment and limits that it gives itself before it sees a byte of the
photo: memory, CPU, no file to be written, and no descriptor beside the three that it has - so no file, no socket.
Where the kernel can (Linux on x86-64 and ARM), it may not touch or start another process either.
Standard input is the photo; standard output "ready", then a line of JSON, then the two copies one after the other.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import io
import json
import os
import resource
import struct
import sys
import warnings
from typing import Any

ORIENTATION = 0x0112
TURNED_SIDEWAYS = range(5, 9)
# Audit architecture, and the numbers of what is forbidden: socket, socketpair, fork, vfork, execve, execveat, kill,
# tkill, ptrace, rt_sigqueueinfo, prlimit64, process_vm_readv, process_vm_writev, io_uring_setup.
FORBIDDEN = {
    "x86_64": (0xC000003E, (41, 53, 57, 58, 59, 322, 62, 200, 101, 129, 302, 310, 311, 425)),
    "aarch64": (0xC00000B7, (198, 199, 221, 281, 129, 130, 117, 138, 261, 270, 271, 425)),
}
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2
LOAD, JUMP_EQUAL, JUMP_OVER, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, NOT_PERMITTED = 0x7FFF0000, 0x00050001


class Refused(Exception):
    """This photo is not taken; args: the rule, a sentence."""


def confine(memory_bytes: int, cpu_s: int) -> None:
    """The limits of this process; after them it opens nothing any more."""
    os.nice(10)
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    forbid()


def forbid() -> bool:
    """Forbids what a decoder never does; whether the kernel has taken it."""
    architecture, numbers = FORBIDDEN.get(os.uname().machine, (0, ()))
    if sys.platform != "linux" or not numbers:
        return False
    refuse_at = 4 + len(numbers) + 1  # the last step; a jump counts from the step after it
    # Another architecture's calls, and x32's numbers, are refused whole: none of ours are made by them.
    steps = [(LOAD, 0, 0, 4), (JUMP_EQUAL, 0, refuse_at - 2, architecture), (LOAD, 0, 0, 0)]
    steps.append((JUMP_OVER, refuse_at - 4, 0, 0x40000000))
    for at, number in enumerate(numbers, len(steps)):
        steps.append((JUMP_EQUAL, refuse_at - at - 1, 0, number))
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, NOT_PERMITTED)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code))
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)
    pointed = ctypes.create_string_buffer(program)
    done: int = prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or prctl(SECCOMP, FILTER, ctypes.addressof(pointed), 0, 0)
    return done == 0


def load_decoders(kind: str) -> None:
    """Everything that decoding may import, while files can still be read."""
    from PIL import Image

    Image.preinit()  # or Pillow would, at its first picture
    for name in ("MpoImagePlugin", "WebPImagePlugin", "TiffImagePlugin"):
        importlib.import_module(f"PIL.{name}")
    if kind == "heic":
        with contextlib.suppress(ImportError):  # it is an extra
            heif: Any = importlib.import_module("pillow_heif")
            heif.options.DECODE_THREADS = 1
            heif.options.THUMBNAILS = False
            heif.register_heif_opener()


def opened(data: bytes, kind: str, pixels_limit: int) -> Any:
    """The photo, its header read: as the one kind that it says it is, and no larger than the limit."""
    from PIL import Image

    if kind == "heic" and "HEIF" not in Image.OPEN:
        raise Refused("photo-type", "HEIC is not taken here: send a JPEG")
    Image.MAX_IMAGE_PIXELS = pixels_limit
    warnings.simplefilter("ignore")
    try:
        image = Image.open(io.BytesIO(data), formats=("HEIF" if kind == "heic" else kind.upper(),))
    except Image.DecompressionBombError:
        raise Refused("photo-pixels", f"at most {pixels_limit} pixels") from None
    if image.size[0] * image.size[1] > pixels_limit:
        raise Refused("photo-pixels", f"{image.size[0]} x {image.size[1]}; at most {pixels_limit} pixels")
    return image


def upright(image: Any, longest: int) -> tuple[Any, tuple[int, int]]:
    """The first picture of the file in RGB, held upright, at most `longest` on a side; and the upright size."""
    from PIL import Image

    size = image.size
    turn = _orientation(image)
    scaled = _fitted(size, longest)
    image.draft(None, scaled)
    image.load()
    small = _flat(image, scaled)
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    if turn in turns:
        small = small.transpose(turns[turn])
    return small, (size[1], size[0]) if turn in TURNED_SIDEWAYS else size


def _orientation(image: Any) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, OverflowError):
        return 1  # what is said about the picture is broken; the picture may be whole


def _fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    share = min(1.0, longest / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _flat(image: Any, size: tuple[int, int]) -> Any:
    """RGB of this size: sixteen bits become eight, palettes colours, and what is transparent white."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    elif image.has_transparency_data and image.mode != "RGBA":
        image = image.convert("RGBA")
    elif image.mode in ("1", "P"):
        image = image.convert("RGB")
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if small.mode == "RGBA":
        under = Image.new("RGBA", size, "white")
        under.alpha_composite(small)
        small = under
    return small.convert("RGB")


def written(image: Any, longest: int, quality: int) -> bytes:
    """A JPEG of the bare pixels: made anew from them, so that nothing else of the file comes along."""
    from PIL import Image

    bare = Image.frombytes("RGB", image.size, image.tobytes())
    out = io.BytesIO()
    bare.resize(_fitted(bare.size, longest), Image.Resampling.LANCZOS, reducing_gap=2.0).save(
        out, "JPEG", quality=quality, optimize=True
    )
    return out.getvalue()


def main(kind: str, memory_bytes: int, cpu_s: int, sizes: tuple[int, int, int]) -> None:
    """Answers on standard output; anything unforeseen ends the process, which is an answer too."""
    pixels_limit, shown_pixels, thumbnail_pixels = sizes
    out = sys.stdout.buffer
    copies: tuple[bytes, ...] = ()
    try:
        load_decoders(kind)
        confine(memory_bytes, cpu_s)
        out.write(b"ready\n")
        out.flush()
        with opened(sys.stdin.buffer.read(), kind, pixels_limit) as image:
            small, (width, height) = upright(image, shown_pixels)
        copies = written(small, shown_pixels, 82), written(small, thumbnail_pixels, 75)
        answer: dict[str, Any] = {"width": width, "height": height, "lengths": [len(c) for c in copies]}
    except Refused as refused:
        answer = {"refused": refused.args[0], "detail": refused.args[1]}
    except MemoryError:
        answer = {"refused": "photo-unreadable", "detail": "it needs too much memory"}
    out.write(json.dumps(answer).encode() + b"\n" + b"".join(copies))
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), (int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6])))
