"""Which artifact store an address means."""

from pathlib import Path

import pytest

from adapters.artifacts.local import LocalArtifactStore
from adapters.artifacts.locations import Location, parse_location
from adapters.artifacts.memory import MemoryArtifactStore
from adapters.artifacts.object_storage import ObjectArtifactStore
from adapters.artifacts.opening import open_artifact_store
from domain.model.errors import ConfigurationError


def test_a_path_or_a_file_address_means_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path.resolve() / "a folder"
    for address in (str(folder), "a folder", f"file://{tmp_path.resolve()}/a%20folder"):
        assert open_artifact_store(address) == LocalArtifactStore(folder)
    assert not folder.exists()


def test_a_tilde_means_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_artifact_store("~/artifacts") == LocalArtifactStore(tmp_path / "artifacts")


def test_memory_means_this_process() -> None:
    assert isinstance(open_artifact_store("memory://"), MemoryArtifactStore)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/a/b?region=eu-west-1", "s3://bucket/a/b"),
        ("gs://bucket/a", "gs://bucket/a"),
        ("az://container/a?account_name=account", "az://container/a"),
        ("abfss://files@account.dfs.core.windows.net/a", "abfss://files@account.dfs.core.windows.net/a"),
    ],
)
def test_a_bucket_means_object_storage_and_is_named_without_parameters(address: str, url: str) -> None:
    store = open_artifact_store(address)
    assert isinstance(store, ObjectArtifactStore)
    assert store.location.url == url


def test_an_endpoint_without_tls_is_taken_only_when_the_address_says_so() -> None:
    plain = parse_location("s3://bucket?endpoint=http://localhost:9000&virtual_hosted_style_request=false")
    assert plain == Location(
        "s3://bucket", {"endpoint": "http://localhost:9000", "virtual_hosted_style_request": "false"}
    )
    assert plain.plain_http
    assert not parse_location("s3://bucket?endpoint=https://s3.example").plain_http
    assert not parse_location("s3://bucket").plain_http


@pytest.mark.parametrize("address", ["", "  ", "ftp://host/x", "s3://", "s3:///prefix", "file://host/x", "file://"])
def test_an_address_that_means_no_store_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError):
        open_artifact_store(address)


def test_only_a_bucket_takes_settings() -> None:
    with pytest.raises(ConfigurationError, match="region"):
        open_artifact_store("artifacts", region="eu-west-1")
