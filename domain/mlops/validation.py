"""What a validator found in generated files."""

from enum import StrEnum

from attrs import frozen


class ValidationStatus(StrEnum):
    """How a check ended; ``skipped`` means it could not be made and says nothing about the files."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    SKIPPED = "skipped"


@frozen
class ValidationResult:
    """One validator's remark; ``where`` is ``path`` or ``path:line``, None where it concerns the whole repository."""

    validator: str
    status: ValidationStatus
    message: str
    where: str | None = None
