"""Voice notes that tests send, built box by box as browsers build them: silence, which plays."""

from __future__ import annotations

import os
import struct
from typing import Any

from tests.photos.pictures import sha

SILENT_OPUS = b"\xf8\xff\xfe"
"""20 ms of it."""
PROGRAM = b"Chrome"
"""What browsers say of themselves; no note that is kept does."""
UNKNOWN = b"\x01" + b"\xff" * 7


def element(name: str, content: bytes, size: bytes | None = None) -> bytes:
    """An EBML element; `size` as it is to be written."""
    return bytes.fromhex(name) + (size or (1 << 56 | len(content)).to_bytes(8, "big")) + content


def track(codec: bytes = b"A_OPUS", kind: int = 1 << 1, number: int = 1) -> bytes:
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    sound = element("b5", struct.pack(">d", 48000.0)) + element("9f", b"\x01")
    said = (
        ("d7", bytes([number])),
        ("73c5", b"\x01" + os.urandom(7)),
        ("83", bytes([kind])),
        ("86", codec),
        ("63a2", head),
    )
    return element("ae", b"".join(element(*one) for one in said) + element("e1", sound))


def cluster(at_ms: int, frames: int = 50, noise: bytes = b"") -> bytes:
    blocks = (element("a3", b"\x81" + struct.pack(">h", n * 20) + b"\x80" + SILENT_OPUS + noise) for n in range(frames))
    return element("1f43b675", element("e7", at_ms.to_bytes(4, "big")) + b"".join(blocks), UNKNOWN)


def kept_of(data: bytes) -> bytes:
    """What is kept of a file that these make."""
    return data.replace(PROGRAM, bytes(len(PROGRAM)))


def webm(
    seconds: int = 2, *, doc_type: bytes = b"webm", tracks: bytes | None = None, more: bytes = b"", noise: bytes = b""
) -> bytes:
    """As Chromium's MediaRecorder writes it: sizes of Segment and Clusters unknown. No two are the same file."""
    head = element("1a45dfa3", element("4286", b"\x01") + element("4282", doc_type) + element("4287", b"\x04"))
    said = element("2ad7b1", (1_000_000).to_bytes(4, "big")) + element("4d80", PROGRAM) + element("5741", PROGRAM)
    info = element("1549a966", said)
    body = info + element("1654ae6b", track() if tracks is None else tracks) + more
    body += b"".join(cluster(n * 1000, noise=noise) for n in range(seconds))
    return head + element("18538067", body, UNKNOWN)


def box(name: str, *content: bytes) -> bytes:
    inner = b"".join(content)
    return struct.pack(">I4s", 8 + len(inner), name.encode()) + inner


def full(name: str, *content: bytes) -> bytes:
    return box(name, bytes(4), *content)


def esds(object_type: int = 0x40) -> bytes:
    decoder = bytes([0x04, 0x80, 0x80, 0x80, 13, object_type, 0x15]) + bytes(11)
    stream = struct.pack(">HB", 1, 0) + decoder
    return full("esds", bytes([0x03, 0x80, 0x80, 0x80, len(stream)]), stream)


def sample(name: str = "mp4a", described: bytes | None = None) -> bytes:
    head = bytes(6) + struct.pack(">HHHIHHHHI", 1, 0, 0, 0, 1, 16, 0, 0, 44100 << 16)
    return box(name, head, esds() if described is None else described)


def trak(handler: bytes = b"soun", entry: bytes | None = None) -> bytes:
    table = box("stbl", full("stsd", struct.pack(">I", 1), sample() if entry is None else entry))
    media = box("mdia", full("mdhd", bytes(20)), full("hdlr", bytes(4), handler, bytes(13)), box("minf", table))
    return box("trak", full("tkhd", bytes(80)), media)


def mp4(*, traks: bytes | None = None, more: bytes = b"") -> bytes:
    """As Safari's MediaRecorder writes it: in fragments. Its sound is noise, no two are the same file."""
    moov = box(
        "moov", full("mvhd", bytes(96)), trak() if traks is None else traks, box("mvex", full("trex", bytes(20)))
    )
    fragment = box("moof", full("mfhd", bytes(4))) + box("mdat", os.urandom(2000))
    return box("ftyp", b"iso5", bytes(4), b"iso5hlsf") + moov + fragment + fragment + more


def promise_voice(data: bytes, seconds: int = 2) -> dict[str, Any]:
    return {"sha256": sha(data), "bytes": len(data), "seconds": seconds}
