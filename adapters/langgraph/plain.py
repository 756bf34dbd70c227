"""Whatever a node returns, as JSON that every storage can keep."""

import dataclasses
import json
import math
from collections.abc import Mapping
from datetime import date, time
from enum import Enum
from typing import Any
from uuid import UUID

import attrs
from langgraph.types import Command, Overwrite, Send
from pydantic import BaseModel

MAX_RECORDED_BYTES = 65_536
_MAX_DEPTH = 24
_PREVIEW_CHARACTERS = 2_000


def plain(value: object, depth: int = _MAX_DEPTH) -> Any:
    """Return a value as JSON, losing what JSON can't say.

    Models, dataclasses and attrs classes become objects, sets sorted lists, bytes their length, NaN and infinities
    their names; anything else, and whatever lies deeper than the depth, becomes its class name.
    """
    if isinstance(value, Enum):
        return plain(value.value, depth)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, UUID | date | time):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": len(value)}
    if depth <= 0:
        return f"<{type(value).__name__}>"
    return _plain_container(value, depth - 1)


def capped(value: object, max_bytes: int = MAX_RECORDED_BYTES) -> Any:
    """Return a value as JSON of at most ``max_bytes``; a larger one as its size and the beginning of its text."""
    result = plain(value)
    text = json.dumps(result, ensure_ascii=False)
    size = len(text.encode())
    if size <= max_bytes:
        return result
    return {"truncated": True, "bytes": size, "preview": text[:_PREVIEW_CHARACTERS]}


def _plain_container(value: object, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {_text(str(key)): plain(item, depth) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item, depth) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, Command):
        return _command(value, depth)
    if isinstance(value, Send):
        return {"send": value.node, "arg": plain(value.arg, depth)}
    if isinstance(value, Overwrite):
        return {"overwrite": plain(value.value, depth)}
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name, None), depth) for name in type(value).model_fields}
    if isinstance(value, BaseException):
        return _text(f"{type(value).__name__}: {value}")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {spec.name: plain(getattr(value, spec.name), depth) for spec in dataclasses.fields(value)}
    kind: type[Any] = type(value)
    if attrs.has(kind):
        return {spec.name: plain(getattr(value, spec.name), depth) for spec in attrs.fields(kind)}
    return f"<{type(value).__name__}>"


def _command(command: "Command[Any]", depth: int) -> Any:
    parts = {"update": command.update, "goto": command.goto, "graph": command.graph, "resume": command.resume}
    return {"command": {name: plain(part, depth) for name, part in parts.items() if part}}


def _text(value: str) -> str:
    return value.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
