"""JSON Schema by the jsonschema library."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from domain.model.errors import InvalidValueError


@frozen
class JsonSchemas:
    """Check values against JSON Schema, draft 2020-12. Remote references are never followed."""

    def faults(self, schema: Mapping[str, Any], value: object) -> Sequence[str]:
        """Return why a value does not meet a schema, one sentence a fault, sorted by place.

        Raises InvalidValueError when the schema itself is not a JSON Schema, or refers to one that is not within it.
        """
        if not schema:
            return ()
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise InvalidValueError("response_schema", f"is not a JSON Schema: {error.message}") from None
        validator = Draft202012Validator(schema, registry=Registry())
        try:
            errors = sorted(validator.iter_errors(value), key=lambda error: error.json_path)
        except Unresolvable as error:
            raise InvalidValueError("response_schema", f"refers to {error.ref!r}, which is not within it") from None
        return tuple(f"{error.json_path}: {error.message}" for error in errors)
