"""Decision sets as the storage keeps them."""

from typing import Protocol
from uuid import UUID

from domain.model.decision_set import DecisionSet, DecisionSetStatus


class DecisionSets(Protocol):
    """The decision sets of a storage."""

    async def add(self, decision_set: DecisionSet) -> None:
        """Keep a new decision set; raises AlreadyExistsError (id or thread) or NotFoundError (its project)."""
        ...

    async def get(self, decision_set_id: UUID, *, for_update: bool = False) -> DecisionSet:
        """Return a decision set, locked until the transaction ends when ``for_update``; raises NotFoundError."""
        ...

    async def find(
        self,
        *,
        limit: int,
        project_id: UUID | None = None,
        status: DecisionSetStatus | None = None,
        before: UUID | None = None,
    ) -> list[DecisionSet]:
        """Return decision sets newest first, of one project or of all, those before the id ``before`` when given."""
        ...

    async def save(self, decision_set: DecisionSet, *, expected_version: int) -> None:
        """Write a changed decision set over version ``expected_version``.

        Raises VersionConflictError or NotFoundError.
        """
        ...
