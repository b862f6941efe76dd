"""The vault: a directory or a bucket of sealed objects, under keys of our own making.

Everything is sealed, the shown copies too: a terbatas photo is no less so for being small. An original is never changed
or written twice; an object that no row speaks for is harmless, and `posko photos sweep` takes it away.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import structlog
from obstore.exceptions import BaseError
from obstore.exceptions import NotFoundError as NoObject
from obstore.store import LocalStore, S3Store

from posko.accounts.sealed import SealBroken, Sealer
from posko.config import BadSetting
from posko.photos.errors import PhotoStoreDown
from posko.photos.photo import COPIES, Copy, seal_context

LABEL: Final = b"posko sealed photos 1"
CONNECT: Final = datetime.timedelta(seconds=3)
ANSWER: Final = datetime.timedelta(seconds=20)
PAGE: Final = 1000
_QUERY: Final = frozenset({"endpoint", "region", "path_style"})

Store: TypeAlias = LocalStore | S3Store
_log = structlog.get_logger("photos")


class Object(msgspec.Struct, frozen=True):
    """One object in the store, as the store names it."""

    path: str
    object_key: str
    written_at: datetime.datetime


def new_key(operation: int) -> str:
    """A name that nobody chose, and that nobody has used."""
    return f"{operation}/{uuid.uuid4().hex}"


class Objects:
    """What lies where `POSKO_PHOTOS_URL` says; knows nothing of seals. Raises BadSetting, later PhotoStoreDown."""

    def __init__(self, url: str) -> None:
        self._directory: Path | None = None
        address = urlsplit(url)
        try:
            if address.scheme == "file" and address.path and not address.netloc:
                self._directory = Path(unquote(address.path))
                self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._store: Store = LocalStore(self._directory)
            elif address.scheme == "s3" and address.netloc:
                self._store = _bucket(address.netloc, address.path.strip("/"), parse_qs(address.query))
            else:
                raise BadSetting("POSKO_PHOTOS_URL is file:///directory or s3://bucket/prefix?endpoint=&region=")
        except (OSError, BaseError) as error:
            raise BadSetting(f"POSKO_PHOTOS_URL: {error}") from error

    async def put(self, objects: Mapping[str, bytes]) -> None:
        """Writes objects whole; when it returns they are where a power cut does not reach them."""
        with _translated():
            await asyncio.gather(*(self._store.put_async(path, data) for path, data in objects.items()))
            if self._directory is not None:
                await asyncio.to_thread(_to_disk, [self._directory / path for path in objects])

    async def get(self, path: str) -> bytes:
        with _translated():
            return bytes(await (await self._store.get_async(path)).bytes_async())

    async def delete(self, paths: Iterable[str]) -> None:
        """Those that are there."""
        with _translated():
            for path in paths:
                try:
                    await self._store.delete_async(path)
                except (NoObject, FileNotFoundError):
                    continue

    async def list(self, prefix: str | None = None) -> AsyncIterator[Object]:
        """All objects, or those below `prefix`."""
        with _translated():
            async for page in self._store.list(prefix, chunk_size=PAGE):
                for found in page:
                    yield Object(found["path"], found["path"].rpartition(".")[0], found["last_modified"])


def _bucket(name: str, prefix: str, said: Mapping[str, list[str]]) -> S3Store:
    if unknown := set(said) - _QUERY:
        raise BadSetting(f"POSKO_PHOTOS_URL: unknown {sorted(unknown)[0]!r}")
    endpoint = said.get("endpoint", [""])[0]
    options = {"endpoint": endpoint} if endpoint else {}
    return S3Store(
        name,
        prefix=prefix or None,
        region=said.get("region", ["us-east-1"])[0],
        virtual_hosted_style_request=said.get("path_style", ["true"])[0] != "true",
        client_options={"timeout": ANSWER, "connect_timeout": CONNECT, "allow_http": endpoint.startswith("http:")},
        retry_config={"max_retries": 2, "retry_timeout": ANSWER},
        **options,  # type: ignore[arg-type]
    )


def _to_disk(files: list[Path]) -> None:
    # The store renames a written file into place and leaves it to the kernel when it reaches the disk.
    for path in [*files, *{f.parent for f in files}, *{f.parent.parent for f in files}]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        _log.warning("photo_store_down", cause=repr(error)[:300])
        raise PhotoStoreDown(retry_after_s=10.0) from error


class Vault:
    """Seals what goes into the store, and opens what comes out of it."""

    def __init__(self, objects: Objects, secret_key: str) -> None:
        self.objects = objects
        self._sealer = Sealer(secret_key, LABEL)

    async def keep(self, object_key: str, copies: Mapping[Copy, bytes]) -> None:
        """Puts the copies of one photo into the store; PhotoStoreDown when one of them is not there for sure."""
        await self.objects.put(await asyncio.to_thread(self._sealed, object_key, copies))

    def _sealed(self, object_key: str, copies: Mapping[Copy, bytes]) -> dict[str, bytes]:
        return {
            f"{object_key}.{copy}": self._sealer.seal(plain, seal_context(object_key, copy))
            for copy, plain in copies.items()
        }

    async def open(self, object_key: str, copy: Copy) -> bytes:
        """One copy as it was. PhotoStoreDown; also when it is not there or was changed, which is logged as an error."""
        sealed = await self.objects.get(f"{object_key}.{copy}")
        try:
            return await asyncio.to_thread(self._sealer.open, sealed, seal_context(object_key, copy))
        except SealBroken as error:
            _log.error("photo_seal_broken", object_key=object_key, copy=copy)
            raise PhotoStoreDown("this photo in the store is not what was kept") from error

    async def drop(self, object_key: str) -> None:
        """Takes all copies of one photo out of the store."""
        await self.objects.delete(f"{object_key}.{copy}" for copy in COPIES)
