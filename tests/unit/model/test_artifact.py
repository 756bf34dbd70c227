"""Artifacts: addressed by their content, under plain names."""

from typing import Any

import pytest

from domain.model.artifact import Artifact, content_hash, storage_key
from domain.model.errors import InvalidValueError
from tests.unit.model.entities import NOW, OTHER_ID, SOME_ID

# From FIPS 180-4's example for the text "abc".
ABC_SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def _artifact(**fields: Any) -> Artifact:
    values = {
        "id": SOME_ID,
        "decision_set_id": OTHER_ID,
        "artifact_type": "report",
        "filename": "report.md",
        "storage_key": storage_key(ABC_SHA256),
        "size_bytes": 3,
        "content_hash": ABC_SHA256,
        "created_at": NOW,
    }
    return Artifact(**{**values, **fields})


def test_the_address_of_bytes_is_their_sha256() -> None:
    assert content_hash(b"abc") == ABC_SHA256
    assert storage_key(ABC_SHA256) == f"sha256/ba/{ABC_SHA256}"


@pytest.mark.parametrize("filename", ["report.md", "docs/a.md", ".github/workflows/ci.yml", "ünï.md", "a..b", "..."])
def test_a_plain_relative_path_is_a_file_name(filename: str) -> None:
    assert _artifact(filename=filename).filename == filename


@pytest.mark.parametrize(
    "filename",
    [
        "",
        " ",
        "/etc/passwd",
        "../../x",
        "docs/../../x",
        "./a",
        "a//b",
        "a/",
        "..",
        "C:/x",
        "C:\\x",
        "a\\b",
        "line\nbreak",
        "nul\x00",
        "delete\x7f",
        "x" * 256,
    ],
)
def test_a_name_that_could_lead_elsewhere_is_refused(filename: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        _artifact(filename=filename)
    assert caught.value.field == "filename"


@pytest.mark.parametrize("digest", ["", "abc", ABC_SHA256.upper(), ABC_SHA256 + "0", f"{ABC_SHA256}\n"])
def test_a_hash_is_a_sha256_in_lower_case(digest: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        _artifact(content_hash=digest)
    assert caught.value.field == "content_hash"


@pytest.mark.parametrize(("field", "value"), [("size_bytes", -1), ("artifact_type", ""), ("extra_metadata", [])])
def test_an_artifact_that_no_storage_could_keep_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidValueError) as caught:
        _artifact(**{field: value})
    assert caught.value.field == field
