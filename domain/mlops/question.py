"""A question to the person who wrote the brief."""

from enum import StrEnum
from typing import Any

from attrs import frozen

from domain.mlops.conflict import Option

MAX_TEXT = 2_000


class QuestionKind(StrEnum):
    """What an answer looks like."""

    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    NUMERIC = "numeric"
    BOOLEAN = "boolean"
    TEXT = "text"


@frozen
class Question:
    """One question.

    ``field`` is the key of its answer and ``sets`` the fact the answer becomes. ``options`` are what a choice may be,
    and mere suggestions for a number or a text. ``default`` is what stands when nobody answers; ``settles`` holds the
    ways out of a conflict, named by the options.
    """

    field: str
    sets: str
    text: str
    kind: QuestionKind
    options: tuple[str | float, ...]
    default: Any
    why: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    settles: tuple[Option, ...] = ()

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the answer, enough to draw and to check a form."""
        schema: dict[str, Any] = {"title": self.text, "description": self.why, "default": self.default}
        if self.kind is QuestionKind.CHOICE:
            schema |= {"type": "string", "enum": list(self.options)}
        elif self.kind is QuestionKind.MULTI_CHOICE:
            schema |= {"type": "array", "items": {"type": "string", "enum": list(self.options)}, "uniqueItems": True}
        elif self.kind is QuestionKind.NUMERIC:
            schema |= {"type": "number", "examples": list(self.options)}
            schema |= {} if self.minimum is None else {"minimum": self.minimum}
            schema |= {} if self.maximum is None else {"maximum": self.maximum}
        elif self.kind is QuestionKind.BOOLEAN:
            schema |= {"type": "boolean"}
        else:
            schema |= {"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "examples": list(self.options)}
        return schema if self.unit is None else {**schema, "x-unit": self.unit}
