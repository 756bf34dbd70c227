"""The refusals of the design knowledge."""

from typing import ClassVar

from domain.model.errors import DomainError


class InvalidAnswerError(DomainError):
    """Raised when an answer to a question is of the wrong type, out of range, or to a question nobody asked."""

    code: ClassVar[str] = "invalid_answer"

    def __init__(self, field: str, value: object, why: str) -> None:
        shown = repr(value)
        if len(shown) > 80:
            shown = shown[:77] + "..."
        super().__init__(f"The answer {shown} to {field!r} was not taken: {why}.")
        self.field = field
        self.value = value
        self.why = why
