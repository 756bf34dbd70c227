"""Serialisation of checkpoints: msgpack that revives only allowed types, never pickle."""

import os
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from langgraph._internal._serde import build_serde_allowlist
from langgraph.checkpoint.serde.event_hooks import SerdeEvent, register_serde_event_listener
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.pregel import Pregel

from domain.model.errors import ConfigurationError
from ports.checkpoints import Packed

_STRICT_VARIABLE = "LANGGRAPH_STRICT_MSGPACK"
_TRUE = ("1", "true", "yes")
_refused: ContextVar[list[str] | None] = ContextVar("refused", default=None)


def _note_refusal(event: SerdeEvent) -> None:
    refused = _refused.get()
    if refused is not None and event["kind"] in ("msgpack_blocked", "msgpack_method_blocked"):
        refused.append(f"{event['module']}:{event['name']}")


register_serde_event_listener(_note_refusal)


class StrictSerializer(JsonPlusSerializer):
    """Serialise with msgpack, reviving only LangGraph's safe types and those named here.

    LangGraph's own strict mode hands out the raw data of a refused type with a warning; a node would then find a dict
    where it put an object. This one refuses to load it.
    """

    def __init__(self, allowed_types: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(pickle_fallback=False, allowed_msgpack_modules=tuple(allowed_types) or None)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Return the value; raises ConfigurationError when it holds a type that is not allowed."""
        token = _refused.set([])
        try:
            value = super().loads_typed(data)
            refused = _refused.get()
        finally:
            _refused.reset(token)
        if refused:
            names = ", ".join(sorted(set(refused)))
            raise ConfigurationError(
                f"A checkpoint holds values of types that may not be revived ({names}); if the graph's own code defines"
                " them, add them to the workflow's allowed types, else do not trust this checkpoint."
            )
        return value

    def pack(self, value: object) -> Packed:
        """Serialise a value for the storage."""
        return Packed(*self.dumps_typed(value))

    def unpack(self, packed: Packed) -> Any:
        """Revive a value from the storage; raises ConfigurationError as ``loads_typed``."""
        return self.loads_typed((packed.type, packed.data))


def strict_serializer(
    allowed_types: Iterable[str] = (), graph: Pregel[Any, Any, Any, Any] | None = None
) -> StrictSerializer:
    """Return a serializer that revives the types named as ``module:Class`` and those of the graph's own schemas.

    Raises ConfigurationError when the environment asks for LangGraph's permissive mode, which revives any type that
    stored bytes name (CVE-2026-28277), or when a name is malformed.
    """
    if os.environ.get(_STRICT_VARIABLE, "true").lower() not in _TRUE:
        raise ConfigurationError(
            f"{_STRICT_VARIABLE} is set to {os.environ[_STRICT_VARIABLE]!r}, which lets stored bytes run code;"
            " remove it or set it to true."
        )
    allowed = {_parsed(name) for name in allowed_types}
    if graph is not None:
        allowed |= schema_types(graph)
    return StrictSerializer(sorted(allowed))


def schema_types(graph: Pregel[Any, Any, Any, Any]) -> set[tuple[str, str]]:
    """Return the types that the state schemas of a graph and its sub-graphs name."""
    found: set[tuple[str, str]] = set()
    for part in (graph, *(sub for _, sub in graph.get_subgraphs(recurse=True))):
        builder = getattr(part, "builder", None)
        schemas: list[type[Any]] = []
        if builder is not None:
            schemas = [builder.state_schema, builder.input_schema, builder.output_schema]
            schemas += [node.input_schema for node in builder.nodes.values()]
        channels = getattr(part, "channels", {})
        found |= {(entry[0], entry[1]) for entry in build_serde_allowlist(schemas=schemas, channels=dict(channels))}
    return found


def _parsed(name: str) -> tuple[str, str]:
    module, separator, attribute = name.partition(":")
    if not (module and separator and attribute):
        raise ConfigurationError(f"The allowed type {name!r} is malformed; write it as 'package.module:Class'.")
    return module, attribute
