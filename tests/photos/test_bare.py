"""What is kept of a voice note: its sound, byte for byte where it was, and nothing that was said beside it."""

from __future__ import annotations

import struct
import time

import pytest

from posko.photos.bare import bare
from posko.photos.sound import PARTS_LIMIT, elements, kind_of
from tests.photos.sounds import PROGRAM, box, element, full, kept_of, mp4, sample, track, trak, webm

SECRET = b"+03.1390+101.6869/ iPhone milik Budi"
PLACE = box("udta", box("\xa9xyz", SECRET))
META = full("meta", box("ilst", box("\xa9too", SECRET)))
UUID = box("uuid", bytes(16), SECRET)
LARGE = struct.pack(">I4sQ", 1, b"uuid", 16 + len(SECRET)) + SECRET
SAID = [PLACE, META, UUID, LARGE, box("free", SECRET), box("skip", SECRET), box("\xa9nam", SECRET)]
HEAD = full("mvhd", bytes(96))
TAGS = element("1254c367", element("7373", element("67c8", element("45a3", b"LOCATION") + element("4487", SECRET))))


def movie(*, inside: bytes = b"", within: bytes = b"", media: bytes = b"", named: bytes = bytes(13)) -> bytes:
    """A track with more inside of the movie, the track, its media; and with a name of what handles it."""
    table = box("stbl", full("stsd", struct.pack(">I", 1), sample()), within)
    found = box("dinf", full("dref", struct.pack(">I", 1), full("url ", SECRET if named.strip(b"\0") else b"")))
    handler = full("hdlr", bytes(4), b"soun", bytes(12), named)
    whole = box("mdia", full("mdhd", bytes(20)), handler, box("minf", full("smhd", bytes(4)), found, table), media)
    return box("moov", HEAD, box("trak", full("tkhd", bytes(80)), within, whole), inside)


def file_of(moov: bytes, *, first: bytes = b"", last: bytes = b"", inside: bytes = b"") -> bytes:
    fragment = box("moof", full("mfhd", bytes(4)), inside, box("traf", full("tfhd", bytes(4)), inside))
    return box("ftyp", b"iso5", bytes(4)) + first + moov + fragment + box("mdat", b"the sound itself") + last


@pytest.mark.parametrize("said", SAID)
def test_what_is_said_in_any_box_beside_the_sound_is_blanked_where_it_stands(said: bytes) -> None:
    whole = [
        file_of(movie(inside=said)),
        file_of(movie(within=said)),
        file_of(movie(media=said)),
        file_of(movie(), inside=said),
    ]
    whole += [file_of(movie(), first=said, last=said)] if said[4:8] in (b"free", b"skip") else []
    for data in whole:
        found = bare(data)

        assert found is not None
        kind, kept = found
        assert (kind, len(kept)) == ("mp4", len(data))
        assert SECRET not in kept
        changed = {at for at in range(len(data)) if data[at] != kept[at]}
        begins = [at for at in range(len(data)) if data.startswith(said, at)]
        assert changed <= {at + n for at in begins for n in range(len(said))}
        assert all(kept[at + 4 : at + 8] == b"free" for at in begins)
        assert bare(kept) == (kind, kept)


def test_the_names_in_what_has_to_stay_are_emptied() -> None:
    data = file_of(movie(named=b"Budi punya" + SECRET))

    found = bare(data)

    assert found is not None
    assert SECRET not in found[1]
    assert b"Budi" not in found[1]
    assert found[1] == data.replace(b"Budi punya" + SECRET, bytes(10 + len(SECRET))).replace(SECRET, bytes(len(SECRET)))


def test_a_file_that_is_bare_stays_as_it_is() -> None:
    for data in (mp4(), kept_of(webm()), file_of(movie())):
        assert bare(data) == (kind_of(data), data)


@pytest.mark.parametrize(
    "more",
    [
        TAGS,
        element("ec", SECRET),
        element("1549a966", element("7ba9", SECRET) + element("4461", bytes(8)) + element("5741", SECRET)),
        element("1254c367", SECRET, b"\x40" + bytes([len(SECRET)])),
        element("ec", SECRET, bytes([0x80 | len(SECRET)])),
        element("1f43b675", element("e7", b"\x01") + element("ec", SECRET) + element("a0", element("75a1", SECRET) + element("a1", b"\x81\0\0\0x"))),
        element("1f43b675", element("e7", b"\x01") + element("bf", SECRET[:4])),
    ],
)  # fmt: skip
def test_what_is_said_in_a_webm_is_void(more: bytes) -> None:
    data = webm(more=more)

    found = bare(data)

    assert found is not None
    kind, kept = found
    assert (kind, len(kept), kind_of(kept)) == ("webm", len(data), "webm")
    assert SECRET not in kept
    assert PROGRAM not in kept
    assert SECRET[:4] not in kept
    begins = data.index(more)
    assert kept[:begins] == kept_of(data[:begins])
    assert kept[begins + len(more) :] == data[begins + len(more) :]
    assert bare(kept) == (kind, kept)


def test_the_name_of_a_track_is_void_and_what_it_needs_stays() -> None:
    named = track()
    with_name = element("ae", named[9:] + element("536e", SECRET))
    data = webm(tracks=with_name)

    found = bare(data)

    assert found is not None
    kept = found[1]
    assert SECRET not in kept
    assert named[9:] in kept
    names = [part.name for part in elements(kept, kept.index(named[9:]), kept.index(named[9:]) + len(with_name) - 9)]
    assert names[-1] == b"\xec"


@pytest.mark.parametrize("broken", [b"\0\0\1\0udta", b"\0\0\0\x04free", bytes(4)])
def test_what_cannot_be_blanked_is_not_taken(broken: bytes) -> None:
    assert bare(file_of(movie(inside=broken))) is None
    assert bare(file_of(movie(), inside=broken)) is None
    assert bare(webm(more=element("1549a966", b"\x08"))) is None


@pytest.mark.parametrize("whole", [webm(1, more=TAGS), file_of(movie(inside=PLACE), inside=META)])
def test_no_damage_makes_it_break_or_longer(whole: bytes) -> None:
    for at in range(min(len(whole), 900)):
        for other in (0x00, 0x01, 0x7F, 0xFF):
            found = bare(whole[:at] + bytes([other]) + whole[at + 1 :])
            assert found is None or len(found[1]) == len(whole)
        bare(whole[:at])


def test_a_file_of_nothing_but_small_parts_keeps_nobody_waiting() -> None:
    small = box("free") * (PARTS_LIMIT - 10)
    began = time.thread_time()
    assert bare(file_of(movie(), last=small)) is not None
    assert bare(file_of(movie(inside=small), inside=small)) is not None
    assert bare(file_of(movie(inside=box("free") * (PARTS_LIMIT + 1)))) is None
    assert time.thread_time() - began < 2


def test_what_two_tracks_or_pictures_hold_is_still_refused() -> None:
    assert bare(mp4(traks=trak() + trak(b"vide"))) is None
    assert bare(mp4(more=box("uuid", SECRET))) is None
