"""Taking a promised photo or voice note: who may, the bytes, the hash, what it is, the vault, and only then the row."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import hashlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final, Literal, TypeAlias

from posko import db, policy
from posko.accounts import log
from posko.accounts.account import Viewer
from posko.config import Settings
from posko.errors import BodyTooSlow, FieldError, NotAllowed, OperationNotActive
from posko.limits import Limits
from posko.photos import store, voice_store
from posko.photos.bare import bare
from posko.photos.decoder import Decoder
from posko.photos.errors import (
    PhotoForgotten,
    PhotoHash,
    PhotosBusy,
    PhotosOff,
    PhotoStoreDown,
    PhotoType,
    PhotoUnknown,
    VoiceForgotten,
    VoiceHash,
    VoiceType,
    VoiceUnknown,
)
from posko.photos.photo import Kept, KeptT, Promise, kind_of
from posko.photos.vault import Vault, new_key
from posko.photos.voice import KeptVoice

PER_ACCOUNT_LIMIT: Final = 2
"""Photos that one account sends to one process at a time: else a slow phone, or a sly one, would use up all places."""
RETRY_AFTER_S: Final = 5.0

What: TypeAlias = Literal["photo", "voice"]
_UNKNOWN: Final = {"photo": PhotoUnknown, "voice": VoiceUnknown}
_FORGOTTEN: Final = {"photo": PhotoForgotten, "voice": VoiceForgotten}
_HASH: Final = {"photo": PhotoHash, "voice": VoiceHash}


class Keeper:
    """Takes photos and voice notes, a bounded number at a time: each is whole in memory until it is in the store."""

    def __init__(
        self, pool: db.Pool, limits: Limits, settings: Settings, vault: Vault | None, *, is_pressed: Callable[[], bool]
    ) -> None:
        self._pool = pool
        self._limits = limits
        self._vault = vault
        self._decoder = Decoder(at_once=settings.photo_decoders, decode_s=settings.photo_decode_s)
        self._body_s = settings.photo_body_s
        self._uploads_limit = settings.photo_uploads_limit
        self._is_pressed = is_pressed
        self._by_account: collections.Counter[int] = collections.Counter()

    @property
    def vault(self) -> Vault:
        """PhotosOff when this posko has none."""
        if self._vault is None:
            raise PhotosOff("POSKO_PHOTOS_URL is not set")
        return self._vault

    @property
    def sending(self) -> int:
        """Photos that are on their way into this process."""
        return self._by_account.total()

    @property
    def room(self) -> int:
        """How many may be."""
        return self._uploads_limit

    async def take(
        self, viewer: Viewer, report_id: uuid.UUID, sha256: str, body: AsyncIterator[bytes]
    ) -> tuple[Kept, bool]:
        """Keeps a photo; answers what is kept, and whether it is since now. Nothing is half done when it raises."""
        vault = self.vault
        await self._limits.take(policy.PHOTOS, str(viewer.account_id))
        async with db.transaction(self._pool, viewer.reach) as connection:
            promised = await store.promise(connection, viewer, report_id, sha256)
        promised = _required(promised, "photo")
        await self._limits.take(policy.PHOTO_BYTES, str(viewer.account_id), promised.bytes)
        with self._place(viewer):
            data = await self._read(viewer, promised, "photo", body)
            if promised.kept is not None:
                return promised.kept, False
            kind = kind_of(data)
            if kind is None:
                raise PhotoType("it begins like none of them")
            decoded = await self._decoder.decode(data, kind)
            object_key = new_key(promised.operation)
            await vault.keep(object_key, {"original": data, "shown": decoded.shown, "thumbnail": decoded.thumbnail})
            # While the database is away now, what is in the store is an orphan: harmless, and swept one day.
            async with db.transaction(self._pool, viewer.reach) as connection:
                kept, is_new = await store.keep(connection, viewer, promised, (kind, decoded, object_key))
            if not is_new:
                with contextlib.suppress(PhotoStoreDown):
                    await vault.drop(object_key)
            return kept, is_new

    async def take_voice(
        self, viewer: Viewer, report_id: uuid.UUID, body: AsyncIterator[bytes]
    ) -> tuple[KeptVoice, bool]:
        """Keeps a voice note, as `take` does a photo: looked at, bared of all but its sound, never decoded."""
        vault = self.vault
        await self._limits.take(policy.PHOTOS, str(viewer.account_id))
        async with db.transaction(self._pool, viewer.reach) as connection:
            promise = await voice_store.promise(connection, viewer, report_id)
        promised = _required(promise, "voice")
        await self._limits.take(policy.PHOTO_BYTES, str(viewer.account_id), promised.bytes)
        with self._place(viewer):
            data = await self._read(viewer, promised, "voice", body)
            if promised.kept is not None:
                return promised.kept, False
            found = await asyncio.to_thread(bare, data)
            if found is None:
                raise VoiceType("one track, whole, and nothing beside it")
            kind, sound = found
            object_key = new_key(promised.operation)
            await vault.keep(object_key, {"original": sound})
            async with db.transaction(self._pool, viewer.reach) as connection:
                kept, is_new = await voice_store.keep(connection, viewer, promised, kind, object_key)
            if not is_new:
                with contextlib.suppress(PhotoStoreDown):
                    await vault.drop(object_key)
            return kept, is_new

    @contextlib.contextmanager
    def _place(self, viewer: Viewer) -> Iterator[None]:
        own = self._by_account
        if self._is_pressed() or own.total() >= self._uploads_limit:
            raise PhotosBusy(retry_after_s=RETRY_AFTER_S)
        if own[viewer.account_id] >= PER_ACCOUNT_LIMIT:
            raise PhotosBusy(f"send {PER_ACCOUNT_LIMIT} photos at a time", retry_after_s=RETRY_AFTER_S)
        own[viewer.account_id] += 1
        try:
            yield
        finally:
            own[viewer.account_id] -= 1
            if not own[viewer.account_id]:
                del own[viewer.account_id]

    async def _read(self, viewer: Viewer, promised: Promise[Any], what: What, body: AsyncIterator[bytes]) -> bytes:
        """The whole body: exactly as long as was promised, with the hash that was promised."""
        data = bytearray()
        digest = hashlib.sha256()
        try:
            async with asyncio.timeout(self._body_s):
                async for piece in body:
                    data += piece
                    digest.update(piece)
                    if len(data) > promised.bytes:
                        break
        except TimeoutError:
            raise BodyTooSlow(f"within {self._body_s:g} s") from None
        if len(data) != promised.bytes or digest.hexdigest() != promised.sha256:
            await self._note_mismatch(viewer, promised, what)
            rule = FieldError("$", f"{what}-hash", f"{promised.bytes} bytes with the SHA-256 that was promised")
            raise _HASH[what](rule.message, errors=[rule])
        return bytes(data)

    async def _note_mismatch(self, viewer: Viewer, promised: Promise[Any], what: What) -> None:
        entry = log.by(
            viewer,
            f"{what}.hash",
            outcome="refused",
            operation=promised.operation if promised.restricts is None else promised.restricts,
            region=promised.place,
            restricted=promised.restricts is not None,
            subject=f"{what} {promised.sha256[:16]} of {promised.report_id}",
        )
        async with db.identity(self._pool) as connection:
            await log.write(connection, [entry])


def _required(promised: Promise[KeptT] | None, what: What) -> Promise[KeptT]:
    if promised is None:
        raise _UNKNOWN[what]("no report here promises it")
    if not promised.may_send:
        raise NotAllowed("what a report promises is sent by whoever filed it, or by a desk of the place")
    if promised.is_gone:
        raise _FORGOTTEN[what]
    if promised.kept is None and not promised.is_open:
        raise OperationNotActive("photos and voice notes are taken until a week after an operation's end")
    return promised
