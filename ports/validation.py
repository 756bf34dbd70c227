"""Checks the very bytes of a generated repository."""

from collections.abc import Mapping
from typing import Protocol

from domain.mlops.plan import Plan
from domain.mlops.validation import ValidationResult


class RepositoryValidator(Protocol):
    """Judges generated files against the plan they were made from; never raises because of their content."""

    def validate(self, files: Mapping[str, bytes], plan: Plan) -> tuple[ValidationResult, ...]:
        """Return the results of every validator: one ``passed`` for a clean one, else one result a fault.

        A validator that cannot run here answers ``skipped`` with the reason.
        """
        ...
