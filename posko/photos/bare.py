"""Voice notes with nothing said beside the sound: no place, no device, no program, no title, whatever wrote them.

What is not on the lists below is blanked where it stands, by as many zeros: nothing moves, so every offset in the file
stays true. An MP4 box becomes `free`, an element of WebM `Void`, which players pass over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from posko.photos.sound import (
    BLOCKS,
    EBML,
    ENTERED,
    HEAD_OF_SAMPLE,
    TRACK_ENTRY,
    Broken,
    Part,
    boxes,
    elements,
    kind_of,
)
from posko.photos.voice import VoiceKind

_FILE: Final = b""
_BOXES: Final[Mapping[bytes, frozenset[bytes]]] = {
    _FILE: frozenset({b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx", b"mfra"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex", b"iods"}),
    b"trak": frozenset({b"tkhd", b"edts", b"mdia"}),
    b"edts": frozenset({b"elst"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    b"minf": frozenset({b"smhd", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"dref": frozenset({b"url "}),
    b"stbl": frozenset(
        {b"stsd", b"stts", b"ctts", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"sgpd", b"sbgp"}
    ),
    b"stsd": frozenset({b"mp4a"}),
    b"mp4a": frozenset({b"esds", b"chan", b"btrt"}),
    b"mvex": frozenset({b"mehd", b"trex"}),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sgpd", b"sbgp"}),
    b"mfra": frozenset({b"tfra", b"mfro"}),
}
"""What stays in each box that has boxes in it."""
_HEADS: Final = {b"dref": 8, b"stsd": 8}
_TEXTS: Final = {b"hdlr": 24, b"url ": 4}
"""Bytes of a box before a text in it that nobody needs."""

_INFO, _GROUP, _VOID = b"\x15\x49\xa9\x66", b"\xa0", b"\xec"
_TEXT_ELEMENTS: Final = frozenset({b"\x4d\x80", b"\x57\x41"})
"""Which programs wrote it: they have to be there, but may be empty."""
_LISTED: Final = (
    ENTERED | BLOCKS | {EBML, TRACK_ENTRY, _INFO, b"\x11\x4d\x9b\x74", b"\x1c\x53\xbb\x6b", b"\xe7", b"\xa7", b"\xab"}
)
"""Of a file, a segment, a cluster: also what is where, cues, a time. Not: tags, checksums, what is void."""
_ELEMENTS: Final[Mapping[bytes, frozenset[bytes]]] = {
    EBML: frozenset({b"\x42\x86", b"\x42\xf7", b"\x42\xf2", b"\x42\xf3", b"\x42\x82", b"\x42\x87", b"\x42\x85"}),
    _INFO: _TEXT_ELEMENTS | {b"\x2a\xd7\xb1", b"\x44\x89"},
    # Number, UID, type, four flags, language, codec and what it needs, sound, its delays, how long a block is.
    TRACK_ENTRY: frozenset({b"\xd7", b"\x73\xc5", b"\x83", b"\xb9", b"\x88", b"\x55\xaa", b"\x9c", b"\x22\xb5\x9c"})
    | {b"\x86", b"\x63\xa2", b"\xe1", b"\x56\xaa", b"\x56\xbb", b"\x23\xe3\x83"},
    _GROUP: frozenset({b"\xa1", b"\x9b", b"\xfb", b"\x75\xa2"}),
}


def bare(data: bytes) -> tuple[VoiceKind, bytes] | None:
    """What a file is, and as long a file with the same sound alone; None: no voice note that is taken here."""
    kind = kind_of(data)
    if kind is None:
        return None
    made = bytearray(data)
    try:
        if kind == "mp4":
            _blank_boxes(made, Part(_FILE, 0, 0, len(made)))
        else:
            _blank_elements(made)
    except Broken:
        return None
    return kind, bytes(made)


def _blank_boxes(data: bytearray, whole: Part) -> None:
    start = whole.start + _HEADS.get(whole.name, 0)
    if whole.name == b"mp4a":
        start += HEAD_OF_SAMPLE[int.from_bytes(data[start + 8 : start + 10], "big")]
    for part in boxes(data, start, whole.end):
        if part.name not in _BOXES[whole.name]:
            data[part.begin + 4 : part.begin + 8] = b"free"
            _zero(data, *part.content)
        elif part.name in _BOXES:
            _blank_boxes(data, part)
        elif part.name in _TEXTS:
            _zero(data, min(part.start + _TEXTS[part.name], part.end), part.end)


def _blank_elements(data: bytearray) -> None:
    for part in elements(data, 0, len(data), entering=ENTERED):
        if part.name not in _LISTED:
            _void(data, part)
        for inner in elements(data, *part.content) if part.name in _ELEMENTS else ():
            if inner.name not in _ELEMENTS[part.name]:
                _void(data, inner)
            elif inner.name in _TEXT_ELEMENTS:
                _zero(data, *inner.content)


def _void(data: bytearray, part: Part) -> None:
    """The name of what is void is one byte; its length says the same in as many bytes as are left, eight at most."""
    length = min(8, part.start - part.begin - 1)
    start = part.begin + 1 + length
    data[part.begin : start] = _VOID + (1 << 7 * length | part.end - start).to_bytes(length, "big")
    _zero(data, start, part.end)


def _zero(data: bytearray, start: int, end: int) -> None:
    data[start:end] = bytes(end - start)
