"""Entities as plain JSON, the same for every entrypoint."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import attrs

from domain.model.agent_run import AgentRun
from domain.model.event import Event


def present(value: Any) -> Any:
    """Return an entity, or anything made of entities, as plain JSON.

    Times are ISO 8601 in UTC with microseconds, durations seconds, hashes hexadecimal; an event's stream is told by its
    kind and id.
    """
    if isinstance(value, Event):
        return _event(value)
    if isinstance(value, AgentRun):
        return {**_fields(value), "duration_ms": value.duration_ms}
    if attrs.has(type(value)):
        return _fields(value)
    return _plain(value)


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: present(getattr(value, field.name)) for field in attrs.fields(type(value))}


def _event(event: Event) -> dict[str, Any]:
    fields = _fields(event)
    stream = fields.pop("stream")
    owner = str(event.decision_set_id) if event.decision_set_id else None
    return {"stream_kind": stream["kind"], "stream_id": stream["id"], "decision_set_id": owner, **fields}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(_plain(key)): present(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [present(item) for item in value]
    return value
