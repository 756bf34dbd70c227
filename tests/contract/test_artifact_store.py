"""Artifact stores: the same behaviour in memory, in a folder and on a real S3 server."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.artifacts.opening import open_artifact_store
from domain.model.artifact import content_hash, storage_key
from domain.model.errors import ArtifactMissingError, InvalidValueError
from ports.artifacts import ArtifactStore
from tests.support.s3_server import S3Server


@pytest.fixture(params=["memory", "local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    """Return an empty store of the test's own."""
    if request.param == "memory":
        return open_artifact_store("memory://")
    if request.param == "local":
        return open_artifact_store(str(tmp_path / "not there yet" / "artifacts"))
    server: S3Server = request.getfixturevalue("s3_server")
    return open_artifact_store(
        server.address(uuid4().hex), access_key_id=server.access_key, secret_access_key=server.secret_key
    )


@pytest.mark.parametrize("content", [b"", b"hello", bytes(range(256)) * 20_000], ids=["empty", "short", "5 MB"])
async def test_bytes_come_back_under_the_key_of_their_hash(store: ArtifactStore, content: bytes) -> None:
    key = await store.put(content)
    assert key == storage_key(content_hash(content))
    assert await store.get(key) == content


async def test_the_same_bytes_again_have_the_same_key(store: ArtifactStore) -> None:
    first = await store.put(b"hello")
    assert await store.put(b"hello") == first
    assert await store.get(first) == b"hello"


async def test_the_same_bytes_from_twenty_writers_are_kept_once(store: ArtifactStore) -> None:
    keys = await asyncio.gather(*(store.put(b"contended") for _ in range(20)))
    assert set(keys) == {storage_key(content_hash(b"contended"))}
    assert await store.get(keys[0]) == b"contended"


async def test_different_bytes_never_meet(store: ArtifactStore) -> None:
    contents = [f"content {number}".encode() for number in range(10)]
    keys = await asyncio.gather(*(store.put(content) for content in contents))
    assert await asyncio.gather(*(store.get(key) for key in keys)) == contents


async def test_a_key_that_holds_nothing_is_named(store: ArtifactStore) -> None:
    missing = storage_key("0" * 64)
    with pytest.raises(ArtifactMissingError) as caught:
        await store.get(missing)
    assert caught.value.storage_key == missing


@pytest.mark.parametrize(
    "key",
    [
        "",
        "hello",
        "../../etc/passwd",
        "/etc/passwd",
        "sha256/ab/../../../etc/passwd",
        f"sha256/00/{'1' * 64}",
        f"sha256/AA/{'A' * 64}",
        f"sha256/11/{'1' * 63}",
        f"sha256/11/{'1' * 64}/",
        f"/sha256/11/{'1' * 64}",
        f"sha256/11/{'1' * 64}\n",
    ],
)
async def test_only_a_key_of_a_store_is_looked_up(store: ArtifactStore, key: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        await store.get(key)
    assert caught.value.field == "storage_key"


async def test_a_sound_store_passes_its_check(store: ArtifactStore) -> None:
    await store.check()
    await store.check()
    assert await store.get(await store.put(b"after the check")) == b"after the check"
