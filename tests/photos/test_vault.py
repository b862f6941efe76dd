"""The vault: sealed, durable, and down in a way that can be told. A directory here; S3 is tried against nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from posko.config import BadSetting
from posko.photos.errors import PhotoStoreDown
from posko.photos.photo import COPIES
from posko.photos.vault import Objects, Vault, new_key
from tests.photos.pictures import photo

KEY = "k" * 40


def vault_in(folder: Path, secret_key: str = KEY) -> Vault:
    return Vault(Objects(folder.as_uri()), secret_key)


async def kept(vault: Vault) -> tuple[str, bytes]:
    data, key = photo(), new_key(7)
    await vault.keep(key, {"original": data, "shown": b"shown", "thumbnail": b"thumbnail"})
    return key, data


async def test_what_is_kept_comes_back_and_cannot_be_read_or_moved(tmp_path: Path) -> None:
    vault = vault_in(tmp_path / "foto baru")
    key, data = await kept(vault)
    other, _ = await kept(vault)

    assert await vault.open(key, "original") == data
    assert [await vault.open(key, c) for c in ("shown", "thumbnail")] == [b"shown", b"thumbnail"]
    files = [p for p in (tmp_path / "foto baru").rglob("*") if p.is_file()]
    assert len(files) == 6
    assert all(b"shown" not in f.read_bytes() and b"JFIF" not in f.read_bytes() for f in files)

    with pytest.raises(PhotoStoreDown):
        await vault_in(tmp_path / "foto baru", "another key, as long as it has to be").open(key, "original")
    for here, there in ((f"{key}.shown", f"{key}.original"), (f"{other}.original", f"{key}.original")):
        shutil.copy(tmp_path / "foto baru" / here, tmp_path / "foto baru" / there)
        with pytest.raises(PhotoStoreDown):
            await vault.open(key, "original")


async def test_a_photo_is_not_sealed_with_the_key_of_other_secrets(tmp_path: Path) -> None:
    from posko.accounts.sealed import SealBroken, Sealer

    vault = vault_in(tmp_path)
    key, _ = await kept(vault)
    with pytest.raises(SealBroken):
        Sealer(KEY).open((tmp_path / f"{key}.shown").read_bytes(), f"photo {key} shown")


async def test_a_store_that_is_away_is_503_and_an_object_that_is_missing_too(tmp_path: Path) -> None:
    vault = vault_in(tmp_path / "store")
    key, data = await kept(vault)
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    (tmp_path / "store").write_text("a file where the directory was")
    with pytest.raises(PhotoStoreDown):
        await vault.open(key, "shown")
    with pytest.raises(PhotoStoreDown):
        await vault.keep(new_key(7), {"original": data})
    (tmp_path / "store").unlink()
    (tmp_path / "elsewhere").rename(tmp_path / "store")
    assert await vault.open(key, "shown") == b"shown"
    with pytest.raises(PhotoStoreDown):
        await vault.open(new_key(7), "shown")


async def test_what_is_dropped_is_gone_and_may_be_dropped_again(tmp_path: Path) -> None:
    vault = vault_in(tmp_path)
    key, _ = await kept(vault)
    stays, _ = await kept(vault)
    assert {o.object_key async for o in vault.objects.list("7/")} == {key, stays}

    for _ in range(2):
        await vault.drop(key)

    found = [o async for o in vault.objects.list()]
    assert sorted(o.path for o in found) == sorted(f"{stays}.{copy}" for copy in COPIES)
    assert [o async for o in vault.objects.list("77/")] == []


@pytest.mark.parametrize(
    "url", ["photos", "file://host/photos", "file://", "http://x/y", "s3:///prefix", "s3://bucket?key=secret", "gs://b"]
)
def test_an_address_that_is_none_says_what_one_is(url: str) -> None:
    with pytest.raises(BadSetting, match="POSKO_PHOTOS_URL"):
        Objects(url)


@pytest.mark.parametrize(
    "url", ["s3://bucket", "s3://bucket/posko?endpoint=http://127.0.0.1:1&region=id", "s3://b/p?path_style=false"]
)
def test_a_bucket_is_opened_without_asking_it(url: str) -> None:
    Objects(url)


async def test_a_bucket_that_does_not_answer_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    with pytest.raises(PhotoStoreDown):
        await Objects("s3://bucket/posko?endpoint=http://127.0.0.1:1").put({"1/x.original": b"x"})
