"""Files that tests send: real ones, made with Pillow, and broken ones made of them."""

from __future__ import annotations

import hashlib
import io
import os
from typing import Any

from PIL import Image, ImageDraw

GPS = "Rahasia Kamera 7"
"""Stands in the EXIF of what `photo` makes, beside a place."""


def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right, a white bar on top: which side is up can be seen."""
    image = Image.new("RGB", (width, height), "blue")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2, height), fill="red")
    draw.rectangle((0, 0, width, height // 8), fill="white")
    return image if mode == "RGB" else image.convert(mode)


def noise(width: int, height: int) -> Image.Image:
    """What compresses badly."""
    return Image.frombytes("RGB", (width // 4, height // 4), os.urandom(width // 4 * (height // 4) * 3)).resize(
        (width, height)
    )


def file_of(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def exif(orientation: int = 1) -> bytes:
    """Place, device and an orientation."""
    said = Image.Exif()
    said[0x0112] = orientation
    said[0x010F] = GPS
    said.get_ifd(0x8825).update({1: "S", 2: (6.0, 7.0, 30.0), 3: "E", 4: (106.0, 53.0, 12.0)})
    return said.tobytes()


def photo(orientation: int = 1, size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG as a phone makes it: EXIF with GPS, XMP, a comment, a colour profile, and something behind its end."""
    more = {
        "exif": exif(orientation),
        "xmp": b"<x:xmpmeta>" + GPS.encode() + b"</x:xmpmeta>",
        "comment": GPS.encode(),
        "icc_profile": GPS.encode() * 20,
    }
    return file_of(picture(*size), "JPEG", quality=85, **more) + b"PK\x03\x04<script>alert(1)</script>" + GPS.encode()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def promise(*files: bytes) -> list[dict[str, Any]]:
    return [{"sha256": sha(data), "bytes": len(data)} for data in files]


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
