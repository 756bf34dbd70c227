import hashlib
from typing import Any

import pytest

from domain.model.artifact import Artifact
from entrypoints.bootstrap import Application
from tests.unit.http.conftest import NOBODY, Api, is_problem, uuid_of


async def stored(api: Api, filename: str, content: bytes = b"bytes\x00\xff") -> tuple[Artifact, dict[str, Any]]:
    links = (await api.started())["links"]
    owner = uuid_of(links["self"])
    artifact = await api.application.store_artifact(owner, "report", filename, content, actor="test")
    return artifact, links


async def test_artifacts_are_listed_with_where_their_bytes_are(api: Api) -> None:
    artifact, links = await stored(api, "docs/report.md")
    (shown,) = (await api.get(links["artifacts"]))["artifacts"]
    assert shown["content"] == f"/v1/artifacts/{artifact.id}/content"
    assert shown["content_hash"] == hashlib.sha256(b"bytes\x00\xff").hexdigest()


async def test_a_download_is_the_bytes_as_a_file_and_nothing_a_browser_would_run(api: Api) -> None:
    artifact, _ = await stored(api, "docs/report.html", b"<script>alert(1)</script>")
    answer = await api("GET", f"/v1/artifacts/{artifact.id}/content")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-length"] == "25"
    assert answer.headers["etag"] == f'"{artifact.content_hash}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox"
    disposition = "attachment; filename=\"report.html\"; filename*=UTF-8''report.html"
    assert answer.headers["content-disposition"] == disposition


@pytest.mark.parametrize(
    ("filename", "plain", "encoded"),
    [
        ('a";b.txt', "a_;b.txt", "a%22%3Bb.txt"),
        ("Größe 大.csv", "Gr__e _.csv", "Gr%C3%B6%C3%9Fe%20%E5%A4%A7.csv"),
        ("100%.txt", "100_.txt", "100%25.txt"),
        ("a\x85b.txt", "a_b.txt", "a%C2%85b.txt"),
    ],
)
async def test_a_file_name_cannot_break_out_of_its_header(api: Api, filename: str, plain: str, encoded: str) -> None:
    artifact, _ = await stored(api, filename)
    answer = await api("GET", f"/v1/artifacts/{artifact.id}/content")
    expected = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
    assert answer.headers["content-disposition"] == expected


async def test_corrupt_bytes_are_not_handed_out(
    api: Api, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact, _ = await stored(api, "report.md", b"the truth")

    async def corrupted(storage_key: str) -> bytes:
        return b"a lie"

    monkeypatch.setattr(type(application.artifact_store), "get", lambda self, storage_key: corrupted(storage_key))
    answer = await api("GET", f"/v1/artifacts/{artifact.id}/content")
    is_problem(answer, 500, "artifact_corrupt")
    assert "a lie" not in answer.text


async def test_missing_bytes_are_not_found(api: Api, application: Application) -> None:
    artifact, _ = await stored(api, "report.md")
    application.artifact_store._contents.clear()  # type: ignore[attr-defined]  # the loss that the test is about
    is_problem(await api("GET", f"/v1/artifacts/{artifact.id}/content"), 404, "artifact_missing")


async def test_an_unknown_artifact_is_not_found(api: Api) -> None:
    is_problem(await api("GET", f"/v1/artifacts/{NOBODY}/content"), 404, "not_found")
    is_problem(await api("GET", f"/v1/runs/{NOBODY}"), 404, "not_found")


async def test_pages_of_artifacts_show_each_once_oldest_first(api: Api) -> None:
    artifact, links = await stored(api, "a.md")
    second = await api.application.store_artifact(artifact.decision_set_id, "report", "b.md", b"second", actor="test")
    page = await api.get(f"{links['artifacts']}?limit=1")
    rest = await api.get(f"{links['artifacts']}?limit=1&after={page['next_after']}")
    assert [page["artifacts"][0]["id"], rest["artifacts"][0]["id"]] == [str(artifact.id), str(second.id)]
