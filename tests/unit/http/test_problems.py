import importlib
import logging
import pkgutil
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

import domain
from domain.mlops.planning import UnknownPatternError
from domain.mlops.repository import UnsafePathError
from domain.model.errors import (
    ArtifactCorruptError,
    ConfigurationError,
    DomainError,
    JobTimeoutError,
    ReadOnlyTransactionError,
    SchemaVersionError,
    StorageUnavailableError,
    TransactionConflictError,
    WorkflowLoadError,
)
from entrypoints.bootstrap import Application
from entrypoints.http.problems import STATUS, status_of
from entrypoints.http.refusals import RequestRefusedError
from tests.unit.http.conftest import BASE_URL, Api, is_problem

THE_SERVERS_OWN = {
    ArtifactCorruptError,
    ConfigurationError,
    JobTimeoutError,
    ReadOnlyTransactionError,
    UnknownPatternError,
    UnsafePathError,
    WorkflowLoadError,
}


def _kinds(root: type[Exception]) -> Iterator[type[Exception]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_every_domain_error_has_a_status_or_is_the_servers_own() -> None:
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(module.name)
    known = {kind for kind in _kinds(DomainError) if kind.__module__.startswith("domain.")}
    assert known - set(STATUS) == THE_SERVERS_OWN
    assert set(STATUS) <= known


def test_an_error_below_one_in_the_table_has_its_status() -> None:
    class DiskFullError(StorageUnavailableError):
        pass

    assert status_of(DiskFullError("full")) == 503


def test_every_refusal_of_a_request_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in _kinds(RequestRefusedError)]  # type: ignore[attr-defined]  # all are of that root
    assert len(set(codes)) == len(codes) >= 8


async def test_an_unknown_path_is_a_problem(api: Api) -> None:
    for path in ("/", "/nowhere", "/v1/projects/", "/docs", "/redoc", "/v1/%00", "/v1/%F0%9F%98%80?x=1", "/%2F%2F"):
        is_problem(await api("GET", path), 404, "not_found")


async def test_a_wrong_method_is_a_problem_that_names_the_right_ones(api: Api) -> None:
    answer = await api("PUT", "/v1/projects")
    is_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) <= {"GET", "POST"}
    for method in ("HEAD", "OPTIONS", "TRACE", "DELETE", "BREW"):
        answer = await api.client.request(method, "/v1/queues")
        assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


async def test_every_answer_forbids_sniffing_and_caching(api: Api) -> None:
    for path in ("/health", "/v1/projects", "/nowhere", "/openapi.json"):
        headers = (await api.client.get(path)).headers
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


async def test_health_and_readiness_are_told(api: Api) -> None:
    assert await api.get("/health") == {"status": "ok"}
    assert await api.get("/ready") == {"status": "ready"}


async def test_a_server_without_its_storage_is_healthy_but_not_ready(api: Api, application: Application) -> None:
    await application.storage.close()
    assert await api.get("/health") == {"status": "ok"}
    for path in ("/ready", "/v1/projects", "/v1/events"):
        answer = await api("GET", path)
        is_problem(answer, 503, "storage_unavailable")
        assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StorageUnavailableError("can't reach postgresql://ann:hunter2secret@db/x"), 503),
        (TransactionConflictError("busy; password=hunter2secret"), 503),
        (SchemaVersionError(None, "0001", "run it with password=hunter2secret"), 503),
        (ArtifactCorruptError("s3://ann:hunter2secret@bucket/k", "a", "b"), 500),
        (WorkflowLoadError("w", "m:a", "token=hunter2secret"), 500),
    ],
)
async def test_secrets_are_masked_in_answers_and_in_the_log(
    api: Api, application: Application, caplog: pytest.LogCaptureFixture, error: DomainError, status: int
) -> None:
    _let_fail(application, error)
    answer = await api("GET", "/v1/projects")
    is_problem(answer, status, error.code)
    assert "hunter2secret" not in answer.text
    assert "***" in answer.text
    assert "***" in caplog.text
    assert "hunter2secret" not in caplog.text


async def test_an_unexpected_failure_tells_nothing_and_is_logged_once(
    api: Api, application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    _let_fail(application, RuntimeError("secret content; password=hunter2secret"))
    answer = await api("GET", "/v1/projects")
    problem = is_problem(answer, 500, "internal")
    assert problem["detail"] == "The server failed; its log tells more."
    assert "content" not in answer.text
    (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert "RuntimeError: secret content" in record.getMessage()
    assert "hunter2secret" not in caplog.text


async def test_a_client_that_hangs_up_while_sending_is_no_failure(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    sent = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/projects",
        "raw_path": b"/v1/projects",
        "query_string": b"",
        "headers": headers,
    }
    await app(scope, receive, send)
    assert sent == []
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def _let_fail(application: Application, error: Exception) -> None:
    class Failing:
        def transaction(self, *, read_only: bool = False) -> object:
            raise error

    object.__setattr__(application.list_projects, "storage", Failing())


async def test_a_host_of_another_name_is_refused(api: Api) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8321", "[::1", "a b", "", "127.1"):
        answer = await api.client.get("/health", headers={"Host": host})
        api.conform(answer)
        is_problem(answer, 421, "misdirected_request")


async def test_every_name_of_loopback_is_answered_to(api: Api) -> None:
    for host in ("127.0.0.1", "127.0.0.1:8321", "localhost:1", "LOCALHOST", "[::1]:8321", "[::1]"):
        assert (await api.client.get("/health", headers={"Host": host})).status_code == 200, host


async def test_two_hosts_are_refused(api: Api) -> None:
    headers = [("Host", "127.0.0.1"), ("Host", "evil.example")]
    is_problem(await api.client.get("/health", headers=headers), 421, "misdirected_request")


async def test_a_web_page_of_another_origin_may_not_write(api: Api) -> None:
    job = (await api.started())["job"]["id"]
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999", "http://127.0.0.1:8321.evil.example", ""):
        answer = await api("POST", f"/v1/jobs/{job}/cancel", headers={"Origin": origin})
        is_problem(answer, 403, "foreign_origin")
    assert (await api.get(f"/v1/jobs/{job}"))["status"] == "queued"
    own = await api("POST", f"/v1/jobs/{job}/cancel", headers={"Origin": BASE_URL})
    assert own.status_code == 200


async def test_no_other_origin_is_let_read(api: Api) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    for answer in (await api.client.get("/v1/projects", headers=headers), await api.client.options("/v1/projects")):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_failure_in_the_middle_of_an_answer_does_not_look_like_its_end(
    api: Api, app: FastAPI, application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    from fastapi.responses import StreamingResponse

    async def half() -> Iterator[bytes]:  # type: ignore[misc]  # an async generator
        yield b"half"
        raise RuntimeError("password=hunter2secret")

    @app.get("/half")
    async def answer_half() -> StreamingResponse:
        return StreamingResponse(half())

    with pytest.raises(AssertionError):
        await httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL).get("/half")
    assert "hunter2secret" not in caplog.text
