"""JSON as every storage can keep it: checked at the edge, normalised once, with one canonical form for hashing."""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

from domain.model.errors import InvalidValueError

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
JsonObject: TypeAlias = dict[str, Json]

MAX_DEPTH = 64
MAX_BYTES = 1_048_576
MAX_DIGITS = 1000
_BEYOND = 10**MAX_DIGITS


def checked_text(field: str, text: str, *, max_length: int | None = None, blank: bool = True) -> str:
    """Return ``text`` if every storage can keep it; raise InvalidValueError for NUL, lone surrogates or over-length."""
    if not isinstance(text, str):
        raise InvalidValueError(field, f"must be text, not {type(text).__name__}")
    if "\x00" in text:
        raise InvalidValueError(field, "contains a NUL character; remove it")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidValueError(field, "contains half of a surrogate pair; it is not valid Unicode text")
    if max_length is not None and len(text) > max_length:
        raise InvalidValueError(field, f"has {len(text)} characters, at most {max_length} are allowed")
    if not blank and not text.strip():
        raise InvalidValueError(field, "is empty; say something")
    return text


def checked_json(field: str, value: object, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Return a normalised copy of a JSON value.

    Tuples become lists and whole floats become integers, as a jsonb column would return them. Raises
    InvalidValueError for NaN, infinities, numbers of over 1,000 digits, NUL, lone surrogates, keys that are not text,
    other types, and values deeper or larger than allowed.
    """
    normalised = _normalised(field, value, max_depth)
    size = len(json.dumps(normalised, ensure_ascii=False).encode())
    if size > max_bytes:
        raise InvalidValueError(field, f"is {size} bytes of JSON, at most {max_bytes} are allowed")
    return normalised


def checked_object(field: str, value: object, *, max_bytes: int = MAX_BYTES) -> JsonObject:
    """Return a normalised copy of a JSON object; raises InvalidValueError as ``checked_json``, and for non-objects."""
    if not isinstance(value, Mapping):
        raise InvalidValueError(field, "must be a JSON object")
    result: JsonObject = checked_json(field, value, max_bytes=max_bytes)
    return result


def parse_json(field: str, text: str | bytes) -> Any:
    """Parse JSON from outside; refuse NaN, duplicate keys and over-deep nesting that default parsers let through."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except RecursionError:
        raise InvalidValueError(field, f"nests deeper than {MAX_DEPTH} levels") from None
    except InvalidValueError as error:
        raise InvalidValueError(field, error.why) from None
    except ValueError as error:
        raise InvalidValueError(field, f"is not valid JSON: {error}") from None
    return checked_json(field, value)


def canonical_json(value: object) -> bytes:
    """Encode a normalised value as the one byte string that its hash is taken of: sorted keys, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _normalised(field: str, value: object, depth: int) -> Any:
    if depth < 0:
        raise InvalidValueError(field, f"nests deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(checked_text(field, value))
    if isinstance(value, int):
        return _normalised_integer(field, value)
    if isinstance(value, float):
        return _normalised_float(field, value)
    if isinstance(value, Mapping):
        return {_key(field, key): _normalised(field, item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_normalised(field, item, depth - 1) for item in value]
    raise InvalidValueError(field, f"holds a {type(value).__name__}, which is not JSON")


def _normalised_integer(field: str, value: int) -> int:
    if not -_BEYOND < value < _BEYOND:
        raise InvalidValueError(field, f"holds a number of more than {MAX_DIGITS} digits")
    return int(value)


def _normalised_float(field: str, value: float) -> int | float:
    if not math.isfinite(value):
        raise InvalidValueError(field, "holds NaN or an infinity, which is not JSON")
    return int(value) if value.is_integer() else value


def _key(field: str, key: object) -> str:
    if not isinstance(key, str):
        raise InvalidValueError(field, "has an object key that is not text")
    return str(checked_text(field, key))


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidValueError("value", f"holds {name}, which is not JSON")


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise InvalidValueError("value", "has the same key twice in one object")
    return result
