"""Between the values of the domain and the plain JSON of the graph's state."""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from cattrs.preconf.json import make_converter

T = TypeVar("T")
_converter = make_converter()


def to_state(value: object) -> Any:
    """Return a domain value as plain JSON, enumerations as the text they stand for."""
    return json.loads(_converter.dumps(value))


def to_states(values: Iterable[object]) -> list[Any]:
    """Return domain values as plain JSON."""
    return [to_state(value) for value in values]


def from_state(kind: type[T], data: object) -> T:
    """Return the domain value that ``to_state`` made ``data`` of."""
    return _converter.structure(data, kind)


def from_states(kind: type[T], data: Iterable[object] | None) -> tuple[T, ...]:
    """Return the domain values that ``to_states`` made ``data`` of; none for None."""
    return tuple(_converter.structure(item, kind) for item in data or ())
