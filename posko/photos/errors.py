"""What is wrong with a photo or a voice note, or with where they are kept."""

from __future__ import annotations

from posko.errors import Conflict, Invalid, NotFound, Unavailable


class PhotoUnknown(NotFound):
    """There is no such photo here"""


class VoiceUnknown(NotFound):
    """There is no such voice note here"""


class PhotosOff(Conflict):
    """This posko keeps no photos"""


class PhotoForgotten(Conflict):
    """This photo was kept, and has been forgotten"""


class VoiceForgotten(Conflict):
    """This voice note was kept, and has been forgotten"""


class PhotoHash(Invalid):
    """This is not the photo that the report promised"""


class PhotoType(Invalid):
    """Photos are JPEG, PNG, WebP or HEIC"""


class PhotoPixels(Invalid):
    """The photo has too many pixels"""


class PhotoUnreadable(Invalid):
    """The photo cannot be decoded"""


class VoiceHash(Invalid):
    """This is not the voice note that the report promised"""


class VoiceType(Invalid):
    """Voice notes are WebM with Opus or MP4 with AAC"""


class PhotosBusy(Unavailable):
    """More photos are coming in than this process takes; nothing was stored"""


class PhotoStoreDown(Unavailable):
    """The store of photos cannot be reached; nothing was stored"""
