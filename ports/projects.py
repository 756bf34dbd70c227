"""Projects as the storage keeps them."""

from typing import Protocol
from uuid import UUID

from domain.model.project import Project


class Projects(Protocol):
    """The projects of a storage."""

    async def add(self, project: Project) -> None:
        """Keep a new project; raises AlreadyExistsError when its id is taken."""
        ...

    async def get(self, project_id: UUID) -> Project:
        """Return a project; raises NotFoundError."""
        ...

    async def find(self, *, limit: int, before: UUID | None = None) -> list[Project]:
        """Return projects newest first (by id, which is a UUIDv7), those before the id ``before`` when given."""
        ...

    async def save(self, project: Project, *, expected_version: int) -> None:
        """Write a changed project over version ``expected_version``; raises VersionConflictError or NotFoundError."""
        ...

    async def delete(self, project_id: UUID, *, expected_version: int) -> None:
        """Delete a project with its decision sets and all they own, checkpoints included; its own event stream stays.

        Raises VersionConflictError or NotFoundError.
        """
        ...
