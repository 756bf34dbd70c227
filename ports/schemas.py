"""Checking an answer against the schema that its question states."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Schemas(Protocol):
    """Knows JSON Schema."""

    def faults(self, schema: Mapping[str, Any], value: object) -> Sequence[str]:
        """Return why a value does not meet a schema, one sentence a fault; none when it does or the schema is empty.

        Raises InvalidValueError when the schema itself is not a JSON Schema.
        """
        ...
