"""The OpenAPI document: what operations answer, told from the entities themselves."""

import types
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from domain.model.agent_run import AgentRun
from domain.model.approval import Approval
from domain.model.decision_set import DecisionSet
from domain.model.event import Event
from domain.model.inbound_event import InboundEvent
from domain.model.job import Job
from domain.model.project import Project
from entrypoints.http.problems import PROBLEM_JSON
from ports.job_queue import QueueStatistics
from ports.workflows import WorkflowInfo

JsonSchema = dict[str, Any]

ENTITIES = (Project, DecisionSet, Job, AgentRun, Approval, InboundEvent, Event, QueueStatistics, WorkflowInfo)
TEXT: JsonSchema = {"type": "string"}
OPTIONAL_TEXT: JsonSchema = {"anyOf": [TEXT, {"type": "null"}]}
_UUID: JsonSchema = {"type": "string", "format": "uuid"}

_SCALARS: Mapping[Any, JsonSchema] = {
    type(None): {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: TEXT,
    UUID: _UUID,
    datetime: {"type": "string", "format": "date-time"},
    timedelta: {"type": "number", "description": "seconds"},
    bytes: {"type": "string", "pattern": "^[0-9a-f]*$"},
    Any: {},
}

_PROBLEM: JsonSchema = {
    "type": "object",
    "description": "Problem details, RFC 9457.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what, why, and what to do"},
        "code": {"type": "string", "description": "what programs tell problems by"},
        "instance": TEXT,
        "about": {"type": "object", "description": "what the problem is about, by name"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"where": TEXT, "why": TEXT}, "required": ["where", "why"]},
        },
    },
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "additionalProperties": False,
}


def ref(entity: type) -> JsonSchema:
    """Point at an entity's schema."""
    return {"$ref": f"#/components/schemas/{entity.__name__}"}


def listed(entity: type) -> JsonSchema:
    """Describe a list of entities."""
    return {"type": "array", "items": ref(entity)}


def having(**members: JsonSchema) -> JsonSchema:
    """Describe an object with exactly these members."""
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def widened(entity: type, **members: JsonSchema) -> JsonSchema:
    """Describe an entity with further members beside its own."""
    own = schema_of(entity)
    return having(**own["properties"], **members)


def answers(
    success: Mapping[int, JsonSchema], *problems: int, media_type: str = "application/json", headers: Sequence[str] = ()
) -> dict[int | str, dict[str, Any]]:
    """Describe what an operation answers: its successes, and the problems that are its own to name."""
    described: dict[int | str, dict[str, Any]] = {}
    for status, schema in success.items():
        described[status] = {
            "description": HTTPStatus(status).phrase,
            "headers": {name: {"schema": TEXT} for name in headers},
            "content": {media_type: {"schema": schema}},
        }
    for status in problems:
        described[status] = _problem(HTTPStatus(status).phrase)
    described["default"] = _problem("Any other problem")
    return described


def document_with(app: FastAPI) -> None:
    """Let an application's OpenAPI document hold the schemas that ``answers`` points at."""

    def openapi() -> JsonSchema:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            schemas.update({entity.__name__: schema_of(entity) for entity in ENTITIES}, Problem=_PROBLEM)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to extend the document


def schema_of(entity: type) -> JsonSchema:
    """Return the JSON Schema of an entity as ``entrypoints.presenting`` shows it."""
    hints = get_type_hints(entity)
    shown = [field.name for field in attrs.fields(entity) if field.name != "stream"]
    members = {name: _schema(hints[name]) for name in shown}
    if entity is Event:
        members |= {"stream_kind": TEXT, "stream_id": _UUID, "decision_set_id": _schema(UUID | None)}
    if entity is AgentRun:
        members["duration_ms"] = _schema(int | None)
    return having(**members)


def _schema(hint: Any) -> JsonSchema:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _SCALARS:
        return _SCALARS[hint]
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(one) for one in arguments]}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string", "enum": [one.value for one in hint]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1])}
    raise TypeError(f"{hint!r} has no JSON Schema here; say in documenting.py how it is shown")


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
