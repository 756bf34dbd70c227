"""The local artifact store: what lies on the disk, and what it refuses."""

import asyncio
import errno
import os
from pathlib import Path

import pytest

from adapters.artifacts.local import LocalArtifactStore
from domain.model.artifact import content_hash, storage_key
from domain.model.errors import ArtifactCorruptError, StorageUnavailableError

CONTENT = b"hello"
KEY = storage_key(content_hash(CONTENT))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder that the store may make."""
    return tmp_path / "artifacts"


async def test_a_file_lies_under_its_key_and_nothing_else_is_left(root: Path) -> None:
    store = LocalArtifactStore(root)
    await store.put(CONTENT)
    await store.put(CONTENT)
    await store.check()
    assert _files(root) == [KEY]
    assert (root / KEY).read_bytes() == CONTENT


async def test_a_file_that_is_there_is_never_written_again(root: Path) -> None:
    store = LocalArtifactStore(root)
    await store.put(CONTENT)
    before = (root / KEY).stat()
    await asyncio.gather(*(store.put(CONTENT) for _ in range(10)))
    after = (root / KEY).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


async def test_other_bytes_under_the_key_are_reported_and_left(root: Path) -> None:
    store = LocalArtifactStore(root)
    await store.put(CONTENT)
    (root / KEY).write_bytes(b"rotten")
    with pytest.raises(ArtifactCorruptError) as caught:
        await store.put(CONTENT)
    assert (caught.value.storage_key, caught.value.actual) == (KEY, content_hash(b"rotten"))
    assert await store.get(KEY) == b"rotten"


async def test_a_root_given_through_a_symbolic_link_is_resolved_once(root: Path, tmp_path: Path) -> None:
    real, elsewhere, link = root / "real", tmp_path / "elsewhere", tmp_path / "link"
    real.mkdir(parents=True)
    elsewhere.mkdir()
    link.symlink_to(real)
    store = LocalArtifactStore(link)
    link.unlink()
    link.symlink_to(elsewhere)
    await store.put(CONTENT)
    assert (real / KEY).read_bytes() == CONTENT
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("folder", [".", "sha256", str(Path(KEY).parent)])
async def test_a_folder_that_became_a_symbolic_link_leads_nowhere(root: Path, tmp_path: Path, folder: str) -> None:
    store = LocalArtifactStore(root)
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / folder).parent.mkdir(parents=True, exist_ok=True)
    (root / folder).symlink_to(outside)
    with pytest.raises(StorageUnavailableError, match="symbolic link"):
        await store.put(CONTENT)
    with pytest.raises(StorageUnavailableError, match="symbolic link"):
        await store.get(KEY)
    assert list(outside.iterdir()) == []


async def test_a_file_that_is_a_symbolic_link_is_not_read(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(CONTENT)
    (root / KEY).parent.mkdir(parents=True)
    (root / KEY).symlink_to(secret)
    store = LocalArtifactStore(root)
    with pytest.raises(StorageUnavailableError, match="symbolic link"):
        await store.get(KEY)
    with pytest.raises(StorageUnavailableError, match="symbolic link"):
        await store.put(CONTENT)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
async def test_what_is_not_a_regular_file_is_not_read(root: Path, make: object) -> None:
    (root / KEY).parent.mkdir(parents=True)
    assert callable(make)
    make(root / KEY)
    with pytest.raises(StorageUnavailableError, match="not a regular file"):
        await LocalArtifactStore(root).get(KEY)


async def test_a_root_that_cannot_be_made_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = LocalArtifactStore(tmp_path / "file" / "artifacts")
    for attempt in (store.check(), store.put(CONTENT)):
        with pytest.raises(StorageUnavailableError) as caught:
            await attempt
        assert str(tmp_path / "file" / "artifacts") in str(caught.value)


async def test_a_full_disk_is_reported_and_leaves_no_file_behind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalArtifactStore(root)

    def no_space(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_space)
        with pytest.raises(StorageUnavailableError, match="free some space"):
            await store.put(CONTENT)
    assert _files(root) == []
    assert await store.get(await store.put(CONTENT)) == CONTENT


async def test_a_file_system_without_hard_links_is_written_all_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_supported(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", not_supported)
    store = LocalArtifactStore(root)
    await store.put(CONTENT)
    (root / KEY).write_bytes(b"rotten")
    with pytest.raises(ArtifactCorruptError):
        await store.put(CONTENT)
    assert _files(root) == [KEY]


def _files(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
