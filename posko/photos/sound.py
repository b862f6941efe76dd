"""Which files are voice notes: WebM with one Opus track, MP4 with one AAC track, told by how they are built.

Nothing is decoded. A file is walked box by box from its first byte to its last, so that nothing else hides in it: no
picture, no second track, no attachment, nothing behind its end. What is said beside the sound, `bare.py` blanks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from posko.photos.voice import VoiceKind

PARTS_LIMIT: Final = 20_000
"""Elements or boxes of one file: a minute has some 3,000 blocks, and walking must not keep the process."""


class Part(NamedTuple):
    """An element or box of a file: what it is, where it begins, where its content does, where both end."""

    name: bytes
    begin: int
    start: int
    end: int

    @property
    def content(self) -> tuple[int, int]:
        """Where its content is."""
        return self.start, self.end


EBML, DOC_TYPE = b"\x1a\x45\xdf\xa3", b"\x42\x82"
SEGMENT, TRACKS, CLUSTER = b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75"
TRACK_ENTRY, TRACK_TYPE, CODEC_ID = b"\xae", b"\x83", b"\x86"
BLOCKS: Final = frozenset({b"\xa3", b"\xa0"})
_SEEK_HEAD, _INFO, _CUES, _TAGS = b"\x11\x4d\x9b\x74", b"\x15\x49\xa9\x66", b"\x1c\x53\xbb\x6b", b"\x12\x54\xc3\x67"
_VOID, _CRC, _TIME, _POSITION, _BEFORE = b"\xec", b"\xbf", b"\xe7", b"\xa7", b"\xab"
ENTERED: Final = frozenset({SEGMENT, TRACKS, CLUSTER})
_ELEMENTS: Final = BLOCKS | {TRACK_ENTRY, _SEEK_HEAD, _INFO, _CUES, _TAGS, _VOID, _CRC, _TIME, _POSITION, _BEFORE}
_AUDIO: Final = b"\x02"

_BOXES: Final = frozenset({b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"sidx", b"mfra"})
HEAD_OF_SAMPLE: Final = {0: 28, 1: 44}
"""Bytes of an audio sample entry before its boxes, by its version."""
_ES, _DECODER, _AAC = 0x03, 0x04, 0x40


class Broken(Exception):
    """A part is not where it has to be, or longer than what it is in"""


def kind_of(data: bytes) -> VoiceKind | None:
    """What the file is by its structure; None: no voice note that is taken here."""
    try:
        if data.startswith(EBML):
            return "webm" if _is_webm_opus(data) else None
        if data[4:8] == b"ftyp":
            return "mp4" if _is_mp4_aac(data) else None
    except Broken:
        pass
    return None


def _is_webm_opus(data: bytes) -> bool:
    found = list(elements(data, 0, len(data), entering=ENTERED))
    names = [part.name for part in found]
    if names[:2] != [EBML, SEGMENT] or not _ELEMENTS.issuperset(set(names[2:]) - ENTERED):
        return False
    entries = [part for part in found if part.name == TRACK_ENTRY]
    if len(entries) != 1 or names.count(SEGMENT) != 1 or CLUSTER not in names or BLOCKS.isdisjoint(names):
        return False
    entry = _contents(data, elements(data, *entries[0].content))
    head = _contents(data, elements(data, *found[0].content))
    said = head.get(DOC_TYPE), entry.get(TRACK_TYPE), entry.get(CODEC_ID)
    return said == (b"webm", _AUDIO, b"A_OPUS")


def _contents(data: bytes, parts: Iterator[Part]) -> dict[bytes, bytes]:
    return {part.name: data[part.start : part.end].rstrip(b"\0") for part in parts}


def elements(data: bytes | bytearray, at: int, end: int, *, entering: frozenset[bytes] = frozenset()) -> Iterator[Part]:
    """EBML elements one after the other, and those inside of what is entered; sizes may be unknown of these alone."""
    for _ in range(PARTS_LIMIT):
        if at == end:
            return
        begin, name_length = at, _length(data, at, end, 4)
        name = bytes(data[at : at + name_length])
        at += name_length
        size_length = _length(data, at, end, 8)
        size = int.from_bytes(data[at : at + size_length], "big") & ((1 << 7 * size_length) - 1)
        at += size_length
        is_unknown = size == (1 << 7 * size_length) - 1
        if name in entering:
            if not is_unknown and size > end - at:
                raise Broken
            yield Part(name, begin, at, end if is_unknown else at + size)
            continue
        if is_unknown or size > end - at:
            raise Broken
        yield Part(name, begin, at, at + size)
        at += size
    raise Broken


def _length(data: bytes | bytearray, at: int, end: int, most: int) -> int:
    """Bytes of a number that says its length by the zero bits that it begins with."""
    length = 9 - data[at].bit_length() if at < end else 9
    if length > most or length > end - at:
        raise Broken
    return length


def _is_mp4_aac(data: bytes) -> bool:
    found = list(boxes(data, 0, len(data)))
    names = [part.name for part in found]
    if not _BOXES.issuperset(names) or names.count(b"ftyp") != 1 or b"mdat" not in names:
        return False
    movie = _only(found, b"moov")
    track = _only(boxes(data, *movie.content), b"trak")
    media = _only(boxes(data, *track.content), b"mdia")
    handler = _only(boxes(data, *media.content), b"hdlr")
    if data[handler.start + 8 : handler.start + 12] != b"soun":
        return False
    inner = media
    for name in (b"minf", b"stbl", b"stsd"):
        inner = _only(boxes(data, *inner.content), name)
    sample = _only(boxes(data, inner.start + 8, inner.end), b"mp4a")
    head = HEAD_OF_SAMPLE.get(int.from_bytes(data[sample.start + 8 : sample.start + 10], "big"))
    if head is None or sample.start + head > sample.end:
        return False
    described = _only(boxes(data, sample.start + head, sample.end), b"esds")
    return _codec(data[described.start + 4 : described.end]) == _AAC


def _only(parts: Iterator[Part] | list[Part], name: bytes) -> Part:
    found = [part for part in parts if part.name == name]
    if len(found) != 1:
        raise Broken
    return found[0]


def boxes(data: bytes | bytearray, at: int, end: int) -> Iterator[Part]:
    """The boxes of MP4 one after the other, up to an end that the last has to meet."""
    for _ in range(PARTS_LIMIT):
        if at == end:
            return
        head, size = 8, int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            head, size = 16, int.from_bytes(data[at + 8 : at + 16], "big")
        if size < head or size > end - at:
            raise Broken
        yield Part(bytes(data[at + 4 : at + 8]), at, at + head, at + size)
        at += size
    raise Broken


def _codec(descriptor: bytes) -> int | None:
    """The object type of an elementary stream: the first byte of its decoder's description (ISO 14496-1)."""
    content = _descriptor(descriptor, _ES)
    if len(content) < 3:
        return None
    flags, at = content[2], 3
    at += 2 if flags & 0x80 else 0
    at += 1 + content[at] if flags & 0x40 and at < len(content) else 0
    at += 2 if flags & 0x20 else 0
    return next(iter(_descriptor(content[at:], _DECODER)), None)


def _descriptor(data: bytes, tag: int) -> bytes:
    """What is in a descriptor, whose length is said seven bits a byte; nothing where it is another."""
    if not data or data[0] != tag:
        return b""
    size, at = 0, 1
    for at in range(1, min(5, len(data))):
        size = size << 7 | data[at] & 0x7F
        if not data[at] & 0x80:
            break
    return data[at + 1 : at + 1 + size]
