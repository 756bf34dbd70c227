"""The artifact store in object storage, against a real S3 server: what it refuses and what it keeps to itself."""

import sys
from uuid import uuid4

import obstore
import pytest

from adapters.artifacts.object_storage import PROBE
from adapters.artifacts.opening import open_artifact_store
from domain.model.artifact import content_hash, storage_key
from domain.model.errors import ArtifactCorruptError, ConfigurationError, StorageUnavailableError
from ports.artifacts import ArtifactStore
from tests.support.s3_server import S3Server

CONTENT = b"hello"
KEY = storage_key(content_hash(CONTENT))


def _store(server: S3Server, address: str, secret: str | None = None) -> ArtifactStore:
    secret_access_key = server.secret_key if secret is None else secret
    return open_artifact_store(address, access_key_id=server.access_key, secret_access_key=secret_access_key)


async def test_an_object_lies_under_the_prefix_and_its_key(s3_server: S3Server) -> None:
    prefix = f"team/{uuid4().hex}"
    store = _store(s3_server, s3_server.address(prefix))
    await store.put(CONTENT)
    await store.check()
    listed = [meta["path"] for batch in obstore.list(s3_server.bucket(), prefix) for meta in batch]
    assert sorted(listed) == [f"{prefix}/{PROBE}", f"{prefix}/{KEY}"]


async def test_an_object_that_is_there_is_never_written_again(s3_server: S3Server) -> None:
    prefix = uuid4().hex
    store = _store(s3_server, s3_server.address(prefix))
    await store.put(CONTENT)
    before = obstore.head(s3_server.bucket(), f"{prefix}/{KEY}")
    await store.put(CONTENT)
    assert obstore.head(s3_server.bucket(), f"{prefix}/{KEY}") == before


async def test_other_bytes_under_the_key_are_reported_and_left(s3_server: S3Server) -> None:
    prefix = uuid4().hex
    obstore.put(s3_server.bucket(), f"{prefix}/{KEY}", b"rotten")
    store = _store(s3_server, s3_server.address(prefix))
    with pytest.raises(ArtifactCorruptError) as caught:
        await store.put(CONTENT)
    assert caught.value.actual == content_hash(b"rotten")
    assert await store.get(KEY) == b"rotten"


async def test_a_wrong_secret_is_refused_and_not_repeated(s3_server: S3Server) -> None:
    store = _store(s3_server, s3_server.address("any"), secret="wr0ng-secret")
    for attempt in (store.check(), store.put(CONTENT), store.get(KEY)):
        with pytest.raises(StorageUnavailableError) as caught:
            await attempt
        assert "SignatureDoesNotMatch" in str(caught.value)
        _require_no_secret(caught.value, "wr0ng-secret", s3_server.access_key)
    assert "wr0ng-secret" not in repr(store)


async def test_a_bucket_that_is_not_there_is_unavailable_rather_than_empty(s3_server: S3Server) -> None:
    address = f"s3://no-such-bucket/prefix?endpoint={s3_server.endpoint}&region=us-east-1"
    with pytest.raises(StorageUnavailableError, match="NoSuchBucket"):
        await _store(s3_server, address).get(KEY)


async def test_a_server_that_is_down_is_named() -> None:
    address = "s3://bucket/prefix?endpoint=http://127.0.0.1:1&region=us-east-1"
    store = open_artifact_store(address, access_key_id="access", secret_access_key="s3cr3t")
    with pytest.raises(StorageUnavailableError, match="s3://bucket/prefix can't be written") as caught:
        await store.check()
    _require_no_secret(caught.value, "s3cr3t")


def test_without_the_client_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("obstore", "obstore.store", "obstore.exceptions"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError, match=r"mlwright\[s3\]"):
        open_artifact_store("s3://bucket")


@pytest.mark.parametrize(
    "address",
    [
        "s3://access:s3cr3t@bucket/prefix",
        "s3://s3cr3t@bucket/prefix",
        "s3://bucket?secret_access_key=s3cr3t",
        "s3://bucket?X-Amz-Signature=s3cr3t",
        "gs://bucket?token=s3cr3t",
        "az://container?sig=s3cr3t",
        "s3://[s3cr3t",
    ],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_artifact_store(address)
    _require_no_secret(caught.value, "s3cr3t")


def test_an_unknown_setting_is_named_and_its_value_is_not() -> None:
    with pytest.raises(ConfigurationError, match="acces_key") as caught:
        open_artifact_store("s3://bucket", acces_key="s3cr3t")
    _require_no_secret(caught.value, "s3cr3t")


def _require_no_secret(error: BaseException, *secrets: str) -> None:
    told: BaseException | None = error
    while told is not None:
        assert not any(secret in f"{told}{told.args!r}" for secret in secrets)
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
