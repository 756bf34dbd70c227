from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI

from tests.unit.http.conftest import Api

WRITES = ("post", "put", "patch")


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, methods in document["paths"].items() for method, one in methods.items()]


async def test_the_document_is_served_and_its_references_lead_somewhere(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    assert {"Project", "DecisionSet", "Job", "Event", "Approval", "Problem"} <= set(schemas)
    assert set(_references(document)) == {f"#/components/schemas/{name}" for name in schemas}


def test_every_operation_says_what_it_is_and_what_it_answers(app: FastAPI) -> None:
    for path, method, operation in _operations(app.openapi()):
        assert operation["tags"], path
        assert operation["description"], path
        statuses = operation["responses"]
        assert any(status.startswith("2") for status in statuses), path
        assert "application/problem+json" in statuses["default"]["content"], path
        for status, answer in statuses.items():
            if status[0] in "45":
                assert list(answer["content"]) == ["application/problem+json"], (method, path, status)
            elif status != "204":
                assert all(content["schema"] for content in answer["content"].values()), (method, path, status)


def test_every_body_is_described_and_closed(app: FastAPI) -> None:
    described = 0
    for path, method, operation in _operations(app.openapi()):
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            jsonschema.Draft202012Validator.check_schema(schema)
            assert schema["additionalProperties"] is False
            assert {"400", "413", "415", "422"} <= set(operation["responses"]), path
            described += 1
        elif method in WRITES:
            assert path.endswith("/redrive")
    assert described == 10


def test_a_write_that_needs_a_version_says_so(app: FastAPI) -> None:
    for path, _, operation in _operations(app.openapi()):
        headers = {one["name"].lower() for one in operation.get("parameters", []) if one["in"] == "header"}
        assert ("if-match" in headers) == ("428" in operation["responses"]) == ("412" in operation["responses"]), path


async def test_an_answer_that_the_document_does_not_describe_would_be_noticed(api: Api) -> None:
    answer = await api("GET", f"/v1/projects/{await api.project()}")
    answer._content = answer.content.replace(b'"name":', b'"named":')
    with pytest.raises(jsonschema.ValidationError, match="named"):
        api.conform(answer)


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for item in node.values() for found in _references(item)]
    return [found for item in node for found in _references(item)] if isinstance(node, list) else []
