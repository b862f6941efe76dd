"""What a voice note is, told by how its file is built; what is none, or holds more than a voice."""

from __future__ import annotations

import time

import pytest

from posko.photos.sound import PARTS_LIMIT, kind_of
from tests.photos.pictures import photo
from tests.photos.sounds import box, element, esds, full, mp4, sample, track, trak, webm


def test_what_browsers_record_is_taken() -> None:
    assert kind_of(webm()) == "webm"
    assert kind_of(webm(60)) == "webm"
    assert kind_of(mp4()) == "mp4"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"OggS" + bytes(200),
        b"RIFF" + bytes(4) + b"WAVEfmt " + bytes(200),
        b"ID3" + bytes(200),
        photo(),
        webm(doc_type=b"matroska"),
        webm(tracks=track(b"A_VORBIS")),
        webm(tracks=track(b"V_VP8", kind=1)),
        webm(tracks=track() + track(b"V_VP8", kind=1, number=2)),
        webm(tracks=track() + track(number=2)),
        webm(tracks=b""),
        webm(more=element("1941a469", b"an attachment")),
        webm(0),
        webm() + b"PK\x03\x04 another file behind it",
        webm()[:-1],
        webm()[:60],
        mp4(traks=trak(b"vide")),
        mp4(traks=trak() + trak(b"vide")),
        mp4(traks=b""),
        mp4(traks=trak(entry=sample("Opus"))),
        mp4(traks=trak(entry=sample(described=esds(0x6B)))),
        mp4(traks=trak(entry=sample(described=full("esds", b"\x03")))),
        mp4(traks=trak(entry=box("mp4a", bytes(10)))),
        mp4(more=box("uuid", bytes(40))),
        mp4(more=box("moov", trak())),
        mp4()[:-1],
        mp4() + b"tail",
        box("ftyp", b"heic", bytes(4)) + box("mdat", bytes(100)),
    ],
)  # fmt: skip
def test_what_is_anything_else_is_not(data: bytes) -> None:
    assert kind_of(data) is None


@pytest.mark.parametrize("whole", [webm(1), mp4()])
def test_no_damage_makes_it_break(whole: bytes) -> None:
    for at in range(min(len(whole), 900)):
        for other in (0x00, 0x01, 0x7F, 0xFF):
            kind_of(whole[:at] + bytes([other]) + whole[at + 1 :])
        kind_of(whole[:at])


def test_a_file_of_nothing_but_small_parts_keeps_nobody_waiting() -> None:
    small = element("1a45dfa3", element("4282", b"webm")) + b"\xec\x80" * (1024 * 1024 // 2)
    began = time.thread_time()
    assert kind_of(small) is None
    assert kind_of(mp4(more=box("free") * (PARTS_LIMIT + 1))) is None
    assert time.thread_time() - began < 1
