"""A project: one ML system being designed."""

from datetime import datetime
from uuid import UUID

from attrs import evolve, field, frozen
from attrs.validators import optional

from domain.model.validation import at_least, aware, text


@frozen
class Project:
    """One ML system being designed; it owns its decision sets.

    ``version`` counts its changes from 1; a write states the version it was made against.
    """

    id: UUID
    name: str = field(validator=text(255))
    description: str | None = field(validator=optional(text(10_000, blank=True)))
    version: int = field(validator=at_least(1))
    created_at: datetime = field(validator=aware)
    updated_at: datetime = field(validator=aware)

    def described(self, now: datetime, *, name: str | None = None, description: str | None = None) -> "Project":
        """Return the project one version on, with the given name and description; None leaves a field as it is."""
        return evolve(
            self,
            name=self.name if name is None else name,
            description=self.description if description is None else description,
            version=self.version + 1,
            updated_at=now,
        )
