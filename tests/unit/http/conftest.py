"""The HTTP application over the memory storage, and a client that holds every answer against the OpenAPI document."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from attrs import frozen
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from adapters.artifacts.memory import MemoryArtifactStore
from adapters.memory.storage import MemoryStorage
from adapters.system.clock import SystemClock
from domain.model.job import Job
from entrypoints.bootstrap import Application, build
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.support.working import GRAPHS, NoDrain

BASE_URL = "http://127.0.0.1:8321"
NOBODY = "01980000-0000-7000-8000-000000000000"


@frozen
class Api:
    """A client of the API; an answer that the OpenAPI document does not describe fails the test."""

    application: Application
    app: FastAPI
    client: httpx.AsyncClient

    async def __call__(
        self, method: str, path: str, body: Any = None, *, version: int | str | None = None, **options: Any
    ) -> httpx.Response:
        """Send a request, with ``body`` as its JSON and ``version`` as its If-Match."""
        headers = dict(options.pop("headers", {}))
        if version is not None:
            headers["If-Match"] = f'"{version}"' if isinstance(version, int) else version
        if body is not None:
            options["json"] = body
        answer = await self.client.request(method, path, headers=headers, **options)
        self.conform(answer)
        return answer

    async def get(self, path: str, **options: Any) -> Any:
        """Return the JSON of a GET that must succeed."""
        answer = await self("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """Return the JSON of a POST that must succeed."""
        answer = await self("POST", path, body, **options)
        assert answer.is_success, answer.text
        return answer.json()

    async def raw(
        self, content: bytes | AsyncIterator[bytes], path: str = "/v1/projects", **headers: str
    ) -> httpx.Response:
        """Send bytes as a JSON body."""
        headers = {"Content-Type": "application/json"} | {name.replace("_", "-"): one for name, one in headers.items()}
        answer = await self.client.request("POST", path, content=content, headers=headers)
        self.conform(answer)
        return answer

    async def project(self, name: str = "shop") -> str:
        """Create a project and return its id."""
        return str((await self.post("/v1/projects", {"name": name}))["id"])

    async def started(self, workflow: str = "chain", **body: Any) -> dict[str, Any]:
        """Start a workflow in a new project and return the answer."""
        path = f"/v1/projects/{await self.project()}/decision-sets"
        started: dict[str, Any] = await self.post(path, {"workflow": workflow, "prompt": "Predict churn.", **body})
        return started

    async def work(self) -> list[Job]:
        """Work what is queued, one job after the other, and return the jobs as they were settled."""
        worker, done = self.application.worker(), []
        while jobs := await worker.lease_jobs("w", limit=1, duration=self.application.settings.lease):
            done.append(await worker.work_job(jobs[0], NoDrain()))
        return done

    async def asked(self) -> str:
        """Run a workflow to its question and return the path of the approval."""
        own = (await self.started("asking"))["links"]["self"]
        await self.work()
        (approval,) = (await self.get(f"{own}/approvals"))["approvals"]
        return f"{own}/approvals/{approval['interrupt_id']}"

    def conform(self, answer: httpx.Response) -> None:
        """Fail when an answer is not one that the OpenAPI document describes."""
        document = self.app.openapi()
        status, operation = str(answer.status_code), _operation(document, answer.request)
        if operation is None:
            assert answer.status_code in (404, 405, 403, 421), answer
            described: Mapping[str, Any] = {"application/problem+json": {"schema": _ref("Problem")}}
        else:
            responses = operation["responses"]
            described = responses.get(status, responses["default"] if status[0] in "45" else {}).get("content", {})
        if status == "204":
            assert not answer.content
            return
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in described, f"{answer.request.method} {answer.request.url}: {status} {media_type}"
        if media_type.endswith("json"):
            schema = described[media_type]["schema"] | {"components": document["components"]}
            checker = Draft202012Validator.FORMAT_CHECKER
            Draft202012Validator(schema, format_checker=checker).validate(answer.json())
            if media_type == "application/problem+json":
                assert answer.json()["status"] == answer.status_code


def _operation(document: Mapping[str, Any], request: httpx.Request) -> Mapping[str, Any] | None:
    for template, methods in document["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), request.url.path):
            operation: Mapping[str, Any] | None = methods.get(request.method.lower())
            return operation
    return None


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.fixture
def application() -> Application:
    settings = load_settings(
        database_url="memory://", workflows=GRAPHS, poll_seconds=0.01, lease_seconds=5, max_retries=0
    )
    return build(settings, MemoryStorage(SystemClock()), MemoryArtifactStore())


@pytest.fixture
def app(application: Application) -> FastAPI:
    return create_app(application)


@pytest.fixture
async def api(application: Application, app: FastAPI) -> AsyncIterator[Api]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield Api(application, app, client)


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is this problem, and return it."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"urn:mlwright:problem:{code}"
    assert problem["instance"].encode() == answer.request.url.raw_path.partition(b"?")[0]
    return problem


def uuid_of(path: str) -> UUID:
    """Return the id that a path ends in."""
    return UUID(path.rsplit("/", 1)[-1])
