"""Requests nobody would write: whatever comes, the answer is one the OpenAPI document describes, never a failure."""

import json
import re
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.http.conftest import NOBODY, Api

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
KEYS = st.just(NOBODY) | TEXT.filter(bool) | st.sampled_from(["%00", "%ED%A0%80", "..", "0", "-1", "9" * 30])
HEADER = st.binary(max_size=20).filter(lambda value: not set(value) & set(b"\r\n\0") and value == value.strip())


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if not path.endswith("/stream")
    ]


def body_of(draw: st.DrawFn, operation: dict[str, Any]) -> bytes:
    """Draw a body: of the right members with anything in them, any JSON, or no JSON at all."""
    described = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    members = st.fixed_dictionaries({}, optional=dict.fromkeys(described.get("properties", {}), JSON))
    value = draw(members | JSON)
    return draw(st.just(json.dumps(value).encode()) | st.binary(max_size=50))


@st.composite
def requests(draw: st.DrawFn, app: FastAPI) -> dict[str, Any]:
    path, method, operation = draw(st.sampled_from(operations(app)))
    parameters = operation.get("parameters", [])
    query = {one["name"]: draw(KEYS) for one in parameters if one["in"] == "query" and draw(st.booleans())}
    headers = {one["name"]: draw(HEADER | st.just(b'"1"')) for one in parameters if one["in"] == "header"}
    return {
        "method": method.upper(),
        "url": re.sub(r"\{\w+\}", lambda _: quote(draw(KEYS), safe="%"), path),
        "params": query,
        "headers": {**headers, "Content-Type": b"application/json"},
        "content": body_of(draw, operation) if method != "get" else None,
    }


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_no_request_makes_the_server_fail(api: Api, data: st.DataObject) -> None:
    answer = await api.client.request(**data.draw(requests(api.app)))
    assert answer.status_code < 500, answer.text
    api.conform(answer)
